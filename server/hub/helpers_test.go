package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"rasad/city"
	"rasad/live"
	"rasad/measure"
)

// patience bounds every wait of a test; none should ever reach it.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		code = leaks()
	}
	os.Exit(code)
}

// leaks waits for the goroutines of this package to end, and prints those that do not.
func leaks() int {
	buf := make([]byte, 1<<20)
	every, end := time.NewTicker(20*time.Millisecond), time.After(10*time.Second)
	defer every.Stop()
	for {
		var left []string
		for s := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(s, "rasad/server") && !strings.Contains(s, "hub.leaks") {
				left = append(left, s)
			}
		}
		if len(left) == 0 {
			return 0
		}
		select {
		case <-end:
			fmt.Println("goroutines left:\n" + strings.Join(left, "\n\n"))
			return 1
		case <-every.C:
		}
	}
}

// A fakeBoard is a board whose tiles the test sets.
type fakeBoard struct {
	mu     sync.Mutex
	epoch  string
	rev    uint64
	floor  uint64
	tiles  []measure.Tile
	revs   []uint64
	hidden bool   // there is no such view any more
	panics string // "Since" or "Snapshot": that call panics
}

func newBoard(tiles int) *fakeBoard {
	b := &fakeBoard{epoch: "e1", rev: 1, floor: 1}
	for i := range tiles {
		ind := &city.Indicator{ID: city.IndicatorID(fmt.Sprintf("number-%d", i)), Unit: city.Person}
		b.tiles = append(b.tiles, measure.Tile{Indicator: ind, Figure: measure.Figure{Status: measure.OK, Has: true}})
		b.revs = append(b.revs, 1)
	}
	return b
}

func (b *fakeBoard) set(tile int, value int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rev++
	b.tiles[tile].Figure.Value, b.revs[tile] = city.Steps(value), b.rev
}

func (b *fakeBoard) Snapshot(view string) (live.Snapshot, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.panics == "Snapshot" {
		panic("planted")
	}
	if b.hidden || view != "hall" {
		return live.Snapshot{}, city.ErrNotFound
	}
	return live.Snapshot{View: view, Epoch: b.epoch, Rev: b.rev, Tiles: append([]measure.Tile(nil), b.tiles...)}, nil
}

func (b *fakeBoard) Since(_ string, rev uint64) (tiles []measure.Tile, now uint64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.panics == "Since" {
		panic("planted")
	}
	if b.hidden || rev > b.rev || rev < b.floor {
		return nil, b.rev, false
	}
	for i, r := range b.revs {
		if r > rev {
			tiles = append(tiles, b.tiles[i])
		}
	}
	return tiles, b.rev, true
}

// A stage is a hub that serves over real sockets.
type stage struct {
	t        *testing.T
	hub      *Hub
	board    *fakeBoard
	url      string
	log      *logged
	code     atomic.Int64 // what screens that may look no more are closed with; 0: they may
	admitAll atomic.Bool  // handshakes of which Admit would have refused
	stop     context.CancelFunc
	ended    chan error
}

// A logged keeps what was logged.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// open starts a hub over board; it ends with the test.
func open(t *testing.T, board *fakeBoard, change func(*Config)) *stage {
	t.Helper()
	s := &stage{t: t, board: board, log: &logged{}, ended: make(chan error, 1)}
	cfg := Config{
		Board: board, Now: func() time.Time { return time.Date(2027, 3, 21, 6, 30, 0, 123e6, time.UTC) }, Speed: 10, Version: "v1",
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Interval: 2 * time.Millisecond, PerIP: 5000, PerSecond: 100_000,
	}
	if change != nil {
		change(&cfg)
	}
	s.hub = New(cfg)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g := Guest{IP: netip.MustParseAddrPort(r.RemoteAddr).Addr(), Person: r.URL.Query().Get("person"), Holds: func() int { return int(s.code.Load()) }}
		if err := s.hub.Admit(&g); err != nil && !s.admitAll.Load() {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		serve, err := s.hub.Upgrade(w, r, strings.Clone(r.URL.Query().Get("view")), g)
		if err == nil {
			go serve()
		}
	}))
	s.url = "ws" + strings.TrimPrefix(srv.URL, "http") + "/?view="
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	go func() { s.ended <- s.hub.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		s.wait()
		srv.Close()
	})
	return s
}

func (s *stage) wait() {
	s.t.Helper()
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Errorf("run: %v", err)
		}
		s.ended <- nil
	case <-time.After(patience):
		s.t.Error("the hub did not stop")
	}
}

// A screen is a client that follows the frames as a wall does.
type screen struct {
	t     *testing.T
	conn  *websocket.Conn
	hello frameText
	rev   uint64
	tiles map[string]float64
	seen  []string // types of the frames, without pings
}

type frameText struct {
	Type, Version, Epoch, View string
	Now                        string
	Speed                      float64
	Rev, Since                 uint64
	Tiles                      []struct {
		ID    string
		Value float64
	}
}

func (s *stage) dial(dialer *websocket.Dialer) *screen {
	s.t.Helper()
	if dialer == nil {
		dialer = websocket.DefaultDialer
	}
	conn, resp, err := dialer.DialContext(s.t.Context(), s.url+"hall", nil)
	if err != nil {
		s.t.Fatalf("dial: %v", err)
	}
	_ = resp.Body.Close()
	s.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	return &screen{t: s.t, conn: conn, tiles: map[string]float64{}}
}

// small makes a client whose kernel takes little, so that it is full soon.
func small() *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(2 << 10)
		}
		return c, err
	}}
}

// next reads one frame and follows it; a patch that does not fit fails the test.
func (c *screen) next() (frameText, error) {
	var f frameText
	_, text, err := c.conn.ReadMessage()
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("frame %q: %w", text, err)
	}
	switch f.Type {
	case "hello":
		c.hello = f
	case "snapshot":
		clear(c.tiles)
		c.rev = f.Rev
	case "patch":
		if f.Since != c.rev {
			return f, fmt.Errorf("patch since %d, the screen holds %d", f.Since, c.rev)
		}
		c.rev = f.Rev
	}
	for _, t := range f.Tiles {
		c.tiles[t.ID] = t.Value
	}
	if f.Type != "ping" {
		c.seen = append(c.seen, f.Type)
	}
	return f, nil
}

// until reads frames until the tile has the value.
func (c *screen) until(tile string, value float64) {
	c.t.Helper()
	for {
		if _, err := c.next(); err != nil {
			c.t.Fatalf("wait for %s = %v: %v", tile, value, err)
		}
		if got, ok := c.tiles[tile]; ok && got == value {
			return
		}
	}
}

// closed reads until the server closes, and returns its code; 0 where it only cut.
func (c *screen) closed() int {
	for {
		if _, _, err := c.conn.ReadMessage(); err != nil {
			if ce, ok := errors.AsType[*websocket.CloseError](err); ok {
				return ce.Code
			}
			return 0
		}
	}
}
