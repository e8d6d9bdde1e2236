package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/entry"
	"rasad/server/people"
	"rasad/server/signin"
)

// SetupFor is how long a code for the first admin holds.
const SetupFor = 15 * time.Minute

// setupEvery is how often it is looked whether there is an admin by now.
const setupEvery = time.Second

// setupBy stands in the journal beside the first admin.
const setupBy = "setup"

// A firstAdmin holds the code by which somebody at this machine becomes the first
// admin.
type firstAdmin struct {
	mu    sync.Mutex
	code  string // "": none holds
	until time.Time
}

// RunSetup tells code a code for the first admin, and a new one whenever that one
// ran out, as long as there is no admin. It returns when ctx ends.
func (s *Server) RunSetup(ctx context.Context, tell func(code string)) error {
	every := time.NewTicker(setupEvery)
	defer every.Stop()
	for {
		if s.parts.Register.Admins() == 0 && s.first.over(s.parts.Clock()) {
			code, err := people.Random(16)
			if err != nil {
				return err
			}
			s.first.set(code, s.parts.Clock().Add(SetupFor))
			tell(code)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}

func (f *firstAdmin) set(code string, until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.code, f.until = code, until
}

func (f *firstAdmin) over(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.code == "" || !now.Before(f.until)
}

// setupOpen reports whether somebody who asks like c may become the first admin:
// there is none, and c comes from this very machine.
func (s *Server) setupOpen(c *fiber.Ctx) bool {
	return !s.parts.Demo && s.parts.Register != nil && s.parts.Register.Admins() == 0 && s.client(c.Context()).Unmap().IsLoopback()
}

// postSetup makes the first admin, and signs them in.
func (s *Server) postSetup(c *fiber.Ctx) error {
	var in struct{ Code, Login, Name, Password, Lang string }
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if !s.setupOpen(c) {
		return city.Refuse(city.ErrDenied, city.Text{FA: "نخستین مدیر را تنها روی خود رایانهٔ سرور و تا وقتی مدیری نیست می‌توان ساخت", EN: "the first admin is made at the server's own machine, while there is none"})
	}
	attempt, wait := s.throttle.Try(signin.KeyOf("setup"), s.client(c.Context()))
	if wait > 0 {
		return throttled(wait)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), acceptFor)
	defer cancel()
	s.first.mu.Lock() // one at a time: the code is good for one admin
	defer s.first.mu.Unlock()
	if s.first.code == "" || !s.parts.Clock().Before(s.first.until) || !sameSecret(strings.ToLower(strings.TrimSpace(in.Code)), s.first.code) {
		return fault{code: "setup"}
	}
	attempt.Succeed()
	p, err := s.desk.Add(ctx, people.Author{By: setupBy}, entry.Profile{
		Login: strings.ToLower(strings.TrimSpace(in.Login)), Name: strings.TrimSpace(in.Name), Role: city.RoleAdmin, Lang: in.Lang,
	}, in.Password)
	if errors.Is(err, errLater) {
		s.first.code = ""
		return fmt.Errorf("make first admin: %w", city.Refuse(city.ErrBusy, city.Text{FA: "مدیر ثبت شد ولی سامانه هنوز به آن نرسیده است؛ کمی بعد وارد شوید", EN: "the register is behind; sign in a little later"}))
	}
	if err != nil {
		return err
	}
	s.first.code = ""
	return s.begin(ctx, c, p)
}
