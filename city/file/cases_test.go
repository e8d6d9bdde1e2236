package file_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/city/file"
)

func TestLevelsAndPlansOfTheManualAreTakenOver(t *testing.T) {
	c := compile(t, manual(t))
	if c.District("district-1").Zone != city.MediumIntensity || c.Place("garden").Zone != city.HighIntensity {
		t.Errorf("zones are %q and %q", c.District("district-1").Zone, c.Place("garden").Zone)
	}
	levels := []city.ServiceLevel{
		{Case: city.ReportCase, Category: "irrigation", WithinSec: 6 * 3600},
		{Case: city.ReportCase, Zone: city.HighIntensity, WithinSec: 12 * 3600, SeasonSec: 3 * 3600, FromHour: 7, ToHour: 22},
		{Case: city.ReportCase, WithinSec: 14 * 86400, SeasonSec: 86400},
	}
	if diff := cmp.Diff(levels, c.Levels); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	plans := []city.Plan{
		{
			ID: "spring-planting", Name: city.Text{FA: "گل‌کاری بهاره", EN: "Spring planting"},
			From: city.DateOf(2027, 2, 20), To: city.DateOf(2027, 4, 4), Parts: []city.PlanPart{{Source: "garden-planting", Amount: 12000}},
		},
		{
			ID: "watering", Name: city.Text{FA: "آبیاری", EN: "Watering"},
			EverySec: 86400, Parts: []city.PlanPart{{Source: "garden-watering", Amount: 360005}},
		},
	}
	if diff := cmp.Diff(plans, c.Plans); diff != "" {
		t.Errorf("plans (-want +got):\n%s", diff)
	}
	if c.CategoryName("litter").FA != "زباله" || c.Screens[0].Public {
		t.Errorf("litter is called %v, the hall is public: %v", c.CategoryName("litter"), c.Screens[0].Public)
	}
}

func TestAnAmountIsOfTheSourceElseOfItsDistrictElseOfEach(t *testing.T) {
	two := strings.NewReplacer(
		"  - id: garden-watering\n", "  - id: lawn-watering\n    name: {fa: آبیاری چمن, en: Watering of the lawn}\n    district: district-1\n    counts: watered-area\n    unit: m2\n    kind: event\n    range: [1, 9]\n    method: form\n    department: parks\n  - id: garden-watering\n",
		"of: [garden-watering]", "of: {counts: watered-area}")
	for amount, want := range map[string][]city.PlanPart{
		"7":                                   {{Source: "lawn-watering", Amount: 70}, {Source: "garden-watering", Amount: 70}},
		"{garden-watering: 2}":                {{Source: "lawn-watering"}, {Source: "garden-watering", Amount: 20}},
		"{garden-watering: 2, district-1: 5}": {{Source: "lawn-watering", Amount: 50}, {Source: "garden-watering", Amount: 20}},
	} {
		c := compile(t, strings.Replace(two.Replace(manual(t)), "36000.5", amount, 1))
		if diff := cmp.Diff(want, c.Plans[1].Parts); diff != "" {
			t.Errorf("amount %s (-want +got):\n%s", amount, diff)
		}
	}
	_, err := file.Compile("city.yaml", []byte(strings.Replace(two.Replace(manual(t)), "36000.5", "{district-1: 5}", 1)))
	if err == nil || !strings.Contains(err.Error(), "district-1 has two parts, lawn-watering and garden-watering: name the sources") {
		t.Errorf("an amount of two parts: %v", err)
	}
}

func TestDayAndNightIsSaidInOneWay(t *testing.T) {
	src := strings.Replace(manual(t), "within: 6h}", "within: 6h, hours: 0-24}", 1)
	if diff := cmp.Diff(compile(t, manual(t)).Levels, compile(t, src).Levels); diff != "" {
		t.Errorf("hours 0-24 (-left out +written):\n%s", diff)
	}
}

