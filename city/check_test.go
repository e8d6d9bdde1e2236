package city_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"rasad/city"
)

func TestNothingIsWrongWithTheVillage(t *testing.T) {
	d := village()
	for _, f := range d.Check() {
		t.Errorf("%s: %s", f.Path, f.Message)
	}
}

// A spoiled village is one with a single mistake in it.
type spoiled struct {
	name  string
	spoil func(*city.Definition)
	path  string
	says  string
}

// hold holds that each mistake is the only fault, at its place and in its words.
func hold(t *testing.T, cases []spoiled) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			d := village()
			tc.spoil(&d)
			faults := d.Check()
			if len(faults) == 1 && !stands(t, d, faults[0].Path) {
				t.Errorf("there is no %s in the definition", faults[0].Path)
			}
			if len(faults) != 1 || faults[0].Path != tc.path || !strings.Contains(faults[0].Message, tc.says) {
				t.Errorf("got %q, want one fault at %s that says %q", faults, tc.path, tc.says)
			}
		})
	}
}

// stands reports whether a path is one of the definition's JSON; the last key may
// be left out there, because it is empty.
func stands(t *testing.T, d city.Definition, path string) bool {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	steps := strings.FieldsFunc(strings.TrimPrefix(path, "$"), func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	for i, step := range steps {
		switch x := tree.(type) {
		case map[string]any:
			value, there := x[step]
			if !there {
				return i == len(steps)-1
			}
			tree = value
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(x) {
				return false
			}
			tree = x[n]
		default:
			return false
		}
	}
	return true
}

func TestCheckLooksAtTheCityItself(t *testing.T) {
	hold(t, []spoiled{
		{"another format", func(d *city.Definition) { d.Format = 2 }, "$.format", "this version reads format 1"},
		{"no id", func(d *city.Definition) { d.ID = "" }, "$.id", "is missing"},
		{"an id in capitals", func(d *city.Definition) { d.ID = "Isfahan" }, "$.id", "no identifier"},
		{"no Persian name", func(d *city.Definition) { d.Name.FA = " " }, "$.name.fa", "both languages"},
		{"no English name", func(d *city.Definition) { d.Name.EN = "" }, "$.name.en", "both languages"},
		{"no name at all", func(d *city.Definition) { d.Name = city.Text{} }, "$.name", "is missing"},
		{"a zone that is none", func(d *city.Definition) { d.Zone = "Asia/Isfahan" }, "$.zone", "Asia/Tehran"},
		{"a district twice", func(d *city.Definition) { d.Districts[1].ID = "district-1" }, "$.districts[1].id", "declared twice"},
		{"a district without a number", func(d *city.Definition) { d.Districts[1].Number = 0 }, "$.districts[1].number", "counted from 1"},
		{"a number twice", func(d *city.Definition) { d.Districts[1].Number = 1 }, "$.districts[1].number", "twice"},
		{"a department twice", func(d *city.Definition) { d.Departments = append(d.Departments, d.Departments[0]) }, "$.departments[1].id", "declared twice"},
		{"a place twice", func(d *city.Definition) { d.Places = append(d.Places, d.Places[1]) }, "$.places[2].id", "declared twice"},
		{"a place of no kind", func(d *city.Definition) { d.Places[1].Kind = "swamp" }, "$.places[1].kind", `unknown kind of place "swamp"`},
		{"a place too far north", func(d *city.Definition) { d.Places[1].Lat = 132 }, "$.places[1].lat", "degrees north"},
		{"a place too far east", func(d *city.Definition) { d.Places[1].Lon = -181 }, "$.places[1].lon", "degrees east"},
		{"a place nowhere", func(d *city.Definition) { d.Places[1].Lat, d.Places[1].Lon = 0, 0 }, "$.places[1].lat", "is missing"},
		{"a place in no district", func(d *city.Definition) {
			d.Places = append(d.Places, d.Places[1])
			d.Places[2].ID, d.Places[2].District = "sea", "district-9"
		}, "$.places[2].district", `no district "district-9"`},
		{"a capacity below nothing", func(d *city.Definition) { d.Places[1].Capacity = -1 }, "$.places[1].capacity", "persons at once"},
	})
}

func TestCheckLooksAtSources(t *testing.T) {
	path := "$.sources[0]"
	of := func(i int, f func(*city.Source)) func(*city.Definition) {
		return func(d *city.Definition) { f(&d.Sources[i]) }
	}
	hold(t, []spoiled{
		{"a long id", of(6, func(s *city.Source) { s.ID = city.SourceID(strings.Repeat("a", 65)) }), "$.sources[6].id", "64 bytes"},
		{"an id with two hyphens", of(6, func(s *city.Source) { s.ID = "a--b" }), "$.sources[6].id", "no identifier"},
		{"an id that ends in a hyphen", of(6, func(s *city.Source) { s.ID = "a-" }), "$.sources[6].id", "no identifier"},
		{"a direction that is none", of(6, func(s *city.Source) { s.ID = "gate/up" }), "$.sources[6].id", "gate/in or gate/out"},
		{"half a gate", of(6, func(s *city.Source) { s.ID = "gate/in" }), "$.sources[6].id", "no source gate/out"},
		{"a source twice", of(6, func(s *city.Source) { s.ID = "road-soil" }), "$.sources[6].id", "declared twice"},
		{"no body", of(0, func(s *city.Source) { s.Body = city.Text{} }), path + ".body", "is missing"},
		{"no department", of(0, func(s *city.Source) { s.Department = "" }), path + ".department", "is missing"},
		{"no such department", of(0, func(s *city.Source) { s.Department = "war" }), path + ".department", `no department "war"`},
		{"another district than its place's", of(0, func(s *city.Source) { s.District = "district-2" }), path + ".district", "place bridge lies in"},
		{"no such place", of(6, func(s *city.Source) { s.Place = "sea" }), "$.sources[6].place", `no place "sea"`},
		{"no such district", of(6, func(s *city.Source) { s.Place, s.District = "", "district-9" }), "$.sources[6].district", `no district "district-9"`},
		{"no word for what it counts", of(0, func(s *city.Source) { s.Counts = "" }), path + ".counts", "is missing"},
		{"a bad word for what it counts", of(0, func(s *city.Source) { s.Counts = "Visits!" }), path + ".counts", "no such word"},
		{"an unknown unit", of(6, func(s *city.Source) { s.Unit = "parsec" }), "$.sources[6].unit", `unknown unit "parsec"`},
		{"an unknown kind", of(6, func(s *city.Source) { s.Kind = "guess" }), "$.sources[6].kind", `unknown kind "guess"`},
		{"a running counter", of(6, func(s *city.Source) { s.Kind = city.Cumulative }), "$.sources[6].kind", "cumulative: not yet supported"},
		{"an unknown method", of(0, func(s *city.Source) { s.Method = "guess" }), path + ".method", `unknown method "guess"`},
		{"no slot", of(0, func(s *city.Source) { s.SlotSec = 0 }), path + ".slot_seconds", "is missing"},
		{"a slot that divides no hour", of(0, func(s *city.Source) { s.SlotSec = 420; s.Cadence[0].EverySec = 3600 }), path + ".slot_seconds", "divide an hour"},
		{"a slot of a snapshot", of(3, func(s *city.Source) { s.SlotSec = 300 }), "$.sources[3].slot_seconds", "interval sources only"},
		{"a cadence of events", of(6, func(s *city.Source) { s.Cadence = []city.Cadence{{ToHour: 24, EverySec: 60}} }), "$.sources[6].cadence", "they come when they come"},
		{"a snapshot without a cadence", of(3, func(s *city.Source) { s.Cadence = nil }), "$.sources[3].cadence", "its silence would not be seen"},
		{"a cadence that divides no hour", of(3, func(s *city.Source) { s.Cadence[0].EverySec = 7 }), "$.sources[3].cadence[0].every_seconds", "divide an hour"},
		{"a cadence of no time", of(3, func(s *city.Source) { s.Cadence[0].EverySec = 0 }), "$.sources[3].cadence[0].every_seconds", "divide an hour"},
		{"a cadence of half slots", of(0, func(s *city.Source) { s.Cadence[0].EverySec = 1200 }), path + ".cadence[0].every_seconds", "whole slots of 900 s"},
		{"hours that overlap", of(3, func(s *city.Source) { s.Cadence[1].FromHour = 19 }), "$.sources[3].cadence[1].from_hour", "hour 19 has a cadence already"},
		{"hours backwards", of(3, func(s *city.Source) { s.Cadence[1].ToHour = 20 }), "$.sources[3].cadence[1].from_hour", "hours 20 to 20"},
		{"a 25th hour", of(3, func(s *city.Source) { s.Cadence[1].ToHour = 25 }), "$.sources[3].cadence[1].from_hour", "hours 20 to 25"},
		{"a range backwards", of(0, func(s *city.Source) { s.Min = 2000 }), path + ".min", "2000 is above the largest, 1000"},
		{"no range", of(0, func(s *city.Source) { s.Max = 0 }), path + ".max", "is missing"},
		{"a range beyond all reason", of(0, func(s *city.Source) { s.Max = city.MaxDeclared + 1 }), path + ".max", "beyond any reading"},
		{"never late", of(0, func(s *city.Source) { s.LateSec = -1 }), path + ".late_until_seconds", "0 to 10 years"},
	})
}

func TestCheckLooksAtIndicators(t *testing.T) {
	path := "$.indicators[0]"
	of := func(i int, f func(*city.Indicator)) func(*city.Definition) {
		return func(d *city.Definition) { f(&d.Indicators[i]) }
	}
	cases := []spoiled{
		{"an indicator twice", of(4, func(x *city.Indicator) { x.ID = "soil" }), "$.indicators[4].id", "declared twice"},
		{"no definition in words", of(0, func(x *city.Indicator) { x.Definition.FA = "" }), path + ".definition.fa", "both languages"},
		{"no theme", of(0, func(x *city.Indicator) { x.Theme = "" }), path + ".theme", "is missing"},
		{"no owner", of(0, func(x *city.Indicator) { x.Owner = "war" }), path + ".owner", `no department "war"`},
		{"no sources", of(1, func(x *city.Indicator) { x.Of = nil }), "$.indicators[1].of", "is missing"},
		{"a source that is none", of(1, func(x *city.Indicator) { x.Of[1] = "sea/in" }), "$.indicators[1].of[1]", `no source "sea/in"`},
		{"a source twice", of(1, func(x *city.Indicator) { x.Of[1] = "road/in" }), "$.indicators[1].of[1]", "would count twice"},
		{"units mixed", of(1, func(x *city.Indicator) { x.Of[1] = "bridge-visits" }), "$.indicators[1].of[1]", "units never mix: source road/in counts in vehicle, source bridge-visits in site_visit"},
		{"a unit that is not the sources'", of(1, func(x *city.Indicator) { x.Unit = city.Person }), "$.indicators[1].unit", "counts in vehicle"},
		{"a sum of percent", of(3, func(x *city.Indicator) { x.How, x.Over = city.Sum, city.Day }), "$.indicators[3].how", "sum of percent means nothing"},
		{"the last percent of two sources", of(3, func(x *city.Indicator) { x.How = city.Last }), "$.indicators[3].how", "do not add"},
		{"a sum over now", of(1, func(x *city.Indicator) { x.Over = city.Now }), "$.indicators[1].how", "sum over now means nothing"},
		{"among without a share", of(1, func(x *city.Indicator) { x.Among = x.Of }), "$.indicators[1].among", "for a share only"},
		{"a share of nothing", of(4, func(x *city.Indicator) { x.Among = nil }), "$.indicators[4].among", "is missing"},
		{"a share in vehicles", of(4, func(x *city.Indicator) { x.Unit = city.Vehicle }), "$.indicators[4].unit", "a share is in percent"},
		{"a share of other things", of(4, func(x *city.Indicator) { x.Among = []city.SourceID{"road/out"} }), "$.indicators[4].among", "lacks source road/in"},
		{"no grouping", of(0, func(x *city.Indicator) { x.By = nil }), path + ".by", "is missing"},
		{"a grouping twice", of(0, func(x *city.Indicator) { x.By[1] = city.ByCity }), path + ".by[1]", "stands there already"},
		{"a grouping that is none", of(0, func(x *city.Indicator) { x.By[1] = "planet" }), path + ".by[1]", `unknown grouping "planet"`},
		{"a target below nothing", of(0, func(x *city.Indicator) { x.Target = new(city.Steps); *x.Target = -1; x.Thresholds = nil }), path + ".target", "out of range"},
		{"thresholds of a target that is not there", of(0, func(x *city.Indicator) { x.Target = nil }), path + ".thresholds.of", "has no target"},
		{"thresholds the wrong way round, low is bad", of(0, func(x *city.Indicator) { x.Thresholds.Watch = 10 }), path + ".thresholds.watch", "lies below alert"},
		{"thresholds the wrong way round, high is bad", of(2, func(x *city.Indicator) { x.Thresholds.Watch = 9999 }), "$.indicators[2].thresholds.watch", "lies above alert"},
		{"thresholds without a direction", of(0, func(x *city.Indicator) { x.Thresholds.Direction = "" }), path + ".thresholds.direction", "is missing"},
		{"thresholds of nothing known", of(0, func(x *city.Indicator) { x.Thresholds.Of = "moon" }), path + ".thresholds.of", `unknown basis "moon"`},
		{"visits against capacity", of(0, func(x *city.Indicator) { x.Thresholds.Of = city.OfCapacity }), path + ".thresholds.of", "only persons present"},
		{"capacity of a department", of(2, func(x *city.Indicator) { x.By = append(x.By, city.ByDepartment) }), "$.indicators[2].thresholds.of", "a department has none"},
		{"capacity that is not declared", func(d *city.Definition) { d.Places[0].Capacity = 0 }, "$.indicators[2].thresholds.of", "stands at no place that declares one"},
		{"an unknown way", of(0, func(x *city.Indicator) { x.How = "guess" }), path + ".how", `unknown way of adding up "guess"`},
		{"an unknown period", of(0, func(x *city.Indicator) { x.Over = "fortnight" }), path + ".over", `unknown period "fortnight"`},
	}
	for _, how := range []city.How{"median", "p90", "count_open", "expression"} {
		cases = append(cases, spoiled{string(how), of(0, func(x *city.Indicator) { x.How = how }), path + ".how", string(how) + ": not yet supported"})
	}
	for _, over := range []city.Period{"event_day", "jalali_month", "week"} {
		cases = append(cases, spoiled{string(over), of(0, func(x *city.Indicator) { x.Over = over }), path + ".over", string(over) + ": not yet supported"})
	}
	cases = append(cases, spoiled{"category", of(0, func(x *city.Indicator) { x.By[1] = "category" }), path + ".by[1]", "category: not yet supported"})
	hold(t, cases)
}

func TestStatesDoNotAddUpOverTime(t *testing.T) {
	d := village()
	d.Indicators[2].How, d.Indicators[2].Over, d.Indicators[2].Thresholds = city.Sum, city.Day, nil
	faults := d.Check()
	if len(faults) != 1 || !strings.Contains(faults[0].Message, "states do not add up over time") {
		t.Errorf("got %q", faults)
	}
}

func TestASourceWithoutAPlaceIsInNoPlacesFigure(t *testing.T) {
	d := village()
	d.Sources[0].Place = ""
	faults := d.Check()
	if len(faults) != 1 || faults[0].Path != "$.indicators[0].by[1]" || !strings.Contains(faults[0].Message, "source bridge-visits has no place") {
		t.Errorf("got %q", faults)
	}
}

func TestCheckLooksAtSeasonsAndScreens(t *testing.T) {
	hold(t, []spoiled{
		{"a season twice", func(d *city.Definition) { d.Seasons[1].ID = "nowruz" }, "$.seasons[1].id", "declared twice"},
		{"a season without an end", func(d *city.Definition) { d.Seasons[1].To += 400 }, "$.seasons[1].to", "at most 400"},
		{"a season backwards", func(d *city.Definition) { s := &d.Seasons[1]; s.To, s.One = s.From-1, s.From }, "$.seasons[1].to", "before the season's first day"},
		{"a day 1 outside", func(d *city.Definition) { d.Seasons[1].One-- }, "$.seasons[1].day_one", "outside the season"},
		{"seasons that overlap", func(d *city.Definition) { s := &d.Seasons[1]; s.From = d.Seasons[0].To }, "$.seasons[1].from", "overlaps season nowruz"},
		{"a named day outside", func(d *city.Definition) { d.Seasons[0].Days[0].Date += 9 }, "$.seasons[0].days[0].date", "outside the season"},
		{"a day with two names", func(d *city.Definition) { s := &d.Seasons[0]; s.Days = append(s.Days, s.Days[0]) }, "$.seasons[0].days[1].date", "has a name already"},
		{"a day without a name", func(d *city.Definition) { d.Seasons[0].Days[0].Name.EN = "" }, "$.seasons[0].days[0].name.en", "both languages"},
		{"a screen twice", func(d *city.Definition) { d.Screens = append(d.Screens, d.Screens[0]) }, "$.screens[1].id", "declared twice"},
		{"a language that is none", func(d *city.Definition) { d.Screens[0].Lang = "de" }, "$.screens[0].lang", "fa, en"},
		{"no numbers", func(d *city.Definition) { d.Screens[0].Numbers = nil }, "$.screens[0].numbers", "is missing"},
		{"a number that is none", func(d *city.Definition) { d.Screens[0].Numbers[1] = "x" }, "$.screens[0].numbers[1]", `no indicator "x"`},
		{"a number twice", func(d *city.Definition) { d.Screens[0].Numbers[1] = "visits-today" }, "$.screens[0].numbers[1]", "already"},
		{"a number without a figure for the city", func(d *city.Definition) { d.Indicators[3].By = []city.Grouping{city.ByPlace} }, "$.screens[0].numbers[1]", "lacks city"},
		{"crowding that is none", func(d *city.Definition) { d.Screens[0].Crowding = "x" }, "$.screens[0].crowding", `no indicator "x"`},
		{"crowding that counts visits", func(d *city.Definition) { d.Screens[0].Crowding = "visits-today" }, "$.screens[0].crowding", "no snapshot of persons"},
		{"crowding of no places", func(d *city.Definition) { d.Indicators[2].By = d.Indicators[2].By[:1] }, "$.screens[0].crowding", "lacks place"},
		{"a chart that is none", func(d *city.Definition) { d.Screens[0].Chart = "x" }, "$.screens[0].chart", `no indicator "x"`},
	})
}

func TestAScreenMayDoWithoutCrowdingAndChart(t *testing.T) {
	d := village()
	d.Screens[0].Crowding, d.Screens[0].Chart = "", ""
	if faults := d.Check(); len(faults) > 0 {
		t.Errorf("got %q", faults)
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	d := city.Definition{Sources: make([]city.Source, 2), Indicators: make([]city.Indicator, 2), Seasons: make([]city.Season, 2), Screens: make([]city.Screen, 2), Places: make([]city.Place, 2), Districts: make([]city.District, 2), Departments: make([]city.Department, 2)}
	parts := map[string]bool{}
	for _, f := range d.Check() {
		parts[strings.SplitN(strings.TrimPrefix(f.Path, "$."), "[", 2)[0]] = true
	}
	for _, part := range []string{"format", "id", "name", "zone", "districts", "places", "departments", "sources", "indicators", "seasons", "screens"} {
		if !parts[part] {
			t.Errorf("nothing is said of the empty %s", part)
		}
	}
}

func FuzzCheckLooksAtWhateverDecodes(f *testing.F) {
	whole, err := json.Marshal(village())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"sources":[{"id":"/in","slot_seconds":-1,"cadence":[{"from_hour":-5,"to_hour":99}]}],"indicators":[{"of":["/in"],"thresholds":{}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d city.Definition
		if json.Unmarshal(b, &d) != nil {
			return
		}
		faults := d.Check()
		for _, fault := range faults {
			if fault.Message == "" || !stands(t, d, fault.Path) {
				t.Fatalf("%q lies nowhere in %s", fault, b)
			}
		}
		if _, err := city.New(d); len(faults) == 0 && err != nil {
			t.Fatalf("nothing is wrong with %s, but %v", b, err)
		}
	})
}
