package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestAScreenIsGreetedThenGetsTheSnapshotThenPatches(t *testing.T) {
	b := newBoard(2)
	s := open(t, b, nil)
	c := s.dial(nil)
	c.until("number-1", 0)
	b.set(1, 42)
	c.until("number-1", 42)
	if want := []string{"hello", "snapshot", "patch"}; !slices.Equal(c.seen, want) {
		t.Errorf("frames %v, want %v", c.seen, want)
	}
	h := c.hello
	if h.Version != "v1" || h.Epoch != "e1" || h.Now != "2027-03-21T06:30:00.123Z" || h.Speed != 10 {
		t.Errorf("hello = %+v", h)
	}
}

func TestAllScreensGetTheSameFrames(t *testing.T) {
	b := newBoard(20)
	s := open(t, b, nil)
	var screens []*screen
	for range 200 {
		screens = append(screens, s.dial(nil))
	}
	for _, c := range screens {
		c.until("number-0", 0)
	}
	for i := range 20 {
		b.set(i, int64(i+1))
	}
	b.set(0, 1000)
	var wg sync.WaitGroup
	for _, c := range screens {
		wg.Go(func() {
			for c.tiles["number-0"] != 1000 || c.tiles["number-19"] != 20 {
				if _, err := c.next(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for i := range 20 {
		for n, c := range screens {
			want := float64(i + 1)
			if i == 0 {
				want = 1000
			}
			if got := c.tiles[fmt.Sprintf("number-%d", i)]; got != want {
				t.Fatalf("screen %d shows %v for tile %d, want %v", n, got, i, want)
			}
		}
	}
	if n := testutil.ToFloat64(s.hub.metrics.clients); n != 200 {
		t.Errorf("clients = %v", n)
	}
}

func TestAStalledScreenGetsTheNewestStateAndNoBacklog(t *testing.T) {
	b := newBoard(40)
	s := open(t, b, func(c *Config) { c.Interval = time.Millisecond })
	healthy, stalled := s.dial(nil), s.dial(small())
	var last int64
	for testutil.ToFloat64(s.hub.metrics.skipped) < 50 { // its socket is full now
		last++
		for i := range 40 {
			b.set(i, last)
		}
		healthy.until("number-39", float64(last))
	}
	for range 500 {
		last++
		b.set(7, last)
		healthy.until("number-7", float64(last))
	}
	stalled.until("number-7", float64(last))
	if got := int64(len(stalled.seen)); got > last-400 {
		t.Errorf("%d frames for %d states: a backlog was kept", got, last)
	}
	if stalled.rev != healthy.rev {
		t.Errorf("stalled at revision %d, healthy at %d", stalled.rev, healthy.rev)
	}
}

func TestAStalledScreenIsCutAndTheOthersGoOn(t *testing.T) {
	b := newBoard(40)
	s := open(t, b, func(c *Config) { c.Interval, c.DeadAfter = time.Millisecond, 300*time.Millisecond })
	healthy, stalled := s.dial(nil), s.dial(small())
	end := time.Now().Add(patience)
	var last int64
	cut := s.hub.metrics.cut.WithLabelValues("stalled")
	for testutil.ToFloat64(cut) == 0 {
		if time.Now().After(end) {
			t.Fatal("the stalled client was never cut")
		}
		last++
		for i := range 40 {
			b.set(i, last)
		}
		healthy.until("number-39", float64(last))
	}
	stalled.closed()
	if n := testutil.ToFloat64(cut); n != 1 {
		t.Errorf("cut %v clients as stalled, want 1", n)
	}
}

func TestResumeBringsASnapshot(t *testing.T) {
	s := open(t, newBoard(1), nil)
	c := s.dial(nil)
	c.until("number-0", 0)
	for range 2 {
		if err := c.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"resume"}`)); err != nil {
			t.Fatal(err)
		}
		for {
			f, err := c.next()
			if err != nil {
				t.Fatal(err)
			}
			if f.Type == "snapshot" {
				break
			}
		}
	}
}

func TestAnotherSetOfTilesBringsEverybodyASnapshot(t *testing.T) {
	b := newBoard(3)
	s := open(t, b, nil)
	c := s.dial(nil)
	c.until("number-2", 0)
	b.mu.Lock()
	b.tiles, b.revs = b.tiles[:1], b.revs[:1]
	b.rev++
	b.floor, b.revs[0], b.tiles[0].Figure.Value = b.rev, b.rev, 9
	b.mu.Unlock()
	c.until("number-0", 9)
	if len(c.tiles) != 1 || c.seen[len(c.seen)-1] != "snapshot" {
		t.Errorf("tiles %v after %v", c.tiles, c.seen)
	}
}

func TestAScreenWhoseViewIsGoneIsToldSo(t *testing.T) {
	b := newBoard(1)
	s := open(t, b, nil)
	c := s.dial(nil)
	c.until("number-0", 0)
	b.mu.Lock()
	b.hidden = true
	b.rev++
	b.floor = b.rev
	b.mu.Unlock()
	if code := c.closed(); code != websocket.ClosePolicyViolation {
		t.Errorf("code %d", code)
	}
}

func TestAScreenThatMayLookNoMoreIsToldWhy(t *testing.T) {
	for _, code := range []int{CloseSignedOut, CloseDenied} {
		b := newBoard(1)
		s := open(t, b, func(c *Config) { c.HoldsEvery = 5 * time.Millisecond })
		c := s.dial(nil)
		c.until("number-0", 0)
		s.code.Store(int64(code))
		if got := c.closed(); got != code {
			t.Errorf("closed with %d, want %d", got, code)
		}
	}
}

// A screen that takes nothing is full: it ends without a close frame, and at once.
func TestAStalledScreenThatMayLookNoMoreIsCut(t *testing.T) {
	b := newBoard(40)
	s := open(t, b, func(c *Config) { c.Interval, c.HoldsEvery = time.Millisecond, 5*time.Millisecond })
	s.dial(small())
	for v := int64(1); testutil.ToFloat64(s.hub.metrics.skipped) < 50; v++ {
		for i := range 40 {
			b.set(i, v)
		}
	}
	s.code.Store(CloseDenied)
	end := time.Now().Add(patience)
	for testutil.ToFloat64(s.hub.metrics.clients) != 0 {
		if time.Now().After(end) {
			t.Fatal("the stalled screen still looks")
		}
		runtime.Gosched()
	}
	if n := testutil.ToFloat64(s.hub.metrics.cut.WithLabelValues("right")); n != 1 {
		t.Errorf("%v cut for that", n)
	}
}

func TestPingsKeepComingWhenNothingChanges(t *testing.T) {
	s := open(t, newBoard(1), func(c *Config) { c.PingEvery = 5 * time.Millisecond })
	c := s.dial(nil)
	control := 0
	c.conn.SetPingHandler(func(string) error { control++; return nil })
	for n := 0; n < 5; {
		f, err := c.next()
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == "ping" {
			n++
			if f.Now != "2027-03-21T06:30:00.123Z" {
				t.Errorf("ping says %q", f.Now)
			}
		}
	}
	if control < 3 {
		t.Errorf("%d control pings beside 5 ping frames", control)
	}
}

func TestASilentScreenIsCut(t *testing.T) {
	s := open(t, newBoard(1), func(c *Config) { c.PingEvery, c.Heard = 5*time.Millisecond, 100*time.Millisecond })
	c := s.dial(nil)
	c.conn.SetPingHandler(func(string) error { return nil }) // answers no ping
	if code := c.closed(); code != 0 && code != websocket.CloseAbnormalClosure {
		t.Errorf("code %d", code)
	}
}

func TestPingsOfAScreenAreAnswered(t *testing.T) {
	s := open(t, newBoard(1), nil)
	c := s.dial(nil)
	got := ""
	c.conn.SetPongHandler(func(p string) error { got = p; return nil })
	if err := c.conn.WriteControl(websocket.PingMessage, []byte("سلام"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	b := s.board
	for i := int64(1); got == ""; i++ {
		b.set(0, i)
		c.until("number-0", float64(i))
	}
	if got != "سلام" {
		t.Errorf("pong %q", got)
	}
}

func TestEveryScreenIsToldThatTheServerStops(t *testing.T) {
	b := newBoard(40)
	s := open(t, b, func(c *Config) { c.Interval = time.Millisecond })
	healthy, stalled := s.dial(nil), s.dial(small())
	for last := int64(1); testutil.ToFloat64(s.hub.metrics.skipped) < 3; last++ {
		for i := range 40 {
			b.set(i, last)
		}
		healthy.until("number-39", float64(last))
	}
	start := time.Now()
	s.stop()
	if code := healthy.closed(); code != websocket.CloseGoingAway {
		t.Errorf("code %d, want 1001", code)
	}
	s.wait()
	if took := time.Since(start); took > CloseFor+time.Second {
		t.Errorf("stopping took %v", took)
	}
	stalled.closed()
	if err := s.hub.Admit(&Guest{IP: stalledAddr()}); err == nil {
		t.Error("a socket was admitted after the end")
	}
}

func TestAPanicEndsNeitherTheProcessNorTheOtherScreens(t *testing.T) {
	b := newBoard(1)
	s := open(t, b, nil)
	c := s.dial(nil)
	c.until("number-0", 0)
	b.mu.Lock()
	b.panics = "Since"
	b.mu.Unlock()
	eventually(t, "the panic is counted", func() bool { return testutil.ToFloat64(s.hub.metrics.panics.WithLabelValues("tick")) > 0 })
	b.mu.Lock()
	b.panics = ""
	b.mu.Unlock()
	b.set(0, 5)
	c.until("number-0", 5)
	if text := s.log.String(); !strings.Contains(text, "planted") || !strings.Contains(text, "hub.go") {
		t.Errorf("log lacks the panic or its stack: %.300s", text)
	}
}

func TestAPanicWhileServingOneScreenClosesItWith1011(t *testing.T) {
	b := newBoard(1)
	s := open(t, b, nil)
	healthy := s.dial(nil)
	healthy.until("number-0", 0)
	v := s.hub.watched()[0]
	b.mu.Lock()
	b.panics = "Snapshot"
	b.mu.Unlock()
	v.mu.Lock()
	v.whole = nil
	v.mu.Unlock()
	unlucky := s.dial(nil)
	if code := unlucky.closed(); code != websocket.CloseInternalServerErr {
		t.Errorf("code %d, want 1011", code)
	}
	if n := testutil.ToFloat64(s.hub.metrics.panics.WithLabelValues("shard")); n != 1 {
		t.Errorf("%v panics counted", n)
	}
	b.set(0, 7)
	healthy.until("number-0", 7)
}

func TestTooManySocketsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"address": func(c *Config) { c.PerIP = 2 },
		"total":   func(c *Config) { c.Total = 2 },
		"rate":    func(c *Config) { c.PerSecond = 2 },
		"person":  func(c *Config) { c.PerPerson = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, newBoard(1), change)
			s.url = strings.Replace(s.url, "?", "?person=sara&", 1)
			s.dial(nil).until("number-0", 0)
			first := s.dial(nil)
			first.until("number-0", 0)
			_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), s.url+"hall", nil)
			if err == nil || resp == nil || resp.StatusCode != http.StatusServiceUnavailable {
				t.Fatalf("third socket: %v %v", resp, err)
			}
			_ = resp.Body.Close()
			if n := testutil.ToFloat64(s.hub.metrics.refused.WithLabelValues(name)); n != 1 {
				t.Errorf("%v counted", n)
			}
			if name == "rate" {
				return
			}
			_ = first.conn.Close()
			eventually(t, "the closed socket is gone", func() bool { return testutil.ToFloat64(s.hub.metrics.clients) == 1 })
			s.dial(nil).until("number-0", 0)
		})
	}
}

// Two handshakes at once may both be admitted; the second to come in is told so.
func TestASocketThatIsOneTooManyAfterItsHandshakeIsToldWhy(t *testing.T) {
	s := open(t, newBoard(1), func(c *Config) { c.PerPerson = 1 })
	s.url = strings.Replace(s.url, "?", "?person=sara&", 1)
	s.admitAll.Store(true)
	s.dial(nil).until("number-0", 0)
	second, resp, err := websocket.DefaultDialer.DialContext(t.Context(), s.url+"hall", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	defer second.Close()
	var told *websocket.CloseError
	if _, _, err := second.ReadMessage(); !errors.As(err, &told) || told.Code != websocket.CloseTryAgainLater || !strings.Contains(told.Text, "1 live pages of yours") {
		t.Errorf("%v", err)
	}
}

func TestTheTickMovesTheBoardBeforeFramesAreMade(t *testing.T) {
	b := newBoard(1)
	n := int64(0)
	s := open(t, b, func(c *Config) { c.Tick = func(context.Context) { n++; b.set(0, n) } })
	c := s.dial(nil)
	c.until("number-0", 10)
}

func TestAPageHearsThatItsCasesHaveChanged(t *testing.T) {
	b := newBoard(1)
	var rev atomic.Uint64
	rev.Store(7)
	s := open(t, b, func(c *Config) {
		c.Interval = time.Millisecond
		c.Cases = func(view string) uint64 {
			if view != "hall" {
				return 0
			}
			return rev.Load()
		}
	})
	c := s.dial(nil)
	hear := func(want uint64) {
		t.Helper()
		for {
			f, err := c.next()
			if err != nil {
				t.Fatal(err)
			}
			if f.Type == "cases" {
				if f.Rev != want {
					t.Errorf("cases of revision %d, want %d", f.Rev, want)
				}
				return
			}
		}
	}
	hear(7)
	if want := []string{"hello", "snapshot", "cases"}; !slices.Equal(c.seen, want) {
		t.Errorf("frames %v, want %v", c.seen, want)
	}
	rev.Store(9)
	hear(9)
	b.set(0, 5)
	c.until("number-0", 5)
	if slices.Contains(c.seen[4:], "cases") {
		t.Errorf("frames %v: cases that did not change", c.seen)
	}
}
