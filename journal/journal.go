// Package journal keeps all that happened in the city, in order, for ever: a
// chain of batches of entries in segment files. An entry is acknowledged only
// when its batch is durable in every directory; whatever is shown or kept
// elsewhere follows the journal and can be built again from it. Batches are never
// changed, and the package judges no entry. The bytes are specified in
// docs/wire.md.
package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rasad/city"
	"rasad/entry"
)

// ErrClosed says that the journal was closed: the request may be sent again to
// the server that comes next.
var ErrClosed = fmt.Errorf("%w: the journal is closed", city.ErrBusy)

// maxQueued bounds the entries that wait for their batch, in bytes on the wire.
const maxQueued = 64 << 20

// A Config says where the journal is and when it refuses.
type Config struct {
	// Dir is the folder of the segments. Second, where it is not "", is another
	// one, best on another disk, that gets the same bytes in the same commit.
	Dir, Second string
	// Zone cuts the segments: one for each local day of the batches' times.
	Zone *city.Zone
	// Now is the server's clock; nil means time.Now.
	Now func() time.Time
	// Floor is the free space, in bytes, below which Append answers busy until
	// seven fifths of it are free again; acts of people get in down to half of it.
	// 0 means 5 % of the volume, but at least 512 MB.
	Floor uint64
	// Free returns the free and the whole space of dir's volume, in bytes; nil
	// asks the system.
	Free func(dir string) (free, total uint64, err error)
	// Log hears what an operator has to know; nil means nobody.
	Log *slog.Logger

	sync  func(*os.File) error // tests put faults in here; nil: datasync
	queue int                  // bytes that may wait; tests lower it; 0: maxQueued
}

func (c *Config) dirs() []string {
	if c.Second == "" {
		return []string{c.Dir}
	}
	return []string{c.Dir, c.Second}
}

func (c *Config) check() error {
	if c.Dir == "" || c.Zone == nil {
		return fmt.Errorf("%w journal configuration: directory and zone are needed", city.ErrInvalid)
	}
	if c.Second != "" && filepath.Clean(c.Second) == filepath.Clean(c.Dir) {
		return fmt.Errorf("%w journal configuration: the second directory is the first", city.ErrInvalid)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Free == nil {
		c.Free = statfs
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.queue == 0 {
		c.queue = maxQueued
	}
	if c.sync == nil {
		c.sync = datasync
	}
	return nil
}

// A Journal is an open journal. Its methods may be used from several goroutines.
type Journal struct {
	cfg    Config
	locks  []*DirLock
	writer writer // of the goroutine run alone
	packer packer

	mu      sync.Mutex
	arrived sync.Cond     // a request was queued, or the journal closes
	changed chan struct{} // closed and replaced when the tip moves or the journal closes; nothing is sent on it
	queue   []*request
	queued  int // bytes
	closing bool
	tip     tip
	ring    ring
	gates   gates
	failure error // of the newest commit
	stats   stats

	stopped   chan struct{} // closed by run when it has ended
	closeOnce sync.Once
	closeErr  error
}

// Open takes the locks, recovers what an unclean stop has left and starts to take
// entries. A torn tail is cut and kept beside in a file *.torn; where one of two
// directories is behind, it is brought up to the other. Damage that no stop
// explains is a *BrokenError; a journal in use is an *InUseError.
func Open(cfg Config) (*Journal, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	var locks []*DirLock
	release := func() {
		for _, l := range locks {
			_ = l.Close()
		}
	}
	for _, dir := range cfg.dirs() {
		l, err := Lock(dir)
		if err != nil {
			release()
			return nil, fmt.Errorf("open journal: %w", err)
		}
		locks = append(locks, l)
	}
	e, goOn, err := recoverEnds(context.Background(), cfg.dirs(), cfg.Log)
	if err != nil {
		release()
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{cfg: cfg, locks: locks, tip: e.tip, changed: make(chan struct{}), stopped: make(chan struct{})}
	j.arrived.L = &j.mu
	j.writer = writer{zone: cfg.Zone, now: cfg.Now, log: cfg.Log, tip: e.tip}
	if goOn {
		j.writer.seg, j.writer.size = e.seg, e.size
	}
	for _, dir := range cfg.dirs() {
		j.writer.volumes = append(j.writer.volumes, &volume{dir: dir, sync: cfg.sync})
	}
	j.packer.start(cfg.dirs(), cfg.Log)
	go j.run()
	return j, nil
}

// Close writes what is queued, stops and gives the locks back. Followers that are
// still at work end with ErrClosed. It may be called twice.
func (j *Journal) Close() error {
	j.closeOnce.Do(func() {
		j.mu.Lock()
		j.closing = true
		j.tell()
		j.mu.Unlock()
		j.arrived.Signal()
		<-j.stopped
		j.packer.stop()
		for _, v := range j.writer.volumes {
			v.close()
		}
		for _, l := range j.locks {
			j.closeErr = errors.Join(j.closeErr, l.Close())
		}
	})
	return j.closeErr
}

// Head returns the number of the newest durable batch, 0 where there is none.
func (j *Journal) Head() uint64 {
	number, _ := j.Chain()
	return number
}

// Chain returns the number and the hash of the newest durable batch: the hash
// vouches for every byte before it.
func (j *Journal) Chain() (number uint64, hash entry.Hash) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.tip.number, j.tip.hash
}
