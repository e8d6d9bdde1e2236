package server

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

func unpacked(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhatTheAPIAnswersIsPackedForWhoTakesIt(t *testing.T) {
	o := openOffice(t, nil)
	for _, path := range []string{"/api/v1/openapi.json", "/api/v1/indicators", "/api/v1/figures"} {
		plain := o.as("admin", "GET", path, "", "Accept-Encoding", "identity")
		packed := o.as("admin", "GET", path, "", "Accept-Encoding", "br, gzip;q=0.5")
		if plain.status != 200 || packed.status != 200 || len(plain.body) < packFrom {
			t.Fatalf("%s: %d and %d, %d bytes", path, plain.status, packed.status, len(plain.body))
		}
		if plain.header.Get("Content-Encoding") != "" || packed.header.Get("Content-Encoding") != "gzip" ||
			!strings.Contains(plain.header.Get("Vary"), "Accept-Encoding") || !strings.Contains(packed.header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: %v and %v", path, plain.header, packed.header)
		}
		if len(packed.body)*2 > len(plain.body) || unpacked(t, packed.body) != plain.body {
			t.Errorf("%s: %d bytes of %d, or others", path, len(packed.body), len(plain.body))
		}
		tag := packed.header.Get("ETag")
		if want := plain.header.Get("ETag"); strings.TrimPrefix(tag, "W/") != strings.TrimPrefix(want, "W/") || tag != "" && !strings.HasPrefix(tag, "W/") {
			t.Errorf("%s: the tags %q and %q", path, tag, want)
		}
		if a := o.as("admin", "GET", path, "", "Accept-Encoding", "gzip", "If-None-Match", tag); tag != "" && (a.status != 304 || a.body != "" || a.header.Get("Content-Encoding") != "") {
			t.Errorf("%s again: %d %v", path, a.status, a.header)
		}
	}
}

func TestWhatIsNotPacked(t *testing.T) {
	o := openOffice(t, nil)
	for name, path := range map[string]string{
		"who asks, with a secret": "/api/v1/session", "what is small": "/api/v1/tokens", "a table that is packed": "/api/v1/figures?format=xlsx",
		"a problem": "/api/v1/figures?period=" + strings.Repeat("x", packFrom),
	} {
		if a := o.as("admin", "GET", path, "", "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "" || a.body == "" {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
	}
	for kind, want := range map[string]bool{"text/csv; charset=utf-8": true, "application/json": true, "application/jsonx": false, xlsxType: false, "image/jpeg": false, "": false} {
		if packs([]byte(kind)) != want {
			t.Errorf("%q is packed: %v", kind, !want)
		}
	}
	for _, takes := range []string{"", "identity", "gzip;q=0", "br"} {
		if a := o.as("admin", "GET", "/api/v1/openapi.json", "", "Accept-Encoding", takes); a.header.Get("Content-Encoding") != "" {
			t.Errorf("%q: %v", takes, a.header)
		}
	}
}
