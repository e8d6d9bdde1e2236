package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"rasad/city"
	"rasad/city/file"
	"rasad/server/hub"
)

const (
	hallScreens = 200
	postEvery   = 50 * time.Millisecond
	postLines   = 8 // so that a slow answer holds up nobody's turn
	crowding    = "people-present"
	mostPresent = 60_000 // the believable range of the city file ends here
)

// BenchmarkReadingToFrame prints how long a reading takes from the moment before it
// is sent until the frame with its tile has come to each of 200 screens of one view;
// and beside it how long the answer to the same request took. One iteration is one
// reading; twenty are sent a second. It fails unless every screen got every one.
func BenchmarkReadingToFrame(b *testing.B) {
	data := b.TempDir()
	server := start(b, "serve", "--data", data, "--listen", "127.0.0.1:0")
	h := &hall{b: b, server: server, lines: callers(b, server.url, postLines)}
	h.header = "Authorization: Bearer " + newToken(b, data) + "\r\nContent-Type: application/json\r\n"
	c, err := compile("isfahan.yaml", file.Isfahan())
	if err != nil {
		b.Fatal(err)
	}
	for i := range c.Sources {
		if s := &c.Sources[i]; s.Counts == crowding && s.Place != "" {
			h.sources, h.places = append(h.sources, string(s.ID)), append(h.places, string(s.Place))
		}
	}
	if len(h.sources) < 24 { // each is sent once a second at most: a snapshot's identity is its second
		b.Fatalf("%d places are counted, want 24", len(h.sources))
	}
	h.open(http.Header{"Authorization": {"Bearer " + newToken(b, data, "--class", "display", "--opens", "hall")}})
	b.Run(fmt.Sprintf("screens=%d", hallScreens), func(b *testing.B) { h.measure(b) })
}

// A hall is 200 screens that show one view.
type hall struct {
	b       *testing.B
	server  *program
	header  string
	lines   []*caller
	sources []string // of people present, one a place
	places  []string
	running atomic.Pointer[posting]

	mu    sync.Mutex
	known map[string][]present // what the frames say that came before: screens share them
}

// A present is one place's tile in a frame.
type present struct {
	place string
	value int
}

// A posting is the readings of one measurement: number i says first+i people.
type posting struct {
	first   int
	sent    []time.Time
	answers []time.Duration
	missing atomic.Int64  // arrivals
	done    chan struct{} // gets a token when none is
	arrived [][]time.Time // of each screen, of each reading
}

// open connects the screens, fifty from an address, with the headers as.
func (h *hall) open(as http.Header) {
	h.b.Helper()
	h.known = map[string][]present{}
	for k := range hallScreens {
		from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+k/50))}}
		dial := websocket.Dialer{NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return from.DialContext(ctx, network, addr)
		}}
		conn, res, err := dial.DialContext(h.b.Context(), "ws"+strings.TrimPrefix(h.server.url, "http")+"/ws?view=hall", as)
		if err != nil {
			h.b.Fatal(err)
		}
		_ = res.Body.Close()
		var reader sync.WaitGroup
		reader.Go(func() { h.watch(k, conn) })
		h.b.Cleanup(func() { _ = conn.Close(); reader.Wait() })
	}
}

// watch is one screen.
func (h *hall) watch(k int, conn *websocket.Conn) {
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return
		}
		now := time.Now()
		p := h.running.Load()
		if p == nil {
			continue
		}
		for _, tile := range h.tiles(frame) {
			if i := tile.value - p.first; 0 <= i && i < len(p.sent) && tile.place == h.places[tile.value%len(h.places)] {
				p.arrive(k, i, len(h.places), now)
			}
		}
	}
}

// arrive notes that screen k shows reading i, and with it those before it of the
// same place, which it has overtaken.
func (p *posting) arrive(k, i, places int, now time.Time) {
	for ; i >= 0 && p.arrived[k][i].IsZero(); i -= places {
		p.arrived[k][i] = now
		if p.missing.Add(-1) == 0 {
			p.done <- struct{}{}
		}
	}
}

