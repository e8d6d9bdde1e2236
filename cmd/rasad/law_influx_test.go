package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"rasad/history/historytest"
	"rasad/history/influx"
	"rasad/history/influxtest"
)

// Law 1 on a real InfluxDB: what its rows say, now and as known at a batch in the
// middle, is what the board and the oracle say.
func TestInfluxEqualsTheBoardAndTheOracle(t *testing.T) {
	cases := 15
	if os.Getenv("RASAD_LONG") != "" {
		cases = 150
	}
	server := influxtest.New(t, influxtest.Options{})
	for seed := range cases {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := newLawCase(t, uint64(seed))
			o := &oracle{city: c.city}
			w := c.live(t, o)
			defer func() { w.close() }()
			if err := w.days.Commit(); err != nil {
				t.Fatal(err)
			}
			store, err := influx.Open(influx.Config{URL: server.URL, Bucket: fmt.Sprint("law", seed)}, c.city.Clock())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = store.Close() }()
			for range 2 { // writing everything again changes nothing
				historytest.Drain(t, w.days, store, filepath.Join(w.dir, "parked.jsonl"))
			}
			want := oracleAnswers(o, c.at)
			sameAnswers(t, "live", boardAnswers(t, w.board), want, true)
			sameAnswers(t, "InfluxDB", readerAnswers(t.Context(), t, store, c.city, c.at, 0), want, true)
			p, then := c.asOf(w, o, uint64(seed))
			sameAnswers(t, fmt.Sprint("InfluxDB as of ", p), readerAnswers(t.Context(), t, store, c.city, c.at, p), oracleAnswers(then, c.at), true)
		})
	}
}
