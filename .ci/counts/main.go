// Command counts runs the tests and counts them: the Go tests with the race
// detector, and the browser's modules under node. It prints what failed in full,
// where the time went, and as its last line how many passed, failed and were
// skipped. It ends with 1 when one failed or none ran.
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
	"slices"
	"strings"
	"time"
)

type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // seconds
}

type tally struct {
	passed, failed, skipped int
	times                   []timed
}

type timed struct {
	name    string
	seconds float64
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var t tally
	start := time.Now()
	rooms := os.Args[1:]
	if len(rooms) == 0 {
		rooms = []string{"./...", "./.ci/links"}
	}
	err := t.goTests(ctx, append([]string{"-race"}, rooms...))
	if err == nil && len(os.Args) == 1 {
		fmt.Println("the laws on all of their random lives, without the race detector:")
		err = t.goTests(ctx, []string{"-run", "^(TestLiveEqualsHistoryAndTheOracle|TestARegisterIsWhatItsJournalSaysHoweverItWasApplied|TestDaysEqualTheOracleWhateverHappens)$", "./cmd/rasad", "./days", "./register"})
	}
	if err == nil {
		err = t.nodeTests(ctx)
	}
	if err != nil {
		fmt.Println("counts:", err)
		t.failed++
	}
	fmt.Printf("\nwhere the time went (%.0f s in all):\n", time.Since(start).Seconds())
	slices.SortFunc(t.times, func(a, b timed) int { return int(1000 * (b.seconds - a.seconds)) })
	for _, x := range t.times[:min(len(t.times), 15)] {
		fmt.Printf("%8.1f s  %s\n", x.seconds, x.name)
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 || t.passed == 0 {
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// goTests runs go test with args and counts tests, subtests apart.
func (t *tally) goTests(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-timeout", "25m"}, args...)...)
	cmd.Stderr = os.Stdout
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start go test: %w", err)
	}
	said := map[string]*strings.Builder{}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			fmt.Printf("%s", line)
			continue
		}
		t.take(e, said)
	}
	if err := cmd.Wait(); err != nil && t.failed == 0 {
		return fmt.Errorf("go test: %w", err)
	}
	return nil
}

func (t *tally) take(e event, said map[string]*strings.Builder) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if said[key] == nil {
			said[key] = &strings.Builder{}
		}
		said[key].WriteString(e.Output)
		if e.Action == "build-output" {
			fmt.Print(e.Output)
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			fmt.Printf("%-4s %7.1f s  %s\n", e.Action, e.Elapsed, e.Package)
			if e.Action == "fail" {
				fmt.Print(text(said[key]))
				t.failed++ // a package can fail without a test: a build, a race at its end
			}
			return
		}
		t.times = append(t.times, timed{key, e.Elapsed})
		switch e.Action {
		case "pass":
			t.passed++
		case "skip":
			t.skipped++
			fmt.Print(text(said[key]))
		case "fail":
			t.failed++
			fmt.Printf("%s", text(said[key]))
		}
		delete(said, key)
	}
}

func text(b *strings.Builder) string {
	if b == nil {
		return ""
	}
	return b.String()
}

// nodeTests runs the tests of the browser's modules.
func (t *tally) nodeTests(ctx context.Context) error {
	files, err := filepath.Glob("static/test/*.test.js")
	if err != nil || len(files) == 0 {
		return err
	}
	start := time.Now()
	cmd := exec.CommandContext(ctx, "node", append([]string{"--test", "--test-reporter=tap"}, files...)...)
	out, err := cmd.CombinedOutput()
	counted := 0
	for line := range strings.Lines(string(out)) {
		for name, into := range map[string]*int{"# pass": &t.passed, "# fail": &t.failed, "# skipped": &t.skipped} {
			var n int
			if rest, ok := strings.CutPrefix(line, name); ok {
				if _, err := fmt.Sscan(rest, &n); err == nil {
					*into += n
					counted += n
				}
			}
		}
	}
	t.times = append(t.times, timed{"static/test (node)", time.Since(start).Seconds()})
	if err != nil || counted == 0 {
		fmt.Printf("%s", out)
		return fmt.Errorf("node --test: %d tests ran: %w", counted, err)
	}
	return nil
}
