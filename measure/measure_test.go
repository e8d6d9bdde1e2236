package measure

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/entry"
)

func tehran(t testing.TB) *city.Zone {
	t.Helper()
	z, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func day(t testing.TB, text string) city.Date {
	t.Helper()
	d, err := city.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func pos(batch uint64, index uint32) entry.Position {
	return entry.Position{Batch: batch, Index: index}
}

var (
	beamGate = &city.Source{ID: "gate/in", Kind: city.Interval, SlotSec: 900, Cadence: []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: 900}}}
	dayGate  = &city.Source{ID: "museum/in", Kind: city.Interval, SlotSec: 900, Cadence: []city.Cadence{{FromHour: 9, ToHour: 17, EverySec: 3600}}}
	people   = &city.Source{ID: "square", Kind: city.Snapshot, Cadence: []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: 300}}}
	reports  = &city.Source{ID: "litter", Kind: city.Event, Cadence: []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: 300}}}
)

func TestCorrectOrdersSlotsByTheirTimeAndNamesTheRule(t *testing.T) {
	raws := []Raw{
		{From: 1800, To: 2700, V: 7, Pos: pos(4, 0), LateSec: 7200},
		{From: 0, To: 900, V: 5, Pos: pos(5, 0)},
		{From: 900, To: 1800, V: 6, Pos: pos(5, 1)},
		{From: 0, To: 900, V: 50, Pos: pos(9, 2), Revised: true},
	}
	want := []Slot{
		{0, 900, 50, Revised, 9, 0},
		{900, 1800, 6, AsRead, 5, 0},
		{1800, 2700, 7, AsRead, 4, 7200},
	}
	if got := Correct(beamGate, raws, nil); !slices.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}

func TestOfTheEventsOfACaseOneCounts(t *testing.T) {
	for _, tc := range []struct {
		kase, state string
		counts      bool
	}{
		{"", "closed", true},
		{"report", "", true},
		{"report", "opened", true},
		{"report", "acknowledged", false},
		{"report", "closed", false},
		{"report", "done", false},
		{"inspection", "", true},
		{"inspection", "done", false},
		{"service", "opened", false},
		{"service", "done", true},
		{"service", "", true},
		{"work", "started", false},
		{"work", "done", true},
		{"work", "closed", false},
	} {
		raws := []Raw{
			{From: 60, To: 60, V: 3, Pos: pos(1, 0), Event: &Detail{ID: "a", State: tc.state, Case: tc.kase}},
			{From: 70, To: 70, V: 4, Pos: pos(2, 0), Event: &Detail{ID: "b"}},
		}
		want := []Slot{{60, 60, 3, AsRead, 1, 0}, {70, 70, 4, AsRead, 2, 0}}
		if !tc.counts {
			want = want[1:]
		}
		if got := Correct(reports, raws, nil); !slices.Equal(got, want) || raws[0].Counts() != tc.counts {
			t.Errorf("a %s that is %q: %v, want %v", tc.kase, tc.state, got, want)
		}
	}
}

func TestCorrectTakesTheNewestOfSeveralRevisions(t *testing.T) {
	raws := []Raw{
		{From: 0, To: 900, V: 5, Pos: pos(1, 0)},
		{From: 0, To: 900, V: 6, Pos: pos(2, 0), Revised: true},
		{From: 900, To: 1800, V: 1, Pos: pos(3, 0)},
		{From: 0, To: 900, V: 7, Pos: pos(4, 0), Revised: true},
		{From: 900, To: 1800, V: 2, Pos: pos(4, 1), Revised: true},
	}
	want := []Slot{{0, 900, 7, Revised, 4, 0}, {900, 1800, 2, Revised, 4, 0}}
	if got := Correct(beamGate, raws, nil); !slices.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}

