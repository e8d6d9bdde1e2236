package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Everything that people do is done here as they do it: pressed in a page, at the real
// server.
func TestWhatPeopleDoIsPressedInTheirPages(t *testing.T) {
	h := openHouse(t)
	h.employ("mina", "مینا", "fa", "department", "urban-services")
	h.employ("reza", "رضا", "en", "department", "urban-services")
	h.employ("omid", "امید", "en", "operator")
	t.Run("the life of a case", h.lifeOfACase)
	t.Run("two at the same case", h.twoAtOneCase)
	t.Run("a shift is handed over", h.shiftHandedOver)
	t.Run("people", h.people)
	t.Run("a token", h.token)
	t.Run("the quarantine", h.quarantine)
}

func (h *house) lifeOfACase(t *testing.T) {
	number := h.admin.report(h.data, "137-life")
	w := h.enters(t, "mina", deskSizes()[0])
	w.goes(fmt.Sprintf("%s/dept/urban-services/cases/%d", h.p.url, number), "main h1")
	done := func(words string) {
		t.Helper()
		w.until("it is answered: "+words, fmt.Sprintf(`document.activeElement?.id === "answer" && document.activeElement.textContent.trim() === %q && !document.querySelector("dialog[open]")`, words))
	}
	worded := func(press, words, answer string) {
		t.Helper()
		w.presses(press)
		w.until("the words are asked for", `document.querySelector("dialog[open] #act-note")`)
		w.whole()
		w.writes("#act-note", words)
		w.pressesThe(`dialog button[data-kind="main"]`)
		done(answer)
	}
	w.presses("اعلام رؤیت")
	done("رؤیت ثبت شد")
	w.presses("ارجاع")
	w.presses("رضا")
	w.whole()
	w.pressesThe(`dialog button[data-kind="main"]`)
	done("ارجاع شد")
	worded("افزودن یادداشت", "با پیمانکار هماهنگ شد", "یادداشت افزوده شد")
	worded("نگه داشتن ساعت", "در انتظار کامیون", "ساعت ایستاد")
	w.presses("راه انداختن ساعت")
	done("ساعت دوباره می‌گذرد")
	w.do(chromedp.SetUploadFiles(`input[type="file"]`, []string{photo(t)}))
	done("عکس افزوده شد")
	w.until("the photo shows", `document.querySelector(".photos img")?.naturalWidth > 0`)
	w.pressesThe(".photos .photo")
	w.until("the photo is looked at", `document.querySelector("dialog[open] .viewer img")?.naturalWidth > 0`)
	w.whole()
	w.pressesThe("dialog .shut")
	worded("بستن پرونده", "پاک شد", "پرونده بسته شد")
	worded("باز کردن دوباره", "هنوز زباله هست", "پرونده دوباره باز شد")
	w.whole()
	w.accessible()
	w.calm()

	var c shownCase
	h.admin.get(fmt.Sprintf("/api/v1/cases/%d", number), &c)
	var did []string
	for _, l := range c.Log {
		if l.Do != "" && l.Refused == "" {
			did = append(did, strings.TrimPrefix(l.Do, "case.")+" "+l.Note)
		}
	}
	want := []string{"acknowledge ", "assign ", "note با پیمانکار هماهنگ شد", "pause در انتظار کامیون", "resume ", "evidence ", "close پاک شد", "reopen هنوز زباله هست"}
	if !slices.Equal(did, want) || c.State != "open" || c.Owner == nil || c.Owner.ID != person(t, h.admin, "reza") {
		t.Errorf("case %d is %s, of %v: %q, want %q", number, c.State, c.Owner, did, want)
	}
}

