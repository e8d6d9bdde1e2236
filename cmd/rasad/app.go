package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rasad/city"
	"rasad/collectors"
	"rasad/days"
	"rasad/entry"
	"rasad/history"
	"rasad/history/influx"
	"rasad/journal"
	"rasad/live"
	"rasad/register"
	"rasad/server"
	"rasad/server/tokens"
)

// An app is the running program: the journal and everything that follows it.
type app struct {
	settings
	log   *slog.Logger
	clock *clock

	lock     *journal.DirLock
	journal  *journal.Journal
	days     *days.Store
	board    atomic.Pointer[live.Board]
	city     atomic.Pointer[city.City]
	gate     *collectors.Gate
	tokens   *tokens.Book
	register *register.Store
	doers    *collectors.Supervisor
	influx   *influx.Store   // nil without an InfluxDB
	writer   *history.Writer // nil without an InfluxDB
	caught   atomic.Int64    // when writer last had nothing left to write, Unix nanoseconds
	reader   history.Reader
	delays   *prometheus.HistogramVec // of the followers, see followed
	growth   *growth                  // of all that is kept; nil before serve
	parts    parts
}

// places of everything that Rasad keeps, below DATA.
func (s *settings) journalDir() string { return filepath.Join(s.data, "journal") }
func (s *settings) daysFile() string   { return filepath.Join(s.data, "days.db") }
func (s *settings) socket() string     { return filepath.Join(s.data, "rasad.sock") }

