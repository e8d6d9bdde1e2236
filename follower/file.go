// Package follower holds what followers of the journal with an SQLite file share:
// the file with its mark and its format, the sum over its tables, and the number of
// the newest batch applied with those who wait for it. It knows neither entries nor
// tables: they are each follower's own.
package follower

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// A Form says which file a follower keeps.
type Form struct {
	Name   string // as an error calls it: "a register"
	Mark   int32  // tells it from other SQLite files; not 0
	Format int    // of its tables and of what stands in them, from 1; a file of a lower one is built again
	Schema string // makes the tables of an empty file; ends in a semicolon
}

// A File is a follower's SQLite file: one connection writes, others only read. One
// goroutine at a time may use what writes. Each q that it is given there is prepared
// once and kept until Close: it is one of the texts of its room, never made of data.
type File struct {
	path   string
	pools  []*sql.DB // the one that writes is the first
	conn   *sql.Conn // its only one
	stmts  map[string]*sql.Stmt
	closed bool
}

// Open opens or makes the file at path, whose folder exists. A file of an older
// format is deleted and made anew, and log is told: it names no batch then, and so
// the journal builds it again. A file of a newer format, or one of another mark, is
// refused with an error that names the cure.
func Open(path string, form Form, log *slog.Logger) (*File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f, format, err := open(abs, form)
	if err != nil || format == form.Format {
		return f, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	log.Warn("file of an older format deleted, the journal builds it again", "file", path, "format", format, "reads", form.Format)
	for _, tail := range []string{"-wal", "-shm", ""} {
		if err := os.Remove(abs + tail); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	f, _, err = open(abs, form)
	return f, err
}

// open opens the file at path, and returns its format: at most that of form.
func open(path string, form Form) (f *File, format int, err error) {
	f = &File{path: path, stmts: map[string]*sql.Stmt{}}
	db, err := f.pool(1, "journal_mode(wal)", "synchronous(normal)", "journal_size_limit(16777216)")
	if err == nil {
		f.conn, err = db.Conn(context.Background())
	}
	if err == nil {
		format, err = f.check(form)
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, format, nil
}

// pool opens at most conns connections.
func (f *File) pool(conns int, pragmas ...string) (*sql.DB, error) {
	v := url.Values{"_pragma": append(pragmas, "busy_timeout(10000)", "cache_size(-4000)", "temp_store(memory)")}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: f.path, RawQuery: v.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	f.pools = append(f.pools, db)
	return db, nil
}

// check makes the tables of an empty file, and returns the format of one that has
// some.
func (f *File) check(form Form) (format int, err error) {
	ctx := context.Background()
	var mark, tables int
	for q, into := range map[string]*int{"PRAGMA application_id": &mark, "PRAGMA user_version": &format, "SELECT count(*) FROM sqlite_schema": &tables} {
		if err := f.conn.QueryRowContext(ctx, q).Scan(into); err != nil {
			return 0, err
		}
	}
	switch {
	case mark == 0 && tables == 0:
		_, err := f.conn.ExecContext(ctx, fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", form.Schema, form.Mark, form.Format))
		return form.Format, err
	case mark != int(form.Mark):
		return 0, fmt.Errorf("not %s: move it away, the journal builds a new one", form.Name)
	case format > form.Format:
		return 0, fmt.Errorf("the file is of format %d, this Rasad reads %d: start a newer Rasad, or delete the file and the journal builds it again", format, form.Format)
	default:
		return format, nil
	}
}

// Readers opens a pool of at most conns connections that only read, and see what is
// committed. Close closes it.
func (f *File) Readers(conns int) (*sql.DB, error) { return f.pool(conns, "query_only(1)") }

// Close closes what was opened, pools of readers too. It may be called twice; any
// other use of the file after it gives an error.
func (f *File) Close() error {
	f.closed = true
	var errs []error
	for _, stmt := range f.stmts { // an open statement would keep its connection open
		errs = append(errs, stmt.Close())
	}
	clear(f.stmts)
	if f.conn != nil {
		if err := f.conn.Close(); !errors.Is(err, sql.ErrConnDone) {
			errs = append(errs, err)
		}
	}
	for _, db := range slices.Backward(f.pools) {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}

// Closed reports whether Close was called.
func (f *File) Closed() bool { return f.closed }
