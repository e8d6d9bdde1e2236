package hub

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	clients prometheus.Gauge
	frames  *prometheus.CounterVec
	bytes   prometheus.Counter
	skipped prometheus.Counter
	refused *prometheus.CounterVec
	cut     *prometheus.CounterVec
	panics  *prometheus.CounterVec
	tick    prometheus.Histogram
	delay   prometheus.Histogram
}

func newMetrics() *metrics {
	buckets := []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1}
	return &metrics{
		clients: prometheus.NewGauge(prometheus.GaugeOpts{Name: "rasad_socket_clients", Help: "Open websockets."}),
		frames:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rasad_socket_frames_total", Help: "Frames written, by type."}, []string{"type"}),
		bytes:   prometheus.NewCounter(prometheus.CounterOpts{Name: "rasad_socket_bytes_total", Help: "Bytes of frames written."}),
		skipped: prometheus.NewCounter(prometheus.CounterOpts{Name: "rasad_socket_skipped_total", Help: "Times that a client was passed over because its socket was full."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rasad_socket_refused_total", Help: "Websockets that were not opened, by the bound that they were beyond."}, []string{"reason"}),
		cut:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rasad_socket_cut_total", Help: "Clients that were cut, by reason."}, []string{"reason"}),
		panics:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rasad_socket_panics_total", Help: "Panics that were caught in the hub, by place."}, []string{"where"}),
		tick:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: "rasad_tick_seconds", Help: "Moving the board and making its frames.", Buckets: buckets}),
		delay:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "rasad_frame_delay_seconds", Help: "From the start of a tick to the last write of a shard.", Buckets: buckets}),
	}
}

// Collectors returns what the hub measures of itself.
func (h *Hub) Collectors() []prometheus.Collector {
	m := h.metrics
	return []prometheus.Collector{m.clients, m.frames, m.bytes, m.skipped, m.refused, m.cut, m.panics, m.tick, m.delay, newViewGauges(h)}
}

// viewGauges are the views that somebody looks at, as they are at a scrape.
type viewGauges struct {
	hub             *Hub
	clients, framed *prometheus.Desc
}

func newViewGauges(h *Hub) *viewGauges {
	return &viewGauges{
		hub:     h,
		clients: prometheus.NewDesc("rasad_view_clients", "Open websockets of a view: a screen, a department, or all.", []string{"view"}, nil),
		framed:  prometheus.NewDesc("rasad_view_frame_timestamp_seconds", "When the newest data frame of a view was made.", []string{"view"}, nil),
	}
}

// Describe names both metrics.
func (g *viewGauges) Describe(out chan<- *prometheus.Desc) { out <- g.clients; out <- g.framed }

// Collect gives both of each view with clients.
func (g *viewGauges) Collect(out chan<- prometheus.Metric) {
	type watched struct {
		view    *view
		clients int
	}
	var list []watched
	g.hub.mu.Lock()
	for _, v := range g.hub.views {
		list = append(list, watched{v, v.clients})
	}
	g.hub.mu.Unlock()
	for _, w := range list {
		out <- gauge(g.clients, float64(w.clients), w.view.name)
		if at := w.view.framed(); !at.IsZero() {
			out <- gauge(g.framed, float64(at.UnixMilli())/1000, w.view.name)
		}
	}
}

// gauge returns one number of a view as it is now.
func gauge(desc *prometheus.Desc, value float64, view string) prometheus.Metric {
	m, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, value, view)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}
