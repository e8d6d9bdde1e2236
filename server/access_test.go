package server

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/websocket"

	"rasad/city"
	"rasad/entry"
	"rasad/server/hub"
	"rasad/server/tokens"
)

// matrix says who may ask for what. A column is a caller; + lets in, . does not.
// The department role is of tourism, not of parks; hall is a screen of its own,
// street a public one; the display token is hall's, the media token for all. Case 1
// and photo 1111… are of tourism, case 2 and photo 2222… of parks.
const matrix = `
                                                       nobody viewer dept media operator admin source display media-token
GET  /                                                 +      +      +    +     +        +     +      +       +
GET  /signin                                           +      +      +    +     +        +     +      +       +
GET  /setup                                            +      +      +    +     +        +     +      +       +
GET  /s/*                                              +      +      +    +     +        +     +      +       +
GET  /wall/hall                                        .      +      +    +     +        +     .      +       .
GET  /wall/street                                      +      +      +    +     +        +     +      +       +
GET  /dept/tourism                                     .      +      +    .     +        +     .      .       .
GET  /dept/parks                                       .      +      .    .     +        +     .      .       .
GET  /dept/tourism/cases/1                             .      +      +    .     +        +     .      .       .
GET  /dept/parks/cases/1                               .      +      .    .     +        +     .      .       .
GET  /dept/tourism/shifts/current                      .      +      +    .     +        +     .      .       .
GET  /dept/parks/shifts/1                              .      +      .    .     +        +     .      .       .
GET  /media                                            .      .      .    +     .        +     .      .       .
GET  /operate                                          .      .      .    .     +        +     .      .       .
GET  /api/v1/session                                   +      +      +    +     +        +     +      +       +
POST /api/v1/session                                   +      +      +    +     +        +     +      +       +
POST /api/v1/session/end                               .      +      +    +     +        +     .      .       .
POST /api/v1/session/display                           +      +      +    +     +        +     +      +       +
POST /api/v1/session/password                          .      +      +    +     +        +     .      .       .
POST /api/v1/setup                                     +      +      +    +     +        +     +      +       +
GET  /ws?view=hall                                     .      +      +    +     +        +     .      +       .
GET  /ws?view=street                                   +      +      +    +     +        +     +      +       +
GET  /ws?view=tourism                                  .      +      +    .     +        +     .      .       .
GET  /ws?view=parks                                    .      +      .    .     +        +     .      .       .
GET  /ws?view=all                                      .      +      .    +     +        +     .      .       .
GET  /ws                                               .      +      .    +     +        +     .      .       .
GET  /ws?view=none                                     .      +      +    +     +        +     .      .       .
GET  /api/v1/tiles?view=hall                           .      +      +    +     +        +     .      +       .
GET  /api/v1/tiles?view=street                         +      +      +    +     +        +     +      +       +
GET  /api/v1/tiles?view=tourism                        .      +      +    .     +        +     .      .       .
GET  /api/v1/tiles?view=parks                          .      +      .    .     +        +     .      .       .
GET  /api/v1/tiles?view=all                            .      +      .    +     +        +     .      .       .
GET  /api/v1/tiles                                     .      +      .    +     +        +     .      .       .
GET  /api/v1/tiles?view=none                           .      +      +    +     +        +     .      .       .
GET  /api/v1/screens/hall                              .      +      +    +     +        +     .      +       .
GET  /api/v1/screens/street                            +      +      +    +     +        +     +      +       +
GET  /api/v1/indicators                                .      +      +    +     +        +     .      .       +
GET  /api/v1/indicators/visits-today                   .      +      +    +     +        +     .      .       +
GET  /api/v1/indicators/visits-today/series            .      +      +    +     +        +     .      +       +
GET  /api/v1/indicators/visits-today/series?by=city    .      +      +    +     +        +     .      +       +
GET  /api/v1/indicators/visits-today/series?by=place   .      +      +    +     +        +     .      .       +
GET  /api/v1/indicators/visits-today/series?as_of=1    .      +      +    +     +        +     .      .       +
GET  /api/v1/indicators/green-area/series              +      +      +    +     +        +     +      +       +
GET  /api/v1/indicators/green-area/series?as_of=1      .      +      +    +     +        +     .      .       +
GET  /api/v1/indicators/unused/series                  .      +      +    +     +        +     .      .       +
GET  /api/v1/departments                               .      +      +    .     +        +     .      .       .
GET  /api/v1/departments/tourism                       .      +      +    .     +        +     .      .       .
GET  /api/v1/departments/parks                         .      +      .    .     +        +     .      .       .
GET  /api/v1/departments/tourism/cases                 .      +      +    .     +        +     .      .       .
GET  /api/v1/departments/parks/cases                   .      +      .    .     +        +     .      .       .
GET  /api/v1/departments/tourism/shifts                .      +      +    .     +        +     .      .       .
GET  /api/v1/departments/parks/shifts                  .      +      .    .     +        +     .      .       .
GET  /api/v1/departments/tourism/shifts/1              .      +      +    .     +        +     .      .       .
GET  /api/v1/departments/parks/shifts/1                .      +      .    .     +        +     .      .       .
POST /api/v1/departments/tourism/shifts                .      .      +    .     .        +     .      .       .
POST /api/v1/departments/parks/shifts                  .      .      .    .     .        +     .      .       .
GET  /api/v1/cases/1                                   .      +      +    .     +        +     .      .       .
GET  /api/v1/cases/2                                   .      +      .    .     +        +     .      .       .
POST /api/v1/cases/1/acts                              .      .      +    .     .        +     .      .       .
POST /api/v1/cases/2/acts                              .      .      .    .     .        +     .      .       .
POST /api/v1/cases/1/evidence?id=photo-of-1            .      .      +    .     .        +     .      .       .
POST /api/v1/cases/2/evidence?id=photo-of-2            .      .      .    .     .        +     .      .       .
GET  /evidence/1111                                    .      +      +    .     +        +     .      .       .
GET  /evidence/2222                                    .      +      .    .     +        +     .      .       .
GET  /api/v1/figures                                   .      .      .    +     .        +     .      .       +
GET  /api/v1/figures/visits-today                      .      .      .    +     .        +     .      .       +
GET  /api/v1/operate/sources                           .      .      .    .     +        +     .      .       .
GET  /api/v1/operate/status                            .      .      .    .     +        +     .      .       .
GET  /api/v1/operate/quarantine                        .      .      .    .     +        +     .      .       .
POST /api/v1/operate/quarantine/1.0                    .      .      .    .     +        +     .      .       .
GET  /api/v1/people                                    .      .      .    .     .        +     .      .       .
POST /api/v1/people                                    .      .      .    .     .        +     .      .       .
POST /api/v1/people/none                               .      .      .    .     .        +     .      .       .
POST /api/v1/people/none/password                      .      .      .    .     .        +     .      .       .
POST /api/v1/people/none/end                           .      .      .    .     .        +     .      .       .
GET  /api/v1/tokens                                    .      .      .    .     +        +     .      .       .
POST /api/v1/tokens                                    .      .      .    .     +        +     .      .       .
POST /api/v1/tokens/none/renew                         .      .      .    .     +        +     .      .       .
POST /api/v1/tokens/none/revoke                        .      .      .    .     +        +     .      .       .
GET  /api/v1/audit                                     .      .      .    .     +        +     .      .       .
POST /api/v1/readings                                  .      .      .    .     .        .     +      .       .
POST /api/v1/cases                                     .      .      .    .     .        .     +      .       .
GET  /api/v1/openapi.json                              +      +      +    +     +        +     +      +       +
GET  /healthz                                          +      +      +    +     +        +     +      +       +
GET  /readyz                                           +      +      +    +     +        +     +      +       +
GET  /metrics                                          +      +      +    +     +        +     +      +       +
GET  /version                                          +      +      +    +     +        +     +      +       +
`

