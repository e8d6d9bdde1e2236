package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/server/tokens"
)

func TestAPersonSignsInAndOut(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("sara", city.RoleDepartment, "tourism")
	a := o.signIn(" Sara ", password)
	if a.status != 200 || !strings.Contains(a.body, `"person":{"id":"sara","login":"sara","name":"Name of sara","role":"department","departments":["tourism"],"lang":"en"}`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	pair, c := cookieOf(t, a, "rasad")
	if !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 7*86400 || c.Domain != "" || len(c.Value) != 43 {
		t.Errorf("cookie %+v", c)
	}
	v := o.whoAmI(pair)
	if v.Person == nil || v.CSRF == "" || strings.Contains(a.body, c.Value) {
		t.Errorf("%+v", v)
	}
	in := o.recorded(entry.DoSignIn)
	if len(in) != 1 || in[0].Hash != hashOf(c.Value) || in[0].On != in[0].Hash[:32] || in[0].By != "sara" || in[0].From != "127.0.0.1" {
		t.Errorf("recorded %+v", in)
	}
	out := o.post("/api/v1/session/end", struct{}{}, "Cookie", pair, csrfHeader, v.CSRF)
	if out.status != 200 || o.whoAmI(pair).Person != nil {
		t.Errorf("signed out: %d", out.status)
	}
	if _, c := cookieOf(t, out, "rasad"); c.Value != "" || c.Expires.After(time.Now()) {
		t.Errorf("the cookie stays: %+v", c)
	}
}

// The name of the cookie, and what the browser must hold it to, follow from how the
// browser reached us; an admin's does not come along with a link of another site.
func TestTheCookieFollowsTheLineAndTheRole(t *testing.T) {
	o := openBureau(t, func(c *Config, _ *Parts) { c.BehindProxy, c.Hosts = []string{"127.0.0.1"}, []string{"city.example"} })
	o.employ("admin", city.RoleAdmin)
	tls := []string{"Host", "city.example", "X-Forwarded-Proto", "https", "X-Forwarded-For", "203.0.113.5"}
	a := o.signIn("admin", password, tls...)
	pair, c := cookieOf(t, a, "__Host-rasad")
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" {
		t.Errorf("%+v", c)
	}
	if got := o.do("GET", "/api/v1/session", "", append(tls, "Cookie", pair)...); !strings.Contains(got.body, `"role":"admin"`) {
		t.Errorf("over TLS: %s", got.body)
	}
	if got := o.do("GET", "/api/v1/session", "", "Cookie", "rasad="+c.Value); !strings.Contains(got.body, `"role":"admin"`) {
		t.Errorf("the same secret without TLS is the same session: %s", got.body)
	}
	if got := o.do("GET", "/api/v1/session", "", append(tls, "Cookie", "rasad="+c.Value)...); strings.Contains(got.body, `"role"`) {
		t.Errorf("a cookie without its prefix holds over TLS: %s", got.body)
	}
	if in := o.recorded(entry.DoSignIn); in[0].From != "203.0.113.5" {
		t.Errorf("from %s", in[0].From)
	}
}

func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("sara", city.RoleViewer)
	first, _ := cookieOf(t, o.signIn("sara", password), "rasad")
	second, _ := cookieOf(t, o.signIn("sara", password, "Cookie", first), "rasad")
	if first == second || o.whoAmI(first).Person != nil || o.whoAmI(second).Person == nil {
		t.Error("the session was not made anew")
	}
}

func TestAllRefusalsAreOneAnswer(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("sara", city.RoleViewer)
	o.employ("gone", city.RoleViewer)
	o.keep(ended("gone"))
	bodies := map[string]bool{}
	for login, pass := range map[string]string{"sara": "not the password", "gone": password, "nobody": password, "": "", "a\x00b": "x", strings.Repeat("x", 1000): password} {
		a := o.signIn(login, pass)
		p := problemIn(t, a)
		p.ID = ""
		if a.status != 401 || p.Code != "sign_in" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%q: %d %s", login, a.status, a.body)
		}
		bodies[fmt.Sprint(p)] = true
	}
	if len(bodies) != 1 {
		t.Errorf("the answers differ: %v", bodies)
	}
	refused := o.recorded(entry.DoRefuse)
	if len(refused) != 6 {
		t.Fatalf("%d recorded", len(refused))
	}
	for _, a := range refused {
		if a.By != refusedBy || a.From != "127.0.0.1" || !strings.HasPrefix(a.Note, keyNote) || len(a.Note) != len(keyNote)+4 {
			t.Errorf("recorded %+v", a)
		}
	}
}

