package days

import (
	"cmp"
	"slices"
	"sync/atomic"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// A source is what a Store knows of one source that has data or was asked for.
type source struct {
	id     city.SourceID
	row    int64 // its number in the file
	stored bool  // the file has it
	has    bool  // it has a day, in the file or not yet
	min    city.Date
	max    city.Date // the dates of its days lie in [min, max]
	days   map[city.Date]*day
	recent *day // the day looked up last

	decl *city.Source // its declaration in of
	of   *city.City
}

// declared returns the source's declaration in c, or nil.
func (src *source) declared(c *city.City) *city.Source {
	if src.of != c {
		src.of, src.decl = c, c.Source(src.id)
	}
	return src.decl
}

// spans reports whether the file may have a day of that date.
func (src *source) spans(d city.Date) bool { return src.has && src.min <= d && d <= src.max }

// A day is one source-day in memory. raws and slots grow at their end only, and
// are replaced where that is not enough, so that a part handed out never changes.
type day struct {
	src      *source
	date     city.Date
	from, to city.Moment // by the zone of the newest city that was looked at

	row    int64 // its number in the file; 0 before its first reading
	stored bool  // the file has it
	raws   []measure.Raw
	slots  []measure.Slot
	cells  []measure.Cell
	pos    uint64   // the batch that last changed it
	city   uint64   // the batch of the city that it was last rolled by
	epoch  uint64   // the epoch in which it was last touched
	marks  []uint64 // epochs in which it was touched, not yet committed
	dirty  bool
	saving bool // a commit is under way
	shared atomic.Bool
	used   atomic.Bool

	// Of the commit alone: the raws coded so far.
	code  []byte
	coder coder
	coded int

	// Where the newest raw of a key stands; made when first needed.
	latest city.Moment // the largest From
	byTime map[city.Moment]int32
	byID   map[eventKey]int32

	// Of the batch that is being applied.
	batch     uint64 // that last touched it
	unsettled bool   // waits to be corrected and rolled
	fresh     []measure.Slot
	hours     uint64 // a bit for each cell touched
	revised   bool
}

type eventKey struct{ id, state string }

// weight is what a day counts against the bound of the cache.
func (d *day) weight() int { return len(d.raws) + 16 }

// index makes the maps that find needs.
func (d *day) index() {
	d.byTime, d.byID = make(map[city.Moment]int32, len(d.raws)), map[eventKey]int32{}
	for i := range d.raws {
		d.note(int32(i))
	}
}

// note puts raw i into the index.
func (d *day) note(i int32) {
	if e := d.raws[i].Event; e != nil {
		d.byID[eventKey{e.ID, e.State}] = i
	} else {
		d.byTime[d.raws[i].From] = i
	}
}

// plain reports whether find can tell without an index that r is of a new key:
// the usual case, readings in the order of their time.
func (d *day) plain(r *measure.Raw) bool {
	return len(d.raws) == 0 || r.Event == nil && r.From > d.latest
}

// find returns where the newest raw of r's key stands, or -1. Unless plain(r), the
// day must be indexed.
func (d *day) find(r *measure.Raw) int32 {
	if d.plain(r) {
		return -1
	}
	i, ok := int32(0), false
	if e := r.Event; e != nil {
		i, ok = d.byID[eventKey{e.ID, e.State}]
	} else {
		i, ok = d.byTime[r.From]
	}
	if !ok {
		return -1
	}
	return i
}

// judge says how r stands to the day, and of which raw it is the duplicate or the
// conflict; -1 for none. Unless plain(r), the day must be indexed.
func (d *day) judge(r *measure.Raw, revises entry.Position) (entry.Standing, int32) {
	i := d.find(r)
	if i < 0 {
		if !revises.IsZero() {
			return entry.Conflict, -1
		}
		return entry.New, -1
	}
	newest := &d.raws[i]
	if same(newest, r) {
		return entry.Duplicate, i
	}
	if !revises.IsZero() && revises == newest.Pos {
		return entry.New, i
	}
	if newest.Revised { // a first reading may come again after its revision
		key := r.Key()
		for j := i - 1; j >= 0; j-- {
			if d.raws[j].Key() == key && same(&d.raws[j], r) {
				return entry.Duplicate, j
			}
		}
	}
	return entry.Conflict, i
}

// same reports whether two raws of one key say the same.
func same(a, b *measure.Raw) bool {
	if a.From != b.From || a.To != b.To || a.V != b.V || (a.Event == nil) != (b.Event == nil) {
		return false
	}
	return a.Event == nil || a.Event.Case == b.Event.Case && a.Event.Category == b.Event.Category && a.Event.Place == b.Event.Place
}

// add appends a raw that counts; settle makes it tell.
func (d *day) add(r measure.Raw) {
	if d.byTime == nil && !d.plain(&r) {
		d.index()
	}
	d.raws = append(d.raws, r)
	if d.byTime != nil {
		d.note(int32(len(d.raws) - 1))
	}
	if len(d.raws) == 1 || r.From > d.latest {
		d.latest = r.From
	}
	switch {
	case !r.Counts():
		return
	case r.Revised:
		d.revised = true
	default:
		d.fresh = append(d.fresh, measure.Slot{From: r.From, To: r.To, V: r.V, Rule: measure.AsRead, Pos: r.Pos.Batch, LateSec: r.LateSec})
	}
	d.hours |= 1 << d.hour(r.From)
}

// hour returns which of the day's cells m lies in; 63 where that is not known.
func (d *day) hour(m city.Moment) int {
	n := len(d.cells)
	if n == 0 || n > 63 || m < d.cells[0].From {
		return 63
	}
	i := min(int((m-d.cells[0].From)/3600), n-1)
	for d.cells[i].From > m {
		i--
	}
	for i+1 < n && d.cells[i+1].From <= m {
		i++
	}
	return i
}

// settle corrects and rolls what the batch touched, by the city in force.
func (d *day) settle(batch uint64, c *city.City, cityAt uint64) {
	src, zone := d.src.declared(c), c.Clock()
	if d.revised {
		d.slots = measure.Correct(src, d.raws, nil)
	} else {
		d.insert()
	}
	old := d.cells
	if d.city != cityAt || d.hours>>63 != 0 {
		from, to := zone.Day(d.date)
		d.cells = measure.Hours(src, zone, d.slots, from, to)
		for i := range d.cells {
			if i < len(old) && old[i].From == d.cells[i].From {
				carry(&d.cells[i], old[i], batch)
			} else if old != nil {
				d.cells[i].Pos = batch
			}
		}
	} else {
		if d.shared.Load() {
			d.cells = slices.Clone(old)
		}
		for i := range d.cells {
			if d.hours>>i&1 == 0 {
				continue
			}
			before := d.cells[i]
			end := zone.NextHour(before.From)
			d.cells[i] = measure.Roll(src, zone, d.slots, before.From, end)
			carry(&d.cells[i], before, batch)
		}
	}
	d.shared.Store(false)
	d.pos, d.city = batch, cityAt
	d.fresh, d.hours, d.revised, d.unsettled = d.fresh[:0], 0, false, false
}

// carry gives a cell rolled again the batch that last changed it.
func carry(c *measure.Cell, old measure.Cell, batch uint64) {
	rolled := c.Pos
	c.Pos = old.Pos
	if *c != old || rolled > old.Pos {
		c.Pos = batch
	}
}

// insert merges the batch's new slots into the corrected ones: what Correct would
// make of the whole day.
func (d *day) insert() {
	byTime := func(a, b measure.Slot) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.V, b.V), cmp.Compare(a.Pos, b.Pos))
	}
	if len(d.fresh) > 1 && !slices.IsSortedFunc(d.fresh, byTime) {
		slices.SortStableFunc(d.fresh, byTime)
	}
	if len(d.slots) == 0 || len(d.fresh) == 0 || byTime(d.slots[len(d.slots)-1], d.fresh[0]) <= 0 {
		d.slots = append(d.slots, d.fresh...)
		return
	}
	merged := make([]measure.Slot, 0, len(d.slots)+len(d.fresh)+len(d.slots)/8)
	old, fresh := d.slots, d.fresh
	for len(old) > 0 && len(fresh) > 0 {
		if byTime(old[0], fresh[0]) <= 0 {
			merged, old = append(merged, old[0]), old[1:]
		} else {
			merged, fresh = append(merged, fresh[0]), fresh[1:]
		}
	}
	d.slots = append(append(merged, old...), fresh...)
}

// change returns the day as it is, for those outside.
func (d *day) change() Change {
	n := len(d.slots)
	return Change{Source: d.src.id, Date: d.date, Slots: d.slots[:n:n], Cells: d.view()}
}

// view returns the day's cells, which are then never written again.
func (d *day) view() []measure.Cell {
	d.shared.Store(true)
	return slices.Clip(d.cells)
}
