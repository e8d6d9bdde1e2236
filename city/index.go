package city

import (
	"encoding/json"
	"fmt"
)

// A City is a Definition that can be asked: its zone is loaded and its parts are
// found by their names. It never changes and may be shared.
type City struct {
	Definition

	zone       *Zone
	places     map[PlaceID]*Place
	districts  map[DistrictID]*District
	sources    map[SourceID]*Source
	indicators map[IndicatorID]*Indicator
	screens    map[ScreenID]*Screen
}

// New indexes d. It returns an error wrapping ErrInvalid when the zone is unknown
// or two parts share a name; whether d makes sense as a whole is Check's question.
func New(d Definition) (*City, error) {
	zone, err := OpenZone(d.Zone)
	if err != nil {
		return nil, err
	}
	c := &City{
		Definition: d, zone: zone,
		places:     map[PlaceID]*Place{},
		districts:  map[DistrictID]*District{},
		sources:    map[SourceID]*Source{},
		indicators: map[IndicatorID]*Indicator{},
		screens:    map[ScreenID]*Screen{},
	}
	if err := fill(c.districts, d.Districts, "district", func(x *District) DistrictID { return x.ID }); err != nil {
		return nil, err
	}
	if err := fill(c.places, d.Places, "place", func(x *Place) PlaceID { return x.ID }); err != nil {
		return nil, err
	}
	if err := fill(c.sources, d.Sources, "source", func(x *Source) SourceID { return x.ID }); err != nil {
		return nil, err
	}
	if err := fill(c.indicators, d.Indicators, "indicator", func(x *Indicator) IndicatorID { return x.ID }); err != nil {
		return nil, err
	}
	if err := fill(c.screens, d.Screens, "screen", func(x *Screen) ScreenID { return x.ID }); err != nil {
		return nil, err
	}
	return c, nil
}

func fill[ID ~string, T any](into map[ID]*T, list []T, what string, id func(*T) ID) error {
	for i := range list {
		name := id(&list[i])
		if _, twice := into[name]; twice {
			return fmt.Errorf("%w %s %q: declared twice", ErrInvalid, what, name)
		}
		into[name] = &list[i]
	}
	return nil
}

// Decode reads the canonical JSON of a definition, as the journal keeps it.
func Decode(canonical []byte) (*City, error) {
	var d Definition
	if err := json.Unmarshal(canonical, &d); err != nil {
		return nil, fmt.Errorf("decode city: %w", err)
	}
	return New(d)
}

// Canonical returns the canonical JSON of c: equal cities give equal bytes.
func (c *City) Canonical() ([]byte, error) {
	b, err := json.Marshal(c.Definition)
	if err != nil {
		return nil, fmt.Errorf("encode city: %w", err)
	}
	return b, nil
}

// Clock returns the zone that cuts the city's days and hours.
func (c *City) Clock() *Zone { return c.zone }

// Source returns the source id, or nil.
func (c *City) Source(id SourceID) *Source { return c.sources[id] }

// Place returns the place id, or nil.
func (c *City) Place(id PlaceID) *Place { return c.places[id] }

// District returns the district id, or nil.
func (c *City) District(id DistrictID) *District { return c.districts[id] }

// Indicator returns the indicator id, or nil.
func (c *City) Indicator(id IndicatorID) *Indicator { return c.indicators[id] }

// Screen returns the screen id, or nil.
func (c *City) Screen(id ScreenID) *Screen { return c.screens[id] }

// SeasonAt returns the season that the local day of m belongs to, or nil.
func (c *City) SeasonAt(m Moment) *Season {
	d := c.zone.Date(m)
	for i := range c.Seasons {
		if s := &c.Seasons[i]; s.From <= d && d <= s.To {
			return s
		}
	}
	return nil
}

// Window returns the stretch [from, to) that period p names at the moment m. A
// window always starts and ends on local hours, but for QuarterHour. Now reaches
// back 24 hours from the hour of m: an older state is no state. ok is false for
// InSeason outside every season.
func (c *City) Window(p Period, m Moment) (from, to Moment, ok bool) {
	z := c.zone
	switch p {
	case Now:
		return z.Hour(z.Hour(m) - 24*3600), z.NextHour(m), true
	case QuarterHour:
		from = z.Floor(m, 900)
		return from, from + 900, true
	case Hour:
		return z.Hour(m), z.NextHour(m), true
	case Day:
		from, to = z.Day(z.Date(m))
		return from, to, true
	case PreviousDay:
		from, to = z.Day(z.Date(m) - 1)
		return from, to, true
	case InSeason:
		s := c.SeasonAt(m)
		if s == nil {
			return 0, 0, false
		}
		from, _ = z.Day(s.From)
		_, to = z.Day(s.To)
		return from, to, true
	default:
		return 0, 0, false
	}
}
