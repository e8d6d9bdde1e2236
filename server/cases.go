package server

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

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
	URL    string `json:"url"`
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

// seenCase returns a case of a department that the caller sees.
func (s *Server) seenCase(ctx context.Context, number int64) (register.Case, error) {
	x, err := s.parts.Register.Case(ctx, number)
	switch {
	case errors.Is(err, city.ErrNotFound):
		return x, city.Refuse(city.ErrNotFound, city.Text{FA: "پرونده‌ای به شمارهٔ %v نیست", EN: "no case %d"}, number)
	case err != nil:
		return x, err
	case !callerOf(ctx).sees(x.Department):
		return x, city.Refuse(city.ErrDenied, city.Text{FA: "پروندهٔ %v از آنِ واحد دیگری است", EN: "case %d is another department's"}, number)
	}
	return x, nil
}

// lookOnly refuses an act on a case that the caller may see alone.
func lookOnly(number int64) error {
	return city.Refuse(city.ErrDenied, city.Text{FA: "پروندهٔ %v را تنها می‌توانید ببینید؛ کار روی آن با واحد خودش است", EN: "case %d is to be looked at only"}, number)
}

type caseQuery struct {
	Number int64 `path:"number" minimum:"1"`
}

// getCase answers with one case whole.
func (s *Server) getCase(ctx context.Context, q *caseQuery) (*output[caseWhole], error) {
	if _, err := s.seenCase(ctx, q.Number); err != nil {
		return nil, err
	}
	t, err := s.teller()
	if err != nil {
		return nil, err
	}
	v, err := t.whole(ctx, q.Number)
	if err != nil {
		return nil, err
	}
	return give(v)
}

type casesQuery struct {
	Department string `path:"department"`
	State      string `query:"state" enum:"open,closed,all" default:"open"`
	Overdue    bool   `query:"overdue" doc:"only those beyond their time"`
	District   string `query:"district"`
	Place      string `query:"place"`
	Tile       string `query:"tile" doc:"the evidence behind a tile: cases of its sources, opened in its time"`
	Owner      string `query:"owner" doc:"a person's id; none: those that nobody answers for"`
	Unseen     bool   `query:"unacknowledged" doc:"only open ones that nobody has looked at yet"`
	Kind       string `query:"kind" enum:"report,work,service,inspection"`
	Sort       string `query:"sort" enum:"worst,newest" default:"worst"`
	Limit      int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	Offset     int    `query:"offset" minimum:"0" maximum:"100000"`
	Match      string `header:"If-None-Match"`
}

// listCases answers with a department's cases.
func (s *Server) listCases(ctx context.Context, q *casesQuery) (*huma.StreamResponse, error) {
	t, err := s.teller()
	if err != nil {
		return nil, err
	}
	query, err := q.read(t)
	if err != nil {
		return nil, err
	}
	rev := s.parts.Register.Rev(city.DepartmentID(q.Department)) // before it is read: newer data carry an older name, never the other way round
	list, total, err := s.parts.Register.Cases(ctx, query)
	if err != nil {
		return nil, err
	}
	v := caseList{Cases: make([]CaseView, len(list)), Total: total, Rev: rev}
	for i := range list {
		v.Cases[i] = t.view(&list[i])
	}
	asked := *q
	asked.Match = ""
	return unless(q.Match, s.etag(rev, uint64(t.now/60), asked), v), nil
}

// read makes the register's query of what the address says.
func (q *casesQuery) read(t teller) (register.Query, error) {
	query := register.Query{
		Departments: []city.DepartmentID{city.DepartmentID(q.Department)}, District: city.DistrictID(q.District), Place: city.PlaceID(q.Place),
		Overdue: q.Overdue, Owner: q.Owner, Unseen: q.Unseen, At: t.now, Sort: q.Sort, Limit: q.Limit, Offset: q.Offset,
	}
	if q.Owner == "none" {
		query.Owner, query.Unowned = "", true
	}
	if q.State != "all" {
		query.State = q.State
	}
	if q.Kind != "" {
		query.Kinds = []city.CaseKind{city.CaseKind(q.Kind)}
	}
	if q.Tile == "" {
		return query, nil
	}
	for i := range t.c.Indicators {
		ind := &t.c.Indicators[i]
		for _, g := range measure.Groups(t.c, ind) {
			if measure.TileID(ind.ID, g) != q.Tile {
				continue
			}
			if ind.Over != city.Now {
				query.From, query.To, _ = t.c.Window(ind.Over, t.now)
			}
			for _, src := range measure.Members(t.c, slices.Concat(ind.Of, ind.Among), g) {
				query.Sources = append(query.Sources, src.ID)
			}
			return query, nil
		}
	}
	return query, city.Refuse(city.ErrNotFound, city.Text{FA: "کاشی‌ای به نام %v نیست", EN: "no tile %q"}, clipped(q.Tile))
}

