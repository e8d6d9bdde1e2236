package city_test

import (
	"bytes"
	"strings"
	"testing"

	"rasad/city"
)

func TestCheckLooksAtZonesAndCategories(t *testing.T) {
	hold(t, []spoiled{
		{"a district's zone that is none", func(d *city.Definition) { d.Districts[1].Zone = "busy" }, "$.districts[1].zone", `unknown zone "busy": want one of high, medium, low`},
		{"a place's zone that is none", func(d *city.Definition) { d.Places[0].Zone = "busy" }, "$.places[0].zone", `unknown zone "busy"`},
		{"a category without an id", func(d *city.Definition) { d.Categories[1].ID = "" }, "$.categories[1].id", "is missing"},
		{"a category in Persian letters", func(d *city.Definition) { d.Categories[1].ID = "زباله" }, "$.categories[1].id", "no category"},
		{"a long category", func(d *city.Definition) { d.Categories[1].ID = strings.Repeat("a", 65) }, "$.categories[1].id", "64 bytes"},
		{"a category twice", func(d *city.Definition) { d.Categories[1].ID = "litter" }, "$.categories[1].id", "declared twice"},
		{"a category in one language", func(d *city.Definition) { d.Categories[1].Name.EN = "" }, "$.categories[1].name.en", "both languages"},
	})
}

func TestCheckLooksAtServiceLevels(t *testing.T) {
	path := "$.service_levels[0]"
	first := func(f func(*city.ServiceLevel)) func(*city.Definition) {
		return func(d *city.Definition) { f(&d.Levels[0]) }
	}
	hold(t, []spoiled{
		{"a kind that is none", first(func(l *city.ServiceLevel) { l.Case = "wish" }), path + ".case", "want one of report, work, service, inspection"},
		{"no kind", first(func(l *city.ServiceLevel) { l.Case = "" }), path + ".case", "is missing"},
		{"a category without wording", first(func(l *city.ServiceLevel) { l.Category = "liter" }), path + ".category", `no category "liter"`},
		{"a zone that is none", first(func(l *city.ServiceLevel) { l.Zone = "busy" }), path + ".zone", `unknown zone "busy"`},
		{"hours backwards", first(func(l *city.ServiceLevel) { l.ToHour = 6 }), path + ".from_hour", "hours 7 to 6"},
		{"hours before midnight", first(func(l *city.ServiceLevel) { l.FromHour = -1 }), path + ".from_hour", "hours -1 to 22"},
		{"a 25th hour", first(func(l *city.ServiceLevel) { l.ToHour = 25 }), path + ".from_hour", "hours 7 to 25"},
		{"an hour without an end", first(func(l *city.ServiceLevel) { l.ToHour = 0 }), path + ".from_hour", "hours 7 to 0"},
		{"no time", first(func(l *city.ServiceLevel) { l.WithinSec = 0 }), path + ".within_seconds", "is missing"},
		{"less than no time", first(func(l *city.ServiceLevel) { l.WithinSec = -1 }), path + ".within_seconds", "more than nothing"},
		{"less than no time in a season", first(func(l *city.ServiceLevel) { l.SeasonSec = -1 }), path + ".season_seconds", "leave it out"},
		{"years", func(d *city.Definition) { d.Levels[1].WithinSec = 400*86400 + 1 }, "$.service_levels[1].within_seconds", "more than 400 days"},
		{"years, in a season", func(d *city.Definition) { d.Levels[1].SeasonSec = 1 << 62 }, "$.service_levels[1].season_seconds", "more than 400 days"},
		{"years, by an hour a day", first(func(l *city.ServiceLevel) { l.ToHour, l.WithinSec = 8, 401*3600 }), path + ".within_seconds", "with 1 hours a day"},
		{"one that an earlier one covers", func(d *city.Definition) { d.Levels[0], d.Levels[1] = d.Levels[1], d.Levels[0] }, "$.service_levels[1]", "service level 1 of the list fits all its cases"},
		{"one twice", func(d *city.Definition) { d.Levels = append(d.Levels, d.Levels[1]) }, "$.service_levels[2]", "service level 2"},
	})
}

