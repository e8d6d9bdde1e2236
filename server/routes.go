package server

import "github.com/gofiber/fiber/v2"

// routes gives every address its handler. Whatever is not here is not there.
func (s *Server) routes(app *fiber.App) {
	app.Use(s.measure)

	// Pages and what they load.
	app.Get("/", s.getDoor)
	app.Get("/wall/:screen", s.getWall)
	app.Get(s.assets.prefix+"/*", s.getAsset)

	// The live board, three ways less one: frames over a socket, or one by one.
	app.Get("/ws", s.getSocket)
	app.Get("/api/v1/tiles", s.getTiles)

	// What is shown, and what was.
	app.Get("/api/v1/screens/:screen", s.getScreen)
	app.Get("/api/v1/indicators", s.getIndicators)
	app.Get("/api/v1/indicators/:indicator", s.getIndicator)
	app.Get("/api/v1/indicators/:indicator/series", s.getSeries)

	// The door.
	app.Post(readingsPath, s.postReadings)

	// How it is.
	app.Get("/healthz", s.getHealth)
	app.Get("/readyz", s.getReady)
	app.Get("/metrics", s.getMetrics)
	app.Get("/version", s.getVersion)
}
