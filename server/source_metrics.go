package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rasad/city"
)

// scrapeFor bounds how long the sources may hold up a scrape.
const scrapeFor = 5 * time.Second

// A sourceGauge is one number of each source at a scrape; ok is false where the
// source has none yet.
type sourceGauge struct {
	desc  *prometheus.Desc
	value func(v *sourceView) (value float64, ok bool)
}

// sourceGauges are the sources as /metrics shows them, looked up at each scrape.
type sourceGauges struct {
	server *Server
	state  *prometheus.Desc
	each   []sourceGauge
}

func newSourceGauges(s *Server) *sourceGauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("rasad_source_"+name, help, append([]string{"source"}, labels...), nil)
	}
	return &sourceGauges{
		server: s,
		state:  desc("state", "1 for the state that a source is in: fresh, stale, dead, never or idle.", "state"),
		each: []sourceGauge{
			{desc("last_timestamp_seconds", "Newest moment that a source spoke of, by the data's clock."), func(v *sourceView) (float64, bool) {
				if v.Last == nil {
					return 0, false
				}
				return float64(v.Last.Unix()), true
			}},
			{desc("delay_seconds", "How long the newest reading of a source was on its way."), func(v *sourceView) (float64, bool) {
				if v.Lag == nil {
					return 0, false
				}
				return float64(*v.Lag), true
			}},
			{desc("today_readings", "Readings of today by the data's clock, each slot once; or events."), func(v *sourceView) (float64, bool) { return float64(v.Today), true }},
			{desc("quarantine_waiting", "Readings of a source that wait in quarantine for a ruling."), func(v *sourceView) (float64, bool) { return float64(v.Waiting), true }},
		},
	}
}

// Describe names every metric that Collect may give.
func (g *sourceGauges) Describe(out chan<- *prometheus.Desc) {
	out <- g.state
	for _, m := range g.each {
		out <- m.desc
	}
}

// Collect asks for every source. Where that fails, the scrape says so in the place
// of the sources.
func (g *sourceGauges) Collect(out chan<- prometheus.Metric) {
	c := g.server.parts.City()
	if c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeFor)
	defer cancel()
	list, err := g.server.sources(ctx, c, city.At(g.server.parts.Now()))
	if err != nil {
		out <- prometheus.NewInvalidMetric(g.state, err)
		return
	}
	for i := range list {
		v := &list[i]
		out <- gauge(g.state, 1, string(v.ID), v.State)
		for _, m := range g.each {
			if value, ok := m.value(v); ok {
				out <- gauge(m.desc, value, string(v.ID))
			}
		}
	}
}

// gauge returns one number as it is now.
func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	m, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}
