package history

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"rasad/city"
	"rasad/measure"
)

// The measurements.
const (
	ReadingTable  = "reading"   // one row per reading and per revision of it
	EventTable    = "event"     // one row per event
	CellTable     = "source_1h" // one row per local hour and per batch that changed it, as far as it was written in time
	PositionTable = "position"  // one row, the only one that is overwritten
)

// A Type is the pinned type of a field: it never changes, or InfluxDB refuses it.
type Type string

// The types. A value of the first is an int64, of the second a string of valid
// UTF-8, of the third a bool.
const (
	Int  Type = "int"
	Text Type = "text"
	Bool Type = "bool"
)

// A Field is a column of a Table.
type Field struct {
	Name string
	Type Type
}

// A Table declares a measurement. Every row writes every field of its table.
// A tag is never a user's text: only declared sources and the kinds of case are.
type Table struct {
	Name   string
	Tags   []string
	Fields []Field
	Time   string // what a row's time is, in words
}

// Tables returns the declaration of every row that is ever written.
func Tables() []Table {
	return []Table{
		{
			ReadingTable,
			[]string{"source"},
			[]Field{{"v", Int}, {"to", Int}, {"pos", Int}, {"late", Int}, {"note", Text}},
			"first second of the slot, and the number of the revision in ns",
		},
		{
			EventTable,
			[]string{"source", "kind"},
			[]Field{{"id", Text}, {"place", Text}, {"category", Text}, {"state", Text}, {"v", Int}, {"pos", Int}, {"late", Int}},
			"its second, and its ordinal in the local day in ns",
		},
		{
			CellTable,
			[]string{"source"},
			[]Field{
				{"sum", Int},
				{"n", Int},
				{"min", Int},
				{"max", Int},
				{"last", Int},
				{"last_at", Int},
				{"expected", Int},
				{"seen", Int},
				{"late", Int},
				{"pos", Int},
			},
			"first second of the local hour, and pos in ns",
		},
		{PositionTable, nil, []Field{{"pos", Int}, {"earlier", Int}, {"clean", Bool}}, "0"},
	}
}

// A Row is one row of a table. Its values stand in the order of the declaration.
type Row struct {
	Table  string
	Tags   []string // an empty tag is left out when written
	Fields []any    // int64, string or bool
	At     int64    // nanoseconds since 1970, UTC
}

// RawRow returns the row of a reading or event of the source src. n goes into the
// nanoseconds, so that no two rows share a time: for a reading it counts the
// readings of its slot before it, for an event it is its place in the local day.
func RawRow(src city.SourceID, r *measure.Raw, n int64) Row {
	at := int64(r.From)*int64(time.Second) + n
	if e := r.Event; e != nil {
		return Row{
			EventTable,
			[]string{string(src), e.Case},
			[]any{e.ID, string(e.Place), e.Category, e.State, int64(r.V), int64(r.Pos.Batch), r.LateSec},
			at,
		}
	}
	return Row{
		ReadingTable,
		[]string{string(src)},
		[]any{int64(r.V), int64(r.To), int64(r.Pos.Batch), r.LateSec, r.Note},
		at,
	}
}

// CellRow returns the row of one local hour of the source src.
func CellRow(src city.SourceID, c *measure.Cell) Row {
	return Row{
		CellTable,
		[]string{string(src)},
		[]any{
			c.Sum, c.N, c.Min, c.Max, c.Last, int64(c.LastAt),
			c.Expected, c.Seen, c.Late, int64(c.Pos),
		},
		int64(c.From)*int64(time.Second) + int64(c.Pos),
	}
}

// PositionRow returns the row of a mark.
func PositionRow(m Mark) Row {
	return Row{PositionTable, nil, []any{int64(m.Pos), int64(m.Earlier), m.Clean}, 0}
}

// Check returns an error wrapping city.ErrInvalid where r is not as t declares:
// such a row is never sent.
func (t *Table) Check(r *Row) error {
	if r.Table != t.Name || len(r.Tags) != len(t.Tags) || len(r.Fields) != len(t.Fields) {
		return fmt.Errorf("%w row of %s: %d tags and %d fields, want %d and %d of %s", city.ErrInvalid,
			r.Table, len(r.Tags), len(r.Fields), len(t.Tags), len(t.Fields), t.Name)
	}
	for i, tag := range r.Tags {
		if !declarable(tag) || tag == "" && t.Tags[i] == "source" {
			return fmt.Errorf("%w row of %s: tag %s is %q, want a declared name", city.ErrInvalid, r.Table, t.Tags[i], tag)
		}
	}
	for i, f := range t.Fields {
		good := false
		switch v := r.Fields[i].(type) {
		case int64:
			good = f.Type == Int
		case string:
			good = f.Type == Text && utf8.ValidString(v)
		case bool:
			good = f.Type == Bool
		}
		if !good {
			return fmt.Errorf("%w row of %s: field %s is no %s", city.ErrInvalid, r.Table, f.Name, f.Type)
		}
	}
	return nil
}

// declarable reports whether s could be a name in a city file: nothing in it needs
// to be escaped in a tag.
func declarable(s string) bool {
	return len(s) <= 200 && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./:", r)
	}) < 0
}
