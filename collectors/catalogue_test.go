package collectors_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rasad/city"
	"rasad/city/file"
	"rasad/collectors"
	"rasad/collectors/replay"
	"rasad/collectors/simulate"
	"rasad/entry"
)

func env(t *testing.T) collectors.Env {
	return collectors.Env{
		City: testCity(t, "Asia/Tehran"), Clock: noon.Time, Log: quiet(),
		Wait: func(context.Context, city.Moment) error { return nil },
		Open: func(name string) (io.ReadCloser, error) {
			if !strings.HasPrefix(name, "examples/") { // the sample's own files
				return io.NopCloser(strings.NewReader("Sensor,Date_Time,Count\nBirrarung Marr,2015-01-01T00:00:00+1100,1630\nnobody,x,y\n")), nil
			}
			return os.Open(filepath.Join("..", filepath.FromSlash(name)))
		},
	}
}

func TestTheCatalogueIsTheFolders(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var folders, names []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "testdata" {
			folders = append(folders, e.Name())
		}
	}
	for _, k := range collectors.Catalogue() {
		names = append(names, k.Name)
	}
	if !slices.Equal(folders, names) {
		t.Errorf("folders %q, catalogue %q", folders, names)
	}
}

func TestEachFolderExplainsItself(t *testing.T) {
	for _, k := range collectors.Catalogue() {
		for _, name := range []string{"README.md", "sample.yaml", "../../docs/collectors/" + k.Name + ".md"} {
			if b, err := os.ReadFile(filepath.Join(k.Name, filepath.FromSlash(name))); err != nil || len(b) < 40 {
				t.Errorf("%s: %d bytes, %v", name, len(b), err)
			}
		}
		cases, _ := filepath.Glob(filepath.Join(k.Name, "testcases", "*"))
		if len(cases) == 0 {
			t.Errorf("%s has no testcases", k.Name)
		}
		for _, c := range cases {
			input, _ := filepath.Glob(filepath.Join(c, "input.*"))
			want, _ := filepath.Glob(filepath.Join(c, "want.json"))
			if len(input) != 1 || len(want) != 1 {
				t.Errorf("%s: want one input and one want.json", c)
			}
		}
	}
}

func TestEachKindOpensWithItsSampleAndSaysWhatIsMissing(t *testing.T) {
	documented := map[string]bool{"push": true, "simulate": true} // {} means their defaults
	for _, k := range collectors.Catalogue() {
		c, err := k.Open("sample.yaml", []byte(k.Sample), env(t))
		if err != nil || (c.Decode != nil) != (k.Way == collectors.Door) || (c.Run != nil) != (k.Way == collectors.Puller) {
			t.Errorf("%s: the sample opens as %+v, %v", k.Name, c, err)
		}
		if _, err := k.Open("x.yaml", []byte("{}"), env(t)); documented[k.Name] != (err == nil) || err != nil && !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: Open({}) = %v", k.Name, err)
		}
		if _, err := k.Open("x.yaml", []byte("no_such_key: 1"), env(t)); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: an unknown key: %v", k.Name, err)
		}
	}
}

func TestAnOpenedReplayReadsItsFiles(t *testing.T) {
	k := collectors.Catalogue()[1]
	c, err := k.Open("sample.yaml", []byte(k.Sample), env(t))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = c.Run(t.Context(), func(_ context.Context, items []entry.Item, _ []city.Moment) error { n += len(items); return nil })
	if err != nil || n != 2 {
		t.Errorf("%d items of two files, %v", n, err)
	}
	missing := errors.New("no such file")
	e := env(t)
	e.Open = func(string) (io.ReadCloser, error) { return nil, missing }
	if _, err := k.Open("sample.yaml", []byte(k.Sample), e); !errors.Is(err, missing) {
		t.Errorf("without its mapping: %v", err)
	}
}

