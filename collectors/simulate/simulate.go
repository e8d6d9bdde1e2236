// Package simulate plays a seeded Nowruz in any city: gates, crowds, lodging,
// cleanliness, gardens and services, with the faults that real sources have. Each
// value is a pure function of the seed, the source and its moment, so two runs
// agree to the bit and any moment of the past can be asked. It knows places by
// their kind and capacity and sources by what they count, never by their names.
package simulate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"rasad/city"
	"rasad/entry"
)

// Settings say which Nowruz is played.
type Settings struct {
	Seed   uint64      // any number; another seed is another season
	Start  city.Moment // the first moment that has readings; not before the year 2000
	Faults bool        // dead, drifting and unreachable gates, surges, double deliveries
}

// MaxBatch bounds how many items Run hands over at once.
const MaxBatch = 2000

const (
	maxDelay = 40      // seconds from the end of a slot to its sending
	maxAgain = 300     // seconds from a sending to its repetition
	bin      = 15 * 60 // seconds; events are thrown by the bin
	margin   = maxDelay + maxAgain
	wanted   = MaxBatch * 3 / 4 // items in a chunk: one batch takes them even where they are more than thought
)

// A Timed is an item with the moment at which its source sends it.
type Timed struct {
	At   city.Moment
	Item entry.Item
}

// A Sink takes items over; item i was sent at sent[i]. A nil error means that
// they are safe: they are not sent again.
type Sink = func(ctx context.Context, items []entry.Item, sent []city.Moment) error

// A Simulator plays one season. It may be asked from several goroutines; Run is
// called once at a time.
type Simulator struct {
	city    *city.City
	zone    *city.Zone
	dice    dice
	start   city.Moment
	faults  bool
	streams []*stream
	gates   []string // that faults strike
	drifter string   // the gate that drifts
	crowded []*scene // places that surges strike
	office  *curve
	evening *curve // of the city's streets
	night   *curve // of those who sleep here
	known   atomic.Pointer[datedTrouble]
	done    atomic.Int64 // everything sent up to this moment has been taken over
}

// New returns the simulator of a city. It returns an error wrapping
// city.ErrInvalid where the city has no sources or Start lies before 2000.
func New(c *city.City, settings Settings) (*Simulator, error) {
	if settings.Start < 946684800 {
		return nil, fmt.Errorf("%w start %v: want a moment from the year 2000 on", city.ErrInvalid, settings.Start)
	}
	if len(c.Sources) == 0 {
		return nil, fmt.Errorf("%w city %q: no source to simulate", city.ErrInvalid, c.ID)
	}
	s := &Simulator{city: c, zone: c.Clock(), dice: dice(mix(settings.Seed)), start: settings.Start, faults: settings.Faults}
	s.office, s.evening, s.night = curveOf("office"), curveOf("street"), curveOf("camp")
	s.done.Store(int64(settings.Start) - 1)
	s.streams = s.newStreams()
	seen := map[*scene]bool{}
	for _, x := range s.streams {
		switch x.topic {
		case flow, arrivals, departures:
			if !slices.Contains(s.gates, x.gate) {
				s.gates = append(s.gates, x.gate)
			}
		case presence:
			if x.scene.place != nil && !seen[x.scene] {
				seen[x.scene] = true
				s.crowded = append(s.crowded, x.scene)
			}
		case backlog:
			x.cases = s.backlog(x)
		default: // neither faults nor surges strike the others
		}
	}
	if len(s.gates) > 0 {
		s.drifter = s.gates[s.dice.named("drift").below(int64(len(s.gates)))]
	}
	return s, nil
}

// Between returns what is sent in (from, to], in the order of sending. What lies
// before Start is never sent.
func (s *Simulator) Between(from, to city.Moment) []Timed {
	due := due{from: max(from, s.start-1), to: to}
	for _, x := range s.streams {
		switch x.src.Kind {
		case city.Event:
			s.events(&due, x)
		case city.Snapshot:
			s.snapshots(&due, x)
		case city.Interval:
			s.slots(&due, x)
		case city.Cumulative: // the city check refuses it as not yet supported
		}
	}
	slices.SortFunc(due.list, func(a, b ordered) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.stream, b.stream), cmp.Compare(a.Item.From, b.Item.From), cmp.Compare(a.Item.ID, b.Item.ID))
	})
	list := make([]Timed, len(due.list))
	for i := range due.list {
		list[i] = due.list[i].Timed
	}
	return list
}

// A due collects what is sent in (from, to].
type due struct {
	from, to city.Moment
	list     []ordered
}

type ordered struct {
	Timed
	stream int
}

func (d *due) add(x *stream, at city.Moment, it *entry.Item) {
	if d.from < at && at <= d.to {
		d.list = append(d.list, ordered{Timed{at, *it}, x.index})
	}
}

