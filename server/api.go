package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"rasad/entry"
	"rasad/server/people"
)

// apiPath stands before every address of the API.
const apiPath = "/api/v1"

// An api is the part of the server that describes itself: each operation is declared
// with the types that it takes and gives, and the document of them all is made from
// those declarations.
type api struct {
	server *Server
	huma   huma.API
	words  []byte // the document, as JSON
}

// newAPI puts the operations of the API behind their rows.
func newAPI(s *Server, app *fiber.App) (*api, error) {
	a := &api{server: s}
	cfg := huma.DefaultConfig("Rasad", s.parts.Version)
	cfg.Info.Description = "The live picture of a city in its season. Numbers are in their unit, with Latin digits; times are RFC 3339; keys are snake_case. " +
		"Send a token as Authorization: Bearer rsd_…. Errors are problem documents (RFC 9457) in the language of Accept-Language."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", "" // the document has a row of its own; nothing is loaded from elsewhere
	cfg.CreateHooks = nil
	cfg.Formats = map[string]huma.Format{"application/json": {Marshal: marshal, Unmarshal: unmarshal}, "json": {Marshal: marshal, Unmarshal: unmarshal}}
	cfg.Transformers = []huma.Transformer{a.problem}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "A token of a source, a display or the media."},
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie(true), Description: "A person's session; what writes says the header " + csrfHeader + " as well."},
	}
	cfg.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	a.huma = humafiber.NewWithGroup(app, headToo{app}, cfg)
	a.huma.UseMiddleware(asTheProblemSays)
	a.huma.UseMiddleware(a.waitFor)
	a.operations()
	a.admitNull()
	var err error
	if a.words, err = json.Marshal(a.huma.OpenAPI()); err != nil {
		return nil, fmt.Errorf("write the API's document: %w", err)
	}
	return a, nil
}

// admitNull lets the document say that a field which points to an object may be null:
// huma says it of plain values alone.
func (a *api) admitNull() {
	schemas := a.huma.OpenAPI().Components.Schemas
	for name, schema := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		for t != nil && t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for _, f := range reflect.VisibleFields(t) {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if p := schema.Properties[key]; p != nil && p.Ref != "" && f.Type.Kind() == reflect.Pointer {
				schema.Properties[key] = &huma.Schema{AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null", Nullable: true}}}
			}
		}
	}
}

// headToo lets HEAD be answered wherever GET is.
type headToo struct{ fiber.Router }

// Add registers handlers at an address.
func (h headToo) Add(method, path string, handlers ...fiber.Handler) fiber.Router {
	if method == fiber.MethodGet {
		return h.Get(path, handlers...)
	}
	return h.Router.Add(method, path, handlers...)
}

func marshal(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// getDocument answers with the OpenAPI document of all operations.
func (s *Server) getDocument(c *fiber.Ctx) error {
	c.Set("Content-Type", "application/openapi+json")
	c.Context().Response.SetBodyRaw(s.api.words)
	return nil
}

// An operation is one address of the API for people who read its document.
type operation struct {
	method, path string // as OpenAPI writes it: /departments/{department}
	id, tag      string
	summary      string
	statuses     []int        // of problems beside those that any operation may answer
	body         int64        // bytes that a body may have; 0: a small one
	gives        reflect.Type // what it answers with where it writes that itself
	also         []string     // other media types that it may answer in
}

// declare puts an operation behind its row. An error of handle becomes the
// problem that it is, in the caller's language.
func declare[I, O any](a *api, o operation, handle func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: o.method, Path: apiPath + o.path, OperationID: o.id, Tags: []string{o.tag}, Summary: o.summary,
		Responses: a.problems(o.statuses), MaxBodyBytes: max(o.body, maxActBody),
	}
	if o.method == http.MethodPost {
		op.DefaultStatus = http.StatusOK
	}
	if o.gives != nil {
		content := map[string]*huma.MediaType{"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(o.gives, true, o.gives.Name())}}
		for _, kind := range o.also {
			content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
		}
		op.Responses["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: content}
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, refusal{err}
		}
		return out, nil
	})
}

