package register

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/entry"
	"rasad/follower/followertest"
)

// A life is a random history, and the oracle that has seen all of it.
type life struct {
	*rapid.T
	book   book
	oracle *oracle
	all    []entry.Entry // that came so far, to come again
}

func newLife(t *rapid.T, loc *time.Location) *life { return &life{T: t, oracle: newOracle(loc)} }

func (x *life) pick(name string, from ...string) string {
	return rapid.SampledFrom(from).Draw(x.T, name)
}

// moment draws a whole minute of two days, or of one in the season.
func (x *life) moment() city.Moment {
	day := rapid.SampledFrom([]city.Moment{0, 0, 0, 86400, -15 * 86400}).Draw(x.T, "day")
	return morning + day + city.Moment(rapid.IntRange(-600, 1000).Draw(x.T, "minute"))*60
}

// batch makes a batch of a few random entries, and shows it to the oracle.
func (x *life) batch() {
	var list []entry.Entry
	if len(x.book.batches) == 0 && rapid.IntRange(0, 9).Draw(x.T, "no city yet") > 0 {
		list = append(list, town(x.T), x.book.act("console", entry.DoAddPerson, "p-1", profile(admin("ava"))))
	}
	for range rapid.IntRange(0, 8).Draw(x.T, "entries") {
		list = append(list, x.entry())
	}
	x.all = append(x.all, list...)
	x.oracle.apply(x.book.add(list...))
}

func (x *life) entry() entry.Entry {
	switch rapid.IntRange(0, 24).Draw(x.T, "what") {
	case 0, 1, 2, 3, 4, 5:
		return x.event()
	case 6, 7, 8, 9, 10, 11:
		return x.onCase()
	case 12, 13, 14:
		return x.onPerson()
	case 15, 16:
		return x.onSession()
	case 17:
		return x.act(entry.DoHandOver, x.pick("department", "parks", "urban-services", "nobody"), int64(rapid.IntRange(0, 3).Draw(x.T, "shift")))
	case 18:
		return quarantined(x.pick("source", "gate", "x"))
	case 19:
		return x.act(rapid.SampledFrom([]entry.Verb{entry.DoRelease, entry.DoDiscard}).Draw(x.T, "ruling"), fmt.Sprintf("%d.%d", rapid.IntRange(1, 9).Draw(x.T, "batch"), rapid.IntRange(0, 6).Draw(x.T, "index")), 0)
	case 20:
		return rapid.SampledFrom([]entry.Entry{nil, &entry.Token{ID: "t1", By: "console"}, &entry.TokenRevoked{ID: "t1", By: "p-1"}, &entry.Refused{Reason: "full", N: 2}, &entry.Reading{Source: "gate"}}).Draw(x.T, "other")
	case 21:
		return town(x.T, func(d *city.Definition) {
			if rapid.Bool().Draw(x.T, "moved") {
				d.Sources[0].Department = "parks"
			}
			if rapid.Bool().Draw(x.T, "withered") {
				d.Sources = d.Sources[:1]
			}
		})
	default:
		if len(x.all) == 0 {
			return nil
		}
		return rapid.SampledFrom(x.all).Draw(x.T, "again")
	}
}

func (x *life) event() *entry.Event {
	return &entry.Event{
		Source: city.SourceID(x.pick("source", "litter-3", "litter-3", "watering", "nobody", "gate")), At: x.moment(), ID: x.pick("id", "a", "b", "c"),
		State: x.pick("state", "", "opened", "acknowledged", "paused", "resumed", "closed", "closed", "reopened", "painted"),
		Case:  x.pick("kind", "report", "report", "work", "inspection", "service", ""), Category: x.pick("category", "", "litter", "litter", "A", "C"),
		Place: city.PlaceID(x.pick("place", "", "", "khaju", "garden")), V: 1, By: "t1",
	}
}

// act draws an act of somebody; expects is what is right, which some do not know.
func (x *life) act(do entry.Verb, on string, right int64) *entry.Act {
	a := x.book.act(x.pick("by", "p-1", "p-2", "p-3"), do, on, note("برای آزمون"), when(x.moment()))
	a.To = x.pick("to", "", "p-1", "p-2", "p-3", "p-none")
	a.Expects = rapid.SampledFrom([]int64{0, 0, right, right, max(right-1, 0), right + 1}).Draw(x.T, "expects")
	return a
}

