package push_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/collectors/push"
	"rasad/entry"
)

const head = `{"readings":[`

func TestEveryFieldOfAReadingIsRead(t *testing.T) {
	items, err := push.Decode([]byte(head + `
 {"source":"gate","from":"2026-03-21T09:00:00+03:30","to":"2026-03-21T09:15:00.999+03:30","in":12,"out":-0.5e1,"id":"a\u0041\ud83c\udf37","unit":"vehicle","kind":"interval","quality":"ok","revises":"12.3","reason":"عدد دوباره شمرده شد"},
 {"value":1,"at":"2026-03-21T05:45:00Z","source":"litter","id":"r-1","event":"opened","case":"report","category":"litter","place":"bridge"} ] } `))
	if err != nil {
		t.Fatal(err)
	}
	at := city.At(time.Date(2026, 3, 21, 5, 45, 0, 0, time.UTC))
	want := []entry.Item{
		{
			Source: "gate", From: at - 900, To: at, In: "12", Out: "-0.5e1", ID: "aA🌷", Unit: "vehicle", Kind: "interval",
			Quality: "ok", Revises: entry.Position{Batch: 12, Index: 3}, Reason: "عدد دوباره شمرده شد",
		},
		{Source: "litter", From: at, To: at, Number: "1", ID: "r-1", Event: &entry.Happening{State: "opened", Case: "report", Category: "litter", Place: "bridge"}},
	}
	for i := range items {
		if !json.Valid(items[i].Raw) || items[i].Raw[0] != '{' {
			t.Errorf("Raw of item %d is not its object: %s", i, items[i].Raw)
		}
		items[i].Raw = nil
	}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptyListIsNoFault(t *testing.T) {
	items, err := push.Decode([]byte(`{"readings":[]}`))
	if err != nil || len(items) != 0 {
		t.Errorf("Decode = %v, %v; want none", items, err)
	}
}

func TestTheSampleIsRead(t *testing.T) {
	if items, err := push.Decode([]byte(push.Sample)); err != nil || len(items) != 2 {
		t.Errorf("Decode(Sample) = %d items, %v", len(items), err)
	}
}

// reading returns a body whose one reading has the fields f.
func reading(f string) string { return head + "{" + f + "}]}" }

func TestTheFirstFaultIsNamedWithItsPlaceAndCure(t *testing.T) {
	const at = `"source":"s","at":"2026-03-21T09:00:00Z"`
	for _, tc := range []struct{ name, body, want string }{
		{"empty", "", `line 1, column 1: the body ends here; the body must be an object: {"readings":[…]}`},
		{"list", "[]", `line 1, column 1: the body must be an object: {"readings":[…]}`},
		{"bom", "\uFEFF{}", "line 1, column 1: the body starts with a byte order mark; save it as UTF-8 without one"},
		{"not UTF-8", "{\"readings\":\n[{\"source\":\"\xff\"}]}", "line 2, column 13: the body is not UTF-8 here; send it as UTF-8"},
		{"no readings", "{}", `line 1, column 2: no "readings"; want {"readings":[…]}`},
		{"other key", `{"reading":[]}`, `line 1, column 2: unknown field "reading"; want "readings"`},
		{"readings twice", `{"readings":[],"readings":[]}`, `line 1, column 16: field "readings" stands twice; send it once`},
		{"trailing", `{"readings":[]} {}`, "line 1, column 17: more behind the end of the body; send one object only"},
		{"no list", `{"readings":{}}`, `line 1, column 13: "readings" must be a list: [{…},{…}]`},
		{"torn", head + `{"source":"s"`, "line 1, column 27: readings[0]: the body ends in the middle; send it whole"},
		{"typo", reading(at + `,"vlaue":1`), `line 1, column 56: readings[0]: unknown field "vlaue"; want source, from and to or at, value or in and out, id, unit, kind, quality, revises, reason, event, case, category, place`},
		{"case variant", reading(at + `,"Value":1`), `readings[0]: unknown field "Value"; write it in lower case: "value"`},
		{"escaped key is the same key", reading(at + `,"value":1,"v\u0061lue":2`), `readings[0]: field "value" stands twice; send it once`},
		{"third reading", head + "{" + at + `,"value":1},` + "\n{" + at + `,"value":2},` + "\n{" + at + `}]}`, `line 3, column 1: readings[2]: want either "value", or "in" and "out"`},
		{"column counts characters", reading(`"source":"پل","x":1`), `line 1, column 29: readings[0]: unknown field "x"`},
		{"quoted number", reading(at + `,"value":"12"`), `"value" is a string; send the number without quotes, such as 12.5`},
		{"null", reading(at + `,"value":null`), `"value" is null; leave the reading out where there is no value`},
		{"null text", reading(at + `,"value":1,"unit":null`), `"unit" is null; leave the field out`},
		{"null time", reading(`"source":"s","value":1,"at":null`), `"at" is null; leave the field out`},
		{"NaN", reading(at + `,"value":NaN`), "no JSON number; write it like 12 or -3.5, in Latin digits"},
		{"plus", reading(at + `,"value":+1`), "no JSON number; write it like 12 or -3.5, in Latin digits"},
		{"hex", reading(at + `,"value":0x10`), "no JSON number; write it like 12 or -3.5, in Latin digits"},
		{"underscore", reading(at + `,"value":1_000`), "no JSON number; write it like 12 or -3.5, in Latin digits"},
		{"half a fraction", reading(at + `,"value":1.`), "no JSON number; write it like 12 or -3.5, in Latin digits"},
		{"half an exponent", reading(at + `,"value":1e+`), "no JSON number; write it like 12 or -3.5, in Latin digits"},
		{"leading zero", reading(at + `,"value":012`), "no JSON number; write it without leading zeros"},
		{"Persian digits", reading(at + `,"value":۱۲`), "column 64: readings[0]: Persian or Arabic digits are no JSON number; use Latin digits and a dot"},
		{"Arabic digit inside", reading(at + `,"value":1٢`), "column 65: readings[0]: Persian or Arabic digits are no JSON number; use Latin digits and a dot"},
		{"true", reading(at + `,"value":true`), "no JSON number"},
		{"deep", reading(at + `,"value":` + strings.Repeat("[", 200_000)), "no JSON number"},
		{"deep at the top", strings.Repeat("[", 200_000), "the body must be an object"},
		{"a number as text", reading(at + `,"value":1,"id":7`), `"id" must be a string in double quotes`},
		{"local time", reading(`"source":"s","value":1,"at":"2026-03-21T09:00:00"`), `"at" is a local time; add its offset from UTC, such as +03:30 or Z`},
		{"offset without colon", reading(`"source":"s","value":1,"at":"2026-03-21T09:00:00+0330"`), `"at" is a time with a broken offset; write it like +03:30 or Z`},
		{"offset beyond a day", reading(`"source":"s","value":1,"at":"2026-03-21T09:00:00+24:00"`), "broken offset"},
		{"no such day", reading(`"source":"s","value":1,"at":"2026-02-29T09:00:00Z"`), `"at" is a date that does not exist; correct it`},
		{"no such hour", reading(`"source":"s","value":1,"at":"2026-02-28T24:00:00Z"`), `"at" is a time of day that does not exist`},
		{"unix time", reading(`"source":"s","value":1,"at":1774080900`), `"at" must be a time in quotes, such as "2026-03-21T09:15:00+03:30"`},
		{"Persian time", reading(`"source":"s","value":1,"at":"۲۰۲۶-03-21T09:00:00Z"`), `"at" is no time; use Latin digits`},
		{"no fraction", reading(`"source":"s","value":1,"at":"2026-02-28T23:00:00.Z"`), `"at" is no time`},
		{"at and from", reading(`"source":"s","value":1,"at":"2026-02-28T23:00:00Z","from":"2026-02-28T23:00:00Z"`), `want either "from" and "to", or "at"`},
		{"only from", reading(`"source":"s","value":1,"from":"2026-02-28T23:00:00Z"`), `want either "from" and "to", or "at"`},
		{"only in", reading(at + `,"in":1`), `want either "value", or "in" and "out"`},
		{"value and in", reading(at + `,"value":1,"in":1,"out":1`), `want either "value", or "in" and "out"`},
		{"no source", reading(`"at":"2026-02-28T23:00:00Z","value":1`), `no "source"; say which source it is of`},
		{"empty source", reading(`"source":"","at":"2026-02-28T23:00:00Z","value":1`), `"source" is empty`},
		{"event without id", reading(at + `,"value":1,"case":"report"`), `"event", "case", "category" and "place" need the "id" of the event`},
		{"revises", reading(at + `,"value":1,"revises":"x"`), `"revises" is no position; send the position of an answer, such as "12.3"`},
		{"lone surrogate", reading(at + `,"value":1,"id":"\ud83c"`), "half of a surrogate pair; send both halves, or the character itself as UTF-8"},
		{"low surrogate first", reading(at + `,"value":1,"id":"\udf37\ud83c"`), "half of a surrogate pair"},
		{"unknown escape", reading(at + `,"value":1,"id":"\x41"`), `broken JSON: unknown escape`},
		{"control", reading(at + ",\"value\":1,\"id\":\"a\tb\""), `broken JSON: a control character in a string; write it as \u0009`},
		{"control behind an escape", reading(at + ",\"value\":1,\"id\":\"\\n\tb\""), `broken JSON: a control character in a string; write it as \u0009`},
		{"open string", head + `{"source":"s`, "broken JSON: a string without its closing quote"},
		{"open string behind an escape", head + `{"source":"\n`, "broken JSON: a string without its closing quote"},
		{"no colon", head + `{"source" "s"`, "broken JSON: want : behind a field name"},
		{"single quotes", head + `{'source':'s'}`, "broken JSON: want a field name in double quotes"},
		{"no comma", head + `{"source":"s" "at":1}`, "broken JSON: want , or }"},
		{"comma at the end", head + `{` + at + `,"value":1},]}`, "broken JSON: a comma before ]; leave it out"},
		{"a reading that is no object", head + `7]}`, `a reading must be an object`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			items, err := push.Decode([]byte(tc.body))
			if items != nil || !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Decode = %d items, %v\nwant an error with %s", len(items), err, tc.want)
			}
		})
	}
}

