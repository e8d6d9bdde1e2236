package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"rasad/city"
	"rasad/entry"
	"rasad/register"
	"rasad/server/people"
	"rasad/server/signin"
	"rasad/server/tokens"
)

// refusedBy stands in the journal beside a refused sign-in.
const refusedBy = "nobody"

// restoreThrottle has the throttle count the refused sign-ins of before the start,
// but for those that a right password followed.
func (s *Server) restoreThrottle() {
	began := s.parts.Clock()
	for _, r := range s.parts.Register.Refusals(city.At(began.Add(-signin.Forget))) {
		from, err := netip.ParseAddr(r.From)
		if err != nil || s.cameIn(r) {
			continue
		}
		s.throttle.Restore(signin.Key(strings.TrimPrefix(r.Note, keyNote)), from, r.At)
	}
}

// keyNote stands before a login's key in the note of a refused sign-in.
const keyNote = "login "

func (s *Server) cameIn(r register.Record) bool {
	for _, in := range s.parts.Register.Sessions(r.On) {
		if in.From == r.From && in.Began >= city.At(r.At) {
			return true
		}
	}
	return false
}

// readJSON reads a small body. The error never repeats what was sent: it may be a
// password. Only JSON's own type is taken: a form of another site cannot send it.
func readJSON(c *fiber.Ctx, into any) error {
	kind, _, _ := strings.Cut(c.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/json") || c.Get("Content-Encoding") != "" {
		return fault{code: "encoding"}
	}
	body := c.BodyRaw()
	if len(body) > maxSmallBody {
		return fault{code: "too_large"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if !utf8.Valid(body) || d.Decode(into) != nil || !errors.Is(d.Decode(&struct{}{}), io.EOF) {
		return city.Refuse(city.ErrInvalid, city.Text{FA: "بدنهٔ درخواست باید یک شیء JSON باشد، تنها با فیلدهایی که openapi.json نام می‌برد", EN: "body: want one JSON object with the fields that openapi.json names"})
	}
	return nil
}

// postSession signs a person in. That there is no such login, that its person may
// not sign in any more, and that the password is wrong are one answer, which takes
// one time.
func (s *Server) postSession(c *fiber.Ctx) error {
	if s.parts.Demo {
		return s.getSession(c)
	}
	var in struct{ Login, Password string }
	if err := readJSON(c, &in); err != nil {
		return err
	}
	login := strings.ToLower(strings.TrimSpace(in.Login))
	from := s.client(c.Context())
	attempt, wait := s.throttle.Try(signin.KeyOf(login), from)
	if wait > 0 {
		return throttled(wait)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), acceptFor)
	defer cancel()
	p, known := s.parts.Register.PersonByLogin(login)
	if !known || p.Ended != 0 {
		p = register.Person{ID: p.ID}
	}
	right, err := s.matches(ctx, p.Hash, in.Password)
	if err != nil {
		attempt.Withdraw()
		return err
	}
	if !right {
		s.refuse(ctx, p.ID, login, from)
		return fault{code: "sign_in"}
	}
	attempt.Succeed()
	return s.begin(ctx, c, p)
}

// matches compares a password with a kept hash, "" where nobody has the login. A hash
// that cannot be read is a fault of ours, not of the one who signs in.
func (s *Server) matches(ctx context.Context, hash, password string) (bool, error) {
	right, err := s.hasher.Matches(ctx, hash, password)
	if errors.Is(err, city.ErrInvalid) {
		err = fault{code: "fault", cause: err}
	}
	return right, err
}

// throttled refuses an attempt that comes too early.
func throttled(wait time.Duration) fault {
	return fault{code: "throttled", retry: int((wait + time.Second - 1) / time.Second)}
}

// refuse records a refused sign-in. Of the login it keeps a key: people type their
// passwords there.
func (s *Server) refuse(ctx context.Context, person, login string, from netip.Addr) {
	id, err := people.Random(16)
	if err == nil {
		a := &entry.Act{
			ID: id, Do: entry.DoRefuse, On: person, At: s.clock(), By: refusedBy, From: from.String(),
			Note: keyNote + string(signin.KeyOf(login)),
		}
		_, err = s.parts.Append(ctx, []entry.Entry{a})
	}
	if err != nil {
		s.parts.Log.Warn("refused sign-in not recorded", "err", err)
	}
}

// begin begins a session of p, ends the one that the browser had, and answers as
// getSession does. p is the person whose password was right: where it has been
// changed meanwhile, it was not.
func (s *Server) begin(ctx context.Context, c *fiber.Ctx, p register.Person) error {
	random := make([]byte, secretBytes)
	if _, err := rand.Read(random); err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	secret := base64.RawURLEncoding.EncodeToString(random)
	hash, now := hashOf(secret), s.clock()
	out, err := s.act(ctx, &entry.Act{
		ID: "in-" + hash[:sessionID], Do: entry.DoSignIn, On: hash[:sessionID], At: now, By: p.ID, From: s.client(c.Context()).String(),
		Hash: hash, Ends: now + city.Moment(sessionFor/time.Second),
	})
	switch {
	case errors.Is(err, errLater):
		return fmt.Errorf("begin session: %w", city.Refuse(city.ErrBusy, city.Text{FA: "سامانه هنوز به کارهای پیشین نرسیده است؛ کمی بعد دوباره وارد شوید", EN: "the register is behind; sign in a little later"}))
	case err != nil:
		return err
	case out.Refused != "":
		return fault{code: "sign_in"}
	}
	if q, _ := s.parts.Register.Person(p.ID); q.Hash != p.Hash {
		s.endSession(ctx, hash[:sessionID], p.ID)
		return fault{code: "sign_in"}
	}
	if was := s.caller(c.Context()); was.session != "" {
		s.endSession(ctx, was.session, was.by())
	}
	who, ok := s.signedIn(secret)
	if !ok {
		return fault{code: "sign_in"}
	}
	s.setCookie(c.Context(), sessionCookie(s.scheme(c.Context()) == "https"), secret, sessionFor, p.Role == city.RoleAdmin)
	return s.sendSession(c, who)
}

// endSession ends a session. That this could not be kept is no reason to refuse
// what comes with it: the session ends by itself.
func (s *Server) endSession(ctx context.Context, id, by string) {
	_, err := s.act(ctx, &entry.Act{ID: "out-" + id, Do: entry.DoSignOut, On: id, At: s.clock(), By: by})
	if err != nil && !errors.Is(err, errLater) {
		s.parts.Log.Warn("end of session not kept", "err", err)
	}
}

// postSessionEnd signs a person out.
func (s *Server) postSessionEnd(c *fiber.Ctx) error {
	who := callerOf(c.UserContext())
	if who.session != "" {
		id := who.session
		out, err := s.act(c.UserContext(), &entry.Act{ID: "out-" + id, Do: entry.DoSignOut, On: id, At: s.clock(), By: who.by()})
		if err != nil && !errors.Is(err, errLater) {
			return err
		}
		_ = out // that it had ended before is as good
		s.setCookie(c.Context(), sessionCookie(s.scheme(c.Context()) == "https"), "", 0, false)
	}
	return send(c, struct{}{})
}

// postPassword gives the person who asks another password, which ends all sessions
// but the one that begins with it.
func (s *Server) postPassword(c *fiber.Ctx) error {
	var in struct{ Old, New string }
	if err := readJSON(c, &in); err != nil {
		return err
	}
	who := callerOf(c.UserContext())
	if who.session == "" {
		return city.Refuse(city.ErrDenied, city.Text{FA: "در حالت نمایشی کسی گذرواژه ندارد", EN: "nobody has a password in a demonstration"})
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), acceptFor)
	defer cancel()
	from := s.client(c.Context())
	attempt, wait := s.throttle.Try(signin.KeyOf(who.person.Login), from)
	if wait > 0 {
		return throttled(wait)
	}
	right, err := s.matches(ctx, who.person.Hash, in.Old)
	if err != nil {
		attempt.Withdraw()
		return err
	}
	if !right {
		s.refuse(ctx, who.person.ID, who.person.Login, from)
		return fault{code: "password"}
	}
	attempt.Succeed()
	p, err := s.desk.SetPassword(ctx, people.Author{By: who.by()}, who.person.ID, in.New)
	if err != nil {
		return err
	}
	return s.begin(ctx, c, p)
}

// postDisplay signs a screen in with its token, which the address that the screen
// was opened with holds behind its #: no server and no log sees it there.
func (s *Server) postDisplay(c *fiber.Ctx) error {
	var in struct{ Key string }
	if err := readJSON(c, &in); err != nil {
		return err
	}
	t, ok := s.token(in.Key)
	if !ok || t.Class != tokens.ClassDisplay {
		return fault{code: "token"}
	}
	s.setCookie(c.Context(), displayCookie(s.scheme(c.Context()) == "https"), in.Key, displayFor, false)
	return send(c, struct {
		Screens []string `json:"screens"`
	}{t.Opens})
}

// keepDisplay gives a screen its cookie anew, as it does whenever a wall asks what it
// shows: every day at least. So the token alone says when it ends, and may be renewed.
func (s *Server) keepDisplay(ctx *fasthttp.RequestCtx) {
	name := displayCookie(s.scheme(ctx) == "https")
	s.setCookie(ctx, name, string(ctx.Request.Header.Cookie(name)), displayFor, false)
}
