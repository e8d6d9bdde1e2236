package server

import (
	"context"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
	"rasad/register"
)

// A Named is somebody or something by its id, with the name that people know.
type Named struct {
	ID   string    `json:"id"`
	Name city.Text `json:"name"`
}

type districtName struct {
	Named
	Number int `json:"number" doc:"as the municipality counts them"`
}

// A CaseView is a case as lists show it.
type CaseView struct {
	Number       int64             `json:"number" doc:"as people say it on the telephone"`
	Kind         city.CaseKind     `json:"kind" enum:"report,work,service,inspection"`
	Category     Named             `json:"category"`
	Source       city.SourceID     `json:"source"`
	SourceName   city.Text         `json:"source_name"`
	SourceCase   string            `json:"source_case" doc:"its id at its source"`
	Department   Named             `json:"department"`
	District     *districtName     `json:"district"`
	Place        *Named            `json:"place"`
	Value        made[float64]     `json:"value"`
	Unit         city.Unit         `json:"unit"`
	State        measure.CaseState `json:"state" enum:"open,paused,closed"`
	Version      int64             `json:"version" doc:"what an act on it expects"`
	Opened       time.Time         `json:"opened_at"`
	Acknowledged *time.Time        `json:"acknowledged_at"`
	Closed       *time.Time        `json:"closed_at"`
	Due          *time.Time        `json:"due_at" doc:"null where it has no clock, or its clock stands"`
	Left         *int64            `json:"left_seconds" doc:"of running clock; negative once it is late; of a closed case, when it was closed"`
	Late         bool              `json:"late"`
	Owner        *Named            `json:"owner"`
	Notes        int               `json:"notes"`
	Evidence     int               `json:"evidence"`
	Reopened     int               `json:"reopened"`
}

// A caseWhole is a case with its clock and all that happened to it.
type caseWhole struct {
	CaseView
	Clock clockView  `json:"clock"`
	Log   []LineView `json:"log"`
	May   bool       `json:"may_act" doc:"whether the caller may act on it"`
}

type clockView struct {
	Seconds  int64          `json:"seconds" doc:"of running clock that the case has; 0: it has no clock"`
	FromHour int            `json:"from_hour" doc:"local hours in which the clock runs; both 0: day and night"`
	ToHour   int            `json:"to_hour"`
	Zone     city.Intensity `json:"zone"`
	Season   *Named         `json:"season" doc:"whose level it is"`
	Pauses   []pauseView    `json:"pauses"`
}

type pauseView struct {
	From time.Time  `json:"from"`
	To   *time.Time `json:"to"`
	By   *Named     `json:"by"`
	Why  string     `json:"why"`
}

// A LineView is one line of a log.
type LineView struct {
	Position string     `json:"position"`
	At       time.Time  `json:"at"`
	By       Named      `json:"by" doc:"a person; or, without an id, the source"`
	Do       entry.Verb `json:"do" doc:"empty for an event of the source"`
	State    string     `json:"state" doc:"of an event, in the source's words"`
	To       *Named     `json:"to"`
	Note     string     `json:"note"`
	File     *fileView  `json:"file"`
	Refused  string     `json:"refused" doc:"why the act did not hold; empty where it did"`
}

