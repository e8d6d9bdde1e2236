package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
)

func TestACaseGoesItsWayByActs(t *testing.T) {
	o := openDesk(t)
	mina := o.hire(t, "mina", city.RoleDepartment, "urban-services")
	number := o.report(t)
	var list caseList
	o.ask(t, "GET", "/api/v1/departments/urban-services/cases", nil, &list, 200)
	if list.Total != 1 || list.Cases[0].Number != number || list.Cases[0].District.ID != "district-3" || list.Cases[0].Due == nil {
		t.Fatalf("the department lists %+v", list)
	}
	version := list.Cases[0].Version
	var c caseWhole
	for i, step := range []struct{ do, to, note string }{
		{"acknowledge", "", ""}, {"assign", mina, ""}, {"note", "", "رفتگر در راه است"}, {"pause", "", "راه بسته است"}, {"resume", "", ""}, {"close", "", "پاک شد"}, {"reopen", "", "دوباره زباله آمد"},
	} {
		a := o.act(t, number, fmt.Sprintf("act-%06d", i), step.do, version, step.to, step.note, &c, 200)
		if c.Version != version+1 || a.header.Get("Rasad-Position") == "" {
			t.Fatalf("%s: version %d, position %q", step.do, c.Version, a.header.Get("Rasad-Position"))
		}
		version = c.Version
	}
	if c.State != "open" || c.Owner == nil || c.Owner.Name.FA != "خانم mina" || c.Reopened != 1 || c.Notes == 0 || len(c.Clock.Pauses) != 2 || len(c.Log) != 8 {
		t.Errorf("at the end: %+v", c)
	}
	if last := c.Log[7]; last.Do != "case.reopen" || last.Note != "دوباره زباله آمد" || last.By.Name.EN != "Demo" || c.Log[0].By.ID != "" || !strings.Contains(c.Log[0].By.Name.EN, "District 3") {
		t.Errorf("the log: %+v", c.Log)
	}
}

func TestWhoComesSecondReadsWhatCameFirstAndByWhom(t *testing.T) {
	o := openDesk(t)
	number := o.report(t)
	var c caseWhole
	o.act(t, number, "first-act", "close", 1, "", "پاک شد", &c, 200)
	a := o.act(t, number, "second-act", "acknowledge", 1, "", "", nil, 409)
	var d struct {
		Code   string   `json:"code"`
		Answer conflict `json:"answer"`
	}
	if problemIn(t, a); json.Unmarshal([]byte(a.body), &d) != nil || d.Code != "changed" || d.Answer.Refused != "changed" || len(d.Answer.Since) != 1 ||
		d.Answer.Since[0].Do != entry.DoClose || d.Answer.Since[0].By.Name.FA != "نمایش" || d.Answer.Case.State != "closed" {
		t.Errorf("who came second reads %s", a.body)
	}
	o.act(t, number, "first-act", "close", 1, "", "پاک شد", &c, 200) // sent again after a broken line
	if c.Version != 2 {
		t.Errorf("the same act twice: version %d", c.Version)
	}
	o.act(t, number, "third-act", "close", 2, "", "", nil, 409)
	o.act(t, number, "four-act", "close", 0, "", "", nil, 400)
	o.act(t, 999, "fifth-act", "close", 1, "", "", nil, 404)
	if p := problemIn(t, o.act(t, number, "x", "close", 1, "", "", nil, 400)); !strings.Contains(p.Cause, "id") {
		t.Errorf("a short id: %+v", p)
	}
}

func TestAListThatDidNotChangeIsNotSentAgain(t *testing.T) {
	o := openDesk(t)
	number := o.report(t)
	path := "/api/v1/departments/urban-services/cases"
	tag := o.ask(t, "GET", path, nil, nil, 200).header.Get("ETag")
	a := o.do("GET", path, "", "If-None-Match", tag)
	if a.status != 304 || a.body != "" || a.header.Get("ETag") != tag || a.header.Get("Cache-Control") == "" {
		t.Errorf("again: %d %q %v", a.status, a.body, a.header)
	}
	if other := o.do("GET", path+"?state=closed", "", "If-None-Match", tag); other.status != 200 {
		t.Errorf("another question: %d", other.status)
	}
	o.act(t, number, "an-act-1", "acknowledge", 1, "", "", nil, 200)
	if a := o.do("GET", path, "", "If-None-Match", tag); a.status != 200 {
		t.Errorf("after an act: %d", a.status)
	}
}

func TestATileLeadsToTheCasesBehindIt(t *testing.T) {
	o := openDesk(t)
	o.report(t)
	for tile, want := range map[string]int{"litter-reports-today": 1, "litter-reports-today/district-3": 1, "litter-reports-today/district-4": 0} {
		var list caseList
		o.ask(t, "GET", "/api/v1/departments/urban-services/cases?tile="+tile, nil, &list, 200)
		if list.Total != want {
			t.Errorf("%s: %d cases, want %d", tile, list.Total, want)
		}
	}
	o.ask(t, "GET", "/api/v1/departments/urban-services/cases?tile=nothing", nil, nil, 404)
}

