package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"rasad/city"
	"rasad/entry"
	"rasad/register"
	"rasad/server/signin"
	"rasad/server/tokens"
)

const password = "چهارباغ عباسی"

// passwordHash returns the hash of password, which is made once.
var passwordHash = sync.OnceValues(func() (string, error) {
	h, err := signin.NewHasher()
	if err != nil {
		return "", err
	}
	return h.Hash(context.Background(), password)
})

// A bureau is a server on which people sign in: with a register, and a journal
// that is a list.
type bureau struct {
	*stage
	reg   *register.Store
	book  *tokens.Book
	began time.Time    // what the server's clock shows, but for
	ahead atomic.Int64 // nanoseconds: it stands until the test moves it
	hash  string       // of password

	mu      sync.Mutex
	batches []entry.Batch
	acts    int
	full    bool // nothing can be kept any more
}

func (o *bureau) clock() time.Time { return o.began.Add(time.Duration(o.ahead.Load())) }

// append is what the journal and its followers are together.
func (o *bureau) append(_ context.Context, entries []entry.Entry) (entry.Position, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.full {
		return entry.Position{}, fmt.Errorf("append: %w", city.ErrBusy)
	}
	b := entry.Batch{Number: uint64(len(o.batches) + 1), At: o.clock().Truncate(time.Millisecond), Entries: entries}
	o.batches = append(o.batches, b)
	if err := o.reg.Apply(b); err != nil {
		return entry.Position{}, err
	}
	return entry.Position{Batch: b.Number}, o.book.Apply(b)
}

// keep keeps an act at once and wants it to hold.
func (o *bureau) keep(a entry.Act) {
	o.t.Helper()
	o.acts++
	a.ID, a.At = fmt.Sprintf("test-%04d", o.acts), city.At(o.clock())
	if a.By == "" {
		a.By = "console"
	}
	if err := a.Check(); err != nil {
		o.t.Fatal(err)
	}
	pos, err := o.append(o.t.Context(), []entry.Entry{&a})
	if err != nil {
		o.t.Fatal(err)
	}
	if out, err := o.reg.Outcome(o.t.Context(), pos); err != nil || out.Refused != "" {
		o.t.Fatalf("%s: %v %q", a.Do, err, out.Refused)
	}
}

// employ adds a person whose password is password.
func (o *bureau) employ(id string, role city.Role, departments ...city.DepartmentID) {
	o.t.Helper()
	o.keep(entry.Act{Do: entry.DoAddPerson, On: id, Hash: o.hash, Person: &entry.Profile{
		Login: id, Name: "Name of " + id, Role: role, Departments: departments, Lang: "en",
	}})
}

// enter begins a session of the person id, and returns its cookie.
func (o *bureau) enter(id string) (cookie string) {
	o.t.Helper()
	o.acts++
	secret := fmt.Sprintf("%043d", o.acts)
	hash := hashOf(secret)
	o.keep(entry.Act{Do: entry.DoSignIn, On: hash[:sessionID], By: id, Hash: hash, Ends: city.At(o.clock().Add(sessionFor)), From: "127.0.0.1"})
	return "rasad=" + secret
}

// report opens a case at a source: the nth case gets the number n.
func (o *bureau) report(source city.SourceID, id string) {
	o.t.Helper()
	e := &entry.Event{Source: source, At: city.At(time.Date(2027, 3, 24, 14, 0, 0, 0, time.UTC)), ID: id, Case: "report", State: "opened", Category: "litter", V: 1, By: "test"}
	if _, err := o.append(o.t.Context(), []entry.Entry{e}); err != nil {
		o.t.Fatal(err)
	}
}

// issue makes a token.
func (o *bureau) issue(r tokens.Request) (id, secret string) {
	o.t.Helper()
	r.Name, r.By = "test", "console"
	id, secret, err := o.book.Issue(o.t.Context(), r, city.At(o.clock()), o.append)
	if err != nil {
		o.t.Fatal(err)
	}
	return id, secret
}

// openBureau starts a server on which people sign in; nobody is employed yet.
func openBureau(t testing.TB, change func(*Config, *Parts)) *bureau {
	t.Helper()
	o := &bureau{began: time.Now()}
	o.restart(t, t.TempDir(), change)
	return o
}

