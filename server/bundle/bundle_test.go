package bundle_test

import (
	"maps"
	"strings"
	"testing"

	"rasad/server/bundle"
)

func files() map[string][]byte {
	return map[string][]byte{
		"js/desk/page.js":       []byte("import { word } from \"../text.js\";\nimport { twice } from \"../twice.js\";\ndocument.title = twice(word);\n"),
		"js/text.js":            []byte("export const word = \"رصد\";\nexport const unused = 1;\n"),
		"js/twice.js":           []byte("import { word } from \"./text.js\";\nexport const twice = (w) => w + w + word;\n"),
		"css/page.css":          []byte("@import \"./ground.css\";\n@import \"../third_party/chart.css\";\np { inset-inline-start: 0; color: #123456; }\n"),
		"css/ground.css":        []byte("html { background: url(\"../icons/star.svg\"); & p { corner-shape: scoop; } }\n"),
		"third_party/chart.css": []byte(".chart { margin: 0; }\n"),
		"icons/star.svg":        []byte("<svg/>"),
	}
}

func TestAPageBecomesOneModuleAndOneSheet(t *testing.T) {
	f := files()
	if err := bundle.Join(f, []string{"js/desk/page.js", "css/page.css"}); err != nil {
		t.Fatal(err)
	}
	script, sheet := string(f["js/desk/page.js"]), string(f["css/page.css"])
	if strings.Contains(script, "import") || strings.Count(script, `"رصد"`) != 1 || !strings.Contains(script, "document.title = twice(word)") {
		t.Errorf("module:\n%s", script)
	}
	if strings.Contains(sheet, "@import") || !strings.Contains(sheet, ".chart") || strings.Index(sheet, "html") > strings.Index(sheet, ".chart") || strings.Index(sheet, ".chart") > strings.Index(sheet, "#123456") {
		t.Errorf("sheet:\n%s", sheet)
	}
	for _, kept := range []string{"url(../icons/star.svg)", "inset-inline-start: 0", "corner-shape: scoop", "& p"} {
		if !strings.Contains(sheet, kept) {
			t.Errorf("sheet lacks %s:\n%s", kept, sheet)
		}
	}
	want := files()
	if string(f["js/text.js"]) != string(want["js/text.js"]) || len(f) != len(want) {
		t.Error("what is imported has changed")
	}
}

func TestAFaultIsNamedWithItsPlace(t *testing.T) {
	for name, tc := range map[string]struct{ file, text, want string }{
		"a module that is not there":        {"js/twice.js", "import { word } from \"./gone.js\";\nexport const twice = word;\n", "js/twice.js:1:22: js/gone.js is not there"},
		"a name that nobody exports":        {"js/text.js", "export const other = 1;\n", `js/desk/page.js:1:10: No matching export in "js/text.js" for import "word"`},
		"a module that cannot be read":      {"js/text.js", "export const word = ;\n", "js/text.js:1:21: Unexpected \";\""},
		"a sheet that is not there":         {"css/page.css", "@import \"./gone.css\";\n", "css/page.css:1:9: css/gone.css is not there"},
		"a drawing that is not there":       {"css/ground.css", "p { background: url(\"../icons/gone.svg\"); }\n", "css/ground.css:1:21: icons/gone.svg is not there"},
		"a package from some other machine": {"js/text.js", "import \"lit\";\nexport const word = 1;\n", "js/text.js:1:8: js/lit is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			f := files()
			f[tc.file] = []byte(tc.text)
			before := maps.Clone(f)
			err := bundle.Join(f, []string{"js/desk/page.js", "css/page.css"})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %s", err, tc.want)
			}
			if !maps.EqualFunc(f, before, func(a, b []byte) bool { return string(a) == string(b) }) {
				t.Error("a fault has changed the files")
			}
		})
	}
}
