package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"rasad/entry"
	"rasad/follower/followertest"
	"rasad/history"
)

// lawCases is how many random lives Law 1 is tried on: 2,000, and 60 under the
// race detector. RASAD_LAW_CASES asks for more (make long).
func lawCases(t *testing.T) int {
	t.Helper()
	if s := os.Getenv("RASAD_LAW_CASES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if followertest.RaceDetector {
		return 60
	}
	return 2000
}

// Law 1: for any sequence of readings, duplicated, shuffled, late, corrected, with
// a restart anywhere, the board equals days, a rebuild of the journal, a journal
// of the same readings in another order, and the naive oracle.
func TestLiveEqualsHistoryAndTheOracle(t *testing.T) {
	const workers = 4
	n := lawCases(t)
	for k := range workers {
		t.Run(fmt.Sprint("seeds mod ", workers, " = ", k), func(t *testing.T) {
			t.Parallel()
			for seed := k; seed < n && !t.Failed(); seed += workers {
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { checkLaw(t, uint64(seed)) })
			}
		})
	}
}

func checkLaw(t *testing.T, seed uint64) {
	c := newLawCase(t, seed)
	o := &oracle{city: c.city}
	w := c.live(t, o)
	defer func() { w.close() }()
	want := oracleAnswers(o, c.at)
	sameAnswers(t, "live", boardAnswers(t, w.board), want, true)
	sameAnswers(t, "days", readerAnswers(t.Context(), t, history.FromDays(w.days, w.city.Clock()), c.city, c.at, 0), want, true)
	p, then := c.asOf(w, o, seed)
	sameAnswers(t, fmt.Sprint("days as of ", p), readerAnswers(t.Context(), t, history.FromDays(w.days, c.city.Clock()), c.city, c.at, p), oracleAnswers(then, c.at), true)
	sum, err := w.days.Checksum(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	again := &lawWorld{t: t, dir: w.dir, city: c.city, now: c.at, journal: w.journal}
	again.openFollowers("rebuilt.db")
	again.follow(nil)
	if err := again.board.Advance(t.Context(), c.at); err != nil {
		t.Fatal(err)
	}
	sameAnswers(t, "rebuild", boardAnswers(t, again.board), want, true)
	if rebuilt, err := again.days.Checksum(t.Context()); err != nil || rebuilt != sum {
		t.Errorf("rebuild: checksum %x, %v; want %x", rebuilt, err, sum)
	}
	if err := again.days.Close(); err != nil {
		t.Fatal(err)
	}
	c.checkShuffled(t, o, seed, want)
}

// asOf picks a batch in the middle, and the oracle that knew no more.
func (c *lawCase) asOf(w *lawWorld, o *oracle, seed uint64) (uint64, *oracle) {
	p := 1 + seed%w.journal.Head()
	then := &oracle{city: c.city}
	for _, s := range o.list {
		if s.batch <= p {
			then.list = append(then.list, s)
		}
	}
	return p, then
}

// checkShuffled appends what counted, once each and in another order, to a new
// journal: the values are the same.
func (c *lawCase) checkShuffled(t *testing.T, o *oracle, seed uint64, want map[string]answer) {
	t.Helper()
	counts := map[entry.Position]bool{}
	for i := range c.city.Sources {
		for _, x := range o.counting(&c.city.Sources[i]) {
			counts[x.pos] = true
		}
	}
	var kept []entry.Entry
	for _, s := range o.list {
		if !counts[s.pos] {
			continue
		}
		if r, ok := s.e.(*entry.Reading); ok {
			first := *r
			first.Revises = entry.Position{}
			kept = append(kept, &first)
		} else {
			kept = append(kept, s.e)
		}
	}
	if len(kept) == 0 {
		return
	}
	rand.New(rand.NewPCG(seed, 11)).Shuffle(len(kept), func(i, j int) { kept[i], kept[j] = kept[j], kept[i] })
	s := lawCase{city: c.city, at: c.at, batches: [][]entry.Entry{kept}}
	w := s.live(t, &oracle{city: c.city})
	defer w.close()
	sameAnswers(t, "shuffled", boardAnswers(t, w.board), want, false)
}
