package figures

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// csv writes t by RFC 4180, in UTF-8.
func (t *Table) csv(w io.Writer, f Form) error {
	if f.BOM {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = c.ID
	}
	for i := 0; ; i++ {
		if err := out.Write(line); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
		if i == len(t.Rows) {
			break
		}
		for j := range t.Rows[i] {
			line[j] = t.field(&t.Rows[i][j])
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// field writes a cell: numbers with Latin digits and a point, ungrouped, moments as
// spreadsheets read true dates, words so that they are words.
func (t *Table) field(c *Cell) string {
	switch c.kind {
	case words:
		return guard(c.text)
	case number:
		return c.text
	case moment:
		return t.local(c.at).Format("2006-01-02 15:04:05")
	case jalaliDate:
		return c.jalali("latin")
	default:
		return ""
	}
}

// guard makes words that a spreadsheet would take for a formula words again, by an
// apostrophe: those whose first sign, behind spaces and quotes, begins a formula, in
// whichever width it is drawn. A semicolon begins a cell where a comma is the decimal
// sign, so the same holds behind it.
func guard(s string) string {
	if !strings.ContainsFunc(s, opensFormula) {
		return s
	}
	var b strings.Builder
	start := true
	for _, r := range s {
		if start && opensFormula(r) {
			b.WriteByte('\'')
		}
		start = r == ';' || start && (unicode.IsSpace(r) || unicode.In(r, unicode.Pi, unicode.Pf) || strings.ContainsRune("'\"`´“”„", r))
		b.WriteRune(r)
	}
	return b.String()
}

func opensFormula(r rune) bool { return strings.ContainsRune("=+-@＝＋－＠﹦﹢﹣﹫−", r) }
