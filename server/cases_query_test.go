package server

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"rasad/city"
	"rasad/register"
)

func TestAListOfCasesIsAskedForAsTheAddressSays(t *testing.T) {
	c := isfahan(t)
	now := city.At(time.Date(2027, 3, 24, 15, 0, 0, 0, time.UTC))
	from, to, _ := c.Window(city.Day, now)
	parks := []city.DepartmentID{"parks"}
	for name, tc := range map[string]struct {
		asked casesQuery
		want  register.Query
	}{
		"open":         {casesQuery{Department: "parks", State: "open"}, register.Query{At: now, Departments: parks, State: "open"}},
		"all":          {casesQuery{Department: "parks", State: "all"}, register.Query{At: now, Departments: parks}},
		"nobody's":     {casesQuery{Department: "parks", Owner: "none"}, register.Query{At: now, Departments: parks, Unowned: true}},
		"somebody's":   {casesQuery{Department: "parks", Owner: "p-1"}, register.Query{At: now, Departments: parks, Owner: "p-1"}},
		"not seen":     {casesQuery{Department: "parks", Unseen: true}, register.Query{At: now, Departments: parks, Unseen: true}},
		"of a kind":    {casesQuery{Department: "parks", Kind: "work"}, register.Query{At: now, Departments: parks, Kinds: []city.CaseKind{city.WorkCase}}},
		"behind tiles": {casesQuery{Department: "parks", Tile: "visits-today"}, register.Query{At: now, Departments: parks, Sources: []city.SourceID{"naqsh-e-jahan/in"}, From: from, To: to}},
	} {
		got, err := tc.asked.read(teller{c: c, now: now})
		if err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, tc.want)
		}
	}
	if _, err := (&casesQuery{Tile: "nothing/of-it"}).read(teller{c: c, now: now}); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("a tile that is none: %v", err)
	}
}
