package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"rasad/city"
	"rasad/collectors/push"
	"rasad/entry"
	"rasad/history"
	"rasad/history/influx"
	"rasad/server"
	"rasad/static"
)

type serveCmd struct {
	common  `embed:""`
	network `embed:""`
	Who     string `help:"Who changes the city file, for the journal." default:"operator" placeholder:"NAME"`
	Why     string `help:"Why it changes." placeholder:"TEXT"`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(e *env) error {
	s, err := load(c.common, c.network)
	if err != nil {
		return err
	}
	a := &app{settings: s, log: e.log, clock: newClock(time.Now(), 1)}
	err = a.open(e.ctx, c.Who, c.Why, func(what string) { say(e.stdout, "%s\n", what) })
	if err == nil {
		err = a.admitted()
	}
	if err == nil {
		err = a.startCollectors()
	}
	if err == nil {
		err = a.serve(e.ctx, c.StaticDir, func(url string) { say(e.stdout, "Rasad listens on %s/\n", url) },
			func(url, code string) { c.tellSetup(e, url, code) })
	}
	return join(err, "stop", a.close())
}

// tellSetup prints the code by which the first admin is made. It goes to the console
// alone: no log has it.
func (c *serveCmd) tellSetup(e *env, url, code string) {
	say(e.stdout, "\nNobody can sign in yet. On this machine, open\n  %s/setup\nand make the first admin with this code, which holds for %d minutes:\n  %s\nOr make one here: rasad user add LOGIN --role admin --data %s\n\n",
		url, int(server.SetupFor/time.Minute), code, c.Data)
}

// admitted refuses to be reached by other machines before there is an admin: the
// first who came could make themselves one.
func (a *app) admitted() error {
	web := a.server("")
	if !web.Wide() || a.register.Admins() > 0 {
		return nil
	}
	return fmt.Errorf("%w listen address %q: other machines could reach it, and there is no admin yet; make one first: rasad user add LOGIN --role admin --data %s", city.ErrInvalid, a.Listen, a.data)
}

// serve starts the server and the admin socket, tells started the address, and
// returns when ctx is done or a part has failed. setup is told the codes by which the
// first admin is made; without it this is a demonstration, to which nobody signs in.
func (a *app) serve(ctx context.Context, staticDir string, started func(url string), setup func(url, code string)) error {
	a.growth = &growth{dir: a.data, now: time.Now}
	srv, err := server.New(a.server(staticDir), server.Parts{
		City: a.city.Load, Board: a.board.Load(), Tokens: a.tokens,
		Decode: push.Decode, DecodeCases: push.DecodeCases, Accept: a.gate.Accept, Append: a.journal.AppendAct, Register: a.register, Demo: setup == nil,
		Series: a.series, History: history.FromDays(a.days, a.city.Load().Clock()), Evidence: filepath.Join(a.data, "evidence"), Heard: a.heard, Status: a.status, Release: a.gate.Release, Ready: a.ready, Notes: a.notes, Tick: a.tick,
		Position: func() entry.Position { return entry.Position{Batch: a.journal.Head()} },
		Now:      a.clock.now, Speed: a.clock.speed,
		Files: static.Files, Metrics: a.metrics(), Version: version(), Log: a.log.With("room", "server"),
	})
	if err != nil {
		return err
	}
	if err := srv.Open(); err != nil {
		return err
	}
	a.parts.start("growth", a.weigh)
	a.parts.start("server", srv.Run)
	a.parts.start("admin", func(ctx context.Context) error { return srv.RunAdmin(ctx, a.socket()) })
	url := "http://" + srv.Addr()
	started(url)
	if setup != nil {
		a.parts.start("setup", func(ctx context.Context) error {
			return srv.RunSetup(ctx, func(code string) { setup(url, code) })
		})
	}
	return a.parts.wait(ctx)
}

// weigh watches how the data folder grows, once what is made of the journal anew has
// been made: that is no growth of a day.
func (a *app) weigh(ctx context.Context) error {
	if err := a.register.Wait(ctx, a.journal.Head()); err != nil {
		return err
	}
	return a.growth.run(ctx)
}

// tick moves the board: the server calls it four times a second.
func (a *app) tick(ctx context.Context) {
	if err := a.board.Load().Advance(ctx, city.At(a.clock.now())); err != nil && ctx.Err() == nil {
		a.log.Error("board stands still", "err", err)
	}
	if a.writer != nil {
		if s := a.writer.State(); s.Reachable && s.Lag == 0 {
			a.caught.Store(time.Now().UnixNano())
		}
	}
}

// influxFresh is how long after the writer has last caught up InfluxDB still answers
// charts.
const influxFresh = 10 * time.Second

// series answers a chart from the history: from InfluxDB where there is one that
// has everything, else from days.
func (a *app) series(ctx context.Context, q history.SeriesQuery) (history.SeriesAnswer, error) {
	q.Now = city.At(a.clock.now())
	c := a.city.Load()
	if a.influx != nil && time.Since(time.Unix(0, a.caught.Load())) < influxFresh {
		answer, err := history.Series(ctx, a.influx, c, q)
		if err == nil || errors.Is(err, city.ErrInvalid) || errors.Is(err, city.ErrNotFound) || ctx.Err() != nil {
			return answer, err
		}
		a.log.Warn("chart is made from days", "err", err)
	}
	return history.Series(ctx, a.reader, c, q)
}

// openInflux starts the writer into InfluxDB. That it is away is no fault.
func (a *app) openInflux() error {
	store, err := influx.Open(a.settings.influx(), a.city.Load().Clock())
	if err != nil {
		return err
	}
	a.influx = store
	a.writer, err = history.NewWriter(history.WriterConfig{
		Days: a.days, Rows: store, Parked: filepath.Join(a.data, "parked.jsonl"),
		Changed: func(s history.State) {
			if s.Words == "" {
				a.log.Info("InfluxDB is reachable", "position", s.Position)
			} else {
				a.log.Warn("InfluxDB takes no rows", "words", s.Words, "lag_batches", s.Lag)
			}
		},
	})
	if err != nil {
		return err
	}
	a.parts.start("influx", a.writer.Run)
	return nil
}
