package simulate_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/city/file"
	"rasad/collectors/simulate"
	"rasad/entry"
)

func TestTwoRunsAgreeHoweverTheTimeIsCut(t *testing.T) {
	c := town(t, "Asia/Tehran")
	midnight, _ := dayOf(c, 3)
	from, to := midnight+12*3600, midnight+15*3600
	whole := open(t, c, 7, true).Between(from, to)
	if len(whole) < 700 {
		t.Fatalf("three hours have %d items", len(whole))
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := open(t, c, 7, true)
		if rapid.Bool().Draw(rt, "asked before") {
			s.Between(to, to+3600)
		}
		var parts []simulate.Timed
		for m := from; m < to; {
			next := min(m+city.Moment(rapid.IntRange(100, 5000).Draw(rt, "step")), to)
			parts = append(parts, s.Between(m, next)...)
			m = next
		}
		if !reflect.DeepEqual(whole, parts) {
			rt.Fatal(cmp.Diff(whole, parts))
		}
	})
}

func TestAnotherSeedIsAnotherSeason(t *testing.T) {
	c := town(t, "Asia/Tehran")
	from, _ := dayOf(c, 3)
	a, b := open(t, c, 1, true).Between(from, from+3600), open(t, c, 2, true).Between(from, from+3600)
	if cmp.Equal(a, b) {
		t.Error("seeds 1 and 2 play the same")
	}
}

func TestNothingLiesBeforeTheStart(t *testing.T) {
	c := town(t, "Asia/Tehran")
	start, _ := c.Clock().Day(c.Seasons[0].From)
	list := open(t, c, 1, true).Between(0, start+3600)
	for _, x := range list {
		if x.Item.From < start {
			t.Fatalf("%v before %v", x, start)
		}
	}
	if len(list) == 0 {
		t.Error("nothing at all")
	}
}

// Each item is as the gate wants it: in the order of sending, sent after it was
// measured, on the grid, in range, exact in its unit, once per identity but for
// repetitions with the same content.
func TestEveryItemIsWellFormedInAnyZone(t *testing.T) {
	for _, zone := range []string{"Asia/Tehran", "Australia/Lord_Howe", "Africa/Casablanca"} {
		t.Run(zone, func(t *testing.T) {
			c := town(t, zone)
			z := c.Clock()
			s := open(t, c, 3, true)
			var list []simulate.Timed
			for _, n := range []int{-3, 5, 15} { // on day 15 the clocks of Lord Howe go back
				from, to := dayOf(c, n)
				list = append(list, s.Between(from, to)...)
			}
			seen := map[entry.Identity]entry.Item{}
			last, twice, sources := city.Moment(0), 0, map[string]bool{}
			for _, x := range list {
				it := x.Item
				sources[it.Source] = true
				src := c.Source(city.SourceID(it.Source))
				v, err := src.Unit.Parse(it.Number)
				switch {
				case err != nil || v < src.Min || v > src.Max:
					t.Fatalf("%v: value %d, %v", it, v, err)
				case x.At < last || x.At <= it.To:
					t.Fatalf("%v sent at %v, the one before at %v", it, x.At, last)
				case src.Kind == city.Interval && (z.Floor(it.From, src.SlotSec) != it.From || z.Floor(it.To, src.SlotSec) != it.To || z.Floor(it.To-1, src.SlotSec) != it.From):
					t.Fatalf("%v is no slot", it)
				case src.Kind != city.Interval && it.From != it.To:
					t.Fatalf("%v is no moment", it)
				case src.Kind == city.Event && (it.ID == "" || it.Event == nil):
					t.Fatalf("%v is no event", it)
				}
				last = x.At
				id := entry.Identity{Source: src.ID, At: it.From}
				if it.ID != "" {
					id = entry.Identity{Source: src.ID, ID: it.ID, Date: z.Date(it.From), State: it.Event.State}
				}
				if old, known := seen[id]; known {
					twice++
					if !cmp.Equal(old, it) {
						t.Fatalf("one identity, two contents: %v and %v", old, it)
					}
				}
				seen[id] = it
			}
			if len(sources) != len(c.Sources) {
				t.Errorf("%d of %d sources sent something", len(sources), len(c.Sources))
			}
			if share := float64(twice) / float64(len(seen)); share < .0005 || share > .01 {
				t.Errorf("%d of %d items were sent twice", twice, len(seen))
			}
		})
	}
}

