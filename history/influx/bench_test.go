package influx_test

import (
	"testing"

	"rasad/city"
	"rasad/entry"
	"rasad/history"
	"rasad/history/influx"
	"rasad/history/influxtest"
	"rasad/measure"
)

// BenchmarkWrite writes readings in requests of 5,000, as a writer that catches up.
func BenchmarkWrite(b *testing.B) {
	server := influxtest.New(b, influxtest.Options{})
	zone, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		b.Fatal(err)
	}
	store, err := influx.Open(influx.Config{URL: server.URL}, zone)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if _, err := store.Position(b.Context()); err != nil {
		b.Fatal(err)
	}
	const n = 5000
	rows, batch := make([]history.Row, n), uint64(0)
	for b.Loop() {
		batch++
		for i := range rows {
			at := 1_800_000_000 + city.Moment(i/200)*900 + city.Moment(batch)*25*900
			raw := measure.Raw{From: at, To: at + 900, V: city.Steps(i), Pos: entry.Position{Batch: batch}}
			rows[i] = history.RawRow(city.SourceID("gate-"+string(rune('a'+i%20))+string(rune('a'+i/20%10))), &raw, 0)
		}
		if err := store.Write(b.Context(), rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkCells reads thirty days of one source, each hour of them revised four times.
func BenchmarkCells(b *testing.B) {
	server := influxtest.New(b, influxtest.Options{})
	zone, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		b.Fatal(err)
	}
	store, err := influx.Open(influx.Config{URL: server.URL}, zone)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if _, err := store.Position(b.Context()); err != nil {
		b.Fatal(err)
	}
	src, from := &city.Source{ID: "gate"}, zone.Hour(1_800_000_000)
	var rows []history.Row
	for h := range city.Moment(30 * 24) {
		for pos := range uint64(4) {
			rows = append(rows, history.CellRow(src.ID, &measure.Cell{From: from + h*3600, Sum: 1, N: 1, Pos: pos + 1}))
		}
	}
	if err := store.Write(b.Context(), rows); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cells, err := store.Cells(b.Context(), src, from, from+30*86400, 0)
		if err != nil || len(cells) != 30*24 {
			b.Fatal(len(cells), err)
		}
	}
}
