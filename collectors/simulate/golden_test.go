package simulate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rasad/city"
	"rasad/city/file"
	"rasad/collectors/simulate"
)

var update = flag.Bool("update", false, "write the golden files")

func TestEachCaseOfTheFolderPlaysAsItSays(t *testing.T) {
	folders, err := filepath.Glob("testcases/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, f := range folders {
		t.Run(filepath.Base(f), func(t *testing.T) {
			src, err1 := os.ReadFile(filepath.Join(f, "city.yaml"))
			settings, err2 := os.ReadFile(filepath.Join(f, "input.yaml"))
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			c, err := file.Compile("city.yaml", src)
			if err != nil {
				t.Fatal(err)
			}
			s, err := simulate.Open("input.yaml", settings, c, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			start, _ := c.Clock().Day(c.Seasons[0].One + 3)
			var got bytes.Buffer
			for _, x := range s.Between(start+18*3600, start+18*3600+1800) {
				line, err := json.Marshal(struct {
					Sent   city.Moment `json:"sent"`
					Source string      `json:"source"`
					From   city.Moment `json:"from"`
					To     city.Moment `json:"to"`
					Value  string      `json:"value"`
					ID     string      `json:"id,omitempty"`
					State  string      `json:"state,omitempty"`
				}{x.At, x.Item.Source, x.Item.From, x.Item.To, x.Item.Number, x.Item.ID, stateOf(x)})
				if err != nil {
					t.Fatal(err)
				}
				got.Write(append(line, '\n'))
			}
			golden := filepath.Join(f, "want.json")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, got.Bytes()) {
				t.Errorf("got\n%swant\n%s", got.Bytes(), want)
			}
		})
	}
}

func stateOf(x simulate.Timed) string {
	if x.Item.Event == nil {
		return ""
	}
	return x.Item.Event.State
}

func TestSettingsAreReadOrRefusedInWords(t *testing.T) {
	c := town(t, "Asia/Tehran")
	now := time.Date(2027, 3, 22, 21, 0, 0, 0, time.UTC) // half past midnight of 23 March in Tehran
	start := func(settings string) string {
		s, err := simulate.Open("s.yaml", []byte(settings), c, now)
		if err != nil {
			return err.Error()
		}
		first := s.Between(0, city.At(now)+100)
		return first[0].Item.From.String()
	}
	for _, tc := range []struct{ settings, want string }{
		{"{}", "2027-03-22T20:30:00Z"},
		{simulate.SampleSettings(), "2027-03-22T20:30:00Z"},
		{"start: 1406/01/01", "2027-03-20T20:30:00Z"},
		{"start: 2027-03-21", "2027-03-20T20:30:00Z"},
		{"start: soon", "open simulate: s.yaml: start: invalid date"},
		{"start: 1300/01/01", "invalid start 1921-03-20"},
		{"sede: 1", `unknown key "sede"`},
	} {
		if got := start(tc.settings); !strings.Contains(got, tc.want) {
			t.Errorf("%q: %s\nwant %s", tc.settings, got, tc.want)
		}
	}
	for _, settings := range []string{"start: soon", "start: 1300/01/01", "seed: -1"} {
		if _, err := simulate.Open("s.yaml", []byte(settings), c, now); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%q: %v, want ErrInvalid", settings, err)
		}
	}
}
