package push_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/collectors/push"
	"rasad/entry"
)

// reference reads a body with the standard library, token by token: slow, and the
// only second implementation. It does not judge escapes and UTF-8 as strictly, so
// it is asked about bodies of plain text.
func reference(body []byte) ([]entry.Item, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	for _, want := range []any{json.Delim('{'), "readings", json.Delim('[')} {
		if tok, err := d.Token(); err != nil || tok != want {
			return nil, fmt.Errorf("want %v, got %v, %w", want, tok, err)
		}
	}
	items := []entry.Item{}
	for d.More() {
		it, err := referenceItem(d)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	for _, want := range []json.Delim{']', '}'} {
		if tok, err := d.Token(); err != nil || tok != want {
			return nil, fmt.Errorf("want %v, got %v, %w", want, tok, err)
		}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more behind")
	}
	return items, nil
}

func referenceItem(d *json.Decoder) (it entry.Item, err error) {
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return it, fmt.Errorf("want {, got %v, %w", tok, err)
	}
	fields := map[string]any{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return it, err
		}
		name, _ := key.(string)
		if _, twice := fields[name]; twice {
			return it, errors.New("twice")
		}
		if fields[name], err = d.Token(); err != nil {
			return it, err
		}
	}
	if _, err := d.Token(); err != nil {
		return it, err
	}
	return fill(fields)
}

func fill(fields map[string]any) (it entry.Item, err error) {
	texts := map[string]*string{"source": &it.Source, "id": &it.ID, "unit": &it.Unit, "kind": &it.Kind, "quality": &it.Quality}
	numbers := map[string]*string{"value": &it.Number, "in": &it.In, "out": &it.Out}
	times := map[string]*city.Moment{"from": &it.From, "to": &it.To, "at": &it.From}
	for name, v := range fields {
		text, isText := v.(string)
		number, isNumber := v.(json.Number)
		switch {
		case texts[name] != nil && isText:
			*texts[name] = text
		case numbers[name] != nil && isNumber:
			*numbers[name] = number.String()
		case times[name] != nil && isText:
			t, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return it, err
			}
			*times[name] = city.At(t)
		default:
			return it, fmt.Errorf("field %s = %v", name, v)
		}
	}
	has := func(names ...string) int {
		n := 0
		for _, name := range names {
			if _, ok := fields[name]; ok {
				n++
			}
		}
		return n
	}
	switch {
	case it.Source == "",
		has("at") == 1 && has("from", "to") > 0, has("at") == 0 && has("from", "to") < 2,
		has("value") == 1 && has("in", "out") > 0, has("value") == 0 && has("in", "out") < 2:
		return it, errors.New("fields missing or too many")
	}
	if has("at") == 1 {
		it.To = it.From
	}
	return it, nil
}

// drawBody puts a body together from pieces that are mostly right.
func drawBody(t *rapid.T) []byte {
	piece := func(label string, right string, others ...string) string {
		if rapid.IntRange(0, 24).Draw(t, label+"?") > 0 {
			return right
		}
		return rapid.SampledFrom(others).Draw(t, label)
	}
	space := func() string { return rapid.SampledFrom([]string{"", "", "", " ", "\n\t"}).Draw(t, "space") }
	var b strings.Builder
	b.WriteString(space() + `{"readings"` + space() + `:` + space() + `[`)
	for i := range rapid.IntRange(0, 3).Draw(t, "n") {
		if i > 0 {
			b.WriteString(piece("comma", ",", ",,", "", ";"))
		}
		b.WriteString(space() + "{")
		names := rapid.SampledFrom([]string{"source at value", "source from to value", "from to in out source", "source at value id unit", "source at", "source at value value", "source at in value", "source at value kind quality"}).Draw(t, "names")
		for j, name := range strings.Fields(names) {
			if j > 0 {
				b.WriteString(space() + ",")
			}
			value := `"x y"`
			switch name {
			case "at", "from", "to":
				value = piece("time", `"2026-03-21T09:00:00+03:30"`, `"2026-03-21T05:30:00.5Z"`, `"2026-03-21T09:00:00"`, `"2026-02-30T09:00:00Z"`, `1`, `null`)
			case "value", "in", "out":
				value = piece("number", "12", "-0.5", "1e3", "01", "1.", "-", `"1"`, "null", "true", "0", "1E+05", "[1]")
			case "source":
				value = piece("source", `"gate"`, `""`, `7`, `{}`)
			}
			b.WriteString(`"` + piece("name", name, "Value", "sorce") + `"` + space() + ":" + space() + value)
		}
		b.WriteString(piece("end", "}", ",}", "]", ""))
	}
	b.WriteString(piece("close", "]}", "]", "]} x", ",]}", "]}}"))
	return []byte(b.String())
}

func TestDecodeAgreesWithTheStandardLibrary(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		body := drawBody(t)
		want, wantErr := reference(body)
		got, err := push.Decode(body)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s\nDecode: %v\nreference: %v", body, err, wantErr)
		}
		if err != nil {
			return
		}
		taken++
		for i := range got {
			got[i].Raw = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s\n%s", body, diff)
		}
	})
	if taken == 0 {
		t.Error("no body was taken: the pieces are never right")
	}
}

