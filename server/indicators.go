package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/entry"
	"rasad/history"
	"rasad/measure"
)

// A valued indicator is its definition with its tiles of now.
type valued struct {
	indicatorView
	Tiles []*measure.Tile `json:"tiles"`
}

// getIndicators answers with every indicator that is open to the caller: definition
// and values of now.
func (s *Server) getIndicators(c *fiber.Ctx) error {
	now, err := s.city()
	if err != nil {
		return err
	}
	tiles, err := s.tilesByIndicator()
	if err != nil {
		return err
	}
	who := callerOf(c.UserContext())
	list := make([]valued, 0, len(now.Indicators))
	for i := range now.Indicators {
		ind := &now.Indicators[i]
		if who.person == nil && !opens(who.token, string(ind.ID)) {
			continue
		}
		list = append(list, valued{viewOf(now, ind), tiles[ind.ID]})
	}
	return send(c, struct {
		Indicators []valued `json:"indicators"`
	}{list})
}

// getIndicator answers with one indicator: definition and values of now.
func (s *Server) getIndicator(c *fiber.Ctx) error {
	now, err := s.city()
	if err != nil {
		return err
	}
	ind := now.Indicator(city.IndicatorID(c.Params("indicator")))
	if ind == nil {
		return fmt.Errorf("%w: no such indicator", city.ErrNotFound)
	}
	tiles, err := s.tilesByIndicator()
	if err != nil {
		return err
	}
	return send(c, valued{viewOf(now, ind), tiles[ind.ID]})
}

func (s *Server) tilesByIndicator() (map[city.IndicatorID][]*measure.Tile, error) {
	snapshot, err := s.parts.Board.Snapshot("all")
	if err != nil {
		return nil, err
	}
	by := map[city.IndicatorID][]*measure.Tile{}
	for i := range snapshot.Tiles {
		t := &snapshot.Tiles[i]
		by[t.Indicator.ID] = append(by[t.Indicator.ID], t)
	}
	return by, nil
}

// getSeries answers with an indicator's values over time.
func (s *Server) getSeries(c *fiber.Ctx) error {
	now, err := s.city()
	if err != nil {
		return err
	}
	q, err := seriesQuery(c, now, city.At(s.parts.Now()))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), acceptFor)
	defer cancel()
	answer, err := s.parts.Series(ctx, q)
	if err != nil {
		return err
	}
	return sendJSON(c, answer.AppendJSON(nil))
}

// seriesQuery reads from, to (RFC 3339, or local days, the last included; today
// where they are missing), step, by (a grouping, or grouping:group) and as_of.
func seriesQuery(c *fiber.Ctx, now *city.City, at city.Moment) (history.SeriesQuery, error) {
	q := history.SeriesQuery{Indicator: city.IndicatorID(c.Params("indicator")), Now: at}
	var err error
	if q.Step, err = history.ParseStep(c.Query("step", "1h")); err != nil {
		return q, err
	}
	today := now.Clock().Date(at).String()
	if q.From, _, err = readTime(now.Clock(), "from", c.Query("from", today)); err != nil {
		return q, err
	}
	if _, q.To, err = readTime(now.Clock(), "to", c.Query("to", today)); err != nil {
		return q, err
	}
	if by, id, one := strings.Cut(c.Query("by"), ":"); one {
		q.Group = measure.Group{By: city.Grouping(by), ID: id}
	} else {
		q.By = city.Grouping(by)
	}
	if text := c.Query("as_of"); text != "" {
		p, err := entry.ParsePosition(text)
		if err != nil {
			return q, err
		}
		q.AsOf = p.Batch
	}
	return q, nil
}

// readTime reads a moment, or the first moment of a local day and the first after it.
func readTime(zone *city.Zone, name, text string) (from, to city.Moment, err error) {
	if day, err := city.ParseDate(text); err == nil {
		from, to = zone.Day(day)
		return from, to, nil
	}
	t, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+")) // a plus sign in an address is a space
	if err != nil {
		return 0, 0, fmt.Errorf("%w %s: want a day such as 2027-03-21, or a time with its offset such as 2027-03-21T10:00:00+03:30", city.ErrInvalid, name)
	}
	return city.At(t), city.At(t), nil
}
