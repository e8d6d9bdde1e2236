// Command lighthouse lets Lighthouse look at every page of a running demonstration,
// in Persian and in English, as on a phone and as on a desk, and prints what it gives
// for accessibility and performance. A phone is slower than this machine by as much as
// Lighthouse's own calculator says for the speed that it measures here: that is printed
// beside each look, because a shared machine is not as fast at one minute as at the
// next. It ends with 1 where a page gets less than 95 for either. It needs chromium,
// node and npm; the pinned Lighthouse is installed once into a cached folder.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

const (
	version = "12.8.2"
	least   = 95
	tries   = 3 // of a page whose performance a busy machine has spoilt: the best counts
	recent  = 5 // looks whose median tells how fast this machine is
)

func pages() []string {
	return []string{"/", "/signin", "/dept/urban-services", "/dept/parks", "/dept/urban-services/cases/1", "/dept/parks/shifts/current", "/media", "/operate", "/wall/hall"}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	low, err := look(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "lighthouse:", err)
		os.Exit(1)
	}
	if low > 0 {
		fmt.Printf("\n%d looks gave less than %d\n", low, least)
		os.Exit(1)
	}
}

func look(ctx context.Context, only []string) (low int, err error) {
	run, err := install(ctx)
	if err != nil {
		return 0, err
	}
	base, end, err := demo(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	list := pages()
	if len(only) > 0 {
		list = only
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	m := &machine{run: run}
	for len(m.indices) < recent {
		if _, err := m.best(ctx, base+"/signin", "phone"); err != nil {
			return 0, fmt.Errorf("measure this machine: %w", err)
		}
	}
	fmt.Fprintln(w, "page\tlanguage\tas on\taccessibility\tperformance\ttimes slower\twhat lacks")
	for _, page := range list {
		for _, lang := range []string{"fa", "en"} {
			for _, form := range []string{"phone", "desk"} {
				s, err := m.best(ctx, base+page+"?lang="+lang, form)
				if err != nil {
					return low, fmt.Errorf("%s in %s on a %s: %w", page, lang, form, err)
				}
				if s.access < least || s.speed < least {
					low++
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%.0f\t%.0f\t%.1f\t%s\n", page, lang, form, s.access, s.speed, s.slower, strings.Join(s.lacks, ", "))
				_ = w.Flush()
			}
		}
	}
	return low, nil
}

// A score is what one look gave, in hundredths.
type score struct {
	access, speed float64
	slower        float64 // what it was held for, times slower than this machine
	lacks         []string
}

// A machine is this one, and how fast it has been of late.
type machine struct {
	run     string    // path of Lighthouse
	indices []float64 // Lighthouse's benchmark index in each of the recent looks
}

func (m *machine) best(ctx context.Context, url, form string) (top score, err error) {
	for range tries {
		var s score
		if s, err = m.one(ctx, url, form); err != nil {
			continue // now and then a browser loses the start of its own trace
		}
		if s.speed > top.speed || len(top.lacks) == 0 && top.access == 0 {
			top = s
		}
		if top.speed >= least {
			break
		}
	}
	if top.slower > 0 {
		return top, nil
	}
	return top, err
}

// slower returns by how much a phone of the middle class is slower than this machine:
// Lighthouse's calculator for the median of its benchmark index in the recent looks.
func (m *machine) slower() float64 {
	if len(m.indices) == 0 {
		return 4 // Lighthouse's own choice
	}
	of := slices.Sorted(slices.Values(m.indices))
	switch index := of[len(of)/2]; {
	case index >= 1300:
		return 3 + (index-1300)/233
	case index >= 800:
		return 2 + (index-800)/500
	default:
		return 1 + max(0, index-150)/650
	}
}

func (m *machine) one(ctx context.Context, url, form string) (s score, err error) {
	dir, err := os.MkdirTemp("", "lighthouse-")
	if err != nil {
		return s, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "report.json")
	args := []string{
		url, "--quiet", "--only-categories=accessibility,performance", "--output=json", "--output-path=" + out,
		"--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync",
	}
	s.slower = 1
	if form == "desk" {
		args = append(args, "--preset=desktop")
	} else {
		s.slower = m.slower()
		args = append(args, fmt.Sprintf("--throttling.cpuSlowdownMultiplier=%.2f", s.slower))
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, m.run, args...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return s, fmt.Errorf("run lighthouse: %w: %.500s", err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		return s, err
	}
	var report struct {
		Categories map[string]struct {
			Score     float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits      map[string]struct{ Score *float64 }
		Environment struct{ BenchmarkIndex float64 }
	}
	if err := json.Unmarshal(b, &report); err != nil {
		return s, err
	}
	s.access, s.speed = 100*report.Categories["accessibility"].Score, 100*report.Categories["performance"].Score
	m.indices = append(m.indices, report.Environment.BenchmarkIndex)
	m.indices = m.indices[max(0, len(m.indices)-recent):]
	for _, c := range report.Categories {
		for _, ref := range c.AuditRefs {
			if a := report.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < .9 {
				s.lacks = append(s.lacks, ref.ID)
			}
		}
	}
	return s, nil
}

// install returns the path of the pinned Lighthouse.
func install(ctx context.Context) (string, error) {
	dir := os.Getenv("RASAD_CACHE")
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(base, "rasad")
	}
	dir = filepath.Join(dir, "lighthouse-"+version)
	run := filepath.Join(dir, "node_modules", ".bin", "lighthouse")
	if _, err := os.Stat(run); err == nil {
		return run, nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--silent", "--no-save", "--prefix", dir, "lighthouse@"+version)
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("install lighthouse: %w: %s", err, said)
	}
	return run, nil
}

// demo builds and starts the demonstration and returns its address.
func demo(ctx context.Context) (base string, end func(), err error) {
	build := exec.CommandContext(ctx, "make", "--silent", "build")
	if said, err := build.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("build: %w: %s", err, said)
	}
	cmd := exec.CommandContext(ctx, "bin/rasad", "demo", "--listen", "127.0.0.1:0", "--speed", "1", "--at", "2027-03-24T18:40")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start demonstration: %w", err)
	}
	end = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // it was told to stop
	}
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if a := address.FindString(lines.Text()); a != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return a, end, nil
		}
	}
	end()
	return "", nil, fmt.Errorf("start demonstration: it ended before it listened")
}
