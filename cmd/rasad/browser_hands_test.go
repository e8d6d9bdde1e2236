package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// A house is a server to which people sign in, and a browser for all of them.
type house struct {
	p     *program
	b     *browser
	data  string
	admin *visitor
}

// openHouse starts both. Nobody sends anything but the test.
func openHouse(t *testing.T) *house {
	t.Helper()
	b := newBrowser(t) // first: without one the test is skipped
	data := t.TempDir()
	p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	return &house{p, b, data, p.admin()}
}

// employ makes a person, whose pages are in lang.
func (h *house) employ(login, name, lang, role string, departments ...string) {
	h.p.t.Helper()
	body := map[string]any{"id": unique(), "login": login, "name": name, "role": role, "lang": lang, "password": password}
	if len(departments) > 0 {
		body["departments"] = departments
	}
	h.admin.post("/api/v1/people", body, nil)
}

// enters has somebody sign in on the page for it, in a browser of their own, and
// returns the tab, in which the door stands.
func (h *house) enters(t *testing.T, login string, s size) *tab {
	t.Helper()
	w := h.b.apart(t).open(t, h.p.url+"/signin", s)
	w.signsIn(login, password)
	w.at("/")
	w.settled(".door-page a")
	return w
}

// signsIn fills in the page for it.
func (w *tab) signsIn(login, password string) {
	w.t.Helper()
	w.settled("#login")
	w.writes("#login", login)
	w.writes("#password", password)
	w.pressesThe(".gate form > button")
}

// apart returns the browser as somebody else has it: with other cookies.
func (b *browser) apart(t testing.TB) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browser: %v", err)
	}
	return &browser{ctx}
}

// goes shows another address.
func (w *tab) goes(url, sign string) {
	w.t.Helper()
	w.do(chromedp.Navigate(url))
	w.settled(sign)
}

// at waits until the tab is at a path.
func (w *tab) at(path string) {
	w.t.Helper()
	w.until("the address is "+path, fmt.Sprintf(`location.pathname === %q`, path))
}

// until waits until an expression is true in the page. While another page is on its
// way there is none to ask.
func (w *tab) until(what, script string) {
	w.t.Helper()
	eventually(w.t, 20*time.Second, func() string {
		ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
		defer cancel()
		so, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`Boolean(%s)`, script)))
		switch {
		case err != nil:
			return "not so: " + what + ": " + err.Error()
		case !so:
			return "not so: " + what + ":\n" + w.now()
		}
		return ""
	})
}

// reads waits until the page, or the dialog over it, says something.
func (w *tab) reads(words string) {
	w.t.Helper()
	w.until("it says "+words, fmt.Sprintf(`(document.querySelector("dialog[open]") ?? document.body)?.innerText.includes(%q)`, words))
}

// presses presses what has these words, or is called so.
func (w *tab) presses(words string) {
	w.t.Helper()
	w.press(words, fmt.Sprintf(`[...room.querySelectorAll("button, a[href], label, summary")].find((x) =>
		x.checkVisibility() && [x.getAttribute("aria-label"), x.textContent].some((s) => (s ?? "").replace(/[\u2066-\u2069]/g, "").replace(/\s+/g, " ").trim() === %q))`, words))
}

// pressesThe presses what a selector finds.
func (w *tab) pressesThe(selector string) {
	w.t.Helper()
	w.press(selector, fmt.Sprintf(`room.querySelector(%q)`, selector))
}

// press waits until a control is there, in the dialog where one is open, and under
// nothing else; then it presses the mouse in its middle.
func (w *tab) press(what, find string) {
	w.t.Helper()
	var at, before []float64
	eventually(w.t, 20*time.Second, func() string {
		before = at
		at = eval[[]float64](w, fmt.Sprintf(`((room) => {
			const e = %s;
			if (!e) return [];
			e.scrollIntoView({block: "center", inline: "nearest"});
			const r = e.getBoundingClientRect();
			const [x, y] = [r.x + r.width / 2, r.y + r.height / 2];
			const there = document.elementFromPoint(x, y);
			return e === there || e.contains(there) ? [x, y] : [];
		})(document.querySelector("dialog[open]") ?? document)`, find))
		if len(at) == 0 {
			return "nothing to press: " + what + ":\n" + w.now()
		}
		if !slices.Equal(at, before) {
			return what + " does not keep still"
		}
		return ""
	})
	w.do(chromedp.MouseClickXY(at[0], at[1]))
}

// now returns where the tab is and what it says, for those who read why a test failed.
func (w *tab) now() string {
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	said, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + ((document.querySelector("dialog[open]") ?? document.body)?.innerText ?? "").slice(0, 1500)`))
	if err != nil {
		return err.Error()
	}
	return said
}

// writes puts text into a field, as a keyboard of any language does.
func (w *tab) writes(field, text string) {
	w.t.Helper()
	w.until("there is "+field, fmt.Sprintf(`document.querySelector(%q)?.checkVisibility()`, field))
	eval[bool](w, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.focus(); e.select(); return true; })()`, field))
	call(w, input.InsertText, input.InsertTextParams{Text: text})
}

// expects takes a complaint of the browser that belongs to what was done; without it
// the test fails.
func (w *tab) expects(words string) {
	w.t.Helper()
	eventually(w.t, 10*time.Second, func() string {
		w.mu.Lock()
		defer w.mu.Unlock()
		kept := w.faults[:0]
		found := false
		for _, f := range w.faults {
			if strings.Contains(f, words) {
				found = true
			} else {
				kept = append(kept, f)
			}
		}
		w.faults = kept
		if !found {
			return "the browser has not complained of " + words
		}
		return ""
	})
}
