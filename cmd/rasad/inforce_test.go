package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A city file that changes goes into the journal whole; what data forbids is
// refused, with its words, and leaves everything as it was.
func TestAChangedCityComesIntoForceOrIsRefused(t *testing.T) {
	src, err := os.ReadFile(melbourneCity)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	with := func(name string, change ...string) string {
		t.Helper()
		text := strings.NewReplacer(change...).Replace(string(src))
		if text == string(src) && len(change) > 0 {
			t.Fatalf("%q changes nothing", change)
		}
		return write(t, name, text)
	}
	serve := func(city string) *program {
		return start(t, "serve", "--city", city, "--data", data, "--listen", "127.0.0.1:0")
	}
	p := serve(with("first.yaml"))
	token := newToken(t, data, "--backfill")
	body := `{"readings":[{"source":"birrarung-marr","from":"2016-12-30T01:00:00Z","to":"2016-12-30T02:00:00Z","value":7}]}`
	if status, got, err := p.post(token, body); err != nil || status != 200 || got.Accepted != 1 {
		t.Fatalf("post: %d, %+v, %v", status, got, err)
	}
	p.stop()

	renamed := with("renamed.yaml", "en: Birrarung Marr}", "en: Birrarung Park}")
	if code, out := rasad(t, "check", "--city", renamed, "--against", data); code != 0 || !strings.Contains(out, "Birrarung Park") {
		t.Errorf("check --against: exit code %d: %s", code, out)
	}
	for name, change := range map[string][]string{
		"unit.yaml": {"unit: crossing", "unit: site_visit"},
		"zone.yaml": {"zone: Australia/Melbourne", "zone: Asia/Tehran"},
	} {
		city := with(name, change...)
		code, out := rasad(t, "serve", "--city", city, "--data", data, "--listen", "127.0.0.1:0")
		if code != exitUsage || !strings.Contains(out, "keeps its unit") {
			t.Errorf("%s with data: exit code %d: %s; want %d and the reason", name, code, out, exitUsage)
		}
	}
	p = serve(renamed)
	if !strings.Contains(p.text(), "Birrarung Park") {
		t.Errorf("serve does not say what changes:\n%s", p.text())
	}
	p.stop()
	serve(renamed).stop() // the same again is no change

	segments, err := filepath.Glob(filepath.Join(data, "journal", "*.rasad"))
	if err != nil {
		t.Fatal(err)
	}
	var journal []byte
	for _, s := range segments {
		b, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		journal = append(journal, b...)
	}
	if n := bytes.Count(journal, []byte(`{"kind":"city"`)); n != 2 {
		t.Errorf("%d cities are in the journal, want the first and the renamed one", n)
	}
}
