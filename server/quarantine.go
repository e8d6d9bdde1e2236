package server

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
	"rasad/measure"
	"rasad/register"
	"rasad/server/people"
)

// A heldView is an entry of the quarantine, and what was decided on it.
type heldView struct {
	Position   string          `json:"position"`
	At         time.Time       `json:"at" doc:"when it was quarantined, by the server's clock"`
	Source     string          `json:"source" doc:"as sent"`
	Reason     string          `json:"reason"`
	Words      city.Text       `json:"reason_words"`
	Detail     string          `json:"detail" doc:"in words, with the bounds"`
	By         string          `json:"by" doc:"token or collector"`
	ID         string          `json:"id" doc:"the sender's own name for it"`
	Item       json.RawMessage `json:"item" doc:"what was sent"`
	Against    string          `json:"against" doc:"position of what it conflicts with; empty where there is none"`
	Releasable bool            `json:"releasable"`
	Ruled      string          `json:"ruled" enum:",released,discarded" doc:"empty: it waits"`
	RuledBy    *actorView      `json:"ruled_by"`
	Why        string          `json:"why"`
	RuledAt    *time.Time      `json:"ruled_at"`
}

type heldList struct {
	Entries []heldView `json:"entries"`
	Waiting int64      `json:"waiting" doc:"all that wait, also those of other pages"`
}

type heldQuery struct {
	Waiting string `query:"waiting" enum:"0,1" default:"1" doc:"0: also those that a person has ruled on"`
	Before  string `query:"before" doc:"a position: only what stands before it"`
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

// ruling returns the word that the API has for a ruling.
func ruling(do entry.Verb) string {
	switch do {
	case entry.DoRelease:
		return "released"
	case entry.DoDiscard:
		return "discarded"
	default:
		return ""
	}
}

// held returns an entry of the quarantine as operators see it.
func (s *Server) held(h *register.Held) heldView {
	e := &h.Entry
	v := heldView{
		Position: h.Pos.String(), At: h.At, Source: e.Source, Reason: e.Reason, Words: collectors.Words(e.Reason), Detail: e.Detail,
		By: e.By, ID: e.ID, Item: e.Item, Releasable: collectors.Releasable(e.Reason), Ruled: ruling(h.Ruled), Why: h.Why,
	}
	if !e.Against.IsZero() {
		v.Against = e.Against.String()
	}
	if h.Ruled != "" {
		v.RuledBy, v.RuledAt = s.actor(h.By), &h.RuledAt
	}
	return v
}

// listHeld answers with what is in quarantine, the newest first.
func (s *Server) listHeld(ctx context.Context, q *heldQuery) (*output[heldList], error) {
	var before entry.Position
	if q.Before != "" {
		var err error
		if before, err = entry.ParsePosition(q.Before); err != nil {
			return nil, err
		}
	}
	list, err := s.parts.Register.Quarantine(ctx, q.Waiting == "1", q.Limit, before)
	if err != nil {
		return nil, err
	}
	v := heldList{make([]heldView, len(list)), s.parts.Register.Counts().Waiting}
	for i := range list {
		v.Entries[i] = s.held(&list[i])
	}
	return give(v), nil
}

// rulings lets one person at a time rule, and nobody before the last ruling is known:
// what is released twice would count twice.
type rulings struct {
	sync.Mutex
	last uint64 // the batch of the last ruling
}

type rulingQuery struct {
	Position string `path:"position"`
	Body     struct {
		ID  string `json:"id" minLength:"8" maxLength:"64" doc:"made by the sender, another one for each act: sent again, it counts once"`
		Do  string `json:"do" enum:"release,discard"`
		Why string `json:"why" minLength:"1" maxLength:"4000"`
	}
}

// A ruledAlready tells who came second what came first.
type ruledAlready struct {
	Entry   heldView `json:"entry"`
	Refused string   `json:"refused"`
}

// postRuling lets a person release an entry, or discard it.
func (s *Server) postRuling(ctx context.Context, q *rulingQuery) (*huma.StreamResponse, error) {
	pos, err := entry.ParsePosition(q.Position)
	if err != nil {
		return nil, err
	}
	a := &entry.Act{
		ID: q.Body.ID, Do: entry.Verb("quarantine." + q.Body.Do), On: pos.String(), At: city.At(s.parts.Now()), By: callerOf(ctx).by(), Note: q.Body.Why,
	}
	if err := a.Check(); err != nil {
		return nil, err
	}
	got, err := s.rule(ctx, pos, a)
	if errors.Is(err, errLater) {
		return later(got), nil
	}
	if err != nil {
		return nil, err
	}
	h, err := s.parts.Register.Held(ctx, pos)
	if err != nil {
		return nil, err
	}
	return done(got, s.held(&h)), nil
}

// rule keeps a ruling on the entry at pos and returns where it stands. The same
// ruling again changes nothing.
func (s *Server) rule(ctx context.Context, pos entry.Position, a *entry.Act) (entry.Position, error) {
	people.Clean(a)
	s.rulings.Lock()
	defer s.rulings.Unlock()
	if err := s.applied(ctx, s.rulings.last); err != nil {
		return entry.Position{}, city.Refuse(city.ErrBusy, city.Text{FA: "نتیجهٔ داوری پیشین هنوز روشن نیست؛ کمی بعد دوباره بفرستید", EN: "the last ruling is not known yet; send the same again a little later"})
	}
	h, err := s.parts.Register.Held(ctx, pos)
	switch {
	case errors.Is(err, city.ErrNotFound):
		return entry.Position{}, city.Refuse(city.ErrNotFound, city.Text{FA: "در جایگاه %v چیزی در قرنطینه نیست", EN: "nothing is held at %v"}, pos)
	case err != nil:
		return entry.Position{}, err
	case h.Ruled == a.Do && h.By == a.By && h.Why == a.Note:
		return pos, nil
	case h.Ruled != "":
		return entry.Position{}, answerError{fault{code: "ruled"}, ruledAlready{s.held(&h), measure.RefusedAlready}}
	}
	var at entry.Position
	if a.Do == entry.DoRelease {
		at, err = s.parts.Release(ctx, &h.Entry, a)
	} else {
		at, err = s.parts.Append(ctx, []entry.Entry{a})
	}
	if err != nil {
		return entry.Position{}, err
	}
	s.rulings.last = at.Batch
	if err := s.applied(ctx, at.Batch); err != nil {
		return at, errLater
	}
	out, err := s.parts.Register.Outcome(ctx, at)
	if err == nil && out.Refused != "" {
		err = answerError{fault{code: "ruled"}, ruledAlready{s.held(&h), out.Refused}}
	}
	return at, err
}

// applied waits until the register knows a batch, for as long as an act waits.
func (s *Server) applied(ctx context.Context, batch uint64) error {
	wait, cancel := context.WithTimeout(ctx, people.ActFor)
	defer cancel()
	return s.parts.Register.Wait(wait, batch)
}