// staff employs one person of each role, and makes one token of each class. It
// returns the headers by which each column of the matrix asks.
func (o *bureau) staff() map[string]func() []string {
	o.employ("viewer", city.RoleViewer)
	o.employ("dept", city.RoleDepartment, "tourism")
	o.employ("media", city.RoleMedia)
	o.employ("operator", city.RoleOperator)
	o.employ("admin", city.RoleAdmin)
	_, source := o.issue(tokens.Request{})
	_, display := o.issue(tokens.Request{Class: tokens.ClassDisplay, Opens: []string{"hall"}})
	_, media := o.issue(tokens.Request{Class: tokens.ClassMedia})
	as := map[string]func() []string{
		"nobody":      func() []string { return nil },
		"source":      func() []string { return []string{"Authorization", "Bearer " + source} },
		"display":     func() []string { return []string{"Cookie", "rasad-display=" + display} },
		"media-token": func() []string { return []string{"Authorization", "Bearer " + media} },
	}
	for _, id := range []string{"viewer", "dept", "media", "operator", "admin"} {
		as[id] = func() []string { // a new session each time: one of the routes ends it
			cookie := o.enter(id)
			return []string{"Cookie", cookie, csrfHeader, csrfOf(strings.TrimPrefix(cookie, "rasad="))}
		}
	}
	return as
}

