package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
)

// A printer keeps what was printed on the console.
type printer struct {
	mu    sync.Mutex
	codes []string
}

func (c *printer) tell(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.codes = append(c.codes, code)
}

func (c *printer) seen() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.codes)
}

// openSetup starts a server without an admin, and its console.
func openSetup(t *testing.T, change func(*Config, *Parts)) (*bureau, *printer) {
	t.Helper()
	o, con := openBureau(t, change), &printer{}
	ctx, cancel := contextOf(t)
	ended := make(chan error, 1)
	go func() { ended <- o.srv.RunSetup(ctx, con.tell) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	eventually(t, "a code is printed", func() bool { return len(con.seen()) > 0 })
	return o, con
}

func (o *bureau) setup(code, login, password string, headers ...string) answer {
	o.t.Helper()
	return o.post("/api/v1/setup", map[string]string{"code": code, "login": login, "name": "Sara", "password": password, "lang": "fa"}, headers...)
}

func TestTheFirstAdminIsMadeByTheCodeOfTheConsole(t *testing.T) {
	o, con := openSetup(t, nil)
	code := con.seen()[0]
	if len(code) != 32 || strings.Trim(code, "0123456789abcdef") != "" {
		t.Errorf("code %q", code)
	}
	if a := o.do("GET", "/signin", "", "Accept", "text/html"); a.status != 303 || a.header.Get("Location") != "/setup" {
		t.Errorf("sign in: %d to %q", a.status, a.header.Get("Location"))
	}
	if a := o.do("GET", "/setup", "", "Accept", "text/html"); a.status != 200 || !strings.Contains(a.body, `data-page="setup"`) {
		t.Errorf("setup: %d %s", a.status, a.body)
	}
	if a := o.setup(strings.Repeat("0", 32), "sara", password); a.status != 403 || problemIn(t, a).Code != "setup" {
		t.Errorf("a wrong code: %d %s", a.status, a.body)
	}
	if a := o.setup("", "sara", password); a.status != 403 {
		t.Errorf("no code: %d %s", a.status, a.body)
	}
	if a := o.setup(code, "sara", "short"); a.status != 400 || o.reg.Admins() != 0 {
		t.Errorf("a short password: %d %s", a.status, a.body)
	}
	o.ahead.Add(int64(2 * time.Second)) // three failures
	a := o.setup(" "+strings.ToUpper(code), "Sara", password)
	if a.status != 200 || !strings.Contains(a.body, `"role":"admin"`) || o.reg.Admins() != 1 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	pair, _ := cookieOf(t, a, "rasad")
	if v := o.whoAmI(pair); v.Person == nil || v.Person.Login != "sara" || v.Person.Lang != "fa" {
		t.Errorf("signed in as %+v", v.Person)
	}
	if a := o.setup(code, "second", password); a.status != 403 || o.reg.Admins() != 1 {
		t.Errorf("twice: %d %s", a.status, a.body)
	}
	if a := o.do("GET", "/setup", "", "Accept", "text/html"); a.status != 303 || a.header.Get("Location") != "/signin" {
		t.Errorf("setup afterwards: %d to %q", a.status, a.header.Get("Location"))
	}
	if adds := o.recorded(entry.DoAddPerson); len(adds) != 1 || adds[0].By != setupBy || strings.Contains(o.kept(), code) || strings.Contains(o.log.String(), code) {
		t.Errorf("recorded %+v", adds)
	}
}

// Ten at once with the right code: one becomes the first admin.
func TestACodeIsGoodForOneAdmin(t *testing.T) {
	o, con := openSetup(t, nil)
	code := con.seen()[0]
	statuses := make([]int, 3)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() { statuses[i] = o.setup(code, "admin"+string(rune('a'+i)), password).status })
	}
	wg.Wait()
	slices.Sort(statuses)
	if statuses[0] != 200 || statuses[1] == 200 || o.reg.Admins() != 1 {
		t.Errorf("%v, %d admins", statuses, o.reg.Admins())
	}
}

func TestACodeThatRanOutIsFollowedByAnother(t *testing.T) {
	o, con := openSetup(t, nil)
	o.ahead.Add(int64(SetupFor))
	eventually(t, "another code is printed", func() bool { return len(con.seen()) == 2 })
	codes := con.seen()
	if codes[0] == codes[1] {
		t.Error("the same code again")
	}
	if a := o.setup(codes[0], "sara", password); a.status != 403 {
		t.Errorf("the old code: %d", a.status)
	}
	if a := o.setup(codes[1], "sara", password); a.status != 200 {
		t.Errorf("the new code: %d %s", a.status, a.body)
	}
	o.ahead.Add(int64(SetupFor))
	if a := o.setup(codes[1], "ali", password); a.status != 403 || len(con.seen()) != 2 {
		t.Errorf("with an admin: %d, %d codes", a.status, len(con.seen()))
	}
}

func TestOnlyThisMachineMakesTheFirstAdmin(t *testing.T) {
	o, con := openSetup(t, func(c *Config, _ *Parts) { c.BehindProxy = []string{"127.0.0.1"} })
	code := con.seen()[0]
	far := []string{"X-Forwarded-For", "203.0.113.5"}
	if a := o.setup(code, "sara", password, far...); a.status != 403 || o.reg.Admins() != 0 {
		t.Errorf("from elsewhere: %d %s", a.status, a.body)
	}
	if a := o.do("GET", "/setup", "", append(far, "Accept", "text/html")...); a.status != 303 || a.header.Get("Location") != "/signin" {
		t.Errorf("the page from elsewhere: %d", a.status)
	}
	if a := o.setup(code, "sara", password, "X-Forwarded-For", "127.0.0.1"); a.status != 200 {
		t.Errorf("from this machine: %d %s", a.status, a.body)
	}
}

func TestADemonstrationHasNoFirstAdmin(t *testing.T) {
	o := openBureau(t, func(_ *Config, p *Parts) { p.Demo = true })
	if a := o.setup("", "sara", password); a.status != 403 {
		t.Errorf("%d %s", a.status, a.body)
	}
	v := o.whoAmI("")
	if !v.Demo || v.Person == nil || v.Person.Role != city.RoleAdmin || v.Person.Name != "Demo" && v.Person.Name != "نمایش" {
		t.Errorf("%+v", v)
	}
	if a := o.post("/api/v1/session/password", map[string]string{"old": "", "new": password}); a.status != 403 {
		t.Errorf("a password: %d %s", a.status, a.body)
	}
}
