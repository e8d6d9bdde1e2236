package register

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func names(list []Person) (ids []string) {
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestPeopleAreAddedChangedAndEnded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	s, b := started(t, Config{Path: path})
	if o := outcome(t, s, b, b.act("p-ava", entry.DoChangePerson, "p-bita", profile(worker("bita2", "parks")), expects(1))); o.Refused != "" || o.Version != 2 {
		t.Errorf("%+v", o)
	}
	outcome(t, s, b, b.act("p-bita", entry.DoPassword, "p-bita", secret("$argon2id$b")))
	outcome(t, s, b, b.act("p-ava", entry.DoEndPerson, "p-dara", when(morning)))
	for range 2 {
		bita, ok := s.PersonByLogin("bita2")
		want := Person{ID: "p-bita", Profile: worker("bita2", "parks"), Hash: "$argon2id$b", Version: 3, Added: bita.Added}
		if d := cmp.Diff(want, bita); d != "" || !ok {
			t.Error(ok, d)
		}
		if p, ok := s.PersonByLogin("bita"); ok {
			t.Errorf("the login of before still names %+v", p)
		}
		if p, ok := s.Person("p-dara"); !ok || p.Ended != morning {
			t.Errorf("%+v", p)
		}
		if _, ok := s.Person("p-none"); ok {
			t.Error("a person that is not there")
		}
		if got := names(s.People()); !cmp.Equal(got, []string{"p-bita", "p-ava", "p-dara"}) || s.Admins() != 1 {
			t.Error(got, s.Admins())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, Config{Path: path})
	}
}

func TestActsOnPeopleThatDoNotHoldAreRefusedInAWord(t *testing.T) {
	s, b := started(t, Config{})
	outcome(t, s, b, b.act("p-ava", entry.DoEndPerson, "p-dara"))
	outcome(t, s, b, b.act("p-ava", entry.DoChangePerson, "p-bita", profile(worker("bita2", "parks"))))
	for _, tc := range []struct {
		act  *entry.Act
		want string
	}{
		{b.act("p-ava", entry.DoAddPerson, "p-x", profile(worker("bita2", "parks"))), measure.RefusedTaken},
		{b.act("p-ava", entry.DoAddPerson, "p-x", profile(worker("bita", "parks"))), measure.RefusedTaken}, // was one of bita's
		{b.act("p-ava", entry.DoAddPerson, "p-x", profile(worker("dara", "parks"))), measure.RefusedTaken}, // who has left
		{b.act("p-ava", entry.DoAddPerson, "p-bita", profile(worker("other", "parks"))), measure.RefusedAlready},
		{b.act("p-ava", entry.DoChangePerson, "p-bita", profile(worker("ava", "parks"))), measure.RefusedTaken},
		{b.act("p-ava", entry.DoChangePerson, "p-bita", profile(worker("bita", "parks")), expects(1)), measure.RefusedChanged},
		{b.act("p-ava", entry.DoChangePerson, "p-bita", profile(worker("bita", "parks")), expects(2)), ""},
		{b.act("p-ava", entry.DoChangePerson, "p-dara", profile(worker("dara", "parks"))), measure.RefusedNoPerson},
		{b.act("p-ava", entry.DoPassword, "p-none", secret("x")), measure.RefusedNoPerson},
		{b.act("p-ava", entry.DoEndPerson, "p-ava"), measure.RefusedLastAdmin},
		{b.act("p-ava", entry.DoChangePerson, "p-ava", profile(worker("ava", "parks"))), measure.RefusedLastAdmin},
		{b.act("p-ava", entry.DoChangePerson, "p-ava", profile(admin("ava"))), ""},
		{b.act("p-ava", entry.DoChangePerson, "p-bita", profile(admin("bita"))), ""},
		{b.act("p-ava", entry.DoEndPerson, "p-ava"), ""},
		{b.act("p-bita", entry.DoEndPerson, "p-bita"), measure.RefusedLastAdmin},
	} {
		refused(t, s, b, tc.act, tc.want)
	}
}

