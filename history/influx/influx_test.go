package influx_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/history"
	"rasad/history/historytest"
	"rasad/history/influx"
	"rasad/history/influxtest"
)

func open(t *testing.T, cfg influx.Config, zone *city.Zone) *influx.Store {
	t.Helper()
	s, err := influx.Open(cfg, zone)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// ask sends a statement past the store.
func ask(t *testing.T, server *influxtest.Server, db, q string) string {
	t.Helper()
	out, err := server.Query(t.Context(), db, q)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// dump is every row of some tables.
func dump(t *testing.T, server *influxtest.Server, db string, tables ...string) string {
	t.Helper()
	return ask(t, server, db, `SELECT * FROM "`+strings.Join(tables, `", "`)+`" GROUP BY *`)
}

// someDays appends readings and events of the quarters [first, end), late and
// revised ones among them.
func someDays(t *testing.T, g *historytest.Ground, first, end int) {
	t.Helper()
	for i := first; i < end; i++ {
		at := g.City.Clock().Floor(city.Moment(1_806_000_000+i*900), 900)
		number := g.Append(t,
			&entry.Reading{Source: historytest.Gate, From: at, To: at + 900, V: city.Steps(i), Late: time.Duration(i%3) * 30 * time.Hour},
			&entry.Reading{Source: historytest.Crowd, From: at, To: at, V: city.Steps(2 * i)},
			&entry.Event{Source: historytest.Reports, At: at + 7, ID: fmt.Sprint(i), Case: "report", State: "opened", V: 1},
		)
		if i%10 == 0 {
			g.Append(t, &entry.Reading{Source: historytest.Gate, From: at, To: at + 900, V: 1, Revises: entry.Position{Batch: number}, Reason: "again"})
		}
	}
}

func TestInfluxKeepsTheContractOfHistory(t *testing.T) {
	server := influxtest.New(t, influxtest.Options{})
	n := 0
	historytest.Run(t, func(t *testing.T, g *historytest.Ground) historytest.Subject {
		n++
		store := open(t, influx.Config{URL: server.URL, Bucket: fmt.Sprintf("contract-%d", n)}, g.City.Clock())
		parked := filepath.Join(t.TempDir(), "parked.jsonl")
		return historytest.Subject{Reader: store, Sync: func(t *testing.T) {
			if s := historytest.Drain(t, g.Days, store, parked); s.Parked != 0 {
				t.Fatalf("parked rows: %+v", s)
			}
		}}
	})
}

func TestRowsKeepTheirTypesAndTextMakesNoMeasurement(t *testing.T) {
	server := influxtest.New(t, influxtest.Options{})
	g := historytest.NewGround(t, "Asia/Tehran")
	var batch []entry.Entry
	for i, text := range historytest.HostileTexts() {
		batch = append(batch, &entry.Event{
			Source: historytest.Reports, At: city.Moment(1_806_000_000 + i), ID: text, State: text, Category: text, Place: city.PlaceID(text), V: city.MaxSteps,
		}, &entry.Reading{Source: historytest.Crowd, From: city.Moment(1_806_000_000 + i), To: city.Moment(1_806_000_000 + i), V: -city.MaxSteps, Quality: text})
	}
	g.Append(t, batch...)
	someDays(t, g, 0, 20)
	if s := historytest.Drain(t, g.Days, open(t, influx.Config{URL: server.URL}, g.City.Clock()), filepath.Join(t.TempDir(), "parked")); s.Parked != 0 {
		t.Fatalf("state %+v", s)
	}
	want := `{"results":[{"statement_id":0,"series":[{"name":"measurements","columns":["name"],"values":[["event"],["position"],["reading"],["source_1h"]]}]}]}`
	if got := ask(t, server, "rasad", "SHOW MEASUREMENTS"); got != want {
		t.Errorf("measurements: %s", got)
	}
	types := map[history.Type]string{history.Int: "integer", history.Text: "string", history.Bool: "boolean"}
	for _, table := range history.Tables() {
		keys := ask(t, server, "rasad", `SHOW FIELD KEYS FROM "`+table.Name+`"`)
		for _, f := range table.Fields {
			if !strings.Contains(keys, fmt.Sprintf(`[%q,%q]`, f.Name, types[f.Type])) {
				t.Errorf("%s: field %s is not pinned as %s: %s", table.Name, f.Name, f.Type, keys)
			}
		}
		if n := strings.Count(keys, `["`) - 1; n != len(table.Fields) { // the columns are one more
			t.Errorf("%s has %d fields, want %d: %s", table.Name, n, len(table.Fields), keys)
		}
		tags := ask(t, server, "rasad", `SHOW TAG KEYS FROM "`+table.Name+`"`)
		for _, tag := range table.Tags {
			if !strings.Contains(tags, fmt.Sprintf("[%q]", tag)) {
				t.Errorf("%s: no tag %s: %s", table.Name, tag, tags)
			}
		}
	}
}

func TestWritingEverythingAgainChangesNothing(t *testing.T) {
	server := influxtest.New(t, influxtest.Options{})
	g := historytest.NewGround(t, "Asia/Tehran")
	store, parked := open(t, influx.Config{URL: server.URL}, g.City.Clock()), filepath.Join(t.TempDir(), "parked")
	someDays(t, g, 0, 50)
	historytest.Drain(t, g.Days, store, parked)
	before := dump(t, server, "rasad", "reading", "event", "source_1h")
	if !strings.Contains(before, "opened") {
		t.Fatal("nothing was written")
	}
	ask(t, server, "rasad", `DROP MEASUREMENT "position"`)
	if s := historytest.Drain(t, g.Days, store, parked); s.Written == 0 {
		t.Errorf("not written again: %+v", s)
	}
	if after := dump(t, server, "rasad", "reading", "event", "source_1h"); after != before {
		t.Errorf("rows changed:\n%s\nwere\n%s", after, before)
	}
}

// A follower is a running writer that tells of each change of its state.
type follower struct {
	*history.Writer
	told chan history.State
	stop func()
}

func follow(t *testing.T, g *historytest.Ground, store history.Rows) *follower {
	t.Helper()
	f := &follower{told: make(chan history.State, 64)}
	w, err := history.NewWriter(history.WriterConfig{
		Days: g.Days, Rows: store, Parked: filepath.Join(t.TempDir(), "parked.jsonl"), Changed: func(s history.State) { f.told <- s },
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Writer = w
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	f.stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	return f
}

// until waits for a state that is told.
func (f *follower) until(t *testing.T, what string, is func(history.State) bool) {
	t.Helper()
	late := time.After(2 * time.Minute)
	for {
		select {
		case s := <-f.told:
			if is(s) {
				return
			}
		case <-late:
			t.Fatalf("never %s: %+v", what, f.State())
		}
	}
}

func reachable(s history.State) bool { return s.Reachable }
func away(s history.State) bool      { return !s.Reachable }

func TestInfluxAwayAtTheStartAndInBetweenGetsAllRowsOnce(t *testing.T) {
	server := influxtest.New(t, influxtest.Options{})
	server.Stop()
	g := historytest.NewGround(t, "Asia/Tehran")
	someDays(t, g, 0, 30)
	store := open(t, influx.Config{URL: server.URL}, g.City.Clock())
	f := follow(t, g, store)
	f.until(t, "away", away)
	restart(t, server)
	f.until(t, "reachable", reachable)
	server.Kill() // in the middle, without a word
	someDays(t, g, 25, 60)
	f.until(t, "away again", away)
	restart(t, server)
	f.until(t, "reachable again", reachable)
	f.stop()
	if s := f.State(); s.Lag != 0 || s.Parked != 0 {
		t.Errorf("state %+v", s)
	}
	calm := open(t, influx.Config{URL: server.URL, Bucket: "calm"}, g.City.Clock())
	historytest.Drain(t, g.Days, calm, filepath.Join(t.TempDir(), "parked"))
	same(t, server, g, store, calm)
}

// same checks that two stores hold the same readings and events, and the same
// newest cells.
func same(t *testing.T, server *influxtest.Server, g *historytest.Ground, store, calm *influx.Store) {
	t.Helper()
	got, want := dump(t, server, "rasad", "reading", "event"), dump(t, server, "calm", "reading", "event")
	if got != want || !strings.Contains(want, "opened") {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
	for i := range g.City.Sources {
		src := &g.City.Sources[i]
		a, err1 := store.Cells(t.Context(), src, 1_805_000_000, 1_807_000_000, 0)
		b, err2 := calm.Cells(t.Context(), src, 1_805_000_000, 1_807_000_000, 0)
		if err1 != nil || err2 != nil || !slices.Equal(a, b) {
			t.Errorf("cells of %s: %v %v\n%+v\nwant\n%+v", src.ID, err1, err2, a, b)
		}
	}
}

func restart(t *testing.T, server *influxtest.Server) {
	t.Helper()
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestEmptiedInfluxIsFilledAgain(t *testing.T) {
	server := influxtest.New(t, influxtest.Options{})
	g := historytest.NewGround(t, "Asia/Tehran")
	someDays(t, g, 0, 30)
	store := open(t, influx.Config{URL: server.URL}, g.City.Clock())
	f := follow(t, g, store)
	f.until(t, "reachable", reachable)
	ask(t, server, "", `DROP DATABASE "rasad"`)
	someDays(t, g, 30, 31) // the next rows find no database
	f.until(t, "away", away)
	f.until(t, "reachable again", reachable)
	f.stop()
	calm := open(t, influx.Config{URL: server.URL, Bucket: "calm"}, g.City.Clock())
	historytest.Drain(t, g.Days, calm, filepath.Join(t.TempDir(), "parked"))
	same(t, server, g, store, calm)
}

func TestRowsThatInfluxNeverTakesAreParked(t *testing.T) {
	server := influxtest.New(t, influxtest.Options{})
	g := historytest.NewGround(t, "Asia/Tehran")
	store := open(t, influx.Config{URL: server.URL}, g.City.Clock())
	if _, err := store.Position(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Someone else wrote a text where a number belongs, in the same shard.
	post(t, server, "reading,source=stranger v=\"x\" 1806000000000000000\n")
	someDays(t, g, 0, 20)
	f := follow(t, g, store)
	f.until(t, "reachable", reachable)
	f.stop()
	s := f.State()
	if s.Parked != 42 || s.Lag != 0 || s.Words != "" { // 20 of the gate, 2 revised, 20 of the crowd
		t.Errorf("state %+v", s)
	}
	events, err := store.Readings(t.Context(), g.City.Source(historytest.Reports), 1_805_000_000, 1_807_000_000, 0)
	if err != nil || len(events) != 20 {
		t.Errorf("%d events, %v", len(events), err)
	}
	cells, err := store.Cells(t.Context(), g.City.Source(historytest.Gate), 1_805_000_000, 1_807_000_000, 0)
	if err != nil || len(cells) < 5 {
		t.Errorf("%d cells, %v", len(cells), err)
	}
}

// post writes line protocol past the store.
func post(t *testing.T, server *influxtest.Server, lines string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/write?db=rasad", strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatal(resp.Status)
	}
}

func TestCredentialsOpenAnInfluxThatAsksForThem(t *testing.T) {
	server := influxtest.New(t, influxtest.Options{Auth: true})
	g := historytest.NewGround(t, "Asia/Tehran")
	someDays(t, g, 0, 3)
	wrong := open(t, influx.Config{URL: server.URL, Token: influxtest.User + ":wrong-secret"}, g.City.Clock())
	f := follow(t, g, wrong)
	f.until(t, "away", func(s history.State) bool {
		return !s.Reachable && strings.Contains(s.Words, "credentials") && !strings.Contains(s.Words, "wrong-secret")
	})
	f.stop()
	right := open(t, influx.Config{URL: server.URL, Token: influxtest.User + ":" + influxtest.Password}, g.City.Clock())
	if s := historytest.Drain(t, g.Days, right, filepath.Join(t.TempDir(), "parked")); s.Written == 0 {
		t.Errorf("state %+v", s)
	}
	if _, err := wrong.Cells(t.Context(), &g.City.Sources[0], 0, 7200, 0); !errors.Is(err, city.ErrDenied) {
		t.Errorf("read with wrong credentials: %v", err)
	}
}
