package days

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func TestNewestIsTheLastDateWithData(t *testing.T) {
	s, b := started(t, Config{})
	if _, ok := s.Newest("gate/in"); ok {
		t.Error("a date without data")
	}
	m := local(t, "2022-03-20 10:00")
	apply(t, s, b.add(gate(m+86400, 5), gate(m, 6)))
	if d, ok := s.Newest("gate/in"); !ok || d != date(t, "2022-03-21") {
		t.Errorf("newest %v, %v", d, ok)
	}
	if _, ok := s.Newest("none"); ok {
		t.Error("a date of a source that there is not")
	}
}

func TestTotalsMergeTheHoursOfEachDay(t *testing.T) {
	s, b := started(t, Config{CacheReadings: 1})
	for d := range 6 {
		m := local(t, "2022-03-20 10:00") + city.Moment(d*86400)
		apply(t, s, b.add(gate(m, 5), gate(m+7200, 6), square(m, 70)))
		if d == 3 {
			if err := s.Commit(); err != nil {
				t.Fatal(err)
			}
		}
	}
	type total struct {
		src city.SourceID
		day string
		sum int64
		exp int64
	}
	var got []total
	err := s.Totals(t.Context(), date(t, "2022-03-21"), date(t, "2022-03-23"), func(src city.SourceID, d city.Date, c measure.Cell) error {
		got = append(got, total{src, d.String(), c.Sum, c.Expected})
		return nil
	})
	want := []total{
		{"gate/in", "2022-03-21", 11, 64},
		{"gate/in", "2022-03-22", 11, 64},
		{"gate/in", "2022-03-23", 11, 64},
		{"square", "2022-03-21", 70, 288},
		{"square", "2022-03-22", 70, 276},
		{"square", "2022-03-23", 70, 288},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(total{})); err != nil || diff != "" {
		t.Error(err, diff)
	}
	stop := errors.New("enough")
	if err := s.Totals(t.Context(), 0, 1<<20, func(city.SourceID, city.Date, measure.Cell) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("totals: %v, want the caller's error", err)
	}
}

// Days in the file lie before, between and behind days in memory: each comes once,
// in order, the one in memory where there are both.
func TestReadersSeeMemoryBeforeTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "days.db")
	s, b := started(t, Config{Path: path})
	first := local(t, "2027-03-01 10:00")
	var list []entry.Entry
	for d := range 9 {
		list = append(list, square(first+city.Moment(d*86400), 1))
	}
	apply(t, s, b.add(list...))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Config{Path: path})
	apply(t, s, b.add(square(first+1*86400+300, 5)), b.add(square(first+4*86400+300, 5)), b.add(square(first+7*86400+300, 5), square(first+12*86400, 5)))
	var sums []int64
	err := s.Totals(t.Context(), 0, 1<<20, func(_ city.SourceID, _ city.Date, c measure.Cell) error {
		sums = append(sums, c.Sum)
		return nil
	})
	if diff := cmp.Diff([]int64{1, 6, 1, 1, 6, 1, 1, 6, 1, 5}, sums); err != nil || diff != "" {
		t.Error(err, diff)
	}
	cells, err := s.Cells(t.Context(), "square", first+86400, first+2*86400+1)
	if err != nil || len(cells) != 25 || cells[0].Sum != 6 || cells[24].Sum != 1 {
		t.Errorf("%d cells, %v", len(cells), err)
	}
}

func TestWhatNobodyEverSentIsEmpty(t *testing.T) {
	ctx := t.Context()
	for _, s := range []*Store{open(t, Config{}), func() *Store { s, _ := started(t, Config{}); return s }()} {
		if c, err := s.Cells(ctx, "gate/in", 0, 1<<40); len(c) != 0 || err != nil {
			t.Errorf("cells: %v %v", c, err)
		}
		if r, err := s.Raws(ctx, "gate/in", 0, 1<<20, 0); len(r) != 0 || err != nil {
			t.Errorf("raws: %v %v", r, err)
		}
		if _, ok, err := s.Day(ctx, "gate/in", 20_000); ok || err != nil {
			t.Errorf("day: %v %v", ok, err)
		}
		if rows, upTo, err := s.Since(ctx, 99, 10); len(rows) != 0 || upTo != 99 || err != nil {
			t.Errorf("since: %v %d %v", rows, upTo, err)
		}
	}
}

func TestAnotherZoneCutsATouchedDayAnew(t *testing.T) {
	s, b := started(t, Config{})
	noon := local(t, "2027-03-21 12:00")
	apply(t, s, b.add(square(noon, 1)), b.add(town(t, "UTC", 300)), b.add(square(noon, 1)), b.add(square(noon+1, 2)))
	c, ok, err := s.Day(t.Context(), "square", date(t, "2027-03-21"))
	if err != nil || !ok || len(c.Slots) != 2 || len(c.Cells) != 24 || c.Cells[0].From.String() != "2027-03-21T00:00:00Z" || measure.Merge(c.Cells...).Sum != 3 {
		t.Errorf("day = %v %v %+v", ok, err, c)
	}
	// One o'clock in Tehran is still the day before in UTC.
	apply(t, s, b.add(town(t, "Asia/Tehran", 300)), b.add(square(noon, 1)), b.add(town(t, "UTC", 300), square(noon, 1), square(noon-11*3600, 7)))
	c, ok, err = s.Day(t.Context(), "square", date(t, "2027-03-20"))
	if err != nil || !ok || len(c.Slots) != 1 || measure.Merge(c.Cells...).Sum != 7 {
		t.Errorf("the day before = %v %v %+v", ok, err, c)
	}
}

func TestTheQuarantineShowsTheNewestFirst(t *testing.T) {
	s, b := started(t, Config{})
	for i := range 3 {
		apply(t, s, b.add(quarantined("x", "range"), gate(local(t, "2027-03-21 10:00"), city.Steps(i)), quarantined("y", "clock")))
	}
	want := []entry.Position{at(4, 2), at(4, 1), at(4, 0), at(3, 2), at(3, 1), at(3, 0), at(2, 2), at(2, 0)}
	see := func(limit int) {
		t.Helper()
		held, err := s.Quarantine(t.Context(), limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []entry.Position
		for _, h := range held {
			got = append(got, h.Pos)
		}
		if diff := cmp.Diff(want[:min(limit, len(want))], got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("newest %d: %s", limit, diff)
		}
	}
	for limit := range 10 {
		see(limit)
	}
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	see(4)
	apply(t, s, b.add(quarantined("z", "range")))
	want = append([]entry.Position{at(5, 0)}, want...)
	for limit := range 11 {
		see(limit)
	}
	if c := s.Counts(); c.Quarantined["range"] != 4 || c.Quarantined["clock"] != 3 || c.Conflicts != 2 {
		t.Errorf("counts = %+v", c)
	}
}
