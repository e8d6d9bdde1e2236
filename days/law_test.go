package days

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/entry"
	"rasad/follower/followertest"
	"rasad/measure"
)

// A trial is a store, its oracle, and two followers, over one random history.
type trial struct {
	*rapid.T
	cfg    Config
	store  *Store
	oracle *oracle
	book   book
	cities map[uint64]cityChoice // by batch

	told    map[string]Change // by Changed
	handed  []handed          // the same, to see that it stays as it was
	toldPos uint64
	written map[string]Kept         // by Since
	rows    map[string]measure.Cell // by Since
	upTo    uint64
}

type cityChoice struct {
	every   int64
	without map[city.SourceID]bool
}

// Days on which Tehran's clock jumped over midnight and struck it twice, and their
// neighbours.
func moments(t tb) []city.Moment {
	var list []city.Moment
	for _, day := range []string{"2022-03-21 21:00", "2022-03-22 01:00", "2022-09-21 21:00", "2022-09-22 00:00", "2023-05-01 05:30"} {
		from := local(t, day)
		for m := from; m < from+5*3600; m += 900 {
			list = append(list, m)
		}
	}
	return list
}

func newTrial(t *rapid.T, path string) *trial {
	loc, err := time.LoadLocation("Asia/Tehran")
	if err != nil {
		t.Fatalf("zone: %v", err)
	}
	x := &trial{
		T: t, oracle: newOracle(loc), cities: map[uint64]cityChoice{},
		told: map[string]Change{}, written: map[string]Kept{}, rows: map[string]measure.Cell{},
	}
	x.cfg = Config{Path: path, CacheReadings: rapid.SampledFrom([]int{1, 100, 100_000}).Draw(t, "cache"), Changed: x.changed}
	x.open()
	return x
}

func (x *trial) open() {
	s, err := Open(x.cfg)
	if err != nil {
		x.Fatalf("open: %v", err)
	}
	s.epochDays = 3
	x.store = s
}

func (x *trial) changed(pos uint64, changes []Change) {
	x.toldPos = pos
	for _, c := range changes {
		x.handed = append(x.handed, handed{c, Change{Slots: slices.Clone(c.Slots), Cells: slices.Clone(c.Cells)}})
		x.told[fmt.Sprintf("%s %s", c.Source, c.Date)] = c
	}
}

type handed struct{ given, then Change }

// batch makes a batch of a few random entries.
func (x *trial) batch(all []city.Moment) {
	n := uint64(len(x.book.batches)) + 1
	var list []entry.Entry
	if n == 1 || rapid.IntRange(0, 14).Draw(x.T, "city") == 0 {
		c := cityChoice{rapid.SampledFrom([]int64{300, 600}).Draw(x.T, "every"), map[city.SourceID]bool{}}
		var without []city.SourceID
		if rapid.IntRange(0, 3).Draw(x.T, "without") == 0 && n > 1 {
			without = []city.SourceID{rapid.SampledFrom([]city.SourceID{"litter", "square"}).Draw(x.T, "left out")}
			c.without[without[0]] = true
		}
		x.cities[n] = c
		list = append(list, town(x.T, "Asia/Tehran", c.every, without...))
	}
	for range rapid.IntRange(0, 6).Draw(x.T, "entries") {
		list = append(list, x.entry(all))
	}
	if len(list) > 1 && rapid.Bool().Draw(x.T, "city last") {
		list[0], list[len(list)-1] = list[len(list)-1], list[0]
	}
	if len(list) == 0 {
		list = append(list, &entry.TokenRevoked{ID: "t9"})
	}
	x.book.add(list...)
}

func (x *trial) entry(all []city.Moment) entry.Entry {
	m := rapid.SampledFrom(all).Draw(x.T, "at")
	v := city.Steps(rapid.IntRange(0, 3).Draw(x.T, "v"))
	late := time.Duration(rapid.SampledFrom([]int64{0, 7200, 200_000}).Draw(x.T, "late")) * time.Second
	var r *entry.Reading
	switch rapid.IntRange(0, 12).Draw(x.T, "what") {
	case 0, 1, 2, 3:
		r = gate(m, v)
	case 4, 5, 6:
		r = square(m+city.Moment(rapid.IntRange(0, 2).Draw(x.T, "second"))*100, v)
	case 7, 8, 9:
		e := litter(m, rapid.SampledFrom([]string{"a", "b", "سپید"}).Draw(x.T, "id"), rapid.SampledFrom([]string{"", "opened", "closed"}).Draw(x.T, "state"), v)
		e.Case = rapid.SampledFrom([]string{"report", "report", "service", ""}).Draw(x.T, "case")
		e.Late, e.Category = late, rapid.SampledFrom([]string{"", "litter"}).Draw(x.T, "category")
		return e
	case 10:
		return quarantined("gate/in", rapid.SampledFrom([]string{"range", "clock"}).Draw(x.T, "reason"))
	case 11:
		return &entry.Refused{Reason: "range", By: "t1", Minute: m, N: 3}
	default:
		return rapid.SampledFrom([]entry.Entry{square(m, v), litter(m, "x", "", v), &entry.Reading{Source: "nobody", From: m, To: m}, &entry.Reading{Source: "litter", From: m, To: m}, nil}).Draw(x.T, "odd")
	}
	r.Late = late
	switch rapid.IntRange(0, 3).Draw(x.T, "revises") {
	case 0:
		k, _, _ := x.oracle.read(r)
		if known := x.oracle.keys[k]; len(known) > 0 {
			revise(r, known[rapid.IntRange(0, len(known)-1).Draw(x.T, "which")].pos, "counted again")
		}
	case 1:
		if rapid.IntRange(0, 9).Draw(x.T, "nothing") == 0 {
			revise(r, at(1, 0), "of nothing")
		}
	}
	return r
}

