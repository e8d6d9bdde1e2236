package static_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rasad/static"
)

// read returns an embedded file.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(static.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ours returns the paths of the embedded files with the ending ext that are not
// third-party ones.
func ours(t *testing.T, ext string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(static.Files, ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ext && !strings.HasPrefix(name, "third_party/") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatalf("no file ends in %s", ext)
	}
	return names
}

// find reports every line of the files with the ending ext where bad matches.
func find(t *testing.T, ext string, bad *regexp.Regexp, why string) {
	t.Helper()
	for _, name := range ours(t, ext) {
		for i, line := range strings.Split(read(t, name), "\n") {
			if m := bad.FindString(line); m != "" {
				t.Errorf("%s:%d: %q: %s", name, i+1, m, why)
			}
		}
	}
}

func TestThirdPartyFilesAreTheOnesWrittenDown(t *testing.T) {
	readme, err := os.ReadFile("third_party/README.md")
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	row := regexp.MustCompile("(?m)^\\| (\\S+) \\|.*\\| `([0-9a-f]{64})` \\|$")
	for _, m := range row.FindAllStringSubmatch(string(readme), -1) {
		sums[m[1]] = m[2]
	}
	entries, err := os.ReadDir("third_party")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`^[a-z]+-\d+\.\d+\.\d+[.-]`)
	for _, e := range entries {
		name := e.Name()
		if name == "README.md" || name == "lit-3.3.3.d.ts" { // the types are our own
			continue
		}
		b, err := os.ReadFile(path.Join("third_party", name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:]); got != sums[name] {
			t.Errorf("%s: SHA-256 %s, written down %q", name, got, sums[name])
		}
		if !version.MatchString(name) {
			t.Errorf("%s: no version in the name", name)
		}
		delete(sums, name)
	}
	for name := range sums {
		t.Errorf("%s is written down and not there", name)
	}
}

func TestEveryLibraryComesWithItsLicence(t *testing.T) {
	for _, name := range []string{"lit-3.3.3", "uplot-1.6.32", "vazirmatn-5.3.0"} {
		if text := read(t, "third_party/"+name+".LICENSE"); !strings.Contains(text, "Copyright") {
			t.Errorf("%s: the licence names no holder", name)
		}
	}
}

// pages names the pages with their placeholders.
func pages() map[string][]string {
	return map[string][]string{
		"wall.html": {"LANG", "DIR", "ZONE", "ASSETS", "VERSION", "SCREEN", "TITLE", "SCRIPT"},
		"desk.html": {"LANG", "DIR", "ZONE", "ASSETS", "VERSION", "PAGE", "DEPARTMENT", "NUMBER", "TITLE", "SCRIPT"},
	}
}

func TestPagesHaveEveryPlaceholderAndNothingInline(t *testing.T) {
	for name, want := range pages() {
		page := read(t, name)
		for _, p := range want {
			if !strings.Contains(page, "{{"+p+"}}") {
				t.Errorf("%s has no {{%s}}", name, p)
			}
		}
		for _, m := range regexp.MustCompile(`\{\{(.*?)\}\}`).FindAllStringSubmatch(page, -1) {
			if !slices.Contains(want, m[1]) {
				t.Errorf("%s: nobody fills {{%s}}", name, m[1])
			}
		}
		for _, bad := range []string{"<style", " style=", " onload=", "importmap", "http:", "https:"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: %q is refused by the page's own policy", name, bad)
			}
		}
		if scripts := regexp.MustCompile(`<script[^>]*>[^<]`).FindString(page); scripts != "" {
			t.Errorf("%s: script with content: %q", name, scripts)
		}
	}
	for _, has := range []string{`data-version="{{VERSION}}"`, `data-screen="{{SCREEN}}"`} {
		if !strings.Contains(read(t, "wall.html"), has) {
			t.Errorf("wall.html: the scripts read %s", has)
		}
	}
	for _, has := range []string{`data-version="{{VERSION}}"`, `data-page="{{PAGE}}"`, `data-department="{{DEPARTMENT}}"`, `data-number="{{NUMBER}}"`} {
		if !strings.Contains(read(t, "desk.html"), has) {
			t.Errorf("desk.html: the scripts read %s", has)
		}
	}
}

