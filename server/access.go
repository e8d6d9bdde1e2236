package server

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/register"
	"rasad/server/tokens"
)

// A caller is who asks: a person who has signed in, a token, or nobody.
type caller struct {
	person  *register.Person
	session string         // the id of the person's session; "" in a demonstration
	csrf    string         // what a writing request of that session says in the header Rasad-Token
	token   *tokens.Opened // nil where a person asks
	cookie  bool           // a cookie said who it is, not the request's author
}

// by returns the id that stands beside what the caller does; "" for nobody.
func (w caller) by() string {
	switch {
	case w.person != nil:
		return w.person.ID
	case w.token != nil:
		return w.token.ID
	default:
		return ""
	}
}

// nobody reports whether the caller has not said who it is.
func (w caller) nobody() bool { return w.person == nil && w.token == nil }

// role returns the role of the person who asks; "" where no person does.
func (w caller) role() city.Role {
	if w.person == nil {
		return ""
	}
	return w.person.Role
}

// class returns the class of the token that asks; "" where no token does.
func (w caller) class() string {
	if w.token == nil {
		return ""
	}
	return w.token.Class
}

// sees reports whether the caller may see the pages, cases and tiles of a department.
func (w caller) sees(d city.DepartmentID) bool {
	switch w.role() {
	case city.RoleViewer, city.RoleOperator, city.RoleAdmin:
		return true
	case city.RoleDepartment:
		return slices.Contains(w.person.Departments, d)
	case city.RoleMedia:
	}
	return false
}

// actsOn reports whether the caller may work on the cases and shifts of a department.
func (w caller) actsOn(d city.DepartmentID) bool {
	return w.role() == city.RoleAdmin || w.role() == city.RoleDepartment && w.sees(d)
}

// An access says who may use a route. The zero access lets nobody in.
type access struct {
	public bool        // anybody, signed in or not
	roles  []city.Role // people of these roles
	tokens []string    // tokens of these classes
	about  judge       // what the request is about must be open to the caller as well; alone it decides
	keeps  bool        // a screen that asks is given its cookie anew
}

// A judge says whether a caller may ask for what a request is about.
type judge func(s *Server, who caller, c *fiber.Ctx) bool

// The accesses of routes.go, by who may.
func everybody() access { return access{public: true} }

func of(roles ...city.Role) access {
	return access{roles: roles}
}

func (a access) or(classes ...string) access { a.tokens = classes; return a }
func (a access) on(about judge) access       { a.about = about; return a }

// anyRole lets in whoever has signed in.
func anyRole() access { return of(city.Roles()...) }

// insiders see the departments: each of them, or those of their scope.
func insiders() access {
	return of(city.RoleViewer, city.RoleDepartment, city.RoleOperator, city.RoleAdmin)
}

// workers act on cases and shifts.
func workers() access { return of(city.RoleDepartment, city.RoleAdmin) }

// operators run the system.
func operators() access { return of(city.RoleOperator, city.RoleAdmin) }

// offices speak to the media.
func offices() access { return of(city.RoleMedia, city.RoleAdmin) }

// admins let people in.
func admins() access { return of(city.RoleAdmin) }

// allows reports whether a lets who in, for what c asks.
func (a access) allows(s *Server, who caller, c *fiber.Ctx) bool {
	if a.public {
		return true
	}
	if a.roles != nil || a.tokens != nil {
		if !slices.Contains(a.roles, who.role()) && !slices.Contains(a.tokens, who.class()) {
			return false
		}
		return a.about == nil || a.about(s, who, c)
	}
	return a.about != nil && a.about(s, who, c)
}

// theScreen judges by the screen in the address.
func theScreen(s *Server, who caller, c *fiber.Ctx) bool {
	return s.opensScreen(who, c.Params("screen"))
}

// theDepartment judges by the department in the address.
func theDepartment(_ *Server, who caller, c *fiber.Ctx) bool {
	return who.sees(city.DepartmentID(c.Params("department")))
}

