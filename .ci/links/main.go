// Command links looks for links in the documentation that lead nowhere: to a file
// that is not in the repository, or to a heading that its page does not have. It
// asks nobody outside. Its argument is the folder to look in; default: this one.
package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

var (
	link    = regexp.MustCompile(`!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*#*$`)
	fence   = regexp.MustCompile("(?ms)^(```+|~~~+).*?^(```+|~~~+)\\s*$")
	code    = regexp.MustCompile("`[^`\n]*`")
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	pages, faults, err := look(root)
	for _, f := range faults {
		fmt.Println(f)
	}
	switch {
	case err != nil:
		fmt.Println("links:", err)
	case pages == 0:
		fmt.Println("links: no pages in", root)
	case len(faults) == 0:
		fmt.Printf("%d pages, every link leads somewhere\n", pages)
		return
	}
	os.Exit(1)
}

// look reads every page below root and returns how many there are, and what is
// wrong with their links.
func look(root string) (pages int, faults []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		pages++
		text, err := prose(path)
		if err != nil {
			return err
		}
		for _, found := range link.FindAllStringSubmatchIndex(text, -1) {
			to := text[found[2]:found[3]]
			if why := wrong(path, to); why != "" {
				line := 1 + strings.Count(text[:found[0]], "\n")
				faults = append(faults, fmt.Sprintf("%s:%d: %s: %s", path, line, to, why))
			}
		}
		return nil
	})
	return pages, faults, err
}

// prose returns a page without its code, line for line.
func prose(path string) (string, error) {
	b, err := os.ReadFile(path)
	blank := func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) }
	return code.ReplaceAllStringFunc(fence.ReplaceAllStringFunc(string(b), blank), blank), err
}

// wrong says why a link on the page path leads nowhere, or "".
func wrong(path, to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return "is no address"
	}
	if u.Scheme != "" || u.Host != "" {
		return "" // the world outside is not asked
	}
	target := path
	if u.Path != "" {
		target = filepath.Join(filepath.Dir(path), filepath.FromSlash(u.Path))
	}
	if _, err := os.Stat(target); err != nil {
		return "no such file"
	}
	if u.Fragment == "" || filepath.Ext(target) != ".md" {
		return ""
	}
	text, err := prose(target)
	if err != nil {
		return err.Error()
	}
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		if anchor(h[1]) == u.Fragment {
			return ""
		}
	}
	return "no such heading"
}

// anchor returns a heading's name in addresses: lower case, hyphens for blanks,
// no punctuation.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
