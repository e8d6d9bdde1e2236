package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/follower"
	"rasad/measure"
)

// hold keeps a quarantined entry until somebody rules on it, and afterwards.
func (f *fold) hold(e *entry.Quarantined) error {
	line, err := entry.Append(nil, e)
	if err != nil {
		return err
	}
	f.counts.Quarantined++
	f.counts.Waiting++
	return f.Exec(f.ctx, "INSERT INTO held (batch, idx, at, source, line, ruled, ruled_by, why, ruled_at) VALUES (?, ?, ?, ?, ?, '', '', '', 0)",
		f.pos.Batch, f.pos.Index, f.batch.At.UnixMilli(), e.Source, line)
}

// rule takes in what a person decided on a quarantined entry. The first ruling
// holds.
func (f *fold) rule(a *entry.Act) (verdict, error) {
	pos, err := entry.ParsePosition(a.On)
	if err != nil {
		return verdict{refused: measure.RefusedNotFound}, nil //nolint:nilerr // nothing is held there
	}
	ruled := ""
	known, err := f.One(f.ctx, "SELECT ruled FROM held WHERE batch = ? AND idx = ?", []any{pos.Batch, pos.Index}, []any{&ruled})
	switch {
	case err != nil:
		return verdict{}, err
	case !known:
		return verdict{refused: measure.RefusedNotFound}, nil
	case ruled != "":
		return verdict{refused: measure.RefusedAlready}, nil
	}
	f.counts.Waiting--
	return verdict{}, f.Exec(f.ctx, "UPDATE held SET ruled = ?, ruled_by = ?, why = ?, ruled_at = ? WHERE batch = ? AND idx = ?",
		a.Do, a.By, a.Note, f.batch.At.UnixMilli(), pos.Batch, pos.Index)
}

const heldColumns = "batch, idx, at, line, ruled, ruled_by, why, ruled_at"

func scanHeld(scan func(...any) error) (Held, error) {
	var h Held
	var line []byte
	var at, ruledAt int64
	if err := scan(&h.Pos.Batch, &h.Pos.Index, &at, &line, &h.Ruled, &h.By, &h.Why, &ruledAt); err != nil {
		return h, err
	}
	h.At = time.UnixMilli(at).UTC()
	if ruledAt != 0 {
		h.RuledAt = time.UnixMilli(ruledAt).UTC()
	}
	e, err := entry.Parse(line)
	if err != nil {
		return h, err
	}
	q, ok := e.(*entry.Quarantined)
	if !ok {
		return h, fmt.Errorf("%w held entry %s: it is a %s", city.ErrInvalid, h.Pos, e.Kind())
	}
	h.Entry = *q
	return h, nil
}

// Quarantine returns quarantined entries that stand before the position before (all
// where it is zero), the newest first, at most limit; waiting leaves out those on
// which somebody has ruled.
func (s *Store) Quarantine(ctx context.Context, waiting bool, limit int, before entry.Position) ([]Held, error) {
	if before.IsZero() {
		before.Batch = 1<<63 - 1
	}
	only := ""
	if waiting {
		only = " AND ruled = ''"
	}
	var list []Held
	err := follower.Each(ctx, s.file.read, func(scan func(...any) error) error {
		h, err := scanHeld(scan)
		list = append(list, h)
		return err
	}, "SELECT "+heldColumns+" FROM held WHERE (batch, idx) < (?, ?)"+only+" ORDER BY batch DESC, idx DESC LIMIT ?", before.Batch, before.Index, limit)
	if err != nil {
		return nil, fmt.Errorf("read quarantine: %w", err)
	}
	return list, nil
}

// Held returns the quarantined entry at pos, or an error wrapping city.ErrNotFound.
func (s *Store) Held(ctx context.Context, pos entry.Position) (Held, error) {
	h, err := scanHeld(s.file.read.QueryRowContext(ctx, "SELECT "+heldColumns+" FROM held WHERE batch = ? AND idx = ?", pos.Batch, pos.Index).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = city.ErrNotFound
	}
	if err != nil {
		return Held{}, fmt.Errorf("read quarantined entry %s: %w", pos, err)
	}
	return h, nil
}

// QuarantineCounts returns how many quarantined entries wait for somebody, and how
// many of them came from which source, as it was sent.
func (s *Store) QuarantineCounts(ctx context.Context) (waiting int, bySource map[string]int, err error) {
	bySource = map[string]int{}
	err = follower.Each(ctx, s.file.read, func(scan func(...any) error) error {
		var source string
		var n int
		err := scan(&source, &n)
		bySource[source] = n
		waiting += n
		return err
	}, "SELECT source, count(*) FROM held WHERE ruled = '' GROUP BY source")
	if err != nil {
		return 0, nil, fmt.Errorf("count quarantine: %w", err)
	}
	return waiting, bySource, nil
}
