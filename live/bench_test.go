package live_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"rasad/city"
	"rasad/city/file"
	"rasad/days"
	"rasad/entry"
	"rasad/live"
)

// season returns what the sources of c say from one moment to another: each slot
// or sight of its cadence, and an event a quarter of an hour where it has none.
func season(c *city.City, from, to city.Moment) []entry.Entry {
	var all []entry.Entry
	for i := range c.Sources {
		s := &c.Sources[i]
		every := city.Moment(900)
		if s.Kind == city.Interval {
			every = city.Moment(s.SlotSec)
		} else if len(s.Cadence) > 0 {
			every = city.Moment(s.Cadence[0].EverySec)
		}
		for at := from; at+every <= to; at += every {
			v := s.Min + city.Steps(int64(at)*7919%(int64(s.Max-s.Min)/4+1))
			switch s.Kind {
			case city.Event:
				all = append(all, &entry.Event{Source: s.ID, At: at, ID: fmt.Sprint(at), V: v, By: "t1"})
			case city.Interval:
				all = append(all, &entry.Reading{Source: s.ID, From: at, To: at + every, V: v, By: "t1"})
			default:
				all = append(all, &entry.Reading{Source: s.ID, From: at, To: at, V: v, By: "t1"})
			}
		}
	}
	return all
}

// BenchmarkAdvance moves the board of Isfahan, at noon on the first day of Nowruz,
// by one tick: where a second has passed and every gate has sent, as on the busiest
// tick of a quarter of an hour; and where only the clock has moved.
func BenchmarkAdvance(b *testing.B) {
	c, err := file.Compile("isfahan.yaml", file.Isfahan())
	if err != nil {
		b.Fatal(err)
	}
	compiled, err := c.Canonical()
	if err != nil {
		b.Fatal(err)
	}
	var changes []days.Change
	store, err := days.Open(days.Config{Path: filepath.Join(b.TempDir(), "days.db"), Changed: func(_ uint64, list []days.Change) { changes = list }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	midnight, _ := c.Clock().Day(city.DateOf(2027, 3, 21))
	noon := midnight + 12*3600
	for i, list := range [][]entry.Entry{{&entry.City{Compiled: compiled}}, season(c, midnight-5*86400, noon-900), season(c, noon-900, noon)} {
		if err := store.Apply(entry.Batch{Number: uint64(i + 1), At: time.Date(2027, 3, 21, 8, 30, 0, 0, time.UTC), Entries: list}); err != nil {
			b.Fatal(err)
		}
	}
	for _, sent := range []bool{true, false} {
		name := "clock"
		if sent {
			name = fmt.Sprintf("sources=%d", len(changes))
		}
		b.Run(name, func(b *testing.B) {
			board, now := live.New("e1", store, c, noon), noon
			if err := board.Advance(b.Context(), now); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if sent {
					board.Apply(changes)
				}
				now++
				if now >= noon+3600 {
					b.StopTimer() // the hour's gates would fall silent
					board, now = live.New("e1", store, c, noon), noon
					if err := board.Advance(b.Context(), now); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				if err := board.Advance(b.Context(), now); err != nil {
					b.Fatal(err)
				}
			}
			if s, err := board.Snapshot("hall"); err != nil || !s.Tiles[0].Figure.Has {
				b.Fatal("the hall shows nothing", err)
			}
		})
	}
}
