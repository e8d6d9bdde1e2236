package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"rasad/city"
	"rasad/city/fa"
	"rasad/server/listen"
	"rasad/server/tokens"
)

// A fault is a refusal of the server's own, by the code of its row in problems.
type fault struct {
	code  string
	cause error // told to the sender where it is not nil
	retry int   // seconds until another try makes sense; 0: as its row says
}

// Error returns the fault's code and cause.
func (f fault) Error() string {
	if f.cause == nil {
		return f.code
	}
	return f.code + ": " + f.cause.Error()
}

// Unwrap returns the cause.
func (f fault) Unwrap() error { return f.cause }

// problemOf finds the row of an error, and the cause that its sender may read:
// the words of our own rooms about what was sent, never those of a fault of ours.
// What they say to people in both languages, describe makes the detail.
func problemOf(err error) (p problem, cause string) {
	var f fault
	var fe *fiber.Error
	switch {
	case errors.As(err, &f):
		p = problemFor(f.code)
		p.retry = max(p.retry, f.retry)
		if f.cause != nil && p.status != fasthttp.StatusInternalServerError {
			cause = f.cause.Error()
		}
	case errors.As(err, &fe):
		p = problemWith(fe.Code)
	case errors.Is(err, city.ErrInvalid):
		p, cause = problemFor("invalid"), err.Error()
	case errors.Is(err, city.ErrNotFound):
		p, cause = problemFor("not_found"), err.Error()
	case errors.Is(err, city.ErrDenied):
		p, cause = problemFor("denied"), err.Error()
	case errors.Is(err, city.ErrBusy), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		p = problemFor("busy")
	default:
		p = problemFor("fault")
	}
	return p, cause
}

// A document is a problem as RFC 9457 writes it; code, cause and request_id are
// ours. Title and detail are in the caller's language: the detail says what is wrong
// this time, and what cures it. The cause is for those who write programs, in English.
type document struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail" doc:"what is wrong and what cures it, in the caller's language"`
	Code   string `json:"code"`
	Cause  string `json:"cause,omitempty" doc:"the same for those who write programs, with the place, in English"`
	ID     string `json:"request_id"`
	More   any    `json:"answer,omitempty"`
}

// fail answers ctx with the problem that err is. It is the only place where an
// error becomes an answer.
func (s *Server) fail(ctx *fasthttp.RequestCtx, err error) { s.failWith(ctx, err, nil) }

// failWith is fail with more to tell beside the problem.
func (s *Server) failWith(ctx *fasthttp.RequestCtx, err error, more any) {
	d := s.describe(ctx, err, more)
	if wantsPage(ctx) {
		s.errorPage(ctx, &d, s.toldIn(ctx, true))
		return
	}
	body, jsonErr := json.Marshal(d)
	if jsonErr != nil {
		s.parts.Log.Error("problem not written", "err", jsonErr, "request_id", d.ID)
		return
	}
	ctx.Response.Header.SetContentType("application/problem+json")
	ctx.Response.SetBodyRaw(body)
}

// describe returns the problem that err is, in the caller's language, and sets the
// status and the headers that go with it.
func (s *Server) describe(ctx *fasthttp.RequestCtx, err error, more any) document {
	p, cause := problemOf(err)
	p, cause = s.unread(ctx, p, cause)
	id := requestID(ctx)
	if p.status == fasthttp.StatusInternalServerError {
		s.parts.Log.Error("request failed", "err", err, "request_id", id)
	}
	s.secure(ctx) // a request that could not be read has not been through there
	ctx.Response.ResetBody()
	ctx.Response.SetStatusCode(p.status)
	h := &ctx.Response.Header
	h.Set("X-Request-Id", id)
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retry))
	}
	switch p.status {
	case fasthttp.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="rasad"`)
	case fasthttp.StatusUpgradeRequired:
		h.Set("Upgrade", "websocket")
	}
	lang := s.toldIn(ctx, wantsPage(ctx))
	h.Set("Content-Language", lang)
	return document{"about:blank", p.title.In(lang), p.status, detailOf(err, p, lang), p.code, cause, id, more}
}

// detailOf returns what is wrong this time, in the caller's language; where nobody
// has put that in words, what problems of the kind have in common.
func detailOf(err error, p problem, lang string) string {
	if r, ok := errors.AsType[*city.RefusalError](err); ok && p.status != fasthttp.StatusInternalServerError {
		return r.In(lang, shown)
	}
	return p.detail.In(lang)
}

// shown writes a number or a name into a Persian sentence.
func shown(arg any) string {
	switch v := arg.(type) {
	case int, int64:
		return fa.Digits(fmt.Sprint(v))
	case time.Duration:
		return fa.Digits(fmt.Sprint(int(v.Hours()))) + " ساعت"
	default:
		return fa.Isolate(fmt.Sprint(v))
	}
}

// unread sees to a body that was not read to its end: the answer must get through
// all the same. It turns "too large" into "who are you" where the body was held to
// be large only because nobody with a token had sent it.
func (s *Server) unread(ctx *fasthttp.RequestCtx, p problem, cause string) (problem, string) {
	h := &ctx.Request.Header
	if p.status == fasthttp.StatusRequestEntityTooLarge {
		listen.Linger(ctx.Conn())
	}
	if p.status != fasthttp.StatusRequestEntityTooLarge || !h.IsPost() || !isDoor(h) {
		return p, cause
	}
	if t, ok := s.bearer(h); !ok || t.Class != tokens.ClassSource {
		return problemFor("token"), ""
	}
	return p, cause
}

// requestID names a request in the log and in its answer; it is made when it is
// first asked for.
func requestID(ctx *fasthttp.RequestCtx) string {
	const key = "request_id"
	if id, ok := ctx.UserValue(key).(string); ok {
		return id
	}
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "none"
	}
	id := hex.EncodeToString(b[:])
	ctx.SetUserValue(key, id)
	return id
}
