package main

import (
	"math/big"
	"sort"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// An oracle is the second, naive implementation of every number: it keeps all
// entries in one list, walks the whole of it for each question, cuts days with
// the time package and divides with exact fractions. It shares no code with days,
// live or measure, and is slow on purpose.
type oracle struct {
	city *city.City
	list []seen
}

type seen struct {
	e     entry.Entry
	batch uint64
	pos   entry.Position
}

func (o *oracle) take(b entry.Batch) {
	for i, e := range b.Entries {
		o.list = append(o.list, seen{e, b.Number, entry.Position{Batch: b.Number, Index: uint32(i)}})
	}
}

// counted is one value that counts.
type counted struct {
	from, to time.Time
	v        int64
	batch    uint64
	pos      entry.Position
	late     time.Duration
	content  string
	life     bool // it says how a case went on: known, and in no figure
}

// counting returns what counts of a source: the first of each identity, or the
// newest of its chain of revisions.
func (o *oracle) counting(src *city.Source) []counted {
	byKey := map[string]*counted{}
	var order []string
	for _, s := range o.list {
		var key string
		var c counted
		var revises entry.Position
		switch e := s.e.(type) {
		case *entry.Reading:
			if e.Source != src.ID {
				continue
			}
			key = e.From.String()
			c = counted{e.From.Time(), e.To.Time(), int64(e.V), s.batch, s.pos, e.Late, "", false}
			revises = e.Revises
		case *entry.Event:
			if e.Source != src.ID {
				continue
			}
			at := e.At.Time()
			key = at.In(o.zone()).Format(time.DateOnly) + " " + e.ID + " " + e.State
			c = counted{at, at, int64(e.V), s.batch, s.pos, e.Late, e.Category, false}
			c.life = e.State != "" && (e.Case == "report" && e.State != "opened" || e.Case == "service" && e.State != "done")
		default:
			continue
		}
		old := byKey[key]
		switch {
		case old == nil && revises.IsZero():
			byKey[key] = &c
			order = append(order, key)
		case old != nil && !revises.IsZero() && revises == old.pos:
			byKey[key] = &c
		}
	}
	var out []counted
	for _, k := range order {
		if c := byKey[k]; !c.life {
			out = append(out, *c)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].from.Before(out[j].from) })
	return out
}

