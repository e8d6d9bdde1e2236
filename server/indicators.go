package server

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/entry"
	"rasad/figures"
	"rasad/history"
	"rasad/measure"
)

// A valued indicator is its definition with its tiles of now.
type valued struct {
	IndicatorView
	Tiles []made[tileView] `json:"tiles"`
}

// indicators answers with every indicator that is open to the caller: definition
// and values of now.
func (s *Server) indicators(ctx context.Context, _ *struct{}) (*output[indicatorList], error) {
	now, err := s.city()
	if err != nil {
		return nil, err
	}
	tiles, err := s.tilesByIndicator()
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	list := make([]valued, 0, len(now.Indicators))
	for i := range now.Indicators {
		ind := &now.Indicators[i]
		if who.person == nil && !opens(who.token, string(ind.ID)) {
			continue
		}
		list = append(list, valued{viewOf(now, ind), tiles[ind.ID]})
	}
	return give(indicatorList{list}), nil
}

type indicatorList struct {
	Indicators []valued `json:"indicators"`
}

type indicatorQuery struct {
	Indicator string `path:"indicator"`
}

// indicator answers with one indicator: definition and values of now.
func (s *Server) indicator(_ context.Context, q *indicatorQuery) (*output[valued], error) {
	now, err := s.city()
	if err != nil {
		return nil, err
	}
	ind := now.Indicator(city.IndicatorID(q.Indicator))
	if ind == nil {
		return nil, city.Refuse(city.ErrNotFound, city.Text{FA: "شاخصی به نام %v نیست", EN: "no indicator %q"}, clipped(q.Indicator))
	}
	tiles, err := s.tilesByIndicator()
	if err != nil {
		return nil, err
	}
	return give(valued{viewOf(now, ind), tiles[ind.ID]}), nil
}

func (s *Server) tilesByIndicator() (map[city.IndicatorID][]made[tileView], error) {
	snapshot, err := s.parts.Board.Snapshot("all")
	if err != nil {
		return nil, err
	}
	by := map[city.IndicatorID][]made[tileView]{}
	for i := range snapshot.Tiles {
		t := &snapshot.Tiles[i]
		by[t.Indicator.ID] = append(by[t.Indicator.ID], made[tileView]{t.AppendJSON(nil)})
	}
	return by, nil
}

// A seriesView is a series as history.SeriesAnswer.AppendJSON writes it.
type seriesView struct {
	Indicator string            `json:"indicator"`
	Unit      string            `json:"unit"`
	From      time.Time         `json:"from"`
	To        time.Time         `json:"to"`
	Step      int64             `json:"step_seconds"`
	Groups    []seriesGroupView `json:"groups"`
}

type seriesGroupView struct {
	Group  map[string]string `json:"group"`
	Points []pointView       `json:"points"`
}

type pointView struct {
	At    time.Time `json:"at" doc:"first moment of the window"`
	Value *float64  `json:"value"`
}

type seriesQuery struct {
	Indicator string `path:"indicator"`
	From      string `query:"from" doc:"a local day, or a time with its offset; today where it is missing"`
	To        string `query:"to" doc:"a local day, included, or a time with its offset; today where it is missing"`
	Step      string `query:"step" default:"1h" doc:"15m, 1h or 1d"`
	By        string `query:"by" doc:"a grouping, or grouping:group; the whole city where it is missing"`
	AsOf      string `query:"as_of" doc:"a position of the journal: what was known then"`
	TableQuery
}

// series answers with an indicator's values over time.
func (s *Server) series(ctx context.Context, in *seriesQuery) (*huma.StreamResponse, error) {
	now, err := s.city()
	if err != nil {
		return nil, err
	}
	q, err := in.read(now, city.At(s.parts.Now()))
	if err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, acceptFor)
	defer cancel()
	got, err := s.parts.Series(wait, q)
	if err != nil {
		return nil, err
	}
	if in.Format == "json" {
		return written("application/json", got.AppendJSON(nil)), nil
	}
	form, err := in.form(ctx)
	if err != nil {
		return nil, err
	}
	table := figures.SeriesTable(got, now, form.Lang)
	return s.export(ctx, &table, form, in.Indicator)
}

// read makes the question of history out of what the address says.
func (in *seriesQuery) read(now *city.City, at city.Moment) (history.SeriesQuery, error) {
	q := history.SeriesQuery{Indicator: city.IndicatorID(in.Indicator), Now: at}
	var err error
	if q.Step, err = history.ParseStep(in.Step); err != nil {
		return q, err
	}
	today := now.Clock().Date(at).String()
	if q.From, _, err = readTime(now.Clock(), "from", cmp.Or(in.From, today)); err != nil {
		return q, err
	}
	if _, q.To, err = readTime(now.Clock(), "to", cmp.Or(in.To, today)); err != nil {
		return q, err
	}
	if by, id, one := strings.Cut(in.By, ":"); one {
		q.Group = measure.Group{By: city.Grouping(by), ID: id}
	} else {
		q.By = city.Grouping(by)
	}
	if in.AsOf != "" {
		p, err := entry.ParsePosition(in.AsOf)
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
		return 0, 0, city.Refuse(city.ErrInvalid, city.Text{
			FA: "%v باید روزی مانند \u20662027-03-21\u2069 یا زمانی با اختلاف ساعت مانند \u20662027-03-21T10:00:00+03:30\u2069 باشد",
			EN: "%s: want a day such as 2027-03-21, or a time with its offset such as 2027-03-21T10:00:00+03:30",
		}, name)
	}
	return city.At(t), city.At(t), nil
}
