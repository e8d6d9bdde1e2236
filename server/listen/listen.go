// Package listen opens the server's door to the network: a listener that bounds
// how many connections there are, in all and from one address, that can end them
// all, and TLS whose certificate is read again when its file changes.
package listen

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A Config says where to listen and how much to take.
type Config struct {
	Addr   string                // such as 127.0.0.1:8080
	Total  int                   // connections in all; 0: 30,000
	PerIP  int                   // connections of one address; 0: 400
	Exempt func(netip.Addr) bool // addresses that PerIP does not bind, such as a proxy's; nil: none
	Cert   string                // PEM files of TLS; both or none
	Key    string
}

// A Listener is a net.Listener that bounds its connections.
type Listener struct {
	net.Listener
	cfg Config

	mu      sync.Mutex
	open    map[*conn]struct{}
	ips     map[netip.Addr]int
	refused uint64
	ended   bool
}

// A Door is a Listener with what serves on it: the Listener itself, or TLS over it.
type Door struct {
	*Listener
	Serve net.Listener
}

// Open listens on cfg.Addr. The caller closes the Door.
func Open(ctx context.Context, cfg Config) (*Door, error) {
	if cfg.Total == 0 {
		cfg.Total = 30_000
	}
	if cfg.PerIP == 0 {
		cfg.PerIP = 400
	}
	if cfg.Exempt == nil {
		cfg.Exempt = func(netip.Addr) bool { return false }
	}
	var certs *certificate
	if cfg.Cert != "" {
		certs = &certificate{certFile: cfg.Cert, keyFile: cfg.Key}
		if err := certs.load(); err != nil {
			return nil, err
		}
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	l := &Listener{Listener: ln, cfg: cfg, open: map[*conn]struct{}{}, ips: map[netip.Addr]int{}}
	d := &Door{l, l}
	if certs != nil {
		d.Serve = tls.NewListener(l, &tls.Config{
			MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: certs.current,
		})
	}
	return d, nil
}

// Accept waits for the next connection that the bounds allow; others are closed
// at once.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err // as it is: the server tells closed from broken by it
		}
		if own := l.take(c); own != nil {
			return own, nil
		}
		_ = c.Close() // nobody has seen it
	}
}

func (l *Listener) take(c net.Conn) net.Conn {
	ip := Addr(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || len(l.open) >= l.cfg.Total || l.ips[ip] >= l.cfg.PerIP && !l.cfg.Exempt(ip) {
		l.refused++
		return nil
	}
	own := &conn{Conn: c, of: l, ip: ip}
	l.open[own] = struct{}{}
	l.ips[ip]++
	return own
}

// Counts returns the connections that are open, and how many were refused.
func (l *Listener) Counts() (open int, refused uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open), l.refused
}

// CloseConns ends every open connection; none is accepted afterwards.
func (l *Listener) CloseConns() {
	l.mu.Lock()
	l.ended = true
	all := make([]*conn, 0, len(l.open))
	for c := range l.open {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		_ = c.end() // it may be closed already
	}
}

// Addr returns the address of a connection's other side; the zero Addr where it
// has none.
func Addr(c net.Conn) netip.Addr {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// A conn is a connection that is counted until it is closed.
type conn struct {
	net.Conn
	of      *Listener
	ip      netip.Addr
	once    sync.Once
	lingers atomic.Bool
}

// How much of what is still on its way a lingering connection takes, and how long.
const (
	lingerBytes = 8 << 20
	lingerFor   = 2 * time.Second
)

// Linger makes the connection c read on for a moment when it is closed, so that an
// answer given before the whole request had come is not swept away by a reset. c
// is one that a Listener accepted, or TLS over it.
func Linger(c net.Conn) {
	for {
		switch below := c.(type) {
		case *conn:
			below.lingers.Store(true)
			return
		case interface{ NetConn() net.Conn }:
			c = below.NetConn()
		default:
			return
		}
	}
}

// NetConn returns the connection below.
func (c *conn) NetConn() net.Conn { return c.Conn }

// CloseWrite ends the writing half.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close ends the connection. It may be called twice.
func (c *conn) Close() error {
	if c.lingers.CompareAndSwap(true, false) && c.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerFor)) == nil {
		go func() {
			_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
			_ = c.end() // nobody is left to tell
		}()
		return nil
	}
	return c.end()
}

func (c *conn) end() error {
	c.once.Do(func() {
		c.of.mu.Lock()
		defer c.of.mu.Unlock()
		delete(c.of.open, c)
		if c.of.ips[c.ip]--; c.of.ips[c.ip] <= 0 {
			delete(c.of.ips, c.ip)
		}
	})
	return c.Conn.Close()
}
