package live_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"rasad/city"
	"rasad/days"
	"rasad/live"
	"rasad/measure"
)

// square is a city of one square with a gate and a camera, and two screens.
func square(t *testing.T, capacity int64) *city.City {
	t.Helper()
	text := city.Text{FA: "نام", EN: "name"}
	always := []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: 900}}
	ind := func(id string, of city.SourceID, unit city.Unit, how city.How, over city.Period) city.Indicator {
		return city.Indicator{
			ID: city.IndicatorID(id), Name: text, Theme: "visitors", Of: []city.SourceID{of}, Unit: unit, How: how, Over: over,
			By: []city.Grouping{city.ByCity, city.ByPlace}, Owner: "culture",
		}
	}
	c, err := city.New(city.Definition{
		Format: 1, ID: "square", Name: text, Zone: "Asia/Tehran",
		Places:      []city.Place{{ID: "square", Name: text, Kind: "square", Capacity: capacity}},
		Departments: []city.Department{{ID: "culture", Name: text}},
		Sources: []city.Source{
			{ID: "gate", Name: text, Place: "square", Department: "culture", Unit: city.SiteVisit, Kind: city.Interval, SlotSec: 900, Cadence: always, Max: 1000},
			{ID: "camera", Name: text, Place: "square", Department: "culture", Unit: city.Person, Kind: city.Snapshot, Cadence: always, Max: 1000},
		},
		Indicators: []city.Indicator{
			ind("today", "gate", city.SiteVisit, city.Sum, city.Day),
			ind("yesterday", "gate", city.SiteVisit, city.Sum, city.PreviousDay),
			ind("season", "gate", city.SiteVisit, city.Sum, city.InSeason),
			ind("quarter", "gate", city.SiteVisit, city.Sum, city.QuarterHour),
			ind("present", "camera", city.Person, city.Last, city.Now),
		},
		Seasons: []city.Season{{ID: "nowruz", Name: text, From: noon - 10, To: noon + 10, One: noon}},
		Screens: []city.Screen{
			{ID: "hall", Name: text, Lang: "fa", Numbers: []city.IndicatorID{"today"}, Crowding: "present", Chart: "season"},
			{ID: "gate-house", Name: text, Lang: "fa", Numbers: []city.IndicatorID{"yesterday"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var noon = city.DateOf(2027, 3, 24)

// at returns a local time of the day of the tests, in minutes since its midnight.
func at(c *city.City, d city.Date, minutes int) city.Moment {
	from, _ := c.Clock().Day(d)
	return from + city.Moment(minutes*60)
}

// change is a source-day of the gate or the camera with the given values, a
// quarter of an hour each from the local midnight on, decided by the batch pos.
func change(c *city.City, src city.SourceID, d city.Date, pos uint64, values ...city.Steps) days.Change {
	s := c.Source(src)
	from, to := c.Clock().Day(d)
	ch := days.Change{Source: src, Date: d}
	for i, v := range values {
		slot := measure.Slot{From: from + city.Moment(900*i), V: v, Rule: measure.AsRead, Pos: pos}
		slot.To = slot.From
		if s.Kind == city.Interval {
			slot.To += 900
		}
		ch.Slots = append(ch.Slots, slot)
	}
	ch.Cells = measure.Hours(s, c.Clock(), ch.Slots, from, to)
	return ch
}

// kept is a days that holds what it was given.
type kept map[city.SourceID]map[city.Date]days.Change

func (k kept) Day(_ context.Context, src city.SourceID, d city.Date) (days.Change, bool, error) {
	ch, ok := k[src][d]
	return ch, ok, nil
}

func (k kept) Totals(_ context.Context, from, to city.Date, each func(city.SourceID, city.Date, measure.Cell) error) error {
	for src, list := range k {
		for d, ch := range list {
			if from <= d && d <= to {
				if err := each(src, d, measure.Merge(ch.Cells...)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func says(t *testing.T, b *live.Board, id string) measure.Figure {
	t.Helper()
	s, err := b.Snapshot("all")
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Tiles {
		if s.Tiles[i].ID() == id {
			return s.Tiles[i].Figure
		}
	}
	t.Fatalf("no tile %s", id)
	return measure.Figure{}
}

func advance(t *testing.T, b *live.Board, now city.Moment) {
	t.Helper()
	if err := b.Advance(t.Context(), now); err != nil {
		t.Fatal(err)
	}
}

func TestABoardStartsFromWhatDaysHas(t *testing.T) {
	c := square(t, 100)
	reader := kept{"gate": {
		noon:     change(c, "gate", noon, 9, 1, 2, 3),
		noon - 1: change(c, "gate", noon-1, 8, 10, 20),
		noon - 9: change(c, "gate", noon-9, 2, 100),
	}}
	b := live.New("start", reader, c, at(c, noon, 50))
	advance(t, b, at(c, noon, 50))
	for id, want := range map[string]city.Steps{"today": 6, "yesterday": 30, "season": 136, "today/square": 6} {
		if f := says(t, b, id); !f.Has || f.Value != want {
			t.Errorf("%s = %+v, want %d", id, f, want)
		}
	}
	if f := says(t, b, "present"); f.Has || f.Status != measure.None {
		t.Errorf("present without a reading = %+v, want none", f)
	}
}

func TestALateDayCountsInItsOwnWindowOnly(t *testing.T) {
	c := square(t, 100)
	b := live.New("late", kept{}, c, at(c, noon, 50))
	b.Apply([]days.Change{change(c, "gate", noon, 1, 5), change(c, "gate", noon-5, 2, 40)})
	advance(t, b, at(c, noon, 50))
	if today, season := says(t, b, "today"), says(t, b, "season"); today.Value != 5 || season.Value != 45 {
		t.Errorf("today %d, season %d; want 5 and 45", today.Value, season.Value)
	}
}

func TestTheDayTurnsAtTheLocalMidnight(t *testing.T) {
	c := square(t, 100)
	b := live.New("turn", kept{}, c, at(c, noon, 1430))
	b.Apply([]days.Change{change(c, "gate", noon, 1, 5, 6)})
	advance(t, b, at(c, noon, 1439))
	if f := says(t, b, "today"); f.Value != 11 {
		t.Errorf("a minute before midnight: today %+v, want 11", f)
	}
	advance(t, b, at(c, noon+1, 0))
	if today, before := says(t, b, "today"), says(t, b, "yesterday"); today.Has || before.Value != 11 {
		t.Errorf("at midnight: today %+v, yesterday %+v; want no data, and 11", today, before)
	}
	advance(t, b, at(c, noon+2, 0))
	if before := says(t, b, "yesterday"); before.Has {
		t.Errorf("a day later: yesterday %+v, want no data", before)
	}
	if season := says(t, b, "season"); season.Value != 11 {
		t.Errorf("a day later: season %+v, want 11", season)
	}
}

func TestTheQuarterHourFollowsTheClockAlone(t *testing.T) {
	c := square(t, 100)
	b := live.New("quarter", kept{}, c, at(c, noon, 0))
	b.Apply([]days.Change{change(c, "gate", noon, 1, 5, 6)})
	for minutes, want := range map[int]city.Steps{0: 5, 14: 5, 15: 6, 29: 6} {
		fresh := live.New("quarter", kept{"gate": {noon: change(c, "gate", noon, 1, 5, 6)}}, c, at(c, noon, minutes))
		advance(t, fresh, at(c, noon, minutes))
		if f := says(t, fresh, "quarter"); f.Value != want {
			t.Errorf("minute %d: %+v, want %d", minutes, f, want)
		}
	}
	rev := b.Rev()
	advance(t, b, at(c, noon, 15))
	advance(t, b, at(c, noon, 16))
	if b.Rev() == rev {
		t.Error("time alone moved nothing")
	}
}

func TestSinceGivesWhatChangedAndNothingElse(t *testing.T) {
	c := square(t, 100)
	b := live.New("since", kept{}, c, at(c, noon, 50))
	advance(t, b, at(c, noon, 50))
	rev := b.Rev()
	if tiles, now, ok := b.Since("hall", rev); !ok || len(tiles) != 0 || now != rev {
		t.Errorf("nothing changed: %v, %d, %v", tiles, now, ok)
	}
	b.Apply([]days.Change{change(c, "camera", noon, 1, 70, 80)})
	advance(t, b, at(c, noon, 50))
	tiles, now, ok := b.Since("hall", rev)
	if !ok || now != rev+1 || len(tiles) != 2 { // the whole city, and the square
		t.Errorf("Since = %v, %d, %v; want the two tiles of present at %d", tiles, now, ok, rev+1)
	}
	for _, wrong := range []uint64{now + 1, 0} {
		if _, _, ok := b.Since("hall", wrong); ok {
			t.Errorf("Since(%d) = ok, want a new snapshot", wrong)
		}
	}
	if tiles, _, _ := b.Since("gate-house", rev); len(tiles) != 0 {
		t.Errorf("another screen got %v", tiles)
	}
	if _, err := b.Snapshot("cellar"); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("Snapshot of no view = %v, want ErrNotFound", err)
	}
}

func TestAnotherCityAsksForANewSnapshotAndKeepsWhatIsKnown(t *testing.T) {
	c := square(t, 100)
	b := live.New("city", kept{}, c, at(c, noon, 50))
	b.Apply([]days.Change{change(c, "gate", noon, 1, 5)})
	advance(t, b, at(c, noon, 50))
	rev := b.Rev()
	b.SetCity(square(t, 200))
	advance(t, b, at(c, noon, 50))
	if _, _, ok := b.Since("all", rev); ok {
		t.Error("the tiles are others now: Since must ask for a snapshot")
	}
	if f := says(t, b, "today"); f.Value != 5 {
		t.Errorf("today = %+v, want 5", f)
	}
}

func TestAnOlderReadFromDaysDoesNotUndoANewerChange(t *testing.T) {
	c := square(t, 100)
	reader := kept{"gate": {noon: change(c, "gate", noon, 3, 5)}}
	b := live.New("race", reader, c, at(c, noon, 50))
	b.Apply([]days.Change{change(c, "gate", noon, 4, 5, 7)}) // came in before the board had read
	advance(t, b, at(c, noon, 50))
	if f := says(t, b, "today"); f.Value != 12 {
		t.Errorf("today = %+v, want 12", f)
	}
}

func TestAFaultOfDaysIsToldAndTriedAgain(t *testing.T) {
	c := square(t, 100)
	reader := &failing{kept: kept{"gate": {noon: change(c, "gate", noon, 3, 5)}}, err: errors.New("disk is gone")}
	b := live.New("fault", reader, c, at(c, noon, 50))
	if err := b.Advance(t.Context(), at(c, noon, 50)); !errors.Is(err, reader.err) {
		t.Errorf("Advance = %v, want the fault", err)
	}
	reader.err = nil
	advance(t, b, at(c, noon, 50))
	if f := says(t, b, "today"); f.Value != 5 {
		t.Errorf("today = %+v, want 5", f)
	}
}

type failing struct {
	kept
	err error
}

func (f *failing) Day(ctx context.Context, src city.SourceID, d city.Date) (days.Change, bool, error) {
	if f.err != nil {
		return days.Change{}, false, f.err
	}
	return f.kept.Day(ctx, src, d)
}

// Changes, clocks and screens at once; the race detector watches.
func TestScreensMayAskWhileReadingsComeIn(t *testing.T) {
	c := square(t, 100)
	b := live.New("busy", kept{}, c, at(c, noon, 0))
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 96 {
			values := make([]city.Steps, i+1)
			for j := range values {
				values[j] = 1
			}
			b.Apply([]days.Change{change(c, "gate", noon, uint64(i+1), values...)})
		}
	})
	wg.Go(func() {
		for i := range 300 {
			if err := b.Advance(context.Background(), at(c, noon, i)); err != nil {
				t.Error(err)
			}
		}
	})
	for range 4 {
		wg.Go(func() {
			state, rev := map[string]measure.Figure{}, uint64(0)
			for range 500 {
				tiles, now, ok := b.Since("all", rev)
				if !ok {
					s, err := b.Snapshot("all")
					if err != nil {
						t.Error(err)
						return
					}
					tiles, now = s.Tiles, s.Rev
				}
				for i := range tiles {
					state[tiles[i].ID()] = tiles[i].Figure
				}
				rev = now
			}
		})
	}
	wg.Wait()
	advance(t, b, at(c, noon, 1439))
	if f := says(t, b, "today"); f.Value != 96 {
		t.Errorf("today = %+v, want 96", f)
	}
}

func ExampleBoard_Snapshot() {
	start := time.Date(2027, 3, 24, 12, 0, 0, 0, time.UTC)
	c, err := city.New(city.Definition{Zone: "Asia/Tehran"})
	if err != nil {
		fmt.Println(err)
		return
	}
	b := live.New("a1b2", nil, c, city.At(start))
	_, err = b.Snapshot("kitchen")
	fmt.Println(err)
	// Output: not found: view "kitchen"
}
