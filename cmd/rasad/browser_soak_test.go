package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/cdproto/runtime"
	"github.com/gorilla/websocket"
)

// A crowder stands between a wall and the server and tells the wall each change
// many times over, every time with other values: a night's updates in a minute.
type crowder struct {
	t     testing.TB
	to    *url.URL
	pass  http.Handler
	times int
}

func crowded(t testing.TB, p *program, times int) string {
	t.Helper()
	to, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	c := &crowder{t: t, to: to, pass: httputil.NewSingleHostReverseProxy(to), times: times}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	return s.URL
}

func (c *crowder) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" {
		c.pass.ServeHTTP(rw, r)
		return
	}
	server, res, err := websocket.DefaultDialer.DialContext(r.Context(), "ws://"+c.to.Host+r.URL.RequestURI(), nil)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	defer server.Close()
	var up websocket.Upgrader
	wall, err := up.Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	defer wall.Close()
	go func() { // what the wall asks, until it goes
		for {
			kind, b, err := wall.ReadMessage()
			if err != nil || server.WriteMessage(kind, b) != nil {
				_ = server.Close()
				return
			}
		}
	}()
	rev := 0.0
	for {
		_, b, err := server.ReadMessage()
		if err != nil {
			return // the wall has gone, or the test is over
		}
		if rev, err = c.tell(wall, b, rev); err != nil {
			return
		}
	}
}

// tell hands a frame on; a patch goes out many times, counted in revisions of its own.
func (c *crowder) tell(wall *websocket.Conn, b []byte, rev float64) (float64, error) {
	var frame map[string]any
	if err := json.Unmarshal(b, &frame); err != nil {
		return rev, err
	}
	if frame["type"] != "patch" {
		if n, ok := frame["rev"].(float64); ok {
			rev = n
		}
		return rev, wall.WriteMessage(websocket.TextMessage, b)
	}
	for i := range c.times {
		frame["since"], frame["rev"] = rev, rev+1
		rev++
		for _, x := range frame["tiles"].([]any) {
			tile := x.(map[string]any)
			if v, ok := tile["value"].(float64); ok && i > 0 {
				tile["value"] = v + float64(i%7)
			}
		}
		if err := wall.WriteJSON(frame); err != nil {
			return rev, err
		}
	}
	return rev, nil
}

// A weight is what a page costs its browser, after the rubbish is taken out.
type weight struct {
	heap  float64 // bytes
	nodes int64
}

func (w *tab) weigh() weight {
	w.t.Helper()
	call(w, heapprofiler.CollectGarbage, cdp.Empty{})
	heap := call(w, runtime.GetHeapUsage, cdp.Empty{})
	return weight{heap.UsedSize, call(w, memory.GetDOMCounters, cdp.Empty{}).Nodes}
}

func TestAWallCostsTheSameAfterAWeekOfUpdates(t *testing.T) {
	b := newBrowser(t)
	updates, within := 50_000, 5*time.Minute
	if os.Getenv("RASAD_LONG") != "" {
		updates, within = 1_000_000, time.Hour
	}
	// Half an hour a second: days begin and end, places fill and empty, charts are drawn anew.
	p := start(t, "demo", "--listen", "127.0.0.1:0", "--seed", "1406", "--speed", "1800", "--at", early)
	wall, _, _, _ := sizes()
	w := b.open(t, crowded(t, p, 16)+"/wall/hall", wall)
	w.begun()
	at := func(n int) weight {
		t.Helper()
		eventually(t, within, func() string {
			// A short question: the browser keeps something of each.
			if got := eval[int](w, "rasad.updates"); got < n {
				return fmt.Sprintf("%d updates of %d", got, n)
			}
			return ""
		})
		got := w.weigh()
		t.Logf("%7d updates or more: %.2f MB, %d nodes", n, got.heap/1e6, got.nodes)
		return got
	}
	const warm = 5_000
	first := at(warm)
	var last weight
	for i := range 5 {
		last = at(warm + updates*(i+1)/5)
	}
	if last.heap-first.heap > 1e6 {
		t.Errorf("the heap grew from %.2f to %.2f MB", first.heap/1e6, last.heap/1e6)
	}
	if d := last.nodes - first.nodes; d < -50 || d > 50 {
		t.Errorf("the page had %d nodes, and has %d", first.nodes, last.nodes)
	}
	if n := w.shownTimes(); n != 1 {
		t.Errorf("the page was loaded %d times", n)
	}
	if r := w.read(); r.Line != "live" || strings.Contains(r.Text, "NaN") {
		t.Errorf("in the end the wall is %q and says %s", r.Line, r.Text)
	}
	w.whole()
	w.calm()
}
