package replay

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"rasad/city"
	"rasad/city/fa"
	"rasad/entry"
)

// A Row is what one row of a file says. Rows that say nothing (blank values,
// sites that are passed over) have no items.
type Row struct {
	Line  int // in the file, from 1
	Items []entry.Item
}

// A RowError is a row that cannot be used. The rows behind it are still read.
type RowError struct {
	File string
	Line int
	Err  error
}

// Error returns "file:line: what is wrong".
func (e *RowError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e *RowError) Unwrap() error { return e.Err }

// ErrTooMany says that a file was given up for its bad rows.
var ErrTooMany = errors.New("too many bad rows")

// Rows reads a file row by row; name stands in errors. A *RowError belongs to one
// row; any other error is the last thing that comes: the file cannot be read, a
// column is missing, or there were more bad rows than the mapping bears
// (ErrTooMany). The items of a row are in the order of the mapping's columns.
func (m *Mapping) Rows(name string, r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		c := csv.NewReader(r)
		c.Comma = []rune(m.Separator)[0]
		c.FieldsPerRecord = -1
		c.ReuseRecord = true
		for range m.SkipLines {
			if _, err := c.Read(); err != nil && !errors.As(err, new(*csv.ParseError)) {
				yield(Row{}, fmt.Errorf("%s: %w", name, err))
				return
			}
		}
		head, err := c.Read()
		if err != nil {
			yield(Row{}, fmt.Errorf("%s: read the head line: %w", name, err))
			return
		}
		cols, err := m.find(head)
		if err != nil {
			yield(Row{}, fmt.Errorf("%s: %w", name, err))
			return
		}
		m.body(name, c, cols, yield)
	}
}

func (m *Mapping) body(name string, c *csv.Reader, cols columns, yield func(Row, error) bool) {
	bad := 0
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil && !errors.As(err, new(*csv.ParseError)) {
			yield(Row{}, fmt.Errorf("%s: %w", name, err))
			return
		}
		row := Row{Line: lineOf(c, record, err)}
		if err == nil {
			row.Items, err = m.items(record, cols)
		}
		if err == nil {
			if !yield(row, nil) {
				return
			}
			continue
		}
		bad++
		if !yield(row, &RowError{name, row.Line, err}) {
			return
		}
		if bad > m.MaxBad {
			yield(Row{}, fmt.Errorf("%s: %w: more than %d", name, ErrTooMany, m.MaxBad))
			return
		}
	}
}

func lineOf(c *csv.Reader, record []string, err error) int {
	if parse := new(csv.ParseError); errors.As(err, &parse) {
		return parse.StartLine
	}
	if len(record) == 0 {
		return 0
	}
	line, _ := c.FieldPos(0)
	return line
}

// columns says where in a record things stand.
type columns struct {
	time, hour, site int // hour and site are -1 where there is none
	values           []int
	sources          []string // beside values; nil with a site column
	most             int
	known            map[string]string // source of each site name as it is written; "" for none
}

// maxKnown bounds how many ways of writing sites are remembered.
const maxKnown = 10_000

// sourceOf returns the source of a site name, "" where the mapping has none.
func (m *Mapping) sourceOf(site string, c columns) string {
	id, known := c.known[site]
	if !known {
		id = m.sources[fa.Key(site)]
		if len(c.known) < maxKnown {
			c.known[strings.Clone(site)] = id
		}
	}
	return id
}

// find looks the mapping's columns up in the head line.
func (m *Mapping) find(head []string) (columns, error) {
	names := make([]string, len(head))
	for i, h := range head {
		names[i] = fa.Key(strings.TrimPrefix(h, "\uFEFF"))
	}
	var missing []string
	at := func(want string) int {
		if want == "" {
			return -1
		}
		i := slices.Index(names, fa.Key(want))
		if i < 0 {
			missing = append(missing, fmt.Sprintf("%q", want))
		}
		return i
	}
	c := columns{time: at(m.Time.Column), hour: at(m.Time.Hour), site: -1, known: map[string]string{}}
	if m.Site != nil {
		c.site = at(m.Site.Column)
		for _, v := range []string{m.Site.Value, m.Site.In, m.Site.Out} {
			if v != "" {
				c.values = append(c.values, at(v))
			}
		}
	} else {
		for _, name := range m.columns {
			c.values = append(c.values, at(name))
			c.sources = append(c.sources, m.Columns[name])
		}
	}
	if len(missing) > 0 {
		return c, fmt.Errorf("%w head line: no column %s; it has %s", city.ErrInvalid, strings.Join(missing, ", "), clip(strings.Join(head, ", ")))
	}
	c.most = max(c.time, c.hour, c.site, slices.Max(c.values))
	return c, nil
}

// items reads one record.
func (m *Mapping) items(record []string, c columns) ([]entry.Item, error) {
	if len(record) == 1 && strings.TrimSpace(record[0]) == "" {
		return nil, nil
	}
	if len(record) <= c.most {
		return nil, fmt.Errorf("%d fields, the head line has at least %d", len(record), c.most+1)
	}
	for _, cell := range record {
		if !utf8.ValidString(cell) {
			return nil, errors.New("not UTF-8: save the file as UTF-8")
		}
	}
	var source string
	if c.site >= 0 {
		name := record[c.site]
		source = m.sourceOf(name, c)
		switch {
		case source == "" && m.Site.Others == "skip":
			return nil, nil
		case source == "":
			return nil, fmt.Errorf("site %q is not in the mapping: add it to sources, or say others: skip", clip(strings.TrimSpace(name)))
		}
	}
	hour := ""
	if c.hour >= 0 {
		hour = record[c.hour]
	}
	at, err := m.clock.read(record[c.time], hour, c.hour >= 0)
	if err != nil {
		return nil, err
	}
	it := entry.Item{Source: source, From: at, To: at}
	if length := city.Moment(m.Slot.Seconds()); m.Time.Marks == "end" {
		it.From -= length
	} else {
		it.To += length
	}
	return m.values(record, c, it)
}

// values makes the items of one record from its value columns.
func (m *Mapping) values(record []string, c columns, it entry.Item) ([]entry.Item, error) {
	var items []entry.Item
	numbers := make([]string, len(c.values))
	for i, col := range c.values {
		n, err := m.number(record[col])
		if err != nil {
			return nil, err
		}
		if n == "" && m.Blank == "refuse" {
			return nil, errors.New("a value is blank")
		}
		numbers[i] = n
	}
	if c.site >= 0 && len(numbers) == 2 {
		if numbers[0] == "" || numbers[1] == "" {
			return nil, nil
		}
		it.In, it.Out = numbers[0], numbers[1]
		return []entry.Item{it}, nil
	}
	for i, n := range numbers {
		if n == "" {
			continue
		}
		it.Number = n
		if c.sources != nil {
			it.Source = c.sources[i]
		}
		items = append(items, it)
	}
	return items, nil
}
