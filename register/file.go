package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// What marks an SQLite file as a register, and the version of its tables.
const (
	fileMark   = 0x52535247 // "RSRG"
	fileFormat = 1
)

// Moments are whole seconds, the times of batches (audit.at, held.at, held.ruled_at)
// whole milliseconds. cases.rank is what "worst" sorts by, see rankOf.
const schema = `
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
CREATE TABLE city (one INTEGER PRIMARY KEY CHECK (one = 1), batch INTEGER NOT NULL, compiled BLOB NOT NULL);
CREATE TABLE cases (
	number INTEGER PRIMARY KEY, source TEXT NOT NULL, source_case TEXT NOT NULL, kind TEXT NOT NULL, category TEXT NOT NULL,
	department TEXT NOT NULL, district TEXT NOT NULL, place TEXT NOT NULL, v INTEGER NOT NULL, life TEXT NOT NULL,
	state TEXT NOT NULL, opened INTEGER NOT NULL, acknowledged INTEGER NOT NULL, due INTEGER NOT NULL, late INTEGER NOT NULL,
	rank INTEGER NOT NULL, owner TEXT NOT NULL, notes INTEGER NOT NULL, evidence INTEGER NOT NULL, changes INTEGER NOT NULL);
CREATE UNIQUE INDEX case_of_source ON cases (source, source_case);
CREATE INDEX case_by_rank ON cases (department, rank, opened, number, late, state, acknowledged);
CREATE INDEX case_by_opening ON cases (department, opened, number);
CREATE INDEX case_of_owner ON cases (owner, rank) WHERE owner <> '';
CREATE TABLE line (
	batch INTEGER NOT NULL, idx INTEGER NOT NULL, number INTEGER NOT NULL, department TEXT NOT NULL, at INTEGER NOT NULL,
	sender TEXT NOT NULL, do TEXT NOT NULL, state TEXT NOT NULL, day INTEGER NOT NULL, receiver TEXT NOT NULL, note TEXT NOT NULL,
	file TEXT NOT NULL, refused TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (batch, idx)) WITHOUT ROWID;
CREATE INDEX line_of_case ON line (number, batch, idx);
CREATE UNIQUE INDEX line_of_event ON line (number, day, state) WHERE do = '';
CREATE INDEX line_of_shift ON line (department, batch, idx) WHERE do <> '';
CREATE TABLE evidence (sha256 TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, PRIMARY KEY (sha256, number)) WITHOUT ROWID;
CREATE TABLE act (
	batch INTEGER NOT NULL, idx INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, number INTEGER NOT NULL, expects INTEGER NOT NULL,
	version INTEGER NOT NULL, refused TEXT NOT NULL, PRIMARY KEY (batch, idx)) WITHOUT ROWID;
CREATE TABLE again (
	batch INTEGER NOT NULL, idx INTEGER NOT NULL, first_batch INTEGER NOT NULL, first_idx INTEGER NOT NULL,
	PRIMARY KEY (batch, idx)) WITHOUT ROWID;
CREATE TABLE shift (
	department TEXT NOT NULL, number INTEGER NOT NULL, began INTEGER NOT NULL, ended INTEGER NOT NULL, sender TEXT NOT NULL,
	taker TEXT NOT NULL, next TEXT NOT NULL, note TEXT NOT NULL, open INTEGER NOT NULL, overdue INTEGER NOT NULL,
	batch INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (department, number)) WITHOUT ROWID;
CREATE TABLE department (id TEXT PRIMARY KEY, rev INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE person (
	id TEXT PRIMARY KEY, profile TEXT NOT NULL, hash TEXT NOT NULL, version INTEGER NOT NULL, added INTEGER NOT NULL,
	ended INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE login (login TEXT PRIMARY KEY, person TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE session (
	id TEXT PRIMARY KEY, hash TEXT NOT NULL, person TEXT NOT NULL, began INTEGER NOT NULL, ends INTEGER NOT NULL,
	origin TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE audit (
	number INTEGER PRIMARY KEY, batch INTEGER NOT NULL, idx INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
	do TEXT NOT NULL, target TEXT NOT NULL, sender TEXT NOT NULL, origin TEXT NOT NULL, receiver TEXT NOT NULL,
	note TEXT NOT NULL, refused TEXT NOT NULL);
CREATE UNIQUE INDEX audit_by_position ON audit (batch, idx);
CREATE INDEX audit_by_sender ON audit (sender, number);
CREATE INDEX audit_by_verb ON audit (do, number);
CREATE INDEX audit_by_target ON audit (target, number);
CREATE VIRTUAL TABLE audit_text USING fts5 (text, content = '', tokenize = 'trigram');
CREATE TABLE held (
	batch INTEGER NOT NULL, idx INTEGER NOT NULL, at INTEGER NOT NULL, source TEXT NOT NULL, line BLOB NOT NULL,
	ruled TEXT NOT NULL, ruled_by TEXT NOT NULL, why TEXT NOT NULL, ruled_at INTEGER NOT NULL,
	PRIMARY KEY (batch, idx)) WITHOUT ROWID;
CREATE INDEX held_waiting ON held (batch, idx, source) WHERE ruled = '';
CREATE TABLE count (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE seen (kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
INSERT INTO state VALUES (1, 0);
`

