package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/history"
	"rasad/measure"
)

// A departmentRow is a department in the list of those that the caller sees.
type departmentRow struct {
	Named
	Open    int `json:"open"`
	Overdue int `json:"overdue"`
}

type departmentList struct {
	Departments []departmentRow `json:"departments"`
}

// A departmentView is all that a department's page needs beside its tiles and cases.
type departmentView struct {
	Department Named            `json:"department"`
	City       cityView         `json:"city"`
	Season     *seasonView      `json:"season"`
	Now        time.Time        `json:"now" doc:"the data's clock"`
	Summary    summaryView      `json:"summary"`
	Indicators []comparedView   `json:"indicators" doc:"those that the department owns"`
	Places     []placeView      `json:"places"`
	Districts  []city.District  `json:"districts"`
	People     []Named          `json:"people" doc:"whom a case may be given to"`
	Plans      []planView       `json:"plans"`
	Shift      runningShiftView `json:"shift"`
	May        bool             `json:"may_act"`
}

type summaryView struct {
	Open           int        `json:"open"`
	Overdue        int        `json:"overdue"`
	Unacknowledged int        `json:"unacknowledged"`
	Paused         int        `json:"paused"`
	ClosedToday    int        `json:"closed_today"`
	LateToday      int        `json:"late_today" doc:"of those closed today, beyond their time"`
	Oldest         *time.Time `json:"oldest_at"`
}

type runningShiftView struct {
	Number int64      `json:"number"`
	From   *time.Time `json:"from"`
	Taker  *Named     `json:"taker"`
}

// A comparedView is an indicator with what it showed the day before.
type comparedView struct {
	IndicatorView
	Yesterday []yesterdayView `json:"yesterday"`
}

type yesterdayView struct {
	Group map[string]string `json:"group"`
	Value made[*float64]    `json:"value"`
	Until time.Time         `json:"until" doc:"up to when yesterday's figure is taken"`
}

// A planView is a plan with what has become of it.
type planView struct {
	ID       city.PlanID    `json:"id"`
	Name     city.Text      `json:"name"`
	Unit     city.Unit      `json:"unit"`
	UnitName city.Text      `json:"unit_name"`
	Kind     string         `json:"kind" enum:"amount,repetition"`
	From     *city.Date     `json:"from"`
	To       *city.Date     `json:"to"`
	Every    int64          `json:"every_seconds"`
	Amount   made[*float64] `json:"amount" doc:"of all parts together"`
	Done     made[*float64] `json:"done"`
	Parts    []planPartView `json:"parts" doc:"of a repetition the most overdue first"`
}

type planPartView struct {
	Source   city.SourceID  `json:"source"`
	District *districtName  `json:"district"`
	Place    *Named         `json:"place"`
	Amount   made[*float64] `json:"amount"`
	Done     made[*float64] `json:"done"`
	Last     *time.Time     `json:"last_at"`
	Due      *time.Time     `json:"due_at"`
	Overdue  int64          `json:"overdue_seconds"`
}

// listDepartments answers with the departments that the caller sees.
func (s *Server) listDepartments(ctx context.Context, _ *struct{}) (*output[departmentList], error) {
	t, err := s.teller()
	if err != nil {
		return nil, err
	}
	list := departmentList{[]departmentRow{}}
	for i := range t.c.Departments {
		d := &t.c.Departments[i]
		if !callerOf(ctx).sees(d.ID) {
			continue
		}
		sum, err := s.summary(ctx, t, d.ID)
		if err != nil {
			return nil, err
		}
		list.Departments = append(list.Departments, departmentRow{Named{string(d.ID), d.Name}, sum.Open, sum.Overdue})
	}
	return give(list), nil
}

func (s *Server) summary(ctx context.Context, t teller, d city.DepartmentID) (summaryView, error) {
	zone := t.c.Clock()
	midnight, _ := zone.Day(zone.Date(t.now))
	sum, err := s.parts.Register.Summary(ctx, d, midnight, t.now)
	if err != nil {
		return summaryView{}, fmt.Errorf("count cases of %s: %w", d, err)
	}
	return summaryView{sum.Open, sum.Overdue, sum.Unacknowledged, sum.Paused, sum.ClosedToday, sum.LateToday, optional(sum.Oldest)}, nil
}

type departmentQuery struct {
	Department string `path:"department"`
	Match      string `header:"If-None-Match"`
}

