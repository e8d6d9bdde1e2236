package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rasad/city"
	"rasad/history"
	"rasad/measure"
	"rasad/static"
)

func TestTheWallIsFilledIn(t *testing.T) {
	s := open(t, nil)
	a := s.do("GET", "/wall/hall", "")
	want := `<html lang="fa" dir="rtl" data-version="test+` + s.srv.assets.hash + `" data-screen="hall"><title>تالار &lt;۱&gt; · اصفهان · رصد</title><script src="` + s.srv.assets.prefix + `/js/wall.js"></script>`
	if a.status != 200 || a.body != want || a.header.Get("Content-Type") != "text/html; charset=utf-8" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d\n got %s\nwant %s\n%v", a.status, a.body, want, a.header)
	}
	if csp := a.header.Get("Content-Security-Policy"); csp != pagePolicy || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if a := s.do("GET", "/wall/hall?lang=en", "", "Accept-Language", "fa"); !strings.Contains(a.body, `lang="en" dir="ltr"`) || !strings.Contains(a.body, "Hall &lt;1&gt; · Isfahan · Rasad") {
		t.Errorf("in English: %s", a.body)
	}
	if a := s.do("GET", `/wall/hall?lang=%22%3E%3Cscript%3E`, ""); a.body != want {
		t.Errorf("a language that is none: %s", a.body)
	}
	if a := s.do("HEAD", "/wall/hall", ""); a.status != 200 || a.body != "" || a.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d %q %v", a.status, a.body, a.header)
	}
}

func TestAPageForPeopleIsFilledIn(t *testing.T) {
	s := open(t, nil)
	for _, tc := range []struct{ path, lang, module, department, number, title string }{
		{"/", "fa", "door", "", "", "اصفهان · رصد"},
		{"/?lang=en", "en", "door", "", "", "Isfahan · Rasad"},
		{"/signin?lang=en", "en", "signin", "", "", "Sign in · Isfahan · Rasad"},
		{"/dept/tourism", "fa", "dept", "tourism", "", "گردشگری · اصفهان · رصد"},
		{"/dept/tourism/cases/1042", "fa", "case", "tourism", "1042", "پروندهٔ ۱۰۴۲ · گردشگری · اصفهان · رصد"},
		{"/dept/tourism/shifts/7?lang=en", "en", "shift", "tourism", "7", "Shift 7 · Tourism · Isfahan · Rasad"},
		{"/dept/tourism/shifts/current", "fa", "shift", "tourism", "current", "شیفت جاری · گردشگری · اصفهان · رصد"},
		{"/media", "fa", "media", "", "", "دفتر رسانه · اصفهان · رصد"},
		{"/operate?lang=en", "en", "operate", "", "", "Operations · Isfahan · Rasad"},
	} {
		a := s.do("GET", tc.path, "")
		want := `<html lang="` + tc.lang + `" dir="` + direction(tc.lang) + `" data-version="test+` + s.srv.assets.hash + `" data-page="` + tc.module +
			`" data-department="` + tc.department + `" data-number="` + tc.number + `"><title>` + tc.title + `</title><script src="` +
			s.srv.assets.prefix + `/js/desk/` + tc.module + `.js"></script>`
		if a.status != 200 || a.body != want || a.header.Get("Content-Language") != tc.lang || a.header.Get("Content-Security-Policy") != pagePolicy {
			t.Errorf("%s: %d\n got %s\nwant %s\n%v", tc.path, a.status, a.body, want, a.header)
		}
	}
	for _, path := range []string{"/dept/none", "/dept/tourism/cases/0", "/dept/tourism/cases/01", "/dept/tourism/cases/x", "/dept/tourism/shifts/-1", "/dept/tourism/cases/"} {
		if a := s.do("GET", path, ""); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// What the address says comes first and is kept; then what was kept, then what the
// browser prefers.
func TestAPageIsInTheLanguageThatItsVisitorHasChosen(t *testing.T) {
	s := open(t, nil)
	for _, tc := range []struct{ query, cookie, accept, want, keeps string }{
		{"", "", "", "fa", ""},
		{"", "", "en-GB,en;q=0.9", "en", ""},
		{"", "", "de, fa;q=0.5, en;q=0.4", "fa", ""},
		{"", "", "fa;q=0, en;q=0.1", "en", ""},
		{"", "", "de", "fa", ""},
		{"", "rasad_lang=fa", "en", "fa", ""},
		{"", "rasad_lang=de", "en", "en", ""},
		{"?lang=en", "rasad_lang=fa", "fa", "en", "rasad_lang=en; max-age=31536000; path=/; SameSite=Lax"},
		{"?lang=xx", "", "en", "en", ""},
	} {
		a := s.do("GET", "/"+tc.query, "", "Accept-Language", tc.accept, "Cookie", tc.cookie)
		if !strings.Contains(a.body, `lang="`+tc.want+`"`) || a.header.Get("Set-Cookie") != tc.keeps {
			t.Errorf("%+v: %s, keeps %q", tc, a.body, a.header.Get("Set-Cookie"))
		}
	}
}

func TestThePageOfAnErrorHasItsStyle(t *testing.T) {
	s := open(t, nil)
	css := s.do("GET", s.srv.assets.prefix+"/"+errorCSS, "")
	if css.status != 200 || strings.Contains(css.body, "left") || strings.Contains(css.body, "right") {
		t.Errorf("style sheet: %d", css.status)
	}
	a := s.do("GET", "/none", "", "Accept", "text/html", "Cookie", "rasad_lang=en", "Accept-Language", "fa")
	if a.status != 404 || !strings.Contains(a.body, `lang="en"`) || !strings.Contains(a.body, errorCSS) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAssetsAreKeptForEverAndPackedWhenAsked(t *testing.T) {
	s := open(t, nil)
	path := s.srv.assets.prefix + "/js/wall.js"
	plain := s.do("GET", path, "")
	want := "// page:js/wall.js\n" + string(files()["js/wall.js"].Data)
	if plain.body != want || plain.header.Get("Content-Encoding") != "" || plain.header.Get("Content-Type") != "text/javascript; charset=utf-8" ||
		plain.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || plain.header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("plain: %v", plain.header)
	}
	for accept, packed := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "br": false, "identity": false, "xgzip": false} {
		a := s.do("GET", path, "", "Accept-Encoding", accept)
		if got := a.header.Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("Accept-Encoding %q: packed %v", accept, got)
		}
		if packed {
			z, err := gzip.NewReader(bytes.NewReader([]byte(a.body)))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(z); err != nil || string(text) != want {
				t.Errorf("unpacked: %v %.40s", err, text)
			}
			if a.header.Get("ETag") == plain.header.Get("ETag") {
				t.Error("packed and plain share a tag")
			}
		}
	}
	if a := s.do("GET", path, "", "If-None-Match", plain.header.Get("ETag")); a.status != 304 || a.body != "" || a.header.Get("ETag") != plain.header.Get("ETag") {
		t.Errorf("known already: %d %v", a.status, a.header)
	}
	if a := s.do("HEAD", path, ""); a.status != 200 || a.body != "" || a.header.Get("ETag") != plain.header.Get("ETag") {
		t.Errorf("HEAD: %d %v", a.status, a.header)
	}
	font := s.do("GET", s.srv.assets.prefix+"/third_party/vazirmatn-arabic.woff2", "", "Accept-Encoding", "gzip")
	if font.header.Get("Content-Type") != "font/woff2" || font.header.Get("Content-Encoding") != "" {
		t.Errorf("font: %v", font.header)
	}
}

