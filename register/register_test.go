package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/entry"
)

func TestBatchesAreAppliedOnceAndWithoutAGap(t *testing.T) {
	s, b := started(t, Config{})
	apply(t, s, b.add(report(morning, "1", "")))
	want := digest(t, s)
	apply(t, s, b.batches...)
	if s.Applied() != 2 || digest(t, s) != want {
		t.Errorf("applied %d; a batch applied twice counts twice", s.Applied())
	}
	if err := s.Apply(entry.Batch{Number: 4}); err == nil || !strings.Contains(err.Error(), "apply batch 4: batch 3 is missing") {
		t.Error(err)
	}
}

func TestWhatIsNotFollowedMovesAppliedAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	s, b := started(t, Config{Path: path, Changed: func(c Change) { t.Errorf("told of %+v", c) }})
	want := digest(t, s)
	apply(t, s, b.add(nil, nil), b.add(&entry.Reading{Source: "gate"}), b.add(&entry.Unknown{Name: "storm"}))
	if s.Applied() != 4 || digest(t, s) != want {
		t.Errorf("applied %d", s.Applied())
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if s = open(t, Config{Path: path}); s.Applied() != 4 {
		t.Errorf("the file names batch %d", s.Applied())
	}
	for range 2 * storeEvery {
		apply(t, s, b.add(nil))
	}
	if err := s.file.Close(); err != nil { // a crash
		t.Fatal(err)
	}
	if again := open(t, Config{Path: path}); s.Applied()-again.Applied() > storeEvery {
		t.Errorf("after a crash %d of %d batches are known", again.Applied(), s.Applied())
	}
}

func TestKindsAreThoseThatCount(t *testing.T) {
	for _, kind := range []entry.Kind{entry.KindEvent, entry.KindAct, entry.KindQuarantined, entry.KindRefused, entry.KindCity, entry.KindToken, entry.KindTokenRevoked} {
		if !slices.Contains(Kinds(), kind) {
			t.Errorf("%s is not followed", kind)
		}
	}
	if slices.Contains(Kinds(), entry.KindReading) {
		t.Error("readings are followed")
	}
}

func TestWaitReturnsOnceTheBatchIsAppliedAndTold(t *testing.T) {
	var told uint64
	s, b := started(t, Config{Changed: func(c Change) { told = c.Pos }})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error, 2)
		go func() { got <- s.Wait(ctx, 3) }()
		synctest.Wait()
		apply(t, s, b.add(report(morning, "1", "")))
		synctest.Wait()
		if len(got) > 0 {
			t.Error("it did not wait")
		}
		go func() { got <- s.Wait(ctx, 9) }()
		apply(t, s, b.add(report(morning, "2", "")))
		if err := <-got; err != nil || told != 3 {
			t.Error(err, told)
		}
		synctest.Wait()
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := s.Wait(ctx, 3); err != nil {
			t.Error(err)
		}
	})
}

func TestChangedIsToldOnceABatchAndReadersSeeIt(t *testing.T) {
	var s *Store
	var told []Change
	s, b := started(t, Config{Changed: func(c Change) {
		told = append(told, c)
		for _, d := range c.Departments {
			list, _, err := s.Cases(t.Context(), Query{Departments: []city.DepartmentID{d}})
			if err != nil || len(list) == 0 || s.Rev(d) != c.Pos {
				t.Errorf("told of %+v before it can be read: %v, %v", c, list, err)
			}
		}
	}})
	apply(t, s,
		b.add(report(morning, "1", ""), &entry.Event{Source: "watering", At: morning, ID: "w", Case: "work", V: 1}, report(morning, "2", "")),
		b.add(report(morning, "1", "")),                       // known already
		b.add(b.act("p-ava", entry.DoReopen, "1", note("x"))), // refused
		b.add(b.act("p-ava", entry.DoHandOver, "parks")))
	want := []Change{{2, []city.DepartmentID{"parks", "urban-services"}}, {5, []city.DepartmentID{"parks"}}}
	if d := cmp.Diff(want, told); d != "" {
		t.Error(d)
	}
}

