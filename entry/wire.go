package entry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rasad/city"
)

// ErrVersion says that a batch was written by a newer Rasad: nothing may be
// guessed from it.
var ErrVersion = errors.New("unknown version of the wire form")

// A Hash is the SHA-256 of a batch's header line, its newline included. Since the
// header holds the hash of the body and of the batch before, one hash vouches for
// all that went before it.
type Hash [sha256.Size]byte

// String returns h in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// A Header is the first line of a batch on the wire.
type Header struct {
	Number  uint64
	At      time.Time // whole milliseconds
	Entries int
	Bytes   int  // of the body: all entry lines with their newlines
	Body    Hash // SHA-256 of the body
	Prev    Hash // of the batch before; all zeros for the first
}

const timeForm = "2006-01-02T15:04:05.000Z"

// AppendHeader appends h as a line, newline included.
func AppendHeader(b []byte, h Header) []byte {
	b = append(b, `{"v":1,"batch":`...)
	b = strconv.AppendUint(b, h.Number, 10)
	b = append(b, `,"at":"`...)
	b = h.At.UTC().AppendFormat(b, timeForm)
	b = append(b, `","entries":`...)
	b = strconv.AppendInt(b, int64(h.Entries), 10)
	b = append(b, `,"bytes":`...)
	b = strconv.AppendInt(b, int64(h.Bytes), 10)
	b = append(b, `,"body":"`...)
	b = hex.AppendEncode(b, h.Body[:])
	b = append(b, `","prev":"`...)
	b = hex.AppendEncode(b, h.Prev[:])
	return append(b, "\"}\n"...)
}

// ParseHeader reads a header line, with or without its newline. It returns an
// error wrapping ErrVersion for a version that it does not know.
func ParseHeader(line []byte) (Header, error) {
	c := cursor{rest: line}
	if v := c.after(`{"v":`).integer(); !c.failed && v != Version {
		return Header{}, fmt.Errorf("%w: %d, this Rasad reads %d", ErrVersion, v, Version)
	}
	var h Header
	h.Number = uint64(c.after(`,"batch":`).integer())
	at := c.after(`,"at":"`).until('"')
	h.Entries = int(c.after(`,"entries":`).integer())
	h.Bytes = int(c.after(`,"bytes":`).integer())
	body := c.after(`,"body":"`).until('"')
	prev := c.after(`,"prev":"`).until('"')
	c.after(`}`)
	t, err := time.Parse(timeForm, string(at))
	_, err1 := hex.Decode(h.Body[:], sized(body))
	_, err2 := hex.Decode(h.Prev[:], sized(prev))
	if c.failed || err != nil || err1 != nil || err2 != nil || len(bytes.TrimRight(c.rest, "\n")) > 0 || h.Entries < 1 || h.Bytes < h.Entries || h.Number < 1 {
		return Header{}, errors.New("parse header: not a header of a batch")
	}
	h.At = t
	return h, nil
}

// sized keeps hex.Decode within a Hash.
func sized(b []byte) []byte {
	if len(b) != 2*sha256.Size {
		return []byte{'x'}
	}
	return b
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
			return nil, fmt.Errorf("encode quarantined item: %w", err)
		}
		b = append(append(b, item.Bytes()...), '}')
	case *Refused:
		b = append(b, `{"kind":"refused","reason":`...)
		b = appendString(b, e.Reason)
		b = appendText(b, `,"by":`, e.By)
		b = appendNumber(b, `,"minute":`, int64(e.Minute))
		b = append(appendNumber(b, `,"n":`, e.N), '}')
	case *City, *Token, *TokenRevoked:
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			return nil, fmt.Errorf("encode %s: %w", e.Kind(), err)
		}
		b = append(b, `{"kind":"`...)
		b = append(append(b, e.Kind()...), `",`...)
		b = append(b, bytes.TrimRight(buf.Bytes()[1:], "\n")...)
	case *Unknown:
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
	b = append(b, `{"kind":"reading","source":"`...)
	b = append(append(b, r.Source...), '"')
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
	b = append(b, `{"kind":"event","source":"`...)
	b = append(append(b, e.Source...), '"')
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
	for i := 0; i < len(s); {
		ch := s[i]
		switch {
		case ch == '"' || ch == '\\':
			b = append(b, '\\', ch)
			i++
		case ch < 0x20:
			b = append(b, '\\', 'u', '0', '0', digits[ch>>4], digits[ch&15])
			i++
		case ch < utf8.RuneSelf:
			b = append(b, ch)
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += n
		}
	}
	return append(b, '"')
}

