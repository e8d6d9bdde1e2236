// Package influx is history in InfluxDB: 1.8, and 2.x (and 3 by its documents)
// through the same code. Rows are written with the official client's blocking
// writes, one request at a time; cells and readings are read back in InfluxQL. It
// selects and never computes: what is known at a position is made in measure from
// the readings of that position.
package influx

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api"

	"rasad/city"
	"rasad/history"
	"rasad/measure"
)

// Bounds of requests.
const (
	writeTime = 10 * time.Second
	readTime  = 30 * time.Second
	maxError  = 64 << 10 // bytes of an answer that is none of 2xx
	maxAnswer = 64 << 20 // bytes of an answer to a question
	pieceRows = 20_000   // rows of an answer, about
)

// A Config says which InfluxDB keeps history.
type Config struct {
	URL    string // of the server, such as http://127.0.0.1:8086
	Org    string // the organization of 2.x; "" for 1.8
	Bucket string // "" means rasad; on 1.8 the database, or database/policy
	Token  string // of 2.x; user:password for 1.8, without spaces; "" where no one must sign in
}

// Check returns an error wrapping city.ErrInvalid, in words and without the token,
// where c cannot be right.
func (c Config) Check() error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%w influxdb url: want such as http://127.0.0.1:8086", city.ErrInvalid)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%w influxdb url: want neither user, query nor fragment; credentials belong in the token", city.ErrInvalid)
	}
	if strings.Contains(c.Token, " ") {
		return fmt.Errorf("%w influxdb token: spaces, which InfluxDB cannot read there", city.ErrInvalid)
	}
	for _, v := range [...]struct{ name, value string }{{"org", c.Org}, {"bucket", c.Bucket}, {"token", c.Token}} {
		if strings.ContainsFunc(v.value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fmt.Errorf("%w influxdb %s: control characters", city.ErrInvalid, v.name)
		}
	}
	if db, policy, two := strings.Cut(c.Bucket, "/"); two && (db == "" || policy == "" || strings.Contains(policy, "/")) {
		return fmt.Errorf("%w influxdb bucket: want a name, or database/policy", city.ErrInvalid)
	}
	return nil
}

// A Store is history in one InfluxDB. It is a history.Reader for any number of
// goroutines, and history.Rows for one writer.
type Store struct {
	zone       *city.Zone
	db, policy string // policy "" is the default one
	http       *http.Client
	client     influxdb2.Client
	write      api.WriteAPIBlocking
	tables     map[string]history.Table
}

// Open returns the Store of cfg, whose hours are those of zone. It does not ask the
// server: that may be away.
func Open(cfg Config, zone *city.Zone) (*Store, error) {
	return openOver(cfg, zone, &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConnsPerHost: 4,
		IdleConnTimeout:     time.Minute,
		TLSHandshakeTimeout: 5 * time.Second,
	})
}

func openOver(cfg Config, zone *city.Zone, transport http.RoundTripper) (*Store, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if cfg.Bucket == "" {
		cfg.Bucket = "rasad"
	}
	s := &Store{zone: zone, tables: map[string]history.Table{}, http: &http.Client{
		Transport:     bounded{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	options := influxdb2.DefaultOptions().SetUseGZip(true).SetApplicationName("Rasad").SetHTTPClient(s.http)
	s.db, s.policy, _ = strings.Cut(cfg.Bucket, "/")
	s.client = influxdb2.NewClientWithOptions(cfg.URL, cfg.Token, options)
	s.write = s.client.WriteAPIBlocking(cfg.Org, cfg.Bucket)
	for _, t := range history.Tables() {
		s.tables[t.Name] = t
	}
	return s, nil
}

// Close lets the server's connections go. It may be called twice.
func (s *Store) Close() error {
	s.client.Close()
	s.http.CloseIdleConnections() // the client leaves those of a client that it was given
	return nil
}

// bounded keeps the client from reading an error without end.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err == nil && (resp.StatusCode < 200 || resp.StatusCode >= 300) {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxError), resp.Body}
	}
	return resp, err
}

// CloseIdleConnections lets http.Client close what it no longer needs.
func (b bounded) CloseIdleConnections() {
	if c, ok := b.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// Cells implements history.Reader.
func (s *Store) Cells(ctx context.Context, src *city.Source, from, to city.Moment, asOf uint64) ([]measure.Cell, error) {
	if asOf != 0 {
		return history.CellsAsOf(ctx, s, s.zone, src, from, to, asOf)
	}
	var cells []measure.Cell
	for _, st := range stretches(s.zone, from, to) {
		got, err := s.query(ctx, http.MethodGet, lastCells(src.ID, s.zone.Location().String(), st))
		if err != nil {
			return nil, fmt.Errorf("read cells of %s: %w", src.ID, err)
		}
		if cells, err = appendCells(cells, got, st); err != nil {
			return nil, fmt.Errorf("read cells of %s: %w", src.ID, err)
		}
	}
	return cells, nil
}

// Readings implements history.Reader.
func (s *Store) Readings(ctx context.Context, src *city.Source, from, to city.Moment, asOf uint64) ([]measure.Raw, error) {
	var raws []measure.Raw
	from, to = max(from, 0), min(to, lastMoment)
	for piece := firstPiece; from < to; {
		end := min(from+piece, to)
		got, err := s.query(ctx, http.MethodGet, rawsOf(src, stretch{from, end}, asOf))
		if err != nil {
			return nil, fmt.Errorf("read readings of %s: %w", src.ID, err)
		}
		before := len(raws)
		if raws, err = appendRaws(raws, got); err != nil {
			return nil, fmt.Errorf("read readings of %s: %w", src.ID, err)
		}
		from = end
		switch n := len(raws) - before; {
		case n < pieceRows/4 && piece < longest:
			piece *= 2
		case n > pieceRows && piece > 86400:
			piece /= 2
		}
	}
	return raws, nil
}
