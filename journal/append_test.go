package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/entry"
)

func TestAppendsThatWaitForTheDiskShareTheNextBatch(t *testing.T) {
	c := config(t, true)
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		c.sync = func(f *os.File) error {
			if filepath.Dir(f.Name()) == c.Dir {
				<-gate
			}
			return datasync(f)
		}
		j, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		const n = 50
		var done sync.WaitGroup
		positions := make([]entry.Position, n)
		appendOne := func(i int) {
			done.Go(func() {
				var err error
				if positions[i], err = j.Append(t.Context(), []entry.Entry{visits(2 * i), visits(2*i + 1)}); err != nil {
					t.Errorf("append %d: %v", i, err)
				}
			})
			synctest.Wait()
		}
		for i := range n {
			appendOne(i)
		}
		if j.Head() != 0 {
			t.Errorf("head is %d before anything is durable", j.Head())
		}
		gate <- struct{}{}
		gate <- struct{}{}
		done.Wait()
		want := []entry.Position{{Batch: 1}}
		for i := range n - 1 {
			want = append(want, entry.Position{Batch: 2, Index: uint32(2 * i)})
		}
		if d := cmp.Diff(want, positions); d != "" {
			t.Errorf("positions (-want +got):\n%s", d)
		}
		if got := values(t, j); !slices.Equal(got, upTo(2*n)) {
			t.Errorf("entries are not in the order of the appends: %v", got)
		}
		if i := j.Info(); i.Commits.Batches != 2 || i.Commits.Entries != 2*n || i.Commits.Slower[len(i.Commits.Slower)-1].Count != 2 {
			t.Errorf("commits: %+v", i.Commits)
		}
		shut(t, j)
	})
}

func TestAGroupIsCutButAnAppendIsNot(t *testing.T) {
	c := config(t, false)
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		c.sync = func(*os.File) error { <-gate; return nil }
		j, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		large := func(n, size int) []entry.Entry {
			return []entry.Entry{&entry.Quarantined{Source: fmt.Sprint(n), Reason: "x", Item: []byte(`"` + strings.Repeat("a", size) + `"`)}}
		}
		var done sync.WaitGroup
		positions := make([]entry.Position, 6)
		for i, size := range []int{10, 100 << 10, 100 << 10, 100 << 10, 3 << 20, 10} {
			done.Go(func() {
				var err error
				if positions[i], err = j.Append(t.Context(), large(i, size)); err != nil {
					t.Errorf("append %d: %v", i, err)
				}
			})
			synctest.Wait()
		}
		for range 5 {
			gate <- struct{}{}
		}
		done.Wait()
		want := []entry.Position{{Batch: 1}, {Batch: 2}, {Batch: 2, Index: 1}, {Batch: 3}, {Batch: 4}, {Batch: 5}}
		if d := cmp.Diff(want, positions); d != "" {
			t.Errorf("positions (-want +got):\n%s", d)
		}
		shut(t, j)
	})
}

func TestAnAppendThatIsCalledOffBeforeItsBatchWasSealedIsNotWritten(t *testing.T) {
	c := config(t, false)
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		c.sync = func(*os.File) error { <-gate; return nil }
		j, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		var done sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		errs := make([]error, 3)
		for i := range errs { // 0 is being written, 1 waits and is called off, 2 waits
			ctx := ctx
			if i == 2 {
				ctx = t.Context()
			}
			done.Go(func() { _, errs[i] = j.Append(ctx, []entry.Entry{visits(i)}) })
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		gate <- struct{}{}
		gate <- struct{}{}
		done.Wait()
		if errs[0] != nil || !errors.Is(errs[1], context.Canceled) || errs[2] != nil {
			t.Errorf("errors: %v", errs)
		}
		if got := values(t, j); !slices.Equal(got, []int{0, 2}) {
			t.Errorf("values: %v, want 0 and 2", got)
		}
		if _, err := j.Append(ctx, []entry.Entry{visits(3)}); !errors.Is(err, context.Canceled) || j.Head() != 2 {
			t.Errorf("append with a context that has ended: %v, head %d", err, j.Head())
		}
		shut(t, j)
	})
}

