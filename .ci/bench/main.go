// Command bench runs the benchmarks that docs/bench.md explains, and prints what
// they report as compact tables. Nothing fails by the clock; it ends with 1 when a
// benchmark itself fails, such as when an answer was not the right one. Its
// arguments, if any, are the tables to run: ingest, frame, rooms, register,
// signin.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// A result is one line of a benchmark.
type result struct {
	name    string // without Benchmark, and without the number of processors
	reports map[string]float64
}

// A column of a table: what stands above it, and what a result says in it.
type column struct {
	head string
	cell func(r result) string
}

// A table is benchmarks of one kind.
type table struct {
	name, title string
	runs        []run
	columns     []column
}

// A run is one go test.
type run struct{ room, bench, time string }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	began := time.Now()
	err := bench(ctx, os.Stdout, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	fmt.Printf("\n%.0f s in all; the machine's load average at the end: %s\n", time.Since(began).Seconds(), loadAverage())
}

func bench(ctx context.Context, out io.Writer, only []string) error {
	for _, t := range tables() {
		if len(only) > 0 && !slices.Contains(only, t.name) {
			continue
		}
		fmt.Fprintf(out, "\n%s\n", t.title)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, c := range t.columns {
			fmt.Fprint(w, c.head, "\t")
		}
		fmt.Fprintln(w)
		for _, r := range t.runs {
			results, err := r.run(ctx)
			if err != nil {
				return errors.Join(err, w.Flush())
			}
			for _, res := range results {
				for _, c := range t.columns {
					fmt.Fprint(w, c.cell(res), "\t")
				}
				fmt.Fprintln(w)
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func tables() []table {
	return []table{
		{
			name: "ingest",
			title: "Ingest: readings fsynced and acknowledged by rasad serve, beside points by InfluxDB 1.8.3's /write,\n" +
				"in turn; the same readings, the same connections; ratio of the rates pair by pair",
			runs: []run{{"./cmd/rasad", "^BenchmarkIngest$", "3x"}},
			columns: []column{
				{"readings/request", func(r result) string { return after(r.name, "readings=") }},
				{"rasad/s", number("rasad-readings/s", "%.0f")},
				{"influxd/s", number("influxd-readings/s", "%.0f")},
				{"ratio min", number("ratio-min", "%.2f")},
				{"median", number("ratio-med", "%.2f")},
				{"max", number("ratio-max", "%.2f")},
				{"CPU s/million: rasad", number("rasad-cpu-s/Mreading", "%.2f")},
				{"influxd", number("influxd-cpu-s/Mreading", "%.2f")},
				{"tiles behind", number("rasad-lag-ms", "%.0f ms")},
			},
		},
		{
			name: "frame",
			title: "Reading to frame: 200 screens of one view, 20 requests a second; from before the POST until its tile\n" +
				"is on a screen, beside the answer to the same POST; goal: p99 within tick + 100 ms = 350 ms",
			runs: []run{{"./cmd/rasad", "^BenchmarkReadingToFrame$", "400x"}},
			columns: []column{
				{"arrivals", number("arrivals", "%.0f")},
				{"frame p50", number("frame-p50-ms", "%.1f ms")},
				{"p99", number("frame-p99-ms", "%.1f ms")},
				{"max", number("frame-max-ms", "%.1f ms")},
				{"p99/goal", number("p99/goal", "%.2f")},
				{"answer p50", number("answer-p50-ms", "%.1f ms")},
				{"p99", number("answer-p99-ms", "%.1f ms")},
				{"max", number("answer-max-ms", "%.1f ms")},
				{"server CPU", number("server-cpu-%", "%.1f %%")},
			},
		},
		{
			name:  "rooms",
			title: "Rooms by themselves",
			runs: []run{
				{"./collectors/push", "^BenchmarkDecode$", "300ms"},
				{"./collectors", "^BenchmarkAccept$", "300ms"},
				{"./journal", "^BenchmarkAppend$", "300ms"},
				{"./days", "^BenchmarkApply$", "300ms"},
				{"./live", "^BenchmarkAdvance$", "300ms"},
				{"./server/hub", "^BenchmarkFanout$", "300ms"},
			},
			columns: []column{
				{"benchmark", func(r result) string { return r.name }},
				{"one", each},
				{"readings/s", number("readings/s", "%.0f")},
				{"requests/s", number("acks/s", "%.0f")},
				{"frames/s", number("deliveries/s", "%.0f")},
				{"CPU/frame", number("cpu-ns/delivery", "%.0f ns")},
			},
		},
		{
			name: "register",
			title: "Register: what a department's page asks for, of 100,000 cases with 5,000 open (goal: 50 ms),\n" +
				"and the search of an audit of 1,000,000 records (goal: 1 s)",
			runs: []run{
				{"./register", "^BenchmarkDepartmentOf100000Cases$", "50x"},
				{"./register", "^BenchmarkAuditOf1000000$", "5x"},
			},
			columns: []column{
				{"benchmark", func(r result) string { return r.name }},
				{"page", number("ms/page", "%.1f ms")},
				{"search", number("ms/search", "%.1f ms")},
				{"events/s", number("events/s", "%.0f")},
				{"acts/s", number("acts/s", "%.0f")},
				{"process", number("MB", "%.0f MB")},
			},
		},
		{
			name:  "signin",
			title: "Refused sign-in: 1,000 wrong passwords each of a login that somebody has and of one that nobody has, in turn",
			runs:  []run{{"./server", "^BenchmarkRefusedSignIn$", "1000x"}},
			columns: []column{
				{"known p50", number("known-p50-ms", "%.2f ms")},
				{"unknown p50", number("unknown-p50-ms", "%.2f ms")},
				{"ratio", number("ratio-med", "%.3f")},
				{"known p95", number("known-p95-ms", "%.2f ms")},
				{"unknown p95", number("unknown-p95-ms", "%.2f ms")},
			},
		},
	}
}

// number returns the cell of what a result reports as unit.
func number(unit, form string) func(result) string {
	return func(r result) string {
		v, ok := r.reports[unit]
		if !ok {
			return ""
		}
		return fmt.Sprintf(form, v)
	}
}

// each is how long one iteration took.
func each(r result) string {
	v, ok := r.reports["ns/op"]
	if !ok {
		return ""
	}
	digit := time.Duration(1)
	for ; float64(digit)*1000 <= v; digit *= 10 {
	}
	return time.Duration(v).Round(digit).String()
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return rest
}

// run runs the benchmarks and returns what they report. When they fail, the error
// holds all that they said.
func (r run) run(ctx context.Context) ([]result, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", r.bench, "-benchtime", r.time, "-timeout", "10m", r.room)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	text, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test -bench %s %s: %w\n%s", r.bench, r.room, err, text)
	}
	var results []result
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		if res, ok := parse(lines.Text()); ok {
			results = append(results, res)
		}
	}
	if len(results) == 0 {
		return nil, fmt.Errorf("go test -bench %s %s: no benchmark ran\n%s", r.bench, r.room, text)
	}
	return results, nil
}

// parse reads a line such as "BenchmarkApply/100_per_batch-2  100  1200 ns/op".
func parse(line string) (r result, ok bool) {
	words := strings.Fields(line)
	if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
		return r, false
	}
	r.name = strings.TrimPrefix(words[0], "Benchmark")
	if i := strings.LastIndexByte(r.name, '-'); i > 0 {
		if _, err := strconv.Atoi(r.name[i+1:]); err == nil {
			r.name = r.name[:i]
		}
	}
	r.reports = map[string]float64{}
	for i := 2; i+1 < len(words); i += 2 {
		v, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			return r, false
		}
		r.reports[words[i+1]] = v
	}
	return r, true
}

func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	minute, _, _ := strings.Cut(string(b), " ")
	return minute
}
