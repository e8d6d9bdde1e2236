package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
)

// The doors of sources: for readings, and for the events of cases.
const (
	readingsPath = apiPath + "/readings"
	casesPath    = apiPath + "/cases"
)

// An answered request says what became of its readings.
type answered struct {
	collectors.Answer
	Position string `json:"position"`
}

// postReadings takes readings in and answers once they are durable.
func (s *Server) postReadings(c *fiber.Ctx) error { return s.take(c, s.parts.Decode) }

// postCases takes events of cases in, as postReadings takes readings.
func (s *Server) postCases(c *fiber.Ctx) error { return s.take(c, s.parts.DecodeCases) }

func (s *Server) take(c *fiber.Ctx, decode func(body []byte) ([]entry.Item, error)) error {
	token := callerOf(c.UserContext()).token
	ctx, cancel := context.WithTimeout(c.UserContext(), acceptFor)
	defer cancel()
	body, err := s.plain(ctx, c)
	if err != nil {
		return err
	}
	items, err := decode(body)
	if err != nil {
		return err
	}
	who := collectors.Who{ID: token.ID, Sources: token.Opens, Strict: token.Strict, Backfill: token.Backfill}
	got, err := s.parts.Accept(ctx, who, items)
	if err != nil {
		return err
	}
	s.stats.count(got)
	a := answered{got, s.position(got.Position)}
	if a.Quarantined == nil {
		a.Quarantined = []collectors.Refusal{}
	}
	c.Set("Rasad-Position", a.Position)
	if got.Refused > 0 {
		s.failWith(c.Context(), fault{code: "quarantine"}, a)
		return nil
	}
	return send(c, a)
}

// position returns where the newest entry of a request stands. A request that made
// none gets the newest of all: everything it names is at or before it.
func (s *Server) position(p entry.Position) string {
	if p.IsZero() && s.parts.Position != nil {
		p = s.parts.Position()
	}
	return p.String()
}

// plain returns the body as it was before it was compressed. Its type must be
// JSON's where one is given, and it is bounded before and after.
func (s *Server) plain(ctx context.Context, c *fiber.Ctx) ([]byte, error) {
	kind, _, _ := strings.Cut(c.Get("Content-Type"), ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind != "" && kind != "application/json" {
		return nil, fault{code: "encoding"}
	}
	switch coding := strings.ToLower(strings.TrimSpace(c.Get("Content-Encoding"))); coding {
	case "", "identity":
		return c.BodyRaw(), nil
	case "gzip":
		return s.inflate(ctx, c.BodyRaw())
	default:
		return nil, fault{code: "encoding"}
	}
}

// inflate reads a gzip body; a few at a time, because each may grow.
func (s *Server) inflate(ctx context.Context, body []byte) ([]byte, error) {
	select {
	case s.unzip <- struct{}{}:
		defer func() { <-s.unzip }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, city.Refuse(city.ErrInvalid, city.Text{FA: "بدنهٔ درخواست به شکل gzip نیست؛ آن را درست فشرده کنید یا ساده بفرستید", EN: "body: not in gzip form"})
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxInflated+1))
	switch {
	case len(plain) > maxInflated:
		return nil, fault{code: "too_large"}
	case err != nil:
		return nil, city.Refuse(city.ErrInvalid, city.Text{FA: "بدنهٔ gzip خراب است؛ دوباره بفرستید", EN: "body: its gzip form is damaged"})
	}
	return plain, nil
}
