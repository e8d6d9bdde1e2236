package figures_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/figures"
	"rasad/history"
	"rasad/measure"
)

// wordsTable is a table of one column of words.
func wordsTable(t testing.TB, texts ...string) figures.Table {
	t.Helper()
	table := figures.Table{Title: city.Text{FA: "واژه‌ها", EN: "Words"}, Zone: isfahan(t).Clock(), Columns: []figures.Column{{ID: "words", Name: city.Text{FA: "واژه", EN: "Word"}, Width: 20}}}
	for _, s := range texts {
		table.Rows = append(table.Rows, []figures.Cell{figures.Words(s)})
	}
	return table
}

func form(t testing.TB, format, lang, digits, bom string) figures.Form {
	t.Helper()
	f, err := figures.ParseForm(format, lang, digits, bom)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func written(t testing.TB, table figures.Table, f figures.Form) string {
	t.Helper()
	var b bytes.Buffer
	if err := table.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFiguresAsCSV(t *testing.T) {
	c := isfahan(t)
	tiles := []measure.Tile{
		{Indicator: c.Indicator("visits-today"), Group: measure.Group{By: city.ByPlace, ID: "naqsh-e-jahan"}, Figure: some(12_480)},
		{Indicator: c.Indicator("visits-yesterday"), Group: measure.Group{By: city.ByCity}, Figure: measure.Figure{Status: measure.None}},
	}
	cards := figures.Cards(c, tiles, now, now, figures.Filter{})
	for _, tc := range []struct{ form, want string }{
		{
			"fa", "\uFEFF" + head +
				"2027-03-24T00:00:00+03:30,1406-01-04,2027-03-24 00:00:00,visits-today.naqsh-e-jahan,بازدیدهای امروز,میدان نقش جهان,منطقه ۳,12480,بازدید,موقت,11,14,2027-03-24 14:15:00,119,ستاد اجرایی خدمات سفر شهر اصفهان,امروز: چهارشنبه ۴ فروردین ۱۴۰۶\r\n" +
				"2027-03-23T00:00:00+03:30,1406-01-03,2027-03-23 00:00:00,visits-yesterday,بازدیدهای دیروز,اصفهان,,,بازدید,بی‌داده,,,,0,ستاد اجرایی خدمات سفر شهر اصفهان,دیروز: سه‌شنبه ۳ فروردین ۱۴۰۶\r\n",
		},
		{
			"en", head +
				"2027-03-24T00:00:00+03:30,1406-01-04,2027-03-24 00:00:00,visits-today.naqsh-e-jahan,Visits today,Naqsh-e Jahan Square,District 3,12480,visits,provisional,11,14,2027-03-24 14:15:00,119,Isfahan Travel Services Headquarters,today: Wednesday 24 March 2027\r\n" +
				"2027-03-23T00:00:00+03:30,1406-01-03,2027-03-23 00:00:00,visits-yesterday,Visits yesterday,Isfahan,,,visits,no data,,,,0,Isfahan Travel Services Headquarters,yesterday: Tuesday 23 March 2027\r\n",
		},
	} {
		bom := map[string]string{"fa": "", "en": "0"}[tc.form]
		var b bytes.Buffer
		if err := figures.Export(&b, form(t, "csv", tc.form, "", bom), cards); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.form, diff)
		}
	}
}

const head = "time_iso,date_jalali,time_local,id,indicator,place,district,value,unit,status,sources_reporting,sources_expected,as_of,version,body,period\r\n"

func TestASeriesHasARowForEachWindow(t *testing.T) {
	c := isfahan(t)
	from, to := c.Clock().Day(c.Clock().Date(now))
	answer := history.SeriesAnswer{
		Indicator: c.Indicator("clean-share"), From: from, To: to, Step: history.Hour,
		Groups: []history.GroupSeries{{
			Group: measure.Group{By: city.ByDistrict, ID: "district-3"},
			Points: []history.Point{
				{From: from, To: from + 3600, Figure: some(8735)},
				{From: from, To: to, Figure: some(-50)},
			},
		}},
	}
	got := written(t, figures.SeriesTable(answer, c, "en"), form(t, "csv", "en", "", "0"))
	want := head +
		"2027-03-24T00:00:00+03:30,1406-01-04,2027-03-24 00:00:00,clean-share.district-3,Clean streets,District 3,District 3,87.35,percent,provisional,11,14,2027-03-24 14:15:00,119,\"Isfahan Municipality, Urban Services\",\"00:00 to 01:00, Wednesday 24 March 2027\"\r\n" +
		"2027-03-24T00:00:00+03:30,1406-01-04,2027-03-24 00:00:00,clean-share.district-3,Clean streets,District 3,District 3,-0.5,percent,provisional,11,14,2027-03-24 14:15:00,119,\"Isfahan Municipality, Urban Services\",Wednesday 24 March 2027\r\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestASeasonsSeriesHasItsValuesAlsoOutsideTheSeason(t *testing.T) {
	c := isfahan(t)
	from, to := c.Clock().Day(c.Clock().Date(now) + 200)
	got := written(t, figures.SeriesTable(history.SeriesAnswer{
		Indicator: c.Indicator("visits-season"), From: from, To: to, Step: history.Day,
		Groups: []history.GroupSeries{{Group: measure.Group{By: city.ByCity}, Points: []history.Point{{From: from, To: to, Figure: some(7)}}}},
	}, c, "en"), form(t, "csv", "en", "", "0"))
	if !strings.Contains(got, ",visits-season,Visits this season,Isfahan,,7,visits,") {
		t.Error(got)
	}
}

