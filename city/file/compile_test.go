package file_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata" // the zones must not depend on the machine

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/city/fa"
	"rasad/city/file"
)

func compile(t *testing.T, src string) *city.City {
	t.Helper()
	c, err := file.Compile("city.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// manual returns the small city of the manual.
func manual(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/city.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	src, _, found := strings.Cut(rest, "\n```\n")
	if !found {
		t.Fatal("docs/city.md holds no example")
	}
	return src + "\n"
}

func TestTheManualsCityCompiles(t *testing.T) {
	c := compile(t, manual(t))
	var ids []string
	for _, s := range c.Sources {
		ids = append(ids, string(s.ID))
	}
	want := []string{"garden-visits", "garden-gate-2", "shiraz-road/in", "shiraz-road/out", "garden-soil", "garden-reports", "garden-planting", "garden-watering"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	gate := c.Source("garden-gate-2")
	want2 := city.Source{
		ID: "garden-gate-2", Name: city.Text{FA: "بازدید از باغ", EN: "Visits to Garden"}, Place: "garden", District: "district-1", Department: "parks",
		Counts: "visits", Unit: city.SiteVisit, Kind: city.Interval, SlotSec: 900,
		Cadence: []city.Cadence{{FromHour: 8, ToHour: 20, EverySec: 900}, {FromHour: 20, ToHour: 24, EverySec: 3600}},
		Max:     900, Body: city.Text{FA: "سازمان پارک‌ها و فضای سبز", EN: "Parks and Green Space Organisation"}, Method: "camera", LateSec: 60 * 86400,
	}
	if diff := cmp.Diff(want2, *gate); diff != "" {
		t.Errorf("garden-gate-2 (-want +got):\n%s", diff)
	}
	if got := c.Source("shiraz-road/out").Name; got != (city.Text{FA: "خودروهای خروجی، ورودی شیراز", EN: "Vehicles out, Shiraz road"}) {
		t.Errorf("the way out is named %v", got)
	}
	soil := c.Source("garden-soil")
	if soil.Max != 6000 || soil.LateSec != 36*3600 || soil.District != "district-1" {
		t.Errorf("garden-soil is %+v", soil)
	}
}

func TestWhatAnIndicatorLeavesOutIsFilledIn(t *testing.T) {
	c := compile(t, manual(t))
	vehicles := c.Indicator("vehicles-in-today")
	if diff := cmp.Diff([]city.SourceID{"shiraz-road/in"}, vehicles.Of); diff != "" {
		t.Errorf("of (-want +got):\n%s", diff)
	}
	if vehicles.Unit != city.Vehicle || vehicles.Body.EN != "Parks and Green Space Organisation" || !slices.Equal(vehicles.By, []city.Grouping{city.ByCity}) {
		t.Errorf("vehicles-in-today is %+v", vehicles)
	}
	if visits := c.Indicator("visits-today"); visits.Target == nil || *visits.Target != 12000 || len(visits.Of) != 2 {
		t.Errorf("visits-today is %+v", visits)
	}
	want := city.Thresholds{Direction: "below", Of: city.OfValue, Watch: 1800, Alert: 1200}
	if got := c.Indicator("soil-moisture").Thresholds; got == nil || *got != want {
		t.Errorf("thresholds are %+v, want %+v", got, want)
	}
}

func TestSeasonsAreGivenInEitherCalendar(t *testing.T) {
	jalali := compile(t, manual(t))
	gregorian := compile(t, strings.NewReplacer("1405/12/25", "2027-03-16", "1406/01/15", "2027-04-04", "1406/01/13", "2027-04-02").Replace(manual(t)))
	if diff := cmp.Diff(jalali.Seasons, gregorian.Seasons); diff != "" {
		t.Errorf("seasons (-jalali +gregorian):\n%s", diff)
	}
	hyphens := compile(t, strings.NewReplacer("1405/12/25", "1405-12-25", "1406/01/15", "1406-1-15").Replace(manual(t)))
	if diff := cmp.Diff(jalali.Seasons, hyphens.Seasons); diff != "" {
		t.Errorf("seasons (-slashes +hyphens):\n%s", diff)
	}
	if s := jalali.Seasons[0]; s.From.String() != "2027-03-16" || s.To.String() != "2027-04-04" || s.One.String() != "2027-03-21" {
		t.Errorf("Nowruz goes from %s to %s, day 1 is %s", s.From, s.To, s.One)
	}
	first := compile(t, strings.Replace(manual(t), "    day_one: 1406/01/01\n", "", 1))
	if s := first.Seasons[0]; s.One != s.From {
		t.Errorf("day 1 is %s where the file does not say it, want %s", s.One, s.From)
	}
}

func TestTwoCompilationsAreEqual(t *testing.T) {
	one, err1 := compile(t, string(file.Isfahan())).Canonical()
	two, err2 := compile(t, string(file.Isfahan())).Canonical()
	if err1 != nil || err2 != nil || string(one) != string(two) {
		t.Errorf("the same file gives two cities: %v, %v", err1, err2)
	}
}

func TestThresholdsOfCapacityArePercent(t *testing.T) {
	c := compile(t, string(file.Isfahan()))
	want := city.Thresholds{Direction: "above", Of: city.OfCapacity, Watch: 7000, Alert: 9000}
	if got := c.Indicator("people-present").Thresholds; *got != want {
		t.Errorf("thresholds are %+v, want %+v", got, want)
	}
}

func TestIsfahanIsWhole(t *testing.T) {
	c := compile(t, string(file.Isfahan()))
	if len(c.Districts) != 15 || len(c.Places) < 28 || len(c.Indicators) < 14 || len(c.Sources) < 150 || len(c.Sources) > 220 {
		t.Errorf("Isfahan has %d districts, %d places, %d indicators, %d sources", len(c.Districts), len(c.Places), len(c.Indicators), len(c.Sources))
	}
	for _, id := range []city.PlaceID{
		"naqsh-e-jahan", "si-o-se-pol", "khaju", "chehel-sotoun", "hasht-behesht", "ali-qapu", "imam-mosque", "sheikh-lotfollah", "jameh-mosque", "vank",
		"menar-jonban", "qeysarieh-bazaar", "shahrestan-bridge", "birds-garden", "flower-garden", "nazhvan", "soffeh", "fadak-camp", "tehran-road", "shiraz-road",
		"najafabad-road", "nain-road", "shahrekord-road", "kaveh-terminal", "soffeh-terminal", "railway-station", "airport", "chaharbagh-abbasi", "music-museum", "aquarium",
	} {
		if c.Place(id) == nil {
			t.Errorf("there is no %s", id)
		}
	}
	for _, p := range c.Places {
		// The city and its airport lie within these bounds.
		if p.Lat < 32.5 || p.Lat > 32.8 || p.Lon < 51.5 || p.Lon > 51.9 {
			t.Errorf("%s lies at %g, %g: that is not in Isfahan", p.ID, p.Lat, p.Lon)
		}
		if p.District == "" && p.ID != "airport" {
			t.Errorf("%s lies in no district", p.ID)
		}
		if p.Capacity == 0 && p.Kind != "entrance" {
			t.Errorf("%s has no capacity", p.ID)
		}
	}
	for _, id := range []city.IndicatorID{
		"visits-today", "visits-this-hour", "visits-yesterday", "visits-season", "people-present", "vehicles-in-today", "vehicles-out-today", "free-beds",
		"litter-reports-today", "open-reports", "clean-share", "soil-moisture", "seedlings-planted", "watered-today", "requests-online-share", "service-minutes", "calls-137-today",
	} {
		if c.Indicator(id) == nil {
			t.Errorf("there is no indicator %s", id)
		}
	}
	themes := map[string]int{}
	for _, id := range c.Screen("hall").Numbers {
		themes[c.Indicator(id).Theme]++
	}
	if len(themes) != len(city.Themes()) {
		t.Errorf("the hall shows only %v", themes)
	}
	if c.Screen("hall-en").Lang != "en" || c.Screen("hall").Lang != "fa" {
		t.Error("the hall's screens are not in Persian and English")
	}
}

func TestIsfahanSpeaksBothLanguages(t *testing.T) {
	c := compile(t, string(file.Isfahan()))
	persian := map[string]string{}
	check := func(what string, x city.Text) {
		t.Helper()
		if why := fa.Unclean(x.FA); why != "" || fa.Clean(x.FA) != x.FA || fa.Latin(x.FA) != x.FA && strings.ContainsAny(x.FA, "0123456789") {
			t.Errorf("%s: %q is not clean Persian: %s", what, x.FA, why)
		}
		if strings.ContainsAny(x.FA, "abcdefghijklmnopqrstuvwxyz,;?{}") || strings.Contains(x.FA, "  ") {
			t.Errorf("%s: %q is not Persian throughout", what, x.FA)
		}
		for _, r := range x.EN {
			if r > 0x024F && r != '²' {
				t.Errorf("%s: %q is not English throughout", what, x.EN)
				break
			}
		}
	}
	for _, s := range c.Sources {
		check(string(s.ID), s.Name)
		check(string(s.ID), s.Body)
		if other, twice := persian[s.Name.FA]; twice {
			t.Errorf("%s and %s have one name: %s", s.ID, other, s.Name.FA)
		}
		persian[s.Name.FA] = string(s.ID)
	}
	for _, p := range c.Places {
		check(string(p.ID), p.Name)
	}
	for _, i := range c.Indicators {
		check(string(i.ID), i.Name)
		check(string(i.ID), i.Definition)
		if !strings.HasSuffix(i.Definition.FA, ".") || !strings.HasSuffix(i.Definition.EN, ".") {
			t.Errorf("%s: a definition is a sentence", i.ID)
		}
	}
	for _, s := range c.Seasons {
		check(string(s.ID), s.Name)
		for _, d := range s.Days {
			check(d.Date.String(), d.Name)
		}
	}
	for _, s := range c.Screens {
		check(string(s.ID), s.Name)
	}
}

func TestIsfahanIsACopyEachTime(t *testing.T) {
	file.Isfahan()[0] = 'X'
	if file.Isfahan()[0] == 'X' {
		t.Error("what one caller writes the next one reads")
	}
}

func TestFaultsAreInvalid(t *testing.T) {
	_, err := file.Compile("city.yaml", []byte("format: 7\n"))
	var faults *file.FaultsError
	if !errors.As(err, &faults) || !errors.Is(err, city.ErrInvalid) || faults.Name != "city.yaml" || len(faults.List) == 0 {
		t.Errorf("the error is %v", err)
	}
}
