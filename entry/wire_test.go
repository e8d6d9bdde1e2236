package entry

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

	"github.com/google/go-cmp/cmp"

	"rasad/city"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden is a segment in which every kind of entry and every field occurs.
const golden = "000000000001-2027-03-21.rasad"

var start = time.Date(2027, 3, 21, 6, 30, 0, 0, time.UTC)

// batches are the entries of the golden segment.
func batches() [][]Entry {
	at := city.At(start)
	return [][]Entry{
		{
			&City{File: "id: isfahan\nname: {fa: اصفهان, en: Isfahan}\n", Compiled: json.RawMessage(`{"format":1,"id":"isfahan"}`), By: "console", Why: "first start"},
			&Token{ID: "t1", Name: "gate 7", Class: "source", Hash: strings.Repeat("0f", 32), Sources: []string{"khaju/*"}, Strict: true, Backfill: true, Expires: at + 86400, By: "console"},
			&Token{ID: "t2", Name: "هر دو", Class: "source", Hash: strings.Repeat("a0", 32), By: "console"},
		},
		{
			&Reading{Source: "khaju/in", From: at - 900, To: at, V: 412, By: "t1"},
			&Reading{Source: "khaju-present", From: at, To: at, V: 0, By: "t1", ID: "a-1"},
			&Reading{
				Source: "khaju/in", From: at - 90000, To: at - 89100, V: -3, By: "t1", ID: "a\"2\\\t",
				Late: 89100 * time.Second, Revises: Position{2, 1}, Reason: "شمارنده وارونه بود", Quality: "hand <count> & check",
			},
			&Event{Source: "litter-d3", At: at, ID: "137-9", V: 1, By: "t1"},
			&Event{Source: "litter-d3", At: at - 7200, ID: "137-9", V: 1, State: "closed", Case: "report", Category: "litter", Place: "khaju", By: "t1", Late: 7200 * time.Second},
		},
		{
			&Quarantined{Source: "khaju/in", Reason: "out_of_range", Detail: "want 0 to 4,000", By: "t1", ID: "a-3", Item: json.RawMessage(`{"source":"khaju/in","value":1e9}`)},
			&Quarantined{Source: "", Reason: "conflict", Against: Position{2, 0}, Item: json.RawMessage(`null`)},
			&Refused{Reason: "quarantine_full", By: "t1", Minute: at - at%60, N: 12345},
			&TokenRevoked{ID: "t2", By: "console", Why: "lost"},
			&TokenRevoked{ID: "t1", By: "console"},
			&Unknown{Name: "storm", Line: []byte(`{"kind":"storm","beaufort":9}`)},
		},
		acts(at),
	}
}