func TestAShiftIsHandedOverOnce(t *testing.T) {
	o := openDesk(t)
	mina := o.hire(t, "mina", city.RoleDepartment, "urban-services")
	number := o.report(t)
	o.act(t, number, "an-act-1", "note", 0, "", "فردا صبح", nil, 200)
	var current shiftWhole
	o.ask(t, "GET", "/api/v1/departments/urban-services/shifts/current", nil, &current, 200)
	if current.Number != 1 || current.Open != 1 || len(current.Left) != 1 || len(current.Log) == 0 {
		t.Fatalf("the running shift: %+v", current)
	}
	body := map[string]any{"id": "hand-over", "expects": 1, "to": mina, "note": "پل خواجو را ببینید"}
	var ended ShiftView
	o.ask(t, "POST", "/api/v1/departments/urban-services/shifts", body, &ended, 200)
	if ended.Number != 1 || ended.To == nil || ended.Note != "پل خواجو را ببینید" || ended.Next == nil || ended.Next.ID != mina {
		t.Errorf("handed over: %+v", ended)
	}
	body["id"] = "hand-over-2"
	if a := o.ask(t, "POST", "/api/v1/departments/urban-services/shifts", body, nil, 409); !strings.Contains(a.body, `"note":"پل خواجو را ببینید"`) {
		t.Errorf("who came second reads %s", a.body)
	}
	var whole shiftWhole
	o.ask(t, "GET", "/api/v1/departments/urban-services/shifts/1", nil, &whole, 200)
	found := false
	for _, l := range whole.Log {
		found = found || l.Case == number && l.Note == "فردا صبح" && strings.Contains(l.What.FA, "منطقه")
	}
	if !found {
		t.Errorf("the log of the shift: %+v", whole.Log)
	}
	o.ask(t, "GET", "/api/v1/departments/urban-services/shifts/9", nil, nil, 404)
}

// upright makes a picture whose upper half is red.
func upright(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0, 0, 255, 255}
			if y < h/2 {
				c = color.RGBA{255, 0, 0, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func jpegOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts an Exif block with an orientation, and words that nobody should
// read, behind the first marker of a JPEG.
func withExif(jpg []byte, orientation byte) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(orientation) + "\x00\x00\x00\x00\x00\x00 32.6573 N 51.6776 E")
	block := append([]byte("Exif\x00\x00"), tiff...)
	head := []byte{0xFF, 0xE1, byte((len(block) + 2) >> 8), byte(len(block) + 2)}
	return append(append(append([]byte{}, jpg[:2]...), append(head, block...)...), jpg[2:]...)
}

func TestAPhotoIsKeptUprightAndSaysNothingElse(t *testing.T) {
	o := openDesk(t)
	number := o.report(t)
	path := fmt.Sprintf("/api/v1/cases/%d/evidence?id=photo-act-1&note=%s", number, "before")
	sent := withExif(jpegOf(t, turned(upright(40, 30), 8)), 6) // as a telephone held upright writes it
	a := o.do("POST", path, string(sent), "Content-Type", "image/jpeg")
	var c caseWhole
	if a.status != 200 || json.Unmarshal([]byte(a.body), &c) != nil || c.Evidence != 1 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	file := c.Log[len(c.Log)-1].File
	if file == nil || file.Width != 40 || file.Height != 30 {
		t.Fatalf("the log says %+v", file)
	}
	got := o.do("GET", file.URL, "")
	m, err := jpeg.Decode(strings.NewReader(got.body))
	if err != nil || got.status != 200 || got.header.Get("Content-Type") != "image/jpeg" || strings.Contains(got.body, "Exif") || strings.Contains(got.body, "32.6573") {
		t.Fatalf("the photo: %d %v %v", got.status, got.header, err)
	}
	if r, _, b, _ := m.At(20, 3).RGBA(); r < b {
		t.Error("it stands on its head")
	}
	if a := o.do("GET", file.URL, "", "If-None-Match", got.header.Get("ETag")); a.status != 304 {
		t.Errorf("again: %d", a.status)
	}
	if a := o.do("GET", "/evidence/"+strings.Repeat("0", 64), ""); a.status != 404 {
		t.Errorf("no such photo: %d", a.status)
	}
}

