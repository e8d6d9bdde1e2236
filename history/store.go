package history

import (
	"context"
	"errors"
	"fmt"

	"rasad/days"
)

// storeAll writes what changed, in order.
func (w *Writer) storeAll(ctx context.Context, changed []days.Row) error {
	batch := make([]Row, 0, writeRows)
	add := func(r Row) error {
		batch = append(batch, r)
		if len(batch) < writeRows {
			return nil
		}
		err := w.store(ctx, batch)
		batch = batch[:0]
		return err
	}
	for i := range changed {
		d := &changed[i]
		for j := range d.Kept {
			k := &d.Kept[j]
			n := k.Revision
			if k.Event != nil {
				n = k.Ordinal
			}
			if err := add(RawRow(d.Source, &k.Raw, int64(n))); err != nil {
				return err
			}
		}
		for j := range d.Cells {
			if err := add(CellRow(d.Source, &d.Cells[j])); err != nil {
				return err
			}
		}
	}
	return w.store(ctx, batch)
}

// store writes rows, and parks those that the store never takes.
func (w *Writer) store(ctx context.Context, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	return w.try(ctx, rows, &sorting{left: sortWrites})
}

// sorting bounds the search for rejected rows.
type sorting struct{ left int }

// try writes rows; where some are rejected, or all are too large at once, it writes
// halves, until single rows remain: only these are parked. What a store says about
// how many it dropped is not trusted.
func (w *Writer) try(ctx context.Context, rows []Row, s *sorting) error {
	err := w.cfg.Rows.Write(ctx, rows)
	if err == nil {
		w.wrote(len(rows))
		return nil
	}
	refusal, ok := errors.AsType[*RefusalError](err)
	if !ok || refusal.Trouble == Away || refusal.Trouble == Credentials {
		return fmt.Errorf("write rows: %w", err)
	}
	if refusal.Trouble == Rejected {
		s.left--
	}
	if len(rows) == 1 || refusal.Trouble == Rejected && s.left <= 0 {
		return w.park(rows, refusal)
	}
	half := len(rows) / 2
	if err := w.try(ctx, rows[:half], s); err != nil {
		return err
	}
	return w.try(ctx, rows[half:], s)
}

// park keeps rows in the file of parked rows. More than one row means that they
// could not be told apart within sortWrites: some of them are stored.
func (w *Writer) park(rows []Row, r *RefusalError) error {
	reason := r.Reason
	if len(rows) > 1 {
		reason = "not told apart: " + reason
	}
	if err := w.parked.add(rows, reason); err != nil {
		return fmt.Errorf("park rows: %w", err)
	}
	return nil
}
