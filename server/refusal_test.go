package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
	"rasad/history"
	"rasad/measure"
	"rasad/server/people"
	"rasad/server/signin"
	"rasad/server/tokens"
)

// isolated are names and examples, which stand in a Persian sentence as they are.
var isolated = regexp.MustCompile("[\u2066-\u2068][^\u2069]*\u2069|«[^»]*»")

// english is the beginning of an English sentence: three words of its own.
var english = regexp.MustCompile(`[A-Za-z']+ [A-Za-z']+ [A-Za-z']+`)

func persian(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) })
}

// speaks complains where a text is not a sentence of the language.
func speaks(t *testing.T, what, lang, text string) {
	t.Helper()
	switch bare := isolated.ReplaceAllString(text, ""); {
	case strings.Contains(text, "%!"):
		t.Errorf("%s: its words do not fit their arguments: %q", what, text)
	case lang == "fa" && (!persian(bare) || english.MatchString(bare)):
		t.Errorf("%s is no Persian: %q", what, text)
	case lang == "en" && persian(bare):
		t.Errorf("%s is no English: %q", what, text)
	}
}

// A provocation is a request that is refused.
type provocation struct {
	who, method, path, body string
	headers                 []string
	code                    string // "": whichever
}

// provoke sends a provocation in both languages, and looks at what is said. It
// reports whether it was refused.
func (o *office) provoke(t *testing.T, p provocation) bool {
	t.Helper()
	refused := false
	for _, lang := range []string{"fa", "en"} {
		headers := append([]string{"Accept-Language", lang, "Content-Type", "application/json"}, p.headers...)
		if secret := o.secrets[p.who]; secret != "" {
			headers = append(headers, "Cookie", "rasad="+secret, csrfHeader, csrfOf(secret))
		}
		a := o.do(p.method, p.path, p.body, headers...)
		if a.status < 400 {
			if p.code != "" {
				t.Errorf("%s %s %.80s: %d %.200s", p.method, p.path, p.body, a.status, a.body)
			}
			continue
		}
		refused = true
		d := problemIn(t, a)
		what := fmt.Sprintf("%s %s %.80s (%d %s)", p.method, p.path, p.body, a.status, d.Code)
		if p.code != "" && d.Code != p.code {
			t.Errorf("%s: want %s: %s", what, p.code, a.body)
		}
		if d.Code == "fault" {
			t.Errorf("%s is our own fault: %s", what, a.body)
		}
		speaks(t, what+" title", lang, d.Title)
		speaks(t, what+" detail", lang, d.Detail)
		if d.Code == "invalid" && d.Detail == problemFor("invalid").detail.In(lang) {
			t.Errorf("%s does not say what is wrong: %s", what, a.body)
		}
		if persian(strings.ReplaceAll(d.Cause, "\u2026", "")) {
			t.Errorf("%s: its cause is not in English: %q", what, d.Cause)
		}
		var list struct {
			Answer struct{ Errors []wrongField }
		}
		if json.Unmarshal([]byte(a.body), &list) == nil {
			for _, f := range list.Answer.Errors {
				speaks(t, what+" at "+f.Location, lang, f.Message)
			}
		}
	}
	return refused
}

// Every address of the API is asked with parameters and bodies that do not fit.
func TestWhatIsNotWellPutIsSaidInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	o := openOffice(t, nil)
	bodies := []string{
		"", "[]", "{}", `{"x y":1}`, `{"id":1`, `{"id":"a","id":"a"}`, "{\"id\":\"\xff\"}", `{"id":"short","do":7,"why":""}`,
		`{"id":"long-enough-1","do":"dance","expects":0.5,"why":[],"note":{},"to":1,"login":1,"name":[],"role":"king","lang":"de","departments":"all","class":"king","days":-1,"opens":5,"strict":"yes"}`,
		`{"id":"long-enough-1","expects":1e300,"days":1e300}`,
	}
	refused := 0
	for name, op := range documented(o.srv) {
		method, path, _ := strings.Cut(name, " ")
		if path == readingsPath || path == casesPath || path == apiPath+"/session/password" {
			continue // the first two by token, below; the last would be held back after three wrong ones
		}
		path = strings.NewReplacer(":screen", "hall", ":department", "tourism", ":indicator", "visits-today", ":number", "1", ":position", "1.0", ":id", "nothing").Replace(path)
		var asked []provocation
		for _, param := range op.Parameters {
			if param.In != "query" {
				continue
			}
			for _, value := range []string{"sideways", "-1", "99999999999", strings.Repeat("x", 5000)} {
				asked = append(asked, provocation{"admin", method, path + "?" + param.Name + "=" + value, "", nil, ""})
			}
		}
		if method == http.MethodPost && !strings.HasSuffix(path, "/end") {
			for _, body := range bodies {
				asked = append(asked, provocation{"admin", method, path, body, nil, ""})
			}
		}
		for _, p := range asked {
			if o.provoke(t, p) {
				refused++
			}
		}
	}
	if refused < 120 {
		t.Errorf("only %d refusals: the test looks at the wrong place", refused)
	}
}