// acts is an act of every verb; every field occurs in one of them.
func acts(at city.Moment) []Entry {
	list := []Entry{
		&Act{
			ID: "01h5-add", Do: DoAddPerson, On: "p-0123456789ab", At: at, By: "console", Hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
			Person: &Profile{Login: "m.ahmadi", Name: "مریم احمدی", Role: city.RoleDepartment, Departments: []city.DepartmentID{"urban-services", "parks"}, Lang: "fa"},
		},
		&Act{ID: "01h5-change", Do: DoChangePerson, On: "p-0123456789ab", Expects: 1, At: at, By: "p-ba9876543210", Person: &Profile{Login: "m.ahmadi", Name: "M. <Ahmadi> & \"co\"", Role: city.RoleOperator, Lang: "en"}},
		&Act{ID: "01h5-password", Do: DoPassword, On: "p-0123456789ab", Expects: 2, At: at, By: "p-0123456789ab", Hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b3RoZXI"},
		&Act{ID: "01h5-begin", Do: DoSignIn, On: strings.Repeat("0f", 16), At: at, By: "p-0123456789ab", From: "192.0.2.7", Hash: strings.Repeat("0f", 32), Ends: at + 43200},
		&Act{ID: "01h5-refused", Do: DoRefuse, At: at, By: "-", From: "192.0.2.7"},
		&Act{ID: "01h5-assign", Do: DoAssign, On: "1042", Expects: 3, At: at, By: "p-ba9876543210", To: "p-0123456789ab"},
		&Act{
			ID: "01h5-evidence", Do: DoEvidence, On: "1042", At: at, By: "p-0123456789ab", Note: "پس از پاک‌سازی\nشمال پل",
			File: &File{SHA256: strings.Repeat("c3", 32), Type: "image/jpeg", Bytes: 204800, Width: 1600, Height: 1200},
		},
		&Act{ID: "01h5-hand", Do: DoHandOver, On: "urban-services", Expects: 7, At: at, By: "p-0123456789ab", To: "p-ba9876543210", Note: "دو خودرو در تعمیر است"},
		&Act{
			ID: "01h5-token", Do: DoAddToken, On: "t3", At: at, By: "p-ba9876543210", Hash: strings.Repeat("a0", 32), Ends: at + 86400*90,
			Token: &Grant{Name: "hall TV", Class: "display", Opens: []string{"hall"}, Person: "p-0123456789ab"},
		},
		&Act{ID: "01h5-release", Do: DoRelease, On: "3.0", At: at, By: "p-ba9876543210", Note: "counted by hand"},
	}
	for i, do := range []Verb{DoAcknowledge, DoNote, DoPause, DoResume, DoClose, DoReopen, DoEndPerson, DoSignOut, DoDiscard, DoExport} {
		list = append(list, &Act{ID: "01h5-other-" + string(rune('a'+i)), Do: do, On: "1042", At: at, By: "p-ba9876543210", Note: "why"})
	}
	return append(list, &Act{ID: "01h5-renew", Do: DoRenewToken, On: "t3", At: at, By: "p-ba9876543210", Ends: at + 86400*455})
}

// segment is the golden file's wire form, and the headers of its batches.
func segment(t *testing.T) (wire []byte, headers []Header) {
	t.Helper()
	var prev Hash
	for i, entries := range batches() {
		var body []byte
		var err error
		for _, e := range entries {
			if body, err = Append(body, e); err != nil {
				t.Fatal(err)
			}
		}
		at := start.Add(time.Duration(i) * 1234567 * time.Microsecond)
		header, hash := Seal(uint64(i+1), at, len(entries), body, prev)
		h, err := ParseHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if h.Prev != prev || h.Hash != hash {
			t.Errorf("batch %d: header %+v does not carry what Seal was given and gave", i+1, h)
		}
		wire, headers, prev = append(append(wire, header...), body...), append(headers, h), hash
	}
	return wire, headers
}

func TestTheWireFormIsThatOfTheGoldenFile(t *testing.T) {
	wire, _ := segment(t)
	path := filepath.Join("testdata", golden)
	if *update {
		if err := os.WriteFile(path, wire, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(wire)); d != "" {
		t.Errorf("the wire form of version 1 must never change (-want +got):\n%s", d)
	}
}

func TestTheGoldenFileIsReadBack(t *testing.T) {
	wire, err := os.ReadFile(filepath.Join("testdata", golden))
	if err != nil {
		t.Fatal(err)
	}
	_, headers := segment(t)
	for i, want := range batches() {
		line, rest, _ := bytes.Cut(wire, []byte{'\n'})
		h, err := ParseHeader(line)
		if err != nil {
			t.Fatal(err)
		}
		if h != headers[i] || !h.At.Equal(start.Add(time.Duration(i)*1234567*time.Microsecond).Truncate(time.Millisecond)) {
			t.Errorf("header %+v, want %+v", h, headers[i])
		}
		got, err := Open(h, rest[:h.Bytes])
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("batch %d (-want +got):\n%s", h.Number, d)
		}
		wire = rest[h.Bytes:]
	}
	if len(wire) > 0 {
		t.Errorf("%d bytes are left", len(wire))
	}
}

func TestOpenReadsOnlyTheKindsAskedFor(t *testing.T) {
	wire, headers := segment(t)
	_, body, _ := bytes.Cut(wire, []byte{'\n'})
	got, err := Open(headers[0], body[:headers[0].Bytes], KindToken, KindReading)
	if err != nil {
		t.Fatal(err)
	}
	want := batches()[0]
	want[0] = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestNoFlippedByteOfABatchGoesUnnoticed(t *testing.T) {
	wire, headers := segment(t)
	end := bytes.IndexByte(wire, '\n') + 1 + headers[0].Bytes
	for i := range end {
		flipped := bytes.Clone(wire[:end])
		flipped[i] ^= 0x01
		line, body, _ := bytes.Cut(flipped, []byte{'\n'})
		h, err := ParseHeader(line)
		if err != nil {
			continue
		}
		if _, err := Open(h, body); err == nil {
			t.Errorf("byte %d: %q became %q, and the batch still opens", i, wire[i], flipped[i])
		}
	}
}

func TestOpenRefusesABodyThatIsNotTheHeaders(t *testing.T) {
	sealed := func(entries int, body string) (Header, []byte) {
		header, _ := Seal(1, start, entries, []byte(body), Hash{})
		h, err := ParseHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		return h, []byte(body)
	}
	const line = `{"kind":"storm"}` + "\n"
	h, body := sealed(2, line+line)
	if _, err := Open(h, body); err != nil {
		t.Errorf("as it should be: %v", err)
	}
	if _, err := Open(h, body[:len(body)-1]); err == nil {
		t.Error("a shorter body opens")
	}
	for name, tc := range map[string]struct {
		entries int
		body    string
	}{
		"fewer entries than said": {3, line + line},
		"more entries than said":  {1, line + line},
		"no newline at the end":   {2, line + `{"kind":"storm"}`},
		"a line that is no entry": {2, line + "x\n"},
	} {
		if _, err := Open(sealed(tc.entries, tc.body)); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
}

func TestParseHeaderTakesOneSpellingOnly(t *testing.T) {
	header, _ := Seal(12, start.Add(50*time.Millisecond), 3, []byte("12345"), Hash{0xab, 0xcd})
	good := strings.TrimSuffix(string(header), "\n")
	for _, line := range []string{good, good + "\n"} {
		if h, err := ParseHeader([]byte(line)); err != nil || h.Number != 12 || h.Entries != 3 || h.Bytes != 5 || h.Prev[1] != 0xcd {
			t.Errorf("%q: %+v, %v", line, h, err)
		}
	}
	if len(header) > MaxHeader {
		t.Errorf("a header of %d bytes", len(header))
	}
	if n := len(AppendHeader(nil, Header{Number: 999999999999999999, At: start, Entries: 999999999999999999, Bytes: 999999999999999999})); n > MaxHeader {
		t.Errorf("the longest header has %d bytes, MaxHeader is %d", n, MaxHeader)
	}
	for _, change := range [][2]string{
		{"\"}", "\"}\n\n"},
		{"\"}", "\"} "},
		{"\"}", "\""},
		{`"batch":12`, `"batch":012`},
		{`"batch":12`, `"batch":-12`},
		{`"batch":12`, `"batch":0`},
		{`"batch":12`, `"batch":1234567890123456789`},
		{`"entries":3`, `"entries":0`},
		{`"entries":3`, `"entries":6`}, // more than the body has bytes
		{`"bytes":5`, `"bytes": 5`},
		{`.050Z`, `,050Z`},
		{`.050Z`, `.05Z`},
		{`.050Z`, `.050+00:00`},
		{`"abcd`, `"ABcd`},
		{`"abcd`, `"abc`},
		{`"abcd`, `"abxd`},
		{`,"prev"`, `,"more":1,"prev"`},
	} {
		line := strings.Replace(good, change[0], change[1], 1)
		if line == good {
			t.Fatalf("%q is not in %s", change[0], good)
		}
		if h, err := ParseHeader([]byte(line)); err == nil || errors.Is(err, ErrVersion) {
			t.Errorf("%s: %+v, %v", line, h, err)
		}
	}
}

func TestANewerVersionIsToldFromDamage(t *testing.T) {
	for line, want := range map[string]bool{
		`{"v":2,"batch":1}`: true,
		`{"v":2}`:           true,
		`{"v":99999,"x":1}`: true,
		`{"v":1,"batch":1}`: false,
		`{"v":x`:            false,
		`{"v":`:             false,
		``:                  false,
	} {
		if _, err := ParseHeader([]byte(line)); err == nil || errors.Is(err, ErrVersion) != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func FuzzParseHeader(f *testing.F) {
	header, _ := Seal(12, start, 3, []byte("12345"), Hash{1})
	f.Add(header)
	f.Add([]byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		h, err := ParseHeader(line)
		if err != nil {
			return
		}
		if got := AppendHeader(nil, h); !bytes.Equal(bytes.TrimSuffix(got, []byte{'\n'}), bytes.TrimSuffix(line, []byte{'\n'})) {
			t.Errorf("read %q, wrote %q", line, got)
		}
	})
}
