package server

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/server/tokens"
)

// A row is one address: who may use it, and what answers. Without a handler of its
// own the address belongs to the API, which is put behind the rows.
type row struct {
	method, path string
	access       access
	handle       fiber.Handler
}

// rows lists every address. Whatever is not here is not there: New refuses a
// handler that has no row.
func (s *Server) rows() []row {
	screen, view, series := access{about: theScreen, keeps: true}, access{about: theView}, access{about: theSeries}
	indicators := anyRole().or(tokens.ClassMedia)
	department := insiders().on(theDepartment)
	figures := offices().or(tokens.ClassMedia)
	return []row{
		// Pages and what they load.
		{"GET", "/", everybody(), s.getDoor},
		{"GET", "/signin", everybody(), s.getSignIn},
		{"GET", "/setup", everybody(), s.getSetup}, // by address, while there is no admin
		{"GET", "/wall/:screen", screen, s.getWall},
		{"GET", "/dept/:department", department, s.getDeptPage},
		{"GET", "/dept/:department/cases/:number", department, s.getCasePage},
		{"GET", "/dept/:department/shifts/:number", department, s.getShiftPage},
		{"GET", "/media", offices(), s.getMedia},
		{"GET", "/operate", operators(), s.getOperate},
		{"GET", s.assets.prefix + "/*", everybody(), s.getAsset},

		// Who asks.
		{"GET", "/api/v1/session", everybody(), s.getSession},
		{"POST", "/api/v1/session", everybody(), s.postSession},
		{"POST", "/api/v1/session/end", anyRole(), s.postSessionEnd},
		{"POST", "/api/v1/session/display", everybody(), s.postDisplay},
		{"POST", "/api/v1/session/password", anyRole(), s.postPassword},
		{"POST", "/api/v1/setup", everybody(), s.postSetup}, // by address, while there is no admin

		// The live board, three ways less one: frames over a socket, or one by one.
		{"GET", "/ws", view, s.getSocket},
		{"GET", "/api/v1/tiles", view, nil},

		// What is shown, and what was.
		{"GET", "/api/v1/screens/:screen", screen, nil},
		{"GET", "/api/v1/indicators", indicators, nil},
		{"GET", "/api/v1/indicators/:indicator", indicators.on(theIndicator), nil},
		{"GET", "/api/v1/indicators/:indicator/series", series, nil},

		// What the departments do. Whose case it is, its handler asks.
		{"GET", "/api/v1/departments", insiders(), nil},
		{"GET", "/api/v1/departments/:department", department, nil},
		{"GET", "/api/v1/departments/:department/cases", department, nil},
		{"GET", "/api/v1/departments/:department/shifts", department, nil},
		{"POST", "/api/v1/departments/:department/shifts", workers().on(theDepartment), nil},
		{"GET", "/api/v1/departments/:department/shifts/:number", department, nil},
		{"GET", "/api/v1/cases/:number", insiders(), nil},
		{"POST", "/api/v1/cases/:number/acts", workers(), nil},
		{"POST", "/api/v1/cases/:number/evidence", workers(), nil},
		{"GET", "/evidence/:sha", insiders(), s.getEvidence},

		// What leaves the building.
		{"GET", "/api/v1/figures", figures, nil},
		{"GET", "/api/v1/figures/:id", figures, nil},

		// What operators see and do.
		{"GET", "/api/v1/operate/sources", operators(), nil},
		{"GET", "/api/v1/operate/status", operators(), nil},
		{"GET", "/api/v1/operate/quarantine", operators(), nil},
		{"POST", "/api/v1/operate/quarantine/:position", operators(), nil},
		{"GET", "/api/v1/tokens", operators(), nil},
		{"POST", "/api/v1/tokens", operators(), nil},
		{"POST", "/api/v1/tokens/:id/renew", operators(), nil},
		{"POST", "/api/v1/tokens/:id/revoke", operators(), nil},
		{"GET", "/api/v1/audit", operators(), nil},
		{"GET", "/api/v1/people", admins(), nil},
		{"POST", "/api/v1/people", admins(), nil},
		{"POST", "/api/v1/people/:id", admins(), nil},
		{"POST", "/api/v1/people/:id/password", admins(), nil},
		{"POST", "/api/v1/people/:id/end", admins(), nil},

		// The doors of sources.
		{"POST", readingsPath, access{tokens: []string{tokens.ClassSource}}, s.postReadings},
		{"POST", casesPath, access{tokens: []string{tokens.ClassSource}}, s.postCases},

		// What the API is.
		{"GET", "/api/v1/openapi.json", everybody(), s.getDocument},

		// How it is.
		{"GET", "/healthz", everybody(), s.getHealth},
		{"GET", "/readyz", everybody(), s.getReady},
		{"GET", "/metrics", everybody(), s.getMetrics}, // by address
		{"GET", "/version", everybody(), s.getVersion},
	}
}

// routes puts the row of every address before whatever answers there.
func (s *Server) routes(app *fiber.App) error {
	app.Use(s.measure)
	for _, r := range s.rows() {
		handlers := []fiber.Handler{s.may(r.access)}
		if r.handle != nil {
			handlers = append(handlers, r.handle)
		}
		if r.method == fiber.MethodGet {
			app.Get(r.path, handlers...) // and HEAD
			continue
		}
		app.Add(r.method, r.path, handlers...)
	}
	var err error
	if s.api, err = newAPI(s, app); err != nil {
		return err
	}
	return s.everyRouteHasARow(app)
}

// everyRouteHasARow returns an error where something answers at an address that no
// row lets anybody to.
func (s *Server) everyRouteHasARow(app *fiber.App) error {
	rows := map[string]bool{}
	for _, r := range s.rows() {
		rows[r.method+" "+r.path] = true
		if r.method == fiber.MethodGet {
			rows[fiber.MethodHead+" "+r.path] = true
		}
	}
	for _, r := range app.GetRoutes(true) {
		if !rows[r.Method+" "+r.Path] {
			return fmt.Errorf("%w routes: %s %s has no row that says who may use it", city.ErrInvalid, r.Method, r.Path)
		}
	}
	return nil
}
