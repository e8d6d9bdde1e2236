package follower

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Applied is the number of the newest batch that a follower has taken in, and those
// who wait for one. The zero value is a follower of no batch yet. Its methods may be
// called from several goroutines; one of them tells.
type Applied struct {
	batch atomic.Uint64

	mu      sync.Mutex
	waiting []waiter
}

type waiter struct {
	batch uint64
	done  chan struct{}
}

// Load returns the number. It takes no lock.
func (a *Applied) Load() uint64 { return a.batch.Load() }

// Tell moves the number to batch and wakes those who wait for it.
func (a *Applied) Tell(batch uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.batch.Store(batch)
	a.waiting = slices.DeleteFunc(a.waiting, func(w waiter) bool {
		if w.batch > batch {
			return false
		}
		w.done <- struct{}{}
		return true
	})
}

// Wait returns once Tell has named batch or a later one, or with ctx's error.
func (a *Applied) Wait(ctx context.Context, batch uint64) error {
	a.mu.Lock()
	if a.Load() >= batch {
		a.mu.Unlock()
		return nil
	}
	w := waiter{batch, make(chan struct{}, 1)}
	a.waiting = append(a.waiting, w)
	a.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = slices.DeleteFunc(a.waiting, func(x waiter) bool { return x.done == w.done })
	return ctx.Err()
}
