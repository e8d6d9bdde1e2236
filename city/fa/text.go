package fa

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxRunes bounds a text that Clean lets through, in characters.
const MaxRunes = 500

// maxMarks bounds the marks upon one letter: more are drawn over other lines.
const maxMarks = 3

const (
	zwnj    = '\u200C' // joins nothing, takes no room: می‌شود
	tatweel = '\u0640'
)

// Unclean says in words what is wrong with how s is written, "" where nothing is:
// invisible characters that reorder or hide text, and letters of an Arabic
// keyboard that look like Persian ones but are others.
func Unclean(s string) string {
	before := rune(0)
	for _, r := range s {
		switch {
		case letter(r) != r:
			return fmt.Sprintf("holds the Arabic letter %c (U+%04X): write the Persian %c (U+%04X)", r, r, letter(r), letter(r))
		case r == zwnj && !isLetter(before):
			return "holds a zero-width non-joiner (U+200C) that stands behind no Persian letter"
		case r == zwnj:
		case invisible(r):
			return fmt.Sprintf("holds the invisible character U+%04X", r)
		}
		if !unicode.Is(unicode.Mn, r) {
			before = r
		}
	}
	return ""
}

// Clean makes a text from outside harmless: composed (NFC), without controls and
// invisible characters, line breaks and tabs as spaces, a non-joiner only between
// two letters of the Arabic script, at most three marks on a letter, at most
// MaxRunes characters, nothing around it. Its letters stay as they are.
func Clean(s string) string { return clean(s, MaxRunes) }

// Lines is Clean for what a person writes at length: line breaks stay, and nothing is
// cut off. Its bound is for the caller to hold.
func Lines(s string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		b.WriteString(clean(line, len(line)))
		b.WriteByte('\n')
	}
	return strings.Trim(b.String(), "\n")
}

func clean(s string, most int) string {
	seen := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r != zwnj && invisible(r):
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(s, "\uFFFD"))
	in := []rune(norm.NFC.String(withoutStray(seen)))
	out := make([]rune, 0, min(len(in), most))
	marks := 0
	for _, r := range in {
		if unicode.Is(unicode.Mn, r) {
			marks++
		} else {
			marks = 0
		}
		if marks <= maxMarks && len(out) < most {
			out = append(out, r)
		}
	}
	return strings.Trim(string(out), " \u200C")
}

// withoutStray leaves out non-joiners that do not stand between two letters.
func withoutStray(s string) string {
	if !strings.ContainsRune(s, zwnj) {
		return s
	}
	in := []rune(s)
	out := in[:0]
	for i, r := range in {
		if r == zwnj {
			rest := strings.TrimLeft(string(in[i+1:min(i+9, len(in))]), string(zwnj))
			next, _ := utf8.DecodeRuneInString(rest)
			if !joins(out) || !isLetter(next) {
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

// joins reports whether a non-joiner may stand behind s: behind a letter, whatever
// marks it carries.
func joins(s []rune) bool {
	for _, r := range slices.Backward(s) {
		if !unicode.Is(unicode.Mn, r) {
			return isLetter(r)
		}
	}
	return false
}

func isLetter(r rune) bool {
	return unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r)
}

// invisible reports whether r draws nothing or drives what is drawn.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs) ||
		unicode.Is(unicode.Variation_Selector, r)
}

// Letters returns s with the letters of an Arabic keyboard as Persian ones: ي and
// ى as ی, ك as ک.
func Letters(s string) string { return strings.Map(letter, s) }

func letter(r rune) rune {
	switch r {
	case '\u064A', '\u0649':
		return 'ی'
	case '\u0643':
		return 'ک'
	default:
		return r
	}
}

// Key returns the key by which names are compared and searched: two spellings of
// one name, سی‌وسه‌پل and سي و سه پل, give one key. Spaces, non-joiners, marks and
// tatweel are left out, the forms of alef, heh, ye, vav and kaf are one each, digits
// are Latin, letters lower-case. A key is not for reading, and as long as its name.
func Key(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case r == tatweel, unicode.IsSpace(r), invisible(r), unicode.Is(unicode.Mn, r):
			continue
		case r == 'ة', r == 'ە', r == 'ہ', r == 'ھ':
			r = 'ه'
		case r == 'ٱ':
			r = 'ا'
		case r == 'ۍ', r == 'ې':
			r = 'ی'
		case r == 'ء':
			continue
		}
		if d := digit(r); d >= 0 {
			r = '0' + d
		}
		b.WriteRune(unicode.ToLower(letter(r)))
	}
	return b.String()
}
