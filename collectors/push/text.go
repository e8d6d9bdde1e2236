package push

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// invalidUTF8 returns the place of the first byte that is not UTF-8, or -1.
func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// quoted reads a JSON string; the scanner stands on its opening quote. Without
// escapes the result is a piece of the one copy of the body.
func (s *scanner) quoted() (string, bool) {
	s.pos++
	from := s.pos
	for i := from; i < len(s.body); i++ {
		switch c := s.body[i]; {
		case c == '"':
			s.pos = i + 1
			return s.copy[from:i], true
		case c == '\\':
			return s.escaped(from)
		case c < 0x20:
			return "", s.fail(i, `broken JSON: a control character in a string; write it as \u%04x`, c)
		}
	}
	return "", s.fail(from-1, "broken JSON: a string without its closing quote")
}

// escaped reads a string that has escapes; from is its first byte.
func (s *scanner) escaped(from int) (string, bool) {
	var text []byte
	for i := from; i < len(s.body); {
		switch c := s.body[i]; {
		case c == '"':
			s.pos = i + 1
			return string(text), true
		case c < 0x20:
			return "", s.fail(i, `broken JSON: a control character in a string; write it as \u%04x`, c)
		case c != '\\':
			text = append(text, c)
			i++
		default:
			r, n := escape(s.body[i:])
			switch n {
			case 0:
				return "", s.fail(i, `broken JSON: unknown escape; want one of \" \\ \/ \b \f \n \r \t \u0041`)
			case -1:
				return "", s.fail(i, "half of a surrogate pair; send both halves, or the character itself as UTF-8")
			}
			text = utf8.AppendRune(text, r)
			i += n
		}
	}
	return "", s.fail(from-1, "broken JSON: a string without its closing quote")
}

// escape reads one escape and returns its rune and length: 0 for none, -1 for a
// lone surrogate.
func escape(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), b[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	r, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, ok := hex4(b[6:])
	if !ok {
		return 0, -1
	}
	if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
		return pair, 12
	}
	return 0, -1
}

// hex4 reads \uXXXX at the start of b.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// appendString appends s as a JSON string; what is not UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
