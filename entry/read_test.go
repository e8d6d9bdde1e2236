package entry

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
)

func TestLinesAreReadAsTheSpecificationSays(t *testing.T) {
	for line, want := range map[string]Entry{
		`{"kind":"reading","source":"a","at":-5,"v":0}`:                                      &Reading{Source: "a", From: -5, To: -5},
		`{"kind":"reading","source":"a","from":5,"to":5,"v":1}`:                              &Reading{Source: "a", From: 5, To: 5, V: 1},
		`{"kind":"reading","source":"a","at":5,"v":999999999999999999}`:                      &Reading{Source: "a", From: 5, To: 5, V: 999999999999999999},
		`{"kind":"reading","source":"\u067e\u0644 \ud834\udd1e\/\n","at":5,"v":1}`:           &Reading{Source: "پل 𝄞/\n", From: 5, To: 5, V: 1},
		`{"kind":"reading","source":"","at":5,"v":1,"by":"x","late":3600,"revises":"12.3"}`:  &Reading{From: 5, To: 5, V: 1, By: "x", Late: time.Hour, Revises: Position{12, 3}},
		`{"kind":"reading","source":"a","at":5,"v":1,"late":9000000000}`:                     &Reading{Source: "a", From: 5, To: 5, V: 1, Late: maxLateSeconds * time.Second},
		`{"kind":"reading","source":"a","at":5,"v":1,"reason":"r","quality":"q"}`:            &Reading{Source: "a", From: 5, To: 5, V: 1, Reason: "r", Quality: "q"},
		`{"kind":"event","source":"a","at":5,"id":"","v":1,"place":"p"}`:                     &Event{Source: "a", At: 5, V: 1, Place: "p"},
		`{"kind":"quarantined","source":"a","against":"1.0","item":{"item":[1,{"item":2}]}}`: &Quarantined{Source: "a", Against: Position{1, 0}, Item: json.RawMessage(`{"item":[1,{"item":2}]}`)},
		`{"kind":"refused","reason":"full","minute":60,"n":2}`:                               &Refused{Reason: "full", Minute: 60, N: 2},
		`{"kind":"city","file":"f","compiled":{"a":1},"by":"b","why":"w"}`:                   &City{File: "f", Compiled: json.RawMessage(`{"a":1}`), By: "b", Why: "w"},
		`{"kind":"token_revoked","id":"t","by":"b"}`:                                         &TokenRevoked{ID: "t", By: "b"},
		`{"kind":"storm"}`: &Unknown{Name: "storm", Line: []byte(`{"kind":"storm"}`)},
	} {
		for _, end := range []string{"", "\n"} {
			got, err := Parse([]byte(line + end))
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", line, d)
			}
			if got.Kind() != KindOf([]byte(line)) {
				t.Errorf("%s: kind %q, by its line %q", line, got.Kind(), KindOf([]byte(line)))
			}
		}
	}
}

func ExampleAppend() {
	line, err := Append(nil, &Reading{Source: "khaju/in", From: 1805609700, To: 1805610600, V: 412, By: "gate-7", Quality: "a \"good\" day"})
	fmt.Printf("%s%v\n", line, err)
	// Output:
	// {"kind":"reading","source":"khaju/in","from":1805609700,"to":1805610600,"v":412,"by":"gate-7","quality":"a \"good\" day"}
	// <nil>
}

func ExampleEncode() {
	_, _, err := Encode(nil, &Reading{Source: "khaju/in", V: city.Steps(1e18)})
	fmt.Println(err)
	// Output:
	// invalid reading entry: it does not read back: parse reading: fields missing, unknown or out of their order
}