// KindOf returns the kind of an entry line without reading the rest of it, or ""
// where the line is no entry.
func KindOf(line []byte) Kind {
	c := cursor{rest: line}
	kind := c.after(`{"kind":"`).until('"')
	if c.failed {
		return ""
	}
	return Kind(kind)
}

// Parse reads one entry line, with or without its newline. Strings of the result
// do not share memory with line. An unknown kind becomes an *Unknown.
func Parse(line []byte) (Entry, error) {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	kind := KindOf(line)
	var e Entry
	var err error
	switch kind {
	case "":
		return nil, errors.New("parse entry: not an entry line")
	case KindReading:
		e, err = parseReading(line)
	case KindEvent:
		e, err = parseEvent(line)
	case KindQuarantined:
		e, err = parseQuarantined(line)
	case KindRefused:
		c := cursor{rest: line}
		r := &Refused{Reason: c.after(`{"kind":"refused","reason":`).text()}
		r.By = c.optionalText(`,"by":`)
		r.Minute = city.Moment(c.after(`,"minute":`).integer())
		r.N = c.after(`,"n":`).integer()
		e, err = r, c.end()
	case KindCity:
		e, err = parseJSON(line, &City{})
	case KindToken:
		e, err = parseJSON(line, &Token{})
	case KindTokenRevoked:
		e, err = parseJSON(line, &TokenRevoked{})
	default:
		if !json.Valid(line) {
			return nil, fmt.Errorf("parse %s: broken JSON", kind)
		}
		return &Unknown{Name: kind, Line: bytes.Clone(line)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", kind, err)
	}
	return e, nil
}

func parseReading(line []byte) (*Reading, error) {
	c := cursor{rest: line}
	r := &Reading{Source: city.SourceID(c.after(`{"kind":"reading","source":`).text())}
	if c.try(`,"at":`) {
		r.From = city.Moment(c.integer())
		r.To = r.From
	} else {
		r.From = city.Moment(c.after(`,"from":`).integer())
		r.To = city.Moment(c.after(`,"to":`).integer())
	}
	r.V = city.Steps(c.after(`,"v":`).integer())
	r.By = c.optionalText(`,"by":`)
	r.ID = c.optionalText(`,"id":`)
	if c.try(`,"late":`) {
		r.Late = time.Duration(c.integer()) * time.Second
	}
	if c.try(`,"revises":`) {
		r.Revises = c.position()
	}
	r.Reason = c.optionalText(`,"reason":`)
	r.Quality = c.optionalText(`,"quality":`)
	return r, c.end()
}

func parseEvent(line []byte) (*Event, error) {
	c := cursor{rest: line}
	e := &Event{Source: city.SourceID(c.after(`{"kind":"event","source":`).text())}
	e.At = city.Moment(c.after(`,"at":`).integer())
	e.ID = c.after(`,"id":`).text()
	e.V = city.Steps(c.after(`,"v":`).integer())
	e.State = c.optionalText(`,"state":`)
	e.Case = c.optionalText(`,"case":`)
	e.Category = c.optionalText(`,"category":`)
	e.Place = city.PlaceID(c.optionalText(`,"place":`))
	e.By = c.optionalText(`,"by":`)
	if c.try(`,"late":`) {
		e.Late = time.Duration(c.integer()) * time.Second
	}
	return e, c.end()
}

func parseQuarantined(line []byte) (*Quarantined, error) {
	c := cursor{rest: line}
	q := &Quarantined{Source: c.after(`{"kind":"quarantined","source":`).text()}
	q.Reason = c.optionalText(`,"reason":`)
	q.Detail = c.optionalText(`,"detail":`)
	if c.try(`,"against":`) {
		q.Against = c.position()
	}
	q.By = c.optionalText(`,"by":`)
	q.ID = c.optionalText(`,"id":`)
	c.after(`,"item":`)
	if item, ok := bytes.CutSuffix(c.rest, []byte{'}'}); ok && json.Valid(item) && !c.failed {
		q.Item, c.rest = bytes.Clone(item), []byte{'}'}
	} else {
		c.failed = true
	}
	return q, c.end()
}

func parseJSON[T Entry](line []byte, into T) (T, error) {
	from := bytes.IndexByte(line, ',')
	if from < 0 {
		return into, errors.New("broken JSON")
	}
	d := json.NewDecoder(strings.NewReader("{" + string(line[from+1:])))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return into, err
	}
	if d.More() {
		return into, errors.New("more behind the entry")
	}
	return into, nil
}

