package journal

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// closed is a journal of two days whose first segment is closed but not packed.
func closed(t *testing.T) (c Config, path string, wire []byte) {
	t.Helper()
	c = config(t, false)
	path, wire = one(t, c, 50)
	c.Now = func() time.Time { return start.AddDate(0, 0, 1) }
	return c, path, wire
}

func TestAClosedSegmentIsPackedAndReadsAsBefore(t *testing.T) {
	c, path, wire := closed(t)
	write(t, filepath.Join(c.Dir, "000000000051-2027-03-22.rasad"), nil)
	packed(t, c.Dir)
	want := []string{filepath.Base(path) + ".zst", "000000000051-2027-03-22.rasad"}
	if got := names(t, c.Dir); !slices.Equal(got, want) {
		t.Fatalf("files: %v, want %v", got, want)
	}
	if got := unpacked(t, path+".zst"); !bytes.Equal(got, wire) {
		t.Error("it does not unpack to what it was")
	}
	if zst := file(t, path+".zst"); len(zst) > len(wire)*2/3 {
		t.Errorf("%d bytes packed to %d", len(wire), len(zst))
	}
}

func TestASegmentThatDoesNotVerifyStaysAsItIs(t *testing.T) {
	c, path, wire := closed(t)
	write(t, filepath.Join(c.Dir, "000000000051-2027-03-22.rasad"), nil)
	if err := flip(path, len(wire)/2); err != nil {
		t.Fatal(err)
	}
	d := &diary{}
	err := packAll(t.Context(), c.Dir, d.log())
	var broken *BrokenError
	if !errors.As(err, &broken) || broken.Segment != path {
		t.Errorf("pack: %v", err)
	}
	if got := names(t, c.Dir); len(got) != 2 || got[0] != filepath.Base(path) {
		t.Errorf("files: %v", got)
	}
}

func TestAnInterruptedPackingIsFinishedLater(t *testing.T) {
	c, path, _ := closed(t)
	write(t, filepath.Join(c.Dir, "000000000051-2027-03-22.rasad"), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := &diary{}
	if err := packAll(ctx, c.Dir, d.log()); !errors.Is(err, context.Canceled) {
		t.Errorf("pack: %v", err)
	}
	if got := names(t, c.Dir); len(got) != 2 {
		t.Errorf("files: %v", got)
	}
	write(t, path+".zst", []byte("a stop between the two steps"))
	write(t, path+".zst"+tempEnd, []byte("a stop in the middle"))
	j := open(t, c)
	if got := values(t, j); !slices.Equal(got, upTo(50)) {
		t.Errorf("both forms: values %v", got)
	}
	put(t, j, 50, 51)
	shut(t, j)
	packed(t, c.Dir)
	want := []string{filepath.Base(path) + ".zst", "000000000051-2027-03-22.rasad"}
	if got := names(t, c.Dir); !slices.Equal(got, want) {
		t.Errorf("files: %v, want %v", got, want)
	}
	j = open(t, c)
	if got := values(t, j); !slices.Equal(got, upTo(51)) {
		t.Errorf("packed: values %v", got)
	}
}

func TestTheJournalPacksYesterdayByItself(t *testing.T) {
	c := config(t, true)
	done := make(chan string, 10)
	c.Log = logTo(func(line string) {
		if strings.Contains(line, "segment packed") {
			done <- line
		}
	})
	now := start
	c.Now = func() time.Time { return now }
	j := open(t, c)
	put(t, j, 0, 5)
	now = start.AddDate(0, 0, 1)
	put(t, j, 5, 6)
	<-done
	<-done
	for _, dir := range []string{c.Dir, c.Second} {
		want := []string{"000000000001-2027-03-21.rasad.zst", "000000000006-2027-03-22.rasad"}
		if got := names(t, dir); !slices.Equal(got, want) {
			t.Errorf("files: %v", got)
		}
	}
	i := j.Info()
	if i.Segments != 2 || i.Packed != 1 || i.Bytes == 0 || i.Today == 0 || i.Today >= i.Bytes || i.Head != 6 || !i.At.Equal(now) {
		t.Errorf("info: %+v", i)
	}
	if got := values(t, j); !slices.Equal(got, upTo(6)) {
		t.Errorf("values %v", got)
	}
}

func TestOnlyTheNamesOfSegmentsAreRead(t *testing.T) {
	for name, want := range map[string]bool{
		"000000000001-2027-03-21.rasad":        true,
		"000000000001-2027-03-21.rasad.zst":    true,
		"1-2027-03-21.rasad":                   false,
		"000000000000-2027-03-21.rasad":        false,
		"000000000001-2027-02-30.rasad":        false,
		"000000000001-2027-03-21.rasad.torn":   false,
		"000000000001-2027-03-21.rasad.broken": false,
		"LOCK":                                 false,
	} {
		s, ok := parseName(name)
		if ok != want || ok && s.name() != name {
			t.Errorf("%s: %v, %t", name, s, ok)
		}
	}
}