func TestEveryAssetThatAPageNamesIsThere(t *testing.T) {
	named := regexp.MustCompile(`\{\{ASSETS\}\}/([^"]+)"`)
	for name := range pages() {
		found := named.FindAllStringSubmatch(read(t, name), -1)
		if len(found) < 4 {
			t.Fatalf("%s names %d assets", name, len(found))
		}
		for _, m := range found {
			if strings.Contains(m[1], "{{") {
				continue // of one page or another: the next test
			}
			if _, err := fs.Stat(static.Files, m[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestEveryPageForPeopleHasItsModuleAndItsStyles(t *testing.T) {
	boots := regexp.MustCompile(`(?m)^boot\(`)
	found := 0
	for _, name := range ours(t, ".js") {
		if !strings.HasPrefix(name, "js/desk/") || !boots.MatchString(read(t, name)) {
			continue
		}
		found++
		sheet := "css/desk-" + strings.TrimSuffix(path.Base(name), ".js") + ".css"
		if _, err := fs.Stat(static.Files, sheet); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if found == 0 {
		t.Error("no module boots a page")
	}
}

func TestEveryReferenceBetweenFilesIsRelativeAndThere(t *testing.T) {
	imports := regexp.MustCompile(`(?:from|import) "([^"]+)"`)
	urls := regexp.MustCompile(`url\("([^"]+)"\)`)
	check := func(name string, refs [][]string) int {
		for _, m := range refs {
			if !strings.HasPrefix(m[1], ".") {
				t.Errorf("%s: %q is not relative", name, m[1])
				continue
			}
			if _, err := fs.Stat(static.Files, path.Join(path.Dir(name), m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		return len(refs)
	}
	seen := 0
	for _, name := range ours(t, ".js") {
		seen += check(name, imports.FindAllStringSubmatch(read(t, name), -1))
	}
	for _, name := range ours(t, ".css") {
		seen += check(name, urls.FindAllStringSubmatch(read(t, name), -1))
		seen += check(name, regexp.MustCompile(`@import "([^"]+)"`).FindAllStringSubmatch(read(t, name), -1))
	}
	if seen < 30 {
		t.Errorf("only %d references found: the patterns no longer fit", seen)
	}
}

func TestStylesKnowNoLeftAndRight(t *testing.T) {
	find(t, ".css", regexp.MustCompile(`\b(left|right|top|bottom)\b`), "physical side; use a logical property")
	find(t, ".css", regexp.MustCompile(`(?:^|[\s;{])(?:min-|max-)?(?:width|height)\s*:`), "physical size; use inline-size and block-size")
}

func TestWordingStandsOnlyInTextFiles(t *testing.T) {
	arabic := regexp.MustCompile(`[\x{0600}-\x{06FF}\x{FB50}-\x{FEFC}]`)
	for _, name := range ours(t, ".js") {
		if name == "js/text/fa.js" || strings.HasPrefix(name, "js/text/") && strings.HasSuffix(name, "-fa.js") {
			continue
		}
		for i, line := range strings.Split(read(t, name), "\n") {
			comment := strings.TrimSpace(line)
			if strings.HasPrefix(comment, "*") || strings.HasPrefix(comment, "/*") || strings.HasPrefix(comment, "//") {
				continue // examples in comments are for the reader
			}
			if arabic.MatchString(line) {
				t.Errorf("%s:%d: Persian text outside js/text", name, i+1)
			}
		}
	}
}

func TestScriptsHoldToThePolicy(t *testing.T) {
	find(t, ".js", regexp.MustCompile(`innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|setAttribute\("style"`), "refused by the page's own policy")
	find(t, ".js", regexp.MustCompile(`[^.]style=\$\{`), "only the property form, .style, passes the policy")
	find(t, ".js", regexp.MustCompile(`https?://|localStorage`), "the wall speaks to its own server only")
}

func TestColoursStandInStylesOnly(t *testing.T) {
	find(t, ".js", regexp.MustCompile(`#[0-9a-fA-F]{6}\b|rgba?\(`), "colour outside css")
}

func TestFilesAreShort(t *testing.T) {
	for _, ext := range []string{".js", ".css"} {
		for _, name := range ours(t, ext) {
			if n := strings.Count(read(t, name), "\n"); n > 400 {
				t.Errorf("%s: %d lines", name, n)
			}
		}
	}
}

func TestNothingButTheBrowsersFilesIsServed(t *testing.T) {
	var dirs []string
	entries, err := fs.ReadDir(static.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		dirs = append(dirs, e.Name())
	}
	if want := []string{"css", "desk.html", "icons", "js", "third_party", "wall.html"}; !slices.Equal(dirs, want) {
		t.Errorf("served: %v, want %v", dirs, want)
	}
}
