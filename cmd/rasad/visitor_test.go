package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
)

// A visitor is somebody in a browser of their own, signed in or not.
type visitor struct {
	t      testing.TB
	url    string
	client *http.Client
	csrf   string
}

func (p *program) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return &visitor{t: p.t, url: p.url, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// An answered is what a request got.
type answered struct {
	status int
	header http.Header
	body   []byte
}

func (a answered) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("status %d: %v: %.500s", a.status, err, a.body)
	}
}

func (v *visitor) do(method, path string, body any, header ...string) answered {
	v.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			v.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, v.url+path, r)
	if err != nil {
		v.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if v.csrf != "" {
		req.Header.Set("Rasad-Token", v.csrf)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answered{res.StatusCode, res.Header, b}
}

func (v *visitor) get(path string, into any) int {
	v.t.Helper()
	a := v.do(http.MethodGet, path, nil)
	if into != nil && a.status == http.StatusOK {
		a.into(v.t, into)
	}
	return a.status
}

// post sends and fails the test where it is refused.
func (v *visitor) post(path string, body, into any) {
	v.t.Helper()
	a := v.do(http.MethodPost, path, body)
	if a.status != http.StatusOK {
		v.t.Fatalf("post %s: status %d: %s", path, a.status, a.body)
	}
	if into != nil {
		a.into(v.t, into)
	}
}

// enter signs in, or makes the first admin where there is none yet.
func (v *visitor) enter(path string, body map[string]string) {
	v.t.Helper()
	var s struct{ CSRF string }
	v.post(path, body, &s)
	if v.csrf = s.CSRF; v.csrf == "" {
		v.t.Fatalf("%s gave no csrf token", path)
	}
}

// comeIn returns somebody who has signed in.
func (p *program) comeIn(login, password string) *visitor {
	p.t.Helper()
	v := p.visitor()
	v.enter("/api/v1/session", map[string]string{"login": login, "password": password})
	return v
}

// admin returns the server's first admin.
func (p *program) admin() *visitor {
	p.t.Helper()
	v := p.visitor()
	u, err := url.Parse(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	v.client.Jar.SetCookies(u, p.signedIn())
	var s struct{ CSRF string }
	v.get("/api/v1/session", &s)
	v.csrf = s.CSRF
	return v
}

// unique returns an id for an act.
func unique() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// hire makes a person and returns them signed in.
func (v *visitor) hire(p *program, login, name, role string, departments ...string) *visitor {
	v.t.Helper()
	body := map[string]any{"id": unique(), "login": login, "name": name, "role": role, "lang": "fa", "password": password}
	if len(departments) > 0 {
		body["departments"] = departments
	}
	v.post("/api/v1/people", body, nil)
	return p.comeIn(login, password)
}
