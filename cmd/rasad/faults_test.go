package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rasad/history/influxtest"
)

// yesterday returns the local midnight of the day before today in Isfahan.
func yesterday(t testing.TB) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tehran")
	if err != nil {
		t.Fatal(err)
	}
	y, m, d := time.Now().In(zone).Date()
	return time.Date(y, m, d-1, 0, 0, 0, 0, zone)
}

const gate = "naqsh-e-jahan-visits"

func TestASecondServerOnTheSameDataSaysWhoHasIt(t *testing.T) {
	data := t.TempDir()
	p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	code, out := rasad(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	if code != exitInUse || !strings.Contains(out, strconv.Itoa(p.cmd.Process.Pid)) {
		t.Errorf("second server: exit code %d, %s; want %d and the pid %d", code, out, exitInUse, p.cmd.Process.Pid)
	}
	p.kill()
	again := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0") // the lock of a killed one is no lock
	if code := again.stop(); code != 0 {
		t.Errorf("stop: exit code %d\n%s", code, again.text())
	}
}

func TestWrongUseIsExitCodeTwo(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "city.yaml")
	if err := os.WriteFile(bad, []byte("format: 1\nid: x\nzone: Asia/Teheran\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unused := filepath.Join(t.TempDir(), "data")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"sevre"}, "rasad --help"},
		{[]string{"demo", "--speed", "0"}, "want more than 0"},
		{[]string{"demo", "--at", "noon"}, "2027-03-24T18:00"},
		{[]string{"check", "--city", bad}, bad + ":3:"},
		{[]string{"serve", "--city", bad, "--data", t.TempDir()}, bad + ":3:"},
		{[]string{"check", "--city", bad + ".missing"}, "no such file"},
		{[]string{"serve", "--data", unused, "--listen", "0.0.0.0:0"}, "other machines could reach it"},
		{[]string{"serve", "--data", unused, "--influx-url", "127.0.0.1:8086"}, "http"},
	} {
		if code, out := rasad(t, tc.args...); code != exitUsage || !strings.Contains(out, tc.want) {
			t.Errorf("rasad %s: exit code %d, want %d; output without %q:\n%s", strings.Join(tc.args, " "), code, exitUsage, tc.want, out)
		}
	}
	if _, err := os.Stat(unused); err == nil {
		t.Error("a refused start has made its data folder")
	}
	if code, out := rasad(t, "check", "--city", "../../city/file/isfahan.yaml"); code != 0 {
		t.Errorf("check of Isfahan: exit code %d: %s", code, out)
	}
}

// What comes in through the door stands on the board, duplicates change nothing,
// and what is wrong is told and kept.
func TestFromTheDoorToTheBoard(t *testing.T) {
	data := t.TempDir()
	p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	token := newToken(t, data, "--source", gate) // through the running server
	body := gate15(gate, yesterday(t), 96)
	want := 0.0
	for i := range 96 {
		want += float64(10 + i%7)
	}
	for range 2 {
		status, got, err := p.post(token, body)
		if err != nil || status != http.StatusOK || got.Accepted+got.Duplicates != 96 || len(got.Quarantined) != 0 {
			t.Fatalf("post: %d, %+v, %v", status, got, err)
		}
		eventually(t, 10*time.Second, func() string {
			if tile := p.tiles("all")["visits-yesterday/naqsh-e-jahan"]; tile.Value == nil || *tile.Value != want {
				return fmt.Sprintf("tile %+v, want %g", tile, want)
			}
			return ""
		})
	}
	p.refuses(token)
	wide := newToken(t, data)
	status, got, err := p.post(wide, gate15("no-such-gate", yesterday(t), 1))
	if err != nil || status != 200 || len(got.Quarantined) != 1 || got.Quarantined[0].Reason != "unknown_source" {
		t.Errorf("unknown source: %d, %+v, %v", status, got, err)
	}
	if status, _, err := p.post(wide, `{"readings":[`+strings.Repeat(" ", 9<<20)+`]}`); err == nil && status != http.StatusRequestEntityTooLarge {
		t.Errorf("9 MB of body: status %d, want 413", status)
	}
	var ready struct{ Notes []string }
	if p.get("/readyz", &ready); !strings.Contains(fmt.Sprint(ready.Notes), "quarantine") {
		t.Errorf("readyz tells of no quarantine: %q", ready.Notes)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("stop: exit code %d\n%s", code, p.text())
	}
}

// refuses sends what must not be accepted.
func (p *program) refuses(token string) {
	p.t.Helper()
	at := yesterday(p.t).UTC().Format(time.RFC3339)
	end := yesterday(p.t).Add(15 * time.Minute).UTC().Format(time.RFC3339)
	reading := func(rest string) string {
		return fmt.Sprintf(`{"readings":[{"source":%q,"from":%q,"to":%q,%s}]}`, gate, at, end, rest)
	}
	for _, tc := range []struct {
		token, body string
		status      int
		reason      string
	}{
		{"", reading(`"value":1`), 401, ""},
		{"rsd_nonsense", reading(`"value":1`), 401, ""},
		{token, strings.Replace(reading(`"value":1`), gate, "khaju-visits", 1), 403, ""},
		{token, reading(`"value":NaN`), 400, ""},
		{token, reading(`"value":1`)[:40], 400, ""},
		{token, reading(`"vlaue":1`), 400, ""},
		{token, reading(`"value":99999`), 200, "out_of_range"},
		{token, reading(`"value":-1`), 200, "out_of_range"},
		{token, reading(`"value":1.5`), 200, "finer_than_step"},
		{token, reading(`"value":12,"unit":"person"`), 200, "unit_mismatch"},
		{token, reading(`"value":12,"kind":"snapshot"`), 200, "kind_mismatch"},
		{token, reading(`"value":4000`), 200, "conflict"},
		{token, strings.Replace(reading(`"value":12`), at, "2031-01-01T00:00:00Z", 1), 200, ""},
	} {
		status, got, err := p.post(tc.token, tc.body)
		if err != nil || status != tc.status || status == 200 && (got.Accepted != 0 || len(got.Quarantined) != 1 || tc.reason != "" && got.Quarantined[0].Reason != tc.reason) {
			p.t.Errorf("post %s: %d, %+v, %v; want %d %s", tc.body, status, got, err, tc.status, tc.reason)
		}
	}
}

// A byte flipped in a segment stops serve with its place; the second directory
// heals it, and the same numbers stand on the board again.
func TestAFlippedByteStopsServeAndIsHealed(t *testing.T) {
	data, second := t.TempDir(), t.TempDir()
	serve := []string{"serve", "--data", data, "--second", second, "--listen", "127.0.0.1:0"}
	p := start(t, serve...)
	token := newToken(t, data)
	for i := range 20 {
		if status, _, err := p.post(token, gate15(gate, yesterday(t).Add(time.Duration(i)*time.Hour), 4)); err != nil || status != 200 {
			t.Fatal(status, err)
		}
	}
	p.stop()
	segments, err := filepath.Glob(filepath.Join(data, "journal", "*.rasad"))
	if err != nil || len(segments) == 0 {
		t.Fatal(segments, err)
	}
	whole, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	at := strings.LastIndex(string(whole), `"batch":7,`)
	broken := append([]byte(nil), whole...)
	broken[at+700] ^= 4
	if err := os.WriteFile(segments[0], broken, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out := rasad(t, serve...)
	if code == 0 || !strings.Contains(out, filepath.Base(segments[0])) || !strings.Contains(out, "verify --repair") {
		t.Errorf("serve on a broken segment: exit code %d: %s; want its place and the cure", code, out)
	}
	check := []string{"verify", "--data", data, "--second", second}
	if code, out := rasad(t, check...); code != exitBroken || !strings.Contains(out, "batch 7") {
		t.Errorf("verify: exit code %d: %s; want %d and batch 7", code, out, exitBroken)
	}
	if code, out := rasad(t, append(check, "--repair")...); code != 0 {
		t.Errorf("verify --repair: exit code %d: %s", code, out)
	}
	if healed, err := os.ReadFile(segments[0]); err != nil || string(healed) != string(whole) {
		t.Errorf("after the repair the segment differs, %v", err)
	}
	if kept, err := filepath.Glob(filepath.Join(data, "journal", "*.broken")); err != nil || len(kept) != 1 {
		t.Errorf("the broken segment was not kept: %q, %v", kept, err)
	}
	again := start(t, serve...)
	if tile := again.tiles("all")["visits-yesterday/naqsh-e-jahan"]; tile.Value == nil {
		t.Error("after the repair the board is empty")
	}
}

// InfluxDB is away at the start, comes, goes and comes again: tiles go on, readyz
// says so, and all rows are there once.
func TestInfluxMayBeAway(t *testing.T) {
	addr := freeAddr(t)
	dir, data := t.TempDir(), t.TempDir()
	p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--influx-url", "http://"+addr)
	token := newToken(t, data)
	day := yesterday(t)
	send := func(from, n int) {
		t.Helper()
		status, got, err := p.post(token, gate15(gate, day.Add(time.Duration(from)*15*time.Minute), n))
		if err != nil || status != 200 || got.Accepted != n {
			t.Fatalf("post: %d, %+v, %v", status, got, err)
		}
	}
	tile := func() float64 {
		if v := p.tiles("all")["visits-yesterday/naqsh-e-jahan"].Value; v != nil {
			return *v
		}
		return 0
	}
	told := func(want bool) func() string {
		return func() string {
			var ready struct {
				Ready bool
				Notes []string
			}
			p.get("/readyz", &ready)
			if !ready.Ready || strings.Contains(fmt.Sprint(ready.Notes), "InfluxDB") != want {
				return fmt.Sprintf("readyz: %+v", ready)
			}
			return ""
		}
	}
	send(0, 30)
	eventually(t, 20*time.Second, told(true))
	eventually(t, 10*time.Second, func() string {
		if tile() == 0 {
			return "no tile while InfluxDB is away"
		}
		return ""
	})
	before := tile()
	server, err := influxtest.Open(t.Context(), influxtest.Options{Dir: dir, Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	eventually(t, 90*time.Second, rowsOf(t, server, 30))
	eventually(t, 20*time.Second, told(false))

	server.Kill()
	send(30, 40)
	eventually(t, 30*time.Second, told(true))
	eventually(t, 10*time.Second, func() string {
		if after := tile(); after <= before {
			return fmt.Sprintf("the tile stands still while InfluxDB is away: %g, before %g", after, before)
		}
		return ""
	})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, 120*time.Second, rowsOf(t, server, 70))
}

// rowsOf waits for exactly n rows of readings.
func rowsOf(t *testing.T, s *influxtest.Server, n int) func() string {
	return func() string {
		answer, err := s.Query(t.Context(), "rasad", `SELECT count(v) FROM reading`)
		if err != nil {
			return err.Error()
		}
		var got struct {
			Results []struct {
				Series []struct{ Values [][]json.Number }
			}
		}
		if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got.Results) == 0 || len(got.Results[0].Series) == 0 {
			return "rows: " + answer
		}
		if rows := got.Results[0].Series[0].Values[0][1].String(); rows != strconv.Itoa(n) {
			return "rows in InfluxDB: " + rows + ", want " + strconv.Itoa(n)
		}
		return ""
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A power cut: the program is frozen on a file system of its own, whose image is
// copied as the disk has it at that moment, and mounted again.
func TestAPowerCutLosesNothingAcknowledged(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a power cut needs root to mount")
	}
	dir := t.TempDir()
	image, copied := filepath.Join(dir, "disk"), filepath.Join(dir, "disk-after")
	mustRun(t, "truncate", "-s", "96M", image)
	mustRun(t, "mkfs.ext4", "-q", image)
	at := mount(t, image, filepath.Join(dir, "at"))
	data := filepath.Join(at, "data")
	small := filepath.Join(dir, "rasad.yaml") // a disk of 96 MB lies below the usual floor
	if err := os.WriteFile(small, []byte("journal: {floor_mb: 8}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "serve", "--config", small, "--data", data, "--listen", "127.0.0.1:0")
	token := newToken(t, data)
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("w%d-%d", w, i)
				body := fmt.Sprintf(`{"readings":[{"source":"district-3-litter","at":%q,"value":1,"id":%q}]}`, yesterday(t).UTC().Format(time.RFC3339), id)
				if status, got, err := p.post(token, body); err == nil && status == 200 && got.Accepted == 1 {
					mu.Lock()
					acknowledged[id] = true
					mu.Unlock()
				}
			}
		})
	}
	eventually(t, time.Minute, func() string {
		mu.Lock()
		defer mu.Unlock()
		if len(acknowledged) < 500 {
			return "too little was acknowledged"
		}
		return ""
	})
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	sure := make([]string, 0, len(acknowledged))
	for id := range acknowledged {
		sure = append(sure, id)
	}
	mu.Unlock()
	mustRun(t, "cp", "--sparse=always", image, copied) // without a sync: what is not on the disk is lost
	cancel()
	p.kill()
	writers.Wait()

	after := mount(t, copied, filepath.Join(dir, "after"))
	again := start(t, "serve", "--config", small, "--data", filepath.Join(after, "data"), "--listen", "127.0.0.1:0")
	for len(sure) > 0 {
		n := min(len(sure), 500)
		var items []string
		for _, id := range sure[:n] {
			items = append(items, fmt.Sprintf(`{"source":"district-3-litter","at":%q,"value":1,"id":%q}`, yesterday(t).UTC().Format(time.RFC3339), id))
		}
		status, got, err := again.post(token, `{"readings":[`+strings.Join(items, ",")+`]}`)
		if err != nil || status != 200 || got.Duplicates != n {
			t.Fatalf("after the power cut: %d, %+v, %v; want %d known", status, got, err, n)
		}
		sure = sure[n:]
	}
	again.stop()
}

func mustRun(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

func mount(t *testing.T, image, at string) string {
	t.Helper()
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "mount", "-o", "loop", image, at)
	t.Cleanup(func() { _ = exec.CommandContext(context.Background(), "umount", "-l", at).Run() })
	return at
}

func TestTheDemonstrationIsLiveAtOnce(t *testing.T) {
	began := time.Now()
	p := start(t, "demo", "--listen", "127.0.0.1:0", "--speed", "60")
	eventually(t, time.Minute, func() string {
		for id, tile := range p.tiles("hall") {
			if tile.Value == nil || tile.At == nil {
				return id + " has no value"
			}
		}
		return ""
	})
	t.Logf("every tile of the hall had a value %.1f s after the start", time.Since(began).Seconds())
	first := p.tiles("hall")["people-present"]
	eventually(t, time.Minute, func() string {
		if now := p.tiles("hall")["people-present"]; !now.At.After(*first.At) {
			return "the people present stand still"
		}
		return ""
	})
	if !regexp.MustCompile(`/wall/hall\b`).MatchString(p.text()) {
		t.Errorf("demo does not say what to open:\n%s", p.text())
	}
	if code := p.stop(); code != 0 {
		t.Errorf("stop: exit code %d\n%s", code, p.text())
	}
}
