package collectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// The pause before a collector is started again, by default.
const (
	MinPause = time.Second
	MaxPause = time.Minute
)

// A Supervisor runs collectors and starts them again after faults. Each runs in
// the goroutine of its caller, so one that hangs or fails holds up no other.
type Supervisor struct {
	log      *slog.Logger
	min, max time.Duration

	mu    sync.Mutex
	stats map[string]*Stats
}

// Stats says how one collector has fared.
type Stats struct {
	Name    string
	Starts  int64
	Faults  int64         // returns with an error, and panics
	Running bool          // false while it pauses, and after its end
	Since   time.Time     // of the running start, or of the last end
	Ran     time.Duration // in all, without the running start
	Last    string        // the last fault, "" for none
}

// NewSupervisor returns a Supervisor whose pauses lie between shortest and
// longest; zero means MinPause and MaxPause.
func NewSupervisor(log *slog.Logger, shortest, longest time.Duration) *Supervisor {
	shortest = cmp.Or(shortest, MinPause)
	return &Supervisor{log: log, min: shortest, max: max(cmp.Or(longest, MaxPause), shortest), stats: map[string]*Stats{}}
}

// Run runs the collector name until ctx is done, and returns ctx.Err() when run
// has returned; a run that returns nil has done its work, and Run returns nil. An
// error or a panic is a fault: run is started again after a pause that doubles
// from fault to fault, with jitter, and starts over once a run lasted longer than
// the longest pause.
func (s *Supervisor) Run(ctx context.Context, name string, run func(context.Context) error) error {
	pause := s.min
	for {
		start := s.started(name)
		err := s.once(ctx, name, run)
		if ctx.Err() != nil {
			s.ended(name, start, nil)
			return ctx.Err()
		}
		s.ended(name, start, err)
		if err == nil {
			return nil
		}
		if time.Since(start) > s.max {
			pause = s.min
		}
		pause = min(2*pause, s.max)
		wait := max(s.min, pause/2+rand.N(pause/2+1))
		s.log.Error("collector stopped", "collector", name, "err", err, "restart_in", wait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// once runs the collector once; a panic becomes an error, its stack is logged.
func (s *Supervisor) once(ctx context.Context, name string, run func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("collector panicked", "collector", name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("panic: " + clip(fmt.Sprint(p), maxText))
		}
	}()
	return run(ctx)
}

func (s *Supervisor) of(name string) *Stats {
	if s.stats[name] == nil {
		s.stats[name] = &Stats{Name: name}
	}
	return s.stats[name]
}

func (s *Supervisor) started(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.of(name)
	st.Starts++
	st.Running, st.Since = true, time.Now()
	return st.Since
}

func (s *Supervisor) ended(name string, start time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.of(name)
	st.Running, st.Since = false, time.Now()
	st.Ran += st.Since.Sub(start)
	if err != nil {
		st.Faults++
		st.Last = clip(err.Error(), maxText)
	}
}

// Stats returns how each collector has fared, in the order of their names.
func (s *Supervisor) Stats() []Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Stats, 0, len(s.stats))
	for _, st := range s.stats {
		all = append(all, *st)
	}
	slices.SortFunc(all, func(a, b Stats) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
