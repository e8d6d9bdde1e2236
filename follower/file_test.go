package follower

import (
	"bytes"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// notes is the form of a file for these tests.
func notes() Form {
	return Form{Name: "a file of notes", Mark: 0x6E6F7465, Format: 2, Schema: "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL);"}
}

// openAt opens the file of a form at path and closes it when the test ends.
func openAt(t *testing.T, path string, form Form) *File {
	t.Helper()
	f, err := Open(path, form, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func exec(t *testing.T, f *File, q string, args ...any) {
	t.Helper()
	if err := f.Exec(t.Context(), q, args...); err != nil {
		t.Fatal(err)
	}
}

func readers(t *testing.T, f *File) *sql.DB {
	t.Helper()
	db, err := f.Readers(2)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// list returns all notes that db sees.
func list(t *testing.T, db Querier) string {
	t.Helper()
	var all []string
	err := Each(t.Context(), db, func(scan func(...any) error) error {
		var text string
		err := scan(&text)
		all = append(all, text)
		return err
	}, "SELECT text FROM note ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// copied copies an SQLite file and what lies beside it, as a power cut would leave
// them, and returns where.
func copied(t *testing.T, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.db")
	for _, tail := range []string{"", "-wal", "-shm"} {
		b, err := os.ReadFile(path + tail)
		if err == nil {
			err = os.WriteFile(to+tail, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestANewFileHasMarkFormatAndTablesAndKeepsWhatIsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes 100%?.db")
	for _, want := range []string{"", "one", "one one"} {
		f := openAt(t, path, notes())
		if got := list(t, f); got != want {
			t.Errorf("it holds %q, want %q", got, want)
		}
		exec(t, f, "INSERT INTO note (text) VALUES (?)", "one")
		var mark, format, sync int
		var mode string
		for q, into := range map[string]any{"PRAGMA application_id": &mark, "PRAGMA user_version": &format, "PRAGMA synchronous": &sync, "PRAGMA journal_mode": &mode} {
			if ok, err := f.One(t.Context(), q, nil, []any{into}); !ok || err != nil {
				t.Fatal(q, ok, err)
			}
		}
		if mark != 0x6E6F7465 || format != 2 || sync != 1 || mode != "wal" {
			t.Errorf("mark %x, format %d, synchronous %d, journal %s", mark, format, sync, mode)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("not at its path: %v", err)
	}
}

func TestWhatIsNotOfTheFormIsRefusedWithTheCure(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	other, newer, bare := notes(), notes(), notes()
	other.Mark, newer.Format, bare.Mark = 7, 3, 0
	for name, form := range map[string]Form{"other": other, "newer": newer, "bare": bare} {
		f := openAt(t, at(name), form)
		exec(t, f, "INSERT INTO note (text) VALUES ('kept')")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(at("text"), []byte(strings.Repeat("no database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"other": "not a file of notes: move it away, the journal builds a new one",
		"bare":  "not a file of notes: move it away, the journal builds a new one",
		"newer": "the file is of format 3, this Rasad reads 2: start a newer Rasad, or delete the file and the journal builds it again",
		"text":  "not a database", "away/notes": "unable to open database file",
	} {
		f, err := Open(at(name), notes(), slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), want) || f != nil {
			t.Errorf("%s: %v, %v, want %q", name, f, err, want)
		}
	}
	for name, form := range map[string]Form{"other": other, "newer": newer} {
		if got := list(t, openAt(t, at(name), form)); got != "kept" {
			t.Errorf("the refused file %s holds %q", name, got)
		}
	}
}

// Even what a power cut left of it is gone: the rows that are only in its write-ahead
// log must not come back into the new file.
func TestAFileOfAnOlderFormatIsMadeAnewAndThatIsSaid(t *testing.T) {
	older := notes()
	older.Format, older.Schema = 1, "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL, old TEXT); INSERT INTO note (text) VALUES ('first');"
	f := openAt(t, filepath.Join(t.TempDir(), "notes.db"), older)
	exec(t, f, "INSERT INTO note (text) VALUES ('second')")
	path := copied(t, f.path)
	if got := list(t, openAt(t, copied(t, path), older)); got != "first second" {
		t.Fatalf("the copy holds %q", got)
	}
	var said bytes.Buffer
	for range 2 {
		f, err := Open(path, notes(), slog.New(slog.NewTextHandler(&said, nil)))
		if err != nil {
			t.Fatal(err)
		}
		var columns, format int
		if _, err := f.One(t.Context(), "SELECT count(*) FROM pragma_table_info('note')", nil, []any{&columns}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.One(t.Context(), "PRAGMA user_version", nil, []any{&format}); err != nil {
			t.Fatal(err)
		}
		if got := list(t, f); got != "" || columns != 2 || format != 2 {
			t.Errorf("it holds %q in %d columns, format %d", got, columns, format)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(said.String(), "older format deleted"); n != 1 || !strings.Contains(said.String(), "level=WARN") || !strings.Contains(said.String(), "format=1 reads=2") {
		t.Errorf("said %d times: %s", n, said.String())
	}
}

func TestReadersSeeWhatIsCommittedAndWriteNothing(t *testing.T) {
	f := openAt(t, filepath.Join(t.TempDir(), "notes.db"), notes())
	db := readers(t, f)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, f, "INSERT INTO note (text) VALUES ('one')")
	if list(t, db) != "" || list(t, f) != "one" {
		t.Errorf("before the commit readers see %q, the writer %q", list(t, db), list(t, f))
	}
	if err := f.End(t.Context(), nil); err != nil || list(t, db) != "one" {
		t.Errorf("%v, after it readers see %q", err, list(t, db))
	}
	if _, err := db.ExecContext(t.Context(), "DELETE FROM note"); err == nil || list(t, f) != "one" {
		t.Errorf("a reader wrote: %v", err)
	}
	err := Reading(t.Context(), db, func(tx *sql.Tx) error {
		before := list(t, tx)
		exec(t, f, "INSERT INTO note (text) VALUES ('two')")
		if after := list(t, tx); before != "one" || after != before {
			t.Errorf("within one reading %q, then %q", before, after)
		}
		return errors.ErrUnsupported
	})
	if !errors.Is(err, errors.ErrUnsupported) || list(t, db) != "one two" {
		t.Errorf("reading: %v, then %q", err, list(t, db))
	}
}

func TestCloseTwiceLeavesOneFileAndNothingWorksAfterIt(t *testing.T) {
	f := openAt(t, filepath.Join(t.TempDir(), "notes.db"), notes())
	db := readers(t, f)
	stmt, err := db.PrepareContext(t.Context(), "SELECT count(*) FROM note")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	n := -1
	if err := stmt.QueryRowContext(t.Context()).Scan(&n); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	exec(t, f, "INSERT INTO note (text) VALUES ('one')")
	if f.Closed() {
		t.Error("closed while it is open")
	}
	if err := errors.Join(f.Close(), f.Close()); err != nil || !f.Closed() {
		t.Errorf("close twice: %v, closed %v", err, f.Closed())
	}
	// SQLite takes its log away with the last connection.
	if _, err := os.Stat(f.path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a connection is still open: %v", err)
	}
	_, asked := f.One(t.Context(), "SELECT 1", nil, []any{&n})
	reading := Reading(t.Context(), db, func(*sql.Tx) error { return nil })
	if f.Exec(t.Context(), "DELETE FROM note") == nil || f.Begin(t.Context()) == nil || asked == nil || reading == nil {
		t.Error("it works after it was closed")
	}
}
