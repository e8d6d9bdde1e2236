package server

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
	"rasad/register"
	"rasad/server/tokens"
)

// An office is a server with a real register and people who have signed in.
type office struct {
	*stage
	register *register.Store
	book     *tokens.Book

	mu      sync.Mutex
	batches uint64
	secrets map[string]string // of the sessions, by the person's id
	heard   map[city.SourceID]Heard

	released atomic.Int64 // times that the gate was asked to
}

// keep makes entries a batch, as the journal would, and lets the followers have it.
func (o *office) keep(_ context.Context, entries []entry.Entry) (entry.Position, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.batches++
	b := entry.Batch{Number: o.batches, At: time.Date(2027, 3, 24, 14, 30, int(o.batches%60), 0, time.UTC), Entries: entries}
	if err := o.register.Apply(b); err != nil {
		return entry.Position{}, err
	}
	return entry.Position{Batch: b.Number}, o.book.Apply(b)
}

// openOffice starts a server with one person of each role, named like it.
func openOffice(t *testing.T, change func(*Parts)) *office {
	t.Helper()
	clock := func() time.Time { return time.Date(2027, 3, 24, 14, 30, 0, 0, time.UTC) }
	o := &office{secrets: map[string]string{}, heard: map[city.SourceID]Heard{}}
	var err error
	if o.register, err = register.Open(register.Config{Path: filepath.Join(t.TempDir(), "register.db"), Now: clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.register.Close() })
	o.book = tokens.New(func(id string) city.Moment { return o.register.LastSeen(SeenToken, id) })
	compiled, err := isfahan(t).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	o.must(t, &entry.City{File: "-", Compiled: compiled, By: "console", Why: "test"})
	for _, role := range city.Roles() {
		p := entry.Profile{Login: string(role), Name: "The " + string(role), Role: role, Lang: "en"}
		if role == city.RoleDepartment {
			p.Departments = []city.DepartmentID{"tourism"}
		}
		secret := fmt.Sprintf("%-43s", role)
		secret = strings.ReplaceAll(secret, " ", "x")
		hash := hashOf(secret)
		o.must(t,
			&entry.Act{ID: "add-" + p.Login + "-1", Do: entry.DoAddPerson, On: p.Login, By: "console", At: city.At(clock()), Person: &p, Hash: "x"},
			&entry.Act{ID: "begin-" + p.Login, Do: entry.DoSignIn, On: hash[:32], By: p.Login, At: city.At(clock()), Hash: hash, Ends: city.At(clock().Add(time.Hour))})
		o.secrets[p.Login] = secret
	}
	o.stage = open(t, func(_ *Config, p *Parts) {
		p.Demo, p.Register, p.Tokens, p.Append, p.Clock = false, o.register, o.book, o.keep, clock
		p.Heard = func(_ context.Context, src city.SourceID, _ city.Date) (Heard, error) { return o.heard[src], nil }
		p.Status = func() Status { return Status{} }
		o.realGate(p)
		if change != nil {
			change(p)
		}
	})
	return o
}

// realGate lets quarantined readings through to the office's journal.
func (o *office) realGate(p *Parts) {
	gate := collectors.New(collectors.Config{
		City: p.City, Append: o.keep, Now: p.Now, Log: p.Log,
		Standing: func(entry.Entry) (entry.Standing, entry.Position, error) { return entry.New, entry.Position{}, nil },
	})
	p.Release = func(ctx context.Context, q *entry.Quarantined, act *entry.Act) (entry.Position, error) {
		o.released.Add(1)
		return gate.Release(ctx, q, act)
	}
}

func (o *office) must(t *testing.T, entries ...entry.Entry) entry.Position {
	t.Helper()
	pos, err := o.keep(t.Context(), entries)
	if err != nil {
		t.Fatal(err)
	}
	return pos
}

