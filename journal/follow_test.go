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

	"rasad/entry"
)

// mixed fills a journal with a packed, a plain and a live part: readings 0 to 2n,
// with an act in each third batch. The journal's newest batch is the last.
func mixed(t *testing.T, c Config, n int) (*Journal, []entry.Batch) {
	t.Helper()
	var want []entry.Batch
	for day := range 3 {
		c.Now = func() time.Time { return start.AddDate(0, 0, day) }
		j := open(t, c)
		for i := range n {
			v := day*n + i
			b := entry.Batch{Number: uint64(v + 1), At: c.Now(), Entries: []entry.Entry{visits(v)}}
			if v%3 == 0 {
				b.Entries = append(b.Entries, act(v))
			}
			if _, err := j.Append(t.Context(), b.Entries); err != nil {
				t.Fatal(err)
			}
			want = append(want, b)
		}
		if day == 2 {
			return j, want
		}
		shut(t, j)
		packed(t, c.Dir)
	}
	return nil, nil
}

func TestFollowGivesEveryBatchInOrderFromAnyPlace(t *testing.T) {
	for name, ringed := range map[string]bool{"from memory": true, "from files": false} {
		t.Run(name, func(t *testing.T) {
			j, want := mixed(t, config(t, false), 7)
			if !ringed {
				j.mu.Lock()
				j.ring = ring{}
				j.mu.Unlock()
			}
			for from := range want {
				got := collect(t, j, uint64(from), uint64(len(want)))
				if d := cmp.Diff(want[from:], got); d != "" {
					t.Errorf("from %d (-want +got):\n%s", from, d)
				}
				got = collect(t, j, uint64(from), uint64(len(want)), entry.KindTokenRevoked, entry.KindCity)
				for i, b := range got {
					w := slices.Clone(want[from+i].Entries)
					w[0] = nil
					if d := cmp.Diff(w, b.Entries); d != "" {
						t.Errorf("acts of batch %d (-want +got):\n%s", b.Number, d)
					}
				}
			}
			if d := cmp.Diff(want, collect(t, j, 0, uint64(len(want)))); d != "" {
				t.Errorf("a filter changed what others see:\n%s", d)
			}
		})
	}
}

func TestFollowGoesOnWithEachAppend(t *testing.T) {
	c := config(t, false)
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		put(t, j, 0, 2)
		ctx, cancel := context.WithCancel(t.Context())
		var seen []uint64
		var ended error
		var done sync.WaitGroup
		done.Go(func() {
			ended = j.Follow(ctx, 1, func(b entry.Batch) error { seen = append(seen, b.Number); return nil })
		})
		synctest.Wait()
		for n := 2; n < 5; n++ {
			put(t, j, n, n+1)
			synctest.Wait()
			if want := upTo(n + 2)[2:]; fmt.Sprint(seen) != fmt.Sprint(want) {
				t.Errorf("seen %v, want %v", seen, want)
			}
		}
		cancel()
		done.Wait()
		if !errors.Is(ended, context.Canceled) {
			t.Errorf("ended with %v", ended)
		}
		done.Go(func() { ended = j.Follow(t.Context(), 5, func(entry.Batch) error { return nil }) })
		synctest.Wait()
		shut(t, j)
		done.Wait()
		if !errors.Is(ended, ErrClosed) {
			t.Errorf("ended with %v", ended)
		}
	})
}

