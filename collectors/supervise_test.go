package collectors_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rasad/collectors"
)

var errGate = errors.New("gate is off")

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestACollectorIsStartedAgainAfterDoublingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var starts []time.Time
		s := collectors.NewSupervisor(quiet(), 0, 0)
		err := s.Run(ctx, "gate", func(context.Context) error {
			starts = append(starts, time.Now())
			return errGate
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run = %v", err)
		}
		for i, bound := range []time.Duration{2, 4, 8, 16, 32, 60, 60, 60} {
			pause := starts[i+1].Sub(starts[i])
			if longest := bound * time.Second; pause < longest/2 || pause > longest || pause < time.Second {
				t.Errorf("pause %d is %v, want %v to %v", i+1, pause, longest/2, longest)
			}
		}
		if st := s.Stats()[0]; st.Name != "gate" || st.Starts != int64(len(starts)) || st.Faults != st.Starts || st.Last != "gate is off" || st.Running {
			t.Errorf("stats %+v, %d starts", st, len(starts))
		}
	})
}

func TestALongRunForgivesTheFaultsBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := collectors.NewSupervisor(quiet(), time.Second, 8*time.Second)
		var ended time.Time
		n := 0
		_ = s.Run(ctx, "gate", func(ctx context.Context) error {
			switch n++; n {
			case 6:
				<-time.After(9 * time.Second)
				ended = time.Now()
			case 7:
				if pause := time.Since(ended); pause > 2*time.Second {
					t.Errorf("pause after a long run: %v, want at most 2 s", pause)
				}
				cancel()
			}
			return errGate
		})
		if st := s.Stats()[0]; st.Ran != 9*time.Second || st.Starts != 7 || st.Faults != 6 {
			t.Errorf("stats %+v, want 9 s, 7 starts, 6 faults", st)
		}
	})
}

func TestAPanicIsAFaultLoggedOnceWithItsStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := collectors.NewSupervisor(slog.New(slog.NewTextHandler(&out, nil)), 0, 0)
		starts := 0
		var none map[string]int // nobody makes it
		err := s.Run(t.Context(), "gate", func(context.Context) error {
			if starts++; starts == 1 {
				none["x"] = 1
			}
			return nil
		})
		if err != nil || starts != 2 {
			t.Errorf("Run = %v after %d starts, want nil after 2", err, starts)
		}
		if n := strings.Count(out.String(), "stack="); n != 1 || !strings.Contains(out.String(), "supervise_test.go") {
			t.Errorf("%d stacks in the log:\n%s", n, out.String())
		}
		if st := s.Stats()[0]; st.Faults != 1 || !strings.Contains(st.Last, "nil map") {
			t.Errorf("stats %+v", st)
		}
	})
}

func TestAHungCollectorHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := collectors.NewSupervisor(quiet(), 0, 0)
		ended := make(chan string, 2)
		go func() {
			_ = s.Run(ctx, "hung", func(ctx context.Context) error { <-ctx.Done(); return nil })
			ended <- "hung"
		}()
		runs := 0
		go func() {
			_ = s.Run(ctx, "busy", func(context.Context) error { runs++; return errGate })
			ended <- "busy"
		}()
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := s.Stats(); !st[1].Running || st[1].Starts != 1 || runs < 60 {
			t.Errorf("stats %+v, %d runs of the other", st, runs)
		}
		cancel()
		<-ended
		<-ended
	})
}