// What people meet at their pages, one by one.
func TestRefusalsSpeakTheCallersLanguage(t *testing.T) {
	t.Parallel()
	o := openOffice(t, nil)
	held := o.must(t, &entry.Quarantined{Source: "naqsh-e-jahan/in", Reason: collectors.ReasonWrongShape, Detail: "100 % wrong", By: "t1", Item: json.RawMessage(`"cut"`)})
	unread := o.must(t, &entry.Quarantined{Source: "none", Reason: collectors.ReasonUnknownSource, By: "t1", Item: json.RawMessage(`{"source":"none","from":"2027-03-24T12:00:00Z","to":"2027-03-24T12:15:00Z","value":2}`)})
	early := o.must(t, &entry.Quarantined{Source: "naqsh-e-jahan/in", Reason: collectors.ReasonAheadOfClock, By: "t1", Item: json.RawMessage(`{"source":"naqsh-e-jahan/in","from":"2037-03-24T12:00:00Z","to":"2037-03-24T12:15:00Z","value":2}`)})
	cut := o.must(t, &entry.Quarantined{Source: "naqsh-e-jahan/in", Reason: collectors.ReasonTooLate, By: "t1", Item: json.RawMessage(`"cut"`)})
	const person, api = `"id":"long-enough-1","name":"N","lang":"fa"`, apiPath
	rule := func(pos entry.Position, do string) provocation {
		return provocation{"operator", "POST", api + "/operate/quarantine/" + pos.String(), `{"id":"ruling-0001","do":"` + do + `","why":"seen"}`, nil, "invalid"}
	}
	for _, p := range []provocation{
		rule(held, "release"), rule(unread, "release"), rule(early, "release"), rule(cut, "release"),
		{"operator", "POST", api + "/operate/quarantine/999.0", `{"id":"ruling-0001","do":"discard","why":"seen"}`, nil, "not_found"},
		{"operator", "POST", api + "/operate/quarantine/here", `{"id":"ruling-0001","do":"discard","why":"seen"}`, nil, "invalid"},
		{"operator", "POST", api + "/operate/quarantine/" + held.String(), `{"id":"ruling-0001","do":"discard","why":" "}`, nil, "invalid"},
		{"admin", "POST", api + "/people", `{` + person + `,"login":"Sara!","role":"viewer","password":"long enough"}`, nil, "invalid"},
		{"admin", "POST", api + "/people", `{` + person + `,"login":"sara","role":"viewer","password":"short"}`, nil, "invalid"},
		{"admin", "POST", api + "/people", `{` + person + `,"login":"sara.rezaei","role":"viewer","password":"sara.rezaei"}`, nil, "invalid"},
		{"admin", "POST", api + "/people", `{` + person + `,"login":"sara","role":"department","password":"long enough"}`, nil, "invalid"},
		{"admin", "POST", api + "/people", `{` + person + `,"login":"sara","role":"viewer","departments":["parks"],"password":"long enough"}`, nil, "invalid"},
		{"admin", "POST", api + "/people", `{` + person + `,"login":"sara","role":"department","departments":["moon"],"password":"long enough"}`, nil, "invalid"},
		{"admin", "POST", api + "/people", `{"id":"Not An Id","name":" ","lang":"fa","login":"sara","role":"viewer","password":"long enough"}`, nil, "invalid"},
		{"admin", "POST", api + "/people", `{` + person + `,"login":"media","role":"viewer","password":"long enough"}`, nil, "taken"},
		{"admin", "POST", api + "/people/admin/end", `{"id":"long-enough-3"}`, nil, "last_admin"},
		{"admin", "POST", api + "/people/nobody/end", `{"id":"long-enough-4"}`, nil, "not_found"},
		{"admin", "POST", api + "/people/media", `{"id":"long-enough-5","name":"N","lang":"fa","login":"media","role":"media","expects":77}`, nil, "changed"},
		{"operator", "POST", api + "/tokens", `{"name":"x","class":"display","opens":["cellar"]}`, nil, "invalid"},
		{"operator", "POST", api + "/tokens", `{"name":"x","class":"media","opens":["cellar"]}`, nil, "invalid"},
		{"operator", "POST", api + "/tokens", `{"name":"x","class":"display"}`, nil, "invalid"},
		{"operator", "POST", api + "/tokens", `{"name":" ","class":"source"}`, nil, "invalid"},
		{"operator", "POST", api + "/tokens", `{"name":"x","class":"source","days":99999}`, nil, "invalid"},
		{"operator", "POST", api + "/tokens", `{"name":"x","class":"source","opens":["a b"]}`, nil, "invalid"},
		{"operator", "POST", api + "/tokens", `{"name":"x","class":"media","strict":true}`, nil, "invalid"},
		{"operator", "POST", api + "/tokens/none/renew", `{}`, nil, "not_found"},
		{"operator", "POST", api + "/tokens/none/revoke", `{"why":"lost"}`, nil, "not_found"},
		{"", "POST", api + "/session", `{"login":"nobody","password":"x"}`, nil, "sign_in"},
		{"", "POST", api + "/session", `{"login":1}`, nil, "invalid"},
		{"", "POST", api + "/session/display", `{"key":"x"}`, nil, "token"},
		{"", "POST", api + "/setup", `{"code":"x"}`, nil, "denied"},
		{"", "GET", api + "/departments", "", nil, "signed_out"},
		{"viewer", "GET", api + "/people", "", nil, "denied"},
		{"admin", "GET", api + "/cases/99", "", nil, "not_found"},
		{"admin", "POST", api + "/cases/99/acts", `{"id":"long-enough-6","do":"note","expects":0,"note":"x"}`, nil, "not_found"},
		{"admin", "POST", api + "/cases/99/acts", `{"id":"long-enough-6","do":"close","expects":0}`, nil, "invalid"},
		{"admin", "GET", api + "/departments/moon", "", nil, "not_found"},
		{"admin", "GET", api + "/departments/tourism/shifts/77", "", nil, "not_found"},
		{"admin", "GET", api + "/departments/tourism/shifts/x", "", nil, "not_found"},
		{"admin", "GET", api + "/departments/tourism/cases?tile=moon", "", nil, "not_found"},
		{"admin", "GET", api + "/screens/moon", "", nil, "not_found"},
		{"admin", "GET", api + "/tiles?view=moon", "", nil, "not_found"},
		{"admin", "GET", api + "/tiles?since=x", "", nil, "invalid"},
		{"admin", "GET", api + "/indicators/moon", "", nil, "not_found"},
		{"admin", "GET", api + "/indicators/visits-today/series?from=yesterday", "", nil, "invalid"},
		{"admin", "GET", api + "/indicators/visits-today/series?step=2h", "", nil, "invalid"},
		{"admin", "GET", api + "/indicators/visits-today/series?as_of=then", "", nil, "invalid"},
		{"admin", "GET", api + "/figures/moon", "", nil, "not_found"},
		{"admin", "GET", "/evidence/" + strings.Repeat("0", 64), "", nil, "not_found"},
		{"admin", "GET", "/moon", "", nil, "not_found"},
		{"admin", "GET", "/ws", "", nil, "upgrade"},
		{"", "POST", readingsPath, readings(1), []string{"Authorization", "Bearer nothing"}, "token"},
		{"", "POST", readingsPath, `{"readings":[{"vlaue":"%d"}]}`, []string{"Authorization", "Bearer " + o.source(t)}, "invalid"},
	} {
		o.provoke(t, p)
	}
}