func TestCorrectKeepsEventsOfOneMomentApart(t *testing.T) {
	raws := []Raw{
		{From: 60, To: 60, V: 1, Pos: pos(1, 0), Event: &Detail{ID: "b", State: "opened"}},
		{From: 60, To: 60, V: 1, Pos: pos(1, 1), Event: &Detail{ID: "b", State: "closed"}},
		{From: 60, To: 60, V: 1, Pos: pos(1, 2), Event: &Detail{ID: "a"}},
	}
	if got := Correct(reports, raws, nil); len(got) != 3 {
		t.Errorf("slots = %v, want three", got)
	}
}

// Ties of time, value and batch must stay in journal order: the bits of two builds
// must not hang on how a sort works.
func TestCorrectIsStable(t *testing.T) {
	var raws []Raw
	for i := range 100 {
		raws = append(raws, Raw{From: city.Moment(100 - i/50), To: city.Moment(100 - i/50), V: 1, Pos: pos(1, uint32(i)), LateSec: int64(i), Event: &Detail{ID: string(rune('a' + i))}})
	}
	slots := Correct(reports, raws, nil)
	for i := 1; i < len(slots); i++ {
		if slots[i-1].From == slots[i].From && slots[i-1].LateSec > slots[i].LateSec {
			t.Fatalf("slot %d came before slot %d in the journal", i, i-1)
		}
	}
}

