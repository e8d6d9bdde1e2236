package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rasad/city"
	"rasad/collectors/push"
	"rasad/days"
	"rasad/history"
	"rasad/history/influx"
	"rasad/history/influxtest"
)

const (
	melbourneFile = "visitors/melbourne_pedestrian_2015_2016.csv"
	melbourneCity = "../../examples/melbourne/city.yaml"
	melbourneMap  = "../../examples/melbourne/map.yaml"
)

// A sensorDay is one sensor on one local date, as the file names it.
type sensorDay struct {
	source city.SourceID
	date   string
}

// straight computes the daily totals from the file alone, by its own Date column.
func straight(t *testing.T, path string) (totals map[sensorDay]int64, rows int) {
	t.Helper()
	sites := map[string]city.SourceID{
		"Birrarung Marr":                "birrarung-marr",
		"Bourke Street Mall (North)":    "bourke-street-mall-north",
		"QV Market-Elizabeth St (West)": "qv-market-elizabeth-st-west",
		"Southern Cross Station":        "southern-cross-station",
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	totals = map[sensorDay]int64{}
	r := csv.NewReader(f)
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return totals, rows - 1
		}
		if err != nil {
			t.Fatal(err)
		}
		rows++
		if rows == 1 {
			continue
		}
		n, err := strconv.ParseInt(row[4], 10, 64)
		if err != nil || sites[row[0]] == "" {
			t.Fatalf("row %d: %q, %v", rows, row, err)
		}
		totals[sensorDay{sites[row[0]], row[2]}] += n
	}
}

