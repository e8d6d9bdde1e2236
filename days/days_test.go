package days

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// started returns a store with the town in force at batch 1, and its book.
func started(t testing.TB, cfg Config) (*Store, *book) {
	t.Helper()
	s, b := open(t, cfg), &book{}
	apply(t, s, b.add(town(t, "Asia/Tehran", 300)))
	return s, b
}

func cellAt(t testing.TB, s *Store, src city.SourceID, at city.Moment) measure.Cell {
	t.Helper()
	cells, err := s.Cells(t.Context(), src, at, at+1)
	if err != nil || len(cells) != 1 {
		t.Fatalf("cells of %s at %s: %v %v", src, at, cells, err)
	}
	return cells[0]
}

func TestTheFirstReadingWinsAndTheOtherIsHeldWhole(t *testing.T) {
	s, b := started(t, Config{})
	ten := local(t, "2027-03-21 10:00")
	other := gate(ten, 9)
	other.By, other.ID = "t2", "second"
	apply(t, s, b.add(gate(ten, 5)), b.add(other))
	if got := cellAt(t, s, "gate/in", ten); got.Sum != 5 || got.N != 1 {
		t.Errorf("cell = %+v, want the first's 5", got)
	}
	line, err := entry.Append(nil, other)
	if err != nil {
		t.Fatal(err)
	}
	want := []Held{{
		Pos: at(3, 0), At: city.At(b.batches[2].At), Kind: Conflict, Source: "gate/in", Reason: Conflict,
		Detail: "other content came first", By: "t2", Against: at(2, 0), Line: line,
	}}
	for range 2 { // before and after the commit
		held, err := s.Quarantine(t.Context(), 10)
		if diff := cmp.Diff(want, held); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
		if err := s.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDeliveredThreeTimesAndOnceMoreAfterARestartCountsOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "days.db")
	s, b := started(t, Config{Path: path})
	ten := local(t, "2027-03-21 10:00")
	again := []entry.Entry{gate(ten, 5), square(ten, 70), litter(ten, "r1", "opened", 1)}
	retry := gate(ten, 5) // a retry may come under another name, and be later
	retry.By, retry.ID, retry.Late = "t2", "x", 7200e9
	apply(t, s, b.add(again...), b.add(append(again, retry)...), b.add(again...))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Config{Path: path})
	apply(t, s, b.add(again...))
	for _, src := range []city.SourceID{"gate/in", "square", "litter"} {
		if got := cellAt(t, s, src, ten); got.N != 1 || got.Pos != 2 {
			t.Errorf("%s = %+v, want one slot of batch 2", src, got)
		}
	}
	want := Counts{Readings: 2, Events: 1, Duplicates: 10, Quarantined: map[string]int64{}, Refused: map[string]int64{}}
	if diff := cmp.Diff(want, s.Counts()); diff != "" {
		t.Error(diff)
	}
}

