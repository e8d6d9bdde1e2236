package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"rasad/city"
	"rasad/days"
	"rasad/journal"
)

type checkCmd struct {
	City    string `help:"The city file." required:"" env:"RASAD_CITY" placeholder:"FILE"`
	Against string `help:"Say what would change for the data in this folder." placeholder:"DIR"`
}

// Run checks a city file and prints every fault with its place.
func (c *checkCmd) Run(e *env) error {
	src, err := os.ReadFile(c.City)
	if err != nil {
		return fmt.Errorf("%w city file: %w", city.ErrInvalid, err)
	}
	got, err := compile(c.City, src)
	if err != nil {
		return err
	}
	if c.Against != "" {
		if err := c.compare(e, got); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(e.stdout, "%s: good: %d places, %d sources, %d indicators, %d screens\n",
		c.City, len(got.Places), len(got.Sources), len(got.Indicators), len(got.Screens))
	return err
}

// compare prints what would change for the data in c.Against.
func (c *checkCmd) compare(e *env, got *city.City) error {
	path := (&settings{data: c.Against}).daysFile()
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w data folder %s: %w", city.ErrNotFound, c.Against, err)
	}
	store, err := days.Open(days.Config{Path: path, Log: e.log})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	old, _, err := store.City(0)
	if errors.Is(err, city.ErrNotFound) {
		_, err = fmt.Fprintln(e.stdout, "no city is in force there yet")
		return err
	}
	if err != nil {
		return err
	}
	a := &app{settings: settings{name: c.City}, days: store}
	return a.announce(e.ctx, old, got, func(what string) { say(e.stdout, "%s\n", what) })
}

type verifyCmd struct {
	common `embed:""`
	Second string `help:"Second journal directory." env:"RASAD_JOURNAL_SECOND" placeholder:"DIR"`
	Repair bool   `help:"Put broken segments back from the second directory; the broken files stay beside them."`
}

// Run walks the hash chain. A difference is printed and ends with exit code 4.
func (c *verifyCmd) Run(e *env) error {
	s, err := load(c.common, network{Second: c.Second})
	if err != nil {
		return err
	}
	if c.Repair {
		lock, err := journal.Lock(s.data)
		if err != nil {
			return err
		}
		defer func() { _ = lock.Close() }()
	}
	walk := journal.Verify
	if c.Repair {
		walk = journal.Repair
	}
	report, err := walk(e.ctx, s.journalDir(), s.Journal.Second)
	if err != nil {
		return err
	}
	for _, path := range report.Repaired {
		say(e.stdout, "repaired %s\n", path)
	}
	for _, f := range report.Faults {
		say(e.stdout, "%v\n", f)
	}
	say(e.stdout, "%d segments, %d batches, %d entries, %d bytes; newest batch %d, hash %s\n",
		report.Segments, report.Batches, report.Entries, report.Bytes, report.Head, report.Hash)
	if len(report.Faults) > 0 {
		return errDifference
	}
	return nil
}

type rebuildCmd struct {
	common `embed:""`
	Second string `help:"Second journal directory." env:"RASAD_JOURNAL_SECOND" placeholder:"DIR"`
}

// Run deletes the followers' stores and builds them again from the journal.
func (c *rebuildCmd) Run(e *env) error {
	s, err := load(c.common, network{Second: c.Second})
	if err != nil {
		return err
	}
	lock, err := journal.Lock(s.data)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	compiled, err := compile(s.name, s.city)
	if err != nil {
		return err
	}
	j, err := journal.Open(journal.Config{Dir: s.journalDir(), Second: s.Journal.Second, Zone: compiled.Clock(), Log: e.log})
	if err != nil {
		return err
	}
	for _, file := range []string{s.daysFile(), s.registerFile()} {
		if err := remove(file); err != nil {
			return join(err, "close journal", j.Close())
		}
	}
	start := time.Now()
	a := &app{settings: s, log: e.log, journal: j}
	if a.days, err = days.Open(days.Config{Path: s.daysFile(), Log: e.log}); err == nil {
		err = a.catchUp(e.ctx, 0, a.days.Apply)
		say(e.stdout, "applied %d batches, %d readings and events, in %.1f s\n",
			a.days.Applied(), a.days.Counts().Readings+a.days.Counts().Events, time.Since(start).Seconds())
		err = join(err, "close days", a.days.Close())
	}
	if err == nil {
		err = a.rebuildRegister(e.ctx, func(format string, args ...any) { say(e.stdout, format, args...) })
	}
	return join(err, "close journal", j.Close())
}

type healthcheckCmd struct {
	Listen string `help:"Address that the server listens on." default:"127.0.0.1:8080" env:"RASAD_LISTEN" placeholder:"ADDR"`
}

// Run asks a running server's /healthz.
func (c *healthcheckCmd) Run(e *env) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("%w address %q: want host:port", city.ErrInvalid, c.Listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	req, err := http.NewRequestWithContext(e.ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: 3 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask server: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("ask server: it answers %s", strings.ToLower(res.Status))
	}
	return nil
}

// join adds what went wrong in a later step to err.
func join(err error, doing string, later error) error {
	if later != nil {
		return errors.Join(err, fmt.Errorf("%s: %w", doing, later))
	}
	return err
}
