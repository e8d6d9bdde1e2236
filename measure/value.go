package measure

import (
	"math/big"
	"time"

	"rasad/city"
)

// How long a source may be silent, in periods of its cadence.
const (
	StalePeriods = 2 // from here on its value is stale
	DeadPeriods  = 5 // from here on it reports no more
)

// FinalAfter is how long after its window a value stays provisional: late data are
// still coming in.
const FinalAfter = 48 * time.Hour

// A Status is an indicator's value against its thresholds.
type Status string

// The statuses.
const (
	OK    Status = "ok"
	Watch Status = "watch"
	Alert Status = "alert"
	None  Status = "none" // there is no value
)

// An Input is one source's part in a value: the merge of its cells in the window.
type Input struct {
	Source *city.Source
	Cell   Cell
}

// A Question asks for the value of an indicator over inputs.
type Question struct {
	City      *city.City
	Indicator *city.Indicator
	Group     Group
	From, To  city.Moment // the window [From, To)
	At        city.Moment // the moment of asking
	Of, Among []Input
}

// A Coverage says how many of the sources that declare a cadence report.
type Coverage struct {
	Reporting int `json:"reporting"`
	Expected  int `json:"expected"`
}

// A Figure is the answer: a value with all that it needs to be read rightly.
type Figure struct {
	Value       city.Steps // in steps of the indicator's unit; meaningless without Has
	Has         bool       // there is a value: no data is not zero
	Status      Status
	At          city.Moment // the source's time of the newest reading in it; 0 without one
	TTL         int64       // seconds after At from which on it is stale; 0: never
	Coverage    Coverage    // Expected 0: no source declares a cadence
	Provisional bool
	Revised     bool   // late data changed it after the fact
	Revision    uint64 // the newest batch that changed it
}

// Value answers q. Over Now, a source that reports no more is left out as long as
// another one reports: its old state is not the present; coverage says so.
func Value(q Question) Figure {
	f := Figure{Status: None, Provisional: q.At < q.To+city.Moment(FinalAfter/time.Second)}
	zone := q.City.Clock()
	end := min(q.At, q.To)
	current := q.At < q.To
	counted := make([]Input, 0, len(q.Of)) // those with data
	alive := make([]Input, 0, len(q.Of))   // and of them those that still report
	for i, list := range [...][]Input{q.Of, q.Among} {
		for _, in := range list {
			f.Revised = f.Revised || in.Cell.Late > 0
			f.Revision = max(f.Revision, in.Cell.Pos)
			if i == 1 && q.inOf(in.Source) {
				continue
			}
			if in.Cell.N > 0 {
				f.At = max(f.At, in.Cell.LastAt)
			}
			silent := Silent(in.Source, zone, max(in.Cell.LastAt, q.From), end)
			if len(in.Source.Cadence) > 0 {
				f.Coverage.Expected++
				if !silent {
					f.Coverage.Reporting++
				}
				if every := in.Source.Every(zone.HourOfDay(q.At)); current {
					f.TTL = max(f.TTL, StalePeriods*every)
				}
			}
			if i == 0 && in.Cell.N > 0 {
				counted = append(counted, in)
				if !silent {
					alive = append(alive, in)
				}
			}
		}
	}
	if len(alive) > 0 && q.Indicator.Over == city.Now {
		counted = alive
	}
	f.Value, f.Has = q.add(counted)
	if f.Has {
		f.Status = q.status(f.Value, counted)
	}
	return f
}

// inOf reports whether a source of Among is also in Of.
func (q *Question) inOf(s *city.Source) bool {
	for _, in := range q.Of {
		if in.Source == s {
			return true
		}
	}
	return false
}