func (o *oracle) zone() *time.Location {
	loc, err := time.LoadLocation(o.city.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

func (o *oracle) window(p city.Period, at time.Time) (from, to time.Time, ok bool) {
	l := at.In(o.zone())
	y, m, d := l.Date()
	midnight := func(days int) time.Time { return time.Date(y, m, d+days, 0, 0, 0, 0, o.zone()) }
	hour := l.Truncate(time.Hour)
	if _, off := l.Zone(); off%3600 != 0 { // a zone that is half an hour off
		hour = l.Add(-30 * time.Minute).Truncate(time.Hour).Add(30 * time.Minute)
	}
	switch p {
	case city.Now:
		return hour.Add(-24 * time.Hour), hour.Add(time.Hour), true
	case city.QuarterHour:
		q := l.Truncate(15 * time.Minute)
		return q, q.Add(15 * time.Minute), true
	case city.Hour:
		return hour, hour.Add(time.Hour), true
	case city.Day:
		return midnight(0), midnight(1), true
	case city.PreviousDay:
		return midnight(-1), midnight(0), true
	case city.InSeason:
		for _, s := range o.city.Seasons {
			day := city.DateOf(y, m, d)
			if s.From <= day && day <= s.To {
				return midnight(int(s.From - day)), midnight(int(s.To-day) + 1), true
			}
		}
	}
	return time.Time{}, time.Time{}, false
}

// silent walks minute by minute: the tests keep every moment on a whole minute.
func (o *oracle) silent(src *city.Source, last, at time.Time) bool {
	if len(src.Cadence) == 0 {
		return false
	}
	if at.Sub(last) > 25*time.Hour {
		return true
	}
	minutes := map[int64]int64{} // by length of the period
	for t := last.In(o.zone()); t.Before(at); t = t.Add(time.Minute) {
		for _, c := range src.Cadence {
			if h := t.Hour(); c.FromHour <= h && h < c.ToHour {
				minutes[c.EverySec]++
			}
		}
	}
	missed := new(big.Rat)
	for every, n := range minutes {
		missed.Add(missed, big.NewRat(n*60, every))
	}
	return missed.Cmp(big.NewRat(5, 1)) > 0
}

// member reports whether a source belongs to a group.
func member(src *city.Source, g measure.Group) bool {
	switch g.By {
	case city.ByPlace:
		return string(src.Place) == g.ID
	case city.ByDistrict:
		return string(src.District) == g.ID
	case city.ByDepartment:
		return string(src.Department) == g.ID
	default:
		return true
	}
}

// answer is what must be equal everywhere.
type answer struct {
	Has                 bool
	Value               int64
	Status              measure.Status
	At                  int64
	Reporting, Expected int
	Revision            uint64
	Revised             bool
}

func answerOf(f measure.Figure) answer {
	a := answer{f.Has, int64(f.Value), f.Status, int64(f.At), f.Coverage.Reporting, f.Coverage.Expected, f.Revision, f.Revised}
	if !a.Has {
		a.Value = 0
	}
	return a
}

// figure answers one indicator for one group at one moment.
func (o *oracle) figure(ind *city.Indicator, g measure.Group, at time.Time) answer {
	a := answer{Status: measure.None}
	from, to, ok := o.window(ind.Over, at)
	if !ok {
		return a
	}
	end := at
	if to.Before(end) {
		end = to
	}
	var all, alive []part
	var denominator int64
	inOf := map[city.SourceID]bool{}
	for i, ids := range [][]city.SourceID{ind.Of, ind.Among} {
		for _, id := range ids {
			src := o.city.Source(id)
			if !member(src, g) {
				continue
			}
			p := o.part(src, from, to)
			a.Revision = max(a.Revision, p.batch)
			a.Revised = a.Revised || p.late
			if i == 1 {
				denominator += p.sum
				if inOf[id] {
					continue
				}
			} else {
				inOf[id] = true
			}
			if p.n > 0 {
				a.At = max(a.At, p.newest.Unix())
			}
			since := from
			if p.n > 0 && p.newest.After(since) {
				since = p.newest
			}
			quiet := o.silent(src, since, end)
			if len(src.Cadence) > 0 {
				a.Expected++
				if !quiet {
					a.Reporting++
				}
			}
			if i == 0 && p.n > 0 {
				all = append(all, p)
				if !quiet {
					alive = append(alive, p)
				}
			}
		}
	}
	if len(alive) == 0 || ind.Over != city.Now {
		alive = all
	}
	if v, has := value(ind, alive, denominator); has {
		a.Has, a.Value = true, v
		a.Status = o.status(ind, g, v, alive)
	}
	return a
}

type part struct {
	src             *city.Source
	n, sum, mx, lst int64
	newest          time.Time
	batch           uint64
	late            bool
}

func (o *oracle) part(src *city.Source, from, to time.Time) part {
	p := part{src: src}
	for _, c := range o.counting(src) {
		if c.from.Before(from) || !c.from.Before(to) {
			continue
		}
		if p.n == 0 || c.v > p.mx {
			p.mx = c.v
		}
		if p.n == 0 || c.to.After(p.newest) || c.to.Equal(p.newest) && c.v > p.lst {
			p.newest, p.lst = c.to, c.v
		}
		p.n++
		p.sum += c.v
		p.batch = max(p.batch, c.batch)
		p.late = p.late || c.late > 48*time.Hour
	}
	return p
}

func value(ind *city.Indicator, of []part, denominator int64) (int64, bool) {
	var n, sum, newest, largest int64
	for i, p := range of {
		n, sum, newest = n+p.n, sum+p.sum, newest+p.lst
		if i == 0 || p.mx > largest {
			largest = p.mx
		}
	}
	if ind.How == city.Share {
		if denominator == 0 {
			return 0, false
		}
		return halfEven(big.NewRat(sum*10_000, denominator)), true
	}
	if n == 0 {
		return 0, false
	}
	switch {
	case ind.How == city.Mean && ind.Over == city.Now:
		return halfEven(big.NewRat(newest, int64(len(of)))), true
	case ind.How == city.Mean:
		return halfEven(big.NewRat(sum, n)), true
	case ind.How == city.Max:
		return largest, true
	case ind.How == city.Last || ind.Over == city.Now:
		return newest, true
	default:
		return sum, true
	}
}

// halfEven rounds by trying the two neighbours.
func halfEven(r *big.Rat) int64 {
	floor := new(big.Int).Div(r.Num(), r.Denom()).Int64()
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt64(floor))
	switch rest.Cmp(big.NewRat(1, 2)) {
	case 1:
		return floor + 1
	case 0:
		return floor + (floor & 1)
	default:
		return floor
	}
}

func (o *oracle) status(ind *city.Indicator, g measure.Group, v int64, of []part) measure.Status {
	t := ind.Thresholds
	if t == nil {
		return measure.OK
	}
	x := big.NewRat(v, 1)
	base := int64(0)
	switch t.Of {
	case city.OfCapacity:
		places := map[city.PlaceID]int64{}
		for _, p := range of {
			if pl := o.city.Place(p.src.Place); pl != nil {
				places[pl.ID] = pl.Capacity
			}
		}
		for _, c := range places {
			base += c
		}
	case city.OfTarget:
		if ind.Target != nil && g.ID == "" {
			base = int64(*ind.Target)
		}
	default:
		base = 1
	}
	if base == 0 {
		return measure.OK
	}
	if t.Of != city.OfValue {
		x = big.NewRat(halfEven(new(big.Rat).Mul(x, big.NewRat(10_000, base))), 1)
	}
	hit := func(limit city.Steps) bool {
		cmp := x.Cmp(big.NewRat(int64(limit), 1))
		return cmp == 0 || (cmp > 0) == (t.Direction == "above")
	}
	switch {
	case hit(t.Alert):
		return measure.Alert
	case hit(t.Watch):
		return measure.Watch
	}
	return measure.OK
}
