package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"rasad/city"
	"rasad/collectors"
	"rasad/collectors/push"
	"rasad/entry"
)

func TestReadingsAreAnsweredWithWhatBecameOfThem(t *testing.T) {
	s := open(t, nil)
	s.reply = func(items []entry.Item) (collectors.Answer, error) {
		return collectors.Answer{
			Accepted: 1, Duplicates: 1, Position: entry.Position{Batch: 12, Index: 3},
			Quarantined: []collectors.Refusal{{Index: 2, ID: "x", Reason: "out_of_range", Detail: "want 0 to 10000"}},
		}, nil
	}
	a := s.do("POST", readingsPath, readings(3), "Authorization", "Bearer "+s.narrow, "Content-Type", "application/json; charset=utf-8")
	const want = `{"accepted":1,"duplicates":1,"quarantined":[{"index":2,"id":"x","reason":"out_of_range","detail":"want 0 to 10000"}],"position":"12.3"}`
	if a.status != 200 || a.body != want || a.header.Get("Rasad-Position") != "12.3" {
		t.Errorf("%d %s\n%v", a.status, a.body, a.header)
	}
	if len(s.kept) != 3 || s.kept[2].ID != "reading-2" || s.kept[2].Number != "2" {
		t.Errorf("kept %+v", s.kept)
	}
	if who := s.whos[0]; len(who.Sources) != 1 || who.Sources[0] != "naqsh-e-jahan/in" || who.ID == "" {
		t.Errorf("who = %+v", who)
	}
}

func TestEventsOfCasesHaveADoorOfTheirOwn(t *testing.T) {
	s := open(t, nil)
	s.reply = func(items []entry.Item) (collectors.Answer, error) {
		return collectors.Answer{Accepted: len(items), Position: entry.Position{Batch: 7, Index: 1}}, nil
	}
	a := s.do("POST", casesPath, push.SampleCases, "Authorization", "Bearer "+s.token)
	if want := `{"accepted":2,"duplicates":0,"quarantined":[],"position":"7.1"}`; a.status != 200 || a.body != want || a.header.Get("Rasad-Position") != "7.1" {
		t.Errorf("%d %s\n%v", a.status, a.body, a.header)
	}
	if len(s.kept) != 2 || s.kept[0].Event == nil || s.kept[0].Event.State != "opened" || s.kept[1].ID != "137-20451" {
		t.Errorf("kept %+v", s.kept)
	}
	for _, tc := range []struct {
		body, token string
		status      int
		says        string
	}{
		{push.SampleCases, "", 401, ""},
		{push.Sample, s.token, 400, "unknown field"},
		{`{"cases":[` + strings.Repeat(`{"source":"s","id":"a","kind":"report","event":"opened","at":"2027-03-21T09:00:00Z"},`, 5000) + `{}]}`, s.token, 400, "cases[5000]"},
		{strings.Repeat(" ", maxReadings+1), s.token, 413, ""},
		{strings.Repeat(" ", maxSmallBody+1), "", 401, ""}, // not read
	} {
		if a := s.do("POST", casesPath, tc.body, "Authorization", "Bearer "+tc.token); a.status != tc.status || !strings.Contains(a.body, tc.says) {
			t.Errorf("%d bytes with token %q: %d %s, want %d and %q", len(tc.body), tc.token, a.status, a.body, tc.status, tc.says)
		}
	}
	if got := len(s.kept); got != 2 {
		t.Errorf("%d items were kept of what was refused", got-2)
	}
}

func TestARequestThatMadeNothingNamesTheNewestPosition(t *testing.T) {
	s := open(t, func(_ *Config, p *Parts) {
		p.Position = func() entry.Position { return entry.Position{Batch: 99, Index: 1} }
	})
	s.reply = func(items []entry.Item) (collectors.Answer, error) {
		return collectors.Answer{Duplicates: len(items)}, nil
	}
	a := s.do("POST", readingsPath, readings(1), "Authorization", "Bearer "+s.token)
	if want := `{"accepted":0,"duplicates":1,"quarantined":[],"position":"99.1"}`; a.body != want {
		t.Errorf("%s", a.body)
	}
}

func TestFiveThousandReadingsFitOneRequest(t *testing.T) {
	s := open(t, nil)
	body := readings(5000)
	if a := s.do("POST", readingsPath, body, "Authorization", "Bearer "+s.token); a.status != 200 {
		t.Fatalf("plain, %d bytes: %d %s", len(body), a.status, a.body)
	}
	if a := s.do("POST", readingsPath, packed(t, body), "Authorization", "Bearer "+s.token, "Content-Encoding", "gzip"); a.status != 200 {
		t.Fatalf("gzip: %d %s", a.status, a.body)
	}
	if len(s.kept) != 10_000 || s.kept[9_999].ID != "reading-4999" {
		t.Errorf("kept %d", len(s.kept))
	}
}

