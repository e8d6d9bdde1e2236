package register

import (
	"context"

	"rasad/city"
	"rasad/follower"
)

// Counts says what became of all entries so far.
type Counts struct {
	Cases       int64
	Open        int64 // of the cases, paused ones too
	Events      int64 // of cases, taken in
	Duplicates  int64 // events that were known already
	Undeclared  int64 // events of cases whose source the city in force does not know as one of events
	Acts        int64 // refused ones too
	Refused     int64 // of the acts
	Repeated    int64 // acts whose id stood in the journal already
	Quarantined int64
	Waiting     int64 // of the quarantined: nobody has ruled on them yet
	Beyond      int64 // counted at the door beyond the quarantine's bound
	Broken      int64 // cities that cannot be read
}

// Counts returns the counts at Applied. They are as durable as the rows, and cost no
// I/O.
func (s *Store) Counts() Counts {
	s.news.RLock()
	defer s.news.RUnlock()
	return s.news.counts
}

// names returns the counts as the file names them.
func (c *Counts) names() map[string]*int64 {
	return map[string]*int64{
		"cases": &c.Cases, "open": &c.Open, "events": &c.Events, "duplicates": &c.Duplicates, "undeclared": &c.Undeclared,
		"acts": &c.Acts, "refused": &c.Refused, "repeated": &c.Repeated, "quarantined": &c.Quarantined, "waiting": &c.Waiting,
		"beyond": &c.Beyond, "broken": &c.Broken,
	}
}

// restore reads from the file what a Store knows in memory.
func (s *Store) restore(ctx context.Context) error {
	if _, err := s.file.One(ctx, "SELECT position FROM state", nil, []any{&s.stored}); err != nil {
		return err
	}
	s.applied.Tell(s.stored)
	var compiled []byte
	known, err := s.file.One(ctx, "SELECT compiled FROM city", nil, []any{&compiled})
	if err != nil {
		return err
	}
	if known {
		if s.city, err = city.Decode(compiled); err != nil {
			return err
		}
	}
	s.news.revs = map[city.DepartmentID]uint64{}
	err = follower.Each(ctx, s.file, func(scan func(...any) error) error {
		var d city.DepartmentID
		var rev uint64
		err := scan(&d, &rev)
		s.news.revs[d] = rev
		return err
	}, "SELECT id, rev FROM department")
	if err != nil {
		return err
	}
	names := s.news.counts.names()
	err = follower.Each(ctx, s.file, func(scan func(...any) error) error {
		var name string
		var n int64
		err := scan(&name, &n)
		if into := names[name]; into != nil {
			*into = n
		}
		return err
	}, "SELECT name, n FROM count")
	if err != nil {
		return err
	}
	if err := s.restoreSeen(ctx); err != nil {
		return err
	}
	return s.restoreRoll(ctx)
}
