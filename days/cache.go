package days

import (
	"context"
	"fmt"

	"rasad/city"
	"rasad/measure"
)

// newSource starts to remember a source.
func (s *Store) newSource(id city.SourceID) *source {
	s.nextSrc++
	src := &source{id: id, row: s.nextSrc, days: map[city.Date]*day{}}
	s.sources[id] = src
	return src
}

// widen notes that the source has a day of date.
func (src *source) widen(date city.Date) {
	if !src.has {
		src.has, src.min, src.max = true, date, date
	}
	src.min, src.max = min(src.min, date), max(src.max, date)
}

// day returns the source-day of m: from memory, from the file, or a new one. A day
// without a reading exists in memory only.
func (s *Store) day(src *source, m city.Moment, zone *city.Zone) (*day, error) {
	if d := src.recent; d != nil && d.from <= m && m < d.to {
		return d, nil
	}
	date := zone.Date(m)
	d := src.days[date]
	if d == nil {
		d = &day{src: src, date: date}
		d.from, d.to = zone.Day(date)
		if src.spans(date) {
			if err := s.fill(d); err != nil {
				return nil, err
			}
		}
		src.days[date] = d
		s.ring = append(s.ring, d)
		s.weight += d.weight()
	}
	d.used.Store(true)
	src.recent = d
	return d, nil
}

// fill reads d from the file, where it has it.
func (s *Store) fill(d *day) error {
	r, ok, err := s.file.find(context.Background(), s.file.loadDay, d.src.row, d.date)
	if err != nil {
		return fmt.Errorf("load day %s of %s: %w", d.date, d.src.id, err)
	}
	if !ok {
		return nil
	}
	decl, err := s.declaration(d.src.id, r.city)
	if err != nil {
		return err
	}
	return d.restore(r, decl)
}

// restore makes d of its row. decl is the declaration that it was last rolled by.
func (d *day) restore(r row, decl *city.Source) error {
	raws, c, err := decodeRaws(r.raws, r.n)
	if err == nil {
		d.cells, err = decodeCells(r.cells, r.pos)
	}
	if err != nil {
		return fmt.Errorf("load day %s of %s: %w", d.date, d.src.id, err)
	}
	d.row, d.stored = r.id, true
	d.raws, d.pos, d.city, d.epoch = raws, r.pos, r.city, r.epoch
	d.code, d.coder, d.coded = []byte(r.raws), c, len(raws)
	d.slots = measure.Correct(decl, raws, nil)
	for i := range raws {
		if i == 0 || raws[i].From > d.latest {
			d.latest = raws[i].From
		}
	}
	return nil
}

// moveZone cuts the days in memory by another zone.
func (s *Store) moveZone(zone *city.Zone) {
	if c := s.cities.newest(); c == nil || c.Zone == zone.Location().String() {
		return
	}
	for _, d := range s.ring {
		d.from, d.to = zone.Day(d.date)
	}
	for _, src := range s.sources {
		src.recent = nil
	}
}

// shrink drops days that were not used for a while until what stays in memory is
// within its bound. A day with something to save stays. It looks at a few more days
// than came with the last added entries: what it does not reach waits.
func (s *Store) shrink(added int) {
	for looked := 64 + 4*added; s.weight > s.cfg.CacheReadings && looked > 0 && len(s.ring) > 0; looked-- {
		if s.hand >= len(s.ring) {
			s.hand = 0
		}
		d := s.ring[s.hand]
		if d.dirty || d.saving || d.used.Swap(false) {
			s.hand++
			continue
		}
		last := len(s.ring) - 1
		s.ring[s.hand], s.ring[last] = s.ring[last], nil
		s.ring = s.ring[:last]
		s.weight -= d.weight()
		delete(d.src.days, d.date)
		if d.src.recent == d {
			d.src.recent = nil
		}
	}
}