// waitFor lets a request that says Rasad-Position read what stands there: it waits
// for the register, and goes on after two seconds in any case.
func (a *api) waitFor(ctx huma.Context, next func(huma.Context)) {
	if text := ctx.Header("Rasad-Position"); text != "" && a.server.parts.Register != nil {
		if p, err := entry.ParsePosition(text); err == nil {
			wait, cancel := context.WithTimeout(ctx.Context(), people.ActFor)
			_ = a.server.parts.Register.Wait(wait, p.Batch) // what is there then is the answer
			cancel()
		}
	}
	next(ctx)
}

// problems declares the problems that an operation may answer with.
func (a *api) problems(more []int) map[string]*huma.Response {
	all := map[string]*huma.Response{}
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[document](), true, "Problem")
	for _, status := range append([]int{400, 401, 403, 404, 500, 503}, more...) {
		all[strconv.Itoa(status)] = &huma.Response{
			Description: problemWith(status).title.EN,
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
	}
	return all
}

// A refusal carries an error of our own through huma.
type refusal struct{ error }

// GetStatus returns the status of the problem that the error is.
func (r refusal) GetStatus() int {
	p, _ := problemOf(r.error)
	return p.status
}

// Unwrap returns the error.
func (r refusal) Unwrap() error { return r.error }

// ContentType makes the answer a problem document.
func (refusal) ContentType(string) string { return "application/problem+json" }

// ContentType makes the answer a problem document.
func (document) ContentType(string) string { return "application/problem+json" }

// problem turns what huma would answer for an error into our one form of it.
func (a *api) problem(ctx huma.Context, _ string, v any) (any, error) {
	fctx := humafiber.Unwrap(ctx).Context()
	var err error
	var more any
	switch e := v.(type) {
	case refusal:
		err = e.error
		if told, ok := errors.AsType[answerError](err); ok {
			more = told.answer
		}
	case *huma.ErrorModel:
		more, err = invalid(e, a.server.toldIn(fctx, false))
	default:
		return v, nil
	}
	d := a.server.describe(fctx, err, more)
	fctx.SetUserValue(problemStatus{}, d.Status)
	return d, nil
}

// problemStatus finds the status of the problem that a request was answered with.
type problemStatus struct{}

// asTheProblemSays gives an answer its problem's status: huma sets its own after it
// has asked for the problem.
func asTheProblemSays(ctx huma.Context, next func(huma.Context)) {
	next(ctx)
	if status, ok := humafiber.Unwrap(ctx).Context().UserValue(problemStatus{}).(int); ok {
		ctx.SetStatus(status)
	}
}

// An answerError is an error with more to tell beside the problem.
type answerError struct {
	error
	answer any
}

// Unwrap returns the error.
func (w answerError) Unwrap() error { return w.error }

// A made is JSON that another room has written, of the form that T describes.
type made[T any] struct{ words []byte }

// MarshalJSON returns the words.
func (m made[T]) MarshalJSON() ([]byte, error) { return m.words, nil }

// UnmarshalJSON keeps the words.
func (m *made[T]) UnmarshalJSON(b []byte) error {
	m.words = bytes.Clone(b)
	return nil
}

// Schema returns that of T.
func (made[T]) Schema(r huma.Registry) *huma.Schema {
	t := reflect.TypeFor[T]()
	return r.Schema(t, true, t.Name())
}

// unless returns an answer of v that is left out where the reader holds it already:
// match is the request's If-None-Match, etag names what v is made from.
func unless[T any](match, etag string, v T) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("ETag", etag)
		ctx.SetHeader("Cache-Control", "private, no-cache")
		if matches(match, strings.TrimPrefix(etag, "W/")) {
			ctx.SetStatus(http.StatusNotModified)
			return
		}
		ctx.SetHeader("Content-Type", "application/json")
		_ = marshal(ctx.BodyWriter(), v) // a writer in memory takes all
	}}
}

// An output is what an operation gives: its body.
type output[T any] struct{ Body T }

// give returns v as an output.
func give[T any](v T) *output[T] { return &output[T]{v} }
