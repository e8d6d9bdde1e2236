package days

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// Whatever the file held when the power went, the journal repeats the rest.
func TestAPowerCutAfterAnyCommitIsHealedByTheJournal(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "days.db")
	s, b := started(t, Config{Path: path, CacheReadings: 20})
	ten := local(t, "2022-03-21 20:00")
	var copies []string
	for i := range 24 {
		from := ten + city.Moment(i*5%24)*1800
		apply(t, s, b.add(gate(from, city.Steps(i)), square(from, 1), square(ten, 2), litter(from, "a", "", 1), quarantined("x", "range")))
		if i%3 != 0 {
			continue
		}
		if err := s.Commit(); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, filepath.Join(dir, fmt.Sprintf("copy-%d.db", i)))
		copyFiles(t, path, copies[len(copies)-1])
	}
	want := checksum(t, s)
	var last uint64
	for _, path := range copies {
		s := open(t, Config{Path: path})
		if s.Applied() <= last {
			t.Errorf("%s holds batch %d, want more than %d", filepath.Base(path), s.Applied(), last)
		}
		last = s.Applied()
		apply(t, s, b.batches...) // those it has are passed over
		if got := checksum(t, s); got != want {
			t.Errorf("%s: checksum %s, want %s", filepath.Base(path), got, want)
		}
	}
}

func TestTheCityIsToldBeforeItsChangesAndBothBeforeTheBatchIsApplied(t *testing.T) {
	var s *Store
	var said []string
	ten := local(t, "2027-03-21 10:00")
	cfg := Config{
		CityChanged: func(pos uint64, c *city.City) {
			said = append(said, fmt.Sprintf("city of %d, %d applied", pos, s.Applied()))
		},
		Changed: func(pos uint64, changes []Change) {
			for _, c := range changes {
				said = append(said, fmt.Sprintf("%s of %d, %d applied", c.Source, pos, s.Applied()))
				day, ok, err := s.Day(t.Context(), c.Source, c.Date) // a follower may read
				if diff := cmp.Diff(c, day); !ok || err != nil || diff != "" {
					t.Error(ok, err, diff)
				}
			}
		},
	}
	s = open(t, cfg)
	b := &book{}
	apply(t, s,
		b.add(town(t, "Asia/Tehran", 300), square(ten, 1), gate(ten, 1), square(ten+1, 1)),
		b.add(square(ten, 1), square(ten, 2), quarantined("x", "range")),
		b.add(litter(ten, "a", "", 1), town(t, "Asia/Tehran", 600), square(ten+2, 1), litter(ten, "b", "", 1)))
	want := []string{
		"city of 1, 0 applied", "square of 1, 0 applied", "gate/in of 1, 0 applied",
		"city of 3, 2 applied", "litter of 3, 2 applied", "square of 3, 2 applied",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

// What a source sent just before the city took it away counts, by the city before.
func TestASourceThatLeavesKeepsWhatItSent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "days.db")
	s, b := started(t, Config{Path: path})
	ten := local(t, "2027-03-21 10:00")
	apply(t, s, b.add(square(ten, 7), town(t, "Asia/Tehran", 300, "square"), square(ten+300, 8)))
	for range 2 {
		if got := cellAt(t, s, "square", ten); got.Sum != 7 || got.Expected != 12 {
			t.Errorf("cell = %+v, want 7", got)
		}
		if c := s.Counts(); c.Readings != 1 || c.Undeclared != 1 {
			t.Errorf("counts = %+v", c)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, Config{Path: path})
	}
	apply(t, s, b.add(town(t, "Asia/Tehran", 300)), b.add(square(ten, 7), square(ten+300, 8)))
	if got := cellAt(t, s, "square", ten); got.Sum != 15 || s.Counts().Duplicates != 1 {
		t.Errorf("cell = %+v, counts %+v, want it to go on", got, s.Counts())
	}
}

// A day of a reading a second that comes backwards is the same as one in order.
func TestALongDayMayComeBackwards(t *testing.T) {
	var cells [2][]measure.Cell
	midnight := local(t, "2027-03-21 00:00")
	for i := range cells {
		var list []entry.Entry
		for k := range 20_000 {
			list = append(list, square(midnight+city.Moment(k*4), city.Steps(k%50)))
		}
		if i == 1 {
			slices.Reverse(list)
		}
		s, b := started(t, Config{})
		for part := range slices.Chunk(list, 500) {
			apply(t, s, b.add(part...))
		}
		apply(t, s, b.add(list...))
		if got := s.Counts(); got.Readings != 20_000 || got.Duplicates != 20_000 {
			t.Errorf("counts = %+v", got)
		}
		var err error
		if cells[i], err = s.Cells(t.Context(), "square", midnight, midnight+86400); err != nil {
			t.Fatal(err)
		}
		for j := range cells[i] {
			cells[i][j].Pos = 0
		}
	}
	if diff := cmp.Diff(cells[0], cells[1]); diff != "" || cells[0][0].N != 900 {
		t.Error(cells[0][0], diff)
	}
}

func TestRawsAsOfABatchAreInTheOrderOfDatesAndOfTheJournal(t *testing.T) {
	s, b := started(t, Config{CacheReadings: 1})
	ten := local(t, "2027-03-21 10:00")
	apply(t, s,
		b.add(gate(ten+86400, 1)),                  // 2
		b.add(gate(ten+900, 2), gate(ten, 3)),      // 3
		b.add(revise(gate(ten, 4), at(3, 1), "x")), // 4
		b.add(gate(ten+86400+900, 5), gate(ten+3*86400, 6)))
	for asOf, want := range [][]city.Steps{{2, 3, 4, 1, 5, 6}, {}, {1}, {2, 3, 1}, {2, 3, 4, 1}, {2, 3, 4, 1, 5, 6}, {2, 3, 4, 1, 5, 6}} {
		raws, err := s.Raws(t.Context(), "gate/in", 0, 1<<20, uint64(asOf))
		if err != nil {
			t.Fatal(err)
		}
		got := []city.Steps{}
		for _, r := range raws {
			got = append(got, r.V)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("as of %d: %s", asOf, diff)
		}
	}
}
