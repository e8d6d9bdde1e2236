package history

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func rowsOfEveryTable() []Row {
	event := measure.Raw{
		From: 1_800_000_007, To: 1_800_000_007, V: 1, Pos: entry.Position{Batch: 9, Index: 3}, LateSec: 4000,
		Event: &measure.Detail{ID: "r-1", State: "opened", Case: "report", Category: "litter", Place: "garden"},
	}
	reading := measure.Raw{From: 1_800_000_000, To: 1_800_000_900, V: -5, Pos: entry.Position{Batch: 8}, Revised: true, Note: "again"}
	cell := measure.Cell{From: 1_800_001_800, Sum: 1, N: 2, Min: 3, Max: 4, Last: 5, LastAt: 6, Expected: 7, Seen: 8, Late: 9, Pos: 10}
	return []Row{
		RawRow("gate/in", &reading, 2), RawRow("litter", &event, 6), CellRow("gate/in", &cell), PositionRow(Mark{Pos: 5, Earlier: 3, Clean: true}),
	}
}

func TestEveryRowIsAsItsTableDeclares(t *testing.T) {
	want := []Row{
		{"reading", []string{"gate/in"}, []any{int64(-5), int64(1_800_000_900), int64(8), int64(0), "again"}, 1_800_000_000_000_000_002},
		{"event", []string{"litter", "report"}, []any{"r-1", "garden", "litter", "opened", int64(1), int64(9), int64(4000)}, 1_800_000_007_000_000_006},
		{"source_1h", []string{"gate/in"}, []any{
			int64(1), int64(2), int64(3), int64(4), int64(5), int64(6), int64(7), int64(8), int64(9), int64(10),
		}, 1_800_001_800_000_000_010},
		{"position", nil, []any{int64(5), int64(3), true}, 0},
	}
	for i, r := range rowsOfEveryTable() {
		table := Tables()[i]
		if err := table.Check(&r); err != nil {
			t.Errorf("%s: %v", table.Name, err)
		}
		if r.Table != want[i].Table || r.At != want[i].At || !slices.Equal(r.Tags, want[i].Tags) || !slices.Equal(r.Fields, want[i].Fields) {
			t.Errorf("row %+v\nwant %+v", r, want[i])
		}
	}
}

func TestCheckRefusesARowThatInfluxWouldTakeWrongly(t *testing.T) {
	cases := map[string]func(r *Row){
		"another table":       func(r *Row) { r.Table = "event" },
		"a tag too few":       func(r *Row) { r.Tags = nil },
		"a field too few":     func(r *Row) { r.Fields = r.Fields[:4] },
		"a float":             func(r *Row) { r.Fields[0] = 1.5 },
		"an int":              func(r *Row) { r.Fields[0] = 1 },
		"a text for a number": func(r *Row) { r.Fields[0] = "1" },
		"a number for a text": func(r *Row) { r.Fields[4] = int64(1) },
		"broken text":         func(r *Row) { r.Fields[4] = "\xff" },
		"no source":           func(r *Row) { r.Tags[0] = "" },
		"a user's text":       func(r *Row) { r.Tags[0] = "gate in" },
		"a line break":        func(r *Row) { r.Tags[0] = "gate\n" },
		"another script":      func(r *Row) { r.Tags[0] = "پل" },
		"a book":              func(r *Row) { r.Tags[0] = strings.Repeat("a", 201) },
		"a comma":             func(r *Row) { r.Tags[0] = "gate,x" },
		"a backslash":         func(r *Row) { r.Tags[0] = `gate\` },
	}
	table := Tables()[0]
	for name, spoil := range cases {
		r := rowsOfEveryTable()[0]
		spoil(&r)
		if err := table.Check(&r); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
