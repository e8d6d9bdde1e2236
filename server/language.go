package server

import (
	"strconv"
	"strings"

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
