package history

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// rejecting answers as a store does that never takes the rows of some values.
func rejecting(bad ...int64) func([]Row) error {
	return func(rows []Row) error {
		for _, r := range rows {
			if slices.Contains(bad, r.Fields[0].(int64)) {
				return &RefusalError{Trouble: Rejected, Status: 400, Reason: "partial write: field type conflict dropped=0"}
			}
		}
		return nil
	}
}

func without(list []int64, bad ...int64) []int64 {
	return slices.DeleteFunc(list, func(v int64) bool { return slices.Contains(bad, v) })
}

func TestRejectedRowsAreParkedAndTheOthersStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f, dir := newFakeDays(900), newFakeRows(), t.TempDir()
		f.judge = rejecting(1, 77, 78, 900)
		w := run(t, d, f, dir)
		synctest.Wait() // no pause: they are not tried again
		if !slices.Equal(f.values(), without(upTo(900), 1, 77, 78, 900)) {
			t.Errorf("stored %d rows, want 896", len(f.rows))
		}
		if s := w.State(); s.Parked != 4 || !s.Reachable || s.Position != 900 || s.Written != 896 {
			t.Errorf("state %+v", s)
		}
		lines := parkedLines(t, dir)
		if len(lines) != 4 || lines[1].At != int64(readingAt(77))*1e9 || lines[1].Table != "reading" || lines[1].Tags[0] != "gate" ||
			lines[1].Fields["v"] != 77.0 || !strings.Contains(lines[1].Reason, "type conflict") {
			t.Errorf("parked %+v", lines)
		}
		asked := len(f.writes)
		settle(time.Hour)
		if len(f.writes) != asked {
			t.Error("parked rows were tried again")
		}
		w.stop()
	})
}

func TestParkedRowsAreCountedOnceOverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f, dir := newFakeDays(20), newFakeRows(), t.TempDir()
		f.judge = rejecting(3, 4)
		w := run(t, d, f, dir)
		synctest.Wait()
		w.stop()
		path := filepath.Join(dir, "parked.jsonl")
		torn, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := torn.WriteString(`{"table":"rea`); err != nil { // as a power cut leaves it
			t.Fatal(err)
		}
		_ = torn.Close()
		f.do(func() { f.mark = Mark{} }) // all again
		f.judge = rejecting(3, 4, 5)
		w = run(t, d, f, dir)
		synctest.Wait()
		w.stop()
		if n := w.State().Parked; n != 3 {
			t.Errorf("parked %d, want 3", n)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n != 4 || !strings.HasSuffix(string(text), "}\n") {
			t.Errorf("file of %d lines: %s", n, text)
		}
	})
}

func TestSearchForRejectedRowsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f, dir := newFakeDays(1000), newFakeRows(), t.TempDir()
		f.judge = func([]Row) error { return &RefusalError{Trouble: Rejected, Status: 422, Reason: "beyond retention"} }
		w := run(t, d, f, dir)
		synctest.Wait()
		w.stop()
		if len(f.writes) > 2*sortWrites {
			t.Errorf("%d writes", len(f.writes))
		}
		if s := w.State(); s.Parked != 1000 || s.Position != 1000 {
			t.Errorf("state %+v", s)
		}
		lines := parkedLines(t, dir)
		if last := lines[len(lines)-1].Reason; !strings.HasPrefix(last, "not told apart: ") {
			t.Errorf("reason of the last: %s", last)
		}
	})
}

func TestTooLargeWritesAreHalvedUntilTheyPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f, dir := newFakeDays(1000), newFakeRows(), t.TempDir()
		f.judge = func(rows []Row) error {
			if len(rows) > 3 || rejecting(500)(rows) != nil {
				return &RefusalError{Trouble: TooLarge, Status: 413, Reason: "too large"}
			}
			return nil
		}
		w := run(t, d, f, dir)
		synctest.Wait()
		w.stop()
		if !slices.Equal(f.values(), without(upTo(1000), 500)) || !slices.IsSorted(f.order) {
			t.Errorf("stored %d rows, want all but the one that is too large alone, in order", len(f.rows))
		}
		if s := w.State(); s.Parked != 1 || s.Position != 1000 {
			t.Errorf("state %+v", s)
		}
	})
}

func TestSmallWritesAreFoundAlsoWhenTheSearchIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(1000), newFakeRows()
		f.judge = func(rows []Row) error {
			if len(rows) > 3 {
				return &RefusalError{Trouble: TooLarge, Status: 413, Reason: "too large"}
			}
			return rejecting(upTo(400)...)(rows)
		}
		w := run(t, d, f, t.TempDir())
		synctest.Wait()
		w.stop()
		if !slices.Equal(f.values(), upTo(1000)[400:]) || w.State().Parked != 400 {
			t.Errorf("stored %v, state %+v", f.values(), w.State())
		}
	})
}

func TestAwayInTheMiddleOfHalvingStartsTheBiteAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newFakeDays(100), newFakeRows()
		n := 0
		f.judge = func(rows []Row) error {
			n++
			if n == 4 {
				return &RefusalError{Status: 503, Reason: "cache full"}
			}
			return rejecting(60)(rows)
		}
		w := run(t, d, f, t.TempDir())
		settle(time.Minute)
		w.stop()
		if !slices.Equal(f.values(), without(upTo(100), 60)) || w.State().Parked != 1 {
			t.Errorf("stored %d, state %+v", len(f.rows), w.State())
		}
	})
}

func TestFullDiskKeepsRowsFromBeingForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f, dir := newFakeDays(5), newFakeRows(), t.TempDir()
		f.judge = rejecting(2)
		folder := filepath.Join(dir, "parked.jsonl")
		w := run(t, d, f, dir)
		if err := os.Mkdir(folder, 0o700); err != nil { // nothing can be written there
			t.Fatal(err)
		}
		settle(time.Minute)
		if s := w.State(); s.Reachable || !strings.Contains(s.Words, "park rows") || s.Position != 0 {
			t.Errorf("state %+v", s)
		}
		if err := os.Remove(folder); err != nil {
			t.Fatal(err)
		}
		settle(2 * time.Minute)
		w.stop()
		if s := w.State(); s.Position != 5 || s.Parked != 1 || len(parkedLines(t, dir)) != 1 {
			t.Errorf("state %+v", s)
		}
	})
}

func TestParkedFileStaysWithinItsBound(t *testing.T) {
	dir := t.TempDir()
	p, err := openParked(filepath.Join(dir, "parked.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", maxParked/8)
	for i := range 10 {
		row := Row{ReadingTable, []string{"gate"}, []any{int64(1), int64(1), int64(1), int64(0), long}, int64(i)}
		if err := p.add([]Row{row}, "too long"); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "parked.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() >= maxParked || p.count() != 10 {
		t.Errorf("%d bytes, %d counted", info.Size(), p.count())
	}
}

func TestEveryTableHasItsPlaceInTheDocs(t *testing.T) {
	doc, err := os.ReadFile("../docs/influxdb.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range Tables() {
		var fields []string
		for _, f := range table.Fields {
			fields = append(fields, fmt.Sprintf("%s (%s)", f.Name, f.Type))
		}
		tags := strings.Join(table.Tags, ", ")
		if tags == "" {
			tags = "–"
		}
		line := fmt.Sprintf("| %s | %s | %s | %s |", table.Name, tags, strings.Join(fields, ", "), table.Time)
		if !strings.Contains(string(doc), line) {
			t.Errorf("docs/influxdb.md lacks the line\n%s", line)
		}
	}
}