func TestAnyChangeOfAPageIsAnotherVersion(t *testing.T) {
	version := func(change func(fstest.MapFS)) string {
		f := files()
		change(f)
		p, err := readPages(f)
		if err != nil {
			t.Fatal(err)
		}
		a, err := readAssets(f, p)
		if err != nil {
			t.Fatal(err)
		}
		return a.hash
	}
	same := version(func(fstest.MapFS) {})
	if version(func(fstest.MapFS) {}) != same || len(same) != 12 {
		t.Error("the same files have two versions")
	}
	for name, change := range map[string]func(fstest.MapFS){
		"wall":    func(f fstest.MapFS) { f["wall.html"] = &fstest.MapFile{Data: []byte("x")} },
		"script":  func(f fstest.MapFS) { f["js/wall.js"] = &fstest.MapFile{Data: []byte("x")} },
		"new one": func(f fstest.MapFS) { f["js/new.js"] = &fstest.MapFile{Data: []byte("")} },
		"gone":    func(f fstest.MapFS) { delete(f, "css/base.css") },
	} {
		if version(change) == same {
			t.Errorf("%s: no other version", name)
		}
	}
	if version(func(f fstest.MapFS) { f["test/x.js"] = &fstest.MapFile{Data: []byte("x")} }) != same {
		t.Error("a file that no browser gets changes the version")
	}
	if _, err := readPages(fstest.MapFS{}); err == nil {
		t.Error("pages without a wall were taken")
	}
}

