package register

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func TestTheFirstEventMakesTheCaseAndItsClock(t *testing.T) {
	s, b := started(t, Config{})
	season := city.At(bookStart.AddDate(0, 0, -15))
	apply(t, s, b.add(
		report(morning, "137-1", "opened"),
		report(season, "137-2", ""),
		&entry.Event{Source: "watering", At: morning, ID: "w-1", State: "opened", Case: "work", Place: "khaju", V: 12, By: "t2"},
		&entry.Event{Source: "watering", At: morning, ID: "w-2", V: 3, By: "t2"}, // no case
	))
	one := theCase(t, s, 1)
	want := Case{
		Case: measure.Case{
			Opened: morning, State: measure.CaseOpen, Version: 1, Changed: morning,
			Allowed: city.Allowance{Sec: 4 * 3600, Zone: city.HighIntensity},
		},
		Number: 1, Kind: city.ReportCase, Category: "litter", Source: "litter-3", SourceCase: "137-1", Department: "urban-services",
		District: "district-3", V: 1, Due: morning + 4*3600, Changes: 2,
	}
	if d := cmp.Diff(want, one); d != "" {
		t.Error(d)
	}
	if two := theCase(t, s, 2); two.Allowed.Sec != 2*3600 || two.Allowed.Season != "nowruz-1406" || two.Due != season+2*3600 {
		t.Errorf("in the season: %+v", two)
	}
	// From 11:30 on three and a half hours are left of the working day, four and a half go into the next.
	three := theCase(t, s, 3)
	if three.District != "district-3" || three.Allowed.Zone != city.HighIntensity || three.V != 12 || three.Due != morning+24*3600 {
		t.Errorf("by hours of work: %+v", three)
	}
	if _, err := s.Case(t.Context(), 4); !errors.Is(err, city.ErrNotFound) || s.Counts().Cases != 3 || s.Counts().Undeclared != 0 {
		t.Errorf("what is no case: %v, %+v", err, s.Counts())
	}
}

func TestACaseSpansAllDaysAndOneEventCountsOnce(t *testing.T) {
	s, b := started(t, Config{})
	next := morning + 86400
	apply(t, s, b.add(report(morning, "137-1", "opened"), report(morning, "137-1", "opened"), report(morning+60, "137-1", "opened")),
		b.add(report(next, "137-1", "closed"), report(morning, "137-1", "acknowledged"), report(next, "137-1", "closed")),
		b.add(report(next, "137-1", "opened"))) // said again on another day: another event
	c := theCase(t, s, 1)
	if c.State != measure.CaseClosed || c.Closed != next || c.Acknowledged != morning || c.Version != 4 {
		t.Errorf("%+v", c)
	}
	if n := s.Counts(); n.Cases != 1 || n.Open != 0 || n.Events != 4 || n.Duplicates != 3 {
		t.Errorf("%+v", n)
	}
	log, err := s.Lines(t.Context(), 1)
	if err != nil || len(log) != 4 || log[0].State != "opened" || log[1].State != "closed" || log[0].By != "t1" {
		t.Errorf("%+v, %v", log, err)
	}
}

func TestWhatComesLateFillsInWhatWasNotKnown(t *testing.T) {
	s, b := started(t, Config{})
	closed := report(morning+7200, "137-1", "closed")
	closed.Category = ""
	apply(t, s, b.add(closed))
	if c := theCase(t, s, 1); c.State != measure.CaseClosed || c.Allowed.Sec != 24*3600 || c.Opened != morning+7200 {
		t.Errorf("%+v", c)
	}
	apply(t, s, b.add(report(morning, "137-1", "opened")))
	if c := theCase(t, s, 1); c.State != measure.CaseClosed || c.Category != "litter" || c.Allowed.Sec != 4*3600 || c.Opened != morning || c.Due != morning+4*3600 {
		t.Errorf("%+v", c)
	}
}

func TestAnInspectionWithAGoodGradeIsClosedAtOnce(t *testing.T) {
	s, b := started(t, Config{})
	for i, grade := range []string{"A", "b", "C", "D"} {
		e := report(morning, grade, "")
		e.Case, e.Category = "inspection", grade
		apply(t, s, b.add(e))
		c := theCase(t, s, int64(i)+1)
		if closed := c.State == measure.CaseClosed; closed != (i < 2) || closed && c.Closed != morning {
			t.Errorf("grade %s: %+v", grade, c)
		}
	}
}

