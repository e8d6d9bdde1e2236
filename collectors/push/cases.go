package push

import (
	"strings"

	"rasad/city"
	"rasad/entry"
)

// SampleCases is a body that DecodeCases reads.
const SampleCases = `{"cases":[
  {"source":"district-3-litter","id":"137-20451","kind":"report","category":"litter","place":"naqsh-e-jahan","event":"opened","at":"2026-03-21T09:14:07+03:30"},
  {"source":"district-3-litter","id":"137-20451","kind":"report","category":"litter","event":"closed","at":"2026-03-21T10:02:00+03:30"}
]}`

// DecodeCases reads {"cases":[…]}: events of cases, as docs/collectors/push.md says.
// Each becomes the item that Decode would read of the same event; its value is 1
// where none is sent, and it is said to be of kind event. Items have no Raw: the
// quarantine keeps them in the form of readings. Errors and memory are as of Decode.
func DecodeCases(body []byte) ([]entry.Item, error) {
	return decode(body, &form{
		list: "cases", wanted: "want source, id, kind, category, place, event, at, value, unit",
		object:  `a case must be an object: {"source":…,"id":…,"kind":…,"event":…,"at":…}`,
		fieldOf: caseField, complete: (*scanner).completeCase,
	})
}

// caseField returns the field of a reading that a key of a case fills; fields for
// none.
func caseField(key string) field {
	switch key {
	case "source", "id", "category", "place", "event", "at", "value", "unit":
		return fieldOf(key)
	case "kind": // of the case: what its source's kind is goes without saying
		return fCase
	default:
		return fields
	}
}

// completeCase checks that the fields that were sent make one event of a case, and
// fills in what goes without saying.
func (s *scanner) completeCase(it *entry.Item, seen set, start int) bool {
	var e entry.Happening
	if it.Event != nil {
		e = *it.Event
	}
	var kinds []string
	for _, k := range city.CaseKinds() {
		kinds = append(kinds, string(k))
	}
	switch {
	case it.Source == "":
		return s.fail(start, `no "source"; say which source it is of`)
	case it.ID == "":
		return s.fail(start, `no "id"; send the id that the case has at its source, the same one with each of its events`)
	case e.Case == "":
		return s.fail(start, `no "kind"; want one of %s`, strings.Join(kinds, ", "))
	case e.State == "":
		return s.fail(start, `no "event"; say what happened, such as opened, acknowledged, closed`)
	case !seen.has(fAt):
		return s.fail(start, `no "at"; say when it happened`)
	}
	if !seen.has(fValue) {
		it.Number = "1"
	}
	it.Kind, it.Raw = string(city.Event), nil
	return true
}
