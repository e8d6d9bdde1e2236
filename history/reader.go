package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rasad/city"
	"rasad/measure"
)

// Days is the part of days that the default Reader asks.
type Days interface {
	// Cells returns the cells of the local hours that begin in [from, to).
	Cells(ctx context.Context, src city.SourceID, from, to city.Moment) ([]measure.Cell, error)
	// Raws returns the raws of the local dates [from, to], each day's in journal
	// order, up to batch asOf; 0 is all.
	Raws(ctx context.Context, src city.SourceID, from, to city.Date, asOf uint64) ([]measure.Raw, error)
}

// FromDays returns the Reader that answers from days, where no InfluxDB is
// configured. zone is the city's.
func FromDays(days Days, zone *city.Zone) Reader { return &daysReader{days, zone} }

type daysReader struct {
	days Days
	zone *city.Zone
}

// Cells implements Reader.
func (d *daysReader) Cells(ctx context.Context, src *city.Source, from, to city.Moment, asOf uint64) ([]measure.Cell, error) {
	if asOf != 0 {
		return CellsAsOf(ctx, d, d.zone, src, from, to, asOf)
	}
	cells, err := d.days.Cells(ctx, src.ID, from, to)
	if err != nil {
		return nil, fmt.Errorf("read cells of %s: %w", src.ID, err)
	}
	return withData(cells), nil
}

// Readings implements Reader.
func (d *daysReader) Readings(ctx context.Context, src *city.Source, from, to city.Moment, asOf uint64) ([]measure.Raw, error) {
	if from >= to {
		return nil, nil
	}
	raws, err := d.days.Raws(ctx, src.ID, d.zone.Date(from), d.zone.Date(to-1), asOf)
	if err != nil {
		return nil, fmt.Errorf("read readings of %s: %w", src.ID, err)
	}
	list := make([]measure.Raw, 0, len(raws))
	for _, r := range raws {
		if r.From >= from && r.From < to {
			r.Pos.Index = 0
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b measure.Raw) int { return cmp.Compare(a.From, b.From) })
	return list, nil
}

// CellsAsOf makes the cells of a Reader from its Readings: what was known at a
// position is corrected and rolled again, never picked out of cells.
func CellsAsOf(ctx context.Context, r Reader, zone *city.Zone, src *city.Source, from, to city.Moment, asOf uint64) ([]measure.Cell, error) {
	if h := zone.Hour(from); h < from { // an hour that began before is not asked for
		from = zone.NextHour(from)
	}
	if from >= to {
		return nil, nil
	}
	end := zone.NextHour(to - 1) // the last hour counts whole
	raws, err := r.Readings(ctx, src, from, end, asOf)
	if err != nil || len(raws) == 0 {
		return nil, err
	}
	first, last := zone.Hour(raws[0].From), zone.NextHour(raws[len(raws)-1].From)
	return withData(measure.Hours(src, zone, correct(src, zone, raws), first, last)), nil
}

// correct returns the slots of raws that stand in the order of their time: each
// local date is corrected for itself.
func correct(src *city.Source, zone *city.Zone, raws []measure.Raw) []measure.Slot {
	var slots []measure.Slot
	for len(raws) > 0 {
		_, end := zone.Day(zone.Date(raws[0].From))
		n := slices.IndexFunc(raws, func(r measure.Raw) bool { return r.From >= end })
		if n < 0 {
			n = len(raws)
		}
		slots = append(slots, measure.Correct(src, raws[:n], nil)...)
		raws = raws[n:]
	}
	return slots
}

func withData(cells []measure.Cell) []measure.Cell {
	return slices.DeleteFunc(slices.Clone(cells), func(c measure.Cell) bool { return c.N == 0 })
}
