package server

import (
	"fmt"
	"runtime"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"rasad/city"
	gate "rasad/collectors"
)

// stats is what the server measures of itself.
type stats struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	panics   prometheus.Counter
	photos   prometheus.Counter
	readings *prometheus.CounterVec
}

func (st *stats) register(s *Server) error {
	st.registry = prometheus.NewRegistry()
	st.requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rasad_http_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "status"})
	st.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "rasad_http_request_seconds", Help: "Time to answer, by route.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"route"})
	st.panics = prometheus.NewCounter(prometheus.CounterOpts{Name: "rasad_http_panics_total", Help: "Panics that were caught in a request."})
	st.photos = prometheus.NewCounter(prometheus.CounterOpts{Name: "rasad_photos_deleted_total", Help: "Photos deleted because their time was over, or because no case ever had them."})
	st.readings = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rasad_door_readings_total", Help: "Readings sent over HTTP, by what became of them."}, []string{"verdict"})
	all := append([]prometheus.Collector{
		st.requests, st.seconds, st.panics, st.photos, st.readings, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newSourceGauges(s),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rasad_connections", Help: "Open connections."}, func() float64 { open, _ := s.connections(); return float64(open) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "rasad_connections_refused_total", Help: "Connections closed at once, beyond a bound."}, func() float64 { _, refused := s.connections(); return float64(refused) }),
	}, s.hub.Collectors()...)
	for _, c := range append(all, s.parts.Metrics...) {
		if err := st.registry.Register(c); err != nil {
			return fmt.Errorf("register metric: %w", err)
		}
	}
	return nil
}

func (s *Server) connections() (open int, refused uint64) {
	if s.door == nil {
		return 0, 0
	}
	return s.door.Counts()
}

func (st *stats) count(a gate.Answer) {
	st.readings.WithLabelValues("accepted").Add(float64(a.Accepted))
	st.readings.WithLabelValues("duplicate").Add(float64(a.Duplicates))
	st.readings.WithLabelValues("quarantined").Add(float64(len(a.Quarantined)))
	st.readings.WithLabelValues("refused").Add(float64(a.Refused))
}

// measure counts and times every request that reaches a route.
func (s *Server) measure(c *fiber.Ctx) error {
	start := time.Now()
	own := c.Route().Path
	if err := c.Next(); err != nil {
		s.fail(c.Context(), err)
	}
	route := c.Route().Path
	if route == own && c.Path() != "/" {
		route = "none"
	}
	s.stats.requests.WithLabelValues(route, fmt.Sprint(c.Response().StatusCode())).Inc()
	s.stats.seconds.WithLabelValues(route).Observe(time.Since(start).Seconds())
	return nil
}

// getHealth answers as long as the process is alive.
func (s *Server) getHealth(c *fiber.Ctx) error {
	return send(c, struct {
		Alive bool `json:"alive"`
	}{true})
}

// readiness says in words why the server does not do its work, none where it does,
// and what is wrong beside it.
func (s *Server) readiness() (reasons, notes []string) {
	words := func(f func() []string) []string {
		if f != nil {
			if w := f(); w != nil {
				return w
			}
		}
		return []string{}
	}
	reasons, notes = words(s.parts.Ready), words(s.parts.Notes)
	if s.parts.City() == nil {
		reasons = append(reasons, "no city is in force yet")
	}
	return reasons, notes
}

// getReady says in words whether the server does its work; and what is wrong beside
// it, which is for those alone who may read the metrics, and for operators.
func (s *Server) getReady(c *fiber.Ctx) error {
	reasons, notes := s.readiness()
	if !s.readsMetrics(c) && !operators().allows(s, callerOf(c.UserContext()), c) {
		notes = []string{}
	}
	if len(reasons) > 0 {
		c.Status(fiber.StatusServiceUnavailable)
		c.Set("Retry-After", "5")
	}
	return send(c, struct {
		Ready   bool     `json:"ready"`
		Reasons []string `json:"reasons"`
		Notes   []string `json:"notes"`
	}{len(reasons) == 0, reasons, notes})
}

// readsMetrics reports whether c comes from loopback or a network that is listed.
func (s *Server) readsMetrics(c *fiber.Ctx) bool {
	ip := s.client(c.Context())
	return ip.IsLoopback() || within(s.readers, ip)
}

// getMetrics answers Prometheus, on loopback and on the networks that are listed.
func (s *Server) getMetrics(c *fiber.Ctx) error {
	if !s.readsMetrics(c) {
		return city.Refuse(city.ErrDenied, city.Text{FA: "سنجه‌ها تنها از خود همین رایانه و شبکه‌های metrics_from خوانده می‌شوند", EN: "metrics are for loopback and metrics_from"})
	}
	families, err := s.stats.registry.Gather()
	if err != nil {
		s.parts.Log.Warn("metrics incomplete", "err", err)
	}
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	c.Set("Content-Type", string(format))
	w := expfmt.NewEncoder(c.Context().Response.BodyWriter(), format)
	for _, f := range families {
		if err := w.Encode(f); err != nil {
			return fmt.Errorf("write metrics: %w", err)
		}
	}
	return nil
}

// getVersion says what runs here.
func (s *Server) getVersion(c *fiber.Ctx) error {
	return send(c, struct {
		Version string `json:"version"`
		Pages   string `json:"pages"`
		Go      string `json:"go"`
	}{s.parts.Version, s.assets.hash, runtime.Version()})
}