func TestARevisionOfTheNewestCountsAndOneOfAnOlderIsHeld(t *testing.T) {
	s, b := started(t, Config{})
	ten := local(t, "2027-03-21 10:00")
	apply(t, s,
		b.add(gate(ten, 5)), // 2
		b.add(revise(gate(ten, 6), at(2, 0), "recounted")), // 3
		b.add(gate(ten, 5)), // 4: the first again, a retry
		b.add(revise(gate(ten, 7), at(2, 0), "too late")),       // 5: 2 is not the newest
		b.add(revise(gate(ten, 6), at(2, 0), "recounted")),      // 6: 3 again, a retry
		b.add(revise(gate(ten, 5), at(3, 0), "was right")),      // 7: back to the first value
		b.add(revise(gate(ten+900, 5), at(2, 0), "of another")), // 8: nothing there to revise
	)
	raws, err := s.Raws(t.Context(), "gate/in", date(t, "2027-03-21"), date(t, "2027-03-21"), 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []measure.Raw{
		{From: ten, To: ten + 900, V: 5, Pos: at(2, 0)},
		{From: ten, To: ten + 900, V: 6, Pos: at(3, 0), Revised: true, Note: "recounted"},
		{From: ten, To: ten + 900, V: 5, Pos: at(7, 0), Revised: true, Note: "was right"},
	}
	if diff := cmp.Diff(want, raws); diff != "" {
		t.Error(diff)
	}
	if c := s.Counts(); c.Readings != 3 || c.Revisions != 2 || c.Duplicates != 2 || c.Conflicts != 2 {
		t.Errorf("counts = %+v", c)
	}
	if got := cellAt(t, s, "gate/in", ten); got.Sum != 5 || got.N != 1 || got.Pos != 7 {
		t.Errorf("cell = %+v, want 5 by batch 7", got)
	}
}

func TestAnEventOfTheSameIDThatSaysSomethingElseIsAConflict(t *testing.T) {
	s, b := started(t, Config{})
	ten := local(t, "2027-03-21 10:00")
	event := func(change func(*entry.Event)) *entry.Event {
		e := &entry.Event{Source: "litter", At: ten, ID: "a", State: "opened", Case: "report", Category: "litter", Place: "khaju", V: 1, By: "t1"}
		change(e)
		return e
	}
	apply(t, s, b.add(event(func(*entry.Event) {})))
	for name, tc := range map[string]struct {
		e    *entry.Event
		want entry.Standing
	}{
		"the same":       {event(func(e *entry.Event) { e.By, e.Late = "t2", 7200e9 }), entry.Duplicate},
		"its time":       {event(func(e *entry.Event) { e.At++ }), entry.Conflict},
		"its value":      {event(func(e *entry.Event) { e.V = 2 }), entry.Conflict},
		"its case":       {event(func(e *entry.Event) { e.Case = "work" }), entry.Conflict},
		"its category":   {event(func(e *entry.Event) { e.Category = "noise" }), entry.Conflict},
		"its place":      {event(func(e *entry.Event) { e.Place = "soffeh" }), entry.Conflict},
		"another state":  {event(func(e *entry.Event) { e.State = "closed" }), entry.New},
		"another id":     {event(func(e *entry.Event) { e.ID = "b" }), entry.New},
		"another day's":  {event(func(e *entry.Event) { e.At += 86400 }), entry.New},
		"before the day": {event(func(e *entry.Event) { e.At -= 86400 }), entry.New},
	} {
		if st, _, err := s.Standing(tc.e); err != nil || st != tc.want {
			t.Errorf("%s: %v %v, want %v", name, st, err, tc.want)
		}
	}
}

func TestTwoRevisionsThatCancelOutStillSayWhoChangedTheCell(t *testing.T) {
	s, b := started(t, Config{})
	ten := local(t, "2027-03-21 10:00")
	apply(t, s, b.add(gate(ten, 1), gate(ten+900, 2), gate(ten+1800, 3)))
	apply(t, s, b.add(revise(gate(ten, 2), at(2, 0), "swapped"), revise(gate(ten+900, 1), at(2, 1), "swapped")))
	if got := cellAt(t, s, "gate/in", ten); got.Sum != 6 || got.Pos != 3 {
		t.Errorf("cell = %+v, want 6 by batch 3", got)
	}
}

func TestLateAndShuffledReadingsCountAtTheirOwnTime(t *testing.T) {
	inOrder, _ := started(t, Config{})
	shuffled, _ := started(t, Config{})
	var list []entry.Entry
	for m := local(t, "2022-03-20 00:00"); m < local(t, "2022-03-24 00:00"); m += 900 {
		list = append(list, gate(m, city.Steps(m/900%17)), square(m, city.Steps(m/900%7)), litter(m, m.String(), "", 1))
	}
	give := func(s *Store) {
		for i := 0; i < len(list); i += 50 {
			apply(t, s, entry.Batch{Number: s.Applied() + 1, At: bookStart, Entries: list[i:min(i+50, len(list))]})
		}
	}
	give(inOrder)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	give(shuffled)
	for _, src := range []city.SourceID{"gate/in", "square", "litter"} {
		var got [2][]measure.Cell
		for i, s := range []*Store{inOrder, shuffled} {
			var err error
			if got[i], err = s.Cells(t.Context(), src, local(t, "2022-03-20 00:00"), local(t, "2022-03-24 00:00")); err != nil {
				t.Fatal(err)
			}
		}
		if len(got[0]) != 95 { // four days, one of them an hour short
			t.Errorf("%s: %d hours, want 95", src, len(got[0]))
		}
		if diff := cmp.Diff(got[0], got[1], cmpopts.IgnoreFields(measure.Cell{}, "Pos")); diff != "" {
			t.Errorf("%s: %s", src, diff)
		}
	}
}

func TestOnlyTheHoursThatChangedGetTheBatchThatChangedThem(t *testing.T) {
	s, b := started(t, Config{})
	ten := local(t, "2027-03-21 10:00")
	apply(t, s, b.add(gate(ten, 1)), b.add(gate(ten+3600, 2)), b.add(gate(ten+900, 3)))
	for hour, want := range map[city.Moment]uint64{ten - 3600: 0, ten: 4, ten + 3600: 3} {
		if got := cellAt(t, s, "gate/in", hour).Pos; got != want {
			t.Errorf("hour %s by batch %d, want %d", hour, got, want)
		}
	}
}

func TestADayTouchedLaterIsRolledByTheNewestCity(t *testing.T) {
	s, b := started(t, Config{})
	ten := local(t, "2027-03-21 10:00")
	apply(t, s, b.add(square(ten, 1)), b.add(square(ten+86400, 1)), b.add(town(t, "Asia/Tehran", 600)))
	if got := cellAt(t, s, "square", ten); got.Expected != 12 || got.Pos != 2 {
		t.Errorf("untouched = %+v, want as it was", got)
	}
	apply(t, s, b.add(square(ten+7200, 1)))
	if got := cellAt(t, s, "square", ten); got.Expected != 6 || got.Pos != 5 {
		t.Errorf("touched = %+v, want 6 expected by batch 5", got)
	}
	if got := cellAt(t, s, "square", ten+86400); got.Expected != 12 || got.Pos != 3 {
		t.Errorf("another day = %+v, want as it was", got)
	}
}

func TestWhatTheCityDoesNotDeclareIsHeldAndNeverLost(t *testing.T) {
	s, b := open(t, Config{}), &book{}
	ten := local(t, "2027-03-21 10:00")
	apply(t, s, b.add(gate(ten, 1)), b.add(town(t, "Asia/Tehran", 300)))
	wrong := []entry.Entry{
		&entry.Reading{Source: "nobody", From: ten, To: ten},
		&entry.Reading{Source: "litter", From: ten, To: ten},
		&entry.Reading{Source: "gate/in", From: ten, To: ten},
		&entry.Reading{Source: "square", From: ten, To: ten + 900},
		&entry.Event{Source: "square", At: ten, ID: "x"},
	}
	apply(t, s, b.add(wrong...), b.add(&entry.City{Compiled: []byte("{")}), b.add(gate(ten, 2)))
	held, err := s.Quarantine(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, h := range held {
		kinds[h.Kind]++
		if len(h.Line) == 0 && h.Kind != Broken || h.Detail == "" {
			t.Errorf("held %+v", h)
		}
	}
	if diff := cmp.Diff(map[string]int{Undeclared: 6, Broken: 1}, kinds); diff != "" {
		t.Error(diff)
	}
	if c := s.Counts(); c.Undeclared != 6 || c.Readings != 1 {
		t.Errorf("counts = %+v", c)
	}
	if _, _, err := s.Standing(wrong[1]); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("standing: %v, want ErrNotFound", err)
	}
	if _, _, err := s.Standing(&entry.Refused{}); !errors.Is(err, city.ErrInvalid) {
		t.Errorf("standing: %v, want ErrInvalid", err)
	}
}

func TestStandingAsksForADayThatIsNotInMemory(t *testing.T) {
	s, b := started(t, Config{CacheReadings: 1})
	ten := local(t, "2027-03-21 10:00")
	apply(t, s, b.add(gate(ten, 5), litter(ten, "a", "", 1)))
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	for m := ten + 86400; m < ten+20*86400; m += 86400 {
		apply(t, s, b.add(square(m, 1)))
		if err := s.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if s.sources["gate/in"].days[date(t, "2027-03-21")] != nil {
		t.Fatal("the day is still in memory")
	}
	for _, tc := range []struct {
		e    entry.Entry
		want entry.Standing
		pos  entry.Position
	}{
		{gate(ten, 5), entry.Duplicate, at(2, 0)},
		{gate(ten, 6), entry.Conflict, at(2, 0)},
		{revise(gate(ten, 6), at(2, 0), "x"), entry.New, entry.Position{}},
		{gate(ten+900, 5), entry.New, entry.Position{}},
		{litter(ten+60, "a", "", 1), entry.Conflict, at(2, 1)},
		{litter(ten, "a", "closed", 1), entry.New, entry.Position{}},
	} {
		if st, pos, err := s.Standing(tc.e); err != nil || st != tc.want || pos != tc.pos {
			t.Errorf("standing of %+v = %v %v %v, want %v %v", tc.e, st, pos, err, tc.want, tc.pos)
		}
	}
}

func TestAGapIsAnErrorAndAnOldBatchIsPassedOver(t *testing.T) {
	s, b := started(t, Config{})
	first := b.add(gate(local(t, "2027-03-21 10:00"), 5))
	b.add(&entry.TokenRevoked{ID: "t9"})
	third := b.add(&entry.TokenRevoked{ID: "t9"})
	apply(t, s, first, first)
	err := s.Apply(third)
	if err == nil || err.Error() != "apply batch 4: batch 3 is missing" {
		t.Errorf("apply over a gap: %v", err)
	}
	if s.Applied() != 2 || s.Counts().Duplicates != 0 {
		t.Errorf("applied %d, counts %+v", s.Applied(), s.Counts())
	}
}

func TestCitiesAreFoundByTheBatchThatAsks(t *testing.T) {
	var told []uint64
	path := filepath.Join(t.TempDir(), "days.db")
	s, b := open(t, Config{Path: path, CityChanged: func(pos uint64, c *city.City) { told = append(told, pos) }}), &book{}
	if _, _, err := s.City(0); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("without a city: %v", err)
	}
	for i := range uint64(30) {
		if i%2 == 0 {
			apply(t, s, b.add(town(t, "Asia/Tehran", 60+int64(i))))
		} else {
			apply(t, s, b.add(&entry.TokenRevoked{ID: "t9"}))
		}
	}
	if len(told) != 15 || told[14] != 29 {
		t.Errorf("told of %v", told)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s.cities.list[14].compiled != nil {
		t.Error("a city that is in the file would be written again")
	}
	s = open(t, Config{Path: path})
	for at := uint64(30); at > 0; at-- {
		c, from, err := s.City(at)
		want := at - 1 + at%2
		if err != nil || from != want || c.Source("square").Every(3) != 60+int64(want-1) {
			t.Fatalf("city at %d: of batch %d, %v", at, from, err)
		}
	}
	if c, from, err := s.City(0); err != nil || from != 29 || c.ID != "town" {
		t.Errorf("newest city: of batch %d, %v", from, err)
	}
}

func TestAFileOfANewerFormatOrOfSomebodyElseIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, tc := range map[string]struct{ sql, want string }{
		"newer": {"PRAGMA user_version = 2", "open days DIR/newer: the file is of format 2, this Rasad reads 1: start a newer Rasad, or delete the file and the journal builds it again"},
		"other": {"PRAGMA application_id = 7; CREATE TABLE x (y)", "open days DIR/other: not a file of days: move it away, the journal builds a new one"},
	} {
		path := filepath.Join(dir, name)
		if name == "newer" {
			if err := open(t, Config{Path: path}).Close(); err != nil {
				t.Fatal(err)
			}
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(tc.sql); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = Open(Config{Path: path})
		if err == nil || strings.ReplaceAll(err.Error(), dir, "DIR") != tc.want {
			t.Errorf("open %s: %v", name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{Path: filepath.Join(dir, "text")}); err == nil {
		t.Error("a text was opened as a file of days")
	}
}