// open takes the lock on DATA, opens the journal and lets days catch up with it,
// puts the city in force, and starts what follows. now is the data's clock; who
// and why stand beside the city file in the journal when it has changed. The
// caller stops the app, also after an error.
func (a *app) open(ctx context.Context, who, why string, say func(string)) error {
	if err := a.check(); err != nil {
		return err
	}
	a.delays = newDelays()
	if err := os.MkdirAll(a.journalDir(), 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	compiled, err := compile(a.name, a.settings.city)
	if err != nil {
		return err
	}
	if a.lock, err = journal.Lock(a.data); err != nil {
		return err
	}
	a.journal, err = journal.Open(journal.Config{
		Dir: a.journalDir(), Second: a.Journal.Second, Zone: compiled.Clock(),
		Floor: uint64(a.Journal.FloorMiB) << 20, Log: a.log.With("room", "journal"),
	})
	if err != nil {
		return err
	}
	a.days, err = days.Open(days.Config{
		Path: a.daysFile(), Log: a.log.With("room", "days"),
		Changed:     a.changed,
		CityChanged: a.cityChanged,
	})
	if err != nil {
		return err
	}
	if err := a.catchUp(ctx, a.days.Applied(), a.days.Apply); err != nil {
		return fmt.Errorf("apply journal to days: %w", err)
	}
	a.parts.start("days", func(ctx context.Context) error {
		return a.days.Run(ctx, func(ctx context.Context, from uint64, apply func(entry.Batch) error) error {
			return a.journal.Follow(ctx, from, a.followed("days", apply))
		})
	})
	if err := a.openRegister(ctx, true); err != nil {
		return err
	}
	a.parts.start("verify", a.verify)
	if err := a.putInForce(ctx, compiled, who, why, say); err != nil {
		return err
	}
	return a.openFollowers(ctx)
}

// check refuses settings that cannot work before anything is opened or kept.
func (a *app) check() error {
	web := a.server("")
	if err := web.Check(); err != nil {
		return err
	}
	if a.Influx.URL == "" {
		return nil
	}
	return a.settings.influx().Check()
}

// verify walks the whole chain once, beside everything else: Open has looked at the
// newest segments only. Damage ends the program with its place.
func (a *app) verify(ctx context.Context) error {
	report, err := a.journal.Verify(ctx)
	if err != nil {
		return err
	}
	if !report.Whole() {
		return fmt.Errorf("%w: %v; stop, and run rasad verify --repair", errDifference, report.Faults[0])
	}
	<-ctx.Done()
	return ctx.Err()
}

// errCaughtUp ends a follower that has read the journal as it stood.
var errCaughtUp = errors.New("caught up")

// catchUp applies the journal as it stands, from behind the batch from.
func (a *app) catchUp(ctx context.Context, from uint64, apply func(entry.Batch) error, kinds ...entry.Kind) error {
	head := a.journal.Head()
	if from >= head {
		return nil
	}
	err := a.journal.Follow(ctx, from, func(b entry.Batch) error {
		if err := apply(b); err != nil {
			return err
		}
		if b.Number >= head {
			return errCaughtUp
		}
		return nil
	}, kinds...)
	if errors.Is(err, errCaughtUp) {
		return nil
	}
	return err
}

func (a *app) changed(_ uint64, changes []days.Change) {
	if b := a.board.Load(); b != nil {
		b.Apply(changes)
	}
}

func (a *app) cityChanged(_ uint64, c *city.City) {
	a.city.Store(c)
	if b := a.board.Load(); b != nil {
		b.SetCity(c)
	}
}

// openFollowers starts the board, the gate, the tokens and the history.
func (a *app) openFollowers(ctx context.Context) error {
	epoch := make([]byte, 8)
	if _, err := rand.Read(epoch); err != nil {
		return fmt.Errorf("name this start: %w", err)
	}
	board := live.New(hex.EncodeToString(epoch), a.days, a.city.Load(), city.At(a.clock.now()))
	a.board.Store(board) // before it reads: a change in between is newer and stays
	if err := board.Advance(ctx, city.At(a.clock.now())); err != nil {
		return fmt.Errorf("fill board: %w", err)
	}
	a.gate = collectors.New(collectors.Config{
		City: a.city.Load, Standing: a.days.Standing, Known: a.known, Append: a.journal.Append, Now: a.clock.now,
		Log: a.log.With("room", "collectors"),
	})
	a.tokens = a.newBook()
	if err := a.catchUp(ctx, 0, a.tokens.Apply, tokens.Kinds()...); err != nil {
		return fmt.Errorf("read tokens: %w", err)
	}
	a.parts.start("tokens", func(ctx context.Context) error {
		return a.journal.Follow(ctx, a.tokens.Applied(), a.followed("tokens", a.tokens.Apply), tokens.Kinds()...)
	})
	a.parts.start("gate", a.gate.Run)
	a.doers = collectors.NewSupervisor(a.log.With("room", "collectors"), 0, 0)
	a.reader = history.FromDays(a.days, a.city.Load().Clock())
	if a.Influx.URL == "" {
		return nil
	}
	return a.openInflux()
}

// newBook returns an empty book of tokens: the register knows when each was used.
func (a *app) newBook() *tokens.Book {
	return tokens.New(func(id string) city.Moment { return a.register.LastSeen(server.SeenToken, id) })
}

// ready says in words why the server is not ready; nothing means that it is.
func (a *app) ready() []string {
	var why []string
	info := a.journal.Info()
	if info.Refuses != "" {
		why = append(why, "nothing is being stored: "+info.Refuses)
	}
	if lag := a.journal.Head() - min(a.days.Applied(), a.journal.Head()); lag > 1000 {
		why = append(why, fmt.Sprintf("the tiles are behind: %d batches are not applied yet", lag))
	}
	return why
}

// notes says in words what is wrong without making the server unready.
func (a *app) notes() []string {
	var notes []string
	if a.writer != nil {
		if state := a.writer.State(); state.Words != "" {
			notes = append(notes, fmt.Sprintf("InfluxDB: %s (since %s); the tiles go on, %d batches wait to be written",
				state.Words, state.Since.UTC().Format(time.RFC3339), state.Lag))
		}
	}
	if info := a.journal.Info(); runsLow(&info) {
		notes = append(notes, fmt.Sprintf("only %d MB of %d MB are free where Rasad keeps its data: below %d MB nothing is stored any more", info.Free>>20, info.Total>>20, info.Floor>>20))
	}
	counts := a.days.Counts()
	if n := total(counts.Quarantined) + total(counts.Refused); n > 0 {
		notes = append(notes, fmt.Sprintf("%d readings are in quarantine and count nowhere", n))
	}
	if counts.Conflicts > 0 {
		notes = append(notes, fmt.Sprintf("%d readings conflict with one that was first", counts.Conflicts))
	}
	return notes
}

func total(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// close stops every part in reverse order and releases the lock. It may be called
// on an app whose open failed half-way.
func (a *app) close() error {
	err := a.parts.stop()
	if a.influx != nil {
		err = join(err, "close InfluxDB", a.influx.Close())
	}
	if a.register != nil {
		err = join(err, "close register", a.register.Close())
	}
	if a.days != nil {
		err = join(err, "close days", a.days.Close())
	}
	if a.journal != nil {
		err = join(err, "close journal", a.journal.Close())
	}
	if a.lock != nil {
		err = join(err, "release lock", a.lock.Close())
	}
	return err
}
