package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"rasad/city"
	"rasad/city/file"
	"rasad/history/influxtest"
)

// gates is how many sources send.
const gates = 48

// A shape is how readings come in.
type shape struct {
	each        int // readings in a request
	connections int // that send at once, each waiting for its answers
	readings    int // in one turn
}

// BenchmarkIngest prints how many readings a second the whole program makes durable
// and acknowledges, and how many points InfluxDB's own /write does, in turn: one
// iteration is a turn of each, with the same readings, from the same number of
// connections. Every answer is checked, and at the end the sum.
func BenchmarkIngest(b *testing.B) {
	town := newFlow(b)
	rasad := newRasadPeer(b, town)
	influxd := newInfluxPeer(b)
	sent := 0
	for _, l := range []shape{{1, gates, 850 * gates}, {100, 16, 400_000}, {5000, 4, 1_000_000}} {
		b.Run(fmt.Sprintf("readings=%d", l.each), func(b *testing.B) {
			ingest(b, l, town, rasad, influxd)
			sent += b.N * l.readings
		})
	}
	rasad.holds(sent)
	influxd.holds(sent)
}

// ingest gives each of the peers b.N turns.
func ingest(b *testing.B, l shape, town *flow, peers ...*peer) {
	turns := make([][]turn, len(peers))
	lines := make([][]*caller, len(peers))
	for i, p := range peers {
		lines[i] = callers(b, p.url, l.connections)
	}
	for range b.N {
		slots := town.next(l)
		for i, p := range peers {
			turns[i] = append(turns[i], p.take(b, lines[i], slots, l))
		}
	}
	var ratios []float64
	for i := range turns[0] {
		ratios = append(ratios, turns[1][i].took.Seconds()/turns[0][i].took.Seconds())
	}
	for i, p := range peers {
		var rates []float64
		var cpu, lag time.Duration
		for _, t := range turns[i] {
			rates = append(rates, float64(l.readings)/t.took.Seconds())
			cpu += t.cpu
			lag = max(lag, t.lag)
		}
		b.ReportMetric(quantile(rates, 0.5), p.name+"-readings/s")
		b.ReportMetric(cpu.Seconds()/float64(b.N*l.readings)*1e6, p.name+"-cpu-s/Mreading")
		if p.applied != nil {
			b.ReportMetric(milliseconds(lag), p.name+"-lag-ms")
		}
	}
	b.ReportMetric(quantile(ratios, 0), "ratio-min")
	b.ReportMetric(quantile(ratios, 0.5), "ratio-med")
	b.ReportMetric(quantile(ratios, 1), "ratio-max")
	b.ReportMetric(0, "ns/op") // says nothing here
}

// A slot is one reading on its way to both peers.
type slot struct {
	source string
	from   city.Moment
	v      int
}

// A flow makes readings that were never sent before: the gates of Isfahan, each
// counting by the minute, so that a day holds enough of them. Each connection has
// gates of its own, and sends the readings of a gate in the order of their time.
type flow struct {
	city  []byte
	gates []string
	at    city.Moment
}

func newFlow(b *testing.B) *flow {
	b.Helper()
	src := file.Isfahan()
	for _, key := range []string{"slot", "cadence"} {
		src = bytes.ReplaceAll(src, []byte(key+": 15m"), []byte(key+": 1m"))
	}
	src = bytes.ReplaceAll(src, []byte("every: 15m"), []byte("every: 1m"))
	c, err := compile("isfahan.yaml", src)
	if err != nil {
		b.Fatal(err)
	}
	t := &flow{city: src}
	for i := range c.Sources {
		if c.Sources[i].Kind == city.Interval && c.Sources[i].SlotSec == 60 && len(t.gates) < gates {
			t.gates = append(t.gates, string(c.Sources[i].ID))
		}
	}
	if len(t.gates) < gates {
		b.Fatalf("%d gates, want %d", len(t.gates), gates)
	}
	t.at, _ = c.Clock().Day(city.DateOf(2025, 1, 1))
	return t
}

// next returns the readings of one turn, for each connection.
func (t *flow) next(l shape) [][]slot {
	all := make([][]slot, l.connections)
	for k := range all {
		var mine []string
		for g := k; g < len(t.gates); g += l.connections {
			mine = append(mine, t.gates[g])
		}
		n := l.readings / l.connections
		all[k] = make([]slot, n)
		for i := range n {
			all[k][i] = slot{mine[i%len(mine)], t.at + city.Moment(60*(i/len(mine))), i * 7919 % 200}
		}
	}
	t.at += city.Moment(60 * (l.readings/len(t.gates) + 1))
	return all
}

// A peer is one of the two that are compared.
type peer struct {
	name    string
	url     string
	pid     int
	write   func(list []slot) []byte // a whole request
	fine    func(n int) func(status int, body []byte) bool
	applied func(total int) bool // what was answered can be read; nil: it can at once
	holds   func(total int)      // fails unless all of it is kept
	sent    int
}

