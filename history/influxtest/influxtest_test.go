package influxtest_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"rasad/history/influxtest"
)

func TestServerKeepsItsAddressAndDataOverStopAndKill(t *testing.T) {
	s := influxtest.New(t, influxtest.Options{})
	url := s.URL
	ask := func(q string) string {
		t.Helper()
		out, err := s.Query(t.Context(), "", q)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ask(`CREATE DATABASE "kept"`)
	for _, end := range []func(){s.Stop, s.Kill} {
		end()
		end()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/ping", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			t.Error("it answers after its end")
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if out := ask("SHOW DATABASES"); s.URL != url || !strings.Contains(out, "kept") {
			t.Errorf("at %s: %s", s.URL, out)
		}
	}
}

func TestServerWithAuthLetsNobodyElseIn(t *testing.T) {
	s := influxtest.New(t, influxtest.Options{Auth: true})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/query?q=SHOW+DATABASES", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	out, err := s.Query(t.Context(), "", "SHOW DATABASES")
	if resp.StatusCode != http.StatusUnauthorized || err != nil || strings.Contains(out, "error") {
		t.Errorf("a stranger got %s, the user %s, %v", resp.Status, out, err)
	}
}

func TestServerThatCannotStartSaysWhy(t *testing.T) {
	_, err := influxtest.Open(t.Context(), influxtest.Options{Dir: t.TempDir(), Addr: "127.0.0.1:no-port"})
	if err == nil || !strings.Contains(err.Error(), "no-port") {
		t.Error(err)
	}
}

func TestBinaryIsBuiltOnceAndFoundAgain(t *testing.T) {
	first, err := influxtest.Binary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := influxtest.Binary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(second)
	if err != nil || first != second || !os.SameFile(before, after) || after.Mode()&0o100 == 0 {
		t.Errorf("%s, then %s: %v", first, second, err)
	}
}
