package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"rasad/city"
	"rasad/entry"
	"rasad/follower"
	"rasad/measure"
)

// Bounds of a list of cases.
const (
	usualCases = 100
	mostCases  = 500
)

// Case returns the case of a number, or an error wrapping city.ErrNotFound.
func (s *Store) Case(ctx context.Context, number int64) (Case, error) {
	c, err := scanCase(s.file.read.QueryRowContext(ctx, "SELECT "+caseColumns+" FROM cases WHERE number = ?", number).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = city.ErrNotFound
	}
	if err != nil {
		return Case{}, fmt.Errorf("read case %d: %w", number, err)
	}
	return c, nil
}

// Lines returns the log of a case, oldest first: what its source said and what
// people did, refused acts too.
func (s *Store) Lines(ctx context.Context, number int64) ([]Line, error) {
	list, err := lines(ctx, s.file.read, "number = ? ORDER BY batch, idx", number)
	if err != nil {
		return nil, fmt.Errorf("read the log of case %d: %w", number, err)
	}
	return list, nil
}

// lines reads the lines for which where holds.
func lines(ctx context.Context, db follower.Querier, where string, args ...any) ([]Line, error) {
	var list []Line
	err := follower.Each(ctx, db, func(scan func(...any) error) error {
		var l Line
		var file string
		err := scan(&l.Pos.Batch, &l.Pos.Index, &l.At, &l.Case, &l.By, &l.Do, &l.State, &l.To, &l.Note, &file, &l.Refused)
		if err == nil && file != "" {
			err = json.Unmarshal([]byte(file), &l.File)
		}
		list = append(list, l)
		return err
	}, "SELECT batch, idx, at, number, sender, do, state, receiver, note, file, refused FROM line WHERE "+where, args...)
	return list, err
}

// filter returns the condition of q in SQL.
func (q *Query) filter() (where string, args []any) {
	var parts []string
	add := func(part string, with ...any) {
		parts = append(parts, part)
		args = append(args, with...)
	}
	oneOf(add, "department", q.Departments)
	oneOf(add, "kind", q.Kinds)
	oneOf(add, "source", q.Sources)
	if q.District != "" {
		add("district = ?", q.District)
	}
	if q.Place != "" {
		add("place = ?", q.Place)
	}
	if q.Owner != "" {
		add("owner = ?", q.Owner)
	}
	if q.Unowned {
		add("owner = ''")
	}
	if q.Unseen {
		add("acknowledged = 0")
	}
	switch {
	case q.State == "closed":
		add("rank > ?", rankNoDue)
	case q.State == "open" || q.Overdue || q.Unseen:
		add("rank <= ?", rankNoDue)
	}
	if q.Overdue {
		add("(rank < ? OR late = 1 AND rank <= ?)", q.At, rankNoDue)
	}
	if q.From != 0 {
		add("opened >= ?", q.From)
	}
	if q.To != 0 {
		add("opened < ?", q.To)
	}
	if len(parts) == 0 {
		return "TRUE", nil
	}
	return strings.Join(parts, " AND "), args
}

func oneOf[T ~string](add func(string, ...any), column string, list []T) {
	if len(list) == 0 {
		return
	}
	with := make([]any, len(list))
	for i, x := range list {
		with[i] = x
	}
	add(column+" IN (?"+strings.Repeat(", ?", len(list)-1)+")", with...)
}

// Cases returns a list of cases, and how many there are beyond its limit and
// offset. A state or sort that is none gives an error wrapping city.ErrInvalid.
func (s *Store) Cases(ctx context.Context, q Query) (list []Case, total int, err error) {
	order := "rank, opened, number"
	switch q.Sort {
	case "", "worst":
	case "newest":
		order = "opened DESC, number DESC"
	default:
		return nil, 0, fmt.Errorf("%w sort: want worst or newest", city.ErrInvalid)
	}
	if q.State != "" && q.State != "open" && q.State != "closed" {
		return nil, 0, fmt.Errorf("%w state: want open or closed", city.ErrInvalid)
	}
	limit := mostCases
	if q.Limit == 0 {
		limit = usualCases
	} else if q.Limit > 0 {
		limit = min(q.Limit, mostCases)
	}
	where, args := q.filter()
	err = follower.Reading(ctx, s.file.read, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM cases WHERE "+where, args...).Scan(&total); err != nil {
			return err
		}
		return follower.Each(ctx, tx, func(scan func(...any) error) error {
			c, err := scanCase(scan)
			list = append(list, c)
			return err
		}, "SELECT "+caseColumns+" FROM cases WHERE "+where+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, limit, max(q.Offset, 0))...)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("list cases: %w", err)
	}
	return list, total, nil
}

