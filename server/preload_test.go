package server

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rasad/static"
)

func TestAPageAsksAtOnceForEveryModuleThatItNeeds(t *testing.T) {
	f := files()
	f["js/wall.js"] = &fstest.MapFile{Data: []byte("import { a } from \"./a.js\";\nimport \"./b/b.js\";\nimport { gone } from \"./gone.js\"; // from \"./comment.js\"\n")}
	f["js/a.js"] = &fstest.MapFile{Data: []byte("import {\n  lit,\n} from \"../third_party/lit-3.3.3.js\";\nexport { c } from \"./b/c.js\";\n")}
	f["js/b/b.js"] = &fstest.MapFile{Data: []byte("import { a } from \"../a.js\"; // round and round\n")}
	f["js/b/c.js"] = &fstest.MapFile{Data: []byte("export const c = 1;\n")}
	f["third_party/lit-3.3.3.js"] = &fstest.MapFile{Data: []byte("export const lit = 1;\n")}
	p, err := readPages(f)
	if err != nil {
		t.Fatal(err)
	}
	a, err := readAssets(f, p)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"js/wall.js", "js/a.js", "js/b/b.js", "third_party/lit-3.3.3.js", "js/b/c.js"}
	if got := a.modules("js/wall.js"); !slices.Equal(got, want) {
		t.Errorf("modules %v, want %v", got, want)
	}
	if got := a.preload("js/b/c.js"); got != `<link rel="modulepreload" href="`+a.prefix+`/js/b/c.js">`+"\n" {
		t.Errorf("preload: %s", got)
	}
}

func TestNoModuleOfOursIsFoundLate(t *testing.T) {
	p, err := readPages(static.Files)
	if err != nil {
		t.Fatal(err)
	}
	a, err := readAssets(static.Files, p)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(a.modules("js/wall.js"), " ")
	for _, part := range []string{"third_party/lit-3.3.3.js", "third_party/uplot-1.6.32.js", "js/text/fa.js", "js/view/chart.js"} {
		if !strings.Contains(all, part) {
			t.Errorf("the wall's page does not ask for %s at once: %s", part, all)
		}
	}
}
