package file_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/city/file"
)

// The demonstration city with one indicator more, over sources chosen so.
func chosen(of string) []byte {
	return []byte(strings.Replace(string(file.Isfahan()), "indicators:\n", `indicators:
  - id: probe
    name: {fa: آزمون, en: Probe}
    definition: {fa: آزمون., en: Probe.}
    theme: visitors
    of: `+of+`
    how: max
    over: day
    by: city
    owner: parks
`, 1))
}

func TestSourcesAreChosenByWhatTheyHaveInCommon(t *testing.T) {
	for _, tc := range []struct {
		of   string
		want []city.SourceID
	}{
		{"khaju-visits", []city.SourceID{"khaju-visits"}},
		{"[khaju-visits, vank-tickets]", []city.SourceID{"khaju-visits", "vank-tickets"}},
		{"{sources: [vank-tickets, khaju-visits]}", []city.SourceID{"vank-tickets", "khaju-visits"}},
		{"{counts: visits, place: khaju}", []city.SourceID{"khaju-visits"}},
		{"{counts: visits, place: [vank, khaju]}", []city.SourceID{"khaju-visits", "vank-tickets"}},
		{"{counts: vehicles, direction: out, district: [district-12, district-15]}", []city.SourceID{"tehran-road/out", "nain-road/out"}},
		{"{direction: in, district: district-8}", []city.SourceID{"kaveh-terminal-passengers/in"}},
		{"{counts: [requests-online, requests-in-person], department: parks}", []city.SourceID{"parks-requests-online", "parks-requests-in-person"}},
		{"{counts: free-beds}", []city.SourceID{"free-beds-hotels", "free-beds-houses", "free-beds-schools", "free-beds-dormitories", "free-beds-camp"}},
	} {
		c, err := file.Compile("city.yaml", chosen(tc.of))
		if err != nil {
			t.Errorf("%s: %v", tc.of, err)
			continue
		}
		if diff := cmp.Diff(tc.want, c.Indicator("probe").Of); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.of, diff)
		}
	}
}

func TestChoicesThatChooseNothingAreRefused(t *testing.T) {
	for of, want := range map[string]string{
		"{counts: visist}":                          `no source has counts "visist": did you mean "visits"?`,
		"{counts: visits, place: [khaju, kaju]}":    `no source has place "kaju": did you mean "khaju"?`,
		"{counts: visits, district: district-99}":   `no source has district "district-99": did you mean "district-9"?`,
		"{counts: visits, department: war}":         `no source has department "war"`,
		"{counts: visits, department: transport}":   "selects no source",
		"{counts: visits, direction: in}":           "selects no source",
		"{counts: vehicles, direction: up}":         `unknown direction "up": want in or out`,
		"{counts: visits, sources: [khaju-visits]}": "name the sources, or say what they have in common: not both",
		"[khaju-visist]":                            `no source "khaju-visist"`,
		"[]":                                        "of is missing: want at least one source",
	} {
		_, err := file.Compile("city.yaml", chosen(of))
		var faults *file.FaultsError
		if !errors.As(err, &faults) || faults.List[0].Message != want {
			t.Errorf("%s: got %v, want %q", of, err, want)
		}
	}
}

func TestAnIndicatorsUnitIsThatOfItsSources(t *testing.T) {
	c, err := file.Compile("city.yaml", chosen("{counts: soil-moisture}"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Indicator("probe").Unit; got != city.Percent {
		t.Errorf("the unit is %s", got)
	}
	if got := c.Indicator("requests-online-share"); got.Unit != city.Percent || *got.Target != 8000 {
		t.Errorf("a share is in %s, its target %d", got.Unit, *got.Target)
	}
	if got := c.Indicator("watered-today").Unit; got != city.SquareMetre {
		t.Errorf("watered area is in %s", got)
	}
	wrong := strings.Replace(string(chosen("{counts: soil-moisture}")), "    how: max\n", "    how: max\n    unit: person\n", 1)
	if _, err := file.Compile("city.yaml", []byte(wrong)); err == nil || !strings.Contains(err.Error(), `unit is "person", but source`) {
		t.Errorf("another unit: %v", err)
	}
}
