package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rasad/journal"
)

func TestGrowthIsOfAllThatStandsInTheFolder(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2027, 3, 21, 8, 0, 0, 0, time.UTC)
	g := &growth{dir: dir, now: func() time.Time { return now }}
	write := func(name string, bytes int) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, bytes), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	weigh := func(after time.Duration) (int64, time.Duration) {
		t.Helper()
		now = now.Add(after)
		if err := g.weigh(); err != nil {
			t.Fatal(err)
		}
		return g.pace()
	}
	if bytes, over := g.pace(); bytes != 0 || over != 0 {
		t.Errorf("before: %d in %v", bytes, over)
	}
	write("journal/1", 5000)
	if bytes, over := weigh(0); bytes != 0 || over != 0 {
		t.Errorf("weighed once: %d in %v", bytes, over)
	}
	write("journal/1", 6000)
	write("days.db", 300)
	write("register.db-wal", 20)
	write("evidence/abc", 4)
	if bytes, over := weigh(10 * time.Minute); bytes != 1324 || over != 10*time.Minute {
		t.Errorf("all of it: %d in %v", bytes, over)
	}
	if err := os.Remove(filepath.Join(dir, "register.db-wal")); err != nil {
		t.Fatal(err)
	}
	for range 23 {
		weigh(time.Hour)
	}
	if bytes, over := g.pace(); bytes != 1304 || over != 23*time.Hour+10*time.Minute {
		t.Errorf("of the day until now: %d in %v", bytes, over)
	}
	for range 20 {
		weigh(time.Hour)
	}
	if bytes, over := g.pace(); bytes != 0 || over != 24*time.Hour || len(g.weighs) != 25 {
		t.Errorf("what grew before the last day counts: %d in %v, %d weighings", bytes, over, len(g.weighs))
	}
}

func TestOperatorsAreToldBeforeTheSpaceIsUsedUp(t *testing.T) {
	for _, tc := range []struct {
		free, total uint64
		want        bool
	}{{149 << 20, 1000 << 20, true}, {151 << 20, 1000 << 20, false}, {0, 1000 << 20, true}, {0, 0, false}} {
		if got := runsLow(&journal.Info{Free: tc.free, Total: tc.total}); got != tc.want {
			t.Errorf("%d of %d bytes free: %t", tc.free, tc.total, got)
		}
	}
}

func TestAProgramThatHasJustStartedSaysWhyItDoesNotKnowHowLongTheSpaceLasts(t *testing.T) {
	p := demoAt(t, "2027-03-24T18:40")
	var status struct {
		Journal struct {
			DaysLeft *float64          `json:"days_left"`
			Why      map[string]string `json:"days_left_why"`
		}
	}
	p.get("/api/v1/operate/status", &status)
	if j := status.Journal; j.DaysLeft != nil || !strings.Contains(j.Why["en"], "it will be in 60 min") || !strings.Contains(j.Why["fa"], "۶۰ دقیقه") {
		t.Errorf("%+v", j)
	}
}
