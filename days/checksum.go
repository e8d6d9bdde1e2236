package days

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash"
)

// Checksum commits, and returns a hash over all that the file holds: every row in
// the order of source and date, every held entry, city and count. Two stores that
// applied the same batches have the same, whenever they committed or compressed.
func (s *Store) Checksum(ctx context.Context) ([32]byte, error) {
	var sum [32]byte
	if err := s.Commit(); err != nil {
		return sum, fmt.Errorf("add up days: %w", err)
	}
	tx, err := s.file.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return sum, fmt.Errorf("add up days: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	h := summer{hash: sha256.New()}
	err = s.sumDays(ctx, tx, &h)
	for _, q := range [...]string{
		"SELECT pos, compiled FROM city ORDER BY pos",
		"SELECT * FROM held ORDER BY batch, idx",
		"SELECT name, n FROM count ORDER BY name",
	} {
		if err == nil {
			err = h.rows(ctx, tx, q)
		}
	}
	if err != nil {
		return sum, fmt.Errorf("add up days: %w", err)
	}
	h.hash.Sum(sum[:0])
	return sum, nil
}

func (s *Store) sumDays(ctx context.Context, tx *sql.Tx, h *summer) error {
	rows, err := tx.QueryContext(ctx, "SELECT s.name, d.date, d.pos, d.city, d.n, d.packed, d.cells, d.raws FROM source s JOIN day d ON d.source = s.id ORDER BY s.name, d.date")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		var name string
		if err := rows.Scan(&name, &r.date, &r.pos, &r.city, &r.n, &r.packed, &r.cells, &r.raws); err != nil {
			return err
		}
		if err := s.file.unpack(&r); err != nil {
			return err
		}
		for _, v := range []any{name, int64(r.date), int64(r.pos), int64(r.city), int64(r.n), r.cells, r.raws} {
			h.add(v)
		}
	}
	return rows.Err()
}

// A summer hashes values so that no two lists of values look alike.
type summer struct {
	hash hash.Hash
	buf  []byte
}

func (h *summer) add(v any) {
	h.buf = h.buf[:0]
	switch v := v.(type) {
	case int64:
		h.buf = binary.BigEndian.AppendUint64(append(h.buf, 'i'), uint64(v))
	case string:
		h.buf = append(binary.AppendUvarint(append(h.buf, 's'), uint64(len(v))), v...)
	case []byte:
		h.buf = append(binary.AppendUvarint(append(h.buf, 's'), uint64(len(v))), v...)
	default:
		h.buf = fmt.Appendf(append(h.buf, 'x'), "%T %v;", v, v)
	}
	_, _ = h.hash.Write(h.buf) // a hash never fails
}

// rows adds every column of every row of q.
func (h *summer) rows(ctx context.Context, tx *sql.Tx, q string) error {
	rows, err := tx.QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for _, v := range values {
			h.add(v)
		}
	}
	return rows.Err()
}