// getDepartment answers with all that a department's page needs beside its tiles and
// cases.
func (s *Server) getDepartment(ctx context.Context, q *departmentQuery) (*huma.StreamResponse, error) {
	t, err := s.teller()
	if err != nil {
		return nil, err
	}
	id := city.DepartmentID(q.Department)
	if !t.declared(id) {
		return nil, city.Refuse(city.ErrNotFound, city.Text{FA: "واحدی به نام %v نیست", EN: "no department %q"}, clipped(q.Department))
	}
	rev := s.parts.Register.Rev(id)
	v := departmentView{
		Department: t.department(id), City: cityView{t.c.ID, t.c.Name, t.c.Zone}, Season: s.season(t.c), Now: t.now.Time(),
		Places: placesOf(t.c), Districts: t.c.Districts, People: s.workersOf(id), May: callerOf(ctx).actsOn(id),
	}
	if v.Summary, err = s.summary(ctx, t, id); err != nil {
		return nil, err
	}
	if v.Indicators, err = s.compared(ctx, t, id); err != nil {
		return nil, err
	}
	if v.Plans, err = s.plans(ctx, t, id); err != nil {
		return nil, err
	}
	shifts, err := s.parts.Register.Shifts(ctx, id, 1)
	if err != nil {
		return nil, err
	}
	v.Shift = runningShiftView{Number: 1}
	if len(shifts) > 0 {
		v.Shift = runningShiftView{shifts[0].Number, optional(shifts[0].From), s.somebody(shifts[0].Taker)}
	}
	return unless(q.Match, s.etag(rev, uint64(t.now/60), q.Department+callerOf(ctx).by()), v), nil
}

func (t teller) declared(id city.DepartmentID) bool {
	for i := range t.c.Departments {
		if t.c.Departments[i].ID == id {
			return true
		}
	}
	return false
}

// casesOf names the newest change of a view's cases; 0 for a view without any.
func (s *Server) casesOf(view string) uint64 {
	c := s.parts.City()
	if c == nil || s.parts.Register == nil || !(teller{c: c}).declared(city.DepartmentID(view)) {
		return 0
	}
	return s.parts.Register.Rev(city.DepartmentID(view))
}

// workersOf returns who may be given a case of a department.
func (s *Server) workersOf(d city.DepartmentID) []Named {
	list := []Named{}
	for _, p := range s.parts.Register.People() {
		if who := (caller{person: &p}); p.Ended == 0 && who.actsOn(d) {
			list = append(list, Named{p.ID, city.Text{FA: p.Name, EN: p.Name}})
		}
	}
	return list
}

// compared returns the indicators that a department owns, with yesterday's figures.
func (s *Server) compared(ctx context.Context, t teller, d city.DepartmentID) ([]comparedView, error) {
	list := []comparedView{}
	for i := range t.c.Indicators {
		ind := &t.c.Indicators[i]
		if ind.Owner != d {
			continue
		}
		before, err := history.Yesterday(ctx, s.parts.History, t.c, ind, t.now)
		if err != nil {
			return nil, err
		}
		v := comparedView{viewOf(t.c, ind), make([]yesterdayView, len(before))}
		for k, b := range before {
			group := map[string]string{}
			if b.Group.ID != "" {
				group[string(b.Group.By)] = b.Group.ID
			}
			v.Yesterday[k] = yesterdayView{group, number(ind.Unit, b.Figure.Value, b.Figure.Has), b.Until.Time()}
		}
		list = append(list, v)
	}
	return list, nil
}

// number returns a value in its unit, or null.
func number(u city.Unit, v city.Steps, has bool) made[*float64] {
	if !has {
		return made[*float64]{json.RawMessage("null")}
	}
	return made[*float64]{u.AppendFormat(nil, v)}
}

// plans returns the plans whose work a department does.
func (s *Server) plans(ctx context.Context, t teller, d city.DepartmentID) ([]planView, error) {
	list := []planView{}
	cells := func(src *city.Source, from, to city.Moment) ([]measure.Cell, error) {
		return s.parts.History.Cells(ctx, src, from, to, 0)
	}
	for i := range t.c.Plans {
		p := &t.c.Plans[i]
		parts, err := measure.Progress(t.c, p, t.now, cells)
		if err != nil {
			return nil, err
		}
		if len(parts) == 0 || parts[0].Source.Department != d {
			continue
		}
		list = append(list, t.plan(p, parts))
	}
	return list, nil
}

func (t teller) plan(p *city.Plan, parts []measure.PartDone) planView {
	unit := parts[0].Source.Unit
	info, _ := unit.Info()
	v := planView{ID: p.ID, Name: p.Name, Unit: unit, UnitName: info.Name, Kind: "amount", Every: p.EverySec, Parts: make([]planPartView, len(parts))}
	if p.EverySec > 0 {
		v.Kind = "repetition"
		measure.MostOverdue(parts)
	} else {
		v.From, v.To = &p.From, &p.To
	}
	var amount, done city.Steps
	for i, d := range parts {
		amount, done = amount+d.Planned, done+d.Done
		v.Parts[i] = planPartView{
			Source: d.Source.ID, District: t.district(d.Source.District), Place: t.place(d.Source.Place),
			Amount: number(unit, d.Planned, d.Planned > 0), Done: number(unit, d.Done, true), Last: optional(d.Last), Due: optional(d.Due), Overdue: d.Overdue,
		}
	}
	v.Amount, v.Done = number(unit, amount, amount > 0), number(unit, done, true)
	return v
}
