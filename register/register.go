// Package register is the SQLite follower of acts and cases: reports, works,
// service requests and inspections with their life cycle and their clock, people,
// sessions, shifts, rulings on the quarantine, and the audit of it all. The file can
// be thrown away at any time: the journal builds it again, equal to the bit.
//
// One goroutine applies batches, each in a transaction of its own; any number may
// read. It judges whether an act holds, in the order of the journal and nowhere
// else; what a person may do at all is the server's question, before the act is
// appended.
package register

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/follower"
)

// A Config says where a Store keeps its file and whom it tells.
type Config struct {
	// Path is the SQLite file; its folder exists.
	Path string
	// Now is the server's clock: a session is over at its end by it. nil: time.Now.
	Now func() time.Time
	// Log gets what an operator should know; nil: nothing is logged.
	Log *slog.Logger
	// Changed gets what a batch changed, once per batch that changed something, in
	// order, after its commit and before Applied names it; nil: nobody. It must not
	// call Apply or Close.
	Changed func(Change)
}

// A Change says which departments' cases or shifts a batch changed, in the order of
// their ids.
type Change struct {
	Pos         uint64
	Departments []city.DepartmentID
}

// A Store is the register over its SQLite file.
type Store struct {
	cfg  Config
	file *file

	mu     sync.Mutex // of the connection that writes, and of all from here to roll
	stored uint64     // the newest batch that the file names
	city   *city.City // in force; nil: none yet

	applied follower.Applied
	roll    atomic.Pointer[roll]
	news    struct {
		sync.RWMutex
		revs   map[city.DepartmentID]uint64
		counts Counts
	}
	seen seen
}

// Kinds returns the kinds of entry that a Store follows; it passes over all others.
func Kinds() []entry.Kind {
	return []entry.Kind{
		entry.KindEvent, entry.KindAct, entry.KindQuarantined, entry.KindRefused,
		entry.KindCity, entry.KindToken, entry.KindTokenRevoked,
	}
}

// Open opens or makes the file at cfg.Path. One of an older format is made anew, and
// the journal builds it again; one of a newer format, or one that is not a register,
// is refused with an error that names the cure.
func Open(cfg Config) (*Store, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	f, err := openFile(cfg.Path, cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("open register %s: %w", cfg.Path, err)
	}
	s := &Store{cfg: cfg, file: f}
	if err := s.restore(context.Background()); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open register %s: %w", cfg.Path, err)
	}
	return s, nil
}

// storeEvery bounds how many batches without anything for the register pass by
// before the file names the newest of them: so many are read again after a crash.
const storeEvery = 4096

// Apply takes in the next batch. Batches up to Applied are passed over; a gap is an
// error. After an error nothing of the batch was taken in, and it may be applied
// again. One goroutine applies.
func (s *Store) Apply(b entry.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.Applied()
	if b.Number <= at {
		return nil
	}
	if b.Number != at+1 {
		return fmt.Errorf("apply batch %d: batch %d is missing", b.Number, at+1)
	}
	if !slices.ContainsFunc(b.Entries, follows) {
		if b.Number >= s.stored+storeEvery {
			if err := s.storePosition(b.Number); err != nil {
				return fmt.Errorf("apply batch %d: %w", b.Number, err)
			}
		}
		s.applied.Tell(b.Number)
		return nil
	}
	touched, err := s.fold(b)
	if err != nil {
		return fmt.Errorf("apply batch %d: %w", b.Number, err)
	}
	if len(touched) > 0 && s.cfg.Changed != nil {
		s.cfg.Changed(Change{b.Number, touched})
	}
	s.applied.Tell(b.Number)
	return nil
}

func follows(e entry.Entry) bool { return e != nil && slices.Contains(Kinds(), e.Kind()) }

// storePosition makes the file name batch as applied.
func (s *Store) storePosition(batch uint64) error {
	if err := s.file.Exec(context.Background(), "UPDATE state SET position = ?", batch); err != nil {
		return err
	}
	s.stored = batch
	return nil
}

// Applied returns the number of the newest batch applied. It takes no lock.
func (s *Store) Applied() uint64 { return s.applied.Load() }

// Wait returns once batch is applied and told to Changed, or with ctx's error.
func (s *Store) Wait(ctx context.Context, batch uint64) error {
	return s.applied.Wait(ctx, batch)
}

// Close notes what was seen and closes the file. Nothing may be applied any more.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file.Closed() {
		return nil
	}
	err := s.flushSeen()
	if at := s.Applied(); err == nil && at > s.stored {
		err = s.storePosition(at)
	}
	if cerr := s.file.Close(); err == nil {
		err = cerr
	}
	return err
}
