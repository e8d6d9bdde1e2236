package city_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"rasad/city"
)

// village is a small city in which nothing is wrong.
func village() city.Definition {
	name := func(fa, en string) city.Text { return city.Text{FA: fa, EN: en} }
	body := name("شهرداری", "Municipality")
	source := func(id city.SourceID, place city.PlaceID, counts string, unit city.Unit, kind city.Kind) city.Source {
		s := city.Source{
			ID: id, Name: name("منبع", "Source"), Place: place, District: "district-1", Department: "parks", Counts: counts,
			Unit: unit, Kind: kind, Max: 1000, Body: body, Method: "camera", LateSec: 3600,
		}
		switch kind {
		case city.Interval:
			s.SlotSec, s.Cadence = 900, []city.Cadence{{ToHour: 24, EverySec: 900}}
		case city.Snapshot:
			s.Cadence = []city.Cadence{{FromHour: 8, ToHour: 20, EverySec: 300}, {FromHour: 20, ToHour: 24, EverySec: 600}}
		case city.Event, city.Cumulative: // neither slots nor a cadence
		}
		return s
	}
	indicator := func(id city.IndicatorID, how city.How, over city.Period, unit city.Unit, of ...city.SourceID) city.Indicator {
		return city.Indicator{
			ID: id, Name: name("شاخص", "Indicator"), Definition: name("تعریف", "Definition"), Theme: "visitors", Of: of,
			Unit: unit, How: how, Over: over, By: []city.Grouping{city.ByCity, city.ByPlace}, Owner: "parks", Body: body,
		}
	}
	target := city.Steps(500)
	d := city.Definition{
		Format: 1, ID: "village", Name: name("روستا", "Village"), Zone: "Asia/Tehran",
		Districts:   []city.District{{ID: "district-1", Number: 1, Name: name("منطقه ۱", "District 1")}, {ID: "district-2", Number: 2, Name: name("منطقه ۲", "District 2")}},
		Places:      []city.Place{{ID: "bridge", Name: name("پل", "Bridge"), Kind: "bridge", District: "district-1", Lat: 32.6, Lon: 51.7, Capacity: 100}, {ID: "road", Name: name("راه", "Road"), Kind: "entrance", District: "district-1", Lat: 32.7, Lon: 51.7}},
		Departments: []city.Department{{ID: "parks", Name: name("پارک‌ها", "Parks")}},
		Sources: []city.Source{
			source("bridge-visits", "bridge", "visits", city.SiteVisit, city.Interval),
			source("road/in", "road", "vehicles", city.Vehicle, city.Interval),
			source("road/out", "road", "vehicles", city.Vehicle, city.Interval),
			source("bridge-present", "bridge", "people-present", city.Person, city.Snapshot),
			source("bridge-soil", "bridge", "soil", city.Percent, city.Snapshot),
			source("road-soil", "road", "soil", city.Percent, city.Snapshot),
			source("bridge-litter", "bridge", "litter", city.Report, city.Event),
			source("bridge-rounds", "bridge", "rounds", city.Inspection, city.Event),
		},
		Indicators: []city.Indicator{
			indicator("visits-today", city.Sum, city.Day, city.SiteVisit, "bridge-visits"),
			indicator("vehicles-today", city.Sum, city.Day, city.Vehicle, "road/in", "road/out"),
			indicator("present", city.Last, city.Now, city.Person, "bridge-present"),
			indicator("soil", city.Mean, city.Now, city.Percent, "bridge-soil", "road-soil"),
			indicator("in-share", city.Share, city.Day, city.Percent, "road/in"),
		},
		Seasons: []city.Season{
			{ID: "nowruz", Name: name("نوروز", "Nowruz"), From: city.DateOf(2027, 3, 16), To: city.DateOf(2027, 4, 4), One: city.DateOf(2027, 3, 21), Days: []city.SeasonDay{{Date: city.DateOf(2027, 4, 2), Name: name("سیزده‌به‌در", "Sizdah Bedar")}}},
			{ID: "summer", Name: name("تابستان", "Summer"), From: city.DateOf(2027, 6, 22), To: city.DateOf(2027, 9, 22), One: city.DateOf(2027, 6, 22)},
		},
		Screens: []city.Screen{{ID: "hall", Name: name("تالار", "Hall"), Lang: "fa", Numbers: []city.IndicatorID{"visits-today", "soil"}, Crowding: "present", Chart: "visits-today"}},
	}
	d.Categories = []city.Category{{ID: "litter", Name: name("زباله", "Litter")}, {ID: "D", Name: name("درجهٔ ت", "Grade D")}}
	d.Levels = []city.ServiceLevel{
		{Case: city.ReportCase, Category: "litter", Zone: city.HighIntensity, WithinSec: 12 * 3600, SeasonSec: 3 * 3600, FromHour: 7, ToHour: 22},
		{Case: city.ReportCase, WithinSec: 14 * 86400},
	}
	d.Plans = []city.Plan{
		{ID: "counting", Name: name("شمارش", "Counting"), From: city.DateOf(2027, 3, 16), To: city.DateOf(2027, 4, 4), Parts: []city.PlanPart{{Source: "road/in", Amount: 9000}, {Source: "road/out", Amount: 8000}}},
		{ID: "rounds", Name: name("سرکشی", "Rounds"), EverySec: 86400, Parts: []city.PlanPart{{Source: "bridge-rounds"}}},
	}
	d.Indicators[0].Target = &target
	d.Indicators[0].Thresholds = &city.Thresholds{Direction: "below", Of: city.OfTarget, Watch: 8000, Alert: 5000}
	d.Indicators[2].Thresholds = &city.Thresholds{Direction: "above", Of: city.OfCapacity, Watch: 7000, Alert: 9000}
	d.Indicators[4].Among = []city.SourceID{"road/in", "road/out"}
	return d
}

