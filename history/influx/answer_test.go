package influx

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rasad/city"
	"rasad/history"
	"rasad/measure"
)

// whole is an answer with one cell.
const whole = `{"results":[{"statement_id":0,"series":[{"name":"source_1h","columns":["time","sum","n","min","max","last","last_at","expected","seen","late","pos"],` +
	`"values":[[1800001800000000000,9007199254740993,4,-1,5,5,1800005400,4,4,1,77]]}]}]}`

func ask(t *testing.T, body string) ([]measure.Cell, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	defer server.Close()
	s := openStore(t, Config{URL: server.URL})
	return s.Cells(t.Context(), &city.Source{ID: "gate/in"}, 1_800_001_800, 1_800_005_400, 0)
}

func TestIntegersBeyondFloatsStayWhole(t *testing.T) {
	got, err := ask(t, whole)
	want := measure.Cell{
		From: 1_800_001_800, Sum: 1<<53 + 1, N: 4, Min: -1, Max: 5, Last: 5, LastAt: 1_800_005_400, Expected: 4, Seen: 4, Late: 1, Pos: 77,
	}
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestAnswerThatIsNotWholeIsAnError(t *testing.T) {
	cases := map[string]string{
		"says so in the statement": `{"results":[{"statement_id":0,"error":"timeout reached"}]}`,
		"says so on top":           `{"error":"no such thing"}`,
		"is cut off":               whole[:len(whole)-20],
		"is cut off by the server": strings.Replace(whole, `"name"`, `"partial":true,"name"`, 1),
		"lacks a column":           strings.Replace(whole, `"late",`, `"other",`, 1),
		"has too few values":       strings.Replace(whole, `,77]`, `]`, 1),
		"has a null":               strings.Replace(whole, `,77]`, `,null]`, 1),
		"has a fraction":           strings.Replace(whole, `,77]`, `,7.5]`, 1),
		"has a text":               strings.Replace(whole, `,77]`, `,"77"]`, 1),
		"is of no statement":       `{"results":[]}`,
		"is a page":                `<html>`,
		"is empty":                 ``,
	}
	for name, body := range cases {
		if cells, err := ask(t, body); err == nil {
			t.Errorf("an answer that %s was taken: %+v", name, cells)
		}
	}
}

func TestAnswerWithoutEndIsGivenUp(t *testing.T) {
	_, err := readAnswer(io.MultiReader(strings.NewReader(`{"results":[{"error":"`), endless{}), 1<<20)
	if err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("%v", err)
	}
	if _, err := readAnswer(strings.NewReader(whole), int64(len(whole))); err != nil {
		t.Errorf("an answer that just fits: %v", err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestMarkIsReadOrRefused(t *testing.T) {
	one := []table{{Columns: []string{"time", "pos", "earlier", "clean"}, Values: [][]any{{num("0"), num("9"), num("4"), true}}}}
	if m, err := readMark(one); err != nil || m != (history.Mark{Pos: 9, Earlier: 4, Clean: true}) {
		t.Errorf("%+v, %v", m, err)
	}
	one[0].Values[0][3] = nil
	if m, err := readMark(one); err == nil {
		t.Errorf("%+v without clean", m)
	}
}

func num(s string) json.Number { return json.Number(s) }
