package people

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/register"
	"rasad/server/signin"
)

// newDesk returns a desk over a register that takes in at once what is appended,
// unless it is behind.
func newDesk(t *testing.T, behind *bool) *Desk {
	t.Helper()
	reg, err := register.Open(register.Config{Path: filepath.Join(t.TempDir(), "register.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reg.Close() })
	h, err := signin.NewHasher()
	if err != nil {
		t.Fatal(err)
	}
	next := uint64(0)
	return &Desk{Register: reg, Hasher: h, Now: time.Now, Append: func(_ context.Context, e []entry.Entry) (entry.Position, error) {
		next++
		if *behind {
			return entry.Position{Batch: next}, nil
		}
		return entry.Position{Batch: next}, reg.Apply(entry.Batch{Number: next, At: time.Unix(int64(next), 0), Entries: e})
	}}
}

// A request that is made again, because its answer was lost, adds nobody twice.
func TestTheSameActAgainNamesTheSamePerson(t *testing.T) {
	d := newDesk(t, new(bool))
	p := entry.Profile{Login: "sara", Name: "Sara", Role: city.RoleViewer, Lang: "fa"}
	who := Author{By: "op", ID: "act-of-the-page-1"}
	first, err := d.Add(t.Context(), who, p, "long enough as it is")
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Add(t.Context(), who, p, "long enough as it is")
	if err != nil || again.ID != first.ID || again.Hash != first.Hash || len(d.Register.People()) != 1 {
		t.Errorf("%v\n%+v\n%+v", err, first, again)
	}
}

// A name may not turn the line around that it stands in, nor hide in it.
func TestWhatPeopleWriteIsKeptClean(t *testing.T) {
	d := newDesk(t, new(bool))
	p, err := d.Add(t.Context(), Author{By: "op"}, entry.Profile{Login: "sara", Name: " سارا\u202E رضا\u200Bیی ", Role: city.RoleAdmin, Lang: "fa"}, "long enough as it is")
	if err != nil || p.Name != "سارا رضایی" {
		t.Fatalf("%v %q", err, p.Name)
	}
	note := &entry.Act{ID: "act-of-the-page-1", Do: entry.DoNote, On: "1", By: p.ID, Note: "  شست‌وشو شد\u2066\r\nبررسی \u202Dشود\n"}
	if _, err := d.Act(t.Context(), note); err != nil || note.Note != "شست‌وشو شد\nبررسی شود" {
		t.Errorf("%v %q", err, note.Note)
	}
	empty := &entry.Act{ID: "act-of-the-page-2", Do: entry.DoNote, On: "1", By: p.ID, Note: "\u200B\u202E"}
	if _, err := d.Act(t.Context(), empty); !errors.Is(err, city.ErrInvalid) {
		t.Errorf("a note of nothing that can be seen: %v", err)
	}
}

func TestWhatDoesNotHoldSaysWhy(t *testing.T) {
	d := newDesk(t, new(bool))
	p, err := d.Add(t.Context(), Author{By: "op"}, entry.Profile{Login: "sara", Name: "Sara", Role: city.RoleAdmin, Lang: "fa"}, "long enough as it is")
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.End(t.Context(), Author{By: "op"}, p.ID, 0, "")
	var no *RefusedError
	if !errors.As(err, &no) || no.Word != "last_admin" || no.Version != 1 || !errors.Is(err, city.ErrInvalid) {
		t.Errorf("%v %+v", err, no)
	}
	if _, err := d.SetPassword(t.Context(), Author{By: "op"}, "p-none", "long enough as it is"); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// An act that the register does not judge in time is kept all the same, and says so.
func TestAnActThatIsNotJudgedInTimeIsKept(t *testing.T) {
	behind := true
	d := newDesk(t, &behind)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		out, err := d.Act(t.Context(), &entry.Act{ID: "act-of-the-page-1", Do: entry.DoEndPerson, On: "p-1", By: "op"})
		if !errors.Is(err, ErrLater) || out.Pos.Batch != 1 || time.Since(start) != ActFor {
			t.Errorf("%v %+v after %v", err, out, time.Since(start))
		}
	})
}

func TestAGeneratedPasswordMayBeChosen(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		p, err := Generate()
		if err != nil || signin.CheckPassword("sara", p) != nil || !regexp.MustCompile(`^([a-z2-9]{5}-){3}[a-z2-9]{5}$`).MatchString(p) || seen[p] {
			t.Fatalf("%q %v", p, err)
		}
		seen[p] = true
	}
}
