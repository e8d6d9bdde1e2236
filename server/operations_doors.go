package server

import (
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// The bodies of the doors, as their decoders read them (docs/collectors/push.md). The
// doors are read and answered without huma, thousands of readings at a time; these
// types only tell of them.
type readingsBody struct {
	Readings []readingBody `json:"readings" maxItems:"5000"`
}

type readingBody struct {
	Source   string     `json:"source"`
	From     *time.Time `json:"from,omitempty" doc:"with to: one slot of the source's grid"`
	To       *time.Time `json:"to,omitempty"`
	At       *time.Time `json:"at,omitempty" doc:"instead of from and to: a moment"`
	Value    *float64   `json:"value,omitempty" doc:"in the source's unit, not finer than its step"`
	In       *float64   `json:"in,omitempty" doc:"with out, instead of value: both directions of a gate"`
	Out      *float64   `json:"out,omitempty"`
	ID       string     `json:"id,omitempty" doc:"the sender's own name for it"`
	Unit     string     `json:"unit,omitempty" doc:"a strict token needs it"`
	Kind     string     `json:"kind,omitempty" enum:"interval,snapshot,event" doc:"a strict token needs it"`
	Quality  string     `json:"quality,omitempty"`
	Revises  string     `json:"revises,omitempty" doc:"the position of the reading that this one replaces"`
	Reason   string     `json:"reason,omitempty" doc:"why it revises"`
	Event    string     `json:"event,omitempty"`
	Case     string     `json:"case,omitempty" enum:"report,work,service,inspection"`
	Category string     `json:"category,omitempty"`
	Place    string     `json:"place,omitempty"`
}

type casesBody struct {
	Cases []caseBody `json:"cases" maxItems:"5000"`
}

type caseBody struct {
	Source   string    `json:"source"`
	ID       string    `json:"id" doc:"what the source calls the case, the same with each of its events"`
	Kind     string    `json:"kind" enum:"report,work,service,inspection"`
	Event    string    `json:"event" doc:"what happened: opened, acknowledged, assigned, started, paused, resumed, closed, done, rejected, reopened"`
	At       time.Time `json:"at"`
	Category string    `json:"category,omitempty"`
	Place    string    `json:"place,omitempty"`
	Value    *float64  `json:"value,omitempty" doc:"1 where it is missing"`
	Unit     string    `json:"unit,omitempty"`
}

// An ownOperation is answered without huma; it is declared all the same.
type ownOperation struct {
	method, path     string
	id, tag, summary string
	body, gives      reflect.Type // body nil: none
	statuses         []int
}

// doors declares the doors of sources.
func (a *api) doors() {
	statuses := []int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusTooManyRequests}
	answer := reflect.TypeFor[answered]()
	a.tell(ownOperation{http.MethodPost, readingsPath, "send-readings", "doors", "Send readings; answered once they are durable", reflect.TypeFor[readingsBody](), answer, statuses})
	a.tell(ownOperation{http.MethodPost, casesPath, "send-cases", "doors", "Send events of cases; answered once they are durable", reflect.TypeFor[casesBody](), answer, statuses})
}

// tell declares an operation that is answered without huma.
func (a *api) tell(p ownOperation) {
	schemas := a.huma.OpenAPI().Components.Schemas
	content := func(t reflect.Type) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(t, true, t.Name())}}
	}
	op := &huma.Operation{Method: p.method, Path: p.path, OperationID: p.id, Tags: []string{p.tag}, Summary: p.summary, Responses: a.problems(p.statuses)}
	op.Responses["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: content(p.gives)}
	if p.body != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: content(p.body)}
	}
	a.huma.OpenAPI().AddOperation(op)
}
