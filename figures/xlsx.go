package figures

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"rasad/city"
)

// styles are a workbook's ways of showing cells, by their numbers in it.
type styles struct {
	heading, words, wrapped, moment int
	number                          [3]int // by places behind the point
}

// workbook writes t, and what stands beside it, as an Office Open XML workbook.
func (t *Table) workbook(w io.Writer, f Form) (err error) {
	book := excelize.NewFile()
	defer func() {
		if closing := book.Close(); err == nil && closing != nil {
			err = fmt.Errorf("write workbook: %w", closing)
		}
	}()
	if err := t.fill(book, f); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

func (t *Table) fill(book *excelize.File, f Form) error {
	st, err := newStyles(book, f)
	if err != nil {
		return err
	}
	first := sheetName(t.Title.In(f.Lang))
	if err := book.SetSheetName(book.GetSheetName(0), first); err != nil {
		return err
	}
	if err := t.sheet(book, first, st, f, false); err != nil {
		return err
	}
	if t.Beside != nil {
		second := sheetName(t.Beside.Title.In(f.Lang))
		if _, err := book.NewSheet(second); err != nil {
			return err
		}
		if err := t.Beside.sheet(book, second, st, f, true); err != nil {
			return err
		}
	}
	made := ""
	if t.Made != 0 {
		made = t.Made.Time().Format(time.RFC3339)
	}
	language := city.Text{FA: "fa-IR", EN: "en"}.In(f.Lang)
	if err := book.SetDocProps(&excelize.DocProperties{
		Title: t.Title.In(f.Lang), Creator: "Rasad", LastModifiedBy: "Rasad", Created: made, Modified: made, Language: language,
	}); err != nil {
		return err
	}
	return book.SetAppProps(&excelize.AppProperties{Application: "Rasad"})
}

// newStyles makes the styles of a workbook. Words have the format of text, so that
// they stay words when somebody edits the cell.
func newStyles(book *excelize.File, f Form) (styles, error) {
	digits, when := "", "yyyy-mm-dd hh:mm"
	if f.Digits == "fa" {
		// 3: the digits of Persian; 01: the Gregorian calendar; 0429: Persian, without
		// which LibreOffice takes the digits of Arabic.
		digits, when = "[$-3000429]", "[$-3010429]"+when
	}
	side := &excelize.Alignment{Horizontal: "left", Vertical: "top"}
	if f.Lang == "fa" {
		side.Horizontal, side.ReadingOrder = "right", 2
	}
	wrapped := *side
	wrapped.WrapText = true
	var st styles
	for into, s := range map[*int]*excelize.Style{
		&st.heading: {
			Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE7F0"}},
			Alignment: &wrapped, NumFmt: 49, Border: []excelize.Border{{Type: "bottom", Color: "6B7C8C", Style: 1}},
		},
		&st.words:   {NumFmt: 49, Alignment: side},
		&st.wrapped: {NumFmt: 49, Alignment: &wrapped},
		&st.moment:  {CustomNumFmt: &when, Alignment: side},
	} {
		var err error
		if *into, err = book.NewStyle(s); err != nil {
			return st, err
		}
	}
	for places := range st.number {
		format := digits + "#,##0"
		if places > 0 {
			format += "." + strings.Repeat("0", places)
		}
		var err error
		if st.number[places], err = book.NewStyle(&excelize.Style{CustomNumFmt: &format, Alignment: &excelize.Alignment{Vertical: "top"}}); err != nil {
			return st, err
		}
	}
	return st, nil
}

// sheet streams t into a sheet: the headings stay in sight while the rows move.
func (t *Table) sheet(book *excelize.File, name string, st styles, f Form, wrap bool) error {
	rtl := f.Lang == "fa"
	if err := book.SetSheetView(name, 0, &excelize.ViewOptions{RightToLeft: &rtl}); err != nil {
		return err
	}
	out, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, c := range t.Columns {
		if err := out.SetColWidth(i+1, i+1, c.Width); err != nil {
			return err
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	line := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = excelize.Cell{StyleID: st.heading, Value: plain(c.Name.In(f.Lang))}
	}
	if err := out.SetRow("A1", line); err != nil {
		return err
	}
	for i, row := range t.Rows {
		for j := range row {
			if line[j], err = t.cell(&row[j], st, f, wrap); err != nil {
				return err
			}
		}
		if err := out.SetRow("A"+strconv.Itoa(i+2), line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// cell returns a cell as excelize writes it: words always as an inline string, never
// as a formula.
func (t *Table) cell(c *Cell, st styles, f Form, wrap bool) (any, error) {
	style := st.words
	if wrap {
		style = st.wrapped
	}
	switch c.kind {
	case words:
		return excelize.Cell{StyleID: style, Value: c.text}, nil
	case number:
		n, err := strconv.ParseFloat(c.text, 64)
		return excelize.Cell{StyleID: st.number[c.places], Value: n}, err
	case moment:
		return excelize.Cell{StyleID: st.moment, Value: t.local(c.at)}, nil
	case jalaliDate:
		return excelize.Cell{StyleID: style, Value: c.jalali(f.Digits)}, nil
	default:
		return nil, nil
	}
}

// sheetName makes a title fit to name a sheet: at most 31 UTF-16 units, without the
// signs that references use.
func sheetName(title string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return ' '
		}
		return r
	}, plain(title))
	units := 0
	for i, r := range name {
		if units += utf8.RuneLen(r)/4 + 1; units > 31 {
			name = name[:i]
			break
		}
	}
	if name = strings.TrimSpace(name); name == "" {
		return "-"
	}
	return name
}
