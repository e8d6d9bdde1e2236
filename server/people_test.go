package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"rasad/entry"
)

func TestAPersonIsAddedChangedAndEnded(t *testing.T) {
	o := openOffice(t, nil)
	name := "=1+1 <b>نام</b>"
	profile := func(more string) string {
		b, _ := json.Marshal(name)
		return `"login":"new.one","name":` + string(b) + `,"role":"department","departments":["tourism"],"lang":"fa"` + more
	}
	add := `{"id":"person-0001",` + profile(`,"password":"chahar-bagh-1406"`) + `}`
	made := told[personWhole](t, o.as("admin", "POST", "/api/v1/people", add), http.StatusOK)
	if made.Name != name || made.Version != 1 || made.Added == nil || made.Ended != nil || made.Seen != nil || made.Sessions != 0 || made.Departments[0] != "tourism" {
		t.Errorf("made %+v", made)
	}
	if again := told[personWhole](t, o.as("admin", "POST", "/api/v1/people", add), http.StatusOK); again.ID != made.ID || again.Version != 1 {
		t.Errorf("the same request again made %+v", again)
	}
	p, _ := o.register.Person(made.ID)
	if ok, err := o.srv.hasher.Matches(t.Context(), p.Hash, "chahar-bagh-1406"); !ok || err != nil {
		t.Errorf("the password does not open: %v", err)
	}
	at := "/api/v1/people/" + made.ID
	changed := told[personWhole](t, o.as("admin", "POST", at, `{"id":"person-0002","expects":1,`+strings.Replace(profile(""), "new.one", "new.two", 1)+`}`), http.StatusOK)
	if changed.Version != 2 || changed.Login != "new.two" {
		t.Errorf("changed %+v", changed)
	}
	a := o.as("admin", "POST", at, `{"id":"person-0003","expects":1,`+profile("")+`}`)
	var late struct{ Answer personConflict }
	if err := json.Unmarshal([]byte(a.body), &late); err != nil || a.status != http.StatusConflict || problemIn(t, a).Code != "changed" {
		t.Fatalf("an old version was changed: %d %s", a.status, a.body)
	}
	if c := late.Answer; c.Person.Version != 2 || len(c.Since) == 0 || c.Since[0].By.Name != "The admin" || c.Since[0].Do != entry.DoChangePerson {
		t.Errorf("conflict %+v", c)
	}
	told[personWhole](t, o.as("admin", "POST", at+"/password", `{"id":"person-0004","password":"siose-pol-1406"}`), http.StatusOK)
	p, _ = o.register.Person(made.ID)
	if ok, err := o.srv.hasher.Matches(t.Context(), p.Hash, "siose-pol-1406"); !ok || err != nil {
		t.Errorf("the new password does not open: %v", err)
	}
	if ended := told[personWhole](t, o.as("admin", "POST", at+"/end", `{"id":"person-0005"}`), http.StatusOK); ended.Ended == nil {
		t.Errorf("ended %+v", ended)
	}
	people := told[peopleList](t, o.as("admin", "GET", "/api/v1/people", ""), http.StatusOK).People
	if last := people[len(people)-1]; len(people) != 6 || last.ID != made.ID {
		t.Errorf("people %+v", people)
	}
	for _, p := range people {
		if p.ID == "admin" && (p.Sessions != 1 || p.Seen == nil) {
			t.Errorf("the admin who asks %+v", p)
		}
	}
}

func TestWhatPeopleMayNotBecomeIsSaid(t *testing.T) {
	o := openOffice(t, nil)
	for _, tc := range []struct {
		path, body string
		status     int
		code       string
	}{
		{"", `{"id":"person-0001","login":"viewer","name":"x","role":"viewer","lang":"fa","password":"chahar-bagh-1406"}`, 409, "taken"},
		{"", `{"id":"person-0002","login":"x-one","name":"x","role":"viewer","lang":"fa","password":"short"}`, 400, "invalid"},
		{"", `{"id":"person-0003","login":"x-two","name":"x","role":"department","departments":["moon"],"lang":"fa","password":"chahar-bagh-1406"}`, 400, "invalid"},
		{"", `{"id":"person-0004","login":"X!","name":"x","role":"viewer","lang":"fa","password":"chahar-bagh-1406"}`, 400, "invalid"},
		{"", `{"id":"person-0005","login":"x-six","name":"x","role":"king","lang":"fa","password":"chahar-bagh-1406"}`, 400, "invalid"},
		{"/admin", `{"id":"person-0006","expects":1,"login":"admin","name":"x","role":"viewer","lang":"fa"}`, 409, "last_admin"},
		{"/admin/end", `{"id":"person-0007"}`, 409, "last_admin"},
		{"/none/end", `{"id":"person-0008"}`, 404, "not_found"},
		{"/none/password", `{"id":"person-0009","password":"chahar-bagh-1406"}`, 404, "not_found"},
	} {
		a := o.as("admin", "POST", "/api/v1/people"+tc.path, tc.body)
		if d := problemIn(t, a); a.status != tc.status || d.Code != tc.code || strings.Contains(a.body, "chahar-bagh") {
			t.Errorf("%s %s: %d %s", tc.path, tc.body, a.status, a.body)
		}
	}
}
