package simulate

import (
	"math"
	"testing"

	"rasad/city"
)

func TestThrowsAreEven(t *testing.T) {
	var tenths [10]int
	for i := range int64(100_000) {
		tenths[int(dice(1).of(i).unit()*10)]++
	}
	for i, n := range tenths {
		if n < 9_600 || n > 10_400 {
			t.Errorf("tenth %d was thrown %d times of 100,000", i, n)
		}
	}
}

func TestAThrowDependsOnEachOfItsParts(t *testing.T) {
	seen := map[dice]bool{}
	for seed := range dice(10) {
		for _, name := range []string{"", "a", "b", "ab", "ba"} {
			for n := range int64(10) {
				seen[seed.named(name).of(n)] = true
			}
		}
	}
	if len(seen) != 500 {
		t.Errorf("500 dice throw %d numbers", len(seen))
	}
}

func TestCountsHaveTheirMeanAndSpread(t *testing.T) {
	for _, mean := range []float64{0, .1, 1, 5, 11, 13, 80, 2000} {
		sum, squares, n := 0.0, 0.0, 20_000.0
		for i := range int64(n) {
			v := float64(dice(7).of(i).count(mean))
			sum += v
			squares += v * v
		}
		got := sum / n
		variance := squares/n - got*got
		if math.Abs(got-mean) > .05+.03*mean || math.Abs(variance-mean) > .08+.1*mean {
			t.Errorf("mean %v: counts have mean %.2f and variance %.2f", mean, got, variance)
		}
	}
}

func TestDriftIsSmoothAndBounded(t *testing.T) {
	d, last := dice(3), 0.0
	for m := city.Moment(1e9); m < 1e9+86400; m += 60 {
		v := d.drift(m, 3600)
		if v < -1 || v > 1 {
			t.Fatalf("drift %v at %v", v, m)
		}
		if m > 1e9 && math.Abs(v-last) > .06 {
			t.Fatalf("drift jumps from %v to %v at %v", last, v, m)
		}
		last = v
	}
}

func TestEveryKindOfPlaceHasADayOfItsOwn(t *testing.T) {
	for _, kind := range city.PlaceKinds() {
		c := curveOf(kind)
		top := 0.0
		for second := int64(0); second < 86400; second += 600 {
			v := c.at(second)
			if v < 0 || v > 1 {
				t.Fatalf("%s: %v at second %d", kind, v, second)
			}
			top = max(top, v)
		}
		if top < .99 {
			t.Errorf("%s: its fullest hour is %v, want 1", kind, top)
		}
		for n := eventDay(-30); n <= 30; n++ {
			v := n.visiting(kind)
			if kind == "park" && n == sizdahBedar { // the day on which the whole city is in the parks
				if v != 1.7 {
					t.Errorf("parks on Sizdah Bedar: %v, want 1.7", v)
				}
				continue
			}
			if v < 0 || v > 1.4 {
				t.Errorf("%s on day %d: %v", kind, n, v)
			}
		}
	}
	for n := eventDay(-30); n <= 30; n++ {
		for what, v := range map[string]float64{"guests": n.guests(), "arriving": n.arriving(), "leaving": n.leaving(), "working": n.working()} {
			if v < 0 || v > 1 {
				t.Errorf("%s on day %d: %v", what, n, v)
			}
		}
	}
	if noSeason.guests() >= eventDay(-3).guests() {
		t.Error("outside the season there are as many guests as in it")
	}
}

func TestASourceIsKnownByWhatItDeclares(t *testing.T) {
	for _, tc := range []struct {
		id     city.SourceID
		counts string
		unit   city.Unit
		kind   city.Kind
		place  string
		want   topic
	}{
		{"x", "visits", city.SiteVisit, city.Interval, "monument", flow},
		{"x/in", "passengers", city.Person, city.Interval, "station", flow},
		{"x", "people-present", city.Person, city.Snapshot, "square", presence},
		{"x/in", "vehicles", city.Vehicle, city.Interval, "entrance", arrivals},
		{"x/out", "vehicles", city.Vehicle, city.Interval, "entrance", departures},
		{"x/in", "vehicles", city.Vehicle, city.Interval, "office", flow},
		{"x", "parked", city.Vehicle, city.Snapshot, "camp", anything},
		{"x", "free-beds", city.Bed, city.Snapshot, "", freeBeds},
		{"x", "litter-reports", city.Report, city.Event, "", reports},
		{"street-cleaning", "reports", city.Report, city.Event, "", reports},
		{"x", "green-reports", city.Report, city.Event, "", complaints},
		{"x", "service-requests", city.Request, city.Event, "", errands},
		{"x", "open-reports", city.Report, city.Snapshot, "", backlog},
		{"x", "clean", city.Percent, city.Event, "", grades},
		{"x", "inspections", city.Inspection, city.Event, "", grades},
		{"x", "soil-moisture", city.Percent, city.Snapshot, "", moisture},
		{"x", "humidity", city.Percent, city.Snapshot, "", anything},
		{"x", "seedlings", city.Piece, city.Event, "", planting},
		{"x", "boxes", city.Piece, city.Snapshot, "", anything},
		{"x", "watered", city.SquareMetre, city.Event, "", watering},
		{"x", "service-minutes", city.Minute, city.Event, "", minutes},
		{"x", "requests-online", city.Request, city.Interval, "", online},
		{"desk-online", "requests", city.Request, city.Interval, "", online},
		{"x", "requests-in-person", city.Request, city.Interval, "", counters},
		{"x", "calls-137", city.Request, city.Interval, "", calls},
		{"x", "nights", city.PersonNight, city.Event, "", anything},
	} {
		src := city.Source{ID: tc.id, Counts: tc.counts, Unit: tc.unit, Kind: tc.kind}
		if got := topicOf(&src, tc.place); got != tc.want {
			t.Errorf("%s of %s, %s in %s: topic %d, want %d", tc.kind, tc.counts, tc.id, tc.unit, got, tc.want)
		}
	}
}
