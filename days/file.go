package days

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/klauspost/compress/zstd"

	"rasad/city"
	"rasad/follower"
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
	*follower.File
	load, read *sql.DB

	loadDay *sql.Stmt // of load
	oneDay  *sql.Stmt // of read, as cells
	cells   *sql.Stmt

	zip   *zstd.Encoder
	unzip *zstd.Decoder
}

func openFile(path string, log *slog.Logger) (*file, error) {
	shared, err := follower.Open(path, follower.Form{Name: "a file of days", Mark: fileMark, Format: fileFormat, Schema: schema}, log)
	if err != nil {
		return nil, err
	}
	f := &file{File: shared}
	if err := f.prepare(); err != nil {
		_ = f.close()
		return nil, err
	}
	return f, nil
}

func (f *file) prepare() (err error) {
	if f.zip, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(128<<10), zstd.WithEncoderCRC(true)); err != nil {
		return err
	}
	if f.unzip, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(256<<20)); err != nil {
		return err
	}
	if f.load, err = f.Readers(1); err != nil {
		return err
	}
	if f.read, err = f.Readers(4); err != nil {
		return err
	}
	const whole = "SELECT id, pos, city, epoch, n, packed, cells, raws FROM day WHERE source = ? AND date = ?"
	ctx := context.Background()
	var errs [3]error
	f.loadDay, errs[0] = f.load.PrepareContext(ctx, whole)
	f.oneDay, errs[1] = f.read.PrepareContext(ctx, whole)
	f.cells, errs[2] = f.read.PrepareContext(ctx, "SELECT date, pos, cells FROM day WHERE source = ? AND date BETWEEN ? AND ? ORDER BY date")
	return errors.Join(errs[:]...)
}

// close closes what was opened, statements with their pools. It may be called twice.
func (f *file) close() error {
	err := f.Close()
	if f.unzip != nil {
		f.unzip.Close()
	}
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
