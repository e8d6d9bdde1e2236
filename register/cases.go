package register

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// event takes in an event of a source: the first one of a case makes it, whatever
// its state. Of one identity only the first counts.
func (f *fold) event(e *entry.Event) error {
	if e.Case == "" {
		return nil
	}
	var src *city.Source
	if f.city != nil {
		src = f.city.Source(e.Source)
	}
	kind := city.CaseKind(e.Case)
	if src == nil || src.Kind != city.Event || !slices.Contains(city.CaseKinds(), kind) {
		f.counts.Undeclared++
		return nil
	}
	c, known, err := f.loadCase("source = ? AND source_case = ?", e.Source, e.ID)
	if err != nil {
		return err
	}
	if !known {
		c = Case{
			Case: measure.OpenCase(e.At, city.Allowance{}), Number: f.counts.Cases + 1, Kind: kind,
			Source: e.Source, SourceCase: e.ID, Department: src.Department, V: e.V,
		}
	}
	fresh, err := f.line(&Line{At: e.At, Case: c.Number, By: e.By, State: e.State}, &c, c.Version+1)
	if err != nil {
		return err
	}
	if !fresh {
		f.counts.Duplicates++
		return nil
	}
	f.counts.Events++
	opened, closed := c.Opened, c.State == measure.CaseClosed
	c.Event(stateOf(e, c.Kind), e.At)
	if f.learn(&c, src, e) || !known || c.Opened != opened {
		c.Allowed = f.city.Allow(src, c.Kind, c.Category, c.Place, c.Opened)
	}
	if known {
		return f.saveCase(&c, closed)
	}
	return f.newCase(&c)
}

// stateOf returns what an event says of its case. The grade of an inspection is its
// category: A and B want no mending, so there is nothing left to do.
func stateOf(e *entry.Event, kind city.CaseKind) string {
	if kind == city.InspectionCase && (e.State == "" || e.State == "opened") && (strings.EqualFold(e.Category, "A") || strings.EqualFold(e.Category, "B")) {
		return "closed"
	}
	return e.State
}

// learn fills in what no event of the case has said so far, and reports whether
// there was something.
func (f *fold) learn(c *Case, src *city.Source, e *entry.Event) bool {
	learnt := false
	if c.Category == "" && e.Category != "" {
		c.Category, learnt = e.Category, true
	}
	if c.Place == "" && e.Place != "" {
		c.Place, learnt = e.Place, true
	}
	place := c.Place
	if place == "" {
		place = src.Place
	}
	if p := f.city.Place(place); p != nil && p.District != "" {
		c.District = p.District
	} else if c.District == "" {
		c.District = src.District
	}
	return learnt
}

// caseAct takes in an act on a case.
func (f *fold) caseAct(a *entry.Act) (verdict, error) {
	number, err := strconv.ParseInt(a.On, 10, 64)
	if err != nil {
		return verdict{refused: measure.RefusedNotFound}, nil //nolint:nilerr // there is no such case
	}
	c, known, err := f.loadCase("number = ?", number)
	if err != nil {
		return verdict{}, err
	}
	if !known {
		return verdict{refused: measure.RefusedNotFound}, nil
	}
	closed, refused := c.State == measure.CaseClosed, ""
	if a.Do == entry.DoAssign && a.To != "" && (a.Expects == 0 || a.Expects == c.Version) {
		refused = f.roll.works(a.To, c.Department)
	}
	if refused == "" {
		refused = c.Act(a)
	}
	l := Line{At: a.At, Case: number, By: a.By, Do: a.Do, To: a.To, Note: a.Note, File: a.File, Refused: refused}
	if _, err := f.line(&l, &c, c.Version); err != nil || refused != "" {
		return verdict{refused, c.Version, number}, err
	}
	switch a.Do {
	case entry.DoNote:
		c.Notes++
	case entry.DoEvidence:
		c.Evidence++
		if err := f.keepEvidence(a.File, number, a.At); err != nil {
			return verdict{}, err
		}
	default:
	}
	return verdict{"", c.Version, number}, f.saveCase(&c, closed)
}

func (f *fold) keepEvidence(file *entry.File, number int64, at city.Moment) error {
	text, err := json.Marshal(file)
	if err != nil {
		return err
	}
	return f.Exec(f.ctx, "INSERT INTO evidence (sha256, number, file, at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)", file.SHA256, number, string(text), at)
}

