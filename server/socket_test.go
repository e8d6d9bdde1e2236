package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"rasad/city"
	"rasad/server/hub"
)

// dial opens a socket; its error keeps the answer's status.
func (s *stage) dial(view string, headers ...string) (*websocket.Conn, int) {
	s.t.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	conn, resp, err := websocket.DefaultDialer.DialContext(s.t.Context(), "ws://"+s.addr+"/ws?view="+view, h)
	if resp == nil {
		s.t.Fatalf("dial: %v", err)
	}
	_ = resp.Body.Close()
	if err != nil {
		return nil, resp.StatusCode
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	return conn, resp.StatusCode
}

func frame(t *testing.T, c *websocket.Conn) (kind string, value float64) {
	t.Helper()
	var f struct {
		Type  string
		Tiles []struct{ Value float64 }
	}
	_, text, err := c.ReadMessage()
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tiles) > 0 {
		value = f.Tiles[0].Value
	}
	return f.Type, value
}

func TestASocketCarriesTheBoard(t *testing.T) {
	s := open(t, nil)
	s.board.set(3)
	c, _ := s.dial("hall")
	if kind, _ := frame(t, c); kind != "hello" {
		t.Errorf("first frame %s", kind)
	}
	if kind, v := frame(t, c); kind != "snapshot" || v != 3 {
		t.Errorf("second frame %s %v", kind, v)
	}
	s.board.set(4)
	if kind, v := frame(t, c); kind != "patch" || v != 4 {
		t.Errorf("third frame %s %v", kind, v)
	}
}

// The deadlines of the HTTP server must not end a socket on which the screen says
// nothing.
func TestASocketOutlivesTheTimeoutsOfHTTP(t *testing.T) {
	s := open(t, func(c *Config, _ *Parts) {
		c.ReadTimeout, c.WriteTimeout, c.IdleTimeout = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	})
	c, _ := s.dial("hall")
	frame(t, c)
	frame(t, c)
	for start, v := time.Now(), city.Steps(10); time.Since(start) < 500*time.Millisecond; v++ {
		s.board.set(v)
		if kind, got := frame(t, c); kind != "patch" || got != float64(v) {
			t.Fatalf("%s %v, want %v", kind, got, v)
		}
	}
}

// Many sockets: the HTTP server clears the deadlines of a socket that it gives away,
// so one that is set too early is lost now and then.
func TestScreensThatAnswerNoPingAreCut(t *testing.T) {
	s := open(t, func(c *Config, _ *Parts) { c.Heard = 200 * time.Millisecond })
	for range 40 {
		s.dial("hall")
	}
	start := time.Now()
	eventually(t, "all of them are gone", func() bool { open, _ := s.srv.door.Counts(); return open == 0 })
	if took := time.Since(start); took > patience/2 {
		t.Errorf("cut after %v", took)
	}
}

func TestOnlyOurOwnPagesOpenSockets(t *testing.T) {
	s := open(t, func(c *Config, _ *Parts) { c.Origins = []string{"https://screens.example.org"} })
	host := s.addr
	_, port, _ := strings.Cut(host, ":")
	for origin, want := range map[string]int{
		"":                                        101, // no browser
		"http://" + host:                          101,
		"https://screens.example.org":             101,
		"https://screens.example.org.evil.test":   403,
		"https://xscreens.example.org":            403,
		"http://screens.example.org":              403,
		"https://screens.example.org:8443":        403,
		"https://" + host:                         403, // another scheme
		"http://127.0.0.1":                        403, // another port
		"http://localhost:" + port:                403, // another name
		"http://evil.example":                     403,
		"http://" + host + ".evil.example":        403,
		"http://evil.example/?http://" + host:     403,
		"null":                                    403,
		"file://":                                 403,
		"http://" + host + " http://evil.example": 403,
	} {
		var headers []string
		if origin != "" {
			headers = []string{"Origin", origin}
		}
		if _, got := s.dial("hall", headers...); got != want {
			t.Errorf("origin %q: %d, want %d", origin, got, want)
		}
	}
	if _, got := s.dial("hall", "Sec-Fetch-Site", "cross-site"); got != 403 {
		t.Errorf("cross-site without an origin: %d", got)
	}
	if a := s.do("GET", "/ws?view=hall", "", "Host", "evil.example", "Origin", "http://evil.example", "Upgrade", "websocket"); a.status != 421 {
		t.Errorf("host and origin of the attacker: %d", a.status)
	}
}

func TestWhatIsNoHandshakeGetsAProblem(t *testing.T) {
	s := open(t, nil)
	if a := s.do("GET", "/ws?view=hall", ""); a.status != 426 || a.header.Get("Upgrade") != "websocket" {
		t.Errorf("plain GET: %d %v", a.status, a.header)
	}
	if _, got := s.dial("none"); got != 404 {
		t.Errorf("unknown view: %d", got)
	}
	for name, text := range map[string]string{
		"no key":        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
		"old version":   "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
		"no connection": "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
	} {
		got := s.raw("GET /ws?view=hall HTTP/1.1\r\nHost: localhost\r\n" + text + "\r\n")
		if got.status != 400 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestSocketsOfOneAddressAreBounded(t *testing.T) {
	s := open(t, func(c *Config, _ *Parts) { c.SocketsPerIP = 2; c.BehindProxy = []string{"127.0.0.1"} })
	from := func(ip string) int { _, got := s.dial("hall", "X-Forwarded-For", ip); return got }
	for i, tc := range []struct {
		ip   string
		want int
	}{{"10.0.0.1", 101}, {"10.0.0.1", 101}, {"10.0.0.1", 503}, {"10.0.0.2", 101}, {"10.0.0.9, 10.0.0.1", 503}} {
		if tc.want == 503 {
			eventually(t, "both sockets are counted", func() bool { return s.srv.hub.Admit(&hub.Guest{IP: mustAddr("10.0.0.1")}) != nil })
		}
		if got := from(tc.ip); got != tc.want {
			t.Errorf("%d: %s: %d, want %d", i, tc.ip, got, tc.want)
		}
	}
}

func TestStoppingTellsTheScreens(t *testing.T) {
	s := open(t, nil)
	c, _ := s.dial("hall")
	frame(t, c)
	s.stop()
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
				t.Errorf("%v", err)
			}
			return
		}
	}
}

func TestAPanicInTheHubLeavesTheServerRunning(t *testing.T) {
	s := open(t, nil)
	c, _ := s.dial("hall")
	frame(t, c)
	frame(t, c)
	s.board.mu.Lock()
	s.board.panics = true
	s.board.mu.Unlock()
	if a := s.do("GET", "/healthz", ""); a.status != 200 {
		t.Errorf("%d", a.status)
	}
	s.board.mu.Lock()
	s.board.panics = false
	s.board.mu.Unlock()
	s.board.set(8)
	if kind, v := frame(t, c); kind != "patch" || v != 8 {
		t.Errorf("%s %v", kind, v)
	}
}