func (q *Question) add(of []Input) (city.Steps, bool) {
	var all, newest int64
	var sources int64
	var m Cell
	for _, in := range of {
		m = Merge(m, in.Cell)
		newest += in.Cell.Last
		sources++
	}
	how := q.Indicator.How
	if q.Indicator.Over == city.Now && how == city.Sum {
		how = city.Last
	}
	switch how {
	case city.Share:
		for _, in := range q.Among {
			all += in.Cell.Sum
		}
		if all == 0 {
			return 0, false
		}
		return city.Steps(ratio(m.Sum, 10_000, all)), true
	case city.Sum:
		return city.Steps(m.Sum), m.N > 0
	case city.Last:
		return city.Steps(newest), sources > 0
	case city.Max:
		return city.Steps(m.Max), m.N > 0
	case city.Mean:
		if m.N == 0 {
			return 0, false
		}
		if q.Indicator.Over == city.Now {
			return city.Steps(city.RoundDiv(newest, sources)), true
		}
		return city.Steps(city.RoundDiv(m.Sum, m.N)), true
	default:
		return 0, false
	}
}

// status compares v with the thresholds. Against capacity, the places of all the
// inputs count; where none declares one, or a target is missing, it is OK.
func (q *Question) status(v city.Steps, of []Input) Status {
	t := q.Indicator.Thresholds
	if t == nil {
		return OK
	}
	x := int64(v)
	switch t.Of {
	case city.OfCapacity:
		full := capacity(q.City, of)
		if full == 0 {
			return OK
		}
		x = ratio(x, 10_000, full)
	case city.OfTarget:
		if q.Indicator.Target == nil || *q.Indicator.Target == 0 || q.Group.By != city.ByCity {
			return OK
		}
		x = ratio(x, 10_000, int64(*q.Indicator.Target))
	case city.OfValue: // as it is
	}
	bad := func(limit city.Steps) bool {
		if t.Direction == "below" {
			return x <= int64(limit)
		}
		return x >= int64(limit)
	}
	switch {
	case bad(t.Alert):
		return Alert
	case bad(t.Watch):
		return Watch
	default:
		return OK
	}
}

// capacity returns the persons that the places of the inputs hold at once.
func capacity(c *city.City, of []Input) int64 {
	var full int64
	seen := make(map[city.PlaceID]bool, len(of))
	for _, in := range of {
		if p := c.Place(in.Source.Place); p != nil && !seen[p.ID] {
			seen[p.ID] = true
			full += p.Capacity
		}
	}
	return full
}

// longSilence ends the count of what a source missed, in seconds: the slowest
// declared cadence is far from it.
const longSilence = 366 * 86400

// Silent reports whether a source whose newest reading is of lastAt has missed
// more than DeadPeriods of its cadence by the moment at. Hours in which nothing is
// expected do not count. A source without a cadence is never silent.
func Silent(src *city.Source, zone *city.Zone, lastAt, at city.Moment) bool {
	return missed(src, zone, lastAt, at, DeadPeriods)
}

// Stale is Silent for more than StalePeriods.
func Stale(src *city.Source, zone *city.Zone, lastAt, at city.Moment) bool {
	return missed(src, zone, lastAt, at, StalePeriods)
}

// missed reports whether more than so many periods of a source's cadence went by
// without a reading.
func missed(src *city.Source, zone *city.Zone, lastAt, at city.Moment, periods int64) bool {
	if len(src.Cadence) == 0 || at <= lastAt {
		return false
	}
	if at-lastAt > longSilence {
		return true
	}
	const whole = 1 << 20 // a period, in parts
	var gone int64
	for m := lastAt; m < at; {
		next := min(zone.NextHour(m), at)
		if every := src.Every(zone.HourOfDay(m)); every > 0 {
			gone += int64(next-m) * whole / every
			if gone > periods*whole {
				return true
			}
		}
		m = next
	}
	return false
}

// ratio returns a × b ÷ c rounded half to even, without overflow on the way; c
// must not be 0. The result is bounded by city.MaxSteps.
func ratio(a, b, c int64) int64 {
	const most = int64(city.MaxSteps)
	if product := a * b; a == 0 || product/a == b {
		return max(-most, min(city.RoundDiv(product, c), most))
	}
	if c < 0 {
		a, c = -a, -c
	}
	num := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	q, r := new(big.Int).DivMod(num, big.NewInt(c), new(big.Int))
	twice := r.Lsh(r, 1).Cmp(big.NewInt(c))
	if twice > 0 || twice == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	if q.CmpAbs(big.NewInt(most)) > 0 {
		return int64(q.Sign()) * most
	}
	return q.Int64()
}
