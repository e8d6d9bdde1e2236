package follower

import (
	"context"
	"database/sql"
	"errors"
)

// Begin starts a transaction that writes.
func (f *File) Begin(ctx context.Context) error { return f.Exec(ctx, "BEGIN IMMEDIATE") }

// End commits what Begin started, or rolls it back when err is not nil, and returns
// err or why the commit failed: then nothing of it was written.
func (f *File) End(ctx context.Context, err error) error {
	if err == nil {
		if err = f.Exec(ctx, "COMMIT"); err == nil {
			return nil
		}
	}
	_ = f.Exec(ctx, "ROLLBACK") // fails where SQLite has done it by itself
	return err
}

// Exec runs q on the connection that writes.
func (f *File) Exec(ctx context.Context, q string, args ...any) error {
	_, err := f.Change(ctx, q, args...)
	return err
}

// Change is Exec, and returns how many rows were changed.
func (f *File) Change(ctx context.Context, q string, args ...any) (int64, error) {
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

// One reads the first row of q on the connection that writes into the places given;
// ok is false where there is none.
func (f *File) One(ctx context.Context, q string, args, into []any) (ok bool, err error) {
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

// QueryContext asks the connection that writes.
func (f *File) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	stmt, err := f.stmt(ctx, q)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// stmt returns the prepared statement of q on the connection that writes.
func (f *File) stmt(ctx context.Context, q string) (*sql.Stmt, error) {
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

// A Querier is who can be asked: a File on its connection that writes, a pool of
// readers, or a transaction.
type Querier interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
}

// Each calls use for each row of q. An error of use ends it and is returned.
func Each(ctx context.Context, db Querier, use func(scan func(...any) error) error, q string, args ...any) error {
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

// Reading runs use in a transaction that only reads, so that all it sees is of one
// moment.
func Reading(ctx context.Context, readers *sql.DB, use func(tx *sql.Tx) error) error {
	tx, err := readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it only read
	return use(tx)
}
