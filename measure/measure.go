// Package measure is the only place where a number is made: it corrects the raw
// readings of a source-day, rolls them into cells, merges cells, and values an
// indicator over them. It is pure: no I/O, no clock, no state. Live, history,
// export and figures call it, so they cannot differ. All sums are of integers.
package measure

import (
	"cmp"
	"slices"
	"time"

	"rasad/city"
	"rasad/entry"
)

// A Raw is one reading or event that counts or once counted, as days keeps it in
// journal order. Duplicates and losers of a conflict are none.
type Raw struct {
	From, To city.Moment // equal for a snapshot or an event
	V        city.Steps
	Pos      entry.Position // where it stands in the journal
	LateSec  int64          // lateness when it was judged, in seconds; 0 up to entry.LateAfter
	Revised  bool           // replaces the raw of the same key before it
	Event    *Detail        // events only
	Note     string         // the sender's remark, or why it was revised
}

// A Detail is what an event says beside its value.
type Detail struct {
	ID, State, Case, Category string
	Place                     city.PlaceID
}

// Counts reports whether the raw adds to the figures of its source. Readings do.
// Of the events of one case one does: a report and an inspection count when they
// are made known (opened, or without a state), work and a service when they are
// done (done, or without a state). What else is said of a case is its life.
func (r *Raw) Counts() bool {
	if r.Event == nil || r.Event.State == "" {
		return true
	}
	switch city.CaseKind(r.Event.Case) {
	case city.ReportCase, city.InspectionCase:
		return r.Event.State == "opened"
	case city.WorkCase, city.ServiceCase:
		return r.Event.State == "done"
	default:
		return true
	}
}

// A Key is what a reading is, within its source and local date: two raws of one
// key never both count.
type Key struct {
	At    city.Moment // slot or moment; 0 for an event
	ID    string      // event only
	State string      // event only
}

// Key returns the raw's key.
func (r *Raw) Key() Key {
	if r.Event != nil {
		return Key{ID: r.Event.ID, State: r.Event.State}
	}
	return Key{At: r.From}
}

// A Rule names what made a slot's value.
type Rule string

// The rules. Those of counters, factors and bad periods come later.
const (
	AsRead  Rule = "as_read" // the reading itself
	Revised Rule = "revised" // a revision in place of the reading
)

// A Slot is one corrected value of a source.
type Slot struct {
	From, To city.Moment
	V        city.Steps
	Rule     Rule
	Pos      uint64 // the batch that decided it
	LateSec  int64
}

// Correct returns the slots of one source-day in the order of their time. raws
// stand in journal order; before is the newest raw of the source before that day,
// or nil (cumulative counters will need it; interval, snapshot and event sources
// do not). Where a key has a revision, the newest one counts; events that do not
// count make no slot.
func Correct(_ *city.Source, raws []Raw, _ *Raw) []Slot {
	slots := make([]Slot, 0, len(raws))
	var at map[Key]int // made at the first revision: most days have none
	for i := range raws {
		r := &raws[i]
		if !r.Counts() {
			continue
		}
		s := Slot{r.From, r.To, r.V, AsRead, r.Pos.Batch, r.LateSec}
		if !r.Revised {
			slots = append(slots, s)
			if at != nil {
				at[r.Key()] = len(slots) - 1
			}
			continue
		}
		if at == nil {
			at = map[Key]int{}
			n := 0
			for j := range i {
				if !raws[j].Revised && raws[j].Counts() {
					at[raws[j].Key()] = n
					n++
				}
			}
		}
		s.Rule = Revised
		if n, ok := at[r.Key()]; ok {
			slots[n] = s
		}
	}
	byTime := func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.V, b.V), cmp.Compare(a.Pos, b.Pos))
	}
	if !slices.IsSortedFunc(slots, byTime) {
		slices.SortStableFunc(slots, byTime) // stable: the bits must not hang on the sort
	}
	return slots
}

// A Cell is what a source counted over one stretch of time. Sums, minima, maxima
// and the newest value are in steps of the source's unit. An empty cell has N = 0
// and zeros.
type Cell struct {
	From     city.Moment // first moment of the stretch
	Sum      int64
	N        int64 // slots that count
	Min, Max int64
	Last     int64       // the newest value; of two at one moment the larger
	LastAt   city.Moment // the end of the newest slot
	Expected int64       // slots that the cadence lets expect; 0 for events
	Seen     int64       // how many of the expected came
	Late     int64       // slots that came later than entry.RevisedAfter
	Pos      uint64      // the newest batch that changed it
}

// Roll returns the cell of [from, to) over slots that stand in the order of their
// time. A slot counts whole in the cell of its From. The stretch must lie within
// one local hour of zone.
func Roll(src *city.Source, zone *city.Zone, slots []Slot, from, to city.Moment) Cell {
	first, _ := slices.BinarySearchFunc(slots, from, func(s Slot, m city.Moment) int { return cmp.Compare(s.From, m) })
	c := Cell{From: from}
	every := src.Every(zone.HourOfDay(from))
	if src.Kind == city.Interval && every > 0 {
		every = src.SlotSec
	}
	if src.Kind == city.Event {
		every = 0
	}
	if every > 0 {
		c.Expected = max(int64(to-from)/every, 1)
	}
	bucket := int64(-1)
	for _, s := range slots[first:] {
		if s.From >= to {
			break
		}
		v := int64(s.V)
		if c.N == 0 {
			c.Min, c.Max, c.Last, c.LastAt = v, v, v, s.To
		}
		c.Sum += v
		c.N++
		c.Min, c.Max = min(c.Min, v), max(c.Max, v)
		if s.To > c.LastAt || s.To == c.LastAt && v > c.Last {
			c.Last, c.LastAt = v, s.To
		}
		if s.LateSec > int64(entry.RevisedAfter/time.Second) {
			c.Late++
		}
		c.Pos = max(c.Pos, s.Pos)
		if every > 0 {
			if b := int64(s.From-from) / every; b != bucket && c.Seen < c.Expected {
				bucket = b
				c.Seen++
			}
		}
	}
	return c
}

// Merge adds cells up: of hours to days, of windows to hours. The order does not
// matter. Cells of different sources may be merged only where their unit is one.
func Merge(cells ...Cell) Cell {
	var m Cell
	for i, c := range cells {
		if i == 0 || c.From < m.From {
			m.From = c.From
		}
		m.Expected += c.Expected
		m.Seen += c.Seen
		m.Late += c.Late
		m.Pos = max(m.Pos, c.Pos)
		if c.N == 0 {
			continue
		}
		if m.N == 0 {
			m.Min, m.Max, m.Last, m.LastAt = c.Min, c.Max, c.Last, c.LastAt
		}
		m.Sum += c.Sum
		m.N += c.N
		m.Min, m.Max = min(m.Min, c.Min), max(m.Max, c.Max)
		if c.LastAt > m.LastAt || c.LastAt == m.LastAt && c.Last > m.Last {
			m.Last, m.LastAt = c.Last, c.LastAt
		}
	}
	return m
}

// Hours returns the cells of the local hours of [from, to), one each, in order.
func Hours(src *city.Source, zone *city.Zone, slots []Slot, from, to city.Moment) []Cell {
	cells := make([]Cell, 0, (to-from)/3600+1)
	for h := from; h < to; {
		next := min(zone.NextHour(h), to)
		cells = append(cells, Roll(src, zone, slots, h, next))
		h = next
	}
	return cells
}
