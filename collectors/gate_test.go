package collectors_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
)

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
	if want := `denied: readings[1]: t1 may not write source "soil"; it may write gate`; err == nil || err.Error() != want {
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
