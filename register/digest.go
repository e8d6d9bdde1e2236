package register

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
)

// Digest returns the SHA-256, in hexadecimal, over every table that the journal
// makes, row by row in a fixed order. Two stores that applied the same batches have
// the same, however often they were closed in between.
func (s *Store) Digest(ctx context.Context) (string, error) {
	h := summer{hash: sha256.New()}
	err := s.file.reading(ctx, func(tx *sql.Tx) error {
		for _, q := range [...]string{
			"SELECT * FROM city",
			"SELECT * FROM cases ORDER BY number",
			"SELECT * FROM line ORDER BY batch, idx",
			"SELECT * FROM evidence ORDER BY sha256, number",
			"SELECT * FROM act ORDER BY batch, idx",
			"SELECT * FROM again ORDER BY batch, idx",
			"SELECT * FROM shift ORDER BY department, number",
			"SELECT * FROM department ORDER BY id",
			"SELECT * FROM person ORDER BY id",
			"SELECT * FROM login ORDER BY login",
			"SELECT * FROM session ORDER BY id",
			"SELECT * FROM audit ORDER BY number",
			"SELECT * FROM held ORDER BY batch, idx",
			"SELECT * FROM count ORDER BY name",
		} {
			if err := h.rows(ctx, tx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("add up the register: %w", err)
	}
	return hex.EncodeToString(h.hash.Sum(nil)), nil
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

// rows adds every column of every row of q, which it begins with.
func (h *summer) rows(ctx context.Context, tx *sql.Tx, q string) error {
	h.add(q)
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
