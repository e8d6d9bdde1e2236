package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/register"
	"rasad/server/people"
	"rasad/server/signin"
	"rasad/server/tokens"
)

// A shelf is a journal that is a list, with the followers that a console needs.
type shelf struct {
	Console
	mu      sync.Mutex
	entries []entry.Entry
	fails   error
}

func (s *shelf) append(_ context.Context, e []entry.Entry) (entry.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return entry.Position{}, s.fails
	}
	s.entries = append(s.entries, e...)
	b := entry.Batch{Number: s.People.Register.Applied() + 1, At: time.Unix(1000, 0), Entries: e}
	return entry.Position{Batch: b.Number}, errors.Join(s.People.Register.Apply(b), s.Tokens.Apply(b))
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	now := func() time.Time { return time.Unix(1000, 0) }
	reg, err := register.Open(register.Config{Path: filepath.Join(t.TempDir(), "register.db"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reg.Close() })
	h, err := signin.NewHasher()
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	s.Console = Console{Tokens: tokens.New(nil), People: &people.Desk{Register: reg, Append: s.append, Hasher: h, Now: now}, Log: slog.New(slog.DiscardHandler)}
	return s
}

// serve runs the socket and returns its path.
func (s *shelf) serve(t *testing.T) (path string, stop func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "rasad.sock")
	if err := os.WriteFile(path, nil, 0o644); err != nil { // left over by a crash
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, path) }()
	every, end := time.NewTicker(time.Millisecond), time.After(20*time.Second)
	defer every.Stop()
	for {
		if c, err := net.Dial("unix", path); err == nil {
			_ = c.Close()
			break
		}
		select {
		case <-end:
			t.Fatal("the socket never came")
		case <-every.C:
		}
	}
	return path, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	}
}

func TestTokensAreMadeAndEndedThroughTheSocket(t *testing.T) {
	s := newShelf(t)
	path, stop := s.serve(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v %v", info, err)
	}
	c, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.Issue(t.Context(), tokens.Request{Name: "gate", Opens: []string{"a/in"}, Days: 1, By: "op"})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Tokens.Lookup(made.Token, 1500); !ok || got.ID != made.ID || got.Expires != 1000+86400 || got.By != "op" {
		t.Errorf("%v %+v", ok, got)
	}
	list, err := c.List(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != made.ID || !slices.Equal(list[0].Opens, []string{"a/in"}) {
		t.Errorf("%v %+v", err, list)
	}
	if until, err := c.Renew(t.Context(), made.ID, 3, "op two"); err != nil || until != 1000+3*86400 {
		t.Errorf("renewed until %d: %v", until, err)
	}
	if last := s.entries[len(s.entries)-1].(*entry.Act); last.Do != entry.DoRenewToken || last.By != "op two" || last.Ends != 1000+3*86400 {
		t.Errorf("%+v", last)
	}
	if _, err := c.Renew(t.Context(), made.ID, 2, "op"); !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), "2 days") {
		t.Errorf("renewed for less: %v", err)
	}
	if err := c.Revoke(t.Context(), made.ID, "op two", "lost & found"); err != nil {
		t.Fatal(err)
	}
	if last := s.entries[len(s.entries)-1].(*entry.TokenRevoked); last.By != "op two" || last.Why != "lost & found" {
		t.Errorf("%+v", last)
	}
	if _, err := c.Issue(t.Context(), tokens.Request{}); !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), "name") {
		t.Errorf("a bad request: %v", err)
	}
	if err := c.Revoke(t.Context(), "none/../x", "", ""); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("an unknown token: %v", err)
	}
	s.mu.Lock()
	s.fails = fmt.Errorf("append: %w", city.ErrBusy)
	s.mu.Unlock()
	if _, err := c.Issue(t.Context(), tokens.Request{Name: "x", By: "op"}); !errors.Is(err, city.ErrBusy) {
		t.Errorf("a busy journal: %v", err)
	}
	stop()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
	if _, err := Dial(t.Context(), path); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("without a server: %v", err)
	}
	if _, err := c.List(t.Context()); err == nil {
		t.Error("the server answers after its end")
	}
}

// What the socket does, the console does without one.
func TestPeopleAreLetInAndOutByTheConsole(t *testing.T) {
	type keeper interface {
		Everybody(ctx context.Context) ([]Person, error)
		Carry(ctx context.Context, o Order) (Person, error)
	}
	for _, through := range []string{"the socket", "the journal"} {
		t.Run(through, func(t *testing.T) {
			s := newShelf(t)
			var k keeper = &s.Console
			if through == "the socket" {
				path, stop := s.serve(t)
				defer stop()
				client, err := Dial(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				k = client
			}
			carry := func(o Order, wants string) Person {
				t.Helper()
				o.By = "op"
				p, err := k.Carry(t.Context(), o)
				if (err == nil) != (wants == "") || err != nil && !strings.Contains(err.Error(), wants) {
					t.Errorf("%s %s: %v, want %q", o.Do, o.Login, err, wants)
				}
				if err != nil && o.Password != "" && strings.Contains(err.Error(), o.Password) {
					t.Errorf("the error repeats the password: %v", err)
				}
				return p
			}
			sara := entry.Profile{Login: "sara", Name: "سارا", Role: city.RoleAdmin, Lang: "fa"}
			ali := entry.Profile{Login: "ali", Name: "Ali", Role: city.RoleDepartment, Departments: []city.DepartmentID{"parks"}, Lang: "en"}
			carry(Order{Do: Add, Profile: sara, Password: "short"}, "10 characters")
			carry(Order{Do: Add, Profile: entry.Profile{Login: "S ara", Name: "x", Role: "viewer", Lang: "fa"}, Password: "long enough"}, "login")
			p := carry(Order{Do: Add, Profile: sara, Password: "long enough"}, "")
			if !strings.HasPrefix(p.ID, "p-") || p.Login != "sara" || p.Version != 1 || p.Added != 1000 {
				t.Errorf("%+v", p)
			}
			carry(Order{Do: Add, Profile: sara, Password: "long enough"}, "another person's")
			carry(Order{Do: Add, Profile: ali, Password: "long enough"}, "")
			carry(Order{Do: End, Login: "sara"}, "only admin")
			viewer := sara
			viewer.Role = city.RoleViewer
			carry(Order{Do: Change, Login: "sara", Profile: viewer}, "only admin")
			ali.Role, ali.Departments = city.RoleAdmin, nil
			carry(Order{Do: Change, Login: "ali", Expects: 7, Profile: ali}, "somebody else")
			if p := carry(Order{Do: Change, Login: "ali", Expects: 1, Profile: ali}, ""); p.Role != city.RoleAdmin || p.Version != 2 {
				t.Errorf("%+v", p)
			}
			was, _ := s.People.Register.PersonByLogin("ali")
			carry(Order{Do: Password, Login: "ali", Password: "another one of ten"}, "")
			if now, _ := s.People.Register.PersonByLogin("ali"); now.Hash == was.Hash || now.Hash == "" {
				t.Error("the password is the same")
			}
			carry(Order{Do: Password, Login: "nobody", Password: "another one of ten"}, "nobody signs in")
			carry(Order{Do: End, Login: "sara", Why: "left"}, "")
			carry(Order{Do: Password, Login: "sara", Password: "another one of ten"}, "nobody signs in")
			carry(Order{Do: "promote", Login: "ali"}, "order")
			list, err := k.Everybody(t.Context())
			if err != nil || len(list) != 2 || list[0].Login != "ali" || list[1].Login != "sara" || list[1].Ended == 0 {
				t.Errorf("%v %+v", err, list)
			}
		})
	}
}
