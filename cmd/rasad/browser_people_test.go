package main

import (
	"slices"
	"strings"
	"testing"

	requests "github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A pass is somebody's way through the building.
type pass struct {
	login, role, lang string
	departments       []string
	opens             []string // what the door leads to, but for the walls
	shut              string   // a page that is not for this one
}

func passes() []pass {
	all := []string{"/dept/culture-tourism", "/dept/urban-services", "/dept/parks", "/dept/citizen-services", "/dept/transport"}
	return []pass{
		{login: "vida", role: "viewer", lang: "fa", opens: all, shut: "/media"},
		{login: "dara", role: "department", lang: "en", departments: []string{"parks"}, opens: []string{"/dept/parks"}, shut: "/dept/urban-services"},
		{login: "mehr", role: "media", lang: "fa", opens: []string{"/media"}, shut: "/dept/parks"},
		{login: "omid", role: "operator", lang: "en", opens: append(slices.Clone(all), "/operate"), shut: "/media"},
		{login: "azar", role: "admin", lang: "fa", opens: append(slices.Clone(all), "/media", "/operate", "/operate#people"), shut: "/dept/nowhere"},
	}
}

func TestEachRoleComesInAndOpensItsPages(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.admin.report(h.data, "137-1")
	seen := map[string]bool{} // kinds of pages that were looked at closely
	for _, x := range passes() {
		t.Run(x.role, func(t *testing.T) {
			h.employ(x.login, "ا "+x.login, x.lang, x.role, x.departments...)
			sizes := deskSizes()
			phone, desk := sizes[0], sizes[2]
			w := h.enters(t, x.login, desk)
			links := eval[[]string](w, `[...document.querySelectorAll(".door-page a")].map((a) => a.getAttribute("href"))`)
			var pages, walls []string
			for _, l := range links {
				if strings.HasPrefix(l, "/wall/") {
					walls = append(walls, l)
				} else {
					pages = append(pages, l)
				}
			}
			if !slices.Equal(pages, x.opens) || len(walls) != 3 {
				t.Errorf("the door leads to %v and %v, want %v and 3 walls", pages, walls, x.opens)
			}
			for _, path := range append([]string{"/"}, pages...) {
				w.goes(h.p.url+path, "main h1")
				w.until("all of it is there", `!document.querySelector("main .waiting")`)
				w.resize(phone)
				w.whole()
				r := w.read()
				if want := map[string]string{"fa": "rtl", "en": "ltr"}[x.lang]; r.Lang != x.lang || r.Dir != want || len(r.Violations) > 0 {
					t.Errorf("%s is in %s, %s, and breaks its policy by %v; want %s", path, r.Lang, r.Dir, r.Violations, x.lang)
				}
				if kind := strings.Split(path, "/")[1]; !seen[kind] {
					seen[kind] = true
					w.accessible()
					w.resize(desk)
					w.whole()
				}
			}
			w.calm()
			w.do(chromedp.Navigate(h.p.url + x.shut))
			words := map[string]string{"fa": "اجازهٔ این کار را ندارید", "en": "This is not allowed"}[x.lang]
			if x.role == "admin" {
				words = "چنین صفحه‌ای نیست"
			}
			w.reads(words)
			w.whole()
			w.expects("status 40")
		})
	}
}

func TestWhoIsNotSignedInIsAskedTo(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.employ("mina", "مینا", "fa", "department", "parks")
	sizes := deskSizes()
	t.Run("the door asks for nothing that is refused", func(t *testing.T) {
		w := h.b.apart(t).open(t, h.p.url+"/?lang=en", sizes[0])
		w.settled("main h1")
		w.reads("Sign in to see the pages of your department or office.")
		w.whole()
		w.accessible()
		w.calm()
	})
	for _, lang := range []string{"fa", "en"} {
		t.Run("a wrong password is told so in "+lang, func(t *testing.T) {
			w := h.b.apart(t).open(t, h.p.url+"/dept/parks?lang="+lang, sizes[0])
			w.at("/signin")
			w.settled("#login")
			w.wholeEverywhere()
			w.signsIn("mina", "not the password")
			w.reads(map[string]string{"fa": "این نام کاربری و گذرواژه با هم نمی‌خوانند", "en": "This login and password do not fit together"}[lang])
			w.expects("status 401")
			w.expects("401 (Unauthorized)")
			w.wholeEverywhere()
			w.accessible()
			w.writes("#password", password)
			w.pressesThe(".gate form > button")
			w.at("/dept/parks")
			w.settled("main h1")
			w.calm()
			w.pressesThe(".who > summary")
			w.presses(map[string]string{"fa": "خروج", "en": "Sign out"}[lang])
			w.at("/signin")
			w.settled("#login")
			w.goes(h.p.url+"/dept/parks", "#login")
			w.at("/signin")
			w.calm()
		})
	}
	t.Run("who changes the password goes on", func(t *testing.T) {
		const next = "سی‌وسه‌پل و خواجو"
		w, other := h.enters(t, "mina", sizes[0]), h.enters(t, "mina", sizes[0])
		for _, x := range []*tab{w, other} {
			x.goes(h.p.url+"/dept/parks", "main h1")
			x.until("the line is live", `document.querySelector(".line")?.dataset.line === "live"`)
		}
		w.pressesThe(".who > summary")
		w.presses("تغییر گذرواژه")
		for field, text := range map[string]string{"old": password, "new": next, "same": next} {
			w.writes("#password-"+field, text)
		}
		w.whole()
		w.pressesThe(`dialog button[data-kind="main"]`)
		w.reads("گذرواژه تغییر کرد")
		other.at("/signin")
		other.signsIn("mina", next)
		other.at("/dept/parks")
		w.until("the line is live once more", `document.querySelector(".line")?.dataset.line === "live" && !document.querySelector(".notice")`)
		w.presses("تحویل شیفت") // it may still act
		w.until("it is asked to whom", `document.querySelector("dialog[open] #shift-to")`)
		w.pressesThe(`dialog button[data-kind="main"]`)
		w.reads("شیفت تحویل داده شد")
		w.calm()
	})
	t.Run("whose access is ended does not stand before a dead page", func(t *testing.T) {
		h.employ("reza", "رضا", "en", "department", "parks")
		w := h.enters(t, "reza", sizes[0])
		w.goes(h.p.url+"/dept/parks", "main h1")
		w.until("the line is live", `document.querySelector(".line")?.dataset.line === "live"`)
		h.admin.post("/api/v1/people/"+person(t, h.admin, "reza")+"/end", map[string]any{"id": unique(), "expects": 1}, nil)
		w.at("/signin")
		w.until("it comes back later", `new URLSearchParams(location.search).get("next") === "/dept/parks"`)
	})
}

// wholeEverywhere looks at a page for people in all its windows.
func (w *tab) wholeEverywhere() {
	w.t.Helper()
	for _, s := range deskSizes() {
		w.resize(s)
		w.whole()
	}
	w.resize(deskSizes()[0])
}

// The first admin is made in the browser, at the server's own machine, by the code on
// its console.
func TestTheFirstAdminIsMadeInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	p := start(t, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	for _, lang := range []string{"fa", "en"} {
		w := b.apart(t).open(t, p.url+"/signin?lang="+lang, deskSizes()[0])
		w.at("/setup")
		w.goes(p.url+"/setup?lang="+lang, "#code")
		w.wholeEverywhere()
		w.accessible()
		w.pressesThe(".gate form > button") // nothing is filled in
		w.until("it is told what is missing", `document.querySelectorAll(".wrong").length >= 3 && document.activeElement.id === "code"`)
		w.wholeEverywhere()
		w.calm()
	}
	w := b.apart(t).open(t, p.url+"/setup?lang=fa", deskSizes()[0])
	for field, text := range map[string]string{"#code": strings.Repeat("0", 32), "#login": "admin", "#name": "مدیر", "#password": password, "#same": password} {
		w.writes(field, text)
	}
	w.pressesThe(".gate form > button")
	w.reads("این کد معتبر نیست")
	w.whole()
	w.expects("status 403")
	w.expects("403 (Forbidden)")
	w.writes("#code", strings.ToUpper(p.setupCode()))
	w.pressesThe(".gate form > button")
	w.at("/")
	w.settled(`.door-page a[href="/operate#people"]`)
	w.calm()
	got := call(w, requests.GetCookies, requests.GetCookiesParams{URLs: []string{p.url}})
	for _, c := range got.Cookies {
		if c.Name == "rasad" && (!c.HTTPOnly || c.SameSite == "") {
			t.Errorf("the cookie of the session: %+v", c)
		}
	}
	if !slices.ContainsFunc(got.Cookies, func(c *requests.Cookie) bool { return c.Name == "rasad" }) {
		t.Error("no cookie of the session")
	}
}
