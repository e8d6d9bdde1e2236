package register

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"rasad/city/fa"
	"rasad/entry"
	"rasad/follower"
)

const recordColumns = "batch, idx, at, kind, do, target, sender, origin, receiver, note, refused"

func scanRecord(scan func(...any) error) (Record, error) {
	var r Record
	var at int64
	err := scan(&r.Pos.Batch, &r.Pos.Index, &at, &r.Kind, &r.Do, &r.On, &r.By, &r.From, &r.To, &r.Note, &r.Refused)
	r.At = time.UnixMilli(at).UTC()
	return r, err
}

// recordOf returns what the audit says of an act. It holds no secret, not even the
// hash of one.
func recordOf(a *entry.Act, refused string) *Record {
	r := &Record{Kind: a.Kind(), Do: a.Do, On: a.On, By: a.By, From: a.From, To: a.To, Note: a.Note, Refused: refused}
	switch {
	case a.Person != nil && r.Note == "":
		r.Note = strings.TrimSpace(fmt.Sprintf("%s, %s, %s %s", a.Person.Login, a.Person.Name, a.Person.Role, joined(a.Person.Departments)))
	case a.Token != nil && r.Note == "":
		r.Note = strings.TrimSpace(fmt.Sprintf("%s, %s %s", a.Token.Name, a.Token.Class, joined(a.Token.Opens)))
	case a.File != nil && r.Note == "":
		r.Note = a.File.SHA256
	}
	return r
}

func joined[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return strings.Join(words, " ")
}

// record completes r with where and when it is recorded.
func (f *fold) record(r *Record) Record {
	r.Pos, r.At = f.pos, f.batch.At.UTC().Truncate(time.Millisecond)
	return *r
}

// audit keeps r, and what it can be found by.
func (f *fold) audit(r *Record) error {
	f.record(r)
	err := f.Exec(f.ctx, "INSERT INTO audit ("+recordColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.Pos.Batch, r.Pos.Index, r.At.UnixMilli(), r.Kind, r.Do, r.On, r.By, r.From, r.To, r.Note, r.Refused)
	if err != nil {
		return err
	}
	keys := r.keys()
	if err := f.Exec(f.ctx, "INSERT INTO audit_key (number, text) VALUES (last_insert_rowid(), ?)", keys); err != nil {
		return err
	}
	return f.Exec(f.ctx, "INSERT INTO audit_text (rowid, text) VALUES (last_insert_rowid(), ?)", keys)
}

// keys returns what a text is compared with: whichever keyboard wrote it, and
// whichever asks.
func (r *Record) keys() string { return fa.Key(r.Note) + "\n" + fa.Key(r.On) + "\n" + fa.Key(r.By) }

// Bounds of an answer of the audit, and of how far back it looks for a text that is
// too short for the index.
const (
	usualRecords = 100
	mostRecords  = 1000
	shortText    = 3 // letters
	shortReach   = 100_000
)

// Audit returns what was done, the newest first: every act, every token that was
// made or revoked, and every city that came into force. An act that stood in the
// journal twice is one record. A text is found anywhere in note, on and by as names
// are, by fa.Key: the letters and digits of any keyboard, capital or small, and with
// whatever spaces. One of fewer than three letters is found only in the newest 100,000
// records, and one of none finds all.
func (s *Store) Audit(ctx context.Context, q AuditQuery) ([]Record, error) {
	from, where, args := q.filter()
	limit := usualRecords
	if q.Limit > 0 {
		limit = min(q.Limit, mostRecords)
	}
	var list []Record
	err := follower.Each(ctx, s.file.read, func(scan func(...any) error) error {
		r, err := scanRecord(scan)
		list = append(list, r)
		return err
	}, "SELECT "+recordColumns+" FROM "+from+" WHERE "+where+" ORDER BY number DESC LIMIT ?", append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("search the audit: %w", err)
	}
	return list, nil
}

// filter returns the tables and the condition of q in SQL.
func (q *AuditQuery) filter() (from, where string, args []any) {
	from = "audit"
	parts := []string{"TRUE"}
	add := func(part string, with ...any) {
		parts = append(parts, part)
		args = append(args, with...)
	}
	if !q.Before.IsZero() {
		add("number < coalesce((SELECT min(number) FROM audit WHERE (batch, idx) >= (?, ?)), 1 << 62)", q.Before.Batch, q.Before.Index)
	}
	if q.By != "" {
		add("sender = ?", q.By)
	}
	switch room, ok := strings.CutSuffix(q.Do, "."); {
	case ok && room == "token": // of these some are no acts
		add("(do > ? AND do < ? OR do = '' AND kind IN (?, ?))", q.Do, room+"/", entry.KindToken, entry.KindTokenRevoked)
	case ok:
		add("do > ? AND do < ?", q.Do, room+"/") // "/" follows "." in ASCII
	case q.Do != "":
		add("do = ?", q.Do)
	}
	if q.On != "" {
		add("target = ?", q.On)
	}
	text := fa.Key(q.Text)
	switch n := utf8.RuneCountInString(text); {
	case n >= shortText:
		from = "audit_text JOIN audit ON number = audit_text.rowid"
		add("audit_text MATCH ?", `"`+strings.ReplaceAll(text, `"`, `""`)+`"`)
	case n > 0:
		from = "audit_key CROSS JOIN audit USING (number)" // the keys first: few of them match
		add("number > (SELECT max(number) FROM audit) - ?", shortReach)
		add(`text LIKE ? ESCAPE '\'`, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)+"%")
	}
	return from, strings.Join(parts, " AND "), args
}
