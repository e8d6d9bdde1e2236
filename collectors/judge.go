package collectors

import (
	"fmt"
	"strings"
	"time"

	"rasad/city"
	"rasad/entry"
)

// The reasons for which an item is quarantined.
const (
	ReasonUnknownSource    = "unknown_source"     // the city declares no such source
	ReasonUnitMismatch     = "unit_mismatch"      // the sender believes in another unit
	ReasonKindMismatch     = "kind_mismatch"      // the sender believes in another kind
	ReasonMissingUnit      = "missing_unit"       // a strict token must say the unit
	ReasonMissingKind      = "missing_kind"       // a strict token must say the kind
	ReasonWrongShape       = "wrong_shape"        // fields that do not belong to the source's kind, or lack
	ReasonBadText          = "bad_text"           // a text too long or with control characters
	ReasonBadNumber        = "bad_number"         // no JSON number
	ReasonFinerThanStep    = "finer_than_step"    // more digits than the unit has
	ReasonOutOfRange       = "out_of_range"       // not believable
	ReasonBefore2000       = "before_2000"        // a clock that was never set
	ReasonUnaligned        = "unaligned"          // not one slot of the source's grid
	ReasonAheadOfClock     = "ahead_of_clock"     // more than MaxAhead in the future
	ReasonTooLate          = "too_late"           // older than the source's late_until
	ReasonConflict         = "conflict"           // other content was accepted before
	ReasonRevisesNotNewest = "revises_not_newest" // what it revises is not the newest
)

// MaxAhead is how far ahead of the data's clock an item may be; further ahead the
// source's clock is at fault.
const MaxAhead = 10 * time.Minute

const (
	maxText = 200                    // bytes of an id, state, category or quality
	y2000   = city.Moment(946684800) // 1 January 2000, UTC
)

// A fault is why an item is not accepted.
type fault struct {
	reason, detail string
	against        entry.Position
}

func no(reason, format string, args ...any) *fault {
	return &fault{reason: reason, detail: fmt.Sprintf(format, args...)}
}

// A slotKey is the identity of a reading within one request.
type slotKey struct {
	source *city.Source
	at     city.Moment
}

// A request is the judging of one call of Accept.
type request struct {
	g    *Gate
	city *city.City
	zone *city.Zone
	who  *Who
	now  city.Moment // by which the item in hand is judged

	readings []entry.Reading // one piece of memory for all: entries point into it
	entries  []entry.Entry
	slots    map[slotKey]int        // accepted in this request: index in entries
	events   map[entry.Identity]int // the same for events
	answer   Answer
	taken    share // of the quarantine
	refused  map[refusedKey]int64
}

func newRequest(g *Gate, c *city.City, who *Who, now city.Moment, n int) *request {
	return &request{
		g: g, city: c, zone: c.Clock(), who: who, now: now,
		readings: make([]entry.Reading, 0, n), entries: make([]entry.Entry, 0, n),
		answer: Answer{Quarantined: []Refusal{}},
	}
}

// item judges items[i], as one or, with In and Out, as two. An error is a fault
// of this server, not of the item.
func (r *request) item(i int, it *entry.Item) error {
	if it.In == "" && it.Out == "" {
		return r.one(i, it, it.Source, it.Number)
	}
	if it.Number != "" || it.In == "" || it.Out == "" {
		r.hold(i, it, it.Source, no(ReasonWrongShape, "send either value, or both in and out"))
		return nil
	}
	if err := r.one(i, it, it.Source+"/in", it.In); err != nil {
		return err
	}
	return r.one(i, it, it.Source+"/out", it.Out)
}

