package days

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
)

// testing.TB as far as the helpers need it; *rapid.T is one too.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// town returns a small city. every is the cadence of its square in seconds;
// without names sources to leave out.
func town(t tb, zone string, every int64, without ...city.SourceID) *entry.City {
	t.Helper()
	d := city.Definition{Format: 1, ID: "town", Zone: zone}
	for _, src := range []city.Source{
		{ID: "gate/in", Unit: city.Crossing, Kind: city.Interval, SlotSec: 900, Cadence: []city.Cadence{{FromHour: 6, ToHour: 22, EverySec: 900}}},
		{ID: "square", Unit: city.Person, Kind: city.Snapshot, Cadence: []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: every}}},
		{ID: "litter", Unit: city.Report, Kind: city.Event},
	} {
		left := false
		for _, w := range without {
			left = left || w == src.ID
		}
		if !left {
			d.Sources = append(d.Sources, src)
		}
	}
	c, err := city.New(d)
	if err != nil {
		t.Fatalf("make town: %v", err)
	}
	compiled, err := c.Canonical()
	if err != nil {
		t.Fatalf("make town: %v", err)
	}
	return &entry.City{File: "-", Compiled: compiled, By: "test", Why: "test"}
}

// A book makes batches as the journal would.
type book struct {
	batches []entry.Batch
}

var bookStart = time.Date(2027, 4, 1, 12, 0, 0, 0, time.UTC)

func (b *book) add(entries ...entry.Entry) entry.Batch {
	n := uint64(len(b.batches)) + 1
	batch := entry.Batch{Number: n, At: bookStart.Add(time.Duration(n) * time.Second), Entries: entries}
	b.batches = append(b.batches, batch)
	return batch
}

// open opens a store at path and closes it when the test ends.
func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	if cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "days.db")
	}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func apply(t tb, s *Store, batches ...entry.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Apply(b); err != nil {
			t.Fatalf("apply: %v", err)
		}
	}
}

// drop ends a store as a crash would: nothing more is committed.
func drop(t tb, s *Store) {
	t.Helper()
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	if err := s.file.close(); err != nil {
		t.Fatalf("drop: %v", err)
	}
}

func checksum(t tb, s *Store) string {
	t.Helper()
	sum, err := s.Checksum(context.Background())
	if err != nil {
		t.Fatalf("checksum: %v", err)
	}
	return fmt.Sprintf("%x", sum)
}

func date(t tb, text string) city.Date {
	t.Helper()
	d, err := city.ParseDate(text)
	if err != nil {
		t.Fatalf("date: %v", err)
	}
	return d
}

// local returns the moment of a local wall time in Tehran.
func local(t tb, text string) city.Moment {
	t.Helper()
	loc, err := time.LoadLocation("Asia/Tehran")
	if err != nil {
		t.Fatalf("zone: %v", err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatalf("time: %v", err)
	}
	return city.At(at)
}

func gate(from city.Moment, v city.Steps) *entry.Reading {
	return &entry.Reading{Source: "gate/in", From: from, To: from + 900, V: v, By: "t1"}
}

func square(at city.Moment, v city.Steps) *entry.Reading {
	return &entry.Reading{Source: "square", From: at, To: at, V: v, By: "t1"}
}

func litter(at city.Moment, id, state string, v city.Steps) *entry.Event {
	return &entry.Event{Source: "litter", At: at, ID: id, State: state, Case: "report", V: v, By: "t1"}
}

func revise(r *entry.Reading, pos entry.Position, why string) *entry.Reading {
	r.Revises, r.Reason = pos, why
	return r
}

func at(batch uint64, index uint32) entry.Position { return entry.Position{Batch: batch, Index: index} }

func quarantined(source, reason string) *entry.Quarantined {
	return &entry.Quarantined{Source: source, Reason: reason, Detail: "for a test", By: "t1", Item: json.RawMessage(`{"v":1}`)}
}

// copyFiles copies the SQLite file at from and its write-ahead log, as a power cut
// would leave them.
func copyFiles(t testing.TB, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(from + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
