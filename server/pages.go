package server

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"rasad/city"
	"rasad/city/fa"
)

//go:embed page/error.html page/error.css
var own embed.FS

// pages are the templates of whole pages.
type pages struct {
	wall  string // with placeholders
	desk  string // the shell of every page for people, with placeholders
	error *template.Template
	css   []byte
}

// errorCSS is where the server's own style sheet lies below the assets' prefix.
const errorCSS = "pages/error.css"

func readPages(files fs.FS) (pages, error) {
	var p pages
	for name, into := range map[string]*string{"wall.html": &p.wall, "desk.html": &p.desk} {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return p, fmt.Errorf("read pages: %w: %w", city.ErrInvalid, err)
		}
		*into = string(text)
	}
	var err error
	if p.css, err = own.ReadFile("page/error.css"); err != nil {
		return p, fmt.Errorf("read pages: %w", err)
	}
	if p.error, err = template.ParseFS(own, "page/error.html"); err != nil {
		return p, fmt.Errorf("read pages: %w", err)
	}
	return p, nil
}

// page makes ctx answer with HTML that runs its own scripts only.
func page(ctx *fasthttp.RequestCtx, body []byte) {
	h := &ctx.Response.Header
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cache-Control", "no-store")
	h.SetContentType("text/html; charset=utf-8")
	ctx.Response.SetBodyRaw(body)
}

func direction(lang string) string {
	if lang == "fa" {
		return "rtl"
	}
	return "ltr"
}

// getWall answers with a wall display. The screen's own language holds, but for
// the parameter lang, which is for trying out.
func (s *Server) getWall(c *fiber.Ctx) error {
	now, err := s.city()
	if err != nil {
		return err
	}
	screen := now.Screen(city.ScreenID(c.Params("screen")))
	if screen == nil {
		return fault{code: "not_found"}
	}
	lang := screen.Lang
	if l := c.Query("lang"); l == "fa" || l == "en" {
		lang = l
	}
	title := screen.Name.In(lang) + " · " + now.Name.In(lang) + " · " + product(lang)
	text := strings.NewReplacer(
		"{{LANG}}", lang, "{{DIR}}", direction(lang), "{{ZONE}}", html.EscapeString(now.Zone), "{{ASSETS}}", s.assets.prefix,
		"{{VERSION}}", html.EscapeString(s.version), "{{SCREEN}}", html.EscapeString(string(screen.ID)), "{{TITLE}}", html.EscapeString(title),
		"{{SCRIPT}}", script(lang),
	).Replace(s.pages.wall)
	page(c.Context(), []byte(text))
	return nil
}

// script returns whose letters a language is written in, as the files of the letters
// name them.
func script(lang string) string {
	if lang == "fa" {
		return "arabic"
	}
	return "latin"
}

func product(lang string) string {
	if lang == "fa" {
		return "رصد"
	}
	return "Rasad"
}

// A deskPage is a page for people: the module that draws it, and what it is about.
type deskPage struct {
	module     string // js/desk/MODULE.js
	title      city.Text
	department city.DepartmentID
	number     string
}

// deskModules names the modules of all pages for people.
func deskModules() []string {
	return []string{"door", "signin", "setup", "dept", "case", "shift", "media", "operate"}
}

// sendDesk answers with a page for people, in the visitor's language.
func (s *Server) sendDesk(c *fiber.Ctx, d deskPage) error {
	now, err := s.city()
	if err != nil {
		return err
	}
	lang := s.lang(c)
	title := now.Name.In(lang) + " · " + product(lang)
	if t := d.title.In(lang); t != "" {
		title = t + " · " + title
	}
	text := strings.NewReplacer(
		"{{LANG}}", lang, "{{DIR}}", direction(lang), "{{ZONE}}", html.EscapeString(now.Zone), "{{ASSETS}}", s.assets.prefix,
		"{{VERSION}}", html.EscapeString(s.version), "{{PAGE}}", d.module, "{{TITLE}}", html.EscapeString(title),
		"{{DEPARTMENT}}", html.EscapeString(string(d.department)), "{{NUMBER}}", html.EscapeString(d.number),
		"{{SCRIPT}}", script(lang),
	).Replace(s.pages.desk)
	c.Set("Content-Language", lang)
	c.Set("Vary", "Accept-Language, Cookie")
	page(c.Context(), []byte(text))
	return nil
}

// getDoor answers with the pages that the visitor may open.
func (s *Server) getDoor(c *fiber.Ctx) error { return s.sendDesk(c, deskPage{module: "door"}) }

