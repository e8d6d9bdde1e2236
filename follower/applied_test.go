package follower

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitReturnsOnceItsBatchIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Applied
		ended := make(chan uint64, 4)
		for _, batch := range []uint64{2, 3, 3, 7} {
			go func() {
				if err := a.Wait(t.Context(), batch); err != nil || a.Load() < batch {
					t.Errorf("wait for batch %d at %d: %v", batch, a.Load(), err)
				}
				ended <- batch
			}()
		}
		synctest.Wait()
		for _, step := range []struct {
			told uint64
			want int // ended by then
		}{{1, 0}, {2, 1}, {6, 3}, {8, 4}} {
			a.Tell(step.told)
			synctest.Wait()
			if len(ended) != step.want || a.Load() != step.told {
				t.Errorf("told of batch %d: %d waits ended, want %d; it is at %d", step.told, len(ended), step.want, a.Load())
			}
		}
		if len(a.waiting) > 0 {
			t.Errorf("%d wait for ever", len(a.waiting))
		}
	})
}

func TestAWaitThatIsGivenUpIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Applied
		given, stop := context.WithCancel(t.Context())
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ended := make(chan error, 3)
		go func() { ended <- a.Wait(given, 5) }()
		synctest.Wait()
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		go func() { ended <- a.Wait(late, 5) }()
		go func() { ended <- a.Wait(t.Context(), 5) }()
		if err := <-ended; !errors.Is(err, context.DeadlineExceeded) || len(a.waiting) != 1 {
			t.Errorf("too late: %v, %d wait", err, len(a.waiting))
		}
		a.Tell(5)
		if err := <-ended; err != nil || len(a.waiting) != 0 {
			t.Errorf("the one who stayed: %v, %d wait", err, len(a.waiting))
		}
		if err := a.Wait(given, 5); err != nil {
			t.Errorf("what is there needs no waiting: %v", err)
		}
	})
}

// Nobody is left behind, whenever waits begin and are given up.
func TestManyWaitWhileBatchesAreTold(t *testing.T) {
	const batches = 500
	var a Applied
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := uint64(1); n <= batches; n++ {
				ctx, stop := context.WithCancel(t.Context())
				if i%2 == 0 && n%3 == 0 {
					stop()
				}
				if err := a.Wait(ctx, n); err != nil && ctx.Err() == nil || err == nil && a.Load() < n {
					t.Errorf("wait for batch %d at %d: %v", n, a.Load(), err)
				}
				stop()
			}
		})
	}
	for n := uint64(1); n <= batches; n++ {
		a.Tell(n)
	}
	all.Wait()
	if len(a.waiting) != 0 {
		t.Errorf("%d wait for ever", len(a.waiting))
	}
}