func TestWhoMayAskForWhat(t *testing.T) {
	o := openBureau(t, nil)
	as := o.staff()
	for i, source := range []city.SourceID{"litter", "watering"} {
		o.report(source, "c1")
		n := fmt.Sprint(i + 1)
		o.keep(entry.Act{Do: entry.DoEvidence, On: n, File: &entry.File{SHA256: strings.Repeat(n, 64), Type: "image/jpeg", Bytes: 1, Width: 1, Height: 1}})
	}
	lines := strings.Split(strings.Trim(matrix, "\n"), "\n")
	callers := strings.Fields(lines[0])
	asked := map[string]bool{}
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		method, cells := f[0], f[2:]
		path := strings.NewReplacer("/s/*", o.srv.assets.prefix+"/js/wall.js", "1111", strings.Repeat("1", 64), "2222", strings.Repeat("2", 64)).Replace(f[1])
		if len(cells) != len(callers) {
			t.Fatalf("%s: %d cells, want %d", line, len(cells), len(callers))
		}
		asked[o.routeOf(method, path)] = true
		for i, who := range callers {
			got := "+"
			kind, body := bodyFor(method, path, who)
			a := o.do(method, path, body, append([]string{"Content-Type", kind}, as[who]()...)...)
			if code := ""; a.status == 401 || a.status == 403 {
				code = problemIn(t, a).Code
				if code == "signed_out" || code == "denied" || code == "token" && (path == readingsPath || path == casesPath) {
					got = "."
				}
				if code == "csrf" {
					t.Errorf("%s %s as %s: %s", method, path, who, a.body)
				}
				if want := map[bool]int{true: 401, false: 403}[who == "nobody" || code == "token"]; got == "." && a.status != want {
					t.Errorf("%s %s as %s: %d, want %d", method, path, who, a.status, want)
				}
			}
			if got != cells[i] {
				t.Errorf("%s %s as %s: %q, want %q (%d %s)", method, path, who, got, cells[i], a.status, a.body)
			}
		}
	}
	for _, r := range o.srv.app.GetRoutes(true) {
		if r.Method != http.MethodHead && !asked[r.Method+" "+r.Path] {
			t.Errorf("the matrix does not say who may ask for %s %s", r.Method, r.Path)
		}
	}
}

// bodyFor returns what is sent to where the address alone does not say what it is
// about.
func bodyFor(method, path, who string) (kind, body string) {
	switch {
	case method == "GET":
		return "application/json", ""
	case strings.HasSuffix(path, "/acts"):
		return "application/json", `{"id":"act-of-` + who + `","do":"note","expects":0,"note":"seen"}`
	case strings.HasSuffix(path, "/shifts"):
		return "application/json", `{"id":"act-of-` + who + `","expects":1,"to":"","note":"quiet"}`
	case strings.Contains(path, "/evidence?"):
		return "image/jpeg", "not a photo"
	default:
		return "application/json", ""
	}
}

