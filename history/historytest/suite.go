package historytest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// Run runs the contract over the Reader that open makes for a ground.
func Run(t *testing.T, open func(t *testing.T, g *Ground) Subject) {
	zones := []struct {
		name string
		day  string // a local day on which the zone's clock changes, if it ever does
	}{
		{"Asia/Tehran", "2022-09-22"},
		{"Europe/Berlin", "2026-10-25"},
		{"Europe/Berlin", "2026-03-29"},
		{"Australia/Lord_Howe", "2026-04-05"},
		{"Australia/Lord_Howe", "2026-10-04"},
		{"Asia/Kathmandu", "2026-01-01"},
	}
	for _, z := range zones {
		t.Run("AnyHistoryIsReadBackAsItWasKnown/"+z.name+"/"+z.day, func(t *testing.T) {
			g := NewGround(t, z.name)
			anyHistory(t, g, open(t, g), z.day)
		})
	}
	t.Run("RevisionReplacesAndTheOldValueStaysAsOf", func(t *testing.T) {
		g := NewGround(t, "Asia/Tehran")
		revision(t, g, open(t, g))
	})
	t.Run("HostileTextComesBackEqual", func(t *testing.T) {
		g := NewGround(t, "Asia/Tehran")
		hostile(t, g, open(t, g))
	})
	t.Run("BoundsAreHalfOpenAndOddValuesStay", func(t *testing.T) {
		g := NewGround(t, "Asia/Tehran")
		bounds(t, g, open(t, g))
	})
}

// anyHistory appends readings in any order, with duplicates, conflicts, late ones
// and revisions, around the midnight and the hours of one day, syncing now and
// then, and compares with what the journal says at every position.
func anyHistory(t *testing.T, g *Ground, s Subject, day string) {
	date, err := city.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	zone := g.City.Clock()
	from, to := zone.Day(date)
	from, to = from-4*3600, to+4*3600
	rng := rand.New(rand.NewPCG(uint64(date), 7))
	for range 60 {
		var batch []entry.Entry
		for range 1 + rng.IntN(12) {
			batch = append(batch, g.anything(rng, zone, from, to))
		}
		g.Append(t, batch...)
		if rng.IntN(12) == 0 {
			s.Sync(t)
		}
	}
	s.Sync(t)
	for _, asOf := range []uint64{0, 1, 2, g.number / 3, g.number / 2, g.number, g.number + 9} {
		for i := range g.City.Sources {
			src := &g.City.Sources[i]
			g.compare(t, s, src, from-3600, to+3600, asOf)
			at := from + city.Moment(rng.IntN(86400))
			g.compare(t, s, src, at, at+city.Moment(rng.IntN(20000)), asOf)
		}
	}
}

// anything returns a reading or event in [from, to), sometimes one that revises.
func (g *Ground) anything(rng *rand.Rand, zone *city.Zone, from, to city.Moment) entry.Entry {
	at := from + city.Moment(rng.Int64N(int64(to-from)))
	src := &g.City.Sources[rng.IntN(len(g.City.Sources))]
	if src.Kind == city.Event {
		return &entry.Event{
			Source: src.ID, At: at, ID: strconv.Itoa(rng.IntN(40)), State: []string{"", "opened", "closed"}[rng.IntN(3)],
			Case: []string{"", "report", "work"}[rng.IntN(3)], Category: "litter", Place: "garden", V: city.Steps(rng.IntN(5)),
		}
	}
	r := &entry.Reading{Source: src.ID, From: zone.Floor(at, 900), V: city.Steps(rng.IntN(2000) - 1000), Quality: []string{"", "wet"}[rng.IntN(2)]}
	r.To = r.From
	if src.Kind == city.Interval {
		r.To += 900
	}
	if rng.IntN(4) == 0 {
		r.Late = 50 * 3600 * 1e9
	}
	if known := g.known(src, 0); rng.IntN(3) == 0 && len(known) > 0 {
		k := known[rng.IntN(len(known))]
		r.From, r.To = k.From, k.To
		r.Revises, r.Reason = g.newest(src, k.From), "counted again"
	}
	return r
}

