package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A terminal is a pseudo-terminal with rasad in front of it.
type terminal struct {
	t      *testing.T
	master *os.File
	tty    *os.File // its other end, which the program has as well
	cmd    *exec.Cmd
	ended  chan error    // gets how the program ended
	quiet  chan struct{} // closed when nothing more will be shown

	mu    sync.Mutex
	shown bytes.Buffer // all that stood on the screen
}

// atTerminal runs rasad as somebody does who sits there.
func atTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	x := &terminal{t: t, master: master, tty: tty, cmd: command(t.Context(), args...), ended: make(chan error, 1), quiet: make(chan struct{})}
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = tty, tty, tty
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { x.ended <- x.cmd.Wait() }()
	go x.watch()
	return x
}

// watch keeps what is shown until nobody holds the other end any more.
func (x *terminal) watch() {
	buf := make([]byte, 4096)
	for {
		n, err := x.master.Read(buf)
		x.mu.Lock()
		x.shown.Write(buf[:n])
		x.mu.Unlock()
		if err != nil {
			close(x.quiet)
			return
		}
	}
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.shown.String()
}

// echoes reports whether the terminal shows what is typed.
func (x *terminal) echoes() bool {
	x.t.Helper()
	state, err := unix.IoctlGetTermios(int(x.master.Fd()), unix.TCGETS)
	if err != nil {
		x.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// answer types a line once the question stands there and nothing typed is shown.
func (x *terminal) answer(question, line string) {
	x.t.Helper()
	eventually(x.t, time.Minute, func() string {
		if !strings.HasSuffix(x.text(), question) || x.echoes() {
			return fmt.Sprintf("no question %q without echo: %q", question, x.text())
		}
		return ""
	})
	if _, err := x.master.WriteString(line); err != nil {
		x.t.Fatal(err)
	}
}

// end waits for the exit code. It wants no password to have been shown, and the
// terminal to be as it was.
func (x *terminal) end(secrets ...string) (code int) {
	x.t.Helper()
	select {
	case err := <-x.ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			x.t.Fatal(err)
		}
	case <-time.After(time.Minute):
		x.t.Fatalf("rasad does not end: %q", x.text())
	}
	if !x.echoes() {
		x.t.Error("the terminal does not show what is typed any more")
	}
	_ = x.tty.Close()
	<-x.quiet
	for _, s := range secrets {
		if strings.Contains(x.text(), s) {
			x.t.Errorf("the terminal showed %q: %q", s, x.text())
		}
	}
	return x.cmd.ProcessState.ExitCode()
}

func TestAPasswordIsAskedForTwiceAtATerminalAndNotShown(t *testing.T) {
	data := t.TempDir()
	add := []string{"user", "add", "sara", "--data", data, "--role", "admin", "--name", "Sara"}
	users := func() string { _, out := rasad(t, "user", "list", "--data", data); return out }

	x := atTerminal(t, add...)
	x.answer("Password: ", password+"\n")
	x.answer("\r\nOnce more: ", "something else altogether\n")
	if code := x.end(password, "something else"); code != exitUsage || !strings.Contains(x.text(), "password: the two differ") {
		t.Errorf("two that differ: exit %d: %q", code, x.text())
	}
	if strings.Contains(users(), "sara") {
		t.Errorf("somebody was let in: %s", users())
	}

	x = atTerminal(t, add...)
	x.answer("Password: ", "short\n")
	if code := x.end("short"); code != exitUsage || !strings.Contains(x.text(), "at least 10 characters") || strings.Contains(x.text(), "Once more") {
		t.Errorf("too short: exit %d: %q", code, x.text())
	}

	x = atTerminal(t, add...)
	x.answer("Password: ", password+"\n")
	x.answer("\r\nOnce more: ", password+"\n")
	if code := x.end(password); code != exitDone || !strings.Contains(x.text(), "Sara may sign in as sara") {
		t.Errorf("as it should be: exit %d: %q", code, x.text())
	}
	if !strings.Contains(users(), "sara") {
		t.Errorf("nobody was let in: %s", users())
	}

	server := start(t, "serve", "--data", data, "--city", filepath.Join("..", "..", "city", "file", "isfahan.yaml"), "--listen", "127.0.0.1:0")
	defer server.stop()
	if status, cookie := server.signIn("sara", password); status != http.StatusOK || cookie == "" {
		t.Errorf("the password that was typed lets nobody in: %d", status)
	}
}

// Who thinks better of it gets the terminal back as it was.
func TestAnInterruptAtThePasswordEndsItAndShowsAgainWhatIsTyped(t *testing.T) {
	x := atTerminal(t, "user", "add", "sara", "--data", t.TempDir(), "--role", "admin")
	x.answer("Password: ", "half of\x03")
	if code := x.end("half of"); code != exitFault {
		t.Errorf("exit %d: %q", code, x.text())
	}
}
