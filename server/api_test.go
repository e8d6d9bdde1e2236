package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"rasad/register"
)

// documented returns the addresses of the API's document, as Fiber writes them.
func documented(s *Server) map[string]*huma.Operation {
	all := map[string]*huma.Operation{}
	for path, item := range s.api.huma.OpenAPI().Paths {
		path = strings.NewReplacer("{", ":", "}", "").Replace(path)
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "DELETE": item.Delete, "PUT": item.Put, "PATCH": item.Patch} {
			if op != nil {
				all[method+" "+path] = op
			}
		}
	}
	return all
}

func TestTheDocumentTellsOfEveryAddressOfTheAPIAndOfNoOther(t *testing.T) {
	s := open(t, nil)
	docs := documented(s.srv)
	seen := map[string]bool{}
	for _, r := range s.srv.rows() {
		name := r.method + " " + r.path
		if !strings.HasPrefix(r.path, apiPath+"/") || strings.HasSuffix(r.path, "/openapi.json") {
			continue
		}
		seen[name] = true
		op := docs[name]
		if op == nil {
			t.Errorf("%s is not in the document", name)
			continue
		}
		if op.Summary == "" || len(op.Tags) != 1 || op.OperationID == "" {
			t.Errorf("%s says too little of itself: %+v", name, op)
		}
		ok := op.Responses["200"]
		if ok == nil || ok.Content["application/json"] == nil || ok.Content["application/json"].Schema == nil {
			t.Errorf("%s does not say what it answers with", name)
		}
		for _, status := range []string{"401", "403", "500", "503"} {
			if p := op.Responses[status]; p == nil || p.Content["application/problem+json"] == nil {
				t.Errorf("%s does not say that it may answer %s", name, status)
			}
		}
	}
	for name := range docs {
		if !seen[name] {
			t.Errorf("the document tells of %s, which is not there", name)
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d addresses: the test looks at the wrong place", len(seen))
	}
}

func TestTheDocumentIsOpenAPI31AndServed(t *testing.T) {
	s := open(t, nil)
	a := s.do("GET", "/api/v1/openapi.json", "")
	var doc struct {
		OpenAPI    string `json:"openapi"`
		Components struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(a.body), &doc); err != nil || a.status != 200 || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatalf("%d %v %.100s", a.status, err, a.body)
	}
	for rest := a.body; ; {
		_, after, found := strings.Cut(rest, `"#/components/schemas/`)
		if !found {
			break
		}
		name, _, _ := strings.Cut(after, `"`)
		if doc.Components.Schemas[name] == nil {
			t.Errorf("the schema %s is Named and not there", name)
		}
		rest = after
	}
}

// holds compares an answer with the schema that the document has for it.
func (o *desk) holds(t *testing.T, method, route string, a answer) {
	t.Helper()
	doc := o.srv.api.huma.OpenAPI()
	op := documented(o.srv)[method+" "+route]
	if op == nil {
		t.Fatalf("%s %s is not in the document", method, route)
	}
	response := op.Responses[fmt.Sprint(a.status)]
	if response == nil {
		t.Errorf("%s %s: the document has no answer %d", method, route, a.status)
		return
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	media := response.Content[kind]
	if media == nil {
		t.Errorf("%s %s: the document has no answer %d of type %s", method, route, a.status, kind)
		return
	}
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatal(err)
	}
	var found huma.ValidateResult
	huma.Validate(doc.Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, &found)
	for i, err := range found.Errors {
		if i < 3 {
			t.Errorf("%s %s answers otherwise than its document: %.300v", method, route, err)
		}
	}
}

func TestAnswersAreWhatTheDocumentSays(t *testing.T) {
	o := openDesk(t)
	number := o.report(t)
	o.act(t, number, "an-act-1", "pause", 1, "", "راه بسته است", nil, 200)
	for path, route := range map[string]string{
		"/tiles?view=all":                            "/tiles",
		"/tiles?view=hall":                           "/tiles",
		"/screens/hall":                              "/screens/:screen",
		"/indicators":                                "/indicators",
		"/indicators/visits-today":                   "/indicators/:indicator",
		"/indicators/nothing":                        "/indicators/:indicator",
		"/session":                                   "/session",
		"/departments":                               "/departments",
		"/departments/parks":                         "/departments/:department",
		"/departments/urban-services":                "/departments/:department",
		"/departments/nothing":                       "/departments/:department",
		"/departments/urban-services/cases":          "/departments/:department/cases",
		"/departments/urban-services/cases?limit=0":  "/departments/:department/cases",
		"/departments/urban-services/shifts":         "/departments/:department/shifts",
		"/departments/urban-services/shifts/current": "/departments/:department/shifts/:number",
		"/cases/1":                                   "/cases/:number",
		"/cases/99":                                  "/cases/:number",
		"/cases/x":                                   "/cases/:number",
		"/figures":                                   "/figures",
		"/figures?period=never":                      "/figures",
		"/figures/visits-today":                      "/figures/:id",
	} {
		a := o.do("GET", apiPath+path, "")
		o.holds(t, "GET", apiPath+route, a)
	}
	o.holds(t, "POST", apiPath+"/cases/:number/acts", o.act(t, number, "an-act-2", "resume", 2, "", "", nil, 200))
	o.holds(t, "POST", apiPath+"/cases/:number/acts", o.act(t, number, "an-act-3", "close", 2, "", "", nil, 409))
	o.holds(t, "POST", readingsPath, o.do("POST", readingsPath, readings(2), "Authorization", "Bearer "+o.token))
}

