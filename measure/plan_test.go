package measure

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
)

// A garden is a city with three beds; done holds what was done there.
func garden(t testing.TB) *city.City {
	t.Helper()
	c, err := city.New(city.Definition{ID: "garden", Zone: "Asia/Tehran", Sources: []city.Source{
		{ID: "rose", Unit: city.Piece, Kind: city.Event},
		{ID: "lawn", Unit: city.Piece, Kind: city.Event},
		{ID: "tap", Unit: city.SquareMetre, Kind: city.Interval, SlotSec: 900},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rolled answers from slots as history does, and notes how far back it was asked.
func rolled(zone *city.Zone, done map[city.SourceID][]Slot, oldest *city.Moment) Cells {
	return func(src *city.Source, from, to city.Moment) ([]Cell, error) {
		if oldest != nil {
			*oldest = min(*oldest, from)
		}
		first := zone.Hour(from)
		if first < from {
			first = zone.NextHour(first)
		}
		cells := Hours(src, zone, done[src.ID], first, zone.NextHour(to-1))
		return slices.DeleteFunc(cells, func(c Cell) bool { return c.N == 0 }), nil
	}
}

func TestAnAmountIsWhatWasDoneInThePlansDays(t *testing.T) {
	c := garden(t)
	p := &city.Plan{From: day(t, "2027-03-16"), To: day(t, "2027-03-20"), Parts: []city.PlanPart{{Source: "rose", Amount: 100}, {Source: "gone", Amount: 5}, {Source: "lawn", Amount: 10}}}
	first, _ := c.Clock().Day(p.From)
	_, end := c.Clock().Day(p.To)
	at := func(m city.Moment, v city.Steps) Slot { return Slot{From: m, To: m, V: v} }
	done := map[city.SourceID][]Slot{
		"rose": {at(first-1, 7), at(first, 30), at(first+86400, 20), at(end-1, 40), at(end, 9)},
		"lawn": {at(end-60, 10)},
	}
	for _, tc := range []struct {
		name string
		now  city.Moment
		want []PartDone
	}{
		{"before it begins", first - 3600, []PartDone{{Done: 0}, {Done: 0}}},
		{"on the first day", first + 7200, []PartDone{{Done: 30, Last: first}, {Done: 0}}},
		{"on the last day", end - 1, []PartDone{{Done: 90, Last: end - 1}, {Done: 10, Last: end - 60}}},
		{"afterwards", end + 500, []PartDone{{Done: 90, Last: end - 1, Overdue: 500}, {Done: 10, Last: end - 60}}},
	} {
		tc.want[0].Source, tc.want[0].Planned, tc.want[0].Due = c.Source("rose"), 100, end
		tc.want[1].Source, tc.want[1].Planned, tc.want[1].Due = c.Source("lawn"), 10, end
		got, err := Progress(c, p, tc.now, rolled(c.Clock(), done, nil))
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tc.name, err, diff)
		}
	}
}

func TestARepetitionIsDueAfterItsLastTime(t *testing.T) {
	c := garden(t)
	p := &city.Plan{EverySec: 86400, Parts: []city.PlanPart{{Source: "rose", Amount: 60}, {Source: "lawn"}, {Source: "tap", Amount: 10}}}
	noon := c.Clock().Hour(1_805_000_400)
	now := noon + 600
	done := map[city.SourceID][]Slot{
		"rose": {{From: now - 90000, To: now - 90000, V: 11}, {From: now - 7200, To: now - 7200, V: 30}, {From: now - 60, To: now - 60, V: 31}},
		"lawn": {{From: now - 20*86400, To: now - 20*86400, V: 5}},
		// A meter goes on sending nothing after the water has stopped.
		"tap": {{From: noon - 30*3600, To: noon - 30*3600 + 900, V: 4}, {From: noon - 900, To: noon, V: 0}},
	}
	oldest := now
	got, err := Progress(c, p, now, rolled(c.Clock(), done, &oldest))
	if err != nil {
		t.Fatal(err)
	}
	want := []PartDone{
		{Source: c.Source("rose"), Planned: 60, Done: 61, Last: now - 60, Due: now - 60 + 86400},
		{Source: c.Source("lawn"), Last: now - 20*86400, Due: now - 19*86400, Overdue: 19 * 86400},
		{Source: c.Source("tap"), Planned: 10, Last: noon - 30*3600 + 900, Due: noon - 6*3600 + 900, Overdue: 6*3600 - 900 + 600},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if back := now - oldest; back < 20*86400 || back > 70*86400 {
		t.Errorf("it was looked for %d days back, the last time was 20 days ago", back/86400)
	}
	MostOverdue(got)
	if got[0].Source.ID != "lawn" || got[1].Source.ID != "tap" || got[2].Source.ID != "rose" {
		t.Errorf("the most overdue is %s, then %s, then %s", got[0].Source.ID, got[1].Source.ID, got[2].Source.ID)
	}
}

func TestWhatWasNeverDoneHasNoTimeAndComesFirst(t *testing.T) {
	c := garden(t)
	p := &city.Plan{EverySec: 3600, Parts: []city.PlanPart{{Source: "rose"}, {Source: "lawn"}}}
	now := city.Moment(1_805_000_400)
	oldest := now
	done := map[city.SourceID][]Slot{"rose": {{From: now - 500*86400, To: now - 500*86400, V: 1}, {From: now - 9000, To: now - 9000, V: 1}}}
	got, err := Progress(c, p, now, rolled(c.Clock(), done, &oldest))
	if err != nil {
		t.Fatal(err)
	}
	MostOverdue(got)
	if diff := cmp.Diff(PartDone{Source: c.Source("lawn")}, got[0]); diff != "" || got[1].Overdue != 5400 {
		t.Errorf("%+v\n%s", got, diff)
	}
	if back := (now - oldest) / 86400; back < 399 || back > 401 {
		t.Errorf("looked %d days back for what never was", back)
	}
}

func TestProgressSaysWhoseCellsCannotBeRead(t *testing.T) {
	broken := errors.New("disk is slow")
	for _, every := range []int64{0, 86400} {
		p := &city.Plan{ID: "spring", From: 100, To: 20000, EverySec: every, Parts: []city.PlanPart{{Source: "rose"}}}
		_, err := Progress(garden(t), p, 1e9, func(*city.Source, city.Moment, city.Moment) ([]Cell, error) { return nil, broken })
		if !errors.Is(err, broken) || err.Error() != "follow plan spring: disk is slow" {
			t.Errorf("every %d: %v", every, err)
		}
	}
}
