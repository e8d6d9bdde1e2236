package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"rasad/city"
	"rasad/entry"
	"rasad/register"
	"rasad/server/tokens"
)

// How long a sign-in holds.
const (
	sessionIdle = 12 * time.Hour     // without a request
	sessionFor  = 7 * 24 * time.Hour // in all
)

const (
	csrfHeader  = "Rasad-Token"
	secretBytes = 32 // how much of a session's secret is random
	sessionID   = 32 // hexadecimal digits of a session's id: the first of its hash
)

// The kinds of what register.Store.Seen notes.
const (
	SeenToken   = "token"
	seenSession = "session"
)

// clock returns the server's own time, by which sessions and tokens end.
func (s *Server) clock() city.Moment {
	if s.parts.Clock != nil {
		return city.At(s.parts.Clock())
	}
	return city.At(time.Now())
}

// demoPerson is who everybody is in a demonstration.
func demoPerson() *register.Person {
	return &register.Person{ID: "demo", Profile: entry.Profile{Login: "demo", Name: "Demo", Role: city.RoleAdmin}}
}

// caller finds out who sent a request. A token in a header comes before the
// cookies, a person's cookie before a screen's. Whoever says something that holds
// no more is nobody.
func (s *Server) caller(ctx *fasthttp.RequestCtx) caller {
	h := &ctx.Request.Header
	if len(h.Peek("Authorization")) > 0 {
		if t, ok := s.bearer(h); ok {
			return caller{token: &t}
		}
		return caller{}
	}
	if s.parts.Demo {
		return caller{person: demoPerson()}
	}
	secure := s.scheme(ctx) == "https"
	if who, ok := s.signedIn(string(h.Cookie(sessionCookie(secure)))); ok {
		return who
	}
	if t, ok := s.parts.Tokens.Lookup(string(h.Cookie(displayCookie(secure))), s.clock()); ok {
		s.seen(SeenToken, t.ID)
		return caller{token: &t, cookie: true}
	}
	return caller{}
}

// sessionCookie returns the name of a person's cookie. The prefix makes a browser
// hold it to https and to this very host; it refuses it without TLS.
func sessionCookie(secure bool) string {
	if secure {
		return "__Host-rasad"
	}
	return "rasad"
}

// displayCookie returns the name of a screen's cookie.
func displayCookie(secure bool) string { return sessionCookie(secure) + "-display" }

// signedIn returns whose session the secret is.
func (s *Server) signedIn(secret string) (caller, bool) {
	if len(secret) != base64.RawURLEncoding.EncodedLen(secretBytes) || s.parts.Register == nil {
		return caller{}, false
	}
	hash := hashOf(secret)
	who, ok := s.session(hash[:sessionID])
	if !ok || !sameSecret(who.hash, hash) {
		return caller{}, false
	}
	s.seen(seenSession, hash[:sessionID])
	return caller{person: who.person, session: hash[:sessionID], csrf: csrfOf(secret), cookie: true}, true
}

type held struct {
	person *register.Person
	hash   string
}

// session returns the session id with its person, where both still hold.
func (s *Server) session(id string) (held, bool) {
	in, ok := s.parts.Register.Session(id)
	if !ok {
		return held{}, false
	}
	now := s.clock()
	last := max(in.Began, s.parts.Register.LastSeen(seenSession, id))
	if now >= in.Ends || now-last >= city.Moment(sessionIdle/time.Second) {
		return held{}, false
	}
	p, ok := s.parts.Register.Person(in.Person)
	if !ok || p.Ended != 0 {
		return held{}, false
	}
	return held{&p, in.Hash}, true
}

func (s *Server) seen(kind, id string) {
	if s.parts.Register != nil {
		s.parts.Register.Seen(kind, id, s.clock())
	}
}

// hashOf returns what is kept of a secret.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// csrfOf derives from a session's secret what a page of ours must say to write. A
// page of another site cannot read it, and who knows it does not know the secret.
func csrfOf(secret string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte("rasad: writes of this session"))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:24])
}

// sameSecret compares in a time that says nothing about where they differ.
func sameSecret(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// bearer returns what the token in a request's header opens.
func (s *Server) bearer(h *fasthttp.RequestHeader) (tokens.Opened, bool) {
	all := h.PeekAll("Authorization")
	if len(all) != 1 {
		return tokens.Opened{}, false
	}
	scheme, presented, _ := strings.Cut(string(all[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return tokens.Opened{}, false
	}
	t, ok := s.parts.Tokens.Lookup(strings.TrimSpace(presented), s.clock())
	if ok {
		s.seen(SeenToken, t.ID)
	}
	return t, ok
}