// routeOf returns the route that answers for a path.
func (o *bureau) routeOf(method, path string) string {
	o.t.Helper()
	path, _, _ = strings.Cut(path, "?")
	for _, r := range o.srv.app.GetRoutes(true) {
		pattern := regexp.MustCompile(`:[a-z]+`).ReplaceAllString(regexp.QuoteMeta(r.Path), `[^/]+`)
		pattern = strings.ReplaceAll(pattern, `\*`, `.*`)
		if r.Method == method && regexp.MustCompile("^"+pattern+"$").MatchString(path) {
			return method + " " + r.Path
		}
	}
	o.t.Errorf("nothing answers %s %s", method, path)
	return ""
}

func TestEveryRowHasARouteAndEveryRouteARow(t *testing.T) {
	o := openBureau(t, nil)
	routes := map[string]bool{}
	for _, r := range o.srv.app.GetRoutes(true) {
		routes[r.Method+" "+r.Path] = true
	}
	answers := map[string]int{} // handlers by address: a row alone is one
	for _, stack := range o.srv.app.Stack() {
		for _, r := range stack {
			answers[r.Method+" "+r.Path] += len(r.Handlers)
		}
	}
	for _, r := range o.srv.rows() {
		if at := r.method + " " + r.path; !routes[at] || answers[at] < 2 {
			t.Errorf("nothing answers behind the row %s", at)
		}
	}
	o.close() // routes are added to a server that does not run
	o.srv.app.Get("/planted", func(c *fiber.Ctx) error { return c.SendString("planted") })
	if err := o.srv.everyRouteHasARow(o.srv.app); err == nil || !strings.Contains(err.Error(), "/planted") {
		t.Errorf("a handler without a row: %v", err)
	}
}

// Who looks at a page is asked to sign in, and comes back to it; programs get 401.
func TestWhoHasNotSignedInIsSentToSignIn(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("admin", city.RoleAdmin)
	for path, to := range map[string]string{
		"/dept/tourism/cases/7?tab=log&x=1": "/signin?next=%2Fdept%2Ftourism%2Fcases%2F7%3Ftab%3Dlog%26x%3D1",
		"/wall/hall":                        "/signin?next=%2Fwall%2Fhall",
		"/operate":                          "/signin?next=%2Foperate",
	} {
		a := o.do("GET", path, "", "Accept", "text/html,*/*")
		if a.status != 303 || a.header.Get("Location") != to {
			t.Errorf("%s: %d to %q", path, a.status, a.header.Get("Location"))
		}
	}
	if a := o.do("GET", "/api/v1/tiles", "", "Accept", "text/html"); a.status != 401 || problemIn(t, a).Code != "signed_out" {
		t.Errorf("the API: %d %s", a.status, a.body)
	}
	viewer := o.enter("admin")
	if a := o.do("GET", "/media", "", "Accept", "text/html", "Cookie", viewer); a.status != 200 {
		t.Errorf("signed in: %d", a.status)
	}
	o.employ("viewer", city.RoleViewer)
	if a := o.do("GET", "/media", "", "Accept", "text/html", "Cookie", o.enter("viewer")); a.status != 403 || !strings.Contains(a.body, "<html") {
		t.Errorf("signed in and not allowed: %d %s", a.status, a.body)
	}
}