func (x *life) onCase() *entry.Act {
	n := rapid.IntRange(1, 5).Draw(x.T, "case")
	right := int64(0)
	if n <= len(x.oracle.cases) {
		right = x.oracle.cases[n-1].version
	}
	verbs := []entry.Verb{entry.DoAcknowledge, entry.DoAssign, entry.DoAssign, entry.DoNote, entry.DoPause, entry.DoResume, entry.DoClose, entry.DoReopen}
	return x.act(rapid.SampledFrom(verbs).Draw(x.T, "do"), fmt.Sprint(n), right)
}

func (x *life) onPerson() *entry.Act {
	id := x.pick("person", "p-1", "p-2", "p-3", "p-4")
	right := int64(0)
	if p := x.oracle.person(id); p != nil {
		right = p.version
	}
	a := x.act(rapid.SampledFrom([]entry.Verb{entry.DoAddPerson, entry.DoAddPerson, entry.DoChangePerson, entry.DoPassword, entry.DoEndPerson}).Draw(x.T, "do"), id, right)
	login := x.pick("login", "ava", "bita", "dara", "eva")
	switch a.Do {
	case entry.DoAddPerson, entry.DoChangePerson:
		p := rapid.SampledFrom([]entry.Profile{admin(login), worker(login, "parks"), worker(login, "urban-services", "parks"), {Login: login, Name: "م", Role: city.RoleMedia, Lang: "fa"}}).Draw(x.T, "profile")
		a.Person, a.Hash = &p, x.pick("hash", "", "h1")
	case entry.DoPassword:
		a.Hash = x.pick("hash", "h2", "h3")
	default:
	}
	return a
}

func (x *life) onSession() *entry.Act {
	a := x.act(rapid.SampledFrom([]entry.Verb{entry.DoSignIn, entry.DoSignIn, entry.DoSignOut, entry.DoRefuse}).Draw(x.T, "do"), x.pick("session", "s1", "s2", "s3"), 0)
	a.Hash, a.Ends = "h", rapid.SampledFrom([]city.Moment{0, a.At + 600, a.At + 90000}).Draw(x.T, "ends")
	return a
}

// lawNow is when all that a life holds has happened.
func lawNow() city.Moment { return morning + 9*86400 }

// agrees compares a store that has applied the whole life with the oracle.
func (x *life) agrees(ctx context.Context, s *Store) {
	x.Helper()
	late, total, err := s.Cases(ctx, Query{Overdue: true, At: lawNow(), Limit: mostCases})
	if err != nil || total != len(late) {
		x.Fatalf("overdue: %v", err)
	}
	overdue := map[int64]bool{}
	for _, c := range late {
		overdue[c.Number] = true
	}
	for i, want := range x.oracle.cases {
		c := theCase(x.T, s, int64(i)+1)
		got := oracleCase{
			source: string(c.Source), id: c.SourceCase, kind: string(c.Kind), category: c.Category, place: string(c.Place), events: want.events,
			opened: c.Opened, changed: c.Changed, closed: c.Closed, acked: c.Acknowledged, state: string(c.State), owner: c.Owner, version: c.Version,
		}
		for _, p := range c.Pauses {
			got.pauses = append(got.pauses, [2]city.Moment{p.From, p.To})
		}
		if d := cmp.Diff(*want, got, cmp.AllowUnexported(oracleCase{})); d != "" || string(c.Department) != x.oracle.department(want.source) {
			x.Fatalf("case %d of %s: %s", i+1, c.Department, d)
		}
		isLate := x.oracle.late(want, lawNow())
		if c.Late(s.city.Clock(), lawNow()) != isLate || overdue[c.Number] != (isLate && want.state != "closed") {
			x.Fatalf("case %d: late %t, overdue %t, want late %t: %+v", i+1, c.Late(s.city.Clock(), lawNow()), overdue[c.Number], isLate, c)
		}
	}
	if n := s.Counts(); int(n.Cases) != len(x.oracle.cases) || len(s.Refusals(0)) != x.oracle.refused {
		x.Fatalf("counts %+v, %d refused sign-ins, want %d and %d", n, len(s.Refusals(0)), len(x.oracle.cases), x.oracle.refused)
	}
	x.peopleAgree(s)
	x.actsAgree(ctx, s)
}

