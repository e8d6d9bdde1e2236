package history_test

import (
	"testing"

	"rasad/city"
	"rasad/entry"
	"rasad/history"
	"rasad/history/historytest"
)

// yesterday asks for an indicator with another period, one local day after the
// ground's; it returns the figures of its groups, "-" for none, and until when.
func yesterday(t *testing.T, g *historytest.Ground, r history.Reader, id city.IndicatorID, over city.Period, at city.Moment) (figures []string, until city.Moment) {
	t.Helper()
	ind := *g.City.Indicator(id)
	ind.Over = over
	list, err := history.Yesterday(t.Context(), r, g.City, &ind, at)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		v := "-"
		if c.Figure.Has {
			v = ind.Unit.Format(c.Figure.Value)
		}
		figures, until = append(figures, v), c.Until
	}
	return figures, until
}

func TestYesterdayIsTakenUpToTheSameHour(t *testing.T) {
	g, r := ground(t)
	at := midnight + 86400 + 2*3600 + 1500 // 02:25 of the day after
	for name, c := range map[string]struct {
		id    city.IndicatorID
		over  city.Period
		want  string // of the first group
		until city.Moment
	}{
		"what grows through the day":         {"visits", city.Day, "8028", midnight + 2*3600},
		"the whole same hour":                {"visits", city.Hour, "4038", midnight + 3*3600},
		"the whole same quarter":             {"visits", city.QuarterHour, "1009", midnight + 2*3600 + 1800},
		"the day before the one that closed": {"visits", city.PreviousDay, "-", midnight},
		"the state at the same hour":         {"people", city.Now, "70", midnight + 2*3600},
		"no data is not zero":                {"reports", city.Day, "-", midnight + 2*3600},
	} {
		got, until := yesterday(t, g, r, c.id, c.over, at)
		if got[0] != c.want || until != c.until {
			t.Errorf("%s: %q until %s, want %s until %s", name, got, until, c.want, c.until)
		}
	}
}

func TestYesterdaysSumsOfPlacesAddUpToTheCitys(t *testing.T) {
	g, r := ground(t)
	got, _ := yesterday(t, g, r, "visits", city.Day, midnight+86400+5*3600)
	if len(got) < 3 || got[0] != "20190" || got[1] != "190" || got[2] != "20000" {
		t.Errorf("the city and its places: %q", got)
	}
}

func TestInTheFirstHourThereIsNothingToCompareWith(t *testing.T) {
	g, r := ground(t)
	if got, _ := yesterday(t, g, r, "visits", city.Day, midnight+86400+1500); got[0] != "-" {
		t.Errorf("before the first whole hour: %q", got)
	}
	if got, _ := yesterday(t, g, r, "visits", city.Day, midnight+7200); got[0] != "-" {
		t.Errorf("before any data: %q", got)
	}
}

func TestALateReadingChangesYesterday(t *testing.T) {
	g, r := ground(t)
	at := midnight + 86400 + 3600
	before, _ := yesterday(t, g, r, "visits", city.Day, at)
	g.Append(t, &entry.Reading{Source: historytest.Gate, From: midnight - 86400, To: midnight - 86400 + 900, V: 5})
	same, _ := yesterday(t, g, r, "visits", city.Day, at)
	if before[0] != same[0] {
		t.Errorf("another day's reading changed %s to %s", before[0], same[0])
	}
	two, _ := yesterday(t, g, r, "visits", city.PreviousDay, at)
	if two[0] != "5" {
		t.Errorf("the day before yesterday: %q, want the late 5", two)
	}
}

func TestYesterdayKeepsToALocalDayThatIsShortOrLong(t *testing.T) {
	for _, c := range []struct {
		zone, day string // the day after the change of the clock
		hour      city.Moment
		until     city.Moment // after the midnight of the day before
	}{
		{"Europe/Berlin", "2026-10-26", 23, 23 * 3600},
		{"Europe/Berlin", "2026-03-30", 23, 22 * 3600}, // 23 hours: the end of that day, its last hour left out
	} {
		g := historytest.NewGround(t, c.zone)
		date, err := city.ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		from, _ := g.City.Clock().Day(date)
		before, _ := g.City.Clock().Day(date - 1)
		_, until := yesterday(t, g, history.FromDays(g.Days, g.City.Clock()), "visits", city.Day, from+c.hour*3600)
		if until != before+c.until {
			t.Errorf("%s %s: until %s, want %d hours after %s", c.zone, c.day, until, c.until/3600, before)
		}
	}
}
