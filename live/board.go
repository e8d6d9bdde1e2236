// Package live keeps the present state of the city as tiles. It takes each change
// that days applied, moves with the clock that it is given, and says what changed
// since a revision. It has no goroutine and reads no clock of its own.
package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"rasad/city"
	"rasad/days"
	"rasad/measure"
)

// A Reader is the part of days that a board starts from.
type Reader interface {
	// Day returns one source-day, and whether there is one.
	Day(ctx context.Context, src city.SourceID, d city.Date) (days.Change, bool, error)
	// Totals calls each for every source-day of the dates [from, to].
	Totals(ctx context.Context, from, to city.Date, each func(src city.SourceID, d city.Date, day measure.Cell) error) error
}

// A Snapshot is the whole state of one view.
type Snapshot struct {
	View  string
	Epoch string // another one means another start of the server: revisions do not compare
	Rev   uint64
	Tiles []measure.Tile
}

// A Board holds the newest tile of each indicator and group. Its methods may be
// called from several goroutines.
type Board struct {
	epoch  string
	reader Reader

	mu      sync.Mutex
	city    *city.City
	now     city.Moment
	rev     uint64
	floor   uint64 // revision at which the set of tiles last changed
	streams map[city.SourceID]*stream
	tiles   []*tile
	users   map[city.SourceID][]*tile
	views   map[string][]*tile
	unread  bool // days has to be read before the tiles are right
}

// A tile is a measure.Tile with what it is made from.
type tile struct {
	measure.Tile
	rev       uint64
	of, among []*stream
	dirty     bool
}

// openDays is how many dates before today stay open: the 24 hours of "now" reach
// into a third date where the clock has skipped an hour in between.
const openDays = 2

// A stream is what the board knows of one source.
type stream struct {
	source *city.Source
	open   map[city.Date]days.Change  // today, openDays before it, and later
	totals map[city.Date]measure.Cell // the season's days, and those that are open
}

// New returns a board of the city c at the moment now. Its tiles are right after
// the first Advance. epoch names this start of the server.
func New(epoch string, reader Reader, c *city.City, now city.Moment) *Board {
	b := &Board{epoch: epoch, reader: reader, now: now, streams: map[city.SourceID]*stream{}}
	b.SetCity(c)
	return b
}

// SetCity puts c in force: tiles are made anew, what is known of its sources stays.
func (b *Board) SetCity(c *city.City) {
	b.mu.Lock()
	defer b.mu.Unlock()
	streams := map[city.SourceID]*stream{}
	for i := range c.Sources {
		src := &c.Sources[i]
		st := b.streams[src.ID]
		if st == nil {
			st = &stream{open: map[city.Date]days.Change{}, totals: map[city.Date]measure.Cell{}}
		}
		st.source = src
		streams[src.ID] = st
	}
	b.city, b.streams, b.unread = c, streams, true
	b.tiles, b.users, b.views = nil, map[city.SourceID][]*tile{}, map[string][]*tile{}
	for i := range c.Indicators {
		for _, g := range measure.Groups(c, &c.Indicators[i]) {
			b.addTile(&c.Indicators[i], g)
		}
	}
	b.views["all"] = b.tiles
	for i := range c.Departments {
		b.views[string(c.Departments[i].ID)] = b.pick(func(t *tile) bool { return t.Indicator.Owner == c.Departments[i].ID })
	}
	for i := range c.Screens {
		b.views[string(c.Screens[i].ID)] = b.pick(func(t *tile) bool { return shows(&c.Screens[i], t) })
	}
	b.rev++
	b.floor = b.rev
	for _, t := range b.tiles {
		t.rev = b.rev
	}
}

func (b *Board) addTile(ind *city.Indicator, g measure.Group) {
	t := &tile{Tile: measure.Tile{Indicator: ind, Group: g, Figure: measure.Figure{Status: measure.None}}, dirty: true}
	join := func(ids []city.SourceID) (list []*stream) {
		for _, src := range measure.Members(b.city, ids, g) {
			list = append(list, b.streams[src.ID])
			b.users[src.ID] = append(b.users[src.ID], t)
		}
		return list
	}
	t.of, t.among = join(ind.Of), join(ind.Among)
	b.tiles = append(b.tiles, t)
}

func (b *Board) pick(in func(*tile) bool) []*tile {
	var list []*tile
	for _, t := range b.tiles {
		if in(t) {
			list = append(list, t)
		}
	}
	return list
}

// shows reports whether a screen has a tile: its numbers and chart for the whole
// city, its crowding for each place.
func shows(s *city.Screen, t *tile) bool {
	if t.Group.By == city.ByPlace {
		return t.Indicator.ID == s.Crowding
	}
	if t.Group.By != city.ByCity {
		return false
	}
	id := t.Indicator.ID
	return id == s.Chart || id == s.Crowding || slices.Contains(s.Numbers, id)
}

// Apply takes over changes as days applied them. It is quick: tiles follow at the
// next Advance.
func (b *Board) Apply(changes []days.Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ch := range changes {
		b.take(ch)
	}
}

func (b *Board) take(ch days.Change) {
	st := b.streams[ch.Source]
	if st == nil {
		return
	}
	total := measure.Merge(ch.Cells...)
	if old, ok := st.totals[ch.Date]; ok && old.Pos > total.Pos {
		return // read from days before a newer change came in
	}
	open := ch.Date >= b.city.Clock().Date(b.now)-openDays
	if open {
		st.open[ch.Date] = ch
	}
	if s := b.city.SeasonAt(b.now); open || s != nil && s.From <= ch.Date && ch.Date <= s.To {
		st.totals[ch.Date] = total
	}
	for _, t := range b.users[ch.Source] {
		t.dirty = true
	}
}

