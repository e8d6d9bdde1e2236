package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rasad/city"
	"rasad/days"
	"rasad/entry"
	"rasad/history"
	"rasad/journal"
	"rasad/live"
	"rasad/measure"
)

// lawCity is a small city with every kind of source, way of adding up, period and
// grouping that this version knows.
func lawCity(t *testing.T, zone string) *city.City {
	t.Helper()
	text := func(s string) city.Text { return city.Text{FA: s, EN: s} }
	always := func(every int64) []city.Cadence {
		return []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: every}}
	}
	src := func(id, place, counts string, unit city.Unit, kind city.Kind, slot int64, cadence []city.Cadence) city.Source {
		return city.Source{
			ID: city.SourceID(id), Name: text(id), Place: city.PlaceID(place), District: "district-" + city.DistrictID(place[:1]), Department: "culture",
			Counts: counts, Unit: unit, Kind: kind, SlotSec: slot, Cadence: cadence, Max: 1 << 30, Body: text("body"), Method: "camera", LateSec: 60 * 86400,
		}
	}
	d := city.Definition{
		Format: 1, ID: "law", Name: text("law"), Zone: zone,
		Districts: []city.District{{ID: "district-a", Number: 1, Name: text("a")}, {ID: "district-b", Number: 2, Name: text("b")}},
		Places: []city.Place{
			{ID: "a-square", Name: text("a"), Kind: "square", District: "district-a", Capacity: 700},
			{ID: "b-garden", Name: text("b"), Kind: "park", District: "district-b", Capacity: 400},
		},
		Departments: []city.Department{{ID: "culture", Name: text("culture")}},
		Sources: []city.Source{
			src("a-visits", "a-square", "visits", city.SiteVisit, city.Interval, 900, always(900)),
			src("b-visits", "b-garden", "visits", city.SiteVisit, city.Interval, 900, []city.Cadence{{FromHour: 8, ToHour: 20, EverySec: 900}}),
			src("a-present", "a-square", "present", city.Person, city.Snapshot, 0, always(300)),
			src("b-present", "b-garden", "present", city.Person, city.Snapshot, 0, always(600)),
			src("a-marks", "a-square", "marks", city.Percent, city.Event, 0, nil),
			src("b-soil", "b-garden", "soil", city.Percent, city.Snapshot, 0, always(1800)),
			src("a-soil", "a-square", "soil", city.Percent, city.Snapshot, 0, always(3600)),
		},
		Seasons: []city.Season{{ID: "s", Name: text("s"), From: city.DateOf(2022, 3, 18), To: city.DateOf(2022, 4, 3), One: city.DateOf(2022, 3, 21)}},
	}
	target := city.Steps(4000)
	add := func(id string, how city.How, over city.Period, unit city.Unit, th *city.Thresholds, among []city.SourceID, by []city.Grouping, of ...city.SourceID) {
		d.Indicators = append(d.Indicators, city.Indicator{
			ID: city.IndicatorID(id), Name: text(id), Definition: text(id), Theme: "visitors", Of: of, Among: among, Unit: unit,
			How: how, Over: over, By: by, Target: &target, Thresholds: th, Owner: "culture", Body: text("body"),
		})
	}
	all := []city.Grouping{city.ByCity, city.ByDistrict, city.ByPlace, city.ByDepartment}
	whole := []city.Grouping{city.ByCity}
	for _, over := range []city.Period{city.QuarterHour, city.Hour, city.Day, city.PreviousDay, city.InSeason} {
		add("visits-"+string(over), city.Sum, over, city.SiteVisit, &city.Thresholds{Direction: "above", Of: city.OfTarget, Watch: 2000, Alert: 6000}, nil, all, "a-visits", "b-visits")
		add("peak-"+string(over), city.Max, over, city.SiteVisit, nil, nil, all, "a-visits", "b-visits")
		add("marks-"+string(over), city.Mean, over, city.Percent, &city.Thresholds{Direction: "below", Of: city.OfValue, Watch: 5000, Alert: 3000}, nil, whole, "a-marks")
		add("part-"+string(over), city.Share, over, city.Percent, nil, []city.SourceID{"a-visits", "b-visits"}, whole, "a-visits")
	}
	add("present", city.Last, city.Now, city.Person, &city.Thresholds{Direction: "above", Of: city.OfCapacity, Watch: 7000, Alert: 9000}, nil, all, "a-present", "b-present")
	add("soil", city.Mean, city.Now, city.Percent, nil, nil, whole, "b-soil", "a-soil")
	add("newest-mark", city.Last, city.Day, city.Percent, nil, nil, whole, "a-marks")
	c, err := city.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A lawCase is one random life of a city: what happened, in which batches, with
// which restarts, and the moment at which all must agree.
type lawCase struct {
	city    *city.City
	batches [][]entry.Entry
	restart map[int]bool // after which batches the followers' process dies
	at      city.Moment
}

