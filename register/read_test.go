package register

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// listed is a store with cases of all sorts:
//
//	1 due at 15:30, 2 late for an hour, 3 late for three hours, 4 paused,
//	5 paused when it was late, 6 closed, 7 closed late, 8 of the parks, on hours of
//	work, 9 of the parks, without a clock, 10 closed first
func listed(t *testing.T) *Store {
	t.Helper()
	s, b := started(t, Config{})
	work := func(id, kind, place string) *entry.Event {
		return &entry.Event{Source: "watering", At: morning, ID: id, State: "opened", Case: kind, Category: "tree", Place: city.PlaceID(place), V: 1}
	}
	apply(t, s,
		b.add(
			report(morning, "1", "opened"), report(morning-5*3600, "2", "opened"), report(morning-7*3600, "3", "opened"), report(morning-60, "4", "opened"),
			report(morning-6*3600, "5", "opened"), report(morning-3600, "6", "opened"), report(morning-9*3600, "7", "opened"),
			work("8", "work", "khaju"), work("9", "service", ""), report(morning-2*86400, "10", "closed")),
		b.add(report(morning-30, "4", "paused"), report(morning-10, "5", "paused"), report(morning-600, "6", "closed"), report(morning-660, "7", "done"), report(morning-20, "2", "acknowledged")),
		b.add(b.act("p-bita", entry.DoAssign, "3", to("p-bita")), b.act("p-bita", entry.DoAssign, "4", to("p-bita"))))
	return s
}

func TestCasesAreListedFromTheWorstOn(t *testing.T) {
	s := listed(t)
	urban := []city.DepartmentID{"urban-services"}
	for name, tc := range map[string]struct {
		q     Query
		want  string
		total int
	}{
		"worst first":         {Query{Departments: urban}, "3 2 1 5 4 6 7 10", 8},
		"open":                {Query{Departments: urban, State: "open"}, "3 2 1 5 4", 5},
		"closed":              {Query{Departments: urban, State: "closed"}, "6 7 10", 3},
		"overdue":             {Query{Departments: urban, Overdue: true}, "3 2 5", 3},
		"overdue and closed":  {Query{Departments: urban, Overdue: true, State: "closed"}, "", 0},
		"overdue later":       {Query{Departments: urban, Overdue: true, At: morning + 5*3600}, "3 2 1 5", 4},
		"newest":              {Query{Departments: urban, Sort: "newest"}, "1 4 6 2 5 3 7 10", 8},
		"some":                {Query{Departments: urban, Limit: 2, Offset: 1}, "2 1", 8},
		"none left":           {Query{Departments: urban, Offset: 8}, "", 8},
		"a negative offset":   {Query{Departments: urban, Limit: 1, Offset: -4}, "3", 8},
		"both departments":    {Query{Departments: []city.DepartmentID{"urban-services", "parks"}, State: "open"}, "3 2 1 8 5 4 9", 7},
		"all of them":         {Query{}, "3 2 1 8 5 4 9 6 7 10", 10},
		"no such department":  {Query{Departments: []city.DepartmentID{"nobody"}}, "", 0},
		"kinds":               {Query{Kinds: []city.CaseKind{"work", "service"}}, "8 9", 2},
		"a district":          {Query{District: "district-3", Departments: []city.DepartmentID{"parks"}}, "8", 1},
		"the source's own":    {Query{District: "district-1"}, "9", 1},
		"a place":             {Query{Place: "khaju"}, "8", 1},
		"sources":             {Query{Sources: []city.SourceID{"watering", "gate"}}, "8 9", 2},
		"an owner":            {Query{Owner: "p-bita"}, "3 4", 2},
		"nobody's":            {Query{Departments: urban, State: "open", Unowned: true}, "2 1 5", 3},
		"not looked at":       {Query{Departments: urban, Unseen: true}, "1 5", 2},
		"opened from":         {Query{From: morning - 60}, "1 8 4 9", 4},
		"opened before":       {Query{To: morning - 9*3600}, "10", 1},
		"opened in a stretch": {Query{From: morning - 7*3600, To: morning - 5*3600}, "3 5", 2},
	} {
		if tc.q.At == 0 {
			tc.q.At = morning
		}
		list, total, err := s.Cases(t.Context(), tc.q)
		var got []string
		for _, c := range list {
			got = append(got, number(c.Number))
		}
		if err != nil || strings.Join(got, " ") != tc.want || total != tc.total {
			t.Errorf("%s: %s of %d, %v, want %s of %d", name, got, total, err, tc.want, tc.total)
		}
	}
	for _, q := range []Query{{Sort: "best"}, {State: "lost"}} {
		if _, _, err := s.Cases(t.Context(), q); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestAListIsBounded(t *testing.T) {
	s, b := started(t, Config{})
	var list []entry.Entry
	for i := range mostCases + 10 {
		list = append(list, report(morning, fmt.Sprint(i), ""))
	}
	apply(t, s, b.add(list...))
	for limit, want := range map[int]int{0: usualCases, 7: 7, mostCases: mostCases, mostCases + 5: mostCases, -1: mostCases} {
		if got, total, err := s.Cases(t.Context(), Query{Limit: limit}); err != nil || len(got) != want || total != mostCases+10 {
			t.Errorf("limit %d: %d of %d, %v", limit, len(got), total, err)
		}
	}
}

func TestTheSummaryCountsADepartment(t *testing.T) {
	s := listed(t)
	for dept, want := range map[city.DepartmentID]Summary{
		"urban-services": {Open: 5, Overdue: 3, Unacknowledged: 2, Paused: 2, ClosedToday: 2, LateToday: 1, Oldest: morning - 7*3600},
		"parks":          {Open: 2, Unacknowledged: 2, Oldest: morning},
		"nobody":         {},
	} {
		if got, err := s.Summary(t.Context(), dept, morning-3600, morning); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", dept, got, err, want)
		}
	}
	if got, err := s.Summary(t.Context(), "urban-services", morning-2*86400, morning-660); err != nil || got.ClosedToday != 2 || got.LateToday != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// What the columns say must be what the life of the case says.
func TestLateAndDueAgreeWithTheCase(t *testing.T) {
	s := listed(t)
	zone := s.city.Clock()
	for _, at := range []city.Moment{morning, morning + 4*3600, morning + 4*3600 + 1, morning + 9*3600} {
		late, _, err := s.Cases(t.Context(), Query{Overdue: true, At: at})
		if err != nil {
			t.Fatal(err)
		}
		overdue := map[int64]bool{}
		for _, c := range late {
			overdue[c.Number] = true
		}
		for n := range int64(10) {
			c := theCase(t, s, n+1)
			if want := c.State != measure.CaseClosed && c.Late(zone, at); overdue[c.Number] != want {
				t.Errorf("case %d at %s: overdue %t, want %t", c.Number, at, overdue[c.Number], want)
			}
		}
	}
}
