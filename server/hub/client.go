package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"rasad/city"
)

// A client is one open socket: which view it shows, and the revision it holds.
type client struct {
	conn  *websocket.Conn
	sock  *socket
	guest Guest
	view  *view
	shard *shard
	index int // in the shard's list, under its lock

	// Only the shard's goroutine touches these.
	greeted  bool
	asked    uint64 // when it was last asked whether it may still look
	rev      uint64
	pinged   uint64
	cases    uint64    // the newest news of cases that it has
	unsent   int       // bytes that waited in the socket when last looked at
	progress time.Time // when they last became fewer

	// The reader sets these, the shard takes them.
	resume  atomic.Bool
	pong    atomic.Pointer[string] // payload of a ping that wants its answer
	closing atomic.Bool            // no deadline is moved any more
	cutOnce atomic.Bool

	// Only the reader touches these.
	inMessage bool
	budget    float64
	spent     time.Time
}

// What a client may say before it counts as a flood: messages, pings and pongs.
const (
	budgetMax    = 20.0
	budgetPerSec = 4.0
)

func upgrader() websocket.Upgrader {
	return websocket.Upgrader{
		ReadBufferSize:   256,
		WriteBufferSize:  512,
		WriteBufferPool:  &sync.Pool{},
		HandshakeTimeout: WriteFor,
		CheckOrigin:      func(*http.Request) bool { return true }, // the caller has checked it
	}
}

// Upgrade answers the handshake of r on w and returns what serves the socket until
// it ends; the caller runs that in a goroutine of its own. Host, origin and Admit
// are the caller's to check before. The request must not be used afterwards: what
// is kept of it is copied.
func (h *Hub) Upgrade(w http.ResponseWriter, r *http.Request, view string, g Guest) (serve func(), err error) {
	conn, err := h.up.Upgrade(w, r, nil)
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	return func() { h.serve(conn, view, g) }, nil
}

// serve reads what the client says until it ends.
func (h *Hub) serve(conn *websocket.Conn, view string, g Guest) {
	c := &client{
		conn: conn, sock: newSocket(conn.NetConn(), h.cfg.DeadAfter), guest: g,
		progress: time.Now(), budget: budgetMax, spent: time.Now(),
	}
	if err := h.join(c, view); err != nil {
		c.refuse(websocket.CloseTryAgainLater, why(err))
		_ = conn.Close()
		return
	}
	defer h.leave(c)
	if sound := h.safely("socket", func() { c.read(h) }); !sound {
		c.refuse(websocket.CloseInternalServerErr, "")
	}
}

// why returns in English why there was no room: short enough for a close frame.
func why(err error) string {
	if r, ok := errors.AsType[*city.RefusalError](err); ok {
		return r.In("en", nil)
	}
	return "try again later"
}

// read takes the client's messages until the socket ends or the client says
// something that it may not.
func (c *client) read(h *Hub) {
	c.conn.SetReadLimit(ReadLimit)
	c.conn.SetPongHandler(func(string) error { return c.heard(h) })
	c.conn.SetPingHandler(func(payload string) error {
		c.pong.Store(&payload)
		c.shard.signal()
		return c.heard(h)
	})
	for c.heard(h) == nil {
		kind, r, err := c.conn.NextReader()
		if err != nil {
			break
		}
		c.inMessage = true
		text, err := io.ReadAll(r)
		c.inMessage = false
		if err != nil {
			break
		}
		if code := c.take(kind, text); code != 0 {
			h.metrics.cut.WithLabelValues("said").Inc()
			c.refuse(code, "")
			break
		}
	}
	c.drain()
}

// errFlood ends the socket of a client that says too much.
var errFlood = errors.New("too many messages")

// heard moves the deadline by which the client must have said something, and
// counts that it did. A message that never ends does not move it.
func (c *client) heard(h *Hub) error {
	now := time.Now()
	c.budget = min(budgetMax, c.budget+now.Sub(c.spent).Seconds()*budgetPerSec)
	c.spent = now
	if c.budget--; c.budget < 0 {
		h.metrics.cut.WithLabelValues("flood").Inc()
		c.refuse(websocket.ClosePolicyViolation, "too many messages")
		return errFlood
	}
	if c.inMessage || c.closing.Load() {
		return nil
	}
	return c.conn.SetReadDeadline(now.Add(h.cfg.Heard))
}

// take acts on one message; it returns the code to close with, or 0.
func (c *client) take(kind int, text []byte) (code int) {
	if kind != websocket.TextMessage {
		return websocket.CloseUnsupportedData
	}
	if !utf8.Valid(text) {
		return websocket.CloseInvalidFramePayloadData
	}
	var m struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(text, &m) != nil {
		return websocket.ClosePolicyViolation
	}
	switch m.Type {
	case "resume":
		c.resume.Store(true)
		c.shard.signal()
		return 0
	case "pong":
		return 0
	default:
		return websocket.ClosePolicyViolation
	}
}

// refuse sends a close frame, as far as the socket takes it.
func (c *client) refuse(code int, why string) {
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(WriteFor))
}

// drain reads on for a moment after the end, so that a close frame on its way out
// is not swept away by a reset over bytes that nobody read.
func (c *client) drain() {
	raw := c.conn.NetConn()
	if half, ok := raw.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	if raw.SetReadDeadline(time.Now().Add(WriteFor/2)) == nil {
		_, _ = io.CopyN(io.Discard, raw, 1<<20)
	}
}

// cut ends the socket from the shard's side; the reader notices and leaves. With
// a code other than 0 the client is told.
func (c *client) cut(h *Hub, why string, code int) {
	if c.cutOnce.Swap(true) {
		return
	}
	h.metrics.cut.WithLabelValues(why).Inc()
	if code != 0 && c.sock.unsent() == 0 {
		c.refuse(code, why)
		c.closing.Store(true)
		_ = c.conn.SetReadDeadline(time.Now().Add(WriteFor))
		return
	}
	c.sock.reset()
}

// tcp returns the TCP connection below conn, or nil.
func tcp(conn net.Conn) *net.TCPConn {
	for {
		switch c := conn.(type) {
		case *net.TCPConn:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}