// etag names an answer by what it is made from: revisions, and how it was asked for.
func (s *Server) etag(rev, second uint64, question any) string {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%+v", question) // a hash takes all
	return fmt.Sprintf(`W/"%s-%d-%d-%x"`, s.assets.hash, rev, second, h.Sum64())
}

type actQuery struct {
	Number int64 `path:"number" minimum:"1"`
	Body   struct {
		ID      string `json:"id" minLength:"8" maxLength:"64" doc:"made by the sender, another one for each act: sent again, it counts once"`
		Do      string `json:"do" enum:"acknowledge,assign,note,pause,resume,close,reopen"`
		Expects int64  `json:"expects" minimum:"0" doc:"the version that the person saw; a note may leave it at 0"`
		To      string `json:"to,omitempty" doc:"assign: the person who answers for it from now on; empty for nobody"`
		Note    string `json:"note,omitempty" maxLength:"4000"`
	}
}

// A kept says that an act is durable, and not judged yet.
type kept struct {
	Position string `json:"position"`
}

// A conflict tells who came second what came first.
type conflict struct {
	Case    *caseWhole `json:"case,omitempty"`
	Refused string     `json:"refused" doc:"changed, closed, not_closed, paused, not_paused, already, no_person, out_of_scope"`
	Since   []LineView `json:"since" doc:"what came after the version that was expected, and by whom"`
}

// postAct lets a person act on a case.
func (s *Server) postAct(ctx context.Context, q *actQuery) (*huma.StreamResponse, error) {
	if q.Body.Expects == 0 && q.Body.Do != "note" {
		return nil, city.Refuse(city.ErrInvalid, city.Text{FA: "نسخه‌ای از پرونده را که دیده‌اید در expects بفرستید", EN: "expects: want the version of the case that you saw"})
	}
	return s.actOnCase(ctx, &entry.Act{
		ID: q.Body.ID, Do: entry.Verb("case." + q.Body.Do), On: strconv.FormatInt(q.Number, 10), Expects: q.Body.Expects,
		To: q.Body.To, Note: q.Body.Note,
	}, q.Number)
}

// actOnCase appends an act of the caller's on a case of its department, and answers
// with the case as it is then, with 202 where that is not known in time, or with
// what came first.
func (s *Server) actOnCase(ctx context.Context, a *entry.Act, number int64) (*huma.StreamResponse, error) {
	x, err := s.seenCase(ctx, number)
	if err != nil {
		return nil, err
	}
	if !callerOf(ctx).actsOn(x.Department) {
		return nil, lookOnly(number)
	}
	a.At, a.By = city.At(s.parts.Now()), callerOf(ctx).by()
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
	v, err := t.whole(ctx, number)
	if err != nil {
		return nil, err
	}
	if got.Refused != "" {
		return nil, withAnswer{fault{code: "changed"}, conflict{&v, got.Refused, t.lines(got.Since, v.SourceName)}}
	}
	return done(got.Pos, v), nil
}

// done answers with what an act has made.
func done[T any](pos entry.Position, v T) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Rasad-Position", pos.String())
		ctx.SetHeader("Content-Type", "application/json")
		_ = marshal(ctx.BodyWriter(), v) // a writer in memory takes all
	}}
}

// later answers for an act that is kept and not judged yet.
func later(pos entry.Position) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetStatus(http.StatusAccepted)
		ctx.SetHeader("Rasad-Position", pos.String())
		ctx.SetHeader("Content-Type", "application/json")
		_ = marshal(ctx.BodyWriter(), kept{pos.String()}) // a writer in memory takes all
	}}
}
