package register

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// An oracle is the second implementation: slices that are searched from the front,
// time that passes minute by minute. Of register and measure only the words of
// refusal are used. All moments are whole minutes.
type oracle struct {
	loc       *time.Location
	cities    int // that came so far
	moved     bool
	withered  bool // the source watering is gone
	cases     []*oracleCase
	people    []*oraclePerson
	sessions  []oracleSession
	acts      []string // ids that were seen
	refusals  map[entry.Position]string
	held      map[string]bool // positions; true: ruled on
	handovers map[string]int
	refused   int // sign-ins
}

type oracleCase struct {
	source, id, kind, category, place string
	events                            []string // day and state
	opened, changed, closed, acked    city.Moment
	state, owner                      string
	version                           int64
	pauses                            [][2]city.Moment
}

type oraclePerson struct {
	id, hash string
	profile  entry.Profile
	logins   []string
	version  int64
	ended    bool
}

type oracleSession struct {
	id, person string
	ends       city.Moment
}

func newOracle(loc *time.Location) *oracle {
	return &oracle{loc: loc, refusals: map[entry.Position]string{}, held: map[string]bool{}, handovers: map[string]int{}}
}

func (o *oracle) department(source string) string {
	if source == "watering" || o.moved {
		return "parks"
	}
	return "urban-services"
}

func (o *oracle) apply(b entry.Batch) {
	for i, e := range b.Entries {
		pos := entry.Position{Batch: b.Number, Index: uint32(i)}
		switch e := e.(type) {
		case *entry.City:
			o.cities++
			text := string(e.Compiled)
			o.moved, o.withered = !strings.Contains(text, `"department":"urban-services"`), !strings.Contains(text, `"watering"`)
		case *entry.Event:
			o.event(e)
		case *entry.Quarantined:
			o.held[pos.String()] = false
		case *entry.Act:
			o.act(e, pos)
		}
	}
}

func (o *oracle) event(e *entry.Event) {
	source := string(e.Source)
	if o.cities == 0 || e.Case == "" || source == "watering" && o.withered || source != "watering" && source != "litter-3" {
		return
	}
	var c *oracleCase
	for _, x := range o.cases {
		if x.source == source && x.id == e.ID {
			c = x
		}
	}
	if c == nil {
		c = &oracleCase{source: source, id: e.ID, kind: e.Case, state: "open", opened: e.At, changed: e.At}
		o.cases = append(o.cases, c)
	}
	name := e.At.Time().In(o.loc).Format(time.DateOnly) + " " + e.State
	if slices.Contains(c.events, name) {
		return
	}
	c.events = append(c.events, name)
	c.version++
	if c.category == "" {
		c.category = e.Category
	}
	if c.place == "" {
		c.place = string(e.Place)
	}
	state := e.State
	if c.kind == "inspection" && (state == "" || state == "opened") && (e.Category == "A" || e.Category == "B") {
		state = "closed"
	}
	c.happen(state, e.At)
}

// happen is what an event does to its case.
func (c *oracleCase) happen(state string, at city.Moment) {
	switch state {
	case "", "opened":
		c.opened = min(c.opened, at)
	case "acknowledged":
		c.ack(at)
	case "paused":
		if c.state == "open" && at >= c.changed {
			c.pauses = append(c.pauses, [2]city.Moment{c.from(at), 0})
			c.state = "paused"
		}
	case "resumed":
		if c.state == "paused" {
			c.resume(at)
		}
	case "closed":
		if c.state != "closed" && at >= c.changed {
			c.close(at)
		}
	case "reopened":
		if c.state == "closed" && at >= c.changed {
			c.reopen(at)
		}
	}
}

// from returns at, or the newest thing that is settled.
func (c *oracleCase) from(at city.Moment) city.Moment {
	at = max(at, c.changed)
	for _, p := range c.pauses {
		at = max(at, p[0], p[1])
	}
	return at
}

func (c *oracleCase) ack(at city.Moment) {
	if at < c.opened {
		at = c.opened
	}
	if c.acked == 0 || at < c.acked {
		c.acked = at
	}
}

func (c *oracleCase) resume(at city.Moment) {
	c.pauses[len(c.pauses)-1][1] = c.from(at)
	c.state = "open"
}

func (c *oracleCase) close(at city.Moment) {
	at = c.from(at)
	if c.state == "paused" {
		c.resume(at)
	}
	c.closed, c.changed, c.state = at, at, "closed"
	c.ack(at)
}