func (r *request) one(i int, it *entry.Item, source, number string) error {
	src := r.city.Source(city.SourceID(source))
	if src == nil {
		r.hold(i, it, source, r.unknown(source))
		return nil
	}
	f := r.belief(src, it)
	if f == nil {
		f = shape(r.city, src, it)
	}
	var v city.Steps
	if f == nil {
		v, f = value(src, number)
	}
	if f == nil {
		f = r.time(src, it)
	}
	if f != nil {
		r.hold(i, it, source, f)
		return nil
	}
	if src.Kind == city.Event {
		return r.event(i, it, src, v)
	}
	return r.reading(i, it, src, v)
}

func (r *request) unknown(source string) *fault {
	s := clip(source, maxText)
	if r.city.Source(city.SourceID(source+"/in")) != nil {
		return no(ReasonUnknownSource, "%q is a gate with two directions: send in and out, or name %s/in or %s/out", s, s, s)
	}
	return no(ReasonUnknownSource, "the city declares no source %q: correct the id, or declare it in the city file", s)
}

// belief compares what the sender says it measures with the declaration.
func (r *request) belief(src *city.Source, it *entry.Item) *fault {
	switch {
	case it.Unit == "" && r.who.Strict:
		return no(ReasonMissingUnit, "this token must say the unit with each reading: unit %q for %s", src.Unit, src.ID)
	case it.Unit != "" && it.Unit != string(src.Unit):
		return no(ReasonUnitMismatch, "%s is declared in %s, not %q: correct the sender, or use a source of its own", src.ID, src.Unit, clip(it.Unit, maxText))
	case it.Kind == "" && r.who.Strict:
		return no(ReasonMissingKind, "this token must say the kind with each reading: kind %q for %s", src.Kind, src.ID)
	case it.Kind != "" && it.Kind != string(src.Kind):
		return no(ReasonKindMismatch, "%s is declared as %s, not %q: correct the sender, or use a source of its own", src.ID, src.Kind, clip(it.Kind, maxText))
	}
	return nil
}

// shape compares the item's fields with the kind of its source.
func shape(c *city.City, src *city.Source, it *entry.Item) *fault {
	switch {
	case src.Kind == city.Interval && it.From >= it.To:
		return no(ReasonWrongShape, "%s counts over slots of %d s: send from and to, from before to", src.ID, src.SlotSec)
	case src.Kind != city.Interval && it.From != it.To:
		return no(ReasonWrongShape, "%s speaks of one moment (%s): send at, not from and to", src.ID, src.Kind)
	case src.Kind == city.Event && it.ID == "":
		return no(ReasonWrongShape, "%s is of kind event: send the id that the event has at its source", src.ID)
	case src.Kind == city.Event && !it.Revises.IsZero():
		return no(ReasonWrongShape, "an event is not revised: send another event with a state of its own")
	case src.Kind != city.Event && it.Event != nil:
		return no(ReasonWrongShape, "%s is of kind %s: event, case, category and place belong to events", src.ID, src.Kind)
	case !it.Revises.IsZero() && it.Reason == "":
		return no(ReasonWrongShape, "a revision says why: send reason beside revises")
	case it.Revises.IsZero() && it.Reason != "":
		return no(ReasonWrongShape, "reason belongs to a revision: send revises, the position that is replaced")
	case !plain(it.ID) || !plain(it.Quality) || !plain(it.Reason):
		return no(ReasonBadText, "id, quality and reason are at most %d bytes of UTF-8 without control characters", maxText)
	}
	if it.Event == nil {
		return nil
	}
	switch e := it.Event; {
	case !plain(e.State) || !plain(e.Category):
		return no(ReasonBadText, "event and category are at most %d bytes of UTF-8 without control characters", maxText)
	case caseOf(e.Case) != e.Case:
		return no(ReasonWrongShape, "case %q is none of report, work, service, inspection", clip(e.Case, maxText))
	case e.Place != "" && c.Place(city.PlaceID(e.Place)) == nil:
		return no(ReasonWrongShape, "the city declares no place %q: correct it, or leave place out for the source's own", clip(e.Place, maxText))
	}
	return nil
}