// How long a refusal takes does not say whether there is such a login. Both are
// measured in turn until their medians agree: the machine may be busy, and now and
// then one answer has it for itself. BenchmarkRefusedSignIn measures it closely.
func TestARefusalTakesItsTimeWhoeverIsMeant(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("sara", city.RoleViewer)
	took := map[string][]time.Duration{}
	for pair := 1; ; pair++ {
		for _, login := range []string{"sara", "nobody"} {
			o.ahead.Add(int64(time.Minute)) // the delay is over
			start := time.Now()
			if a := o.signIn(login, "not the password"); a.status != 401 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			took[login] = append(took[login], time.Since(start))
		}
		known, unknown := median(took["sara"]), median(took["nobody"])
		if d := float64(known-unknown) / float64(known); pair > 5 && d < .2 && d > -.2 {
			return
		}
		if pair == 100 {
			t.Fatalf("a known login %v, an unknown one %v", known, unknown)
		}
	}
}

func median(of []time.Duration) time.Duration { return slices.Sorted(slices.Values(of))[len(of)/2] }

// A person who guesses waits longer and longer, an admin elsewhere does not, and a
// restart forgets nothing.
func TestWhoGuessesWaits(t *testing.T) {
	proxied := func(c *Config, _ *Parts) { c.BehindProxy = []string{"127.0.0.1"} }
	o := openBureau(t, proxied)
	o.employ("admin", city.RoleAdmin)
	from := func(ip string) []string { return []string{"X-Forwarded-For", ip} }
	guess := func(login string) answer { return o.signIn(login, "not the password", from("203.0.113.5")...) }
	for i := range 3 {
		if a := guess("admin"); a.status != 401 {
			t.Fatalf("guess %d: %d", i+1, a.status)
		}
	}
	a := guess("admin")
	if p := problemIn(t, a); a.status != 429 || p.Code != "throttled" || a.header.Get("Retry-After") != "1" {
		t.Errorf("the fourth: %d %s, after %q", a.status, a.body, a.header.Get("Retry-After"))
	}
	if a := o.signIn("admin", password, from("203.0.113.5")...); a.status != 429 {
		t.Errorf("the right password, too early: %d", a.status)
	}
	if a := o.signIn("admin", password, from("198.51.100.7")...); a.status != 200 {
		t.Errorf("from elsewhere: %d %s", a.status, a.body)
	}
	for i := range 3 { // a login that nobody has is held back in the same way
		if a := guess("nobody"); a.status != 401 {
			t.Fatalf("guess %d: %d", i+1, a.status)
		}
	}
	if a := guess("nobody"); a.status != 429 || a.header.Get("Retry-After") != "1" {
		t.Errorf("an unknown login: %d", a.status)
	}
	if n := len(o.recorded(entry.DoRefuse)); n != 6 {
		t.Errorf("%d refusals recorded, want those that were judged", n)
	}
	o.close()
	o.restart(t, t.TempDir(), proxied)
	for _, login := range []string{"admin", "nobody"} {
		if a := guess(login); a.status != 429 {
			t.Errorf("after a restart, %s: %d", login, a.status)
		}
	}
	o.ahead.Add(int64(2 * time.Second))
	if a := o.signIn("admin", password, from("203.0.113.5")...); a.status != 200 {
		t.Errorf("after the delay: %d %s", a.status, a.body)
	}
	for range 2 {
		if a := guess("admin"); a.status != 401 {
			t.Errorf("after success: %d", a.status)
		}
	}
}

func TestASessionEndsByItself(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("sara", city.RoleViewer)
	idle, busy := o.enter("sara"), o.enter("sara")
	for range 13 { // half-days of work
		o.ahead.Add(int64(sessionIdle - time.Second))
		if o.whoAmI(busy).Person == nil {
			t.Fatal("a session that is used ends")
		}
	}
	if o.whoAmI(idle).Person != nil {
		t.Error("a session that is not used goes on")
	}
	o.ahead.Add(int64(sessionIdle))
	if o.whoAmI(busy).Person != nil {
		t.Error("a session goes on for more than a week")
	}
}

