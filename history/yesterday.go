package history

import (
	"context"
	"fmt"

	"rasad/city"
	"rasad/measure"
)

// A Compared is an indicator's figure of the day before for one group.
type Compared struct {
	Group  measure.Group
	Figure measure.Figure
	Until  city.Moment // the moment up to which it speaks
}

// Yesterday returns what ind showed one local day before the moment at, for each of
// its groups, as it is known now. What grows through the day or the season is taken
// up to the same local hour, whole hours only; the running hour and quarter of an
// hour are compared with the whole one of the day before, and the day just closed
// with the day before it. A figure without a value means that there is none, such as
// before a season began.
func Yesterday(ctx context.Context, r Reader, c *city.City, ind *city.Indicator, at city.Moment) ([]Compared, error) {
	zone := c.Clock()
	then := dayBefore(zone, at)
	groups := measure.Groups(c, ind)
	list := make([]Compared, len(groups))
	win, until, ok := windowBefore(c, ind.Over, then)
	cells := map[city.SourceID]measure.Cell{}
	for i, g := range groups {
		list[i] = Compared{g, measure.Figure{Status: measure.None}, until}
		if !ok {
			continue
		}
		of, err := mergedInputs(ctx, r, zone, measure.Members(c, ind.Of, g), ind.Over, window{win.from, until}, cells)
		if err != nil {
			return nil, fmt.Errorf("compare %s with yesterday: %w", ind.ID, err)
		}
		among, err := mergedInputs(ctx, r, zone, measure.Members(c, ind.Among, g), ind.Over, window{win.from, until}, cells)
		if err != nil {
			return nil, fmt.Errorf("compare %s with yesterday: %w", ind.ID, err)
		}
		list[i].Figure = measure.Value(measure.Question{City: c, Indicator: ind, Group: g, From: win.from, To: win.to, At: until, Of: of, Among: among})
	}
	return list, nil
}

// dayBefore returns the moment of the day before at which the local clock showed
// what it shows at m: as far from its midnight, within that day.
func dayBefore(zone *city.Zone, m city.Moment) city.Moment {
	today := zone.Date(m)
	midnight, _ := zone.Day(today)
	from, to := zone.Day(today - 1)
	return min(from+(m-midnight), to-1)
}

// windowBefore returns the window of a period that the moment then lies in, and up to
// where its figure is taken.
func windowBefore(c *city.City, over city.Period, then city.Moment) (win window, until city.Moment, ok bool) {
	win.from, win.to, ok = c.Window(over, then)
	switch over {
	case city.Hour, city.QuarterHour, city.PreviousDay:
		return win, win.to, ok
	default:
		until = c.Clock().Hour(then)
		return win, until, ok && until > win.from
	}
}

// mergedInputs returns the part of each source in the window w; cells remembers what
// was read before.
func mergedInputs(ctx context.Context, r Reader, zone *city.Zone, srcs []*city.Source, over city.Period, w window, cells map[city.SourceID]measure.Cell) ([]measure.Input, error) {
	list := make([]measure.Input, len(srcs))
	for i, src := range srcs {
		cell, known := cells[src.ID]
		if !known {
			var err error
			if cell, err = merged(ctx, r, zone, src, over, w); err != nil {
				return nil, err
			}
			cells[src.ID] = cell
		}
		list[i] = measure.Input{Source: src, Cell: cell}
	}
	return list, nil
}

// merged returns a source's cell of the window w.
func merged(ctx context.Context, r Reader, zone *city.Zone, src *city.Source, over city.Period, w window) (measure.Cell, error) {
	if over == city.QuarterHour {
		raws, err := r.Readings(ctx, src, w.from, w.to, 0)
		if err != nil {
			return measure.Cell{}, err
		}
		return measure.Roll(src, zone, correct(src, zone, raws), w.from, w.to), nil
	}
	hours, err := r.Cells(ctx, src, w.from, w.to, 0)
	if err != nil {
		return measure.Cell{}, err
	}
	return measure.Merge(hours...), nil
}
