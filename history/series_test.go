package history_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"rasad/city"
	"rasad/entry"
	"rasad/history"
	"rasad/history/historytest"
	"rasad/measure"
)

// midnight is a local midnight of Tehran.
const midnight = city.Moment(1_806_006_600)

// ground has readings of the gate and the garden over a day, reports, and people.
func ground(t *testing.T) (*historytest.Ground, history.Reader) {
	t.Helper()
	g := historytest.NewGround(t, "Asia/Tehran")
	if g.City.Clock().HourOfDay(midnight) != 0 || g.City.Clock().Hour(midnight) != midnight {
		t.Fatal("midnight is none")
	}
	for i := range city.Moment(96) {
		at := midnight + i*900
		g.Append(t,
			&entry.Reading{Source: historytest.Gate, From: at, To: at + 900, V: city.Steps(i)},
			&entry.Reading{Source: "garden/in", From: at, To: at + 900, V: 1000},
			&entry.Reading{Source: historytest.Crowd, From: at, To: at, V: city.Steps(10 * i)},
		)
	}
	return g, history.FromDays(g.Days, g.City.Clock())
}

func answer(t *testing.T, g *historytest.Ground, r history.Reader, q history.SeriesQuery) history.SeriesAnswer {
	t.Helper()
	a, err := history.Series(t.Context(), r, g.City, q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// points prints the values of a group's points, "-" for none.
func points(ind *city.Indicator, g history.GroupSeries) string {
	var list []string
	for _, p := range g.Points {
		v := "-"
		if p.Figure.Has {
			v = ind.Unit.Format(p.Figure.Value)
		}
		list = append(list, v)
	}
	return strings.Join(list, " ")
}

func TestSeriesGivesEachWindowItsValue(t *testing.T) {
	g, r := ground(t)
	cases := map[string]struct {
		q    history.SeriesQuery
		want string // of the groups, one a line
	}{
		"quarters of the city": {
			history.SeriesQuery{Indicator: "visits", From: midnight, To: midnight + 2700, Step: history.QuarterHour}, "1000 1001 1002",
		},
		"a stretch is widened to whole windows": {
			history.SeriesQuery{Indicator: "visits", From: midnight + 1, To: midnight + 3601, Step: history.Hour}, "4006 4022",
		},
		"days": {
			history.SeriesQuery{Indicator: "visits", From: midnight - 1, To: midnight + 86400, Step: history.Day}, "- 100560",
		},
		"places": {
			history.SeriesQuery{Indicator: "visits", By: city.ByPlace, From: midnight, To: midnight + 7200, Step: history.Hour}, "6 22\n4000 4000",
		},
		"one place": {
			history.SeriesQuery{Indicator: "visits", Group: measure.Group{By: city.ByPlace, ID: "bridge"}, From: midnight, To: midnight + 7200, Step: history.Hour}, "6 22",
		},
		"the newest state of each hour": {
			history.SeriesQuery{Indicator: "people", From: midnight, To: midnight + 7200, Step: history.Hour}, "30 70",
		},
		"no data is not zero": {
			history.SeriesQuery{Indicator: "reports", From: midnight, To: midnight + 7200, Step: history.Hour}, "- -",
		},
		"as known earlier": { // batch 1 is the city, each batch after it a quarter
			history.SeriesQuery{Indicator: "visits", From: midnight, To: midnight + 7200, Step: history.Hour, AsOf: 6}, "4006 1004",
		},
		"quarters as known earlier": {
			history.SeriesQuery{Indicator: "visits", From: midnight + 2700, To: midnight + 4500, Step: history.QuarterHour, AsOf: 5}, "1003 -",
		},
		"nothing after now": {
			history.SeriesQuery{Indicator: "visits", From: midnight, To: midnight + 10800, Step: history.Hour, Now: midnight + 3600}, "4006 4022 -",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.q.Now == 0 {
				c.q.Now = midnight + 2*86400
			}
			a := answer(t, g, r, c.q)
			var got []string
			for _, group := range a.Groups {
				got = append(got, points(a.Indicator, group))
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

func TestSeriesOfADayIsItsTile(t *testing.T) {
	g, r := ground(t)
	now := midnight + 40000
	a := answer(t, g, r, history.SeriesQuery{Indicator: "visits", From: midnight, To: midnight + 1, Step: history.Day, Now: now})
	ind := g.City.Indicator("visits")
	q := measure.Question{City: g.City, Indicator: ind, Group: measure.Group{By: city.ByCity}, From: midnight, To: midnight + 86400, At: now}
	for _, id := range ind.Of {
		cells, err := g.Days.Cells(t.Context(), id, q.From, q.To)
		if err != nil {
			t.Fatal(err)
		}
		q.Of = append(q.Of, measure.Input{Source: g.City.Source(id), Cell: measure.Merge(cells...)})
	}
	if want := measure.Value(q); a.Groups[0].Points[0].Figure != want || !want.Has {
		t.Errorf("figure %+v, want %+v", a.Groups[0].Points[0].Figure, want)
	}
}

func TestSeriesWindowsFollowTheClock(t *testing.T) {
	for _, c := range []struct {
		zone, day string
		hours     int
		seconds   city.Moment
	}{
		{"Europe/Berlin", "2026-10-25", 25, 90000},
		{"Europe/Berlin", "2026-03-29", 23, 82800},
		{"Asia/Tehran", "2022-09-22", 24, 86400}, // the clock goes back at its midnight: the day before has 25
		{"Australia/Lord_Howe", "2026-04-05", 25, 88200},
	} {
		g := historytest.NewGround(t, c.zone)
		date, err := city.ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		from, to := g.City.Clock().Day(date)
		if to-from != c.seconds {
			t.Errorf("%s %s has %d s", c.zone, c.day, to-from)
		}
		r := history.FromDays(g.Days, g.City.Clock())
		hours := answer(t, g, r, history.SeriesQuery{Indicator: "visits", From: from, To: to, Step: history.Hour})
		if n := len(hours.Groups[0].Points); n != c.hours {
			t.Errorf("%s %s has %d hours, want %d", c.zone, c.day, n, c.hours)
		}
		quarters := answer(t, g, r, history.SeriesQuery{Indicator: "visits", From: from, To: to, Step: history.QuarterHour})
		if n := len(quarters.Groups[0].Points); n != int(c.seconds)/900 {
			t.Errorf("%s %s has %d quarters, want %d", c.zone, c.day, n, c.seconds/900)
		}
		days := answer(t, g, r, history.SeriesQuery{Indicator: "visits", From: from, To: to, Step: history.Day})
		if p := days.Groups[0].Points; len(p) != 1 || p[0].From != from || p[0].To != to {
			t.Errorf("%s %s: %+v", c.zone, c.day, p)
		}
	}
}

func TestSeriesWindowsTileAlsoWhereTheClockMovedByHalfMinutes(t *testing.T) {
	g := historytest.NewGround(t, "Africa/Monrovia") // 44 minutes 30 seconds, on 7 January 1972
	date, err := city.ParseDate("1972-01-07")
	if err != nil {
		t.Fatal(err)
	}
	from, to := g.City.Clock().Day(date)
	for _, step := range []history.Step{history.QuarterHour, history.Hour, history.Day} {
		a := answer(t, g, history.FromDays(g.Days, g.City.Clock()), history.SeriesQuery{Indicator: "visits", From: from - 86400, To: to + 86400, Step: step})
		at := a.From
		for _, p := range a.Groups[0].Points {
			if p.From != at || p.To <= p.From || g.City.Clock().Hour(p.From) != g.City.Clock().Hour(p.To-1) && step != history.Day {
				t.Fatalf("step %d: window [%s, %s) after %s", step, p.From, p.To, at)
			}
			at = p.To
		}
		if at != a.To || at < to+86400 {
			t.Errorf("step %d: windows end at %s", step, at)
		}
	}
}

func TestSeriesRefusesInWords(t *testing.T) {
	g, r := ground(t)
	good := history.SeriesQuery{Indicator: "visits", From: midnight, To: midnight + 7200, Step: history.Hour}
	cases := map[string]struct {
		kind   error
		change func(q *history.SeriesQuery)
	}{
		"indicator \"no-such\"":                  {city.ErrNotFound, func(q *history.SeriesQuery) { q.Indicator = "no-such" }},
		"has no group \"moon\"":                  {city.ErrNotFound, func(q *history.SeriesQuery) { q.Group = measure.Group{By: city.ByPlace, ID: "moon"} }},
		"is not given by \"district\"":           {city.ErrInvalid, func(q *history.SeriesQuery) { q.By = city.ByDistrict }},
		"want 15m, 1h or 1d":                     {city.ErrInvalid, func(q *history.SeriesQuery) { q.Step = 60 }},
		"want from before to":                    {city.ErrInvalid, func(q *history.SeriesQuery) { q.To = q.From }},
		"more than 2000 points in 1 groups":      {city.ErrInvalid, func(q *history.SeriesQuery) { q.To = q.From + 2001*3600 }},
		"more than 2000 points in 2 groups":      {city.ErrInvalid, func(q *history.SeriesQuery) { q.To, q.By = q.From+1001*3600, city.ByPlace }},
		"ask for a shorter one or a longer step": {city.ErrInvalid, func(q *history.SeriesQuery) { q.From, q.To = 0, 1<<62 }},
	}
	for words, c := range cases {
		q := good
		c.change(&q)
		_, err := history.Series(t.Context(), r, g.City, q)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want %q", err, words)
		}
	}
	most := good
	most.To = most.From + 2000*3600
	if a := answer(t, g, r, most); len(a.Groups[0].Points) != history.MaxPoints {
		t.Errorf("%d points", len(a.Groups[0].Points))
	}
}

type brokenReader struct{ history.Reader }

func (brokenReader) Cells(context.Context, *city.Source, city.Moment, city.Moment, uint64) ([]measure.Cell, error) {
	return nil, &history.RefusalError{Trouble: history.Away, Reason: "no route"}
}

func TestSeriesOverAStoreThatIsAwayIsBusy(t *testing.T) {
	g, _ := ground(t)
	_, err := history.Series(t.Context(), brokenReader{}, g.City, history.SeriesQuery{Indicator: "visits", From: 0, To: 1, Step: history.Hour})
	if !errors.Is(err, city.ErrBusy) || !strings.Contains(err.Error(), "read series of visits") {
		t.Errorf("%v", err)
	}
}

func TestSeriesIsWrittenAsScriptsReadIt(t *testing.T) {
	g, r := ground(t)
	a := answer(t, g, r, history.SeriesQuery{Indicator: "visits", By: city.ByPlace, From: midnight - 3600, To: midnight + 3600, Step: history.Hour, Now: midnight + 1})
	want := `{"indicator":"visits","unit":"site_visit","from":"2027-03-25T19:30:00Z","to":"2027-03-25T21:30:00Z","step_seconds":3600,"groups":[` +
		`{"group":{"place":"bridge"},"points":[{"at":"2027-03-25T19:30:00Z","value":null},{"at":"2027-03-25T20:30:00Z","value":6}]},` +
		`{"group":{"place":"garden"},"points":[{"at":"2027-03-25T19:30:00Z","value":null},{"at":"2027-03-25T20:30:00Z","value":4000}]}]}`
	if got := string(a.AppendJSON([]byte("x"))); got != "x"+want {
		t.Errorf("got\n%s\nwant\n%s", got[1:], want)
	}
	a = answer(t, g, r, history.SeriesQuery{Indicator: "visits", From: midnight, To: midnight + 1, Step: history.Day, Now: midnight})
	if got := string(a.AppendJSON(nil)); !strings.Contains(got, `"groups":[{"group":{},"points":[{"at"`) {
		t.Errorf("the whole city: %s", got)
	}
}

func TestStepsAreReadByName(t *testing.T) {
	for s, want := range map[string]history.Step{"15m": history.QuarterHour, "1h": history.Hour, "1d": history.Day} {
		if got, err := history.ParseStep(s); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "1w", "900", "1H"} {
		if _, err := history.ParseStep(s); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}
