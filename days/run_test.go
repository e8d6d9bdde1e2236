package days

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// feed hands batches over as the journal would, until they end and ctx does.
func feed(batches <-chan entry.Batch) func(context.Context, uint64, func(entry.Batch) error) error {
	return func(ctx context.Context, _ uint64, apply func(entry.Batch) error) error {
		for {
			select {
			case b := <-batches:
				if err := apply(b); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// refuseWrites makes every commit fail, or lets them through again.
func refuseWrites(t testing.TB, s *Store, refuse bool) {
	t.Helper()
	q := "PRAGMA query_only = 0"
	if refuse {
		q = "PRAGMA query_only = 1"
	}
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	if err := s.file.Exec(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

func TestRunCommitsOnceASecondAndBeforeItStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "days.db")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, Config{Path: path})
		b, batches := &book{}, make(chan entry.Batch)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx, feed(batches)) }()
		ten := local(t, "2027-03-21 10:00")
		batches <- b.add(town(t, "Asia/Tehran", 300), gate(ten, 1))
		batches <- b.add(gate(ten+900, 1))
		synctest.Wait()
		if s.Applied() != 2 || s.Committed() != 0 {
			t.Errorf("at once: applied %d, committed %d", s.Applied(), s.Committed())
		}
		<-time.After(commitInterval + time.Millisecond)
		synctest.Wait()
		if s.Committed() != 2 || len(s.News()) != 1 {
			t.Errorf("after a second: committed %d, %d tokens of news", s.Committed(), len(s.News()))
		}
		<-s.News()
		batches <- b.add(&entry.TokenRevoked{ID: "t9"})
		<-time.After(commitInterval)
		synctest.Wait()
		if s.Committed() != 3 || len(s.News()) != 0 {
			t.Errorf("a batch without rows: committed %d, %d tokens of news", s.Committed(), len(s.News()))
		}
		batches <- b.add(gate(ten+1800, 1))
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) || s.Committed() != 4 {
			t.Errorf("stopped with %v at batch %d", err, s.Committed())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatCouldNotBeCommittedIsCommittedLater(t *testing.T) {
	quiet, qb := started(t, Config{})
	s, b := started(t, Config{})
	s.epochDays = 2
	ten := local(t, "2027-03-21 10:00")
	for i := range 9 {
		from := ten + city.Moment(i%4)*40_000
		list := []entry.Entry{gate(from, city.Steps(i)), quarantined("x", "range"), litter(from, "a", "", 1)}
		if i == 4 {
			list = append(list, town(t, "Asia/Tehran", 600))
		}
		apply(t, quiet, qb.add(list...))
		apply(t, s, b.add(list...))
		refuseWrites(t, s, i%3 != 2)
		if err := s.Commit(); (err == nil) != (i%3 == 2) {
			t.Fatalf("commit %d: %v", i, err)
		}
		rows, upTo, err := s.Since(t.Context(), 0, 100)
		if err != nil || upTo != s.Committed() || len(rows) == 0 && upTo > 1 {
			t.Fatalf("since: %d rows up to %d, %v", len(rows), upTo, err)
		}
	}
	if a, b := checksum(t, quiet), checksum(t, s); a != b {
		t.Errorf("checksum %s, want %s", b, a)
	}
	raws := 0
	for after := uint64(0); after < s.Committed(); {
		rows, upTo, err := s.Since(t.Context(), after, 1)
		if err != nil || upTo <= after {
			t.Fatalf("since %d: up to %d, %v", after, upTo, err)
		}
		for _, r := range rows {
			raws += len(r.Kept)
		}
		after = upTo
	}
	if c := s.Counts(); int64(raws) != c.Readings+c.Events || !s.sources["litter"].stored {
		t.Errorf("%d raws came out, want %d", raws, c.Readings+c.Events)
	}
}

func TestNothingMoreIsAppliedWhileTooMuchWaitsForACommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "days.db")
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		s := open(t, Config{Path: path, CacheReadings: 10, Log: slog.New(slog.NewTextHandler(&logged, nil))})
		b, batches := &book{}, make(chan entry.Batch, 10)
		ten := local(t, "2027-03-21 10:00")
		batches <- b.add(town(t, "Asia/Tehran", 300), gate(ten, 1), square(ten, 1))
		batches <- b.add(gate(ten+900, 1))
		refuseWrites(t, s, true)
		if err := s.Apply(<-batches); err != nil {
			t.Fatal(err)
		}
		second := <-batches
		if err := s.Apply(second); err == nil || !strings.HasPrefix(err.Error(), "apply batch 2: make room: commit days at batch 1: ") || s.Applied() != 1 {
			t.Errorf("applied %d: %v", s.Applied(), err)
		}
		batches <- second
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx, feed(batches)) }()
		<-time.After(3*retryInterval + time.Millisecond)
		synctest.Wait()
		if s.Applied() != 1 {
			t.Errorf("applied %d while nothing could be committed", s.Applied())
		}
		refuseWrites(t, s, false)
		<-time.After(retryInterval)
		synctest.Wait()
		if s.Applied() != 2 {
			t.Errorf("applied %d after the disk came back", s.Applied())
		}
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v, want that it was told to stop", err)
		}
		if !strings.Contains(logged.String(), "days not committed") || s.Committed() != 2 {
			t.Errorf("committed %d, logged %s", s.Committed(), logged.String())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestRunReturnsWhatEndedTheFollower(t *testing.T) {
	s, _ := started(t, Config{})
	gone := errors.New("gap")
	err := s.Run(t.Context(), func(_ context.Context, from uint64, _ func(entry.Batch) error) error {
		if from != 1 {
			t.Errorf("follows from %d, want 1", from)
		}
		return gone
	})
	if !errors.Is(err, gone) || s.Committed() != 1 {
		t.Errorf("run: %v, committed %d", err, s.Committed())
	}
}

func TestWaitReturnsOnceTheBatchWasToldOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "days.db")
	synctest.Test(t, func(t *testing.T) {
		var told uint64
		s := open(t, Config{Path: path, Changed: func(pos uint64, _ []Change) { told = pos }})
		b := &book{}
		ctx, stop := context.WithCancel(t.Context())
		results := make(chan error, 1)
		go func() { results <- s.Wait(ctx, 2) }()
		apply(t, s, b.add(town(t, "Asia/Tehran", 300), gate(local(t, "2027-03-21 10:00"), 1)))
		synctest.Wait()
		if len(results) != 0 {
			t.Fatal("a wait for batch 2 ended at batch 1")
		}
		apply(t, s, b.add(gate(local(t, "2027-03-21 11:00"), 1)))
		if err := <-results; err != nil || told != 2 {
			t.Errorf("wait: %v, told of batch %d", err, told)
		}
		stop()
		if err := s.Wait(ctx, 3); !errors.Is(err, context.Canceled) {
			t.Errorf("wait for what does not come: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Every batch brings each source one reading of value 1, so that whatever a reader
// sees must be of whole batches: in each day, cells and slots say the same.
func TestManyReadersSeeWholeBatches(t *testing.T) {
	told := 0
	s, b := started(t, Config{CacheReadings: 200, Changed: func(uint64, []Change) { told++ }})
	ten := local(t, "2027-03-21 00:00")
	const n = 150
	for i := range n {
		m := ten + city.Moment(i%60)*3600*3 + city.Moment(i/60)*900
		b.add(gate(m, 1), square(m, 1), litter(m, m.String(), "", 1), quarantined("x", "range"))
	}
	ctx, stop := context.WithCancel(t.Context())
	w := &writer{}
	var readers sync.WaitGroup
	for _, read := range []func() error{
		func() error { return wholeDays(ctx, s, ten) },
		func() error { return wholeTotals(ctx, s) },
		func() error { _, _, err := s.Standing(gate(ten, 1)); return err },
		func() error { _, _, err := s.Standing(litter(ten+86400, "x", "", 1)); return err },
		func() error { _, err := s.Quarantine(ctx, 5); s.Counts(); return err },
		func() error { _, _, err := s.City(1); return err },
		func() error { _, _, err := s.Since(ctx, s.Committed()/2, 3); return err },
		func() error { return w.bite(ctx, s, 3) },
		func() error { _, err := s.pack(); return errors.Join(err, s.Commit()) },
	} {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := read(); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for _, batch := range b.batches[1:] {
		apply(t, s, batch)
	}
	stop()
	readers.Wait()
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	for w.upTo < s.Committed() {
		if err := w.bite(t.Context(), s, 100); err != nil {
			t.Fatal(err)
		}
	}
	if w.raws != 3*n {
		t.Errorf("%d raws were written, want %d", w.raws, 3*n)
	}
	held, err := s.Quarantine(t.Context(), 2*n)
	if err != nil || len(held) != n {
		t.Errorf("%d held, want %d: %v", len(held), n, err)
	}
	if c := s.Counts(); c.Readings != 2*n || c.Events != n || told != n {
		t.Errorf("counts %+v, told %d times", c, told)
	}
}

// A writer follows Since, as the writer of history does.
type writer struct {
	upTo uint64
	raws int
}

func (w *writer) bite(ctx context.Context, s *Store, limit int) error {
	rows, upTo, err := s.Since(ctx, w.upTo, limit)
	if err != nil {
		return err
	}
	for _, r := range rows {
		w.raws += len(r.Kept)
	}
	w.upTo = upTo
	return nil
}

func wholeDays(ctx context.Context, s *Store, ten city.Moment) error {
	for _, src := range []city.SourceID{"gate/in", "square", "litter"} {
		first := city.Date(ten / 86400)
		for d := first; d < first+9; d++ {
			c, ok, err := s.Day(ctx, src, d)
			if err != nil {
				return err
			}
			if m := measure.Merge(c.Cells...); ok && m.N != int64(len(c.Slots)) {
				return errors.New("cells and slots of a day are not of one batch")
			}
			raws, err := s.Raws(ctx, src, d, d, 0)
			if err != nil || len(raws) < len(c.Slots) {
				return errors.Join(err, errors.New("fewer raws than slots"))
			}
			cells, err := s.Cells(ctx, src, ten, ten+86400)
			if err != nil || len(cells) > 24 {
				return errors.Join(err, errors.New("cells of more than a day"))
			}
		}
	}
	return nil
}

func wholeTotals(ctx context.Context, s *Store) error {
	before := s.Applied() - 1
	var sum int64
	err := s.Totals(ctx, 0, 1<<20, func(_ city.SourceID, _ city.Date, c measure.Cell) error {
		sum += c.Sum
		return nil
	})
	if err == nil && sum < 3*int64(before) {
		return errors.New("totals without what was applied")
	}
	return err
}
