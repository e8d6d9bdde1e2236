package figures

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"rasad/city"
	"rasad/city/fa"
	"rasad/city/jalali"
)

// A Form says how a table is written.
type Form struct {
	Format string // "csv" or "xlsx"
	Lang   string // "fa" or "en": of headings and words
	Digits string // "fa" or "latin": of numbers in a workbook; CSV has Latin ones always
	BOM    bool   // whether CSV begins with a byte order mark, by which spreadsheets know UTF-8
}

// ParseForm reads a form as requests ask for it. digits "" follows the language, bom
// is "0" or "1", "" for 1. It returns an error wrapping city.ErrInvalid, in words, for
// anything else.
func ParseForm(format, lang, digits, bom string) (Form, error) {
	f := Form{format, lang, digits, bom != "0"}
	if format != "csv" && format != "xlsx" {
		return Form{}, fmt.Errorf("%w format: want csv or xlsx", city.ErrInvalid)
	}
	if lang != "fa" && lang != "en" {
		return Form{}, fmt.Errorf("%w language: want fa or en", city.ErrInvalid)
	}
	switch {
	case digits == "" && lang == "fa":
		f.Digits = "fa"
	case digits == "":
		f.Digits = "latin"
	case digits != "fa" && digits != "latin":
		return Form{}, fmt.Errorf("%w digits: want fa or latin", city.ErrInvalid)
	}
	if bom != "" && bom != "0" && bom != "1" {
		return Form{}, fmt.Errorf("%w bom: want 0 or 1", city.ErrInvalid)
	}
	return f, nil
}

// ContentType returns the media type of what is written.
func (f Form) ContentType() string {
	if f.Format == "xlsx" {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8; header=present"
}

// A Table is rows of typed cells under headings, to be opened in a spreadsheet.
type Table struct {
	Title   city.Text // of the workbook and its sheet
	Zone    *city.Zone
	Made    city.Moment // of what is in it; 0 where that is not known
	Columns []Column
	Rows    [][]Cell // each as long as Columns
	Beside  *Table   // the second sheet of a workbook; CSV leaves it out
}

// A Column is the heading of a table's cells.
type Column struct {
	ID    string    // in CSV, for scripts: snake_case
	Name  city.Text // in workbooks
	Width float64   // in workbooks, in characters
}

// A Cell is one value. Its kind stays what it is in every spreadsheet: words never
// become formulas, and numbers, also negative ones, never become words. The zero Cell
// is empty.
type Cell struct {
	kind   kind
	text   string // words; a number with Latin digits and a point
	places int    // of a number: how many are shown behind the point
	at     city.Moment
	date   city.Date
}

type kind int

const (
	empty kind = iota
	words
	number
	moment
	jalaliDate
)

// Words returns a cell of text.
func Words(s string) Cell {
	if s = plain(s); s == "" {
		return Cell{}
	}
	return Cell{kind: words, text: s}
}

// Amount returns a cell with a value in its unit.
func Amount(u city.Unit, v city.Steps) Cell {
	places := 0
	switch info, _ := u.Info(); info.PerOne {
	case 10:
		places = 1
	case 60, 100:
		places = 2
	}
	return Cell{kind: number, text: u.Format(v), places: places}
}

// Count returns a cell with a whole number.
func Count(n int64) Cell { return Cell{kind: number, text: strconv.FormatInt(n, 10)} }

// When returns a cell with a moment, shown as the city's clocks showed it; an empty
// one for the zero moment.
func When(m city.Moment) Cell {
	if m == 0 {
		return Cell{}
	}
	return Cell{kind: moment, at: m}
}

// Jalali returns a cell with the Solar Hijri date of d, which spreadsheets keep as
// text: they know no such calendar.
func Jalali(d city.Date) Cell { return Cell{kind: jalaliDate, date: d} }

// local returns a moment's cell as the city's clocks showed it, as a time in UTC.
func (t *Table) local(m city.Moment) time.Time { return local(t.Zone, m) }

// jalali writes a date: 1405-01-03 for machines, "۱۴۰۵/۰۱/۰۳" for readers of Persian
// digits.
func (c *Cell) jalali(digits string) string {
	d := jalali.Of(c.date)
	if digits == "fa" {
		return fa.Digits(fmt.Sprintf("%04d/%02d/%02d", d.Year, d.Month, d.Day))
	}
	return d.String()
}

// Write writes t in the form f.
func (t *Table) Write(w io.Writer, f Form) error {
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fmt.Errorf("write table: row %d has %d cells for %d columns", i, len(row), len(t.Columns))
		}
	}
	if f.Format == "xlsx" {
		return t.workbook(w, f)
	}
	return t.csv(w, f)
}