// tiles returns the places in a frame; each frame is read once, for all screens.
func (h *hall) tiles(frame []byte) []present {
	h.mu.Lock()
	defer h.mu.Unlock()
	if list, ok := h.known[string(frame)]; ok {
		return list
	}
	var f struct {
		Tiles []struct {
			ID    string
			Value *float64
		}
	}
	if err := json.Unmarshal(frame, &f); err != nil {
		h.b.Errorf("frame %.200s: %v", frame, err)
	}
	var list []present
	for _, t := range f.Tiles {
		if place, ok := strings.CutPrefix(t.ID, crowding+"/"); ok && t.Value != nil {
			list = append(list, present{place, int(*t.Value)})
		}
	}
	h.known[string(frame)] = list
	return list
}

// measure posts b.N readings and reports how long they took.
func (h *hall) measure(b *testing.B) {
	p := &posting{first: 1, sent: make([]time.Time, b.N), answers: make([]time.Duration, b.N), done: make(chan struct{}, 1)}
	if last := h.running.Load(); last != nil {
		p.first = last.first + len(last.sent)
	}
	if p.first+b.N > mostPresent {
		b.Fatalf("%d readings are too many", b.N)
	}
	p.missing.Store(int64(hallScreens * b.N))
	for range hallScreens {
		p.arrived = append(p.arrived, make([]time.Time, b.N))
	}
	h.running.Store(p)
	before, began := processorTime(b, h.server.cmd.Process.Pid), time.Now()
	h.post(b, p)
	select {
	case <-p.done:
	case <-time.After(15 * time.Second):
		b.Fatalf("%d of %d frames have not come", p.missing.Load(), hallScreens*b.N)
	}
	used := processorTime(b, h.server.cmd.Process.Pid) - before
	b.ReportMetric(100*used.Seconds()/time.Since(began).Seconds(), "server-cpu-%")
	p.report(b)
}

// post sends the readings at their times, whether or not those before are answered.
func (h *hall) post(b *testing.B, p *posting) {
	b.Helper()
	faults := make(chan error, postLines)
	begin := time.Now()
	var all sync.WaitGroup
	for n, line := range h.lines {
		all.Go(func() {
			for i := n; i < b.N; i += postLines {
				at := begin.Add(time.Duration(i) * postEvery)
				<-time.After(time.Until(at))
				if err := h.one(line, p, i, at); err != nil {
					faults <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-faults:
		b.Fatal(err)
	default:
	}
}

// one posts reading i, which was due at the time at.
func (h *hall) one(line *caller, p *posting, i int, at time.Time) error {
	value := p.first + i
	body := fmt.Sprintf(`{"readings":[{"source":%q,"at":%q,"value":%d}]}`, h.sources[value%len(h.sources)], city.At(at), value)
	request := written(h.server.url, "/api/v1/readings", h.header, []byte(body))
	p.sent[i] = time.Now()
	status, answer, err := line.send(request)
	p.answers[i] = time.Since(p.sent[i])
	if err == nil && (status != 200 || !strings.HasPrefix(string(answer), `{"accepted":1,`)) {
		err = errors.New(string(answer))
	}
	return err
}

func (p *posting) report(b *testing.B) {
	var frames []time.Duration
	for k := range p.arrived {
		for i, at := range p.arrived[k] {
			frames = append(frames, at.Sub(p.sent[i]))
		}
	}
	for _, x := range []struct {
		name string
		list []time.Duration
	}{{"frame", frames}, {"answer", p.answers}} {
		b.ReportMetric(milliseconds(quantile(x.list, 0.5)), x.name+"-p50-ms")
		b.ReportMetric(milliseconds(quantile(x.list, 0.99)), x.name+"-p99-ms")
		b.ReportMetric(milliseconds(quantile(x.list, 1)), x.name+"-max-ms")
	}
	goal := hub.Interval + 100*time.Millisecond
	b.ReportMetric(quantile(frames, 0.99).Seconds()/goal.Seconds(), "p99/goal")
	b.ReportMetric(float64(len(frames)), "arrivals")
	b.ReportMetric(0, "ns/op") // says nothing here
}
