package server

import (
	"net/http"
	"reflect"
)

// The media types of tables.
const (
	csvType  = "text/csv"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// operations declares every operation of the API. Who may use it, its row says.
func (a *api) operations() {
	s := a.server
	tables := []string{csvType, xlsxType}

	declare(a, operation{method: http.MethodGet, path: "/tiles", id: "get-tiles", tag: "live", summary: "The tiles of a view, whole or since a revision"}, s.tiles)
	declare(a, operation{method: http.MethodGet, path: "/screens/{screen}", id: "get-screen", tag: "live", summary: "All that a wall needs beside its tiles"}, s.screen)
	declare(a, operation{method: http.MethodGet, path: "/indicators", id: "list-indicators", tag: "indicators", summary: "Definitions and values of now"}, s.indicators)
	declare(a, operation{method: http.MethodGet, path: "/indicators/{indicator}", id: "get-indicator", tag: "indicators", summary: "One definition and its values of now"}, s.indicator)
	declare(a, operation{
		method: http.MethodGet, path: "/indicators/{indicator}/series", id: "get-series", tag: "indicators",
		summary: "Values over time, also as a table", gives: reflect.TypeFor[seriesView](), also: tables,
	}, s.series)
}
