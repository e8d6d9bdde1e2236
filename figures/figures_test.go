package figures_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/city/file"
	"rasad/figures"
	"rasad/measure"
)

// now is half past two in the afternow of 4 Farvardin 1406 in Isfahan.
var now = city.At(time.Date(2027, 3, 24, 11, 0, 0, 0, time.UTC))

// compiled is the demonstration city, compiled once: it never changes.
var compiled = sync.OnceValues(func() (*city.City, error) { return file.Compile("isfahan.yaml", file.Isfahan()) })

func isfahan(t testing.TB) *city.City {
	t.Helper()
	c, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tilesOf makes a tile for every group of every indicator.
func tilesOf(c *city.City, f measure.Figure) []measure.Tile {
	var tiles []measure.Tile
	for i := range c.Indicators {
		for _, g := range measure.Groups(c, &c.Indicators[i]) {
			tiles = append(tiles, measure.Tile{Indicator: &c.Indicators[i], Group: g, Figure: f})
		}
	}
	return tiles
}

// some is a figure with a value as of a quarter past two.
func some(v city.Steps) measure.Figure {
	return measure.Figure{
		Value: v, Has: true, Status: measure.OK, At: now - 900, Provisional: true, Revision: 119,
		Coverage: measure.Coverage{Reporting: 11, Expected: 14},
	}
}

func card(t testing.TB, id string, f measure.Figure) figures.Card {
	t.Helper()
	c := isfahan(t)
	ind, g, err := figures.ParseID(c, id)
	if err != nil {
		t.Fatal(err)
	}
	return figures.NewCard(c, ind, g, f, now, now)
}

func TestNoFigureLeavesWithoutItsCard(t *testing.T) {
	c := isfahan(t)
	cards := figures.Cards(c, tilesOf(c, some(12_480)), now, now, figures.Filter{})
	want := 0
	for i := range c.Indicators {
		if ind := &c.Indicators[i]; ind.Theme == figures.Theme {
			want += len(measure.Groups(c, ind))
		}
	}
	if len(cards) != want || want < 100 {
		t.Fatalf("%d cards, want %d: one for each group of each visitor indicator", len(cards), want)
	}
	seen := map[string]bool{}
	for i := range cards {
		x := &cards[i]
		if seen[x.ID] {
			t.Errorf("%s stands there twice", x.ID)
		}
		seen[x.ID] = true
		for what, text := range map[string]city.Text{
			"name": x.Indicator.Name, "definition": x.Indicator.Definition, "unit": x.UnitName, "body": x.Body,
			"group": x.GroupName, "period": x.Span.Name, "sentence": {FA: x.Sentence("fa"), EN: x.Sentence("en")},
		} {
			if text.FA == "" || text.EN == "" {
				t.Errorf("%s has no %s: %q", x.ID, what, text)
			}
		}
		if x.Indicator.Theme != figures.Theme || x.Value() != "12480" || x.Status() != figures.Provisional ||
			x.Figure.Revision == 0 || x.Figure.Coverage.Expected == 0 || x.Span.From == 0 || x.KnownAt == 0 {
			t.Errorf("%s lacks a part: %+v", x.ID, x)
		}
		ind, g, err := figures.ParseID(c, x.ID)
		if err != nil || ind != x.Indicator || g != x.Group {
			t.Errorf("ParseID(%q) = %v, %v, %v", x.ID, ind, g, err)
		}
	}
}

func TestFiguresAreChosenByPeriodAndGroup(t *testing.T) {
	c := isfahan(t)
	tiles := tilesOf(c, some(1))
	for _, tc := range []struct{ period, by, has, hasNot string }{
		{"", "", "visits-season.khaju", "litter-reports-today"},
		{"now", "", "people-present.khaju", "visits-today"},
		{"now", "city", "visits-this-hour", "people-present.khaju"},
		{"today", "district", "visits-today.district-3", "visits-today.khaju"},
		{"today", "place", "vehicles-in-today.shiraz-road", "visits-today"},
		{"yesterday", "", "visits-yesterday", "visits-today"},
		{"season", "city", "visits-season", "visits-season.khaju"},
	} {
		f, err := figures.ParseFilter(tc.period, tc.by)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, x := range figures.Cards(c, tiles, now, now, f) {
			ids[x.ID] = true
		}
		if !ids[tc.has] || ids[tc.hasNot] {
			t.Errorf("%q by %q: has %s: %v, has %s: %v", tc.period, tc.by, tc.has, ids[tc.has], tc.hasNot, ids[tc.hasNot])
		}
	}
	for _, bad := range [][2]string{{"tomorrow", ""}, {"", "department"}, {"Now", ""}} {
		if _, err := figures.ParseFilter(bad[0], bad[1]); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("ParseFilter(%q) = %v, want ErrInvalid", bad, err)
		}
	}
}

