package collectors_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
)

// noon is 1 Farvardin 1405, 12:00 in Tehran.
const noon = city.Moment(1774081800)

func testCity(t testing.TB, zone string) *city.City {
	t.Helper()
	source := func(id city.SourceID, unit city.Unit, kind city.Kind, slot int64, most city.Steps) city.Source {
		return city.Source{ID: id, Unit: unit, Kind: kind, SlotSec: slot, Max: most, LateSec: 60 * 86400}
	}
	c, err := city.New(city.Definition{
		Zone:   zone,
		Places: []city.Place{{ID: "bridge"}},
		Sources: []city.Source{
			source("gate/in", city.Vehicle, city.Interval, 900, 4000),
			source("gate/out", city.Vehicle, city.Interval, 900, 4000),
			source("road", city.Vehicle, city.Interval, 3600, 4000),
			source("present", city.Person, city.Snapshot, 0, 8000),
			source("soil", city.Percent, city.Snapshot, 0, 10000),
			source("litter", city.Report, city.Event, 0, 10),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A desk is a Gate with a journal and a days of a few lines behind it.
type desk struct {
	*collectors.Gate
	city *city.City
	now  city.Moment
	away error // what Append answers
	log  bytes.Buffer

	mu      sync.Mutex
	batches [][]entry.Entry
	known   map[entry.Identity]entry.Entry
	at      map[entry.Identity]entry.Position
}

func newDesk(t testing.TB) *desk { return newDeskIn(t, "Asia/Tehran") }

func newDeskIn(t testing.TB, zone string) *desk {
	d := &desk{
		city: testCity(t, zone), now: noon,
		known: map[entry.Identity]entry.Entry{}, at: map[entry.Identity]entry.Position{},
	}
	d.Gate = collectors.New(collectors.Config{
		City: func() *city.City { return d.city }, Standing: d.standing, Append: d.append,
		Known: func(e entry.Entry) (city.Steps, bool) {
			d.mu.Lock()
			defer d.mu.Unlock()
			id, _ := entry.IdentityOf(e, d.city.Clock())
			r, ok := d.known[id].(*entry.Reading)
			if !ok {
				return 0, false
			}
			return r.V, true
		},
		Now: func() time.Time { return d.now.Time() },
		Log: slog.New(slog.NewTextHandler(&d.log, nil)),
	})
	return d
}

func (d *desk) standing(e entry.Entry) (entry.Standing, entry.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, _ := entry.IdentityOf(e, d.city.Clock())
	old, known := d.known[id]
	r, _ := e.(*entry.Reading)
	switch {
	case known && entry.SameContent(old, e):
		return entry.Duplicate, d.at[id], nil
	case r != nil && !r.Revises.IsZero() && r.Revises == d.at[id]:
		return entry.New, entry.Position{}, nil
	case known, r != nil && !r.Revises.IsZero():
		return entry.Conflict, d.at[id], nil
	}
	return entry.New, entry.Position{}, nil
}

func (d *desk) append(ctx context.Context, entries []entry.Entry) (entry.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away != nil {
		return entry.Position{}, d.away
	}
	if err := ctx.Err(); err != nil {
		return entry.Position{}, err
	}
	d.batches = append(d.batches, entries)
	n := uint64(len(d.batches))
	for i, e := range entries {
		if _, err := entry.Append(nil, e); err != nil {
			return entry.Position{}, err
		}
		if id, ok := entry.IdentityOf(e, d.city.Clock()); ok {
			d.known[id], d.at[id] = e, entry.Position{Batch: n, Index: uint32(i)}
		}
	}
	return entry.Position{Batch: n}, nil
}

func (d *desk) send(t testing.TB, who collectors.Who, items ...entry.Item) collectors.Answer {
	t.Helper()
	a, err := d.Accept(t.Context(), who, items)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Accepted + a.Duplicates + len(a.Quarantined) + a.Refused; len(items) > 0 && got < len(items) {
		t.Errorf("only %d of %d items have a verdict: %+v", got, len(items), a)
	}
	return a
}

// counters returns how many refused items the journal holds, by reason and minute.
func (d *desk) counters() map[string]int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := map[string]int64{}
	for _, b := range d.batches {
		for _, e := range b {
			if r, ok := e.(*entry.Refused); ok {
				sum[fmt.Sprintf("%s %s %v", r.By, r.Reason, r.Minute)] += r.N
			}
		}
	}
	return sum
}

var who = collectors.Who{ID: "t1"}

// slot is a reading of gate/in over the quarter of an hour that ends at noon + n quarters.
func slot(n int, value string) entry.Item {
	to := noon + city.Moment(900*n)
	return entry.Item{Source: "gate/in", From: to - 900, To: to, Number: value}
}

func state(source, value string, at city.Moment) entry.Item {
	return entry.Item{Source: source, From: at, To: at, Number: value}
}

func event(id, state string, at city.Moment) entry.Item {
	return entry.Item{Source: "litter", From: at, To: at, Number: "1", ID: id, Event: &entry.Happening{State: state, Case: "report"}}
}
