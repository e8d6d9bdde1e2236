// Package historytest holds the contract of history: what every Reader answers,
// whatever it keeps its rows in. It is for tests.
package historytest

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"rasad/city"
	"rasad/days"
	"rasad/entry"
	"rasad/history"
)

// A Subject is a Reader under test.
type Subject struct {
	Reader history.Reader
	// Sync returns when the Reader knows all that days has committed.
	Sync func(t *testing.T)
}

// A Ground is a small city with a days of its own, and what was appended to its
// journal.
type Ground struct {
	City *city.City
	Days *days.Store

	at      time.Time
	number  uint64
	appends []appended
}

type appended struct {
	pos entry.Position
	e   entry.Entry
}

// The sources of the ground's city.
const (
	Gate    city.SourceID = "bridge/in" // site visits, each quarter of an hour
	Crowd   city.SourceID = "bridge-people"
	Reports city.SourceID = "litter"
)

// NewGround makes a ground in a zone.
func NewGround(t testing.TB, zone string) *Ground {
	t.Helper()
	text := func(s string) city.Text { return city.Text{FA: s, EN: s} }
	def := city.Definition{
		Format: 1, ID: "ground", Name: text("ground"), Zone: zone,
		Districts: []city.District{{ID: "district-1", Number: 1, Name: text("1")}},
		Places: []city.Place{
			{ID: "bridge", Name: text("bridge"), Kind: "bridge", District: "district-1"},
			{ID: "garden", Name: text("garden"), Kind: "garden", District: "district-1"},
		},
		Departments: []city.Department{{ID: "parks", Name: text("parks")}},
		Sources: []city.Source{
			source(Gate, "bridge", "visits", city.SiteVisit, city.Interval),
			source("garden/in", "garden", "visits", city.SiteVisit, city.Interval),
			source(Crowd, "bridge", "people", city.Person, city.Snapshot),
			source(Reports, "garden", "reports", city.Report, city.Event),
		},
		Indicators: []city.Indicator{
			indicator("visits", city.Sum, city.Day, city.SiteVisit, Gate, "garden/in"),
			indicator("people", city.Last, city.Now, city.Person, Crowd),
			indicator("reports", city.Sum, city.Day, city.Report, Reports),
		},
	}
	c, err := city.New(def)
	if err != nil {
		t.Fatal(err)
	}
	store, err := days.Open(days.Config{Path: filepath.Join(t.TempDir(), "days.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	g := &Ground{City: c, Days: store, at: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)}
	compiled, err := c.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	g.Append(t, &entry.City{Compiled: json.RawMessage(compiled)})
	return g
}

func source(id city.SourceID, place city.PlaceID, counts string, unit city.Unit, kind city.Kind) city.Source {
	s := city.Source{
		ID: id, Place: place, District: "district-1", Department: "parks", Counts: counts, Unit: unit, Kind: kind,
		Min: -city.MaxSteps, Max: city.MaxSteps, LateSec: 60 * 86400,
	}
	if kind == city.Interval {
		s.SlotSec = 900
	}
	if kind != city.Event {
		s.Cadence = []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: 900}}
	}
	return s
}

func indicator(id city.IndicatorID, how city.How, over city.Period, unit city.Unit, of ...city.SourceID) city.Indicator {
	return city.Indicator{
		ID: id, Of: of, Unit: unit, How: how, Over: over, Owner: "parks",
		By: []city.Grouping{city.ByCity, city.ByPlace},
	}
}

// Append appends one batch, lets days apply and commit it, and returns its number.
func (g *Ground) Append(t testing.TB, entries ...entry.Entry) uint64 {
	t.Helper()
	g.number++
	g.at = g.at.Add(time.Second)
	for i, e := range entries {
		g.appends = append(g.appends, appended{entry.Position{Batch: g.number, Index: uint32(i)}, e})
	}
	if err := g.Days.Apply(entry.Batch{Number: g.number, At: g.at, Entries: entries}); err != nil {
		t.Fatal(err)
	}
	if err := g.Days.Commit(); err != nil {
		t.Fatal(err)
	}
	return g.number
}

// Drain writes to rows all that d has committed, with a writer that starts and
// stops for it. parked is the writer's file of parked rows.
func Drain(t testing.TB, d history.Changes, rows history.Rows, parked string) history.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w, err := history.NewWriter(history.WriterConfig{Days: &drained{d, cancel}, Rows: rows, Parked: parked})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
	s := w.State()
	if s.Lag != 0 || !s.Reachable {
		t.Fatalf("state after draining: %+v", s)
	}
	return s
}

// drained ends the writer when it has read all there is.
type drained struct {
	history.Changes
	end func()
}

// Since implements history.Changes.
func (d *drained) Since(ctx context.Context, after uint64, limit int) ([]days.Row, uint64, error) {
	rows, upTo, err := d.Changes.Since(ctx, after, limit)
	if err == nil && len(rows) == 0 && upTo >= d.Committed() && after >= upTo {
		d.end()
	}
	return rows, upTo, err
}