func TestAPersonChangesThePassword(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("sara", city.RoleViewer)
	here, elsewhere := o.enter("sara"), o.enter("sara")
	change := func(old, now string) answer {
		return o.post("/api/v1/session/password", map[string]string{"old": old, "new": now}, "Cookie", here, csrfHeader, o.whoAmI(here).CSRF)
	}
	const next = "سی‌وسه پل ۱۴۰۶"
	if a := change("not the password", next); a.status != 403 || problemIn(t, a).Code != "password" {
		t.Errorf("the wrong old one: %d %s", a.status, a.body)
	}
	for _, bad := range []string{"short", "sara"} {
		if a := change(password, bad); a.status != 400 || !strings.Contains(problemIn(t, a).Cause, "10 characters") {
			t.Errorf("%q: %d %s", bad, a.status, a.body)
		}
	}
	a := change(password, next)
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	pair, _ := cookieOf(t, a, "rasad")
	if o.whoAmI(here).Person != nil || o.whoAmI(elsewhere).Person != nil || o.whoAmI(pair).Person == nil {
		t.Error("not all sessions but the new one have ended")
	}
	if a := o.signIn("sara", password); a.status != 401 {
		t.Errorf("the old password: %d", a.status)
	}
	if a := o.signIn("sara", next); a.status != 200 {
		t.Errorf("the new password: %d", a.status)
	}
}