// theView judges by the parameter view.
func theView(s *Server, who caller, c *fiber.Ctx) bool {
	return s.opensView(who, c.Query("view", "all"))
}

// theIndicator judges by the indicator in the address: a media token may be for
// some of them only.
func theIndicator(_ *Server, who caller, c *fiber.Ctx) bool {
	return who.person != nil || opens(who.token, c.Params("indicator"))
}

// theSeries judges by the indicator in the address, as theIndicator does; who may
// only look at a screen gets the series of its chart, as the screen asks for it.
func theSeries(s *Server, who caller, c *fiber.Ctx) bool {
	id := c.Params("indicator")
	if who.person != nil || who.class() == tokens.ClassMedia && opens(who.token, id) {
		return true
	}
	now := s.parts.City()
	if now == nil || c.Query("as_of") != "" || c.Query("by", string(city.ByCity)) != string(city.ByCity) {
		return false
	}
	return slices.ContainsFunc(now.Screens, func(x city.Screen) bool {
		return string(x.Chart) == id && id != "" && s.opensScreen(who, string(x.ID))
	})
}

// opens reports whether a media token is for the indicator id.
func opens(t *tokens.Opened, id string) bool {
	return t != nil && (len(t.Opens) == 0 || slices.Contains(t.Opens, id))
}

// opensScreen reports whether who may look at the screen id: anybody at a public
// one, people at each, a display token at its own.
func (s *Server) opensScreen(who caller, id string) bool {
	if who.person != nil {
		return true
	}
	if who.class() == tokens.ClassDisplay && slices.Contains(who.token.Opens, id) {
		return true
	}
	now := s.parts.City()
	if now == nil {
		return false
	}
	screen := now.Screen(city.ScreenID(id))
	return screen != nil && screen.Public
}

// opensView reports whether who may look at the view name: a screen, a department,
// or "all". A person learns that there is none of that name.
func (s *Server) opensView(who caller, name string) bool {
	now := s.parts.City()
	switch {
	case now == nil:
		return who.person != nil
	case now.Screen(city.ScreenID(name)) != nil:
		return s.opensScreen(who, name)
	case slices.ContainsFunc(now.Departments, func(d city.Department) bool { return string(d.ID) == name }):
		return who.sees(city.DepartmentID(name))
	case name == "all":
		return who.person != nil && who.role() != city.RoleDepartment
	default:
		return who.person != nil
	}
}

// callerKey finds the caller in a request's context.
type callerKey struct{}

// callerOf returns who sent the request that ctx belongs to. Before a route's row
// has let the request through it is nobody.
func callerOf(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}

// may returns the handler that stands before every other of a route: it finds out
// who asks, and lets through whom the route's row lets in.
func (s *Server) may(a access) fiber.Handler {
	return func(c *fiber.Ctx) error {
		who := s.caller(c.Context())
		if !a.allows(s, who, c) {
			return s.turnAway(c, a, who)
		}
		if c.Method() == fiber.MethodPost && who.cookie && !a.public && (who.csrf == "" || !sameSecret(c.Get(csrfHeader), who.csrf)) {
			return fault{code: "csrf"}
		}
		if a.keeps && who.cookie && who.token != nil {
			s.keepDisplay(c.Context())
		}
		c.SetUserContext(context.WithValue(c.UserContext(), callerKey{}, who))
		return c.Next()
	}
}

// turnAway answers whom a route does not let in: a person who looks at a page and
// has not signed in is asked to, and comes back then.
func (s *Server) turnAway(c *fiber.Ctx, a access, who caller) error {
	switch {
	case a.roles == nil && a.tokens != nil && who.token == nil:
		return fault{code: "token"}
	case !who.nobody():
		return fmt.Errorf("%w: %s %s is not open to you", city.ErrDenied, c.Method(), c.Route().Path)
	case wantsPage(c.Context()):
		s.lang(c) // where the address names one, it holds for signing in too
		return c.Redirect("/signin?next="+url.QueryEscape(c.OriginalURL()), fiber.StatusSeeOther)
	default:
		return fault{code: "signed_out"}
	}
}
