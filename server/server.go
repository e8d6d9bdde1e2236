// Package server is Rasad's face to the network: pages, API, the door for readings,
// websockets, health and metrics. It is the only room that knows Fiber and
// fasthttp. It makes no number and keeps no reading: all of that is handed in.
//
// Every request passes guard.go before a route sees it; all routes stand in
// routes.go; errors become answers in errors.go alone.
package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
	"rasad/history"
	"rasad/register"
	"rasad/server/console"
	"rasad/server/hub"
	"rasad/server/listen"
	"rasad/server/people"
	"rasad/server/signin"
	"rasad/server/tokens"
)

// Parts are what the server works with. All are required but Ready, Notes, Tick,
// Position, Clock and Metrics; of Register and Demo, one.
type Parts struct {
	City        func() *city.City // in force; nil: none yet
	Board       hub.Board
	Tokens      *tokens.Book
	Decode      func(body []byte) ([]entry.Item, error) // of readings
	DecodeCases func(body []byte) ([]entry.Item, error) // of events of cases
	Accept      func(ctx context.Context, who collectors.Who, items []entry.Item) (collectors.Answer, error)
	Append      tokens.Append // for tokens that the admin socket makes
	Register    *register.Store
	Demo        bool // nobody signs in: everybody is who may do everything
	Series      func(ctx context.Context, q history.SeriesQuery) (history.SeriesAnswer, error)
	History     history.Reader // for what is compared and planned
	Evidence    string         // the folder of photos; made when it is needed

	Heard   func(ctx context.Context, src city.SourceID, today city.Date) (Heard, error)
	Status  func() Status
	Release func(ctx context.Context, q *entry.Quarantined, act *entry.Act) (entry.Position, error) // lets a quarantined entry count: the gate's

	Ready    func() []string       // in words, why the server is not ready; none: it is
	Notes    func() []string       // in words, what is wrong without making it unready
	Tick     func(context.Context) // moves the board, four times a second
	Position func() entry.Position // newest of the journal; told where a request itself made nothing
	Now      func() time.Time      // the data's clock
	Clock    func() time.Time      // the server's own, by which sessions and tokens end; nil: time.Now
	Speed    float64               // seconds of the data's clock per second; 0: 1
	Files    fs.FS                 // what the browser gets
	Metrics  []prometheus.Collector
	Version  string
	Log      *slog.Logger
}

// A Server answers the network. Make one with New, then Open, then Run.
type Server struct {
	cfg      Config
	parts    Parts
	app      *fiber.App
	api      *api
	next     fasthttp.RequestHandler // Fiber's, behind the guard
	assets   *assets
	pages    pages
	hub      *hub.Hub
	door     *listen.Door
	cross    *http.CrossOriginProtection
	hosts    map[string]bool
	proxies  []netip.Prefix
	readers  []netip.Prefix // of the metrics
	unzip    chan struct{}  // holds one token per compressed body that is being read
	files    sync.Mutex     // of the evidence: nothing is deleted while it is being kept
	stats    stats
	desk     *people.Desk
	hasher   *signin.Hasher
	throttle *signin.Throttle
	first    firstAdmin
	rulings  rulings
	version  string // of the pages: the program's and their content's
}

// New returns a server for cfg and parts; it listens nowhere before Open. It
// returns an error wrapping city.ErrInvalid where cfg is not well put or the pages
// lack a file.
func New(cfg Config, parts Parts) (*Server, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	cfg.fill()
	if parts.Clock == nil {
		parts.Clock = time.Now
	}
	if cfg.StaticDir != "" {
		parts.Files = os.DirFS(cfg.StaticDir)
	}
	s := &Server{cfg: cfg, parts: parts, cross: http.NewCrossOriginProtection(), unzip: make(chan struct{}, 4)}
	s.proxies, _ = prefixes(cfg.BehindProxy) // checked above
	s.readers, _ = prefixes(cfg.MetricsFrom)
	s.hosts = cfg.hosts()
	for _, o := range cfg.Origins {
		if err := s.cross.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("%w origin: %w", city.ErrInvalid, err)
		}
	}
	var err error
	if s.pages, err = readPages(parts.Files); err != nil {
		return nil, err
	}
	if s.assets, err = readAssets(parts.Files, s.pages); err != nil {
		return nil, err
	}
	if err := s.openSignIn(); err != nil {
		return nil, err
	}
	s.version = parts.Version + "+" + s.assets.hash
	s.hub = hub.New(hub.Config{
		Board: parts.Board, Cases: s.casesOf, Tick: parts.Tick, Now: parts.Now, Speed: parts.Speed, Version: s.version,
		Log: parts.Log, Interval: cfg.Interval, Heard: cfg.Heard, PerIP: cfg.SocketsPerIP, PerPerson: cfg.SocketsPerPerson, Total: cfg.Sockets, PerSecond: cfg.SocketsPerSecond,
	})
	if err := s.stats.register(s); err != nil {
		return nil, err
	}
	if s.app, err = s.fiber(); err != nil {
		return nil, err
	}
	s.next = s.app.Handler()
	s.app.Server().Handler = s.serveRequest
	s.app.Server().HeaderReceived = s.limits
	s.app.Server().KeepHijackedConns = true // a socket outlives its request
	s.app.Server().CloseOnShutdown = true
	return s, nil
}

