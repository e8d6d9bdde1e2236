package days

import (
	"fmt"
	"path/filepath"
	"testing"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// crowd returns a city of 100 gates with a 15-minute grid.
func crowd(b *testing.B) (*entry.City, []city.SourceID) {
	b.Helper()
	d := city.Definition{Format: 1, ID: "crowd", Zone: "Asia/Tehran"}
	ids := make([]city.SourceID, 100)
	for i := range ids {
		ids[i] = city.SourceID(fmt.Sprintf("gate-%d/in", i))
		d.Sources = append(d.Sources, city.Source{ID: ids[i], Unit: city.Crossing, Kind: city.Interval, SlotSec: 900, Cadence: []city.Cadence{{ToHour: 24, EverySec: 900}}})
	}
	c, err := city.New(d)
	if err != nil {
		b.Fatal(err)
	}
	compiled, err := c.Canonical()
	if err != nil {
		b.Fatal(err)
	}
	return &entry.City{Compiled: compiled}, ids
}

// readings returns n readings of the sources, slot after slot.
func readings(ids []city.SourceID, n int) []entry.Entry {
	start := city.Moment(1_800_000_000)
	list := make([]entry.Entry, n)
	for i := range list {
		from := start + city.Moment(i/len(ids))*900
		list[i] = &entry.Reading{Source: ids[i%len(ids)], From: from, To: from + 900, V: city.Steps(i * 7919 % 400), By: "t1"}
	}
	return list
}

// BenchmarkApply takes in readings of 100 gates in order, commits included, with
// somebody to tell as in the server.
func BenchmarkApply(b *testing.B) {
	for _, per := range []int{1, 100, 5000} {
		b.Run(fmt.Sprintf("%d_per_batch", per), func(b *testing.B) {
			town, ids := crowd(b)
			list := readings(ids, b.N)
			s := open(b, Config{Path: filepath.Join(b.TempDir(), "days.db"), Changed: func(uint64, []Change) {}})
			apply(b, s, entry.Batch{Number: 1, At: bookStart, Entries: []entry.Entry{town}})
			b.ReportAllocs()
			b.ResetTimer()
			for n := uint64(2); len(list) > 0; n++ {
				k := min(per, len(list))
				apply(b, s, entry.Batch{Number: n, At: bookStart, Entries: list[:k]})
				list = list[k:]
			}
			if err := s.Commit(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "readings/s")
		})
	}
}

// BenchmarkDuplicates takes in the same 50,000 readings again and again.
func BenchmarkDuplicates(b *testing.B) {
	town, ids := crowd(b)
	list := readings(ids, 50_000)
	s := open(b, Config{})
	apply(b, s, entry.Batch{Number: 1, At: bookStart, Entries: append([]entry.Entry{town}, list...)})
	b.ReportAllocs()
	b.ResetTimer()
	for i, n := 0, uint64(2); i < b.N; n++ {
		at := i % len(list)
		k := min(1000, len(list)-at, b.N-i)
		apply(b, s, entry.Batch{Number: n, At: bookStart, Entries: list[at : at+k]})
		i += k
	}
	b.StopTimer()
	if got := s.Counts().Duplicates; got != int64(b.N) {
		b.Fatalf("duplicates = %d, want %d", got, b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}

// BenchmarkStanding asks for the standing of known readings.
func BenchmarkStanding(b *testing.B) {
	town, ids := crowd(b)
	list := readings(ids, 50_000)
	s := open(b, Config{})
	apply(b, s, entry.Batch{Number: 1, At: bookStart, Entries: append([]entry.Entry{town}, list...)})
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if st, _, err := s.Standing(list[i%len(list)]); st != entry.Duplicate || err != nil {
			b.Fatal(st, err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}

// BenchmarkTotals adds up a season of 100 gates from the file.
func BenchmarkTotals(b *testing.B) {
	town, ids := crowd(b)
	list := readings(ids, 21*96*100)
	s := open(b, Config{CacheReadings: 1})
	apply(b, s, entry.Batch{Number: 1, At: bookStart, Entries: append([]entry.Entry{town}, list...)})
	if err := s.Commit(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		days := 0
		err := s.Totals(b.Context(), 0, 1<<20, func(city.SourceID, city.Date, measure.Cell) error { days++; return nil })
		if err != nil || days < 2100 {
			b.Fatal(days, err)
		}
	}
}
