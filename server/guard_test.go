package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/semver"
)

func TestRequestsThatCouldBeReadInTwoWaysAreRefused(t *testing.T) {
	s := open(t, nil)
	const post = "POST " + readingsPath + " HTTP/1.1\r\n"
	for name, text := range map[string]string{
		"length and pieces":        post + "Host: localhost\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
		"two lengths":              post + "Host: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"negative length":          post + "Host: localhost\r\nContent-Length: -1\r\n\r\n",
		"length with a sign":       post + "Host: localhost\r\nContent-Length: +1\r\n\r\na",
		"xchunked":                 post + "Host: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"two transfer encodings":   post + "Host: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"pieces in HTTP/1.0":       "POST " + readingsPath + " HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"space before the colon":   post + "Host: localhost\r\nContent-Length : 1\r\n\r\na",
		"folded header":            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n",
		"folded with a tab":        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n\tc\r\n\r\n",
		"no host":                  "GET /healthz HTTP/1.1\r\n\r\n",
		"two hosts":                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
		"NUL in a header":          "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: a\x00b\r\n\r\n",
		"HTTP/9.9":                 "GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
		"HTTP/2.0":                 "GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n",
		"absolute target":          "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a body to GET":            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nGET /",
		"pieces to GET":            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"CONNECT":                  "CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"header without a colon":   "GET /healthz HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n",
		"header of 10 KB":          "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + strings.Repeat("a", 10<<10) + "\r\n\r\n",
		"two requests, first evil": "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\nGET /version HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"bad piece length":         post + "Host: localhost\r\nAuthorization: Bearer x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			got := s.raw(text)
			if got == (head{}) {
				return // closed without an answer
			}
			if got.status < 400 || got.status >= 500 {
				t.Errorf("answered %d", got.status)
			}
			if !got.closes {
				t.Errorf("%d, and the connection stays open", got.status)
			}
		})
	}
	if len(s.kept) != 0 {
		t.Errorf("readings got through: %v", s.kept)
	}
}