// A turn is what came of one.
type turn struct {
	took time.Duration // until the last answer
	lag  time.Duration // from then on, until everything was applied
	cpu  time.Duration // of the server, until it was idle again
}

// take gives p one turn.
func (p *peer) take(b *testing.B, lines []*caller, slots [][]slot, l shape) turn {
	b.Helper()
	work := make([][][]byte, len(slots))
	for k, list := range slots {
		for ; len(list) > 0; list = list[l.each:] {
			work[k] = append(work[k], p.write(list[:l.each]))
		}
	}
	runtime.GC() // ours, not while we measure
	before := processorTime(b, p.pid)
	took, err := drive(lines, work, p.fine(l.each))
	if err != nil {
		b.Fatalf("%s: %v", p.name, err)
	}
	answered := time.Now()
	p.sent += l.readings
	if p.applied != nil {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for !p.applied(p.sent) {
			if time.Since(answered) > time.Minute {
				b.Fatalf("%s: not applied after a minute", p.name)
			}
			<-tick.C
		}
	}
	lag := time.Since(answered)
	settle(b, p.pid)
	return turn{took, lag, processorTime(b, p.pid) - before}
}

func newRasadPeer(b *testing.B, town *flow) *peer {
	b.Helper()
	dir := b.TempDir()
	cityFile, data := filepath.Join(dir, "city.yaml"), filepath.Join(dir, "data")
	if err := os.WriteFile(cityFile, town.city, 0o600); err != nil {
		b.Fatal(err)
	}
	server := start(b, "serve", "--city", cityFile, "--data", data, "--listen", "127.0.0.1:0")
	token := newToken(b, data, "--city", cityFile, "--backfill")
	header := "Authorization: Bearer " + token + "\r\nContent-Type: application/json\r\n"
	zone := time.FixedZone("", 12600) // as a gate in Isfahan writes its times
	write := func(list []slot) []byte {
		body := []byte(`{"readings":[`)
		for i, s := range list {
			if i > 0 {
				body = append(body, ',')
			}
			body = append(append(body, `{"source":"`...), s.source...)
			body = s.from.Time().In(zone).AppendFormat(append(body, `","from":"`...), time.RFC3339)
			body = (s.from + 60).Time().In(zone).AppendFormat(append(body, `","to":"`...), time.RFC3339)
			body = strconv.AppendInt(append(body, `","value":`...), int64(s.v), 10)
			body = append(body, '}')
		}
		return written(server.url, "/api/v1/readings", header, append(body, "]}"...))
	}
	return &peer{
		name: "rasad", url: server.url, pid: server.cmd.Process.Pid, write: write,
		fine: func(n int) func(int, []byte) bool {
			want := fmt.Appendf(nil, `{"accepted":%d,"duplicates":0,"quarantined":[],`, n)
			return func(status int, body []byte) bool { return status == 200 && bytes.HasPrefix(body, want) }
		},
		applied: func(total int) bool { return server.metric("rasad_readings_total") == float64(total) },
		holds: func(total int) {
			if got := server.metric("rasad_readings_total"); got != float64(total) {
				b.Errorf("rasad holds %.0f readings, want %d", got, total)
			}
			if code := server.stop(); code != 0 {
				b.Errorf("rasad serve ends with %d:\n%s", code, server.text())
			}
		},
	}
}

func newInfluxPeer(b *testing.B) *peer {
	b.Helper()
	server := influxtest.New(b, influxtest.Options{})
	if _, err := server.Query(b.Context(), "", "CREATE DATABASE bench"); err != nil {
		b.Fatal(err)
	}
	write := func(list []slot) []byte {
		var body []byte
		for _, s := range list {
			body = append(append(body, "reading,source="...), s.source...)
			body = strconv.AppendInt(append(body, " v="...), int64(s.v), 10)
			body = strconv.AppendInt(append(body, "i,to="...), int64(s.from+60), 10)
			body = strconv.AppendInt(append(body, "i "...), int64(s.from), 10)
			body = append(body, '\n')
		}
		return written(server.URL, "/write?db=bench&precision=s", "", body)
	}
	return &peer{
		name: "influxd", url: server.URL, pid: server.PID(), write: write,
		fine: func(int) func(int, []byte) bool { return func(status int, _ []byte) bool { return status == 204 } },
		holds: func(total int) {
			answer, err := server.Query(b.Context(), "bench", "SELECT count(v) FROM reading")
			if err != nil {
				b.Error(err)
				return
			}
			if got := influxCount(answer); got != float64(total) {
				b.Errorf("influxd holds %.0f points, want %d: %s", got, total, answer)
			}
		},
	}
}

// influxCount returns the one number of an answer.
func influxCount(answer string) float64 {
	var a struct {
		Results []struct {
			Series []struct{ Values [][]float64 }
		}
	}
	if json.Unmarshal([]byte(answer), &a) != nil || len(a.Results) == 0 || len(a.Results[0].Series) == 0 {
		return 0
	}
	return a.Results[0].Series[0].Values[0][1]
}
