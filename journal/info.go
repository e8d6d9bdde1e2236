package journal

import (
	"fmt"
	"slices"
	"time"

	"rasad/city"
)

// An Info says how the journal is, for the pages that operators read.
type Info struct {
	Head     uint64    // number of the newest durable batch
	At       time.Time // of that batch; zero where there is none
	Segments int       // files in the first directory
	Packed   int       // of them compressed
	Bytes    int64     // of them all
	Today    int64     // bytes of them that came on the local day of the server's clock
	Free     uint64    // bytes, on the fullest of the volumes
	Total    uint64    // bytes, of that volume
	Floor    uint64    // bytes of free space below which readings are refused
	Refuses  string    // why readings are refused now, in words; "" where they are not
	Commits  Commits
}

// Commits counts what was made durable since the journal was opened.
type Commits struct {
	Batches uint64
	Entries uint64
	Bytes   uint64
	Seconds float64  // spent writing and syncing, all commits together
	Slower  []Bucket // how long a commit took, as a cumulative histogram
}

// A Bucket counts the commits that took at most Seconds.
type Bucket struct {
	Seconds float64
	Count   uint64
}

// stats counts commits. The zero value is ready.
type stats struct {
	Commits
}

func bounds() []float64 {
	return []float64{.0002, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}
}

func (s *stats) add(done recent, took time.Duration) {
	if s.Slower == nil {
		for _, b := range bounds() {
			s.Slower = append(s.Slower, Bucket{Seconds: b})
		}
	}
	s.Batches++
	s.Entries += uint64(len(done.batch.Entries))
	s.Bytes += uint64(done.bytes)
	s.Seconds += took.Seconds()
	for i := range s.Slower {
		if took.Seconds() <= s.Slower[i].Seconds {
			s.Slower[i].Count++
		}
	}
}

// Info looks at the journal's files and counters.
func (j *Journal) Info() Info {
	space := j.cfg.room()
	j.mu.Lock()
	i := Info{Head: j.tip.number, At: j.tip.at, Free: space.free, Total: space.total, Floor: space.floor, Commits: j.stats.Commits}
	i.Commits.Slower = slices.Clone(i.Commits.Slower)
	gates, failure, closing := j.gates.after(space), j.failure, j.closing
	j.mu.Unlock()
	switch {
	case closing:
		i.Refuses = ErrClosed.Error()
	case gates.readings.low:
		i.Refuses = space.String()
	case failure != nil:
		i.Refuses = failure.Error()
	}
	segs, err := list(j.cfg.Dir)
	if err != nil {
		i.Refuses = err.Error()
	}
	today := j.cfg.Zone.Date(city.At(j.cfg.Now()))
	for _, s := range segs {
		i.Segments++
		i.Bytes += s.size
		if s.date == today {
			i.Today += s.size
		}
		if s.packed {
			i.Packed++
		}
	}
	return i
}

// String says in words why too little space is free.
func (r room) String() string {
	return fmt.Sprintf("%d MB free in %s, %d MB are the floor", r.free>>20, r.dir, r.floor>>20)
}
