package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary behave as rasad itself, so that a test can kill
// the whole program without building another one.
const asProgram = "RASAD_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := profiled(func() int { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// A program is a rasad that runs as a process of its own.
type program struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string // of its server, without the last slash
	data string // its folder; "" where it made one itself
	mu   sync.Mutex
	said bytes.Buffer
	done chan struct{} // closed by the goroutine that waits for the process
}

func command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// start runs rasad and waits until it says where it listens.
func start(t testing.TB, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: command(context.Background(), args...), done: make(chan struct{})}
	if i := slices.Index(args, "--data"); i >= 0 {
		p.data = args[i+1]
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = writer(p.note)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go p.listen(out, found)
	t.Cleanup(func() { p.kill() })
	select {
	case p.url = <-found:
	case <-p.done:
		t.Fatalf("rasad %s ended before it listened:\n%s", strings.Join(args, " "), p.text())
	case <-time.After(2 * time.Minute):
		t.Fatalf("rasad %s does not listen:\n%s", strings.Join(args, " "), p.text())
	}
	return p
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

func (p *program) note(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said.Write(b)
}

func (p *program) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

func (p *program) listen(out io.Reader, found chan<- string) {
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		p.note(append(lines.Bytes(), '\n'))
		if a := address.FindString(lines.Text()); a != "" {
			select {
			case found <- a:
			default:
			}
		}
	}
	_ = p.cmd.Wait() // the exit code is in ProcessState
	close(p.done)
}

// kill ends the process as a power switch would, as far as the process can tell.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// stop asks the process to stop and returns its exit code.
func (p *program) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(time.Minute):
		p.t.Errorf("rasad does not stop:\n%s", p.text())
		p.kill()
	}
	return p.cmd.ProcessState.ExitCode()
}

// rasad runs a subcommand to its end.
func rasad(t testing.TB, args ...string) (code int, out string) {
	t.Helper()
	cmd := command(t.Context(), args...)
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("rasad %s: %v", strings.Join(args, " "), err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}

// get asks the server and decodes its answer into into, where that is not nil.
func (p *program) get(path string, into any) int {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.signedIn() {
		req.AddCookie(c)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatalf("get %s: %v\n%s", path, err, p.text())
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		p.t.Fatalf("get %s: %v: %.300s", path, err, body)
	}
	return res.StatusCode
}

// An accepted is the door's answer.
type accepted struct {
	Accepted    int
	Duplicates  int
	Quarantined []struct {
		Index  int
		Reason string
	}
	Position string
}

// post sends a body of readings with a token; a fault of the connection is
// returned, since tests kill the server.
func (p *program) post(token, body string) (int, accepted, error) {
	req, err := http.NewRequest(http.MethodPost, p.url+"/api/v1/readings", strings.NewReader(body))
	if err != nil {
		return 0, accepted{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, accepted{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, accepted{}, err
	}
	var a accepted
	if res.StatusCode == http.StatusOK {
		err = json.Unmarshal(b, &a)
	}
	return res.StatusCode, a, err
}

// A liveTile is a tile as scripts read it.
type liveTile struct {
	ID       string
	Value    *float64
	Status   string
	At       *time.Time
	Coverage *struct{ Reporting, Expected int }
	Revision uint64
}

// tiles returns the tiles of a view.
func (p *program) tiles(view string) map[string]liveTile {
	p.t.Helper()
	var answer struct{ Tiles []liveTile }
	if code := p.get("/api/v1/tiles?view="+view, &answer); code != http.StatusOK {
		p.t.Fatalf("tiles of %s: status %d", view, code)
	}
	m := map[string]liveTile{}
	for _, t := range answer.Tiles {
		m[t.ID] = t
	}
	return m
}

// eventually waits until what returns "", and fails with its last words.
func eventually(t testing.TB, within time.Duration, what func() string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	end := time.After(within)
	for {
		words := what()
		if words == "" {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("after %v: %s", within, words)
		}
	}
}

// newToken makes a token of a data folder's source class.
func newToken(t testing.TB, data string, flags ...string) string {
	t.Helper()
	code, out := rasad(t, append([]string{"token", "create", "--data", data, "--name", "test"}, flags...)...)
	token := regexp.MustCompile(`rsd_[A-Za-z0-9_-]+`).FindString(out)
	if code != 0 || token == "" {
		t.Fatalf("rasad token create: exit %d: %s", code, out)
	}
	return token
}

// gate15 returns a body of n readings of a quarter of an hour each, from the slot
// first on.
func gate15(source string, first time.Time, n int) string {
	var b strings.Builder
	b.WriteString(`{"readings":[`)
	for i := range n {
		from := first.Add(time.Duration(i) * 15 * time.Minute)
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"source":%q,"from":%q,"to":%q,"value":%d}`, source, from.Format(time.RFC3339), from.Add(15*time.Minute).Format(time.RFC3339), 10+i%7)
	}
	b.WriteString("]}")
	return b.String()
}

// copyTree copies the files of a folder.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func dataFile(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("real data: %v", err)
		}
		t.Skipf("real data is not here: %v", err)
	}
	return path
}
