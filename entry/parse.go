package entry

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"rasad/city"
)

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
	case KindAct:
		e, err = parseJSON(line, &Act{})
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
		r.Late = c.lateness()
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
		e.Late = c.lateness()
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
	rest, ok := bytes.CutPrefix(line, []byte(`{"kind":"`+string(into.Kind())+`",`))
	if !ok {
		return into, errors.New("broken JSON")
	}
	d := json.NewDecoder(strings.NewReader("{" + string(rest)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return into, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
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

// maxLateSeconds is the greatest lateness that a Duration holds, rounded down.
const maxLateSeconds = 9_000_000_000

func (c *cursor) lateness() time.Duration {
	n := c.integer()
	if n < 1 || n > maxLateSeconds {
		c.failed = true
		return 0
	}
	return time.Duration(n) * time.Second
}

// hash reads a hash in hexadecimal and the quote behind it.
func (c *cursor) hash() (h Hash) {
	digits := c.until('"')
	if len(digits) != hex.EncodedLen(len(h)) {
		c.failed = true
		return h
	}
	if _, err := hex.Decode(h[:], digits); err != nil {
		c.failed = true
	}
	return h
}

func (c *cursor) end() error {
	if c.failed || len(c.rest) != 1 || c.rest[0] != '}' {
		return errors.New("fields missing, unknown or out of their order")
	}
	return nil
}