// A token says who it is in the header, and only there; a wrong one is nobody, also
// where a cookie would be somebody.
func TestATokenInTheHeaderComesFirst(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("admin", city.RoleAdmin)
	admin := o.enter("admin")
	_, media := o.issue(tokens.Request{Class: tokens.ClassMedia, Opens: []string{"green-area"}})
	for name, tc := range map[string]struct {
		path    string
		headers []string
		want    int
	}{
		"wrong token, right cookie": {"/api/v1/indicators", []string{"Authorization", "Bearer rsd_x", "Cookie", admin}, 401},
		"token, right cookie":       {"/operate", []string{"Authorization", "Bearer " + media, "Cookie", admin}, 403},
		"token in the query":        {"/api/v1/indicators?token=" + media, nil, 401},
		"token as a session":        {"/api/v1/indicators", []string{"Cookie", "rasad=" + media}, 401},
		"media token as a screen":   {"/wall/hall", []string{"Cookie", "rasad-display=" + media}, 401},
		"its indicator":             {"/api/v1/indicators/green-area", []string{"Authorization", "Bearer " + media}, 200},
		"another indicator":         {"/api/v1/indicators/visits-today", []string{"Authorization", "Bearer " + media}, 403},
		"another's series":          {"/api/v1/indicators/visits-today/series", []string{"Authorization", "Bearer " + media}, 403},
	} {
		if a := o.do("GET", tc.path, "", tc.headers...); a.status != tc.want {
			t.Errorf("%s: %d, want %d: %s", name, a.status, tc.want, a.body)
		}
	}
	a := o.do("GET", "/api/v1/indicators", "", "Authorization", "Bearer "+media)
	if !strings.Contains(a.body, `"green-area"`) || strings.Contains(a.body, `"visits-today"`) {
		t.Errorf("its list: %s", a.body)
	}
}

