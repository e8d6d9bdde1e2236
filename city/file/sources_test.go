package file_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/city/file"
)

// hamlet is a city around a list of sources: places, streams and sources are put
// in where it says so.
const hamlet = `format: 1
id: hamlet
name: {fa: ده, en: Hamlet}
zone: Asia/Tehran
departments:
  - {id: works, name: {fa: خدمات, en: Works}, body: {fa: ادارهٔ خدمات, en: Works Office}}
  - {id: parks, name: {fa: پارک‌ها, en: Parks}}
streams:
  visits:
    name: {fa: 'بازدید از {name}', en: 'Visits to {name} ({id})'}
    counts: visits
    unit: site_visit
    kind: interval
    slot: 15m
    cadence: 15m
    range: [0, 100]
    method: camera
    department: works
districts:
  - {id: district-1, number: 1, name: {fa: منطقه ۱, en: District 1}}
places:
  - id: mill
    name: {fa: آسیاب, en: Mill}
    kind: monument
    district: district-1
    at: [32.6, 51.7]
    sources: [SOURCE]
  - {id: pond, name: {fa: برکه, en: Pond}, kind: park, at: [32.7, 51.7]}
sources: [LISTED]
`

// only compiles the hamlet with one source, and returns it.
func only(t *testing.T, source, listed string) city.Source {
	t.Helper()
	c := compile(t, strings.NewReplacer("SOURCE", source, "LISTED", listed).Replace(hamlet))
	if len(c.Sources) != 1 {
		t.Fatalf("there are %d sources", len(c.Sources))
	}
	return c.Sources[0]
}

// refuse compiles the hamlet and returns the messages of its faults.
func refuse(t *testing.T, source, listed string) []string {
	t.Helper()
	_, err := file.Compile("city.yaml", []byte(strings.NewReplacer("SOURCE", source, "LISTED", listed).Replace(hamlet)))
	var faults *file.FaultsError
	if !errors.As(err, &faults) {
		t.Fatalf("got %v, want faults", err)
	}
	messages := make([]string, len(faults.List))
	for i, f := range faults.List {
		messages[i] = f.Message
	}
	return messages
}

func TestASourceTakesFromItsStreamWhatItDoesNotSay(t *testing.T) {
	base := city.Source{
		ID: "mill-visits", Name: city.Text{FA: "بازدید از آسیاب", EN: "Visits to Mill (mill)"}, Place: "mill", District: "district-1", Department: "works",
		Counts: "visits", Unit: city.SiteVisit, Kind: city.Interval, SlotSec: 900, Cadence: []city.Cadence{{ToHour: 24, EverySec: 900}}, Max: 100,
		Body: city.Text{FA: "ادارهٔ خدمات", EN: "Works Office"}, Method: "camera", LateSec: int64(file.DefaultLate.Seconds()),
	}
	for _, tc := range []struct {
		says   string
		change func(*city.Source)
	}{
		{"", func(*city.Source) {}},
		{"id: '{id}-door'", func(s *city.Source) { s.ID = "mill-door" }},
		{"id: old-door", func(s *city.Source) { s.ID = "old-door" }},
		{"name: {fa: در, en: Door}", func(s *city.Source) { s.Name = city.Text{FA: "در", EN: "Door"} }},
		{"department: parks", func(s *city.Source) { s.Department, s.Body = "parks", city.Text{FA: "پارک‌ها", EN: "Parks"} }},
		{"counts: entries", func(s *city.Source) { s.Counts = "entries" }},
		{"unit: crossing", func(s *city.Source) { s.Unit = city.Crossing }},
		{"slot: 5m", func(s *city.Source) { s.SlotSec = 300 }},
		{"cadence: 1h", func(s *city.Source) { s.Cadence[0].EverySec = 3600 }},
		{"cadence: {every: 15m, hours: 9 - 17}", func(s *city.Source) { s.Cadence[0].FromHour, s.Cadence[0].ToHour = 9, 17 }},
		{"range: [-5, 7]", func(s *city.Source) { s.Min, s.Max = -5, 7 }},
		{"body: {fa: انجمن, en: Society}", func(s *city.Source) { s.Body = city.Text{FA: "انجمن", EN: "Society"} }},
		{"method: ticket", func(s *city.Source) { s.Method = "ticket" }},
		{"late_until: 0s", func(s *city.Source) { s.LateSec = 0 }},
		{"late_until: 90m", func(s *city.Source) { s.LateSec = 5400 }},
	} {
		want := base
		want.Cadence = []city.Cadence{base.Cadence[0]}
		tc.change(&want)
		if diff := cmp.Diff(want, only(t, "{stream: visits, "+tc.says+"}", "")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.says, diff)
		}
	}
}

func TestAStreamByItsNameAloneIsTheSame(t *testing.T) {
	if diff := cmp.Diff(only(t, "{stream: visits}", ""), only(t, "visits", "")); diff != "" {
		t.Errorf("(-written out +name alone):\n%s", diff)
	}
}

