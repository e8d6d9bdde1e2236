package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// language returns "fa" or "en", as the visitor's browser prefers. Without a
// preference a page is Persian and an answer to a program English.
func language(ctx *fasthttp.RequestCtx, page bool) string {
	fallback := "en"
	if page {
		fallback = "fa"
	}
	return preferred(string(ctx.Request.Header.Peek("Accept-Language")), fallback)
}

// langCookie is where a browser keeps the language that its visitor has chosen.
const langCookie = "rasad_lang"

// toldIn returns the language in which somebody is told that something went wrong: on
// a page what the address says, or the visitor has chosen before, or the person who
// has signed in prefers; else what the browser or the program does.
func (s *Server) toldIn(ctx *fasthttp.RequestCtx, page bool) string {
	if page {
		for _, l := range [][]byte{ctx.QueryArgs().Peek("lang"), ctx.Request.Header.Cookie(langCookie)} {
			if known(string(l)) {
				return string(l)
			}
		}
		if p := s.caller(ctx).person; p != nil && known(p.Lang) {
			return p.Lang
		}
	}
	return language(ctx, page)
}

func known(lang string) bool { return lang == "fa" || lang == "en" }

// lang returns the language that a page is in: what the address says, which the
// browser keeps then, or the visitor has chosen before, or the person who has
// signed in prefers, or the browser does.
func (s *Server) lang(c *fiber.Ctx) string {
	ctx := c.Context()
	if l := c.Query("lang"); known(l) {
		s.keepLang(ctx, l)
		return l
	}
	if l := string(ctx.Request.Header.Cookie(langCookie)); known(l) {
		return l
	}
	if p := callerOf(c.UserContext()).person; p != nil && known(p.Lang) {
		return p.Lang
	}
	return language(ctx, true)
}

// keepLang has the browser keep a language: a script of the page may change it.
func (s *Server) keepLang(ctx *fasthttp.RequestCtx, lang string) {
	c := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(c)
	c.SetKey(langCookie)
	c.SetValue(lang)
	c.SetPath("/")
	c.SetMaxAge(int(displayFor / time.Second))
	c.SetSecure(s.scheme(ctx) == "https")
	c.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	ctx.Response.Header.SetCookie(c)
}

func preferred(header, fallback string) string {
	best, weight := fallback, 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if lang != "fa" && lang != "en" {
			continue
		}
		if q := quality(rest); q > weight {
			best, weight = lang, q
		}
	}
	return best
}

// quality reads the weight of a header's part, from 0 to 1; 1 where none is given.
func quality(params string) float64 {
	name, value, ok := strings.Cut(strings.TrimSpace(params), "=")
	if !ok || strings.TrimSpace(name) != "q" {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}

// wantsPage reports whether a person looks at the answer in a browser.
func wantsPage(ctx *fasthttp.RequestCtx) bool {
	path := string(ctx.Path())
	return (path == "/" || !strings.HasPrefix(path, "/api/")) && !strings.HasPrefix(path, "/ws") &&
		strings.Contains(string(ctx.Request.Header.Peek("Accept")), "text/html")
}

// accepts reports whether an Accept-Encoding header takes gzip. No header takes
// nothing but the plain text.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			return quality(rest) > 0
		}
	}
	return false
}