func newLawCase(t *testing.T, seed uint64) lawCase {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	// Tehran's spring of 2022 lost its midnight; its autumn had one twice.
	zone := []string{"Asia/Tehran", "Australia/Melbourne", "UTC"}[rng.IntN(3)]
	c := lawCase{city: lawCity(t, zone), restart: map[int]bool{}}
	start := city.At(time.Date(2022, 3, 20, 20, 0, 0, 0, time.UTC)) + city.Moment(rng.IntN(3)*86400)
	if rng.IntN(3) == 0 {
		start = city.At(time.Date(2022, 9, 20, 20, 0, 0, 0, time.UTC))
	}
	c.at = start + city.Moment(rng.IntN(40*60)*60)
	var made []entry.Entry
	for range 5 + rng.IntN(60) {
		if len(made) > 0 && rng.IntN(4) == 0 { // again: the same, or another value
			made = append(made, again(rng, made[rng.IntN(len(made))]))
			continue
		}
		made = append(made, c.something(rng))
	}
	if rng.IntN(2) == 0 {
		rng.Shuffle(len(made), func(i, j int) { made[i], made[j] = made[j], made[i] })
	}
	for len(made) > 0 {
		n := min(1+rng.IntN(8), len(made))
		if rng.IntN(6) == 0 {
			c.restart[len(c.batches)] = true
		}
		c.batches = append(c.batches, made[:n])
		made = made[n:]
	}
	c.revise(rng)
	return c
}

func (c *lawCase) something(rng *rand.Rand) entry.Entry {
	src := &c.city.Sources[rng.IntN(len(c.city.Sources))]
	at := c.at - city.Moment(rng.IntN(50*60)*60) + 1800
	if rng.IntN(12) == 0 {
		at -= city.Moment(rng.IntN(6) * 86400)
	}
	var late time.Duration
	if rng.IntN(8) == 0 {
		late = time.Duration(1+rng.IntN(100)) * time.Hour
	}
	v := city.Steps(rng.IntN(900))
	switch src.Kind {
	case city.Interval:
		at = c.city.Clock().Floor(at, src.SlotSec)
		return &entry.Reading{Source: src.ID, From: at, To: at + city.Moment(src.SlotSec), V: v, By: "law", Late: late}
	case city.Event:
		if rng.IntN(2) == 0 {
			at -= at % 3600 // several at one moment
		}
		life := [][2]string{{"", ""}, {"", ""}, {"report", "opened"}, {"report", "closed"}, {"service", "opened"}, {"service", "done"}}[rng.IntN(6)]
		return &entry.Event{Source: src.ID, At: at, ID: fmt.Sprint(rng.IntN(12)), Case: life[0], State: life[1], V: v * 11, Category: string(rune('A' + rng.IntN(3))), By: "law", Late: late}
	default:
		return &entry.Reading{Source: src.ID, From: at, To: at, V: v, By: "law", Late: late}
	}
}

func again(rng *rand.Rand, e entry.Entry) entry.Entry {
	other := city.Steps(rng.IntN(3)) // 0: a duplicate, else a conflict
	switch e := e.(type) {
	case *entry.Reading:
		r := *e
		r.V += other
		return &r
	case *entry.Event:
		v := *e
		v.V += other
		return &v
	}
	return e
}

// revise lets some batches end with a revision of a reading before them; some of
// them are out of date themselves by then.
func (c *lawCase) revise(rng *rand.Rand) {
	for n := 1; n < len(c.batches); n++ {
		if rng.IntN(3) > 0 {
			continue
		}
		from := rng.IntN(n)
		i := rng.IntN(len(c.batches[from]))
		old, ok := c.batches[from][i].(*entry.Reading)
		if !ok {
			continue
		}
		r := *old
		r.V += city.Steps(1 + rng.IntN(50))
		r.Revises = entry.Position{Batch: uint64(from + 2), Index: uint32(i)} // the city is batch 1
		r.Reason = "counted again"
		c.batches[n] = append(c.batches[n], &r)
	}
}

// A lawWorld runs a case through the real rooms.
type lawWorld struct {
	t       *testing.T
	dir     string
	city    *city.City
	journal *journal.Journal
	days    *days.Store
	board   *live.Board
	now     city.Moment
	file    string // of days
	starts  int
}

func (w *lawWorld) openJournal() {
	j, err := journal.Open(journal.Config{Dir: w.dir, Zone: w.city.Clock(), Log: slog.New(slog.DiscardHandler), Free: func(string) (uint64, uint64, error) { return 1 << 40, 1 << 40, nil }})
	if err != nil {
		w.t.Fatal(err)
	}
	w.journal = j
}

