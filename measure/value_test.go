package measure

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
)

// town has two gates and a sensor at two places, one of which declares a capacity.
func town(t testing.TB) *city.City {
	t.Helper()
	c, err := city.New(city.Definition{
		Format: 1, ID: "town", Zone: "Asia/Tehran",
		Places: []city.Place{{ID: "khaju", District: "d1", Capacity: 200}, {ID: "soffeh", District: "d2"}},
		Sources: []city.Source{
			{ID: "a", Place: "khaju", District: "d1", Department: "parks", Unit: city.Person, Kind: city.Snapshot, Cadence: []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: 300}}},
			{ID: "b", Place: "soffeh", District: "d2", Department: "parks", Unit: city.Person, Kind: city.Snapshot, Cadence: []city.Cadence{{FromHour: 8, ToHour: 20, EverySec: 600}}},
			{ID: "e", Place: "khaju", District: "d1", Department: "culture", Unit: city.Person, Kind: city.Event},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask asks at 12:00 for the local day of 21 March 2027; a and b reported then.
func ask(t testing.TB, how city.How, over city.Period) (q Question, noon city.Moment) {
	t.Helper()
	c := town(t)
	from, to := c.Clock().Day(day(t, "2027-03-21"))
	noon = from + 12*3600
	q = Question{
		City: c, From: from, To: to, At: noon,
		Indicator: &city.Indicator{ID: "x", Unit: city.Person, How: how, Over: over},
		Group:     Group{By: city.ByCity},
		Of: []Input{
			{c.Source("a"), Cell{From: from, Sum: 30, N: 4, Min: 2, Max: 12, Last: 10, LastAt: noon, Pos: 7}},
			{c.Source("b"), Cell{From: from, Sum: 15, N: 3, Min: 1, Max: 9, Last: 5, LastAt: noon - 600, Pos: 9}},
		},
	}
	return q, noon
}

func TestValueForEachWayOfAddingUp(t *testing.T) {
	for _, tc := range []struct {
		how  city.How
		over city.Period
		want city.Steps
	}{
		{city.Sum, city.Day, 45},
		{city.Sum, city.Hour, 45},
		{city.Sum, city.QuarterHour, 45},
		{city.Sum, city.PreviousDay, 45},
		{city.Sum, city.InSeason, 45},
		{city.Sum, city.Now, 15}, // states do not add over time: the newest of each
		{city.Last, city.Now, 15},
		{city.Last, city.Day, 15},
		{city.Max, city.Now, 12},
		{city.Max, city.Day, 12},
		{city.Mean, city.Day, 6}, // 45 ÷ 7 = 6.43
		{city.Mean, city.Now, 8}, // 15 ÷ 2 = 7.5, half to even
	} {
		q, noon := ask(t, tc.how, tc.over)
		got := Value(q)
		if !got.Has || got.Value != tc.want || got.Status != OK || got.At != noon || got.Revision != 9 {
			t.Errorf("%s over %s = %+v, want %d", tc.how, tc.over, got, tc.want)
		}
	}
}

func TestShareIsMadeOfTwoSums(t *testing.T) {
	q, _ := ask(t, city.Share, city.Day)
	q.Of, q.Among = q.Of[:1], q.Of
	got := Value(q)
	if !got.Has || got.Value != 6667 || got.Coverage != (Coverage{2, 2}) { // 30 ÷ 45 in hundredths of a percent
		t.Errorf("%+v, want 66.67 %% of two sources", got)
	}
	q.Among = []Input{{q.City.Source("b"), Cell{}}}
	if got := Value(q); got.Has || got.Status != None {
		t.Errorf("share of nothing = %+v, want no value", got)
	}
}

func TestNoDataIsNotZero(t *testing.T) {
	for _, how := range []city.How{city.Sum, city.Last, city.Mean, city.Max, city.Share, "median"} {
		for _, over := range []city.Period{city.Now, city.Day} {
			q, _ := ask(t, how, over)
			for i := range q.Of {
				q.Of[i].Cell = Cell{Expected: 12}
			}
			if got := Value(q); got.Has || got.Status != None || got.At != 0 {
				t.Errorf("%s over %s = %+v, want no value", how, over, got)
			}
		}
	}
}

func TestADeadSourceIsNotThePresent(t *testing.T) {
	q, noon := ask(t, city.Last, city.Now)
	q.Of[1].Cell.LastAt = noon - 5*600 - 1
	got := Value(q)
	if got.Value != 10 || got.Coverage != (Coverage{1, 2}) {
		t.Errorf("%+v, want the living source's 10 and 1 of 2", got)
	}
	q.Of[0].Cell.LastAt = noon - 5*300 - 1
	if got := Value(q); got.Value != 15 || got.Coverage != (Coverage{0, 2}) {
		t.Errorf("%+v, want both old states and 0 of 2", got)
	}
	q, noon = ask(t, city.Sum, city.Day)
	q.Of[1].Cell.LastAt = noon - 3*3600
	if got := Value(q); got.Value != 45 || got.Coverage != (Coverage{1, 2}) {
		t.Errorf("%+v, want what was counted to stay counted", got)
	}
}

func TestASourceIsNotMissedBeforeItsFirstReadingOfTheWindowIsDue(t *testing.T) {
	q, _ := ask(t, city.Sum, city.Day)
	q.Of[0].Cell = Cell{From: q.From}
	for after, want := range map[city.Moment]int{5 * 300: 2, 5*300 + 1: 1} {
		q.At = q.From + after
		if got := Value(q).Coverage.Reporting; got != want {
			t.Errorf("%d s after midnight: %d report, want %d", after, got, want)
		}
	}
}

func TestCoverageOfAClosedDayIsThatOfItsEnd(t *testing.T) {
	q, _ := ask(t, city.Sum, city.PreviousDay)
	q.Of[0].Cell.LastAt, q.Of[1].Cell.LastAt = q.To, q.To-4*3600
	q.At = q.To + 20*3600
	if got := Value(q).Coverage; got != (Coverage{2, 2}) {
		t.Errorf("coverage %+v, want 2 of 2", got)
	}
}

func TestEventsHaveNoCoverageAndNeverGoStale(t *testing.T) {
	q, _ := ask(t, city.Sum, city.Day)
	q.Of = []Input{{q.City.Source("e"), Cell{Sum: 3, N: 3, LastAt: q.From + 60, Pos: 2}}}
	if got := Value(q); got.Coverage.Expected != 0 || got.TTL != 0 || got.Value != 3 {
		t.Errorf("%+v, want 3 without coverage or ttl", got)
	}
}

func TestTimeToLiveIsTwicePeriodOfTheSlowestWhileTheWindowRuns(t *testing.T) {
	q, _ := ask(t, city.Sum, city.Day)
	if got := Value(q); got.TTL != 1200 {
		t.Errorf("ttl = %d, want 1200", got.TTL)
	}
	q.At = q.To + 3600
	if got := Value(q); got.TTL != 0 {
		t.Errorf("ttl of a closed day = %d, want 0", got.TTL)
	}
}

func TestAValueIsProvisionalForTwoDays(t *testing.T) {
	q, _ := ask(t, city.Sum, city.PreviousDay)
	for after, want := range map[city.Moment]bool{0: true, 48*3600 - 1: true, 48 * 3600: false} {
		q.At = q.To + after
		if got := Value(q).Provisional; got != want {
			t.Errorf("%d s after its end: provisional %v, want %v", after, got, want)
		}
	}
}

func TestLateDataIsSaidEvenWhereItIsNotCounted(t *testing.T) {
	q, _ := ask(t, city.Share, city.Day)
	q.Of, q.Among = q.Of[:1], q.Of
	for i := range q.Among {
		q.Among[i].Cell.Late = 1
		if !Value(q).Revised {
			t.Errorf("late data of source %d is not said", i)
		}
		q.Among[i].Cell.Late = 0
	}
	if Value(q).Revised {
		t.Error("revised without late data")
	}
}

func TestThresholdsNameTheStatus(t *testing.T) {
	target, zero := city.Steps(100), city.Steps(0)
	for _, tc := range []struct {
		name       string
		thresholds *city.Thresholds
		by         city.Grouping
		target     *city.Steps
		want       Status
	}{
		{"none", nil, city.ByCity, nil, OK},
		{"under both", &city.Thresholds{Direction: "above", Of: city.OfValue, Watch: 46, Alert: 50}, city.ByCity, nil, OK},
		{"at watch", &city.Thresholds{Direction: "above", Of: city.OfValue, Watch: 45, Alert: 50}, city.ByCity, nil, Watch},
		{"at alert", &city.Thresholds{Direction: "above", Of: city.OfValue, Watch: 40, Alert: 45}, city.ByCity, nil, Alert},
		{"below, fine", &city.Thresholds{Direction: "below", Of: city.OfValue, Watch: 44, Alert: 30}, city.ByCity, nil, OK},
		{"below, watch", &city.Thresholds{Direction: "below", Of: city.OfValue, Watch: 45, Alert: 30}, city.ByCity, nil, Watch},
		{"below, alert", &city.Thresholds{Direction: "below", Of: city.OfValue, Watch: 60, Alert: 45}, city.ByCity, nil, Alert},
		{"22.5 % of capacity", &city.Thresholds{Direction: "above", Of: city.OfCapacity, Watch: 2250, Alert: 2251}, city.ByCity, nil, Watch},
		{"45 % of the target", &city.Thresholds{Direction: "below", Of: city.OfTarget, Watch: 4500, Alert: 4499}, city.ByCity, &target, Watch},
		{"no target", &city.Thresholds{Direction: "below", Of: city.OfTarget, Watch: 4500, Alert: 4500}, city.ByCity, nil, OK},
		{"a target of zero", &city.Thresholds{Direction: "below", Of: city.OfTarget, Watch: 4500, Alert: 4500}, city.ByCity, &zero, OK},
		{"the target is the city's", &city.Thresholds{Direction: "below", Of: city.OfTarget, Watch: 4500, Alert: 4500}, city.ByPlace, &target, OK},
	} {
		q, _ := ask(t, city.Sum, city.Day)
		q.Indicator.Thresholds, q.Indicator.Target, q.Group.By = tc.thresholds, tc.target, tc.by
		if got := Value(q).Status; got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestAPlaceHoldsItsCapacityOnceHoweverManySourcesCountThere(t *testing.T) {
	q, noon := ask(t, city.Sum, city.Day)
	q.Of[1] = Input{q.City.Source("e"), Cell{From: q.From, Sum: 70, N: 1, Min: 70, Max: 70, Last: 70, LastAt: noon}}
	q.Indicator.Thresholds = &city.Thresholds{Direction: "above", Of: city.OfCapacity, Watch: 5000, Alert: 5001} // 100 of 200
	if got := Value(q).Status; got != Watch {
		t.Errorf("status %s, want watch", got)
	}
}

func TestAPlaceWithoutCapacityIsNeverFull(t *testing.T) {
	q, _ := ask(t, city.Sum, city.Day)
	q.Of = q.Of[1:]
	q.Indicator.Thresholds = &city.Thresholds{Direction: "above", Of: city.OfCapacity, Watch: 1, Alert: 1}
	if got := Value(q).Status; got != OK {
		t.Errorf("status %s, want ok", got)
	}
}

func TestSilenceCountsOnlyWhatWasExpected(t *testing.T) {
	c := town(t)
	zone := c.Clock()
	from, _ := zone.Day(day(t, "2027-03-21"))
	daily := &city.Source{ID: "daily", Kind: city.Snapshot, Cadence: []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: 86400}}}
	for _, tc := range []struct {
		name       string
		src        *city.Source
		lastAt, at city.Moment
		want       bool
	}{
		{"five periods", c.Source("a"), from, from + 1500, false},
		{"more than five", c.Source("a"), from, from + 1501, true},
		{"closed overnight", c.Source("b"), from + 20*3600, from + 32*3600 - 1, false},
		{"five periods after opening", c.Source("b"), from + 20*3600, from + 32*3600 + 3000, false},
		{"more after opening", c.Source("b"), from + 20*3600, from + 32*3600 + 3001, true},
		{"a reading ahead of the clock", c.Source("a"), from + 9999, from, false},
		{"events", c.Source("e"), 0, from, false},
		{"once a day, four days", daily, from, from + 4*86400, false},
		{"once a day, five and a bit", daily, from, from + 5*86400 + 3600, true},
		{"never reported", daily, 0, from, true},
	} {
		if got := Silent(tc.src, zone, tc.lastAt, tc.at); got != tc.want {
			t.Errorf("%s: silent %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestASourceIsStaleBeforeItIsSilent(t *testing.T) {
	c := town(t)
	from, _ := c.Clock().Day(day(t, "2027-03-21"))
	for after, want := range map[city.Moment]bool{600: false, 601: true, 1501: true} {
		if got := Stale(c.Source("a"), c.Clock(), from, from+after); got != want {
			t.Errorf("after %d s: stale %v, want %v", after, got, want)
		}
	}
}

func TestRatioIsExactOrBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(-1<<62, 1<<62).Draw(t, "a")
		c := rapid.OneOf(rapid.Int64Range(1, 1<<53), rapid.Int64Range(-1<<53, -1), rapid.Int64Range(1, 9)).Draw(t, "c")
		b := rapid.SampledFrom([]int64{1, 10_000}).Draw(t, "b")
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c))
		got := ratio(a, b, c)
		if limit := big.NewRat(int64(city.MaxSteps), 1); new(big.Rat).Abs(exact).Cmp(limit) >= 0 {
			if want := int64(exact.Sign()) * int64(city.MaxSteps); got != want {
				t.Fatalf("ratio(%d, %d, %d) = %d, want the bound %d", a, b, c, got, want)
			}
			return
		}
		off := new(big.Rat).Sub(exact, big.NewRat(got, 1))
		half := new(big.Rat).Abs(off).Cmp(big.NewRat(1, 2))
		if half > 0 || half == 0 && got&1 != 0 {
			t.Fatalf("ratio(%d, %d, %d) = %d, exactly %s", a, b, c, got, exact.FloatString(3))
		}
	})
}