func TestAnOpenedSimulationRunsIntoTheGate(t *testing.T) {
	d := newDesk(t)
	k := collectors.Catalogue()[2]
	e := env(t)
	done := errors.New("caught up")
	e.Wait = func(_ context.Context, m city.Moment) error {
		if m > noon {
			return done
		}
		return nil
	}
	c, err := k.Open("s.yaml", []byte("{}"), e)
	if err != nil {
		t.Fatal(err)
	}
	err = c.Run(t.Context(), func(ctx context.Context, items []entry.Item, sent []city.Moment) error {
		a, err := d.AcceptSent(ctx, who, items, sent)
		if len(a.Quarantined) > 0 {
			t.Errorf("quarantined: %+v", a.Quarantined[0])
		}
		return err
	})
	if !errors.Is(err, done) || len(d.known) < 50 {
		t.Errorf("%d readings, %v", len(d.known), err)
	}
}

// The demonstration's season: everything is accepted in time, but for what was
// sent twice and for the batches of a link that was down.
func TestASimulatedSeasonPassesTheGate(t *testing.T) {
	d := newDesk(t)
	var err error
	if d.city, err = file.Compile("isfahan.yaml", file.Isfahan()); err != nil {
		t.Fatal(err)
	}
	season := d.city.Seasons[0]
	from, _ := d.city.Clock().Day(season.One + 1)
	_, to := d.city.Clock().Day(season.One + 2)
	s, err := simulate.New(d.city, simulate.Settings{Seed: 1, Start: from, Faults: true})
	if err != nil {
		t.Fatal(err)
	}
	d.now = to
	accepted, duplicates, late := 0, 0, 0
	for m := from; m < to; m += 3600 {
		var items []entry.Item
		var sent []city.Moment
		for _, x := range s.Between(m, m+3600) {
			items, sent = append(items, x.Item), append(sent, x.At)
		}
		a, err := d.AcceptSent(t.Context(), who, items, sent)
		if err != nil || len(a.Quarantined) > 0 {
			t.Fatalf("hour of %v: %v, %+v", m, err, a.Quarantined[:min(len(a.Quarantined), 1)])
		}
		accepted, duplicates = accepted+a.Accepted, duplicates+a.Duplicates
	}
	for _, e := range d.known {
		if r, ok := e.(*entry.Reading); ok && r.Late > 0 {
			late++
			if r.Late > 5*time.Hour {
				t.Errorf("%s is %v late", r.Source, r.Late)
			}
		}
	}
	if accepted < 20_000 || duplicates < 10 || late == 0 || late > 100 {
		t.Errorf("%d accepted, %d duplicates, %d late", accepted, duplicates, late)
	}
}

func TestMelbourneReplayedTwiceChangesNothing(t *testing.T) {
	f, err := os.Open("../../shared/data/visitors/melbourne_pedestrian_2015_2016.csv")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("real data is not here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	src, err1 := os.ReadFile("../examples/melbourne/city.yaml")
	mapping, err2 := os.ReadFile("../examples/melbourne/map.yaml")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	if d.city, err = file.Compile("city.yaml", src); err != nil {
		t.Fatal(err)
	}
	m, err := replay.Open("map.yaml", mapping)
	if err != nil {
		t.Fatal(err)
	}
	items, _, err := m.Load("melbourne.csv", f, nil)
	if err != nil {
		t.Fatal(err)
	}
	var sum collectors.Answer
	sink := func(ctx context.Context, items []entry.Item, sent []city.Moment) error {
		a, err := d.AcceptSent(ctx, who, items, sent)
		sum.Accepted, sum.Duplicates = sum.Accepted+a.Accepted, sum.Duplicates+a.Duplicates
		sum.Quarantined = append(sum.Quarantined, a.Quarantined...)
		return err
	}
	for range 2 {
		if err := replay.Send(t.Context(), items, nil, sink); err != nil {
			t.Fatal(err)
		}
	}
	if sum.Accepted != 66037 || sum.Duplicates != 66037 || len(sum.Quarantined) > 0 {
		t.Errorf("%d accepted, %d duplicates, %d quarantined; want 66037, 66037, 0", sum.Accepted, sum.Duplicates, len(sum.Quarantined))
	}
	for _, e := range d.known {
		if r, ok := e.(*entry.Reading); ok && r.Late > 0 {
			t.Fatalf("%+v is late by the data's own clock", r)
		}
	}
}