func TestUnknownFiguresAreNotFound(t *testing.T) {
	c := isfahan(t)
	for _, id := range []string{"", "x", "visits-today.", "visits-today.x", "visits-today.khaju.x", "visits-today/khaju", "litter-reports-today", "visits-yesterday.x"} {
		if _, _, err := figures.ParseID(c, id); !errors.Is(err, city.ErrNotFound) {
			t.Errorf("ParseID(%q) = %v, want ErrNotFound", id, err)
		}
	}
}

func TestTheBodyIsTheOneThatCounts(t *testing.T) {
	for id, want := range map[string]string{
		"visits-today":               "Isfahan Travel Services Headquarters",
		"visits-today.naqsh-e-jahan": "Isfahan Travel Services Headquarters",
		"visits-today.ali-qapu":      "Isfahan Province Cultural Heritage, Tourism and Handicrafts",
		"visits-today.flower-garden": "Isfahan Parks and Green Space Organisation",
		"passengers-in-today":        "Isfahan Municipality, Transport and Traffic",
		"vehicles-in-today":          "Isfahan Province Road Maintenance and Transport",
	} {
		if got := card(t, id, some(1)).Body.EN; got != want {
			t.Errorf("%s answers to %q, want %q", id, got, want)
		}
	}
}

func TestPeriodsAreSaidWithTheirDates(t *testing.T) {
	for _, tc := range []struct{ id, fa, en, from, to string }{
		{"people-present", "اکنون: ۱۴:۱۵، چهارشنبه ۴ فروردین ۱۴۰۶", "now: 14:15, Wednesday 24 March 2027", "2027-03-24T10:45:00Z", "2027-03-24T10:45:00Z"},
		{"visits-this-hour", "این ساعت: ۱۴:۰۰ تا ۱۵:۰۰، چهارشنبه ۴ فروردین ۱۴۰۶", "this hour: 14:00 to 15:00, Wednesday 24 March 2027", "2027-03-24T10:30:00Z", "2027-03-24T11:30:00Z"},
		{"visits-today", "امروز: چهارشنبه ۴ فروردین ۱۴۰۶", "today: Wednesday 24 March 2027", "2027-03-23T20:30:00Z", "2027-03-24T20:30:00Z"},
		{"visits-yesterday", "دیروز: سه‌شنبه ۳ فروردین ۱۴۰۶", "yesterday: Tuesday 23 March 2027", "2027-03-22T20:30:00Z", "2027-03-23T20:30:00Z"},
		{"visits-season", "نوروز ۱۴۰۶: سه‌شنبه ۲۵ اسفند ۱۴۰۵ تا یکشنبه ۱۵ فروردین ۱۴۰۶", "Nowruz 1406: Tuesday 16 March 2027 to Sunday 4 April 2027", "2027-03-15T20:30:00Z", "2027-04-04T20:30:00Z"},
	} {
		got := card(t, tc.id, some(1)).Span
		if diff := cmp.Diff([]string{tc.fa, tc.en, tc.from, tc.to}, []string{got.Name.FA, got.Name.EN, got.From.String(), got.To.String()}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.id, diff)
		}
	}
}

func TestCardsAreReadByScripts(t *testing.T) {
	x := card(t, "visits-today.naqsh-e-jahan", some(12_480))
	got, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"visits-today.naqsh-e-jahan","indicator":"visits-today","name":{"fa":"بازدیدهای امروز","en":"Visits today"},` +
		`"group":{"by":"place","id":"naqsh-e-jahan","name":{"fa":"میدان نقش جهان","en":"Naqsh-e Jahan Square"}},` +
		`"definition":{"fa":"شمار ورود به اماکن از آغاز امروز؛ کسی که به چند مکان برود، در هر کدام شمرده می‌شود.","en":"Entries to sites since the day began; a person who visits several counts at each."},` +
		`"value":12480,"unit":"site_visit","unit_name":{"fa":"بازدید","en":"visits"},` +
		`"body":{"fa":"ستاد اجرایی خدمات سفر شهر اصفهان","en":"Isfahan Travel Services Headquarters"},` +
		`"period":{"name":{"fa":"امروز: چهارشنبه ۴ فروردین ۱۴۰۶","en":"today: Wednesday 24 March 2027"},"from":"2027-03-23T20:30:00Z","to":"2027-03-24T20:30:00Z"},` +
		`"as_of":"2027-03-24T10:45:00Z","known_at":"2027-03-24T11:00:00Z","coverage":{"reporting":11,"expected":14},` +
		`"status":"provisional","revised":false,"version":119,` +
		`"sentence":{"fa":"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار بازدیدهای امروز در میدان نقش جهان تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ به ۱۲٬۴۸۰ بازدید رسید. این رقم موقت است. پوشش: ۱۱ از ۱۴ منبع.",` +
		`"en":"Visits today at Naqsh-e Jahan Square reached 12,480 visits by 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters. The figure is provisional. Coverage: 11 of 14 sources."}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("card (-want +got):\n%s", diff)
	}
}