// Advance moves the board to the moment now of the data's clock and works out what
// has changed since: by readings, or by time alone. A clock that stands or runs
// back moves nothing but what readings changed.
func (b *Board) Advance(ctx context.Context, now city.Moment) error {
	if err := b.read(ctx, now); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	moved := now > b.now
	if moved {
		from, to := b.city.Clock().Date(b.now), b.city.Clock().Date(now)
		b.now = now
		if from != to {
			b.forget(to - openDays)
		}
	}
	next := b.rev + 1
	for _, t := range b.tiles {
		if !moved && !t.dirty {
			continue
		}
		t.dirty = false
		if f := b.value(t); f != t.Figure {
			t.Figure, t.rev, b.rev = f, next, next
		}
	}
	return nil
}

// forget drops what lies before the open days and outside the season.
func (b *Board) forget(before city.Date) {
	s := b.city.SeasonAt(b.now)
	for _, st := range b.streams {
		for d := range st.open {
			if d < before {
				delete(st.open, d)
			}
		}
		for d := range st.totals {
			if d < before && (s == nil || d < s.From || d > s.To) {
				delete(st.totals, d)
			}
		}
	}
}

// read fills the board from days, once after New and after each SetCity. A change
// that comes in meanwhile is newer than what is read and stays.
func (b *Board) read(ctx context.Context, now city.Moment) error {
	b.mu.Lock()
	c, unread := b.city, b.unread
	b.unread = false
	if unread {
		b.now = max(b.now, now)
	}
	b.mu.Unlock()
	if !unread {
		return nil
	}
	if b.reader == nil {
		return nil
	}
	if err := b.readOpen(ctx, c, now); err != nil {
		b.mu.Lock()
		b.unread = true
		b.mu.Unlock()
		return fmt.Errorf("read open days: %w", err)
	}
	return nil
}

func (b *Board) readOpen(ctx context.Context, c *city.City, now city.Moment) error {
	today := c.Clock().Date(now)
	if s := c.SeasonAt(now); s != nil {
		err := b.reader.Totals(ctx, s.From, min(s.To, today), func(src city.SourceID, d city.Date, day measure.Cell) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			if st := b.streams[src]; st != nil && day.Pos >= st.totals[d].Pos {
				st.totals[d] = day
			}
			return nil
		})
		if err != nil && !errors.Is(err, city.ErrNotFound) {
			return err
		}
	}
	for i := range c.Sources {
		for d := today - openDays; d <= today+1; d++ {
			ch, ok, err := b.reader.Day(ctx, c.Sources[i].ID, d)
			if err != nil {
				return err
			}
			if ok {
				b.Apply([]days.Change{ch})
			}
		}
	}
	return nil
}

// value works a tile out at the board's moment.
func (b *Board) value(t *tile) measure.Figure {
	from, to, ok := b.city.Window(t.Indicator.Over, b.now)
	if !ok {
		return measure.Figure{Status: measure.None}
	}
	inputs := func(list []*stream) []measure.Input {
		in := make([]measure.Input, len(list))
		for i, st := range list {
			in[i] = measure.Input{Source: st.source, Cell: b.cell(st, t.Indicator.Over, from, to)}
		}
		return in
	}
	return measure.Value(measure.Question{
		City: b.city, Indicator: t.Indicator, Group: t.Group, From: from, To: to, At: b.now,
		Of: inputs(t.of), Among: inputs(t.among),
	})
}

// cell returns a source's cell of the window [from, to) of a period.
func (b *Board) cell(st *stream, over city.Period, from, to city.Moment) measure.Cell {
	zone := b.city.Clock()
	first, last := zone.Date(from), zone.Date(to-1)
	switch over {
	case city.QuarterHour:
		return measure.Roll(st.source, zone, st.open[first].Slots, from, to)
	case city.Day, city.PreviousDay:
		return st.totals[first]
	case city.InSeason:
		var m measure.Cell
		for d, total := range st.totals {
			if first <= d && d <= last {
				m = measure.Merge(m, total)
			}
		}
		return m
	default: // the local hours of the open days
		var m measure.Cell
		for d := first; d <= last; d++ {
			for _, c := range st.open[d].Cells {
				if from <= c.From && c.From < to {
					m = measure.Merge(m, c)
				}
			}
		}
		return m
	}
}

// Rev returns the board's revision. It rises by one with each Advance that changed
// a tile.
func (b *Board) Rev() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rev
}

// Epoch names this start of the server.
func (b *Board) Epoch() string { return b.epoch }

// Now returns the moment that the board stands at.
func (b *Board) Now() city.Moment {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// Snapshot returns all tiles of a view: a screen, a department, or "all". It
// returns an error wrapping city.ErrNotFound for any other.
func (b *Board) Snapshot(view string) (Snapshot, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	list, ok := b.views[view]
	if !ok {
		return Snapshot{}, city.Refuse(city.ErrNotFound, city.Text{FA: "نمایی به نام %v نیست", EN: "view %q"}, view)
	}
	s := Snapshot{View: view, Epoch: b.epoch, Rev: b.rev, Tiles: make([]measure.Tile, len(list))}
	for i, t := range list {
		s.Tiles[i] = t.Tile
	}
	return s, nil
}

// Since returns the tiles of a view that changed after the revision rev, and the
// board's revision now. ok is false where rev cannot be built upon, because the
// view, the revision or the set of tiles is another: take a Snapshot then.
func (b *Board) Since(view string, rev uint64) (tiles []measure.Tile, now uint64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	list, known := b.views[view]
	if !known || rev > b.rev || rev < b.floor {
		return nil, b.rev, false
	}
	for _, t := range list {
		if t.rev > rev {
			tiles = append(tiles, t.Tile)
		}
	}
	return tiles, b.rev, true
}
