package days

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func containsAll(s string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}

// A day changed long ago and again just now: a bite that ends in between must
// bring what was long ago, and the next ones the rest.
func TestABiteBringsTheOldPartOfADayThatChangedAgain(t *testing.T) {
	s, b := started(t, Config{})
	s.epochDays = 4
	ten := local(t, "2027-03-01 10:00")
	apply(t, s, b.add(gate(ten, 1))) // 2
	for d := range 30 {
		apply(t, s, b.add(square(ten+city.Moment(d*86400), 1))) // 3 to 32
	}
	apply(t, s, b.add(gate(ten+900, 1))) // 33
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	var got []string
	bites := 0
	for after := uint64(0); after < s.Committed(); bites++ {
		rows, upTo, err := s.Since(t.Context(), after, 3)
		if err != nil || upTo <= after || len(rows) > 4 {
			t.Fatalf("since %d: %d rows up to %d, %v", after, len(rows), upTo, err)
		}
		for _, r := range rows {
			if r.Source == "gate/in" {
				got = append(got, fmt.Sprintf("bite to %d: ordinal %d of batch %d, %d cells", upTo, r.Kept[0].Ordinal, r.Pos, len(r.Cells)))
			}
		}
		after = upTo
	}
	want := []string{"bite to 4: ordinal 0 of batch 2, 0 cells", "bite to 33: ordinal 1 of batch 33, 1 cells"}
	if len(got) != 2 || got[0][len("bite to 4"):] != want[0][len("bite to 4"):] || got[1] != want[1] || bites < 8 {
		t.Errorf("%d bites: %q, want %q", bites, got, want)
	}
}

func TestABatchIsNeverCutInTwo(t *testing.T) {
	s, b := started(t, Config{})
	ten := local(t, "2027-03-01 10:00")
	var wide []entry.Entry
	for d := range 20 {
		wide = append(wide, square(ten+city.Moment(d*86400), 1))
	}
	apply(t, s, b.add(gate(ten, 1)), b.add(wide...), b.add(gate(ten+900, 1)))
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	after := uint64(0)
	for _, want := range []struct {
		rows int
		upTo uint64
	}{{1, 2}, {20, 3}, {1, 4}, {0, 4}} {
		rows, upTo, err := s.Since(t.Context(), after, 5)
		if err != nil || len(rows) != want.rows || upTo != want.upTo {
			t.Fatalf("since %d: %d rows up to %d, %v; want %+v", after, len(rows), upTo, err, want)
		}
		after = upTo
	}
}

func TestSinceNumbersRevisionsWithinTheirKey(t *testing.T) {
	s, b := started(t, Config{})
	ten := local(t, "2027-03-01 10:00")
	apply(t, s, b.add(gate(ten, 1)), b.add(gate(ten+900, 1)), b.add(revise(gate(ten+900, 2), at(3, 0), "x")), b.add(revise(gate(ten, 2), at(2, 0), "x")), b.add(revise(gate(ten, 3), at(5, 0), "x")))
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	rows, _, err := s.Since(t.Context(), 4, 9)
	if err != nil || len(rows) != 1 || len(rows[0].Kept) != 2 {
		t.Fatalf("%+v %v", rows, err)
	}
	for i, k := range rows[0].Kept {
		if k.Revision != i+1 || k.Ordinal != i+3 || k.V != city.Steps(i+2) {
			t.Errorf("%+v, want revision %d, ordinal %d", k, i+1, i+3)
		}
	}
}

// The notes of which day was touched when must not grow with the readings.
func TestADayTouchedOftenIsNotedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "days.db")
	s, b := started(t, Config{Path: path})
	ten := local(t, "2027-03-21 10:00")
	for i := range 60 {
		apply(t, s, b.add(square(ten+city.Moment(i), 1), gate(ten+city.Moment(i)*900, 1)))
		if i == 30 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, Config{Path: path})
		}
	}
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	var notes int
	if err := s.file.read.QueryRowContext(t.Context(), "SELECT count(*) FROM touched").Scan(&notes); err != nil || notes != 3 {
		t.Errorf("%d notes, want one for each of 3 days: %v", notes, err)
	}
}

