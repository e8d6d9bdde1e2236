package server

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/city/fa"
)

// A sessionView says who the caller is and what it may open.
type sessionView struct {
	Person *personView `json:"person"`
	Demo   bool        `json:"demo"`
	CSRF   string      `json:"csrf"`
	City   cityView    `json:"city"`
	Season *seasonView `json:"season"`
	Pages  []pageView  `json:"pages"`
	Now    string      `json:"now"`
	Speed  float64     `json:"speed"`
}

type personView struct {
	ID          string              `json:"id"`
	Login       string              `json:"login"`
	Name        string              `json:"name"`
	Role        city.Role           `json:"role"`
	Departments []city.DepartmentID `json:"departments"`
	Lang        string              `json:"lang"`
}

// A pageView is a page that the caller may open.
type pageView struct {
	Href string    `json:"href"`
	Kind string    `json:"kind"` // wall, dept, media, operate or people
	Name city.Text `json:"name"`
	Note city.Text `json:"note"`
}

// getSession answers with who the caller is.
func (s *Server) getSession(c *fiber.Ctx) error { return s.sendSession(c, callerOf(c.UserContext())) }

func (s *Server) sendSession(c *fiber.Ctx, who caller) error {
	now, err := s.city()
	if err != nil {
		return err
	}
	v := sessionView{
		Demo: s.parts.Demo, CSRF: who.csrf, City: cityView{now.ID, now.Name, now.Zone}, Season: s.season(now),
		Pages: s.pagesOf(now, who), Now: s.parts.Now().UTC().Format(time.RFC3339Nano), Speed: max(s.parts.Speed, 0),
	}
	if v.Speed == 0 {
		v.Speed = 1
	}
	if p := who.person; p != nil {
		v.Person = &personView{p.ID, p.Login, p.Name, p.Role, append([]city.DepartmentID{}, p.Departments...), p.Lang}
		if s.parts.Demo {
			v.Person.Name, v.Person.Lang = demoName().In(s.lang(c)), s.lang(c)
		}
	}
	return send(c, v)
}

func demoName() city.Text { return city.Text{FA: "نمایش", EN: "Demo"} }

// pagesOf returns the pages that who may open: those of departments first, the walls
// last.
func (s *Server) pagesOf(now *city.City, who caller) []pageView {
	list := []pageView{}
	for i := range now.Departments {
		if d := &now.Departments[i]; who.sees(d.ID) {
			list = append(list, pageView{"/dept/" + string(d.ID), "dept", d.Name, city.Text{FA: "پرونده‌ها از بدترین، شاخص‌ها، برنامه و شیفت", EN: "Cases from the worst on, indicators, plans and the shift"}})
		}
	}
	for _, p := range []struct {
		view  pageView
		roles access
	}{
		{pageView{"/media", "media", city.Text{FA: "دفتر رسانه", EN: "Media office"}, city.Text{FA: "آمار بازدید با تعریف و منبع، آمادهٔ نقل", EN: "Visitor figures with definition and source, ready to quote"}}, offices()},
		{pageView{"/operate", "operate", city.Text{FA: "راهبری سامانه", EN: "Operations"}, city.Text{FA: "منبع‌ها، قرنطینه، توکن‌ها و وضع سامانه", EN: "Sources, quarantine, tokens, the state of the system"}}, operators()},
		{pageView{"/operate#people", "people", city.Text{FA: "افراد", EN: "People"}, city.Text{FA: "چه کسی وارد می‌شود و چه می‌تواند بکند", EN: "Who signs in, and what they may do"}}, admins()},
	} {
		if p.roles.allows(s, who, nil) {
			list = append(list, p.view)
		}
	}
	for i := range now.Screens {
		screen := &now.Screens[i]
		if !s.opensScreen(who, string(screen.ID)) {
			continue
		}
		n := len(screen.Numbers)
		one := "s"
		if n == 1 {
			one = ""
		}
		list = append(list, pageView{"/wall/" + string(screen.ID), "wall", screen.Name, city.Text{
			FA: fa.Digits(fmt.Sprint(n)) + " شاخص، ازدحام مکان‌ها، نمودار امروز؛ " + map[string]string{"fa": "فارسی", "en": "انگلیسی"}[screen.Lang],
			EN: fmt.Sprintf("%d indicator%s, crowding of places, today's chart; %s", n, one, map[string]string{"fa": "Persian", "en": "English"}[screen.Lang]),
		}})
	}
	return list
}