func TestACardWithoutDataSaysSo(t *testing.T) {
	x := card(t, "visits-today", measure.Figure{Status: measure.None})
	got, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"value":null`, `"as_of":null`, `"coverage":null`, `"status":"none"`, `"version":0`} {
		if !strings.Contains(string(got), part) {
			t.Errorf("card lacks %s:\n%s", part, got)
		}
	}
	c := isfahan(t)
	ind, g, err := figures.ParseID(c, "visits-season")
	if err != nil {
		t.Fatal(err)
	}
	got, err = json.Marshal(figures.NewCard(c, ind, g, measure.Figure{Status: measure.None}, now+90*86400, 0))
	if err != nil || !strings.Contains(string(got), `"from":null,"to":null`) || !strings.Contains(string(got), `"known_at":null`) {
		t.Errorf("card outside the season: %s, %v", got, err)
	}
}

func TestUnlikeFiguresDoNotAdd(t *testing.T) {
	later := card(t, "visits-today.khaju", some(1))
	later.Span.To += 3600
	for _, tc := range []struct {
		name  string
		cards []figures.Card
		words []string
	}{
		{"units", []figures.Card{card(t, "visits-today.khaju", some(1)), card(t, "people-present.soffeh", some(1))}, []string{"visits (بازدید)", "people (نفر)", "different units"}},
		{"vehicles", []figures.Card{card(t, "vehicles-in-today", some(1)), card(t, "passengers-in-today", some(1))}, []string{"vehicles (خودرو)", "people (نفر)"}},
		{"indicators", []figures.Card{card(t, "vehicles-in-today", some(1)), card(t, "vehicles-out-today", some(1))}, []string{"Vehicles in today", "Vehicles out today", "differently"}},
		{"a part and its whole", []figures.Card{card(t, "visits-today", some(1)), card(t, "visits-today.khaju", some(1))}, []string{"count twice"}},
		{"the same again", []figures.Card{card(t, "visits-today.khaju", some(1)), card(t, "visits-today.khaju", some(1))}, []string{"visits-today.khaju", "twice"}},
		{"stretches", []figures.Card{card(t, "visits-today.soffeh", some(1)), later}, []string{"different stretches"}},
		{"too much", []figures.Card{card(t, "visits-today.soffeh", some(city.MaxSteps)), card(t, "visits-today.khaju", some(1))}, []string{"2^53"}},
		{"nothing", nil, []string{"no figures"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := figures.Total(tc.cards)
			if !errors.Is(err, city.ErrInvalid) {
				t.Fatalf("Total = %v, want ErrInvalid", err)
			}
			for _, w := range tc.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
		})
	}
}

func TestPercentNeverAdds(t *testing.T) {
	c := isfahan(t)
	ind := *c.Indicator("clean-share")
	var cards []figures.Card
	for _, g := range measure.Groups(c, &ind)[1:3] {
		cards = append(cards, figures.NewCard(c, &ind, g, some(9000), now, now))
	}
	if _, err := figures.Total(cards); !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), "percent (درصد) never add") {
		t.Errorf("Total = %v", err)
	}
}

func TestLikeFiguresAdd(t *testing.T) {
	final := some(30)
	final.Provisional = false
	sum, err := figures.Total([]figures.Card{
		card(t, "visits-today.khaju", final),
		card(t, "visits-today.soffeh", some(12)),
		card(t, "visits-today.vank", measure.Figure{Status: measure.None, Coverage: measure.Coverage{Expected: 1}}),
	})
	want := figures.Sum{Value: 42, Unit: city.SiteVisit, Without: 1, Coverage: measure.Coverage{Reporting: 22, Expected: 29}, Status: figures.Provisional}
	if diff := cmp.Diff(want, sum); err != nil || diff != "" {
		t.Errorf("Total = %v (-want +got):\n%s", err, diff)
	}
}

func ExampleTotal() {
	c, _ := compiled()
	var cards []figures.Card
	for _, id := range []string{"visits-today", "people-present"} {
		ind, g, _ := figures.ParseID(c, id)
		cards = append(cards, figures.NewCard(c, ind, g, measure.Figure{Value: 7, Has: true}, now, now))
	}
	_, err := figures.Total(cards)
	fmt.Println(err)
	// Output:
	// invalid total: visits (بازدید) and people (نفر) are different units and never add: visits of one are not people of the other
}
