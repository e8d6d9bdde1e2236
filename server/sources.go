package server

import (
	"context"
	"fmt"
	"time"

	"rasad/city"
	"rasad/measure"
)

// A Heard is what came of a source.
type Heard struct {
	Last    city.Moment // end of its newest reading, or its newest event; 0: nothing yet
	LateSec int64       // how long that was on its way
	Today   int64       // readings of the local day that was asked for, each slot once; or its events
}

// The states of a source.
const (
	sourceFresh = "fresh"
	sourceStale = "stale" // missed more than measure.StalePeriods of its cadence
	sourceDead  = "dead"  // missed more than measure.DeadPeriods
	sourceNever = "never" // nothing has come of it yet
	sourceIdle  = "idle"  // nothing is expected of it at this hour
)

type sourceView struct {
	ID         city.SourceID      `json:"id"`
	Name       city.Text          `json:"name"`
	Place      *string            `json:"place" doc:"where it counts: a place, or a district"`
	Department *city.DepartmentID `json:"department"`
	Kind       city.Kind          `json:"kind"`
	Unit       city.Unit          `json:"unit"`
	State      string             `json:"state" enum:"fresh,stale,dead,never,idle"`
	Cadence    *int64             `json:"cadence_seconds" doc:"null where it speaks when something happens"`
	Last       *time.Time         `json:"last_at" doc:"the newest moment that it spoke of"`
	Lag        *int64             `json:"lag_seconds" doc:"how long that was on its way"`
	Today      int64              `json:"received_today" doc:"readings of today, by the data's clock"`
	Waiting    int                `json:"quarantined_waiting"`
}

type sourceList struct {
	Sources []sourceView `json:"sources"`
	Now     time.Time    `json:"now" doc:"the data's clock"`
}

// listSources answers with what was heard of each source, in the order of the city.
func (s *Server) listSources(ctx context.Context, _ *struct{}) (*output[sourceList], error) {
	c, err := s.city()
	if err != nil {
		return nil, err
	}
	now := city.At(s.parts.Now())
	list, err := s.sources(ctx, c, now)
	if err != nil {
		return nil, err
	}
	return give(sourceList{list, now.Time()}), nil
}

// sources returns how each source of c stands at now, by the data's clock.
func (s *Server) sources(ctx context.Context, c *city.City, now city.Moment) ([]sourceView, error) {
	_, waiting, err := s.parts.Register.QuarantineCounts(ctx)
	if err != nil {
		return nil, err
	}
	today := c.Clock().Date(now)
	list := make([]sourceView, len(c.Sources))
	for i := range c.Sources {
		src := &c.Sources[i]
		heard, err := s.parts.Heard(ctx, src.ID, today)
		if err != nil {
			return nil, fmt.Errorf("look up source %s: %w", src.ID, err)
		}
		list[i] = viewOfSource(src, c.Clock(), heard, now)
		list[i].Waiting = waiting[string(src.ID)]
	}
	return list, nil
}

func viewOfSource(src *city.Source, zone *city.Zone, heard Heard, now city.Moment) sourceView {
	v := sourceView{
		ID: src.ID, Name: src.Name, Kind: src.Kind, Unit: src.Unit, State: stateOf(src, zone, heard.Last, now),
		Last: optional(heard.Last), Today: heard.Today,
	}
	switch {
	case src.Place != "":
		v.Place = new(string(src.Place))
	case src.District != "":
		v.Place = new(string(src.District))
	}
	if src.Department != "" {
		v.Department = &src.Department
	}
	if every := src.Every(zone.HourOfDay(now)); every > 0 {
		v.Cadence = &every
	} else if len(src.Cadence) > 0 {
		v.Cadence = new(src.Cadence[0].EverySec)
	}
	if heard.Last != 0 {
		v.Lag = &heard.LateSec
	}
	return v
}

// stateOf returns how a source stands whose newest reading is of lastAt.
func stateOf(src *city.Source, zone *city.Zone, lastAt, now city.Moment) string {
	switch {
	case lastAt == 0:
		return sourceNever
	case measure.Silent(src, zone, lastAt, now):
		return sourceDead
	case measure.Stale(src, zone, lastAt, now):
		return sourceStale
	case len(src.Cadence) > 0 && src.Every(zone.HourOfDay(now)) == 0:
		return sourceIdle
	default:
		return sourceFresh
	}
}