// as sends a request of a person.
func (o *office) as(person, method, path, body string, headers ...string) answer {
	o.t.Helper()
	secret := o.secrets[person]
	headers = append(headers, "Cookie", "rasad="+secret, csrfHeader, csrfOf(secret))
	if body != "" {
		headers = append(headers, "Content-Type", "application/json")
	}
	return o.do(method, path, body, headers...)
}

// told reads an answer that must have a status.
func told[T any](t *testing.T, a answer, status int) (v T) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("body %q: %v", a.body, err)
	}
	return v
}

func TestASourceIsAsFreshAsItsCadenceAsks(t *testing.T) {
	src := &city.Source{ID: "gate", Cadence: []city.Cadence{{FromHour: 8, ToHour: 20, EverySec: 900}}}
	zone, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		t.Fatal(err)
	}
	at := func(hour, minute int) city.Moment {
		return city.At(time.Date(2027, 3, 24, hour, minute, 0, 0, zone.Location()))
	}
	for _, tc := range []struct {
		last, now city.Moment
		want      string
	}{
		{0, at(12, 0), "never"},
		{at(11, 45), at(12, 0), "fresh"},
		{at(11, 29), at(12, 0), "stale"},
		{at(10, 44), at(12, 0), "dead"},
		{at(20, 0), at(23, 0), "idle"},
		{at(15, 0), at(23, 0), "dead"},
	} {
		if got := stateOf(src, zone, tc.last, tc.now); got != tc.want {
			t.Errorf("heard %v, now %v: %s, want %s", tc.last, tc.now, got, tc.want)
		}
	}
	if got := stateOf(&city.Source{}, zone, 1, at(12, 0)); got != "fresh" {
		t.Errorf("one that comes when it comes is %s", got)
	}
}

func TestSourcesSayWhatWasHeardOfThem(t *testing.T) {
	o := openOffice(t, nil)
	last := city.At(time.Date(2027, 3, 24, 14, 15, 0, 0, time.UTC))
	o.heard["naqsh-e-jahan/in"] = Heard{Last: last, LateSec: 42, Today: 72}
	o.must(t, &entry.Quarantined{Source: "naqsh-e-jahan/in", Reason: "out_of_range", By: "t1", Item: json.RawMessage(`{}`)})
	got := told[sourceList](t, o.as("operator", "GET", "/api/v1/operate/sources", ""), http.StatusOK)
	if len(got.Sources) != 1 {
		t.Fatalf("%d sources", len(got.Sources))
	}
	s := got.Sources[0]
	if s.State != sourceFresh || s.Today != 72 || s.Lag == nil || *s.Lag != 42 || s.Last == nil || city.At(*s.Last) != last || s.Waiting != 1 || s.Place == nil || *s.Place != "naqsh-e-jahan" || s.Cadence != nil {
		t.Errorf("source %+v", s)
	}
}

func TestStatusSaysHowFarFollowersAreBehind(t *testing.T) {
	o := openOffice(t, func(p *Parts) {
		p.Status = func() Status {
			return Status{
				Epoch:     "e1",
				Journal:   JournalStatus{Head: 12, Free: 900, Floor: 500, Today: 100, Grown: 100, Over: 18 * time.Hour},
				Followers: []Follower{{Name: "days", Applied: 12}, {Name: "influx", Applied: 5, Words: city.Text{EN: "away"}}, {Name: "ahead", Applied: 13}},
			}
		}
		p.Notes = func() []string { return []string{"a note"} }
	})
	got := told[statusView](t, o.as("admin", "GET", "/api/v1/operate/status", ""), http.StatusOK)
	if !got.Ready || len(got.Notes) != 1 || got.Journal.Head != "12" || got.Journal.At != nil || got.Epoch != "e1" {
		t.Errorf("status %+v", got)
	}
	if f := got.Followers; f[0].Lag != 0 || f[1].Lag != 7 || f[1].Words.EN != "away" || f[2].Lag != 0 {
		t.Errorf("followers %+v", f)
	}
	// Three quarters of a day took 100 bytes, and 400 are left.
	if j := got.Journal; j.DaysLeft == nil || *j.DaysLeft != 3 || j.PerDay == nil || *j.PerDay != 133 || j.NoDays != (city.Text{}) {
		t.Errorf("days left %v, %v a day, %v", j.DaysLeft, j.PerDay, j.NoDays)
	}
	o.stage.mu.Lock()
	o.why = []string{"the disk is full"}
	o.stage.mu.Unlock()
	if got := told[statusView](t, o.as("admin", "GET", "/api/v1/operate/status", ""), http.StatusOK); got.Ready || got.Reasons[0] != "the disk is full" {
		t.Errorf("status %+v", got)
	}
}