// photo returns a file with a picture.
func photo(t *testing.T) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * 7)
	}
	m.Set(1, 1, color.White)
	f, err := os.Create(filepath.Join(t.TempDir(), "street.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func (h *house) twoAtOneCase(t *testing.T) {
	number := h.admin.report(h.data, "137-two")
	path := fmt.Sprintf("%s/dept/urban-services/cases/%d", h.p.url, number)
	mina, reza := h.enters(t, "mina", deskSizes()[0]), h.enters(t, "reza", deskSizes()[0])
	for _, w := range []*tab{reza, mina} {
		w.goes(path, "main h1")
	}
	reza.presses("Close the case")
	reza.writes("#act-note", "swept by my team")
	mina.presses("بستن پرونده")
	mina.writes("#act-note", "پاک شد")
	mina.pressesThe(`dialog button[data-kind="main"]`)
	mina.until("it is closed", `document.getElementById("answer")`)
	reza.pressesThe(`dialog button[data-kind="main"]`)
	for _, words := range []string{"Meanwhile something else happened", "مینا", "closed it", "پاک شد", "Nothing of yours was lost or done"} {
		reza.reads(words)
	}
	reza.expects("status 409")
	reza.expects("409 (Conflict)")
	reza.whole()
	reza.accessible()
	reza.presses("Show the case as it is now")
	reza.until("it shows that it is closed", `!document.querySelector("dialog[open]") && document.querySelector(".clock-words").textContent.includes("closed") && document.activeElement.id === "answer"`)
	reza.reads("Open it again")
	reza.calm()
	mina.calm()
}

func (h *house) shiftHandedOver(t *testing.T) {
	w := h.enters(t, "mina", deskSizes()[0])
	w.goes(h.p.url+"/dept/urban-services", "main h1")
	w.presses("تحویل شیفت")
	w.until("it is asked to whom", `document.querySelector("dialog[open] #shift-to")`)
	w.whole()
	eval[bool](w, fmt.Sprintf(`((e) => { e.value = %q; return e.dispatchEvent(new Event("change", {bubbles: true})); })(document.getElementById("shift-to"))`, person(t, h.admin, "reza")))
	w.writes("#shift-note", "کامیون فردا می‌رسد")
	w.pressesThe(`dialog button[data-kind="main"]`)
	w.reads("شیفت تحویل داده شد")
	w.reads("شیفت ۲")
	w.reads("تحویل‌گیرنده: رضا")
	w.reads("کامیون فردا می‌رسد")
	w.whole()
	w.presses("شیفت ۱")
	w.at("/dept/urban-services/shifts/1")
	w.settled("main h1")
	w.reads("تحویل‌دهنده")
	w.reads("پرونده را دوباره باز کرد")
	w.whole()
	w.calm()
}

func (h *house) people(t *testing.T) {
	w := h.enters(t, "admin", deskSizes()[2])
	w.goes(h.p.url+"/operate#people", "#panel table")
	w.presses("Add a person")
	w.writes("#person-name", "سارا")
	w.writes("#person-login", "sara")
	w.pressesThe(`dialog button[data-kind="main"]`)
	first := w.secret()
	if status, _ := h.p.signIn("sara", first); status != http.StatusOK {
		t.Errorf("with the password that was shown: %d", status)
	}
	sara := h.b.apart(t).open(t, h.p.url+"/dept/parks?lang=en", deskSizes()[0])
	sara.signsIn("sara", first)
	sara.at("/dept/parks")
	sara.settled("main h1")

	w.presses("New password for سارا")
	w.presses("Make a new password")
	second := w.secret()
	sara.at("/signin")
	if status, _ := h.p.signIn("sara", first); status != http.StatusUnauthorized || first == second {
		t.Errorf("with the old password: %d", status)
	}
	sara.signsIn("sara", second)
	sara.at("/dept/parks")
	sara.settled("main h1")

	w.presses("End access of سارا")
	w.whole()
	w.accessible()
	w.presses("End it")
	w.until("the access has ended and the focus is by the name", `!document.querySelector("dialog[open]") && [...document.querySelectorAll("#panel tr")].some((e) => e.textContent.includes("سارا") && e.textContent.includes("Ended") && e.contains(document.activeElement))`)
	sara.at("/signin")
	sara.signsIn("sara", second)
	sara.reads("This login and password do not fit together")
	w.calm()
}

// secret reads what a dialog shows this once, and closes it.
func (w *tab) secret() string {
	w.t.Helper()
	w.until("the secret is shown", `document.querySelector("dialog[open] #secret")`)
	w.whole()
	secret := eval[string](w, `document.getElementById("secret").textContent`)
	w.presses("Close, I have kept it")
	w.until("the dialog is closed", `!document.querySelector("dialog")`)
	if eval[bool](w, fmt.Sprintf(`document.documentElement.outerHTML.includes(%q)`, secret)) {
		w.t.Error("the page still holds the secret")
	}
	return secret
}

func (h *house) token(t *testing.T) {
	w := h.enters(t, "omid", deskSizes()[2])
	w.goes(h.p.url+"/operate#tokens", "#panel h1, #panel button")
	w.presses("Make a token")
	w.writes("#token-name", "Gate of the square")
	w.writes("#token-filter", "district-3-litter")
	w.until("one is found", `document.querySelectorAll("dialog .choices input").length === 1`)
	w.pressesThe(`dialog .choices input`)
	w.writes("#token-days", "30")
	w.whole()
	w.pressesThe(`dialog button[data-kind="main"]`)
	token := w.secret()
	if !regexp.MustCompile(`^rsd_[A-Za-z0-9_-]+$`).MatchString(token) {
		t.Fatalf("the token is %q", token)
	}
	sent := func() int {
		v := h.p.visitor()
		return v.do(http.MethodPost, "/api/v1/cases", map[string]any{"cases": []map[string]any{{
			"source": "district-3-litter", "id": "137-token", "kind": "report", "category": "litter", "event": "opened", "at": time.Now().UTC().Format(time.RFC3339),
		}}}, "Authorization", "Bearer "+token).status
	}
	if status := sent(); status != http.StatusOK {
		t.Errorf("with the token: %d", status)
	}
	w.presses("Renew token Gate of the square")
	w.writes("#renew-days", "soon")
	w.pressesThe(`dialog button[data-kind="main"]`)
	w.reads("Write a number from 1 to 3,660")
	w.whole()
	w.writes("#renew-days", "۶۰")
	w.pressesThe(`dialog button[data-kind="main"]`)
	w.until("it holds longer", `!document.querySelector("dialog[open]") && document.querySelector(".toasts").textContent.includes("The token holds until")`)
	w.presses("Revoke token Gate of the square")
	w.pressesThe(`dialog button[data-kind="stop"]`)
	w.reads("Write down why.")
	w.whole()
	w.writes("#why", "the gate has gone")
	w.pressesThe(`dialog button[data-kind="stop"]`)
	w.until("it is gone, and the focus is not", `!document.querySelector("dialog[open]") && !document.getElementById("panel").textContent.includes("Gate of the square") && document.getElementById("panel").contains(document.activeElement)`)
	eventually(t, 5*time.Second, func() string {
		if status := sent(); status != http.StatusUnauthorized {
			return fmt.Sprintf("with the revoked token: %d", status)
		}
		return ""
	})
	w.calm()
}

func (h *house) quarantine(t *testing.T) {
	token := newToken(t, h.data, "--source", "naqsh-e-jahan-visits")
	slot := time.Now().UTC().Truncate(15 * time.Minute).Add(-time.Hour)
	for i, value := range []int{20_000, 30_000} {
		from := slot.Add(time.Duration(i) * 15 * time.Minute)
		body := fmt.Sprintf(`{"readings":[{"source":"naqsh-e-jahan-visits","from":%q,"to":%q,"value":%d}]}`, from.Format(time.RFC3339), from.Add(15*time.Minute).Format(time.RFC3339), value)
		if status, a, err := h.p.post(token, body); err != nil || status != http.StatusOK || len(a.Quarantined) != 1 {
			t.Fatalf("status %d, %+v, %v", status, a, err)
		}
	}
	w := h.enters(t, "omid", deskSizes()[0])
	w.goes(h.p.url+"/operate#quarantine", ".held")
	w.whole()
	for i, x := range []struct{ press, send, why string }{{"Release", "Release it", "the square was full"}, {"Discard", "Discard it", "counted twice"}} {
		w.presses(x.press)
		w.presses(x.send)
		w.reads("Write down why.")
		w.whole()
		w.writes("#why", x.why)
		w.presses(x.send)
		w.until("one less waits, and the focus has not fallen to the beginning", fmt.Sprintf(`!document.querySelector("dialog[open]") && document.querySelectorAll(".held").length === %d && document.activeElement !== document.body`, 1-i))
	}
	w.reads("Nothing is in quarantine.")
	w.whole()
	var list struct {
		Entries []struct {
			Ruled, Why string
			RuledBy    struct{ Name string } `json:"ruled_by"`
		}
	}
	h.admin.get("/api/v1/operate/quarantine?waiting=0", &list)
	var ruled []string
	for _, e := range list.Entries {
		ruled = append(ruled, e.Ruled+" by "+e.RuledBy.Name+": "+e.Why)
	}
	slices.Sort(ruled)
	if want := []string{"discarded by امید: counted twice", "released by امید: the square was full"}; !slices.Equal(ruled, want) {
		t.Errorf("ruled %q, want %q", ruled, want)
	}
	w.calm()
}