func TestTheLongestLevelIsDueWithinItsBound(t *testing.T) {
	d := village()
	d.Levels[1].WithinSec = 400 * 86400
	d.Levels[0].FromHour, d.Levels[0].ToHour, d.Levels[0].WithinSec = 7, 8, 400*3600
	if faults := d.Check(); len(faults) > 0 {
		t.Errorf("got %q", faults)
	}
}

func TestCheckLooksAtPlans(t *testing.T) {
	amount, again := "$.plans[0]", "$.plans[1]"
	of := func(i int, f func(*city.Plan)) func(*city.Definition) {
		return func(d *city.Definition) { f(&d.Plans[i]) }
	}
	hold(t, []spoiled{
		{"a plan twice", of(1, func(p *city.Plan) { p.ID = "counting" }), again + ".id", "declared twice"},
		{"a plan without a name", of(1, func(p *city.Plan) { p.Name = city.Text{} }), again + ".name", "is missing"},
		{"no sources", of(0, func(p *city.Plan) { p.Parts = nil }), amount + ".parts", "is missing"},
		{"a source that is none", of(0, func(p *city.Plan) { p.Parts[1].Source = "x" }), amount + ".parts[1].source", `no source "x"`},
		{"a source twice", of(0, func(p *city.Plan) { p.Parts[1].Source = "road/in" }), amount + ".parts[1].source", "would count twice"},
		{"a state", of(1, func(p *city.Plan) { p.Parts[0].Source = "bridge-present" }), again + ".parts[0].source", "sends snapshots"},
		{"units mixed", of(0, func(p *city.Plan) { p.Parts[1].Source = "bridge-visits" }), amount + ".parts[1].source", "units never mix: source road/in counts in vehicle, source bridge-visits in site_visit"},
		{"no amount", of(0, func(p *city.Plan) { p.Parts[1].Amount = 0 }), amount + ".parts[1].amount", "how much is to be done of source road/out"},
		{"less than nothing", of(0, func(p *city.Plan) { p.Parts[1].Amount = -1 }), amount + ".parts[1].amount", "more than nothing"},
		{"less than nothing again and again", of(1, func(p *city.Plan) { p.Parts[0].Amount = -1 }), again + ".parts[0].amount", "more than nothing"},
		{"more than everything", of(0, func(p *city.Plan) { p.Parts[1].Amount = city.MaxDeclared + 1 }), amount + ".parts[1].amount", "out of range"},
		{"an amount of what does not add", func(d *city.Definition) {
			d.Sources[7].Unit, d.Plans[1].Parts[0].Amount = city.Percent, 100
		}, again + ".parts[0].amount", "do not add up"},
		{"neither days nor a repetition", of(1, func(p *city.Plan) { p.EverySec, p.Parts[0].Amount = 0, 1 }), again + ".every_seconds", "or from, to and amount"},
		{"no last day", of(0, func(p *city.Plan) { p.To = 0 }), amount + ".from", "want both"},
		{"days backwards", of(0, func(p *city.Plan) { p.To = p.From - 1 }), amount + ".to", "before the plan's first day"},
		{"years", of(0, func(p *city.Plan) { p.To = p.From + 400 }), amount + ".to", "401 days"},
		{"every minute", of(1, func(p *city.Plan) { p.EverySec = 60 }), again + ".every_seconds", "want 1 hour to 60 days"},
		{"every season", of(1, func(p *city.Plan) { p.EverySec = 61 * 86400 }), again + ".every_seconds", "want 1 hour to 60 days"},
		{"again and again, from a day on", of(1, func(p *city.Plan) { p.From = 20000 }), again + ".from", "is for a plan by amount"},
	})
}

func TestACityWithoutCasesAndPlansSaysNothingOfThem(t *testing.T) {
	d := village()
	d.Categories, d.Levels, d.Plans = nil, nil, nil
	b, err := open(t, d).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"categories", "service_levels", "plans", "zone\":\"h", "public"} {
		if bytes.Contains(b, []byte(key)) {
			t.Errorf("the canonical form speaks of %s: what journals hold would become another city", key)
		}
	}
}
