package influx

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rasad/city"
	"rasad/history"
	"rasad/measure"
)

func tehran(t testing.TB) *city.Zone {
	t.Helper()
	zone, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func openStore(t testing.TB, cfg Config) *Store {
	t.Helper()
	s, err := Open(cfg, tehran(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func oneRow() []history.Row {
	return []history.Row{history.RawRow("gate/in", &measure.Raw{From: 1_800_000_000, To: 1_800_000_900, V: 3}, 0)}
}

// answering returns a server that gives the same answer to everything.
func answering(t *testing.T, status int, header http.Header, body string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAnswersBecomeTroubles(t *testing.T) {
	jsonHeader := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	v1 := func(message string) http.Header {
		return http.Header{"Content-Type": {"application/json"}, "X-Influxdb-Error": {message}}
	}
	partial := `partial write: field type conflict: input field "v" on measurement "reading" is type integer, already exists as type string dropped=1`
	cases := map[string]struct {
		status int
		header http.Header
		body   string
		want   history.RefusalError // Reason: a part of it
	}{
		"1.8 partial":       {400, v1(partial), `{"error":"x"}`, history.RefusalError{Trouble: history.Rejected, Reason: "type conflict"}},
		"2.x unprocessable": {422, jsonHeader, `{"code":"unprocessable entity","message":"failure writing points to database: partial write: points beyond retention policy dropped=1"}`, history.RefusalError{Trouble: history.Rejected, Reason: "beyond retention"}},
		"2.x invalid":       {400, jsonHeader, `{"code":"invalid","message":"unable to parse 'x'"}`, history.RefusalError{Trouble: history.Rejected, Reason: "unable to parse"}},
		"a stranger's 400":  {400, http.Header{"Content-Type": {"text/html"}}, "<h1>Bad Request</h1>", history.RefusalError{Trouble: history.Away, Reason: "answered 400"}},
		"no credentials":    {401, v1(""), ``, history.RefusalError{Trouble: history.Credentials, Reason: "answered 401"}},
		"not allowed":       {403, jsonHeader, `{"code":"forbidden","message":"insufficient permissions"}`, history.RefusalError{Trouble: history.Credentials, Reason: "insufficient"}},
		"no database":       {404, v1(`database not found: "rasad"`), `{}`, history.RefusalError{Trouble: history.Away, Reason: "database not found"}},
		"too large":         {413, v1("Request Entity Too Large"), `{}`, history.RefusalError{Trouble: history.TooLarge, Reason: "Too Large"}},
		"asked to wait":     {429, http.Header{"Retry-After": {"7"}}, "", history.RefusalError{Trouble: history.Away, RetryAfter: 7 * time.Second, Reason: "answered 429"}},
		"cache full":        {500, v1("engine: cache-max-memory-size exceeded"), `{}`, history.RefusalError{Trouble: history.Away, Reason: "cache-max"}},
		"behind a proxy":    {502, nil, "<html>", history.RefusalError{Trouble: history.Away, Reason: "answered 502"}},
		"unavailable":       {503, http.Header{"Retry-After": {"Fri, 01 Jan 2100 00:00:00 GMT"}}, "", history.RefusalError{Trouble: history.Away, RetryAfter: 1, Reason: "answered 503"}},
		"sent elsewhere":    {307, http.Header{"Location": {"/elsewhere"}}, "", history.RefusalError{Trouble: history.Away, Reason: "answered 307"}},
		"broken json":       {500, jsonHeader, `{"code":`, history.RefusalError{Trouble: history.Away, Reason: "answered 500"}},
		"an error of 10 MB": {500, nil, strings.Repeat("x", 10<<20), history.RefusalError{Trouble: history.Away, Reason: "answered 500"}},
		"odd retry":         {503, http.Header{"Retry-After": {"-3"}}, "", history.RefusalError{Trouble: history.Away, Reason: "answered 503"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := answering(t, c.status, c.header, c.body)
			s := openStore(t, Config{URL: server.URL, Token: "secret-of-mine"})
			for what, err := range map[string]error{
				"write": s.Write(t.Context(), oneRow()),
				"save":  s.SavePosition(t.Context(), history.Mark{Pos: 3}),
			} {
				got, ok := errors.AsType[*history.RefusalError](err)
				if !ok {
					t.Fatalf("%s: %v is no refusal", what, err)
				}
				if got.Trouble != c.want.Trouble || got.Status != c.status || !strings.Contains(got.Reason, c.want.Reason) {
					t.Errorf("%s: %+v, want %+v", what, got, c.want)
				}
				if c.want.RetryAfter == 1 && got.RetryAfter < time.Hour || c.want.RetryAfter != 1 && got.RetryAfter != c.want.RetryAfter {
					t.Errorf("%s: retry after %v, want %v", what, got.RetryAfter, c.want.RetryAfter)
				}
				if strings.Contains(got.Reason, "secret") || len(got.Reason) > 400 {
					t.Errorf("%s: reason %q", what, got.Reason)
				}
			}
			kind := city.ErrBusy
			if c.want.Trouble == history.Credentials {
				kind = city.ErrDenied
			}
			if _, err := s.Position(t.Context()); !errors.Is(err, kind) {
				t.Errorf("a question was answered with %v, want %v", err, kind)
			}
		})
	}
}

// request is what a server saw.
type request struct {
	method, path, auth, body string
	form                     map[string][]string
}

func TestRequestsAreThoseThatBothVersionsTake(t *testing.T) {
	var seen []request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			zipped, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = zipped
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, request{r.Method, r.URL.Path, r.Header.Get("Authorization"), string(b), r.URL.Query()})
		if strings.HasSuffix(r.URL.Path, "/query") {
			_, _ = io.WriteString(w, `{"results":[{"statement_id":0}]}`)
			return
		}
		w.WriteHeader(http.StatusNoContent) // as 2.x does
	}))
	defer server.Close()
	s := openStore(t, Config{URL: server.URL + "/base", Org: "isfahan", Bucket: "city/long", Token: "user:pass:word"})
	if err := s.Write(t.Context(), oneRow()); err != nil {
		t.Fatal(err)
	}
	if m, err := s.Position(t.Context()); err != nil || m != (history.Mark{}) {
		t.Fatalf("position %+v, %v", m, err)
	}
	if len(seen) != 2 {
		t.Fatalf("%d requests", len(seen))
	}
	write, read := seen[0], seen[1]
	if write.method != http.MethodPost || write.path != "/base/api/v2/write" || write.auth != "Token user:pass:word" ||
		write.form["org"][0] != "isfahan" || write.form["bucket"][0] != "city/long" || write.form["precision"][0] != "ns" {
		t.Errorf("write: %+v", write)
	}
	want := "reading,source=gate/in v=3i,to=1800000900i,pos=0i,late=0i,note=\"\" 1800000000000000000\n"
	if write.body != want {
		t.Errorf("body\n%swant\n%s", write.body, want)
	}
	if read.method != http.MethodGet || read.path != "/base/query" || read.auth != "Token user:pass:word" ||
		read.form["db"][0] != "city" || read.form["rp"][0] != "long" || read.form["epoch"][0] != "ns" {
		t.Errorf("read: %+v", read)
	}
}

func TestMissingDatabaseIsMadeAndAMissingBucketIsSaid(t *testing.T) {
	for _, version := range []string{"1.8", "2.x"} {
		var made string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodGet:
				_, _ = io.WriteString(w, `{"results":[{"statement_id":0,"error":"database not found: rasad"}]}`)
			case version == "1.8":
				made = r.URL.Query().Get("q")
				_, _ = io.WriteString(w, `{"results":[{"statement_id":0}]}`)
			default:
				_, _ = io.WriteString(w, `{"results":[{"statement_id":0,"error":"not implemented: CREATE DATABASE"}]}`)
			}
		}))
		s := openStore(t, Config{URL: server.URL})
		m, err := s.Position(t.Context())
		if version == "1.8" && (err != nil || m != (history.Mark{}) || !strings.HasPrefix(made, `CREATE DATABASE "rasad" WITH DURATION INF`)) {
			t.Errorf("1.8: %+v, %v, %q", m, err, made)
		}
		if version == "2.x" && (err == nil || !strings.Contains(err.Error(), `no bucket or database "rasad"`)) {
			t.Errorf("2.x: %v", err)
		}
		server.Close()
	}
}