// A writing request by cookie comes from a page of ours.
func TestAWriteByCookieSaysTheSessionsToken(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("admin", city.RoleAdmin)
	cookie, other := o.enter("admin"), o.enter("admin")
	csrf := o.whoAmI(cookie).CSRF
	for name, token := range map[string]string{
		"none": "", "another's": o.whoAmI(other).CSRF, "nearly its own": csrf[:len(csrf)-1], "the secret": strings.TrimPrefix(cookie, "rasad="),
	} {
		a := o.post("/api/v1/session/end", struct{}{}, "Cookie", cookie, csrfHeader, token)
		if a.status != 403 || problemIn(t, a).Code != "csrf" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := o.post("/api/v1/session/end", struct{}{}, "Cookie", cookie, csrfHeader, csrf, "Origin", "https://evil.example"); a.status != 403 || problemIn(t, a).Code != "origin" {
		t.Errorf("from another site: %d %s", a.status, a.body)
	}
	if a := o.post("/api/v1/session/end", struct{}{}, "Cookie", cookie, csrfHeader, csrf); a.status != 200 {
		t.Errorf("its own: %d %s", a.status, a.body)
	}
	if v := o.whoAmI(cookie); v.Person != nil {
		t.Errorf("after the end: %+v", v.Person)
	}
	if v := o.whoAmI(other); v.Person == nil {
		t.Error("another session of the same person has ended too")
	}
}

// The right to look ends while the socket is open: it closes within two seconds,
// and says why.
func TestASocketEndsWithTheRightToLook(t *testing.T) {
	type scene struct {
		view string
		as   func(o *bureau) (headers []string, id string) // of the socket, and of the token
		ends func(o *bureau, id string)                    // what takes the right away
		want int
	}
	token := func(r tokens.Request, cookie bool) func(o *bureau) ([]string, string) {
		return func(o *bureau) ([]string, string) {
			id, secret := o.issue(r)
			if cookie {
				return []string{"Cookie", "rasad-display=" + secret, "Origin", "http://" + o.addr}, id
			}
			return []string{"Authorization", "Bearer " + secret}, id
		}
	}
	person := func(id string) func(o *bureau) ([]string, string) {
		return func(o *bureau) ([]string, string) {
			return []string{"Cookie", o.enter(id), "Origin", "http://" + o.addr}, ""
		}
	}
	hall := tokens.Request{Class: tokens.ClassDisplay, Opens: []string{"hall"}, Days: 1}
	scenes := map[string]scene{
		"signed out": {"all", person("viewer"), func(o *bureau, _ string) {
			for _, in := range o.reg.Sessions("viewer") {
				o.keep(signOut(in.ID, "viewer"))
			}
		}, 4401},
		"session too old":        {"all", person("viewer"), func(o *bureau, _ string) { o.ahead.Add(int64(sessionFor)) }, 4401},
		"session idle":           {"all", person("viewer"), func(o *bureau, _ string) { o.ahead.Add(int64(sessionIdle)) }, 4401},
		"password changed":       {"all", person("viewer"), func(o *bureau, _ string) { o.keep(newPassword("viewer", o.hash)) }, 4401},
		"person ended":           {"all", person("viewer"), func(o *bureau, _ string) { o.keep(ended("viewer")) }, 4401},
		"role changed":           {"tourism", person("viewer"), func(o *bureau, _ string) { o.keep(changed("viewer", city.RoleMedia)) }, 4401},
		"scope changed":          {"tourism", person("dept"), func(o *bureau, _ string) { o.keep(changed("dept", city.RoleDepartment, "parks")) }, 4401},
		"display token revoked":  {"hall", token(hall, false), func(o *bureau, id string) { o.revoke(id) }, 4401},
		"display cookie revoked": {"hall", token(hall, true), func(o *bureau, id string) { o.revoke(id) }, 4401},
		"display token expired":  {"hall", token(hall, false), func(o *bureau, _ string) { o.ahead.Add(int64(24 * time.Hour)) }, 4401},
	}
	type watched struct {
		o     *bureau
		id    string
		conn  *websocket.Conn
		start time.Time
	}
	open := map[string]*watched{} // all at once: each waits for about a second
	for name, tc := range scenes {
		o := openBureau(t, nil)
		o.staff()
		headers, id := tc.as(o)
		conn, status := o.dial(tc.view, headers...)
		if conn == nil {
			t.Fatalf("%s: status %d", name, status)
		}
		frame(t, conn)
		frame(t, conn)
		open[name] = &watched{o, id, conn, time.Time{}}
	}
	for name, w := range open {
		w.start = time.Now()
		scenes[name].ends(w.o, w.id)
	}
	for name, w := range open {
		code := closeCode(t, w.conn)
		if took := time.Since(w.start); code != scenes[name].want || took > 2*time.Second {
			t.Errorf("%s: closed with %d after %v, want %d", name, code, took, scenes[name].want)
		}
	}
}

// A screen that was public is not any more: who has a token for another one is told
// that this view is closed to it, who said nothing to sign in.
func TestASocketEndsWhenItsScreenIsPublicNoMore(t *testing.T) {
	var now atomic.Pointer[city.City]
	now.Store(town(t))
	o := openBureau(t, func(_ *Config, p *Parts) { p.City = now.Load })
	_, hall := o.issue(tokens.Request{Class: tokens.ClassDisplay, Opens: []string{"hall"}})
	bearer := []string{"Authorization", "Bearer " + hall}
	screen, status := o.dial("street", bearer...)
	if screen == nil {
		t.Fatalf("status %d", status)
	}
	visitor, _ := o.dial("street")
	own, _ := o.dial("hall", bearer...)
	for _, c := range []*websocket.Conn{screen, visitor, own} {
		frame(t, c)
		frame(t, c)
	}
	d := town(t).Definition
	d.Screens = slices.Clone(d.Screens)
	for i := range d.Screens {
		d.Screens[i].Public = false
	}
	closed, err := city.New(d)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	now.Store(closed)
	for _, tc := range []struct {
		name string
		conn *websocket.Conn
		want int
	}{{"another screen's token", screen, hub.CloseDenied}, {"nobody", visitor, hub.CloseSignedOut}} {
		if code, took := closeCode(t, tc.conn), time.Since(start); code != tc.want || took > 2*time.Second {
			t.Errorf("%s: closed with %d after %v, want %d", tc.name, code, took, tc.want)
		}
	}
	o.board.set(9)
	if kind, v := frame(t, own); kind != "patch" || v != 9 {
		t.Errorf("the token's own screen got %s %v", kind, v)
	}
	if _, status := o.dial("street", bearer...); status != 403 {
		t.Errorf("again: %d", status)
	}
}

// One person with many pages has them by asking now and then, from the 21st on; it
// takes nobody else's.
func TestSocketsOfOnePersonAreBounded(t *testing.T) {
	o := openBureau(t, nil)
	o.staff()
	as := func(id string) []string { return []string{"Cookie", o.enter(id), "Origin", "http://" + o.addr} }
	var first *websocket.Conn
	for i := range 20 { // each from a session of its own
		conn, status := o.dial("hall", as("viewer")...)
		if conn == nil {
			t.Fatalf("socket %d: %d", i+1, status)
		}
		frame(t, conn)
		first = conn
	}
	_, status := o.dial("hall", as("viewer")...)
	a := o.do("GET", "/ws?view=hall", "", append(as("viewer"), "Upgrade", "websocket", "Accept-Language", "fa")...)
	if d := problemIn(t, a); status != 503 || a.status != 503 || d.Code != "busy" || !strings.HasPrefix(d.Detail, "شما ۲۰ صفحهٔ زنده باز دارید") || a.header.Get("Retry-After") == "" {
		t.Errorf("the 21st: %d %s", status, a.body)
	}
	if a := o.do("GET", "/api/v1/tiles?view=hall", "", as("viewer")...); a.status != 200 {
		t.Errorf("and asking now and then: %d", a.status)
	}
	if m := o.do("GET", "/metrics", "").body; !strings.Contains(m, `rasad_socket_refused_total{reason="person"} 2`) {
		t.Error("nobody counted them")
	}
	if conn, status := o.dial("hall", as("admin")...); conn == nil {
		t.Errorf("somebody else: %d", status)
	}
	_ = first.Close()
	eventually(t, "there is room again", func() bool { conn, _ := o.dial("hall", as("viewer")...); return conn != nil })
}

// What a department may see follows its scope at once.
func TestASocketOfAViewThatIsClosedToItsCallerSaysSo(t *testing.T) {
	o := openBureau(t, nil)
	o.staff()
	who := o.srv.holds(caller{person: demoPerson()}, "hall")
	if code := who(); code != 0 {
		t.Errorf("an admin: %d", code)
	}
	for name, tc := range map[string]struct {
		who  caller
		view string
		want int
	}{
		"nobody at a public screen": {caller{}, "street", 0},
		"nobody at another":         {caller{}, "hall", 4401},
		"department at its own":     {o.callerBy("dept"), "tourism", 0},
		"department at another":     {o.callerBy("dept"), "parks", 4403},
		"media at a department":     {o.callerBy("media"), "parks", 4403},
	} {
		if code := o.srv.holds(tc.who, tc.view)(); code != tc.want {
			t.Errorf("%s: %d, want %d", name, code, tc.want)
		}
	}
}

// Whether the server is ready anybody may know; what is wrong beside it tells of the
// city's machines.
func TestNotesAreForThoseWhoRunTheServer(t *testing.T) {
	const planted = "InfluxDB at 10.1.2.3 is away"
	o := openBureau(t, func(c *Config, p *Parts) {
		c.BehindProxy = []string{"127.0.0.1"}
		p.Notes = func() []string { return []string{planted} }
	})
	o.employ("viewer", city.RoleViewer)
	o.employ("operator", city.RoleOperator)
	far := []string{"X-Forwarded-For", "203.0.113.5"}
	for name, tc := range map[string]struct {
		headers []string
		told    bool
	}{
		"this machine": {nil, true},
		"elsewhere":    {far, false},
		"a viewer":     {append([]string{"Cookie", o.enter("viewer")}, far...), false},
		"an operator":  {append([]string{"Cookie", o.enter("operator")}, far...), true},
	} {
		if a := o.do("GET", "/readyz", "", tc.headers...); a.status != 200 || strings.Contains(a.body, planted) != tc.told {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := o.do("GET", "/metrics", "", far...); a.status != 403 {
		t.Errorf("metrics from elsewhere: %d", a.status)
	}
}