// newest returns the position of the newest reading of a slot.
func (g *Ground) newest(src *city.Source, from city.Moment) entry.Position {
	var pos entry.Position
	for _, r := range g.kept(src, 0) {
		if r.From == from {
			pos = r.Pos
		}
	}
	return pos
}

// kept is the oracle: what counts or once counted of src among all that was
// appended up to batch asOf, in journal order.
func (g *Ground) kept(src *city.Source, asOf uint64) []measure.Raw {
	zone := g.City.Clock()
	newest := map[entry.Identity]measure.Raw{}
	var list []measure.Raw
	for _, a := range g.appends {
		if asOf != 0 && a.pos.Batch > asOf {
			break
		}
		raw := measure.Raw{Pos: a.pos}
		var revises entry.Position
		switch e := a.e.(type) {
		case *entry.Reading:
			if e.Source != src.ID {
				continue
			}
			raw.From, raw.To, raw.V, raw.LateSec = e.From, e.To, e.V, int64(e.Late.Seconds())
			raw.Note, revises = cmp.Or(e.Reason, e.Quality), e.Revises
		case *entry.Event:
			if e.Source != src.ID {
				continue
			}
			raw.From, raw.To, raw.V, raw.LateSec = e.At, e.At, e.V, int64(e.Late.Seconds())
			raw.Event = &measure.Detail{ID: e.ID, State: e.State, Case: e.Case, Category: e.Category, Place: e.Place}
		default:
			continue
		}
		id, _ := entry.IdentityOf(a.e, zone)
		old, known := newest[id]
		raw.Revised = known && revises == old.Pos
		if known && !raw.Revised {
			continue // a duplicate, or the loser of a conflict
		}
		newest[id] = raw
		list = append(list, raw)
	}
	return list
}

// known is kept as a Reader gives it.
func (g *Ground) known(src *city.Source, asOf uint64) []measure.Raw {
	list := g.kept(src, asOf)
	slices.SortStableFunc(list, func(a, b measure.Raw) int { return cmp.Compare(a.From, b.From) })
	for i := range list {
		list[i].Pos.Index = 0
	}
	return list
}

// compare compares a Reader's two answers over [from, to) with the oracle.
func (g *Ground) compare(t *testing.T, s Subject, src *city.Source, from, to city.Moment, asOf uint64) {
	t.Helper()
	zone := g.City.Clock()
	all := g.known(src, asOf)
	want := slices.DeleteFunc(slices.Clone(all), func(r measure.Raw) bool { return r.From < from || r.From >= to })
	got, err := s.Reader.Readings(t.Context(), src, from, to, asOf)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("readings of %s in [%s, %s) as of %d (-want +got):\n%s", src.ID, from, to, asOf, d)
	}
	var cells []measure.Cell
	if len(all) > 0 {
		perDay := map[city.Date][]measure.Raw{}
		for _, r := range all {
			d := zone.Date(r.From)
			perDay[d] = append(perDay[d], r)
		}
		for d := zone.Date(all[0].From); d <= zone.Date(all[len(all)-1].From); d++ {
			begin, end := zone.Day(d)
			cells = append(cells, measure.Hours(src, zone, measure.Correct(src, perDay[d], nil), begin, end)...)
		}
	}
	cells = slices.DeleteFunc(cells, func(c measure.Cell) bool { return c.N == 0 || c.From < from || c.From >= to })
	have, err := s.Reader.Cells(t.Context(), src, from, to, asOf)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(cells, have, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("cells of %s in [%s, %s) as of %d (-want +got):\n%s", src.ID, from, to, asOf, d)
	}
}

