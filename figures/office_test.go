package figures_test

import (
	"context"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"rasad/city"
	"rasad/city/fa"
	"rasad/figures"
	"rasad/history"
	"rasad/measure"
)

// hostile are texts that have made spreadsheets run something, or hidden what they are.
func hostile() []string {
	return []string{
		"=cmd|' /C calc'!A0", `=HYPERLINK("http://127.0.0.1/x";"اینجا")`, `=WEBSERVICE("http://127.0.0.1/")`, "=DDE(\"cmd\";\"/C calc\";\"x\")",
		"=1+1", "=1+1+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "+2+3+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "=IMPORTXML(CONCAT(\"http://127.0.0.1/\",A1),\"//a\")",
		"=SUM(A1:A9)", "=A1", "={1;2}", "=\"a\"&\"b\"", "+A1", "-A1", "@A1", "+1", "-1", "-1203", "+98 913 000 0000", "=", "+", "-", "@",
		"\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", "\x0b=1+1", "\uFEFF=1+1", "\u200B=1+1", "\u00A0=1+1", "\u202E=1+1", "\u2028=1+1", "\u00AD=1+1",
		" =1+1", "   +1", "\"=1+1", "'=1+1", "\"\"=1+1", "«=1+1»", "“=1+1”", "`=1+1",
		"＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "﹦1+1", "﹢1", "﹣1", "﹫A1", "−1+1",
		"x;=1+1", "x\";\"=1+1", "x\t=1+1", "x\r\n=1+1", "x,=1+1", "نقش جهان;=1+1", "\",=1+1,\"",
		"=1+1;=2+2", "%0A=1+1", "|=1+1", "=میدان", "=سی‌وسه‌پل()", "<script>=1</script>", "=1+1\x1b[0m",
		"_x003D_1+1", "&#61;1+1", "=T(NOW())", "=RAND()", "=INFO(\"system\")", "=CELL(\"filename\")",
	}
}

// persian are texts that must arrive letter by letter.
func persian() []string {
	return []string{"سی‌وسه‌پل", "خانهٔ مشروطه", "میدان نقش جهان، اصفهان", "«پل خواجو»", "منطقه ۱۲", "اداره‌کل میراث فرهنگی، گردشگری و صنایع‌دستی", "نائین ۸۷٫۳ درصد", "گزارش (موقت): ۱۲٬۴۸۰"}
}

// A sheetCell is a cell as LibreOffice reads it.
type sheetCell struct {
	Type    string // "" for an empty one
	Value   string // of a number or a date
	Formula string
	Text    string // as it is shown
}

// TestSpreadsheetsReadWhatWeMean opens our CSV, twice, and our workbook, in both
// languages, in a LibreOffice without a screen: no cell is a formula, numbers are
// numbers, dates are dates, and Persian arrives letter by letter.
func TestSpreadsheetsReadWhatWeMean(t *testing.T) {
	office := office(t)
	if n := len(hostile()); n < 60 {
		t.Fatalf("%d hostile texts, want 60", n)
	}
	dir := t.TempDir()
	want := map[string]expectation{}
	for _, lang := range []string{"fa", "en"} {
		table, names := mixed(t, lang)
		plain := written(t, table, form(t, "csv", lang, "", "0"))
		rows, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		f := form(t, "xlsx", lang, "", "")
		want[lang] = expectation{rows: rows, names: names, book: true, digits: f.Digits}
		keep(t, dir, lang+".xlsx", written(t, table, f))
		keep(t, dir, lang+"-table.csv", written(t, table, form(t, "csv", lang, "", "")))
	}
	keep(t, dir, "naked.csv", "words,value\r\n=1+1,2\r\n")

	convert(t, office, dir, "", "fa.xlsx", "en.xlsx")
	for _, lang := range []string{"fa", "en"} {
		t.Run(lang+".xlsx", func(t *testing.T) {
			sheets := read(t, filepath.Join(dir, "out", lang+".fods"))
			if len(sheets) != 2 {
				t.Fatalf("%d sheets, want the table and the definitions", len(sheets))
			}
			compare(t, sheets[0], want[lang])
			shown(t, sheets[0], lang)
			noFormula(t, sheets[1])
		})
	}
	for _, detect := range []bool{true, false} { // what LibreOffice calls detecting special numbers
		convert(t, office, dir, fmt.Sprintf("CSV:44,34,76,1,,0,false,%v,false", detect), "fa-table.csv", "en-table.csv", "naked.csv")
		for _, lang := range []string{"fa", "en"} {
			t.Run(fmt.Sprintf("%s.csv, detect numbers %v", lang, detect), func(t *testing.T) {
				w := want[lang]
				w.book, w.digits, w.detect = false, "latin", detect
				compare(t, read(t, filepath.Join(dir, "out", lang+"-table.fods"))[0], w)
			})
		}
		// Without the guard it is a formula: this test would see one.
		if cell := read(t, filepath.Join(dir, "out", "naked.fods"))[0][1][0]; cell.Formula == "" {
			t.Errorf("detect numbers %v: LibreOffice takes =1+1 for %+v: this test proves nothing", detect, cell)
		}
	}
}

