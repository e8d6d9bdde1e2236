package server

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"rasad/server/listen"
	"rasad/server/tokens"
)

// The policies of content. A page runs its own scripts and nothing else.
const (
	dataPolicy = "default-src 'none'; frame-ancestors 'none'"
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html rasad-formats"
)

// serveRequest is the first of ours that sees a request: it keeps a panic from
// ending the process, and lets through only what guard lets through.
func (s *Server) serveRequest(ctx *fasthttp.RequestCtx) {
	defer func() {
		if r := recover(); r != nil {
			s.stats.panics.Inc()
			id := requestID(ctx)
			s.parts.Log.Error("panic in a request", "panic", fmt.Sprint(r), "request_id", id, "stack", string(debug.Stack()))
			ctx.Response.Reset()
			s.fail(ctx, fault{code: "fault"})
		}
	}()
	s.secure(ctx)
	if err := s.guard(ctx); err != nil {
		s.fail(ctx, err)
		return
	}
	s.next(ctx)
	pack(ctx)
}

// secure sets the headers that every answer carries.
func (s *Server) secure(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Content-Security-Policy", dataPolicy)
	h.Set("Cache-Control", "no-store")
	if s.cfg.TLSCert != "" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// guard refuses what no route should have to think about. What it refuses for the
// way it is written ends the connection too: the next byte may be an attack.
func (s *Server) guard(ctx *fasthttp.RequestCtx) error {
	h := &ctx.Request.Header
	target := h.RequestURI()
	switch protocol := string(h.Protocol()); {
	case protocol != "HTTP/1.1" && protocol != "HTTP/1.0",
		folded(h.RawHeaders()),
		len(target) == 0 || target[0] != '/',
		(h.IsGet() || h.IsHead()) && (h.ContentLength() > 0 || inPieces(h.RawHeaders())):
		ctx.SetConnectionClose()
		return fault{code: "malformed"}
	}
	host := string(h.Host())
	if !s.hosts[hostname(host)] {
		ctx.SetConnectionClose()
		return fault{code: "host"}
	}
	if tricky(ctx.URI().PathOriginal()) || tricky(ctx.Path()) {
		return fault{code: "not_found"}
	}
	if !h.IsGet() && !h.IsHead() && !h.IsPost() {
		ctx.Response.Header.Set("Allow", "GET, HEAD, POST")
		return fault{code: "method"}
	}
	if !h.IsPost() {
		return nil
	}
	if len(h.Peek("Content-Encoding")) > 0 && !isDoor(h) {
		return fault{code: "encoding"} // inflated behind our back, it would have no bound
	}
	return s.sameSite(ctx, http.MethodPost)
}

// isDoor reports whether a request is for a door of sources, which inflates bodies
// itself.
func isDoor(h *fasthttp.RequestHeader) bool {
	uri := string(h.RequestURI())
	return uri == readingsPath || uri == casesPath
}

// folded reports whether a header is continued on a line of its own, which
// intermediaries read in different ways.
func folded(raw []byte) bool {
	return bytes.Contains(raw, []byte("\n ")) || bytes.Contains(raw, []byte("\n\t"))
}

// inPieces reports whether a request says that its body comes in pieces. Its
// parsed header does not tell for GET.
func inPieces(raw []byte) bool {
	const name = "transfer-encoding"
	for line := range bytes.Lines(raw) {
		if len(line) > len(name) && strings.EqualFold(string(line[:len(name)]), name) {
			return true
		}
	}
	return false
}

// hostname returns the name in a Host header, in lower case and without its port.
func hostname(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	return strings.ToLower(host)
}

// tricky reports whether a path holds what none of ours has: a step up, an empty
// part, an escape, a hidden file.
func tricky(path []byte) bool {
	return bytes.Contains(path, []byte("..")) || bytes.Contains(path, []byte("//")) || bytes.Contains(path, []byte("/.")) ||
		bytes.ContainsAny(path, "%\\\x00")
}

// sameSite refuses what a page of another site has sent. Requests that no browser
// made carry no Origin and pass: a token speaks for them.
func (s *Server) sameSite(ctx *fasthttp.RequestCtx, method string) error {
	h := &ctx.Request.Header
	origins := h.PeekAll("Origin")
	if len(origins) > 1 {
		return fault{code: "origin"}
	}
	r := &http.Request{Method: method, Host: string(h.Host()), URL: &url.URL{Path: "/"}, Header: http.Header{}}
	if site := h.Peek("Sec-Fetch-Site"); len(site) > 0 {
		r.Header.Set("Sec-Fetch-Site", string(site))
	}
	if len(origins) == 1 {
		origin := string(origins[0])
		r.Header.Set("Origin", origin)
		if origin != s.scheme(ctx)+"://"+r.Host && !s.listed(origin) { // also another scheme is another site
			return fault{code: "origin"}
		}
	}
	if err := s.cross.Check(r); err != nil {
		return fault{code: "origin"}
	}
	return nil
}

func (s *Server) listed(origin string) bool { return slices.Contains(s.cfg.Origins, origin) }

// scheme returns how the browser reached us: over TLS or not.
func (s *Server) scheme(ctx *fasthttp.RequestCtx) string {
	if s.cfg.TLSCert != "" {
		return "https"
	}
	if s.isProxy(listen.Addr(ctx.Conn())) && string(ctx.Request.Header.Peek("X-Forwarded-Proto")) == "https" {
		return "https"
	}
	return "http"
}

func (s *Server) isProxy(ip netip.Addr) bool { return within(s.proxies, ip) }

// client returns the address that a request comes from. What X-Forwarded-For says
// counts only as far as our own proxies have written it: from the end, up to the
// first address that is none of them.
func (s *Server) client(ctx *fasthttp.RequestCtx) netip.Addr {
	ip := listen.Addr(ctx.Conn())
	if !s.isProxy(ip) {
		return ip
	}
	lines := ctx.Request.Header.PeekAll("X-Forwarded-For")
	for _, line := range slices.Backward(lines) {
		for _, text := range slices.Backward(strings.Split(string(line), ",")) {
			hop, err := netip.ParseAddr(strings.TrimSpace(text))
			if err != nil {
				return ip // the newest that can be believed
			}
			if ip = hop.Unmap(); !s.isProxy(ip) {
				return ip
			}
		}
	}
	return ip
}

// limits gives each request the size that its body may have, before a byte of the
// body is read: the doors take much, and wait long for it, from those who hold a
// source's token; photos come from those who have signed in.
func (s *Server) limits(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	switch uri := h.RequestURI(); {
	case !h.IsPost():
	case isDoor(h):
		if t, ok := s.bearer(h); ok && t.Class == tokens.ClassSource {
			return fasthttp.RequestConfig{MaxRequestBodySize: maxReadings, ReadTimeout: s.cfg.BodyTimeout}
		}
	case bytes.HasPrefix(uri, []byte(apiPath+"/cases/")) && bytes.Contains(uri, []byte("/evidence")):
		if s.parts.Demo || s.hasSession(h) {
			return fasthttp.RequestConfig{MaxRequestBodySize: maxPhoto, ReadTimeout: s.cfg.BodyTimeout}
		}
	case bytes.HasPrefix(uri, []byte(apiPath+"/")):
		return fasthttp.RequestConfig{MaxRequestBodySize: maxActBody}
	}
	return fasthttp.RequestConfig{MaxRequestBodySize: maxSmallBody}
}

// hasSession reports whether a header carries the cookie of a session that holds.
func (s *Server) hasSession(h *fasthttp.RequestHeader) bool {
	for _, secure := range []bool{true, false} {
		if _, ok := s.signedIn(string(h.Cookie(sessionCookie(secure)))); ok {
			return true
		}
	}
	return false
}
