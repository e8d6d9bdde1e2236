package push_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/collectors/push"
	"rasad/entry"
)

func TestEveryFieldOfACaseIsRead(t *testing.T) {
	items, err := push.DecodeCases([]byte(`{"cases":[
 {"source":"litter","id":"137-1","kind":"report","category":"litter","place":"bridge","event":"opened","at":"2026-03-21T09:15:00+03:30"},
 {"value":12.5,"unit":"minute","at":"2026-03-21T05:45:00Z","event":"done","kind":"service","id":"s-1","source":"minutes"}]}`))
	at := city.At(time.Date(2026, 3, 21, 5, 45, 0, 0, time.UTC))
	want := []entry.Item{
		{Source: "litter", From: at, To: at, Number: "1", ID: "137-1", Kind: "event", Event: &entry.Happening{State: "opened", Case: "report", Category: "litter", Place: "bridge"}},
		{Source: "minutes", From: at, To: at, Number: "12.5", ID: "s-1", Unit: "minute", Kind: "event", Event: &entry.Happening{State: "done", Case: "service"}},
	}
	if diff := cmp.Diff(want, items); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if items, err := push.DecodeCases([]byte(`{"cases":[]}`)); err != nil || len(items) != 0 {
		t.Errorf("an empty list: %v, %v", items, err)
	}
}

// kase returns a body whose one case has the fields f.
func kase(f string) string { return `{"cases":[{` + f + "}]}" }

func TestTheFirstFaultOfCasesIsNamedWithItsPlaceAndCure(t *testing.T) {
	const most = `"source":"s","id":"a","kind":"report","event":"opened"`
	const at = `,"at":"2026-03-21T09:00:00Z"`
	for _, tc := range []struct{ name, body, want string }{
		{"empty", "", `line 1, column 1: the body ends here; the body must be an object: {"cases":[…]}`},
		{"bom", "\uFEFF{}", "starts with a byte order mark"},
		{"no cases", "{}", `line 1, column 2: no "cases"; want {"cases":[…]}`},
		{"readings", `{"readings":[]}`, `line 1, column 2: unknown field "readings"; want "cases"`},
		{"cases twice", `{"cases":[],"cases":[]}`, `field "cases" stands twice; send it once`},
		{"no list", `{"cases":{}}`, `"cases" must be a list`},
		{"no object", `{"cases":[7]}`, `cases[0]: a case must be an object`},
		{"trailing", `{"cases":[]} {}`, "more behind the end of the body"},
		{"torn", `{"cases":[{"source":"s"`, "cases[0]: the body ends in the middle"},
		{"second case", kase(most+at+"},\n{"+most) + "", `line 2, column 1: cases[1]: no "at"; say when it happened`},
		{"typo", kase(most + at + `,"categry":"x"`), `cases[0]: unknown field "categry"; want source, id, kind, category, place, event, at, value, unit`},
		{"a slot", kase(most + `,"from":"2026-03-21T09:00:00Z"`), `unknown field "from"`},
		{"case variant", kase(most + at + `,"Place":"x"`), `unknown field "Place"; write it in lower case: "place"`},
		{"the word of readings", kase(`"case":"report"`), `unknown field "case"`},
		{"a revision", kase(most + at + `,"revises":"1.0"`), `unknown field "revises"`},
		{"twice", kase(most + `,"id":"b"`), `field "id" stands twice`},
		{"no source", kase(`"id":"a"`), `no "source"`},
		{"empty source", kase(`"source":"","id":"a"`), `no "source"`},
		{"no id", kase(`"source":"s","kind":"report"`), `no "id"; send the id that the case has at its source`},
		{"no kind", kase(`"source":"s","id":"a"`), `no "kind"; want one of report, work, service, inspection`},
		{"no event", kase(`"source":"s","id":"a","kind":"report"` + at), `no "event"; say what happened`},
		{"no time", kase(most), `no "at"`},
		{"local time", kase(most + `,"at":"2026-03-21T09:00:00"`), `"at" is a local time`},
		{"quoted number", kase(most + at + `,"value":"1"`), `"value" is a string`},
		{"null", kase(most + at + `,"place":null`), `"place" is null; leave the field out`},
		{"Persian digits", kase(most + at + `,"value":۱`), "use Latin digits"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			items, err := push.DecodeCases([]byte(tc.body))
			if items != nil || !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("DecodeCases = %d items, %v\nwant an error with %s", len(items), err, tc.want)
			}
		})
	}
}

