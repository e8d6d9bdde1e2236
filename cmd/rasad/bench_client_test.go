package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// profileTo names a folder into which each rasad that a test or benchmark starts
// writes the profile of its processor time, for go tool pprof.
const profileTo = "RASAD_TEST_PROFILE"

// profiled runs the program, and its profile with it where one is asked for.
func profiled(run func() int) int {
	dir := os.Getenv(profileTo)
	if dir == "" {
		return run()
	}
	out, err := os.CreateTemp(dir, "rasad-"+os.Args[1]+"-*.pprof")
	if err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		return run()
	}
	defer func() { _ = out.Close() }()
	if err := pprof.StartCPUProfile(out); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
	}
	defer pprof.StopCPUProfile()
	return run()
}

// A caller holds one connection open and sends requests that were written before:
// a client that costs next to nothing, so that the server is what is measured.
type caller struct {
	conn net.Conn
	buf  []byte
}

// callers opens n connections to the server at url.
func callers(b *testing.B, url string, n int) []*caller {
	b.Helper()
	list := make([]*caller, n)
	for i := range list {
		conn, err := new(net.Dialer).DialContext(b.Context(), "tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		list[i] = &caller{conn, make([]byte, 8<<10)}
	}
	return list
}

// written returns a whole POST as it goes over the line.
func written(url, path, header string, body []byte) []byte {
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n", path, strings.TrimPrefix(url, "http://"), header, len(body))
	return append([]byte(head), body...)
}

// send writes a request and reads its answer to the end. The body holds until the
// next send.
func (c *caller) send(request []byte) (status int, body []byte, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, nil, err
	}
	for have := 0; ; {
		if have == len(c.buf) {
			return 0, nil, errors.New("read answer: too long")
		}
		n, err := c.conn.Read(c.buf[have:])
		if err != nil {
			return 0, nil, fmt.Errorf("read answer: %w", err)
		}
		have += n
		head, rest, whole := bytes.Cut(c.buf[:have], []byte("\r\n\r\n"))
		if !whole {
			continue
		}
		if len(head) < len("HTTP/1.1 200") {
			return 0, nil, fmt.Errorf("read answer: %q", head)
		}
		if status, err = strconv.Atoi(string(head[9:12])); err != nil {
			return 0, nil, fmt.Errorf("read answer: %q", head)
		}
		if want := contentLength(head); len(rest) >= want {
			return status, rest[:want], nil
		}
	}
}

// contentLength returns how long the body behind head is.
func contentLength(head []byte) int {
	_, rest, ok := bytes.Cut(head, []byte("Content-Length: "))
	if !ok {
		return 0
	}
	n := 0
	for _, d := range rest {
		if d < '0' || d > '9' {
			break
		}
		n = 10*n + int(d-'0')
	}
	return n
}

// drive lets every caller send its requests one after the other, all callers at
// once, and returns how long it took until the last answer. fine says of each
// answer whether it is the wanted one.
func drive(callers []*caller, work [][][]byte, fine func(status int, body []byte) bool) (time.Duration, error) {
	faults := make(chan error, len(callers))
	begin := make(chan struct{}, len(callers))
	var all sync.WaitGroup
	for i, c := range callers {
		all.Go(func() {
			<-begin
			for _, request := range work[i] {
				status, body, err := c.send(request)
				if err == nil && !fine(status, body) {
					err = fmt.Errorf("the answer is %d: %.300s", status, body)
				}
				if err != nil {
					faults <- err
					return
				}
			}
		})
	}
	began := time.Now()
	for range callers {
		begin <- struct{}{}
	}
	all.Wait()
	took := time.Since(began)
	select {
	case err := <-faults:
		return 0, err
	default:
		return took, nil
	}
}

// processorTime returns what a process has used of the processors, in all of its
// threads and in the kernel, to 10 ms.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		b.Fatalf("processor time of %d: %q", pid, stat)
	}
	var ticks int64
	for _, f := range fields[11:13] { // utime and stime, in hundredths of a second
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// settle waits until a process has nothing to do, so that what it left for later
// counts as its own and not as its rival's.
func settle(b *testing.B, pid int) {
	b.Helper()
	const idle = 10 * time.Millisecond // of 200
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	last := processorTime(b, pid)
	for range 50 {
		<-tick.C
		used := processorTime(b, pid)
		if used-last <= idle {
			return
		}
		last = used
	}
}

// metric returns a number of the server's /metrics.
func (p *program) metric(name string) float64 {
	p.t.Helper()
	res, err := http.Get(p.url + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return v
		}
	}
	p.t.Fatalf("no metric %s:\n%s", name, text)
	return 0
}

// quantile returns the value below which the part q of the list lies; the list is
// sorted by it.
func quantile[T int64 | float64 | time.Duration](list []T, q float64) T {
	slices.Sort(list)
	return list[min(int(q*float64(len(list))), len(list)-1)]
}

// milliseconds returns d as a benchmark reports it.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