func keep(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// office returns the program, or skips the test where a person runs it without one.
func office(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no soffice here: .ci/setup installs libreoffice-calc-nogui")
		}
		t.Skip("NOT TESTED: no soffice here, so nobody knows how spreadsheets read our files; install libreoffice-calc-nogui")
	}
	return path
}

// mixed is a table of all kinds of cells: the hostile texts stand as names of places
// in the rows of real figures and of cells of words.
func mixed(t *testing.T, lang string) (table figures.Table, names []string) {
	t.Helper()
	c := isfahan(t)
	values := []city.Steps{0, 1, -1, -1_203, 12_480, city.MaxSteps, -city.MaxSteps, 999, 1_000}
	var cards []figures.Card
	inds := []city.IndicatorID{"visits-today", "clean-share", "watered-today", "people-present", "service-minutes"}
	names = append(append(hostile(), hostile()[:10]...), persian()...)
	for i, text := range names {
		f := some(values[i%len(values)])
		f.Has = i%11 != 10
		ind := c.Indicator(inds[i%len(inds)])
		if ind.Unit == city.Percent || ind.Unit == city.Minute {
			f.Value /= 1 << 20
		}
		x := figures.NewCard(c, ind, measure.Group{By: city.ByCity}, f, now, now)
		x.GroupName, x.Body = city.Text{FA: text, EN: text}, city.Text{FA: text, EN: text}
		cards = append(cards, x)
	}
	table = figures.CardsTable(cards, lang)
	from, to := c.Clock().Day(c.Clock().Date(now))
	series := figures.SeriesTable(history.SeriesAnswer{Indicator: c.Indicator("soil-moisture"), Groups: []history.GroupSeries{{
		Group: measure.Group{By: city.ByPlace, ID: "soffeh"}, Points: []history.Point{{From: from, To: to, Figure: some(1_807)}},
	}}}, c, lang)
	table.Rows = append(table.Rows, series.Rows...)
	return table, append(names, "")
}

// convert opens files in LibreOffice and saves each as flat XML in dir/out.
func convert(t *testing.T, office, dir, filter string, files ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--norestore"}
	if filter != "" {
		args = append(args, "--infilter="+filter)
	}
	args = append(args, "--convert-to", "fods", "--outdir", filepath.Join(dir, "out"))
	for _, f := range files {
		args = append(args, filepath.Join(dir, f))
	}
	cmd := exec.CommandContext(ctx, office, args...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "TZ=UTC", "LC_ALL=C.UTF-8")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it starts others: they end with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(dir, "out", strings.TrimSuffix(f, filepath.Ext(f))+".fods")); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns the cells of each sheet, row by row, without empty rows at the end.
func read(t *testing.T, path string) [][][]sheetCell {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type cell struct {
		Repeated int    `xml:"number-columns-repeated,attr"`
		Type     string `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 value-type,attr"`
		Value    string `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 value,attr"`
		Date     string `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 date-value,attr"`
		Formula  string `xml:"formula,attr"`
		Text     []struct {
			Inner string `xml:",innerxml"`
		} `xml:"p"`
	}
	var book struct {
		Tables []struct {
			Rows []struct {
				Repeated int    `xml:"number-rows-repeated,attr"`
				Cells    []cell `xml:"table-cell"`
			} `xml:"table-row"`
		} `xml:"body>spreadsheet>table"`
	}
	if err := xml.Unmarshal(raw, &book); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	var sheets [][][]sheetCell
	for _, table := range book.Tables {
		var rows [][]sheetCell
		for _, r := range table.Rows {
			var row []sheetCell
			for _, c := range r.Cells {
				text := ""
				for _, p := range c.Text {
					text += plainText(t, p.Inner)
				}
				for range min(max(1, c.Repeated), 50) {
					row = append(row, sheetCell{c.Type, c.Value + c.Date, c.Formula, text})
				}
			}
			if r.Repeated < 2 { // else it is empty, like the million behind it
				rows = append(rows, row)
			}
		}
		for len(rows) > 0 && !slices.ContainsFunc(rows[len(rows)-1], func(c sheetCell) bool { return c != sheetCell{} }) {
			rows = rows[:len(rows)-1]
		}
		sheets = append(sheets, rows)
	}
	return sheets
}

