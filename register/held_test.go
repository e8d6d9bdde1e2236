package register

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func TestQuarantinedEntriesWaitForARulingAndTheFirstHolds(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(quarantined("gate"), quarantined("gate"), quarantined("litter-3"), &entry.Refused{Reason: "full", N: 7}))
	refused(t, s, b, b.act("p-ava", entry.DoDiscard, "2.1", note("a test")), "")
	refused(t, s, b, b.act("p-bita", entry.DoRelease, "2.1", note("no")), measure.RefusedAlready)
	refused(t, s, b, b.act("p-bita", entry.DoRelease, "2.3", note("no")), measure.RefusedNotFound)
	refused(t, s, b, b.act("p-bita", entry.DoRelease, "x", note("no")), measure.RefusedNotFound)
	h, err := s.Held(t.Context(), entry.Position{Batch: 2, Index: 1})
	want := Held{Pos: entry.Position{Batch: 2, Index: 1}, At: bookStart.Add(2 * time.Second), Entry: *quarantined("gate"), Ruled: entry.DoDiscard, By: "p-ava", Why: "a test", RuledAt: bookStart.Add(3 * time.Second)}
	if d := cmp.Diff(want, h); d != "" || err != nil {
		t.Error(err, d)
	}
	if _, err := s.Held(t.Context(), entry.Position{Batch: 2, Index: 3}); !errors.Is(err, city.ErrNotFound) {
		t.Error(err)
	}
	for _, tc := range []struct {
		waiting bool
		limit   int
		before  entry.Position
		want    string
	}{
		{false, 9, entry.Position{}, "[2.2 2.1 2.0]"},
		{true, 9, entry.Position{}, "[2.2 2.0]"},
		{true, 1, entry.Position{}, "[2.2]"},
		{false, 9, entry.Position{Batch: 2, Index: 2}, "[2.1 2.0]"},
		{true, 9, entry.Position{Batch: 2, Index: 2}, "[2.0]"},
	} {
		list, err := s.Quarantine(t.Context(), tc.waiting, tc.limit, tc.before)
		var got []entry.Position
		for _, h := range list {
			got = append(got, h.Pos)
		}
		if err != nil || fmt.Sprint(got) != tc.want {
			t.Errorf("%+v: %v, %v", tc, got, err)
		}
	}
	waiting, bySource, err := s.QuarantineCounts(t.Context())
	if err != nil || waiting != 2 || !cmp.Equal(bySource, map[string]int{"gate": 1, "litter-3": 1}) {
		t.Error(waiting, bySource, err)
	}
	if n := s.Counts(); n.Quarantined != 3 || n.Waiting != 2 || n.Beyond != 7 {
		t.Errorf("%+v", n)
	}
}
