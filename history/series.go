package history

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"rasad/city"
	"rasad/measure"
)

// MaxPoints bounds a series: its windows times its groups.
const MaxPoints = 2000

// A Step is the length of a series' windows, in seconds.
type Step int64

// The steps. A day is a local day of 23 to 25 hours.
const (
	QuarterHour Step = 900
	Hour        Step = 3600
	Day         Step = 86400
)

// ParseStep reads "15m", "1h" or "1d". It returns an error wrapping
// city.ErrInvalid for anything else.
func ParseStep(s string) (Step, error) {
	switch s {
	case "15m":
		return QuarterHour, nil
	case "1h":
		return Hour, nil
	case "1d":
		return Day, nil
	default:
		return 0, badStep()
	}
}

func badStep() error {
	return city.Refuse(city.ErrInvalid, city.Text{FA: "گام (step) باید 15m یا 1h یا 1d باشد", EN: "step: want 15m, 1h or 1d"})
}

// A SeriesQuery asks for an indicator's values window by window.
type SeriesQuery struct {
	Indicator city.IndicatorID
	By        city.Grouping // all groups of this grouping; "" for Group alone
	Group     measure.Group // one group, where By is ""; zero for the whole city
	From, To  city.Moment   // [From, To), widened to whole windows of the local grid
	Step      Step
	AsOf      uint64      // as known when this batch had been applied; 0: now
	Now       city.Moment // the data's clock: a window that begins later has no value
}

// A SeriesAnswer is an indicator's values, window by window, for each group.
type SeriesAnswer struct {
	Indicator *city.Indicator
	From, To  city.Moment // of all windows together
	Step      Step
	Groups    []GroupSeries
}

// A GroupSeries is the part of one group. Every group has the same windows.
type GroupSeries struct {
	Group  measure.Group
	Points []Point
}

// A Point is an indicator's figure over one window.
type Point struct {
	From, To city.Moment
	Figure   measure.Figure
}

type window struct{ from, to city.Moment }

// Series answers q from r, for the city c. It returns an error wrapping
// city.ErrNotFound for an unknown indicator or group, and city.ErrInvalid, in
// words, for a question that is not well put or asks for too much.
func Series(ctx context.Context, r Reader, c *city.City, q SeriesQuery) (SeriesAnswer, error) {
	ind := c.Indicator(q.Indicator)
	if ind == nil {
		return SeriesAnswer{}, city.Refuse(city.ErrNotFound, city.Text{FA: "شاخصی به نام %v نیست", EN: "indicator %q"}, q.Indicator)
	}
	groups, err := groupsOf(c, ind, q)
	if err != nil {
		return SeriesAnswer{}, err
	}
	wins, err := windows(c.Clock(), q, len(groups))
	if err != nil {
		return SeriesAnswer{}, err
	}
	all := SeriesAnswer{ind, wins[0].from, wins[len(wins)-1].to, q.Step, make([]GroupSeries, len(groups))}
	cells := map[city.SourceID][]measure.Cell{}
	for i, g := range groups {
		of, among := measure.Members(c, ind.Of, g), measure.Members(c, ind.Among, g)
		for _, list := range [...][]*city.Source{of, among} {
			for _, src := range list {
				if cells[src.ID] != nil {
					continue
				}
				if cells[src.ID], err = perWindow(ctx, r, c.Clock(), src, wins, q); err != nil {
					return SeriesAnswer{}, fmt.Errorf("read series of %s: %w", ind.ID, err)
				}
			}
		}
		points := make([]Point, len(wins))
		for w, win := range wins {
			points[w] = Point{win.from, win.to, measure.Figure{Status: measure.None}}
			if win.from > q.Now {
				continue
			}
			points[w].Figure = measure.Value(measure.Question{
				City: c, Indicator: ind, Group: g, From: win.from, To: win.to, At: q.Now,
				Of: inputs(of, cells, w), Among: inputs(among, cells, w),
			})
		}
		all.Groups[i] = GroupSeries{g, points}
	}
	return all, nil
}

// groupsOf returns the groups that q asks for.
func groupsOf(c *city.City, ind *city.Indicator, q SeriesQuery) ([]measure.Group, error) {
	one := q.Group
	if one.By == "" && one.ID == "" {
		one.By = city.ByCity
	}
	var groups []measure.Group
	for _, g := range measure.Groups(c, ind) {
		if g.By == q.By || q.By == "" && g == one {
			groups = append(groups, g)
		}
	}
	switch {
	case len(groups) > 0:
		return groups, nil
	case q.By != "":
		return nil, city.Refuse(city.ErrInvalid, city.Text{FA: "شاخص %v به تفکیک %v داده نمی‌شود؛ تفکیک (by) دیگری بخواهید", EN: "grouping: indicator %s is not given by %q"}, ind.ID, q.By)
	default:
		return nil, city.Refuse(city.ErrNotFound, city.Text{FA: "شاخص %v گروه %v از تفکیک %v را ندارد", EN: "indicator %s has no group %q of %q"}, ind.ID, one.ID, one.By)
	}
}

