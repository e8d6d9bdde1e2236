package collectors

import (
	"context"
	"io"
	"log/slog"
	"time"

	"rasad/city"
	"rasad/collectors/push"
	"rasad/collectors/replay"
	"rasad/collectors/simulate"
	"rasad/entry"
)

// A Way says how a kind of collector gets its items.
type Way int

// The ways.
const (
	Door   Way = iota // decodes what others bring
	Puller            // fetches by itself
)

// An Env is what a collector may use of the program.
type Env struct {
	City  *city.City                               // in force when it is opened
	Clock func() time.Time                         // the data's clock
	Wait  func(context.Context, city.Moment) error // returns when Clock has reached the moment
	Open  func(name string) (io.ReadCloser, error) // opens a file that the settings name
	Log   *slog.Logger
}

// A Sink takes items over from a puller; item i was sent at sent[i]. A nil error
// means that they are durable. It is AcceptSent, with the puller's name on it.
type Sink = func(ctx context.Context, items []entry.Item, sent []city.Moment) error

// A Collector is one that was opened: a door has Decode, a puller has Run.
type Collector struct {
	Decode func(body []byte) ([]entry.Item, error)
	Run    func(context.Context, Sink) error // see Supervisor.Run
}

// A Kind is a type of collector that the configuration can name.
type Kind struct {
	Name   string // as in the configuration; also its folder
	Way    Way
	Sample string // its sample.yaml
	// Open reads the settings (YAML; name stands in errors). It does not touch the
	// network. An error wraps city.ErrInvalid where the settings are wrong.
	Open func(name string, settings []byte, env Env) (Collector, error)
}

// Catalogue lists every kind of collector, in the order of their names. A new one
// is a folder beside this file and a row here.
func Catalogue() []Kind {
	return []Kind{
		{"push", Door, push.SampleSettings(), openPush},
		{"replay", Puller, replay.SampleSettings(), openReplay},
		{"simulate", Puller, simulate.SampleSettings(), openSimulate},
	}
}

func openPush(name string, settings []byte, _ Env) (Collector, error) {
	decode, err := push.Open(name, settings)
	return Collector{Decode: decode}, err
}

func openReplay(name string, settings []byte, env Env) (Collector, error) {
	files, err := replay.OpenFiles(name, settings, env.Open, env.Log)
	if err != nil {
		return Collector{}, err
	}
	return Collector{Run: func(ctx context.Context, sink Sink) error { return files.Run(ctx, env.Wait, sink) }}, nil
}

func openSimulate(name string, settings []byte, env Env) (Collector, error) {
	s, err := simulate.Open(name, settings, env.City, env.Clock())
	if err != nil {
		return Collector{}, err
	}
	return Collector{Run: func(ctx context.Context, sink Sink) error { return s.Run(ctx, env.Clock, env.Wait, sink) }}, nil
}
