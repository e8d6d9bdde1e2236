package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rasad/city"
	"rasad/entry"
)

// refuses appends readings and wants them refused for now, with the cause.
func refuses(t *testing.T, j *Journal, n int, cause string) {
	t.Helper()
	head := j.Head()
	_, err := j.Append(t.Context(), slices.Repeat([]entry.Entry{visits(n)}, 20))
	if !errors.Is(err, city.ErrBusy) || !strings.Contains(err.Error(), cause) || strings.Contains(err.Error(), "\n") {
		t.Errorf("append: %v, want busy because of %q", err, cause)
	}
	if j.Head() != head {
		t.Errorf("head went from %d to %d", head, j.Head())
	}
	if why := j.Info().Refuses; !strings.Contains(why, cause) {
		t.Errorf("Info says %q, want %q", why, cause)
	}
}

func TestAFailedSyncIsNotAcknowledgedAndLeavesNoTrace(t *testing.T) {
	for name, lose := range map[string]bool{"taken back": false, "not even taken back": true} {
		for _, which := range []string{"first", "second"} {
			t.Run(which+" "+name, func(t *testing.T) {
				c := config(t, true)
				var broken atomic.Bool
				dir := map[string]string{"first": c.Dir, "second": c.Second}[which]
				c.sync = func(f *os.File) error {
					if !broken.Load() || filepath.Dir(f.Name()) != dir {
						return datasync(f)
					}
					if lose { // nor can the file be cut any more
						_ = f.Close()
					}
					return errors.New("input/output error")
				}
				d := &diary{}
				c.Log = d.log()
				j := open(t, c)
				put(t, j, 0, 2)
				before := file(t, filepath.Join(c.Dir, names(t, c.Dir)[0]))
				broken.Store(true)
				refuses(t, j, 100, "input/output error")
				refuses(t, j, 101, "input/output error")
				if !lose {
					for _, dir := range []string{c.Dir, c.Second} {
						if got := file(t, filepath.Join(dir, names(t, dir)[0])); !bytes.Equal(got, before) {
							t.Errorf("%s holds what was not acknowledged", dir)
						}
					}
				}
				broken.Store(false)
				put(t, j, 2, 4)
				if why := j.Info().Refuses; why != "" {
					t.Errorf("it still says %q", why)
				}
				shut(t, j)
				j = open(t, c)
				if got := values(t, j); !slices.Equal(got, upTo(4)) {
					t.Errorf("values %v", got)
				}
				if !d.has("journal refuses") || !d.has("journal accepts again") || d.has("torn tail cut") {
					t.Errorf("log: %s", d.buf.String())
				}
				a, b := filepath.Join(c.Dir, names(t, c.Dir)[0]), filepath.Join(c.Second, names(t, c.Second)[0])
				if !bytes.Equal(file(t, a), file(t, b)) {
					t.Error("the directories differ")
				}
			})
		}
	}
}

