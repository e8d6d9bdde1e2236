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

// doors declares the doors of sources.
func (a *api) doors() {
	schemas := a.huma.OpenAPI().Components.Schemas
	answer := schemas.Schema(reflect.TypeFor[answered](), true, "Answered")
	for _, d := range []struct {
		path, id, summary string
		body              reflect.Type
	}{
		{readingsPath, "send-readings", "Send readings; answered once they are durable", reflect.TypeFor[readingsBody]()},
		{casesPath, "send-cases", "Send events of cases; answered once they are durable", reflect.TypeFor[casesBody]()},
	} {
		responses := a.problems([]int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusTooManyRequests})
		responses["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{"application/json": {Schema: answer}}}
		a.huma.OpenAPI().AddOperation(&huma.Operation{
			Method: http.MethodPost, Path: d.path, OperationID: d.id, Tags: []string{"doors"}, Summary: d.summary, Responses: responses,
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
				"application/json": {Schema: schemas.Schema(d.body, true, d.body.Name())},
			}},
		})
	}
}