func (x *life) peopleAgree(s *Store) {
	x.Helper()
	admins := 0
	for _, want := range x.oracle.people {
		got, ok := s.Person(want.id)
		if !ok || !cmp.Equal(got.Profile, want.profile) || got.Hash != want.hash || got.Version != want.version || (got.Ended != 0) != want.ended {
			x.Fatalf("person %+v, want %+v", got, want)
		}
		if by, ok := s.PersonByLogin(want.profile.Login); !ok || by.ID != want.id {
			x.Fatalf("login %s is that of %s, want %s", want.profile.Login, by.ID, want.id)
		}
		if want.profile.Role == city.RoleAdmin && !want.ended {
			admins++
		}
	}
	if len(s.People()) != len(x.oracle.people) || s.Admins() != admins {
		x.Fatalf("%d people and %d admins, want %d and %d", len(s.People()), s.Admins(), len(x.oracle.people), admins)
	}
	if got := s.roll.Load().sessions; len(got) != len(x.oracle.sessions) {
		x.Fatalf("%d sessions, want %+v", len(got), x.oracle.sessions)
	}
	for _, want := range x.oracle.sessions {
		if got := s.roll.Load().sessions[want.id]; got == nil || got.Person != want.person || got.Ends != want.ends {
			x.Fatalf("session %+v, want %+v", got, want)
		}
	}
}

func (x *life) actsAgree(ctx context.Context, s *Store) {
	x.Helper()
	refused := 0
	for pos, want := range x.oracle.refusals {
		if want != "" {
			refused++
		}
		if got, err := s.Outcome(ctx, pos); err != nil || got.Refused != want || got.Pos != pos {
			x.Fatalf("outcome of %s: %+v, %v, want %q", pos, got, err, want)
		}
	}
	if n := s.Counts(); int(n.Refused) != refused || int(n.Acts) != len(x.oracle.refusals) {
		x.Fatalf("%+v, want %d refused of %d", n, refused, len(x.oracle.refusals))
	}
	waiting := 0
	for _, ruled := range x.oracle.held {
		if !ruled {
			waiting++
		}
	}
	if got, _, err := s.QuarantineCounts(ctx); err != nil || got != waiting || int(s.Counts().Waiting) != waiting {
		x.Fatalf("%d wait, %v, want %d", got, err, waiting)
	}
	for dept, n := range x.oracle.handovers {
		if list, err := s.Shifts(ctx, city.DepartmentID(dept), 100); err != nil || len(list) != n+1 {
			x.Fatalf("shifts of %s: %+v, %v, want %d", dept, list, err, n+1)
		}
	}
}

// answers is all that a store can be asked, in one text.
func answers(t tb, s *Store) string {
	t.Helper()
	ctx := context.Background()
	var text strings.Builder
	add := func(v any, err error) {
		if err != nil {
			t.Fatalf("%v", err)
		}
		fmt.Fprintf(&text, "%+v\n", v)
	}
	list, _, err := s.Cases(ctx, Query{At: lawNow(), Limit: mostCases})
	add(list, err)
	for _, c := range list {
		add(s.Lines(ctx, c.Number))
	}
	for _, dept := range []city.DepartmentID{"parks", "urban-services"} {
		add(s.Summary(ctx, dept, morning, lawNow()))
		shifts, err := s.Shifts(ctx, dept, 100)
		add(shifts, err)
		for _, x := range shifts {
			_, log, err := s.Shift(ctx, dept, x.Number)
			add(log, err)
		}
		add(s.Rev(dept), nil)
	}
	audit, err := s.Audit(ctx, AuditQuery{Limit: mostRecords})
	add(audit, err)
	for _, r := range audit {
		if r.Kind == entry.KindAct {
			add(s.Outcome(ctx, r.Pos))
		}
	}
	add(s.People(), nil)
	for _, p := range s.People() {
		add(s.Sessions(p.ID), nil)
	}
	add(s.Refusals(0), nil)
	add(s.Quarantine(ctx, false, 1000, entry.Position{}))
	add(s.Counts(), nil)
	add(s.Applied(), nil)
	return text.String()
}