type fileView struct {
	SHA256 string `json:"sha256"`
	URL    string `json:"url" doc:"empty once the photo is deleted, 90 days after it was added; its hash stays"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type caseList struct {
	Cases []CaseView `json:"cases"`
	Total int        `json:"total"`
	Rev   uint64     `json:"rev"`
}

// optional returns m as a time, or nil for the zero moment.
func optional(m city.Moment) *time.Time {
	if m == 0 {
		return nil
	}
	t := m.Time()
	return &t
}

// person returns the name behind who acted: a person, a token, or whoever sat at the
// console.
func (s *Server) person(id string) Named {
	if p, ok := s.parts.Register.Person(id); ok {
		return Named{id, city.Text{FA: p.Name, EN: p.Name}}
	}
	if id == demoPerson().ID {
		return Named{id, city.Text{FA: "نمایش", EN: "Demo"}}
	}
	if t, ok := s.parts.Tokens.Opened(id, s.clock()); ok {
		return Named{id, city.Text{FA: t.Name, EN: t.Name}}
	}
	return Named{id, city.Text{FA: id, EN: id}}
}

func (s *Server) somebody(id string) *Named {
	if id == "" {
		return nil
	}
	n := s.person(id)
	return &n
}

// A teller puts what the register knows into the city's words.
type teller struct {
	s   *Server
	c   *city.City
	now city.Moment
}

func (s *Server) teller() (teller, error) {
	c, err := s.city()
	return teller{s, c, city.At(s.parts.Now())}, err
}

func (t teller) department(id city.DepartmentID) Named {
	for i := range t.c.Departments {
		if d := &t.c.Departments[i]; d.ID == id {
			return Named{string(id), d.Name}
		}
	}
	return Named{string(id), city.Text{FA: string(id), EN: string(id)}}
}

func (t teller) district(id city.DistrictID) *districtName {
	d := t.c.District(id)
	if d == nil {
		return nil
	}
	return &districtName{Named{string(id), d.Name}, d.Number}
}

func (t teller) place(id city.PlaceID) *Named {
	p := t.c.Place(id)
	if p == nil {
		return nil
	}
	return &Named{string(id), p.Name}
}

// view returns a case as lists show it.
func (t teller) view(x *register.Case) CaseView {
	v := CaseView{
		Number: x.Number, Kind: x.Kind, Category: Named{x.Category, t.c.CategoryName(x.Category)}, Source: x.Source, SourceCase: x.SourceCase,
		Department: t.department(x.Department), District: t.district(x.District), Place: t.place(x.Place), Value: made[float64]{[]byte("null")},
		State: x.State, Version: x.Version, Opened: x.Opened.Time(), Acknowledged: optional(x.Acknowledged), Closed: optional(x.Closed), Due: optional(x.Due),
		Late: x.Late(t.c.Clock(), t.now), Owner: t.s.somebody(x.Owner), Notes: x.Notes, Evidence: x.Evidence, Reopened: x.Reopened,
		SourceName: city.Text{FA: string(x.Source), EN: string(x.Source)},
	}
	if left, ok := x.Left(t.c.Clock(), t.now); ok {
		v.Left = &left
	}
	if src := t.c.Source(x.Source); src != nil {
		v.Unit, v.SourceName, v.Value = src.Unit, src.Name, made[float64]{src.Unit.AppendFormat(nil, x.V)}
	}
	return v
}

func (t teller) line(l *register.Line, source city.Text) LineView {
	v := LineView{
		Position: l.Pos.String(), At: l.At.Time(), By: Named{Name: source}, Do: l.Do, State: l.State, To: t.s.somebody(l.To), Note: l.Note, Refused: l.Refused,
	}
	if l.Do != "" {
		v.By = t.s.person(l.By)
	}
	if l.File != nil {
		v.File = &fileView{l.File.SHA256, "/evidence/" + l.File.SHA256, l.File.Width, l.File.Height}
		if t.s.forgotten(l.At) {
			v.File.URL = ""
		}
	}
	return v
}

func (t teller) lines(list []register.Line, source city.Text) []LineView {
	views := make([]LineView, len(list))
	for i := range list {
		views[i] = t.line(&list[i], source)
	}
	return views
}

// whole returns a case with its clock and its log.
func (t teller) whole(ctx context.Context, number int64) (caseWhole, error) {
	x, err := t.s.parts.Register.Case(ctx, number)
	if err != nil {
		return caseWhole{}, err
	}
	lines, err := t.s.parts.Register.Lines(ctx, number)
	if err != nil {
		return caseWhole{}, err
	}
	v := caseWhole{CaseView: t.view(&x), May: callerOf(ctx).actsOn(x.Department)}
	v.Log = t.lines(lines, v.SourceName)
	a := x.Allowed
	v.Clock = clockView{Seconds: a.Sec, FromHour: a.FromHour, ToHour: a.ToHour, Zone: a.Zone, Pauses: []pauseView{}}
	for i := range t.c.Seasons {
		if season := &t.c.Seasons[i]; season.ID == a.Season {
			v.Clock.Season = &Named{string(season.ID), season.Name}
		}
	}
	for _, p := range x.Pauses {
		v.Clock.Pauses = append(v.Clock.Pauses, pauseView{p.From.Time(), optional(p.To), t.s.somebody(p.By), p.Why})
	}
	return v, nil
}
