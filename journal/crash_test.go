package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rasad/city"
	"rasad/entry"
)

// writerEnv makes the test binary a writer of the journal whose directories it
// names, until it is killed.
const writerEnv = "RASAD_TEST_JOURNAL"

func TestMain(m *testing.M) {
	if dirs := os.Getenv(writerEnv); dirs != "" {
		dir, second, _ := strings.Cut(dirs, ",")
		fmt.Fprintln(os.Stderr, writeForEver(dir, second, os.Getenv(writerEnv+"_RUN")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver appends with several writers at once, and prints the name of each
// entry once it is acknowledged.
func writeForEver(dir, second, run string) error {
	z, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		return err
	}
	j, err := Open(Config{Dir: dir, Second: second, Zone: z, Floor: 1})
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for n := 0; ; n++ {
				names := []string{fmt.Sprintf("%s-%d-%d", run, w, 2*n), fmt.Sprintf("%s-%d-%d", run, w, 2*n+1)}
				var entries []entry.Entry
				for _, name := range names {
					r := visits(n)
					r.ID = name
					entries = append(entries, r)
				}
				if _, err := j.Append(context.Background(), entries); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				if _, err := fmt.Fprintln(os.Stdout, strings.Join(names, "\n")); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
			}
		})
	}
	all.Wait()
	return errors.New("no writer is left")
}

// writer starts a writing process.
func startWriter(t *testing.T, dir, second string, run int) (*exec.Cmd, io.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), writerEnv+"="+dir+","+second, fmt.Sprintf("%s_RUN=%d", writerEnv, run))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// stored counts the names of all entries.
func stored(t *testing.T, j *Journal) map[string]int {
	t.Helper()
	got := map[string]int{}
	for _, b := range collect(t, j, 0, j.Head()) {
		for _, e := range b.Entries {
			got[e.(*entry.Reading).ID]++
		}
	}
	return got
}

// tally compares what was acknowledged with what is stored.
func tally(t *testing.T, acked []string, got map[string]int) {
	t.Helper()
	lost, twice := 0, 0
	for _, name := range acked {
		if got[name] == 0 {
			lost++
		}
	}
	for name, n := range got {
		if n > 1 {
			twice++
		}
		// entries of one Append are stored together or not at all
		var run, w, i int
		if _, err := fmt.Sscanf(name, "%d-%d-%d", &run, &w, &i); err != nil || got[fmt.Sprintf("%d-%d-%d", run, w, i^1)] != 1 {
			t.Fatalf("%s is stored without its neighbour", name)
		}
	}
	t.Logf("acknowledged %d, stored %d, lost %d, twice %d", len(acked), len(got), lost, twice)
	if lost > 0 || twice > 0 || len(acked) == 0 {
		t.Error("acknowledged entries must be there, exactly once")
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	dir, second := t.TempDir(), t.TempDir()
	var acked []string
	for run := range 5 {
		cmd, out := startWriter(t, dir, second, run)
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			acked = append(acked, lines.Text())
			if n == 300+137*run {
				if run == 1 { // its lock is held, and by whom
					var used *InUseError
					if _, err := Lock(dir); !errors.As(err, &used) || used.PID != cmd.Process.Pid {
						t.Errorf("lock: %v", err)
					}
				}
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()
		c := config(t, false)
		c.Dir, c.Second = dir, second
		j := open(t, c)
		tally(t, acked, stored(t, j))
		shut(t, j)
	}
	r, err := Verify(t.Context(), dir, second)
	if err != nil || len(r.Faults) > 0 {
		t.Errorf("verify: %+v, %v", r.Faults, err)
	}
}

// TestAPowerCutLosesNothingAcknowledged stops the writer, copies the image of its
// disk as it is at that moment, and opens the copy: what was in memory only is gone.
func TestAPowerCutLosesNothingAcknowledged(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root may mount the image of a disk")
	}
	work := t.TempDir()
	image, after := filepath.Join(work, "disk"), filepath.Join(work, "after")
	write(t, image, nil)
	if err := os.Truncate(image, 64<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mkfs.ext4", "-q", image).CombinedOutput(); err != nil {
		t.Fatalf("make an ext4 image: %v %s", err, out)
	}
	mount(t, image, filepath.Join(work, "a"))
	cmd, out := startWriter(t, filepath.Join(work, "a", "journal"), "", 0)
	var acked []string
	stopped := make(chan error, 1)
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		acked = append(acked, lines.Text())
		if n == 2000 {
			break
		}
	}
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	go func() { // what it had said before it stopped
		for lines.Scan() {
			acked = append(acked, lines.Text())
		}
		stopped <- cmd.Wait()
	}()
	if out, err := exec.CommandContext(t.Context(), "cp", "--sparse=always", image, after).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v %s", err, out)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-stopped; err == nil {
		t.Fatal("a killed process ended well")
	}
	mount(t, after, filepath.Join(work, "b"))
	c := config(t, false)
	c.Dir = filepath.Join(work, "b", "journal")
	j := open(t, c)
	tally(t, acked, stored(t, j))
	shut(t, j)
}

func mount(t *testing.T, image, at string) {
	t.Helper()
	if err := os.MkdirAll(at, 0o750); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-o", "loop", image, at).CombinedOutput(); err != nil {
		t.Fatalf("mount the image: %v %s", err, out)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(at, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 64} {
		for _, size := range []int{1, 100, 5000} {
			b.Run(fmt.Sprintf("writers=%d/readings=%d", writers, size), func(b *testing.B) {
				c := config(b, false)
				j := open(b, c)
				var entries []entry.Entry
				for n := range size {
					entries = append(entries, visits(n))
				}
				work := make(chan struct{}, b.N)
				for range b.N {
					work <- struct{}{}
				}
				var all sync.WaitGroup
				began := time.Now()
				for range writers {
					all.Go(func() {
						for {
							select {
							case <-work:
							default:
								return
							}
							if _, err := j.Append(b.Context(), entries); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
				took := time.Since(began).Seconds()
				b.ReportMetric(float64(b.N)/took, "acks/s")
				b.ReportMetric(float64(b.N*size)/took, "readings/s")
			})
		}
	}
}

func BenchmarkFollowFromFiles(b *testing.B) {
	c := config(b, false)
	j := open(b, c)
	const batches, size = 50, 1000
	var entries []entry.Entry
	for n := range size {
		entries = append(entries, visits(n))
	}
	for range batches {
		if _, err := j.Append(b.Context(), entries); err != nil {
			b.Fatal(err)
		}
	}
	j.ring = ring{}
	for b.Loop() {
		if got := len(collect(b, j, 0, batches)); got != batches {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(batches*size*b.N)/b.Elapsed().Seconds(), "readings/s")
}