// readTotals asks a reader for the same.
func readTotals(t *testing.T, r history.Reader, c *city.City) map[sensorDay]int64 {
	t.Helper()
	zone := c.Clock()
	from, _ := zone.Day(city.DateOf(2014, 12, 1))
	to, _ := zone.Day(city.DateOf(2017, 2, 1))
	out := map[sensorDay]int64{}
	for i := range c.Sources {
		src := &c.Sources[i]
		cells, err := r.Cells(t.Context(), src, from, to, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range cells {
			out[sensorDay{src.ID, zone.Date(cell.From).String()}] += cell.Sum
		}
	}
	return out
}

func sameTotals(t *testing.T, what string, got, want map[sensorDay]int64) {
	t.Helper()
	wrong := 0
	for k, w := range want {
		if g, ok := got[k]; !ok || g != w {
			if wrong++; wrong < 5 {
				t.Errorf("%s: %v = %d, the file says %d", what, k, g, w)
			}
		}
	}
	if wrong > 0 || len(got) != len(want) {
		t.Errorf("%s: %d of %d sensor days differ, %d are there", what, wrong, len(want), len(got))
	}
}

// openDays reads a data folder's days; the program has stopped.
func openDays(t *testing.T, data string) (*days.Store, *city.City) {
	t.Helper()
	s, err := days.Open(days.Config{Path: filepath.Join(data, "days.db"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	c, _, err := s.City(0)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

// The real file, at full speed through the whole program: each sensor's daily
// totals in days, in InfluxDB and after a rebuild are those of the file, and the
// board shows the day just closed.
func TestMelbourneReplayedEqualsTheFile(t *testing.T) {
	file := dataFile(t, melbourneFile)
	want, rows := straight(t, file)
	server := influxtest.New(t, influxtest.Options{})
	data := t.TempDir()
	replay := []string{"replay", "--city", melbourneCity, "--map", melbourneMap, "--data", data, "--listen", "127.0.0.1:0", "--influx-url", server.URL, file}

	p := start(t, replay...)
	eventually(t, 2*time.Minute, func() string {
		if !strings.Contains(p.text(), fmt.Sprintf("accepted %d, duplicates 0\n", rows)) {
			return "not everything was accepted: " + p.text()
		}
		return ""
	})
	checkClosedDay(t, p, want)
	eventually(t, 2*time.Minute, func() string { return p.lagOf("influx") })
	if code := p.stop(); code != 0 {
		t.Errorf("rasad replay: exit code %d\n%s", code, p.text())
	}

	store, c := openDays(t, data)
	sameTotals(t, "days", readTotals(t, history.FromDays(store, c.Clock()), c), want)
	copied, err := influx.Open(influx.Config{URL: server.URL}, c.Clock())
	if err != nil {
		t.Fatal(err)
	}
	sameTotals(t, "InfluxDB", readTotals(t, copied, c), want)
	before, err := store.Checksum(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	again := start(t, append(replay[:len(replay)-1:len(replay)-1], "--exit", file)...)
	<-again.done
	if !strings.Contains(again.text(), fmt.Sprintf("accepted 0, duplicates %d\n", rows)) {
		t.Errorf("replayed twice: %s", again.text())
	}
	sameTotals(t, "InfluxDB after the second replay", readTotals(t, copied, c), want)

	if code, out := rasad(t, "rebuild", "--data", data); code != 0 {
		t.Fatalf("rasad rebuild: exit code %d: %s", code, out)
	}
	rebuilt, c := openDays(t, data)
	sameTotals(t, "days after a rebuild", readTotals(t, history.FromDays(rebuilt, c.Clock()), c), want)
	if after, err := rebuilt.Checksum(t.Context()); err != nil || after != before {
		t.Errorf("rebuild: checksum %x, %v; want %x: not equal to the bit", after, err, before)
	}
}

// checkClosedDay compares the board with the file: the data end at midnight, so
// 31 December 2016 is the day just closed.
func checkClosedDay(t *testing.T, p *program, want map[sensorDay]int64) {
	t.Helper()
	eventually(t, 10*time.Second, func() string {
		tiles := p.tiles("all")
		var sum int64
		for k, n := range want {
			if k.date != "2016-12-31" {
				continue
			}
			sum += n
			if tile := tiles["visits-yesterday/"+string(k.source)]; tile.Value == nil || int64(*tile.Value) != n {
				return fmt.Sprintf("board: %+v, the file says %d for %v", tile, n, k)
			}
		}
		if tile := tiles["visits-yesterday"]; tile.Value == nil || int64(*tile.Value) != sum {
			return fmt.Sprintf("board: %+v, the file says %d for the whole city", tile, sum)
		}
		return ""
	})
}

// lagOf returns "" once a follower has caught up, or words.
func (p *program) lagOf(follower string) string {
	res, err := http.Get(p.url + "/metrics")
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	want := fmt.Sprintf(`rasad_follower_lag_batches{follower=%q} `, follower)
	for line := range strings.Lines(string(body)) {
		if lag, ok := strings.CutPrefix(line, want); ok {
			if strings.TrimSpace(lag) == "0" && strings.Contains(string(body), "rasad_influx_reachable 1") {
				return ""
			}
			return "lag of " + follower + ": " + lag
		}
	}
	return "no lag of " + follower
}

// The server is killed five times in the middle of the real file; its sender
// repeats what was not acknowledged. The totals are those of the file.
func TestKilledFiveTimesTheTotalsAreRight(t *testing.T) {
	file := dataFile(t, melbourneFile)
	want, rows := straight(t, file)
	data := t.TempDir()
	args := []string{"serve", "--city", melbourneCity, "--data", data, "--listen", "127.0.0.1:0"}
	if code, out := rasad(t, "token", "create", "--city", melbourneCity, "--data", data, "--name", "early"); code != 0 {
		t.Fatalf("token before the first start: %s", out)
	}
	token := newToken(t, data, "--city", melbourneCity, "--backfill")
	bodies := melbourneBodies(t, file, 400)
	rng := rand.New(rand.NewPCG(5, 5))
	killAt := map[int]bool{}
	for len(killAt) < 5 {
		killAt[4*(1+rng.IntN(len(bodies)/4-2))] = true
	}
	p := start(t, args...)
	accepted, repeated := 0, 0
	for i := 0; i < len(bodies); i++ {
		sure := make([]int, 4) // readings acknowledged before the kill, by body
		if killAt[i] {
			delete(killAt, i)
			sure = p.killedUnder(token, bodies[i:i+4])
			p = start(t, args...)
		}
		for k, body := range bodies[i:min(i+4, len(bodies))] {
			status, got, err := p.post(token, body)
			if err != nil || status != http.StatusOK {
				t.Fatalf("post %d: status %d, %v", i, status, err)
			}
			accepted += got.Accepted
			repeated += got.Duplicates
			if sure[k] > 0 && got.Duplicates != sure[k] {
				t.Errorf("%d readings were acknowledged before the kill, %d are known after it", sure[k], got.Duplicates)
			}
		}
		i += 3
	}
	t.Logf("rows %d: accepted %d, known already when they were sent again %d", rows, accepted, repeated)
	if accepted+repeated != rows {
		t.Errorf("accepted %d and known %d, want %d rows", accepted, repeated, rows)
	}
	if repeated == 0 {
		t.Error("no kill came between a commit and the sender's next request: the test shows nothing")
	}
	if code := p.stop(); code != 0 {
		t.Errorf("rasad serve: exit code %d\n%s", code, p.text())
	}
	store, c := openDays(t, data)
	sameTotals(t, "days", readTotals(t, history.FromDays(store, c.Clock()), c), want)
	if code, out := rasad(t, "verify", "--data", data); code != 0 {
		t.Errorf("rasad verify: exit code %d: %s", code, out)
	}
}

// killedUnder sends bodies at once and kills the program when the first of them is
// answered. It returns how many readings of each body were acknowledged.
func (p *program) killedUnder(token string, bodies []string) []int {
	acknowledged := make([]int, len(bodies))
	answered := make(chan struct{}, len(bodies))
	for k, body := range bodies {
		go func() {
			if _, got, err := p.post(token, body); err == nil {
				acknowledged[k] = got.Accepted
			}
			answered <- struct{}{}
		}()
	}
	<-answered
	p.kill()
	for range len(bodies) - 1 {
		<-answered
	}
	return acknowledged
}

// melbourneBodies cuts the file into requests of n readings.
func melbourneBodies(t *testing.T, file string, n int) []string {
	t.Helper()
	c := &replayCmd{Map: melbourneMap, Files: []string{file}}
	items, err := c.read(&env{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for len(items) > 0 {
		k := min(n, len(items))
		bodies = append(bodies, string(push.Append(nil, items[:k])))
		items = items[k:]
	}
	return bodies
}
