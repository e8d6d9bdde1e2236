package history

import (
	"context"
	"fmt"

	"rasad/city"
	"rasad/measure"
)

// Figure works an indicator's figure for one group out at the moment at, as known
// when the batch asOf had been applied (0: now): what its tile said, or should have
// said. Outside the indicator's period it has no value.
func Figure(ctx context.Context, r Reader, c *city.City, ind *city.Indicator, g measure.Group, at city.Moment, asOf uint64) (measure.Figure, error) {
	from, to, ok := c.Window(ind.Over, at)
	if !ok {
		return measure.Figure{Status: measure.None}, nil
	}
	q := measure.Question{City: c, Indicator: ind, Group: g, From: from, To: to, At: at}
	for into, ids := range map[*[]measure.Input][]city.SourceID{&q.Of: ind.Of, &q.Among: ind.Among} {
		for _, src := range measure.Members(c, ids, g) {
			cell, err := oneWindow(ctx, r, c.Clock(), src, window{from, to}, ind.Over == city.QuarterHour, asOf)
			if err != nil {
				return measure.Figure{}, fmt.Errorf("work out %s: %w", measure.TileID(ind.ID, g), err)
			}
			*into = append(*into, measure.Input{Source: src, Cell: cell})
		}
	}
	return measure.Value(q), nil
}

// oneWindow returns src's cell of one window: from its hours, or from its readings
// where the window is shorter than an hour.
func oneWindow(ctx context.Context, r Reader, zone *city.Zone, src *city.Source, w window, short bool, asOf uint64) (measure.Cell, error) {
	if short {
		raws, err := r.Readings(ctx, src, w.from, w.to, asOf)
		if err != nil {
			return measure.Cell{}, err
		}
		return measure.Roll(src, zone, correct(src, zone, raws), w.from, w.to), nil
	}
	cells, err := r.Cells(ctx, src, w.from, w.to, asOf)
	if err != nil {
		return measure.Cell{}, err
	}
	return measure.Merge(cells...), nil
}