func TestCorrectGivesTheSameSlotsForEveryOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raws := make([]Raw, rapid.IntRange(0, 40).Draw(t, "raws"))
		for i := range raws {
			from := city.Moment(i * 900)
			raws[i] = Raw{From: from, To: from + 900, V: city.Steps(rapid.IntRange(0, 9).Draw(t, "v")), Pos: pos(7, 0)}
		}
		want := Correct(beamGate, raws, nil)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Shuffle(len(raws), func(i, j int) { raws[i], raws[j] = raws[j], raws[i] })
		if got := Correct(beamGate, raws, nil); !slices.Equal(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

func TestRollCountsASlotWholeInTheHourOfItsFrom(t *testing.T) {
	zone := tehran(t)
	from, _ := zone.Day(day(t, "2027-03-21"))
	hour := from + 10*3600
	slots := []Slot{
		{hour - 900, hour, 100, AsRead, 1, 0},
		{hour, hour + 900, 5, AsRead, 3, 0},
		{hour + 900, hour + 1800, 2, Revised, 8, 200_000},
		{hour + 2700, hour + 3600, 9, AsRead, 2, 48 * 3600},
		{hour + 3600, hour + 4500, 100, AsRead, 9, 0},
	}
	want := Cell{From: hour, Sum: 16, N: 3, Min: 2, Max: 9, Last: 9, LastAt: hour + 3600, Expected: 4, Seen: 3, Late: 1, Pos: 8}
	if got := Roll(beamGate, zone, slots, hour, hour+3600); got != want {
		t.Error(cmp.Diff(want, got))
	}
}

func TestRollExpectsNothingOutsideTheHoursOfTheCadence(t *testing.T) {
	zone := tehran(t)
	from, _ := zone.Day(day(t, "2027-03-21"))
	for hour, want := range map[int]int64{8: 0, 9: 4, 16: 4, 17: 0} {
		h := from + city.Moment(hour*3600)
		slots := []Slot{{h, h + 900, 1, AsRead, 1, 0}}
		got := Roll(dayGate, zone, slots, h, h+3600)
		if got.Expected != want || got.Seen != min(want, 1) || got.N != 1 {
			t.Errorf("%d h: %+v, want %d expected", hour, got, want)
		}
	}
	if got := Roll(reports, zone, nil, from, from+3600); got != (Cell{From: from}) {
		t.Errorf("events: %+v, want nothing expected", got)
	}
}

func TestRollSeesAPeriodOnceHoweverOftenItCame(t *testing.T) {
	zone := tehran(t)
	from, _ := zone.Day(day(t, "2027-03-21"))
	var slots []Slot
	for i := range 20 { // every minute of the first 20: four periods of 5 minutes
		m := from + city.Moment(i*60)
		slots = append(slots, Slot{m, m, 1, AsRead, 1, 0})
	}
	if got := Roll(people, zone, slots, from, from+3600); got.Expected != 12 || got.Seen != 4 || got.N != 20 {
		t.Errorf("%+v, want 4 seen of 12", got)
	}
}

func TestTheLargerOfTwoNewestValuesIsTheLast(t *testing.T) {
	zone := tehran(t)
	for _, slots := range [][]Slot{
		{{0, 0, 3, AsRead, 1, 0}, {0, 0, 8, AsRead, 1, 0}},
		{{0, 0, 8, AsRead, 1, 0}, {0, 0, 3, AsRead, 1, 0}},
	} {
		if got := Roll(reports, zone, slots, 0, 1800); got.Last != 8 {
			t.Errorf("last = %d, want 8", got.Last)
		}
		a, b := Roll(reports, zone, slots[:1], 0, 1800), Roll(reports, zone, slots[1:], 0, 1800)
		if got := Merge(a, b); got.Last != 8 {
			t.Errorf("merged last = %d, want 8", got.Last)
		}
	}
}

func TestADayHas23To25Hours(t *testing.T) {
	zone := tehran(t)
	for date, want := range map[string]int{"2022-03-22": 23, "2022-03-23": 24, "2022-09-21": 25, "2027-03-21": 24} {
		from, to := zone.Day(day(t, date))
		cells := Hours(beamGate, zone, nil, from, to)
		if len(cells) != want {
			t.Errorf("%s has %d hours, want %d", date, len(cells), want)
		}
		if m := Merge(cells...); m.Expected != int64(4*want) || m.From != from {
			t.Errorf("%s: %+v, want %d expected from %s", date, m, 4*want, from)
		}
	}
}

// anyCell draws a cell; an empty one is all zeros but for what was expected.
func anyCell(t *rapid.T) Cell {
	c := Cell{From: city.Moment(rapid.IntRange(0, 9).Draw(t, "from") * 3600), Expected: rapid.Int64Range(0, 12).Draw(t, "expected")}
	c.Seen = rapid.Int64Range(0, c.Expected).Draw(t, "seen")
	if c.N = rapid.Int64Range(0, 3).Draw(t, "n"); c.N > 0 {
		c.Min = rapid.Int64Range(-5, 5).Draw(t, "min")
		c.Max = c.Min + rapid.Int64Range(0, 5).Draw(t, "more")
		c.Last = rapid.Int64Range(c.Min, c.Max).Draw(t, "last")
		c.LastAt = c.From + city.Moment(rapid.IntRange(0, 3).Draw(t, "last at"))
		c.Sum = c.N * c.Min
		c.Late = rapid.Int64Range(0, c.N).Draw(t, "late")
		c.Pos = rapid.Uint64Range(1, 99).Draw(t, "pos")
	}
	return c
}

func TestMergeDoesNotDependOnOrderOrGrouping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.Custom(anyCell), 1, 12).Draw(t, "cells")
		want := Merge(cells...)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
		cut := rapid.IntRange(1, len(cells)).Draw(t, "cut")
		got := Merge(append([]Cell{Merge(cells[:cut]...)}, cells[cut:]...)...)
		if got != want {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

// slotsOn draws slots of a source in the local day [from, to), in order.
func slotsOn(t *rapid.T, src *city.Source, from, to city.Moment) []Slot {
	var slots []Slot
	step := int64(60)
	if src.Kind == city.Interval {
		step = src.SlotSec
	}
	for m := from; m < to; m += city.Moment(step * rapid.Int64Range(1, 40).Draw(t, "gap")) {
		s := Slot{From: m, To: m, V: city.Steps(rapid.IntRange(-3, 9).Draw(t, "v")), Rule: AsRead, Pos: rapid.Uint64Range(1, 50).Draw(t, "pos")}
		if src.Kind == city.Interval {
			s.To += city.Moment(step)
		}
		s.LateSec = rapid.SampledFrom([]int64{0, 7200, 200_000}).Draw(t, "late")
		slots = append(slots, s)
	}
	return slots
}

func TestTheHoursOfADayMergeToTheDay(t *testing.T) {
	zone := tehran(t)
	days := []city.Date{day(t, "2022-03-22"), day(t, "2022-09-21"), day(t, "2027-03-21")}
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.SampledFrom([]*city.Source{beamGate, people, reports}).Draw(t, "source")
		from, to := zone.Day(rapid.SampledFrom(days).Draw(t, "day"))
		slots := slotsOn(t, src, from, to)
		got := Merge(Hours(src, zone, slots, from, to)...)
		want := Roll(src, zone, slots, from, to) // its cadence is one for all hours
		if got != want {
			t.Fatal(cmp.Diff(want, got))
		}
		var sum int64
		for _, s := range slots {
			sum += int64(s.V)
		}
		if got.Sum != sum || got.N != int64(len(slots)) {
			t.Fatalf("sum %d of %d, want %d of %d", got.Sum, got.N, sum, len(slots))
		}
	})
}