func TestASourceOfTheCitysListSaysWhereItStands(t *testing.T) {
	s := only(t, "", "{stream: visits, id: mill-door, name: {fa: در, en: Door}, place: mill}")
	if s.Place != "mill" || s.District != "district-1" || s.ID != "mill-door" {
		t.Errorf("it is %+v", s)
	}
	s = only(t, "", "{stream: visits, id: everywhere, name: {fa: همه‌جا, en: Everywhere}, district: district-1}")
	if s.Place != "" || s.District != "district-1" {
		t.Errorf("it is %+v", s)
	}
	s = only(t, "", "{stream: visits, id: pond-shore, name: {fa: کناره, en: Shore}, place: pond}")
	if s.Place != "pond" || s.District != "" {
		t.Errorf("it is %+v", s)
	}
}

func TestAGateBecomesItsTwoDirections(t *testing.T) {
	c := compile(t, strings.NewReplacer("SOURCE", "{stream: visits, id: '{id}', directions: in_out}", "LISTED", "").Replace(hamlet))
	if len(c.Sources) != 2 || c.Sources[0].ID != "mill/in" || c.Sources[1].ID != "mill/out" {
		t.Fatalf("sources are %+v", c.Sources)
	}
	// A name that does not say where the direction stands has it behind a comma.
	if got, want := c.Sources[0].Name, (city.Text{FA: "بازدید از آسیاب، ورودی", EN: "Visits to Mill (mill), in"}); got != want {
		t.Errorf("the way in is named %v, want %v", got, want)
	}
	in, out := c.Sources[0], c.Sources[1]
	in.ID, in.Name, out.ID, out.Name = "", city.Text{}, "", city.Text{}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("the directions differ (-in +out):\n%s", diff)
	}
}

func TestSourcesThatCannotBe(t *testing.T) {
	for _, tc := range []struct{ name, source, listed, want string }{
		{"no such stream", "visist", "", `no stream "visist": did you mean "visits"?`},
		{"a place within a place", "{stream: visits, place: pond}", "", "place is given by where the source stands in the file"},
		{"a district within a place", "{stream: visits, district: district-1}", "", "district is given by where the source stands in the file"},
		{"directions of another kind", "{stream: visits, directions: up_down}", "", `unknown directions "up_down": want in_out, or leave it out`},
		{"no id", "", "{stream: visits, name: {fa: در, en: Door}, place: mill}", "id is missing: want lower-case words joined by hyphens, such as si-o-se-pol"},
		{"no such place", "", "{stream: visits, id: door, name: {fa: در, en: Door}, place: sea}", `no place "sea"`},
		{"half a second", "{stream: visits, late_until: 1500ms}", "", "want whole seconds, got 1.5s"},
		{"hours that are none", "{stream: visits, cadence: {every: 15m, hours: morning}}", "", `"morning" are no hours: want such as 8-20`},
		{"hours without an end", "{stream: visits, cadence: {every: 15m, hours: 8-}}", "", `"8-" are no hours: want such as 8-20`},
		{"hours beyond the day", "{stream: visits, cadence: {every: 15m, hours: 8-26}}", "", "hours 8 to 26: want whole hours of one day, such as 8-20"},
		{"half a person", "{stream: visits, unit: person, range: [0, 0.5]}", "", "invalid number 0.5: finer than the step of person (1)"},
		{"a number too large", "{stream: visits, range: [0, 90071992547409921]}", "", "invalid number 90071992547409921: beyond 2^53 steps"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff([]string{tc.want}, refuse(t, tc.source, tc.listed)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFaultOfAStreamIsToldOnceAndAtTheStream(t *testing.T) {
	src := strings.NewReplacer("SOURCE", "visits, {stream: visits, id: second}, {stream: visits, id: third}", "LISTED", "", "method: camera", "method: guess").Replace(hamlet)
	_, err := file.Compile("city.yaml", []byte(src))
	want := `city.yaml:17:13: unknown method "guess": want one of camera, tube, ticket, form, sim, survey, sensor, system
	    method: guess
	            ^`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestAValueThatCannotBeReadIsNotMissingToo(t *testing.T) {
	for _, tc := range []struct{ old, new, want string }{
		{"unit: site_visit", "unit: [site_visit]", "want a text, got a list of 1"},
		{"range: [0, 100]", "range: [0, ۱۰۰]", "write the number with Latin digits: 100"},
		{"slot: 15m", "slot: quarter", `"quarter" is no length of time: want such as 15m, 36h or 60d`},
		{"at: [32.6, 51.7]", "at: here", `want a list of 2, got the text "here"`},
		{"name: {fa: آسیاب, en: Mill}", "name: Mill", `want keys and values (fa, en), got the text "Mill"`},
		{"department: works", "department: 7", "want a text, got 7: put it in quotes"},
	} {
		src := strings.NewReplacer("SOURCE", "visits", "LISTED", "", tc.old, tc.new).Replace(hamlet)
		_, err := file.Compile("city.yaml", []byte(src))
		var faults *file.FaultsError
		if !errors.As(err, &faults) || len(faults.List) != 1 || faults.List[0].Message != tc.want {
			t.Errorf("%s: got %v, want only %q", tc.new, err, tc.want)
		}
	}
}