func TestEventsOfUndeclaredSourcesArePassedOverAndCounted(t *testing.T) {
	s, b := open(t, Config{}), &book{}
	apply(t, s, b.add(report(morning, "1", "")), b.add(town(t)))
	other := report(morning, "2", "")
	other.Source = "nobody"
	gate := report(morning, "3", "")
	gate.Source = "gate"
	kind := report(morning, "4", "")
	kind.Case = "rumour"
	apply(t, s, b.add(other, gate, kind, report(morning, "5", "")))
	if n := s.Counts(); n.Undeclared != 4 || n.Cases != 1 {
		t.Errorf("%+v", n)
	}
}

func TestActsOnACaseChangeItAndStandInItsLog(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(report(morning, "137-1", "opened")))
	file := entry.File{SHA256: strings.Repeat("ab", 32), Type: "image/jpeg", Bytes: 12, Width: 4, Height: 3}
	for i, a := range []*entry.Act{
		b.act("p-bita", entry.DoAssign, "1", to("p-dara"), expects(1)),
		b.act("p-dara", entry.DoNote, "1", note("گروه ۷ در راه است"), expects(2)),
		b.act("p-dara", entry.DoPause, "1", note("waiting for a lorry"), when(morning+1000)),
		b.act("p-dara", entry.DoResume, "1", when(morning+1600)),
		b.act("p-dara", entry.DoEvidence, "1", photo(file)),
		b.act("p-dara", entry.DoClose, "1", when(morning+2000)),
		b.act("p-ava", entry.DoReopen, "1", note("not clean"), when(morning+3000)),
	} {
		if o := outcome(t, s, b, a); o.Refused != "" || o.Version != int64(i)+2 {
			t.Errorf("%s: %+v", a.Do, o)
		}
	}
	c := theCase(t, s, 1)
	if c.Owner != "p-dara" || c.Notes != 1 || c.Evidence != 1 || c.Reopened != 1 || c.State != measure.CaseOpen || c.Version != 8 || c.Changes != uint64(len(b.batches)) {
		t.Errorf("%+v", c)
	}
	if want := morning + 4*3600 + 600 + 1000; c.Due != want {
		t.Errorf("due %s, want %s", c.Due, want)
	}
	log, err := s.Lines(t.Context(), 1)
	if err != nil || len(log) != 8 {
		t.Fatal(log, err)
	}
	if d := cmp.Diff(Line{Pos: entry.Position{Batch: 7}, At: log[5].At, Case: 1, By: "p-dara", Do: entry.DoEvidence, File: &file}, log[5]); d != "" {
		t.Error(d)
	}
	got, err := s.PhotoOf(t.Context(), file.SHA256)
	if d := cmp.Diff(Photo{File: file, Cases: []int64{1}, At: log[5].At}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	if _, err := s.PhotoOf(t.Context(), "none"); !errors.Is(err, city.ErrNotFound) {
		t.Error(err)
	}
}

