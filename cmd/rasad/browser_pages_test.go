package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// deskSizes are the windows in which people work: a telephone, a tablet, a desk, and
// a large screen on it.
func deskSizes() []size {
	return []size{{name: "phone", w: 390, h: 844}, {name: "tablet", w: 820, h: 1180}, {name: "desk", w: 1440, h: 900}, {name: "large", w: 2560, h: 1440}}
}

// deskPages are the pages for people, and what stands on each once it is there.
func deskPages() map[string]string {
	return map[string]string{
		"/":                                   ".door-page a",
		"/dept/urban-services":                `main a[href*="/cases/"]`,
		"/dept/parks":                         "main [data-plans]",
		"/dept/urban-services/cases/1":        "main h1",
		"/dept/urban-services/shifts/current": "main h1",
		"/media":                              "main h1",
		"/operate":                            "main h1",
	}
}

// settled waits until a page for people has drawn itself and nothing on it is still
// being asked for.
func (w *tab) settled(sign string) {
	w.t.Helper()
	eventually(w.t, time.Minute, func() string {
		return eval[string](w, fmt.Sprintf(`(() => {
			if (!document.querySelector("main")) return "no main";
			if (document.querySelector('main[aria-busy="true"]')) return "still loading";
			if (!document.querySelector(%q)) return "nothing of " + %q;
			return "";
		})()`, sign, sign))
	})
}

func TestThePagesForPeopleAreWholeInBothLanguagesAndAtEverySize(t *testing.T) {
	b := newBrowser(t)
	p := demoAt(t, "2027-03-24T18:40")
	eventually(t, 2*time.Minute, func() string {
		var list struct{ Departments []struct{ Open int } }
		p.get("/api/v1/departments", &list)
		if len(list.Departments) == 0 || list.Departments[1].Open < 20 {
			return "the season is still being told"
		}
		return ""
	})
	for path, sign := range deskPages() {
		for _, lang := range []string{"fa", "en"} {
			t.Run(strings.TrimPrefix(path, "/")+" in "+lang, func(t *testing.T) {
				sizes := deskSizes()
				w := b.open(t, p.url+path+"?lang="+lang, sizes[0])
				w.settled(sign)
				for _, s := range sizes {
					w.resize(s)
					w.whole()
				}
				r := w.read()
				if want := map[string]string{"fa": "rtl", "en": "ltr"}[lang]; r.Lang != lang || r.Dir != want {
					t.Errorf("the page is in %s, %s; want %s", r.Lang, r.Dir, lang)
				}
				if lang == "fa" && path != "/operate" { // that one shows what programs say
					w.persian()
				}
				w.accessible()
				w.resize(sizes[0])
				w.accessible()
				if v := w.read().Violations; len(v) > 0 {
					t.Errorf("the page breaks its own policy: %v", v)
				}
				w.calm()
			})
		}
	}
}

// What may stand in Latin digits on a Persian page: ids as programs call them, a
// version, and the word that shows what Latin digits look like.
var latinByRight = regexp.MustCompile(`[0-9a-z]+-[0-9]+|OpenAPI 3\.1|لاتین 123|/api/\S+`)

// persian finds the Latin digits on a Persian page.
func (w *tab) persian() {
	w.t.Helper()
	text := eval[string](w, `(() => {
		const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
		const lines = [];
		while (walk.nextNode()) if (!walk.currentNode.parentElement.closest('[lang="en"], code, pre')) lines.push(walk.currentNode.textContent.trim());
		return lines.join("\n");
	})()`)
	for line := range strings.Lines(text) {
		if latinDigit.MatchString(latinByRight.ReplaceAllString(line, "")) {
			w.t.Errorf("a Persian page says %q", strings.TrimSpace(line))
		}
	}
}
