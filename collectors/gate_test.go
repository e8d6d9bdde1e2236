package collectors_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
)

// noon is 1 Farvardin 1405, 12:00 in Tehran.
const noon = city.Moment(1774081800)

func testCity(t testing.TB, zone string) *city.City {
	t.Helper()
	source := func(id city.SourceID, unit city.Unit, kind city.Kind, slot int64, most city.Steps) city.Source {
		return city.Source{ID: id, Unit: unit, Kind: kind, SlotSec: slot, Max: most, LateSec: 60 * 86400}
	}
	c, err := city.New(city.Definition{
		Zone:   zone,
		Places: []city.Place{{ID: "bridge"}},
		Sources: []city.Source{
			source("gate/in", city.Vehicle, city.Interval, 900, 4000),
			source("gate/out", city.Vehicle, city.Interval, 900, 4000),
			source("road", city.Vehicle, city.Interval, 3600, 4000),
			source("present", city.Person, city.Snapshot, 0, 8000),
			source("soil", city.Percent, city.Snapshot, 0, 10000),
			source("litter", city.Report, city.Event, 0, 10),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A desk is a Gate with a journal and a days of a few lines behind it.
type desk struct {
	*collectors.Gate
	city *city.City
	now  city.Moment
	away error // what Append answers
	log  bytes.Buffer

	mu      sync.Mutex
	batches [][]entry.Entry
	known   map[entry.Identity]entry.Entry
	at      map[entry.Identity]entry.Position
}

func newDesk(t testing.TB) *desk { return newDeskIn(t, "Asia/Tehran") }

func newDeskIn(t testing.TB, zone string) *desk {
	d := &desk{
		city: testCity(t, zone), now: noon,
		known: map[entry.Identity]entry.Entry{}, at: map[entry.Identity]entry.Position{},
	}
	d.Gate = collectors.New(collectors.Config{
		City: func() *city.City { return d.city }, Standing: d.standing, Append: d.append,
		Known: func(e entry.Entry) (city.Steps, bool) {
			d.mu.Lock()
			defer d.mu.Unlock()
			id, _ := entry.IdentityOf(e, d.city.Clock())
			r, ok := d.known[id].(*entry.Reading)
			if !ok {
				return 0, false
			}
			return r.V, true
		},
		Now: func() time.Time { return d.now.Time() },
		Log: slog.New(slog.NewTextHandler(&d.log, nil)),
	})
	return d
}

func (d *desk) standing(e entry.Entry) (entry.Standing, entry.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, _ := entry.IdentityOf(e, d.city.Clock())
	old, known := d.known[id]
	r, _ := e.(*entry.Reading)
	switch {
	case known && entry.SameContent(old, e):
		return entry.Duplicate, d.at[id], nil
	case r != nil && !r.Revises.IsZero() && r.Revises == d.at[id]:
		return entry.New, entry.Position{}, nil
	case known, r != nil && !r.Revises.IsZero():
		return entry.Conflict, d.at[id], nil
	}
	return entry.New, entry.Position{}, nil
}

func (d *desk) append(ctx context.Context, entries []entry.Entry) (entry.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away != nil {
		return entry.Position{}, d.away
	}
	if err := ctx.Err(); err != nil {
		return entry.Position{}, err
	}
	d.batches = append(d.batches, entries)
	n := uint64(len(d.batches))
	for i, e := range entries {
		if _, err := entry.Append(nil, e); err != nil {
			return entry.Position{}, err
		}
		if id, ok := entry.IdentityOf(e, d.city.Clock()); ok {
			d.known[id], d.at[id] = e, entry.Position{Batch: n, Index: uint32(i)}
		}
	}
	return entry.Position{Batch: n}, nil
}

func (d *desk) send(t testing.TB, who collectors.Who, items ...entry.Item) collectors.Answer {
	t.Helper()
	a, err := d.Accept(t.Context(), who, items)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Accepted + a.Duplicates + len(a.Quarantined) + a.Refused; len(items) > 0 && got < len(items) {
		t.Errorf("only %d of %d items have a verdict: %+v", got, len(items), a)
	}
	return a
}

// counters returns how many refused items the journal holds, by reason and minute.
func (d *desk) counters() map[string]int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := map[string]int64{}
	for _, b := range d.batches {
		for _, e := range b {
			if r, ok := e.(*entry.Refused); ok {
				sum[fmt.Sprintf("%s %s %v", r.By, r.Reason, r.Minute)] += r.N
			}
		}
	}
	return sum
}

var who = collectors.Who{ID: "t1"}

// slot is a reading of gate/in over the quarter of an hour that ends at noon + n quarters.
func slot(n int, value string) entry.Item {
	to := noon + city.Moment(900*n)
	return entry.Item{Source: "gate/in", From: to - 900, To: to, Number: value}
}

func state(source, value string, at city.Moment) entry.Item {
	return entry.Item{Source: source, From: at, To: at, Number: value}
}

func event(id, state string, at city.Moment) entry.Item {
	return entry.Item{Source: "litter", From: at, To: at, Number: "1", ID: id, Event: &entry.Happening{State: state, Case: "report"}}
}

func TestGoodItemsBecomeEntriesOfOneBatch(t *testing.T) {
	d := newDesk(t)
	gate := entry.Item{Source: "gate", From: noon - 900, To: noon, In: "12", Out: "7", ID: "n-1", Quality: "uptime 1"}
	litter := event("r-1", "opened", noon-5)
	litter.Event.Category, litter.Event.Place = "litter", "bridge"
	a := d.send(t, who, gate, state("soil", "38.25", noon-7200), litter)
	if diff := cmp.Diff(collectors.Answer{Accepted: 4, Quarantined: []collectors.Refusal{}, Position: entry.Position{Batch: 1, Index: 3}}, a); diff != "" {
		t.Error(diff)
	}
	want := [][]entry.Entry{{
		&entry.Reading{Source: "gate/in", From: noon - 900, To: noon, V: 12, By: "t1", ID: "n-1", Quality: "uptime 1"},
		&entry.Reading{Source: "gate/out", From: noon - 900, To: noon, V: 7, By: "t1", ID: "n-1", Quality: "uptime 1"},
		&entry.Reading{Source: "soil", From: noon - 7200, To: noon - 7200, V: 3825, By: "t1", Late: 2 * time.Hour},
		&entry.Event{Source: "litter", At: noon - 5, ID: "r-1", State: "opened", Case: "report", Category: "litter", Place: "bridge", V: 1, By: "t1"},
	}}
	if diff := cmp.Diff(want, d.batches); diff != "" {
		t.Error(diff)
	}
}

func TestEachFaultHasItsReasonAndItsCure(t *testing.T) {
	change := func(it entry.Item, f func(*entry.Item)) entry.Item { f(&it); return it }
	for _, tc := range []struct {
		name   string
		who    collectors.Who
		item   entry.Item
		reason string
		detail string // part of it
	}{
		{"unknown source", who, state("gaet", "1", noon), "unknown_source", `the city declares no source "gaet": correct the id, or declare it in the city file`},
		{"one value for a gate", who, state("gate", "1", noon), "unknown_source", `"gate" is a gate with two directions: send in and out, or name gate/in or gate/out`},
		{"in and out of no gate", who, entry.Item{Source: "soil", From: noon, To: noon, In: "1", Out: "1"}, "unknown_source", `"soil/in"`},
		{"only in", who, entry.Item{Source: "gate", From: noon - 900, To: noon, In: "1"}, "wrong_shape", "send either value, or both in and out"},
		{"other unit", who, change(slot(0, "1"), func(it *entry.Item) { it.Unit = "person" }), "unit_mismatch", `gate/in is declared in vehicle, not "person"`},
		{"other kind", who, change(slot(0, "1"), func(it *entry.Item) { it.Kind = "cumulative" }), "kind_mismatch", `gate/in is declared as interval, not "cumulative"`},
		{"strict without unit", collectors.Who{ID: "t1", Strict: true}, change(slot(0, "1"), func(it *entry.Item) { it.Kind = "interval" }), "missing_unit", `unit "vehicle"`},
		{"strict without kind", collectors.Who{ID: "t1", Strict: true}, change(slot(0, "1"), func(it *entry.Item) { it.Unit = "vehicle" }), "missing_kind", `kind "interval"`},
		{"a moment for a slot", who, state("gate/in", "1", noon), "wrong_shape", "send from and to, from before to"},
		{"backwards", who, entry.Item{Source: "gate/in", From: noon, To: noon - 900, Number: "1"}, "wrong_shape", "from before to"},
		{"a slot for a moment", who, entry.Item{Source: "present", From: noon - 900, To: noon, Number: "1"}, "wrong_shape", "send at, not from and to"},
		{"an event without id", who, event("", "opened", noon), "wrong_shape", "send the id that the event has at its source"},
		{"event fields on a reading", who, change(state("soil", "1", noon), func(it *entry.Item) { it.Event = &entry.Happening{State: "x"} }), "wrong_shape", "belong to events"},
		{"a revision without reason", who, change(slot(0, "1"), func(it *entry.Item) { it.Revises = entry.Position{Batch: 1} }), "wrong_shape", "send reason beside revises"},
		{"a reason without revision", who, change(slot(0, "1"), func(it *entry.Item) { it.Reason = "x" }), "wrong_shape", "reason belongs to a revision"},
		{"a revised event", who, change(event("a", "", noon), func(it *entry.Item) { it.Revises, it.Reason = entry.Position{Batch: 1}, "x" }), "wrong_shape", "an event is not revised"},
		{"unknown case", who, change(event("a", "", noon), func(it *entry.Item) { it.Event.Case = "rumour" }), "wrong_shape", "none of report, work, service, inspection"},
		{"unknown place", who, change(event("a", "", noon), func(it *entry.Item) { it.Event.Place = "moon" }), "wrong_shape", `no place "moon"`},
		{"long id", who, change(slot(0, "1"), func(it *entry.Item) { it.ID = strings.Repeat("x", 201) }), "bad_text", "at most 200 bytes"},
		{"control in state", who, event("a", "open\x00ed", noon), "bad_text", "at most 200 bytes"},
		{"not UTF-8", who, event("a\xff", "", noon), "bad_text", "at most 200 bytes"},
		{"no value", who, slot(0, ""), "bad_number", "want a decimal number in Latin digits"},
		{"NaN", who, slot(0, "NaN"), "bad_number", "want a decimal number in Latin digits"},
		{"Inf", who, slot(0, "-Inf"), "bad_number", "want a decimal number in Latin digits"},
		{"hex", who, slot(0, "0x1p4"), "bad_number", "want a decimal number in Latin digits"},
		{"underscores", who, slot(0, "1_000"), "bad_number", "want a decimal number in Latin digits"},
		{"Persian digits", who, slot(0, "۱۲"), "bad_number", "want a decimal number in Latin digits"},
		{"a word", who, slot(0, "true"), "bad_number", "want a decimal number in Latin digits"},
		{"a string", who, slot(0, `"1"`), "bad_number", "want a decimal number in Latin digits"},
		{"half an exponent", who, slot(0, "1e"), "bad_number", "want a decimal number in Latin digits"},
		{"a number with space", who, slot(0, " 1"), "bad_number", "want a decimal number in Latin digits"},
		{"too many digits", who, slot(0, strings.Repeat("9", 41)), "bad_number", "want a decimal number in Latin digits"},
		{"1e309", who, slot(0, "1e309"), "out_of_range", "1e309 vehicle is outside the believable 0 to 4000 of gate/in"},
		{"2^53+1", who, slot(0, "9007199254740993"), "out_of_range", "outside the believable 0 to 4000"},
		{"2^63", who, slot(0, "9223372036854775808"), "out_of_range", "outside the believable 0 to 4000"},
		{"2^53 in hundredths", who, state("soil", "90071992547409.93", noon), "out_of_range", "outside the believable 0 to 100"},
		{"negative", who, slot(0, "-1"), "out_of_range", "-1 vehicle is outside the believable 0 to 4000 of gate/in: check the counter, or widen its range in the city file"},
		{"too many", who, state("soil", "140", noon), "out_of_range", "140 percent is outside the believable 0 to 100 of soil"},
		{"half a vehicle", who, slot(0, "1.5"), "finer_than_step", "round it to the step before sending"},
		{"tiny", who, slot(0, "1e-99"), "finer_than_step", "round it to the step before sending"},
		{"1970", who, state("soil", "1", 5), "before_2000", "set the clock of the sender"},
		{"11 minutes ahead", who, state("soil", "1", noon+660), "ahead_of_clock", "is 11m0s ahead of the clock here (2026-03-21T08:30:00Z), at most 10m0s is believed"},
		{"year 2200", who, state("soil", "1", 7_258_118_400), "ahead_of_clock", "set the clock of the sender"},
		{"off the grid", who, entry.Item{Source: "gate/in", From: noon - 1800 + 60, To: noon - 900 + 60, Number: "1"}, "unaligned", "slots are 900 s long and start on multiples of it by the clock of Asia/Tehran"},
		{"two slots", who, entry.Item{Source: "gate/in", From: noon - 1800, To: noon, Number: "1"}, "unaligned", "is not one slot of gate/in"},
		{"half a slot", who, entry.Item{Source: "road", From: noon - 3600, To: noon - 1800, Number: "1"}, "unaligned", "is not one slot of road"},
		{"an hour by UTC", who, entry.Item{Source: "road", From: noon - 5400, To: noon - 1800, Number: "1"}, "unaligned", "by the clock of Asia/Tehran"},
		{"61 days", who, state("soil", "1", noon-61*86400), "too_late", "is 1464h0m0s old, soil takes readings up to 1440h0m0s late: send it with a token that has the scope backfill"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t)
			a := d.send(t, tc.who, tc.item)
			if a.Accepted != 0 || len(a.Quarantined) == 0 {
				t.Fatalf("answer %+v, want it quarantined", a)
			}
			q := a.Quarantined[0]
			if q.Index != 0 || q.Reason != tc.reason || !strings.Contains(q.Detail, tc.detail) {
				t.Errorf("got  %s: %s\nwant %s: …%s…", q.Reason, q.Detail, tc.reason, tc.detail)
			}
			kept, ok := d.batches[0][0].(*entry.Quarantined)
			if !ok || kept.Reason != q.Reason || kept.Detail != q.Detail || kept.By != "t1" || len(kept.Item) == 0 {
				t.Errorf("the journal holds %+v", d.batches[0][0])
			}
		})
	}
}

func TestNineMinutesAheadIsBelieved(t *testing.T) {
	d := newDesk(t)
	if a := d.send(t, who, state("soil", "1", noon+600)); a.Accepted != 1 {
		t.Errorf("answer %+v", a)
	}
}

func TestOldReadingsNeedTheScopeBackfill(t *testing.T) {
	d := newDesk(t)
	a := d.send(t, collectors.Who{ID: "t1", Backfill: true}, state("soil", "1", noon-61*86400))
	r, _ := d.batches[0][0].(*entry.Reading)
	if a.Accepted != 1 || r == nil || r.Late != 61*24*time.Hour {
		t.Errorf("answer %+v, entry %+v", a, r)
	}
}

func TestLatenessIsRecordedOnlyBeyondAnHour(t *testing.T) {
	d := newDesk(t)
	d.send(t, who, state("soil", "1", noon-3600), state("soil", "1", noon-3601))
	if late := d.batches[0][0].(*entry.Reading).Late; late != 0 {
		t.Errorf("an hour old: late %v", late)
	}
	if late := d.batches[0][1].(*entry.Reading).Late; late != 3601*time.Second {
		t.Errorf("a second more: late %v", late)
	}
}

func TestWhatIsKnownIsADuplicateEvenWhenTooLate(t *testing.T) {
	d := newDesk(t)
	d.send(t, who, slot(0, "12"))
	d.now += 100 * 86400
	if a := d.send(t, who, slot(0, "12"), slot(-1, "12")); a.Duplicates != 1 || len(a.Quarantined) != 1 || a.Quarantined[0].Reason != "too_late" {
		t.Errorf("answer %+v", a)
	}
}

func TestDuplicatesAppendNothing(t *testing.T) {
	d := newDesk(t)
	items := []entry.Item{slot(0, "12"), slot(0, "12.0"), event("a", "opened", noon), event("a", "opened", noon), event("a", "closed", noon)}
	if a := d.send(t, who, items...); a.Accepted != 3 || a.Duplicates != 2 {
		t.Errorf("answer %+v", a)
	}
	a := d.send(t, who, items...)
	if a.Duplicates != 5 || a.Accepted != 0 || !a.Position.IsZero() || len(d.batches) != 1 {
		t.Errorf("sent twice: %+v, %d batches", a, len(d.batches))
	}
}

func TestTheFirstOfAnIdentityWinsAndTheOtherIsAConflict(t *testing.T) {
	d := newDesk(t)
	a := d.send(t, who, slot(0, "12"), slot(0, "13"))
	want := "13 vehicle for gate/in at 2026-03-21T08:15:00Z, but known is 12 vehicle from an earlier item of this request: the first one counts; to replace it send revises with its position, and a reason"
	if a.Accepted != 1 || len(a.Quarantined) != 1 || a.Quarantined[0].Detail != want || a.Quarantined[0].Index != 1 {
		t.Errorf("in one request: %+v\nwant %s", a, want)
	}
	a = d.send(t, who, slot(0, "14"))
	if len(a.Quarantined) != 1 || !strings.Contains(a.Quarantined[0].Detail, "14 vehicle for gate/in at 2026-03-21T08:15:00Z, but known is 12 vehicle at position 1.0") {
		t.Errorf("in another: %+v", a)
	}
	if q := d.batches[1][0].(*entry.Quarantined); q.Against != (entry.Position{Batch: 1}) {
		t.Errorf("against %v, want 1.0", q.Against)
	}
}

func TestARevisionOfTheNewestIsAccepted(t *testing.T) {
	d := newDesk(t)
	first := d.send(t, who, slot(0, "12"))
	again := slot(0, "13")
	again.Revises, again.Reason = first.Position, "counted by hand"
	second := d.send(t, who, again)
	if r, ok := d.batches[1][0].(*entry.Reading); second.Accepted != 1 || !ok || r.Revises != first.Position || r.Reason != "counted by hand" {
		t.Fatalf("answer %+v, entry %+v", second, d.batches[1][0])
	}
	again.Number = "14" // revises the old one once more
	a := d.send(t, who, again)
	if len(a.Quarantined) != 1 || a.Quarantined[0].Reason != "revises_not_newest" || !strings.Contains(a.Quarantined[0].Detail, "is 13 vehicle at position 2.0") {
		t.Errorf("answer %+v", a)
	}
}

func TestBothDirectionsOfAGateCarryTheIndexOfTheirItem(t *testing.T) {
	d := newDesk(t)
	a := d.send(t, who, slot(-1, "1"), entry.Item{Source: "gate", From: noon - 900, To: noon, In: "1", Out: "-5"})
	if a.Accepted != 2 || len(a.Quarantined) != 1 || a.Quarantined[0].Index != 1 {
		t.Errorf("answer %+v", a)
	}
	if q, ok := d.batches[0][2].(*entry.Quarantined); !ok || q.Source != "gate/out" || !strings.Contains(string(q.Item), `"in":1,"out":-5`) {
		t.Errorf("kept %+v", d.batches[0][2])
	}
}

func TestASourceOutsideTheScopeRefusesTheWholeRequest(t *testing.T) {
	for _, tc := range []struct {
		sources string
		source  string
		ok      bool
	}{
		{"", "gate", true},
		{"*", "gate", true},
		{"gate", "gate", true},
		{"gate", "gate/in", true},
		{"gate", "gate-2", false},
		{"gate/in", "gate/out", false},
		{"gate/in", "gate", false},
		{"gate/*", "gate", true},
		{"gate/*", "gate/out", true},
		{"so*", "soil", true},
		{"so*", "litter", false},
		{"soil litter", "litter", true},
	} {
		d := newDesk(t)
		it := state(tc.source, "1", noon)
		_, err := d.Accept(t.Context(), collectors.Who{ID: "t1", Sources: strings.Fields(tc.sources)}, []entry.Item{it})
		if (err == nil) != tc.ok || (err != nil && !errors.Is(err, city.ErrDenied)) || (err != nil && len(d.batches) > 0) {
			t.Errorf("scope %q, source %s: %v, want ok %v", tc.sources, tc.source, err, tc.ok)
		}
	}
}

func TestTheDenialNamesTheItemAndTheScope(t *testing.T) {
	d := newDesk(t)
	_, err := d.Accept(t.Context(), collectors.Who{ID: "t1", Sources: []string{"gate"}}, []entry.Item{slot(0, "1"), state("soil", "1", noon)})
	if want := `denied readings[1]: t1 may not write source "soil"; it may write gate`; err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

func TestSlotsFollowTheLocalClockAcrossItsChanges(t *testing.T) {
	d := newDeskIn(t, "Australia/Lord_Howe") // its clock moves by half an hour
	z := d.city.Clock()
	from, to := z.Day(city.DateOf(2026, 4, 5)) // back from 2:00 to 1:30
	d.now = to
	good, short := 0, 0
	for m := from; m < to; m += 1800 {
		for _, length := range []city.Moment{1800, 3600} {
			a := d.send(t, who, entry.Item{Source: "road", From: m, To: m + length, Number: "1"})
			good += a.Accepted
			if length == 1800 {
				short += a.Accepted
			}
		}
	}
	// 24.5 hours: 00, 01, half of 01 again, then 02 to 23.
	if good != 25 || short != 1 {
		t.Errorf("%d slots of the day were taken, %d of them short; want 25 and 1", good, short)
	}
}

func TestAcceptSentJudgesEachItemAtItsOwnTime(t *testing.T) {
	d := newDesk(t)
	d.now += 300 * 86400
	items := []entry.Item{slot(-400, "1"), slot(0, "2"), slot(1, "3")}
	a, err := d.AcceptSent(t.Context(), who, items, []city.Moment{items[0].To + 5, items[1].To + 7200, noon})
	if err != nil || a.Accepted != 2 || len(a.Quarantined) != 1 || a.Quarantined[0].Reason != "ahead_of_clock" {
		t.Fatalf("answer %+v, %v", a, err)
	}
	if late := d.batches[0][0].(*entry.Reading).Late; late != 0 {
		t.Errorf("sent in time: late %v", late)
	}
	if late := d.batches[0][1].(*entry.Reading).Late; late != 2*time.Hour {
		t.Errorf("sent two hours later: late %v", late)
	}
	if _, err := d.AcceptSent(t.Context(), who, items, nil); err == nil {
		t.Error("three items and no times: want an error")
	}
}

func TestWithoutACityTheGateIsBusy(t *testing.T) {
	d := newDesk(t)
	d.city = nil
	if _, err := d.Accept(t.Context(), who, []entry.Item{slot(0, "1")}); !errors.Is(err, city.ErrBusy) {
		t.Errorf("error %v, want busy", err)
	}
}

func TestAnItemIsKeptAsSentUpToFourKilobytes(t *testing.T) {
	long := `{"source":"x","quality":"` + strings.Repeat("گل", 2000) + `"}`
	for _, tc := range []struct{ name, raw, want string }{
		{"compacted", "{ \"source\" : \"x\",\n \"value\": 1 }", `{"source":"x","value":1}`},
		{"broken", `{"source":`, `"{\"source\":"`},
		{"made from the fields", "", `{"source":"x","at":"2026-03-21T08:30:00Z","value":1}`},
		{"cut between characters", long, `"` + strings.ReplaceAll(long[:4095], `"`, `\"`) + `"`},
		{"much too long", `{"source":"` + strings.Repeat("x", 100_000) + `"}`, `"{\"source\":\"` + strings.Repeat("x", 4096-11) + `"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t)
			it := state("x", "1", noon)
			if tc.raw != "" {
				it.Raw = []byte(tc.raw)
			}
			d.send(t, who, it)
			if got := string(d.batches[0][0].(*entry.Quarantined).Item); got != tc.want {
				t.Errorf("kept %.80s… (%d bytes)\nwant %.80s… (%d bytes)", got, len(got), tc.want, len(tc.want))
			}
		})
	}
}

// Whatever is sent, in whatever pieces: each distinct identity is accepted once,
// and a second sending changes nothing.
func TestSendingEverythingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t)
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) entry.Item {
			if rapid.Bool().Draw(t, "event") {
				return event(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"), rapid.SampledFrom([]string{"", "x"}).Draw(t, "state"), noon)
			}
			return slot(-rapid.IntRange(0, 3).Draw(t, "slot"), rapid.SampledFrom([]string{"1", "2"}).Draw(t, "value"))
		}), 0, 30).Draw(rt, "items")
		first := map[entry.Identity]entry.Item{}
		for _, it := range items {
			id := entry.Identity{Source: city.SourceID(it.Source), At: it.From}
			if it.Event != nil {
				id = entry.Identity{ID: it.ID, State: it.Event.State}
			}
			if _, seen := first[id]; !seen {
				first[id] = it
			}
		}
		accepted := 0
		for rest := items; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "n")
			accepted += d.send(t, who, rest[:n]...).Accepted
			rest = rest[n:]
		}
		if accepted != len(first) {
			rt.Fatalf("%d accepted, %d identities", accepted, len(first))
		}
		for _, it := range first {
			if a := d.send(t, who, it); a.Duplicates != 1 {
				rt.Fatalf("first of its identity again: %+v", a)
			}
		}
	})
}

func BenchmarkAccept(b *testing.B) {
	c := testCity(b, "Asia/Tehran")
	g := collectors.New(collectors.Config{
		City:     func() *city.City { return c },
		Standing: func(entry.Entry) (entry.Standing, entry.Position, error) { return entry.New, entry.Position{}, nil },
		Append:   func(context.Context, []entry.Entry) (entry.Position, error) { return entry.Position{Batch: 1}, nil },
		Now:      func() time.Time { return noon.Time() }, Log: slog.New(slog.DiscardHandler),
	})
	items := make([]entry.Item, 5000)
	for i := range items {
		items[i] = slot(-i, "12")
	}
	b.ReportAllocs()
	for b.Loop() {
		if a, err := g.Accept(b.Context(), who, items); err != nil || a.Accepted != len(items) {
			b.Fatal(a, err)
		}
	}
	b.ReportMetric(float64(len(items))*float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}

func TestManySendersAtOnceAreJudgedApart(t *testing.T) {
	d := newDesk(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				d.send(t, collectors.Who{ID: fmt.Sprint(i)}, slot(-n, fmt.Sprint(i)), state("nowhere", "1", noon))
			}
		})
	}
	wg.Wait()
	held := map[string]int{}
	for _, b := range d.batches {
		for _, e := range b {
			if q, ok := e.(*entry.Quarantined); ok && q.Reason == "unknown_source" {
				held[q.By]++
			}
		}
	}
	for i := range 8 {
		if held[fmt.Sprint(i)] != 50 {
			t.Errorf("quarantined by sender: %v, want 50 each", held)
			break
		}
	}
}

func TestRunStoresTheCountersWhenTheMinuteTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		start := time.Now()
		d.Gate = collectors.New(collectors.Config{
			City: func() *city.City { return d.city }, Standing: d.standing, Append: d.append,
			Now: func() time.Time { return noon.Time().Add(time.Since(start)) }, Log: slog.New(slog.DiscardHandler),
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- d.Run(ctx) }()
		overflow(t, d, 7)
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if got := d.counters(); len(got) != 0 {
			t.Errorf("before the minute turned: %v", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := d.counters(); got["t1 unknown_source "+noon.String()] != 7 {
			t.Errorf("after it turned: %v", got)
		}
		overflow(t, d, 3)
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
		if got := d.counters(); got["t1 unknown_source "+(noon+60).String()] != 3 {
			t.Errorf("after a clean stop: %v", got)
		}
	})
}