func TestWordsNeverBecomeFormulas(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1":               "'=1+1",
		"+98 31":             "'+98 31",
		"-2":                 "'-2",
		"@SUM(A1)":           "'@SUM(A1)",
		"\t=1":               " '=1",
		"\r=1":               "'=1",
		"\x00=1":             "'=1",
		"\uFEFF=1":           "'=1",
		"\u202E=1":           "'=1",
		"  =1":               "  '=1",
		`"=1`:                `"'=1`,
		"'=1":                "''=1",
		"«=1»":               "«'=1»",
		"＝1":                 "'＝1",
		"＋1":                 "'＋1",
		"－1":                 "'－1",
		"＠x":                 "'＠x",
		"a;=1":               "a;'=1",
		"a; -1":              "a; '-1",
		"\n=1":               " '=1",
		"نقش جهان":           "نقش جهان",
		"سی‌وسه‌پل":          "سی‌وسه‌پل",
		"a=b":                "a=b",
		"2027-03-24":         "2027-03-24",
		"پل خواجو - شرق":     "پل خواجو - شرق",
		"a, -1":              "a, -1",
		"\u00A0=1":           "\u00A0'=1",
		"x\u2028=1":          "x=1",
		"broken \xFF":        "broken \uFFFD",
		"a\x1b[31mb":         "a[31mb",
		"line one\r\nline 2": "line one line 2",
	} {
		got := written(t, wordsTable(t, in), form(t, "csv", "en", "", "0"))
		rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q: %q, %v", in, got, err)
		}
		if rows[1][0] != want {
			t.Errorf("%q is written as %q, want %q", in, rows[1][0], want)
		}
	}
}

// TestCSVReadsBack holds the writer to RFC 4180 by another reader: what is read is what
// was written, but for the apostrophes that disarm formulas.
func TestCSVReadsBack(t *testing.T) {
	alphabet := []rune("=+-@＝';, \"\n\r\tab‌آ۱1.\u00A0«\\")
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom(alphabet), 0, 12, -1), 1, 5).Draw(rt, "texts")
		got := written(t, wordsTable(t, texts...), figures.Form{Format: "csv", Lang: "en"})
		if !strings.HasSuffix(got, "\r\n") || strings.Count(got, "\n") != len(texts)+1 {
			rt.Fatalf("not one line each: %q", got)
		}
		rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		if err != nil {
			rt.Fatalf("%v: %q", err, got)
		}
		want := ""
		for _, text := range texts {
			want += strings.NewReplacer("\n", " ", "\t", " ", "\r", "", "'", "").Replace(text)
		}
		read := ""
		for _, row := range rows[1:] {
			read += strings.ReplaceAll(row[0], "'", "")
			for cell := range strings.SplitSeq(row[0], ";") {
				if bare := strings.TrimLeft(cell, "\"« \u00A0"); bare != "" && strings.ContainsAny(bare[:1], "=+-@") || strings.HasPrefix(bare, "＝") {
					rt.Fatalf("a formula begins in %q", row[0])
				}
			}
		}
		if read != want {
			rt.Fatalf("read %q, wrote %q", read, want)
		}
	})
}

func TestFormsAreReadOrRefused(t *testing.T) {
	for _, tc := range []struct {
		format, lang, digits, bom string
		want                      figures.Form
	}{
		{"csv", "fa", "", "", figures.Form{Format: "csv", Lang: "fa", Digits: "fa", BOM: true}},
		{"csv", "en", "", "0", figures.Form{Format: "csv", Lang: "en", Digits: "latin"}},
		{"xlsx", "fa", "latin", "1", figures.Form{Format: "xlsx", Lang: "fa", Digits: "latin", BOM: true}},
		{"xlsx", "en", "fa", "", figures.Form{Format: "xlsx", Lang: "en", Digits: "fa", BOM: true}},
	} {
		if got := form(t, tc.format, tc.lang, tc.digits, tc.bom); got != tc.want {
			t.Errorf("ParseForm = %+v, want %+v", got, tc.want)
		} else if kind := got.ContentType(); strings.HasPrefix(kind, "text/csv; charset=utf-8") != (got.Format == "csv") || strings.Contains(kind, "spreadsheetml.sheet") != (got.Format == "xlsx") {
			t.Errorf("%+v is %s", got, kind)
		}
	}
	for _, bad := range [][4]string{{"xls", "fa", "", ""}, {"csv", "de", "", ""}, {"csv", "fa", "arab", ""}, {"csv", "fa", "", "yes"}} {
		if _, err := figures.ParseForm(bad[0], bad[1], bad[2], bad[3]); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("ParseForm%q = %v, want ErrInvalid", bad, err)
		}
	}
}

