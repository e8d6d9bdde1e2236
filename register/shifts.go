package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"rasad/city"
	"rasad/entry"
	"rasad/follower"
	"rasad/measure"
)

const shiftColumns = "department, number, began, ended, sender, taker, next, note, open, overdue, batch, idx"

// A span is a shift with the position of the act that ended it.
type span struct {
	Shift
	end entry.Position
}

func scanShift(scan func(...any) error) (span, error) {
	var s span
	err := scan(&s.Department, &s.Number, &s.From, &s.To, &s.By, &s.Taker, &s.Next, &s.Note, &s.Open, &s.Overdue, &s.end.Batch, &s.end.Index)
	return s, err
}

// after returns the shift that runs from the end of s.
func (s *span) after(d city.DepartmentID) Shift {
	return Shift{Department: d, Number: s.Number + 1, From: s.To, Taker: s.Next}
}

// handOver ends the running shift of a department, and begins the next.
func (f *fold) handOver(a *entry.Act) (verdict, error) {
	id := city.DepartmentID(a.On)
	if f.city == nil || !slices.ContainsFunc(f.city.Departments, func(d city.Department) bool { return d.ID == id }) {
		return verdict{refused: measure.RefusedNotFound}, nil
	}
	last, err := scanShift(func(into ...any) error {
		_, err := f.One(f.ctx, "SELECT "+shiftColumns+" FROM shift WHERE department = ? ORDER BY number DESC LIMIT 1", []any{id}, into)
		return err
	})
	if err != nil {
		return verdict{}, err
	}
	x := last.after(id)
	refused := ""
	switch {
	case a.Expects != 0 && a.Expects != x.Number:
		refused = measure.RefusedChanged
	case a.To != "":
		refused = f.roll.works(a.To, id)
	}
	l := Line{At: a.At, By: a.By, Do: a.Do, To: a.To, Note: a.Note, Refused: refused}
	if _, err := f.line(&l, &Case{Department: id}, 0); err != nil || refused != "" {
		return verdict{refused: refused, version: x.Number}, err
	}
	x.To, x.By, x.Next, x.Note = max(a.At, x.From, 1), a.By, a.To, a.Note
	sum, err := summarize(f.ctx, f, id, x.To, x.To)
	if err != nil {
		return verdict{}, err
	}
	f.moved[id] = true
	return verdict{version: x.Number + 1}, f.Exec(f.ctx, "INSERT INTO shift ("+shiftColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		id, x.Number, x.From, x.To, x.By, x.Taker, x.Next, x.Note, sum.Open, sum.Overdue, f.pos.Batch, f.pos.Index)
}

// Shifts returns the shifts of a department, the running one first, then the newest
// of those before it, at most limit.
func (s *Store) Shifts(ctx context.Context, dept city.DepartmentID, limit int) ([]Shift, error) {
	limit = max(limit, 1)
	var list []Shift
	err := follower.Each(ctx, s.file.read, func(scan func(...any) error) error {
		x, err := scanShift(scan)
		if len(list) == 0 {
			list = append(list, x.after(dept))
		}
		list = append(list, x.Shift)
		return err
	}, "SELECT "+shiftColumns+" FROM shift WHERE department = ? ORDER BY number DESC LIMIT ?", dept, max(limit-1, 1))
	if err != nil {
		return nil, fmt.Errorf("list shifts of %s: %w", dept, err)
	}
	if len(list) == 0 {
		list = []Shift{(&span{}).after(dept)}
	}
	return list[:min(len(list), limit)], nil
}

// shiftLines bounds the lines of one shift: the newest are kept.
const shiftLines = 2000

// Shift returns a shift of a department and what people did in it, refused acts
// too, oldest first: at most its newest 2,000 acts. A shift that has not begun gives
// an error wrapping city.ErrNotFound.
func (s *Store) Shift(ctx context.Context, dept city.DepartmentID, number int64) (x Shift, log []Line, err error) {
	err = follower.Reading(ctx, s.file.read, func(tx *sql.Tx) error {
		at := func(number int64) (span, error) {
			return scanShift(tx.QueryRowContext(ctx, "SELECT "+shiftColumns+" FROM shift WHERE department = ? AND number = ?", dept, number).Scan)
		}
		before, err := at(number - 1)
		if number < 1 || number > 1 && errors.Is(err, sql.ErrNoRows) {
			return city.ErrNotFound
		}
		if err != nil && number > 1 {
			return err
		}
		it, err := at(number)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			it = span{before.after(dept), entry.Position{Batch: 1<<63 - 1}}
		case err != nil:
			return err
		}
		x = it.Shift
		log, err = lines(ctx, tx, "department = ? AND do <> '' AND (batch, idx) > (?, ?) AND (batch, idx) <= (?, ?) ORDER BY batch DESC, idx DESC LIMIT ?",
			dept, before.end.Batch, before.end.Index, it.end.Batch, it.end.Index, shiftLines)
		slices.Reverse(log)
		return err
	})
	if err != nil {
		return Shift{}, nil, fmt.Errorf("read shift %d of %s: %w", number, dept, err)
	}
	return x, log, nil
}
