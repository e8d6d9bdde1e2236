package tokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"rasad/city"
	"rasad/entry"
)

// A shelf keeps what was appended, as the journal would.
type shelf struct {
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
	return entry.Position{Batch: uint64(len(s.entries))}, nil
}

func issue(t *testing.T, b *Book, s *shelf, r Request) (id, secret string) {
	t.Helper()
	id, secret, err := b.Issue(t.Context(), r, 1000, s.append)
	if err != nil {
		t.Fatal(err)
	}
	return id, secret
}

func TestATokenOpensUntilItIsRevoked(t *testing.T) {
	b, s := New(nil), &shelf{}
	id, secret := issue(t, b, s, Request{Name: "gate", Opens: []string{"shiraz-road*"}, Strict: true, Backfill: true, By: "op"})
	if !strings.HasPrefix(secret, "rsd_") || len(secret) != 47 {
		t.Errorf("token %q", secret)
	}
	got, ok := b.Lookup(secret, 1001)
	if !ok || got.ID != id || !got.Strict || !got.Backfill || !slices.Equal(got.Opens, []string{"shiraz-road*"}) || got.Class != ClassSource {
		t.Errorf("%v %+v", ok, got)
	}
	if err := b.Revoke(t.Context(), id, "op", "lost", s.append); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.Lookup(secret, 1002); ok {
		t.Error("a revoked token opens")
	}
	if err := b.Revoke(t.Context(), id, "op", "", s.append); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("revoked twice: %v", err)
	}
}

