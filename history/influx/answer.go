package influx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/history"
	"rasad/measure"
)

// An answer is what /query says. A statement that failed says so in an answer that
// looks good otherwise.
type answer struct {
	Error   string   `json:"error"`
	Results []result `json:"results"`
}

type result struct {
	Error  string  `json:"error"`
	Series []table `json:"series"`
}

type table struct {
	Columns []string `json:"columns"`
	Values  [][]any  `json:"values"`
	Partial bool     `json:"partial"` // the server cut it off
}

// readAnswer reads the tables of one statement's answer, of most bytes at most.
func readAnswer(r io.Reader, most int64) ([]table, error) {
	limited := &io.LimitedReader{R: r, N: most}
	d := json.NewDecoder(limited)
	d.UseNumber() // an integer beyond 2⁵³ stays what it is
	var a answer
	if err := d.Decode(&a); err != nil {
		if limited.N <= 0 {
			return nil, fmt.Errorf("answer of more than %d bytes", most)
		}
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if a.Error != "" {
		return nil, errors.New(clip(a.Error))
	}
	if len(a.Results) != 1 {
		return nil, fmt.Errorf("answer of %d statements, want 1", len(a.Results))
	}
	res := a.Results[0]
	if res.Error != "" {
		return nil, errors.New(clip(res.Error))
	}
	for _, t := range res.Series {
		if t.Partial {
			return nil, errors.New("answer cut off by the server: its max-row-limit is too small")
		}
		for _, v := range t.Values {
			if len(v) != len(t.Columns) {
				return nil, errors.New("row of another length than its columns")
			}
		}
	}
	return res.Series, nil
}

// A record is one row of an answer. What is not of the wanted type is noted once,
// so that its reader asks for the fault at the end.
type record struct {
	columns []string
	values  []any
	err     error
}

func (r *record) value(name string) any {
	for i, c := range r.columns {
		if c == name {
			return r.values[i]
		}
	}
	return nil
}

func (r *record) int(name string) int64 {
	if n, ok := r.value(name).(json.Number); ok {
		if v, err := n.Int64(); err == nil {
			return v
		}
	}
	r.err = errors.Join(r.err, fmt.Errorf("column %s is no integer", name))
	return 0
}

// text returns "" for a null: a tag that is empty was not written.
func (r *record) text(name string) string {
	switch v := r.value(name).(type) {
	case string:
		return v
	case nil:
		return ""
	default:
		r.err = errors.Join(r.err, fmt.Errorf("column %s is no text", name))
		return ""
	}
}

func (r *record) bool(name string) bool {
	v, ok := r.value(name).(bool)
	if !ok {
		r.err = errors.Join(r.err, fmt.Errorf("column %s is no bool", name))
	}
	return v
}

// second returns the row's time in whole seconds, and the nanoseconds beyond.
func (r *record) second() (city.Moment, int64) {
	ns := r.int("time")
	return city.Moment(ns / int64(time.Second)), ns % int64(time.Second)
}

// appendCells reads the cells of the hours of one stretch.
func appendCells(cells []measure.Cell, tables []table, st stretch) ([]measure.Cell, error) {
	for _, t := range tables {
		for _, v := range t.Values {
			r := record{columns: t.Columns, values: v}
			from, _ := r.second()
			c := measure.Cell{
				From: max(from, st.from), // a first hour that a change of the clock cut short
				Sum:  r.int("sum"), N: r.int("n"), Min: r.int("min"), Max: r.int("max"),
				Last: r.int("last"), LastAt: city.Moment(r.int("last_at")),
				Expected: r.int("expected"), Seen: r.int("seen"), Late: r.int("late"),
				Pos: uint64(max(r.int("pos"), 0)),
			}
			if r.err != nil {
				return nil, r.err
			}
			if c.N > 0 {
				cells = append(cells, c)
			}
		}
	}
	return cells, nil
}

// appendRaws reads readings or events.
func appendRaws(raws []measure.Raw, tables []table) ([]measure.Raw, error) {
	for _, t := range tables {
		for _, v := range t.Values {
			r := record{columns: t.Columns, values: v}
			from, n := r.second()
			raw := measure.Raw{
				From: from, To: from, V: city.Steps(r.int("v")),
				Pos: entry.Position{Batch: uint64(max(r.int("pos"), 0))}, LateSec: r.int("late"),
			}
			if r.has("id") {
				raw.Event = &measure.Detail{
					ID: r.text("id"), State: r.text("state"), Case: r.text("kind"),
					Category: r.text("category"), Place: city.PlaceID(r.text("place")),
				}
			} else {
				raw.To, raw.Revised, raw.Note = city.Moment(r.int("to")), n > 0, r.text("note")
			}
			if r.err != nil {
				return nil, r.err
			}
			raws = append(raws, raw)
		}
	}
	return raws, nil
}

func (r *record) has(name string) bool { return slices.Contains(r.columns, name) }

// readMark reads the mark; the zero Mark where there is none.
func readMark(tables []table) (history.Mark, error) {
	if len(tables) == 0 || len(tables[0].Values) == 0 {
		return history.Mark{}, nil
	}
	r := record{columns: tables[0].Columns, values: tables[0].Values[0]}
	m := history.Mark{Pos: uint64(max(r.int("pos"), 0)), Earlier: uint64(max(r.int("earlier"), 0)), Clean: r.bool("clean")}
	return m, r.err
}

// clip cuts what a server says down to one short line.
func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
