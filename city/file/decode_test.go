package file_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
	"rasad/city/file"
)

// settings has a field of every kind that Decode fills.
type settings struct {
	Name    string
	Listen  string            `yaml:"listen"`
	Port    uint16            `yaml:"port"`
	Level   int8              `yaml:"level"`
	Ratio   float64           `yaml:"ratio"`
	On      bool              `yaml:"on"`
	Pause   time.Duration     `yaml:"pause"`
	Hosts   []string          `yaml:"hosts,single"`
	Pair    [2]int            `yaml:"pair"`
	Sites   map[string]string `yaml:"sites"`
	Inner   *inner            `yaml:"inner"`
	Day     city.Date         `yaml:"day"`
	Hidden  string            `yaml:"-"`
	private string
	Common  `yaml:",inline"`
}

// Common is taken in by settings.
type Common struct {
	City string `yaml:"city"`
}

type inner struct {
	Key  string `yaml:"key,short"`
	More int    `yaml:"more"`
}

func TestDecodeFillsEveryKindOfField(t *testing.T) {
	got := settings{Level: 3, Ratio: 0.5, private: "ours"}
	err := file.Decode("settings.yaml", []byte(`
name: "سرویس"
listen: 127.0.0.1:8080
port: 8080
ratio: 0.25
on: true
pause: 1h30m
hosts: one
pair: [1, -2]
sites: {'Bourke St': bourke, Town Hall (West): west}
inner: short
day: 2027-03-21
city: |
  two
  lines
`), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		Name: "سرویس", Listen: "127.0.0.1:8080", Port: 8080, Level: 3, Ratio: 0.25, On: true, Pause: 90 * time.Minute, Hosts: []string{"one"},
		Pair: [2]int{1, -2}, Sites: map[string]string{"Bourke St": "bourke", "Town Hall (West)": "west"}, Inner: &inner{Key: "short"},
		Day: city.DateOf(2027, time.March, 21), Common: Common{City: "two\nlines\n"}, private: "ours",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeTellsWhatIsWrongAndWhere(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"an unknown key", "prot: 80", `s.yaml:1:1: unknown key "prot": did you mean "port"?`},
		{"a key in capitals", "Port: 80", `s.yaml:1:1: unknown key "Port": did you mean "port"?`},
		{"a key that is left out", "hidden: x", `s.yaml:1:1: unknown key "hidden"`},
		{"a key of nobody", "private: x", `s.yaml:1:1: unknown key "private"`},
		{"a key twice", "port: 80\nport: 81", `s.yaml:2:1: key "port" stands there already`},
		{"a key twice in a map", "sites: {a: b, a: c}", `s.yaml:1:15: key "a" stands there already`},
		{"no value", "listen:\nport: 80", `s.yaml:1:8: has no value`},
		{"no value, written out", "port: null", `s.yaml:1:7: has no value`},
		{"too large", "port: 65536", `s.yaml:1:7: 65536 is out of range`},
		{"too small", "level: -129", `s.yaml:1:8: -129 is out of range`},
		{"below nothing", "port: -1", `s.yaml:1:7: -1 is out of range`},
		{"a fraction", "level: 1.5", `s.yaml:1:8: want a whole number, got 1.5`},
		{"a quoted number", `port: "80"`, `s.yaml:1:7: want a number, got a text: leave the quotes out`},
		{"a Persian number", "port: ۸۰۸۰", `s.yaml:1:7: write the number with Latin digits: 8080`},
		{"an Arabic number", "ratio: ٠٫٥", `s.yaml:1:8: write the number with Latin digits: 0.5`},
		{"a block of text for a number", "port: |\n  80", `s.yaml:1:7: want a number, got a text`},
		{"yes for true", "on: yes", `s.yaml:1:5: want true or false, got the text "yes"`},
		{"a capital True", "on: True", `s.yaml:1:5: want true or false, got True`},
		{"a bare number for a text", "listen: 8080", `s.yaml:1:9: want a text, got 8080: put it in quotes`},
		{"a list for a text", "listen: [a]", `s.yaml:1:9: want a text, got a list of 1`},
		{"a time that is none", "pause: 5 minutes", `s.yaml:1:8: "5 minutes" is no length of time`},
		{"a time below nothing", "pause: -5m", `s.yaml:1:8: "-5m" is no length of time`},
		{"too many days", "pause: 100001d", `s.yaml:1:8: "100001d" is no length of time`},
		{"a date that is none", "day: 2027-02-30", `s.yaml:1:6: invalid date "2027-02-30"`},
		{"a list for a date", "day: [1]", `s.yaml:1:6: want one value, got a list of 1`},
		{"a list that is too long", "pair: [1, 2, 3]", `s.yaml:1:7: want a list of 2, got a list of 3`},
		{"a text for a map", "sites: x", `s.yaml:1:8: want keys and values, got the text "x"`},
		{"a list for a struct", "inner: [a]", `s.yaml:1:8: want a text, got a list of 1`},
		{"a list as the document", "- a\n- b", `s.yaml:1:1: want keys and values (name, listen,`},
		{"a text as the document", "hello", `s.yaml:1:1: want keys and values (name, listen,`},
		{"a number as key", "1: a", `s.yaml:1:1: want a word as key, got 1`},
		{"a broken line", "port: [1", `s.yaml:1:7: `},
		{"a zero byte", "port: 1\x00", `s.yaml:1:8: a zero byte`},
		{"old Macintosh line ends", "port: 80\rlevel: 1\r", `s.yaml:1:9: a carriage return alone`},
		{"far in", strings.Repeat(" ", 101) + "port: 80", `s.yaml:1:101: is nested too deeply`},
		{"Latin-1", "listen: caf\xe9 au lait", `s.yaml:1:12: is not UTF-8`},
		{"tabs", "hosts:\n\t- a", `s.yaml:2:1: a tab`},
		{"an anchor", "listen: &a x", `s.yaml:1:9: anchors and aliases`},
		{"a merge", "<<: {port: 80}", `s.yaml:1:1: anchors and aliases`},
		{"a tag", "port: !!int 80", `s.yaml:1:7: tags and directives`},
		{"a directive", "%YAML 1.2\n---\nport: 80", `s.yaml:1:1: tags and directives`},
		{"a question mark", "? port\n: 80", `s.yaml:1:1: a key is a plain word`},
		{"two documents", "port: 80\n---\nport: 81", `s.yaml:2:1: a second document`},
		{"two documents after an end", "port: 80\n...\nport: 81", `s.yaml:3:1: a second document`},
		{"nothing", "", `s.yaml: is empty`},
		{"an explicit nothing", "null", `s.yaml: is empty`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var into settings
			err := file.Decode("s.yaml", []byte(tc.src), &into)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) || !errors.Is(err, city.ErrInvalid) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestDecodeTellsAllThatIsWrong(t *testing.T) {
	var into settings
	err := file.Decode("s.yaml", []byte("port: x\nlevel: y\nnope: 1\non: 3\n"), &into)
	var faults *file.FaultsError
	if !errors.As(err, &faults) || len(faults.List) != 4 {
		t.Fatalf("got %v, want four faults", err)
	}
	for i, f := range faults.List {
		if f.Line != i+1 || f.Source == "" {
			t.Errorf("fault %d is %+v", i, f)
		}
	}
}

func TestDecodeWantsAPointer(t *testing.T) {
	if err := file.Decode("s.yaml", []byte("port: 80"), settings{}); err == nil || errors.Is(err, city.ErrInvalid) {
		t.Errorf("got %v, want a fault of the program", err)
	}
	var none *settings
	if err := file.Decode("s.yaml", []byte("port: 80"), none); err == nil {
		t.Error("a nil pointer is filled")
	}
	var odd struct{ C chan int }
	if err := file.Decode("s.yaml", []byte("c: 1"), &odd); err == nil {
		t.Error("a number is put into a channel")
	}
}

func TestFilesThatWouldEatTheMachineAreRefusedAtOnce(t *testing.T) {
	const deep, empty, keys = "is nested too deeply", "has no value, like a hundred before it", "is one of more than a thousand keys"
	for _, tc := range []struct{ name, src, want string }{
		{"five megabytes", strings.Repeat("# remark\n", 5<<20/9), "s.yaml: is larger than 4 MB"},
		{"brackets in a row", "a: " + strings.Repeat("[", 1<<17), deep},
		{"braces in a row", "a: " + strings.Repeat("{a: ", 1<<15), deep},
		{"dashes in a row", strings.Repeat("- ", 1<<17) + "a", deep},
		{"ever further in", further(1000), deep},
		{"question marks in a row", strings.Repeat("? ", 1<<15) + "a", "a key is a plain word"},
		{"tags in a row", "a: " + strings.Repeat("!!str ", 1<<15) + "x", "tags and directives"},
		{"documents in a row", strings.Repeat("--- a\n", 1<<15), "a second document"},
		{"a laughter of nodes", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]", "anchors and aliases"},
		{"words in braces", "a: {" + strings.Repeat("b, ", 1<<15) + "}", empty},
		{"keys in braces", "a: {" + strings.Repeat("b:, ", 1<<15) + "}", empty},
		{"commas in a row", "a: [" + strings.Repeat(",", 1<<15) + "]", empty},
		{"empty items", "a:\n" + strings.Repeat("-\n", 1<<15), empty},
		{"blocks of nothing", "a:\n" + strings.Repeat("- x: 1\n"+strings.Repeat("  y:\n", 900), 20), empty},
		{"keys in a row", strings.Repeat("a: b\n", 1<<15), keys},
		{"keys and remarks", strings.Repeat("# c\na: b # c\n", 1<<14), keys},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var into settings
			err := file.Decode("s.yaml", []byte(tc.src), &into)
			if !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLargeFilesOfAnHonestKindAreRead(t *testing.T) {
	var hosts, lists, blocks strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&hosts, "  - host-%d # remark\n", i)
		fmt.Fprintf(&lists, "  - [\n      a%d,\n      b,\n    ]\n", i)
		fmt.Fprintf(&blocks, "  - key: a%d\n    more: 3\n", i)
	}
	var into struct {
		Hosts  []string   `yaml:"hosts"`
		Lists  [][]string `yaml:"lists"`
		Blocks []inner    `yaml:"blocks"`
	}
	src := "hosts:\n" + hosts.String() + "lists:\n" + lists.String() + "blocks:\n" + blocks.String()
	if err := file.Decode("s.yaml", []byte(src), &into); err != nil {
		t.Fatal(err)
	}
	if len(into.Hosts) != 3000 || len(into.Lists) != 3000 || len(into.Lists[7]) != 2 || len(into.Blocks) != 3000 || into.Blocks[9] != (inner{"a9", 3}) {
		t.Error("something is lost")
	}
}

func further(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%s a:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

func TestThousandsOfFaultsStayReadable(t *testing.T) {
	var into settings
	err := file.Decode("s.yaml", []byte("hosts: ["+strings.Repeat("1,", 5000)+"]"), &into)
	var faults *file.FaultsError
	if !errors.As(err, &faults) || len(faults.List) != 1000 {
		t.Fatalf("%d faults", len(faults.List))
	}
}

func TestExcerptsAreHarmlessAndTheCaretStandsBelowThePlace(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"short", "prot: 80", "\tprot: 80\n\t^"},
		{"behind Persian", "sites: {سی‌وسه‌پل: a, x: 1}", "\tsites: {سی‌وسه‌پل: a, x: 1}\n\t                       ^"},
		{"behind an accent", "sites: {e\u0301: a, x: 1}", "\tsites: {e\u0301: a, x: 1}\n\t                 ^"},
		{"behind an escape", "sites: {'\x1b[31m': a, x: 1}", "\tsites: {'\uFFFD[31m': a, x: 1}\n\t                       ^"},
		{
			"far in a long line", "sites: {a: " + strings.Repeat("b", 100) + ", x: 1, c: " + strings.Repeat("d", 100) + "}",
			"\t…" + strings.Repeat("b", 65) + ", x: 1, c: " + strings.Repeat("d", 34) + "…\n\t" + strings.Repeat(" ", 71) + "^",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var into settings
			err := file.Decode("s.yaml", []byte(tc.src), &into)
			if err == nil {
				t.Fatal("it decodes")
			}
			_, shown, _ := strings.Cut(err.Error(), "\n")
			if shown != tc.want {
				t.Errorf("got\n%q\nwant\n%q", shown, tc.want)
			}
		})
	}
}