func TestNoPartOfABodyOfCasesIsTaken(t *testing.T) {
	for i := range len(push.SampleCases) {
		if items, err := push.DecodeCases([]byte(push.SampleCases[:i])); err == nil || items != nil {
			t.Fatalf("the first %d bytes are taken: %v", i, items)
		}
	}
	if items, err := push.DecodeCases([]byte(push.SampleCases)); err != nil || len(items) != 2 {
		t.Errorf("the whole: %d items, %v", len(items), err)
	}
}

// What is read of cases is what the standard library reads of them, and what the
// door for readings reads of the same events.
func TestCasesAreReadAsTheStandardLibraryReadsThem(t *testing.T) {
	keys := []string{"source", "id", "kind", "category", "place", "event", "at", "value", "unit"}
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		var list []map[string]any
		right := true
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			c := map[string]any{}
			for _, k := range keys {
				if optional := slices.Contains([]string{"category", "place", "value", "unit"}, k); rapid.IntRange(0, 19).Draw(t, k+"?") < 19 && (!optional || rapid.Bool().Draw(t, k)) {
					c[k] = rapid.StringN(1, 9, -1).Draw(t, k)
				}
			}
			if c["at"] != nil {
				c["at"] = time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "second"), 0).UTC().Format(time.RFC3339)
			}
			if c["value"] != nil {
				c["value"] = rapid.IntRange(-99, 99).Draw(t, "number")
			}
			for _, k := range []string{"source", "id", "kind", "event", "at"} {
				right = right && c[k] != nil
			}
			list = append(list, c)
		}
		if list == nil {
			list = []map[string]any{}
		}
		body, err := json.Marshal(map[string]any{"cases": list})
		if err != nil {
			t.Fatal(err)
		}
		got, err := push.DecodeCases(body)
		if right != (err == nil) {
			t.Fatalf("%s: %v", body, err)
		}
		if err != nil {
			return
		}
		taken += len(got)
		for i, c := range list {
			text := func(k string) string { s, _ := c[k].(string); return s }
			want := entry.Item{
				Source: text("source"), ID: text("id"), Unit: text("unit"), Kind: "event", Number: "1",
				Event: &entry.Happening{State: text("event"), Case: text("kind"), Category: text("category"), Place: text("place")},
			}
			if c["value"] != nil {
				want.Number = fmt.Sprint(c["value"])
			}
			at, err := time.Parse(time.RFC3339, text("at"))
			if err != nil {
				t.Fatal(err)
			}
			want.From, want.To = city.At(at), city.At(at)
			if diff := cmp.Diff(want, got[i]); diff != "" {
				t.Fatalf("%s\n%s", body, diff)
			}
		}
		again, err := push.Decode(push.Append(nil, got))
		for i := range again {
			again[i].Raw = nil
		}
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Fatalf("as readings: %v\n%s", err, diff)
		}
	})
	if taken == 0 {
		t.Error("no case was taken")
	}
}

// What DecodeCases takes is JSON for the standard library, and a body of readings
// can say the same.
func FuzzDecodeCases(f *testing.F) {
	f.Add([]byte(push.SampleCases))
	f.Add([]byte(kase(`"source":"s","id":"a\u0041","kind":"","event":"x","at":"2026-03-21T09:00:00Z"`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		items, err := push.DecodeCases(body)
		if err != nil {
			if !errors.Is(err, city.ErrInvalid) || len(err.Error()) > 1000 {
				t.Errorf("error: %v", err)
			}
			return
		}
		if !json.Valid(body) {
			t.Errorf("taken, but not JSON: %q", body)
		}
		again, err := push.Decode(push.Append(nil, items))
		if err != nil {
			t.Fatalf("not read back: %v", err)
		}
		for i := range again {
			again[i].Raw = nil
		}
		if diff := cmp.Diff(items, again); diff != "" {
			t.Error(diff)
		}
	})
}