// caseOf returns the case kind s as a constant, or "".
func caseOf(s string) string {
	switch s {
	case "report":
		return "report"
	case "work":
		return "work"
	case "service":
		return "service"
	case "inspection":
		return "inspection"
	}
	return ""
}

// value reads the number in the source's unit and compares it with its range.
func value(src *city.Source, number string) (city.Steps, *fault) {
	v, err := src.Unit.Parse(number)
	if err != nil {
		switch size, numeric := magnitude(number); {
		case !numeric:
			return 0, no(ReasonBadNumber, "%v; want a decimal number in Latin digits such as 12 or 12.5", err)
		case size >= float64(city.MaxSteps)/float64(perOne(src.Unit)):
			return 0, beyond(src, clip(number, 40))
		default:
			return 0, no(ReasonFinerThanStep, "%v; round it to the step before sending", err)
		}
	}
	if v < src.Min || v > src.Max {
		return 0, beyond(src, src.Unit.Format(v))
	}
	return v, nil
}

func beyond(src *city.Source, v string) *fault {
	return no(ReasonOutOfRange, "%s %s is outside the believable %s to %s of %s: check the counter, or widen its range in the city file",
		v, src.Unit, src.Unit.Format(src.Min), src.Unit.Format(src.Max), src.ID)
}

// time judges when the item is of.
func (r *request) time(src *city.Source, it *entry.Item) *fault {
	if it.From < y2000 {
		return no(ReasonBefore2000, "%v lies before the year 2000: set the clock of the sender", it.From)
	}
	if ahead := it.To - r.now; ahead > city.Moment(MaxAhead/time.Second) {
		return no(ReasonAheadOfClock, "%v is %v ahead of the clock here (%v), at most %v is believed: set the clock of the sender",
			it.To, time.Duration(min(ahead, 1<<31))*time.Second, r.now, MaxAhead)
	}
	if src.Kind == city.Interval && !r.aligned(src, it) {
		return no(ReasonUnaligned, "%v to %v is not one slot of %s: slots are %d s long and start on multiples of it by the clock of %s",
			it.From, it.To, src.ID, src.SlotSec, r.zone.Location())
	}
	return nil
}

// aligned reports whether the item is one slot of the grid: from one line of the
// local clock to the next, where a change of the clock is a line as well.
func (r *request) aligned(src *city.Source, it *entry.Item) bool {
	step := src.SlotSec
	if step <= 0 || r.zone.Floor(it.From, step) != it.From {
		return false
	}
	off := r.zone.Offset(it.From)
	to := it.From + city.Moment(step-(int64(it.From)+off)%step)
	for to > it.From && r.zone.Offset(to-1) != off {
		to = r.zone.Floor(to-1, step) // the clock changes within: back to where it does
	}
	return it.To == to
}

// late returns how late the item is, and a fault where it is too late to count.
func (r *request) late(src *city.Source, to city.Moment) (time.Duration, *fault) {
	late := time.Duration(r.now-to) * time.Second
	if late <= entry.LateAfter {
		return 0, nil
	}
	if !r.who.Backfill && late > src.Late() {
		return late, no(ReasonTooLate, "%v is %v old, %s takes readings up to %v late: send it with a token that has the scope backfill",
			to, late, src.ID, src.Late())
	}
	return late, nil
}

func (r *request) reading(i int, it *entry.Item, src *city.Source, v city.Steps) error {
	late, f := r.late(src, it.To)
	r.readings = append(r.readings, r.readingOf(it, src, v, late))
	e := &r.readings[len(r.readings)-1]
	key := slotKey{src, it.From}
	first, twice := r.slots[key]
	kept, err := r.settle(i, it, src, e, v, f, first, twice)
	if err != nil || !kept {
		r.readings = r.readings[:len(r.readings)-1]
		return err
	}
	if r.slots == nil {
		r.slots = make(map[slotKey]int, cap(r.readings))
	}
	r.slots[key] = len(r.entries) - 1
	return nil
}

