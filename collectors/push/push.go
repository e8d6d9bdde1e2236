// Package push reads the JSON that sensors and scripts post to
// /api/v1/readings and /api/v1/cases, and writes the first form. It judges the form alone: whether a
// source exists and a value is believable is the gate's question. It knows no
// HTTP.
//
// A body is {"readings":[…]}; each reading is a flat object of strings and
// numbers, as docs/collectors/push.md says. The reader is strict: the first thing
// that is not of the form refuses the whole body, with its place and the cure.
package push

import (
	"bytes"
	"strings"

	"rasad/city"
	"rasad/entry"
)

// Sample is a body that Decode reads.
const Sample = `{"readings":[
  {"source":"shiraz-road","from":"2026-03-21T09:00:00+03:30","to":"2026-03-21T09:15:00+03:30","in":412,"out":377},
  {"source":"khaju-present","at":"2026-03-21T09:15:00+03:30","value":640,"unit":"person","kind":"snapshot"}
]}`

// smallest is the least number of bytes that a reading takes; it bounds what is
// set aside before anything is read.
const smallest = 64

// Decode reads a body. The items' Raw are pieces of body, and each of their texts
// keeps one copy of the whole body in memory: clone what outlives the request. An
// error wraps city.ErrInvalid and says line, column (in characters), which reading,
// what is wrong and the cure.
func Decode(body []byte) ([]entry.Item, error) {
	return decode(body, &form{
		list: "readings", wanted: "want source, from and to or at, value or in and out, id, unit, kind, quality, revises, reason, event, case, category, place",
		object: `a reading must be an object: {"source":…,"at":…,"value":…}`, fieldOf: fieldOf, complete: (*scanner).complete,
	})
}

// A form is what the bodies of one door look like.
type form struct {
	list     string // the key of the list
	wanted   string // the cure for an unknown field
	object   string // the cure for a member that is no object
	fieldOf  func(key string) field
	complete func(s *scanner, it *entry.Item, seen set, start int) bool
}

func decode(body []byte, f *form) ([]entry.Item, error) {
	s := scanner{form: f, body: body, copy: string(body), index: -1}
	if !s.text() {
		return nil, s.fault()
	}
	most := bytes.Count(body, []byte("{")) // one for each member, and one around them
	items := make([]entry.Item, 0, min(most, len(body)/smallest+1))
	items, ok := s.document(items)
	if !ok {
		return nil, s.fault()
	}
	return items, nil
}

// text checks that the whole body is UTF-8 without a byte order mark.
func (s *scanner) text() bool {
	if bytes.HasPrefix(s.body, []byte("\uFEFF")) {
		return s.fail(0, "the body starts with a byte order mark; save it as UTF-8 without one")
	}
	if i := invalidUTF8(s.body); i >= 0 {
		return s.fail(i, "the body is not UTF-8 here; send it as UTF-8")
	}
	return true
}

// document reads {"readings":[…]}, or what the list is called, and nothing behind it.
func (s *scanner) document(items []entry.Item) ([]entry.Item, bool) {
	if !s.expect('{', `the body must be an object: {"`+s.form.list+`":[…]}`) {
		return nil, false
	}
	seen := false
	for first := true; ; first = false {
		end, ok := s.next('}', first)
		if !ok {
			return nil, false
		}
		if end {
			break
		}
		at := s.pos
		key, ok := s.key()
		if !ok {
			return nil, false
		}
		switch {
		case key != s.form.list:
			return nil, s.fail(at, `unknown field %s; want "%s"`, quote(key), s.form.list)
		case seen:
			return nil, s.fail(at, `field "%s" stands twice; send it once`, s.form.list)
		}
		seen = true
		if items, ok = s.members(items); !ok {
			return nil, false
		}
	}
	if !seen {
		return nil, s.fail(s.pos-1, `no "%s"; want {"%[1]s":[…]}`, s.form.list)
	}
	s.space()
	if s.pos < len(s.body) {
		return nil, s.fail(s.pos, "more behind the end of the body; send one object only")
	}
	return items, true
}

func (s *scanner) members(items []entry.Item) ([]entry.Item, bool) {
	if !s.expect('[', `"`+s.form.list+`" must be a list: [{…},{…}]`) {
		return nil, false
	}
	for first := true; ; first = false {
		end, ok := s.next(']', first)
		if !ok {
			return nil, false
		}
		if end {
			s.index = -1
			return items, true
		}
		s.index++
		items = append(items, entry.Item{})
		if !s.item(&items[len(items)-1]) {
			return nil, false
		}
	}
}

// A field is one of the keys that a reading may have.
type field uint8

const (
	fSource field = iota
	fFrom
	fTo
	fAt
	fValue
	fIn
	fOut
	fID
	fUnit
	fKind
	fQuality
	fRevises
	fReason
	fEvent
	fCase
	fCategory
	fPlace
	fields
)

func fieldOf(key string) field {
	switch key {
	case "source":
		return fSource
	case "from":
		return fFrom
	case "to":
		return fTo
	case "at":
		return fAt
	case "value":
		return fValue
	case "in":
		return fIn
	case "out":
		return fOut
	case "id":
		return fID
	case "unit":
		return fUnit
	case "kind":
		return fKind
	case "quality":
		return fQuality
	case "revises":
		return fRevises
	case "reason":
		return fReason
	case "event":
		return fEvent
	case "case":
		return fCase
	case "category":
		return fCategory
	case "place":
		return fPlace
	default:
		return fields
	}
}

// A set holds fields.
type set uint32

func (s set) has(f field) bool { return s&(1<<f) != 0 }