func TestARenewedTokenHoldsLonger(t *testing.T) {
	b, s := New(nil), &shelf{}
	display, secret := issue(t, b, s, Request{Name: "hall", Class: ClassDisplay, Opens: []string{"hall"}, Days: 10, By: "op"})
	source, _ := issue(t, b, s, Request{Name: "gate", By: "op"})
	short, _ := issue(t, b, s, Request{Name: "visitor", Days: 10, By: "op"})
	const day = 86400
	until, err := b.Renew(t.Context(), display, 0, "op", 1000+9*day, s.append)
	if want := city.Moment(1000 + (9+365)*day); err != nil || until != want {
		t.Fatalf("until %d, want %d: %v", until, want, err)
	}
	if got, ok := b.Lookup(secret, until-1); !ok || got.Expires != until || got.ID != display {
		t.Errorf("%v %+v", ok, got)
	}
	if _, ok := b.Lookup(secret, until); ok {
		t.Error("it did not end")
	}
	if got, err := b.Renew(t.Context(), short, 30, "op", 1000, s.append); err != nil || got != 1000+30*day {
		t.Errorf("a source's: %d %v", got, err)
	}
	kept := len(s.entries)
	if again, err := b.Renew(t.Context(), display, 0, "op", 1000+9*day, s.append); err != nil || again != until {
		t.Errorf("once more: %d %v", again, err)
	}
	for name, tc := range map[string]struct {
		id   string
		days int
		at   city.Moment
		want error
		says string
	}{
		"none":        {"none", 1, 1000, city.ErrNotFound, "no token"},
		"too late":    {display, 1, until, city.ErrNotFound, "no token"},
		"without end": {source, 1, 1000, city.ErrInvalid, "until it is revoked"},
		"not longer":  {display, 364, 1000 + 9*day, city.ErrInvalid, "longer than 364 days"},
		"below none":  {display, -1, 1000, city.ErrInvalid, "days"},
		"for ever":    {display, maxDays + 1, 1000, city.ErrInvalid, "days"},
		"usual":       {short, 0, 1000, city.ErrInvalid, "days"},
		"busy":        {short, 60, 1000, city.ErrBusy, "renew token"},
	} {
		if tc.want == city.ErrBusy { //nolint:errorlint // the case itself is meant
			s.fails = fmt.Errorf("append: %w", city.ErrBusy)
		}
		if _, err := b.Renew(t.Context(), tc.id, tc.days, "op", tc.at, s.append); !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", name, err)
		}
		s.fails = nil
	}
	if len(s.entries) != kept {
		t.Errorf("%d entries of what was refused", len(s.entries)-kept)
	}
	if err := b.Revoke(t.Context(), display, "op", "", s.append); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Renew(t.Context(), display, 900, "op", 1000, s.append); !errors.Is(err, city.ErrNotFound) {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestTheBookIsTheFoldOfTheJournalInAnyOrderAndTwice(t *testing.T) {
	b, s := New(nil), &shelf{}
	_, kept := issue(t, b, s, Request{Name: "kept", Days: 1, By: "op"})
	if _, err := b.Renew(t.Context(), b.List()[0].ID, 20, "op", 1000, s.append); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Renew(t.Context(), b.List()[0].ID, 40, "op", 1000, s.append); err != nil {
		t.Fatal(err)
	}
	id, lost := issue(t, b, s, Request{Name: "lost", Days: 1, By: "op"})
	if _, err := b.Renew(t.Context(), id, 40, "op", 1000, s.append); err != nil {
		t.Fatal(err)
	}
	if err := b.Revoke(t.Context(), id, "op", "", s.append); err != nil {
		t.Fatal(err)
	}
	backwards := slices.Clone(s.entries)
	slices.Reverse(backwards)
	for name, list := range map[string][]entry.Entry{"forwards": s.entries, "backwards": backwards, "twice": append(slices.Clone(s.entries), s.entries...)} {
		fold := New(nil)
		for i, e := range list {
			if err := fold.Apply(entry.Batch{Number: uint64(i + 1), Entries: []entry.Entry{nil, e, &entry.Reading{}}}); err != nil {
				t.Fatal(err)
			}
		}
		if got, ok := fold.Lookup(kept, 0); !ok || got.Expires != 1000+40*86400 {
			t.Errorf("%s: the token is gone, or ends at %d", name, got.Expires)
		}
		if _, ok := fold.Lookup(lost, 0); ok {
			t.Errorf("%s: the revoked token opens", name)
		}
		if n := len(fold.List()); n != 1 || fold.Applied() != uint64(len(list)) {
			t.Errorf("%s: %d tokens, applied %d", name, n, fold.Applied())
		}
	}
}

func TestNothingOfATokenIsKept(t *testing.T) {
	b, s := New(nil), &shelf{}
	_, secret := issue(t, b, s, Request{Name: "gate", By: "op"})
	text := fmt.Sprintf("%+v %+v", s.entries[0], b.List())
	if strings.Contains(text, secret) || strings.Contains(text, secret[4:]) {
		t.Error("the journal or the list holds the token")
	}
	if strings.Contains(fmt.Sprintf("%+v", b.List()), s.entries[0].(*entry.Token).Hash) {
		t.Error("the list holds the hash")
	}
}

func TestWhatIsNoTokenOpensNothing(t *testing.T) {
	b, s := New(nil), &shelf{}
	_, secret := issue(t, b, s, Request{Name: "gate", By: "op"})
	for _, guess := range []string{"", "rsd_", secret[4:], secret[:46], secret + "A", strings.ToUpper(secret), "rsd_" + strings.Repeat("A", 43), " " + secret} {
		if _, ok := b.Lookup(guess, 0); ok {
			t.Errorf("%q opens", guess)
		}
	}
	broken := &entry.Token{ID: "x", Hash: "abc"}
	if err := b.Apply(entry.Batch{Number: 9, Entries: []entry.Entry{broken}}); err != nil || len(b.List()) != 1 {
		t.Errorf("a broken hash: %v, %d tokens", err, len(b.List()))
	}
}

func TestATokenExpiresAtItsMoment(t *testing.T) {
	b, s := New(nil), &shelf{}
	_, secret := issue(t, b, s, Request{Name: "gate", Days: 2, By: "op"})
	end := city.Moment(1000 + 2*86400)
	if _, ok := b.Lookup(secret, end-1); !ok {
		t.Error("it ended too early")
	}
	if _, ok := b.Lookup(secret, end); ok {
		t.Error("it did not end")
	}
	if _, ok := b.Opened(b.List()[0].ID, end-1); !ok {
		t.Error("by its id it ended too early")
	}
	if _, ok := b.Opened(b.List()[0].ID, end); ok {
		t.Error("by its id it did not end")
	}
}

func TestEachClassHoldsAsLongAsIsUsualForIt(t *testing.T) {
	b, s := New(nil), &shelf{}
	for _, tc := range []struct {
		r    Request
		days city.Moment
	}{
		{Request{Name: "gate", By: "op"}, 0},
		{Request{Name: "hall", Class: ClassDisplay, Opens: []string{"hall"}, By: "op"}, 365},
		{Request{Name: "paper", Class: ClassMedia, By: "op"}, 90},
		{Request{Name: "agency", Class: ClassMedia, Opens: []string{"visits-today"}, Days: 3, By: "op"}, 3},
	} {
		id, secret := issue(t, b, s, tc.r)
		want := tc.days * 86400
		if want > 0 {
			want += 1000
		}
		got, ok := b.Lookup(secret, 1001)
		if class := cmp.Or(tc.r.Class, ClassSource); !ok || got.ID != id || got.Class != class || got.Expires != want || !slices.Equal(got.Opens, tc.r.Opens) || got.By != "op" {
			t.Errorf("%+v: %v %+v", tc.r, ok, got)
		}
	}
	again := New(func(id string) city.Moment { return city.Moment(len(id)) })
	if err := again.Apply(entry.Batch{Number: 1, Entries: s.entries}); err != nil {
		t.Fatal(err)
	}
	if list := again.List(); len(list) != 4 || list[0].Name != "agency" || list[0].Class != ClassMedia || list[0].LastUsed != 16 {
		t.Errorf("of the journal: %+v", list)
	}
}

func TestATokenThatWasNotKeptIsNotGiven(t *testing.T) {
	b, s := New(nil), &shelf{fails: fmt.Errorf("append: %w", city.ErrBusy)}
	id, secret, err := b.Issue(t.Context(), Request{Name: "gate", By: "op"}, 0, s.append)
	if !errors.Is(err, city.ErrBusy) || id != "" || secret != "" || len(b.List()) != 0 {
		t.Errorf("%q %q %v", id, secret, err)
	}
	s.fails = nil
	id, secret = issue(t, b, s, Request{Name: "gate", By: "op"})
	s.fails = city.ErrBusy
	if err := b.Revoke(t.Context(), id, "op", "", s.append); !errors.Is(err, city.ErrBusy) {
		t.Error(err)
	}
	if _, ok := b.Lookup(secret, 0); !ok {
		t.Error("a revocation that was not kept holds")
	}
}

func TestRequestsAreCheckedInWords(t *testing.T) {
	for name, tc := range map[string]struct {
		r    Request
		want string
	}{
		"no name":       {Request{Name: " "}, "name"},
		"long name":     {Request{Name: strings.Repeat("x", 201)}, "name"},
		"days":          {Request{Name: "a", Days: -1}, "days"},
		"empty source":  {Request{Name: "a", Opens: []string{""}}, "opens"},
		"star inside":   {Request{Name: "a", Opens: []string{"a*b"}}, "opens"},
		"two stars":     {Request{Name: "a", Opens: []string{"a**"}}, "opens"},
		"space":         {Request{Name: "a", Opens: []string{"a b"}}, "opens"},
		"many sources":  {Request{Name: "a", Opens: make([]string, MaxNames+1)}, "opens"},
		"no such class": {Request{Name: "a", Class: "root"}, "class"},
		"no screen":     {Request{Name: "a", Class: ClassDisplay}, "screen"},
		"screens by *":  {Request{Name: "a", Class: ClassDisplay, Opens: []string{"hall*"}}, "opens"},
		"strict media":  {Request{Name: "a", Class: ClassMedia, Strict: true}, "strict"},
		"a screen":      {Request{Name: "a", Class: ClassDisplay, Opens: []string{"hall"}}, ""},
		"right":         {Request{Name: "a", Opens: []string{"a", "b/*", "*"}, Days: 3660}, ""},
		"right, no end": {Request{Name: "دروازهٔ شیراز"}, ""},
	} {
		err := tc.r.Check()
		if (err == nil) != (tc.want == "") || err != nil && (!errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