func open(t *testing.T, d city.Definition) *city.City {
	t.Helper()
	c, err := city.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACityFindsItsParts(t *testing.T) {
	c := open(t, village())
	if c.Source("road/in") != &c.Sources[1] || c.Place("road") != &c.Places[1] || c.District("district-2") != &c.Districts[1] ||
		c.Indicator("soil") != &c.Indicators[3] || c.Screen("hall") != &c.Screens[0] {
		t.Error("a part is not found by its id")
	}
	if c.Source("x") != nil || c.Place("x") != nil || c.District("x") != nil || c.Indicator("x") != nil || c.Screen("x") != nil {
		t.Error("a part is found that is not there")
	}
	if c.Clock().Location().String() != "Asia/Tehran" {
		t.Errorf("the zone is %s", c.Clock().Location())
	}
}

func TestCanonicalFormComesBack(t *testing.T) {
	c := open(t, village())
	first, err := c.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	again, err := city.Decode(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Canonical()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the canonical form of what it decodes to is another: %v\n%s\n%s", err, first, second)
	}
	if !bytes.Contains(first, []byte(`"from":"2027-03-16"`)) {
		t.Error("dates are not written as 2006-01-02")
	}
}

func TestACityWithTwoPartsOfOneNameIsNone(t *testing.T) {
	for what, change := range map[string]func(*city.Definition){
		"source":    func(d *city.Definition) { d.Sources[1].ID = d.Sources[0].ID },
		"place":     func(d *city.Definition) { d.Places[1].ID = d.Places[0].ID },
		"district":  func(d *city.Definition) { d.Districts[1].ID = d.Districts[0].ID },
		"indicator": func(d *city.Definition) { d.Indicators[1].ID = d.Indicators[0].ID },
		"screen":    func(d *city.Definition) { d.Screens = append(d.Screens, d.Screens[0]) },
		"zone":      func(d *city.Definition) { d.Zone = "Asia/Isfahan" },
	} {
		d := village()
		change(&d)
		if _, err := city.New(d); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", what, err)
		}
	}
	if _, err := city.Decode([]byte(`{"zone":`)); err == nil {
		t.Error("broken JSON decodes")
	}
}

func TestWindowsAreThoseOfTheLocalClock(t *testing.T) {
	c := open(t, village())
	m := at(t, "2027-03-24T18:20:00+03:30")
	for _, tc := range []struct {
		over     city.Period
		from, to string
	}{
		{city.Now, "2027-03-23T18:00:00+03:30", "2027-03-24T19:00:00+03:30"},
		{city.QuarterHour, "2027-03-24T18:15:00+03:30", "2027-03-24T18:30:00+03:30"},
		{city.Hour, "2027-03-24T18:00:00+03:30", "2027-03-24T19:00:00+03:30"},
		{city.Day, "2027-03-24T00:00:00+03:30", "2027-03-25T00:00:00+03:30"},
		{city.PreviousDay, "2027-03-23T00:00:00+03:30", "2027-03-24T00:00:00+03:30"},
		{city.InSeason, "2027-03-16T00:00:00+03:30", "2027-04-05T00:00:00+03:30"},
	} {
		from, to, ok := c.Window(tc.over, m)
		if !ok || from != at(t, tc.from) || to != at(t, tc.to) {
			t.Errorf("Window(%s) = %s, %s, %v; want %s, %s", tc.over, from, to, ok, tc.from, tc.to)
		}
	}
	if _, _, ok := c.Window(city.InSeason, at(t, "2027-05-01T12:00:00Z")); ok {
		t.Error("there is a season in May")
	}
	if _, _, ok := c.Window("fortnight", m); ok {
		t.Error("there is a window of a period that is none")
	}
}

func TestSeasonsHoldBothTheirEnds(t *testing.T) {
	c := open(t, village())
	for when, want := range map[string]city.SeasonID{
		"2027-03-15T23:59:59+03:30": "",
		"2027-03-16T00:00:00+03:30": "nowruz",
		"2027-04-04T23:59:59+03:30": "nowruz",
		"2027-04-05T00:00:00+03:30": "",
		"2027-07-01T12:00:00+03:30": "summer",
	} {
		var got city.SeasonID
		if s := c.SeasonAt(at(t, when)); s != nil {
			got = s.ID
		}
		if got != want {
			t.Errorf("the season at %s is %q, want %q", when, got, want)
		}
	}
}

func TestCadenceGoesByTheHour(t *testing.T) {
	c := open(t, village())
	s := c.Source("bridge-present")
	for hour, want := range map[int]int64{0: 0, 7: 0, 8: 300, 19: 300, 20: 600, 23: 600} {
		if got := s.Every(hour); got != want {
			t.Errorf("Every(%d) = %d, want %d", hour, got, want)
		}
	}
	if s.Late() != time.Hour {
		t.Errorf("Late = %s", s.Late())
	}
}

func TestTextsSpeakTheLanguageThatIsAsked(t *testing.T) {
	text := city.Text{FA: "پل", EN: "Bridge"}
	if text.In("fa") != "پل" || text.In("en") != "Bridge" || text.In("de") != "Bridge" {
		t.Error("the wording is not that of the language")
	}
}