func TestCloseWritesWhatIsQueuedAndThenRefuses(t *testing.T) {
	c := config(t, false)
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		c.sync = func(*os.File) error { <-gate; return nil }
		j, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		var done sync.WaitGroup
		for i := range 3 {
			done.Go(func() {
				if _, err := j.Append(t.Context(), []entry.Entry{visits(i)}); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		done.Go(func() {
			err := j.Follow(t.Context(), 0, func(entry.Batch) error { return nil })
			if !errors.Is(err, ErrClosed) {
				t.Errorf("follow ended with %v", err)
			}
		})
		done.Go(func() { shut(t, j) })
		synctest.Wait()
		gate <- struct{}{}
		gate <- struct{}{}
		done.Wait()
		if _, err := j.Append(t.Context(), []entry.Entry{visits(9)}); !errors.Is(err, city.ErrBusy) || !errors.Is(err, ErrClosed) {
			t.Errorf("append after close: %v", err)
		}
		shut(t, j) // a second time
	})
	if got := values(t, open(t, c)); !slices.Equal(got, upTo(3)) {
		t.Errorf("values after close: %v", got)
	}
}

func TestWhatTheWireCannotHoldIsRefusedWhole(t *testing.T) {
	j := open(t, config(t, false))
	half := &entry.Quarantined{Source: "x", Item: []byte(`"` + strings.Repeat("a", entry.MaxEntry/2) + `"`)}
	for name, entries := range map[string][]entry.Entry{
		"no entries":                        nil,
		"more than 8 MB together":           {half, half},
		"a value of 19 digits":              {visits(1), &entry.Reading{Source: "a", V: 1e18}},
		"a position without a batch":        {&entry.Reading{Source: "a", Revises: entry.Position{Index: 3}}},
		"an item that is no JSON":           {&entry.Quarantined{Source: "a", Item: []byte(`{`)}},
		"two lines for one":                 {&entry.Unknown{Name: "storm", Line: []byte("{\"kind\":\"storm\",\n\"a\":1}")}},
		"an unknown entry of another kind":  {&entry.Unknown{Name: "storm", Line: []byte(`{"kind":"calm"}`)}},
		"one entry of more than 8 MB alone": {&entry.Quarantined{Source: "x", Item: []byte(`"` + strings.Repeat("a", entry.MaxEntry) + `"`)}},
	} {
		if _, err := j.Append(t.Context(), entries); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if j.Head() != 0 {
		t.Errorf("head is %d", j.Head())
	}
	if _, err := j.Append(t.Context(), []entry.Entry{half, visits(1)}); err != nil {
		t.Errorf("four megabytes: %v", err)
	}
}

func TestFollowersSeeAnEntryAsTheFileHasIt(t *testing.T) {
	c := config(t, false)
	j := open(t, c)
	odd := []entry.Entry{
		&entry.Reading{Source: "a", From: 5, To: 5, Late: 90*time.Minute + 300*time.Millisecond, Quality: "b\xffd"},
		&entry.Event{Source: "a", At: 5, ID: "7\xc0", Late: -time.Second},
		&entry.City{File: "id: x", Compiled: []byte(`{ "format" : 1 }`), By: "console", Why: "first"},
		&entry.Token{ID: "t", Sources: []string{}, Hash: "ab"},
		&entry.Unknown{Name: "storm", Line: []byte(`{"kind":"storm","beaufort":9}`)},
	}
	if _, err := j.Append(t.Context(), odd); err != nil {
		t.Fatal(err)
	}
	live := collect(t, j, 0, 1)
	shut(t, j)
	kept := collect(t, open(t, c), 0, 1)
	if d := cmp.Diff(kept, live); d != "" {
		t.Errorf("live and from the file (-file +live):\n%s", d)
	}
	if got := live[0].Entries[0].(*entry.Reading); got.Late != 90*time.Minute || got.Quality != "b\uFFFDd" {
		t.Errorf("not in the form of the wire: %+v", got)
	}
}

func TestAClockSetBackRepeatsTheLastTimeAndTheSegment(t *testing.T) {
	c := config(t, false)
	now := start.Add(1500 * time.Microsecond)
	c.Now = func() time.Time { return now }
	j := open(t, c)
	put(t, j, 0, 1)
	now = start.AddDate(0, 0, -3)
	put(t, j, 1, 2)
	shut(t, j)
	j = open(t, c) // also across a restart
	put(t, j, 2, 3)
	for _, b := range collect(t, j, 0, 3) {
		if want := start.Add(time.Millisecond); !b.At.Equal(want) {
			t.Errorf("batch %d at %s, want %s", b.Number, b.At, want)
		}
	}
	if got := names(t, c.Dir); len(got) != 1 {
		t.Errorf("segments: %v", got)
	}
}

func TestSegmentsFollowTheLocalDayOfTheCity(t *testing.T) {
	c := config(t, true)
	midnight := time.Date(2027, 3, 21, 20, 30, 0, 0, time.UTC) // 00:00 in Isfahan
	now := midnight.Add(-time.Millisecond)
	c.Now = func() time.Time { return now }
	j := open(t, c)
	put(t, j, 0, 3)
	now = midnight
	put(t, j, 3, 5)
	want := []string{"000000000001-2027-03-21.rasad", "000000000004-2027-03-22.rasad"}
	for _, dir := range []string{c.Dir, c.Second} {
		packedOrNot := names(t, dir)
		for i, name := range packedOrNot {
			packedOrNot[i] = strings.TrimSuffix(strings.TrimSuffix(name, tempEnd), ".zst")
		}
		if got := slices.Compact(packedOrNot); !slices.Equal(got, want) {
			t.Errorf("segments of %s: %v", dir, got)
		}
	}
	if got := values(t, j); !slices.Equal(got, upTo(5)) {
		t.Errorf("values: %v", got)
	}
}

func TestAReopenedJournalGoesOnInItsSegment(t *testing.T) {
	c := config(t, true)
	for n := range 4 {
		j := open(t, c)
		if j.Head() != uint64(n) {
			t.Fatalf("head is %d, want %d", j.Head(), n)
		}
		put(t, j, n, n+1)
		shut(t, j)
	}
	first, second := file(t, filepath.Join(c.Dir, names(t, c.Dir)[0])), file(t, filepath.Join(c.Second, names(t, c.Second)[0]))
	if string(first) != string(second) || len(names(t, c.Dir)) != 1 {
		t.Error("the directories differ")
	}
	j := open(t, c)
	if got := values(t, j); !slices.Equal(got, upTo(4)) {
		t.Errorf("values: %v", got)
	}
	lines := strings.SplitAfter(string(first), "\n")
	h, err := entry.ParseHeader([]byte(lines[len(lines)-3]))
	number, hash := j.Chain()
	if err != nil || number != 4 || hash != h.Hash {
		t.Errorf("chain is at %d %s; the file ends with %+v, %v", number, hash, h, err)
	}
}

func TestWhatWaitsIsBounded(t *testing.T) {
	c := config(t, false)
	c.queue = 3 * 1000
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		c.sync = func(*os.File) error { <-gate; return nil }
		j, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		large := []entry.Entry{&entry.TokenRevoked{ID: strings.Repeat("a", 900)}}
		var done sync.WaitGroup
		later := func(ctx context.Context) {
			done.Go(func() {
				if _, err := j.Append(ctx, large); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range 3 { // one is being written, two wait
			later(t.Context())
		}
		for range 2 { // what is called off makes room again
			later(ctx)
			if _, err := j.Append(t.Context(), large); !errors.Is(err, city.ErrBusy) || !strings.Contains(err.Error(), "waiting for the disk") {
				t.Errorf("append: %v", err)
			}
			cancel()
			synctest.Wait()
			ctx, cancel = context.WithCancel(t.Context())
		}
		cancel()
		gate <- struct{}{}
		gate <- struct{}{}
		done.Wait()
		for range 5 { // and so does what was written
			done.Go(func() { gate <- struct{}{} })
			if _, err := j.Append(t.Context(), large); err != nil {
				t.Errorf("append: %v", err)
			}
		}
		done.Wait()
		shut(t, j)
	})
}
