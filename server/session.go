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
	"rasad/server/hub"
	"rasad/server/tokens"
)

// How long a sign-in holds.
const (
	sessionIdle = 12 * time.Hour     // without a request
	sessionFor  = 7 * 24 * time.Hour // in all
	displayFor  = 365 * 24 * time.Hour
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
	seenPerson  = "person"
)

// clock returns the server's own time, by which sessions and tokens end.
func (s *Server) clock() city.Moment { return city.At(s.parts.Clock()) }

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
	if t, ok := s.token(string(h.Cookie(displayCookie(secure)))); ok && t.Class == tokens.ClassDisplay {
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
	id := hash[:sessionID]
	in, ok := s.parts.Register.Session(id)
	if !ok || !sameSecret(in.Hash, hash) {
		return caller{}, false
	}
	p, ok := s.holder(in)
	if !ok {
		return caller{}, false
	}
	s.seen(seenSession, id)
	s.seen(seenPerson, p.ID)
	return caller{person: &p, session: id, csrf: csrfOf(secret), cookie: true}, true
}

// holder returns the person of a session, where both still hold.
func (s *Server) holder(in register.Session) (register.Person, bool) {
	now := s.clock()
	last := max(in.Began, s.parts.Register.LastSeen(seenSession, in.ID))
	if now >= in.Ends || now-last >= city.Moment(sessionIdle/time.Second) {
		return register.Person{}, false
	}
	p, ok := s.parts.Register.Person(in.Person)
	return p, ok && p.Ended == 0
}

// again returns the caller as it is now: its session or token may have ended, its
// role may be another. ok is false where it has ended.
func (s *Server) again(who caller) (now caller, ok bool) {
	switch {
	case who.token != nil:
		t, ok := s.parts.Tokens.Opened(who.token.ID, s.clock())
		return caller{token: &t}, ok
	case who.session != "":
		in, ok := s.parts.Register.Session(who.session)
		if !ok {
			return caller{}, false
		}
		p, ok := s.holder(in)
		return caller{person: &p, session: who.session}, ok
	default: // nobody, or anybody in a demonstration
		return who, true
	}
}

// holds returns what says whether who may still look at a view: 0, or the code to
// close its socket with.
func (s *Server) holds(who caller, view string) func() int {
	return func() int {
		now, ok := s.again(who)
		switch {
		case !ok:
			return hub.CloseSignedOut
		case s.opensView(now, view):
			return 0
		case now.nobody():
			return hub.CloseSignedOut
		default:
			return hub.CloseDenied
		}
	}
}

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
	return s.token(strings.TrimSpace(presented))
}

// token returns what a presented token opens, and notes that it was used.
func (s *Server) token(presented string) (tokens.Opened, bool) {
	t, ok := s.parts.Tokens.Lookup(presented, s.clock())
	if ok {
		s.seen(SeenToken, t.ID)
	}
	return t, ok
}

func (s *Server) seen(kind, id string) {
	if s.parts.Register != nil {
		s.parts.Register.Seen(kind, id, s.clock())
	}
}

// setCookie gives the browser a secret for so long; "" takes it away. Scripts do
// not get to see it, and pages of other sites do not send it along: not even by a
// link, where it is an admin's.
func (s *Server) setCookie(ctx *fasthttp.RequestCtx, name, secret string, lasts time.Duration, strict bool) {
	c := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(c)
	c.SetKey(name)
	c.SetValue(secret)
	c.SetPath("/")
	c.SetHTTPOnly(true)
	c.SetSecure(s.scheme(ctx) == "https")
	c.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	if strict {
		c.SetSameSite(fasthttp.CookieSameSiteStrictMode)
	}
	if secret == "" {
		c.SetExpire(fasthttp.CookieExpireDelete)
	} else {
		c.SetMaxAge(int(lasts / time.Second))
	}
	ctx.Response.Header.SetCookie(c)
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
