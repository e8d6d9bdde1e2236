package server

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"rasad/city"
	"rasad/city/fa"
)

//go:embed page/door.html page/error.html page/door.css
var own embed.FS

// pages are the templates of whole pages.
type pages struct {
	wall  string // with placeholders
	door  *template.Template
	error *template.Template
	css   []byte
}

// doorCSS is where the server's own style sheet lies below the assets' prefix.
const doorCSS = "pages/door.css"

func readPages(files fs.FS) (pages, error) {
	var p pages
	wall, err := fs.ReadFile(files, "wall.html")
	if err != nil {
		return p, fmt.Errorf("read pages: %w: %w", city.ErrInvalid, err)
	}
	p.wall = string(wall)
	if p.css, err = own.ReadFile("page/door.css"); err != nil {
		return p, fmt.Errorf("read pages: %w", err)
	}
	if p.door, err = template.ParseFS(own, "page/door.html"); err != nil {
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
		"{{LANG}}", lang, "{{DIR}}", direction(lang), "{{ASSETS}}", s.assets.prefix,
		"{{VERSION}}", html.EscapeString(s.version), "{{SCREEN}}", html.EscapeString(string(screen.ID)), "{{TITLE}}", html.EscapeString(title),
		"{{PRELOAD}}", s.assets.preload("js/wall.js"),
	).Replace(s.pages.wall)
	page(c.Context(), []byte(text))
	return nil
}

func product(lang string) string {
	if lang == "fa" {
		return "رصد"
	}
	return "Rasad"
}

// A doorway is what the door shows.
type doorway struct {
	Lang, Dir, Assets, CSS string
	Product, City, Lead    string
	Screens                []doorLink
	None                   string
}

type doorLink struct{ Href, Name, Lang, Shows string }

// getDoor answers with the list of screens, in the visitor's language. Signing in,
// and what one may open then, comes later.
func (s *Server) getDoor(c *fiber.Ctx) error {
	now, err := s.city()
	if err != nil {
		return err
	}
	lang := language(c.Context(), true)
	d := doorway{
		Lang: lang, Dir: direction(lang), Assets: s.assets.prefix, CSS: doorCSS, Product: product(lang), City: now.Name.In(lang),
		Lead: city.Text{FA: "نمایشگرهای این شهر", EN: "The screens of this city"}.In(lang),
		None: city.Text{FA: "هنوز نمایشگری تعریف نشده است.", EN: "No screen is declared yet."}.In(lang),
	}
	for i := range now.Screens {
		screen := &now.Screens[i]
		shows := city.Text{FA: fa.Digits(fmt.Sprint(len(screen.Numbers))) + " شاخص، ازدحام مکان‌ها، نمودار امروز", EN: fmt.Sprintf("%d indicators, crowding of places, today's chart", len(screen.Numbers))}
		d.Screens = append(d.Screens, doorLink{
			Href: "/wall/" + string(screen.ID), Name: screen.Name.In(lang), Shows: shows.In(lang),
			Lang: city.Text{FA: map[string]string{"fa": "فارسی", "en": "انگلیسی"}[screen.Lang], EN: map[string]string{"fa": "Persian", "en": "English"}[screen.Lang]}.In(lang),
		})
	}
	var b bytes.Buffer
	if err := s.pages.door.Execute(&b, d); err != nil {
		return fmt.Errorf("write door: %w", err)
	}
	c.Set("Content-Language", lang)
	c.Set("Vary", "Accept-Language")
	page(c.Context(), b.Bytes())
	return nil
}

// errorPage answers ctx with a problem as a page, for people.
func (s *Server) errorPage(ctx *fasthttp.RequestCtx, p problem, lang, id string) {
	status := fmt.Sprint(p.status)
	if lang == "fa" {
		status = fa.Digits(status)
	}
	var b bytes.Buffer
	err := s.pages.error.Execute(&b, struct{ Lang, Dir, Assets, CSS, Title, Detail, Status, ID, Home string }{
		lang, direction(lang), s.assets.prefix, doorCSS, p.title.In(lang), p.detail.In(lang), status, id,
		city.Text{FA: "صفحهٔ آغاز", EN: "Start page"}.In(lang),
	})
	if err != nil {
		s.parts.Log.Error("error page not written", "err", err, "request_id", id)
		return
	}
	page(ctx, b.Bytes())
}

// city returns the city in force, or an error wrapping city.ErrBusy.
func (s *Server) city() (*city.City, error) {
	if c := s.parts.City(); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%w: no city is in force yet", city.ErrBusy)
}
