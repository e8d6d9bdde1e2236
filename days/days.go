// Package days is the SQLite follower of readings and facts: one row per source
// and local date with its raw readings in journal order, its hourly cells, and the
// batch that last changed it. "First wins", correction and rolling again after
// late data happen here and nowhere else. The file can be thrown away at any time:
// the journal builds it again, equal to the bit.
//
// One goroutine applies batches; any number may read, and they see what is applied
// even before it is committed. It is not a judge: what a reading is worth was
// decided before it was appended to the journal.
package days

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/follower"
	"rasad/measure"
)

// A Config says where a Store keeps its file and whom it tells.
type Config struct {
	// Path is the SQLite file; its folder exists.
	Path string
	// Changed gets what batch pos changed, once per batch that changed something,
	// in order, inside Apply and before the commit; nil: nobody. The slices are
	// shared: they are never written again, by neither side. It must not call
	// Apply, Commit or Close.
	Changed func(pos uint64, changes []Change)
	// CityChanged gets the city that batch pos brought into force, before Changed
	// gets the same batch; nil: nobody. It too must not call Apply, Commit or Close.
	CityChanged func(pos uint64, c *city.City)
	// CacheReadings bounds the readings held in memory, about 160 bytes each;
	// twice as many may wait for a commit. 0 means 200,000. It is best when the
	// readings of one day fit in.
	CacheReadings int
	// Log gets what an operator should know; nil: nothing is logged.
	Log *slog.Logger
}

// A Change is one source-day as it is after a batch: all of its corrected slots in
// the order of their time, and the cells of all of its 23 to 25 local hours.
type Change struct {
	Source city.SourceID
	Date   city.Date
	Slots  []measure.Slot
	Cells  []measure.Cell
}

// How long applied batches wait for their commit, and a failed commit for the next.
const (
	commitInterval = time.Second
	retryInterval  = time.Second
)

// A Store is open days in memory over an SQLite file.
type Store struct {
	cfg  Config
	file *file

	applyMu  sync.Mutex    // one batch, or one snapshot for a commit, at a time
	commitMu sync.Mutex    // one commit at a time; taken before applyMu
	kick     chan struct{} // asks Run's goroutine for an early commit
	news     chan struct{}

	applied   follower.Applied
	committed atomic.Uint64
	unsaved   atomic.Int64 // weight of what waits for a commit

	mu sync.RWMutex // guards everything below
	state
}

// state is what a Store knows in memory.
type state struct {
	at        uint64    // the newest batch in memory
	today     city.Date // local date of that batch
	cities    cities
	sources   map[city.SourceID]*source
	nextDay   int64 // row numbers to come
	nextSrc   int64
	epoch     uint64 // first batch of the running epoch, see since.go
	touched   int    // source-days touched in it
	epochDays int    // how many make an epoch full
	ring      []*day // every day in memory, in no order
	hand      int    // where in ring the search for a day to drop goes on
	weight    int    // readings in memory
	dirty     []*day
	held      []Held // not yet committed
	counts    Counts

	ops     []op   // scratch of Apply: one for each entry
	hit     []*day // to be corrected and rolled
	changed []*day // by this batch
}

// Open opens or makes the file at cfg.Path. One of an older format is made anew, and
// the journal builds it again; one of a newer format, or one that is not a file of
// days, is refused with an error that names the cure.
func Open(cfg Config) (*Store, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.CacheReadings == 0 {
		cfg.CacheReadings = 200_000
	}
	f, err := openFile(cfg.Path, cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("open days %s: %w", cfg.Path, err)
	}
	s := &Store{cfg: cfg, file: f, kick: make(chan struct{}, 1), news: make(chan struct{}, 1)}
	s.epochDays = epochDays
	if err := s.restore(); err != nil {
		_ = f.close()
		return nil, fmt.Errorf("open days %s: %w", cfg.Path, err)
	}
	return s, nil
}

// Run follows the journal from Applied until ctx ends or follow returns, and
// commits at most once a second and once more before it returns. While a commit
// fails it tries again each second, and no batch is applied once too much is
// waiting for one. It returns follow's error and that of the last commit.
func (s *Store) Run(ctx context.Context, follow func(ctx context.Context, from uint64, apply func(entry.Batch) error) error) error {
	ticking, stop := context.WithCancel(ctx)
	done := make(chan struct{}, 1)
	go func() {
		s.commitOften(ticking)
		done <- struct{}{}
	}()
	err := follow(ctx, s.Applied(), func(b entry.Batch) error {
		if err := s.waitForRoom(ctx); err != nil {
			return err
		}
		return s.Apply(b)
	})
	stop()
	<-done
	if cerr := s.Commit(); cerr != nil && err == nil {
		return cerr
	}
	return err
}

// commitOften commits once a second, or earlier when half of what may wait does.
func (s *Store) commitOften(ctx context.Context) {
	tick := time.NewTicker(commitInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.kick:
		}
		if err := s.Commit(); err != nil {
			s.cfg.Log.Error("days not committed", "err", err, "retry_in", retryInterval)
			continue
		}
		if err := s.packAll(); err != nil {
			s.cfg.Log.Warn("closed days not compressed", "err", err)
		}
	}
}

// waitForRoom returns once another batch may be applied.
func (s *Store) waitForRoom(ctx context.Context) error {
	for s.full() {
		err := s.Commit()
		if err == nil {
			return nil
		}
		s.cfg.Log.Error("days not committed", "err", err, "retry_in", retryInterval)
		retry := time.NewTimer(retryInterval)
		select {
		case <-ctx.Done():
			retry.Stop()
			return ctx.Err()
		case <-retry.C:
		}
	}
	return nil
}

// full reports whether so much waits for a commit that no batch may be applied.
func (s *Store) full() bool { return s.unsaved.Load() >= 2*int64(s.cfg.CacheReadings) }

// Applied returns the number of the newest batch applied. It takes no lock.
func (s *Store) Applied() uint64 { return s.applied.Load() }

// Committed returns the number of the newest batch that the file holds. It takes
// no lock.
func (s *Store) Committed() uint64 { return s.committed.Load() }

// News returns a channel that gets a token after commits that changed rows. It
// holds one token and is never closed.
func (s *Store) News() <-chan struct{} { return s.news }

// Wait returns once batch is applied and told to Changed, or with ctx's error.
func (s *Store) Wait(ctx context.Context, batch uint64) error {
	return s.applied.Wait(ctx, batch)
}

// Close commits what is applied and closes the file. Run must have returned.
func (s *Store) Close() error {
	err := s.Commit()
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	if cerr := s.file.close(); err == nil {
		err = cerr
	}
	return err
}
