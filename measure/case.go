package measure

import (
	"cmp"
	"slices"

	"rasad/city"
	"rasad/entry"
)

// A CaseState says where a case stands.
type CaseState string

// The states of a case.
const (
	CaseOpen   CaseState = "open"
	CasePaused CaseState = "paused" // open, but its clock stands
	CaseClosed CaseState = "closed"
)

// Refusals of acts on a case, as followers record them and people read them.
const (
	RefusedChanged    = "changed"      // another act or event came first
	RefusedClosed     = "closed"       // the case is closed
	RefusedNotClosed  = "not_closed"   // only a closed case is opened again
	RefusedPaused     = "paused"       // its clock stands already
	RefusedNotPaused  = "not_paused"   // its clock runs already
	RefusedAlready    = "already"      // it is so already
	RefusedNotFound   = "not_found"    // there is no such thing
	RefusedNoPerson   = "no_person"    // there is no such person, or no more
	RefusedTaken      = "taken"        // the login is another person's
	RefusedLastAdmin  = "last_admin"   // nobody could let anybody in any more
	RefusedOutOfScope = "out_of_scope" // the person does not work for that department
)

// A Case is the life of a report, a piece of work, a service request or an
// inspection: a fold of the events of its source and of the acts of people, in the
// order of the journal.
type Case struct {
	Opened       city.Moment    `json:"opened"`
	Acknowledged city.Moment    `json:"acknowledged,omitempty"` // 0: nobody has looked at it yet
	Closed       city.Moment    `json:"closed,omitempty"`       // 0: open
	State        CaseState      `json:"state"`
	Owner        string         `json:"owner,omitempty"` // a person's id
	Version      int64          `json:"version"`         // rises by one with each event and act that was applied
	Allowed      city.Allowance `json:"allowed"`
	Pauses       []Pause        `json:"pauses,omitempty"` // in the order of their time
	Reopened     int            `json:"reopened,omitempty"`
	Changed      city.Moment    `json:"changed"` // when it was last closed or opened again
}

// A Pause is a stretch in which the clock of a case stands: a person has said why,
// or the case was closed before it was opened again.
type Pause struct {
	From city.Moment `json:"from"`
	To   city.Moment `json:"to,omitempty"` // 0: it lasts
	By   string      `json:"by,omitempty"`
	Why  string      `json:"why,omitempty"`
}

// OpenCase returns the case that an event of its source makes known, with the time
// that it has. What the event says beside is taken by Event.
func OpenCase(at city.Moment, allowed city.Allowance) Case {
	return Case{Opened: at, State: CaseOpen, Allowed: allowed, Changed: at}
}

// Event takes an event of the case's source. state is the source's own word:
// opened, acknowledged, assigned, started, paused, resumed, closed, done, rejected,
// reopened; any other is kept in the log and changes nothing. What came late and is
// older than the newest closing or opening does not undo that.
func (c *Case) Event(state string, at city.Moment) {
	c.Version++
	switch state {
	case "", "opened":
		if at < c.Opened {
			c.Opened = at
		}
	case "acknowledged", "assigned", "started":
		c.acknowledge(at)
	case "paused":
		if c.State == CaseOpen && at >= c.Changed {
			c.pause(at, "", "")
		}
	case "resumed":
		if c.State == CasePaused {
			c.resume(at)
		}
	case "closed", "done", "rejected":
		if c.State != CaseClosed && at >= c.Changed {
			c.close(at)
		}
	case "reopened":
		if c.State == CaseClosed && at >= c.Changed {
			c.reopen(at)
		}
	}
}

// Act takes an act of a person, or returns why it does not hold. It applies to the
// verbs on cases only; that the people named exist is the caller's to see.
func (c *Case) Act(a *entry.Act) (refused string) {
	if a.Expects != 0 && a.Expects != c.Version {
		return RefusedChanged
	}
	closed := c.State == CaseClosed
	switch a.Do {
	case entry.DoNote, entry.DoEvidence:
	case entry.DoReopen:
		if !closed {
			return RefusedNotClosed
		}
		c.reopen(a.At)
	case entry.DoAcknowledge:
		switch {
		case closed:
			return RefusedClosed
		case c.Acknowledged != 0:
			return RefusedAlready
		}
		c.acknowledge(a.At)
	case entry.DoAssign:
		switch {
		case closed:
			return RefusedClosed
		case c.Owner == a.To:
			return RefusedAlready
		}
		c.Owner = a.To
		c.acknowledge(a.At)
	case entry.DoPause:
		switch c.State {
		case CaseClosed:
			return RefusedClosed
		case CasePaused:
			return RefusedPaused
		case CaseOpen:
		}
		c.pause(a.At, a.By, a.Note)
		c.acknowledge(a.At)
	case entry.DoResume:
		switch c.State {
		case CaseClosed:
			return RefusedClosed
		case CaseOpen:
			return RefusedNotPaused
		case CasePaused:
		}
		c.resume(a.At)
	case entry.DoClose:
		if closed {
			return RefusedClosed
		}
		c.close(a.At)
	default:
		return RefusedNotFound
	}
	c.Version++
	return ""
}

