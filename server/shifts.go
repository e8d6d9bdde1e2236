package server

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/entry"
	"rasad/register"
)

// A ShiftView is a department's shift, from one handing over to the next.
type ShiftView struct {
	Department Named      `json:"department"`
	Number     int64      `json:"number"`
	From       *time.Time `json:"from" doc:"null of the first one"`
	To         *time.Time `json:"to" doc:"null while it runs"`
	Taker      *Named     `json:"taker" doc:"whose shift it is"`
	By         *Named     `json:"by" doc:"who handed it over at its end"`
	Next       *Named     `json:"next" doc:"who took over then"`
	Note       string     `json:"note" doc:"what was left to the next"`
	Open       int        `json:"open" doc:"cases open at its end, or now"`
	Overdue    int        `json:"overdue"`
}

// A shiftWhole is a shift with all that happened in it.
type shiftWhole struct {
	ShiftView
	Log  []shiftLine `json:"log"`
	Left []CaseView  `json:"open_cases" doc:"cases that are open now, the worst first"`
}

// A shiftLine is a line of a case's log as a shift's log shows it.
type shiftLine struct {
	LineView
	Case int64     `json:"case" doc:"0 in the line of a handing over"`
	What city.Text `json:"what" doc:"what the case is about"`
}

type shiftList struct {
	Shifts []ShiftView `json:"shifts"`
}

func (t teller) shift(x *register.Shift) ShiftView {
	return ShiftView{
		Department: t.department(x.Department), Number: x.Number, From: optional(x.From), To: optional(x.To),
		Taker: t.s.somebody(x.Taker), By: t.s.somebody(x.By), Next: t.s.somebody(x.Next), Note: x.Note, Open: x.Open, Overdue: x.Overdue,
	}
}

type shiftsQuery struct {
	Department string `path:"department"`
	Limit      int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// listShifts answers with a department's shifts, the running one first.
func (s *Server) listShifts(ctx context.Context, q *shiftsQuery) (*output[shiftList], error) {
	t, err := s.teller()
	if err != nil {
		return nil, err
	}
	shifts, err := s.parts.Register.Shifts(ctx, city.DepartmentID(q.Department), q.Limit)
	if err != nil {
		return nil, err
	}
	list := shiftList{make([]ShiftView, len(shifts))}
	for i := range shifts {
		list.Shifts[i] = t.shift(&shifts[i])
	}
	return give(list), nil
}

type shiftQuery struct {
	Department string `path:"department"`
	Number     string `path:"number" doc:"a shift's number, or current"`
}

// getShift answers with one shift and its log.
func (s *Server) getShift(ctx context.Context, q *shiftQuery) (*output[shiftWhole], error) {
	t, err := s.teller()
	if err != nil {
		return nil, err
	}
	id := city.DepartmentID(q.Department)
	number, err := s.shiftNumber(ctx, id, q.Number)
	if err != nil {
		return nil, err
	}
	x, log, err := s.parts.Register.Shift(ctx, id, number)
	if errors.Is(err, city.ErrNotFound) {
		return nil, noShift(q.Number)
	}
	if err != nil {
		return nil, err
	}
	v := shiftWhole{ShiftView: t.shift(&x), Log: make([]shiftLine, len(log)), Left: []CaseView{}}
	about := map[int64]CaseView{}
	for i := range log {
		if v.Log[i], err = t.shiftLine(ctx, &log[i], about); err != nil {
			return nil, err
		}
	}
	if x.To != 0 {
		return give(v), nil
	}
	sum, err := s.summary(ctx, t, id)
	if err != nil {
		return nil, err
	}
	v.Open, v.Overdue = sum.Open, sum.Overdue
	left, _, err := s.parts.Register.Cases(ctx, register.Query{Departments: []city.DepartmentID{id}, State: "open", At: t.now, Limit: 200})
	if err != nil {
		return nil, err
	}
	for i := range left {
		v.Left = append(v.Left, t.view(&left[i]))
	}
	return give(v), nil
}

func noShift(number string) error {
	return city.Refuse(city.ErrNotFound, city.Text{FA: "این واحد شیفتی به شمارهٔ %v ندارد", EN: "no shift %q"}, clipped(number))
}

// shiftNumber reads a number, or "current" for that of the running shift.
func (s *Server) shiftNumber(ctx context.Context, d city.DepartmentID, text string) (int64, error) {
	if text != "current" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return 0, noShift(text)
		}
		return n, nil
	}
	shifts, err := s.parts.Register.Shifts(ctx, d, 1)
	if err != nil || len(shifts) == 0 {
		return 1, err
	}
	return shifts[0].Number, nil
}

// shiftLine returns a line of a shift's log; about remembers the cases it names.
func (t teller) shiftLine(ctx context.Context, l *register.Line, about map[int64]CaseView) (shiftLine, error) {
	if l.Case == 0 {
		return shiftLine{LineView: t.line(l, city.Text{})}, nil
	}
	v, known := about[l.Case]
	if !known {
		x, err := t.s.parts.Register.Case(ctx, l.Case)
		if err != nil {
			return shiftLine{}, err
		}
		v = t.view(&x)
		about[l.Case] = v
	}
	what := v.Category.Name
	where := city.Text{}
	switch {
	case v.Place != nil:
		where = v.Place.Name
	case v.District != nil:
		where = v.District.Name
	}
	if where.FA != "" {
		what = city.Text{FA: what.FA + "، " + where.FA, EN: what.EN + ", " + where.EN}
	}
	return shiftLine{t.line(l, v.SourceName), l.Case, what}, nil
}

type handOverQuery struct {
	Department string `path:"department"`
	Body       struct {
		ID      string `json:"id" minLength:"8" maxLength:"64"`
		Expects int64  `json:"expects" minimum:"1" doc:"the number of the running shift that the person saw"`
		To      string `json:"to,omitempty" doc:"who takes over"`
		Note    string `json:"note,omitempty" maxLength:"4000"`
	}
}

// A shiftConflict tells who came second who handed the shift over.
type shiftConflict struct {
	Shift   ShiftView `json:"shift" doc:"the newest that was handed over, or the running one"`
	Refused string    `json:"refused"`
}

// postShift hands a department's shift over.
func (s *Server) postShift(ctx context.Context, q *handOverQuery) (*huma.StreamResponse, error) {
	id := city.DepartmentID(q.Department)
	if !callerOf(ctx).actsOn(id) {
		return nil, city.Refuse(city.ErrDenied, city.Text{FA: "شیفت‌های واحد %v را تنها می‌توانید ببینید", EN: "the shifts of %s are to be looked at only"}, id)
	}
	a := &entry.Act{
		ID: q.Body.ID, Do: entry.DoHandOver, On: q.Department, Expects: q.Body.Expects, To: q.Body.To, Note: q.Body.Note,
		At: city.At(s.parts.Now()), By: callerOf(ctx).by(),
	}
	got, err := s.act(ctx, a)
	if errors.Is(err, errLater) {
		return later(got.Pos), nil
	}
	if err != nil {
		return nil, err
	}
	t, err := s.teller()
	if err != nil {
		return nil, err
	}
	shifts, err := s.parts.Register.Shifts(ctx, id, 2)
	if err != nil {
		return nil, err
	}
	var ended ShiftView
	if len(shifts) > 0 {
		ended = t.shift(&shifts[len(shifts)-1])
	}
	if got.Refused != "" {
		return nil, answerError{fault{code: "changed"}, shiftConflict{ended, got.Refused}}
	}
	return done(got.Pos, ended), nil
}
