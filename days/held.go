package days

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"rasad/city"
	"rasad/entry"
	"rasad/follower"
)

// What a held entry is.
const (
	Quarantined = "quarantined" // was not accepted
	Conflict    = "conflict"    // was accepted, but other content of its identity came first
	Undeclared  = "undeclared"  // was accepted, but the city in force does not know its source as such
	Broken      = "broken"      // a city that cannot be read
)

// A Held is an entry that counts nowhere and is kept whole, so that a person can
// judge it.
type Held struct {
	Pos     entry.Position
	At      city.Moment // of its batch, by the server's clock
	Kind    string      // Quarantined, Conflict, Undeclared or Broken
	Source  string
	Reason  string // the quarantine's reason; the kind for the others
	Detail  string // in words
	By      string // the id of the token or collector that sent it
	Against entry.Position
	Line    []byte // the entry in wire form, with its newline
}

// Counts says what became of all entries so far.
type Counts struct {
	Readings    int64            // kept, revisions included
	Events      int64            // kept
	Revisions   int64            // of the readings
	Duplicates  int64            // dropped
	Conflicts   int64            // held
	Undeclared  int64            // held
	Quarantined map[string]int64 // held, by reason
	Refused     map[string]int64 // counted at the door beyond the quarantine's bound, by reason
}

// Counts returns the counts at Applied. They are as durable as the rows.
func (s *Store) Counts() Counts {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.counts.clone()
}

func (c *Counts) clone() Counts {
	n := *c
	n.Quarantined, n.Refused = maps.Clone(c.Quarantined), maps.Clone(c.Refused)
	return n
}

// Prefixes of the names under which the file holds counts by reason.
const (
	quarantinedBy = "quarantined/"
	refusedBy     = "refused/"
)

// names returns the counts as the file names them.
func (c *Counts) names() map[string]int64 {
	n := map[string]int64{
		"readings": c.Readings, "events": c.Events, "revisions": c.Revisions,
		"duplicates": c.Duplicates, "conflicts": c.Conflicts, "undeclared": c.Undeclared,
	}
	for reason, count := range c.Quarantined {
		n[quarantinedBy+reason] = count
	}
	for reason, count := range c.Refused {
		n[refusedBy+reason] = count
	}
	return n
}

// set is names backwards.
func (c *Counts) set(name string, n int64) {
	for known, into := range map[string]*int64{
		"readings": &c.Readings, "events": &c.Events, "revisions": &c.Revisions,
		"duplicates": &c.Duplicates, "conflicts": &c.Conflicts, "undeclared": &c.Undeclared,
	} {
		if name == known {
			*into = n
			return
		}
	}
	if reason, ok := strings.CutPrefix(name, quarantinedBy); ok {
		c.Quarantined[reason] = n
	} else if reason, ok := strings.CutPrefix(name, refusedBy); ok {
		c.Refused[reason] = n
	}
}

// heldEntry makes a Held of an entry.
func heldEntry(e entry.Entry, kind string, pos entry.Position, at city.Moment, detail string) Held {
	h := Held{Pos: pos, At: at, Kind: kind, Reason: kind, Detail: detail}
	switch e := e.(type) {
	case *entry.Reading:
		h.Source, h.By = string(e.Source), e.By
	case *entry.Event:
		h.Source, h.By = string(e.Source), e.By
	case *entry.Quarantined:
		h.Source, h.By, h.Reason, h.Against = e.Source, e.By, e.Reason, e.Against
	case *entry.City:
		h.By = e.By
	}
	line, err := entry.Append(nil, e)
	if err != nil { // it came over the wire, so it has a wire form; never lose the rest for it
		h.Detail += "; " + err.Error()
		line = nil
	}
	h.Line = line
	return h
}

// hold keeps h until the next commit.
func (s *Store) hold(h Held) {
	s.held = append(s.held, h)
	s.unsaved.Add(1 + int64(len(h.Line))/256)
}

// Quarantine returns the newest held entries, quarantined ones and conflicts alike,
// newest first, at most limit. It includes what is not yet committed.
func (s *Store) Quarantine(ctx context.Context, limit int) ([]Held, error) {
	var list []Held
	s.mu.RLock()
	for i := len(s.held) - 1; i >= 0 && len(list) < limit; i-- {
		list = append(list, s.held[i])
	}
	s.mu.RUnlock()
	older := entry.Position{Batch: 1<<63 - 1}
	if len(list) > 0 {
		older = list[len(list)-1].Pos
	}
	err := follower.Each(ctx, s.file.read, func(scan func(...any) error) error {
		var h Held
		err := scan(&h.Pos.Batch, &h.Pos.Index, &h.At, &h.Kind, &h.Source, &h.Reason, &h.Detail, &h.By, &h.Against.Batch, &h.Against.Index, &h.Line)
		list = append(list, h)
		return err
	}, `SELECT batch, idx, at, kind, source, reason, detail, sender, against_batch, against_idx, line
		FROM held WHERE (batch, idx) < (?, ?) ORDER BY batch DESC, idx DESC LIMIT ?`, older.Batch, older.Index, limit-len(list))
	if err != nil {
		return nil, fmt.Errorf("read quarantine: %w", err)
	}
	return list, nil
}
