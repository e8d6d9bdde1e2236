package follower

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestATransactionIsWrittenWholeOrNotAtAll(t *testing.T) {
	form := notes()
	form.Schema += "CREATE TABLE of (note INTEGER REFERENCES note DEFERRABLE INITIALLY DEFERRED);"
	f := openAt(t, filepath.Join(t.TempDir(), "notes.db"), form)
	exec(t, f, "PRAGMA foreign_keys = 1")
	db := readers(t, f)
	for _, step := range []struct {
		name, q string
		err     error
		want    string // in the error
		holds   string
	}{
		{"committed", "INSERT INTO note (text) VALUES ('one')", nil, "", "one"},
		{"given up", "INSERT INTO note (text) VALUES ('two')", errors.ErrUnsupported, "unsupported", "one"},
		{"refused by the commit", "INSERT INTO of VALUES (99)", nil, "FOREIGN KEY", "one"},
		{"committed after it", "INSERT INTO note (text) VALUES ('three')", nil, "", "one three"},
	} {
		if err := f.Begin(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		exec(t, f, step.q)
		err := f.End(t.Context(), step.err)
		if (err == nil) != (step.want == "") || err != nil && !strings.Contains(err.Error(), step.want) {
			t.Errorf("%s: %v, want %q", step.name, err, step.want)
		}
		if got := list(t, db); got != step.holds {
			t.Errorf("%s: it holds %q, want %q", step.name, got, step.holds)
		}
	}
}

func TestEachTextIsPreparedOnce(t *testing.T) {
	f := openAt(t, filepath.Join(t.TempDir(), "notes.db"), notes())
	const insert = "INSERT INTO note (text) VALUES (?)"
	exec(t, f, insert, "one")
	first := f.stmts[insert]
	exec(t, f, insert, "two")
	if len(f.stmts) != 1 || first == nil || f.stmts[insert] != first {
		t.Errorf("%d statements", len(f.stmts))
	}
	if n, err := f.Change(t.Context(), "UPDATE note SET text = 'x' || text WHERE id > ?", 0); n != 2 || err != nil {
		t.Errorf("changed %d, %v", n, err)
	}
	if err := f.Exec(t.Context(), "INSERT INTO nowhere VALUES (1)"); err == nil || len(f.stmts) != 2 {
		t.Errorf("%v, %d statements", err, len(f.stmts))
	}
	if got := list(t, f); got != "xone xtwo" {
		t.Errorf("it holds %q", got)
	}
}

func TestOneReadsTheFirstRowOrSaysThatThereIsNone(t *testing.T) {
	f := openAt(t, filepath.Join(t.TempDir(), "notes.db"), notes())
	exec(t, f, "INSERT INTO note (text) VALUES ('one'), ('two')")
	text := "untouched"
	if ok, err := f.One(t.Context(), "SELECT text FROM note WHERE id > ?", []any{7}, []any{&text}); ok || err != nil || text != "untouched" {
		t.Error(ok, err, text)
	}
	if ok, err := f.One(t.Context(), "SELECT text FROM note ORDER BY id DESC", nil, []any{&text}); !ok || err != nil || text != "two" {
		t.Error(ok, err, text)
	}
	var number int
	if ok, err := f.One(t.Context(), "SELECT text FROM note", nil, []any{&number}); ok || err == nil {
		t.Error("a text was read as a number")
	}
}

func TestEachEndsAtTheFirstError(t *testing.T) {
	f := openAt(t, filepath.Join(t.TempDir(), "notes.db"), notes())
	exec(t, f, "INSERT INTO note (text) VALUES ('one'), ('two')")
	seen := 0
	err := Each(t.Context(), f, func(func(...any) error) error { seen++; return errors.ErrUnsupported }, "SELECT text FROM note")
	if !errors.Is(err, errors.ErrUnsupported) || seen != 1 {
		t.Errorf("%v after %d rows", err, seen)
	}
	if err := Each(t.Context(), f, nil, "SELECT text FROM nowhere"); err == nil {
		t.Error("there is no such table")
	}
	exec(t, f, "INSERT INTO note (text) VALUES ('three')") // no row of it is held open
}