func revision(t *testing.T, g *Ground, s Subject) {
	at := g.City.Clock().Floor(1_800_000_000, 900)
	first := g.Append(t, &entry.Reading{Source: Gate, From: at, To: at + 900, V: 10})
	s.Sync(t)
	second := g.Append(t, &entry.Reading{Source: Gate, From: at, To: at + 900, V: 7, Revises: entry.Position{Batch: first}, Reason: "stuck sensor"})
	s.Sync(t)
	third := g.Append(t, &entry.Reading{Source: Gate, From: at, To: at + 900, V: 8, Revises: entry.Position{Batch: second}, Reason: "counted by hand"})
	s.Sync(t)
	src := g.City.Source(Gate)
	for asOf, want := range map[uint64]int64{first: 10, second: 7, third: 8, 0: 8} {
		cells, err := s.Reader.Cells(t.Context(), src, at-7200, at+7200, asOf)
		if err != nil {
			t.Fatal(err)
		}
		if len(cells) != 1 || cells[0].Sum != want || cells[0].N != 1 {
			t.Errorf("as of %d: %+v, want one cell of sum %d", asOf, cells, want)
		}
		g.compare(t, s, src, at-7200, at+7200, asOf)
	}
	if cells, err := s.Reader.Cells(t.Context(), src, at-7200, at+7200, first-1); err != nil || len(cells) != 0 {
		t.Errorf("before the first reading: %+v, %v; want nothing", cells, err)
	}
}

func hostile(t *testing.T, g *Ground, s Subject) {
	var batch []entry.Entry
	for i, text := range HostileTexts() {
		at := city.Moment(1_800_000_000 + i)
		batch = append(batch, &entry.Event{
			Source: Reports, At: at, ID: text + strconv.Itoa(i), State: text, Case: "report", Category: text, Place: city.PlaceID(text), V: 1,
		}, &entry.Reading{Source: Crowd, From: at, To: at, V: 1, Quality: text})
	}
	g.Append(t, batch...)
	s.Sync(t)
	for _, id := range []city.SourceID{Reports, Crowd} {
		src := g.City.Source(id)
		g.compare(t, s, src, 1_799_990_000, 1_800_010_000, 0)
		g.compare(t, s, src, 1_799_990_000, 1_800_010_000, g.number)
	}
}

// HostileTexts returns texts that have broken line protocol, InfluxQL or JSON
// somewhere. All are valid UTF-8.
func HostileTexts() []string {
	return []string{
		"", " ", "\n", "\r", "\r\n", "\t", "\x00", "\x1b[31m", "\x7f", "\\", "\\\\", `\n`, `"`, `""`, `\"`, `'`, `'; DROP DATABASE "rasad"`,
		",", "=", " =,", "#", "#comment", "/* */", "-- ", "a=1i", "v=9999999", "x\nofficial visitors=9999999", "x\" \nofficial visitors=1i 1\n",
		"\u2028", "\u2029", "\ufeff", "\u202e", "\u200c", "می\u200cرود", "سی‌وسه‌پل", "🟦", "\U0010ffff", "{}", "[]", "null", "NaN", "1e999",
		"%s%n%00", "${jndi}", "<script>", "../../etc", "trailing\\", "\\\n", "t", "true", "0i",
	}
}

func bounds(t *testing.T, g *Ground, s Subject) {
	zone := g.City.Clock()
	hour := zone.Hour(1_800_000_000)
	values := []city.Steps{0, 1, -1, city.MaxSteps, -city.MaxSteps, city.MaxSteps - 1, 1<<53 - 1}
	var batch []entry.Entry
	for i, v := range values {
		at := hour + city.Moment(i)*1800
		batch = append(batch, &entry.Reading{Source: Crowd, From: at, To: at, V: v})
	}
	g.Append(t, batch...)
	s.Sync(t)
	src := g.City.Source(Crowd)
	for _, span := range [][2]city.Moment{
		{hour, hour + 3600},
		{hour, hour + 3601},
		{hour + 1, hour + 3600},
		{hour + 1, hour + 3601},
		{hour - 1, hour + 1},
		{hour, hour},
		{hour + 3600, hour},
		{0, 4_000_000_000},
		{-5, hour + 1800},
		{hour + 1800, 1 << 60},
	} {
		if span[1]-span[0] < 1<<40 { // the oracle walks day by day
			g.compare(t, s, src, span[0], span[1], 0)
			g.compare(t, s, src, span[0], span[1], g.number)
		}
	}
	none := *src
	none.ID = "of-no-one"
	g.compare(t, s, &none, hour, hour+7200, 0)
}