func (w *lawWorld) openFollowers(name string) {
	w.file = name
	var board *live.Board
	store, err := days.Open(days.Config{
		Path: filepath.Join(w.dir, name), Log: slog.New(slog.DiscardHandler),
		Changed: func(_ uint64, ch []days.Change) {
			if board != nil {
				board.Apply(ch)
			}
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.days = store
	board = live.New("law", store, w.city, w.now)
	w.board = board
	if err := board.Advance(w.t.Context(), w.now); err != nil {
		w.t.Fatal(err)
	}
}

// follow lets days catch up with the journal.
func (w *lawWorld) follow(observe func(entry.Batch)) {
	head, from := w.journal.Head(), w.days.Applied()
	if from >= head {
		return
	}
	err := w.journal.Follow(w.t.Context(), from, func(b entry.Batch) error {
		if observe != nil {
			observe(b)
		}
		if err := w.days.Apply(b); err != nil {
			return err
		}
		if b.Number == head {
			return errCaughtUp
		}
		return nil
	})
	if !errors.Is(err, errCaughtUp) {
		w.t.Fatal(err)
	}
}

func (w *lawWorld) append(entries []entry.Entry) {
	if _, err := w.journal.Append(w.t.Context(), entries); err != nil {
		w.t.Fatal(err)
	}
}

func cityEntry(t *testing.T, c *city.City) entry.Entry {
	t.Helper()
	compiled, err := c.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return &entry.City{File: "law", Compiled: compiled, By: "law", Why: "test"}
}

// live runs the whole case, with its restarts, and returns what the board says.
func (c *lawCase) live(t *testing.T, o *oracle) *lawWorld {
	t.Helper()
	w := &lawWorld{t: t, dir: t.TempDir(), city: c.city, now: c.at - 7200}
	w.openJournal()
	w.append([]entry.Entry{cityEntry(t, c.city)})
	w.openFollowers("days.db")
	told := uint64(0)
	observe := func(b entry.Batch) {
		if b.Number > told {
			told = b.Number
			o.take(b)
		}
	}
	w.follow(observe)
	for i, batch := range c.batches {
		w.append(batch)
		w.follow(observe)
		if i%3 == 0 {
			w.now = min(w.now+1200, c.at)
			if err := w.board.Advance(t.Context(), w.now); err != nil {
				t.Fatal(err)
			}
		}
		if c.restart[i] {
			w.restart(i%2 == 0)
			w.follow(observe)
		}
	}
	if err := w.board.Advance(t.Context(), c.at); err != nil {
		t.Fatal(err)
	}
	return w
}

// restart closes and opens everything. After an unclean stop, what days had not
// committed is gone, and the journal repeats it.
func (w *lawWorld) restart(clean bool) {
	w.starts++
	if clean {
		if err := w.days.Commit(); err != nil {
			w.t.Fatal(err)
		}
	}
	name := fmt.Sprintf("days-%d.db", w.starts)
	for _, tail := range []string{"", "-wal"} { // as the disk has it
		b, err := os.ReadFile(filepath.Join(w.dir, w.file+tail))
		if err == nil {
			err = os.WriteFile(filepath.Join(w.dir, name+tail), b, 0o600)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			w.t.Fatal(err)
		}
	}
	w.close()
	w.openJournal()
	w.openFollowers(name)
}

func (w *lawWorld) close() {
	for _, err := range []error{w.days.Close(), w.journal.Close()} {
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// boardAnswers returns what the board says for each tile.
func boardAnswers(t *testing.T, b *live.Board) map[string]answer {
	t.Helper()
	s, err := b.Snapshot("all")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]answer{}
	for i := range s.Tiles {
		out[s.Tiles[i].ID()] = answerOf(s.Tiles[i].Figure)
	}
	return out
}

// readerAnswers works every tile out from a history.Reader, as known at asOf.
func readerAnswers(ctx context.Context, t *testing.T, r history.Reader, c *city.City, at city.Moment, asOf uint64) map[string]answer {
	t.Helper()
	out := map[string]answer{}
	for i := range c.Indicators {
		ind := &c.Indicators[i]
		for _, g := range measure.Groups(c, ind) {
			f, err := history.Figure(ctx, r, c, ind, g, at, asOf)
			if err != nil {
				t.Fatal(err)
			}
			out[measure.TileID(ind.ID, g)] = answerOf(f)
		}
	}
	return out
}

func oracleAnswers(o *oracle, at city.Moment) map[string]answer {
	out := map[string]answer{}
	for i := range o.city.Indicators {
		ind := &o.city.Indicators[i]
		for _, g := range measure.Groups(o.city, ind) {
			out[measure.TileID(ind.ID, g)] = o.figure(ind, g, at.Time())
		}
	}
	return out
}

func sameAnswers(t *testing.T, what string, got, want map[string]answer, revisions bool) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%s: %d tiles, want %d", what, len(got), len(want))
	}
	for id, w := range want {
		g := got[id]
		if !revisions {
			g.Revision, w.Revision = 0, 0
		}
		if g != w {
			t.Errorf("%s: %s = %+v, want %+v", what, id, g, w)
		}
	}
}
