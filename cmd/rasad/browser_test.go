package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	requests "github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// The scripts that ask a page how it stands and what it says.
var (
	//go:embed testdata/look.js
	lookScript string
	//go:embed testdata/read.js
	readScript string
)

// A browser is a Chromium with a profile of its own.
type browser struct {
	ctx context.Context //nolint:containedctx // to chromedp, a browser is a context
}

// newBrowser starts Chromium. On a machine without one the test is skipped, but
// not where the project's own checks run.
func newBrowser(t testing.TB) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("browser: %v", err)
		}
		t.Skipf("no browser here: %v", err)
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("close browser: %v", err)
		}
		cancel()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start browser: %v", err)
	}
	return &browser{ctx}
}

// A size is a window.
type size struct {
	name string
	w, h int64
	dots float64 // of the screen in a px of the page; 0: one
}

func sizes() (wall, large, tall, phone size) {
	return size{name: "wall", w: 1920, h: 1080}, size{name: "4k", w: 3840, h: 2160}, size{name: "tall", w: 1080, h: 1920}, size{name: "phone", w: 390, h: 844}
}

// A tab is a page in the browser, watched from its first byte on.
type tab struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // to chromedp, a tab is a context

	mu     sync.Mutex
	faults []string
	visits int // documents that it has shown
}

// open shows an address in a new tab, which is closed with the test t.
func (b *browser) open(t testing.TB, url string, s size, cookies ...*http.Cookie) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	w := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, w.hear); err != nil {
		t.Fatalf("listen to the page: %v", err)
	}
	call(w, requests.Enable, requests.EnableParams{})
	call(w, log.Enable, cdp.Empty{})
	call(w, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `addEventListener("securitypolicyviolation", (e) => (window.violations ??= []).push(e.violatedDirective + " " + e.blockedURI))`,
	})
	w.resize(s)
	for _, c := range cookies {
		call(w, requests.SetCookie, requests.SetCookieParams{Name: c.Name, Value: c.Value, URL: url})
	}
	w.do(chromedp.Navigate(url))
	return w
}

// hear notes what a page must not do.
func (w *tab) hear(event any) {
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			w.note("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		w.note("console.%s", e.Type)
	case *runtime.EventExceptionThrown:
		w.note("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
	case *requests.EventLoadingFailed:
		w.note("request failed: %s %s", e.Type, e.ErrorText)
	case *requests.EventResponseReceived:
		if e.Response.Status >= 400 {
			w.note("status %d: %s", e.Response.Status, e.Response.URL)
		}
	case *page.EventFrameNavigated:
		w.mu.Lock()
		w.visits++
		w.mu.Unlock()
	}
}

func (w *tab) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

// calm fails the test with what the browser has complained of.
func (w *tab) calm() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.faults {
		w.t.Errorf("the browser complains: %s", f)
	}
}

// shownTimes returns how many documents the tab has shown.
func (w *tab) shownTimes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.visits
}

func (w *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("browser: %v", err)
	}
}

func call[P, R any](w *tab, command cdp.Command[P, R], params P) R {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	r, err := chromedp.Call(ctx, command, params)
	if err != nil {
		w.t.Fatalf("browser: %v", err)
	}
	return r
}

// eval returns the value of an expression in the page.
func eval[T any](w *tab, script string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		w.t.Fatalf("evaluate in the page: %v\n%.200s", err, script)
	}
	return v
}

func (w *tab) resize(s size) {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(s.w, s.h, chromedp.EmulateScale(max(1, s.dots))))
}

// A reading is what a person reads on the page.
type reading struct {
	Lang, Dir, Version, Line, Text  string
	Weekday, Date, Gregorian, Feast string
	Clock, Foot, Lost               string
	Updates                         int
	Frame                           bool
	Chart                           float64 // pixels
	Violations                      []string
	Tiles, Crowds                   []shownTile
}

// A shownTile is a tile as it stands on the wall.
type shownTile struct{ ID, Shown, Name, Value, State, Age string }

func (w *tab) read() reading {
	w.t.Helper()
	return eval[reading](w, readScript)
}

// glance reads the page if there is one: while it is being loaded there is none.
func (w *tab) glance() (reading, error) {
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[reading](readScript))
}

// tile returns a number tile of the page.
func (r reading) tile(id string) shownTile {
	for _, t := range r.Tiles {
		if t.ID == id {
			return t
		}
	}
	return shownTile{}
}

// ready waits until a wall has begun and nothing on it is silent: a demonstration
// tells its days so far first.
func (w *tab) ready() {
	w.t.Helper()
	w.begun()
	eventually(w.t, 2*time.Minute, func() string {
		for _, t := range w.read().Tiles {
			if t.Shown == "dead" || t.Shown == "none" {
				return fmt.Sprintf("tile %s is %s: %s", t.ID, t.Shown, t.Age)
			}
		}
		return ""
	})
}

// begun waits until a wall is connected, has a value in each of its tiles, places
// in its list and hours in its chart.
func (w *tab) begun() {
	w.t.Helper()
	eventually(w.t, 2*time.Minute, func() string {
		r := w.read()
		if r.Line != "live" || len(r.Tiles) == 0 || len(r.Crowds) == 0 || r.Chart == 0 {
			return fmt.Sprintf("the wall is %q with %d tiles, %d places, %v pixels of chart", r.Line, len(r.Tiles), len(r.Crowds), r.Chart)
		}
		for _, t := range r.Tiles {
			if strings.Trim(t.Value, "—") == "" {
				return fmt.Sprintf("tile %s has no value", t.ID)
			}
		}
		return ""
	})
}

// whole waits until nothing on the page is clipped or overlaps: after a change of
// the window, a drawing or two are needed.
func (w *tab) whole() {
	w.t.Helper()
	eventually(w.t, 10*time.Second, func() string { return strings.Join(eval[[]string](w, lookScript), "\n\t") })
}