// A screen gets its token by the part of an address that no server sees, and keeps
// it as a cookie.
func TestAScreenSignsInByItsToken(t *testing.T) {
	o := openBureau(t, nil)
	id, secret := o.issue(tokens.Request{Class: tokens.ClassDisplay, Opens: []string{"hall"}})
	_, media := o.issue(tokens.Request{Class: tokens.ClassMedia})
	for name, key := range map[string]string{"none": "", "a media token": media, "a wrong one": secret[:len(secret)-1] + "~"} {
		if a := o.post("/api/v1/session/display", map[string]string{"key": key}); a.status != 401 || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	a := o.post("/api/v1/session/display", map[string]string{"key": secret})
	if a.status != 200 || a.body != `{"screens":["hall"]}` {
		t.Fatalf("%d %s", a.status, a.body)
	}
	pair, c := cookieOf(t, a, "rasad-display")
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge < 364*86400 || c.MaxAge > 365*86400 {
		t.Errorf("%+v", c)
	}
	for _, path := range []string{"/wall/hall", "/api/v1/screens/hall"} {
		a := o.do("GET", path, "", "Cookie", pair)
		if again, c := cookieOf(t, a, "rasad-display"); a.status != 200 || again != pair || c.MaxAge != 365*86400 || !c.HttpOnly {
			t.Errorf("%s: %d, its cookie %+v", path, a.status, c)
		}
	}
	if a := o.do("GET", "/api/v1/tiles?view=hall", "", "Cookie", pair); a.status != 200 || a.header.Get("Set-Cookie") != "" {
		t.Errorf("its tiles: %d %s", a.status, a.header.Get("Set-Cookie"))
	}
	v := o.whoAmI(pair)
	if v.Person != nil || len(v.Pages) != 2 || v.Pages[0].Href != "/wall/hall" || v.Pages[1].Href != "/wall/street" {
		t.Errorf("%+v", v)
	}
	if used := o.book.List(); !slices.ContainsFunc(used, func(l tokens.Listed) bool { return l.ID == id && l.LastUsed != 0 }) {
		t.Errorf("its last use is not known: %+v", used)
	}
	o.revoke(id)
	if a := o.do("GET", "/wall/hall", "", "Cookie", pair, "Accept", "text/html"); a.status != 303 {
		t.Errorf("revoked: %d", a.status)
	}
}

func TestEachCallerIsToldItsPages(t *testing.T) {
	o := openBureau(t, nil)
	as := o.staff()
	for who, want := range map[string]string{
		"nobody":   "/wall/street",
		"viewer":   "/dept/tourism /dept/parks /wall/hall /wall/street",
		"dept":     "/dept/tourism /wall/hall /wall/street",
		"media":    "/media /wall/hall /wall/street",
		"operator": "/dept/tourism /dept/parks /operate /wall/hall /wall/street",
		"admin":    "/dept/tourism /dept/parks /media /operate /operate#people /wall/hall /wall/street",
		"display":  "/wall/hall /wall/street",
	} {
		cookie := ""
		if h := as[who](); h != nil {
			cookie = h[1]
		}
		var got []string
		for _, p := range o.whoAmI(cookie).Pages {
			got = append(got, p.Href)
			path, _, _ := strings.Cut(p.Href, "#")
			if a := o.do("GET", path, "", "Cookie", cookie); a.status != 200 {
				t.Errorf("%s is told of %s and gets %d", who, p.Href, a.status)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", who, got, want)
		}
	}
}

func TestABodyThatIsNotRightIsRefusedWithoutRepeatingIt(t *testing.T) {
	o := openBureau(t, nil)
	const planted = "planted-secret-1"
	for _, body := range []string{
		``, `null x`, `[]`, `{"login":"a","password":"` + planted + `"`, `{"login":"a","` + planted + `":1}`, `{"login":"a","password":{"x":"` + planted + `"}}`,
		`{"login":"a","password":"b"}{}`, "{\"login\":\"" + planted + "\xff\"}",
	} {
		a := o.do("POST", "/api/v1/session", body, "Content-Type", "application/json")
		if a.status != 400 {
			t.Errorf("%q: %d", body, a.status)
		}
		tellsNot(t, "the answer", a.body, planted)
	}
	if a := o.do("POST", "/api/v1/session", `{"login":"a","password":"b"}`, "Content-Type", "text/plain"); a.status != 415 {
		t.Errorf("as a form: %d", a.status)
	}
	if a := o.signIn("a", strings.Repeat("x", 8<<10)); a.status != 413 {
		t.Errorf("too long: %d", a.status)
	}
}

// Nothing can be kept: nobody signs in, and nothing pretends to be.
func TestWithoutAJournalNobodySignsIn(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("sara", city.RoleViewer)
	o.mu.Lock()
	o.full = true
	o.mu.Unlock()
	if a := o.signIn("sara", password); a.status != 503 || a.header.Get("Set-Cookie") != "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := o.signIn("sara", "not the password"); a.status != 401 {
		t.Errorf("a refusal that cannot be recorded: %d", a.status)
	}
}

// Whatever is secret stands nowhere but where it belongs: not in the log, not in the
// metrics, not in the journal, not in what is told of it.
func TestSecretsAreToldNowhere(t *testing.T) {
	o := openBureau(t, nil)
	o.employ("sara", city.RoleOperator)
	_, source := o.issue(tokens.Request{})
	_, display := o.issue(tokens.Request{Class: tokens.ClassDisplay, Opens: []string{"hall"}})
	const wrong, asLogin = "planted-wrong-password", "planted-password-as-login"
	o.signIn("sara", wrong)
	o.signIn(asLogin, wrong)
	pair, c := cookieOf(t, o.signIn("sara", password), "rasad")
	secrets := []string{password, wrong, asLogin, c.Value, source, display, o.whoAmI(pair).CSRF, c.Value[:20], source[:20], display[:20]}
	o.post("/api/v1/session/display", map[string]string{"key": display})
	o.do("POST", "/api/v1/readings", readings(1), "Authorization", "Bearer "+source, "Content-Type", "application/json")
	var said []string
	for _, path := range []string{"/wall/hall?key=" + display, "/none/" + source, "/api/v1/tiles?view=" + source, "/api/v1/screens/" + display, "/signin?next=/" + c.Value} {
		a := o.do("GET", path, "", "Accept", "text/html", "Cookie", pair+"x", "Authorization", "Bearer "+source+"x")
		if a.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: the address goes along to other sites", path)
		}
		if a.status != 303 { // there the browser gets back its own address
			said = append(said, a.body)
		}
	}
	o.srv.parts.Log.Info("sanity", "here", true)
	metrics := o.do("GET", "/metrics", "").body
	if !strings.Contains(o.log.String(), "sanity") || !strings.Contains(metrics, "rasad_http_requests_total") || !strings.Contains(o.kept(), "session.refused") {
		t.Fatal("there is nothing to look into")
	}
	tellsNot(t, "the log", o.log.String(), secrets...)
	tellsNot(t, "the metrics", metrics, secrets...)
	tellsNot(t, "the journal", o.kept(), secrets...)
	tellsNot(t, "an answer", strings.Join(said, "\n"), password, wrong, asLogin, c.Value)
	tellsNot(t, "the list of tokens", fmt.Sprintf("%+v", o.book.List()), secrets...)
}
