// Package bundle makes one file of a page's modules and one of its style sheets, when
// the server starts. What lies in the repository stays as it is written: there is no
// build step. A browser on a slow line asks for two files and not for forty, each of
// which costs a round trip on one of its six connections.
package bundle

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const inMemory = "page" // esbuild's name for what does not lie on a disk

// Join replaces each of the entries in files with one file that holds the entry and all
// that it imports, directly or not. Both are by their paths, with slashes; sheets that are
// entries lie one folder deep. Names and
// lines stay as they were written, so that a browser's tools show what a person wrote.
//
// An error names the file, the line and the column: something is imported that is not
// there, a module does not export what another wants, or a file cannot be read as what
// its name says. files is left as it was then.
func Join(files map[string][]byte, entries []string) error {
	if len(entries) == 0 {
		return nil
	}
	from := source(files)
	res := api.Build(api.BuildOptions{
		EntryPoints: entries, Plugins: []api.Plugin{{Name: inMemory, Setup: from.setUp}},
		Bundle: true, Format: api.FormatESModule, Target: api.ESNext, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsInline,
		AbsWorkingDir: "/", Outdir: "/", Outbase: "/", LogLevel: api.LogLevelSilent,
	})
	if len(res.Errors) > 0 {
		return faults(res.Errors)
	}
	for _, f := range res.OutputFiles {
		files[strings.TrimPrefix(f.Path, "/")] = f.Contents
	}
	return nil
}

// source is where esbuild finds the files: nothing of a disk gets in.
type source map[string][]byte

func (s source) setUp(b api.PluginBuild) {
	b.OnResolve(api.OnResolveOptions{Filter: ".*"}, s.resolve)
	b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: inMemory}, s.load)
}

// resolve finds the file that an import or an address in a style sheet means.
func (s source) resolve(args api.OnResolveArgs) (api.OnResolveResult, error) {
	name := args.Path
	if args.Kind != api.ResolveEntryPoint {
		name = path.Join(path.Dir(args.Importer), args.Path)
	}
	if _, ok := s[name]; !ok {
		return api.OnResolveResult{}, fmt.Errorf("%s is not there", name)
	}
	if args.Kind == api.ResolveCSSURLToken { // letters and drawings stay files of their own
		return api.OnResolveResult{Path: "../" + name, External: true}, nil
	}
	return api.OnResolveResult{Path: name, Namespace: inMemory}, nil
}

func (s source) load(args api.OnLoadArgs) (api.OnLoadResult, error) {
	loader := api.LoaderJS
	if path.Ext(args.Path) == ".css" {
		loader = api.LoaderCSS
	}
	text := string(s[args.Path])
	return api.OnLoadResult{Contents: &text, Loader: loader}, nil
}

// faults makes one error of what esbuild says.
func faults(said []api.Message) error {
	list := make([]error, len(said))
	for i, m := range said {
		place := "pages"
		if m.Location != nil {
			place = fmt.Sprintf("%s:%d:%d", strings.TrimPrefix(m.Location.File, inMemory+":"), m.Location.Line, m.Location.Column+1)
		}
		list[i] = fmt.Errorf("%s: %s", place, strings.ReplaceAll(m.Text, inMemory+":", ""))
	}
	return errors.Join(list...)
}
