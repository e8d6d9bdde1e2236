package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// password is that of every person of these tests.
const password = "چهارباغ عباسی"

// keptCookie is the file, beside what rasad keeps, in which a test finds again who has
// signed in: a server that is started anew over a folder knows them.
const keptCookie = "test-cookie"

// signedIn returns the cookies of an admin of the server: it becomes the first one by
// the code on the console, once for each folder. A demonstration needs none.
func (p *program) signedIn() []*http.Cookie {
	p.t.Helper()
	if slices.Contains([]string{"demo", "replay"}, p.cmd.Args[1]) {
		return nil
	}
	file := filepath.Join(p.data, keptCookie)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = []byte(p.becomeAdmin()), nil
		if writeErr := os.WriteFile(file, text, 0o600); writeErr != nil {
			p.t.Fatal(writeErr)
		}
	}
	if err != nil {
		p.t.Fatal(err)
	}
	name, value, _ := strings.Cut(string(text), "=")
	return []*http.Cookie{{Name: name, Value: value}}
}

// setupCode waits for the code on the console.
func (p *program) setupCode() string {
	p.t.Helper()
	var code string
	eventually(p.t, time.Minute, func() string {
		if code = regexp.MustCompile(`\b[0-9a-f]{32}\b`).FindString(p.text()); code == "" {
			return "no code on the console"
		}
		return ""
	})
	return code
}

func (p *program) becomeAdmin() (cookie string) {
	p.t.Helper()
	status, set := p.ask("/api/v1/setup", map[string]string{"code": p.setupCode(), "login": "admin", "name": "Admin", "password": password, "lang": "en"})
	if status != http.StatusOK || set == "" {
		p.t.Fatalf("setup: status %d, cookie %q", status, set)
	}
	return set
}

// ask posts JSON, and returns the first cookie that the answer sets.
func (p *program) ask(path string, body any) (status int, cookie string) {
	p.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := http.Post(p.url+path, "application/json", bytes.NewReader(text))
	if err != nil {
		p.t.Fatalf("post %s: %v\n%s", path, err, p.text())
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		return res.StatusCode, c.Name + "=" + c.Value
	}
	return res.StatusCode, ""
}

// signIn signs a person in.
func (p *program) signIn(login, password string) (status int, cookie string) {
	p.t.Helper()
	return p.ask("/api/v1/session", map[string]string{"login": login, "password": password})
}

