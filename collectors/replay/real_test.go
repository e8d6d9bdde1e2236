package replay_test

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/city/file"
	"rasad/collectors/replay"
	"rasad/entry"
)

// realFile opens a file of real data; it is not part of the repository.
func realFile(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("../../../shared/data/visitors", name))
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("real data is not here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// totals adds Melbourne's counts up straight from the file, whose own Date column
// says the local day.
func totals(t *testing.T, r io.Reader) map[string]int {
	t.Helper()
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{
		"Birrarung Marr": "birrarung-marr", "Bourke Street Mall (North)": "bourke-street-mall-north",
		"QV Market-Elizabeth St (West)": "qv-market-elizabeth-st-west", "Southern Cross Station": "southern-cross-station",
	}
	sum := map[string]int{}
	for _, r := range rows[1:] {
		n, err := strconv.Atoi(r[4])
		if err != nil {
			t.Fatal(err)
		}
		sum[ids[r[0]]+" "+r[2]] += n
	}
	return sum
}

func TestMelbourneDailyTotalsAreThoseOfTheFile(t *testing.T) {
	src, err1 := os.ReadFile("../../examples/melbourne/city.yaml")
	mapping, err2 := os.ReadFile("../../examples/melbourne/map.yaml")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	c, err := file.Compile("city.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	m := open(t, string(mapping))
	for _, id := range m.Sources() {
		if c.Source(city.SourceID(id)) == nil {
			t.Errorf("the city has no source %s", id)
		}
	}
	f := realFile(t, "melbourne_pedestrian_2015_2016.csv")

	want := totals(t, f)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	items, tally, err := m.Load("melbourne.csv", f, func(err error) { t.Error(err) })
	if err != nil || tally != (replay.Tally{Rows: 66037, Items: 66037}) {
		t.Fatalf("tally %+v, %v", tally, err)
	}
	t.Logf("%d rows in %v", tally.Rows, time.Since(start))
	got, seen := map[string]int{}, map[entry.Identity]bool{}
	for _, it := range items {
		n, err := strconv.Atoi(it.Number)
		if err != nil {
			t.Fatal(err)
		}
		got[it.Source+" "+c.Clock().Date(it.From).String()] += n
		id := entry.Identity{Source: city.SourceID(it.Source), At: it.From}
		if seen[id] || it.To-it.From != 3600 || c.Clock().Floor(it.From, 3600) != it.From {
			t.Fatalf("%v is there twice, or is no hour", it)
		}
		seen[id] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRealFilesOfOtherCitiesAreReadWhole(t *testing.T) {
	for _, tc := range []struct {
		file, mapping string
		want          replay.Tally
		faults        []string // what the rows that cannot be used say
	}{
		{"fremont_bridge.csv", "testcases/columns/map.yaml", replay.Tally{Rows: 47395, Empty: 4, Bad: 5, Items: 94782}, []string{"does not exist in America/Los_Angeles"}},
		{"leeds/2014-07.csv", "testcases/leeds-dmy/map.yaml", replay.Tally{Rows: 5376, Empty: 4032, Items: 1344}, nil},
	} {
		mapping, err := os.ReadFile(tc.mapping)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("West Sidewalk", "Fremont Bridge West Sidewalk", "East Sidewalk", "Fremont Bridge East Sidewalk",
			"High Street", "Briggate", "Market at Corner", "Briggate at McDonalds").Replace(string(mapping))
		got := load(t, open(t, text), tc.file, realFile(t, tc.file))
		if got.Tally != tc.want {
			t.Errorf("%s: %+v, want %+v; %q", tc.file, got.Tally, tc.want, got.Faults)
		}
		for _, f := range got.Faults {
			if len(tc.faults) == 0 || !strings.Contains(f, tc.faults[0]) {
				t.Errorf("%s: %s", tc.file, f)
			}
		}
	}
}