func TestPathTricksFindNothing(t *testing.T) {
	s := open(t, nil)
	p := s.srv.assets.prefix
	for _, path := range []string{
		p + "/../config.go", p + "/%2e%2e/wall.html", p + "/%252e%252e/x", p + "/..%5c..%5cx", p + "/js//wall.js", "//wall/hall", p + "/js/wall.js%00.css",
		p + "/third_party/.env", p + "/third_party/README.md", p + "/test/wall.test.js", p + "/package.json", p + "/wall.html", p + "/", p + "/js", p + "/js/",
		"/s/000000000000/js/wall.js", "/%77all/hall", "/wall/hall/", "/WALL/hall", "/wall/", "/.git/config", "/wall/..", "/api/v1/../../wall/hall", "/./wall/hall",
		"/metrics/", "/Healthz", "/debug/pprof/", "/api/v1/screens/hall%2f..", "/api/v1/screens/%D8%B1",
	} {
		got := s.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		if got.status != http.StatusNotFound {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if a := s.do("GET", p+"/js/wall.js", ""); a.status != 200 {
		t.Errorf("the honest path: %d", a.status)
	}
}

func TestOnlyOurOwnNamesAreAnswered(t *testing.T) {
	s := open(t, func(c *Config, _ *Parts) { c.Hosts = []string{"Rasad.example.org"} })
	for host, want := range map[string]int{
		"localhost": 200, "127.0.0.1:8080": 200, "[::1]:80": 200, "RASAD.example.org": 200, "rasad.example.org:443": 200,
		"evil.example": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "evil.example:80": 421, "xlocalhost": 421, "0.0.0.0": 421,
	} {
		if a := s.do("GET", "/healthz", "", "Host", host); a.status != want {
			t.Errorf("host %s: %d, want %d", host, a.status, want)
		}
		if a := s.do("GET", "/ws?view=hall", "", "Host", host, "Upgrade", "websocket"); (a.status == 421) != (want == 421) {
			t.Errorf("host %s at the socket: %d", host, a.status)
		}
	}
}

func TestEveryAnswerCarriesTheSafeHeaders(t *testing.T) {
	s := open(t, nil)
	for _, a := range []answer{
		s.do("GET", "/wall/hall", ""), s.do("GET", "/", ""), s.do("GET", "/healthz", ""), s.do("GET", "/nothing", ""), s.do("PATCH", "/", ""),
		s.do("GET", "/nothing", "", "Accept", "text/html"), s.do("GET", s.srv.assets.prefix+"/js/wall.js", ""), s.do("GET", "/", "", "Host", "evil.example"),
		s.do("POST", "/healthz", strings.Repeat("x", 5000)), s.do("POST", readingsPath, "x"),
	} {
		h := a.header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Frame-Options") != "DENY" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
			h.Get("Cross-Origin-Opener-Policy") != "same-origin" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Permissions-Policy") == "" {
			t.Errorf("status %d: %v", a.status, h)
		}
		if h.Get("Server") != "" || h.Get("Strict-Transport-Security") != "" {
			t.Errorf("status %d: server %q, hsts %q", a.status, h.Get("Server"), h.Get("Strict-Transport-Security"))
		}
	}
}

func TestErrorsTellNothingTheyShouldNot(t *testing.T) {
	s := open(t, nil)
	for _, lang := range []string{"fa", "en"} {
		for _, accept := range []string{"text/html", "application/json"} {
			a := s.do("GET", "/nothing-secret", "", "Accept", accept, "Accept-Language", lang, "X-Secret", "secret-header")
			want := problemFor("not_found").title.In(lang)
			if a.status != 404 || !strings.Contains(a.body, want) || a.header.Get("Content-Language") != lang {
				t.Errorf("%s %s: %d %s", accept, lang, a.status, a.body)
			}
			for _, secret := range []string{"secret", "goroutine", ".go:", "fiber", "fasthttp", "1.26"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("%s %s: the answer holds %q", accept, lang, secret)
				}
			}
			if !strings.Contains(a.body, a.header.Get("X-Request-Id")) {
				t.Errorf("%s %s: no request id in %s", accept, lang, a.body)
			}
			if accept == "text/html" && !strings.Contains(a.header.Get("Content-Type"), "text/html") {
				t.Errorf("a browser got %s", a.header.Get("Content-Type"))
			}
		}
	}
	if a := s.raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Secret secret-header\r\n\r\n"); a != (head{}) && a.status != 400 {
		t.Errorf("broken header: %d", a.status)
	}
	if d := problemIn(t, s.do("GET", "/api/v1/screens/x", "")); d.Title != problemFor("not_found").title.EN {
		t.Errorf("an API answer without a preference is %q", d.Title)
	}
	if a := s.do("GET", "/wall/x", "", "Accept", "text/html"); !strings.Contains(a.body, problemFor("not_found").title.FA) || !strings.Contains(a.body, `dir="rtl"`) {
		t.Errorf("a page without a preference: %s", a.body)
	}
}

func TestAPanicInAHandlerIsOneAnswerAndOneLine(t *testing.T) {
	s := open(t, nil)
	s.board.mu.Lock()
	s.board.panics = true
	s.board.mu.Unlock()
	d := problemIn(t, s.do("GET", "/api/v1/tiles?view=hall", ""))
	if d.Status != 500 || d.Code != "fault" {
		t.Errorf("%+v", d)
	}
	text := s.log.String()
	if strings.Count(text, "panic in a request") != 1 || !strings.Contains(text, "planted in the board") || !strings.Contains(text, "tiles.go") || !strings.Contains(text, d.ID) {
		t.Errorf("log: %s", text)
	}
	s.board.mu.Lock()
	s.board.panics = false
	s.board.mu.Unlock()
	if a := s.do("GET", "/metrics", ""); !strings.Contains(a.body, "rasad_http_panics_total 1") {
		t.Error("the panic is not counted")
	}
}

func TestForwardedAddressesAreBelievedFromOurProxiesOnly(t *testing.T) {
	metrics := func(s *stage, xff ...string) int {
		var headers []string
		for _, x := range xff {
			headers = append(headers, "X-Forwarded-For", x)
		}
		return s.do("GET", "/metrics", "", headers...).status // for loopback addresses only
	}
	direct := open(t, nil)
	if got := metrics(direct, "8.8.8.8"); got != 200 {
		t.Errorf("without a proxy the header changed the address: %d", got)
	}
	behind := open(t, func(c *Config, _ *Parts) { c.BehindProxy = []string{"127.0.0.0/8", "10.0.0.1"} })
	for xff, want := range map[string]int{
		"":                        200, // the proxy itself
		"8.8.8.8":                 403,
		"127.0.0.1, 8.8.8.8":      403, // what the visitor wrote does not count
		"8.8.8.8, 10.0.0.1":       403,
		"nonsense":                200,
		"8.8.8.8, nonsense":       200, // not to be believed any further
		"::ffff:8.8.8.8":          403,
		"127.0.0.1":               200,
		"8.8.8.8, 127.0.0.5":      403,
		"127.0.0.1, 8.8.8.8, ::1": 200,
	} {
		if got := metrics(behind, xff); got != want {
			t.Errorf("X-Forwarded-For %q: %d, want %d", xff, got, want)
		}
	}
}

