package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tabTo presses the tabulator until what is focused fits the script's expression over
// it, e. Each stop on the way must be seen: a ring around what has the focus, or around
// what shows it.
func (w *tab) tabTo(what, fits string) {
	w.t.Helper()
	for range 120 {
		w.do(chromedp.KeyEvent(kb.Tab))
		got := eval[string](w, fmt.Sprintf(`((e) => {
			if (!e || e === document.body) return "";
			const around = [e, e.parentElement, e.parentElement?.parentElement, e.parentElement?.parentElement?.parentElement].filter(Boolean);
			const large = (x) => x.getBoundingClientRect().width >= 20 && x.getBoundingClientRect().height >= 20;
			const drawn = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
			const ring = around.some((x) => large(x) && [null, "::before", "::after"].some((part) => drawn(getComputedStyle(x, part))));
			if (!ring) return "unseen: " + (e.textContent || e.id || e.localName).trim().slice(0, 60);
			return (%s) ? "here" : "";
		})(document.activeElement)`, fits))
		switch {
		case strings.HasPrefix(got, "unseen"):
			w.t.Errorf("on the way to %s: %s", what, got)
			return
		case got == "here":
			return
		}
	}
	w.t.Fatalf("no key leads to %s:\n%s", what, w.now())
}

// answered waits until the focus stands, with a ring, where the answer to an act shows.
func (w *tab) answered(words string) {
	w.t.Helper()
	w.until("the focus is on the answer "+words, fmt.Sprintf(`((e) => e.id === "answer" && e.textContent.trim() === %q && getComputedStyle(e).outlineStyle !== "none")(document.activeElement)`, words))
}

const labelled = `e.localName === "button" && e.textContent.trim() === %q`

func TestACaseIsWorkedOnByKeysAlone(t *testing.T) {
	h := openHouse(t)
	h.employ("mina", "Mina", "en", "department", "urban-services")
	var numbers []int64
	for i := range 3 {
		numbers = append(numbers, h.admin.report(h.data, fmt.Sprintf("137-%d", i)))
	}
	w := h.enters(t, "mina", deskSizes()[2])
	w.goes(h.p.url+"/dept/urban-services", `main a[href*="/cases/"]`)

	t.Run("acknowledged in the list, and the focus stays with its case", func(t *testing.T) {
		key := fmt.Sprint(numbers[1])
		w.tabTo("acknowledging", fmt.Sprintf(`e.matches('[data-key="%s"] .case-ack')`, key))
		w.do(chromedp.KeyEvent(kb.Enter))
		w.until("the case is acknowledged and has the focus", fmt.Sprintf(`!document.querySelector('[data-key="%s"] .case-ack') && document.activeElement.closest('[data-key="%s"]')`, key, key))
	})
	t.Run("a list that loses what had the focus keeps it", func(t *testing.T) {
		w.goes(h.p.url+"/dept/urban-services?unseen=1", fmt.Sprintf(`[data-key="%d"] .case-ack`, numbers[2]))
		w.tabTo("acknowledging", fmt.Sprintf(`e.matches('[data-key="%d"] .case-ack')`, numbers[2]))
		w.do(chromedp.KeyEvent(kb.Enter))
		w.until("the case has gone, the focus has not", fmt.Sprintf(`!document.querySelector('[data-key="%d"]') && document.activeElement.id === "cases"`, numbers[2]))
	})
	t.Run("from the department to the case, and through its life", func(t *testing.T) {
		w.goes(h.p.url+"/dept/urban-services", `main a[href*="/cases/"]`)
		w.tabTo("the case", fmt.Sprintf(`e.matches('main a[href$="/cases/%d"]')`, numbers[0]))
		w.do(chromedp.KeyEvent(kb.Enter))
		w.at(fmt.Sprintf("/dept/urban-services/cases/%d", numbers[0]))
		w.settled("main h1")
		w.tabTo("acknowledging", fmt.Sprintf(labelled, "Acknowledge"))
		w.do(chromedp.KeyEvent(kb.Enter))
		w.answered("Acknowledged")
		for _, x := range []struct{ press, words, answer string }{
			{"Stop the clock", "waiting for the truck", "The clock stands"},
			{"Start the clock again", "", "The clock runs again"},
			{"Close the case", "swept", "Case closed"},
		} {
			w.tabTo(x.press, fmt.Sprintf(labelled, x.press))
			w.do(chromedp.KeyEvent(kb.Enter))
			if x.words != "" {
				w.until("the words are asked for", `document.activeElement.id === "act-note"`)
				w.do(chromedp.KeyEvent(x.words))
				w.tabTo("sending", `e.matches('dialog button[data-kind="main"]')`)
				w.do(chromedp.KeyEvent(kb.Enter))
			}
			w.answered(x.answer)
		}
		var c shownCase
		h.admin.get(fmt.Sprintf("/api/v1/cases/%d", numbers[0]), &c)
		if last := c.Log[len(c.Log)-1]; c.State != "closed" || last.Note != "swept" || last.By.Name.EN != "Mina" {
			t.Errorf("case %d is %s: %+v", numbers[0], c.State, last)
		}
		w.reads("swept")
	})
	t.Run("a dialog that is left gives the focus back", func(t *testing.T) {
		w.tabTo("opening it again", fmt.Sprintf(labelled, "Open it again"))
		w.do(chromedp.KeyEvent(kb.Enter))
		w.until("the words are asked for", `document.activeElement.id === "act-note"`)
		w.do(chromedp.KeyEvent(kb.Escape))
		w.until("the focus is back", `document.activeElement.textContent.trim() === "Open it again"`)
	})
	w.calm()
}
