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

	declare(a, operation{method: http.MethodGet, path: "/tokens", id: "list-tokens", tag: "tokens", summary: "The tokens in force"}, s.listTokens)
	declare(a, operation{method: http.MethodPost, path: "/tokens", id: "make-token", tag: "tokens", body: maxTokenBody, summary: "Make a token; it is shown this once"}, s.postToken)
	declare(a, operation{method: http.MethodPost, path: "/tokens/{id}/revoke", id: "revoke-token", tag: "tokens", summary: "End a token"}, s.postRevoke)

	declare(a, operation{
		method: http.MethodGet, path: "/audit", id: "search-audit", tag: "audit",
		summary: "What was done, the newest first, also as a table", gives: reflect.TypeFor[auditList](), also: []string{csvType, xlsxType},
	}, s.getAudit)
}