func TestAMillionKeysAreRefusedAtTheFirst(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(head + "{")
	for i := range 1_000_000 {
		fmt.Fprintf(&b, `"k%d":1,`, i)
	}
	start := time.Now()
	_, err := push.Decode(b.Bytes())
	if err == nil || !strings.Contains(err.Error(), `unknown field "k0"`) {
		t.Errorf("Decode = %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Times are compared with the standard library's reader.
func TestTimesAreReadAsTheStandardLibraryReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sec := rapid.Int64Range(-30_000_000_000, 120_000_000_000).Draw(t, "sec")
		off := rapid.IntRange(-14*60, 14*60).Draw(t, "offset") * 60
		text := time.Unix(sec, 0).In(time.FixedZone("", off)).Format(time.RFC3339)
		items, err := push.Decode([]byte(reading(`"source":"s","value":1,"at":"` + text + `"`)))
		if err != nil || items[0].From != city.Moment(sec) {
			t.Fatalf("%s = %v, %v; want %d", text, items, err, sec)
		}
	})
}

func drawItem(t *rapid.T) entry.Item {
	text := rapid.StringN(0, 20, -1)
	number := rapid.SampledFrom([]string{"0", "-0", "12", "82.35", "-3", "1e3", "9007199254740993", "1E-2", "120.50"})
	it := entry.Item{
		Source: rapid.StringN(1, 20, -1).Draw(t, "source"),
		From:   city.Moment(rapid.Int64Range(0, 4_000_000_000).Draw(t, "from")),
		ID:     text.Draw(t, "id"), Unit: text.Draw(t, "unit"), Kind: text.Draw(t, "kind"),
		Quality: text.Draw(t, "quality"), Reason: text.Draw(t, "reason"),
	}
	it.To = it.From + city.Moment(rapid.SampledFrom([]int64{0, 900, 3600}).Draw(t, "length"))
	if rapid.Bool().Draw(t, "gate") {
		it.In, it.Out = number.Draw(t, "in"), number.Draw(t, "out")
	} else {
		it.Number = number.Draw(t, "value")
	}
	if rapid.Bool().Draw(t, "revises") {
		it.Revises = entry.Position{Batch: rapid.Uint64Min(1).Draw(t, "batch"), Index: rapid.Uint32().Draw(t, "index")}
	}
	if it.ID != "" && rapid.Bool().Draw(t, "event") {
		it.Event = &entry.Happening{State: text.Draw(t, "state"), Case: text.Draw(t, "case"), Category: text.Draw(t, "category"), Place: text.Draw(t, "place")}
	}
	return it
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.Custom(drawItem), 0, 5).Draw(t, "items")
		body := push.Append(nil, items)
		if !json.Valid(body) {
			t.Fatalf("not JSON: %s", body)
		}
		got, err := push.Decode(body)
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		for i := range got {
			got[i].Raw = nil
		}
		if len(got) == 0 && len(items) == 0 {
			return
		}
		if diff := cmp.Diff(items, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestANumberThatIsNoneIsWrittenSoThatItIsRefused(t *testing.T) {
	body := push.Append(nil, []entry.Item{{Source: "s", Number: "NaN"}})
	if _, err := push.Decode(body); !json.Valid(body) || err == nil {
		t.Errorf("Decode(%s) = %v, want it refused", body, err)
	}
}

func TestEachCaseOfTheFolderIsReadAsItSays(t *testing.T) {
	folders, err := filepath.Glob("testcases/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, f := range folders {
		t.Run(filepath.Base(f), func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(f, "input.json"))
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join(f, "want.json"))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			decode := push.Decode
			if bytes.HasPrefix(body, []byte(`{"cases"`)) {
				decode = push.DecodeCases
			}
			if items, err := decode(body); err != nil {
				b, _ := json.Marshal(err.Error())
				got = string(b)
			} else {
				got = string(push.Append(nil, items))
			}
			if got != strings.TrimSpace(string(want)) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// What Decode takes is JSON for the standard library too, and reads back.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(push.Sample))
	f.Add([]byte(reading(`"source":"s\u00e9","at":"2026-03-21T09:00:00.5Z","value":-1.5e-3,"id":"x","event":""`)))
	f.Add([]byte(`{"readings":[{"source":"\ud83c\udf37"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		items, err := push.Decode(body)
		if err != nil {
			if !errors.Is(err, city.ErrInvalid) || len(err.Error()) > 1000 {
				t.Errorf("error: %v", err)
			}
			return
		}
		if !json.Valid(body) {
			t.Errorf("taken, but not JSON: %q", body)
		}
		again, err := push.Decode(push.Append(nil, items))
		if err != nil {
			t.Fatalf("not read back: %v", err)
		}
		for i := range items {
			items[i].Raw, again[i].Raw = nil, nil
		}
		if diff := cmp.Diff(items, again); diff != "" {
			t.Error(diff)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var body bytes.Buffer
	body.WriteString(head)
	const n = 5000
	for i := range n {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"source":"gate-%d/in","from":"2026-03-21T09:00:00+03:30","to":"2026-03-21T09:15:00+03:30","value":%d}`, i%200, i)
	}
	body.WriteString("]}")
	b.SetBytes(int64(body.Len()))
	for b.Loop() {
		if items, err := push.Decode(body.Bytes()); err != nil || len(items) != n {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}
