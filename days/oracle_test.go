package days

import (
	"slices"
	"sort"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// An oracle is the second implementation: maps, one entry after the other, hours
// found by asking the time package, everything made again at each entry. Nothing
// of days or measure but their plain types is used.
type oracle struct {
	loc     *time.Location
	every   int64 // cadence of the square in force; 0: no city
	without map[city.SourceID]bool
	keys    map[oracleKey][]version
	order   map[oracleDay][]oracleKey // of versions, as they came
	cells   map[oracleDay][]measure.Cell
	counts  Counts
	held    int
}

type oracleDay struct {
	src city.SourceID
	day string
}

type oracleKey struct {
	oracleDay
	at        city.Moment
	id, state string
}

type version struct {
	from, to city.Moment
	v        city.Steps
	kase     string
	pos      entry.Position
	late     int64
	life     bool // a later event of a case: kept, and in no figure
}

func newOracle(loc *time.Location) *oracle {
	return &oracle{
		loc: loc, keys: map[oracleKey][]version{}, order: map[oracleDay][]oracleKey{}, cells: map[oracleDay][]measure.Cell{},
		counts: Counts{Quarantined: map[string]int64{}, Refused: map[string]int64{}},
	}
}

func (o *oracle) key(src city.SourceID, m city.Moment) oracleKey {
	return oracleKey{oracleDay: oracleDay{src, m.Time().In(o.loc).Format(time.DateOnly)}}
}

// read splits an entry into its key and content; other kinds have none.
func (o *oracle) read(e entry.Entry) (k oracleKey, v version, revises entry.Position) {
	switch e := e.(type) {
	case *entry.Reading:
		k = o.key(e.Source, e.From)
		k.at = e.From
		return k, version{from: e.From, to: e.To, v: e.V, late: int64(e.Late.Seconds())}, e.Revises
	case *entry.Event:
		k = o.key(e.Source, e.At)
		k.id, k.state = e.ID, e.State
		return k, version{from: e.At, to: e.At, v: e.V, kase: e.Case + "|" + e.Category, late: int64(e.Late.Seconds()), life: later(e)}, entry.Position{}
	default:
		return k, v, revises
	}
}

// later is the law: of the events of one case one is in the figures.
func later(e *entry.Event) bool {
	counts := map[string]string{"report": "opened", "inspection": "opened", "work": "done", "service": "done"}[e.Case]
	return counts != "" && e.State != "" && e.State != counts
}

func (o *oracle) declared(e entry.Entry) bool {
	if o.every == 0 {
		return false
	}
	switch e := e.(type) {
	case *entry.Reading:
		known := e.Source == "gate/in" && e.From < e.To || e.Source == "square" && e.From == e.To
		return known && !o.without[e.Source]
	case *entry.Event:
		return e.Source == "litter" && !o.without[e.Source]
	default:
		return false
	}
}

// standing is the law: the first wins.
func (o *oracle) standing(e entry.Entry) (entry.Standing, entry.Position) {
	k, v, revises := o.read(e)
	known := o.keys[k]
	if len(known) == 0 {
		if revises.IsZero() {
			return entry.New, entry.Position{}
		}
		return entry.Conflict, entry.Position{}
	}
	same := func(a version) bool { return a.from == v.from && a.to == v.to && a.v == v.v && a.kase == v.kase }
	newest := known[len(known)-1]
	switch {
	case same(newest):
		return entry.Duplicate, newest.pos
	case !revises.IsZero() && revises == newest.pos:
		return entry.New, entry.Position{}
	}
	for _, old := range slices.Backward(known) {
		if same(old) {
			return entry.Duplicate, old.pos
		}
	}
	return entry.Conflict, newest.pos
}

func (o *oracle) apply(b entry.Batch, every int64, without map[city.SourceID]bool) {
	for i, e := range b.Entries {
		pos := entry.Position{Batch: b.Number, Index: uint32(i)}
		switch e := e.(type) {
		case *entry.City:
			o.every, o.without = every, without
		case *entry.Quarantined:
			o.counts.Quarantined[e.Reason]++
			o.held++
		case *entry.Refused:
			o.counts.Refused[e.Reason] += e.N
		case *entry.Reading, *entry.Event:
			o.take(e, pos)
		}
	}
}

func (o *oracle) take(e entry.Entry, pos entry.Position) {
	if !o.declared(e) {
		o.counts.Undeclared++
		o.held++
		return
	}
	k, v, _ := o.read(e)
	v.pos = pos
	switch st, _ := o.standing(e); st {
	case entry.Duplicate:
		o.counts.Duplicates++
	case entry.Conflict:
		o.counts.Conflicts++
		o.held++
	case entry.New:
		if len(o.keys[k]) > 0 {
			o.counts.Revisions++
		}
		if _, ok := e.(*entry.Event); ok {
			o.counts.Events++
		} else {
			o.counts.Readings++
		}
		o.keys[k] = append(o.keys[k], v)
		o.order[k.oracleDay] = append(o.order[k.oracleDay], k)
		o.roll(k.oracleDay, pos.Batch)
	}
}

// newest returns the versions that count on a day, in the order of their time.
func (o *oracle) newest(d oracleDay) []version {
	var list []version
	for k, all := range o.keys {
		if v := all[len(all)-1]; k.oracleDay == d && !v.life {
			list = append(list, v)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.from != b.from {
			return a.from < b.from
		}
		if a.v != b.v {
			return a.v < b.v
		}
		return a.pos.Less(b.pos)
	})
	return list
}

func (o *oracle) roll(d oracleDay, batch uint64) {
	cells := o.hours(d.day)
	all := o.newest(d)
	for i := range cells {
		c := &cells[i]
		end := cells[0].From + 25*3600
		if i+1 < len(cells) {
			end = cells[i+1].From
		}
		end = min(end, c.From+3600)
		every := o.cadence(d.src, c.From)
		if every > 0 {
			c.Expected = max(int64(end-c.From)/every, 1)
		}
		buckets := map[int64]bool{}
		for _, v := range all {
			if v.from < c.From || v.from >= end {
				continue
			}
			c.add(v)
			if every > 0 {
				buckets[int64(v.from-c.From)/every] = true
			}
		}
		c.Seen = min(int64(len(buckets)), c.Expected)
		old := o.cells[d]
		if i < len(old) {
			now := c.Cell
			was := old[i]
			now.Pos, was.Pos = 0, 0
			newest := c.Pos
			c.Pos = old[i].Pos
			if now != was || newest == batch {
				c.Pos = batch
			}
		}
	}
	o.cells[d] = nil
	for _, c := range cells {
		o.cells[d] = append(o.cells[d], c.Cell)
	}
}

type oracleCell struct{ measure.Cell }

func (c *oracleCell) add(v version) {
	if n := int64(v.v); c.N == 0 {
		c.Min, c.Max, c.Last, c.LastAt = n, n, n, v.to
	} else {
		if n < c.Min {
			c.Min = n
		}
		if n > c.Max {
			c.Max = n
		}
		if v.to > c.LastAt || v.to == c.LastAt && n > c.Last {
			c.Last, c.LastAt = n, v.to
		}
	}
	c.N++
	c.Sum += int64(v.v)
	if v.late > 48*3600 {
		c.Late++
	}
	c.Pos = max(c.Pos, v.pos.Batch)
}

// cadence says how often a slot is expected in the local hour of m.
func (o *oracle) cadence(src city.SourceID, m city.Moment) int64 {
	hour := m.Time().In(o.loc).Hour()
	switch {
	case src == "square":
		return o.every
	case src == "gate/in" && hour >= 6 && hour < 22:
		return 900
	default:
		return 0
	}
}

// hours returns the local hours of a day, found minute by minute.
func (o *oracle) hours(day string) []oracleCell {
	var cells []oracleCell
	noon, err := time.ParseInLocation("2006-01-02 15:04", day+" 12:00", o.loc)
	if err != nil {
		return nil
	}
	last := ""
	for m := noon.Add(-14 * time.Hour); m.Before(noon.Add(14 * time.Hour)); m = m.Add(time.Minute) {
		if m.Format(time.DateOnly) != day {
			continue
		}
		if hour := m.Format("15 -0700"); hour != last {
			last = hour
			cells = append(cells, oracleCell{measure.Cell{From: city.At(m)}})
		}
	}
	return cells
}