func TestAPhotoIsDeletedWhenItsTimeIsOver(t *testing.T) {
	var now atomic.Int64 // the data's clock, in seconds
	o := openDesk(t, func(p *Parts) {
		now.Store(p.Now().Unix())
		p.Now = func() time.Time { return time.Unix(now.Load(), 0) }
	})
	number := o.report(t)
	send := func(id string, wide int) *fileView {
		var c caseWhole
		a := o.do("POST", fmt.Sprintf("/api/v1/cases/%d/evidence?id=%s", number, id), string(jpegOf(t, upright(wide, 30))), "Content-Type", "image/jpeg")
		if a.status != 200 || json.Unmarshal([]byte(a.body), &c) != nil {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return c.Log[len(c.Log)-1].File
	}
	dir := o.srv.parts.Evidence
	old := func(name string, days int) {
		if err := os.Chtimes(filepath.Join(dir, name), time.Time{}, time.Now().AddDate(0, 0, -days)); err != nil {
			t.Fatal(err)
		}
	}
	kept := func(name string) bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
	sweep := func(want int) {
		t.Helper()
		if n, err := o.srv.forgetPhotos(t.Context()); n != want || err != nil {
			t.Errorf("%d deleted, want %d: %v", n, want, err)
		}
	}
	first, again, fresh := send("photo-act-1", 40), send("photo-act-2", 50), (*fileView)(nil)
	for name, days := range map[string]int{strings.Repeat("a", 64): 91, strings.Repeat("b", 64): 89, newFile + "1": 91, "notes.txt": 900} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		old(name, days)
	}
	old(first.SHA256, 200) // its file's time alone says nothing
	sweep(2)
	if kept(strings.Repeat("a", 64)) || kept(newFile+"1") || !kept(strings.Repeat("b", 64)) || !kept("notes.txt") || !kept(first.SHA256) {
		t.Error("not those that no case has were deleted")
	}
	now.Add(90*24*3600 - 1)
	if a := o.do("GET", first.URL, ""); a.status != 200 {
		t.Errorf("on its last day: %d", a.status)
	}
	old(again.SHA256, 200)
	fresh = send("photo-act-3", 50) // the same photo once more
	if fresh.SHA256 != again.SHA256 {
		t.Fatal("the same photo has two names")
	}
	now.Add(1)
	if a := o.do("GET", first.URL, ""); a.status != 404 || !strings.Contains(a.body, "90 days") {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
	sweep(1)
	if kept(first.SHA256) || !kept(fresh.SHA256) {
		t.Error("the old photo is kept, or the newer one is not")
	}
	var c caseWhole
	o.ask(t, "GET", fmt.Sprintf("/api/v1/cases/%d", number), nil, &c, 200)
	var urls []string
	for _, l := range c.Log {
		if l.File != nil {
			urls = append(urls, l.File.URL)
		}
	}
	if c.Evidence != 3 || !slices.Equal(urls, []string{"", "", fresh.URL}) {
		t.Errorf("%d photos, at %q", c.Evidence, urls)
	}
	now.Add(90 * 24 * 3600)
	sweep(0) // it was sent within a day: the act that names it may be on its way
	old(fresh.SHA256, 2)
	sweep(1)
}

func TestWhatIsNoPhotoIsRefusedInWords(t *testing.T) {
	o := openDesk(t)
	number := o.report(t)
	var bomb bytes.Buffer
	if err := png.Encode(&bomb, image.NewGray(image.Rect(0, 0, 8000, 8000))); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"text": "hello", "a page": "<html><script>alert(1)</script>", "a bomb": bomb.String(),
		"cut short": string(jpegOf(t, upright(400, 300))[:600]), "nothing": "",
	} {
		a := o.do("POST", fmt.Sprintf("/api/v1/cases/%d/evidence?id=photo-act-1", number), body, "Content-Type", "image/jpeg")
		if a.status != http.StatusUnprocessableEntity && a.status != 400 || len(a.body) > 1500 {
			t.Errorf("%s: %d %.300s", name, a.status, a.body)
		}
	}
	if a := o.do("POST", fmt.Sprintf("/api/v1/cases/%d/evidence?id=photo-act-1", number), strings.Repeat("x", maxPhoto+1), "Content-Type", "image/jpeg"); a.status != 413 {
		t.Errorf("too large: %d", a.status)
	}
	var c caseWhole
	o.ask(t, "GET", fmt.Sprintf("/api/v1/cases/%d", number), nil, &c, 200)
	if c.Evidence != 0 {
		t.Errorf("%d photos were kept", c.Evidence)
	}
}

func TestEveryOrientationStandsUpright(t *testing.T) {
	m := upright(20, 10)
	back := map[int]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6} // what undoes each
	for o := 1; o <= 8; o++ {
		if got := turned(turned(m, back[o]), o); !bytes.Equal(got.Pix, m.Pix) || got.Bounds() != m.Bounds() {
			t.Errorf("orientation %d is not undone", o)
		}
		jpg := withExif(jpegOf(t, m), byte(o))
		if got := orientation(jpg); got != o {
			t.Errorf("orientation %d is read as %d", o, got)
		}
	}
	for _, bad := range [][]byte{nil, {0xFF}, {0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF}, withExif(jpegOf(t, m), 6)[:30]} {
		if got := orientation(bad); got != 1 {
			t.Errorf("%x: %d", bad, got)
		}
	}
}
