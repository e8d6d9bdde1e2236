package collectors

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"rasad/city"
	"rasad/entry"
)

// Per token or collector and local day, so much is kept whole of what is not
// accepted. Beyond either bound it is only counted, by reason and minute.
const (
	MaxHeldEntries = 1000
	MaxHeldBytes   = 1 << 20
)

// A share is what one sender has used of its day's quarantine.
type share struct {
	date      city.Date
	entries   int
	bytes     int
	announced bool // that it is full
}

type refusedKey struct {
	reason, by string
	minute     city.Moment
}

// A holding bounds the quarantine and counts what came beyond its bound.
type holding struct {
	mu     sync.Mutex
	days   map[string]share // by sender; of its newest day
	counts map[refusedKey]int64
}

func minute(m city.Moment) city.Moment { return m - m%60 }

// hold quarantines the item, or only counts it where the sender's day is full.
func (r *request) hold(i int, it *entry.Item, source string, f *fault) {
	q := &entry.Quarantined{
		Source: clip(source, maxText), Reason: f.reason, Detail: f.detail, Against: f.against,
		By: r.who.ID, ID: clip(it.ID, maxText),
	}
	if !r.g.held.room(r.who.ID, r.zone.Date(r.now)) {
		r.refuse(f.reason)
		return
	}
	q.Item = kept(it)
	size := len(q.Item) + len(q.Source) + len(q.Detail) + len(q.ID)
	if !r.g.held.take(r.who.ID, r.zone.Date(r.now), size) {
		r.refuse(f.reason)
		return
	}
	r.taken.date = r.zone.Date(r.now)
	r.taken.entries++
	r.taken.bytes += size
	r.entries = append(r.entries, q)
	r.answer.Quarantined = append(r.answer.Quarantined, Refusal{Index: i, ID: q.ID, Reason: f.reason, Detail: f.detail})
}

func (r *request) refuse(reason string) {
	if r.refused == nil {
		r.refused = map[refusedKey]int64{}
	}
	r.refused[refusedKey{reason, r.who.ID, minute(r.now)}]++
	r.answer.Refused++
}

// today returns by's share of date; the caller holds the lock. A date before the
// newest one (another request was a little later) is counted in the newest.
func (h *holding) today(by string, date city.Date) share {
	s, known := h.days[by]
	if known && s.date >= date {
		return s
	}
	for other, old := range h.days { // a day has turned: forget those who have gone
		if old.date < date-1 {
			delete(h.days, other)
		}
	}
	return share{date: date}
}

// room reports whether by's share of date has room at all.
func (h *holding) room(by string, date city.Date) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.today(by, date)
	return s.entries < MaxHeldEntries && s.bytes < MaxHeldBytes
}

// take takes one entry of size bytes from by's share of date, if there is room.
func (h *holding) take(by string, date city.Date, size int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.today(by, date)
	if s.entries >= MaxHeldEntries || s.bytes+size > MaxHeldBytes {
		s.bytes = max(s.bytes, MaxHeldBytes) // full is full: no smaller one slips in behind
		h.days[by] = s
		return false
	}
	s.entries++
	s.bytes += size
	h.days[by] = s
	return true
}

// release gives back what a request took that could not be stored.
func (h *holding) release(by string, taken share) {
	if taken.entries == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, known := h.days[by]; known && s.date == taken.date {
		s.entries -= taken.entries
		s.bytes -= taken.bytes
		h.days[by] = s
	}
}

// announce reports whether by's share is full and nobody has said so today.
func (h *holding) announce(by string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, known := h.days[by]
	if !known || s.announced {
		return false
	}
	s.announced = true
	h.days[by] = s
	return true
}

// count adds what a request refused.
func (h *holding) count(refused map[refusedKey]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k, n := range refused {
		h.counts[k] += n
	}
}

// due takes out the counters of the minutes before now, in a fixed order.
func (h *holding) due(now city.Moment) []*entry.Refused {
	h.mu.Lock()
	defer h.mu.Unlock()
	var due []*entry.Refused
	for k, n := range h.counts {
		if k.minute < now {
			due = append(due, &entry.Refused{Reason: k.reason, By: k.by, Minute: k.minute, N: n})
			delete(h.counts, k)
		}
	}
	slices.SortFunc(due, func(a, b *entry.Refused) int {
		return cmp.Or(cmp.Compare(a.Minute, b.Minute), cmp.Compare(a.By, b.By), cmp.Compare(a.Reason, b.Reason))
	})
	return due
}

// putBack returns counters that could not be stored.
func (h *holding) putBack(due []*entry.Refused) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range due {
		h.counts[refusedKey{d.Reason, d.By, d.Minute}] += d.N
	}
}

// Flush stores all counters of refused items, also those of the running minute.
// Call it before the journal closes. What could not be stored stays counted.
func (g *Gate) Flush(ctx context.Context) error { return g.flush(ctx, 1<<62) }

func (g *Gate) flush(ctx context.Context, before city.Moment) error {
	due := g.held.due(before)
	if len(due) == 0 {
		return nil
	}
	entries := make([]entry.Entry, len(due))
	for i, d := range due {
		entries[i] = d
	}
	if _, err := g.cfg.Append(ctx, entries); err != nil {
		g.held.putBack(due)
		return fmt.Errorf("store refused counters: %w", err)
	}
	return nil
}

// Run stores the counters of refused items when their minute has turned, until
// ctx is done; then it stores the rest, taking at most five seconds, and returns
// ctx.Err(), joined with the error where that failed.
func (g *Gate) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := g.flush(ctx, minute(city.At(g.cfg.Now()))); err != nil && ctx.Err() == nil {
				g.cfg.Log.Warn("refused counters not stored yet", "err", err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := g.Flush(last); err != nil {
				return fmt.Errorf("%w: %w", ctx.Err(), err)
			}
			return ctx.Err()
		}
	}
}
