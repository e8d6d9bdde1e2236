package figures

import (
	"strings"
	"unicode"
)

const nonJoiner = '\u200C'

// plain returns s as one line without controls and invisible characters, which a
// newspaper would print and a spreadsheet hide; the non-joiner of Persian stays.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r == nonJoiner:
			return r
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
