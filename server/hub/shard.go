package hub

import (
	"context"
	"errors"
	"math"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A shard writes to its share of the clients, one after the other. A client whose
// socket is still full is passed over, so that it holds nobody up.
type shard struct {
	hub  *Hub
	wake chan struct{} // holds one token while there is something to look at; never closed

	mu      sync.Mutex
	clients []*client

	round  []*client // of the running pass
	passes int
}

func (s *shard) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (s *shard) add(c *client) {
	s.mu.Lock()
	c.index = len(s.clients)
	s.clients = append(s.clients, c)
	s.mu.Unlock()
	s.signal()
}

func (s *shard) remove(c *client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.clients) - 1
	moved := s.clients[last]
	s.clients[c.index], s.clients[last] = moved, nil
	moved.index = c.index
	s.clients = s.clients[:last]
}

func (s *shard) all() []*client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*client(nil), s.clients...)
}

// run looks at every client whenever the shard is signalled, until ctx ends.
func (s *shard) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
			s.pass()
		}
	}
}

// pass brings every client to the newest state. It starts with another client
// each time: nobody is always last.
func (s *shard) pass() {
	s.mu.Lock()
	s.round = append(s.round[:0], s.clients...)
	s.mu.Unlock()
	s.passes++
	var made time.Time
	for i := range s.round {
		c := s.round[(i+s.passes)%len(s.round)]
		sound := s.hub.safely("shard", func() {
			if at := s.serve(c); !at.IsZero() {
				made = at
			}
		})
		if !sound {
			c.cut(s.hub, "panic", websocket.CloseInternalServerErr)
		}
	}
	if !made.IsZero() {
		s.hub.metrics.delay.Observe(time.Since(made).Seconds())
	}
	clear(s.round) // keep no client alive
}

// serve writes to c what it lacks. It returns when the tick began whose patch it
// wrote, or zero.
func (s *shard) serve(c *client) (made time.Time) {
	if c.cutOnce.Load() { // it only has to leave
		return made
	}
	if asked := s.hub.asked.Load(); c.guest.Holds != nil && c.asked != asked {
		c.asked = asked
		if code := c.guest.Holds(); code != 0 {
			c.cut(s.hub, "right", code)
			return made
		}
	}
	rev, epoch, ok := c.view.current()
	if !ok {
		c.cut(s.hub, "view", websocket.ClosePolicyViolation)
		return made
	}
	whole := !c.greeted || c.resume.Load()
	pong := c.pong.Load()
	alive := s.hub.ping.Load()
	if !c.greeted {
		c.pinged = alive.n
	}
	cases := c.view.told()
	if !whole && pong == nil && c.pinged == alive.n && c.rev == rev && c.cases == cases.rev {
		return made
	}
	now := time.Now()
	if n := c.sock.unsent(); n > 0 {
		s.passOver(c, n, now)
		return made
	}
	c.unsent, c.progress = math.MaxInt, now
	if !c.greeted {
		hello := appendHello(nil, s.hub.cfg.Version, epoch, s.hub.cfg.Now(), s.hub.cfg.Speed)
		if !s.write(c, prepare(hello), "hello", now) {
			return made
		}
		c.greeted = true
	}
	if whole {
		c.resume.Store(false)
	}
	f, held, made := c.view.after(c.rev, whole)
	if f != nil {
		kind := "patch"
		if whole {
			kind = "snapshot"
		}
		if !s.write(c, f, kind, now) {
			return made
		}
	}
	c.rev = held
	if c.cases != cases.rev {
		if !s.write(c, cases.frame, "cases", now) {
			return made
		}
		c.cases = cases.rev
	}
	s.control(c, pong, alive, now)
	return made
}

// passOver leaves c out of this pass, and cuts it when it has taken nothing for
// too long.
func (s *shard) passOver(c *client, unsent int, now time.Time) {
	s.hub.metrics.skipped.Inc()
	if unsent < c.unsent {
		c.unsent, c.progress = unsent, now
	}
	if now.Sub(c.progress) > s.hub.cfg.DeadAfter {
		c.cut(s.hub, "stalled", 0)
	}
}

// control answers c's ping and sends ours: the frame for the page, the control
// frame for the line.
func (s *shard) control(c *client, pong *string, alive *ping, now time.Time) {
	if pong != nil && c.pong.CompareAndSwap(pong, nil) {
		_ = c.conn.WriteControl(websocket.PongMessage, []byte(*pong), now.Add(WriteFor)) // the reader sees it end
	}
	if c.pinged != alive.n && alive.frame != nil {
		c.pinged = alive.n
		if s.write(c, alive.frame, "ping", now) {
			_ = c.conn.WriteControl(websocket.PingMessage, nil, now.Add(WriteFor)) // the reader sees it end
		}
	}
}

// write sends f to c, and reports whether c is still there. The socket had room,
// so it does not wait; the deadline is for the case that it does.
func (s *shard) write(c *client, f *frame, kind string, now time.Time) bool {
	if f == nil {
		return true
	}
	err := c.conn.SetWriteDeadline(now.Add(WriteFor))
	if err == nil {
		err = c.conn.WritePreparedMessage(f.msg)
	}
	if err == nil {
		s.hub.metrics.frames.WithLabelValues(kind).Inc()
		s.hub.metrics.bytes.Add(float64(len(f.text)))
		return true
	}
	why := "gone"
	if netErr := net.Error(nil); errors.As(err, &netErr) && netErr.Timeout() {
		why = "slow"
	}
	c.cut(s.hub, why, 0)
	return false
}