func (s *scanner) item(it *entry.Item) bool {
	s.space()
	start := s.pos
	if !s.expect('{', s.form.object) {
		return false
	}
	var seen set
	for first := true; ; first = false {
		end, ok := s.next('}', first)
		if !ok {
			return false
		}
		if end {
			break
		}
		at := s.pos
		key, ok := s.key()
		if !ok {
			return false
		}
		f := s.form.fieldOf(key)
		if f == fields {
			return s.unknown(at, key)
		}
		if seen.has(f) {
			return s.fail(at, `field %s stands twice; send it once`, quote(key))
		}
		seen |= 1 << f
		if !s.value(it, f, key) {
			return false
		}
	}
	it.Raw = s.body[start:s.pos:s.pos]
	return s.form.complete(s, it, seen, start)
}

func (s *scanner) unknown(at int, key string) bool {
	if lower := strings.ToLower(key); s.form.fieldOf(lower) != fields {
		return s.fail(at, `unknown field %s; write it in lower case: "%s"`, quote(key), lower)
	}
	return s.fail(at, `unknown field %s; %s`, quote(key), s.form.wanted)
}

// value reads the value of field f into the item.
func (s *scanner) value(it *entry.Item, f field, key string) (ok bool) {
	s.space()
	at := s.pos
	switch f {
	case fFrom:
		it.From, ok = s.moment(key)
	case fTo:
		it.To, ok = s.moment(key)
	case fAt:
		it.From, ok = s.moment(key)
		it.To = it.From
	case fValue:
		it.Number, ok = s.number(key)
	case fIn:
		it.In, ok = s.number(key)
	case fOut:
		it.Out, ok = s.number(key)
	case fSource:
		it.Source, ok = s.words(key)
	case fID:
		it.ID, ok = s.words(key)
	case fUnit:
		it.Unit, ok = s.words(key)
	case fKind:
		it.Kind, ok = s.words(key)
	case fQuality:
		it.Quality, ok = s.words(key)
	case fReason:
		it.Reason, ok = s.words(key)
	case fRevises:
		var text string
		if text, ok = s.words(key); ok {
			p, err := entry.ParsePosition(text)
			if err != nil {
				return s.fail(at, `"revises" is no position; send the position of an answer, such as "12.3"`)
			}
			it.Revises = p
		}
	default:
		ok = s.happening(it, f, key)
	}
	return ok
}

func (s *scanner) happening(it *entry.Item, f field, key string) bool {
	text, ok := s.words(key)
	if !ok {
		return false
	}
	if it.Event == nil {
		it.Event = &entry.Happening{}
	}
	switch f {
	case fEvent:
		it.Event.State = text
	case fCase:
		it.Event.Case = text
	case fCategory:
		it.Event.Category = text
	default:
		it.Event.Place = text
	}
	return true
}

// complete checks that the fields that were sent make one reading.
func (s *scanner) complete(it *entry.Item, seen set, start int) bool {
	times := seen & (1<<fFrom | 1<<fTo | 1<<fAt)
	numbers := seen & (1<<fValue | 1<<fIn | 1<<fOut)
	switch {
	case !seen.has(fSource):
		return s.fail(start, `no "source"; say which source it is of`)
	case it.Source == "":
		return s.fail(start, `"source" is empty; say which source it is of`)
	case times != 1<<fAt && times != 1<<fFrom|1<<fTo:
		return s.fail(start, `want either "from" and "to", or "at"`)
	case numbers != 1<<fValue && numbers != 1<<fIn|1<<fOut:
		return s.fail(start, `want either "value", or "in" and "out"`)
	case it.Event != nil && it.ID == "":
		return s.fail(start, `"event", "case", "category" and "place" need the "id" of the event`)
	}
	return true
}

// Append appends the body of items to b: what Decode reads back as the same items,
// but for Raw.
func Append(b []byte, items []entry.Item) []byte {
	b = append(b, `{"readings":[`...)
	for i := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendItem(b, &items[i])
	}
	return append(b, "]}"...)
}

// AppendItem appends one item as an object. A number that is no JSON number is
// written as a string, which Decode refuses: an item that was read has none.
func AppendItem(b []byte, it *entry.Item) []byte {
	b = appendString(append(b, `{"source":`...), it.Source)
	if it.From == it.To {
		b = appendMoment(append(b, `,"at":"`...), it.From)
	} else {
		b = appendMoment(append(b, `,"from":"`...), it.From)
		b = appendMoment(append(b, `","to":"`...), it.To)
	}
	b = append(b, '"')
	b = appendNumber(b, `,"value":`, it.Number)
	b = appendNumber(b, `,"in":`, it.In)
	b = appendNumber(b, `,"out":`, it.Out)
	b = appendText(b, `,"id":`, it.ID)
	b = appendText(b, `,"unit":`, it.Unit)
	b = appendText(b, `,"kind":`, it.Kind)
	b = appendText(b, `,"quality":`, it.Quality)
	if !it.Revises.IsZero() {
		b = appendText(b, `,"revises":`, it.Revises.String())
	}
	b = appendText(b, `,"reason":`, it.Reason)
	if e := it.Event; e != nil {
		b = appendString(append(b, `,"event":`...), e.State)
		b = appendText(b, `,"case":`, e.Case)
		b = appendText(b, `,"category":`, e.Category)
		b = appendText(b, `,"place":`, e.Place)
	}
	return append(b, '}')
}

func appendMoment(b []byte, m city.Moment) []byte {
	return m.Time().AppendFormat(b, "2006-01-02T15:04:05Z07:00")
}

func appendText(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	return appendString(append(b, key...), s)
}

func appendNumber(b []byte, key, n string) []byte {
	if n == "" {
		return b
	}
	b = append(b, key...)
	if end, cure := scanNumber([]byte(n), 0); cure == "" && end == len(n) {
		return append(b, n...)
	}
	return appendString(b, n)
}
