package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rasad/city"
	"rasad/city/fa"
	"rasad/collectors"
	"rasad/days"
	"rasad/entry"
	"rasad/journal"
)

// A house is a gate with a real journal and real days behind it.
type house struct {
	*collectors.Gate
	t       testing.TB
	city    *city.City
	now     city.Moment
	journal *journal.Journal
	days    *days.Store
	held    []*entry.Quarantined // in the order of the journal
	batches [][]entry.Entry
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, city: testCity(t, "Asia/Tehran"), now: noon}
	dir := t.TempDir()
	var err error
	if h.journal, err = journal.Open(journal.Config{Dir: dir, Zone: h.city.Clock(), Free: func(string) (uint64, uint64, error) { return 1 << 40, 1 << 40, nil }}); err != nil {
		t.Fatal(err)
	}
	if h.days, err = days.Open(days.Config{Path: filepath.Join(dir, "days.db")}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- h.days.Run(ctx, func(ctx context.Context, from uint64, apply func(entry.Batch) error) error {
			return h.journal.Follow(ctx, from, apply)
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := errors.Join(h.days.Close(), h.journal.Close()); err != nil {
			t.Error(err)
		}
	})
	h.Gate = collectors.New(collectors.Config{
		City: func() *city.City { return h.city }, Standing: h.days.Standing, Append: h.append,
		Now: func() time.Time { return h.now.Time() }, Log: slog.New(slog.DiscardHandler),
	})
	h.declare(h.city)
	return h
}

// append appends to the journal, and waits for days as an operator's next look does.
func (h *house) append(ctx context.Context, entries []entry.Entry) (entry.Position, error) {
	first, err := h.journal.Append(ctx, entries)
	if err != nil {
		return first, err
	}
	h.batches = append(h.batches, entries)
	for _, e := range entries {
		if q, ok := e.(*entry.Quarantined); ok {
			h.held = append(h.held, q)
		}
	}
	return first, h.days.Wait(ctx, first.Batch)
}

// declare puts a city into force.
func (h *house) declare(c *city.City) {
	h.t.Helper()
	canonical, err := c.Canonical()
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.append(h.t.Context(), []entry.Entry{&entry.City{Compiled: canonical, By: "test", Why: "test"}}); err != nil {
		h.t.Fatal(err)
	}
	h.city = c
}

// hold sends items of which the last one is held, and returns it.
func (h *house) hold(who collectors.Who, items ...entry.Item) *entry.Quarantined {
	h.t.Helper()
	n := len(h.held)
	a, err := h.Accept(h.t.Context(), who, items)
	if err != nil || len(h.held) != n+1 || len(a.Quarantined) != 1 {
		h.t.Fatalf("%d items are held, want one more than %d: %+v, %v", len(h.held), n, a, err)
	}
	return h.held[n]
}

func (h *house) release(q *entry.Quarantined) (entry.Position, error) {
	return h.Release(h.t.Context(), q, ruling(entry.DoRelease, "counted again\nby hand"))
}

func ruling(do entry.Verb, note string) *entry.Act {
	return &entry.Act{ID: "ruling-00001", Do: do, On: "2.0", At: noon, By: "p-000000000001", Note: note}
}

// newest returns the value that days counts for a slot or moment; -1 for none.
func (h *house) newest(source city.SourceID, at city.Moment) city.Steps {
	h.t.Helper()
	c, _, err := h.days.Day(h.t.Context(), source, h.city.Clock().Date(at))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, s := range c.Slots {
		if s.From == at {
			return s.V
		}
	}
	return -1
}

