package simulate_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"rasad/city"
	"rasad/city/file"
	"rasad/collectors/simulate"
	"rasad/measure"
)

// A cases folds what a simulator sends, as departments see it.
type cases struct {
	city *city.City
	open map[city.DepartmentID]int
	all  map[string]*folded
}

type folded struct {
	measure.Case

	source *city.Source
	kind   string
	words  []string // states, in their order
}

func newCases(c *city.City) *cases {
	return &cases{city: c, open: map[city.DepartmentID]int{}, all: map[string]*folded{}}
}

func (d *cases) take(x simulate.Timed) {
	e := x.Item.Event
	if e == nil || e.Case == "" {
		return
	}
	key := x.Item.Source + " " + x.Item.ID
	f := d.all[key]
	if f == nil {
		src := d.city.Source(city.SourceID(x.Item.Source))
		allowed := d.city.Allow(src, city.CaseKind(e.Case), e.Category, city.PlaceID(e.Place), x.Item.From)
		f = &folded{Case: measure.OpenCase(x.Item.From, allowed), source: src, kind: e.Case}
		d.all[key] = f
		d.open[src.Department]++
		if e.Case == "inspection" && (e.Category == "A" || e.Category == "B") {
			f.Event("closed", x.Item.From)
			d.open[src.Department]--
			return
		}
	} else if slices.Contains(f.words, e.State) {
		return // sent twice
	}
	before := f.State
	f.Event(e.State, x.Item.From)
	f.words = append(f.words, e.State)
	switch {
	case before != measure.CaseClosed && f.State == measure.CaseClosed:
		d.open[f.source.Department]--
	case before == measure.CaseClosed && f.State != measure.CaseClosed:
		d.open[f.source.Department]++
	}
}

