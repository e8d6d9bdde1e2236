package history

import (
	"errors"
	"time"
)

// A State is how a Writer stands, for readiness and metrics.
type State struct {
	Reachable bool      // the store took or gave what was last asked of it
	Since     time.Time // since when it is so
	Words     string    // what is wrong; "" when nothing is
	Position  uint64    // all rows up to this batch are written
	Lag       uint64    // batches that days has committed beyond it
	Written   uint64    // rows stored since the start; the same row again counts again
	Parked    uint64    // rows that the store never takes, all in all
}

// State returns how the writer stands. It may be called from any goroutine.
func (w *Writer) State() State {
	committed := w.cfg.Days.Committed()
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.state
	s.Parked = w.parked.count()
	if committed > s.Position {
		s.Lag = committed - s.Position
	}
	if s.Reachable && s.Position > committed {
		s.Words = "ahead of the journal: it was written from another one, or days is being built again"
	}
	return s
}

// fine notes that the store answers and that all up to w.pos is written.
func (w *Writer) fine() {
	w.pauses = 0
	w.set(true, "")
}

// trouble notes why the store is not written.
func (w *Writer) trouble(err error) { w.set(false, words(err)) }

func (w *Writer) set(reachable bool, words string) {
	w.mu.Lock()
	old := w.state
	if old.Reachable != reachable {
		w.state.Since = time.Now()
	}
	w.state.Reachable, w.state.Words = reachable, words
	if reachable {
		w.state.Position = w.pos
	}
	w.mu.Unlock()
	if w.cfg.Changed != nil && (old.Reachable != reachable || old.Words != words) {
		w.cfg.Changed(w.State())
	}
}

func (w *Writer) wrote(n int) {
	w.mu.Lock()
	w.state.Written += uint64(n)
	w.mu.Unlock()
}

// words says a trouble in one line.
func words(err error) string {
	if r, ok := errors.AsType[*RefusalError](err); ok && r.Trouble == Credentials {
		return "credentials: " + err.Error()
	}
	return err.Error()
}
