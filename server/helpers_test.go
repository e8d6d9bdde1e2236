package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"rasad/city"
	"rasad/collectors"
	"rasad/collectors/push"
	"rasad/entry"
	"rasad/history"
	"rasad/live"
	"rasad/measure"
	"rasad/server/tokens"
)

// patience bounds every wait of a test; none should ever reach it.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		code = leaks()
	}
	os.Exit(code)
}

// leaks waits for the goroutines of the servers to end, and prints those that do not.
func leaks() int {
	buf := make([]byte, 1<<20)
	every, end := time.NewTicker(20*time.Millisecond), time.After(12*time.Second)
	defer every.Stop()
	for {
		var left []string
		for s := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if (strings.Contains(s, "rasad/server") || strings.Contains(s, "fasthttp.(*Server)")) && !strings.Contains(s, "server.leaks") {
				left = append(left, s)
			}
		}
		if len(left) == 0 {
			return 0
		}
		select {
		case <-end:
			fmt.Println("goroutines left:\n" + strings.Join(left, "\n\n"))
			return 1
		case <-every.C:
		}
	}
}

func contextOf(t testing.TB) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	every, end := time.NewTicker(time.Millisecond), time.After(patience)
	defer every.Stop()
	for !is() {
		select {
		case <-end:
			t.Fatalf("never: %s", what)
		case <-every.C:
		}
	}
}