func TestHowLongTheSpaceLastsIsSaidOnlyWhereItIsKnown(t *testing.T) {
	for name, tc := range map[string]struct {
		is JournalStatus
		fa string // part of why nobody knows
	}{
		"just started":       {JournalStatus{Free: 900, Grown: 5, Over: 10 * time.Minute}, "تا ۵۰ دقیقهٔ دیگر"},
		"never weighed":      {JournalStatus{Free: 900}, "تا ۶۰ دقیقهٔ دیگر"},
		"nothing came":       {JournalStatus{Free: 900, Over: 2 * time.Hour}, "بزرگ‌تر نشده‌اند"},
		"things were packed": {JournalStatus{Free: 900, Grown: -5, Over: 24 * time.Hour}, "بزرگ‌تر نشده‌اند"},
		"known":              {JournalStatus{Free: 900, Grown: 5, Over: time.Hour}, ""},
	} {
		perDay, left, why := tc.is.daysLeft()
		if (left == nil) != (tc.fa != "") || (perDay == nil) != (left == nil) || !strings.Contains(why.FA, tc.fa) || (why.EN == "") != (tc.fa == "") {
			t.Errorf("%s: %v %v %v", name, perDay, left, why)
		}
	}
	full := JournalStatus{Free: 400, Floor: 500, Grown: 5, Over: time.Hour}
	if _, left, _ := full.daysLeft(); left == nil || *left != 0 {
		t.Errorf("beyond the floor: %v", left)
	}
}

func TestATokenIsMadeShownOnceUsedAndEnded(t *testing.T) {
	o := openOffice(t, nil)
	for _, tc := range []struct{ body, cause string }{
		{`{"name":"x","class":"display","opens":["cellar"]}`, `no screen "cellar"`},
		{`{"name":"x","class":"media","opens":["cellar"]}`, `no indicator "cellar"`},
		{`{"name":"x","class":"display"}`, "at least one screen"},
		{`{"name":" ","class":"source"}`, "name"},
		{`{"name":"x","class":"source","days":99999}`, "days"},
		{`{"name":"x","class":"king"}`, "class"},
	} {
		a := o.as("operator", "POST", "/api/v1/tokens", tc.body)
		if d := problemIn(t, a); a.status != http.StatusBadRequest || !strings.Contains(d.Cause, tc.cause) {
			t.Errorf("%s: status %d, cause %q", tc.body, a.status, d.Cause)
		}
	}
	for class, opens := range map[string]string{"source": "naqsh-e-jahan/in", "display": "hall", "media": "visits-today"} {
		name := `=HYPERLINK("http://x") <` + class + ">"
		body, _ := json.Marshal(map[string]any{"id": "request-1", "name": name, "class": class, "opens": []string{opens}})
		made := told[tokenMade](t, o.as("operator", "POST", "/api/v1/tokens", string(body)), http.StatusOK)
		if got, ok := o.book.Lookup(made.Token, o.srv.clock()); !ok || got.Class != class || got.Opens[0] != opens || got.By != "operator" {
			t.Errorf("the %s token opens %+v", class, got)
		}
		list := o.as("operator", "GET", "/api/v1/tokens", "")
		if !strings.Contains(list.body, made.ID) || strings.Contains(list.body, made.Token) {
			t.Errorf("the list lacks the token, or shows its secret: %s", list.body)
		}
		renew := o.as("operator", "POST", "/api/v1/tokens/"+made.ID+"/renew", `{"id":"request-3","days":400}`)
		if class == "source" {
			if d := problemIn(t, renew); renew.status != http.StatusBadRequest || !strings.Contains(d.Cause, "until it is revoked") {
				t.Errorf("renew what has no end: %d %s", renew.status, renew.body)
			}
		} else if until := told[tokenHolds](t, renew, http.StatusOK).Expires; until.Before(time.Now().AddDate(0, 0, 399)) || !strings.Contains(o.as("operator", "GET", "/api/v1/tokens", "").body, until.UTC().Format(time.RFC3339)) {
			t.Errorf("the %s token holds until %s", class, until)
		}
		if a := o.as("operator", "POST", "/api/v1/tokens/"+made.ID+"/revoke", `{"id":"request-2","why":"lost"}`); a.status != http.StatusOK {
			t.Errorf("revoke: %d %s", a.status, a.body)
		}
		if _, ok := o.book.Lookup(made.Token, o.srv.clock()); ok {
			t.Error("a revoked token opens something")
		}
		if a := o.as("operator", "POST", "/api/v1/tokens/"+made.ID+"/revoke", `{"why":"lost"}`); a.status != http.StatusNotFound {
			t.Errorf("revoke again: %d", a.status)
		}
	}
	for _, r := range told[auditList](t, o.as("operator", "GET", "/api/v1/audit?by=operator", ""), http.StatusOK).Records {
		if r.By.Name != "The operator" && r.Do != entry.DoSignIn {
			t.Errorf("record %+v", r)
		}
	}
}