// slots adds the readings of an interval source, also those that a link held up.
func (s *Simulator) slots(due *due, x *stream) {
	first := max(due.from-margin, s.start)
	held := due.from // a slot that ended after this may still be held up
	for _, date := range [2]city.Date{s.zone.Date(due.from), s.zone.Date(due.to)} {
		t := s.trouble(date)
		if x.gate == t.offline && t.offTo <= due.to && due.from <= t.offTo+margin {
			held = min(held, t.offFrom)
		}
	}
	first = max(min(first, held), s.start)
	for from := s.zone.Floor(first, x.src.SlotSec); from < due.to; {
		to := s.next(from, x.src.SlotSec)
		if from >= s.start && to <= due.to && s.sends(x.src, from) {
			throw := x.dice.of(int64(from)).of(20)
			if at, ok := s.sending(x, to, throw); ok {
				s.offer(due, x, from, to, at, throw)
			}
		}
		from = to
	}
}

// sends reports whether the source is to send during the hour of m.
func (s *Simulator) sends(src *city.Source, m city.Moment) bool {
	return len(src.Cadence) == 0 || src.Every(s.zone.HourOfDay(m)) > 0
}

// next returns the end of the slot that starts at from: the next line of the
// local clock, or where the clock changes.
func (s *Simulator) next(from city.Moment, step int64) city.Moment {
	off := s.zone.Offset(from)
	to := from + city.Moment(step-(int64(from)+off)%step)
	for to > from && s.zone.Offset(to-1) != off {
		to = s.zone.Floor(to-1, step)
	}
	return to
}

// offer adds a reading where it, or its repetition, is due.
func (s *Simulator) offer(due *due, x *stream, from, to, at city.Moment, throw dice) {
	second, twice := s.again(at, throw)
	now, later := due.from < at && at <= due.to, twice && due.from < second && second <= due.to
	if !now && !later {
		return
	}
	it := entry.Item{Source: string(x.src.ID), From: from, To: to, Number: x.src.Unit.Format(s.value(x, from))}
	if now {
		due.add(x, at, &it)
	}
	if later {
		due.add(x, second, &it)
	}
}

// snapshots adds the readings of a snapshot source.
func (s *Simulator) snapshots(due *due, x *stream) {
	first := max(due.from-margin, s.start)
	for hour := s.zone.Hour(first); hour < due.to; hour = s.zone.NextHour(hour) {
		every := city.Moment(x.src.Every(s.zone.HourOfDay(hour)))
		if every <= 0 || every > 3600 && city.Moment(s.secondOf(hour))%every != 0 {
			continue
		}
		end := s.zone.NextHour(hour)
		for m := hour; m < end && m <= due.to; m += every {
			if m < first {
				continue
			}
			throw := x.dice.of(int64(m)).of(20)
			if at, ok := s.sending(x, m, throw); ok {
				s.offer(due, x, m, m, at, throw)
			}
		}
	}
}

// word returns the first part of what is counted: "litter" of "litter-reports".
func word(counts string) string {
	w, _, _ := strings.Cut(counts, "-")
	return w
}

// Run hands over everything from Start to the clock's now, at most MaxBatch items
// at once, and then goes with the clock until ctx is done. wait returns when the
// clock has reached a moment. Called again after an error it goes on where the
// sink last took something over.
func (s *Simulator) Run(ctx context.Context, clock func() time.Time, wait func(context.Context, city.Moment) error, sink Sink) error {
	chunk := city.Moment(3600)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		from := city.Moment(s.done.Load())
		now := city.At(clock())
		to := from + chunk
		if to > now { // in step with the clock: look a minute ahead
			to = max(now, from+60)
		}
		list := s.Between(from, to)
		if err := s.handOver(ctx, list, clock, wait, sink); err != nil {
			return err
		}
		if err := wait(ctx, to); err != nil {
			return err
		}
		s.done.Store(int64(to))
		chunk = min(max(chunk*wanted/city.Moment(max(len(list), 1)), 60), 86400)
	}
}

// handOver gives the sink what is due, waiting for what is not due yet.
func (s *Simulator) handOver(ctx context.Context, list []Timed, clock func() time.Time, wait func(context.Context, city.Moment) error, sink Sink) error {
	for len(list) > 0 {
		if err := wait(ctx, list[0].At); err != nil {
			return err
		}
		now := max(city.At(clock()), list[0].At)
		n := 0
		for n < len(list) && n < MaxBatch && list[n].At <= now {
			n++
		}
		n = wholeSeconds(list, n)
		items, sent := make([]entry.Item, n), make([]city.Moment, n)
		for i := range n {
			items[i], sent[i] = list[i].Item, list[i].At
		}
		if err := sink(ctx, items, sent); err != nil {
			return fmt.Errorf("hand over %d items: %w", n, err)
		}
		if n == len(list) || list[n].At > list[n-1].At {
			s.done.Store(int64(list[n-1].At))
		}
		list = list[n:]
	}
	return nil
}

// wholeSeconds returns n, or a little less so that the first n of list end with
// the last of their second: Run can go on behind them.
func wholeSeconds(list []Timed, n int) int {
	for k := n; k > 0; k-- {
		if k == len(list) || list[k].At > list[k-1].At {
			return k
		}
	}
	return n
}
