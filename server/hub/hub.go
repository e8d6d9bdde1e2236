// Package hub sends the live board to the screens, over websockets. It keeps state,
// not messages: a client is the revision that it holds, so a slow one gets the
// newest state and never a backlog. It knows gorilla/websocket and no HTTP route.
//
// One goroutine moves the board and makes each frame once per view; a few shards
// write it to their clients; one goroutine per client only reads. Data frames of a
// client are written by its shard alone. No channel here is ever closed.
package hub

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"rasad/city"
	"rasad/live"
	"rasad/measure"
)

// How the hub treats its clients, where a Config does not say otherwise.
const (
	Interval  = 250 * time.Millisecond // between two frames of a view
	PingEvery = 5 * time.Second        // a ping frame, so that a screen knows the line is alive
	DeadAfter = 12 * time.Second       // a client that takes nothing for so long is cut
	Heard     = 30 * time.Second       // a client that answers no ping for so long is cut
	WriteFor  = time.Second            // the longest that one write may hold up its shard
	CloseFor  = 2 * time.Second        // the longest that saying goodbye to all may take
	ReadLimit = 4 << 10                // bytes of one message of a client
	SendBuf   = 64 << 10               // bytes that the kernel keeps for one client
	shards    = 4

	// HoldsEvery is how often each client is asked whether it may still look.
	HoldsEvery = time.Second
)

// The codes that a client is told when it may look no more.
const (
	CloseSignedOut = 4401 // its session or token has ended
	CloseDenied    = 4403 // it may not see this view any more
)

// A Board is the part of live.Board that frames are made of.
type Board interface {
	// Snapshot returns the whole state of a view, or an error wrapping
	// city.ErrNotFound.
	Snapshot(view string) (live.Snapshot, error)
	// Since returns the tiles of a view that changed after rev, and the revision
	// now. ok is false where rev cannot be built upon: take a Snapshot then.
	Since(view string, rev uint64) (tiles []measure.Tile, now uint64, ok bool)
}

// A Config says what a Hub works with. Board, Now and Log are required.
type Config struct {
	Board   Board
	Tick    func(context.Context) // moves the board; called before frames are made; may be nil
	Now     func() time.Time      // the data's clock
	Speed   float64               // seconds of the data's clock per second; 0: 1
	Version string                // of the page; a screen with another reloads itself
	// Cases names the newest change of the cases that a view's page lists: the page
	// asks for them again when it rises. 0, or nil: the view lists none.
	Cases func(view string) uint64
	Log   *slog.Logger

	Interval   time.Duration // 0: Interval
	PingEvery  time.Duration // 0: PingEvery
	DeadAfter  time.Duration // 0: DeadAfter
	Heard      time.Duration // 0: Heard
	HoldsEvery time.Duration // 0: HoldsEvery
	PerIP      int           // sockets of one address; 0: 100
	PerPerson  int           // sockets of one person who has signed in; 0: 20
	Total      int           // sockets in all; 0: 20,000
	PerSecond  int           // new sockets a second; 0: 500
}

// A Hub serves the screens. Make one with New.
type Hub struct {
	cfg     Config
	up      websocket.Upgrader
	shards  []*shard
	next    atomic.Uint64 // shard of the next client
	ping    atomic.Pointer[ping]
	asked   atomic.Uint64 // rises when every client is asked whether it may still look
	metrics *metrics

	mu     sync.Mutex
	views  map[string]*view
	ips    map[netip.Addr]int
	people map[string]int
	total  int
	tokens float64 // new sockets that may come now
	filled time.Time
	closed bool
	gone   sync.WaitGroup // readers
}

// A ping is the newest ping frame; n rises with each.
type ping struct {
	n     uint64
	frame *frame
}

// New returns a Hub that works with cfg. It serves nobody before Run.
func New(cfg Config) *Hub {
	or(&cfg.Interval, Interval)
	or(&cfg.PingEvery, PingEvery)
	or(&cfg.DeadAfter, DeadAfter)
	or(&cfg.Heard, Heard)
	or(&cfg.HoldsEvery, HoldsEvery)
	or(&cfg.PerIP, 100)
	or(&cfg.PerPerson, 20)
	or(&cfg.Total, 20_000)
	or(&cfg.PerSecond, 500)
	or(&cfg.Speed, 1)
	h := &Hub{
		cfg: cfg, views: map[string]*view{}, ips: map[netip.Addr]int{}, people: map[string]int{},
		tokens: float64(cfg.PerSecond), filled: time.Now(), metrics: newMetrics(),
	}
	h.up = upgrader()
	h.ping.Store(&ping{})
	for range shards {
		h.shards = append(h.shards, &shard{hub: h, wake: make(chan struct{}, 1)})
	}
	return h
}

func or[T comparable](v *T, instead T) {
	var zero T
	if *v == zero {
		*v = instead
	}
}

// Run moves the board and sends its frames until ctx ends; then it closes every
// socket with code 1001 and returns once they are gone, after CloseFor at the
// latest. It may be called once.
func (h *Hub) Run(ctx context.Context) error {
	var writers sync.WaitGroup
	for _, s := range h.shards {
		writers.Go(func() { s.run(ctx) })
	}
	h.runTicks(ctx)
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	writers.Wait()
	h.closeAll()
	late := time.AfterFunc(CloseFor, h.resetAll)
	defer late.Stop()
	h.gone.Wait()
	return nil
}

