package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/collectors/replay"
	"rasad/entry"
)

func open(t testing.TB, mapping string) *replay.Mapping {
	t.Helper()
	m, err := replay.Open("map.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const twoSites = `
format: 1
slot: 1h
time: {column: when, zone: Asia/Tehran}
site: {column: site, value: n, sources: {A: a, B: b}}
`

// said is what a test case wants, as JSON.
type said struct {
	Items  []saidItem   `json:"items"`
	Tally  replay.Tally `json:"tally"`
	Faults []string     `json:"faults"`
}

type saidItem struct {
	Source string `json:"source"`
	From   string `json:"from"`
	To     string `json:"to"`
	Value  string `json:"value,omitempty"`
	In     string `json:"in,omitempty"`
	Out    string `json:"out,omitempty"`
}

func load(t *testing.T, m *replay.Mapping, name string, r io.Reader) said {
	t.Helper()
	got := said{Items: []saidItem{}, Faults: []string{}}
	items, tally, err := m.Load(name, r, func(err error) { got.Faults = append(got.Faults, err.Error()) })
	if err != nil {
		got.Faults = append(got.Faults, err.Error())
	}
	got.Tally = tally
	for _, it := range items {
		got.Items = append(got.Items, saidItem{it.Source, it.From.String(), it.To.String(), it.Number, it.In, it.Out})
	}
	return got
}

func TestEachCaseOfTheFolderIsReadAsItSays(t *testing.T) {
	folders, err := filepath.Glob("testcases/*")
	if err != nil || len(folders) < 4 {
		t.Fatalf("%d cases, %v", len(folders), err)
	}
	for _, f := range folders {
		t.Run(filepath.Base(f), func(t *testing.T) {
			mapping, err1 := os.ReadFile(filepath.Join(f, "map.yaml"))
			input, err2 := os.ReadFile(filepath.Join(f, "input.csv"))
			golden, err3 := os.ReadFile(filepath.Join(f, "want.json"))
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			var want said
			if err := json.Unmarshal(golden, &want); err != nil {
				t.Fatal(err)
			}
			got := load(t, open(t, string(mapping)), "input.csv", bytes.NewReader(input))
			if diff := cmp.Diff(want, got); diff != "" {
				b, _ := json.Marshal(got)
				t.Errorf("%s\ngot %s", diff, b)
			}
		})
	}
}

func TestABrokenMappingIsRefusedInWords(t *testing.T) {
	change := func(old, now string) string { return strings.Replace(twoSites, old, now, 1) }
	head, _, _ := strings.Cut(twoSites, "site:")
	for _, tc := range []struct{ name, mapping, want string }{
		{"unknown key", change("slot", "slto"), `unknown key "slto"`},
		{"format", change("format: 1", "format: 2"), "invalid map.yaml: format: want 1"},
		{"slot", change("1h", "7m"), "slot: want a duration that divides an hour"},
		{"no time", change("column: when, ", ""), "time: column: say which column is the time"},
		{"layout", change("zone:", "format: hh/mm, zone:"), `time: format: "hh/mm" is none of iso, ymd, dmy, dmy_month, mdy_12h, jalali`},
		{"layout without year", change("zone:", "format: 02/01, zone:"), `time: format: "02/01" is none of`},
		{"zone", change("Asia/Tehran", "Tehran"), `time: invalid zone "Tehran"`},
		{"no zone", change("zone: Asia/Tehran", "format: dmy"), "time: zone: local times need one"},
		{"ambiguous", change("zone:", "ambiguous: maybe, zone:"), "time: ambiguous: want refuse, first or second"},
		{"marks", change("zone:", "marks: middle, zone:"), "time: marks: want start or end of the slot"},
		{"separator", change("slot", "separator: ab\nslot"), "separator: want one character"},
		{"decimal", change("slot", "decimal: ;\nslot"), `decimal: want "." or ","`},
		{"thousands", change("slot", "thousands: .\nslot"), "thousands: want nothing, or one of"},
		{"blank", change("slot", "blank: guess\nslot"), "blank: want skip or refuse"},
		{"max_bad", change("slot", "max_bad: -1\nslot"), "max_bad and skip_lines: want 0 or more"},
		{"both", twoSites + "columns: {x: y}\n", "want either site, or columns"},
		{"neither", head, "want either site, or columns"},
		{"one column for nothing", head + "columns: {x: y, z: y}\n", `columns: "z": want a source of its own`},
		{"no sources", change(", sources: {A: a, B: b}", ""), "site: want column, and sources"},
		{"value and in", change("value: n", "value: n, in: m"), "site: want either value, or in and out"},
		{"others", change("value: n", "value: n, others: guess"), "site: others: want skip or refuse"},
		{"two spellings of one site", change("B: b", "' a': b"), "is empty, or written like another one"},
		{"a site without source", change("B: b", "B: ''"), `"B": want a source`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := replay.Open("map.yaml", []byte(tc.mapping))
			if !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Open = %v\nwant …%s…", err, tc.want)
			}
		})
	}
}

func TestAMappingNamesTheSourcesItFeeds(t *testing.T) {
	if got := open(t, twoSites).Sources(); !cmp.Equal(got, []string{"a", "b"}) {
		t.Errorf("Sources = %v", got)
	}
}

func TestTimesOfEveryFormAreRead(t *testing.T) {
	const want = "2016-01-01T05:30:00Z"
	for _, tc := range []struct{ settings, cell string }{
		{"", "2016-01-01T09:00:00+03:30"},
		{"", "2016-01-01T09:00:00+0330"},
		{"", " 2016-01-01 09:00:00+03:30 "},
		{"", "2016-01-01T05:30:00Z"},
		{"", "2016-01-01T09:00:00"},
		{"", "2016-01-01 09:00"},
		{"", "۲۰۱۶-۰۱-۰۱ ۰۹:۰۰"},
		{"format: ymd, hour: h,", "2016-01-01,9"},
		{"format: dmy, hour: h,", "01/01/2016,09:00"},
		{"format: mdy_12h,", "01/01/2016 09:00:00 AM"},
		{"format: dmy_month, hour: h,", "01-Jan-16,09:00:00"},
		{"format: jalali,", "1394/10/11 09:00"},
		{"format: jalali,", "۱۳۹۴/۱۰/۱۱T۹"},
		{"format: jalali, hour: h,", "1394-10-11,9"},
		{"format: '02.01.2006 15.04',", "01.01.2016 09.00"},
		{"format: '02.01.2006 15.04 -0700',", "01.01.2016 06.30 +0100"},
		{"marks: end,", "2016-01-01T10:00"},
	} {
		head := "when"
		if strings.Contains(tc.cell, ",") {
			head = "when,h"
		}
		m := open(t, strings.Replace(twoSites, "zone:", tc.settings+"zone:", 1))
		got := load(t, m, "x.csv", strings.NewReader(head+",site,n\n"+tc.cell+",A,1\n"))
		if len(got.Items) != 1 || got.Items[0].From != want {
			t.Errorf("%s %q: %+v, want %s", tc.settings, tc.cell, got, want)
		}
	}
}

func TestALocalTimeThatExistsTwiceIsTakenAsTheMappingSays(t *testing.T) {
	for _, tc := range []struct{ ambiguous, want string }{
		{"first", "2016-04-02T15:30:00Z"},
		{"second", "2016-04-02T16:30:00Z"},
	} {
		m := open(t, strings.NewReplacer("zone:", "ambiguous: "+tc.ambiguous+", zone:", "Asia/Tehran", "Australia/Melbourne").Replace(twoSites))
		got := load(t, m, "x.csv", strings.NewReader("when,site,n\n2016-04-03 02:30,A,1\n2016-10-02 02:30,A,1\n"))
		if len(got.Items) != 1 || got.Items[0].From != tc.want || len(got.Faults) != 1 || !strings.Contains(got.Faults[0], `x.csv:3: time "2016-10-02 02:30" does not exist`) {
			t.Errorf("%s: %+v, want %s", tc.ambiguous, got, tc.want)
		}
	}
}

func TestNumbersAreReadAsTheMappingSays(t *testing.T) {
	for _, tc := range []struct{ settings, cell, want string }{
		{"", "12", "12"},
		{"", " 12.50 ", "12.50"},
		{"", "-3", "-3"},
		{"", "007", "7"},
		{"", "-00.5", "-0.5"},
		{"", "0", "0"},
		{"", "۱۲۰۳", "1203"},
		{"", "۱۲3", ""},
		{"", "۱٬۲۰", ""},
		{"decimal: ','\n", "۱۲٫۵", "12.5"},
		{"decimal: ','\n", "۱۲,۵", "12.5"},
		{"thousands: ','\n", "۱,۲۰۳", "1203"},
		{"", "٣٫٥", "3.5"},
		{"", "۱٬۲۰۳٫۵", "1203.5"},
		{"", "1,203", ""},
		{"thousands: ','\n", "1,203", "1203"},
		{"thousands: ','\n", "-1,203,004.5", "-1203004.5"},
		{"thousands: ','\n", "1,20", ""},
		{"thousands: ','\n", "1203,456", ""},
		{"thousands: ' '\n", "1 203", "1203"},
		{"decimal: ','\n", "12,5", "12.5"},
		{"decimal: ','\n", "12.5", ""},
		{"decimal: ','\n", "1,2,3", ""},
		{"decimal: ','\nthousands: .\n", "1.203,5", "1203.5"},
		{"", "1e3", ""},
		{"", "NaN", ""},
		{"", "0x1", ""},
		{"", "1_0", ""},
		{"", "+1", ""},
		{"", "12.", ""},
		{"", ".5", ""},
		{"", "-", ""},
		{"", "۱2x", ""},
	} {
		m := open(t, strings.Replace(twoSites, "slot:", tc.settings+"slot:", 1))
		got := load(t, m, "x.csv", strings.NewReader("when,site,n\n2016-01-01T00:00:00Z,A,\""+tc.cell+"\"\n"))
		value := ""
		if len(got.Items) == 1 {
			value = got.Items[0].Value
		}
		if value != tc.want || (tc.want == "") != (len(got.Faults) == 1) {
			t.Errorf("%q %q: %+v, want %q", tc.settings, tc.cell, got, tc.want)
		}
	}
}

func TestABlankValueIsNoZero(t *testing.T) {
	const csv = "when,site,n\n2016-01-01T00:00:00Z,A, \n\n"
	if got := load(t, open(t, twoSites), "x.csv", strings.NewReader(csv)); len(got.Items) != 0 || len(got.Faults) != 0 || got.Tally.Empty != 1 {
		t.Errorf("skipped: %+v", got)
	}
	m := open(t, strings.Replace(twoSites, "slot:", "blank: refuse\nslot:", 1))
	if got := load(t, m, "x.csv", strings.NewReader(csv)); len(got.Faults) != 1 || got.Faults[0] != "x.csv:2: a value is blank" {
		t.Errorf("refused: %+v", got)
	}
}

func TestAFileThatCannotBeReadIsGivenUpInWords(t *testing.T) {
	m := open(t, strings.Replace(twoSites, "slot:", "max_bad: 2\nslot:", 1))
	for _, tc := range []struct{ name, csv, want string }{
		{"empty", "", "x.csv: read the head line: EOF"},
		{"columns", "when,place\n", `x.csv: invalid head line: no column "site", "n"; it has when, place`},
		{"bad rows", "when,site,n\n" + strings.Repeat("never,A,1\n", 5), "x.csv: too many bad rows: more than 2"},
		{"not UTF-8", "when,site,n\n2016-01-01T00:00:00Z,\xe3,1\n", "x.csv:2: not UTF-8: save the file as UTF-8"},
		{"torn quote", "when,site,n\n2016-01-01T00:00:00Z,A,\"1\n", "x.csv:2: parse error on line 2"},
		{"stray quote", "when,site,n\n2016-01-01T00:00:00Z,A\"x,1\n2016-01-01T00:00:00Z,A,1\n", `x.csv:2: parse error on line 2`},
	} {
		got := load(t, m, "x.csv", strings.NewReader(tc.csv))
		if len(got.Faults) == 0 || !strings.HasPrefix(got.Faults[len(got.Faults)-1], tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got.Faults, tc.want)
		}
	}
	n := 0
	for _, err := range m.Rows("x.csv", strings.NewReader("when,site,n\n"+strings.Repeat("never,A,1\n", 5))) {
		if n++; n == 4 && !errors.Is(err, replay.ErrTooMany) {
			t.Errorf("the last error is %v, want ErrTooMany", err)
		}
	}
	if n != 4 {
		t.Errorf("%d rows came, want three bad ones and the end", n)
	}
}

func TestAReaderMayStopInTheMiddle(t *testing.T) {
	m := open(t, twoSites)
	for _, cell := range []string{"2016-01-01T00:00:00Z", "never"} {
		n := 0
		for _, err := range m.Rows("x.csv", strings.NewReader("when,site,n\n"+strings.Repeat(cell+",A,1\n", 5))) {
			if (err != nil) != (cell == "never") {
				t.Errorf("%s: %v", cell, err)
			}
			n++
			break
		}
		if n != 1 {
			t.Errorf("%d rows", n)
		}
	}
}

func TestSendPlaysInTheOrderOfTime(t *testing.T) {
	var items []entry.Item
	for i := range 4500 {
		to := city.Moment(1e9 + 3600*((i*7)%1500))
		items = append(items, entry.Item{Source: strconv.Itoa(i), From: to - 3600, To: to})
	}
	last, n, sizes := city.Moment(0), 0, 0
	err := replay.Send(t.Context(), items, nil, func(_ context.Context, items []entry.Item, sent []city.Moment) error {
		for i := range items {
			if sent[i] != items[i].To || sent[i] < last {
				t.Fatalf("item that ended at %v sent at %v, after %v", items[i].To, sent[i], last)
			}
			last = sent[i]
		}
		n, sizes = n+len(items), max(sizes, len(items))
		return nil
	})
	if err != nil || n != 4500 || sizes != replay.MaxBatch {
		t.Errorf("%d items, at most %d at once, %v", n, sizes, err)
	}
}

func TestSendWaitsForEachMomentAndStopsAtAFault(t *testing.T) {
	items := []entry.Item{{From: 2, To: 2}, {From: 1, To: 1}, {From: 2, To: 2}, {From: 3, To: 3}}
	var said []string
	wait := func(_ context.Context, m city.Moment) error {
		said = append(said, fmt.Sprint("wait ", int64(m)))
		return nil
	}
	err := replay.Send(t.Context(), items, wait, func(_ context.Context, items []entry.Item, _ []city.Moment) error {
		said = append(said, fmt.Sprint("send ", len(items)))
		if len(said) > 5 {
			return city.ErrBusy
		}
		return nil
	})
	if want := []string{"wait 1", "send 1", "wait 2", "send 2", "wait 3", "send 1"}; !cmp.Equal(want, said) || !errors.Is(err, city.ErrBusy) {
		t.Errorf("%v, %v", said, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := replay.Send(ctx, items, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context has ended: %v", err)
	}
}

// Whatever a file holds, each of its lines is a row, a bad row or nothing, and
// nothing panics.
func FuzzRows(f *testing.F) {
	f.Add("when,site,n\n2016-01-01T00:00:00Z,A,12\n")
	f.Add("\uFEFFwhen;site;n\n1403/12/30 09:30;B;۱۲٫۵\n")
	f.Add("when,site,n\n\"2016-01-01\n")
	var maps []*replay.Mapping
	for _, change := range []string{"zone:", "format: jalali, zone:", "format: mdy_12h, ambiguous: first, zone:", "format: dmy, hour: site, zone:"} {
		m, err := replay.Open("map.yaml", []byte(strings.Replace(twoSites, "zone:", change, 1)))
		if err != nil {
			f.Fatal(err)
		}
		maps = append(maps, m)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range maps {
			items, tally, _ := m.Load("x.csv", strings.NewReader(text), nil)
			if tally.Rows+tally.Bad > strings.Count(text, "\n")+strings.Count(text, "\r")+1 || len(items) != tally.Items {
				t.Errorf("tally %+v for %q", tally, text)
			}
			for _, it := range items {
				if !json.Valid([]byte(it.Number)) || it.To-it.From != 3600 {
					t.Errorf("item %+v", it)
				}
			}
		}
	})
}
