package register

import (
	"database/sql"
	"log/slog"

	"rasad/follower"
)

// What marks an SQLite file as a register, and the version of its tables: in 2 the
// audit is found by keys; in 3 it is known when a photo was added.
const (
	fileMark   = 0x52535247 // "RSRG"
	fileFormat = 3
)

// Moments are whole seconds, the times of batches (audit.at, held.at, held.ruled_at)
// whole milliseconds. cases.rank is what "worst" sorts by, see rankOf;
// audit_key.text what a record is found by, see keys, and audit_text its index.
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
CREATE TABLE evidence (sha256 TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (sha256, number)) WITHOUT ROWID;
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
CREATE TABLE audit_key (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
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
	*follower.File
	read *sql.DB
}

func openFile(path string, log *slog.Logger) (*file, error) {
	f, err := follower.Open(path, follower.Form{Name: "a register", Mark: fileMark, Format: fileFormat, Schema: schema}, log)
	if err != nil {
		return nil, err
	}
	read, err := f.Readers(4)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &file{f, read}, nil
}