func TestWhatAPersonVouchesForCounts(t *testing.T) {
	for _, tc := range []struct {
		name, reason string
		before       []entry.Item
		item         entry.Item
		source       city.SourceID
		want         city.Steps
	}{
		{"a value beyond its range", "out_of_range", nil, slot(0, "4001"), "gate/in", 4001},
		{"a direction of a gate", "out_of_range", nil, entry.Item{Source: "gate", From: noon - 900, To: noon, In: "12", Out: "5000"}, "gate/out", 5000},
		{"what came too late", "too_late", nil, slot(-96*100, "7"), "gate/in", 7},
		{"what is of an hour to come", "ahead_of_clock", nil, state("present", "70", noon+3600), "present", 70},
		{"another value", "conflict", []entry.Item{slot(0, "5")}, slot(0, "9"), "gate/in", 9},
		{"another value of a gate", "conflict", []entry.Item{{Source: "gate/in", From: noon - 900, To: noon, Number: "5"}}, entry.Item{Source: "gate", From: noon - 900, To: noon, In: "6", Out: "2"}, "gate/in", 6},
		{"a revision of an old one", "revises_not_newest", []entry.Item{slot(0, "5")}, revising(slot(0, "9"), 1), "gate/in", 9},
		{"a revision of nothing", "revises_not_newest", nil, revising(slot(0, "9"), 1), "gate/in", 9},
		{"an event beyond its range", "out_of_range", nil, withNumber(event("a", "opened", noon), "11"), "litter", 11},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t)
			if tc.before != nil {
				if a, err := h.Accept(t.Context(), who, tc.before); err != nil || a.Accepted != len(tc.before) {
					t.Fatalf("before: %+v, %v", a, err)
				}
			}
			q := h.hold(who, tc.item)
			if q.Reason != tc.reason || !collectors.Releasable(q.Reason) {
				t.Fatalf("held for %s: %s", q.Reason, q.Detail)
			}
			at := tc.item.From
			if got := h.newest(tc.source, at); got == tc.want {
				t.Fatalf("%d counts already", got)
			}
			pos, err := h.release(q)
			if err != nil {
				t.Fatal(err)
			}
			last := h.batches[len(h.batches)-1]
			if _, isAct := last[0].(*entry.Act); !isAct || len(last) != 2 || pos.Index != 0 {
				t.Errorf("the batch is %v, the position %v", last, pos)
			}
			if got := h.newest(tc.source, at); got != tc.want {
				t.Errorf("%d counts, want %d", got, tc.want)
			}
			if by := sender(last[1]); by != who.ID {
				t.Errorf("it is sent by %s", by)
			}
			if r, ok := last[1].(*entry.Reading); ok && !r.Revises.IsZero() && r.Reason != "counted again by hand" {
				t.Errorf("the reason is %q", r.Reason)
			}
			if _, err := h.release(q); !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), "known already") {
				t.Errorf("released once more: %v", err)
			}
		})
	}
}

func sender(e entry.Entry) string {
	switch e := e.(type) {
	case *entry.Reading:
		return e.By
	case *entry.Event:
		return e.By
	}
	return ""
}

func revising(it entry.Item, batch uint64) entry.Item {
	it.Revises, it.Reason = entry.Position{Batch: batch, Index: 7}, "wrong"
	return it
}

func withNumber(it entry.Item, number string) entry.Item {
	it.Number = number
	return it
}

func TestWhatNobodyCanVouchForIsRefusedInWords(t *testing.T) {
	h := newHouse(t)
	if a, err := h.Accept(t.Context(), who, []entry.Item{event("a", "opened", noon), slot(0, "5")}); err != nil || a.Accepted != 2 {
		t.Fatalf("%+v, %v", a, err)
	}
	strict := collectors.Who{ID: "t2", Strict: true}
	for _, tc := range []struct {
		name string
		who  collectors.Who
		item entry.Item
		want string
	}{
		{"no number", who, slot(0, `"x"`), "the value is no number; it can only be discarded"},
		{"too fine", who, slot(0, "1.5"), "finer than the step"},
		{"another unit", who, entry.Item{Source: "road", From: noon - 3600, To: noon, Number: "1", Unit: "person"}, "counts in another unit"},
		{"no unit", strict, slot(0, "1"), "the unit was not said"},
		{"half a slot", who, entry.Item{Source: "road", From: noon - 60, To: noon, Number: "1"}, "not one of the source's"},
		{"before the year 2000", who, state("present", "1", 100), "before the year 2000"},
		{"an event with other content", who, event("a", "opened", noon-60), "an event is not replaced"},
		{"beyond all sums", who, slot(-1, "1000000000001"), "beyond any value that can be added up"},
		{"beyond all numbers", who, slot(-1, "1e30"), "beyond any value that can be added up"},
		{"days ahead", who, state("present", "1", noon+90000), "nobody can know"},
		{"no such source", who, state("bridge", "1", noon), `the city declares no source "bridge"`},
		{"too long", who, entry.Item{Source: "road", From: noon - 3600, To: noon, Number: "4001", Quality: "x", Raw: []byte(`{"source":"road","quality":"` + strings.Repeat("x", 5000) + `"}`)}, "too long, or too broken"},
		{"something else by now", who, slot(0, "4002"), "something else is known for the same slot by now"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q := h.hold(tc.who, tc.item)
			n := len(h.batches)
			_, err := h.release(q)
			if !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: %v\nwant %q", q.Reason, err, tc.want)
			}
			if len(h.batches) != n {
				t.Error("something was appended")
			}
		})
	}
}