// town is isfahan with a source of cases for each department.
func town(t testing.TB) *city.City {
	t.Helper()
	d := isfahan(t).Definition
	d.Sources = append(slices.Clone(d.Sources),
		city.Source{ID: "litter", District: "district-3", Department: "tourism", Unit: city.Report, Kind: city.Event, Max: 1},
		city.Source{ID: "watering", District: "district-3", Department: "parks", Unit: city.Report, Kind: city.Event, Max: 1})
	c, err := city.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// restart opens the register anew over what was appended, and a server with it.
func (o *bureau) restart(t testing.TB, dir string, change func(*Config, *Parts)) {
	t.Helper()
	var err error
	if o.reg, err = register.Open(register.Config{Path: filepath.Join(dir, "register.db"), Now: o.clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.reg.Close() })
	o.book = tokens.New(func(id string) city.Moment { return o.reg.LastSeen(SeenToken, id) })
	for _, b := range o.batches {
		if err := o.reg.Apply(b); err != nil {
			t.Fatal(err)
		}
		_ = o.book.Apply(b)
	}
	town := town(t)
	o.stage = open(t, func(c *Config, p *Parts) {
		p.City = func() *city.City { return town }
		p.Register, p.Tokens, p.Append, p.Clock, p.Demo = o.reg, o.book, o.append, o.clock, false
		if change != nil {
			change(c, p)
		}
	})
	if o.hash, err = passwordHash(); err != nil {
		t.Fatal(err)
	}
	if len(o.batches) == 0 {
		compiled, err := town.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.append(t.Context(), []entry.Entry{&entry.City{File: "-", Compiled: compiled, By: "console"}}); err != nil {
			t.Fatal(err)
		}
	}
}

// post sends JSON.
func (o *bureau) post(path string, body any, headers ...string) answer {
	o.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	return o.do("POST", path, string(text), append([]string{"Content-Type", "application/json"}, headers...)...)
}

// signIn signs a person in by its password.
func (o *bureau) signIn(login, password string, headers ...string) answer {
	o.t.Helper()
	return o.post("/api/v1/session", map[string]string{"login": login, "password": password}, headers...)
}

// whoAmI asks who the bearer of a cookie is.
func (o *bureau) whoAmI(cookie string) sessionView {
	o.t.Helper()
	a := o.do("GET", "/api/v1/session", "", "Cookie", cookie)
	var v sessionView
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != 200 {
		o.t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return v
}

// cookieOf returns the cookie that an answer sets, as a browser sends it back.
func cookieOf(t testing.TB, a answer, name string) (pair string, c *http.Cookie) {
	t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == name {
			return c.Name + "=" + c.Value, c
		}
	}
	t.Fatalf("no cookie %q in %v", name, a.header)
	return "", nil
}

// recorded returns the acts of a verb, in their order.
func (o *bureau) recorded(do entry.Verb) (acts []*entry.Act) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.batches {
		for _, e := range b.Entries {
			if a, ok := e.(*entry.Act); ok && a.Do == do {
				acts = append(acts, a)
			}
		}
	}
	return acts
}

// kept returns all that was kept, as the journal writes it.
func (o *bureau) kept() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var text []byte
	for _, b := range o.batches {
		for _, e := range b.Entries {
			var err error
			if text, err = entry.Append(text, e); err != nil {
				o.t.Fatal(err)
			}
		}
	}
	return string(text)
}

// tellsNot wants a text to hold none of the secrets.
func tellsNot(t testing.TB, what, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%s holds the secret %q", what, s)
		}
	}
}

func signOut(session, by string) entry.Act {
	return entry.Act{Do: entry.DoSignOut, On: session, By: by}
}

func newPassword(id, hash string) entry.Act {
	return entry.Act{Do: entry.DoPassword, On: id, Hash: hash}
}

func ended(id string) entry.Act { return entry.Act{Do: entry.DoEndPerson, On: id} }

func changed(id string, role city.Role, departments ...city.DepartmentID) entry.Act {
	return entry.Act{Do: entry.DoChangePerson, On: id, Person: &entry.Profile{Login: id, Name: "Name of " + id, Role: role, Departments: departments, Lang: "en"}}
}

func (o *bureau) revoke(id string) {
	o.t.Helper()
	if err := o.book.Revoke(o.t.Context(), id, "console", "test", o.append); err != nil {
		o.t.Fatal(err)
	}
}

// callerBy returns the person id as a caller with a session.
func (o *bureau) callerBy(id string) caller {
	o.t.Helper()
	who, ok := o.srv.signedIn(strings.TrimPrefix(o.enter(id), "rasad="))
	if !ok {
		o.t.Fatalf("%s is not signed in", id)
	}
	return who
}

// closeCode reads until the server closes the socket.
func closeCode(t testing.TB, c *websocket.Conn) int {
	t.Helper()
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			if ce, ok := errors.AsType[*websocket.CloseError](err); ok {
				return ce.Code
			}
			t.Fatal(err)
		}
	}
}
