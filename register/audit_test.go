package register

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/entry"
)

// lived returns a store in which a bit of everything was done.
func lived(t *testing.T) *Store {
	t.Helper()
	s, b := started(t, Config{})
	apply(t, s,
		b.add(report(morning, "1", ""), b.act("p-bita", entry.DoNote, "1", note("گروه ۷ در راه است")), b.act("p-ava", entry.DoReopen, "1", note("50% of it_"))),
		b.add(&entry.Token{ID: "t1", Name: "gate 7", Class: "source", Hash: "SECRET", By: "console"}, &entry.TokenRevoked{ID: "t1", By: "p-ava", Why: "lost"}),
		b.add(b.act("p-ava", entry.DoAddToken, "t2", secret("SECRET"), func(a *entry.Act) {
			a.Token = &entry.Grant{Name: "hall TV", Class: "display", Opens: []string{"hall", "lobby"}}
		}), b.act("p-ava", entry.DoPassword, "p-bita", secret("SECRET")), b.act("p-bita", entry.DoSignIn, "s1", secret("SECRET"), from("192.0.2.7"))))
	return s
}

func TestTheAuditHoldsWhoDidWhatAndNoSecret(t *testing.T) {
	s := lived(t)
	list, err := s.Audit(t.Context(), AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list {
		got = append(got, fmt.Sprint(r.Pos, " ", r.Kind, " ", r.Do, " ", r.On, " by ", r.By, " from ", r.From, ": ", r.Note, " ", r.Refused))
		if strings.Contains(fmt.Sprintf("%+v", r), "SECRET") {
			t.Errorf("a secret: %+v", r)
		}
	}
	want := []string{
		"4.2 act session.begin s1 by p-bita from 192.0.2.7:  ",
		"4.1 act person.password p-bita by p-ava from :  ",
		"4.0 act token.add t2 by p-ava from : hall TV, display hall lobby ",
		"3.1 token_revoked  t1 by p-ava from : lost ",
		"3.0 token  t1 by console from : gate 7 ",
		"2.2 act case.reopen 1 by p-ava from : 50% of it_ not_closed",
		"2.1 act case.note 1 by p-bita from : گروه ۷ در راه است ",
		"1.3 act person.add p-dara by p-ava from : dara, dara, department urban-services parks ",
		"1.2 act person.add p-bita by p-ava from : bita, bita, department urban-services ",
		"1.1 act person.add p-ava by console from : ava, مدیر ava, admin ",
		"1.0 city  town by console from : test ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !list[0].At.Equal(bookStart.Add(4e9)) {
		t.Errorf("at %s", list[0].At)
	}
}

func TestTheAuditIsSearched(t *testing.T) {
	s := lived(t)
	for name, tc := range map[string]struct {
		q    AuditQuery
		want string
	}{
		"who":               {AuditQuery{By: "p-bita"}, "4.2 2.1"},
		"what":              {AuditQuery{Do: "case.note"}, "2.1"},
		"what kind of what": {AuditQuery{Do: "case."}, "2.2 2.1"},
		"tokens, of all":    {AuditQuery{Do: "token."}, "4.0 3.1 3.0"},
		"tokens, by one":    {AuditQuery{Do: "token.", By: "p-ava"}, "4.0 3.1"},
		"tokens, a word":    {AuditQuery{Do: "token.", Text: "lost"}, "3.1"},
		"part of a verb":    {AuditQuery{Do: "case"}, ""},
		"on what":           {AuditQuery{On: "t1"}, "3.1 3.0"},
		"a word":            {AuditQuery{Text: "گروه ۷"}, "2.1"},
		"any letters":       {AuditQuery{Text: "HALL"}, "4.0"},
		"of an id":          {AuditQuery{Text: "p-dar"}, "1.3"},
		"percent":           {AuditQuery{Text: "50%"}, "2.2"},
		"other spaces":      {AuditQuery{Text: "50 % ofit"}, "2.2"},
		"not a wildcard":    {AuditQuery{Text: "5%o"}, ""},
		"of two texts":      {AuditQuery{Text: "it_1"}, ""},
		"of no letter":      {AuditQuery{Text: " \u200c", Limit: 1}, "4.2"},
		"nor this":          {AuditQuery{Text: "it_"}, "2.2"},
		"two letters":       {AuditQuery{Text: "TV"}, "4.0"},
		"two, one a sign":   {AuditQuery{Text: "0%"}, "2.2"},
		"no two letters":    {AuditQuery{Text: "%_"}, ""},
		"quoted":            {AuditQuery{Text: `"lost" OR "hall"`}, ""},
		"quotes":            {AuditQuery{Text: `a "b`}, ""},
		"before":            {AuditQuery{Before: entry.Position{Batch: 1, Index: 2}}, "1.1 1.0"},
		"a few":             {AuditQuery{Limit: 2}, "4.2 4.1"},
		"all of it":         {AuditQuery{By: "p-ava", Do: "token.add", On: "t2", Text: "tv", Before: entry.Position{Batch: 9}}, "4.0"},
		"all but one":       {AuditQuery{By: "p-bita", Do: "token.add", On: "t2", Text: "tv"}, ""},
	} {
		list, err := s.Audit(t.Context(), tc.q)
		var got []string
		for _, r := range list {
			got = append(got, r.Pos.String())
		}
		if err != nil || strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tc.want)
		}
	}
}

// Phones and keyboards write one word in several ways; whoever searches does not know
// which of them the note was written on.
func TestTheAuditIsFoundFromAnyKeyboard(t *testing.T) {
	s, b := started(t, Config{})
	long := strings.Repeat("شرح بازدید؛ ", 150)
	apply(t, s, b.add(report(morning, "1", "")), b.add(
		b.act("p-bita", entry.DoNote, "1", note("نشتي آب در كوچة ١٢، نزديك سي و سه پل")),
		b.act("p-bita", entry.DoNote, "1", note("نشتی آب در کوچهٔ ۱۲، نزدیک سی‌وسه‌پل")),
		b.act("p-bita", entry.DoNote, "1", note(long+"شيرِ شكسته")),
		b.act("p-bita", entry.DoNote, "1", note("Kerb broken"))))
	for text, want := range map[string]string{
		"نشتی": "3.1 3.0", "نشتي": "3.1 3.0", "کوچه": "3.1 3.0", "كوچة": "3.1 3.0", "کوچهٔ 12": "3.1 3.0", "کوچه ۱۲": "3.1 3.0",
		"سی‌وسه‌پل": "3.1 3.0", "سي وسه پل": "3.1 3.0", "کو": "3.1 3.0", "كو": "3.1 3.0", "۱۲": "3.1 3.0", "١٢": "3.1 3.0",
		"شیر شکسته": "3.2", "kERB": "3.3", "پل خواجو": "", "كی": "",
	} {
		list, err := s.Audit(t.Context(), AuditQuery{Text: text, Do: "case."})
		var got []string
		for _, r := range list {
			got = append(got, r.Pos.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
}