func TestTheQuartersOfAnHourMergeToTheHour(t *testing.T) {
	zone := tehran(t)
	from, to := zone.Day(day(t, "2027-03-21"))
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.SampledFrom([]*city.Source{beamGate, people, reports}).Draw(t, "source")
		slots := slotsOn(t, src, from, to)
		h := from + city.Moment(rapid.IntRange(0, 23).Draw(t, "hour"))*3600
		var quarters []Cell
		for q := h; q < h+3600; q += 900 {
			quarters = append(quarters, Roll(src, zone, slots, q, q+900))
		}
		if got, want := Merge(quarters...), Roll(src, zone, slots, h, h+3600); got != want {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

func TestOnlyAReadingMoreThanTwoDaysLateIsCountedAsLate(t *testing.T) {
	zone := tehran(t)
	limit := int64(entry.RevisedAfter / time.Second)
	for late, want := range map[int64]int64{0: 0, limit: 0, limit + 1: 1} {
		if got := Roll(people, zone, []Slot{{0, 0, 1, AsRead, 1, late}}, 0, 1800); got.Late != want {
			t.Errorf("%d s late: %d, want %d", late, got.Late, want)
		}
	}
}

// Lord Howe Island moves its clock by half an hour: hours are cut, never stretched.
func TestAnHourCutByTheClockIsACellOfItsOwn(t *testing.T) {
	zone, err := city.OpenZone("Australia/Lord_Howe")
	if err != nil {
		t.Fatal(err)
	}
	hourly := &city.Source{ID: "hourly", Kind: city.Snapshot, Cadence: []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: 3600}}}
	for date, want := range map[string]struct {
		cells  int
		length city.Moment
	}{"2027-04-04": {25, 49 * 1800}, "2027-10-03": {24, 47 * 1800}} {
		from, to := zone.Day(day(t, date))
		cells := Hours(beamGate, zone, nil, from, to)
		if len(cells) != want.cells || to-from != want.length {
			t.Errorf("%s: %d cells over %d s, want %+v", date, len(cells), to-from, want)
		}
		if got := Merge(cells...).Expected; got != int64(want.length)/900 {
			t.Errorf("%s: %d quarters expected, want %d", date, got, want.length/900)
		}
		for _, c := range Hours(hourly, zone, nil, from, to) {
			if zone.Hour(c.From) != c.From {
				t.Errorf("%s: a cell starts at %s, within an hour", date, c.From)
			}
			if c.Expected != 1 {
				t.Errorf("%s: %d expected in the hour of %s, want 1", date, c.Expected, c.From)
			}
		}
	}
}

func TestAnEventIsNamedByItsIDAndStateAndAReadingByItsTime(t *testing.T) {
	opened := Raw{From: 5, To: 5, Event: &Detail{ID: "a", State: "opened", Category: "litter"}}
	if got := opened.Key(); got != (Key{ID: "a", State: "opened"}) {
		t.Errorf("event: %+v", got)
	}
	reading := Raw{From: 5, To: 9, V: 1}
	if got := reading.Key(); got != (Key{At: 5}) {
		t.Errorf("reading: %+v", got)
	}
}
