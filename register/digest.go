package register

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"

	"rasad/follower"
)

// Digest returns the SHA-256, in hexadecimal, over every table that the journal
// makes, row by row in a fixed order. Two stores that applied the same batches have
// the same, however often they were closed in between.
func (s *Store) Digest(ctx context.Context) (string, error) {
	h := follower.NewSum()
	err := follower.Reading(ctx, s.file.read, func(tx *sql.Tx) error {
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
			h.Add(q)
			if err := h.Rows(ctx, tx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("add up the register: %w", err)
	}
	sum := h.SHA256()
	return hex.EncodeToString(sum[:]), nil
}
