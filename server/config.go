package server

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"rasad/city"
)

// Bounds that are the same everywhere.
const (
	maxHeader    = 8 << 10  // bytes of a request's header
	maxSmallBody = 4 << 10  // bytes of a body where none is wanted
	maxActBody   = 32 << 10 // bytes of a body that a person's act needs: a note, and room
	maxPhoto     = 8 << 20  // bytes of a photo, as sent
	maxReadings  = 2 << 20  // bytes of a body of readings, as sent: 5,000 of them, with room
	maxInflated  = 8 << 20  // bytes of the same once inflated
	httpPerIP    = 100      // connections of one address, beside its sockets
	acceptFor    = 10 * time.Second
)

// A Config says how the server listens. The zero value, with Listen set, is safe.
type Config struct {
	Listen      string   // such as 127.0.0.1:8080
	Hosts       []string // names that requests may be for, beside the loopback names and Listen's; without ports
	Origins     []string // other sites whose pages may open sockets here, such as https://screens.example.org
	BehindProxy []string // networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed
	Container   bool     // in a container whose port is published on loopback only: a wide Listen is allowed
	MetricsFrom []string // networks that may read /metrics, beside loopback
	TLSCert     string   // PEM files; both or none
	TLSKey      string
	StaticDir   string // serve the pages from this folder instead of Parts.Files, for work on them

	ReadTimeout  time.Duration // of a whole request; 0: 10 s
	BodyTimeout  time.Duration // of a body of readings that a token sends, perhaps over a thin line; 0: 60 s
	WriteTimeout time.Duration // of an answer; 0: 30 s
	IdleTimeout  time.Duration // between two requests; 0: 60 s
	DrainFor     time.Duration // how long requests may go on after the end; 0: 8 s
	Interval     time.Duration // between two frames; 0: 250 ms
	Heard        time.Duration // how long a screen may leave pings unanswered; 0: 30 s

	Connections      int // in all; 0: 30,000
	Sockets          int // websockets in all; 0: 20,000
	SocketsPerIP     int // websockets of one address; 0: 100
	SocketsPerPerson int // websockets of one person who has signed in; 0: 20
	SocketsPerSecond int // new websockets a second; 0: 500
}

// Wide reports whether other machines could reach Listen.
func (c *Config) Wide() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && !loopback(host)
}

// Check returns an error wrapping city.ErrInvalid where c is not well put. At an
// address wider than loopback a password must not go over the line as it is typed:
// TLS stands before it, ours or a proxy's, or the line is a container's own. That
// there is somebody who could sign in at all is the caller's to see to.
func (c *Config) Check() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("%w listen address %q: want host:port, such as 127.0.0.1:8080", city.ErrInvalid, c.Listen)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fmt.Errorf("%w tls: cert and key come together", city.ErrInvalid)
	}
	if c.Wide() && c.TLSCert == "" && len(c.BehindProxy) == 0 && !c.Container {
		return fmt.Errorf("%w listen address %q: other machines could reach it, and passwords would go over the line as they are; set tls, or behind_proxy with the proxy's network, or listen on 127.0.0.1", city.ErrInvalid, c.Listen)
	}
	for _, list := range [][]string{c.BehindProxy, c.MetricsFrom} {
		if _, err := prefixes(list); err != nil {
			return err
		}
	}
	for _, o := range c.Origins {
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.Scheme+"://"+u.Host != o {
			return fmt.Errorf("%w origin %q: want scheme://host or scheme://host:port, without a path", city.ErrInvalid, o)
		}
	}
	for _, h := range c.Hosts {
		if h == "" || strings.ContainsAny(h, ":/ ") && !strings.HasPrefix(h, "[") {
			return fmt.Errorf("%w host %q: want a name without scheme, port or path", city.ErrInvalid, h)
		}
	}
	return nil
}

func (c *Config) fill() {
	for _, d := range []struct {
		v  *time.Duration
		is time.Duration
	}{{&c.ReadTimeout, 10 * time.Second}, {&c.WriteTimeout, 30 * time.Second}, {&c.IdleTimeout, time.Minute}, {&c.DrainFor, 8 * time.Second}, {&c.BodyTimeout, time.Minute}} {
		if *d.v == 0 {
			*d.v = d.is
		}
	}
	for _, n := range []struct {
		v  *int
		is int
	}{{&c.Connections, 30_000}, {&c.Sockets, 20_000}, {&c.SocketsPerIP, 100}, {&c.SocketsPerPerson, 20}, {&c.SocketsPerSecond, 500}} {
		if *n.v == 0 {
			*n.v = n.is
		}
	}
}

// hosts returns the names that a request may be for.
func (c *Config) hosts() map[string]bool {
	names := map[string]bool{"localhost": true, "127.0.0.1": true, "[::1]": true}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && host != "" {
		ip, err := netip.ParseAddr(host)
		switch {
		case err != nil:
			names[strings.ToLower(host)] = true
		case !ip.IsUnspecified(): // "every address" is the name of none
			names[bracketed(ip)] = true
		}
	}
	for _, h := range c.Hosts {
		names[strings.ToLower(h)] = true
	}
	return names
}

// bracketed returns ip as a Host header writes it.
func bracketed(ip netip.Addr) string {
	if ip.Is6() {
		return "[" + ip.String() + "]"
	}
	return ip.String()
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func prefixes(list []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			ip, ipErr := netip.ParseAddr(s)
			if ipErr != nil {
				return nil, fmt.Errorf("%w network %q: want an address or a network such as 10.0.0.0/8", city.ErrInvalid, s)
			}
			p = netip.PrefixFrom(ip, ip.BitLen())
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

func within(list []netip.Prefix, ip netip.Addr) bool {
	for _, p := range list {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