// silent never answers.
type silent struct{ asked int }

func (s *silent) RoundTrip(req *http.Request) (*http.Response, error) {
	s.asked++
	<-req.Context().Done()
	if req.Body != nil {
		_ = req.Body.Close() // as every transport must
	}
	return nil, req.Context().Err()
}

func TestSilentServerIsGivenUpAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silence := &silent{}
		s, err := openOver(Config{URL: "http://influx.example"}, tehran(t), silence)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = s.Write(t.Context(), oneRow())
		got, ok := errors.AsType[*history.RefusalError](err)
		if !ok || got.Trouble != history.Away || time.Since(start) != writeTime || silence.asked != 1 {
			t.Errorf("%v after %v and %d requests", err, time.Since(start), silence.asked)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if _, err := s.Cells(ctx, &city.Source{ID: "gate"}, 0, 7200, 0); !errors.Is(err, city.ErrBusy) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestRowThatIsNotAsDeclaredIsNeverSent(t *testing.T) {
	silence := &silent{}
	s, err := openOver(Config{URL: "http://influx.example"}, tehran(t), silence)
	if err != nil {
		t.Fatal(err)
	}
	bad := history.RawRow("gate in,x=1", &measure.Raw{From: 1}, 0)
	err = s.Write(t.Context(), append(oneRow(), bad))
	if !errors.Is(err, city.ErrInvalid) || silence.asked != 0 {
		t.Errorf("%v after %d requests", err, silence.asked)
	}
	if err := s.Write(t.Context(), nil); err != nil || silence.asked != 0 {
		t.Errorf("no rows: %v after %d requests", err, silence.asked)
	}
}

func TestConfigIsCheckedInWordsWithoutTheToken(t *testing.T) {
	good := []Config{
		{URL: "http://127.0.0.1:8086"}, {URL: "https://influx.example/base/", Org: "شهر", Bucket: "a/b", Token: "user:pass:word"},
	}
	for _, c := range good {
		if err := c.Check(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	bad := map[string]Config{
		"url":     {URL: "127.0.0.1:8086"},
		"neither": {URL: "http://user:secret@127.0.0.1:8086"},
		"want":    {URL: "ftp://x"},
		"such as": {},
		"token":   {URL: "http://x", Token: "secret\nX: y"},
		"spaces":  {URL: "http://x", Token: "user:pass word"},
		"bucket":  {URL: "http://x", Bucket: "a/b/c"},
		"policy":  {URL: "http://x", Bucket: "a/"},
	}
	for word, c := range bad {
		_, err := Open(c, tehran(t))
		if !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v, want the word %q", c, err, word)
		}
	}
}