// oracleAgrees compares all that can be asked.
func (x *trial) oracleAgrees(ctx context.Context) {
	x.Helper()
	if got, want := x.store.Counts(), x.oracle.counts; !cmp.Equal(got, want) {
		x.Fatalf("counts: %s", cmp.Diff(want, got))
	}
	for d, keys := range x.oracle.order {
		day := date(x.T, d.day)
		from := x.oracle.cells[d][0].From
		got, err := x.store.Cells(ctx, d.src, from, from+city.Moment(len(x.oracle.cells[d]))*3600)
		if err != nil || !cmp.Equal(got, x.oracle.cells[d]) {
			x.Fatalf("cells of %s %s: %v %s", d.src, d.day, err, cmp.Diff(x.oracle.cells[d], got))
		}
		if c := x.told[string(d.src)+" "+d.day]; !cmp.Equal(c.Cells, got) || len(c.Slots) != len(x.oracle.newest(d)) {
			x.Fatalf("told of %s %s: %s", d.src, d.day, cmp.Diff(got, c.Cells))
		}
		c, ok, err := x.store.Day(ctx, d.src, day)
		if err != nil || !ok || !cmp.Equal(c, x.told[string(d.src)+" "+d.day], cmpopts.EquateEmpty()) {
			x.Fatalf("day %s %s: %v %v %s", d.src, d.day, ok, err, cmp.Diff(x.told[string(d.src)+" "+d.day], c))
		}
		for i, v := range x.oracle.newest(d) {
			if s := c.Slots[i]; s.From != v.from || s.To != v.to || s.V != v.v || s.Pos != v.pos.Batch || s.LateSec != v.late {
				x.Fatalf("slot %d of %s %s = %+v, want %+v", i, d.src, d.day, s, v)
			}
		}
		x.rawsAgree(ctx, d, day, keys)
	}
}

func (x *trial) rawsAgree(ctx context.Context, d oracleDay, day city.Date, keys []oracleKey) {
	asOf := rapid.Uint64Range(0, uint64(len(x.book.batches))).Draw(x.T, "as of")
	raws, err := x.store.Raws(ctx, d.src, day, day, asOf)
	if err != nil {
		x.Fatalf("raws: %v", err)
	}
	seen := map[oracleKey]int{}
	for _, k := range keys {
		v := x.oracle.keys[k][seen[k]]
		seen[k]++
		if asOf != 0 && v.pos.Batch > asOf {
			continue
		}
		if len(raws) == 0 || raws[0].Pos != v.pos || raws[0].V != v.v || raws[0].Revised != (seen[k] > 1) {
			x.Fatalf("raws of %s %s as of %d: want %+v next, have %+v", d.src, d.day, asOf, v, raws)
		}
		raws = raws[1:]
	}
	if len(raws) > 0 {
		x.Fatalf("raws of %s %s: %d too many", d.src, d.day, len(raws))
	}
}

// follow takes one bite as the writer of history does.
func (x *trial) follow(ctx context.Context, limit int) bool {
	rows, upTo, err := x.store.Since(ctx, x.upTo, limit)
	if err != nil {
		x.Fatalf("since %d: %v", x.upTo, err)
	}
	var last uint64
	for _, r := range rows {
		if r.Pos < last || r.Pos > upTo || r.Pos <= x.upTo {
			x.Fatalf("since %d: row of batch %d after %d, up to %d", x.upTo, r.Pos, last, upTo)
		}
		last = r.Pos
		for _, k := range r.Kept {
			name := fmt.Sprintf("%s %s %d", r.Source, r.Date, k.Ordinal)
			if _, twice := x.written[name]; twice || k.Pos.Batch <= x.upTo || k.Pos.Batch > upTo {
				x.Fatalf("since %d: raw %s of batch %d came twice or too early, up to %d", x.upTo, name, k.Pos.Batch, upTo)
			}
			x.written[name] = k
		}
		for _, c := range r.Cells {
			if old, ok := x.rows[fmt.Sprint(r.Source, c.From)]; ok && old.Pos >= c.Pos {
				x.Fatalf("since %d: cell of batch %d after %d", x.upTo, c.Pos, old.Pos)
			}
			x.rows[fmt.Sprint(r.Source, c.From)] = c
		}
	}
	if upTo < x.upTo || len(rows) > 0 && upTo == x.upTo {
		x.Fatalf("since %d: up to %d", x.upTo, upTo)
	}
	progress := upTo > x.upTo
	x.upTo = upTo
	return progress
}