func TestAnUnknownSourceIsReleasedOnceTheCityDeclaresIt(t *testing.T) {
	h := newHouse(t)
	q := h.hold(who, state("bridge-present", "640", noon))
	d := h.city.Definition
	d.Sources = append(d.Sources, city.Source{ID: "bridge-present", Unit: city.Person, Kind: city.Snapshot, Max: 700, LateSec: 60})
	next, err := city.New(d)
	if err != nil {
		t.Fatal(err)
	}
	h.declare(next)
	h.now += 40 * 86400 // that somebody took his time is no fault of the reading
	if _, err := h.release(q); err != nil {
		t.Fatal(err)
	}
	r, ok := h.batches[len(h.batches)-1][1].(*entry.Reading)
	if !ok || r.Late != 40*24*time.Hour || h.newest("bridge-present", noon) != 640 {
		t.Errorf("%+v counts %d", r, h.newest("bridge-present", noon))
	}
	over := h.hold(who, state("bridge-present", "701", noon-60))
	over.Reason = collectors.ReasonUnknownSource // as if it had been held before the source was declared
	if _, err := h.release(over); err == nil || !strings.Contains(err.Error(), "outside the believable") {
		t.Errorf("its range was not judged: %v", err)
	}
}

func TestTheNewestIsReplacedWhateverCameInBetween(t *testing.T) {
	h := newHouse(t)
	a, err := h.Accept(t.Context(), who, []entry.Item{slot(0, "5")})
	if err != nil {
		t.Fatal(err)
	}
	q := h.hold(who, slot(0, "9"))
	revision := slot(0, "6")
	revision.Revises, revision.Reason = a.Position, "counted anew"
	if a, err := h.Accept(t.Context(), who, []entry.Item{revision}); err != nil || a.Accepted != 1 {
		t.Fatalf("%+v, %v", a, err)
	}
	if _, err := h.release(q); err != nil {
		t.Fatal(err)
	}
	if got := h.newest("gate/in", noon-900); got != 9 {
		t.Errorf("%d counts, want 9", got)
	}
}

func TestOnlyAWellPutActReleases(t *testing.T) {
	d := newDesk(t)
	d.send(t, who, slot(0, "4001"))
	q, ok := d.batches[0][0].(*entry.Quarantined)
	if !ok {
		t.Fatal("nothing is held")
	}
	for _, act := range []*entry.Act{ruling(entry.DoDiscard, "no"), ruling(entry.DoRelease, " "), {ID: "short", Do: entry.DoRelease}} {
		if _, err := d.Release(t.Context(), q, act); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s with note %q: %v", act.Do, act.Note, err)
		}
	}
	d.away = fmt.Errorf("%w: no space", city.ErrBusy)
	if _, err := d.Release(t.Context(), q, ruling(entry.DoRelease, "yes")); !errors.Is(err, city.ErrBusy) {
		t.Errorf("with a full disk: %v", err)
	}
	if len(d.batches) != 1 {
		t.Errorf("%d batches, want the first one only", len(d.batches))
	}
}

func TestEveryReasonHasItsWords(t *testing.T) {
	seen := map[string]bool{}
	for _, reason := range []string{
		collectors.ReasonUnknownSource, collectors.ReasonUnitMismatch, collectors.ReasonKindMismatch, collectors.ReasonMissingUnit,
		collectors.ReasonMissingKind, collectors.ReasonWrongShape, collectors.ReasonBadText, collectors.ReasonBadNumber,
		collectors.ReasonFinerThanStep, collectors.ReasonOutOfRange, collectors.ReasonBefore2000, collectors.ReasonUnaligned,
		collectors.ReasonAheadOfClock, collectors.ReasonTooLate, collectors.ReasonConflict, collectors.ReasonRevisesNotNewest,
	} {
		w := collectors.Words(reason)
		if w.EN == reason || w.FA == reason || seen[w.FA] || fa.Unclean(w.FA) != "" {
			t.Errorf("%s is %q and %q", reason, w.FA, w.EN)
		}
		seen[w.FA] = true
	}
	if w := collectors.Words("of a later version"); w.FA != "of a later version" || collectors.Releasable("of a later version") {
		t.Errorf("an unknown reason: %v", w)
	}
}
