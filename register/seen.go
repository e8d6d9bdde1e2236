package register

import (
	"context"
	"sync"
	"time"

	"rasad/city"
	"rasad/follower"
)

// flushEvery bounds how often what was seen is written.
const flushEvery = time.Minute

// forgetAfter is the age from which on a start forgets what was seen.
const forgetAfter = 400 * 24 * time.Hour

// seen is when tokens, sessions and people were seen last. It is not of the
// journal: a rebuild begins with nothing.
type seen struct {
	mu      sync.Mutex
	at      map[seenKey]city.Moment
	dirty   map[seenKey]city.Moment // not yet in the file
	flushed time.Time
}

type seenKey struct{ kind, id string }

// Seen notes that the token, session or person id was used at the moment at, by the
// server's clock. It goes to the file with others, at most once a minute and when
// the store is closed; a crash forgets the last minute.
func (s *Store) Seen(kind, id string, at city.Moment) {
	k := seenKey{kind, id}
	s.seen.mu.Lock()
	if s.seen.at[k] < at {
		s.seen.at[k], s.seen.dirty[k] = at, at
	}
	due := len(s.seen.dirty) > 0 && s.cfg.Now().Sub(s.seen.flushed) >= flushEvery
	s.seen.mu.Unlock()
	if !due || !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	if s.file.Closed() {
		return
	}
	if err := s.flushSeen(); err != nil {
		s.cfg.Log.Warn("last use not kept", "err", err)
	}
}

// LastSeen returns when id was seen last; 0: never, or longer ago than is known.
func (s *Store) LastSeen(kind, id string) city.Moment {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	return s.seen.at[seenKey{kind, id}]
}

// flushSeen writes what was seen since the last time. The caller holds s.mu.
func (s *Store) flushSeen() error {
	s.seen.mu.Lock()
	dirty := s.seen.dirty
	s.seen.dirty = map[seenKey]city.Moment{}
	s.seen.flushed = s.cfg.Now()
	s.seen.mu.Unlock()
	if len(dirty) == 0 {
		return nil
	}
	ctx := context.Background()
	err := s.file.Begin(ctx)
	if err == nil {
		for k, at := range dirty {
			if err = s.file.Exec(ctx, "INSERT OR REPLACE INTO seen (kind, id, at) VALUES (?, ?, ?)", k.kind, k.id, at); err != nil {
				break
			}
		}
		err = s.file.End(ctx, err)
	}
	if err != nil {
		s.seen.mu.Lock()
		defer s.seen.mu.Unlock()
		for k, at := range dirty {
			s.seen.dirty[k] = max(at, s.seen.dirty[k])
		}
	}
	return err
}

func (s *Store) restoreSeen(ctx context.Context) error {
	s.seen.at, s.seen.dirty, s.seen.flushed = map[seenKey]city.Moment{}, map[seenKey]city.Moment{}, s.cfg.Now()
	if err := s.file.Exec(ctx, "DELETE FROM seen WHERE at < ?", city.At(s.cfg.Now().Add(-forgetAfter))); err != nil {
		return err
	}
	return follower.Each(ctx, s.file, func(scan func(...any) error) error {
		var k seenKey
		var at city.Moment
		err := scan(&k.kind, &k.id, &at)
		s.seen.at[k] = at
		return err
	}, "SELECT kind, id, at FROM seen")
}