func TestSessionsEndWithWhateverChangesTheirPerson(t *testing.T) {
	for _, change := range []func(*book) *entry.Act{
		func(b *book) *entry.Act {
			return b.act("p-ava", entry.DoChangePerson, "p-bita", profile(worker("bita", "parks")))
		},
		func(b *book) *entry.Act { return b.act("p-bita", entry.DoPassword, "p-bita", secret("x")) },
		func(b *book) *entry.Act { return b.act("p-ava", entry.DoEndPerson, "p-bita") },
		func(b *book) *entry.Act { return b.act("p-bita", entry.DoSignOut, "s1") },
	} {
		path := filepath.Join(t.TempDir(), "register.db")
		now := func() time.Time { return bookStart }
		s, b := started(t, Config{Path: path, Now: now})
		refused(t, s, b, b.act("p-bita", entry.DoSignIn, "s1", secret("s1h"), ends(morning+3600), from("10.0.0.7")), "")
		refused(t, s, b, b.act("p-ava", entry.DoSignIn, "s2", secret("s2h"), ends(morning+3600)), "")
		refused(t, s, b, b.act("p-bita", entry.DoSignIn, "s1", secret("s1h")), measure.RefusedAlready)
		if x, ok := s.Session("s1"); !ok || x.Person != "p-bita" || x.Hash != "s1h" || x.From != "10.0.0.7" || len(s.Sessions("p-bita")) != 1 {
			t.Errorf("%+v %t", x, ok)
		}
		a := change(b)
		refused(t, s, b, a, "")
		for range 2 {
			if _, ok := s.Session("s1"); ok || len(s.Sessions("p-bita")) != 0 {
				t.Errorf("%s: the session goes on", a.Do)
			}
			if _, ok := s.Session("s2"); !ok {
				t.Errorf("%s: another's session is over", a.Do)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, Config{Path: path, Now: now})
		}
	}
}

func TestASessionIsOverAtItsEnd(t *testing.T) {
	now := bookStart
	s, b := started(t, Config{Now: func() time.Time { return now }})
	apply(t, s, b.add(
		b.act("p-bita", entry.DoSignIn, "s1", secret("h"), when(morning), ends(morning+60)),
		b.act("p-bita", entry.DoSignIn, "s2", secret("h"), when(morning+1), ends(morning+90))))
	if list := s.Sessions("p-bita"); len(list) != 2 || list[0].ID != "s2" {
		t.Errorf("%+v", list)
	}
	now = now.Add(time.Minute)
	if _, ok := s.Session("s1"); ok || len(s.Sessions("p-bita")) != 1 {
		t.Error("it goes on")
	}
	refused(t, s, b, b.act("p-ava", entry.DoSignIn, "s3", secret("h"), when(morning+60)), "")
	refused(t, s, b, b.act("p-bita", entry.DoSignOut, "s1"), measure.RefusedNotFound) // forgotten by then
	refused(t, s, b, b.act("p-bita", entry.DoSignOut, "s2"), "")
	if x, ok := s.Session("s3"); !ok || x.Ends != 0 {
		t.Errorf("%+v %t", x, ok)
	}
	refused(t, s, b, b.act("p-none", entry.DoSignIn, "s4", secret("h")), measure.RefusedNoPerson)
}

func TestRefusedSignInsAreRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	s, b := started(t, Config{Path: path})
	for i := range 5 {
		apply(t, s, b.add(b.act("-", entry.DoRefuse, []string{"p-bita", ""}[i%2], from("10.0.0.9"))))
	}
	for range 2 {
		list := s.Refusals(city.At(b.batches[3].At))
		if len(list) != 3 || list[0].Pos.Batch != 4 || list[0].From != "10.0.0.9" || list[0].On != "p-bita" || list[1].On != "" || !list[0].At.Equal(b.batches[3].At) {
			t.Errorf("%+v", list)
		}
		if len(s.Refusals(0)) != 5 || len(s.Refusals(city.At(b.batches[5].At)+1)) != 0 {
			t.Error("not all, or too many")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, Config{Path: path})
	}
}