// getSignIn answers with the page on which people and screens sign in; while there
// is no admin, with the way to make the first.
func (s *Server) getSignIn(c *fiber.Ctx) error {
	if s.setupOpen(c) {
		return c.Redirect("/setup", fiber.StatusSeeOther)
	}
	return s.sendDesk(c, deskPage{module: "signin", title: city.Text{FA: "ورود", EN: "Sign in"}})
}

// getSetup answers with the page on which the first admin is made, at the server's
// own machine, while there is none.
func (s *Server) getSetup(c *fiber.Ctx) error {
	if !s.setupOpen(c) {
		return c.Redirect("/signin", fiber.StatusSeeOther)
	}
	return s.sendDesk(c, deskPage{module: "setup", title: city.Text{FA: "نخستین مدیر", EN: "First admin"}})
}

// getDeptPage answers with a department's page.
func (s *Server) getDeptPage(c *fiber.Ctx) error {
	return s.sendDept(c, deskPage{module: "dept"}, func(string) bool { return true })
}

// getCasePage answers with the page of one case.
func (s *Server) getCasePage(c *fiber.Ctx) error {
	n := c.Params("number")
	return s.sendDept(c, deskPage{module: "case", number: n, title: city.Text{FA: "پروندهٔ " + fa.Digits(n), EN: "Case " + n}}, isNumber)
}

// getShiftPage answers with the printable page of one shift; "current" is the running one.
func (s *Server) getShiftPage(c *fiber.Ctx) error {
	n := c.Params("number")
	title := city.Text{FA: "شیفت " + fa.Digits(n), EN: "Shift " + n}
	if n == "current" {
		title = city.Text{FA: "شیفت جاری", EN: "The running shift"}
	}
	return s.sendDept(c, deskPage{module: "shift", number: n, title: title}, func(n string) bool { return n == "current" || isNumber(n) })
}

// sendDept answers with a page of the department in the address.
func (s *Server) sendDept(c *fiber.Ctx, d deskPage, good func(number string) bool) error {
	now, err := s.city()
	if err != nil {
		return err
	}
	id := city.DepartmentID(c.Params("department"))
	i := slices.IndexFunc(now.Departments, func(x city.Department) bool { return x.ID == id })
	if i < 0 || !good(d.number) {
		return fault{code: "not_found"}
	}
	d.department = id
	for _, t := range []struct{ into, name *string }{{&d.title.FA, &now.Departments[i].Name.FA}, {&d.title.EN, &now.Departments[i].Name.EN}} {
		if *t.into != "" {
			*t.into += " · "
		}
		*t.into += *t.name
	}
	return s.sendDesk(c, d)
}

// isNumber reports whether s is a number from 1 as people write it in an address.
func isNumber(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == s
}

// getMedia answers with the media office's page.
func (s *Server) getMedia(c *fiber.Ctx) error {
	return s.sendDesk(c, deskPage{module: "media", title: city.Text{FA: "دفتر رسانه", EN: "Media office"}})
}

// getOperate answers with the operators' page.
func (s *Server) getOperate(c *fiber.Ctx) error {
	return s.sendDesk(c, deskPage{module: "operate", title: city.Text{FA: "راهبری سامانه", EN: "Operations"}})
}

// errorPage answers ctx with a problem as a page, for people.
func (s *Server) errorPage(ctx *fasthttp.RequestCtx, d *document, lang string) {
	status := fmt.Sprint(d.Status)
	if lang == "fa" {
		status = fa.Digits(status)
	}
	var b bytes.Buffer
	err := s.pages.error.Execute(&b, struct{ Lang, Dir, Assets, CSS, Title, Detail, Status, ID, Home string }{
		lang, direction(lang), s.assets.prefix, errorCSS, d.Title, d.Detail, status, d.ID,
		city.Text{FA: "صفحهٔ آغاز", EN: "Start page"}.In(lang),
	})
	if err != nil {
		s.parts.Log.Error("error page not written", "err", err, "request_id", d.ID)
		return
	}
	page(ctx, b.Bytes())
}

// city returns the city in force, or an error wrapping city.ErrBusy.
func (s *Server) city() (*city.City, error) {
	if c := s.parts.City(); c != nil {
		return c, nil
	}
	return nil, city.Refuse(city.ErrBusy, city.Text{FA: "هنوز شهری در کار نیست؛ پروندهٔ شهر خوانده می‌شود، کمی بعد دوباره بیایید", EN: "no city is in force yet"})
}