func TestASegmentRemovedUnderTheJournalIsNoticed(t *testing.T) {
	c := config(t, true)
	j := open(t, c)
	put(t, j, 0, 2)
	if err := os.Remove(filepath.Join(c.Second, names(t, c.Second)[0])); err != nil {
		t.Fatal(err)
	}
	refuses(t, j, 9, "no such file")
	refuses(t, j, 9, "no such file")
	shut(t, j)
	j = open(t, c) // which brings the second directory up again
	put(t, j, 2, 3)
	shut(t, j)
	r, err := Verify(t.Context(), c.Dir, c.Second)
	if err != nil || len(r.Faults) > 0 || r.Entries != 3 {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

func TestAShortenedSegmentIsNotWrittenOn(t *testing.T) {
	c := config(t, false)
	fail := false
	c.sync = func(f *os.File) error {
		if fail {
			_ = f.Close()
			return errors.New("input/output error")
		}
		return datasync(f)
	}
	j := open(t, c)
	put(t, j, 0, 2)
	fail = true
	refuses(t, j, 9, "input/output error")
	fail = false
	if err := os.Truncate(filepath.Join(c.Dir, names(t, c.Dir)[0]), 10); err != nil {
		t.Fatal(err)
	}
	refuses(t, j, 9, "were acknowledged")
}

func TestANewDayWaitsForTheSecondDirectory(t *testing.T) {
	c := config(t, true)
	now := start
	c.Now = func() time.Time { return now }
	j := open(t, c)
	put(t, j, 0, 2)
	away := c.Second + "-away"
	if err := os.Rename(c.Second, away); err != nil {
		t.Fatal(err)
	}
	now = start.AddDate(0, 0, 1)
	refuses(t, j, 9, "no such file")
	now = start.AddDate(0, 0, 2)
	refuses(t, j, 9, "no such file")
	if got := names(t, c.Dir); len(got) != 1 {
		t.Errorf("segments: %v", got)
	}
	if err := os.Rename(away, c.Second); err != nil {
		t.Fatal(err)
	}
	put(t, j, 2, 4)
	if got := values(t, j); !slices.Equal(got, upTo(4)) {
		t.Errorf("values %v", got)
	}
}

func TestADayThatNeverGotABatchLeavesNoSegment(t *testing.T) {
	c := config(t, false)
	now, fail := start, true
	c.Now = func() time.Time { return now }
	c.sync = func(*os.File) error {
		if fail {
			return errors.New("input/output error")
		}
		return nil
	}
	j := open(t, c)
	refuses(t, j, 0, "input/output error")
	now, fail = start.AddDate(0, 0, 1), false
	put(t, j, 0, 1)
	if got := names(t, c.Dir); !slices.Equal(got, []string{"000000000001-2027-03-22.rasad"}) {
		t.Errorf("segments: %v", got)
	}
}

func TestAClockBeyondTheWireIsRefused(t *testing.T) {
	c := config(t, false)
	c.Now = func() time.Time { return time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) }
	refuses(t, open(t, c), 0, "seal batch")
}

func TestReadingsAreRefusedBelowTheFloorAndActsALittleLater(t *testing.T) {
	c := config(t, true)
	var free atomic.Uint64
	c.Free = func(dir string) (uint64, uint64, error) {
		if dir == c.Dir {
			return 1 << 40, 1 << 40, nil
		}
		return free.Load(), 100_000 << 20, nil // 5 % are 5,000 MB, 7 % are 7,000 MB
	}
	d := &diary{}
	c.Log = d.log()
	j := open(t, c)
	for _, step := range []struct {
		free           uint64 // MB
		readings, acts bool
	}{
		{5_001, true, true},
		{5_000, true, true},
		{4_999, false, true},
		{6_999, false, true},
		{2_500, false, true},
		{2_499, false, false},
		{3_499, false, false},
		{3_500, false, true},
		{6_999, false, true},
		{7_000, true, true},
		{5_000, true, true},
	} {
		free.Store(step.free << 20)
		if got := j.Info().Refuses == ""; got != step.readings {
			t.Errorf("%d MB free: Info says it accepts: %t", step.free, got)
		}
		_, err1 := j.Append(t.Context(), []entry.Entry{visits(1)})
		_, err2 := j.AppendAct(t.Context(), []entry.Entry{act(1)})
		if (err1 == nil) != step.readings || (err2 == nil) != step.acts {
			t.Errorf("%d MB free: reading %v, act %v", step.free, err1, err2)
		}
		if err1 != nil && (!errors.Is(err1, city.ErrBusy) || !strings.Contains(err1.Error(), "MB free in "+c.Second)) {
			t.Errorf("the error does not tell: %v", err1)
		}
	}
	if !d.has("free space crossed a floor") {
		t.Error("nobody was told")
	}
}

func TestTheFloorIsFivePercentButAtLeastHalfAGigabyte(t *testing.T) {
	for total, want := range map[uint64]uint64{1 << 30: 512 << 20, 100 << 30: 5 << 30} {
		c := Config{Dir: "x", Free: func(string) (uint64, uint64, error) { return 1, total, nil }}
		if got := c.room().floor; got != want {
			t.Errorf("floor of %d: %d, want %d", total, got, want)
		}
	}
	c := Config{Dir: "x", Floor: 7, Free: func(string) (uint64, uint64, error) { return 1, 1 << 30, nil }}
	if got := c.room().floor; got != 7 {
		t.Errorf("floor is %d, 7 was asked for", got)
	}
	if free, total, err := statfs(t.TempDir()); err != nil || free == 0 || free > total {
		t.Errorf("statfs: %d of %d, %v", free, total, err)
	}
}

func TestAFullDiskRefusesAndTakesUpAgainByItself(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root may mount the small volume that this test fills")
	}
	for _, first := range []bool{true, false} {
		c := config(t, true)
		c.Floor = 1
		small := map[bool]string{true: c.Dir, false: c.Second}[first]
		if err := os.MkdirAll(small, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=1m"); err != nil {
			t.Fatalf("mount a small volume: %v", err)
		}
		t.Cleanup(func() {
			if err := unix.Unmount(small, unix.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		ballast := filepath.Join(small, "ballast")
		write(t, ballast, make([]byte, 700<<10))
		c.Free = func(string) (uint64, uint64, error) { return 1 << 40, 1 << 40, nil } // nobody warns
		j := open(t, c)
		n := 0
		var full error
		for ; full == nil && n < 100_000; n++ {
			_, full = j.Append(t.Context(), slices.Repeat([]entry.Entry{visits(n)}, 20))
		}
		acked := n - 1
		if !errors.Is(full, city.ErrBusy) || !errors.Is(full, unix.ENOSPC) {
			t.Fatalf("after %d appends: %v", n, full)
		}
		refuses(t, j, n, "no space left")
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		put(t, j, acked, acked+1)
		shut(t, j)
		j = open(t, c)
		got := slices.Compact(values(t, j))
		if !slices.Equal(got, upTo(acked+1)) {
			t.Errorf("%d values, want %d", len(got), acked+1)
		}
		shut(t, j)
	}
}
