package collectors_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rasad/collectors"
	"rasad/entry"
)

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
