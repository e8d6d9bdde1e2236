package hub

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A socket is the kernel's side of a client: how much of what was written has not
// arrived yet.
type socket struct {
	conn net.Conn
	raw  syscall.RawConn // nil where there is no TCP connection below
	look func(fd uintptr)
	left int
}

// newSocket bounds what the kernel keeps for conn, in bytes and in time. The hub
// itself is to notice a dead client first; the kernel's bound is for one that
// nobody writes to.
func newSocket(conn net.Conn, dead time.Duration) *socket {
	s := &socket{conn: conn}
	s.look = func(fd uintptr) {
		n, err := unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
		if s.left = n; err != nil {
			s.left = 0
		}
	}
	c := tcp(conn)
	if c == nil {
		return s
	}
	_ = c.SetWriteBuffer(SendBuf) // the deadlines hold without it
	if raw, err := c.SyscallConn(); err == nil {
		s.raw = raw
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(2*dead/time.Millisecond))
		})
	}
	return s
}

// unsent returns the bytes that were written and that the client's side has not
// acknowledged. Only one goroutine may ask at a time.
func (s *socket) unsent() int {
	if s.raw == nil || s.raw.Control(s.look) != nil {
		return 0
	}
	return s.left
}

// reset ends the connection without waiting for what is unsent.
func (s *socket) reset() {
	if c := tcp(s.conn); c != nil {
		_ = c.SetLinger(0)
	}
	_ = s.conn.Close()
}
