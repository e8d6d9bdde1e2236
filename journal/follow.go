package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"rasad/entry"
)

const (
	ringBytes = 8 << 20 // of batches kept decoded, counted as they are on the wire
	ringMost  = 4096    // batches
	ringTurn  = 64      // batches that a follower takes at a time
)

// A place is a point in the chain, and where its segment goes on behind it.
type place struct {
	tip
	first  uint64 // names the segment; 0: not known
	offset int64
}

// A recent is a batch that was just made durable.
type recent struct {
	batch entry.Batch
	end   place
	bytes int
}

// A ring holds the newest batches, decoded, without a gap.
type ring struct {
	list  []recent
	bytes int
}

func (r *ring) add(b recent) {
	r.list = append(r.list, b)
	r.bytes += b.bytes
	drop := 0
	for drop < len(r.list)-1 && (r.bytes > ringBytes || len(r.list)-drop > ringMost) {
		r.bytes -= r.list[drop].bytes
		drop++
	}
	clear(r.list[:drop])
	r.list = r.list[drop:]
}

// after returns some of the batches behind number, or none where the ring does
// not reach back so far.
func (r *ring) after(number uint64) []recent {
	if len(r.list) == 0 || number < r.list[0].batch.Number-1 || number >= r.list[len(r.list)-1].batch.Number {
		return nil
	}
	from := int(number + 1 - r.list[0].batch.Number)
	return slices.Clone(r.list[from:min(len(r.list), from+ringTurn)])
}

// Follow calls apply for each batch behind the one numbered from, in order, as it
// becomes durable; 0 is the very start. Where kinds are given, entries of other
// kinds are nil in their places. Batches are shared: apply must not change them,
// and no other call of it runs meanwhile. Follow ends with ctx's error, with
// apply's own, with ErrClosed, or with a *BrokenError where the chain has a gap
// or a damaged batch; it never passes one over.
func (j *Journal) Follow(ctx context.Context, from uint64, apply func(entry.Batch) error, kinds ...entry.Kind) error {
	f := follower{j: j, at: place{tip: tip{number: from, known: from == 0}}, apply: apply, kinds: kinds}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		j.mu.Lock()
		head, changed, closed := j.tip.number, j.changed, j.closing
		got := j.ring.after(f.at.number)
		j.mu.Unlock()
		var err error
		switch {
		case closed:
			return ErrClosed
		case f.at.number > head:
			return fmt.Errorf("follow journal from batch %d: its newest is %d", f.at.number, head)
		case f.at.number == head:
			select {
			case <-ctx.Done():
			case <-changed:
			}
		case len(got) > 0:
			err = f.fromRing(ctx, got)
		default:
			err = f.fromFiles(ctx, head)
		}
		if err != nil {
			return err
		}
	}
}

// A follower is one call of Follow.
type follower struct {
	j     *Journal
	at    place // behind the newest batch that was applied
	apply func(entry.Batch) error
	kinds []entry.Kind
}

func (f *follower) fromRing(ctx context.Context, got []recent) error {
	for _, b := range got {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.apply(f.only(b.batch)); err != nil {
			return err
		}
		f.at = b.end
	}
	return nil
}

// only returns b with the entries of the wanted kinds.
func (f *follower) only(b entry.Batch) entry.Batch {
	unwanted := func(e entry.Entry) bool { return !slices.Contains(f.kinds, e.Kind()) }
	if len(f.kinds) == 0 || !slices.ContainsFunc(b.Entries, unwanted) {
		return b
	}
	b.Entries = slices.Clone(b.Entries)
	for i, e := range b.Entries {
		if unwanted(e) {
			b.Entries[i] = nil
		}
	}
	return b
}

// fromFiles goes through the segments up to the batch head.
func (f *follower) fromFiles(ctx context.Context, head uint64) error {
	dir := f.j.cfg.Dir
	segs, err := list(dir)
	if err != nil {
		return fmt.Errorf("follow journal: %w", err)
	}
	i := holding(segs, f.at.number+1)
	if i < 0 {
		return missing(dir, f.at.number+1)
	}
	for _, s := range segs[i:] {
		if f.at.number >= head {
			return nil
		}
		if f.at.first != s.first { // else it goes on within s
			if s.first > f.at.number+1 {
				return broken(dir, s, 0, f.at.number+1, fmt.Errorf("batches %d to %d are missing before it", f.at.number+1, s.first-1))
			}
			f.at.first, f.at.offset = s.first, 0
		}
		if err := f.fromSegment(ctx, dir, s, head); err != nil {
			return err
		}
	}
	if f.at.number < head {
		return missing(dir, f.at.number+1)
	}
	return nil
}

func missing(dir string, number uint64) error {
	return &BrokenError{Segment: dir, Batch: number, Cause: errors.New("no segment holds this batch"), final: true}
}

func (f *follower) fromSegment(ctx context.Context, dir string, s segment, head uint64) error {
	src, err := read(dir, s)
	if err != nil {
		return fmt.Errorf("follow journal: %w", err)
	}
	defer func() { _ = src.Close() }()
	join := f.at.tip
	if f.at.offset == 0 && s.first <= join.number { // a start within the segment: read up to it
		join = tip{number: s.first - 1, known: s.first == 1}
	}
	in := scan(filepath.Join(dir, s.name()), src, join)
	if err := in.leap(f.at.offset); err != nil {
		return err
	}
	for f.at.number < head {
		if err := ctx.Err(); err != nil {
			return err
		}
		w, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if w.Number <= f.at.number {
			continue
		}
		b := entry.Batch{Number: w.Number, At: w.At}
		if b.Entries, err = entry.Read(w.Header, w.body, f.kinds...); err != nil {
			return &BrokenError{Segment: in.path, Offset: w.offset, Batch: w.Number, Cause: err, final: true}
		}
		if err := f.apply(b); err != nil {
			return err
		}
		f.at = place{tip: in.tip, first: s.first, offset: in.offset}
	}
	return nil
}