func TestARowThatDoesNotFitIsRefused(t *testing.T) {
	table := wordsTable(t, "a")
	table.Rows[0] = append(table.Rows[0], figures.Count(1))
	for _, format := range []string{"csv", "xlsx"} {
		if err := table.Write(io.Discard, form(t, format, "en", "", "")); err == nil || !strings.Contains(err.Error(), "row 0 has 2 cells for 1 columns") {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// full takes no byte.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestAFaultOfTheWriterIsTold(t *testing.T) {
	table := wordsTable(t, "a")
	for _, f := range []figures.Form{{Format: "csv"}, {Format: "csv", BOM: true}, {Format: "xlsx"}} {
		if err := table.Write(full{}, f); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

func TestAWorkbookTellsNothingOfTheMachine(t *testing.T) {
	book := written(t, figures.CardsTable(figures.Cards(isfahan(t), tilesOf(isfahan(t), some(1)), now, now, figures.Filter{}), "fa"), form(t, "xlsx", "fa", "", ""))
	files, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{os.TempDir(), here, "xuri", "Excelize", ">" + host + "<"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %q", f.Name, secret)
			}
		}
	}
}

func TestAWorkbookHasDefinitionsOfWhatItHolds(t *testing.T) {
	c := isfahan(t)
	cards := figures.Cards(c, tilesOf(c, some(12_480)), now, now, figures.Filter{Period: "today", By: city.ByCity})
	for _, tc := range []struct {
		lang         string
		sheet        string
		rtl          bool
		title, words string
	}{
		{"fa", "تعریف‌ها", true, "آمار بازدیدکنندگان", "جمع شمارش‌های دوره: دوربین شمارشگر، فروش بلیت"},
		{"en", "Definitions", false, "Visitor figures", "sum of what was counted in the period: counting camera, tickets sold"},
	} {
		var b bytes.Buffer
		if err := figures.Export(&b, form(t, "xlsx", tc.lang, "", ""), cards); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows(tc.sheet)
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, row := range rows {
			ids = append(ids, row[1])
			for _, text := range row {
				if text == "" {
					t.Errorf("an empty cell: %q", row)
				}
			}
		}
		if diff := cmp.Diff([]string{"visits-today", "vehicles-in-today", "vehicles-out-today", "passengers-in-today"}, ids[1:]); diff != "" {
			t.Errorf("definitions (-want +got):\n%s", diff)
		}
		if !strings.Contains(rows[1][5], tc.words) {
			t.Errorf("method: %q", rows[1][5])
		}
		view, err := book.GetSheetView(tc.sheet, 0)
		if err != nil || view.RightToLeft == nil || *view.RightToLeft != tc.rtl {
			t.Errorf("%s: right to left is not %v: %v", tc.lang, tc.rtl, err)
		}
		panes, err := book.GetPanes(book.GetSheetName(0))
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("the headings are not frozen: %+v, %v", panes, err)
		}
		props, err := book.GetDocProps()
		if err != nil || props.Title != tc.title || props.Creator != "Rasad" || props.Created != "2027-03-24T11:00:00Z" {
			t.Errorf("properties %+v, %v", props, err)
		}
	}
}

func TestEveryWayOfCountingHasWords(t *testing.T) {
	c := isfahan(t)
	def := c.Definition
	def.Sources = nil
	ind := *c.Indicator("visits-today")
	ind.Of = nil
	for _, m := range city.Methods() {
		id := city.SourceID("by-" + m)
		def.Sources = append(def.Sources, city.Source{ID: id, Method: m, Name: city.Text{FA: "منبع", EN: "source"}, Body: ind.Body})
		ind.Of = append(ind.Of, id)
	}
	town, err := city.New(def)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, how := range []city.How{city.Sum, city.Last, city.Mean, city.Max, city.Share} {
		ind.How = how
		table := figures.SeriesTable(history.SeriesAnswer{Indicator: &ind}, town, "fa")
		rows, err := csv.NewReader(strings.NewReader(written(t, *table.Beside, form(t, "csv", "fa", "", "0")))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		first, ways, _ := strings.Cut(rows[1][5], ": ")
		if strings.ContainsAny(ways, "abcdefghijklmnopqrstuvwxyz") || strings.Count(ways, "، ") != len(city.Methods())-1 {
			t.Errorf("a way of counting has no Persian words: %s", ways)
		}
		if seen[first] {
			t.Errorf("%s is said as another one is: %s", how, first)
		}
		seen[first] = true
	}
}

func TestSheetsHaveNamesThatSpreadsheetsTake(t *testing.T) {
	for _, title := range []string{"", "'", "a/b:c?d*e[f]g\\h", strings.Repeat("بازدید", 20), strings.Repeat("😀", 40), "History"} {
		table := wordsTable(t, "x")
		table.Title = city.Text{FA: title, EN: title}
		book, err := excelize.OpenReader(strings.NewReader(written(t, table, form(t, "xlsx", "en", "", ""))))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := book.GetCellValue(book.GetSheetName(0), "A2"); err != nil || got != "x" {
			t.Errorf("%q: %q, %v", title, got, err)
		}
	}
}