func TestAFollowerThatFallsBehindReadsFilesAndReturnsToMemory(t *testing.T) {
	c := config(t, true)
	now := start
	var mu sync.Mutex
	c.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	j := open(t, c)
	const batches = 60
	large := func(n int) []entry.Entry {
		return []entry.Entry{visits(n), &entry.Quarantined{Source: "x", Item: []byte(`"` + strings.Repeat("a", 300<<10) + `"`)}}
	}
	next := 0
	appendSome := func(n int) {
		for range n {
			if next%20 == 0 {
				mu.Lock()
				now = now.AddDate(0, 0, 1)
				mu.Unlock()
			}
			if _, err := j.Append(t.Context(), large(next)); err != nil {
				t.Error(err)
			}
			next++
		}
	}
	appendSome(1)
	var got []int
	err := j.Follow(t.Context(), 0, func(b entry.Batch) error {
		got = append(got, int(b.Entries[0].(*entry.Reading).V))
		switch {
		case len(got)%15 == 1 && next < batches: // more than the ring holds
			appendSome(min(35, batches-next))
		case len(got) == batches:
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) || !slices.Equal(got, upTo(batches)) {
		t.Errorf("follow: %v, values %v", err, got)
	}
	if j.ring.bytes > ringBytes || len(j.ring.list) == 0 || len(j.ring.list) > batches/2 {
		t.Errorf("the ring holds %d batches of %d bytes", len(j.ring.list), j.ring.bytes)
	}
}

func TestFollowEndsWithWhatApplySays(t *testing.T) {
	j := open(t, config(t, false))
	put(t, j, 0, 3)
	for _, empty := range []bool{false, true} {
		if empty {
			j.ring = ring{}
		}
		calls := 0
		err := j.Follow(t.Context(), 0, func(entry.Batch) error { calls++; return errEnough })
		if !errors.Is(err, errEnough) || calls != 1 {
			t.Errorf("%v after %d calls", err, calls)
		}
		ctx, cancel := context.WithCancel(t.Context())
		calls = 0
		err = j.Follow(ctx, 0, func(entry.Batch) error { calls++; cancel(); return nil })
		if !errors.Is(err, context.Canceled) || calls != 1 {
			t.Errorf("%v after %d calls", err, calls)
		}
	}
}

func TestFollowStopsAtAGapOrDamage(t *testing.T) {
	for name, tc := range map[string]struct {
		harm  func(dir string, list []string) error
		batch uint64 // that is due at the fault
		from  uint64
	}{
		"first segment removed":  {func(dir string, list []string) error { return os.Remove(filepath.Join(dir, list[0])) }, 1, 0},
		"second segment removed": {func(dir string, list []string) error { return os.Remove(filepath.Join(dir, list[1])) }, 5, 0},
		"from within the gap":    {func(dir string, list []string) error { return os.Remove(filepath.Join(dir, list[1])) }, 6, 5},
		"newest removed":         {func(dir string, list []string) error { return os.Remove(filepath.Join(dir, list[2])) }, 9, 8},
		"packed byte flipped":    {func(dir string, list []string) error { return flip(filepath.Join(dir, list[0]), -30) }, 0, 0},
		"plain byte flipped":     {func(dir string, list []string) error { return flip(filepath.Join(dir, list[2]), 300) }, 9, 0},
		"another chain": {func(dir string, list []string) error {
			path := filepath.Join(dir, list[2])
			wire, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			at := offsets(wire)[1]
			body := wire[:at][strings.IndexByte(string(wire), '\n')+1:]
			header, _ := entry.Seal(9, start, 1, body, entry.Hash{7})
			return os.WriteFile(path, slices.Concat(header, body, wire[at:]), 0o600)
		}, 9, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t, false)
			days(t, c, 4)
			packed(t, c.Dir)
			c.Now = func() time.Time { return start.AddDate(0, 0, 2) }
			j := open(t, c)
			if err := tc.harm(c.Dir, names(t, c.Dir)); err != nil {
				t.Fatal(err)
			}
			last := tc.from
			err := j.Follow(t.Context(), tc.from, func(b entry.Batch) error {
				if b.Number != last+1 {
					t.Errorf("batch %d after %d", b.Number, last)
				}
				last = b.Number
				return nil
			})
			var broken *BrokenError
			if !errors.As(err, &broken) || tc.batch > 0 && (broken.Batch != tc.batch || last != max(tc.from, tc.batch-1)) {
				t.Errorf("after batch %d: %v", last, err)
			}
			if strings.Contains(name, "second segment removed") && !strings.Contains(err.Error(), "batches 5 to 8 are missing") {
				t.Errorf("the gap is not named: %v", err)
			}
		})
	}
}

func TestAFollowerAheadOfTheJournalIsToldSo(t *testing.T) {
	j := open(t, config(t, false))
	put(t, j, 0, 2)
	if err := j.Follow(t.Context(), 3, func(entry.Batch) error { return nil }); err == nil || !strings.Contains(err.Error(), "its newest is 2") {
		t.Errorf("follow: %v", err)
	}
}

// flip changes one byte of a file; a negative offset counts from its end.
func flip(path string, at int) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x10
	return os.WriteFile(path, b, 0o600)
}
