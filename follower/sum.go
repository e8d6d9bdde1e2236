package follower

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
)

// A Sum is a SHA-256 over values, made so that no two lists of values look alike.
// Followers say by it that a rebuild is equal to the bit.
type Sum struct {
	hash hash.Hash
	buf  []byte
}

// NewSum returns a Sum over nothing.
func NewSum() *Sum { return &Sum{hash: sha256.New()} }

// Add adds a value. An int64, a string, and bytes, which count as a string does, are
// added whole; any other value with its type, as fmt prints it.
func (s *Sum) Add(v any) {
	s.buf = s.buf[:0]
	switch v := v.(type) {
	case int64:
		s.buf = binary.BigEndian.AppendUint64(append(s.buf, 'i'), uint64(v))
	case string:
		s.buf = append(binary.AppendUvarint(append(s.buf, 's'), uint64(len(v))), v...)
	case []byte:
		s.buf = append(binary.AppendUvarint(append(s.buf, 's'), uint64(len(v))), v...)
	default:
		s.buf = fmt.Appendf(append(s.buf, 'x'), "%T %v;", v, v)
	}
	_, _ = s.hash.Write(s.buf) // a hash never fails
}

// Rows adds every column of every row of q, which says their order.
func (s *Sum) Rows(ctx context.Context, db Querier, q string) error {
	rows, err := db.QueryContext(ctx, q)
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
			s.Add(v)
		}
	}
	return rows.Err()
}

// SHA256 returns the hash over all that was added so far.
func (s *Sum) SHA256() (sum [sha256.Size]byte) {
	s.hash.Sum(sum[:0])
	return sum
}