// Each further file that a page needs before it draws is a round trip on a slow line.
func TestEachPageAsksForOneModuleAndOneSheet(t *testing.T) {
	p, err := readPages(static.Files)
	if err != nil {
		t.Fatal(err)
	}
	a, err := readAssets(static.Files, p)
	if err != nil {
		t.Fatal(err)
	}
	more := regexp.MustCompile(`(?m)^import\b|@import\b`)
	for _, module := range append(deskModules(), "") {
		script, sheet := "js/desk/"+module+".js", "css/desk-"+module+".css"
		if module == "" {
			script, sheet = "js/wall.js", "css/wall.css"
		}
		for _, name := range []string{script, sheet} {
			if f, ok := a.files[name]; !ok || more.Match(f.body) {
				t.Errorf("%s is not there or asks for more", name)
			}
		}
		if !bytes.Contains(a.files[script].body, []byte("litTemplate")) && !bytes.Contains(a.files[script].body, []byte("_$litType$")) || !bytes.Contains(a.files[sheet].body, []byte("@font-face")) {
			t.Errorf("%s or %s lacks what it stands on", script, sheet)
		}
	}
	named := regexp.MustCompile(`(?m)^boot\(`)
	for name := range a.files {
		source, err := fs.ReadFile(static.Files, name)
		module, ours := strings.CutPrefix(strings.TrimSuffix(name, ".js"), "js/desk/")
		if err == nil && ours && named.Match(source) && !slices.Contains(deskModules(), module) {
			t.Errorf("%s boots a page that the server does not know", name)
		}
	}
}

func TestAScreenIsDescribedAsTheWallNeedsIt(t *testing.T) {
	s := open(t, nil)
	a := s.do("GET", "/api/v1/screens/hall", "")
	var v screenView
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != 200 {
		t.Fatalf("%d %v %s", a.status, err, a.body)
	}
	if v.Screen.ID != "hall" || v.City.Zone != "Asia/Tehran" || v.Season == nil || v.Season.One.String() != "2027-03-21" || len(v.Districts) != 1 || v.Places[0].Capacity != 9000 {
		t.Errorf("%s", a.body)
	}
	if len(v.Indicators) != 2 || string(v.Indicators[1].Target) != "25" || v.Indicators[1].PerOne != 10 || v.Indicators[0].UnitName.FA != "بازدید" || v.Indicators[0].Owner.EN != "Tourism" || string(v.Indicators[0].Target) != "null" {
		t.Errorf("indicators: %+v", v.Indicators)
	}
	for _, key := range []string{`"numbers":["visits-today","green-area"]`, `"crowding":"visits-today"`, `"day_one":"2027-03-21"`, `"days":[]`, `"steps_per_one":1`, `"capacity":9000`, `"owner_name":{`} {
		if !strings.Contains(a.body, key) {
			t.Errorf("%s is missing in %s", key, a.body)
		}
	}
	if a := s.do("GET", "/api/v1/screens/none", ""); a.status != 404 {
		t.Errorf("unknown screen: %d", a.status)
	}
}