func TestOnSizdahBedarParksOverflowAndMonumentsAreEmpty(t *testing.T) {
	c := town(t, "Asia/Tehran")
	s := open(t, c, 1, false)
	peak := func(n int, source string) float64 {
		from, to := dayOf(c, n)
		return most(t, of(s.Between(from, to), source))
	}
	for _, n := range []string{"0", "1"} {
		if thirteenth, usual := peak(13, "park-"+n+"-present"), peak(4, "park-"+n+"-present"); thirteenth < 1.3*usual {
			t.Errorf("park %s: %v on day 13, %v on day 4", n, thirteenth, usual)
		}
		if thirteenth, usual := peak(13, "monument-"+n+"-present"), peak(4, "monument-"+n+"-present"); thirteenth > .3*usual {
			t.Errorf("monument %s: %v on day 13, %v on day 4", n, thirteenth, usual)
		}
	}
}

func TestTheSeasonComesInOneWaveAndLeavesInAnother(t *testing.T) {
	c := town(t, "Asia/Tehran")
	s := open(t, c, 1, false)
	total := func(n int, source string) float64 {
		from, to := dayOf(c, n)
		return sum(t, of(s.Between(from, to), source))
	}
	if first, last := total(0, "road-0/in"), total(13, "road-0/in"); first < 1.5*last {
		t.Errorf("in: %v before day 1, %v on day 13", first, last)
	}
	if first, last := total(0, "road-0/out"), total(13, "road-0/out"); last < 1.5*first {
		t.Errorf("out: %v before day 1, %v on day 13", first, last)
	}
	if before, height := total(-3, "square-0-visits"), total(4, "square-0-visits"); height < 1.5*before {
		t.Errorf("visits: %v before the season, %v at its height", before, height)
	}
	if before, height := total(-3, "beds"), total(4, "beds"); height > .6*before {
		t.Errorf("free beds: %v before the season, %v at its height", before, height)
	}
	if before, after := total(-2, "seedlings"), total(5, "seedlings"); before < 3*after {
		t.Errorf("seedlings: %v before, %v after the new year", before, after)
	}
}

func TestTheHoursOfTheDayAreRight(t *testing.T) {
	c := town(t, "Asia/Tehran")
	s := open(t, c, 1, false)
	from, to := dayOf(c, -4) // a Tuesday
	list := s.Between(from, to)
	hours := func(source string, a, b int) float64 {
		n := 0.0
		for _, x := range of(list, source) {
			if h := c.Clock().HourOfDay(x.Item.From); a <= h && h < b {
				n += number(t, x)
			}
		}
		return n
	}
	if n := hours("monument-0-visits", 0, 8) + hours("monument-0-visits", 21, 24); n > 0 {
		t.Errorf("%v visits of a monument at night", n)
	}
	if day, evening := hours("bridge-0-visits", 8, 11), hours("bridge-0-visits", 20, 23); evening < 2*day {
		t.Errorf("a bridge has %v visits in the morning, %v in the evening", day, evening)
	}
	if all, morning := hours("water", 0, 24), hours("water", 4, 9); all == 0 || morning != all {
		t.Errorf("%v m2 watered, %v of them from 4 to 9", all, morning)
	}
	if n := hours("desk", 0, 7) + hours("desk", 15, 24); n > 0 || hours("desk", 8, 12) == 0 {
		t.Errorf("%v requests in person outside the office hours, %v in them", n, hours("desk", 8, 12))
	}
	if wet, dry := hours("soil", 7, 8), hours("soil", 22, 23); dry > .8*wet {
		t.Errorf("soil: %v at 7, %v at 22", wet, dry)
	}
	friday, _ := dayOf(c, 6)
	if n, most := sum(t, of(s.Between(friday, friday+86400), "desk")), .15*hours("desk", 0, 24); n == 0 || n > most {
		t.Errorf("%v requests in person on a Friday of the season, want some at a duty desk, at most %v", n, most)
	}
}

func TestAtTheHeightSomePlacesAreNearlyFullAndMostAreNot(t *testing.T) {
	c, err := file.Compile("isfahan.yaml", file.Isfahan())
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		s := open(t, c, seed, true)
		watch, alert, places := map[city.PlaceID]bool{}, map[city.PlaceID]bool{}, map[city.PlaceID]bool{}
		for n := 2; n <= 6; n++ {
			from, _ := dayOf(c, n)
			for _, x := range s.Between(from+16*3600, from+22*3600) {
				src := c.Source(city.SourceID(x.Item.Source))
				p := c.Place(src.Place)
				if src.Counts != "people-present" || p == nil || p.Capacity == 0 {
					continue
				}
				places[p.ID] = true
				switch full := number(t, x) / float64(p.Capacity); {
				case full >= .9:
					alert[p.ID] = true
				case full >= .7:
					watch[p.ID] = true
				}
			}
		}
		if len(alert) < 1 || len(alert) > len(places)/3 || len(watch) < 3 || len(watch) > len(places)/2 {
			t.Errorf("seed %d: of %d places %d were over 70 %%, %d over 90 %%", seed, len(places), len(watch), len(alert))
		}
	}
}

