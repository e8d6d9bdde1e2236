package history

import (
	"bufio"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rasad/city"
	"rasad/days"
	"rasad/entry"
	"rasad/measure"
)

// fakeDays holds one reading per batch.
type fakeDays struct {
	mu        sync.Mutex
	committed uint64
	asked     []uint64
	news      chan struct{}
	fail      error
}

func newFakeDays(batches uint64) *fakeDays {
	return &fakeDays{committed: batches, news: make(chan struct{}, 1)}
}

func (d *fakeDays) News() <-chan struct{} { return d.news }

func (d *fakeDays) Committed() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.committed
}

func (d *fakeDays) commit(n uint64) {
	d.mu.Lock()
	d.committed += n
	d.mu.Unlock()
	select {
	case d.news <- struct{}{}:
	default:
	}
}

func (d *fakeDays) Since(_ context.Context, after uint64, limit int) ([]days.Row, uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, after)
	if d.fail != nil {
		return nil, 0, d.fail
	}
	upTo := max(min(d.committed, after+uint64(limit)), after)
	var rows []days.Row
	for b := after + 1; b <= upTo; b++ {
		raw := measure.Raw{From: readingAt(b), To: readingAt(b), V: city.Steps(b), Pos: entry.Position{Batch: b}}
		rows = append(rows, days.Row{Source: "gate", Pos: b, Kept: []days.Kept{{Raw: raw}}})
	}
	return rows, upTo, nil
}

func readingAt(batch uint64) city.Moment { return 1_800_000_000 + city.Moment(batch) }

// fakeRows is a store in memory. judge, when set, answers instead of it; rows that
// it rejects alone are rejected among others too.
type fakeRows struct {
	mu     sync.Mutex
	rows   map[int64]Row // by time
	order  []int64
	mark   Mark
	saves  []time.Time
	writes []time.Time
	sizes  []int
	judge  func(rows []Row) error
	away   error // of Position
}

func newFakeRows() *fakeRows { return &fakeRows{rows: map[int64]Row{}} }

func (f *fakeRows) Write(_ context.Context, rows []Row) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes = append(f.writes, time.Now())
	f.sizes = append(f.sizes, len(rows))
	if f.judge != nil {
		if err := f.judge(rows); err != nil {
			return err
		}
	}
	for _, r := range rows {
		f.rows[r.At] = r
		f.order = append(f.order, r.At)
	}
	return nil
}

func (f *fakeRows) Position(context.Context) (Mark, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mark, f.away
}

func (f *fakeRows) SavePosition(_ context.Context, m Mark) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mark = m
	f.saves = append(f.saves, time.Now())
	return f.away
}

// do changes the store as one who is not the writer.
func (f *fakeRows) do(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// values returns the values of the readings stored, in their order.
func (f *fakeRows) values() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []int64
	for _, at := range slices.Sorted(maps.Keys(f.rows)) {
		list = append(list, f.rows[at].Fields[0].(int64))
	}
	return list
}

func upTo(n int64) []int64 {
	var list []int64
	for i := int64(1); i <= n; i++ {
		list = append(list, i)
	}
	return list
}

// A running writer; its store and its file outlive it.
type running struct {
	*Writer
	stop func() // in good order, waits for the end
}

func run(t *testing.T, d Changes, rows Rows, dir string) *running {
	t.Helper()
	w, err := NewWriter(WriterConfig{Days: d, Rows: rows, Parked: filepath.Join(dir, "parked.jsonl")})
	if err != nil {
		t.Fatal(err)
	}
	return start(t, w)
}

func start(t *testing.T, w *Writer) *running {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	return &running{w, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}}
}

// settle lets d pass and everything come to rest. It works in a bubble only.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func parkedLines(t *testing.T, dir string) []parkedLine {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "parked.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var list []parkedLine
	for s := bufio.NewScanner(f); s.Scan(); {
		if s.Text() == "" {
			continue
		}
		var l parkedLine
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("parked line %q: %v", s.Text(), err)
		}
		list = append(list, l)
	}
	return list
}