func (c *oracleCase) reopen(at city.Moment) {
	at = c.from(at)
	c.pauses = append(c.pauses, [2]city.Moment{c.closed, at})
	c.closed, c.changed, c.state = 0, at, "open"
}

// late says whether the case is, or was, open beyond its time at the moment now.
func (o *oracle) late(c *oracleCase, now city.Moment) bool {
	minutes, fromHour, toHour := 0, 0, 24
	garden := c.place == "garden" || c.place == "" && c.source == "watering"
	season := c.opened.Time().In(o.loc).Format(time.DateOnly) <= "2027-04-03"
	switch {
	case c.kind == "report" && c.category == "litter" && !garden && season:
		minutes = 120
	case c.kind == "report" && c.category == "litter" && !garden:
		minutes = 240
	case c.kind == "report":
		minutes = 24 * 60
	case c.kind == "work":
		minutes, fromHour, toHour = 480, 7, 15
	default:
		return false
	}
	if c.state == "closed" {
		now = c.closed
	}
	ran := 0
	for m := c.opened; m < now; m += 60 {
		if ran == minutes {
			return true
		}
		hour := m.Time().In(o.loc).Hour()
		runs := fromHour <= hour && hour < toHour
		for _, p := range c.pauses {
			runs = runs && (m < p[0] || p[1] != 0 && m >= p[1])
		}
		if runs {
			ran++
		}
	}
	return false
}

func (o *oracle) person(id string) *oraclePerson {
	for _, p := range o.people {
		if p.id == id {
			return p
		}
	}
	return nil
}

// answers says why id cannot answer for something of a department.
func (o *oracle) answers(id, department string) string {
	p := o.person(id)
	if p == nil || p.ended {
		return measure.RefusedNoPerson
	}
	for _, d := range p.profile.Departments {
		if string(d) == department {
			return ""
		}
	}
	if p.profile.Role == city.RoleAdmin {
		return ""
	}
	return measure.RefusedOutOfScope
}

func (o *oracle) act(a *entry.Act, pos entry.Position) {
	if slices.Contains(o.acts, a.ID) {
		return
	}
	o.acts = append(o.acts, a.ID)
	room, _, _ := strings.Cut(string(a.Do), ".")
	switch room {
	case "case":
		o.refusals[pos] = o.onCase(a)
	case "person":
		o.refusals[pos] = o.onPerson(a)
	case "session":
		o.refusals[pos] = o.onSession(a)
	case "shift":
		o.refusals[pos] = o.handOver(a)
	case "quarantine":
		ruled, known := o.held[a.On]
		switch {
		case !known:
			o.refusals[pos] = measure.RefusedNotFound
		case ruled:
			o.refusals[pos] = measure.RefusedAlready
		default:
			o.refusals[pos], o.held[a.On] = "", true
		}
	}
}

func (o *oracle) onCase(a *entry.Act) string {
	var c *oracleCase
	for i, x := range o.cases {
		if fmt.Sprint(i+1) == a.On {
			c = x
		}
	}
	if c == nil {
		return measure.RefusedNotFound
	}
	if a.Expects != 0 && a.Expects != c.version {
		return measure.RefusedChanged
	}
	closed, paused := c.state == "closed", c.state == "paused"
	why := ""
	switch {
	case a.Do == entry.DoAssign && a.To != "" && o.answers(a.To, o.department(c.source)) != "":
		why = o.answers(a.To, o.department(c.source))
	case a.Do == entry.DoReopen && !closed:
		why = measure.RefusedNotClosed
	case closed && a.Do != entry.DoReopen && a.Do != entry.DoNote:
		why = measure.RefusedClosed
	case a.Do == entry.DoAcknowledge && c.acked != 0, a.Do == entry.DoAssign && a.To == c.owner:
		why = measure.RefusedAlready
	case a.Do == entry.DoPause && paused:
		why = measure.RefusedPaused
	case a.Do == entry.DoResume && !paused:
		why = measure.RefusedNotPaused
	}
	if why != "" {
		return why
	}
	c.version++
	switch a.Do {
	case entry.DoAcknowledge:
		c.ack(a.At)
	case entry.DoAssign:
		c.owner = a.To
		c.ack(a.At)
	case entry.DoPause:
		c.pauses = append(c.pauses, [2]city.Moment{c.from(a.At), 0})
		c.state = "paused"
		c.ack(a.At)
	case entry.DoResume:
		c.resume(a.At)
	case entry.DoClose:
		c.close(a.At)
	case entry.DoReopen:
		c.reopen(a.At)
	default:
	}
	return ""
}