// acknowledge notes the earliest moment at which somebody had looked at the case.
func (c *Case) acknowledge(at city.Moment) {
	if at = max(at, c.Opened); c.Acknowledged == 0 || at < c.Acknowledged {
		c.Acknowledged = at
	}
}

// notBefore returns at, or the end of what is settled already where that is later:
// the newest closing or opening, and the newest pause.
func (c *Case) notBefore(at city.Moment) city.Moment {
	at = max(at, c.Changed)
	if n := len(c.Pauses); n > 0 {
		at = max(at, c.Pauses[n-1].From, c.Pauses[n-1].To)
	}
	return at
}

func (c *Case) pause(at city.Moment, by, why string) {
	c.Pauses = append(slices.Clip(c.Pauses), Pause{From: c.notBefore(at), By: by, Why: why})
	c.State = CasePaused
}

func (c *Case) resume(at city.Moment) {
	c.Pauses = slices.Clone(c.Pauses)
	c.Pauses[len(c.Pauses)-1].To = c.notBefore(at)
	c.State = CaseOpen
}

func (c *Case) close(at city.Moment) {
	at = c.notBefore(at)
	if c.State == CasePaused {
		c.resume(at)
	}
	c.Closed, c.Changed, c.State = at, at, CaseClosed
	c.acknowledge(at)
}

// reopen lets the clock go on where it stood when the case was closed.
func (c *Case) reopen(at city.Moment) {
	at = c.notBefore(at)
	c.Pauses = append(slices.Clip(c.Pauses), Pause{From: c.Closed, To: at})
	c.Closed, c.Changed, c.State = 0, at, CaseOpen
	c.Reopened++
}

// Due returns when the case is to be closed at the latest. ok is false where it has
// no clock, or where its clock stands now: then there is no such moment. For a
// closed case it is the moment by which it was to be closed.
func (c *Case) Due(zone *city.Zone) (due city.Moment, ok bool) {
	if c.State == CasePaused {
		return 0, false
	}
	return c.spent(zone)
}

// spent returns the moment at which the allowed time has run out; ok is false where
// there is none, because the case has no clock or its clock stands until further
// notice.
func (c *Case) spent(zone *city.Zone) (at city.Moment, ok bool) {
	if c.Allowed.Sec <= 0 {
		return 0, false
	}
	left := city.Moment(c.Allowed.Sec)
	for m := c.Opened; m < c.Opened+maxRun; {
		from, to := c.running(zone, m)
		if from == to {
			break
		}
		if from+left <= to {
			return from + left, true
		}
		left -= to - from
		m = to
	}
	return 0, false
}

// Left returns how much of the allowed time is left at the moment at, in seconds of
// running clock; it is negative once the clock has run beyond it. For a closed case
// it is what was left when it was closed. ok is false where the case has no clock.
func (c *Case) Left(zone *city.Zone, at city.Moment) (sec int64, ok bool) {
	if c.Allowed.Sec <= 0 {
		return 0, false
	}
	if c.State == CaseClosed {
		at = c.Closed
	}
	var ran city.Moment
	for m := c.Opened; m < at; {
		from, to := c.running(zone, m)
		if from >= at {
			break
		}
		ran += min(to, at) - from
		m = to
	}
	return c.Allowed.Sec - int64(ran), true
}

// Late reports whether the case was, or is at the moment at, open beyond the moment
// at which its time had run out. What is late stays late when its clock is stopped.
func (c *Case) Late(zone *city.Zone, at city.Moment) bool {
	if c.State == CaseClosed {
		at = c.Closed
	}
	due, ok := c.spent(zone)
	return ok && at > due
}

// maxRun bounds how far a due moment is looked for, in seconds, from the opening of
// a case and from each moment on: no level allows as much.
const maxRun = 3 * 366 * 86400

// running returns the first stretch [from, to) at or after m in which the clock
// runs; it is empty where there is none.
func (c *Case) running(zone *city.Zone, m city.Moment) (from, to city.Moment) {
	end := m + maxRun
	for m < end {
		if p, paused := c.pauseAt(m); paused {
			if p.To == 0 {
				return end, end
			}
			m = p.To
			continue
		}
		stop := cmp.Or(c.nextPause(m), end)
		if c.Allowed.ToHour == 0 {
			return m, stop
		}
		if h := zone.HourOfDay(m); h >= c.Allowed.FromHour && h < c.Allowed.ToHour {
			return m, min(stop, zone.NextHour(m))
		}
		m = min(stop, zone.NextHour(m))
	}
	return end, end
}

func (c *Case) pauseAt(m city.Moment) (Pause, bool) {
	for _, p := range c.Pauses {
		if p.From <= m && (p.To == 0 || m < p.To) {
			return p, true
		}
	}
	return Pause{}, false
}

// nextPause returns when the first pause after m begins; 0 where there is none.
func (c *Case) nextPause(m city.Moment) city.Moment {
	var next city.Moment
	for _, p := range c.Pauses {
		if p.From > m && (next == 0 || p.From < next) {
			next = p.From
		}
	}
	return next
}
