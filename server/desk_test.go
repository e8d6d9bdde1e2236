package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"rasad/city"
	"rasad/city/file"
	"rasad/days"
	"rasad/entry"
	"rasad/history"
	"rasad/journal"
	"rasad/live"
	"rasad/register"
)

// A desk is a server over a real journal, days and register of Isfahan, in which
// nobody signs in.
type desk struct {
	*stage
	journal  *journal.Journal
	register *register.Store
	now      time.Time
}

// openDesk opens a desk, with other parts where change wants them.
func openDesk(t testing.TB, change ...func(*Parts)) *desk {
	t.Helper()
	c, err := file.Compile("isfahan.yaml", file.Isfahan())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o := &desk{now: time.Date(2027, 3, 24, 14, 30, 0, 0, time.UTC)}
	if o.journal, err = journal.Open(journal.Config{Dir: filepath.Join(dir, "journal"), Zone: c.Clock(), Floor: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.journal.Close() })
	if o.register, err = register.Open(register.Config{Path: filepath.Join(dir, "register.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.register.Close() })
	store, err := days.Open(days.Config{Path: filepath.Join(dir, "days.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- o.journal.Follow(ctx, 0, func(b entry.Batch) error {
			if err := store.Apply(b); err != nil {
				return err
			}
			return o.register.Apply(b)
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("follow: %v", err)
		}
	})
	compiled, err := c.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	o.keep(t, &entry.City{File: "-", Compiled: compiled, By: "console", Why: "test"})
	o.stage = open(t, func(_ *Config, p *Parts) {
		p.City, p.Register, p.Append = func() *city.City { return c }, o.register, o.journal.AppendAct
		p.Board = live.New("e1", nil, c, city.At(o.now))
		p.History, p.Evidence = history.FromDays(store, c.Clock()), filepath.Join(dir, "evidence")
		for _, f := range change {
			f(p)
		}
	})
	return o
}

// keep appends entries and waits until they are applied.
func (o *desk) keep(t testing.TB, entries ...entry.Entry) {
	t.Helper()
	pos, err := o.journal.Append(t.Context(), entries)
	if err == nil {
		err = o.register.Wait(t.Context(), pos.Batch)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// report opens a case of litter in district 3, two hours ago, and returns its number.
func (o *desk) report(t testing.TB) int64 {
	t.Helper()
	const id = "137-1"
	o.keep(t, &entry.Event{Source: "district-3-litter", At: city.At(o.now) - 7200, ID: id, State: "opened", Case: "report", Category: "litter", V: 1, By: "t1"})
	list, _, err := o.register.Cases(t.Context(), register.Query{At: city.At(o.now)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.SourceCase == id {
			return c.Number
		}
	}
	t.Fatalf("no case %s", id)
	return 0
}

// hire adds a person and returns the id.
func (o *desk) hire(t testing.TB, login string, role city.Role, departments ...city.DepartmentID) string {
	t.Helper()
	id := "p-" + login
	o.keep(t, &entry.Act{
		ID: "hire-" + login, Do: entry.DoAddPerson, On: id, At: city.At(time.Now()), By: "console",
		Person: &entry.Profile{Login: login, Name: "خانم " + login, Role: role, Departments: departments, Lang: "fa"},
	})
	return id
}

// ask sends a request with a body of JSON and reads the answer into into.
func (o *desk) ask(t testing.TB, method, path string, body, into any, want int) answer {
	t.Helper()
	text := ""
	var headers []string
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text, headers = string(b), []string{"Content-Type", "application/json"}
	}
	a := o.do(method, path, text, headers...)
	if a.status != want {
		t.Fatalf("%s %s: status %d, want %d: %.600s", method, path, a.status, want, a.body)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(a.body), into); err != nil {
			t.Fatalf("%s %s: %v: %.600s", method, path, err, a.body)
		}
	}
	return a
}

// act acts on a case.
func (o *desk) act(t testing.TB, number int64, id, do string, expects int64, to, note string, into any, want int) answer {
	t.Helper()
	return o.ask(t, "POST", fmt.Sprintf("/api/v1/cases/%d/acts", number),
		map[string]any{"id": id, "do": do, "expects": expects, "to": to, "note": note}, into, want)
}
