package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// comeBack is how soon a wall must be live again after its server answers.
const comeBack = 5 * time.Second

// agrees says where the wall's numbers differ from what the server tells scripts.
func (w *tab) agrees(p *program, view string) string {
	w.t.Helper()
	tiles := p.tiles(view)
	r := w.read()
	if len(r.Tiles) == 0 {
		return "the wall shows no tiles"
	}
	for _, x := range r.Tiles {
		want := tiles[x.ID].Value
		if want == nil {
			return fmt.Sprintf("the server has no value for %s", x.ID)
		}
		text := strings.NewReplacer(",", "", "%", "").Replace(x.Value)
		got, err := strconv.ParseFloat(text, 64)
		if err != nil || got-*want > .0501 || *want-got > .0501 {
			return fmt.Sprintf("%s: the wall shows %q, the server says %v", x.ID, x.Value, *want)
		}
	}
	return ""
}

// lost waits until nobody in the hall can overlook that the line is lost.
func (w *tab) lost(within time.Duration) {
	w.t.Helper()
	eventually(w.t, within, func() string {
		if r := w.read(); r.Line != "lost" || r.Lost != "Connection lost" || !r.Frame {
			return fmt.Sprintf("the wall is %q, says %q, has a frame: %v", r.Line, r.Lost, r.Frame)
		}
		return ""
	})
	w.whole()
}

// live waits until the wall is connected again and shows no more of the loss.
func (w *tab) live(within time.Duration) {
	w.t.Helper()
	eventually(w.t, within, func() string {
		if r := w.read(); r.Line != "live" || r.Lost != "" || r.Frame {
			return fmt.Sprintf("the wall is %q, says %q, has a frame: %v", r.Line, r.Lost, r.Frame)
		}
		return ""
	})
}

// hold waits for a while in which what must stay "".
func hold(t testing.TB, long time.Duration, what func() string) {
	t.Helper()
	end := time.Now().Add(long)
	eventually(t, long+time.Minute, func() string {
		if words := what(); words != "" {
			t.Fatal(words)
		}
		return map[bool]string{true: "", false: "it is not over"}[time.Now().After(end)]
	})
}

// early is a moment at which the demonstration has little to tell first.
const early = "2027-03-17T18:30"

func TestTheWallComesBackByItselfAfterTheServerWasKilled(t *testing.T) {
	t.Parallel() // it waits more than it works
	b := newBrowser(t)
	data := t.TempDir()
	p := demoAt(t, early, "--data", data)
	wall, _, _, _ := sizes()
	w := b.open(t, p.url+"/wall/hall-en", wall)
	w.ready()
	w.calm() // afterwards the browser itself complains of the server
	eval[bool](w, `document.documentElement.dataset.sitting = "first", true`)
	p.kill()
	w.lost(10 * time.Second)

	p = demoAt(t, early, "--data", data, "--listen", strings.TrimPrefix(p.url, "http://"))
	up := time.Now()
	w.live(comeBack)
	t.Logf("live again %.1f s after the server", time.Since(up).Seconds())
	eventually(t, time.Minute, func() string { return w.agrees(p, "hall-en") })
	if sitting := eval[string](w, `document.documentElement.dataset.sitting ?? ""`); sitting != "first" || w.shownTimes() != 1 {
		t.Errorf("the page was loaded %d times, and is the %q one", w.shownTimes(), sitting)
	}
	w.whole()
}

