package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
)

// Whatever is sent, in whatever pieces: each distinct identity is accepted once,
// and a second sending changes nothing.
func TestSendingEverythingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t)
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) entry.Item {
			if rapid.Bool().Draw(t, "event") {
				return event(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"), rapid.SampledFrom([]string{"", "x"}).Draw(t, "state"), noon)
			}
			return slot(-rapid.IntRange(0, 3).Draw(t, "slot"), rapid.SampledFrom([]string{"1", "2"}).Draw(t, "value"))
		}), 0, 30).Draw(rt, "items")
		first := map[entry.Identity]entry.Item{}
		for _, it := range items {
			id := entry.Identity{Source: city.SourceID(it.Source), At: it.From}
			if it.Event != nil {
				id = entry.Identity{ID: it.ID, State: it.Event.State}
			}
			if _, seen := first[id]; !seen {
				first[id] = it
			}
		}
		accepted := 0
		for rest := items; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "n")
			accepted += d.send(t, who, rest[:n]...).Accepted
			rest = rest[n:]
		}
		if accepted != len(first) {
			rt.Fatalf("%d accepted, %d identities", accepted, len(first))
		}
		for _, it := range first {
			if a := d.send(t, who, it); a.Duplicates != 1 {
				rt.Fatalf("first of its identity again: %+v", a)
			}
		}
	})
}

func BenchmarkAccept(b *testing.B) {
	c := testCity(b, "Asia/Tehran")
	g := collectors.New(collectors.Config{
		City:     func() *city.City { return c },
		Standing: func(entry.Entry) (entry.Standing, entry.Position, error) { return entry.New, entry.Position{}, nil },
		Append:   func(context.Context, []entry.Entry) (entry.Position, error) { return entry.Position{Batch: 1}, nil },
		Now:      noon.Time, Log: slog.New(slog.DiscardHandler),
	})
	items := make([]entry.Item, 5000)
	for i := range items {
		items[i] = slot(-i, "12")
	}
	b.ReportAllocs()
	for b.Loop() {
		if a, err := g.Accept(b.Context(), who, items); err != nil || a.Accepted != len(items) {
			b.Fatal(a, err)
		}
	}
	b.ReportMetric(float64(len(items))*float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}

func TestManySendersAtOnceAreJudgedApart(t *testing.T) {
	d := newDesk(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				d.send(t, collectors.Who{ID: fmt.Sprint(i)}, slot(-n, fmt.Sprint(i)), state("nowhere", "1", noon))
			}
		})
	}
	wg.Wait()
	held := map[string]int{}
	for _, b := range d.batches {
		for _, e := range b {
			if q, ok := e.(*entry.Quarantined); ok && q.Reason == "unknown_source" {
				held[q.By]++
			}
		}
	}
	for i := range 8 {
		if held[fmt.Sprint(i)] != 50 {
			t.Errorf("quarantined by sender: %v, want 50 each", held)
			break
		}
	}
}

func TestRunStoresTheCountersWhenTheMinuteTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		start := time.Now()
		d.Gate = collectors.New(collectors.Config{
			City: func() *city.City { return d.city }, Standing: d.standing, Append: d.append,
			Now: func() time.Time { return noon.Time().Add(time.Since(start)) }, Log: slog.New(slog.DiscardHandler),
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- d.Run(ctx) }()
		overflow(t, d, 7)
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if got := d.counters(); len(got) != 0 {
			t.Errorf("before the minute turned: %v", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := d.counters(); got["t1 unknown_source "+noon.String()] != 7 {
			t.Errorf("after it turned: %v", got)
		}
		overflow(t, d, 3)
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
		if got := d.counters(); got["t1 unknown_source "+(noon+60).String()] != 3 {
			t.Errorf("after a clean stop: %v", got)
		}
	})
}