// as asks for a path with a cookie.
func (p *program) as(cookie, path string) int {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Cookie", cookie)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		p.t.Fatalf("get %s: %v\n%s", path, err, p.text())
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// typing runs a subcommand with something typed into it.
func typing(t testing.TB, typed string, args ...string) (code int, out string) {
	t.Helper()
	cmd := command(t.Context(), args...)
	cmd.Stdin = strings.NewReader(typed)
	b, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(b)
}

// People are let in and out by the command line, before a server runs, while it runs,
// and at once: whoever is let out is out.
func TestPeopleAreLetInAndOutByTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if code, out := typing(t, "short\n", "user", "add", "sara", "--role", "admin", "--data", data); code != exitUsage || !strings.Contains(out, "10 characters") {
		t.Errorf("a short password: %d %s", code, out)
	}
	if code, out := typing(t, password+"\n", "user", "add", "sara", "--role", "admin", "--name", "Sara", "--data", data); code != 0 || !strings.Contains(out, "Sara may sign in as sara") {
		t.Fatalf("%d %s", code, out)
	}
	p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	if strings.Contains(p.text(), "/setup") {
		t.Errorf("with an admin there is a code on the console:\n%s", p.text())
	}
	status, sara := p.signIn("sara", password)
	if status != http.StatusOK || p.as(sara, "/operate") != http.StatusOK || p.as("", "/operate") != http.StatusUnauthorized {
		t.Errorf("signed in: %d", status)
	}
	code, out := rasad(t, "user", "add", "ali", "--role", "department", "--department", "parks", "--generate", "--data", data)
	made := regexp.MustCompile(`\b(?:[a-z2-9]{5}-){3}[a-z2-9]{5}\b`).FindString(out)
	if code != 0 || made == "" {
		t.Fatalf("%d %s", code, out)
	}
	status, ali := p.signIn("ali", made)
	if status != http.StatusOK || p.as(ali, "/dept/parks") != http.StatusOK || p.as(ali, "/dept/urban-services") != http.StatusForbidden {
		t.Errorf("ali: %d, %d, %d", status, p.as(ali, "/dept/parks"), p.as(ali, "/dept/urban-services"))
	}
	if code, out := rasad(t, "user", "list", "--data", data); code != 0 || !strings.Contains(out, "ali") || !strings.Contains(out, "parks") {
		t.Errorf("%d %s", code, out)
	}
	if code, out := rasad(t, "user", "change", "ali", "--role", "viewer", "--data", data); code != 0 || p.as(ali, "/dept/parks") != http.StatusUnauthorized {
		t.Errorf("after a change of role the session goes on: %d %s", code, out)
	}
	if code, out := rasad(t, "user", "reset", "ali", "--data", data); code != 0 || strings.Contains(out, made) {
		t.Errorf("%d %s", code, out)
	}
	if status, _ := p.signIn("ali", made); status != http.StatusUnauthorized {
		t.Errorf("the old password after a reset: %d", status)
	}
	if code, out := typing(t, "another one of ten", "user", "password", "ali", "--data", data); code != 0 {
		t.Errorf("%d %s", code, out)
	}
	if status, ali = p.signIn("ali", "another one of ten"); status != http.StatusOK || p.as(ali, "/dept/urban-services") != http.StatusOK {
		t.Errorf("the new password: %d", status)
	}
	if code, out := rasad(t, "user", "end", "ali", "--data", data); code != 0 || p.as(ali, "/dept/parks") != http.StatusUnauthorized {
		t.Errorf("%d %s", code, out)
	}
	if code, out := rasad(t, "user", "end", "sara", "--data", data); code != exitUsage || !strings.Contains(out, "only admin") {
		t.Errorf("the only admin: %d %s", code, out)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	again := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	if again.as(sara, "/operate") != http.StatusOK {
		t.Error("a restart has ended a session")
	}
	for _, secret := range []string{password, made, "another one of ten", strings.TrimPrefix(sara, "rasad=")} {
		if strings.Contains(p.text()+again.text(), secret) {
			t.Errorf("the console says %q", secret)
		}
	}
}

// Without an admin nobody else reaches the server; the one at the machine becomes the
// first by the code.
func TestTheFirstAdminComesBeforeTheNetwork(t *testing.T) {
	data := t.TempDir()
	wide := []string{"serve", "--data", data, "--listen", "0.0.0.0:0", "--container"}
	if code, out := rasad(t, wide...); code != exitUsage || !strings.Contains(out, "rasad user add LOGIN --role admin --data "+data) {
		t.Errorf("exit code %d: %s", code, out)
	}
	p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	if status, _ := p.ask("/api/v1/setup", map[string]string{"code": strings.Repeat("0", 32), "login": "admin", "name": "A", "password": password, "lang": "fa"}); status != http.StatusForbidden {
		t.Errorf("a wrong code: %d", status)
	}
	if code := p.get("/operate", nil); code != http.StatusOK {
		t.Errorf("as the first admin: %d", code)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	again := command(t.Context(), wide...)
	said := &program{t: t}
	again.Stdout, again.Stderr = writer(said.note), writer(said.note)
	if err := again.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, func() string {
		if !strings.Contains(said.text(), "Rasad listens on") {
			return said.text()
		}
		return ""
	})
	_ = again.Process.Kill()
	_ = again.Wait()
	for _, args := range [][]string{
		{"demo", "--listen", "0.0.0.0:0", "--container"},
		{"demo", "--listen", "127.0.0.1:0", "--behind-proxy", "127.0.0.1"},
		{"demo", "--listen", "127.0.0.1:0", "--data", data},
	} {
		if code, out := rasad(t, args...); code != exitUsage {
			t.Errorf("rasad %s: %d %s", strings.Join(args, " "), code, out)
		}
	}
}

// In a demonstration cases can be somebody's.
func TestADemonstrationHasPeople(t *testing.T) {
	p := start(t, "demo", "--listen", "127.0.0.1:0")
	var got struct {
		People []struct{ ID, Name json.RawMessage }
	}
	if code := p.get("/api/v1/departments/parks", &got); code != http.StatusOK || len(got.People) < 2 {
		t.Errorf("status %d, %d people", code, len(got.People))
	}
}
