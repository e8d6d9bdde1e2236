package entry

import (
	"encoding/json"

	"rasad/city"
)

// An Item is a reading or an event as a decoder or a puller hands it over: read,
// but not judged. Accept turns it into an entry.
type Item struct {
	Source   string      // as declared; "gate" for an item with In and Out, which becomes gate/in and gate/out
	From, To city.Moment // [From, To); equal for a snapshot or an event
	Number   string      // the value in the source's unit, as a JSON number
	In, Out  string      // instead of Number: both directions of a gate, as JSON numbers
	ID       string      // the sender's own name for it; required for an event
	Unit     string      // what the sender believes; "" where it did not say
	Kind     string      // what the sender believes; "" where it did not say
	Quality  string
	Revises  Position // the reading that it replaces; zero for a first one
	Reason   string   // why it revises
	Event    *Happening
	Raw      json.RawMessage // as sent, for the quarantine; nil: made from the fields
}

// A Happening is what an event says beside its value.
type Happening struct {
	State    string // such as "opened"; "" where the event is the whole story
	Case     string // report, work, service, inspection; "" for none
	Category string
	Place    string
}

// An Identity is what a reading or event is: two accepted entries of one identity
// never both count.
type Identity struct {
	Source city.SourceID
	At     city.Moment // From of an interval or snapshot; 0 for an event
	Date   city.Date   // local date, events only
	ID     string      // events only
	State  string      // events only
}

// IdentityOf returns the identity of a *Reading or an *Event; ok is false for
// every other kind of entry.
func IdentityOf(e Entry, zone *city.Zone) (id Identity, ok bool) {
	switch e := e.(type) {
	case *Reading:
		return Identity{Source: e.Source, At: e.From}, true
	case *Event:
		return Identity{Source: e.Source, Date: zone.Date(e.At), ID: e.ID, State: e.State}, true
	default:
		return Identity{}, false
	}
}

// SameContent reports whether two entries of one identity say the same: who sent
// them, how late and under which name of their own does not matter.
func SameContent(a, b Entry) bool {
	switch a := a.(type) {
	case *Reading:
		b, ok := b.(*Reading)
		return ok && a.From == b.From && a.To == b.To && a.V == b.V
	case *Event:
		b, ok := b.(*Event)
		return ok && a.At == b.At && a.V == b.V && a.Case == b.Case && a.Category == b.Category && a.Place == b.Place
	default:
		return false
	}
}

// A Standing says how an entry stands to what is already known.
type Standing int

// The standings.
const (
	New       Standing = iota // nothing of its identity, or it revises the newest of it
	Duplicate                 // the same is known already
	Conflict                  // other content is known; or what it revises is not the newest
)