// A batch that cannot be written leaves nothing behind, neither in the file nor in
// memory, and is applied whole later.
func TestABatchThatFailsLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	s, b := started(t, Config{Path: path, Changed: func(c Change) {
		if c.Pos != 2 {
			t.Errorf("told of batch %d", c.Pos)
		}
	}})
	want := digest(t, s)
	if err := s.file.Exec(t.Context(), "ALTER TABLE held RENAME TO away"); err != nil {
		t.Fatal(err)
	}
	batch := b.add(
		town(t, func(d *city.Definition) { d.Sources = d.Sources[:1] }), report(morning, "1", ""),
		b.act("p-ava", entry.DoAddPerson, "p-eva", profile(admin("eva"))), b.act("p-bita", entry.DoSignIn, "s1", secret("h")),
		b.act("-", entry.DoRefuse, ""), quarantined("x"))
	if err := s.Apply(batch); err == nil || !strings.Contains(err.Error(), "apply batch 2: entry 2.5") {
		t.Errorf("error %v", err)
	}
	if err := s.file.Exec(t.Context(), "ALTER TABLE away RENAME TO held"); err != nil {
		t.Fatal(err)
	}
	if s.Applied() != 1 || digest(t, s) != want || s.Counts() != (Counts{Acts: 3}) || s.Admins() != 1 || len(s.Sessions("p-bita")) != 0 || len(s.Refusals(0)) != 0 || s.Rev("urban-services") != 0 || len(s.city.Sources) != 3 {
		t.Errorf("something of it stayed: %+v", s.Counts())
	}
	apply(t, s, batch)
	fresh := open(t, Config{})
	apply(t, fresh, b.batches...)
	if digest(t, s) != digest(t, fresh) || s.Admins() != 2 || s.Counts() != fresh.Counts() {
		t.Error("the batch is not whole")
	}
}

func TestACityThatCannotBeReadIsPassedOverAndSaid(t *testing.T) {
	var said strings.Builder
	s, b := started(t, Config{Log: slog.New(slog.NewTextHandler(&said, nil))})
	apply(t, s, b.add(&entry.City{Compiled: []byte(`{"zone":"nowhere"}`), By: "console"}, report(morning, "1", "")))
	if n := s.Counts(); n.Broken != 1 || n.Cases != 1 || !strings.Contains(said.String(), "city passed over") {
		t.Errorf("%+v, said %q", n, said.String())
	}
}

func TestOpenRefusesWhatIsNotItsOwnAndNamesTheCure(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite", other)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE x (y)"); err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(t.TempDir(), "newer.db")
	s := open(t, Config{Path: newer})
	if err := s.file.Exec(t.Context(), fmt.Sprintf("PRAGMA user_version = %d", fileFormat+1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		other: "not a register: move it away", newer: "delete the file and the journal builds it again", text: "not a database",
		filepath.Join(t.TempDir(), "away", "register.db"): "open register",
	} {
		if s, err := Open(Config{Path: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", filepath.Base(path), s, err, want)
		}
	}
}

// In a file of format 1 the audit is not found by keys: it is not read on, but built
// again, and nothing but what was last seen is lost.
func TestAFileOfAnOlderFormatIsBuiltAgainFromTheJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	s, b := started(t, Config{Path: path})
	apply(t, s, b.add(report(morning, "1", "")))
	want := digest(t, s)
	for _, q := range []string{"DROP TABLE audit_key", "PRAGMA user_version = 1"} {
		if err := s.file.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	s = open(t, Config{Path: path, Log: slog.New(slog.NewTextHandler(&said, nil))})
	if s.Applied() != 0 || s.Counts() != (Counts{}) || s.Admins() != 0 || !strings.Contains(said.String(), "older format") {
		t.Errorf("applied %d, %+v, said %q", s.Applied(), s.Counts(), said.String())
	}
	apply(t, s, b.batches...)
	list, err := s.Audit(t.Context(), AuditQuery{Text: "مد"})
	if got := digest(t, s); got != want || err != nil || len(list) != 1 {
		t.Errorf("digest %s, want %s; found %d records, %v", got, want, len(list), err)
	}
}