func TestTilesComeWholeOrSinceARevision(t *testing.T) {
	s := open(t, nil)
	s.board.set(7)
	for query, kind := range map[string]string{
		"view=hall": "snapshot", "": "snapshot", "view=hall&since=e1:1": "patch", "view=hall&since=e1:2": "patch",
		"view=hall&since=e0:1": "snapshot", "view=hall&since=e1:99": "snapshot",
	} {
		a := s.do("GET", "/api/v1/tiles?"+query, "")
		if a.status != 200 || !strings.HasPrefix(a.body, `{"type":"`+kind+`"`) || !strings.Contains(a.body, `"rev":2`) || !strings.Contains(a.body, `"now":"2027-03-24T14:30:00.000Z"`) {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
		if kind == "snapshot" && !strings.Contains(a.body, `"version":"test+`+s.srv.assets.hash) {
			t.Errorf("%s: no version in %s", query, a.body)
		}
	}
	for query, want := range map[string]int{"view=none": 404, "since=nonsense": 400, "since=e1:x": 400} {
		if a := s.do("GET", "/api/v1/tiles?"+query, ""); a.status != want {
			t.Errorf("%s: %d", query, a.status)
		}
	}
}

func TestIndicatorsComeWithTheirValues(t *testing.T) {
	s := open(t, nil)
	s.board.set(7)
	a := s.do("GET", "/api/v1/indicators", "")
	var list struct {
		Indicators []struct {
			ID    string
			Tiles []struct {
				ID    string
				Value float64
			}
		}
	}
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || len(list.Indicators) != 3 || len(list.Indicators[0].Tiles) != 2 || list.Indicators[0].Tiles[1].Value != 7 {
		t.Errorf("%v %s", err, a.body)
	}
	if a := s.do("GET", "/api/v1/indicators/visits-today", ""); a.status != 200 || !strings.Contains(a.body, `"visits-today/naqsh-e-jahan"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.do("GET", "/api/v1/indicators/none", ""); a.status != 404 {
		t.Errorf("%d", a.status)
	}
}

func TestASeriesIsAskedForAsTheAddressSays(t *testing.T) {
	s := open(t, nil)
	at := func(text string) city.Moment {
		m, _, err := readTime(isfahan(t).Clock(), "from", text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	now := at("2027-03-24T18:00:00+03:30")
	for query, want := range map[string]history.SeriesQuery{
		"":                                 {From: at("2027-03-24"), To: at("2027-03-25"), Step: history.Hour},
		"?from=2027-03-21&to=2027-03-22":   {From: at("2027-03-21"), To: at("2027-03-23"), Step: history.Hour},
		"?step=15m&by=place":               {From: at("2027-03-24"), To: at("2027-03-25"), Step: history.QuarterHour, By: city.ByPlace},
		"?by=place:naqsh-e-jahan&as_of=12": {From: at("2027-03-24"), To: at("2027-03-25"), Step: history.Hour, Group: measure.Group{By: city.ByPlace, ID: "naqsh-e-jahan"}, AsOf: 12},
		"?from=2027-03-21T10:00:00%2B03:30&to=2027-03-21T12:00:00+03:30&as_of=12.3": {From: at("2027-03-21T06:30:00Z"), To: at("2027-03-21T08:30:00Z"), Step: history.Hour, AsOf: 12},
	} {
		want.Indicator, want.Now = "visits-today", now
		a := s.do("GET", "/api/v1/indicators/visits-today/series"+query, "")
		if a.status != 200 || s.asked != want {
			t.Errorf("%s: %d\n got %+v\nwant %+v", query, a.status, s.asked, want)
		}
		if !strings.HasPrefix(a.body, `{"indicator":"visits-today"`) {
			t.Errorf("%s: %s", query, a.body)
		}
	}
	for _, query := range []string{"?step=2h", "?from=yesterday", "?to=2027-03-21T10:00:00", "?as_of=x"} {
		a := s.do("GET", "/api/v1/indicators/visits-today/series"+query, "")
		if a.status != 400 || !strings.Contains(problemIn(t, a).Cause, "want") {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

func TestHealthReadinessAndVersion(t *testing.T) {
	s := open(t, func(_ *Config, p *Parts) { p.Notes = func() []string { return []string{"InfluxDB is away"} } })
	if a := s.do("GET", "/healthz", ""); a.status != 200 || a.body != `{"alive":true}` {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.do("GET", "/readyz", ""); a.status != 200 || a.body != `{"ready":true,"reasons":[],"notes":["InfluxDB is away"]}` {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.mu.Lock()
	s.why = []string{"nothing is being stored"}
	s.mu.Unlock()
	if a := s.do("GET", "/readyz", ""); a.status != 503 || !strings.Contains(a.body, `"ready":false,"reasons":["nothing is being stored"]`) || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.do("GET", "/healthz", ""); a.status != 200 {
		t.Errorf("alive depends on readiness: %d", a.status)
	}
	if a := s.do("GET", "/version", ""); !strings.Contains(a.body, `"version":"test"`) || !strings.Contains(a.body, s.srv.assets.hash) {
		t.Errorf("%s", a.body)
	}
}

func TestMetricsCountRoutesAndStayPrivate(t *testing.T) {
	s := open(t, nil)
	s.do("GET", "/wall/hall", "")
	s.do("GET", "/wall/none", "")
	s.do("GET", "/nowhere-at-all", "")
	s.do("POST", readingsPath, readings(3), "Authorization", "Bearer "+s.token)
	eventually(t, "the server has seen that these connections are closed", func() bool { open, _ := s.srv.door.Counts(); return open == 0 })
	a := s.do("GET", "/metrics", "")
	for _, line := range []string{
		`rasad_http_requests_total{route="/wall/:screen",status="200"} 1`, `rasad_http_requests_total{route="/wall/:screen",status="404"} 1`,
		`rasad_http_requests_total{route="none",status="404"} 1`, `rasad_door_readings_total{verdict="accepted"} 3`, "rasad_socket_clients 0", "go_goroutines", "rasad_connections 1",
	} {
		if !strings.Contains(a.body, line) {
			t.Errorf("metrics lack %s", line)
		}
	}
	for _, secret := range []string{s.token, "nowhere-at-all"} {
		if strings.Contains(a.body, secret) {
			t.Errorf("metrics hold %s", secret)
		}
	}
}

func TestWithoutACityTheServerSaysThatItIsNotReady(t *testing.T) {
	s := open(t, func(_ *Config, p *Parts) { p.City = func() *city.City { return nil } })
	for path, want := range map[string]int{"/": 503, "/wall/hall": 503, "/api/v1/screens/hall": 503, "/readyz": 503, "/healthz": 200} {
		if a := s.do("GET", path, ""); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
}