func isfahan(t testing.TB) *city.City {
	t.Helper()
	c, err := file.Compile("isfahan.yaml", file.Isfahan())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// happenings is Isfahan without its counters: what they count makes no case.
func happenings(t testing.TB) *city.City {
	t.Helper()
	d := isfahan(t).Definition
	d.Sources = slices.DeleteFunc(slices.Clone(d.Sources), func(s city.Source) bool { return s.Kind != city.Event })
	c, err := city.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryDepartmentHasCasesToWorkOnAndNoneDrowns(t *testing.T) {
	c := happenings(t)
	for seed := range uint64(2) {
		s := open(t, c, seed+1, true)
		d := newCases(c)
		from, _ := c.Clock().Day(c.Seasons[0].From)
		_, to := c.Clock().Day(c.Seasons[0].To)
		two, weeks := dayOf(c, 1)
		weeks += 13 * 86400
		inTwoWeeks := 0
		least, most := map[city.DepartmentID]int{}, map[city.DepartmentID]int{}
		for m := from; m < to; m += 3600 {
			known := len(d.all)
			for _, x := range s.Between(m, m+3600) {
				d.take(x)
			}
			if two <= m && m < weeks {
				inTwoWeeks += len(d.all) - known
			}
			if m < from+86400 {
				continue // the season begins with nothing open
			}
			for _, dept := range c.Departments {
				n := d.open[dept.ID]
				if old, there := least[dept.ID]; !there || n < old {
					least[dept.ID] = n
				}
				most[dept.ID] = max(most[dept.ID], n)
			}
		}
		for _, dept := range c.Departments {
			if least[dept.ID] < 10 || most[dept.ID] > 200 {
				t.Errorf("seed %d: %s has %d to %d open cases, want 10 to 200", seed+1, dept.ID, least[dept.ID], most[dept.ID])
			}
		}
		if inTwoWeeks > 12_000 || inTwoWeeks < 5_000 {
			t.Errorf("seed %d: %d cases in the two weeks of Nowruz, %d in the season", seed+1, inTwoWeeks, len(d.all))
		}
	}
}

func TestMostCasesAreClosedInTimeATenthLateAndAFewOpenedAgain(t *testing.T) {
	c := happenings(t)
	from, _ := dayOf(c, 2)
	to := from + 8*86400
	d := newCases(c)
	for _, x := range open(t, c, 1, true).Between(from, to+5*86400) {
		if _, known := d.all[x.Item.Source+" "+x.Item.ID]; known || x.Item.From < to {
			d.take(x)
		}
	}
	type tally struct{ all, late, seen, again, open int }
	kinds := map[string]*tally{}
	for key, f := range d.all {
		if f.Allowed.Sec == 0 || f.words[0] != "opened" && f.kind != "inspection" {
			continue // without a clock, or opened before
		}
		n := kinds[f.kind]
		if n == nil {
			n = &tally{}
			kinds[f.kind] = n
		}
		n.all++
		if f.State != measure.CaseClosed {
			n.open++
			t.Logf("%s is %s: %v", key, f.State, f.words)
		}
		if f.Late(c.Clock(), to+5*86400) {
			n.late++
		}
		if slices.Contains(f.words, "acknowledged") {
			n.seen++
		}
		n.again += f.Reopened
	}
	share := func(n, of int) int { return 100 * n / of }
	for kind, want := range map[string]struct{ seen, again bool }{"report": {true, true}, "service": {true, false}, "inspection": {}} {
		n := kinds[kind]
		if n == nil || n.all < 100 {
			t.Fatalf("%s: %+v", kind, n)
		}
		late, seen, again := share(n.late, n.all), share(n.seen, n.all), share(1000*n.again, 1000*n.all)
		if n.open > 0 || late < 5 || late > 16 || want.seen != (seen > 60) || want.again != (again >= 2 && again <= 8) {
			t.Errorf("%ss: of %d %d are still open, %d %% were late, %d %% acknowledged, %d %% opened again", kind, n.all, n.open, late, seen, again)
		}
	}
}

func TestTheLifeOfACaseIsInOrderAndShort(t *testing.T) {
	c := happenings(t)
	from, _ := dayOf(c, 3)
	first, last := map[string]simulate.Timed{}, map[string]simulate.Timed{}
	for _, x := range open(t, c, 3, false).Between(from, from+6*86400) {
		e := x.Item.Event
		if e == nil || e.Case == "" {
			continue
		}
		key := x.Item.Source + " " + x.Item.ID
		before, known := last[key]
		switch begins := e.State == "opened" || e.State == "" || e.Case == "work" || strings.HasSuffix(x.Item.Source, "minutes"); {
		case !known && begins:
			first[key] = x
		case !known: // opened before
		case begins || x.Item.From <= before.Item.From || x.At <= before.At:
			t.Fatalf("%s: %q at %v, sent %v, after %q at %v, sent %v", key, e.State, x.Item.From, x.At, before.Item.Event.State, before.Item.From, before.At)
		case e.Category != before.Item.Event.Category || e.Place != before.Item.Event.Place || x.Item.Number != before.Item.Number:
			t.Fatalf("%s speaks of another thing: %v, then %v", key, before.Item, x.Item)
		}
		last[key] = x
	}
	longest := city.Moment(0)
	for key, x := range first {
		longest = max(longest, last[key].Item.From-x.Item.From)
	}
	if len(first) < 3000 || longest > 120*3600 || longest < 48*3600 {
		t.Errorf("%d cases, the longest took %d h", len(first), longest/3600)
	}
}

func TestOpenReportsAreTheReportsThatAreOpen(t *testing.T) {
	c := isfahan(t)
	from, _ := dayOf(c, 2)
	d := newCases(c)
	said, compared := map[string]string{}, 0
	for _, x := range open(t, c, 1, false).Between(0, from+86400) {
		d.take(x)
		if c.Source(city.SourceID(x.Item.Source)).Counts == "open-reports" && x.Item.From > from {
			said[x.Item.Source] = x.Item.Number
		}
	}
	for source, number := range said {
		src, n := c.Source(city.SourceID(source)), 0
		for _, f := range d.all {
			if f.kind == "report" && f.source.Department == src.Department && f.source.District == src.District && f.State != measure.CaseClosed {
				n++
			}
		}
		if got, err := strconv.Atoi(number); err != nil || got < n-3 || got > n+3 { // some came since
			t.Errorf("%s says %s, %d are open", source, number, n)
		}
		compared++
	}
	if compared != len(c.Districts) {
		t.Errorf("%d districts were compared", compared)
	}
}

func TestSomeDistrictsForgetToWater(t *testing.T) {
	c := happenings(t)
	s := open(t, c, 1, true)
	forgotten := 0
	for n := -3; n < 12; n++ {
		from, to := dayOf(c, n)
		watered := map[string]bool{}
		for _, x := range s.Between(from, to) {
			if c.Source(city.SourceID(x.Item.Source)).Counts == "watered-area" {
				watered[x.Item.Source] = true
			}
		}
		forgotten += len(c.Districts) - len(watered)
		if len(watered) < len(c.Districts)/2 {
			t.Errorf("day %d: only %d districts were watered", n, len(watered))
		}
	}
	if forgotten < 8 || forgotten > 60 {
		t.Errorf("in 15 days a district was forgotten %d times", forgotten)
	}
}
