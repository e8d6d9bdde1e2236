package replay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/city/fa"
	"rasad/collectors/replay"
	"rasad/entry"
)

// shelf opens files from memory.
func shelf(files map[string]string) func(string) (io.ReadCloser, error) {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return func(name string) (io.ReadCloser, error) { return fsys.Open(name) }
}

func TestSeveralFilesArePlayedTogetherAndBadRowsAreSaid(t *testing.T) {
	var log bytes.Buffer
	files, err := replay.OpenFiles("s.yaml", []byte("{map: m.yaml, files: [1.csv, 2.csv]}"), shelf(map[string]string{
		"m.yaml": twoSites,
		"1.csv":  "when,site,n\n2016-01-01T02:00:00Z,A,1\n2016-01-01T00:00:00Z,A,2\n",
		"2.csv":  "when,site,n\n2016-01-01T01:00:00Z,B,3\nnever,A,9\n",
	}), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = files.Run(t.Context(), nil, func(_ context.Context, items []entry.Item, _ []city.Moment) error {
		for _, it := range items {
			got = append(got, it.Source+it.Number)
		}
		return nil
	})
	if want := []string{"a2", "b3", "a1"}; err != nil || !cmp.Equal(want, got) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for _, want := range []string{`level=WARN msg="row passed over" err="2.csv:3: time \"never\"`, `msg="file read" file=2.csv rows=1 empty=0 bad=1 items=1`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, log.String())
		}
	}
}

func TestOneFileNeedsNoList(t *testing.T) {
	open := shelf(map[string]string{"m.yaml": twoSites, "1.csv": "when,site,n\n"})
	files, err := replay.OpenFiles("s.yaml", []byte("{map: m.yaml, files: 1.csv}"), open, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Run(t.Context(), nil, nil); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	open := shelf(map[string]string{"m.yaml": twoSites, "bad.yaml": "format: 2\n", "large.yaml": strings.Repeat("# long\n", replay.MaxMapping/7+1)})
	for _, tc := range []struct{ settings, want string }{
		{"{}", "open replay: invalid s.yaml: want map, a mapping file, and files, what it is to read"},
		{"map: m.yaml", "want map, a mapping file, and files"},
		{"{map: m.yaml, files: 1.csv, speed: 2}", `unknown key "speed"`},
		{"{map: bad.yaml, files: 1.csv}", "bad.yaml: format: want 1"},
		{"{map: large.yaml, files: 1.csv}", "open replay: invalid mapping large.yaml: larger than 1048576 bytes"},
	} {
		_, err := replay.OpenFiles("s.yaml", []byte(tc.settings), open, slog.New(slog.DiscardHandler))
		if !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v\nwant %s", tc.settings, err, tc.want)
		}
	}
	if _, err := replay.OpenFiles("s.yaml", []byte("{map: none.yaml, files: 1.csv}"), open, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a mapping that is not there: %v", err)
	}
}

func TestAFileThatIsNotThereOrGivenUpStopsTheReplay(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "replay: open 1.csv: file does not exist"},
		{"when,site\n", `replay: 1.csv: invalid head line: no column "n"`},
	} {
		shelved := map[string]string{"m.yaml": twoSites}
		if tc.text != "" {
			shelved["1.csv"] = tc.text
		}
		files, err := replay.OpenFiles("s.yaml", []byte("{map: m.yaml, files: 1.csv}"), shelf(shelved), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := files.Run(t.Context(), nil, nil); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%v, want %s", err, tc.want)
		}
	}
}

// torn is a file that cannot be read to its end.
type torn struct{ io.Reader }

var errTorn = errors.New("the stick was pulled out")

func (r torn) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		err = errTorn
	}
	return n, err
}

func TestAReadErrorIsTheLastThingThatComes(t *testing.T) {
	m := open(t, twoSites)
	for _, text := range []string{"", "when,site,n\n", "when,site,n\n2016-01-01T00:00:00Z,A,1\n"} {
		items, _, err := m.Load("x.csv", torn{strings.NewReader(text)}, nil)
		if !errors.Is(err, errTorn) || len(items) != max(strings.Count(text, "\n")-1, 0) {
			t.Errorf("%q: %d items, %v", text, len(items), err)
		}
	}
	m = open(t, strings.Replace(twoSites, "slot:", "skip_lines: 2\nslot:", 1))
	if _, _, err := m.Load("x.csv", torn{strings.NewReader("title\n")}, nil); !errors.Is(err, errTorn) {
		t.Errorf("while passing lines over: %v", err)
	}
}

// A local time is read as the moment at which the clocks of its zone show it: the
// standard library, asked the other way round, shows the same.
func TestALocalTimeIsTheMomentAtWhichClocksShowIt(t *testing.T) {
	zones := map[string]*replay.Mapping{}
	for _, zone := range []string{"Asia/Tehran", "Australia/Lord_Howe", "Europe/London", "America/St_Johns", "Pacific/Apia"} {
		zones[zone] = open(t, strings.NewReplacer("Asia/Tehran", zone, "zone:", "ambiguous: first, zone:").Replace(twoSites))
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Asia/Tehran", "Australia/Lord_Howe", "Europe/London", "America/St_Johns", "Pacific/Apia"}).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		local := time.Unix(rapid.Int64Range(946_684_800, 2_000_000_000).Draw(t, "sec"), 0).UTC().Format("2006-01-02 15:04:05")
		items, _, err := zones[zone].Load("x.csv", strings.NewReader("when,site,n\n"+local+",A,1\n"), func(bad error) {
			if !strings.Contains(bad.Error(), "does not exist") {
				t.Fatal(bad)
			}
			ref, _ := time.ParseInLocation("2006-01-02 15:04:05", local, loc)
			if ref.Format("2006-01-02 15:04:05") == local {
				t.Fatalf("%s exists in %s: %v", local, zone, bad)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			if shown := it.From.Time().In(loc).Format("2006-01-02 15:04:05"); shown != local {
				t.Fatalf("%s in %s was read as %v, when clocks show %s", local, zone, it.From, shown)
			}
		}
	})
}

// What a file says does not depend on the script of its digits.
func TestPersianDigitsSayTheSame(t *testing.T) {
	m := open(t, twoSites)
	rapid.Check(t, func(t *rapid.T) {
		cell := time.Unix(rapid.Int64Range(1e9, 2e9).Draw(t, "sec"), 0).UTC().Format("2006-01-02 15:04")
		n := fmt.Sprint(rapid.IntRange(-9999, 99999).Draw(t, "n"))
		read := func(cell, n string) []entry.Item {
			items, _, err := m.Load("x.csv", strings.NewReader("when,site,n\n"+cell+",A,"+n+"\n"), nil)
			if err != nil {
				t.Fatal(err)
			}
			return items
		}
		if diff := cmp.Diff(read(cell, n), read(fa.Digits(cell), fa.Digits(n))); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTheMappingsOfTheManualAreRead(t *testing.T) {
	page, err := os.ReadFile("../../docs/collectors/replay.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, block := range strings.Split(string(page), "```yaml\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		if !strings.HasPrefix(text, "format:") {
			continue // settings, not a mapping
		}
		n++
		if m := open(t, text); len(m.Sources()) == 0 {
			t.Errorf("no sources: %s", text)
		}
	}
	if n == 0 {
		t.Error("the manual shows no mapping")
	}
}