func TestRatioRoundsHalfToEvenBeyondSixtyFourBits(t *testing.T) {
	for _, tc := range []struct{ a, b, c, want int64 }{
		{1 << 60, 10_000, 1 << 61, 5000},
		{1<<60 + 1<<50, 10_000, 1 << 61, 5005}, // 5004.88
		{1 << 60, 3, 1 << 61, 2},               // 1.5
		{5 << 59, 1 << 4, 1 << 62, 10},
		{5 << 59, 1 << 4, 1 << 61, 20},
		{5 << 60, 2, 1 << 62, 2}, // 2.5
		{7 << 60, 2, 1 << 62, 4}, // 3.5
		{-5 << 60, 2, 1 << 62, -2},
		{5 << 60, 2, -1 << 62, -2},
		{7 << 60, 2, -1 << 62, -4},
		{1 << 60, 1 << 60, 1, int64(city.MaxSteps)},
		{-1 << 60, 1 << 60, 1, -int64(city.MaxSteps)},
		{1 << 60, 1, 1, int64(city.MaxSteps)},
	} {
		if got := ratio(tc.a, tc.b, tc.c); got != tc.want {
			t.Errorf("ratio(%d, %d, %d) = %d, want %d", tc.a, tc.b, tc.c, got, tc.want)
		}
	}
}

func TestAShareOfHugeSumsDoesNotOverflow(t *testing.T) {
	q, _ := ask(t, city.Share, city.Day)
	q.Of[0].Cell.Sum, q.Of[1].Cell.Sum = 1<<60, 1<<60
	q.Of, q.Among = q.Of[:1], q.Of
	if got := Value(q); got.Value != 5000 {
		t.Errorf("half of it = %d, want 5000", got.Value)
	}
}

func TestValueDoesNotDependOnTheOrderOfSources(t *testing.T) {
	for _, how := range []city.How{city.Sum, city.Last, city.Mean, city.Max} {
		for _, over := range []city.Period{city.Now, city.Day} {
			q, _ := ask(t, how, over)
			want := Value(q)
			q.Of[0], q.Of[1] = q.Of[1], q.Of[0]
			if got := Value(q); got != want {
				t.Errorf("%s over %s: %s", how, over, cmp.Diff(want, got))
			}
		}
	}
}