// openSignIn makes what people sign in with.
func (s *Server) openSignIn() (err error) {
	if s.hasher, err = signin.NewHasher(); err != nil {
		return err
	}
	s.desk = &people.Desk{Register: s.parts.Register, Append: s.parts.Append, Hasher: s.hasher, Now: s.parts.Clock}
	s.throttle = signin.NewThrottle(s.parts.Clock)
	if s.parts.Register != nil {
		s.restoreThrottle()
	}
	return nil
}

func (s *Server) fiber() (*fiber.App, error) {
	app := fiber.New(fiber.Config{
		AppName: "rasad", ServerHeader: "", DisableStartupMessage: true, Prefork: false,
		Immutable: true, StrictRouting: true, CaseSensitive: true,
		ReadTimeout: s.cfg.ReadTimeout, WriteTimeout: s.cfg.WriteTimeout, IdleTimeout: s.cfg.IdleTimeout,
		ReadBufferSize: maxHeader, BodyLimit: maxSmallBody, Concurrency: s.cfg.Connections,
		DisablePreParseMultipartForm: true,
		EnableTrustedProxyCheck:      true, EnableIPValidation: true,
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			s.fail(c.Context(), err)
			return nil
		},
	})
	return app, s.routes(app)
}

// Open starts to listen, so that Addr is known; Run serves.
func (s *Server) Open() error {
	var err error
	s.door, err = listen.Open(context.Background(), listen.Config{
		Addr: s.cfg.Listen, Total: s.cfg.Connections, PerIP: s.cfg.SocketsPerIP + httpPerIP, Exempt: s.isProxy,
		Cert: s.cfg.TLSCert, Key: s.cfg.TLSKey,
	})
	return err
}

// Addr returns the address that the server listens on; "" before Open.
func (s *Server) Addr() string {
	if s.door == nil {
		return ""
	}
	return s.door.Addr().String()
}

// Run serves until ctx ends, then accepts nothing more, says goodbye to the
// screens, lets requests end for at most Config.DrainFor, and ends what is left.
func (s *Server) Run(ctx context.Context) error {
	if s.door == nil {
		if err := s.Open(); err != nil {
			return err
		}
	}
	screens := make(chan error, 1)
	served := make(chan error, 1)
	hubCtx, stopHub := context.WithCancel(ctx)
	defer stopHub()
	go func() { screens <- s.hub.Run(hubCtx) }()
	forgetting := make(chan struct{})
	go func() { defer close(forgetting); s.forget(hubCtx) }()
	go func() { served <- s.app.Listener(s.door.Serve) }()
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-served:
		served <- nil
	}
	drained := make(chan struct{}, 1)
	go func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.DrainFor)
		defer cancel()
		_ = s.app.ShutdownWithContext(end) // what it could not wait for is ended below
		drained <- struct{}{}
	}()
	stopHub()
	err := <-screens
	<-forgetting
	<-drained
	_ = s.door.Close() // it is closed already, unless the server failed
	s.door.CloseConns()
	return errors.Join(wrap("serve", failed), wrap("serve", <-served), wrap("serve screens", err))
}

func wrap(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", verb, err)
}

// RunAdmin serves the admin socket at path until ctx ends.
func (s *Server) RunAdmin(ctx context.Context, path string) error {
	c := console.Console{Tokens: s.parts.Tokens, People: s.desk, Log: s.parts.Log}
	return c.Run(ctx, path)
}
