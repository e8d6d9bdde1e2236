package register

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func TestHandingOverEndsAShiftAndBeginsTheNext(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(report(morning-5*3600, "1", ""), report(morning, "2", ""), report(morning, "3", "closed"),
		&entry.Event{Source: "watering", At: morning, ID: "w", Case: "work", V: 1},
		b.act("p-bita", entry.DoNote, "2", note("first")), b.act("p-dara", entry.DoNote, "4", note("of the parks"))))
	first := outcome(t, s, b, b.act("p-bita", entry.DoHandOver, "urban-services", expects(1), to("p-dara"), note("دو خودرو در تعمیر است"), when(morning+60)))
	apply(t, s, b.add(b.act("p-dara", entry.DoClose, "1"), b.act("p-dara", entry.DoClose, "3")))
	second := outcome(t, s, b, b.act("p-dara", entry.DoHandOver, "urban-services", when(morning+120)))
	if first.Refused != "" || first.Version != 2 || second.Version != 3 {
		t.Errorf("%+v, %+v", first, second)
	}
	want := []Shift{
		{Department: "urban-services", Number: 3, From: morning + 120},
		{Department: "urban-services", Number: 2, From: morning + 60, To: morning + 120, Taker: "p-dara", By: "p-dara", Open: 1},
		{Department: "urban-services", Number: 1, To: morning + 60, By: "p-bita", Next: "p-dara", Note: "دو خودرو در تعمیر است", Open: 2, Overdue: 1},
	}
	for limit := range 5 {
		list, err := s.Shifts(t.Context(), "urban-services", limit)
		if d := cmp.Diff(want[:min(max(limit, 1), 3)], list); d != "" || err != nil {
			t.Errorf("%d shifts: %v %s", limit, err, d)
		}
	}
	for number, dos := range map[int64][]string{
		1: {"case.note 2 ", "shift.hand_over 0 "},
		2: {"case.close 1 ", "case.close 3 closed", "shift.hand_over 0 "},
		3: nil,
	} {
		x, log, err := s.Shift(t.Context(), "urban-services", number)
		var got []string
		for _, l := range log {
			got = append(got, string(l.Do)+" "+entry.Position{Batch: uint64(l.Case)}.String()[:1]+" "+l.Refused)
		}
		if !cmp.Equal(got, dos) || x != want[3-number] || err != nil {
			t.Errorf("shift %d: %+v %q %v", number, x, got, err)
		}
	}
	for _, number := range []int64{-1, 0, 4} {
		if x, _, err := s.Shift(t.Context(), "urban-services", number); !errors.Is(err, city.ErrNotFound) {
			t.Errorf("shift %d: %+v, %v", number, x, err)
		}
	}
}

func TestADepartmentWithoutAHandingOverIsInItsFirstShift(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(report(morning, "1", ""), b.act("p-bita", entry.DoClose, "1")))
	want := Shift{Department: "urban-services", Number: 1}
	if list, err := s.Shifts(t.Context(), "urban-services", 10); err != nil || !cmp.Equal(list, []Shift{want}) {
		t.Error(list, err)
	}
	if x, log, err := s.Shift(t.Context(), "urban-services", 1); err != nil || x != want || len(log) != 1 {
		t.Error(x, log, err)
	}
}

func TestAHandingOverThatDoesNotHoldIsRefused(t *testing.T) {
	s, b := started(t, Config{})
	refused(t, s, b, b.act("p-bita", entry.DoHandOver, "nobody"), measure.RefusedNotFound)
	refused(t, s, b, b.act("p-bita", entry.DoHandOver, "parks", expects(2)), measure.RefusedChanged)
	refused(t, s, b, b.act("p-bita", entry.DoHandOver, "parks", to("p-bita")), measure.RefusedOutOfScope)
	refused(t, s, b, b.act("p-bita", entry.DoHandOver, "parks", to("p-none")), measure.RefusedNoPerson)
	refused(t, s, b, b.act("p-dara", entry.DoHandOver, "parks", expects(1), when(morning+60)), "")
	refused(t, s, b, b.act("p-dara", entry.DoHandOver, "parks", expects(1)), measure.RefusedChanged)
	refused(t, s, b, b.act("p-dara", entry.DoHandOver, "parks", expects(2), when(morning)), "") // by a clock that goes slow
	list, err := s.Shifts(t.Context(), "parks", 3)
	if err != nil || list[1].From != morning+60 || list[1].To != morning+60 {
		t.Errorf("%+v, %v", list, err)
	}
}
