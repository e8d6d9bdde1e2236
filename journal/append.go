package journal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rasad/city"
	"rasad/entry"
)

// A request is one Append on its way.
type request struct {
	body    []byte        // its lines
	entries []entry.Entry // as a reader of the lines gets them
	act     bool
	taken   bool        // the writer has it; guarded by Journal.mu
	done    chan answer // holds one
}

type answer struct {
	first entry.Position
	err   error
}

// Append makes entries durable and returns where the first of them stands; entry
// i stands at {first.Batch, first.Index+i}. All of them get into one batch, which
// they may share with others, so together they must fit MaxBody: else the error
// wraps ErrInvalid, as it does for an entry that the wire cannot hold. It wraps
// ErrBusy where nothing was kept and the same may be sent again later: too little
// space, a disk that fails, the journal closed. When ctx ends before the batch
// was sealed, nothing is kept and the error is ctx's; after that, Append waits.
// The entries must not be changed afterwards.
func (j *Journal) Append(ctx context.Context, entries []entry.Entry) (first entry.Position, err error) {
	return j.append(ctx, entries, false)
}

// AppendAct is Append for acts of people, which get in a little longer than
// readings when space runs out.
func (j *Journal) AppendAct(ctx context.Context, entries []entry.Entry) (first entry.Position, err error) {
	return j.append(ctx, entries, true)
}

func (j *Journal) append(ctx context.Context, entries []entry.Entry, act bool) (entry.Position, error) {
	r, err := newRequest(entries, act)
	if err != nil {
		return entry.Position{}, fmt.Errorf("append to journal: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return entry.Position{}, err
	}
	if err := j.enqueue(r); err != nil {
		return entry.Position{}, fmt.Errorf("append to journal: %w", err)
	}
	var got answer
	select {
	case got = <-r.done:
	case <-ctx.Done():
		if j.withdraw(r) {
			return entry.Position{}, ctx.Err()
		}
		got = <-r.done
	}
	if got.err != nil {
		return entry.Position{}, fmt.Errorf("append to journal: %w", got.err)
	}
	return got.first, nil
}

// newRequest encodes the entries, in the goroutine of the one who appends.
func newRequest(entries []entry.Entry, act bool) (*request, error) {
	if len(entries) == 0 {
		return nil, fmt.Errorf("%w entries: there are none", city.ErrInvalid)
	}
	r := &request{
		body:    make([]byte, 0, 160*len(entries)), // a late reading of a long name fits
		entries: make([]entry.Entry, len(entries)),
		act:     act,
		done:    make(chan answer, 1),
	}
	var err error
	for i, e := range entries {
		if r.body, r.entries[i], err = entry.Encode(r.body, e); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		if len(r.body) > entry.MaxBody {
			return nil, fmt.Errorf("%w entries: together more than %d bytes", city.ErrInvalid, entry.MaxBody)
		}
	}
	return r, nil
}

func (j *Journal) enqueue(r *request) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closing {
		return ErrClosed
	}
	if j.queued > 0 && j.queued+len(r.body) > j.cfg.queue {
		return fmt.Errorf("%w: %d bytes are waiting for the disk", city.ErrBusy, j.queued)
	}
	j.queue = append(j.queue, r)
	j.queued += len(r.body)
	j.arrived.Signal()
	return nil
}

// withdraw takes r out of the queue again, where the writer does not have it yet.
func (j *Journal) withdraw(r *request) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.taken {
		return false
	}
	j.queue = slices.DeleteFunc(j.queue, func(q *request) bool { return q == r })
	j.queued -= len(r.body)
	return true
}

// run writes one batch after the other: what was queued while the last one became
// durable is the next. It ends when the journal closes and nothing is queued.
func (j *Journal) run() {
	defer close(j.stopped)
	for {
		j.mu.Lock()
		for len(j.queue) == 0 && !j.closing {
			j.arrived.Wait()
		}
		done := len(j.queue) == 0
		j.mu.Unlock()
		if done {
			return
		}
		j.step()
	}
}

// step writes one batch of what is queued.
func (j *Journal) step() {
	space := j.cfg.room()
	j.mu.Lock()
	was := j.gates
	j.gates = j.gates.after(space)
	gates := j.gates
	group := j.take()
	j.mu.Unlock()
	if gates != was {
		j.cfg.Log.Warn("free space crossed a floor", "dir", space.dir, "free_bytes", space.free, "floor_bytes", space.floor,
			"refuses_readings", gates.readings.low, "refuses_acts", gates.acts.low)
	}
	group = slices.DeleteFunc(group, func(r *request) bool {
		if gates.shut(r.act) {
			r.done <- answer{err: fmt.Errorf("%w: %s", city.ErrBusy, space)}
			return true
		}
		return false
	})
	if len(group) == 0 {
		return
	}
	segment := j.writer.seg
	began := time.Now()
	done, err := j.writer.commit(group)
	if err != nil {
		err = fmt.Errorf("%w: %w", city.ErrBusy, err)
	}
	j.publish(done, time.Since(began), err)
	at := entry.Position{Batch: done.batch.Number}
	for _, r := range group {
		r.done <- answer{at, err}
		at.Index += uint32(len(r.entries))
	}
	if j.writer.seg != segment {
		j.packer.wake()
	}
}

// publish makes a commit known: from here on followers see the batch.
func (j *Journal) publish(done recent, took time.Duration, err error) {
	j.mu.Lock()
	was := j.failure
	j.failure = err
	if err == nil {
		j.tip = done.end.tip
		j.ring.add(done)
		j.stats.add(done, took)
		j.tell()
	}
	j.mu.Unlock()
	switch {
	case err != nil && was == nil:
		j.cfg.Log.Error("journal refuses", "err", err)
	case err == nil && was != nil:
		j.cfg.Log.Info("journal accepts again", "batch", done.batch.Number)
	}
}

// tell wakes everyone who waits for the next batch. The caller holds mu.
func (j *Journal) tell() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// take returns the requests of the next batch, in the order of their coming: as
// many as fit groupBytes, but at least one. The caller holds mu.
func (j *Journal) take() []*request {
	n, size := 0, 0
	for n < len(j.queue) && (n == 0 || size+len(j.queue[n].body) <= groupBytes) {
		size += len(j.queue[n].body)
		j.queue[n].taken = true
		n++
	}
	group := slices.Clone(j.queue[:n])
	j.queue = slices.Delete(j.queue, 0, n)
	j.queued -= size
	return group
}
