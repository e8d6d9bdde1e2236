package server

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/figures"
	"rasad/measure"
)

// A cardView is a figure as figures.Card writes it; docs/figures.md says what each
// field means.
type cardView struct {
	ID         string        `json:"id" doc:"the same for ever"`
	Indicator  string        `json:"indicator"`
	Name       city.Text     `json:"name"`
	Group      cardGroupView `json:"group"`
	Definition city.Text     `json:"definition"`
	Value      *float64      `json:"value"`
	Unit       string        `json:"unit"`
	UnitName   city.Text     `json:"unit_name"`
	Body       city.Text     `json:"body" doc:"who answers for the number"`
	Period     periodView    `json:"period"`
	AsOf       *time.Time    `json:"as_of" doc:"the source's time of the newest reading in it"`
	KnownAt    time.Time     `json:"known_at" doc:"what had been received by then is in it"`
	Coverage   *coverageView `json:"coverage"`
	Status     string        `json:"status" enum:"provisional,final,none"`
	Revised    bool          `json:"revised"`
	Version    uint64        `json:"version"`
	Sentence   city.Text     `json:"sentence"`
}

type cardGroupView struct {
	By   string    `json:"by" enum:"city,district,place,department"`
	ID   string    `json:"id"`
	Name city.Text `json:"name"`
}

type periodView struct {
	Name city.Text  `json:"name"`
	From *time.Time `json:"from"`
	To   *time.Time `json:"to"`
}

// A cardList is the figures that were asked for.
type cardList struct {
	Figures []made[cardView] `json:"figures"`
	AsOf    time.Time        `json:"as_of" doc:"the data's clock"`
	Rev     uint64           `json:"rev"`
}

type figuresQuery struct {
	Period string `query:"period" enum:"now,today,yesterday,season"`
	By     string `query:"by" enum:"city,district,place"`
	TableQuery
	Match string `header:"If-None-Match"`
}

// listFigures answers with visitor figures, also as a table to be taken away.
func (s *Server) listFigures(ctx context.Context, q *figuresQuery) (*huma.StreamResponse, error) {
	filter, err := figures.ParseFilter(q.Period, q.By)
	if err != nil {
		return nil, err
	}
	cards, rev, at, err := s.cards(ctx, filter)
	if err != nil {
		return nil, err
	}
	if q.Format != "json" {
		form, err := q.form(ctx)
		if err != nil {
			return nil, err
		}
		table := figures.CardsTable(cards, form.Lang)
		return s.export(ctx, &table, form, "figures")
	}
	v := cardList{make([]made[cardView], len(cards)), at.Time(), rev}
	for i := range cards {
		if v.Figures[i], err = card(cards[i]); err != nil {
			return nil, err
		}
	}
	return unless(q.Match, s.figuresTag(ctx, rev, q.Period+q.By), v), nil
}

func card(c figures.Card) (made[cardView], error) {
	b, err := c.MarshalJSON()
	return made[cardView]{b}, err
}

// figuresTag names figures by the board's revision: it rises with each change of a
// tile, by readings or by time.
func (s *Server) figuresTag(ctx context.Context, rev uint64, question string) string {
	return s.etag(rev, 0, question+callerOf(ctx).by())
}

// cards returns the figures that the caller may have and filter lets through, with
// the revision of the board that they are of.
func (s *Server) cards(ctx context.Context, filter figures.Filter) (cards []figures.Card, rev uint64, at city.Moment, err error) {
	now, err := s.city()
	if err != nil {
		return nil, 0, 0, err
	}
	snapshot, err := s.parts.Board.Snapshot("all")
	if err != nil {
		return nil, 0, 0, err
	}
	who := callerOf(ctx)
	tiles := make([]measure.Tile, 0, len(snapshot.Tiles))
	for _, t := range snapshot.Tiles {
		if who.person != nil || opens(who.token, string(t.Indicator.ID)) {
			tiles = append(tiles, t)
		}
	}
	at = city.At(s.parts.Now())
	return figures.Cards(now, tiles, at, at, filter), snapshot.Rev, at, nil
}

type figureQuery struct {
	ID    string `path:"id" doc:"an indicator's id; behind a dot a group's"`
	Match string `header:"If-None-Match"`
}

// getFigure answers with one figure.
func (s *Server) getFigure(ctx context.Context, q *figureQuery) (*huma.StreamResponse, error) {
	cards, rev, _, err := s.cards(ctx, figures.Filter{})
	if err != nil {
		return nil, err
	}
	for i := range cards {
		if cards[i].ID == q.ID {
			v, err := card(cards[i])
			if err != nil {
				return nil, err
			}
			return unless(q.Match, s.figuresTag(ctx, rev, q.ID), v), nil
		}
	}
	return nil, city.Refuse(city.ErrNotFound, city.Text{FA: "عددی به نام %v نیست", EN: "no figure %q"}, clipped(q.ID))
}
