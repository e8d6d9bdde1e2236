package file

import (
	"testing"

	"github.com/goccy/go-yaml/lexer"
)

func TestTheGuardCountsWhatLacksAValueAndNothingElse(t *testing.T) {
	for src, want := range map[string]int{
		"a: b\nc: d\n":                     0,
		"a:\n  b: c\n":                     0,
		"a:\n- b\n- c\n":                   0,
		"a:\n  - b\n  - c: d\n    e: f\n":  0,
		"a: |\n  text\nb: >-\n  more\n":    0,
		"a: # remark\n  b: c # remark\n":   0,
		"a:\n  # remark\n  - b\n":          0,
		"a: 'two\n  lines'\nb: plain\n  x": 0,
		"a: [b, c,\n  d]\nb: {c: d, e: f}": 0,
		"a: [b, c, ]\nb: {c: d, }":         0,
		"a: [{b: c}, [d], [], {}]":         0,
		"a: {b: {c: d}, e: [f, {g: h}]}":   0,
		"a:\n":                             1,
		"a:\nb: c":                         1,
		"a: # remark\nb: c":                1,
		"a:\n  b:\nc:\n":                   2,
		"-\n- a\n-\n":                      2,
		"a: {b, c: d, e:}":                 2,
		"a: [,,]":                          1,
		"a: {b: , c: }":                    2,
		"a: {b}":                           1,
		"a:\n  -\n  - b:\n":                2,
	} {
		tokens := lexer.Tokenize(src)
		var g guard
		for i := range tokens {
			if message := g.see(tokens, i); message != "" {
				t.Errorf("%q: %s", src, message)
			}
		}
		if g.empty != want {
			t.Errorf("%q: %d values are missing, want %d", src, g.empty, want)
		}
	}
}

func TestTheNearestWordIsNamedWhereOneIsNear(t *testing.T) {
	known := []string{"visits", "vehicles", "unit", "fa"}
	for got, want := range map[string]string{
		"visit":      `: did you mean "visits"?`,
		"vsiits":     `: did you mean "visits"?`,
		"vehicle":    `: did you mean "vehicles"?`,
		"units":      `: did you mean "unit"?`,
		"fr":         `: did you mean "fa"?`,
		"xy":         "",
		"litter":     "",
		"passengers": "",
	} {
		if hint := nearest(got, known); hint != want {
			t.Errorf("nearest(%q) = %q, want %q", got, hint, want)
		}
	}
}

func TestADistanceIsTheNumberOfLettersThatChange(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"kitten", "sitting", 3},
	} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
