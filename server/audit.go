package server

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/city/jalali"
	"rasad/entry"
	"rasad/figures"
	"rasad/register"
)

// Bounds of an answer of the audit, in records.
const (
	auditPage  = 1000    // that the register reads at once
	auditTable = 100_000 // of a table
)

// An actorView is somebody who did something: a person, a token, or the console.
type actorView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// actor returns the one behind an id; nil for nobody.
func (s *Server) actor(id string) *actorView {
	if id == "" {
		return nil
	}
	return &actorView{id, s.person(id).Name.EN} // a person's name is the same in each language
}

// A recordView is one line of the audit.
type recordView struct {
	Position string     `json:"position"`
	At       time.Time  `json:"at" doc:"by the server's clock"`
	Jalali   string     `json:"at_jalali" doc:"the same in the Solar Hijri calendar and the city's time"`
	Kind     entry.Kind `json:"kind"`
	Do       entry.Verb `json:"do" doc:"of acts; empty for what no person did"`
	On       string     `json:"on"`
	By       *actorView `json:"by"`
	From     string     `json:"from" doc:"the address that a sign-in came from"`
	To       string     `json:"to" doc:"a person's id"`
	Note     string     `json:"note"`
	Refused  string     `json:"refused" doc:"why the act did not hold; empty where it did"`
}

type auditList struct {
	Records []recordView `json:"records"`
}

type auditQuery struct {
	Before string `query:"before" doc:"a position: only what stands before it"`
	By     string `query:"by" doc:"a person's or token's id"`
	Do     string `query:"do" doc:"a verb, or the beginning of several, such as case."`
	On     string `query:"on" doc:"what was acted on: a case's number, an id"`
	Text   string `query:"text" maxLength:"200" doc:"somewhere in a note or an id"`
	Limit  int    `query:"limit" minimum:"0" maximum:"100000" doc:"at most 1,000, of a table 100,000; 100 where it is missing, of a table all"`
	TableQuery
}

// getAudit answers with what was done, the newest first.
func (s *Server) getAudit(ctx context.Context, q *auditQuery) (*huma.StreamResponse, error) {
	c, err := s.city()
	if err != nil {
		return nil, err
	}
	ask := register.AuditQuery{By: q.By, Do: q.Do, On: q.On, Text: q.Text, Limit: q.Limit}
	if q.Before != "" {
		if ask.Before, err = entry.ParsePosition(q.Before); err != nil {
			return nil, err
		}
	}
	if q.Format == "json" {
		list, err := s.parts.Register.Audit(ctx, ask)
		if err != nil {
			return nil, err
		}
		return plain(auditList{s.records(c, list)}), nil
	}
	form, err := q.form(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.wholeAudit(ctx, ask)
	if err != nil {
		return nil, err
	}
	table := s.auditTable(c, list)
	return s.export(ctx, &table, form, "audit")
}

// plain answers with v as JSON.
func plain(v any) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/json")
		_ = marshal(ctx.BodyWriter(), v) // a writer in memory takes all
	}}
}

// wholeAudit reads page after page until there is nothing more, or enough.
func (s *Server) wholeAudit(ctx context.Context, ask register.AuditQuery) ([]register.Record, error) {
	want := auditTable
	if ask.Limit > 0 {
		want = ask.Limit
	}
	var all []register.Record
	for len(all) < want {
		ask.Limit = min(auditPage, want-len(all))
		page, err := s.parts.Register.Audit(ctx, ask)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < ask.Limit {
			break
		}
		ask.Before = page[len(page)-1].Pos
	}
	return all, nil
}

func (s *Server) records(c *city.City, list []register.Record) []recordView {
	views := make([]recordView, len(list))
	for i := range list {
		r := &list[i]
		local := r.At.In(c.Clock().Location())
		views[i] = recordView{
			Position: r.Pos.String(), At: r.At, Jalali: jalali.Of(c.Clock().Date(city.At(r.At))).String() + " " + local.Format(time.TimeOnly),
			Kind: r.Kind, Do: r.Do, On: r.On, By: s.actor(r.By), From: r.From, To: r.To, Note: r.Note, Refused: r.Refused,
		}
	}
	return views
}

// auditTable returns the audit as a table.
func (s *Server) auditTable(c *city.City, list []register.Record) figures.Table {
	t := figures.Table{
		Title: city.Text{FA: "ثبت رویدادها", EN: "Audit"}, Zone: c.Clock(), Made: s.clock(),
		Columns: []figures.Column{
			{ID: "position", Name: city.Text{FA: "جایگاه", EN: "Position"}, Width: 12},
			{ID: "at", Name: city.Text{FA: "زمان", EN: "When"}, Width: 20},
			{ID: "date_jalali", Name: city.Text{FA: "تاریخ خورشیدی", EN: "Solar Hijri date"}, Width: 14},
			{ID: "kind", Name: city.Text{FA: "نوع", EN: "Kind"}, Width: 14},
			{ID: "do", Name: city.Text{FA: "کار", EN: "What"}, Width: 20},
			{ID: "on", Name: city.Text{FA: "دربارهٔ", EN: "On"}, Width: 20},
			{ID: "by", Name: city.Text{FA: "شناسهٔ انجام‌دهنده", EN: "Who (id)"}, Width: 18},
			{ID: "by_name", Name: city.Text{FA: "انجام‌دهنده", EN: "Who"}, Width: 24},
			{ID: "from", Name: city.Text{FA: "نشانی", EN: "From address"}, Width: 18},
			{ID: "to", Name: city.Text{FA: "به", EN: "To"}, Width: 18},
			{ID: "note", Name: city.Text{FA: "یادداشت", EN: "Note"}, Width: 40},
			{ID: "refused", Name: city.Text{FA: "علت رد", EN: "Refused because"}, Width: 16},
		},
	}
	for i := range list {
		r := &list[i]
		name := ""
		if by := s.actor(r.By); by != nil {
			name = by.Name
		}
		at := city.At(r.At)
		t.Rows = append(t.Rows, []figures.Cell{
			figures.Words(r.Pos.String()), figures.When(at), figures.Jalali(c.Clock().Date(at)), figures.Words(string(r.Kind)), figures.Words(string(r.Do)),
			figures.Words(r.On), figures.Words(r.By), figures.Words(name), figures.Words(r.From), figures.Words(r.To), figures.Words(r.Note), figures.Words(r.Refused),
		})
	}
	return t
}