// followerAgrees compares what Since brought with the oracle.
func (x *trial) followerAgrees() {
	x.Helper()
	n := 0
	for d, keys := range x.oracle.order {
		n += len(keys)
		seen := map[oracleKey]int{}
		for i, k := range keys {
			got, ok := x.written[fmt.Sprintf("%s %s %d", d.src, d.day, i)]
			if !ok || got.Revision != seen[k] || got.Pos != x.oracle.keys[k][seen[k]].pos {
				x.Fatalf("written %s %s %d: %v %+v, want revision %d", d.src, d.day, i, ok, got, seen[k])
			}
			seen[k]++
		}
		for _, c := range x.oracle.cells[d] {
			if got := x.rows[fmt.Sprint(d.src, c.From)]; c.Pos != 0 && got != c {
				x.Fatalf("written cell of %s %s: %s", d.src, d.day, cmp.Diff(c, got))
			}
		}
	}
	if n != len(x.written) {
		x.Fatalf("written %d raws, want %d", len(x.written), n)
	}
}

// step does one random thing.
func (x *trial) step(ctx context.Context, all []city.Moment) {
	switch rapid.IntRange(0, 24).Draw(x.T, "step") {
	case 0, 9, 10:
		if err := x.store.Commit(); err != nil {
			x.Fatalf("commit: %v", err)
		}
	case 1: // a crash: the journal repeats what was not committed
		drop(x.T, x.store)
		x.open()
		apply(x.T, x.store, x.book.batches[x.store.Committed():]...)
	case 2:
		if err := x.store.Close(); err != nil {
			x.Fatalf("close: %v", err)
		}
		x.open()
	case 3, 4:
		x.follow(ctx, rapid.IntRange(1, 4).Draw(x.T, "limit"))
	case 5:
		if _, err := x.store.pack(); err != nil {
			x.Fatalf("pack: %v", err)
		}
	case 6, 7, 8:
		e := x.entry(all)
		if !x.oracle.declared(e) {
			return
		}
		want, wantPos := x.oracle.standing(e)
		if got, pos, err := x.store.Standing(e); err != nil || got != want || pos != wantPos {
			x.Fatalf("standing of %+v = %v %v %v, want %v %v", e, got, pos, err, want, wantPos)
		}
	default:
		x.batch(all)
		b := x.book.batches[len(x.book.batches)-1]
		apply(x.T, x.store, b)
		c := x.cities[b.Number]
		x.oracle.apply(b, c.every, c.without)
	}
}

func TestDaysEqualTheOracleWhateverHappens(t *testing.T) {
	dir := t.TempDir()
	trials := 0
	all := moments(t)
	rapid.Check(t, func(rt *rapid.T) {
		if followertest.Enough(trials) {
			return
		}
		trials++
		ctx := t.Context()
		x := newTrial(rt, filepath.Join(dir, fmt.Sprintf("%d.db", trials)))
		defer func() { _ = x.store.Close() }()
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			x.step(ctx, all)
		}
		x.oracleAgrees(ctx)
		if err := x.store.Commit(); err != nil {
			rt.Fatalf("commit: %v", err)
		}
		for x.follow(ctx, 2) {
		}
		x.followerAgrees()
		held, err := x.store.Quarantine(ctx, 1000)
		if err != nil || len(held) != x.oracle.held {
			rt.Fatalf("held %d %v, want %d", len(held), err, x.oracle.held)
		}
		x.oracleAgrees(ctx)
		for _, h := range x.handed {
			if !slices.Equal(h.given.Slots, h.then.Slots) || !slices.Equal(h.given.Cells, h.then.Cells) {
				rt.Fatalf("a change was written after it was handed out: %s %s", h.given.Source, h.given.Date)
			}
		}

		rebuilt, err := Open(Config{Path: filepath.Join(dir, fmt.Sprintf("%d-again.db", trials))})
		if err != nil {
			rt.Fatalf("open: %v", err)
		}
		defer func() { _ = rebuilt.Close() }()
		apply(rt, rebuilt, x.book.batches...)
		if a, b := checksum(rt, x.store), checksum(rt, rebuilt); a != b {
			rt.Fatalf("a rebuild has checksum %s, want %s", b, a)
		}
	})
}