func TestNoPartOfABodyIsTaken(t *testing.T) {
	for i := range len(push.Sample) {
		if items, err := push.Decode([]byte(push.Sample[:i])); err == nil || items != nil {
			t.Fatalf("the first %d bytes are taken: %v", i, items)
		}
	}
}

func TestAFlippedByteIsRefusedOrStillJSON(t *testing.T) {
	for i := range len(push.Sample) {
		for _, flip := range []byte{0x01, 0x10, 0x20, 0x80} {
			body := []byte(push.Sample)
			body[i] ^= flip
			if _, err := push.Decode(body); err == nil && !json.Valid(body) {
				t.Fatalf("taken: %q", body)
			} else if err != nil && !errors.Is(err, city.ErrInvalid) {
				t.Fatalf("%q: %v", body, err)
			}
		}
	}
}

// Numbers are those of the standard library, for any text over their alphabet.
func TestNumbersAreThoseOfJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9.eE+-]{0,8}`).Draw(t, "number")
		_, err := push.Decode([]byte(reading(`"source":"s","at":"2026-03-21T09:00:00Z","value":` + text)))
		if valid := json.Valid([]byte(text)); valid != (err == nil) {
			t.Fatalf("%q: %v, JSON %v", text, err, valid)
		}
	})
}

// Texts are those of the standard library, however they are escaped.
func TestTextsAreThoseOfJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text")
		quoted, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "ascii") { // every character as an escape
			var b strings.Builder
			for _, r := range want {
				if r < 0x10000 {
					fmt.Fprintf(&b, `\u%04X`, r)
				} else {
					fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
				}
			}
			quoted = []byte(`"` + b.String() + `"`)
		}
		items, err := push.Decode([]byte(reading(`"source":"s","at":"2026-03-21T09:00:00Z","value":1,"id":` + string(quoted))))
		if err != nil || items[0].ID != want {
			t.Fatalf("%s: %v, %v", quoted, items, err)
		}
	})
}

func TestAFaultIsFoundFastAndWithoutMuchMemory(t *testing.T) {
	for name, body := range map[string][]byte{
		"deep":           bytes.Repeat([]byte(`{"readings":[`), 200_000),
		"many readings":  append(bytes.Repeat([]byte(`{"readings":[{"source":"s","at":"2026-03-21T09:00:00Z","value":1},`), 1), bytes.Repeat([]byte(`{"source":"s","at":"2026-03-21T09:00:00Z","value":1},`), 5_000)...),
		"one long text":  []byte(reading(`"source":"` + strings.Repeat("x", 1<<20) + `","y":1`)),
		"one long digit": []byte(reading(`"source":"s","value":` + strings.Repeat("9", 1<<20) + `,"y":1`)),
	} {
		start := time.Now()
		_, err := push.Decode(body)
		if err == nil || len(err.Error()) > 1000 {
			t.Errorf("%s: error of %d bytes", name, len(fmt.Sprint(err)))
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
	body := append(append([]byte(head), bytes.Repeat([]byte(`{"source":"gate","at":"2026-03-21T09:00:00Z","value":1},`), 4999)...), []byte(`{"source":"gate","at":"2026-03-21T09:00:00Z","value":1}]}`)...)
	if n := testing.AllocsPerRun(5, func() { _, _ = push.Decode(body) }); n > 10 {
		t.Errorf("5,000 readings took %v allocations, want a handful", n)
	}
}

func TestTheBodiesOfTheManualAreRead(t *testing.T) {
	page, err := os.ReadFile("../../docs/collectors/push.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, block := range strings.Split(string(page), "```json\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		decode := push.Decode
		switch {
		case strings.HasPrefix(text, `{"readings"`):
		case strings.HasPrefix(text, `{"cases"`):
			decode = push.DecodeCases
		default:
			continue // an answer
		}
		n++
		if items, err := decode([]byte(text)); err != nil || len(items) == 0 {
			t.Errorf("%v in %s", err, text)
		}
	}
	if n != 2 {
		t.Errorf("the manual shows %d bodies, want one of readings and one of cases", n)
	}
}

func TestTheDoorHasNoSettings(t *testing.T) {
	decode, err := push.Open("s.yaml", []byte(push.SampleSettings()))
	if err != nil {
		t.Fatal(err)
	}
	if items, err := decode([]byte(push.Sample)); err != nil || len(items) != 2 {
		t.Errorf("%d items, %v", len(items), err)
	}
	if _, err := push.Open("s.yaml", []byte("limit: 3")); !errors.Is(err, city.ErrInvalid) {
		t.Errorf("a setting: %v, want ErrInvalid", err)
	}
}

func ExampleDecode() {
	_, err := push.Decode([]byte(`{"readings":[
  {"source":"bridge","at":"2026-03-21T09:15:00","value":640}]}`))
	fmt.Println(err)
	// Output:
	// invalid body, line 2, column 27: readings[0]: "at" is a local time; add its offset from UTC, such as +03:30 or Z
}
