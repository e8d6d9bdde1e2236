package server

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/entry"
	"rasad/figures"
)

// A TableQuery says in which form an answer is wanted that can be a table.
type TableQuery struct {
	Format string `query:"format" default:"json" enum:"json,csv,xlsx"`
	Lang   string `query:"lang" enum:"fa,en" doc:"of a table's headings and words; the caller's own where it is missing"`
	Digits string `query:"digits" enum:"fa,latin" doc:"of a workbook's numbers; the language's own where it is missing"`
	BOM    string `query:"bom" enum:"0,1" doc:"whether CSV begins with a byte order mark; 1 where it is missing"`

	accept string
}

// Resolve takes over which language the caller's browser prefers.
func (q *TableQuery) Resolve(ctx huma.Context) []error {
	q.accept = ctx.Header("Accept-Language")
	return nil
}

// form returns how the table is to be written.
func (q *TableQuery) form(ctx context.Context) (figures.Form, error) {
	lang := q.Lang
	if lang == "" {
		lang = preferred(q.accept, "fa")
		if p := callerOf(ctx).person; p != nil && p.Lang != "" {
			lang = p.Lang
		}
	}
	return figures.ParseForm(q.Format, lang, q.Digits, q.BOM)
}

// written answers with a body that is there already.
func written(kind string, body []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", kind)
		_, _ = ctx.BodyWriter().Write(body) // a writer in memory takes all
	}}
}

// export answers with a table as a file called name and the day, and notes that it
// has left the building.
func (s *Server) export(ctx context.Context, t *figures.Table, form figures.Form, name string) (*huma.StreamResponse, error) {
	var b bytes.Buffer
	if err := t.Write(&b, form); err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	if err := s.noteExport(ctx, name+"."+form.Format); err != nil {
		return nil, err
	}
	file := name + "-" + s.today() + "." + form.Format
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", form.ContentType())
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+file+`"; filename*=UTF-8''`+url.PathEscape(file))
		_, _ = ctx.BodyWriter().Write(b.Bytes()) // a writer in memory takes all
	}}, nil
}

// today returns the local date of the data's clock.
func (s *Server) today() string {
	now := s.parts.City()
	if now == nil {
		return s.parts.Now().UTC().Format(time.DateOnly)
	}
	return now.Clock().Date(city.At(s.parts.Now())).String()
}

// noteExport keeps for the audit who took what with them.
func (s *Server) noteExport(ctx context.Context, what string) error {
	id, err := actID()
	if err != nil {
		return err
	}
	a := &entry.Act{ID: id, Do: entry.DoExport, On: what, At: city.At(s.parts.Now()), By: callerOf(ctx).by()}
	if _, err := s.parts.Append(ctx, []entry.Entry{a}); err != nil {
		return fmt.Errorf("note export: %w", err)
	}
	return nil
}