func TestAPhotoIsAsOldAsItsNewestAct(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(report(morning, "137-1", "opened"), report(morning, "137-2", "opened")))
	file := entry.File{SHA256: strings.Repeat("ab", 32), Type: "image/jpeg", Bytes: 12, Width: 4, Height: 3}
	for _, on := range []struct {
		number string
		at     city.Moment
	}{{"1", morning + 900}, {"2", morning + 600}, {"1", morning + 300}} {
		if o := outcome(t, s, b, b.act("p-dara", entry.DoEvidence, on.number, photo(file), when(on.at))); o.Refused != "" {
			t.Fatalf("%+v", o)
		}
	}
	got, err := s.PhotoOf(t.Context(), file.SHA256)
	if d := cmp.Diff(Photo{File: file, Cases: []int64{1, 2}, At: morning + 900}, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestActsThatDoNotHoldAreRefusedInAWord(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(report(morning, "137-1", "opened"),
		&entry.Event{Source: "watering", At: morning, ID: "w-1", Case: "work", V: 1},
		b.act("p-ava", entry.DoAddPerson, "p-gone", profile(worker("gone", "parks"))), b.act("p-ava", entry.DoEndPerson, "p-gone")))
	for _, tc := range []struct {
		act  *entry.Act
		want string
	}{
		{b.act("p-ava", entry.DoClose, "7"), measure.RefusedNotFound},
		{b.act("p-ava", entry.DoClose, "۱"), measure.RefusedNotFound},
		{b.act("p-ava", entry.DoReopen, "1", note("x")), measure.RefusedNotClosed},
		{b.act("p-ava", entry.DoResume, "1"), measure.RefusedNotPaused},
		{b.act("p-ava", entry.DoAssign, "1"), measure.RefusedAlready},
		{b.act("p-ava", entry.DoAssign, "1", to("p-none")), measure.RefusedNoPerson},
		{b.act("p-ava", entry.DoAssign, "2", to("p-gone")), measure.RefusedNoPerson},
		{b.act("p-ava", entry.DoAssign, "2", to("p-bita")), measure.RefusedOutOfScope},
		{b.act("p-ava", entry.DoAssign, "2", to("p-bita"), expects(9)), measure.RefusedChanged},
		{b.act("p-ava", entry.DoAssign, "2", to("p-dara")), ""},
		{b.act("p-ava", entry.DoAssign, "2", to("p-ava")), ""},
		{b.act("p-ava", entry.DoClose, "1"), ""},
		{b.act("p-ava", entry.DoPause, "1", note("x")), measure.RefusedClosed},
		{b.act("p-ava", "case.paint", "1"), measure.RefusedNotFound},
	} {
		refused(t, s, b, tc.act, tc.want)
	}
	if n := s.Counts(); n.Refused != 11 || n.Acts != 19 || n.Open != 1 {
		t.Errorf("%+v", n)
	}
}

func TestOfTwoActsThatSawTheSameTheFirstHoldsAndTheSecondLearnsOfIt(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(report(morning, "137-1", "opened")))
	won := b.act("p-bita", entry.DoClose, "1", expects(1))
	lost := b.act("p-dara", entry.DoAssign, "1", to("p-dara"), expects(1))
	apply(t, s, b.add(won, lost), b.add(b.act("p-ava", entry.DoNote, "1", note("later"))))
	o, err := s.Outcome(t.Context(), entry.Position{Batch: 3, Index: 1})
	if err != nil || o.Refused != measure.RefusedChanged || o.Version != 2 || len(o.Since) != 1 || o.Since[0].By != "p-bita" || o.Since[0].Do != entry.DoClose {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err := s.Outcome(t.Context(), entry.Position{Batch: 3}); err != nil || o.Refused != "" || o.Version != 2 {
		t.Errorf("%+v, %v", o, err)
	}
	log, err := s.Lines(t.Context(), 1)
	if err != nil || len(log) != 4 || log[2].Refused != measure.RefusedChanged || log[2].To != "p-dara" {
		t.Errorf("%+v, %v", log, err)
	}
}

func TestAnActThatStandsInTheJournalTwiceCountsOnce(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(report(morning, "137-1", "opened")))
	a := b.act("p-bita", entry.DoNote, "1", note("once"), expects(1))
	first := outcome(t, s, b, a)
	again := *a
	if o := outcome(t, s, b, &again); !cmp.Equal(o, first) || o.Pos != (entry.Position{Batch: 3}) || o.Version != 2 {
		t.Errorf("%+v, want %+v", o, first)
	}
	if c := theCase(t, s, 1); c.Notes != 1 || s.Counts().Repeated != 1 {
		t.Errorf("%+v, %+v", c, s.Counts())
	}
	if _, err := s.Outcome(t.Context(), entry.Position{Batch: 2}); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("the outcome of an event: %v", err)
	}
}

func TestCasesGoWithTheirSourceToAnotherDepartment(t *testing.T) {
	var told []Change
	s, b := started(t, Config{Changed: func(c Change) { told = append(told, c) }})
	apply(t, s, b.add(report(morning, "137-1", "opened")), b.add(town(t)),
		b.add(town(t, func(d *city.Definition) { d.Sources[0].Department = "parks" })))
	if c := theCase(t, s, 1); c.Department != "parks" || c.Changes != 4 {
		t.Errorf("%+v", c)
	}
	want := []Change{{2, []city.DepartmentID{"urban-services"}}, {4, []city.DepartmentID{"parks", "urban-services"}}}
	if d := cmp.Diff(want, told); d != "" || s.Rev("parks") != 4 || s.Rev("urban-services") != 4 || s.Rev("nobody") != 0 {
		t.Error(d, s.Rev("parks"))
	}
}