// plainText returns the text of a paragraph, in which runs of spaces are elements.
func plainText(t *testing.T, inner string) string {
	t.Helper()
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader("<p xmlns:text='t'>" + inner + "</p>"))
	for {
		token, err := d.Token()
		if token == nil {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.CharData:
			b.Write(x)
		case xml.StartElement:
			if x.Name.Local != "s" {
				continue
			}
			n := 1
			for _, a := range x.Attr {
				if a.Name.Local == "c" {
					if n, err = strconv.Atoi(a.Value); err != nil {
						t.Fatal(err)
					}
				}
			}
			b.WriteString(strings.Repeat(" ", n))
		}
	}
}

func noFormula(t *testing.T, sheet [][]sheetCell) {
	t.Helper()
	for i, row := range sheet {
		for j, c := range row {
			if c.Formula != "" {
				t.Errorf("row %d, column %d is the formula %q", i, j, c.Formula)
			}
		}
	}
}

// An expectation is what a table's cells are to be in a spreadsheet.
type expectation struct {
	rows   [][]string // as our CSV says them, the heading first
	names  []string   // what stood in place and body before the guard; "" where it does not matter
	book   bool       // a workbook: no guard, every type is told
	digits string
	detect bool // CSV: whether LibreOffice looks for dates with a time; Excel always does
}

// compare holds a sheet to what was written.
func compare(t *testing.T, sheet [][]sheetCell, want expectation) {
	t.Helper()
	noFormula(t, sheet)
	if len(sheet) != len(want.rows) {
		t.Fatalf("%d rows, want %d", len(sheet), len(want.rows))
	}
	for i, row := range want.rows[1:] {
		for j, text := range row {
			column, got := want.rows[0][j], sheetCell{}
			if j < len(sheet[i+1]) {
				got = sheet[i+1][j]
			}
			ok := false
			switch column {
			case "value", "sources_reporting", "sources_expected", "version":
				ok = text == "" && got == (sheetCell{}) || got.Type == "float" && sameNumber(got.Value, text)
			case "time_local", "as_of":
				day := strings.TrimSuffix(strings.Replace(text, " ", "T", 1), "T00:00:00")
				ok = got.Type == "date" && got.Value == day || !want.book && !want.detect && got.Type == "string" && got.Text == text
			case "date_jalali":
				if want.digits == "fa" {
					text = fa.Digits(strings.ReplaceAll(text, "-", "/"))
				}
				ok = got.Text == text && (got.Type == "string" || !want.book && got.Type == "date") // shown so also where it is taken for a date
			case "place", "body":
				name := cleaned(want.names[i])
				if want.book && name != "" {
					text = name
				}
				bare := func(s string) string { return strings.ReplaceAll(s, "'", "") }
				ok = got.Type == "string" && got.Text == text && (name == "" || bare(text) == bare(name))
			default:
				ok = text == "" && got == (sheetCell{}) || got.Type == "string" && got.Text == text
			}
			if !ok {
				t.Errorf("row %d, %s: LibreOffice has %+v, we wrote %q", i, column, got, text)
			}
		}
	}
}

// cleaned is a text without the signs that nobody sees.
func cleaned(s string) string {
	return strings.NewReplacer("\t", " ", "\n", " ", "\r", "", "\x00", "", "\x0b", "", "\x1b", "",
		"\uFEFF", "", "\u200B", "", "\u202E", "", "\u2028", "", "\u00AD", "").Replace(s)
}

// shown holds a workbook's first figure of each look to what its readers expect.
func shown(t *testing.T, sheet [][]sheetCell, lang string) {
	t.Helper()
	want := map[string]bool{"12,480": false, "-1,203": false, "1,248.0": false, "2027-03-24 14:15": false}
	if lang == "fa" {
		want = map[string]bool{"۱۲٬۴۸۰": false, "−۱٬۲۰۳": false, "۱٬۲۴۸٫۰": false, "۲۰۲۷-۰۳-۲۴ ۱۴:۱۵": false}
	}
	for _, row := range sheet[1:] {
		for _, c := range row {
			if _, is := want[c.Text]; is {
				want[c.Text] = true
			}
			if c.Type != "string" && (lang == "fa") == strings.ContainsAny(c.Text, "0123456789٠١٢٣٤٥٦٧٨٩") && c.Text != "" {
				t.Errorf("%s: %+v has the digits of another language", lang, c)
			}
		}
	}
	for text, is := range want {
		if !is {
			t.Errorf("%s: no cell shows %s", lang, text)
		}
	}
}

// sameNumber compares a number of flat XML with ours.
func sameNumber(a, b string) bool {
	x, err := strconv.ParseFloat(a, 64)
	y, fault := strconv.ParseFloat(b, 64)
	return err == nil && fault == nil && math.Abs(x-y) <= math.Abs(y)*1e-14 // flat XML has 15 digits
}