// windows cuts q's stretch into windows of the local grid, at least one.
func windows(zone *city.Zone, q SeriesQuery, groups int) ([]window, error) {
	if q.Step != QuarterHour && q.Step != Hour && q.Step != Day {
		return nil, badStep()
	}
	if q.From >= q.To {
		return nil, city.Refuse(city.ErrInvalid, city.Text{FA: "آغاز بازه (from) باید پیش از پایان آن (to) باشد", EN: "stretch: want from before to"})
	}
	tooMany := city.Refuse(city.ErrInvalid, city.Text{
		FA: "این بازه بیش از %v نقطه در %v گروه دارد؛ بازهٔ کوتاه‌تر یا گام بلندتر بخواهید",
		EN: "stretch: more than %d points in %d groups: ask for a shorter one or a longer step",
	}, MaxPoints, groups)
	if most := city.Moment(q.Step) * MaxPoints; q.To > q.From+most+most/10 { // days may have 25 hours
		return nil, tooMany
	}
	var wins []window
	for at := q.From; at < q.To; {
		w := cut(zone, at, q.Step)
		wins = append(wins, w)
		if len(wins)*groups > MaxPoints {
			return nil, tooMany
		}
		at = w.to
	}
	return wins, nil
}

// cut returns the window of the local grid that at lies in.
func cut(zone *city.Zone, at city.Moment, step Step) window {
	switch step {
	case Day:
		from, to := zone.Day(zone.Date(at))
		return window{from, to}
	case Hour:
		return window{zone.Hour(at), zone.NextHour(at)}
	default:
		from := zone.Floor(at, int64(step))
		return window{from, zone.Floor(from+city.Moment(step), int64(step))} // a change of the clock may cut it short
	}
}

// perWindow returns src's cell in each window; an empty one where it has no data.
func perWindow(ctx context.Context, r Reader, zone *city.Zone, src *city.Source, wins []window, q SeriesQuery) ([]measure.Cell, error) {
	from, to := wins[0].from, wins[len(wins)-1].to
	list := make([]measure.Cell, len(wins))
	for i, w := range wins {
		list[i].From = w.from
	}
	if q.Step == QuarterHour {
		raws, err := r.Readings(ctx, src, from, to, q.AsOf)
		if err != nil {
			return nil, err
		}
		slots := correct(src, zone, raws)
		for i, w := range wins {
			list[i] = measure.Roll(src, zone, slots, w.from, w.to)
		}
		return list, nil
	}
	cells, err := r.Cells(ctx, src, from, to, q.AsOf)
	if err != nil {
		return nil, err
	}
	i := 0
	for _, cell := range cells {
		for i < len(wins) && cell.From >= wins[i].to {
			i++
		}
		if i < len(wins) && cell.From >= wins[i].from {
			list[i] = measure.Merge(list[i], cell)
		}
	}
	return list, nil
}

func inputs(srcs []*city.Source, cells map[city.SourceID][]measure.Cell, w int) []measure.Input {
	list := make([]measure.Input, len(srcs))
	for i, src := range srcs {
		list[i] = measure.Input{Source: src, Cell: cells[src.ID][w]}
	}
	return list
}

// AppendJSON appends the answer as screens and scripts read it. A window's time is
// its first moment; a value is in the indicator's unit, or null.
func (a *SeriesAnswer) AppendJSON(b []byte) []byte {
	b = append(append(b, `{"indicator":"`...), a.Indicator.ID...)
	b = append(append(b, `","unit":"`...), a.Indicator.Unit...)
	b = appendTime(append(b, `","from":`...), a.From)
	b = appendTime(append(b, `,"to":`...), a.To)
	b = strconv.AppendInt(append(b, `,"step_seconds":`...), int64(a.Step), 10)
	b = append(b, `,"groups":[`...)
	for i, g := range a.Groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"group":{`...)
		if g.Group.ID != "" {
			b = append(append(append(b, '"'), g.Group.By...), `":"`...)
			b = append(append(b, g.Group.ID...), '"')
		}
		b = append(b, `},"points":[`...)
		for j, p := range g.Points {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendTime(append(b, `{"at":`...), p.From)
			b = append(b, `,"value":`...)
			if p.Figure.Has {
				b = a.Indicator.Unit.AppendFormat(b, p.Figure.Value)
			} else {
				b = append(b, "null"...)
			}
			b = append(b, '}')
		}
		b = append(b, "]}"...)
	}
	return append(b, "]}"...)
}

func appendTime(b []byte, m city.Moment) []byte {
	b = m.Time().AppendFormat(append(b, '"'), time.RFC3339)
	return append(b, '"')
}
