package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"rasad/city"
	"rasad/collectors"
	"rasad/collectors/simulate"
)

type demoCmd struct {
	Speed  float64 `help:"How many times as fast as life the clock runs." default:"10"`
	Seed   uint64  `help:"Another seed is another Nowruz." default:"1406"`
	At     string  `help:"Local time at which the demonstration begins. Default: the evening of the season's fourth day." placeholder:"TIME"`
	Data   string  `help:"Folder to keep it in. Default: a temporary one, deleted at the end." placeholder:"DIR"`
	City   string  `help:"City file. Default: Isfahan." placeholder:"FILE" env:"RASAD_CITY"`
	Config string  `help:"How the server runs: a YAML file." placeholder:"FILE" env:"RASAD_CONFIG"`

	network `embed:""`
}

// Run plays a season until it is told to stop.
func (c *demoCmd) Run(e *env) (err error) {
	if c.Speed <= 0 || c.Speed > 3600 {
		return fmt.Errorf("%w speed %g: want more than 0 and at most 3600", city.ErrInvalid, c.Speed)
	}
	data := c.Data
	if data == "" {
		if data, err = os.MkdirTemp("", "rasad-demo-"); err != nil {
			return fmt.Errorf("make temporary folder: %w", err)
		}
		defer func() { err = join(err, "delete temporary folder", os.RemoveAll(data)) }()
	}
	s, err := load(common{Data: data, City: c.City, Config: c.Config}, c.network)
	if err != nil {
		return err
	}
	if err := s.alone(); err != nil {
		return err
	}
	compiled, err := compile(s.name, s.city)
	if err != nil {
		return err
	}
	at, from, err := c.moments(compiled)
	if err != nil {
		return err
	}
	a := &app{settings: s, log: e.log, clock: newClock(at, c.Speed)}
	err = a.open(e.ctx, "demo", "demonstration", func(string) {})
	if err == nil {
		err = a.demoPeople(e.ctx)
	}
	if err == nil {
		var sim *simulate.Simulator
		if sim, err = simulate.New(a.city.Load(), simulate.Settings{Seed: c.Seed, Start: from, Faults: true}); err == nil {
			a.startPuller("simulate", func(ctx context.Context, sink collectors.Sink) error {
				return sim.Run(ctx, a.clock.now, a.waitMoment, sink)
			})
		}
	}
	if err == nil {
		err = a.serve(e.ctx, c.StaticDir, func(url string) { c.welcome(e, a.city.Load(), url, at) }, nil)
	}
	return join(err, "stop", a.close())
}

// alone refuses to be reached from elsewhere where nobody signs in.
func (s *settings) alone() error {
	if web := s.server(""); web.Wide() || len(s.Proxies) > 0 {
		return fmt.Errorf("%w listen address %q: nobody signs in here, so it is for this machine alone; listen on 127.0.0.1, without a proxy, or run rasad serve", city.ErrInvalid, s.Listen)
	}
	return nil
}

// moments returns when the demonstration begins and from when on there is data:
// from the season's first day, or a week before where there is no season.
func (c *demoCmd) moments(cty *city.City) (at time.Time, from city.Moment, err error) {
	zone := cty.Clock()
	switch {
	case c.At != "":
		if at, err = parseTime(c.At, zone); err != nil {
			return at, 0, err
		}
	case len(cty.Seasons) > 0:
		midnight, _ := zone.Day(cty.Seasons[len(cty.Seasons)-1].One + 3)
		at = midnight.Time().Add(18*time.Hour + 20*time.Minute) // the first slots of the hour are in
	default:
		at = time.Now()
	}
	first := zone.Date(city.At(at)) - 7
	if s := cty.SeasonAt(city.At(at)); s != nil {
		first = s.From
	}
	from, _ = zone.Day(first)
	return at, from, nil
}

func (c *demoCmd) welcome(e *env, cty *city.City, url string, at time.Time) {
	say(e.stdout, "Rasad: a simulated season in %s, from %s on, %g times as fast as life.\n\nOpen %s/\n",
		cty.Name.EN, at.In(cty.Clock().Location()).Format("2006-01-02 15:04"), c.Speed, url)
	for _, s := range cty.Screens {
		say(e.stdout, "  %s/wall/%-12s %s, %s\n", url, s.ID, s.Name.EN, map[string]string{"fa": "in Persian", "en": "in English"}[s.Lang])
	}
	say(e.stdout, "\nStop with Ctrl-C.\n")
}