// pagesWith returns a folder of the pages in which one file is another.
func pagesWith(t *testing.T, name, more string) string {
	t.Helper()
	dir := t.TempDir()
	copyTree(t, filepath.Join("..", "..", "static"), dir)
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(more)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnotherVersionReloadsTheWallOnceAndOnlyWhenItAnswers(t *testing.T) {
	t.Parallel() // it waits more than it works
	b := newBrowser(t)
	data := t.TempDir()
	p := demoAt(t, early, "--data", data)
	wall, _, _, _ := sizes()
	w := b.open(t, p.url+"/wall/hall-en", wall)
	w.ready()
	old := w.read().Version
	pages := pagesWith(t, "css/base.css", "\n/* another version */\n")
	p.kill()
	w.lost(10 * time.Second)
	hold(t, 4*time.Second, func() string {
		if n := w.shownTimes(); n != 1 {
			return fmt.Sprintf("the page was loaded %d times while nobody answered", n)
		}
		return ""
	})

	demoAt(t, early, "--data", data, "--static-dir", pages, "--listen", strings.TrimPrefix(p.url, "http://"))
	eventually(t, 20*time.Second, func() string {
		if r, err := w.glance(); err != nil || r.Version == old || r.Line != "live" {
			return fmt.Sprintf("the wall is %q and still of version %s (%v)", r.Line, r.Version, err)
		}
		return ""
	})
	hold(t, 5*time.Second, func() string {
		if n := w.shownTimes(); n != 2 {
			return fmt.Sprintf("the page was loaded %d times, want 2", n)
		}
		return ""
	})
	w.live(comeBack)
}

func TestAServerThatStandsStillIsSeenAndEachTileGrowsOlder(t *testing.T) {
	t.Parallel() // it waits more than it works
	b := newBrowser(t)
	p := demoAt(t, early, "--speed", "30") // so that 20 s are ten minutes of the data
	wall, _, _, _ := sizes()
	w := b.open(t, p.url+"/wall/hall-en", wall)
	w.ready()
	w.calm()
	before := w.read()
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	still := time.Now()
	w.lost(16 * time.Second) // 12 s without a word, and what a busy machine takes
	t.Logf("seen after %.1f s", time.Since(still).Seconds())
	hold(t, 20*time.Second-time.Since(still), func() string {
		for _, x := range w.read().Tiles {
			if x.Age == "" {
				return fmt.Sprintf("tile %s does not say how old it is", x.ID)
			}
		}
		return ""
	})
	older := 0
	for _, x := range w.read().Tiles {
		if x.Age != before.tile(x.ID).Age {
			older++
		}
		if x.Value == "" {
			t.Errorf("tile %s lost its value", x.ID)
		}
	}
	if older < len(before.Tiles)-2 { // the age of an hourly source is told in hours
		t.Errorf("ten minutes later only %d of %d tiles say that they are older", older, len(before.Tiles))
	}
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	w.live(comeBack)
	eventually(t, time.Minute, func() string { return w.agrees(p, "hall-en") })
	if w.shownTimes() != 1 {
		t.Errorf("the page was loaded %d times", w.shownTimes())
	}
}

// quickCity has one source that speaks every four seconds: it is stale after
// eight and dead after twenty.
const quickCity = `
format: 1
id: quick
name: {fa: تندشهر, en: Quicktown}
zone: Asia/Tehran
departments:
  - {id: office, name: {fa: دفتر, en: Office}}
places:
  - id: square
    name: {fa: میدان, en: Square}
    kind: square
    at: [32.65, 51.67]
    capacity: 4000
    sources:
      - {id: square-present, name: {fa: حاضران, en: Present}, counts: people-present, unit: person, kind: snapshot, cadence: 4s, range: [0, 9000], method: camera, department: office}
indicators:
  - id: present
    name: {fa: حاضران, en: People present}
    definition: {fa: حاضران اکنون, en: People present now}
    theme: visitors
    of: {counts: people-present}
    how: last
    over: now
    by: [city, place]
    thresholds: {direction: above, of: capacity, watch: 70, alert: 90}
    owner: office
screens:
  - {id: hall, name: {fa: تالار, en: Hall}, lang: en, numbers: [present], crowding: present}
`

func TestASilentSourceGrowsStaleAndThenDeadByItsOwnClock(t *testing.T) {
	t.Parallel() // it waits more than it works
	b := newBrowser(t)
	data := t.TempDir()
	file := filepath.Join(t.TempDir(), "city.yaml")
	if err := os.WriteFile(file, []byte(quickCity), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "serve", "--data", data, "--city", file, "--listen", "127.0.0.1:0")
	token := newToken(t, data, "--source", "square-present")
	send := func(at time.Time, value int) {
		t.Helper()
		body := fmt.Sprintf(`{"readings":[{"source":"square-present","at":%q,"value":%d}]}`, at.Format(time.RFC3339), value)
		if code, a, err := p.post(token, body); err != nil || code != http.StatusOK || a.Accepted != 1 {
			t.Fatalf("post: status %d, %+v, %v", code, a, err)
		}
	}
	wall, _, _, _ := sizes()
	w := b.open(t, p.url+"/wall/hall", wall, p.signedIn()...)
	becomes := func(shown, value string, within time.Duration) shownTile {
		t.Helper()
		var x shownTile
		eventually(t, within, func() string {
			r := w.read()
			if x = r.tile("present"); x.Shown != shown || x.Value != value || len(r.Crowds) != 1 || r.Crowds[0].Shown != shown {
				return fmt.Sprintf("the tile is %+v, the place %+v; want %s, %s", x, r.Crowds, shown, value)
			}
			return ""
		})
		return x
	}
	becomes("none", "—", time.Minute)
	at := time.Now().Add(-3 * time.Second).Truncate(time.Second) // it took a while to come
	send(at, 1200)
	becomes("ok", "1,200", comeBack)
	for _, next := range []struct {
		shown string
		after time.Duration
		says  string
	}{{"stale", 8 * time.Second, "sec. ago|sec ago"}, {"dead", 20 * time.Second, "silent since"}} {
		x := becomes(next.shown, "1,200", time.Until(at.Add(next.after+4*time.Second)))
		if age := time.Since(at); age < next.after {
			t.Errorf("%s %v after the source spoke, want %v", next.shown, age, next.after)
		}
		if a, b, _ := strings.Cut(next.says, "|"); !strings.Contains(x.Age, a) && (b == "" || !strings.Contains(x.Age, b)) {
			t.Errorf("a %s tile says %q", next.shown, x.Age)
		}
		w.whole()
	}
	send(time.Now().Truncate(time.Second), 3700)
	becomes("alert", "3,700", comeBack)
	w.calm()
}

func TestWhereSocketsDoNotGetThroughTheWallAsks(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	p := demoAt(t, early)
	server, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(server)
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			http.Error(rw, "no sockets here", http.StatusForbidden)
			return
		}
		pass.ServeHTTP(rw, r)
	}))
	t.Cleanup(proxy.Close)
	wall, _, _, _ := sizes()
	w := b.open(t, proxy.URL+"/wall/hall-en", wall)
	eventually(t, time.Minute, func() string {
		if r := w.read(); r.Line != "polling" || !strings.Contains(r.Foot, "every two seconds") || r.Frame {
			return fmt.Sprintf("the wall is %q, says %q, has a frame: %v", r.Line, r.Foot, r.Frame)
		}
		return w.agrees(p, "hall-en")
	})
	w.whole()
	updates := w.read().Updates
	eventually(t, 10*time.Second, func() string {
		if n := w.read().Updates; n == updates {
			return "it does not ask again"
		}
		return ""
	})
}