// line keeps a line of the log of c, or of its department's shift; version is that
// of the case after it. fresh is false where it is an event that the log has.
func (f *fold) line(l *Line, c *Case, version int64) (fresh bool, err error) {
	var day city.Date
	if l.Do == "" {
		day = f.city.Clock().Date(l.At)
	}
	file := ""
	if l.File != nil {
		text, err := json.Marshal(l.File)
		if err != nil {
			return false, err
		}
		file = string(text)
	}
	n, err := f.Change(f.ctx, `INSERT INTO line (batch, idx, number, department, at, sender, do, state, day, receiver, note, file, refused, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number, day, state) WHERE do = '' DO NOTHING`,
		f.pos.Batch, f.pos.Index, l.Case, c.Department, l.At, l.By, l.Do, l.State, day, l.To, l.Note, file, l.Refused, version)
	return n > 0, err
}

// What cases are sorted by when the worst come first: open ones by when they are
// due, then open ones without such a moment, then closed ones, the newest first.
const (
	rankNoDue  = 1 << 61
	rankClosed = 1 << 62
)

func rankOf(c *Case) int64 {
	switch {
	case c.State == measure.CaseClosed:
		return rankClosed - int64(c.Closed)
	case c.Due == 0:
		return rankNoDue
	default:
		return int64(c.Due)
	}
}

// settle works out when c is due, and returns the columns that are made of it.
// late says whether a case whose clock does not run is beyond its time; of one whose
// clock does, due tells.
func (f *fold) settle(c *Case) (args []any, err error) {
	zone := f.city.Clock()
	c.Due, _ = c.Case.Due(zone)
	late := c.State != measure.CaseOpen && c.Late(zone, math.MaxInt64)
	c.Changes = f.batch.Number
	f.moved[c.Department] = true
	life, err := json.Marshal(&c.Case)
	if err != nil {
		return nil, fmt.Errorf("keep case %d: %w", c.Number, err)
	}
	return []any{
		c.Category, c.District, c.Place, string(life), c.State, c.Opened, c.Acknowledged, c.Due, late,
		rankOf(c), c.Owner, c.Notes, c.Evidence, c.Changes, c.Number,
	}, nil
}

func (f *fold) newCase(c *Case) error {
	args, err := f.settle(c)
	if err != nil {
		return err
	}
	f.counts.Cases++
	if c.State != measure.CaseClosed {
		f.counts.Open++
	}
	return f.Exec(f.ctx, `INSERT INTO cases (category, district, place, life, state, opened, acknowledged, due, late,
		rank, owner, notes, evidence, changes, number, source, source_case, kind, department, v)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(args, c.Source, c.SourceCase, c.Kind, c.Department, c.V)...)
}

// saveCase keeps what became of c; closed says whether it was closed before.
func (f *fold) saveCase(c *Case, closed bool) error {
	args, err := f.settle(c)
	if err != nil {
		return err
	}
	switch now := c.State == measure.CaseClosed; {
	case now && !closed:
		f.counts.Open--
	case closed && !now:
		f.counts.Open++
	}
	return f.Exec(f.ctx, `UPDATE cases SET category = ?, district = ?, place = ?, life = ?, state = ?, opened = ?, acknowledged = ?, due = ?,
		late = ?, rank = ?, owner = ?, notes = ?, evidence = ?, changes = ? WHERE number = ?`, args...)
}

const caseColumns = "number, kind, category, source, source_case, department, district, place, v, due, notes, evidence, changes, life"

// scanCase reads a row of caseColumns.
func scanCase(scan func(...any) error) (Case, error) {
	var c Case
	var life string
	err := scan(&c.Number, &c.Kind, &c.Category, &c.Source, &c.SourceCase, &c.Department, &c.District, &c.Place, &c.V, &c.Due, &c.Notes, &c.Evidence, &c.Changes, &life)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(life), &c.Case); err != nil {
		return c, fmt.Errorf("case %d: %w", c.Number, err)
	}
	return c, nil
}

// loadCase reads the case for which where holds.
func (f *fold) loadCase(where string, args ...any) (c Case, known bool, err error) {
	c, err = scanCase(func(into ...any) error {
		known, err := f.One(f.ctx, "SELECT "+caseColumns+" FROM cases WHERE "+where, args, into)
		if err == nil && !known {
			err = sql.ErrNoRows
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	return c, err == nil, err
}
