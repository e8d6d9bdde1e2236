package entry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"rasad/city"
)

// Encode appends e as a line, newline included, and returns the entry as a reader
// of that line gets it: e itself, or e put into the form that the wire has for it
// (whole seconds, valid UTF-8). An entry that could not be read back is refused
// with an error that wraps ErrInvalid: one such line would stop every follower.
func Encode(b []byte, e Entry) (lines []byte, back Entry, err error) {
	from := len(b)
	b, err = Append(b, e)
	if err != nil {
		return nil, nil, err
	}
	if exact(e) {
		return b, e, nil
	}
	if back, err = Parse(b[from:]); err != nil {
		return nil, nil, fmt.Errorf("%w %s entry: it does not read back: %w", city.ErrInvalid, e.Kind(), err)
	}
	return b, back, nil
}

// exact reports whether e is sure to be read back as it is. It may say no for
// entries that are, but never yes for one that is not.
func exact(e Entry) bool {
	switch e := e.(type) {
	case *Reading:
		return short(int64(e.From)) && short(int64(e.To)) && short(int64(e.V)) && lateFits(e.Late) &&
			(e.Revises.IsZero() || e.Revises.Batch > 0) &&
			utf8.ValidString(string(e.Source)) && utf8.ValidString(e.By) && utf8.ValidString(e.ID) &&
			utf8.ValidString(e.Reason) && utf8.ValidString(e.Quality)
	case *Event:
		return short(int64(e.At)) && short(int64(e.V)) && lateFits(e.Late) &&
			utf8.ValidString(string(e.Source)) && utf8.ValidString(e.ID) && utf8.ValidString(e.State) &&
			utf8.ValidString(e.Case) && utf8.ValidString(e.Category) &&
			utf8.ValidString(string(e.Place)) && utf8.ValidString(e.By)
	default:
		return false
	}
}

// short reports whether n has at most the digits that a cursor reads.
func short(n int64) bool { return -1e18 < n && n < 1e18 }

func lateFits(d time.Duration) bool {
	return d == 0 || d > 0 && d%time.Second == 0 && d <= maxLateSeconds*time.Second
}

// Append appends e as a line, newline included.
func Append(b []byte, e Entry) ([]byte, error) {
	from := len(b)
	switch e := e.(type) {
	case *Reading:
		b = appendReading(b, e)
	case *Event:
		b = appendEvent(b, e)
	case *Quarantined:
		b = append(b, `{"kind":"quarantined","source":`...)
		b = appendString(b, e.Source)
		b = appendText(b, `,"reason":`, e.Reason)
		b = appendText(b, `,"detail":`, e.Detail)
		if !e.Against.IsZero() {
			b = appendText(b, `,"against":`, e.Against.String())
		}
		b = appendText(b, `,"by":`, e.By)
		b = appendText(b, `,"id":`, e.ID)
		b = append(b, `,"item":`...)
		var item bytes.Buffer
		if err := json.Compact(&item, e.Item); err != nil {
			return nil, fmt.Errorf("%w quarantined item: %w", city.ErrInvalid, err)
		}
		b = append(append(b, bytes.ToValidUTF8(item.Bytes(), []byte("\uFFFD"))...), '}')
	case *Refused:
		b = append(b, `{"kind":"refused","reason":`...)
		b = appendString(b, e.Reason)
		b = appendText(b, `,"by":`, e.By)
		b = appendNumber(b, `,"minute":`, int64(e.Minute))
		b = append(appendNumber(b, `,"n":`, e.N), '}')
	case *City, *Token, *TokenRevoked, *Act:
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			return nil, fmt.Errorf("encode %s: %w", e.Kind(), err)
		}
		b = append(b, `{"kind":"`...)
		b = append(append(b, e.Kind()...), `",`...)
		b = append(b, bytes.ToValidUTF8(bytes.TrimRight(buf.Bytes()[1:], "\n"), []byte("\uFFFD"))...)
	case *Unknown:
		if bytes.IndexByte(e.Line, '\n') >= 0 || KindOf(e.Line) != e.Name {
			return nil, fmt.Errorf("%w %s entry: not one line of that kind", city.ErrInvalid, e.Name)
		}
		b = append(b, e.Line...)
	default:
		return nil, fmt.Errorf("encode entry: no wire form for %T", e)
	}
	if n := len(b) - from; n > MaxEntry {
		return nil, fmt.Errorf("%w %s entry: %d bytes, at most %d fit", city.ErrInvalid, e.Kind(), n, MaxEntry)
	}
	return append(b, '\n'), nil
}

func appendReading(b []byte, r *Reading) []byte {
	b = append(b, `{"kind":"reading","source":`...)
	b = appendString(b, string(r.Source))
	if r.From == r.To {
		b = appendNumber(b, `,"at":`, int64(r.From))
	} else {
		b = appendNumber(b, `,"from":`, int64(r.From))
		b = appendNumber(b, `,"to":`, int64(r.To))
	}
	b = appendNumber(b, `,"v":`, int64(r.V))
	b = appendText(b, `,"by":`, r.By)
	b = appendText(b, `,"id":`, r.ID)
	if r.Late > 0 {
		b = appendNumber(b, `,"late":`, int64(r.Late/time.Second))
	}
	if !r.Revises.IsZero() {
		b = appendText(b, `,"revises":`, r.Revises.String())
	}
	b = appendText(b, `,"reason":`, r.Reason)
	b = appendText(b, `,"quality":`, r.Quality)
	return append(b, '}')
}

func appendEvent(b []byte, e *Event) []byte {
	b = append(b, `{"kind":"event","source":`...)
	b = appendString(b, string(e.Source))
	b = appendNumber(b, `,"at":`, int64(e.At))
	b = append(b, `,"id":`...)
	b = appendString(b, e.ID)
	b = appendNumber(b, `,"v":`, int64(e.V))
	b = appendText(b, `,"state":`, e.State)
	b = appendText(b, `,"case":`, e.Case)
	b = appendText(b, `,"category":`, e.Category)
	b = appendText(b, `,"place":`, string(e.Place))
	b = appendText(b, `,"by":`, e.By)
	if e.Late > 0 {
		b = appendNumber(b, `,"late":`, int64(e.Late/time.Second))
	}
	return append(b, '}')
}

func appendNumber(b []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(b, key...), n, 10)
}

// appendText appends key and s, or nothing where s is empty.
func appendText(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	return appendString(append(b, key...), s)
}

// appendString appends s as a JSON string: invalid UTF-8 becomes U+FFFD, and
// nothing but quotes, backslashes and controls is escaped.
func appendString(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	from := 0 // s[from:i] needs no change and is still to be copied
	for i := 0; i < len(s); {
		ch := s[i]
		if ch < utf8.RuneSelf && ch >= 0x20 && ch != '"' && ch != '\\' {
			i++
			continue
		}
		if ch >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = utf8.AppendRune(append(b, s[from:i]...), r)
				from = i + n
			}
			i += n
			continue
		}
		b = append(b, s[from:i]...)
		if ch < 0x20 {
			b = append(b, '\\', 'u', '0', '0', digits[ch>>4], digits[ch&15])
		} else {
			b = append(b, '\\', ch)
		}
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}