// Summary counts the cases of a department at the moment at; its day began at
// dayFrom.
func (s *Store) Summary(ctx context.Context, dept city.DepartmentID, dayFrom, at city.Moment) (sum Summary, err error) {
	err = follower.Reading(ctx, s.file.read, func(tx *sql.Tx) error {
		sum, err = summarize(ctx, tx, dept, dayFrom, at)
		return err
	})
	if err != nil {
		return Summary{}, fmt.Errorf("count the cases of %s: %w", dept, err)
	}
	return sum, nil
}

func summarize(ctx context.Context, db follower.Querier, dept city.DepartmentID, dayFrom, at city.Moment) (sum Summary, err error) {
	err = follower.Each(ctx, db, func(scan func(...any) error) error {
		return scan(&sum.Open, &sum.Overdue, &sum.Unacknowledged, &sum.Paused, &sum.Oldest)
	}, `SELECT count(*), coalesce(sum(rank < ? OR late = 1), 0), coalesce(sum(acknowledged = 0), 0), coalesce(sum(state = ?), 0), coalesce(min(opened), 0)
		FROM cases WHERE department = ? AND rank <= ?`, at, measure.CasePaused, dept, rankNoDue)
	if err != nil {
		return sum, err
	}
	return sum, follower.Each(ctx, db, func(scan func(...any) error) error {
		return scan(&sum.ClosedToday, &sum.LateToday)
	}, "SELECT count(*), coalesce(sum(late), 0) FROM cases WHERE department = ? AND rank BETWEEN ? AND ?", dept, rankClosed-int64(at), rankClosed-int64(dayFrom))
}

// Rev returns the newest batch that changed a case or the shift of a department. It
// costs no I/O.
func (s *Store) Rev(dept city.DepartmentID) uint64 {
	s.news.RLock()
	defer s.news.RUnlock()
	return s.news.revs[dept]
}

// PhotoOf returns a photo that was kept as evidence; an error wrapping
// city.ErrNotFound where no case has it.
func (s *Store) PhotoOf(ctx context.Context, sha string) (p Photo, err error) {
	err = follower.Each(ctx, s.file.read, func(scan func(...any) error) error {
		var number int64
		var text string
		var at city.Moment
		if err := scan(&number, &text, &at); err != nil {
			return err
		}
		p.Cases, p.At = append(p.Cases, number), max(p.At, at)
		return json.Unmarshal([]byte(text), &p.File)
	}, "SELECT number, file, at FROM evidence WHERE sha256 = ? ORDER BY number", sha)
	if err == nil && len(p.Cases) == 0 {
		err = city.ErrNotFound
	}
	if err != nil {
		return Photo{}, fmt.Errorf("find evidence: %w", err)
	}
	return p, nil
}

// Outcome returns what became of the act at pos; an error wrapping city.ErrNotFound
// where no act stands there, or none that was applied yet. An act whose id stood in
// the journal before has the outcome of the first.
func (s *Store) Outcome(ctx context.Context, pos entry.Position) (o Outcome, err error) {
	err = follower.Reading(ctx, s.file.read, func(tx *sql.Tx) error {
		o.Pos = pos
		err := tx.QueryRowContext(ctx, "SELECT first_batch, first_idx FROM again WHERE batch = ? AND idx = ?", pos.Batch, pos.Index).Scan(&o.Pos.Batch, &o.Pos.Index)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var number, expects int64
		err = tx.QueryRowContext(ctx, "SELECT number, expects, version, refused FROM act WHERE batch = ? AND idx = ?", o.Pos.Batch, o.Pos.Index).Scan(&number, &expects, &o.Version, &o.Refused)
		if errors.Is(err, sql.ErrNoRows) {
			return city.ErrNotFound
		}
		if err != nil || o.Refused != measure.RefusedChanged || number == 0 {
			return err
		}
		o.Since, err = lines(ctx, tx, "number = ? AND version > ? AND refused = '' AND (batch, idx) < (?, ?) ORDER BY batch, idx",
			number, expects, o.Pos.Batch, o.Pos.Index)
		return err
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("read the outcome of act %s: %w", pos, err)
	}
	return o, nil
}
