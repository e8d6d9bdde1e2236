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
	a.doors()
	a.sessions()
	tables := []string{csvType, xlsxType}

	declare(a, operation{method: http.MethodGet, path: "/tiles", id: "get-tiles", tag: "live", summary: "The tiles of a view, whole or since a revision"}, s.tiles)
	declare(a, operation{method: http.MethodGet, path: "/screens/{screen}", id: "get-screen", tag: "live", summary: "All that a wall needs beside its tiles"}, s.screen)
	declare(a, operation{method: http.MethodGet, path: "/indicators", id: "list-indicators", tag: "indicators", summary: "Definitions and values of now"}, s.indicators)
	declare(a, operation{method: http.MethodGet, path: "/indicators/{indicator}", id: "get-indicator", tag: "indicators", summary: "One definition and its values of now"}, s.indicator)
	declare(a, operation{
		method: http.MethodGet, path: "/indicators/{indicator}/series", id: "get-series", tag: "indicators",
		summary: "Values over time, also as a table", gives: reflect.TypeFor[seriesView](), also: tables,
	}, s.series)

	declare(a, operation{method: http.MethodGet, path: "/departments", id: "list-departments", tag: "departments", summary: "The departments that the caller sees"}, s.listDepartments)
	declare(a, operation{
		method: http.MethodGet, path: "/departments/{department}", id: "get-department", tag: "departments",
		summary: "All that a department's page needs beside its tiles and cases", gives: reflect.TypeFor[departmentView](),
	}, s.getDepartment)
	declare(a, operation{
		method: http.MethodGet, path: "/departments/{department}/cases", id: "list-cases", tag: "cases",
		summary: "A department's cases, the worst and oldest first", gives: reflect.TypeFor[caseList](),
	}, s.listCases)
	declare(a, operation{method: http.MethodGet, path: "/cases/{number}", id: "get-case", tag: "cases", summary: "One case with its clock and its log"}, s.getCase)
	conflicts := []int{http.StatusConflict}
	declare(a, operation{
		method: http.MethodPost, path: "/cases/{number}/acts", id: "act-on-case", tag: "cases", statuses: conflicts,
		summary: "Acknowledge, assign, note, pause, resume, close or reopen", gives: reflect.TypeFor[caseWhole](),
	}, s.postAct)
	declare(a, operation{
		method: http.MethodPost, path: "/cases/{number}/evidence", id: "add-evidence", tag: "cases", body: maxPhoto,
		statuses: []int{http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity},
		summary:  "Add a photo", gives: reflect.TypeFor[caseWhole](),
	}, s.postEvidence)

	declare(a, operation{method: http.MethodGet, path: "/departments/{department}/shifts", id: "list-shifts", tag: "shifts", summary: "A department's shifts, the running one first"}, s.listShifts)
	declare(a, operation{method: http.MethodGet, path: "/departments/{department}/shifts/{number}", id: "get-shift", tag: "shifts", summary: "One shift and its log"}, s.getShift)
	declare(a, operation{
		method: http.MethodPost, path: "/departments/{department}/shifts", id: "hand-over", tag: "shifts", statuses: conflicts,
		summary: "Hand the shift over", gives: reflect.TypeFor[ShiftView](),
	}, s.postShift)

	declare(a, operation{
		method: http.MethodGet, path: "/figures", id: "list-figures", tag: "figures",
		summary: "Visitor figures, ready to be quoted, also as a table", gives: reflect.TypeFor[cardList](), also: tables,
	}, s.listFigures)
	declare(a, operation{method: http.MethodGet, path: "/figures/{id}", id: "get-figure", tag: "figures", summary: "One figure", gives: reflect.TypeFor[cardView]()}, s.getFigure)

	a.operatorOperations()
}
