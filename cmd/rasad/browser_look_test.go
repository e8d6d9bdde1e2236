package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	requests "github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// demoAt starts the demonstration at the normal pace; in two days of a season
// everything on the wall has a value.
func demoAt(t testing.TB, at string, args ...string) *program {
	t.Helper()
	return start(t, append([]string{"demo", "--listen", "127.0.0.1:0", "--seed", "1406", "--speed", "1", "--at", at}, args...)...)
}

var (
	latinDigit    = regexp.MustCompile(`[0-9]`)
	persianLetter = regexp.MustCompile(`[\x{0600}-\x{06ff}]`)
)

// says compares what stands in the head of a wall, by its language.
func says(t *testing.T, r reading) {
	t.Helper()
	want := map[string][]string{
		"fa": {"rtl", "چهارشنبه", "۴ فروردین ۱۴۰۶", "۲۴ مارس ۲۰۲۷", "روز چهارم نوروز ۱۴۰۶", "۱۸:۳", "ارتباط برقرار است"},
		"en": {"ltr", "Wednesday", "4 Farvardin 1406", "24 March 2027", "Day 4 of Nowruz 1406", "18:3", "Connected"},
	}[r.Lang]
	got := []string{r.Dir, r.Weekday, r.Date, r.Gregorian, r.Feast, r.Clock, r.Foot}
	for i, g := range got {
		if i >= len(want) || !strings.HasPrefix(g, want[i]) {
			t.Errorf("the head of a wall in %q says %q, want %q", r.Lang, got, want)
			break
		}
	}
	foreign := map[string]*regexp.Regexp{"fa": latinDigit, "en": persianLetter}[r.Lang]
	for line := range strings.Lines(r.Text) {
		if foreign.MatchString(line) {
			t.Errorf("a wall in %s says %q", r.Lang, line)
		}
	}
}

// told checks that no tile leaves a question open.
func told(t *testing.T, r reading, numbers int) {
	t.Helper()
	if len(r.Tiles) != numbers || len(r.Crowds) < 6 {
		t.Errorf("%d tiles and %d places, want %d and 6 or more", len(r.Tiles), len(r.Crowds), numbers)
	}
	for _, x := range r.Tiles {
		if x.Name == "" || x.Value == "" || x.State == "" || x.Age == "" {
			t.Errorf("tile without a word: %+v", x)
		}
	}
	for _, x := range r.Crowds {
		if x.Name == "" || x.Value == "" || x.State == "" {
			t.Errorf("place without a word: %+v", x)
		}
	}
}

func TestTheWallIsWholeInBothLanguagesAndAtEverySize(t *testing.T) {
	b := newBrowser(t)
	p := demoAt(t, "2027-03-24T18:30")
	wall, large, tall, phone := sizes()
	for _, screen := range []string{"hall", "visitors"} {
		for _, lang := range []string{"fa", "en"} {
			t.Run(screen+" in "+lang, func(t *testing.T) {
				w := b.open(t, p.url+"/wall/"+screen+"?lang="+lang, wall)
				w.ready()
				for _, s := range []size{wall, large, tall, phone} {
					w.resize(s)
					w.whole()
				}
				r := w.read()
				if r.Lang != lang {
					t.Fatalf("asked for %s, got %s", lang, r.Lang)
				}
				says(t, r)
				told(t, r, 8)
				w.accessible()
				if len(r.Violations) > 0 {
					t.Errorf("the page breaks its own policy: %v", r.Violations)
				}
				w.calm()
			})
		}
	}
	t.Run("a phone from the start", func(t *testing.T) {
		w := b.open(t, p.url+"/wall/hall-en", phone)
		w.ready()
		w.whole()
		told(t, w.read(), 8)
		w.calm()
	})
	t.Run("and what is not whole is found", func(t *testing.T) {
		w := b.open(t, p.url+"/wall/hall", wall)
		w.ready()
		w.whole()
		look := lookScript[max(0, strings.Index(lookScript, "(() =>")):] // an expression, without the words before it
		for what, spoil := range map[string]string{
			"leaves":     `document.querySelector(".figure").style.fontSize = "40vw"`,
			"overlap":    `document.querySelector(".tile").style.marginBlockEnd = "-8vh"`,
			"is cut":     `Object.assign(document.querySelector(".tile-name").style, {whiteSpace: "nowrap", overflow: "hidden", inlineSize: "3vw", flex: "none"})`,
			"px high in": `document.querySelector(".wall").style.blockSize = "130vh"`,
		} {
			if found := strings.Join(eval[[]string](w, `(() => {`+spoil+`; return `+look+`})()`), "\n"); !strings.Contains(found, what) {
				t.Errorf("%s: the look at the page finds only:\n%s", spoil, found)
			}
		}
	})
}

func TestABreachOfThePolicyIsHeard(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	p := demoAt(t, early)
	_, _, _, phone := sizes()
	w := b.open(t, p.url+"/", phone)
	w.calm()
	eval[bool](w, `document.body.setAttribute("style", "color: red"), console.warn("look"), fetch("/nowhere").catch(() => 0), true`)
	eventually(t, time.Minute, func() string {
		w.mu.Lock()
		heard := strings.Join(w.faults, "\n")
		w.mu.Unlock()
		for _, want := range []string{"Content Security Policy", "console.warning", "status 404"} {
			if !strings.Contains(heard, want) {
				return fmt.Sprintf("not heard: %s; heard:\n%s", want, heard)
			}
		}
		if len(w.read().Violations) == 0 {
			return "the page has not noted the breach"
		}
		return ""
	})
}

func TestTheDoorLeadsToEveryScreenInTheVisitorsLanguage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	p := demoAt(t, early)
	wall, _, _, phone := sizes()
	for _, lang := range []string{"fa", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := b.open(t, "about:blank", wall)
			call(w, requests.SetExtraHTTPHeaders, requests.SetExtraHTTPHeadersParams{Headers: requests.Headers{"Accept-Language": lang}})
			w.do(chromedp.Navigate(p.url + "/"))
			eventually(t, time.Minute, func() string {
				if n := eval[int](w, `document.querySelectorAll('.door-page a[href^="/wall/"]').length`); n != 3 {
					return fmt.Sprintf("%d screens at the door, want 3", n)
				}
				return ""
			})
			for _, s := range []size{wall, phone} { // it may be longer than the window, never wider
				w.resize(s)
				if wide := eval[int](w, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
					t.Errorf("the door is %d px too wide for %s", wide, s.name)
				}
			}
			r := w.read()
			if want := map[string]string{"fa": "rtl", "en": "ltr"}[lang]; r.Lang != lang || r.Dir != want || len(r.Violations) > 0 {
				t.Errorf("the door is in %s, %s, and breaks its policy by %v; want %s", r.Lang, r.Dir, r.Violations, lang)
			}
			if foreign := map[string]*regexp.Regexp{"fa": latinDigit, "en": persianLetter}[lang]; foreign.MatchString(strings.ReplaceAll(r.Text, "فارسی", "")) { // that is where it leads to
				t.Errorf("the door in %s says %q", lang, r.Text)
			}
			for _, link := range eval[[]string](w, `[...document.querySelectorAll(".door-page a")].map((a) => new URL(a.href).pathname)`) {
				if code := p.get(link, nil); code != http.StatusOK {
					t.Errorf("%s: status %d", link, code)
				}
			}
			w.calm()
		})
	}
}
