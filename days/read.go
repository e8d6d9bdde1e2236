package days

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rasad/city"
	"rasad/measure"
)

// An inMemory is a day in memory, as a reader takes it.
type inMemory struct {
	date  city.Date
	cells []measure.Cell
}

// memory returns the cells of the days in memory that lie in [from, to], in order,
// the source's number in the file, and whether the file may hold more of them.
func (s *Store) memory(src *source, from, to city.Date) (list []inMemory, row int64, more bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return src.memory(from, to)
}

func (src *source) memory(from, to city.Date) (list []inMemory, row int64, more bool) {
	if !src.has || to < src.min || src.max < from {
		return nil, src.row, false
	}
	from, to = max(from, src.min), min(to, src.max)
	known := 0
	take := func(d *day) {
		known++
		if len(d.raws) > 0 {
			list = append(list, inMemory{d.date, d.view()})
		}
	}
	if int64(to)-int64(from) < int64(len(src.days)) {
		for date := from; date <= to; date++ {
			if d := src.days[date]; d != nil {
				take(d)
			}
		}
	} else {
		for date, d := range src.days {
			if from <= date && date <= to {
				take(d)
			}
		}
		slices.SortFunc(list, func(a, b inMemory) int { return cmp.Compare(a.date, b.date) })
	}
	return list, src.row, int64(known) <= int64(to)-int64(from)
}

// eachDay calls use for each day of the source with data in [from, to], in order,
// with its cells. What is in memory goes before what is in the file: it can only be
// newer, since a day leaves memory after it was committed.
func (s *Store) eachDay(ctx context.Context, src *source, from, to city.Date, use func(city.Date, []measure.Cell) error) error {
	list, row, more := s.memory(src, from, to)
	if !more {
		return eachOf(list, to, use)
	}
	rows, err := s.file.cells.QueryContext(ctx, row, from, to)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var date city.Date
		var pos uint64
		var blob string
		if err := rows.Scan(&date, &pos, &blob); err != nil {
			return err
		}
		n := 0
		for n < len(list) && list[n].date < date {
			n++
		}
		if err := eachOf(list[:n], to, use); err != nil {
			return err
		}
		list = list[n:]
		if len(list) > 0 && list[0].date == date {
			continue // it comes from memory
		}
		cells, err := decodeCells(blob, pos)
		if err != nil {
			return fmt.Errorf("day %s: %w", date, err)
		}
		if err := use(date, cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return eachOf(list, to, use)
}

func eachOf(list []inMemory, to city.Date, use func(city.Date, []measure.Cell) error) error {
	for _, m := range list {
		if m.date > to {
			break
		}
		if err := use(m.date, m.cells); err != nil {
			return err
		}
	}
	return nil
}

// source returns the source id, or nil where it never had a reading.
func (s *Store) source(id city.SourceID) (*source, *city.Zone) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.cities.newest()
	if c == nil {
		return nil, nil
	}
	return s.sources[id], c.Clock()
}

// Cells returns the source's local-hour cells with From in [from, to), in order:
// all hours of each day that has data. It includes what is applied but not yet
// committed. A source without data has no cells.
func (s *Store) Cells(ctx context.Context, id city.SourceID, from, to city.Moment) ([]measure.Cell, error) {
	src, zone := s.source(id)
	if src == nil || to <= from {
		return nil, nil
	}
	var cells []measure.Cell
	err := s.eachDay(ctx, src, zone.Date(from), zone.Date(to-1), func(_ city.Date, all []measure.Cell) error {
		for _, c := range all {
			if from <= c.From && c.From < to {
				cells = append(cells, c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read cells of %s: %w", id, err)
	}
	return cells, nil
}

// Totals calls each with the merged cell of each source-day with data in [from,
// to], in the order of source and date. It includes what is applied but not yet
// committed. An error of each ends it and is returned.
func (s *Store) Totals(ctx context.Context, from, to city.Date, each func(src city.SourceID, d city.Date, day measure.Cell) error) error {
	s.mu.RLock()
	all := make([]*source, 0, len(s.sources))
	for _, src := range s.sources {
		all = append(all, src)
	}
	s.mu.RUnlock()
	slices.SortFunc(all, func(a, b *source) int { return cmp.Compare(a.id, b.id) })
	for _, src := range all {
		err := s.eachDay(ctx, src, from, to, func(d city.Date, cells []measure.Cell) error {
			return each(src.id, d, measure.Merge(cells...))
		})
		if err != nil {
			return fmt.Errorf("read totals of %s: %w", src.id, err)
		}
	}
	return nil
}

// Day returns one source-day; false where it has no data. It includes what is
// applied but not yet committed.
func (s *Store) Day(ctx context.Context, id city.SourceID, date city.Date) (Change, bool, error) {
	d, err := s.look(ctx, id, date)
	if d == nil || err != nil {
		return Change{}, false, err
	}
	return d.change(), true, nil
}

// Newest returns the newest local date of which a source has data; false where it
// has none. It costs no I/O.
func (s *Store) Newest(id city.SourceID) (city.Date, bool) {
	src, _ := s.source(id)
	if src == nil {
		return 0, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return src.max, src.has
}

// Raws returns the source's raw readings of the local dates [from, to], the dates
// in order and each in journal order; asOf leaves out what came after that batch,
// 0 leaves out nothing. It includes what is applied but not yet committed.
func (s *Store) Raws(ctx context.Context, id city.SourceID, from, to city.Date, asOf uint64) ([]measure.Raw, error) {
	src, _ := s.source(id)
	if src == nil {
		return nil, nil
	}
	s.mu.RLock()
	from, to = max(from, src.min), min(to, src.max)
	s.mu.RUnlock()
	var raws []measure.Raw
	for date := from; date <= to; date++ {
		d, err := s.look(ctx, id, date)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		n := len(d.raws)
		if asOf != 0 {
			n = firstAfter(d.raws, asOf)
		}
		raws = append(raws, d.raws[:n]...)
	}
	return raws, nil
}

// look returns a day for reading only: a copy of the one in memory, or one made
// from the file; nil where it has no data.
func (s *Store) look(ctx context.Context, id city.SourceID, date city.Date) (*day, error) {
	s.mu.RLock()
	src := s.sources[id]
	if src == nil || !src.spans(date) {
		s.mu.RUnlock()
		return nil, nil
	}
	if d := src.days[date]; d != nil {
		defer s.mu.RUnlock()
		if len(d.raws) == 0 {
			return nil, nil
		}
		return &day{src: src, date: date, raws: slices.Clip(d.raws), slots: d.slots, cells: d.view()}, nil
	}
	number := src.row
	s.mu.RUnlock()
	r, ok, err := s.file.find(ctx, s.file.oneDay, number, date)
	if err != nil {
		return nil, fmt.Errorf("read day %s of %s: %w", date, id, err)
	}
	if !ok {
		return nil, nil
	}
	_, at, err := s.City(r.city)
	if err != nil {
		return nil, fmt.Errorf("read day %s of %s: %w", date, id, err)
	}
	s.mu.Lock()
	decl, err := s.declaration(id, at)
	s.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("read day %s of %s: %w", date, id, err)
	}
	d := &day{src: src, date: date}
	return d, d.restore(r, decl)
}
