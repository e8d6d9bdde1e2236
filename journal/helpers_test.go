package journal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
)

// start is 10:00 on 1 Farvardin 1406 in Isfahan.
var start = time.Date(2027, 3, 21, 6, 30, 0, 0, time.UTC)

func zone(t testing.TB) *city.Zone {
	t.Helper()
	z, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// config is a journal in fresh folders whose clock stands still.
func config(t testing.TB, second bool) Config {
	t.Helper()
	c := Config{
		Dir: filepath.Join(t.TempDir(), "journal"), Zone: zone(t),
		Now:  func() time.Time { return start },
		Free: func(string) (uint64, uint64, error) { return 1 << 40, 1 << 41, nil },
	}
	if second {
		c.Second = filepath.Join(t.TempDir(), "second")
	}
	return c
}

// open opens the journal and closes it when the test ends.
func open(t testing.TB, c Config) *Journal {
	t.Helper()
	j, err := Open(c)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { shut(t, j) })
	return j
}

func shut(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// visits is a reading that tells itself from others by n.
func visits(n int) *entry.Reading {
	from := city.At(start) + city.Moment(900*n)
	return &entry.Reading{Source: "khaju/in", From: from, To: from + 900, V: city.Steps(n), By: "gate-7", ID: fmt.Sprint(n)}
}

func act(n int) *entry.TokenRevoked { return &entry.TokenRevoked{ID: fmt.Sprint(n), By: "console"} }

// put appends the readings from to to-1, each as a batch of its own.
func put(t testing.TB, j *Journal, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if _, err := j.Append(t.Context(), []entry.Entry{visits(n)}); err != nil {
			t.Fatalf("append %d: %v", n, err)
		}
	}
}

// days fills a journal with n readings on each of three days and closes it: two
// closed segments and an open one. Batches are numbered from 1.
func days(t testing.TB, c Config, n int) {
	t.Helper()
	for day := range 3 {
		c.Now = func() time.Time { return start.AddDate(0, 0, day) }
		j := open(t, c)
		put(t, j, day*n, (day+1)*n)
		shut(t, j)
	}
}

var errEnough = errors.New("enough")

// collect follows the journal from a batch up to the batch to.
func collect(t testing.TB, j *Journal, from, to uint64, kinds ...entry.Kind) []entry.Batch {
	t.Helper()
	var got []entry.Batch
	if from >= to {
		return nil
	}
	err := j.Follow(t.Context(), from, func(b entry.Batch) error {
		got = append(got, b)
		if b.Number >= to {
			return errEnough
		}
		return nil
	}, kinds...)
	if !errors.Is(err, errEnough) {
		t.Fatalf("follow from %d to %d: %v", from, to, err)
	}
	return got
}

// values are the values of all readings.
func values(t testing.TB, j *Journal) []int {
	t.Helper()
	var vs []int
	for _, b := range collect(t, j, 0, j.Head()) {
		for _, e := range b.Entries {
			if r, ok := e.(*entry.Reading); ok {
				vs = append(vs, int(r.V))
			}
		}
	}
	return vs
}

func upTo(n int) []int {
	var vs []int
	for v := range n {
		vs = append(vs, v)
	}
	return vs
}

// names lists the files of a folder, without the lock.
func names(t testing.TB, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		if f.Name() != lockName {
			got = append(got, f.Name())
		}
	}
	return got
}

func file(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// copyDir copies the segments of a folder to another.
func copyDir(t testing.TB, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(to, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t, from) {
		write(t, filepath.Join(to, name), file(t, filepath.Join(from, name)))
	}
}

// offsets are where the batches of a plain segment begin, and its length.
func offsets(wire []byte) []int {
	var at []int
	for i := 0; i < len(wire); {
		at = append(at, i)
		next := bytes.Index(wire[i+1:], []byte("\n"+mark))
		if next < 0 {
			break
		}
		i += next + 2
	}
	return append(at, len(wire))
}

// A diary is a log that a test can read.
type diary struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (d *diary) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.buf.Write(b)
}

func (d *diary) has(s string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Contains(d.buf.String(), s)
}

func (d *diary) log() *slog.Logger { return slog.New(slog.NewTextHandler(d, nil)) }

// logTo is a log whose lines go to f.
func logTo(f func(string)) *slog.Logger { return slog.New(slog.NewTextHandler(lineFunc(f), nil)) }

type lineFunc func(string)

func (f lineFunc) Write(b []byte) (int, error) {
	f(string(b))
	return len(b), nil
}

// packed waits until every segment but the newest is packed.
func packed(t testing.TB, dir string) {
	t.Helper()
	if err := packAll(t.Context(), dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
}