func TestARegisterIsWhatItsJournalSaysHoweverItWasApplied(t *testing.T) {
	root, trials := t.TempDir(), 0
	loc, err := time.LoadLocation("Asia/Tehran")
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return morning.Time() }
	rapid.Check(t, func(rt *rapid.T) {
		if followertest.Enough(trials) {
			return
		}
		trials++
		dir := filepath.Join(root, fmt.Sprint(trials))
		if err := os.Mkdir(dir, 0o700); err != nil {
			rt.Fatalf("%v", err)
		}
		defer func() { _ = os.RemoveAll(dir) }() // thousands of files at the end would take longer than the test
		x := newLife(rt, loc)
		pieces := filepath.Join(dir, "pieces.db")
		s, err := Open(Config{Path: pieces, Now: now})
		if err != nil {
			rt.Fatalf("open: %v", err)
		}
		defer func() { _ = s.Close() }()
		for range rapid.IntRange(1, 14).Draw(rt, "batches") {
			x.batch()
			switch newest := x.book.batches[len(x.book.batches)-1]; rapid.IntRange(0, 9).Draw(rt, "meanwhile") {
			case 0: // a stop, and the batch twice
				apply(rt, s, newest)
				if err := s.Close(); err != nil {
					rt.Fatalf("close: %v", err)
				}
				if s, err = Open(Config{Path: pieces, Now: now}); err != nil {
					rt.Fatalf("open: %v", err)
				}
				apply(rt, s, newest)
			case 1: // a crash, and the journal from the start
				if err := s.file.Close(); err != nil {
					rt.Fatalf("close: %v", err)
				}
				if s, err = Open(Config{Path: pieces, Now: now}); err != nil {
					rt.Fatalf("open: %v", err)
				}
				apply(rt, s, x.book.batches[s.Applied():]...)
			default:
				apply(rt, s, newest, newest)
			}
		}
		x.agrees(t.Context(), s)

		rebuilt, err := Open(Config{Path: filepath.Join(dir, "again.db"), Now: now})
		if err != nil {
			rt.Fatalf("open: %v", err)
		}
		defer func() { _ = rebuilt.Close() }()
		apply(rt, rebuilt, x.book.batches...)
		if d := cmp.Diff(answers(rt, s), answers(rt, rebuilt)); d != "" {
			rt.Fatalf("a rebuild answers otherwise: %s", d)
		}
		if a, b := digest(rt, s), digest(rt, rebuilt); a != b {
			rt.Fatalf("a rebuild has digest %s, want %s", b, a)
		}
	})
}

// Whatever the file held when the process was killed, the journal repeats the rest.
func TestEveryPrefixIsCompletedByTheJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	s, b := started(t, Config{Path: path})
	for i := range 12 {
		at := morning + city.Moment(i)*3600
		b.add(report(at, fmt.Sprint(i%5), []string{"opened", "closed", "reopened"}[i%3]), quarantined("gate"),
			b.act("p-bita", entry.DoAssign, number(int64(i%5+1)), to("p-dara"), expects(int64(i%3))),
			b.act("p-bita", entry.DoSignIn, fmt.Sprint("s", i), secret("h"), ends(at+7200), when(at)),
			b.act("p-bita", entry.DoHandOver, "parks"))
	}
	apply(t, s, b.batches...)
	want := digest(t, s)
	for n := range b.batches {
		path := filepath.Join(t.TempDir(), "register.db")
		s := open(t, Config{Path: path})
		apply(t, s, b.batches[:n]...)
		if err := s.file.Close(); err != nil {
			t.Fatal(err)
		}
		again := open(t, Config{Path: path})
		if again.Applied() != uint64(n) {
			t.Errorf("after %d batches %d are known", n, again.Applied())
		}
		apply(t, again, b.batches...)
		if got := digest(t, again); got != want {
			t.Errorf("from batch %d on: digest %s, want %s", n, got, want)
		}
	}
}
