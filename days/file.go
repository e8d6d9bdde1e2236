package days

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"rasad/city"
)

// What marks an SQLite file as one of days, and the version of its tables.
const (
	fileMark   = 0x52534459 // "RSDY"
	fileFormat = 1
)

// A day's blob is plain, compressed, or plain because compressing did not help.
const (
	notPacked = iota
	packed
	leftPlain
)

const schema = `
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE day (
	id INTEGER PRIMARY KEY, source INTEGER NOT NULL, date INTEGER NOT NULL,
	pos INTEGER NOT NULL, city INTEGER NOT NULL, epoch INTEGER NOT NULL,
	n INTEGER NOT NULL, packed INTEGER NOT NULL, cells BLOB NOT NULL, raws BLOB NOT NULL);
CREATE UNIQUE INDEX day_of_source ON day (source, date);
CREATE INDEX day_by_pos ON day (pos);
CREATE INDEX day_to_pack ON day (date) WHERE packed = 0;
CREATE TABLE touched (epoch INTEGER, day INTEGER, PRIMARY KEY (epoch, day)) WITHOUT ROWID;
CREATE TABLE city (pos INTEGER PRIMARY KEY, compiled BLOB NOT NULL);
CREATE TABLE held (
	batch INTEGER NOT NULL, idx INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
	source TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, sender TEXT NOT NULL,
	against_batch INTEGER NOT NULL, against_idx INTEGER NOT NULL, line BLOB NOT NULL,
	PRIMARY KEY (batch, idx)) WITHOUT ROWID;
CREATE TABLE count (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO state VALUES (1, 0);
`

// A file is the SQLite file: one connection writes, one loads days for Apply, and
// a few read for everyone else.
type file struct {
	write, load, read *sql.DB

	conn    *sql.Conn // the one of write
	saveDay *sql.Stmt
	newDay  *sql.Stmt
	mark    *sql.Stmt
	loadDay *sql.Stmt
	oneDay  *sql.Stmt
	cells   *sql.Stmt

	zip   *zstd.Encoder
	unzip *zstd.Decoder
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
	f := &file{}
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
		{&f.load, dsn("query_only(1)"), 1},
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
	if f.zip, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(128<<10), zstd.WithEncoderCRC(true)); err != nil {
		return nil, err
	}
	if f.unzip, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(256<<20)); err != nil {
		return nil, err
	}
	if err := f.prepare(); err != nil {
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
		return errors.New("not a file of days: move it away, the journal builds a new one")
	case format > fileFormat:
		return fmt.Errorf("the file is of format %d, this Rasad reads %d: start a newer Rasad, or delete the file and the journal builds it again", format, fileFormat)
	default:
		return nil
	}
}

func (f *file) prepare() error {
	ctx := context.Background()
	const whole = "SELECT id, pos, city, epoch, n, packed, cells, raws FROM day WHERE source = ? AND date = ?"
	var errs [6]error
	f.newDay, errs[0] = f.conn.PrepareContext(ctx, "INSERT INTO day (pos, city, epoch, n, packed, cells, raws, source, date, id) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)")
	f.saveDay, errs[1] = f.conn.PrepareContext(ctx, "UPDATE day SET pos = ?, city = ?, epoch = ?, n = ?, packed = 0, cells = ?, raws = ? WHERE id = ?")
	f.mark, errs[2] = f.conn.PrepareContext(ctx, "INSERT OR IGNORE INTO touched (epoch, day) VALUES (?, ?)")
	f.loadDay, errs[3] = f.load.PrepareContext(ctx, whole)
	f.oneDay, errs[4] = f.read.PrepareContext(ctx, whole)
	f.cells, errs[5] = f.read.PrepareContext(ctx, "SELECT date, pos, cells FROM day WHERE source = ? AND date BETWEEN ? AND ? ORDER BY date")
	return errors.Join(errs[:]...)
}

// close closes what was opened. It may be called twice.
func (f *file) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{f.saveDay, f.newDay, f.mark, f.loadDay, f.oneDay, f.cells} {
		if stmt != nil { // an open statement would keep its connection open
			errs = append(errs, stmt.Close())
		}
	}
	if f.conn != nil {
		if err := f.conn.Close(); !errors.Is(err, sql.ErrConnDone) {
			errs = append(errs, err)
		}
	}
	for _, db := range []*sql.DB{f.read, f.load, f.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if f.unzip != nil {
		f.unzip.Close()
	}
	return errors.Join(errs...)
}

// begin starts a transaction that writes; end commits it, or rolls it back when
// err is not nil.
func (f *file) begin(ctx context.Context) error {
	_, err := f.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	return err
}

func (f *file) end(ctx context.Context, err error) error {
	if err == nil {
		if _, err = f.conn.ExecContext(ctx, "COMMIT"); err == nil {
			return nil
		}
	}
	_, _ = f.conn.ExecContext(ctx, "ROLLBACK") // fails where SQLite has done it by itself
	return err
}

// A row is a source-day as the file holds it.
type row struct {
	id, source       int64
	date             city.Date
	pos, city, epoch uint64
	n, packed        int
	cells            string
	raws             string // plain once unpacked
}

// find reads the row of a source-day through one of the statements for that; ok is
// false where there is none.
func (f *file) find(ctx context.Context, by *sql.Stmt, source int64, date city.Date) (r row, ok bool, err error) {
	r.source, r.date = source, date
	err = by.QueryRowContext(ctx, source, date).Scan(&r.id, &r.pos, &r.city, &r.epoch, &r.n, &r.packed, &r.cells, &r.raws)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err == nil {
		err = f.unpack(&r)
	}
	return r, err == nil, err
}

// unpack makes r.raws plain.
func (f *file) unpack(r *row) error {
	if r.packed != packed {
		return nil
	}
	plain, err := f.unzip.DecodeAll([]byte(r.raws), nil)
	if err != nil {
		return fmt.Errorf("unpack day %s: %w", r.date, err)
	}
	r.raws, r.packed = string(plain), leftPlain
	return nil
}