// isfahan is a small city with all that the server shows.
func isfahan(t testing.TB) *city.City {
	t.Helper()
	date := func(s string) city.Date {
		d, err := city.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	target := city.Steps(250)
	c, err := city.New(city.Definition{
		Format: 1, ID: "isfahan", Name: city.Text{FA: "اصفهان", EN: "Isfahan"}, Zone: "Asia/Tehran",
		Districts:   []city.District{{ID: "district-3", Number: 3, Name: city.Text{FA: "منطقهٔ ۳", EN: "District 3"}}},
		Places:      []city.Place{{ID: "naqsh-e-jahan", Name: city.Text{FA: "میدان نقش جهان", EN: "Naqsh-e Jahan"}, Kind: "square", District: "district-3", Capacity: 9000}},
		Departments: []city.Department{{ID: "tourism", Name: city.Text{FA: "گردشگری", EN: "Tourism"}}, {ID: "parks", Name: city.Text{FA: "فضای سبز", EN: "Parks"}}},
		Sources:     []city.Source{{ID: "naqsh-e-jahan/in", Place: "naqsh-e-jahan", District: "district-3", Unit: city.SiteVisit, Kind: city.Interval, SlotSec: 900, Max: 10000}},
		Indicators: []city.Indicator{
			{ID: "visits-today", Name: city.Text{FA: "بازدید امروز", EN: "Visits today"}, Theme: "visitors", Of: []city.SourceID{"naqsh-e-jahan/in"}, Unit: city.SiteVisit, How: city.Sum, Over: city.Day, By: []city.Grouping{city.ByCity, city.ByPlace}, Owner: "tourism"},
			{ID: "green-area", Name: city.Text{FA: "فضای سبز", EN: "Green area"}, Theme: "landscaping", Unit: city.SquareMetre, How: city.Last, Over: city.Now, By: []city.Grouping{city.ByCity}, Target: &target, Owner: "tourism"},
			{ID: "unused", Name: city.Text{FA: "دیگر", EN: "Other"}, Unit: city.Person, How: city.Sum, Over: city.Day},
		},
		Seasons: []city.Season{{ID: "nowruz-1406", Name: city.Text{FA: "نوروز ۱۴۰۶", EN: "Nowruz 1406"}, From: date("2027-03-16"), To: date("2027-04-04"), One: date("2027-03-21")}},
		Screens: []city.Screen{
			{ID: "hall", Name: city.Text{FA: `تالار <۱>`, EN: "Hall <1>"}, Lang: "fa", Numbers: []city.IndicatorID{"visits-today", "green-area"}, Crowding: "visits-today", Chart: "visits-today"},
			{ID: "street", Name: city.Text{FA: "خیابان", EN: "Street"}, Lang: "fa", Numbers: []city.IndicatorID{"green-area"}, Chart: "green-area", Public: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A fakeBoard shows the city's indicators; each set raises the first of them.
type fakeBoard struct {
	city   *city.City
	mu     sync.Mutex
	rev    uint64
	value  city.Steps
	panics bool
}

func (b *fakeBoard) set(v city.Steps) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rev++
	b.value = v
}

func (b *fakeBoard) tiles() []measure.Tile {
	fig := measure.Figure{Value: b.value, Has: true, Status: measure.OK}
	return []measure.Tile{
		{Indicator: b.city.Indicator("visits-today"), Group: measure.Group{By: city.ByCity}, Figure: fig},
		{Indicator: b.city.Indicator("visits-today"), Group: measure.Group{By: city.ByPlace, ID: "naqsh-e-jahan"}, Figure: fig},
	}
}

func (b *fakeBoard) Snapshot(view string) (live.Snapshot, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.panics {
		panic("planted in the board")
	}
	if !slices.Contains([]string{"hall", "street", "tourism", "parks", "all"}, view) {
		return live.Snapshot{}, fmt.Errorf("%w: view %q", city.ErrNotFound, view)
	}
	return live.Snapshot{View: view, Epoch: "e1", Rev: b.rev, Tiles: b.tiles()}, nil
}

func (b *fakeBoard) Since(_ string, rev uint64) ([]measure.Tile, uint64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case rev > b.rev:
		return nil, b.rev, false
	case rev == b.rev:
		return nil, b.rev, true
	default:
		return b.tiles(), b.rev, true
	}
}

// A stage is a server on a real address.
type stage struct {
	t      testing.TB
	srv    *Server
	addr   string
	board  *fakeBoard
	log    *logged
	token  string // may write everything
	narrow string // may write naqsh-e-jahan/in only
	stop   context.CancelFunc
	ended  chan error

	mu    sync.Mutex
	kept  []entry.Item
	whos  []collectors.Who
	reply func([]entry.Item) (collectors.Answer, error)
	asked history.SeriesQuery
	why   []string
}

type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func files() fstest.MapFS {
	return fstest.MapFS{
		"wall.html":                          {Data: []byte(`<html lang="{{LANG}}" dir="{{DIR}}" data-version="{{VERSION}}" data-screen="{{SCREEN}}"><title>{{TITLE}}</title><script src="{{ASSETS}}/js/wall.js"></script>`)},
		"desk.html":                          {Data: []byte(`<html lang="{{LANG}}" dir="{{DIR}}" data-version="{{VERSION}}" data-page="{{PAGE}}" data-department="{{DEPARTMENT}}" data-number="{{NUMBER}}"><title>{{TITLE}}</title><script src="{{ASSETS}}/js/desk/{{PAGE}}.js"></script>`)},
		"js/wall.js":                         {Data: []byte(strings.Repeat("console.log(\"wall\");\n", 100))},
		"css/base.css":                       {Data: []byte("body{}")},
		"third_party/vazirmatn-arabic.woff2": {Data: []byte("wOF2....")},
		"third_party/.env":                   {Data: []byte("SECRET=1")},
		"third_party/README.md":              {Data: []byte("how made")},
		"test/wall.test.js":                  {Data: []byte("test")},
		"package.json":                       {Data: []byte("{}")},
	}
}

// Accept keeps what it gets and answers as the test says.
func (s *stage) accept(_ context.Context, who collectors.Who, items []entry.Item) (collectors.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, items...)
	s.whos = append(s.whos, who)
	if s.reply != nil {
		return s.reply(items)
	}
	return collectors.Answer{Accepted: len(items), Position: entry.Position{Batch: 12, Index: uint32(len(items) - 1)}}, nil
}

// open starts a server; it ends with the test.
func open(t testing.TB, change func(*Config, *Parts)) *stage {
	t.Helper()
	c := isfahan(t)
	s := &stage{t: t, board: &fakeBoard{city: c, rev: 1}, log: &logged{}, ended: make(chan error, 1)}
	book := tokens.New(nil)
	appendTo := func(context.Context, []entry.Entry) (entry.Position, error) { return entry.Position{Batch: 1}, nil }
	for into, sources := range map[*string][]string{&s.token: nil, &s.narrow: {"naqsh-e-jahan/in"}} {
		var err error
		if _, *into, err = book.Issue(t.Context(), tokens.Request{Name: "gate", Opens: sources, By: "test"}, 0, appendTo); err != nil {
			t.Fatal(err)
		}
	}
	cfg := Config{Listen: "127.0.0.1:0", Interval: 2 * time.Millisecond, SocketsPerIP: 1000}
	parts := Parts{
		City: func() *city.City { return c }, Board: s.board, Tokens: book, Decode: push.Decode, DecodeCases: push.DecodeCases, Accept: s.accept, Append: appendTo, Demo: true,
		Series: func(_ context.Context, q history.SeriesQuery) (history.SeriesAnswer, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.asked = q
			return history.SeriesAnswer{Indicator: c.Indicator("visits-today"), From: q.From, To: q.To, Step: q.Step}, nil
		},
		Ready: func() []string { s.mu.Lock(); defer s.mu.Unlock(); return s.why },
		Now:   func() time.Time { return time.Date(2027, 3, 24, 14, 30, 0, 0, time.UTC) }, Speed: 1,
		Files: files(), Version: "test", Log: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	if change != nil {
		change(&cfg, &parts)
	}
	var err error
	if s.srv, err = New(cfg, parts); err != nil {
		t.Fatal(err)
	}
	if err := s.srv.Open(); err != nil {
		t.Fatal(err)
	}
	s.addr = s.srv.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	go func() { s.ended <- s.srv.Run(ctx) }()
	t.Cleanup(s.close)
	return s
}

func (s *stage) close() {
	s.t.Helper()
	s.settle()
	s.stop()
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Errorf("run: %v", err)
		}
		s.ended <- nil
	case <-time.After(patience):
		s.t.Error("the server did not stop")
	}
}

// settle gives connections that are about to go a moment to be gone: the HTTP server
// looks for that every 100 ms alone when it stops, and all tests stop one.
func (s *stage) settle() {
	every, end := time.NewTicker(time.Millisecond), time.After(20*time.Millisecond)
	defer every.Stop()
	for {
		if open, _ := s.srv.door.Counts(); open == 0 {
			return
		}
		select {
		case <-end:
			return
		case <-every.C:
		}
	}
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request with headers given as pairs.
func (s *stage) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	return s.send(req)
}

func (s *stage) send(req *http.Request) answer {
	s.t.Helper()
	client := &http.Client{
		Timeout: patience, Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

// A head is the beginning of an answer; its zero stands for none.
type head struct {
	status int
	closes bool // the server says that it closes the connection
}

// raw sends bytes as they are and returns the head of the first answer; the zero
// head where the server closed without one.
func (s *stage) raw(text string) head {
	s.t.Helper()
	var d net.Dialer
	c, err := d.DialContext(s.t.Context(), "tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(c, text) }() // the server may stop reading half-way
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return head{}
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return head{resp.StatusCode, resp.Close}
}

// problemIn reads a problem document.
func problemIn(t testing.TB, a answer) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(a.body), &d); err != nil {
		t.Fatalf("status %d, body %q: %v", a.status, a.body, err)
	}
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("a problem of type %q", ct)
	}
	return d
}

// readings makes a body of n readings.
func readings(n int) string {
	var b strings.Builder
	b.WriteString(`{"readings":[`)
	at := time.Date(2027, 3, 21, 0, 0, 0, 0, time.FixedZone("", 12600))
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		from := at.Add(time.Duration(i) * 15 * time.Minute)
		fmt.Fprintf(&b, `{"source":"naqsh-e-jahan/in","id":"reading-%d","unit":"site_visit","kind":"interval","from":%q,"to":%q,"value":%d}`,
			i, from.Format(time.RFC3339), from.Add(15*time.Minute).Format(time.RFC3339), i%1000)
	}
	b.WriteString(`]}`)
	return b.String()
}
