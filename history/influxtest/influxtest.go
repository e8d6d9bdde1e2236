// Package influxtest gives tests a real InfluxDB 1.8: it builds the server once
// into a cached folder, and runs it on a loopback port with a folder of its own.
// Nothing of it is linked into the program.
package influxtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Version is the InfluxDB that tests run against.
const Version = "v1.8.3"

// Binary returns the path of influxd, which it builds at the first call on a
// machine: into $RASAD_CACHE, or rasad in the user's cache folder. Several
// processes may call it at once.
func Binary(ctx context.Context) (string, error) {
	dir := os.Getenv("RASAD_CACHE")
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find cache folder: %w", err)
		}
		dir = filepath.Join(base, "rasad")
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("make cache folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "influxd.lock"), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return "", fmt.Errorf("lock cache folder: %w", err)
	}
	defer func() { _ = lock.Close() }() // gives the lock back
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock cache folder: %w", err)
	}
	path := filepath.Join(dir, "influxd-"+strings.TrimPrefix(Version, "v"))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	bin, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", fmt.Errorf("build influxd: %w", err)
	}
	defer func() { _ = os.RemoveAll(bin) }() // empty by then, or of no use
	build := exec.CommandContext(ctx, "go", "install", "github.com/influxdata/influxdb/cmd/influxd@"+Version)
	build.Dir = bin // outside of any module
	build.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build influxd: %w: %s", err, out)
	}
	if err := os.Rename(filepath.Join(bin, "influxd"), path); err != nil {
		return "", fmt.Errorf("build influxd: %w", err)
	}
	return path, nil
}

// Options say how a server runs.
type Options struct {
	Dir  string // its folder, kept afterwards; it exists
	Addr string // host:port; "" for a free port of the loopback
	Auth bool   // only User may come in
}

// The administrator that a server with Auth has.
const (
	User     = "rasad"
	Password = "o'password:with-colon"
)

// A Server is one influxd. Its address and data stay when it stops and starts.
type Server struct {
	URL string

	opt Options
	bin string
	cmd *exec.Cmd
	end chan struct{} // closed when the process has ended, by the goroutine that waits for it
}

// New starts a server with a temporary folder, and stops it at the end of t.
func New(t testing.TB, opt Options) *Server {
	t.Helper()
	if opt.Dir == "" {
		opt.Dir = t.TempDir()
	}
	s, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatalf("start influxd: %v", err)
	}
	t.Cleanup(s.Kill)
	return s
}

// Open starts a server and returns when it answers.
func Open(ctx context.Context, opt Options) (*Server, error) {
	bin, err := Binary(ctx)
	if err != nil {
		return nil, err
	}
	if opt.Addr == "" {
		if opt.Addr, err = freeAddr(ctx); err != nil {
			return nil, err
		}
	}
	s := &Server{URL: "http://" + opt.Addr, opt: opt, bin: bin}
	if err := s.Start(ctx); err != nil {
		return nil, err
	}
	if opt.Auth {
		if err := s.makeUser(ctx); err != nil {
			s.Kill()
			return nil, err
		}
	}
	return s, nil
}

// freeAddr returns an address that nobody listens on now.
func freeAddr(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	addr := l.Addr().String()
	return addr, l.Close()
}

// Start starts a server that was stopped, on the same address and data, and returns
// when it answers.
func (s *Server) Start(ctx context.Context) error {
	backup, err := freeAddr(ctx) // influxd listens there too, whether asked to or not
	if err != nil {
		return err
	}
	conf := filepath.Join(s.opt.Dir, "influxd.conf")
	if err := os.WriteFile(conf, s.config(backup), 0o600); err != nil {
		return fmt.Errorf("start influxd: %w", err)
	}
	s.cmd = exec.Command(s.bin, "-config", conf) //nolint:noctx // it outlives the call; Stop and Kill end it
	logs, err := os.OpenFile(filepath.Join(s.opt.Dir, "influxd.log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("start influxd: %w", err)
	}
	defer func() { _ = logs.Close() }() // the process has its own
	s.cmd.Stdout, s.cmd.Stderr = logs, logs
	s.cmd.Env = []string{"HOME=" + s.opt.Dir}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt of the terminal is for us
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start influxd: %w", err)
	}
	end := make(chan struct{})
	s.end = end
	go func(c *exec.Cmd) {
		_ = c.Wait() // how it ended shows in its log
		close(end)
	}(s.cmd)
	return s.waitForPing(ctx)
}

func (s *Server) config(backup string) []byte {
	return fmt.Appendf(nil, `reporting-disabled = true
bind-address = %q
[meta]
dir = %q
[data]
dir = %q
wal-dir = %q
index-version = "tsi1"
[http]
bind-address = %q
flux-enabled = false
log-enabled = false
auth-enabled = %v
[monitor]
store-enabled = false
[continuous_queries]
enabled = false
`, backup, filepath.Join(s.opt.Dir, "meta"), filepath.Join(s.opt.Dir, "data"),
		filepath.Join(s.opt.Dir, "wal"), s.opt.Addr, s.opt.Auth)
}

func (s *Server) waitForPing(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/ping", http.NoBody)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusNoContent {
				return nil
			}
		}
		select {
		case <-s.end:
			log, _ := os.ReadFile(filepath.Join(s.opt.Dir, "influxd.log"))
			return fmt.Errorf("influxd ended at its start: %s", log)
		case <-ctx.Done():
			s.Kill()
			return errors.New("influxd does not answer")
		case <-tick.C:
		}
	}
}

// PID returns the number of the server's process while it runs; 0 when it does not.
func (s *Server) PID() int {
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Stop ends the server in good order. It may be called twice.
func (s *Server) Stop() { s.signal(syscall.SIGTERM) }

// Kill ends the server at once. It may be called twice.
func (s *Server) Kill() { s.signal(syscall.SIGKILL) }

func (s *Server) signal(sig syscall.Signal) {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(sig) // it may have ended
	select {
	case <-s.end:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.end
	}
	s.cmd = nil
}

// Query sends one statement of InfluxQL and returns the answer as it came, with
// times in ns. Statements that change something pass too.
func (s *Server) Query(ctx context.Context, db, q string) (string, error) {
	values := url.Values{"db": {db}, "q": {q}, "epoch": {"ns"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/query", strings.NewReader(values.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if s.opt.Auth {
		req.SetBasicAuth(User, Password)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	b, err := io.ReadAll(resp.Body)
	return strings.TrimSpace(string(b)), err
}

func (s *Server) makeUser(ctx context.Context) error {
	quoted := strings.ReplaceAll(Password, "'", `\'`)
	out, err := s.Query(ctx, "", "CREATE USER "+User+" WITH PASSWORD '"+quoted+"' WITH ALL PRIVILEGES")
	if err == nil && strings.Contains(out, `"error"`) {
		err = errors.New(out)
	}
	if err != nil {
		return fmt.Errorf("make user: %w", err)
	}
	return nil
}
