package hub

import (
	"sync"
	"time"
)

// A view is what several screens show alike. Its frames are made once and shared.
type view struct {
	hub  *Hub
	name string

	clients int // under the hub's lock

	mu      sync.Mutex
	begun   bool      // epoch and rev are known
	missing bool      // the board has no such view (any more)
	epoch   string    // of the board
	rev     uint64    // who holds it holds the newest state
	at      time.Time // when the tick of patch began
	made    time.Time // when the newest patch or snapshot was made
	since   uint64
	patch   *frame // leads from since to rev; nil: none was made
	whole   *frame // the snapshot of rev, once somebody asked for it
	catchUp map[uint64]*frame
	cases   news
}

// news says that the cases of a view have changed.
type news struct {
	rev   uint64
	frame *frame // nil: the view has none
}

func newView(h *Hub, name string) *view {
	return &view{hub: h, name: name, catchUp: map[uint64]*frame{}}
}

// advance makes the patch from the revision that the view stood at to the board's.
// start is when the tick began.
func (v *view) advance(start time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.look()
	if !v.begun || v.missing {
		v.begin()
		return
	}
	tiles, now, ok := v.hub.cfg.Board.Since(v.name, v.rev)
	switch {
	case !ok: // another set of tiles: everybody needs a snapshot
		v.begin()
	case len(tiles) > 0:
		patch := prepare(AppendPatch(nil, v.rev, now, tiles, v.hub.cfg.Now()))
		v.reset()
		v.since, v.rev, v.patch, v.at, v.made = v.rev, now, patch, start, time.Now()
	}
}

// begin takes epoch and revision from the board, and the first snapshot with them.
func (v *view) begin() {
	s, err := v.hub.cfg.Board.Snapshot(v.name)
	if v.missing = err != nil; v.missing {
		return
	}
	v.reset()
	v.begun, v.epoch, v.rev, v.patch, v.made = true, s.Epoch, s.Rev, nil, time.Now()
	v.whole = prepare(AppendSnapshot(nil, s, v.hub.cfg.Now(), v.hub.cfg.Version))
}

// framed returns when the newest data frame of the view was made; zero: none yet.
func (v *view) framed() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.made
}

// look makes the next news of the view's cases, where they have changed.
func (v *view) look() {
	if v.hub.cfg.Cases == nil {
		return
	}
	if rev := v.hub.cfg.Cases(v.name); rev != v.cases.rev {
		v.cases = news{rev, prepare(appendCases(nil, rev))}
	}
}

// told returns the newest news of the view's cases.
func (v *view) told() news {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cases.frame == nil {
		v.look()
	}
	return v.cases
}

func (v *view) reset() {
	v.whole = nil
	clear(v.catchUp)
}

// current returns the view's revision and epoch; ok is false where there is no
// such view.
func (v *view) current() (rev uint64, epoch string, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.begun {
		v.begin()
	}
	return v.rev, v.epoch, !v.missing
}

// after returns the frame that brings a client from the revision rev to the
// newest state, and the revision it holds then; nil when it is there. A client
// that holds nothing yet, or asks for all, says whole. A frame may hold a little
// more than its revision says, where the board moved on meanwhile: the next patch
// repeats it.
func (v *view) after(rev uint64, whole bool) (*frame, uint64, time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case whole:
		return v.snapshot(), v.rev, time.Time{}
	case rev == v.rev:
		return nil, rev, time.Time{}
	case rev == v.since && v.patch != nil:
		return v.patch, v.rev, v.at
	}
	if f := v.catchUp[rev]; f != nil {
		return f, v.rev, time.Time{}
	}
	tiles, _, ok := v.hub.cfg.Board.Since(v.name, rev)
	if !ok {
		return v.snapshot(), v.rev, time.Time{}
	}
	f := prepare(AppendPatch(nil, rev, v.rev, tiles, v.hub.cfg.Now()))
	v.catchUp[rev] = f
	return f, v.rev, time.Time{}
}

func (v *view) snapshot() *frame {
	if v.whole == nil {
		s, err := v.hub.cfg.Board.Snapshot(v.name)
		if err != nil {
			v.missing = true
			return nil
		}
		s.Rev = v.rev
		v.whole = prepare(AppendSnapshot(nil, s, v.hub.cfg.Now(), v.hub.cfg.Version))
	}
	return v.whole
}
