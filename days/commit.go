package days

import (
	"context"
	"fmt"
	"slices"

	"rasad/city"
	"rasad/follower"
	"rasad/measure"
)

// A save is what one commit writes: the store as it was between two batches.
type save struct {
	at      uint64
	days    []saveDay
	held    []Held
	cities  []inForce
	counts  Counts
	unsaved int64
}

type saveDay struct {
	*day
	raws      []measure.Raw
	cells     []measure.Cell
	pos, city uint64
	epoch     uint64
	marks     []uint64
}

// Commit writes what was applied since the last commit, in one transaction with
// its position. After an error all of it waits for the next commit.
func (s *Store) Commit() error {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	p, ok := s.snapshot()
	if !ok {
		return nil
	}
	err := s.file.save(p)
	s.saved(p, err)
	if err != nil {
		return fmt.Errorf("commit days at batch %d: %w", p.at, err)
	}
	s.committed.Store(p.at)
	if len(p.days) > 0 {
		select {
		case s.news <- struct{}{}:
		default:
		}
	}
	return nil
}

// snapshot takes what is to be written, between two batches. ok is false where
// there is nothing.
func (s *Store) snapshot() (p *save, ok bool) {
	s.applyMu.Lock()
	defer s.applyMu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == s.committed.Load() {
		return nil, false
	}
	p = &save{at: s.at, counts: s.counts.clone(), held: slices.Clip(s.held), unsaved: s.unsaved.Load()}
	p.days = make([]saveDay, len(s.dirty))
	for i, d := range s.dirty {
		p.days[i] = saveDay{d, slices.Clip(d.raws), d.view(), d.pos, d.city, d.epoch, d.marks}
		d.dirty, d.saving, d.marks = false, true, nil
	}
	clear(s.dirty)
	s.dirty = s.dirty[:0]
	for _, f := range s.cities.list {
		if f.compiled != nil {
			p.cities = append(p.cities, f)
		}
	}
	return p, true
}

// saved notes what came of a save.
func (s *Store) saved(p *save, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range p.days {
		d.saving = false
		if err == nil {
			d.stored, d.src.stored = true, true
			continue
		}
		d.day.marks = append(d.marks, d.day.marks...)
		if !d.dirty {
			d.dirty = true
			s.dirty = append(s.dirty, d.day)
		}
	}
	if err != nil {
		return
	}
	s.unsaved.Add(-p.unsaved)
	s.held = slices.Clone(s.held[len(p.held):])
	for _, f := range p.cities {
		if i := s.cities.index(f.at); s.cities.list[i].city == f.city {
			s.cities.list[i].compiled = nil
		}
	}
}

// save writes p in one transaction.
func (f *file) save(p *save) error {
	ctx := context.Background() // half a commit helps nobody
	if err := f.Begin(ctx); err != nil {
		return err
	}
	return f.End(ctx, f.saveAll(ctx, p))
}

func (f *file) saveAll(ctx context.Context, p *save) error {
	named := map[int64]bool{}
	for i := range p.days {
		d := &p.days[i]
		if !d.src.stored && !named[d.src.row] {
			named[d.src.row] = true
			if err := f.Exec(ctx, "INSERT OR IGNORE INTO source (id, name) VALUES (?, ?)", d.src.row, string(d.src.id)); err != nil {
				return err
			}
		}
		if err := f.saveRow(ctx, d); err != nil {
			return err
		}
	}
	for _, c := range p.cities {
		if err := f.Exec(ctx, "INSERT INTO city (pos, compiled) VALUES (?, ?)", c.at, c.compiled); err != nil {
			return err
		}
	}
	for _, h := range p.held {
		err := f.Exec(ctx, "INSERT INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", h.Pos.Batch, h.Pos.Index, h.At, h.Kind,
			h.Source, h.Reason, h.Detail, h.By, h.Against.Batch, h.Against.Index, notNull(h.Line))
		if err != nil {
			return err
		}
	}
	for name, n := range p.counts.names() {
		if err := f.Exec(ctx, "INSERT OR REPLACE INTO count (name, n) VALUES (?, ?)", name, n); err != nil {
			return err
		}
	}
	return f.Exec(ctx, "UPDATE state SET position = ?", p.at)
}

// saveRow writes one source-day. What it codes is kept: raws are only ever added.
func (f *file) saveRow(ctx context.Context, d *saveDay) error {
	for ; d.coded < len(d.raws); d.coded++ {
		d.code = d.coder.append(d.code, &d.raws[d.coded])
	}
	cells := appendCells(nil, d.cells, d.pos)
	args := []any{d.pos, d.city, d.epoch, len(d.raws), cells, notNull(d.code)}
	q := "UPDATE day SET pos = ?, city = ?, epoch = ?, n = ?, packed = 0, cells = ?, raws = ? WHERE id = ?"
	if d.stored {
		args = append(args, d.row)
	} else {
		q = "INSERT INTO day (pos, city, epoch, n, packed, cells, raws, source, date, id) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)"
		args = append(args, d.src.row, d.date, d.row)
	}
	if err := f.Exec(ctx, q, args...); err != nil {
		return err
	}
	for _, epoch := range d.marks {
		if err := f.Exec(ctx, "INSERT OR IGNORE INTO touched (epoch, day) VALUES (?, ?)", epoch, d.row); err != nil {
			return err
		}
	}
	return nil
}

// notNull keeps an empty blob from becoming NULL.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// restore reads what the file knows apart from its days.
func (s *Store) restore() error {
	ctx := context.Background()
	s.sources = map[city.SourceID]*source{}
	s.counts = Counts{Quarantined: map[string]int64{}, Refused: map[string]int64{}}
	if _, err := s.file.One(ctx, "SELECT position, (SELECT coalesce(max(id), 0) FROM day) FROM state", nil, []any{&s.at, &s.nextDay}); err != nil {
		return err
	}
	s.applied.Tell(s.at)
	s.committed.Store(s.at)
	if err := s.restoreSources(ctx); err != nil {
		return err
	}
	if err := s.restoreEpoch(ctx); err != nil {
		return err
	}
	err := follower.Each(ctx, s.file, func(scan func(...any) error) error {
		var f inForce
		err := scan(&f.at)
		s.cities.list = append(s.cities.list, f)
		return err
	}, "SELECT pos FROM city ORDER BY pos")
	if err != nil {
		return err
	}
	if n := len(s.cities.list); n > 0 {
		if _, err := s.cityOf(n - 1); err != nil {
			return err
		}
	}
	return follower.Each(ctx, s.file, func(scan func(...any) error) error {
		var name string
		var n int64
		err := scan(&name, &n)
		s.counts.set(name, n)
		return err
	}, "SELECT name, n FROM count")
}

func (s *Store) restoreSources(ctx context.Context) error {
	err := follower.Each(ctx, s.file, func(scan func(...any) error) error {
		src := &source{stored: true, days: map[city.Date]*day{}}
		if err := scan(&src.row, &src.id); err != nil {
			return err
		}
		s.sources[src.id] = src
		s.nextSrc = max(s.nextSrc, src.row)
		return nil
	}, "SELECT id, name FROM source")
	if err != nil {
		return err
	}
	for _, src := range s.sources {
		// Two look-ups in the index; both ends in one query would scan it.
		var first, last *city.Date
		_, err := s.file.One(ctx, "SELECT (SELECT min(date) FROM day WHERE source = ?1), (SELECT max(date) FROM day WHERE source = ?1)", []any{src.row}, []any{&first, &last})
		if err != nil {
			return err
		}
		if first != nil && last != nil {
			src.has, src.min, src.max = true, *first, *last
		}
	}
	return nil
}
