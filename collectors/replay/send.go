package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"rasad/city"
	"rasad/entry"
)

const (
	// MaxBatch bounds how many items Send hands over at once.
	MaxBatch = 2000
	// MaxItems bounds what Load keeps in memory.
	MaxItems = 5_000_000
)

// A Tally counts what was in files.
type Tally struct {
	Rows  int // that could be read
	Empty int // of them, those that said nothing
	Bad   int // that could not be used
	Items int
}

// Load reads a file whole. Each bad row is handed to report, which may be nil. It
// returns an error where the file had to be given up; see Rows.
func (m *Mapping) Load(name string, r io.Reader, report func(error)) ([]entry.Item, Tally, error) {
	var items []entry.Item
	var t Tally
	for row, err := range m.Rows(name, r) {
		switch bad := (*RowError)(nil); {
		case errors.As(err, &bad):
			t.Bad++
			if report != nil {
				report(err)
			}
			continue
		case err != nil:
			return items, t, err
		}
		t.Rows++
		if len(row.Items) == 0 {
			t.Empty++
		}
		t.Items += len(row.Items)
		if t.Items > MaxItems {
			return items, t, fmt.Errorf("%w file %s: more than %d readings: cut it into parts", city.ErrInvalid, name, MaxItems)
		}
		items = append(items, row.Items...)
	}
	return items, t, nil
}

// A Sink takes items over; item i was sent at sent[i]. A nil error means that
// they are safe.
type Sink = func(ctx context.Context, items []entry.Item, sent []city.Moment) error

// Send plays items as their sources would have sent them: in the order of the
// time at which they ended, at most MaxBatch at once. It sorts items. wait returns
// when the clock has reached a moment; nil plays as fast as the sink takes it.
func Send(ctx context.Context, items []entry.Item, wait func(context.Context, city.Moment) error, sink Sink) error {
	slices.SortStableFunc(items, func(a, b entry.Item) int { return cmp.Compare(a.To, b.To) })
	for len(items) > 0 {
		n := min(len(items), MaxBatch)
		if wait != nil { // what ends later is sent later
			if err := wait(ctx, items[0].To); err != nil {
				return err
			}
			for n > 1 && items[n-1].To != items[0].To {
				n--
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		sent := make([]city.Moment, n)
		for i := range sent {
			sent[i] = items[i].To
		}
		if err := sink(ctx, items[:n:n], sent); err != nil {
			return fmt.Errorf("replay %v to %v: %w", items[0].From, items[n-1].To, err)
		}
		items = items[n:]
	}
	return nil
}