func TestACityWithoutSourcesOrStartIsRefused(t *testing.T) {
	empty, err := city.New(city.Definition{ID: "empty", Zone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := simulate.New(empty, simulate.Settings{Start: 1e9}); !errors.Is(err, city.ErrInvalid) {
		t.Errorf("no sources: %v", err)
	}
	if _, err := simulate.New(town(t, "UTC"), simulate.Settings{}); !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), "invalid start 1970-01-01T00:00:00Z") {
		t.Errorf("no start: %v", err)
	}
}

// A desk takes items over, as Accept would.
type desk struct {
	got   []simulate.Timed
	sizes []int
	fail  func(batch int) error
}

func (d *desk) sink(_ context.Context, items []entry.Item, sent []city.Moment) error {
	d.sizes = append(d.sizes, len(items))
	if d.fail != nil {
		if err := d.fail(len(d.sizes)); err != nil {
			return err
		}
	}
	for i := range items {
		d.got = append(d.got, simulate.Timed{At: sent[i], Item: items[i]})
	}
	return nil
}

func TestRunCatchesUpInLargeBatchesAndThenFollowsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := town(t, "Asia/Tehran")
		s := open(t, c, 1, true)
		start, _ := c.Clock().Day(c.Seasons[0].From)
		begin := time.Now()
		late := start + 2*86400 // the clock stands two days behind the start, and runs 60 times as fast
		clock := func() time.Time { return late.Time().Add(60 * time.Since(begin)) }
		ahead := time.Duration(0)
		wait := func(ctx context.Context, m city.Moment) error {
			select {
			case <-time.After(max(m.Time().Sub(clock())/60+1, 0)):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		d := &desk{}
		var caughtUp int
		d.fail = func(int) error {
			if time.Since(begin) == 0 {
				caughtUp = len(d.sizes)
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), 48*time.Minute) // two days
		defer cancel()
		sink := func(ctx context.Context, items []entry.Item, sent []city.Moment) error {
			ahead = max(ahead, sent[len(sent)-1].Time().Sub(clock()))
			return d.sink(ctx, items, sent)
		}
		if err := s.Run(ctx, clock, wait, sink); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Run = %v", err)
		}
		want := s.Between(start-1, start+4*86400)
		if n := len(want) - len(d.got); n < 0 || n > 10 || !reflect.DeepEqual(want[:len(d.got)], d.got) {
			t.Errorf("%d items were handed over, %d are due", len(d.got), len(want))
		}
		if slices.Max(d.sizes) > simulate.MaxBatch || caughtUp > 15 {
			t.Errorf("caught up in %d batches, the largest of %d", caughtUp, slices.Max(d.sizes))
		}
		if ahead > 0 {
			t.Errorf("handed over %v before it was sent", ahead)
		}
	})
}

func TestAfterAFaultRunGoesOnWithoutLossOrRepetition(t *testing.T) {
	c := town(t, "Asia/Tehran")
	s := open(t, c, 1, true)
	start, _ := c.Clock().Day(c.Seasons[0].From)
	end := start + 86400
	clock := func() time.Time { return end.Time() }
	stop := errors.New("caught up")
	wait := func(_ context.Context, m city.Moment) error {
		if m > end {
			return stop
		}
		return nil
	}
	d := &desk{fail: func(batch int) error {
		if batch%3 == 2 {
			return city.ErrBusy
		}
		return nil
	}}
	for range 100 {
		if err := s.Run(t.Context(), clock, wait, d.sink); errors.Is(err, stop) {
			break
		} else if !errors.Is(err, city.ErrBusy) {
			t.Fatal(err)
		}
	}
	if want := s.Between(start-1, end); !reflect.DeepEqual(want, d.got) {
		t.Errorf("%d items were handed over, %d are due", len(d.got), len(want))
	}
}

func BenchmarkSeason(b *testing.B) {
	c, err := file.Compile("isfahan.yaml", file.Isfahan())
	if err != nil {
		b.Fatal(err)
	}
	from, to := dayOf(c, 3)
	n := 0
	for b.Loop() {
		s := open(b, c, 1, true)
		for m := from; m < to; m += 3600 {
			n += len(s.Between(m, m+3600))
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}
