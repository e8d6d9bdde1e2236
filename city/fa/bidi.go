package fa

import "strings"

// Isolates keep a piece of text from reordering the sentence around it.
const (
	lri = "\u2066" // left to right
	rli = "\u2067" // right to left
	fsi = "\u2068" // by its own first letter
	pdi = "\u2069" // the end of any of them
	alm = "\u061C" // makes the digits behind it Arabic ones to the bidi algorithm
)

// Isolate wraps a name or a sentence, of whichever script, so that it stands in
// one piece in a sentence of the other direction.
func Isolate(s string) string { return fsi + s + pdi }

// Figure writes a number as Number does, in one piece for a sentence of lang.
func Figure(number, lang string) string {
	return lri + Number(number, lang) + pdi
}

// Percent writes a number of percent in one piece for a sentence of lang: the sign
// stands on the left of the digits in Persian, wherever the number stands. Without
// the mark in front it would change sides with the letters around it; a negative
// number needs the opposite.
func Percent(number, lang string) string {
	text := Number(number, lang)
	switch {
	case lang != "fa":
		return lri + text + "%" + pdi
	case strings.HasPrefix(number, "-"):
		return lri + text + string(PercentSign) + pdi
	default:
		return rli + alm + text + string(PercentSign) + pdi
	}
}
