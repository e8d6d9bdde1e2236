package days

import (
	"context"
	"database/sql"
	"fmt"

	"rasad/follower"
)

// Checksum commits, and returns a hash over all that the file holds: every row in
// the order of source and date, every held entry, city and count. Two stores that
// applied the same batches have the same, whenever they committed or compressed.
func (s *Store) Checksum(ctx context.Context) ([32]byte, error) {
	if err := s.Commit(); err != nil {
		return [32]byte{}, fmt.Errorf("add up days: %w", err)
	}
	sum := follower.NewSum()
	err := follower.Reading(ctx, s.file.read, func(tx *sql.Tx) error {
		if err := s.sumDays(ctx, tx, sum); err != nil {
			return err
		}
		for _, q := range [...]string{
			"SELECT pos, compiled FROM city ORDER BY pos",
			"SELECT * FROM held ORDER BY batch, idx",
			"SELECT name, n FROM count ORDER BY name",
		} {
			if err := sum.Rows(ctx, tx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return [32]byte{}, fmt.Errorf("add up days: %w", err)
	}
	return sum.SHA256(), nil
}

func (s *Store) sumDays(ctx context.Context, tx *sql.Tx, sum *follower.Sum) error {
	return follower.Each(ctx, tx, func(scan func(...any) error) error {
		var r row
		var name string
		if err := scan(&name, &r.date, &r.pos, &r.city, &r.n, &r.packed, &r.cells, &r.raws); err != nil {
			return err
		}
		if err := s.file.unpack(&r); err != nil {
			return err
		}
		for _, v := range []any{name, int64(r.date), int64(r.pos), int64(r.city), int64(r.n), r.cells, r.raws} {
			sum.Add(v)
		}
		return nil
	}, "SELECT s.name, d.date, d.pos, d.city, d.n, d.packed, d.cells, d.raws FROM source s JOIN day d ON d.source = s.id ORDER BY s.name, d.date")
}
