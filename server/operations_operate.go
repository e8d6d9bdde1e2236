package server

import (
	"net/http"
	"reflect"
)

// operatorOperations declares what operators and admins see and do.
func (a *api) operatorOperations() {
	s := a.server

	declare(a, operation{method: http.MethodGet, path: "/operate/sources", id: "list-sources", tag: "operate", summary: "What was heard of each source"}, s.listSources)
	declare(a, operation{method: http.MethodGet, path: "/operate/status", id: "get-status", tag: "operate", summary: "How the server and what lies behind it stand"}, s.getStatus)
	declare(a, operation{method: http.MethodGet, path: "/operate/quarantine", id: "list-quarantine", tag: "operate", summary: "What was not accepted, the newest first"}, s.listHeld)
	conflicts := []int{http.StatusConflict}
	declare(a, operation{
		method: http.MethodPost, path: "/operate/quarantine/{position}", id: "rule-on-quarantine", tag: "operate", statuses: conflicts,
		summary: "Let an entry count after all, or discard it", gives: reflect.TypeFor[heldView](),
	}, s.postRuling)

	people := reflect.TypeFor[personWhole]()
	declare(a, operation{method: http.MethodGet, path: "/people", id: "list-people", tag: "people", summary: "Who may sign in, or might once"}, s.listPeople)
	declare(a, operation{method: http.MethodPost, path: "/people", id: "add-person", tag: "people", statuses: conflicts, summary: "Add a person", gives: people}, s.postPerson)
	declare(a, operation{method: http.MethodPost, path: "/people/{id}", id: "change-person", tag: "people", statuses: conflicts, summary: "Give a person another profile", gives: people}, s.postPersonChange)
	declare(a, operation{method: http.MethodPost, path: "/people/{id}/password", id: "set-password", tag: "people", statuses: conflicts, summary: "Give a person another password", gives: people}, s.postPersonPassword)
	declare(a, operation{method: http.MethodPost, path: "/people/{id}/end", id: "end-person", tag: "people", statuses: conflicts, summary: "Let a person in no more", gives: people}, s.postPersonEnd)

	declare(a, operation{method: http.MethodGet, path: "/tokens", id: "list-tokens", tag: "tokens", summary: "The tokens in force"}, s.listTokens)
	declare(a, operation{method: http.MethodPost, path: "/tokens", id: "make-token", tag: "tokens", body: maxTokenBody, summary: "Make a token; it is shown this once"}, s.postToken)
	declare(a, operation{method: http.MethodPost, path: "/tokens/{id}/renew", id: "renew-token", tag: "tokens", summary: "Let a token hold longer"}, s.postRenewal)
	declare(a, operation{method: http.MethodPost, path: "/tokens/{id}/revoke", id: "revoke-token", tag: "tokens", summary: "End a token"}, s.postRevoke)

	declare(a, operation{
		method: http.MethodGet, path: "/audit", id: "search-audit", tag: "audit",
		summary: "What was done, the newest first, also as a table", gives: reflect.TypeFor[auditList](), also: []string{csvType, xlsxType},
	}, s.getAudit)
}
