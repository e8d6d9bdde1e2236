package server

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
	"rasad/register"
)

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
	return give(v), nil
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
		return nil, answerError{fault{code: "changed"}, conflict{&v, got.Refused, t.lines(got.Since, v.SourceName)}}
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