func TestConnectionsThatOnlyTrickleAreEnded(t *testing.T) {
	s := open(t, func(c *Config, _ *Parts) { c.ReadTimeout, c.BodyTimeout = 300*time.Millisecond, 300*time.Millisecond })
	starts := []string{
		"", "GET /heal", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ",
		"POST " + readingsPath + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc",
		"POST " + readingsPath + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + s.token + "\r\nContent-Length: 1000\r\n\r\nabc",
		"GET /healthz HTTP/1.1\nHost: localhost\n\n",
	}
	ended := make(chan string, 60)
	for i := range 60 {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		go func() {
			_, _ = io.WriteString(c, starts[i%len(starts)])
			_ = c.SetReadDeadline(time.Now().Add(patience))
			_, err := io.Copy(io.Discard, c)
			ended <- fmt.Sprint(err)
		}()
	}
	for range 20 {
		if a := s.do("GET", "/healthz", ""); a.status != 200 {
			t.Errorf("an honest request: %d", a.status)
		}
	}
	for range 60 {
		if e := <-ended; strings.Contains(e, "timeout") {
			t.Fatal("a connection was held open")
		}
	}
}

func TestConnectionsOfOneAddressAreBounded(t *testing.T) {
	s := open(t, func(c *Config, _ *Parts) { c.SocketsPerIP = 5 })
	ended := make(chan struct{}, 200)
	for range 150 {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		go func() { _, _ = c.Read(make([]byte, 1)); ended <- struct{}{} }()
	}
	for range 150 - 5 - httpPerIP {
		<-ended
	}
	if open, refused := s.srv.door.Counts(); open != 5+httpPerIP || refused != 150-5-httpPerIP {
		t.Errorf("%d open, %d refused", open, refused)
	}
}

func TestStoppingDoesNotWaitForHalfOpenConnections(t *testing.T) {
	s := open(t, func(c *Config, _ *Parts) { c.DrainFor = 500 * time.Millisecond })
	for _, text := range []string{"", "GET /heal", "POST " + readingsPath + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na"} {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the connections are there", func() bool { open, _ := s.srv.door.Counts(); return open == 3 })
	start := time.Now()
	s.close()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if open, _ := s.srv.door.Counts(); open != 0 {
		t.Errorf("%d connections are left", open)
	}
	if _, err := net.Dial("tcp", s.addr); err == nil {
		t.Error("it still listens")
	}
}

func TestARequestUnderWayIsAnsweredWhileStopping(t *testing.T) {
	begun, goOn := make(chan struct{}, 1), make(chan struct{}, 1)
	s := open(t, func(_ *Config, p *Parts) {
		p.Notes = func() []string { begun <- struct{}{}; <-goOn; return []string{"late"} }
	})
	got := make(chan answer, 1)
	go func() { got <- s.do("GET", "/readyz", "") }()
	<-begun
	s.stop()
	eventually(t, "it stops listening", func() bool {
		c, err := net.Dial("tcp", s.addr)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	goOn <- struct{}{}
	if a := <-got; a.status != 200 || !strings.Contains(a.body, "late") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A test binary holds no list of its modules, so the build list is asked.
func TestLibrariesAreNewEnough(t *testing.T) {
	floors := map[string]string{
		"github.com/gofiber/fiber/v2": "v2.52.15", "github.com/valyala/fasthttp": "v1.77.0", "github.com/gorilla/websocket": "v1.5.3",
		"github.com/klauspost/compress": "v1.18.7",
	}
	args := []string{"list", "-m", "-f", "{{.Path}} {{.Version}}{{if .Replace}} replaced{{end}}"}
	for path := range floors {
		args = append(args, path)
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if floor := floors[words[0]]; len(words) != 2 || semver.Compare(words[1], floor) < 0 {
			t.Errorf("%s: want at least %s", strings.TrimSpace(line), floor)
		}
		delete(floors, words[0])
	}
	for path := range floors {
		t.Errorf("%s is not among the modules", path)
	}
}
