package measure

import (
	"cmp"
	"fmt"
	"slices"

	"rasad/city"
)

// Cells returns the cells with data of the local hours of a source that begin in
// [from, to), in the order of their time: days or history behind a small door.
type Cells func(src *city.Source, from, to city.Moment) ([]Cell, error)

// A PartDone is what has become of one part of a plan.
type PartDone struct {
	Source  *city.Source
	Planned city.Steps  // as the plan says; 0: no amount is planned
	Done    city.Steps  // of an amount: in the plan's days up to now; of a repetition: in the hours of the last period up to now
	Last    city.Moment // when something was done last, by the newest hour in which anything was; 0: nothing is known
	Due     city.Moment // when it is to be done at the latest: the end of the plan's last day, or Last and the period; 0: nothing is known
	Overdue int64       // seconds at the moment of asking; 0: it is not
}

// maxLook bounds how far back the last time of a repetition is looked for.
const maxLook = 400 * 86400

// Progress returns what has become of each part of a plan by the moment at, in the
// order of the plan. Parts whose source the city does not declare are left out. An
// error is that of cells.
func Progress(c *city.City, p *city.Plan, at city.Moment, cells Cells) ([]PartDone, error) {
	parts := make([]PartDone, 0, len(p.Parts))
	for _, part := range p.Parts {
		src := c.Source(part.Source)
		if src == nil {
			continue
		}
		d := PartDone{Source: src, Planned: part.Amount}
		var err error
		if p.EverySec > 0 {
			err = d.repetition(c.Clock(), city.Moment(p.EverySec), at, cells)
		} else {
			err = d.amount(c.Clock(), p, at, cells)
		}
		if err != nil {
			return nil, fmt.Errorf("follow plan %s: %w", p.ID, err)
		}
		parts = append(parts, d)
	}
	return parts, nil
}

// amount adds up what was done from the plan's first day to now, or to its last.
func (d *PartDone) amount(zone *city.Zone, p *city.Plan, at city.Moment, cells Cells) error {
	from, _ := zone.Day(p.From)
	_, d.Due = zone.Day(p.To)
	to := min(d.Due, zone.NextHour(at))
	if from >= to {
		return nil
	}
	list, err := cells(d.Source, from, to)
	if err != nil {
		return err
	}
	for _, c := range list {
		d.take(c)
	}
	if d.Done < d.Planned {
		d.Overdue = max(int64(at-d.Due), 0)
	}
	return nil
}

func (d *PartDone) take(c Cell) {
	d.Done += city.Steps(c.Sum)
	if c.Sum > 0 {
		d.Last = max(d.Last, c.LastAt)
	}
}

// repetition adds up what was done in the last period, and looks further back for
// the last time where nothing was.
func (d *PartDone) repetition(zone *city.Zone, every, at city.Moment, cells Cells) error {
	to := zone.NextHour(at)
	for span, end := every, at-maxLook; to > end; span *= 2 {
		from := max(zone.Hour(to-span), end)
		list, err := cells(d.Source, from, to)
		if err != nil {
			return err
		}
		done := d.Done
		for _, c := range list {
			d.take(c)
		}
		if to <= at { // an earlier period: only its time is of interest
			d.Done = done
		}
		if d.Last != 0 {
			d.Due = d.Last + every
			d.Overdue = max(int64(at-d.Due), 0)
			return nil
		}
		to = from
	}
	return nil
}

// MostOverdue orders the parts of a repetition: what is due longest comes first,
// and before it what was never seen to be done.
func MostOverdue(parts []PartDone) {
	slices.SortStableFunc(parts, func(a, b PartDone) int { return cmp.Compare(a.Due, b.Due) })
}