// A file is the SQLite file: one connection writes, and a few read.
type file struct {
	write, read *sql.DB

	conn   *sql.Conn            // the one of write
	stmts  map[string]*sql.Stmt // of conn, by their text
	closed bool
}

func openFile(path string) (*file, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dsn := func(pragmas ...string) string {
		v := url.Values{"_pragma": append(pragmas, "busy_timeout(10000)", "cache_size(-4000)", "temp_store(memory)")}
		return (&url.URL{Scheme: "file", Path: abs, RawQuery: v.Encode()}).String()
	}
	f := &file{stmts: map[string]*sql.Stmt{}}
	ok := false
	defer func() {
		if !ok {
			_ = f.close()
		}
	}()
	for _, db := range []struct {
		into  **sql.DB
		dsn   string
		conns int
	}{
		{&f.write, dsn("journal_mode(wal)", "synchronous(normal)", "journal_size_limit(16777216)"), 1},
		{&f.read, dsn("query_only(1)"), 4},
	} {
		if *db.into, err = sql.Open("sqlite", db.dsn); err != nil {
			return nil, err
		}
		(*db.into).SetMaxOpenConns(db.conns)
		(*db.into).SetMaxIdleConns(db.conns)
	}
	if f.conn, err = f.write.Conn(context.Background()); err != nil {
		return nil, err
	}
	if err := f.checkFormat(); err != nil {
		return nil, err
	}
	ok = true
	return f, nil
}

// checkFormat makes the tables of a new file, and refuses a file that is not ours
// or of a newer format.
func (f *file) checkFormat() error {
	ctx := context.Background()
	var mark, format, tables int
	for q, into := range map[string]*int{"PRAGMA application_id": &mark, "PRAGMA user_version": &format, "SELECT count(*) FROM sqlite_schema": &tables} {
		if err := f.conn.QueryRowContext(ctx, q).Scan(into); err != nil {
			return err
		}
	}
	switch {
	case mark == 0 && tables == 0:
		_, err := f.conn.ExecContext(ctx, fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", schema, fileMark, fileFormat))
		return err
	case mark != fileMark:
		return errors.New("not a register: move it away, the journal builds a new one")
	case format > fileFormat:
		return fmt.Errorf("the file is of format %d, this Rasad reads %d: start a newer Rasad, or delete the file and the journal builds it again", format, fileFormat)
	default:
		return nil
	}
}

// close closes what was opened. It may be called twice.
func (f *file) close() error {
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
	for _, db := range []*sql.DB{f.read, f.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// begin starts a transaction that writes; end commits it, or rolls it back when
// err is not nil.
func (f *file) begin(ctx context.Context) error { return f.exec(ctx, "BEGIN IMMEDIATE") }

func (f *file) end(ctx context.Context, err error) error {
	if err == nil {
		if err = f.exec(ctx, "COMMIT"); err == nil {
			return nil
		}
	}
	_ = f.exec(ctx, "ROLLBACK") // fails where SQLite has done it by itself
	return err
}

// stmt returns the prepared statement of q on the connection that writes. q is one
// of the texts of this package, so there are only so many.
func (f *file) stmt(ctx context.Context, q string) (*sql.Stmt, error) {
	if stmt := f.stmts[q]; stmt != nil {
		return stmt, nil
	}
	stmt, err := f.conn.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	f.stmts[q] = stmt
	return stmt, nil
}

func (f *file) exec(ctx context.Context, q string, args ...any) error {
	_, err := f.change(ctx, q, args...)
	return err
}

// change is exec, and returns how many rows were changed.
func (f *file) change(ctx context.Context, q string, args ...any) (int64, error) {
	stmt, err := f.stmt(ctx, q)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one reads the first row of q into the places given; ok is false where there is
// none.
func (f *file) one(ctx context.Context, q string, args, into []any) (ok bool, err error) {
	stmt, err := f.stmt(ctx, q)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// A querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
}

// each calls use for each row of q.
func each(ctx context.Context, db querier, use func(scan func(...any) error) error, q string, args ...any) error {
	rows, err := db.QueryContext(ctx, q, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := use(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// reading runs use in a transaction that only reads, so that all it sees is of one
// moment.
func (f *file) reading(ctx context.Context, use func(tx *sql.Tx) error) error {
	tx, err := f.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it only read
	return use(tx)
}