func TestProblemsSpeakTheCallersLanguage(t *testing.T) {
	o := openDesk(t)
	for lang, want := range map[string]string{"fa": "درخواست نادرست است", "en": "The request is not right"} {
		a := o.do("GET", "/api/v1/departments/parks/cases?sort=sideways", "", "Accept-Language", lang)
		p := problemIn(t, a)
		if a.status != 400 || p.Title != want || p.Status != 400 || !strings.Contains(p.Cause, "query.sort") || a.header.Get("Content-Language") != lang {
			t.Errorf("%s: %d %+v", lang, a.status, p)
		}
	}
}

func TestABodyIsReadInOneWayOnly(t *testing.T) {
	o := openDesk(t)
	number := o.report(t)
	path := fmt.Sprintf("/api/v1/cases/%d/acts", number)
	const good = `{"id":"an-act-1","do":"note","expects":0,"note":"x"}`
	for name, body := range map[string]string{
		"twice the same name": `{"id":"an-act-1","do":"note","do":"close","expects":1,"note":"x"}`,
		"another case":        `{"id":"an-act-1","Do":"note","expects":0,"note":"x"}`,
		"an unknown name":     `{"id":"an-act-1","do":"note","expects":0,"note":"x","by":"p-other"}`,
		"not UTF-8":           "{\"id\":\"an-act-1\",\"do\":\"note\",\"expects\":0,\"note\":\"\xff\"}",
		"more behind it":      good + `{"do":"close"}`,
		"too deep":            `{"id":` + strings.Repeat("[", 15000),
		"no object":           `[]`,
		"a fraction":          `{"id":"an-act-1","do":"note","expects":0.5,"note":"x"}`,
		"nothing":             ``,
	} {
		if a := o.do("POST", path, body, "Content-Type", "application/json"); a.status != 400 {
			t.Errorf("%s: %d %.300s", name, a.status, a.body)
		}
	}
	if a := o.do("POST", path, good, "Content-Type", "application/json"); a.status != 200 {
		t.Errorf("as it should be: %d %s", a.status, a.body)
	}
	if a := o.do("POST", path, good, "Content-Type", "text/xml"); a.status != 415 {
		t.Errorf("XML: %d %s", a.status, a.body)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Repeat([]byte(" "), 10<<20))
	_ = z.Close()
	if a := o.do("POST", path, packed.String(), "Content-Type", "application/json", "Content-Encoding", "gzip"); a.status != 415 {
		t.Errorf("a bomb: %d %s", a.status, a.body)
	}
	if a := o.do("POST", path, `{"note":"`+strings.Repeat("x", maxActBody)+`"}`, "Content-Type", "application/json"); a.status != 413 {
		t.Errorf("too large: %d", a.status)
	}
}

func TestFiguresAreTakenAwayAsTablesAndThatIsNoted(t *testing.T) {
	o := openDesk(t)
	tag := o.ask(t, "GET", "/api/v1/figures?by=city", nil, nil, 200).header.Get("ETag")
	if a := o.do("GET", "/api/v1/figures?by=city", "", "If-None-Match", tag); a.status != http.StatusNotModified || a.header.Get("ETag") != tag {
		t.Errorf("again: %d", a.status)
	}
	csv := o.do("GET", "/api/v1/figures?by=city&format=csv&lang=fa", "")
	if csv.status != 200 || !strings.HasPrefix(csv.body, "\ufefftime_iso,") || !strings.Contains(csv.header.Get("Content-Disposition"), `figures-2027-03-24.csv`) {
		t.Errorf("CSV: %d %v %.100s", csv.status, csv.header, csv.body)
	}
	xlsx := o.do("GET", "/api/v1/figures?format=xlsx&lang=en", "")
	if xlsx.status != 200 || !strings.HasPrefix(xlsx.body, "PK") || xlsx.header.Get("Content-Type") != xlsxType {
		t.Errorf("XLSX: %d %v", xlsx.status, xlsx.header)
	}
	eventuallyNoted := func() bool {
		records, err := o.register.Audit(t.Context(), register.AuditQuery{Do: "export"})
		if err != nil {
			t.Fatal(err)
		}
		var on []string
		for _, r := range records {
			on = append(on, r.On)
		}
		return slices.Equal(on, []string{"figures.xlsx", "figures.csv"})
	}
	eventually(t, "both exports in the audit", eventuallyNoted)
}

func TestADepartmentSeesItsPlansAndYesterday(t *testing.T) {
	o := openDesk(t)
	var v departmentView
	o.ask(t, "GET", "/api/v1/departments/parks", nil, &v, 200)
	kinds := map[string]int{}
	for _, p := range v.Plans {
		kinds[p.Kind] += len(p.Parts)
	}
	if kinds["amount"] < 15 || kinds["repetition"] < 1 || len(v.Indicators) < 3 || !v.May {
		t.Errorf("plans %v, %d indicators, may act: %t", kinds, len(v.Indicators), v.May)
	}
	for _, ind := range v.Indicators {
		if len(ind.Yesterday) == 0 {
			t.Errorf("%s: nothing of yesterday", ind.ID)
		}
	}
	if reflect.DeepEqual(v.Season, (*seasonView)(nil)) || v.Season.ID != "nowruz-1406" {
		t.Errorf("season %+v", v.Season)
	}
}
