package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/server/bundle"
)

// An asset is a file for the browser, ready to be sent.
type asset struct {
	body   []byte
	packed []byte // gzip; nil where it would not be smaller
	etag   string // quoted
	mime   string
}

// assets are the files for the browser. Their address holds the hash of them all,
// so that a browser may keep each for ever.
type assets struct {
	files  map[string]asset // by path below the prefix
	hash   string           // 12 hexadecimal digits
	prefix string           // "/s/" and the hash
}

// readAssets reads the files that a browser may have: those of known folders and
// kinds, and nothing else; and with them the style sheet of p. The module and the sheet
// of each page become one with what they import. The hash covers the pages as well: a
// change of one is another version too.
func readAssets(from fs.FS, p pages) (*assets, error) {
	files := map[string][]byte{errorCSS: p.css}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && !folder(name):
			return fs.SkipDir
		case d.IsDir() || !strings.Contains(name, "/") || mime(name) == "" || strings.HasPrefix(path.Base(name), "."):
			return nil
		}
		files[name], err = fs.ReadFile(from, name)
		return err
	})
	if err == nil {
		err = bundle.Join(files, entries(files))
	}
	if err != nil {
		return nil, fmt.Errorf("read pages: %w: %w", city.ErrInvalid, err)
	}
	a := &assets{files: map[string]asset{}}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		a.files[name] = newAsset(name, files[name])
	}
	sum := sha256.New()
	hashed := func(name string, body []byte) {
		sum.Write(fmt.Appendf(nil, "%s %d\n", name, len(body)))
		sum.Write(body)
	}
	hashed("wall.html", []byte(p.wall))
	hashed("desk.html", []byte(p.desk))
	for _, name := range names {
		hashed(name, a.files[name].body)
	}
	a.hash = hex.EncodeToString(sum.Sum(nil)[:6])
	a.prefix = "/s/" + a.hash
	return a, nil
}

// entries returns what the pages ask for by name: the module and the sheet of each.
func entries(files map[string][]byte) []string {
	all := []string{"js/wall.js", "css/wall.css"}
	for _, module := range deskModules() {
		all = append(all, "js/desk/"+module+".js", "css/desk-"+module+".css")
	}
	return slices.DeleteFunc(all, func(name string) bool { return files[name] == nil })
}

// folder reports whether what lies in the folder name is for the browser.
func folder(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"css", "js", "fonts", "icons", "third_party"}, top)
}

// mime returns the type of a file by its name; "" for a kind that is not served.
func mime(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	default:
		return ""
	}
}

func newAsset(name string, body []byte) asset {
	sum := sha256.Sum256(body)
	f := asset{body: body, mime: mime(name), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	if f.mime == "font/woff2" || f.mime == "image/png" {
		return f // packed already
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return f
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil || b.Len() >= len(body) {
		return f
	}
	f.packed = b.Bytes()
	return f
}

// getAsset answers with a file for the browser.
func (s *Server) getAsset(c *fiber.Ctx) error {
	f, ok := s.assets.files[strings.TrimPrefix(c.Path(), s.assets.prefix+"/")]
	if !ok {
		return fault{code: "not_found"}
	}
	c.Set("Cache-Control", "public, max-age=31536000, immutable")
	c.Set("Vary", "Accept-Encoding")
	body, etag := f.body, f.etag
	if f.packed != nil && accepts(c.Get("Accept-Encoding"), "gzip") {
		body, etag = f.packed, strings.TrimSuffix(f.etag, `"`)+`-gzip"`
		c.Set("Content-Encoding", "gzip")
	}
	c.Set("ETag", etag)
	if matches(c.Get("If-None-Match"), etag) {
		c.Response().Header.Del("Content-Encoding")
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set("Content-Type", f.mime)
	c.Context().Response.SetBodyRaw(body) // shared: nobody changes it
	return nil
}

// matches reports whether an If-None-Match header names etag.
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == etag || part == "*" {
			return true
		}
	}
	return false
}
