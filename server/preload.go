package server

import (
	"html"
	"path"
	"regexp"
	"strings"
)

// imported finds what a module of ours imports: each import stands on a line of its
// own or ends one, and names its file by a relative path.
var imported = regexp.MustCompile(`(?m)(?:^import|\bfrom)\s+"(\.[^"]+)"`)

// preload returns the elements by which a page asks at once for every module that
// the module name needs, so that a browser does not find them one behind the other.
func (a *assets) preload(name string) string {
	var b strings.Builder
	for _, m := range a.modules(name) {
		b.WriteString(`<link rel="modulepreload" href="` + html.EscapeString(a.prefix+"/"+m) + "\">\n")
	}
	return b.String()
}

// modules returns the module name and all that it imports, directly or not, in the
// order in which they are found.
func (a *assets) modules(name string) []string {
	list := []string{name}
	seen := map[string]bool{name: true}
	for i := 0; i < len(list); i++ {
		for _, next := range a.files[list[i]].imports {
			if !seen[next] {
				seen[next] = true
				list = append(list, next)
			}
		}
	}
	return list
}

// link notes which files each module imports.
func (a *assets) link() {
	for name, f := range a.files {
		if path.Ext(name) != ".js" {
			continue
		}
		for _, m := range imported.FindAllSubmatch(f.body, -1) {
			if next := path.Join(path.Dir(name), string(m[1])); a.files[next].mime != "" {
				f.imports = append(f.imports, next)
			}
		}
		a.files[name] = f
	}
}