// A page that is refused says the same to the one who looks at it.
func TestAPageThatIsRefusedSaysWhy(t *testing.T) {
	t.Parallel()
	o := openOffice(t, nil)
	for _, x := range []struct{ query, chosen, browser, want string }{
		{"?lang=fa", "", "en", "چنین عکسی نیست"},
		{"", "; rasad_lang=fa", "en", "چنین عکسی نیست"},
		{"", "", "fa", "no such photo"}, // the person prefers English
	} {
		a := o.do("GET", "/evidence/"+strings.Repeat("0", 64)+x.query, "", "Accept", "text/html", "Accept-Language", x.browser, "Cookie", "rasad="+o.secrets["admin"]+x.chosen)
		if a.status != http.StatusNotFound || !strings.Contains(a.body, "<html") || !strings.Contains(a.body, x.want) {
			t.Errorf("%+v: %d %s", x, a.status, a.body)
		}
	}
}

// source makes a token that may send everything.
func (o *office) source(t *testing.T) string {
	t.Helper()
	_, secret, err := o.book.Issue(t.Context(), tokens.Request{Name: "gate", By: "test"}, o.srv.clock(), o.keep)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// What the rooms below say, some of which no request reaches today.
func TestTheWordsOfTheRoomsAreInBothLanguages(t *testing.T) {
	t.Parallel()
	c := isfahan(t)
	series := func(q history.SeriesQuery) error {
		_, err := history.Series(t.Context(), nil, c, q)
		return err
	}
	day, step := city.Moment(1806000000), history.Hour
	errs := map[string]error{
		"no indicator":    series(history.SeriesQuery{Indicator: "moon"}),
		"no grouping":     series(history.SeriesQuery{Indicator: "visits-today", By: city.ByDistrict, From: day, To: day + 3600, Step: step}),
		"no group":        series(history.SeriesQuery{Indicator: "visits-today", Group: measure.Group{By: city.ByPlace, ID: "moon"}, From: day, To: day + 3600, Step: step}),
		"no step":         series(history.SeriesQuery{Indicator: "visits-today", By: city.ByPlace, From: day, To: day + 3600, Step: 7}),
		"no stretch":      series(history.SeriesQuery{Indicator: "visits-today", By: city.ByPlace, From: day, To: day, Step: step}),
		"too many points": series(history.SeriesQuery{Indicator: "visits-today", By: city.ByPlace, From: day, To: day * 2, Step: step}),
		"not UTF-8":       signin.CheckPassword("ali", strings.Repeat("\xff", 20)),
		"a long password": signin.CheckPassword("ali", strings.Repeat("x", 500)),
	}
	for _, word := range []string{measure.RefusedChanged, measure.RefusedTaken, measure.RefusedLastAdmin, measure.RefusedNoPerson, measure.RefusedNotFound, measure.RefusedAlready} {
		errs["person "+word] = &people.RefusedError{Word: word}
	}
	for _, do := range entry.Verbs() {
		errs["act "+string(do)] = (&entry.Act{ID: "long-enough", Do: do, By: "x"}).Check()
	}
	delete(errs, "act "+string(entry.DoRefuse)) // is about nobody
	for name, err := range errs {
		var r *city.RefusalError
		if !errors.As(err, &r) {
			t.Errorf("%s: %v has no words for people", name, err)
			continue
		}
		for _, lang := range []string{"fa", "en"} {
			speaks(t, name, lang, r.In(lang, shown))
		}
	}
}

// What huma may say in a later version would not be known here.
func TestAnUnknownSayingStillSaysWhereInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	e := &huma.ErrorModel{Status: 422, Errors: []*huma.ErrorDetail{{Location: "body.note", Message: "expected 100% something new"}}}
	for lang, want := range map[string]string{"fa": "توضیح (\u2068note\u2069) پذیرفتنی نیست؛ قالب درست آن در openapi.json آمده است", "en": "body.note: expected 100% something new"} {
		list, err := invalid(e, lang)
		if got := detailOf(err, problemFor("invalid"), lang); got != want || fmt.Sprint(list) != "{[{body.note "+want+"}]}" {
			t.Errorf("%q %v", got, list)
		}
	}
	for _, row := range problems() {
		for lang, text := range map[string]string{"fa": row.title.FA + " " + row.detail.FA, "en": row.title.EN + " " + row.detail.EN} {
			speaks(t, row.code, lang, text)
		}
	}
	for _, s := range sayings() {
		if strings.Contains(s.words.FA, "%") != strings.Contains(s.words.EN, "%") {
			t.Errorf("%q takes what follows in one language alone", s.begins)
		}
	}
	if names := slices.Collect(maps.Values(fieldNames())); slices.ContainsFunc(names, func(n string) bool { return !persian(n) }) {
		t.Errorf("names of fields %v", names)
	}
	if err := context.Canceled; detailOf(err, problemFor("busy"), "fa") != problemFor("busy").detail.FA {
		t.Error("what has no words of its own lost those of its row")
	}
}
