package file_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/city/file"
)

func TestEqualCitiesDoNotDiffer(t *testing.T) {
	a, b := compile(t, string(file.Isfahan())), compile(t, string(file.Isfahan()))
	if changes := file.Differences(a, b); len(changes) > 0 {
		t.Errorf("got %+v", changes)
	}
	// What followers read comes from JSON, where empty lists are not nil.
	canonical, err := a.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := city.Decode(canonical)
	if err != nil {
		t.Fatal(err)
	}
	if changes := file.Differences(kept, b); len(changes) > 0 {
		t.Errorf("after the journal: %+v", changes)
	}
}

func TestDifferencesAreToldInWords(t *testing.T) {
	for _, tc := range []struct {
		name, old, new string
		want           []file.Change
	}{
		{"capacity", "capacity: 5000", "capacity: 6000", []file.Change{{Text: "place garden: capacity 5000 -> 6000"}}},
		{"a capacity that is left out", "    capacity: 5000\n", "", []file.Change{{Text: "place garden: capacity 5000 -> 0"}}},
		{"a name", "en: Garden}", "en: Rose Garden}", []file.Change{
			{Text: "place garden: name Garden -> Rose Garden"},
			{Text: "source garden-visits: name Visits to Garden -> Visits to Rose Garden"},
			{Text: "source garden-gate-2: name Visits to Garden -> Visits to Rose Garden"},
		}},
		{"a unit", "unit: percent", "unit: m2", []file.Change{
			{Text: "source garden-soil: unit percent -> m2", Forbidden: true, Source: "garden-soil"},
			{Text: "indicator soil-moisture: unit percent -> m2"},
		}},
		{"a kind", "    kind: snapshot\n    cadence: 30m", "    kind: event", []file.Change{
			{Text: "source garden-soil: kind snapshot -> event", Forbidden: true, Source: "garden-soil"},
			{Text: "source garden-soil: cadence every 1800 s in hours 0-24 -> none"},
		}},
		{"a range", "range: [0, 60]", "range: [0.5, 60]", []file.Change{{Text: "source garden-soil: min 0 -> 0.5"}}},
		{"thresholds", "alert: 12}", "alert: 10.5}", []file.Change{{Text: "indicator soil-moisture: thresholds below: watch 18, alert 12 (of value) -> below: watch 18, alert 10.5 (of value)"}}},
		{"no thresholds", "    thresholds: {direction: below, watch: 18, alert: 12}\n", "", []file.Change{{Text: "indicator soil-moisture: thresholds below: watch 18, alert 12 (of value) -> none"}}},
		{"a target", "target: 12000", "target: 15000", []file.Change{{Text: "indicator visits-today: target 12000 -> 15000"}}},
		{"members", "of: {counts: vehicles, direction: in}", "of: {counts: vehicles, direction: out}", []file.Change{{Text: "indicator vehicles-in-today: of +shiraz-road/out, -shiraz-road/in"}}},
		{"a gate", "id: garden-gate-2", "id: garden-gate-3", []file.Change{
			{Text: "added source garden-gate-3"},
			{Text: "removed source garden-gate-2"},
			{Text: "indicator visits-today: of +garden-gate-3, -garden-gate-2"},
		}},
		{"the zone", "zone: Asia/Tehran", "zone: Asia/Dubai", []file.Change{{Text: "city: zone Asia/Tehran -> Asia/Dubai", Forbidden: true}}},
		{"a season", "to: 1406/01/15", "to: 1406/01/14", []file.Change{{Text: "season nowruz-1406: to 2027-04-04 -> 2027-04-03"}}},
		{"a screen", "    chart: visits-today\n", "", []file.Change{{Text: "screen hall: chart visits-today -> none"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := manual(t)
			changed := strings.Replace(src, tc.old, tc.new, 1)
			if changed == src {
				t.Fatalf("the manual's city has no %q", tc.old)
			}
			got := file.Differences(compile(t, src), compile(t, changed))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnotherOrderIsADifference(t *testing.T) {
	a := compile(t, string(file.Isfahan()))
	d := a.Definition
	d.Places = slices.Clone(d.Places)
	slices.Reverse(d.Places)
	b, err := city.New(d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]file.Change{{Text: "city: the order of its parts"}}, file.Differences(a, b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
