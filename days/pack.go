package days

import (
	"context"

	"rasad/city"
	"rasad/follower"
)

// settledAfter is how many days after its date a source-day is compressed: most
// late data has come by then.
const settledAfter = 2

// Bounds on compressing: source-days in one transaction, and transactions in a row.
const (
	packAtOnce = 256
	packRounds = 8
)

// packAll compresses days that lie behind, and leaves some for the next time.
func (s *Store) packAll() error {
	for range packRounds {
		if n, err := s.pack(); err != nil || n < packAtOnce {
			return err
		}
	}
	return nil
}

// pack compresses at most packAtOnce days, and returns how many it looked at.
func (s *Store) pack() (int, error) {
	s.mu.RLock()
	before := s.today - settledAfter
	s.mu.RUnlock()
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	ctx := context.Background()
	rows, err := s.file.toPack(ctx, before)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	if err := s.file.Begin(ctx); err != nil {
		return 0, err
	}
	return len(rows), s.file.End(ctx, s.file.packRows(ctx, rows))
}

func (f *file) toPack(ctx context.Context, before city.Date) ([]row, error) {
	var rows []row
	err := follower.Each(ctx, f, func(scan func(...any) error) error {
		var r row
		err := scan(&r.id, &r.raws)
		rows = append(rows, r)
		return err
	}, "SELECT id, raws FROM day WHERE packed = 0 AND date < ? LIMIT ?", before, packAtOnce)
	return rows, err
}

func (f *file) packRows(ctx context.Context, rows []row) error {
	for _, r := range rows {
		small := f.zip.EncodeAll([]byte(r.raws), nil)
		var err error
		if len(small) < len(r.raws)*9/10 {
			err = f.Exec(ctx, "UPDATE day SET packed = ?, raws = ? WHERE id = ?", packed, small, r.id)
		} else {
			err = f.Exec(ctx, "UPDATE day SET packed = ? WHERE id = ?", leftPlain, r.id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