func TestClosedDaysAreCompressedAndReadAsBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "days.db")
	s, b := started(t, Config{Path: path})
	ten := local(t, "2027-03-21 10:00") // the book's clock says 1 April
	var list []entry.Entry
	for i := range 50 {
		list = append(list, litter(ten+city.Moment(i*60), fmt.Sprintf("report-%d", i), "opened", 1))
	}
	apply(t, s, b.add(list...), b.add(square(ten, 1), square(ten+10*86400, 1)))
	sum := checksum(t, s)
	if err := s.packAll(); err != nil {
		t.Fatal(err)
	}
	packedAs := func(s *Store, src city.SourceID, m city.Moment) (as int) {
		err := s.file.read.QueryRowContext(t.Context(), "SELECT packed FROM day JOIN source ON source.id = day.source WHERE name = ? AND date = ?", string(src), city.Date((m+12600)/86400)).Scan(&as)
		if err != nil {
			t.Fatal(err)
		}
		return as
	}
	if a, b, c := packedAs(s, "litter", ten), packedAs(s, "square", ten), packedAs(s, "square", ten+10*86400); a != packed || b != leftPlain || c != notPacked {
		t.Errorf("packed as %d, %d, %d", a, b, c)
	}
	if got := checksum(t, s); got != sum {
		t.Errorf("checksum %s, want %s", got, sum)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Config{Path: path})
	raws, err := s.Raws(t.Context(), "litter", 0, 1<<20, 0)
	if err != nil || len(raws) != 50 || raws[49].Event.ID != "report-49" {
		t.Fatalf("%d raws, %v", len(raws), err)
	}
	rows, _, err := s.Since(t.Context(), 0, 9)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	apply(t, s, b.add(litter(ten, "late", "opened", 1), litter(ten, "report-0", "opened", 1)))
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	if as := packedAs(s, "litter", ten); as != notPacked || s.Counts().Duplicates != 1 {
		t.Errorf("after late data: packed as %d, %+v", as, s.Counts())
	}
	again := open(t, Config{Path: filepath.Join(t.TempDir(), "again.db")})
	apply(t, again, b.batches...)
	if a, b := checksum(t, s), checksum(t, again); a != b {
		t.Errorf("a rebuild has checksum %s, want %s", b, a)
	}
}

func TestTheChecksumSeesEveryChange(t *testing.T) {
	ten := local(t, "2027-03-21 10:00")
	seen := map[string]string{}
	for name, e := range map[string]entry.Entry{
		"nothing": &entry.TokenRevoked{ID: "t9"}, "a reading": gate(ten, 1), "its value": gate(ten, 2), "a duplicate": square(ten, 1),
		"a conflict": square(ten, 2), "a city": town(t, "Asia/Tehran", 600), "quarantined": quarantined("x", "range"), "of another": quarantined("y", "range"), "refused": &entry.Refused{Reason: "range", N: 1},
	} {
		s, b := started(t, Config{})
		apply(t, s, b.add(square(ten, 1)), b.add(e))
		sum := checksum(t, s)
		if other, twice := seen[sum]; twice {
			t.Errorf("%s has the checksum of %s", name, other)
		}
		seen[sum] = name
	}
}

func TestMemoryStaysWithinItsBound(t *testing.T) {
	s, b := started(t, Config{CacheReadings: 500})
	ten := local(t, "2020-01-01 10:00")
	for d := range 1000 {
		m := ten + city.Moment(d*86400)
		apply(t, s, b.add(gate(m, 1), square(m, 1), litter(m, "a", "", 1)))
	}
	if s.weight > 2*500+100 || len(s.ring) > 100 || s.unsaved.Load() > 2*500+100 {
		t.Errorf("%d readings of %d days in memory, %d to commit", s.weight, len(s.ring), s.unsaved.Load())
	}
	n := 0
	err := s.Totals(t.Context(), 0, 1<<20, func(city.SourceID, city.Date, measure.Cell) error { n++; return nil })
	if err != nil || n != 3000 {
		t.Errorf("%d days, %v", n, err)
	}
}
