package entry

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rasad/city"
)

func TestTheActsOfTheGoldenFileAreWellPut(t *testing.T) {
	seen := map[Verb]bool{}
	for _, e := range acts(city.At(start)) {
		a, ok := e.(*Act)
		if !ok {
			t.Fatalf("a %T", e)
		}
		seen[a.Do] = true
		if err := a.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, do := range Verbs() {
		if !seen[do] {
			t.Errorf("the golden file has no %s", do)
		}
	}
}

func TestCheckSaysWhatAnActLacks(t *testing.T) {
	sha := strings.Repeat("0f", 32)
	ahmadi := func(change func(*Profile)) *Profile {
		p := &Profile{Login: "m.ahmadi", Name: "مریم احمدی", Role: city.RoleDepartment, Departments: []city.DepartmentID{"parks"}, Lang: "fa"}
		change(p)
		return p
	}
	for _, tc := range []struct {
		change func(*Act)
		want   string
	}{
		{func(a *Act) { a.ID = "short" }, "id: want 8 to 64"},
		{func(a *Act) { a.ID = strings.Repeat("a", 65) }, "id: want 8 to 64"},
		{func(a *Act) { a.ID = "UPPERCASE" }, "id: want 8 to 64"},
		{func(a *Act) { a.ID = "abcd efgh" }, "id: want 8 to 64"},
		{func(a *Act) { a.Do = "case.paint" }, `do: no verb "case.paint"`},
		{func(a *Act) { a.Do = Verb(strings.Repeat("x", 99)) }, "xxx…"},
		{func(a *Act) { a.On = strings.Repeat("1", 201) }, "longer than 200 bytes"},
		{func(a *Act) { a.To = strings.Repeat("1", 201) }, "longer than 200 bytes"},
		{func(a *Act) { a.By = strings.Repeat("1", 201) }, "longer than 200 bytes"},
		{func(a *Act) { a.From = strings.Repeat("1", 201) }, "longer than 200 bytes"},
		{func(a *Act) { a.Hash = strings.Repeat("1", 513) }, "hash: want at most 512 bytes"},
		{func(a *Act) { a.By = "" }, "by is missing"},
		{func(a *Act) { a.Expects = -1 }, "expects: want"},
		{func(a *Act) { a.Note = strings.Repeat("ن", MaxNote/2+1) }, "note: want at most 4000 bytes"},
		{func(a *Act) { a.Note = "\xff" }, "note: want at most 4000 bytes of UTF-8"},
		{func(a *Act) { a.On = "" }, "case.note: on is missing"},
		{func(a *Act) { a.Note = " \n\t" }, "case.note: note is missing"},
		{func(a *Act) { a.Do, a.Note = DoPause, "" }, "case.pause: note is missing"},
		{func(a *Act) { a.Do, a.Note = DoReopen, "" }, "case.reopen: note is missing"},
		{func(a *Act) { a.Do, a.Note = DoRelease, "" }, "quarantine.release: note is missing"},
		{func(a *Act) { a.Do, a.Note = DoDiscard, "" }, "quarantine.discard: note is missing"},
		{func(a *Act) { a.Do = DoEvidence }, "case.evidence: file is missing"},
		{func(a *Act) { a.Do, a.File = DoEvidence, &File{"../../" + sha[6:], "image/png", 1, 1, 1} }, "SHA-256 in hexadecimal"},
		{func(a *Act) { a.Do, a.File = DoEvidence, &File{sha, "image/svg+xml", 1, 1, 1} }, "image/jpeg or image/png"},
		{func(a *Act) { a.Do, a.File = DoEvidence, &File{sha, "image/png", 0, 1, 1} }, "size in bytes and in pixels"},
		{func(a *Act) { a.Do, a.File = DoEvidence, &File{sha, "image/png", 1, 1, 0} }, "size in bytes and in pixels"},
		{func(a *Act) { a.Do, a.On, a.File = DoEvidence, "", &File{sha, "image/png", 1, 1, 1} }, "on is missing"},
		{func(a *Act) { a.Do = DoAddPerson }, "person.add: person is missing"},
		{func(a *Act) { a.Do = DoChangePerson }, "person.change: person is missing"},
		{func(a *Act) { a.Do, a.On, a.Person = DoAddPerson, "", ahmadi(func(*Profile) {}) }, "on is missing"},
		{func(a *Act) { a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Login = "a" }) }, "login: want 2 to 40"},
		{func(a *Act) {
			a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Login = strings.Repeat("a", 41) })
		}, "login: want 2 to 40"},
		{func(a *Act) { a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Login = "Ahmadi" }) }, "login: want 2 to 40"},
		{func(a *Act) { a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Login = "احمدی" }) }, "login: want 2 to 40"},
		{func(a *Act) { a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Name = " " }) }, "name: want 1 to 200 bytes"},
		{func(a *Act) {
			a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Name = strings.Repeat("a", 201) })
		}, "name: want 1 to 200 bytes"},
		{func(a *Act) { a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Role = "king" }) }, "role: want one of [viewer department media operator admin]"},
		{func(a *Act) { a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Departments = nil }) }, "departments: the role department has a scope"},
		{func(a *Act) { a.Do, a.Person = DoChangePerson, ahmadi(func(p *Profile) { p.Role = city.RoleAdmin }) }, "departments: only the role department"},
		{func(a *Act) { a.Do, a.Person = DoAddPerson, ahmadi(func(p *Profile) { p.Lang = "ar" }) }, "lang: want fa or en"},
		{func(a *Act) { a.Do = DoPassword }, "person.password: hash is missing"},
		{func(a *Act) { a.Do = DoSignIn }, "session.begin: hash: want the SHA-256"},
		{func(a *Act) { a.Do, a.On, a.Hash = DoSignIn, strings.Repeat("1", 32), sha }, "session.begin: hash: want the SHA-256"},
		{func(a *Act) { a.Do, a.On, a.Hash = DoSignIn, strings.ToUpper(sha[:32]), strings.ToUpper(sha) }, "session.begin: hash: want the SHA-256"},
		{func(a *Act) { a.Do, a.Hash = DoAddToken, sha }, "token.add: token is missing"},
		{func(a *Act) { a.Do, a.Token = DoAddToken, &Grant{Name: "x", Class: "media"} }, "or the SHA-256 of it"},
		{func(a *Act) { a.Do, a.Hash, a.Token = DoAddToken, sha, &Grant{Class: "media"} }, "name: want 1 to 200 bytes"},
		{func(a *Act) { a.Do, a.Hash, a.Token = DoAddToken, sha, &Grant{Name: "x", Class: "source"} }, "class: want display or media"},
		{func(a *Act) { a.Do, a.Hash, a.Token = DoAddToken, sha, &Grant{Name: "x", Class: "display"} }, "at least one screen"},
		{func(a *Act) {
			a.Do, a.Hash, a.Token = DoAddToken, sha, &Grant{Name: "x", Class: "media", Opens: make([]string, 1001)}
		}, "at most 1000"},
		{func(a *Act) { a.Do, a.On, a.Hash, a.Token = DoAddToken, "", sha, &Grant{Name: "x", Class: "media"} }, "on is missing"},
		{func(*Act) {}, ""},
		{func(a *Act) { a.Note = strings.Repeat("ن", MaxNote/2) }, ""},
		{func(a *Act) { a.Do, a.Note = DoClose, "" }, ""},
		{func(a *Act) { a.Do, a.On, a.Note = DoRefuse, "", "" }, ""},
		{func(a *Act) { a.Do, a.Hash, a.Token = DoAddToken, sha, &Grant{Name: "x", Class: "media"} }, ""},
		{func(a *Act) { a.Do = DoRenewToken }, "token.renew: ends is missing"},
		{func(a *Act) { a.Do, a.Ends, a.On = DoRenewToken, 1, "" }, "on is missing"},
		{func(a *Act) { a.Do, a.Ends = DoRenewToken, 1 }, ""},
	} {
		a := &Act{ID: "act-0001", Do: DoNote, On: "1042", By: "p-1", Note: "دیدم"}
		tc.change(a)
		err := a.Check()
		if tc.want == "" {
			if err != nil {
				t.Errorf("%s: %v", a.Do, err)
			}
			continue
		}
		if !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", a.Do, err, tc.want)
		}
	}
}

func ExampleAct_Check() {
	a := Act{ID: "01h5-pause", Do: DoPause, On: "1042", By: "p-0123456789ab"}
	fmt.Println(a.Check())
	// Output:
	// invalid act: case.pause: note is missing: say it in words
}
