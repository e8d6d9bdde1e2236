package history

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rasad/city"
)

func TestWriterWritesAllInOrderAndWakesAtNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(3000), newFakeRows()
		w := run(t, d, f, t.TempDir())
		synctest.Wait()
		if !slices.Equal(f.values(), upTo(3000)) || !slices.IsSorted(f.order) {
			t.Fatalf("%d rows, in order: %v", len(f.rows), slices.IsSorted(f.order))
		}
		d.commit(5)
		synctest.Wait() // no time has passed
		if !slices.Equal(f.values(), upTo(3005)) {
			t.Errorf("after news: %d rows, want 3005", len(f.rows))
		}
		w.stop()
		s := w.State()
		if !s.Reachable || s.Words != "" || s.Position != 3005 || s.Lag != 0 || s.Written != 3005 || s.Parked != 0 {
			t.Errorf("state %+v", s)
		}
		if f.mark != (Mark{Pos: 3005, Earlier: 0, Clean: true}) {
			t.Errorf("mark after a stop in good order: %+v", f.mark)
		}
	})
}

func TestWriterLooksAgainWhereNewsWereLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(1), newFakeRows()
		w := run(t, d, f, t.TempDir())
		defer w.stop()
		settle(time.Minute)
		d.mu.Lock()
		d.committed = 2
		d.mu.Unlock()
		settle(lookInterval)
		if !slices.Equal(f.values(), upTo(2)) {
			t.Errorf("stored %v", f.values())
		}
	})
}

func TestMarkIsSavedAtMostOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(0), newFakeRows()
		w := run(t, d, f, t.TempDir())
		for range 100 { // ten seconds
			d.commit(1)
			settle(100 * time.Millisecond)
		}
		settle(2 * time.Second)
		if f.mark.Pos != 100 || f.mark.Clean {
			t.Errorf("mark %+v, want 100, running", f.mark)
		}
		w.stop()
		saves := f.saves[:len(f.saves)-1] // the last one is of the stop
		for i := 1; i < len(saves); i++ {
			if gap := saves[i].Sub(saves[i-1]); gap < time.Second {
				t.Errorf("saved twice within %v", gap)
			}
		}
		if len(saves) < 9 {
			t.Errorf("saved %d times in ten seconds", len(saves))
		}
	})
}

func TestWriterGoesOnWhereItStoppedInGoodOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f, dir := newFakeDays(10), newFakeRows(), t.TempDir()
		w := run(t, d, f, dir)
		synctest.Wait()
		w.stop()
		d.commit(2)
		w = run(t, d, f, dir)
		synctest.Wait()
		w.stop()
		if w.State().Written != 2 {
			t.Errorf("wrote %d rows, want the 2 new ones", w.State().Written)
		}
	})
}

func TestWriterGoesBackAnHourOfWorkAfterAnUncleanStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f, dir := newFakeDays(0), newFakeRows(), t.TempDir()
		w := run(t, d, f, dir)
		for range 180 { // three hours, a batch a minute
			d.commit(1)
			settle(time.Minute)
		}
		mark := f.mark // as a killed writer leaves it
		w.stop()
		if mark.Clean || mark.Pos != 180 || mark.Earlier < 115 || mark.Earlier > 120 {
			t.Fatalf("mark %+v, want 180 and about 119, not clean", mark)
		}
		f.do(func() { f.mark = mark; clear(f.rows) })
		w = run(t, d, f, dir)
		synctest.Wait()
		got := f.values()
		if len(got) == 0 || got[0] != int64(mark.Earlier)+1 || got[len(got)-1] != 180 {
			t.Errorf("written again: %v", got)
		}
		if f.mark.Earlier > mark.Earlier {
			t.Errorf("a second unclean stop would begin at %d, want no later than %d", f.mark.Earlier, mark.Earlier)
		}
		w.stop()
	})
}

func TestLostOrRestoredStoreIsWrittenAgain(t *testing.T) {
	for name, mark := range map[string]Mark{"lost": {}, "restored": {Pos: 40, Earlier: 30}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, f := newFakeDays(100), newFakeRows()
				w := run(t, d, f, t.TempDir())
				defer w.stop()
				settle(5 * time.Second)
				f.do(func() {
					clear(f.rows)
					f.mark = mark
					f.judge = func([]Row) error { return &RefusalError{Status: 404, Reason: "database not found"} }
				})
				d.commit(1)
				settle(5 * time.Second)
				if w.State().Reachable {
					t.Error("reachable while it refuses")
				}
				f.do(func() { f.judge = nil })
				settle(2 * time.Minute)
				want := upTo(101)[mark.Earlier:]
				if !slices.Equal(f.values(), want) {
					t.Errorf("stored %v, want %d to 101", f.values(), mark.Earlier+1)
				}
			})
		})
	}
}

func TestStoreThatIsEmptiedWithoutAWordIsWrittenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(100), newFakeRows()
		w := run(t, d, f, t.TempDir())
		defer w.stop()
		settle(5 * time.Second)
		f.do(func() {
			clear(f.rows)
			f.mark = Mark{}
		})
		d.commit(1)
		settle(5 * time.Second)
		if !slices.Equal(f.values(), upTo(101)) || f.mark.Pos != 101 {
			t.Errorf("stored %v, mark %+v", f.values(), f.mark)
		}
	})
}

func TestAwayStoreIsAskedLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(3), newFakeRows()
		f.judge = func([]Row) error { return errors.New("connection refused") }
		w := run(t, d, f, t.TempDir())
		defer w.stop()
		settle(10 * time.Minute)
		s := w.State()
		if s.Reachable || !strings.Contains(s.Words, "connection refused") || s.Lag != 3 || time.Since(s.Since) != 10*time.Minute {
			t.Errorf("state %+v", s)
		}
		for i := 1; i < len(f.writes); i++ {
			gap := f.writes[i].Sub(f.writes[i-1])
			most := min(time.Second<<(i-1), time.Minute)
			if gap < most/2 || gap > most {
				t.Errorf("pause %d is %v, want %v to %v", i, gap, most/2, most)
			}
		}
		if n := len(f.writes); n < 15 || n > 30 {
			t.Errorf("asked %d times in ten minutes", n)
		}
		f.do(func() { f.judge = nil })
		settle(time.Minute)
		if s := w.State(); !s.Reachable || s.Words != "" || s.Lag != 0 || time.Since(s.Since) > time.Minute || !slices.Equal(f.values(), upTo(3)) {
			t.Errorf("after its return: %+v, %v", s, f.values())
		}
	})
}

func TestStoreAwayAtTheStartIsFilledLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(3), newFakeRows()
		f.away = errors.New("no route")
		w := run(t, d, f, t.TempDir())
		if s := w.State(); s.Reachable || s.Words == "" {
			t.Errorf("state before the first answer: %+v", s)
		}
		settle(time.Hour)
		if len(f.writes) != 0 {
			t.Error("written without a position")
		}
		f.do(func() { f.away = nil })
		settle(time.Minute)
		if !slices.Equal(f.values(), upTo(3)) {
			t.Errorf("stored %v", f.values())
		}
		w.stop()
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for _, c := range []struct{ asked, least, most time.Duration }{
		{7 * time.Second, 7 * time.Second, 8 * time.Second},
		{10 * time.Minute, time.Minute, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			d, f := newFakeDays(1), newFakeRows()
			f.judge = func([]Row) error { return &RefusalError{Status: 429, Reason: "slow down", RetryAfter: c.asked} }
			w := run(t, d, f, t.TempDir())
			settle(5 * time.Minute)
			w.stop()
			if len(f.writes) < 5 {
				t.Fatalf("asked %d times", len(f.writes))
			}
			for i := 1; i < len(f.writes); i++ {
				if gap := f.writes[i].Sub(f.writes[i-1]); gap < c.least || gap > c.most {
					t.Errorf("asked for %v, waited %v", c.asked, gap)
				}
			}
		})
	}
}

func TestCredentialsAreShoutedAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(2), newFakeRows()
		f.judge = func([]Row) error {
			return &RefusalError{Trouble: Credentials, Status: 401, Reason: "influxdb answered 401"}
		}
		var told []State
		writer, err := NewWriter(WriterConfig{
			Days: d, Rows: f, Parked: filepath.Join(t.TempDir(), "parked.jsonl"), Changed: func(s State) { told = append(told, s) },
		})
		if err != nil {
			t.Fatal(err)
		}
		w := start(t, writer)
		settle(10 * time.Minute)
		if s := w.State(); s.Reachable || !strings.Contains(s.Words, "credentials") {
			t.Errorf("state %+v", s)
		}
		f.do(func() { f.judge = nil })
		settle(time.Minute)
		w.stop()
		if !slices.Equal(f.values(), upTo(2)) {
			t.Errorf("stored %v", f.values())
		}
		if len(told) != 2 || !strings.Contains(told[0].Words, "credentials") || !told[1].Reachable {
			t.Errorf("told %+v, want the trouble once, and the return", told)
		}
	})
}

func TestDaysThatCannotBeReadAreAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(2), newFakeRows()
		d.fail = errors.New("disk is slow")
		w := run(t, d, f, t.TempDir())
		settle(time.Minute)
		if s := w.State(); !strings.Contains(s.Words, "read days: disk is slow") {
			t.Errorf("state %+v", s)
		}
		d.mu.Lock()
		d.fail = nil
		d.mu.Unlock()
		settle(2 * time.Minute)
		w.stop()
		if !slices.Equal(f.values(), upTo(2)) {
			t.Errorf("stored %v", f.values())
		}
	})
}

func TestStoreOfAnotherJournalIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(5), newFakeRows()
		f.mark = Mark{Pos: 900, Earlier: 800, Clean: true}
		w := run(t, d, f, t.TempDir())
		defer w.stop()
		synctest.Wait()
		if s := w.State(); !strings.Contains(s.Words, "another one") || s.Lag != 0 {
			t.Errorf("state %+v", s)
		}
	})
}

func TestRefusalIsOneOfTheCitysErrors(t *testing.T) {
	for trouble, want := range map[Trouble]error{
		Away: city.ErrBusy, Credentials: city.ErrDenied, Rejected: city.ErrInvalid, TooLarge: city.ErrInvalid,
	} {
		if err := error(&RefusalError{Trouble: trouble, Reason: "x"}); !errors.Is(err, want) || errors.Is(err, city.ErrNotFound) {
			t.Errorf("trouble %d is not %v", trouble, want)
		}
	}
}
