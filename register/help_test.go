package register

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
)

// testing.TB as far as the helpers need it; *rapid.T is one too.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// town returns a small city with two departments. change, if any, changes it.
func town(t tb, change ...func(*city.Definition)) *entry.City {
	t.Helper()
	d := city.Definition{
		Format: 1, ID: "town", Zone: "Asia/Tehran",
		Districts:   []city.District{{ID: "district-1", Number: 1}, {ID: "district-3", Number: 3, Zone: city.HighIntensity}},
		Places:      []city.Place{{ID: "khaju", District: "district-3"}, {ID: "garden", District: "district-1", Zone: city.LowIntensity}},
		Departments: []city.Department{{ID: "urban-services"}, {ID: "parks"}},
		Sources: []city.Source{
			{ID: "litter-3", District: "district-3", Department: "urban-services", Unit: city.Report, Kind: city.Event},
			{ID: "watering", Place: "garden", Department: "parks", Unit: city.Report, Kind: city.Event},
			{ID: "gate", Department: "parks", Unit: city.Crossing, Kind: city.Interval, SlotSec: 900},
		},
		Seasons: []city.Season{{ID: "nowruz-1406", From: city.DateOf(2027, 3, 16), To: city.DateOf(2027, 4, 3), One: city.DateOf(2027, 3, 21)}},
		Levels: []city.ServiceLevel{
			{Case: city.ReportCase, Category: "litter", Zone: city.HighIntensity, WithinSec: 4 * 3600, SeasonSec: 2 * 3600},
			{Case: city.ReportCase, WithinSec: 24 * 3600},
			{Case: city.WorkCase, WithinSec: 8 * 3600, FromHour: 7, ToHour: 15},
		},
	}
	for _, f := range change {
		f(&d)
	}
	c, err := city.New(d)
	if err != nil {
		t.Fatalf("make town: %v", err)
	}
	compiled, err := c.Canonical()
	if err != nil {
		t.Fatalf("make town: %v", err)
	}
	return &entry.City{File: "-", Compiled: compiled, By: "console", Why: "test"}
}

// A book makes batches as the journal would.
type book struct {
	batches []entry.Batch
	acts    int
}

var (
	bookStart = time.Date(2027, 4, 10, 8, 0, 0, 0, time.UTC)
	morning   = city.At(bookStart) // 11:30 in Tehran, outside the season
)

func (b *book) add(entries ...entry.Entry) entry.Batch {
	n := uint64(len(b.batches)) + 1
	batch := entry.Batch{Number: n, At: bookStart.Add(time.Duration(n) * time.Second), Entries: entries}
	b.batches = append(b.batches, batch)
	return batch
}

// act makes an act of somebody with an id of its own.
func (b *book) act(by string, do entry.Verb, on string, change ...func(*entry.Act)) *entry.Act {
	b.acts++
	a := &entry.Act{ID: fmt.Sprintf("act-%06d", b.acts), Do: do, On: on, At: morning + city.Moment(b.acts)*60, By: by}
	for _, f := range change {
		f(a)
	}
	return a
}

func expects(n int64) func(*entry.Act)         { return func(a *entry.Act) { a.Expects = n } }
func to(person string) func(*entry.Act)        { return func(a *entry.Act) { a.To = person } }
func note(text string) func(*entry.Act)        { return func(a *entry.Act) { a.Note = text } }
func when(m city.Moment) func(*entry.Act)      { return func(a *entry.Act) { a.At = m } }
func ends(m city.Moment) func(*entry.Act)      { return func(a *entry.Act) { a.Ends = m } }
func secret(text string) func(*entry.Act)      { return func(a *entry.Act) { a.Hash = text } }
func from(address string) func(*entry.Act)     { return func(a *entry.Act) { a.From = address } }
func photo(f entry.File) func(*entry.Act)      { return func(a *entry.Act) { a.File = &f } }
func profile(p entry.Profile) func(*entry.Act) { return func(a *entry.Act) { a.Person = &p } }

func admin(login string) entry.Profile {
	return entry.Profile{Login: login, Name: "مدیر " + login, Role: city.RoleAdmin, Lang: "fa"}
}

func worker(login string, departments ...city.DepartmentID) entry.Profile {
	return entry.Profile{Login: login, Name: login, Role: city.RoleDepartment, Departments: departments, Lang: "en"}
}

// report is an event of a report of litter.
func report(at city.Moment, id, state string) *entry.Event {
	return &entry.Event{Source: "litter-3", At: at, ID: id, State: state, Case: "report", Category: "litter", V: 1, By: "t1"}
}

func quarantined(source string) *entry.Quarantined {
	return &entry.Quarantined{Source: source, Reason: "out_of_range", Detail: "for a test", By: "t1", Item: json.RawMessage(`{"v":1}`)}
}

// open opens a store and closes it when the test ends.
func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	if cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "register.db")
	}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// started returns a store with the town in force and three people: the admin ava, and
// bita and dara, who work for urban-services.
func started(t testing.TB, cfg Config) (*Store, *book) {
	t.Helper()
	s, b := open(t, cfg), &book{}
	apply(t, s, b.add(town(t),
		b.act("console", entry.DoAddPerson, "p-ava", profile(admin("ava")), secret("$argon2id$a")),
		b.act("p-ava", entry.DoAddPerson, "p-bita", profile(worker("bita", "urban-services"))),
		b.act("p-ava", entry.DoAddPerson, "p-dara", profile(worker("dara", "urban-services", "parks")))))
	return s, b
}

func apply(t tb, s *Store, batches ...entry.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Apply(b); err != nil {
			t.Fatalf("apply: %v", err)
		}
	}
}

func theCase(t tb, s *Store, number int64) Case {
	t.Helper()
	c, err := s.Case(context.Background(), number)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

func digest(t tb, s *Store) string {
	t.Helper()
	sum, err := s.Digest(context.Background())
	if err != nil {
		t.Fatalf("%v", err)
	}
	return sum
}

// outcome applies an act as the next batch and returns what became of it.
func outcome(t tb, s *Store, b *book, a *entry.Act) Outcome {
	t.Helper()
	batch := b.add(a)
	apply(t, s, batch)
	o, err := s.Outcome(context.Background(), entry.Position{Batch: batch.Number})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return o
}

func refused(t tb, s *Store, b *book, a *entry.Act, want string) {
	t.Helper()
	if o := outcome(t, s, b, a); o.Refused != want {
		t.Errorf("%s on %s by %s: refused %q, want %q", a.Do, a.On, a.By, o.Refused, want)
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
