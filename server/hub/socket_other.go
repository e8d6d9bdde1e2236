//go:build !linux

package hub

import (
	"net"
	"time"
)

// A socket is the kernel's side of a client. Without a way to ask the kernel, the
// write deadline alone keeps a stalled client from holding up its shard.
type socket struct{ conn net.Conn }

func newSocket(conn net.Conn, _ time.Duration) *socket {
	if c := tcp(conn); c != nil {
		_ = c.SetWriteBuffer(SendBuf) // the deadlines hold without it
	}
	return &socket{conn}
}

func (s *socket) unsent() int { return 0 }

func (s *socket) reset() {
	if c := tcp(s.conn); c != nil {
		_ = c.SetLinger(0)
	}
	_ = s.conn.Close()
}
