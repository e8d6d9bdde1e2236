// Package people changes who may sign in: by acts, which the journal keeps and the
// register judges. The API, the first admin's setup and the command line all end
// here. It knows no route and no cookie; what the one who asks may do at all, the
// caller has decided.
package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"rasad/city"
	"rasad/city/fa"
	"rasad/entry"
	"rasad/measure"
	"rasad/register"
	"rasad/server/signin"
)

// ActFor is how long an act waits for the register to have judged it.
const ActFor = 2 * time.Second

// ErrLater says that an act is durable, and that what becomes of it is not known yet.
var ErrLater = errors.New("the act is kept and not judged yet")

// A Desk makes acts and says what became of them. All its fields are required. Its
// methods may be called from several goroutines.
type Desk struct {
	Register *register.Store
	Append   func(ctx context.Context, entries []entry.Entry) (first entry.Position, err error)
	Hasher   *signin.Hasher
	Now      func() time.Time // the server's clock
}

// A RefusedError is an act that did not hold. It wraps city.ErrNotFound or city.ErrInvalid.
type RefusedError struct {
	Word    string // one of measure's words, such as "changed"
	Version int64  // of what it acted on, as it is now
}

// Error says in words why the act did not hold.
func (r *RefusedError) Error() string { return r.words().Error() }

// Unwrap returns the same words in both languages, of the kind of the refusal.
func (r *RefusedError) Unwrap() error { return r.words() }

func (r *RefusedError) words() error {
	kind := city.ErrInvalid
	words := city.Text{FA: "این تغییر پذیرفته نشد (" + r.Word + ")", EN: "change: " + r.Word}
	switch r.Word {
	case measure.RefusedChanged:
		words = city.Text{FA: "در این میان کس دیگری این فرد را تغییر داده است؛ دوباره نگاه کنید", EN: "change: somebody else has changed this person meanwhile"}
	case measure.RefusedTaken:
		words = city.Text{FA: "این نام کاربری از آنِ دیگری است، یا زمانی بوده است؛ نام دیگری برگزینید", EN: "change: the login is, or was, another person's"}
	case measure.RefusedLastAdmin:
		words = city.Text{FA: "تنها مدیر سامانه همین است؛ نخست مدیر دیگری بیفزایید", EN: "change: this is the only admin: nobody could let anybody in any more"}
	case measure.RefusedNoPerson, measure.RefusedNotFound:
		kind = city.ErrNotFound
		words = city.Text{FA: "چنین فردی نیست یا دیگر همکار ما نیست", EN: "change: there is no such person, or no more"}
	case measure.RefusedAlready:
		words = city.Text{FA: "از پیش همین‌گونه است", EN: "change: it is so already"}
	}
	return city.Refuse(kind, words)
}

// Clean makes what a person wrote in an act harmless for whoever reads it: names and
// notes without characters that hide or reorder text. Lines of a note stay lines.
func Clean(a *entry.Act) {
	a.Note = fa.Lines(a.Note)
	if a.Person != nil {
		p := *a.Person
		p.Name = fa.Clean(p.Name)
		a.Person = &p
	}
	if a.Token != nil {
		g := *a.Token
		g.Name = fa.Clean(g.Name)
		a.Token = &g
	}
}

// Act makes an act durable and returns what became of it, with its words made clean.
// Where the register does not say so in time, the error is ErrLater and the outcome
// has the position alone.
func (d *Desk) Act(ctx context.Context, a *entry.Act) (register.Outcome, error) {
	Clean(a)
	if err := a.Check(); err != nil {
		return register.Outcome{}, err
	}
	pos, err := d.Append(ctx, []entry.Entry{a})
	if err != nil {
		return register.Outcome{}, fmt.Errorf("keep act: %w", err)
	}
	wait, cancel := context.WithTimeout(ctx, ActFor)
	defer cancel()
	if err := d.Register.Wait(wait, pos.Batch); err != nil {
		return register.Outcome{Pos: pos}, ErrLater
	}
	return d.Register.Outcome(ctx, pos)
}

// An Author says who changes a person.
type Author struct {
	By string // person, or who sat at the console
	ID string // of the act, where the one who asks has named it; "": a new one
}

// Add adds a person and returns it. Its id follows from the act's, so that a request
// that is made again names the same person.
func (d *Desk) Add(ctx context.Context, who Author, p entry.Profile, password string) (register.Person, error) {
	hash, err := d.hash(ctx, p.Login, password)
	if err != nil {
		return register.Person{}, err
	}
	if who.ID == "" {
		if who.ID, err = Random(16); err != nil {
			return register.Person{}, err
		}
	}
	sum := sha256.Sum256([]byte("person of act " + who.ID))
	return d.change(ctx, who, &entry.Act{Do: entry.DoAddPerson, On: "p-" + hex.EncodeToString(sum[:6]), Person: &p, Hash: hash})
}

// Change gives the person id another profile and returns it. expects is the version
// that the author saw; 0: any.
func (d *Desk) Change(ctx context.Context, who Author, id string, expects int64, p entry.Profile) (register.Person, error) {
	return d.change(ctx, who, &entry.Act{Do: entry.DoChangePerson, On: id, Expects: expects, Person: &p})
}

// SetPassword gives the person id another password, which ends all its sessions.
func (d *Desk) SetPassword(ctx context.Context, who Author, id, password string) (register.Person, error) {
	p, ok := d.Register.Person(id)
	if !ok {
		return p, &RefusedError{Word: measure.RefusedNoPerson}
	}
	hash, err := d.hash(ctx, p.Login, password)
	if err != nil {
		return p, err
	}
	return d.change(ctx, who, &entry.Act{Do: entry.DoPassword, On: id, Hash: hash})
}

// End lets the person id in no more; the name stays beside what was done.
func (d *Desk) End(ctx context.Context, who Author, id string, expects int64, why string) (register.Person, error) {
	return d.change(ctx, who, &entry.Act{Do: entry.DoEndPerson, On: id, Expects: expects, Note: why})
}

func (d *Desk) change(ctx context.Context, who Author, a *entry.Act) (register.Person, error) {
	a.ID, a.By, a.At = who.ID, who.By, city.At(d.Now())
	if a.ID == "" {
		var err error
		if a.ID, err = Random(16); err != nil {
			return register.Person{}, err
		}
	}
	out, err := d.Act(ctx, a)
	if err != nil {
		return register.Person{}, err
	}
	if out.Refused != "" {
		return register.Person{}, &RefusedError{out.Refused, out.Version}
	}
	p, _ := d.Register.Person(a.On)
	return p, nil
}

func (d *Desk) hash(ctx context.Context, login, password string) (string, error) {
	if err := signin.CheckPassword(login, password); err != nil {
		return "", err
	}
	return d.Hasher.Hash(ctx, password)
}

// Random returns n random bytes in hexadecimal.
func Random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("draw at random: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// letters are those of a generated password: none looks like another.
const letters = "abcdefghijkmnpqrstuvwxyz23456789"

// Generate returns a new password: four groups of five letters and digits, 100 bits.
func Generate() (string, error) {
	b := make([]byte, 20)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("draw at random: %w", err)
	}
	var out []byte
	for i, x := range b {
		if i > 0 && i%5 == 0 {
			out = append(out, '-')
		}
		out = append(out, letters[x%32])
	}
	return string(out), nil
}
