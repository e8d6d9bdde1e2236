package push

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"rasad/city"
)

// A scanner walks a body once. The first fault stops it.
type scanner struct {
	form  *form
	body  []byte
	copy  string // of body: the items' texts are pieces of it
	pos   int
	index int // of the member that is being read, -1 outside

	at    int // where the fault is, in bytes
	cause string
}

// fail notes a fault and returns false, so that callers can return it.
func (s *scanner) fail(at int, format string, args ...any) bool {
	s.at = min(at, len(s.body))
	s.cause = fmt.Sprintf(format, args...)
	return false
}

// fault returns the fault as an error.
func (s *scanner) fault() error {
	before := s.body[:s.at]
	line := 1 + bytes.Count(before, []byte{'\n'})
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	where := ""
	if s.index >= 0 {
		where = fmt.Sprintf("%s[%d]: ", s.form.list, s.index)
	}
	return city.Refuse(city.ErrInvalid, city.Text{
		FA: "بدنهٔ درخواست در سطر %v، ستون %v درست نیست؛ شرح و چارهٔ آن به انگلیسی در cause آمده است",
		EN: "body, line %d, column %d: " + strings.ReplaceAll(where+s.cause, "%", "%%"),
	}, line, column)
}

func (s *scanner) space() {
	for s.pos < len(s.body) {
		switch s.body[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// expect reads the byte want after space, or fails with cure.
func (s *scanner) expect(want byte, cure string) bool {
	s.space()
	if s.pos >= len(s.body) {
		return s.fail(s.pos, "the body ends here; %s", cure)
	}
	if s.body[s.pos] != want {
		return s.fail(s.pos, "%s", cure)
	}
	s.pos++
	return true
}

// next stands before a member of a list or object: it reads the comma, but for
// the first member, or the closing byte.
func (s *scanner) next(closing byte, first bool) (end, ok bool) {
	s.space()
	if s.pos >= len(s.body) {
		return false, s.fail(s.pos, "the body ends in the middle; send it whole")
	}
	if s.body[s.pos] == closing {
		s.pos++
		return true, true
	}
	if first {
		return false, true
	}
	if s.body[s.pos] != ',' {
		if cure := foreignDigit(s.body[s.pos:]); cure != "" {
			return false, s.fail(s.pos, "%s", cure)
		}
		return false, s.fail(s.pos, "broken JSON: want , or %c", closing)
	}
	s.pos++
	s.space()
	if s.pos < len(s.body) && s.body[s.pos] == closing {
		return false, s.fail(s.pos, "broken JSON: a comma before %c; leave it out", closing)
	}
	return false, true
}

func (s *scanner) key() (string, bool) {
	if s.pos >= len(s.body) || s.body[s.pos] != '"' {
		return "", s.fail(s.pos, "broken JSON: want a field name in double quotes")
	}
	key, ok := s.quoted()
	if !ok || !s.expect(':', "broken JSON: want : behind a field name") {
		return "", false
	}
	return key, true
}

// words reads a string value.
func (s *scanner) words(key string) (string, bool) {
	if s.pos < len(s.body) && s.body[s.pos] == '"' {
		return s.quoted()
	}
	if s.isNull() {
		return "", s.fail(s.pos, "%q is null; leave the field out", key)
	}
	return "", s.fail(s.pos, "%q must be a string in double quotes", key)
}

func (s *scanner) isNull() bool {
	return len(s.body)-s.pos >= 4 && string(s.body[s.pos:s.pos+4]) == "null"
}

// number reads a JSON number and keeps it as text.
func (s *scanner) number(key string) (string, bool) {
	if s.pos < len(s.body) && s.body[s.pos] == '"' {
		return "", s.fail(s.pos, "%q is a string; send the number without quotes, such as 12.5", key)
	}
	if s.isNull() {
		return "", s.fail(s.pos, "%q is null; leave the reading out where there is no value", key)
	}
	end, cure := scanNumber(s.body, s.pos)
	if cure != "" {
		return "", s.fail(end, "%s", cure)
	}
	text := s.copy[s.pos:end]
	s.pos = end
	return text, true
}

// scanNumber finds the end of the number at b[pos:], by RFC 8259 section 6. With
// a cure, end is the place of the fault.
func scanNumber(b []byte, pos int) (end int, cure string) {
	const want = "no JSON number; write it like 12 or -3.5, in Latin digits"
	i := pos
	if i < len(b) && b[i] == '-' {
		i++
	}
	whole := i
	i = digits(b, i)
	if i == whole {
		if cure := foreignDigit(b[min(i, len(b)):]); cure != "" {
			return i, cure
		}
		return pos, want
	}
	if b[whole] == '0' && i > whole+1 {
		return whole, "no JSON number; write it without leading zeros"
	}
	if i < len(b) && b[i] == '.' {
		from := i + 1
		if i = digits(b, from); i == from {
			return from, want
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		from := i
		if i = digits(b, from); i == from {
			return from, want
		}
	}
	if i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
		default:
			if cure := foreignDigit(b[i:]); cure != "" {
				return i, cure
			}
			return i, want
		}
	}
	return i, ""
}

func digits(b []byte, i int) int {
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	return i
}

// foreignDigit returns a cure where b starts with a Persian or Arabic digit, or
// one of the separators that go with them.
func foreignDigit(b []byte) string {
	r, _ := utf8.DecodeRune(b)
	switch {
	case '۰' <= r && r <= '۹', '٠' <= r && r <= '٩', r == '٫', r == '٬':
		return "Persian or Arabic digits are no JSON number; use Latin digits and a dot"
	}
	return ""
}

func quote(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