func (r *request) readingOf(it *entry.Item, src *city.Source, v city.Steps, late time.Duration) entry.Reading {
	return entry.Reading{
		Source: src.ID, From: it.From, To: it.To, V: v, By: r.who.ID, ID: strings.Clone(it.ID),
		Late: late, Revises: it.Revises, Reason: strings.Clone(it.Reason), Quality: strings.Clone(it.Quality),
	}
}

func (r *request) event(i int, it *entry.Item, src *city.Source, v city.Steps) error {
	late, f := r.late(src, it.To)
	e := r.eventOf(it, src, v, late)
	key, _ := entry.IdentityOf(e, r.zone)
	first, twice := r.events[key]
	kept, err := r.settle(i, it, src, e, v, f, first, twice)
	if err != nil || !kept {
		return err
	}
	if r.events == nil {
		r.events = map[entry.Identity]int{}
	}
	r.events[key] = len(r.entries) - 1
	return nil
}

func (r *request) eventOf(it *entry.Item, src *city.Source, v city.Steps, late time.Duration) *entry.Event {
	e := &entry.Event{Source: src.ID, At: it.From, ID: strings.Clone(it.ID), V: v, By: r.who.ID, Late: late}
	if h := it.Event; h != nil {
		e.State, e.Case, e.Category = strings.Clone(h.State), caseOf(h.Case), strings.Clone(h.Category)
		if p := r.city.Place(city.PlaceID(h.Place)); p != nil {
			e.Place = p.ID
		}
	}
	return e
}

// settle compares e with what is known, here and in days, and keeps it where it
// is new. tooLate is the fault of an item that may only be a duplicate any more;
// first is the index of an entry of the same identity in this request, if twice.
func (r *request) settle(i int, it *entry.Item, src *city.Source, e entry.Entry, v city.Steps, tooLate *fault, first int, twice bool) (kept bool, err error) {
	var standing entry.Standing
	var against entry.Position
	switch {
	case !twice:
		if standing, against, err = r.g.cfg.Standing(e); err != nil {
			return false, fmt.Errorf("look up %s at %v: %w", src.ID, it.From, err)
		}
	case entry.SameContent(r.entries[first], e):
		standing = entry.Duplicate
	default:
		standing = entry.Conflict
	}
	switch {
	case standing == entry.Duplicate:
		r.answer.Duplicates++
		return false, nil
	case tooLate != nil:
		r.hold(i, it, string(src.ID), tooLate)
		return false, nil
	case standing == entry.New:
		r.entries = append(r.entries, e)
		r.answer.Accepted++
		return true, nil
	}
	var other string
	if twice {
		other = "an earlier item of this request"
		if o, ok := valueOf(r.entries[first]); ok {
			other = src.Unit.Format(o) + " " + string(src.Unit) + " from " + other
		}
	} else {
		other = "position " + against.String()
		if r.g.cfg.Known != nil {
			if o, ok := r.g.cfg.Known(e); ok {
				other = src.Unit.Format(o) + " " + string(src.Unit) + " at " + other
			}
		}
	}
	f := no(ReasonConflict, "%s %s for %s at %v, but known is %s: the first one counts; to replace it send revises with its position, and a reason",
		src.Unit.Format(v), src.Unit, src.ID, it.From, other)
	if !it.Revises.IsZero() {
		f = no(ReasonRevisesNotNewest, "%s %s revises position %v, but the newest of %s at %v is %s: read it, and revise that one",
			src.Unit.Format(v), src.Unit, it.Revises, src.ID, it.From, other)
	}
	f.against = against
	r.hold(i, it, string(src.ID), f)
	return false, nil
}

func valueOf(e entry.Entry) (city.Steps, bool) {
	switch e := e.(type) {
	case *entry.Reading:
		return e.V, true
	case *entry.Event:
		return e.V, true
	}
	return 0, false
}
