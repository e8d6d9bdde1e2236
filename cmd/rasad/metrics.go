package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rasad/entry"
)

// A room's numbers for /metrics, asked for at each scrape.
type gauges struct {
	app *app
}

func (a *app) metrics() []prometheus.Collector { return []prometheus.Collector{gauges{a}, a.delays} }

// newDelays measures the stage between the journal and each of its followers.
func newDelays() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "rasad_follower_delay_seconds", Help: "From the moment that a batch was appended until a follower has applied it.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
	}, []string{"follower"})
}

// followed is apply, and notes how long after its append each batch was applied.
func (a *app) followed(follower string, apply func(entry.Batch) error) func(entry.Batch) error {
	delay := a.delays.WithLabelValues(follower)
	return func(b entry.Batch) error {
		if err := apply(b); err != nil {
			return err
		}
		delay.Observe(time.Since(b.At).Seconds())
		return nil
	}
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("rasad_"+name, help, labels, nil)
}

// Describe describes nothing: the set of collectors and reasons grows.
func (gauges) Describe(chan<- *prometheus.Desc) {}

// Collect asks the rooms.
func (g gauges) Collect(out chan<- prometheus.Metric) {
	put := func(kind prometheus.ValueType, v float64, name, help string, labels ...string) {
		names, values := []string{}, []string{}
		for i := 0; i+1 < len(labels); i += 2 {
			names, values = append(names, labels[i]), append(values, labels[i+1])
		}
		if m, err := prometheus.NewConstMetric(desc(name, help, names...), kind, v, values...); err == nil {
			out <- m
		}
	}
	g.journal(out, put)
	counts := g.app.days.Counts()
	put(prometheus.CounterValue, float64(counts.Readings), "readings_total", "Readings kept, revisions included.")
	put(prometheus.CounterValue, float64(counts.Events), "events_total", "Events kept.")
	put(prometheus.CounterValue, float64(counts.Duplicates), "duplicates_total", "Readings and events that were there already and were dropped.")
	put(prometheus.CounterValue, float64(counts.Conflicts), "conflicts_total", "Accepted readings and events that conflict with one that was first.")
	for reason, n := range counts.Quarantined {
		put(prometheus.CounterValue, float64(n), "quarantined_total", "Readings and events kept in quarantine.", "reason", reason)
	}
	for reason, n := range counts.Refused {
		put(prometheus.CounterValue, float64(n), "refused_total", "Readings and events beyond the quarantine's bound, counted only.", "reason", reason)
	}
	lag := func(follower string, applied uint64) {
		head := g.app.journal.Head()
		put(prometheus.GaugeValue, float64(head-min(applied, head)), "follower_lag_batches", "Batches that a follower has not applied yet.", "follower", follower)
	}
	lag("days", g.app.days.Applied())
	lag("register", g.app.register.Applied())
	lag("tokens", g.app.tokens.Applied())
	if w := g.app.writer; w != nil {
		s := w.State()
		up := 0.0
		if s.Reachable {
			up = 1
		}
		put(prometheus.GaugeValue, up, "influx_reachable", "1 while InfluxDB takes rows.")
		lag("influx", s.Position)
		put(prometheus.CounterValue, float64(s.Written), "influx_rows_total", "Rows written to InfluxDB.")
		put(prometheus.CounterValue, float64(s.Parked), "influx_parked_rows_total", "Rows that InfluxDB never takes, parked in a file.")
	}
	for _, c := range g.app.doers.Stats() {
		put(prometheus.CounterValue, float64(c.Starts), "collector_starts_total", "Times a collector was started.", "collector", c.Name)
		put(prometheus.CounterValue, float64(c.Faults), "collector_faults_total", "Times a collector failed.", "collector", c.Name)
		put(prometheus.CounterValue, c.Ran.Seconds(), "collector_run_seconds_total", "Time a collector has run, its running start left out.", "collector", c.Name)
	}
}

func (g gauges) journal(out chan<- prometheus.Metric, put func(prometheus.ValueType, float64, string, string, ...string)) {
	info := g.app.journal.Info()
	put(prometheus.GaugeValue, float64(info.Head), "journal_head_batch", "Number of the newest durable batch.")
	put(prometheus.GaugeValue, float64(info.Bytes), "journal_bytes", "Size of all segments.")
	put(prometheus.GaugeValue, float64(info.Segments), "journal_segments", "Segment files.")
	put(prometheus.GaugeValue, float64(info.Free), "journal_free_bytes", "Free space on the fullest of the journal's volumes.")
	put(prometheus.CounterValue, float64(info.Commits.Entries), "journal_entries_total", "Entries made durable since the start.")
	buckets := map[float64]uint64{}
	for _, b := range info.Commits.Slower {
		buckets[b.Seconds] = b.Count
	}
	h, err := prometheus.NewConstHistogram(desc("journal_commit_seconds", "How long a commit took, all directories synced."), info.Commits.Batches, info.Commits.Seconds, buckets)
	if err == nil {
		out <- h
	}
}
