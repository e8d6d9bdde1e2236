package hub

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	clients prometheus.Gauge
	frames  *prometheus.CounterVec
	bytes   prometheus.Counter
	skipped prometheus.Counter
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
		cut:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rasad_socket_cut_total", Help: "Clients that were cut, by reason."}, []string{"reason"}),
		panics:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rasad_socket_panics_total", Help: "Panics that were caught in the hub, by place."}, []string{"where"}),
		tick:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: "rasad_tick_seconds", Help: "Moving the board and making its frames.", Buckets: buckets}),
		delay:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "rasad_frame_delay_seconds", Help: "From the start of a tick to the last write of a shard.", Buckets: buckets}),
	}
}

// Collectors returns what the hub measures of itself.
func (h *Hub) Collectors() []prometheus.Collector {
	m := h.metrics
	return []prometheus.Collector{m.clients, m.frames, m.bytes, m.skipped, m.cut, m.panics, m.tick, m.delay}
}
