package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"rasad/days"
)

// Changes is the part of days that a Writer follows.
type Changes interface {
	// Since returns what changed after a batch, in whole batches, and how far.
	Since(ctx context.Context, after uint64, limit int) ([]days.Row, uint64, error)
	// Committed returns the newest batch that Since knows.
	Committed() uint64
	// News holds a token when there may be more; this writer is the only one to take it.
	News() <-chan struct{}
}

// A WriterConfig says what a Writer follows and where it writes.
type WriterConfig struct {
	Days Changes
	Rows Rows
	// Parked is the file for rows that the store never takes; its folder exists.
	Parked string
	// Changed is called, from Run, when the store comes or goes or its trouble is
	// another one; nil: nobody is told.
	Changed func(State)
}

// The writer's pace.
const (
	bite         = 1024 // source-days taken from days at once, about
	writeRows    = 5000 // rows in one write, at most
	sortWrites   = 256  // writes to find the rejected ones among writeRows rows
	saveInterval = time.Second
	lookInterval = 10 * time.Second // without news: only where a token was lost
	firstPause   = time.Second
	lastPause    = time.Minute
	stopTime     = 3 * time.Second // for the last mark
)

// A Writer follows days and writes what changed to a store, in order, from its own
// position, which the store keeps. It holds nothing back in memory: while the
// store is away it only remembers where it stands.
type Writer struct {
	cfg    WriterConfig
	parked *parked

	// Run's own.
	pos     uint64 // all rows up to this batch are written
	saved   Mark
	savedAt time.Time
	started bool // the store's mark was read once
	hour    hour
	pauses  int // troubles since the last success

	mu    sync.Mutex
	state State
}

// NewWriter returns a writer. It reads the rows that were parked before.
func NewWriter(cfg WriterConfig) (*Writer, error) {
	p, err := openParked(cfg.Parked)
	if err != nil {
		return nil, fmt.Errorf("open parked rows: %w", err)
	}
	return &Writer{cfg: cfg, parked: p, state: State{Since: time.Now(), Words: "not asked yet"}}, nil
}

// Run writes until ctx ends, and saves its mark before it returns nil. A store that
// is away, at the start or in between, is asked again after a pause that grows to a
// minute, or that the store itself asks for.
func (w *Writer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := w.follow(ctx)
		if ctx.Err() == nil {
			w.trouble(err)
			sleep(ctx, w.pause(err))
		}
	}
	w.finish(ctx)
	return nil
}

// follow writes until something fails.
func (w *Writer) follow(ctx context.Context) error {
	if err := w.start(ctx); err != nil {
		return err
	}
	for {
		rows, upTo, err := w.cfg.Days.Since(ctx, w.pos, bite)
		if err != nil {
			return fmt.Errorf("read days: %w", err)
		}
		if err := w.storeAll(ctx, rows); err != nil {
			return err
		}
		moved := upTo > w.pos
		w.pos = max(w.pos, upTo)
		w.hour.note(time.Now(), w.pos)
		w.fine()
		if w.pos != w.saved.Pos && time.Since(w.savedAt) >= saveInterval {
			if err := w.saveOver(ctx); err != nil {
				return err
			}
		}
		if !moved && !w.wait(ctx) {
			return ctx.Err()
		}
	}
}

// start reads the store's mark and decides where to go on: at the mark, or, after a
// stop out of order or where the store knows less than it was told, an hour of work
// earlier. What was written since is written again: equal rows are harmless.
func (w *Writer) start(ctx context.Context) error {
	mark, err := w.cfg.Rows.Position(ctx)
	if err != nil {
		return fmt.Errorf("read position: %w", err)
	}
	if w.started && mark.Pos >= w.saved.Pos {
		w.pos = min(w.pos, mark.Pos)
		return nil
	}
	return w.goOnFrom(ctx, mark)
}

func (w *Writer) goOnFrom(ctx context.Context, mark Mark) error {
	w.pos = mark.Pos
	if !mark.Clean {
		w.pos = mark.Earlier
	}
	w.started = true
	w.saved = mark
	w.hour = newHour(time.Now(), min(mark.Earlier, w.pos))
	return w.save(ctx, false)
}

// saveOver saves the mark over the one that should be there. Where an older one is,
// the store was emptied or restored without a word: it is written again from there.
func (w *Writer) saveOver(ctx context.Context) error {
	mark, err := w.cfg.Rows.Position(ctx)
	if err != nil {
		return fmt.Errorf("read position: %w", err)
	}
	if mark.Pos < w.saved.Pos {
		return w.goOnFrom(ctx, mark)
	}
	return w.save(ctx, false)
}

// wait returns when there may be more to write or the mark is due, and false when
// ctx ended.
func (w *Writer) wait(ctx context.Context) bool {
	next := lookInterval
	if w.pos != w.saved.Pos {
		next = max(saveInterval-time.Since(w.savedAt), 0)
	}
	timer := time.NewTimer(next)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-w.cfg.Days.News():
	case <-timer.C:
	}
	return true
}

func (w *Writer) save(ctx context.Context, clean bool) error {
	m := Mark{w.pos, min(w.hour.earlier(), w.pos), clean}
	if err := w.cfg.Rows.SavePosition(ctx, m); err != nil {
		return fmt.Errorf("save position: %w", err)
	}
	w.saved, w.savedAt = m, time.Now()
	return nil
}

// finish saves the last mark, where the store is there: it vouches for all before.
func (w *Writer) finish(ctx context.Context) {
	if !w.started || w.pauses > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := w.save(ctx, true); err != nil {
		w.trouble(err)
	}
}

// pause returns how long to wait after err: as long as the store asks for, else
// twice as long as before, between half and all of it by chance.
func (w *Writer) pause(err error) time.Duration {
	p := min(firstPause<<min(w.pauses, 10), lastPause)
	w.pauses++
	if r, ok := errors.AsType[*RefusalError](err); ok && r.RetryAfter > 0 {
		return min(r.RetryAfter+rand.N(time.Second), lastPause)
	}
	return p/2 + rand.N(p/2)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// An hour remembers, minute by minute, where the writer stood.
type hour struct{ marks []minuteMark }

type minuteMark struct {
	at  time.Time
	pos uint64
}

func newHour(now time.Time, pos uint64) hour { return hour{[]minuteMark{{now, pos}}} }

// note remembers pos once a minute, and forgets what is older than needed.
func (h *hour) note(now time.Time, pos uint64) {
	if now.Sub(h.marks[len(h.marks)-1].at) < time.Minute {
		return
	}
	h.marks = append(h.marks, minuteMark{now, pos})
	for len(h.marks) > 1 && now.Sub(h.marks[1].at) >= time.Hour {
		h.marks = h.marks[1:]
	}
}

// earlier returns where the writer stood an hour ago, or at its start.
func (h *hour) earlier() uint64 { return h.marks[0].pos }
