package server

import (
	"bytes"
	"strings"

	"github.com/valyala/fasthttp"
)

// packFrom is the size in bytes from which an answer is packed: a smaller one fits into
// a packet of the line as it is.
const packFrom = 1400

// pack packs what the API answers with, where the reader takes gzip: lists of cases and
// sources shrink to a tenth, which a telephone in a full mobile cell feels. What says who
// asks is left as it is: it holds a secret, and its length, beside words that somebody
// else made it repeat, would tell of the secret.
func pack(ctx *fasthttp.RequestCtx) {
	r := &ctx.Response
	path := string(ctx.Path())
	if !ctx.IsGet() || r.StatusCode() != fasthttp.StatusOK || r.IsBodyStream() || len(r.Header.ContentEncoding()) > 0 ||
		!strings.HasPrefix(path, apiPath+"/") || strings.HasPrefix(path, apiPath+"/session") || !packs(r.Header.ContentType()) {
		return
	}
	body := r.Body()
	if len(body) < packFrom {
		return
	}
	r.Header.Add("Vary", "Accept-Encoding")
	if !accepts(string(ctx.Request.Header.Peek("Accept-Encoding")), "gzip") {
		return
	}
	r.SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestSpeed))
	r.Header.SetContentEncoding("gzip")
	if tag := string(r.Header.Peek("ETag")); tag != "" && !strings.HasPrefix(tag, "W/") {
		r.Header.Set("ETag", "W/"+tag) // the same to whoever reads it, not to the byte
	}
}

// packs reports whether a type of content is text.
func packs(kind []byte) bool {
	kind, _, _ = bytes.Cut(kind, []byte{';'})
	switch string(kind) {
	case "application/json", "application/openapi+json", "text/csv":
		return true
	default:
		return false
	}
}
