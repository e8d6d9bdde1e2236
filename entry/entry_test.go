package entry

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
)

func TestPositionsAreOrderedAndReadBack(t *testing.T) {
	ordered := []Position{{}, {1, 0}, {1, 1}, {2, 0}, {10, 0}, {10, 4294967295}}
	for i, p := range ordered {
		for k, q := range ordered {
			if p.Less(q) != (i < k) {
				t.Errorf("%s before %s: %t", p, q, p.Less(q))
			}
		}
		if got, err := ParsePosition(p.String()); p.IsZero() != (err != nil) || got != p {
			t.Errorf("%s is read as %s, %v", p, got, err)
		}
	}
	if p, err := ParsePosition("12"); err != nil || p != (Position{12, 0}) {
		t.Errorf("12 is read as %s, %v", p, err)
	}
	for _, s := range []string{"", ".", "1.", ".1", "0.1", "-1.0", "1.-1", "1.4294967296", "1.2.3", "18446744073709551616.0", "۱.۰"} {
		if p, err := ParsePosition(s); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%q is read as %s, %v", s, p, err)
		}
	}
}

// text draws strings with all that can go wrong in one.
func text() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a\"b", `\`, "\x00\x1f", "\n", "سی‌وسه‌پل", "\u2028", "\xff\xfe", "a\xc3", "<&>", "\uFFFD", "𝄞"}))
}

func moment(t *rapid.T) city.Moment {
	return city.Moment(rapid.Int64Range(-2e18, 2e18).Draw(t, "moment"))
}

func duration(t *rapid.T) time.Duration {
	return rapid.OneOf(
		rapid.Just(time.Duration(0)),
		rapid.Map(rapid.Int64Range(-5, maxLateSeconds), func(s int64) time.Duration { return time.Duration(s) * time.Second }),
		rapid.Map(rapid.Int64(), func(n int64) time.Duration { return time.Duration(n) }),
	).Draw(t, "late")
}

func position(t *rapid.T) Position {
	return Position{rapid.OneOf(rapid.Just(uint64(0)), rapid.Uint64()).Draw(t, "batch"), rapid.Uint32().Draw(t, "index")}
}

func anyEntry(t *rapid.T) Entry {
	s := func(name string) string { return text().Draw(t, name) }
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 7:
		return anyAct(t)
	case 0:
		return &Reading{
			Source: city.SourceID(s("source")), From: moment(t), To: moment(t), V: city.Steps(moment(t)), By: s("by"), ID: s("id"),
			Late: duration(t), Revises: position(t), Reason: s("reason"), Quality: s("quality"),
		}
	case 1:
		return &Event{
			Source: city.SourceID(s("source")), At: moment(t), ID: s("id"), State: s("state"), Case: s("case"), Category: s("category"),
			Place: city.PlaceID(s("place")), V: city.Steps(moment(t)), By: s("by"), Late: duration(t),
		}
	case 2:
		item := rapid.OneOf(rapid.SampledFrom([]string{`null`, `{ "a" : [1, "\n"] }`, `{`, "", "\"\xff\"", "1e999", "[\n]"}), rapid.String()).Draw(t, "item")
		return &Quarantined{
			Source: s("source"), Reason: s("reason"), Detail: s("detail"), Against: position(t), By: s("by"), ID: s("id"), Item: json.RawMessage(item),
		}
	case 3:
		return &Refused{Reason: s("reason"), By: s("by"), Minute: moment(t), N: int64(moment(t))}
	case 4:
		return &City{File: s("file"), Compiled: json.RawMessage(rapid.SampledFrom([]string{``, `{}`, `{ "a" : "<\u2028>" }`, "[\n1]", "{", "\"\xff\""}).Draw(t, "compiled")), By: s("by"), Why: s("why")}
	case 5:
		return &Token{
			ID: s("id"), Name: s("name"), Class: s("class"), Hash: s("hash"), Sources: rapid.SliceOf(text()).Draw(t, "sources"),
			Strict: rapid.Bool().Draw(t, "strict"), Expires: moment(t), By: s("by"),
		}
	default:
		line := rapid.SampledFrom([]string{`{"kind":"storm"}`, `{"kind":"storm","a":"` + "\xff" + `"}`, `{"kind":"reading"}`, `{"kind":"storm"`, "{\"kind\":\"storm\",\n\"a\":1}", `x`}).Draw(t, "line")
		return &Unknown{Name: Kind(rapid.SampledFrom([]string{"storm", "reading", ""}).Draw(t, "name")), Line: []byte(line)}
	}
}

func anyAct(t *rapid.T) *Act {
	s := func(name string) string { return text().Draw(t, name) }
	a := &Act{
		ID: s("id"), Do: Verb(s("do")), On: s("on"), Expects: int64(moment(t)), At: moment(t), By: s("by"), From: s("from"), To: s("to"),
		Note: s("note"), Hash: s("hash"), Ends: moment(t),
	}
	if rapid.Bool().Draw(t, "of a person") {
		a.Person = &Profile{Login: s("login"), Name: s("name"), Role: city.Role(s("role")), Lang: s("lang")}
		for range rapid.IntRange(0, 2).Draw(t, "departments") {
			a.Person.Departments = append(a.Person.Departments, city.DepartmentID(s("department")))
		}
	}
	if rapid.Bool().Draw(t, "of a token") {
		a.Token = &Grant{Name: s("name"), Class: s("class"), Opens: rapid.SliceOf(text()).Draw(t, "opens"), Person: s("person")}
	}
	if rapid.Bool().Draw(t, "with a file") {
		a.File = &File{SHA256: s("sha256"), Type: s("type"), Bytes: int64(moment(t)), Width: rapid.Int().Draw(t, "width"), Height: rapid.Int().Draw(t, "height")}
	}
	return a
}

func TestWhateverIsEncodedIsReadBackAsEncodeSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntry(t)
		line, back, err := Encode(nil, e)
		if err != nil {
			return
		}
		if bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Fatalf("not one line: %q", line)
		}
		got, err := Parse(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if d := cmp.Diff(back, got); d != "" {
			t.Fatalf("(-Encode +Parse):\n%s", d)
		}
		again, twice, err := Encode(nil, got)
		if err != nil || byHand(got) && !bytes.Equal(again, line) {
			t.Fatalf("%q is written again as %q, %v", line, again, err)
		}
		if d := cmp.Diff(got, twice); d != "" {
			t.Fatalf("(-once +twice):\n%s", d)
		}
		if _, unknown := got.(*Unknown); !json.Valid(line) || !unknown && !utf8.Valid(line) {
			t.Fatalf("no JSON in UTF-8: %q", line)
		}
	})
}

// byHand reports whether e has one spelling only. The JSON library, which writes
// the others, escapes U+FFFD where it replaces broken text, and else does not.
func byHand(e Entry) bool {
	switch e.(type) {
	case *City, *Token, *TokenRevoked, *Act:
		return false
	default:
		return true
	}
}

func TestAnOrdinaryEntryIsHandedBackItself(t *testing.T) {
	for _, entries := range batches() {
		for _, e := range entries {
			line, back, err := Encode(nil, e)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(e, back); d != "" {
				t.Errorf("%s (-want +got):\n%s", line, d)
			}
			switch e.(type) {
			case *Reading, *Event:
				if back != e {
					t.Errorf("%s was read back for nothing", line)
				}
			}
		}
	}
}

func TestEncodeRefusesWhatDoesNotReadBack(t *testing.T) {
	for name, e := range map[string]Entry{
		"no entry at all":        nil,
		"value of 19 digits":     &Reading{Source: "a", V: 1e18},
		"time of 19 digits":      &Event{Source: "a", At: -1e18},
		"position without batch": &Quarantined{Against: Position{0, 1}, Item: json.RawMessage(`1`)},
		"item that is no JSON":   &Quarantined{Item: json.RawMessage(`{`)},
		"no item":                &Quarantined{},
		"two lines":              &Unknown{Name: "storm", Line: []byte("{\"kind\":\"storm\"}\n")},
		"another kind":           &Unknown{Name: "storm", Line: []byte(`{"kind":"calm"}`)},
		"unknown, but broken":    &Unknown{Name: "storm", Line: []byte(`{"kind":"storm"`)},
		"beyond 8 MB":            &Refused{Reason: strings.Repeat("a", MaxEntry)},
	} {
		if line, _, err := Encode(nil, e); err == nil {
			t.Errorf("%s: %q", name, line)
		} else if e != nil && !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseRefusesWhatIsNotInTheFormOfTheWire(t *testing.T) {
	for _, line := range []string{
		``, `{}`, `null`, `{"kind":1}`, `{"kind":"reading"}`, `{"kind":"storm"`, `{"kind":"storm"} x`,
		`{"kind":"reading","source":"a","at":5,"v":1} `,
		`{"kind":"reading","source":"a","at":5,"v":1,"v":2}`,
		`{"kind":"reading","source":"a","v":1,"at":5}`,
		`{"kind":"reading","source":"a","at":5,"v":1.5}`,
		`{"kind":"reading","source":"a","at":5,"v":01}`,
		`{"kind":"reading","source":"a","at":5,"v":"1"}`,
		`{"kind":"reading","source":"a","from":5,"v":1}`,
		`{"kind":"reading","source":"a,"at":5,"v":1}`,
		`{"kind":"reading","source":"a\x","at":5,"v":1}`,
		`{"kind":"reading","source":"a\","at":5,"v":1}`,
		`{"kind":"reading","source":"a","at":5,"v":1,"late":0}`,
		`{"kind":"reading","source":"a","at":5,"v":1,"late":9000000001}`,
		`{"kind":"reading","source":"a","at":5,"v":1,"revises":"0.1"}`,
		`{"kind":"event","source":"a","at":5,"v":1}`,
		`{"kind":"quarantined","source":"a","item":}`,
		`{"kind":"quarantined","source":"a","item":1`,
		`{"kind":"quarantined","source":"a"}`,
		`{"kind":"refused","reason":"a","minute":1}`,
		`{"kind":"token","id":"a","surprise":1}`,
		`{"kind":"token","id":"a"}}`,
		`{"kind":"token","id":"a"}]`,
		`{"kind":"token"}x,"id":"a"}`,
		`{"kind":"token"}`,
	} {
		if e, err := Parse([]byte(line)); err == nil {
			t.Errorf("%s: %+v", line, e)
		}
	}
}

func TestAnUnknownKindIsKeptAsItIs(t *testing.T) {
	line := []byte(`{"kind":"storm","beaufort":9, "at" : null}` + "\n")
	e, err := Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	if e.Kind() != "storm" {
		t.Errorf("kind %q", e.Kind())
	}
	if got, err := Append(nil, e); err != nil || !bytes.Equal(got, line) {
		t.Errorf("%q, %v", got, err)
	}
	line[2] = 'X' // the entry shares nothing with the line
	if got := e.(*Unknown).Line; got[2] != 'k' {
		t.Errorf("the entry changed: %s", got)
	}
}

func TestIdentityAndContent(t *testing.T) {
	zone, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		t.Fatal(err)
	}
	at := city.At(start)
	reading := Reading{Source: "a", From: at, To: at + 900, V: 3, By: "x", ID: "1", Late: time.Hour}
	if id, ok := IdentityOf(&reading, zone); !ok || id != (Identity{Source: "a", At: at}) {
		t.Errorf("identity of a reading: %+v, %t", id, ok)
	}
	event := Event{Source: "a", At: at, ID: "9", State: "opened", V: 1, Category: "litter", By: "x"}
	day := city.DateOf(2027, 3, 21)
	if id, ok := IdentityOf(&event, zone); !ok || id != (Identity{Source: "a", Date: day, ID: "9", State: "opened"}) {
		t.Errorf("identity of an event: %+v, %t", id, ok)
	}
	late := event
	late.At += 14 * 3600 // 00:00 of the next day in Isfahan is 20:30 UTC
	if id, _ := IdentityOf(&late, zone); id.Date != day+1 {
		t.Errorf("date %s, want the city's next day", id.Date)
	}
	if _, ok := IdentityOf(&Refused{}, zone); ok {
		t.Error("a count of refusals has an identity")
	}
	otherSender, otherValue, otherCategory := reading, reading, event
	otherSender.By, otherSender.ID, otherSender.Late = "y", "2", 0
	otherValue.V++
	otherCategory.Category = "water"
	for _, tc := range []struct {
		a, b Entry
		want bool
	}{
		{&reading, &otherSender, true},
		{&reading, &otherValue, false},
		{&reading, &event, false},
		{&event, &reading, false},
		{&event, &otherCategory, false},
		{&event, &event, true},
		{&Refused{}, &Refused{}, false},
	} {
		if got := SameContent(tc.a, tc.b); got != tc.want {
			t.Errorf("%+v and %+v: same %t", tc.a, tc.b, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, entries := range batches() {
		for _, e := range entries {
			line, err := Append(nil, e)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := Parse(line)
		if err != nil {
			return
		}
		once, back, err := Encode(nil, e)
		if err != nil {
			return // such as two lines of an unknown kind, which no batch can hold
		}
		again, twice, err := Encode(nil, back)
		if err != nil || byHand(back) && !bytes.Equal(once, again) {
			t.Fatalf("%q is written as %q, then as %q, %v", line, once, again, err)
		}
		if d := cmp.Diff(back, twice); d != "" {
			t.Fatalf("%q (-once +twice):\n%s", line, d)
		}
	})
}

func BenchmarkEncodeReading(b *testing.B) {
	e := &Reading{Source: "khaju/in", From: 1, To: 901, V: 412, By: "t1", ID: "a-17"}
	buf := make([]byte, 0, 1<<20)
	for b.Loop() {
		if _, _, err := Encode(buf[:0], e); err != nil {
			b.Fatal(err)
		}
	}
}