// A cursor reads a line whose keys stand in a fixed order. The first thing that
// is not as expected makes it fail, and it stays failed.
type cursor struct {
	rest   []byte
	failed bool
}

func (c *cursor) try(prefix string) bool {
	if c.failed || len(c.rest) < len(prefix) || string(c.rest[:len(prefix)]) != prefix {
		return false
	}
	c.rest = c.rest[len(prefix):]
	return true
}

func (c *cursor) after(prefix string) *cursor {
	if !c.try(prefix) {
		c.failed = true
	}
	return c
}

func (c *cursor) until(end byte) []byte {
	i := bytes.IndexByte(c.rest, end)
	if c.failed || i < 0 {
		c.failed = true
		return nil
	}
	got := c.rest[:i]
	c.rest = c.rest[i+1:]
	return got
}

func (c *cursor) integer() int64 {
	i := 0
	if i < len(c.rest) && c.rest[i] == '-' {
		i++
	}
	var n uint64
	digits := i
	for ; i < len(c.rest) && '0' <= c.rest[i] && c.rest[i] <= '9'; i++ {
		if i-digits >= 18 { // 10¹⁸ is beyond every value and every time
			c.failed = true
			return 0
		}
		n = n*10 + uint64(c.rest[i]-'0')
	}
	if c.failed || i == digits || (c.rest[digits] == '0' && i > digits+1) {
		c.failed = true
		return 0
	}
	negative := c.rest[0] == '-'
	c.rest = c.rest[i:]
	if negative {
		return -int64(n)
	}
	return int64(n)
}

func (c *cursor) text() string {
	if c.failed || len(c.rest) == 0 || c.rest[0] != '"' {
		c.failed = true
		return ""
	}
	for i := 1; i < len(c.rest); i++ {
		switch c.rest[i] {
		case '"':
			s := string(c.rest[1:i])
			c.rest = c.rest[i+1:]
			return s
		case '\\':
			return c.escapedText()
		}
	}
	c.failed = true
	return ""
}

func (c *cursor) escapedText() string {
	for i := 1; i < len(c.rest); i++ {
		switch c.rest[i] {
		case '\\':
			i++
		case '"':
			var s string
			if json.Unmarshal(c.rest[:i+1], &s) != nil {
				c.failed = true
			}
			c.rest = c.rest[i+1:]
			return s
		}
	}
	c.failed = true
	return ""
}

func (c *cursor) optionalText(key string) string {
	if !c.try(key) {
		return ""
	}
	return c.text()
}

func (c *cursor) position() Position {
	p, err := ParsePosition(c.text())
	if err != nil {
		c.failed = true
	}
	return p
}

func (c *cursor) end() error {
	if c.failed || len(c.rest) != 1 || c.rest[0] != '}' {
		return errors.New("fields missing, unknown or out of their order")
	}
	return nil
}

// Seal returns the wire form of a batch: its header line and body, and the hash
// that the next batch carries. body is the lines of its entries.
func Seal(number uint64, at time.Time, entries int, body []byte, prev Hash) (header []byte, hash Hash) {
	header = AppendHeader(nil, Header{
		Number: number, At: at.Truncate(time.Millisecond), Entries: entries,
		Bytes: len(body), Body: sha256.Sum256(body), Prev: prev,
	})
	return header, sha256.Sum256(header)
}

// Open reads the entries of a body whose header is h, after checking it against
// the header's hash and count. want limits the kinds that are read; the others
// become nil entries in their places. No kinds means all.
func Open(h Header, body []byte, want ...Kind) ([]Entry, error) {
	if len(body) != h.Bytes || sha256.Sum256(body) != h.Body {
		return nil, fmt.Errorf("open batch %d: the body does not have the header's hash", h.Number)
	}
	entries := make([]Entry, 0, h.Entries)
	for line := range bytes.Lines(body) {
		if len(want) > 0 && !wanted(line, want) {
			entries = append(entries, nil)
			continue
		}
		e, err := Parse(line)
		if err != nil {
			return nil, fmt.Errorf("open batch %d, entry %d: %w", h.Number, len(entries), err)
		}
		entries = append(entries, e)
	}
	if len(entries) != h.Entries {
		return nil, fmt.Errorf("open batch %d: %d entries, the header says %d", h.Number, len(entries), h.Entries)
	}
	return entries, nil
}

func wanted(line []byte, want []Kind) bool {
	kind := KindOf(line)
	for _, k := range want {
		if k == kind {
			return true
		}
	}
	return false
}
