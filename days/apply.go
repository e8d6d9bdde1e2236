package days

import (
	"errors"
	"fmt"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// An op is what Apply found out about one entry before it changes anything: the
// source-day of a reading or event, or why it has none.
type op struct {
	day        *day
	raw        measure.Raw
	undeclared string
	city       *city.City // of a city entry
}

// Apply takes in the next batch. Batches up to Applied are passed over; a gap is an
// error. After an error nothing of the batch was taken in, and it may be applied
// again. One goroutine applies.
func (s *Store) Apply(b entry.Batch) error {
	if s.full() {
		if err := s.Commit(); err != nil {
			return fmt.Errorf("apply batch %d: make room: %w", b.Number, err)
		}
	}
	s.applyMu.Lock()
	defer s.applyMu.Unlock()
	s.mu.Lock()
	if b.Number <= s.at {
		s.mu.Unlock()
		return nil
	}
	if b.Number != s.at+1 {
		next := s.at + 1
		s.mu.Unlock()
		return fmt.Errorf("apply batch %d: batch %d is missing", b.Number, next)
	}
	if err := s.resolve(b); err != nil {
		s.mu.Unlock()
		return fmt.Errorf("apply batch %d: %w", b.Number, err)
	}
	s.openEpoch(b.Number)
	came := s.take(b)
	s.settle(b.Number)
	changes := s.changes()
	s.at = b.Number
	if c := s.cities.newest(); c != nil {
		s.today = c.Clock().Date(city.At(b.At))
	}
	s.shrink(len(b.Entries))
	clear(s.ops)
	s.mu.Unlock()

	if came != nil && s.cfg.CityChanged != nil {
		s.cfg.CityChanged(b.Number, came)
	}
	if len(changes) > 0 {
		s.cfg.Changed(b.Number, changes)
	}
	s.applied.Tell(b.Number)
	if s.unsaved.Load() >= int64(s.cfg.CacheReadings) {
		select {
		case s.kick <- struct{}{}:
		default:
		}
	}
	return nil
}

// resolve finds the source-day of each entry, from the file where it must. Nothing
// that counts is changed: it may fail.
func (s *Store) resolve(b entry.Batch) error {
	s.ops = s.ops[:0]
	c := s.cities.newest()
	for _, e := range b.Entries {
		var o op
		switch e := e.(type) {
		case *entry.Reading, *entry.Event:
			src, raw, err := s.raw(e, c)
			if err != nil {
				o.undeclared = err.Error()
				break
			}
			if o.day, err = s.day(src, raw.From, c.Clock()); err != nil {
				return err
			}
			o.raw = raw
		case *entry.City:
			next, err := city.Decode(e.Compiled)
			if err != nil {
				o.undeclared = err.Error()
				break
			}
			c, o.city = next, next
			s.moveZone(next.Clock())
		}
		s.ops = append(s.ops, o)
	}
	return nil
}

var errUndeclared = fmt.Errorf("%w source", city.ErrNotFound)

// raw returns what days keeps of a reading or event, and its source, or an error
// that says why the city in force does not know it; one wrapping ErrNotFound.
func (s *Store) raw(e entry.Entry, c *city.City) (*source, measure.Raw, error) {
	id, r := rawOf(e)
	if c == nil {
		return nil, r, fmt.Errorf("%w %q: no city is in force", errUndeclared, id)
	}
	src := s.sources[id]
	var decl *city.Source
	if src != nil {
		decl = src.declared(c)
	} else {
		decl = c.Source(id)
	}
	if decl == nil {
		return nil, r, fmt.Errorf("%w %q: the city in force does not declare it", errUndeclared, id)
	}
	if (decl.Kind == city.Event) != (r.Event != nil) || (decl.Kind == city.Interval) != (r.From < r.To) {
		return nil, r, fmt.Errorf("%w %q: it is of kind %s", errUndeclared, id, decl.Kind)
	}
	if src == nil {
		src = s.newSource(decl.ID)
	}
	return src, r, nil
}

// rawOf returns what days keeps of a reading or event, but for its position.
func rawOf(e entry.Entry) (id city.SourceID, r measure.Raw) {
	switch e := e.(type) {
	case *entry.Reading:
		r.From, r.To, r.V, r.Note = e.From, e.To, e.V, e.Quality
		if e.Reason != "" {
			r.Note = e.Reason
		}
		r.LateSec = int64(e.Late / time.Second)
		return e.Source, r
	case *entry.Event:
		r.From, r.To, r.V = e.At, e.At, e.V
		r.Event = &measure.Detail{ID: e.ID, State: e.State, Case: e.Case, Category: e.Category, Place: e.Place}
		r.LateSec = int64(e.Late / time.Second)
		return e.Source, r
	default:
		return "", r
	}
}

// take judges and adds what resolve found, in order. It cannot fail. It returns
// the city that came into force, or nil.
func (s *Store) take(b entry.Batch) (came *city.City) {
	at := city.At(b.At)
	for i, e := range b.Entries {
		o := &s.ops[i]
		pos := entry.Position{Batch: b.Number, Index: uint32(i)}
		switch e := e.(type) {
		case *entry.Reading:
			s.takeRaw(e, o, pos, at, e.Revises)
		case *entry.Event:
			s.takeRaw(e, o, pos, at, entry.Position{})
		case *entry.City:
			if o.city == nil {
				s.hold(heldEntry(e, Broken, pos, at, o.undeclared))
				s.cfg.Log.Error("city passed over", "batch", b.Number, "err", errors.New(o.undeclared))
				break
			}
			s.settle(b.Number) // what came before it, by the city before it
			came = o.city
			s.cities.add(b.Number, o.city, e.Compiled)
			s.unsaved.Add(1)
		case *entry.Quarantined:
			s.counts.Quarantined[e.Reason]++
			s.hold(heldEntry(e, Quarantined, pos, at, e.Detail))
		case *entry.Refused:
			s.counts.Refused[e.Reason] += e.N
		}
	}
	return came
}

// takeRaw adds one reading or event to its day, or says why not.
func (s *Store) takeRaw(e entry.Entry, o *op, pos entry.Position, at city.Moment, revises entry.Position) {
	d := o.day
	if d == nil {
		s.counts.Undeclared++
		s.hold(heldEntry(e, Undeclared, pos, at, o.undeclared))
		return
	}
	o.raw.Pos = pos
	if d.byTime == nil && !d.plain(&o.raw) {
		d.index()
	}
	standing, against := d.judge(&o.raw, revises)
	switch standing {
	case entry.Duplicate:
		s.counts.Duplicates++
		return
	case entry.Conflict:
		s.counts.Conflicts++
		h := heldEntry(e, Conflict, pos, at, "other content came first")
		if against >= 0 {
			h.Against = d.raws[against].Pos
		}
		if !revises.IsZero() {
			h.Detail = "what it revises is not the newest"
		}
		s.hold(h)
		return
	case entry.New:
	}
	if o.raw.Event != nil {
		s.counts.Events++
	} else {
		s.counts.Readings++
	}
	if against >= 0 {
		s.counts.Revisions++
		o.raw.Revised = true
	}
	s.touch(d, pos.Batch)
	d.add(o.raw)
	s.weight++
	s.unsaved.Add(1)
}

// touch notes that the batch changes d.
func (s *Store) touch(d *day, batch uint64) {
	if !d.unsettled {
		d.unsettled = true
		s.hit = append(s.hit, d)
	}
	if d.batch == batch {
		return
	}
	d.batch = batch
	s.changed = append(s.changed, d)
	if !d.dirty {
		d.dirty = true
		s.dirty = append(s.dirty, d)
		s.unsaved.Add(int64(d.weight()))
	}
	if d.row == 0 {
		s.nextDay++
		d.row = s.nextDay
		d.src.widen(d.date)
	}
	s.markEpoch(d)
}

// settle corrects and rolls each day that was touched since it was last called.
func (s *Store) settle(batch uint64) {
	c, at := s.cities.newest(), s.cities.newestAt()
	for _, d := range s.hit {
		d.settle(batch, c, at)
	}
	clear(s.hit)
	s.hit = s.hit[:0]
}

// changes returns the days that the batch changed, in the order in which it
// touched them, where somebody wants to know.
func (s *Store) changes() []Change {
	var list []Change
	if s.cfg.Changed != nil && len(s.changed) > 0 {
		list = make([]Change, len(s.changed))
		for i, d := range s.changed {
			list[i] = d.change()
		}
	}
	clear(s.changed)
	s.changed = s.changed[:0]
	return list
}

// Standing says how e, a *entry.Reading or *entry.Event, would stand to what is
// known if it were appended now, and the position of what it duplicates or
// conflicts with. A source that the city in force does not declare, or of another
// kind, gives an error wrapping city.ErrNotFound.
func (s *Store) Standing(e entry.Entry) (entry.Standing, entry.Position, error) {
	var revises entry.Position
	switch e := e.(type) {
	case *entry.Reading:
		revises = e.Revises
	case *entry.Event:
	default:
		return entry.New, entry.Position{}, fmt.Errorf("%w entry: a %T has no standing", city.ErrInvalid, e)
	}
	if st, pos, ok := s.standing(e, revises); ok {
		return st, pos, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.cities.newest()
	src, raw, err := s.raw(e, c)
	if err != nil {
		return entry.Conflict, entry.Position{}, fmt.Errorf("judge %s: %w", e.Kind(), err)
	}
	d, err := s.day(src, raw.From, c.Clock())
	if err != nil {
		return entry.New, entry.Position{}, fmt.Errorf("judge %s of %s: %w", e.Kind(), src.id, err)
	}
	d.used.Store(true)
	if d.byTime == nil && !d.plain(&raw) {
		d.index()
	}
	st, pos := d.standing(&raw, revises)
	s.shrink(1)
	return st, pos, nil
}

// standing is Standing while only reading: it knows where the day is in memory and
// indexed.
func (s *Store) standing(e entry.Entry, revises entry.Position) (st entry.Standing, pos entry.Position, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var id city.SourceID
	var m city.Moment
	switch e := e.(type) {
	case *entry.Reading:
		id, m = e.Source, e.From
	case *entry.Event:
		id, m = e.Source, e.At
	}
	c, src := s.cities.newest(), s.sources[id]
	if c == nil || src == nil || src.of != c {
		return st, pos, false
	}
	d := src.days[c.Clock().Date(m)]
	if d == nil {
		return st, pos, false
	}
	_, raw, err := s.raw(e, c)
	if err != nil || d.byTime == nil && !d.plain(&raw) {
		return st, pos, false
	}
	if !d.used.Load() {
		d.used.Store(true)
	}
	st, pos = d.standing(&raw, revises)
	return st, pos, true
}

// standing is judge in positions.
func (d *day) standing(r *measure.Raw, revises entry.Position) (entry.Standing, entry.Position) {
	st, i := d.judge(r, revises)
	if st == entry.New || i < 0 {
		return st, entry.Position{}
	}
	return st, d.raws[i].Pos
}
