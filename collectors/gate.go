// Package collectors watches the city: the catalogue of its kinds of collectors,
// the supervisor that keeps them running, and the gate where every door and every
// puller ends. The gate judges readings and events, bounds what it does not accept,
// and appends both to the journal. What one supplier's protocol looks like is known
// in the folders beside this file only.
package collectors

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"rasad/city"
	"rasad/entry"
)

// A Config says what a Gate works with. City, Standing, Append, Now and Log are
// required.
type Config struct {
	City     func() *city.City                                                    // in force; nil: none yet
	Standing func(entry.Entry) (entry.Standing, entry.Position, error)            // how a *Reading or *Event stands to what days knows
	Known    func(entry.Entry) (city.Steps, bool)                                 // the value known for the same identity, for the words of a conflict; nil: words without it
	Append   func(context.Context, []entry.Entry) (first entry.Position, _ error) // the journal's: all in one batch, after the fsync
	Now      func() time.Time                                                     // the data's clock
	Log      *slog.Logger
}

// Who says on whose behalf items come, and what that one may write.
type Who struct {
	ID       string   // of the token or collector; it stands in every entry
	Sources  []string // ids, or prefixes ending in *; "gate" covers gate/in and gate/out; none or "*" means all
	Strict   bool     // each item must say its unit and kind
	Backfill bool     // items older than their source's late_until count too
}

// An Answer says what became of the items of one request. An item with In and Out
// counts as two. The sum of Accepted, Duplicates, Quarantined and Refused is the
// number of readings and events that were judged.
type Answer struct {
	Accepted    int            `json:"accepted"`
	Duplicates  int            `json:"duplicates"`        // known to this server when it judged
	Quarantined []Refusal      `json:"quarantined"`       // kept whole, in the order of the items; never nil
	Refused     int            `json:"refused,omitempty"` // beyond the bound of the quarantine: only counted
	Position    entry.Position `json:"-"`                 // of the newest entry of this request; zero when it made none
}

// A Refusal says why an item was not accepted.
type Refusal struct {
	Index  int    `json:"index"`  // of the item in its request, from 0
	ID     string `json:"id"`     // the sender's own name for it
	Reason string `json:"reason"` // one of the Reason constants
	Detail string `json:"detail"` // in words, with the bounds and the cure
}

// A Gate is where every door and every puller ends: it judges items, bounds what
// it does not accept, and appends both in one batch. It may be used by several
// goroutines.
type Gate struct {
	cfg  Config
	held holding
}

// New returns a Gate that works with cfg.
func New(cfg Config) *Gate {
	return &Gate{cfg: cfg, held: holding{days: map[string]share{}, counts: map[refusedKey]int64{}}}
}

// Accept judges items by the data's clock and appends what it accepted and what
// it quarantined; it returns after they are durable. An error wraps
// city.ErrDenied when an item names a source outside who's scope (nothing of the
// request is kept then), city.ErrBusy when the items cannot be stored now.
// Neither items nor the memory their texts point to is kept.
func (g *Gate) Accept(ctx context.Context, who Who, items []entry.Item) (Answer, error) {
	return g.accept(ctx, who, items, nil)
}

// AcceptSent is Accept for items that were sent at a time of their own: item i is
// judged, late or ahead, as at the moment sent[i]. It serves the pullers that
// catch up on the past, simulate and replay.
func (g *Gate) AcceptSent(ctx context.Context, who Who, items []entry.Item, sent []city.Moment) (Answer, error) {
	if len(sent) != len(items) {
		return Answer{}, fmt.Errorf("accept items: %d items, %d times of sending", len(items), len(sent))
	}
	return g.accept(ctx, who, items, sent)
}

func (g *Gate) accept(ctx context.Context, who Who, items []entry.Item, sent []city.Moment) (Answer, error) {
	c := g.cfg.City()
	if c == nil {
		return Answer{}, fmt.Errorf("accept items: %w: no city is in force yet", city.ErrBusy)
	}
	if err := within(who, items); err != nil {
		return Answer{}, err
	}
	r := newRequest(g, c, &who, city.At(g.cfg.Now()), len(items))
	for i := range items {
		if sent != nil {
			r.now = sent[i]
		}
		if err := r.item(i, &items[i]); err != nil {
			g.held.release(who.ID, r.taken)
			return Answer{}, fmt.Errorf("accept items: %w", err)
		}
	}
	return g.commit(ctx, r)
}

// commit appends what r made, and with it the counters of minutes that are over.
func (g *Gate) commit(ctx context.Context, r *request) (Answer, error) {
	due := g.held.due(minute(r.now))
	all := r.entries
	for _, d := range due {
		all = append(all, d)
	}
	if len(all) > 0 {
		first, err := g.cfg.Append(ctx, all)
		switch {
		case err != nil && len(r.entries) > 0:
			g.held.putBack(due)
			g.held.release(r.who.ID, r.taken)
			return Answer{}, fmt.Errorf("accept items: %w", err)
		case err != nil: // the request itself made nothing: its answer holds without the counters
			g.held.putBack(due)
			g.cfg.Log.Warn("refused counters not stored yet", "err", err)
		case len(r.entries) > 0:
			r.answer.Position = entry.Position{Batch: first.Batch, Index: first.Index + uint32(len(r.entries)) - 1}
		}
	}
	if r.answer.Refused > 0 {
		g.held.count(r.refused)
		if g.held.announce(r.who.ID) {
			g.cfg.Log.Warn("quarantine full for today", "by", r.who.ID, "max_entries", MaxHeldEntries, "max_bytes", MaxHeldBytes)
		}
	}
	return r.answer, nil
}

// within returns an error wrapping city.ErrDenied at the first item whose source
// lies outside who's scope.
func within(who Who, items []entry.Item) error {
	if len(who.Sources) == 0 {
		return nil
	}
	last := ""
	for i := range items {
		if s := items[i].Source; i == 0 || s != last {
			if !covers(who.Sources, s) {
				return city.Refuse(city.ErrDenied, city.Text{
					FA: "در readings[%v] توکن %v نمی‌تواند برای منبع %v بفرستد؛ این‌ها را می‌تواند: %v",
					EN: "readings[%d]: %s may not write source %q; it may write %s",
				}, i, who.ID, clip(s, maxText), clip(strings.Join(who.Sources, ", "), maxText))
			}
			last = s
		}
	}
	return nil
}

func covers(scope []string, source string) bool {
	for _, p := range scope {
		if prefix, open := strings.CutSuffix(p, "*"); open {
			if strings.HasPrefix(source, prefix) {
				return true
			}
			// "gate/*" covers the gate as a whole: its item becomes gate/in and gate/out.
			if gate, ok := strings.CutSuffix(prefix, "/"); ok && gate == source {
				return true
			}
			continue
		}
		if p == source {
			return true
		}
		if rest, ok := strings.CutPrefix(source, p); ok && (rest == "/in" || rest == "/out") {
			return true
		}
	}
	return false
}