func TestTheAuditIsSearchedAndTakenAsATable(t *testing.T) {
	o := openOffice(t, nil)
	hostile := "=cmd|' /C calc'!A0"
	o.must(t, &entry.Act{ID: "hostile-act", Do: entry.DoExport, On: hostile, By: "media", At: 1})
	got := told[auditList](t, o.as("operator", "GET", "/api/v1/audit?do=export", ""), http.StatusOK)
	if len(got.Records) != 1 || got.Records[0].On != hostile || got.Records[0].By.Name != "The media" || !strings.HasPrefix(got.Records[0].Jalali, "1406-01-04 18:00:") {
		t.Fatalf("records %+v", got.Records)
	}
	all := told[auditList](t, o.as("operator", "GET", "/api/v1/audit", ""), http.StatusOK).Records
	older := told[auditList](t, o.as("operator", "GET", "/api/v1/audit?limit=3&before="+all[1].Position, ""), http.StatusOK).Records
	if len(older) != 3 || older[0].Position != all[2].Position {
		t.Errorf("before %s: %+v", all[1].Position, older)
	}
	if a := o.as("operator", "GET", "/api/v1/audit?before=here", ""); a.status != http.StatusBadRequest {
		t.Errorf("a position that is none: %d", a.status)
	}
	a := o.as("operator", "GET", "/api/v1/audit?format=csv&bom=0&lang=en", "")
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) != len(all)+1 {
		t.Fatalf("%d rows of %d records, %v: %s", len(rows), len(all), err, a.body)
	}
	for _, cell := range rows[1] {
		if strings.HasPrefix(cell, "=") {
			t.Errorf("a formula in the table: %q", cell)
		}
	}
	if newest := told[auditList](t, o.as("operator", "GET", "/api/v1/audit?limit=1", ""), http.StatusOK).Records[0]; newest.On != "audit.csv" || newest.By.ID != "operator" {
		t.Errorf("the export left no trace: %+v", newest)
	}
	if a := o.as("operator", "GET", "/api/v1/audit?format=xlsx", ""); a.status != http.StatusOK || !strings.HasPrefix(a.body, "PK") {
		t.Errorf("no workbook: %d", a.status)
	}
}
