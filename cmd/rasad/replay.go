package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"rasad/city"
	"rasad/collectors"
	"rasad/collectors/replay"
	"rasad/entry"
)

type replayCmd struct {
	City  string   `help:"The city file whose sources the files feed. Needed without --to." placeholder:"FILE" env:"RASAD_CITY"`
	Map   string   `help:"The mapping file: which column is what." required:"" placeholder:"FILE"`
	Speed string   `help:"How many times as fast as life, or max." default:"max" placeholder:"N"`
	To    string   `help:"Send to a running server instead of serving here." placeholder:"URL"`
	Token string   `help:"Token for --to, with the scope backfill." placeholder:"TOKEN" env:"RASAD_TOKEN"`
	Data  string   `help:"Folder to keep it in. Default: a temporary one, deleted at the end." placeholder:"DIR"`
	Exit  bool     `help:"Stop when the files are read, instead of going on serving."`
	Files []string `arg:"" name:"data" help:"Files of counts (CSV)." type:"existingfile"`

	network `embed:""`
}

// Run replays files: into a server of its own on the data's clock, or to another.
func (c *replayCmd) Run(e *env) (err error) {
	items, err := c.read(e)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fmt.Errorf("%w files: not one reading in them", city.ErrInvalid)
	}
	first := slices.MinFunc(items, func(a, b entry.Item) int { return int(a.From - b.From) }).From
	speed := 0.0
	if c.Speed != "max" {
		if speed, err = strconv.ParseFloat(c.Speed, 64); err != nil || speed <= 0 {
			return fmt.Errorf("%w speed %q: want max or a number above 0", city.ErrInvalid, c.Speed)
		}
	}
	clk := newClock(first.Time(), speed)
	if c.To != "" {
		s := &sender{url: strings.TrimSuffix(c.To, "/") + "/api/v1/readings", token: c.Token}
		err := replay.Send(e.ctx, items, waiting(clk), s.send)
		return join(err, "print tally", s.tally.write(e.stdout))
	}
	return c.serve(e, clk, items)
}

// read loads all files and prints what was in them.
func (c *replayCmd) read(e *env) ([]entry.Item, error) {
	src, err := os.ReadFile(c.Map)
	if err != nil {
		return nil, fmt.Errorf("%w mapping file: %w", city.ErrInvalid, err)
	}
	mapping, err := replay.Open(c.Map, src)
	if err != nil {
		return nil, err
	}
	var all []entry.Item
	for _, name := range c.Files {
		items, t, err := loadFile(mapping, name, func(bad error) { say(e.stderr, "%v\n", bad) })
		if err != nil {
			return nil, err
		}
		say(e.stdout, "%s: %d rows, %d of them empty, %d bad; %d readings\n", filepath.Base(name), t.Rows, t.Empty, t.Bad, t.Items)
		all = append(all, items...)
	}
	return all, nil
}

func loadFile(m *replay.Mapping, name string, report func(error)) ([]entry.Item, replay.Tally, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, replay.Tally{}, fmt.Errorf("%w data file: %w", city.ErrInvalid, err)
	}
	defer func() { _ = f.Close() }()
	return m.Load(name, f, report)
}

// serve plays items into a server of its own.
func (c *replayCmd) serve(e *env, clk *clock, items []entry.Item) (err error) {
	if c.City == "" {
		return fmt.Errorf("%w command: --city is needed without --to", city.ErrInvalid)
	}
	data := c.Data
	if data == "" {
		if data, err = os.MkdirTemp("", "rasad-replay-"); err != nil {
			return fmt.Errorf("make temporary folder: %w", err)
		}
		defer func() { err = join(err, "delete temporary folder", os.RemoveAll(data)) }()
	}
	s, err := load(common{Data: data, City: c.City}, c.network)
	if err != nil {
		return err
	}
	a := &app{settings: s, log: e.log, clock: clk}
	err = a.open(e.ctx, "replay", "replay of "+filepath.Base(c.Files[0]), func(string) {})
	if err == nil {
		ctx, cancel := context.WithCancel(e.ctx)
		defer cancel()
		done := cancel
		if !c.Exit {
			done = func() {}
		}
		a.play(items, e.stdout, done)
		err = a.serveReplay(ctx, c.StaticDir, func(url string) { say(e.stdout, "Open %s/\n", url) })
	}
	return join(err, "stop", a.close())
}

// serveReplay serves what is replayed: a trial to which nobody signs in, but where
// the folder has people, who sign in as ever.
func (a *app) serveReplay(ctx context.Context, staticDir string, started func(url string)) error {
	if a.register.Admins() > 0 {
		return a.serve(ctx, staticDir, started, func(string, string) {}) // with an admin there is no code
	}
	if err := a.alone(); err != nil {
		return err
	}
	return a.serve(ctx, staticDir, started, nil)
}

// play starts the replay as a part. done is called when everything is on the
// board.
func (a *app) play(items []entry.Item, out io.Writer, done func()) {
	var t tally
	who := collectors.Who{ID: "replay", Backfill: true}
	sink := func(ctx context.Context, items []entry.Item, sent []city.Moment) error {
		a.clock.moveTo(sent[len(sent)-1].Time())
		got, err := a.gate.AcceptSent(ctx, who, items, sent)
		if err != nil {
			return err
		}
		t.add(got)
		return nil
	}
	a.parts.start("replay", func(ctx context.Context) error {
		if err := replay.Send(ctx, items, waiting(a.clock), sink); err != nil {
			return err
		}
		if err := a.days.Wait(ctx, a.journal.Head()); err != nil {
			return err
		}
		if err := t.write(out); err != nil {
			return err
		}
		done()
		<-ctx.Done()
		return ctx.Err()
	})
}

// waiting returns the clock's wait for Send; nil for a clock that the data move.
func waiting(c *clock) func(context.Context, city.Moment) error {
	if c.speed == 0 {
		return nil
	}
	return func(ctx context.Context, until city.Moment) error { return c.wait(ctx, until.Time()) }
}

// A tally adds up what became of the readings.
type tally struct {
	accepted, duplicates, refused int
	quarantined                   map[string]int
}

func (t *tally) add(a collectors.Answer) {
	t.accepted += a.Accepted
	t.duplicates += a.Duplicates
	t.refused += a.Refused
	if t.quarantined == nil {
		t.quarantined = map[string]int{}
	}
	for _, q := range a.Quarantined {
		t.quarantined[q.Reason]++
	}
}

func (t *tally) write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "accepted %d, duplicates %d", t.accepted, t.duplicates)
	for _, reason := range slices.Sorted(maps.Keys(t.quarantined)) {
		fmt.Fprintf(&b, ", quarantined %d (%s)", t.quarantined[reason], reason)
	}
	if t.refused > 0 {
		fmt.Fprintf(&b, ", beyond the quarantine's bound %d", t.refused)
	}
	_, err := fmt.Fprintln(out, b.String())
	return err
}