func TestWhatIsKeptOfARequestDoesNotChangeWithTheNext(t *testing.T) {
	s := open(t, nil)
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	for i := range 200 {
		body := fmt.Sprintf(`{"readings":[{"source":"naqsh-e-jahan/in","id":"id-%03d","at":"2027-03-21T10:00:00+03:30","value":%d}]}`, i, i)
		req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+s.addr+readingsPath, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.token)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	for i := range s.kept {
		if want := fmt.Sprintf("id-%03d", i); s.kept[i].ID != want {
			t.Fatalf("item %d became %q", i, s.kept[i].ID)
		}
	}
}

// A doorCase is a bad request to the door, and the answer that it should get.
type doorCase struct {
	body    string
	headers []string
	reply   func([]entry.Item) (collectors.Answer, error)
	status  int
	code    string
	cause   string // part of it
}

func doorCases(t *testing.T, s *stage) map[string]doorCase {
	bearer := "Bearer " + s.token
	denied := func([]entry.Item) (collectors.Answer, error) {
		return collectors.Answer{}, fmt.Errorf("accept items: %w source \"x\": not in the token's scope", city.ErrDenied)
	}
	full := func([]entry.Item) (collectors.Answer, error) {
		return collectors.Answer{Refused: 7, Quarantined: []collectors.Refusal{}, Position: entry.Position{Batch: 3}}, nil
	}
	fails := func(err error) func([]entry.Item) (collectors.Answer, error) {
		return func([]entry.Item) (collectors.Answer, error) { return collectors.Answer{}, err }
	}
	bomb := packed(t, strings.Repeat(" ", 20<<20))
	return map[string]doorCase{
		"no token":            {body: readings(1), status: 401, code: "token"},
		"wrong token":         {body: readings(1), headers: []string{"Authorization", "Bearer rsd_" + strings.Repeat("A", 43)}, status: 401, code: "token"},
		"another scheme":      {body: readings(1), headers: []string{"Authorization", "Basic " + s.token}, status: 401, code: "token"},
		"wrong token, large":  {body: readings(5000), headers: []string{"Authorization", "Bearer rsd_x"}, status: 401, code: "token"},
		"outside the scope":   {body: readings(1), headers: []string{"Authorization", bearer}, reply: denied, status: 403, code: "denied", cause: "scope"},
		"broken JSON":         {body: `{"readings":[{]}`, headers: []string{"Authorization", bearer}, status: 400, code: "invalid"},
		"unknown field":       {body: `{"readings":[{"vlaue":1}]}`, headers: []string{"Authorization", bearer}, status: 400, code: "invalid", cause: "vlaue"},
		"no body":             {headers: []string{"Authorization", bearer}, status: 400, code: "invalid"},
		"a form":              {body: "a=b", headers: []string{"Authorization", bearer, "Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "encoding"},
		"multipart":           {body: "--x--", headers: []string{"Authorization", bearer, "Content-Type", "multipart/form-data; boundary=x"}, status: 415, code: "encoding"},
		"brotli":              {body: "x", headers: []string{"Authorization", bearer, "Content-Encoding", "br"}, status: 415, code: "encoding"},
		"gzip twice":          {body: "x", headers: []string{"Authorization", bearer, "Content-Encoding", "gzip, gzip"}, status: 415, code: "encoding"},
		"not gzip":            {body: "xxxxxxxxxxxxxxxxxxxxxxxxx", headers: []string{"Authorization", bearer, "Content-Encoding", "gzip"}, status: 400, code: "invalid", cause: "gzip"},
		"gzip cut short":      {body: packed(t, readings(50))[:300], headers: []string{"Authorization", bearer, "Content-Encoding", "gzip"}, status: 400, code: "invalid", cause: "damaged"},
		"gzip bomb":           {body: bomb, headers: []string{"Authorization", bearer, "Content-Encoding", "gzip"}, status: 413, code: "too_large"},
		"3 MB":                {body: strings.Repeat(" ", 3<<20), headers: []string{"Authorization", bearer}, status: 413, code: "too_large"},
		"quarantine is full":  {body: readings(1), headers: []string{"Authorization", bearer}, reply: full, status: 429, code: "quarantine"},
		"journal is busy":     {body: readings(1), headers: []string{"Authorization", bearer}, reply: fails(fmt.Errorf("append: %w: secret path", city.ErrBusy)), status: 503, code: "busy"},
		"journal is slow":     {body: readings(1), headers: []string{"Authorization", bearer}, reply: fails(context.DeadlineExceeded), status: 503, code: "busy"},
		"a fault of ours":     {body: readings(1), headers: []string{"Authorization", bearer}, reply: fails(errors.New("secret path")), status: 500, code: "fault"},
		"from another site":   {body: readings(1), headers: []string{"Authorization", bearer, "Origin", "https://evil.example"}, status: 403, code: "origin"},
		"sent by other pages": {body: readings(1), headers: []string{"Authorization", bearer, "Sec-Fetch-Site", "cross-site"}, status: 403, code: "origin"},
	}
}

func TestBadRequestsOfTheDoorGetClearAnswers(t *testing.T) {
	s := open(t, nil)
	for name, tc := range doorCases(t, s) {
		t.Run(name, func(t *testing.T) {
			s.mu.Lock()
			s.reply = tc.reply
			s.mu.Unlock()
			s.t = t
			a := s.do("POST", readingsPath, tc.body, tc.headers...)
			d := problemIn(t, a)
			if a.status != tc.status || d.Status != tc.status || d.Code != tc.code || !strings.Contains(d.Cause, tc.cause) {
				t.Errorf("%d %s, want %d %s", a.status, a.body, tc.status, tc.code)
			}
			if strings.Contains(a.body, "secret") || strings.Contains(a.body, "rsd_A") || strings.Contains(a.body, "goroutine") {
				t.Errorf("the answer tells too much: %s", a.body)
			}
			if retry := a.header.Get("Retry-After"); (retry != "") != (tc.status == 429 || tc.status == 503) {
				t.Errorf("Retry-After %q at %d", retry, a.status)
			}
			if d.ID == "" || d.ID != a.header.Get("X-Request-Id") {
				t.Errorf("request id %q, header %q", d.ID, a.header.Get("X-Request-Id"))
			}
			if tc.status == 429 && !strings.Contains(a.body, `"refused":7`) {
				t.Errorf("429 without the answer: %s", a.body)
			}
		})
	}
}

func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestABombIsInflatedNoFurtherThanItsBound(t *testing.T) {
	s := open(t, nil)
	bomb := strings.Repeat(packed(t, strings.Repeat(" ", 10<<20)), 30) // 300 MB in 300 KB
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a := s.do("POST", readingsPath, bomb, "Authorization", "Bearer "+s.token, "Content-Encoding", "gzip")
	runtime.ReadMemStats(&after)
	if a.status != 413 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 150 {
		t.Errorf("%d MB were allocated on the way", used)
	}
}

func TestAHundredMegabytesAreRefusedBeforeTheyAreSent(t *testing.T) {
	s := open(t, nil)
	s.raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	for _, token := range []string{s.token, "rsd_wrong"} {
		start := time.Now()
		got := s.raw("POST " + readingsPath + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 104857600\r\n\r\n")
		took := time.Since(start)
		want := 413
		if token != s.token {
			want = 401
		}
		if got.status != want {
			t.Errorf("answer %+v, want %d", got, want)
		}
		if took > time.Second { // 100 ms on a quiet machine
			t.Errorf("took %v", took)
		}
	}
}

func TestAHundredMegabytesInPiecesNeedNoMemory(t *testing.T) {
	s := open(t, nil)
	s.do("POST", readingsPath, readings(5000), "Authorization", "Bearer "+s.token)
	before := resident(t)
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n", readingsPath, s.token); err != nil {
		t.Fatal(err)
	}
	piece := append([]byte("100000\r\n"), bytes.Repeat([]byte(" "), 1<<20)...)
	piece = append(piece, "\r\n"...)
	sent := 0
	for sent < 100 { // until the server has had enough
		if _, err := c.Write(piece); err != nil {
			break
		}
		sent++
	}
	if sent == 100 {
		t.Error("the server took all of it")
	}
	if grown := resident(t) - before; grown > 20<<20 {
		t.Errorf("resident memory grew by %d MB", grown>>20)
	}
	if len(s.kept) != 5000 {
		t.Errorf("kept %d", len(s.kept))
	}
}

// resident returns the memory of this process, in bytes.
func resident(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func TestOtherRoutesTakeNoBody(t *testing.T) {
	s := open(t, nil)
	if a := s.do("POST", "/healthz", strings.Repeat("x", 5000)); a.status != 413 {
		t.Errorf("5,000 bytes to /healthz: %d", a.status)
	}
	if a := s.do("POST", "/healthz", "x"); a.status != 405 || !strings.Contains(a.header.Get("Allow"), "GET") {
		t.Errorf("POST /healthz: %d, allow %q", a.status, a.header.Get("Allow"))
	}
}

func TestProblemsAreJSONInBothLanguages(t *testing.T) {
	for _, p := range problems() {
		for _, text := range []city.Text{p.title, p.detail} {
			if text.FA == "" || text.EN == "" || text.FA == text.EN {
				t.Errorf("%s: %+v", p.code, text)
			}
		}
		if _, err := json.Marshal(p.title); err != nil || p.status < 400 {
			t.Errorf("%s: %v %d", p.code, err, p.status)
		}
		if problemFor(p.code).code != p.code {
			t.Errorf("%s is there twice", p.code)
		}
	}
}