func TestDifferencesOfCasesAndPlansAreToldInWords(t *testing.T) {
	for _, tc := range []struct {
		name, old, new string
		want           []file.Change
	}{
		{"a district's zone", "zone: medium}", "zone: low}", []file.Change{{Text: "district district-1: zone medium -> low"}}},
		{"a place's zone", "    zone: high # put right sooner than the rest of its district\n", "", []file.Change{{Text: "place garden: zone high -> none"}}},
		{"a wording", "en: Litter}", "en: Rubbish}", []file.Change{{Text: "category litter: name Litter -> Rubbish"}}},
		{"a time", "within: 12h, season: 3h", "within: 12h, season: 2h", []file.Change{{Text: "service level report, zone high: season_seconds 10800 -> 7200"}}},
		{"a level", "  - {case: report, category: irrigation, within: 6h}\n", "", []file.Change{{Text: "removed service level report irrigation"}}},
		{"an amount", "district-1: 12000", "district-1: 13000", []file.Change{{Text: "plan spring-planting: parts garden-planting 12000 -> 13000"}}},
		{"an amount in decimals", "amount: 36000.5", "amount: 35000.1", []file.Change{{Text: "plan watering: parts garden-watering 36000.5 -> 35000.1"}}},
		{"parts", "of: [garden-watering]", "of: [garden-visits]", nil},
		{"how often", "every: 24h", "every: 2d", []file.Change{{Text: "plan watering: every_seconds 86400 -> 172800"}}},
		{"a day", "to: 1406/01/15\n    amount", "to: 1406/01/14\n    amount", []file.Change{{Text: "plan spring-planting: to 2027-04-04 -> 2027-04-03"}}},
		{"a public screen", "    chart: visits-today", "    chart: visits-today\n    public: true", []file.Change{{Text: "screen hall: public false -> true"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			changed := strings.Replace(manual(t), tc.old, tc.new, 1)
			if tc.want == nil { // another source, and another unit
				changed = strings.Replace(changed, "amount: 36000.5", "amount: 360", 1)
				tc.want = []file.Change{{Text: "plan watering: parts +garden-visits, -garden-watering"}}
			}
			if changed == manual(t) {
				t.Fatalf("the manual's city has no %q", tc.old)
			}
			got := file.Differences(compile(t, manual(t)), compile(t, changed))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestIsfahanPlantsWhatItsTargetAsksFor(t *testing.T) {
	c := compile(t, string(file.Isfahan()))
	var total city.Steps
	watered := map[city.SourceID]bool{}
	for _, p := range c.Plans {
		for _, part := range p.Parts {
			if p.EverySec == 0 {
				total += part.Amount
			} else if watered[part.Source] = true; part.Amount == 0 {
				t.Errorf("plan %s: no area for %s", p.ID, part.Source)
			}
		}
	}
	if target := *c.Indicator("seedlings-planted").Target; total != target || len(c.Plans[0].Parts) != len(c.Districts) {
		t.Errorf("%d seedlings are planned in %d districts, the target is %d", total, len(c.Plans[0].Parts), target)
	}
	if len(watered) != len(c.Districts) {
		t.Errorf("%d of %d districts are watered by a plan", len(watered), len(c.Districts))
	}
}

func TestInIsfahanTheCentreIsPutRightFirst(t *testing.T) {
	c := compile(t, string(file.Isfahan()))
	season, _ := c.Clock().Day(c.Seasons[0].One)
	for _, tc := range []struct {
		source        string
		kind          city.CaseKind
		category      string
		usual, season int64 // hours
	}{
		{"district-3-litter", city.ReportCase, "litter", 12, 3},
		{"district-8-litter", city.ReportCase, "litter", 24, 6},
		{"district-15-litter", city.ReportCase, "litter-bin", 14 * 24, 24},
		{"district-15-green-reports", city.ReportCase, "green-irrigation", 12, 4},
		{"district-3-inspections", city.InspectionCase, "A", 0, 0},
		{"district-3-inspections", city.InspectionCase, "C", 12, 6},
		{"parks-services", city.ServiceCase, "service-permit", 16, 16},
	} {
		src := c.Source(city.SourceID(tc.source))
		if src == nil {
			t.Fatalf("no source %s", tc.source)
		}
		usual, inSeason := c.Allow(src, tc.kind, tc.category, "", season-90*86400), c.Allow(src, tc.kind, tc.category, "", season)
		if usual.Sec != tc.usual*3600 || inSeason.Sec != tc.season*3600 {
			t.Errorf("%s, %s: %d h, in the season %d h; want %d and %d", tc.source, tc.category, usual.Sec/3600, inSeason.Sec/3600, tc.usual, tc.season)
		}
	}
	if got := c.Allow(c.Source("district-9-litter"), city.ReportCase, "litter", "nazhvan", season).Zone; got != city.HighIntensity {
		t.Errorf("Nazhvan is of intensity %s", got)
	}
}