func (h *Hub) runTicks(ctx context.Context) {
	every := time.NewTicker(h.cfg.Interval)
	defer every.Stop()
	pinged, asked := time.Now(), time.Now()
	for {
		h.safely("tick", func() { h.tick(ctx) })
		if now := time.Now(); now.Sub(pinged) >= h.cfg.PingEvery {
			pinged = now
			h.ping.Store(&ping{h.ping.Load().n + 1, prepare(appendPing(nil, h.cfg.Now()))})
		}
		if now := time.Now(); now.Sub(asked) >= h.cfg.HoldsEvery {
			asked = now
			h.asked.Add(1)
		}
		for _, s := range h.shards {
			s.signal()
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// tick moves the board and makes the next frame of each view that is watched.
func (h *Hub) tick(ctx context.Context) {
	start := time.Now()
	if h.cfg.Tick != nil {
		h.cfg.Tick(ctx)
	}
	for _, v := range h.watched() {
		v.advance(start)
	}
	h.metrics.tick.Observe(time.Since(start).Seconds())
}

func (h *Hub) watched() []*view {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*view, 0, len(h.views))
	for _, v := range h.views {
		list = append(list, v)
	}
	return list
}

// safely runs f and turns a panic into a log line and a count: the process and
// every other screen go on.
func (h *Hub) safely(where string, f func()) (sound bool) {
	defer func() {
		if r := recover(); r != nil {
			h.metrics.panics.WithLabelValues(where).Inc()
			h.cfg.Log.Error("panic in the hub", "where", where, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			sound = false
		}
	}()
	f()
	return true
}

// A Guest is who asks for a socket.
type Guest struct {
	IP     netip.Addr
	Person string // who has signed in; "": a screen, a token or nobody, whom PerPerson does not bind
	// Holds is called about once a second, from another goroutine: it returns 0 while
	// the guest may still look at the view, else the code to close its socket with; nil
	// stands for ever.
	Holds func() int
}

// Admit reports whether a socket of g may come now: nil, or an error wrapping
// city.ErrBusy.
func (h *Hub) Admit(g *Guest) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	rate := float64(h.cfg.PerSecond)
	h.tokens = min(rate, h.tokens+now.Sub(h.filled).Seconds()*rate)
	h.filled = now
	if h.tokens < 1 {
		return h.refuse("rate", "در این ثانیه اتصال‌های تازه بیش از اندازه‌اند؛ کمی بعد دوباره بیایید", "too many new ones this second")
	}
	if err := h.roomFor(g); err != nil {
		return err
	}
	h.tokens--
	return nil
}

// Sockets returns how many screens are connected.
func (h *Hub) Sockets() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.total
}

// roomFor returns why there is no room for a socket of g, in words, and counts it.
func (h *Hub) roomFor(g *Guest) error {
	switch {
	case h.closed:
		return h.refuse("stopping", "سرور در حال ایستادن است؛ کمی بعد دوباره بیایید", "stopping")
	case h.total >= h.cfg.Total:
		return h.refuse("total", "همهٔ %v اتصال این سرور در کارند؛ کمی بعد دوباره بیایید", "all %d are in use", h.cfg.Total)
	case g.Person != "" && h.people[g.Person] >= h.cfg.PerPerson:
		return h.refuse("person", "شما %v صفحهٔ زنده باز دارید؛ آن‌هایی را که نمی‌بینید ببندید", "%d live pages of yours are open: close those that you do not look at", h.cfg.PerPerson)
	case h.ips[g.IP] >= h.cfg.PerIP:
		return h.refuse("address", "از این نشانی %v اتصال باز است؛ صفحه‌هایی را که نمی‌بینید ببندید", "%d from one address", h.cfg.PerIP)
	}
	return nil
}

// refuse says why a socket is not opened now, and counts it.
func (h *Hub) refuse(reason, fa, en string, args ...any) error {
	h.metrics.refused.WithLabelValues(reason).Inc()
	return fmt.Errorf("open socket: %w", city.Refuse(city.ErrBusy, city.Text{FA: fa, EN: en}, args...))
}

// join takes c in; its shard greets it at once.
func (h *Hub) join(c *client, view string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.roomFor(&c.guest); err != nil {
		return err
	}
	v := h.views[view]
	if v == nil {
		v = newView(h, view)
		h.views[view] = v
	}
	v.clients++
	h.total++
	h.ips[c.guest.IP]++
	h.people[c.guest.Person]++
	h.gone.Add(1)
	h.metrics.clients.Inc()
	c.view = v
	c.shard = h.shards[h.next.Add(1)%uint64(len(h.shards))]
	c.shard.add(c)
	return nil
}

// leave undoes join, and closes the socket.
func (h *Hub) leave(c *client) {
	c.shard.remove(c)
	_ = c.conn.Close() // it may be closed already
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.view.clients--; c.view.clients == 0 {
		delete(h.views, c.view.name)
	}
	h.total--
	less(h.ips, c.guest.IP)
	less(h.people, c.guest.Person)
	h.metrics.clients.Dec()
	h.gone.Done()
}

// less takes one off a count, and forgets a count of none.
func less[K comparable](counts map[K]int, of K) {
	if counts[of]--; counts[of] == 0 {
		delete(counts, of)
	}
}

// resetAll ends what did not answer closeAll in time.
func (h *Hub) resetAll() {
	for _, s := range h.shards {
		for _, c := range s.all() {
			c.sock.reset()
		}
	}
}

// closeAll says goodbye to every client whose socket has room for it, and cuts the
// others. The shards have stopped: nobody else writes.
func (h *Hub) closeAll() {
	end := time.Now().Add(CloseFor)
	bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "the server is stopping")
	for _, s := range h.shards {
		for _, c := range s.all() {
			c.closing.Store(true)
			if c.sock.unsent() == 0 && time.Now().Before(end) {
				_ = c.conn.WriteControl(websocket.CloseMessage, bye, end) // gone anyway
				_ = c.conn.SetReadDeadline(end)
			} else {
				c.sock.reset()
			}
		}
	}
}
