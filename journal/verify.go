package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"rasad/entry"
)

// A Copy says what the other directory has of a broken segment.
type Copy string

// What the other directory can have.
const (
	NoCopy      Copy = ""        // there is no other directory
	WholeCopy   Copy = "whole"   // it verifies and joins the chain: Repair puts it in place
	BrokenCopy  Copy = "broken"  // broken too
	MissingCopy Copy = "missing" // not there
)

// A Fault is a place where a directory does not hold the chain.
type Fault struct {
	Dir     string
	Segment string // file name; "" where a whole segment is missing and nobody knows its name
	Offset  int64  // of the faulty batch in the segment, in (unpacked) bytes
	Batch   uint64 // that is due there
	Cause   string
	Other   Copy
	// Tail marks a torn or short end. It is what a stop in the middle of a write
	// leaves, and the next Open mends it without being told to.
	Tail bool
}

// String says it in a line.
func (f Fault) String() string {
	s := fmt.Sprintf("%s: byte %d, batch %d: %s", filepath.Join(f.Dir, f.Segment), f.Offset, f.Batch, f.Cause)
	switch {
	case f.Other != NoCopy:
		s += "; the other directory's copy is " + string(f.Other)
	case f.Tail:
		s += "; the next start cuts it off"
	}
	return s
}

// A Report says what Verify found.
type Report struct {
	Segments int
	Batches  uint64
	Entries  uint64
	Bytes    int64      // of whole batches, unpacked
	Head     uint64     // the newest batch of the chain
	Hash     entry.Hash // of that batch
	At       time.Time  // of that batch
	Faults   []Fault    // in the order of the batches; empty where all is well
	Repaired []string   // paths that Repair wrote

	cures []cure
}

// Whole reports whether nothing but a torn or short tail is wrong.
func (r *Report) Whole() bool {
	return !slices.ContainsFunc(r.Faults, func(f Fault) bool { return !f.Tail })
}

// A cure is a whole segment that is to stand in a directory.
type cure struct {
	from, to string // directories
	good     segment
	bad      *segment // what stands there now; nil: nothing
}

// Verify walks the whole chain in dir, and in second where that is not "". It
// opens nothing for writing and takes no lock; of a journal that is being written
// it may take the batch in work for a torn tail (Journal.Verify does not). What
// it finds is in the report; the error is of the walk itself.
func Verify(ctx context.Context, dir, second string) (Report, error) {
	return survey(ctx, Config{Dir: dir, Second: second}, 0)
}

// Verify walks the whole chain up to the newest durable batch.
func (j *Journal) Verify(ctx context.Context) (Report, error) {
	head := j.Head()
	if head == 0 {
		return Report{}, nil
	}
	return survey(ctx, j.cfg, head)
}

// An exam is what one segment of one directory turned out to hold.
type exam struct {
	seg     segment
	batches uint64
	entries uint64
	bytes   int64
	tip     tip
	faults  []Fault
	lost    bool // nothing whole was found behind the last fault
}

// survey walks the chain segment by segment, comparing both directories' copies.
// until is the last batch to look at; 0 means all.
func survey(ctx context.Context, cfg Config, until uint64) (Report, error) {
	v := verifier{dirs: cfg.dirs(), until: until}
	bySegment := map[uint64][]*segment{} // one for each directory, nil where it is missing
	for i, dir := range v.dirs {
		segs, err := list(dir)
		if err != nil {
			return Report{}, fmt.Errorf("verify journal: %w", err)
		}
		for _, s := range segs {
			if until > 0 && s.first > until {
				continue
			}
			if bySegment[s.first] == nil {
				bySegment[s.first] = make([]*segment, len(v.dirs))
			}
			bySegment[s.first][i] = &s
		}
	}
	firsts := slices.Sorted(maps.Keys(bySegment))
	v.tip = tip{known: true}
	for i, first := range firsts {
		if err := v.segment(ctx, first, bySegment[first], i == len(firsts)-1); err != nil {
			return v.Report, fmt.Errorf("verify journal: %w", err)
		}
	}
	v.Head, v.Hash, v.At = v.tip.number, v.tip.hash, v.tip.at
	return v.Report, nil
}

type verifier struct {
	Report
	dirs  []string
	until uint64
	tip   tip  // of the chain so far
	lost  bool // the chain was lost in a broken segment: where it went on is not known
}

// segment examines the copies of one segment and goes on with the best of them.
func (v *verifier) segment(ctx context.Context, first uint64, copies []*segment, last bool) error {
	if due := v.tip.number + 1; first != due && !v.lost {
		for _, dir := range v.dirs {
			f := Fault{Dir: dir, Batch: due, Cause: fmt.Sprintf("batches %d to %d are missing", due, first-1)}
			if len(v.dirs) > 1 {
				f.Other = MissingCopy
			}
			v.Faults = append(v.Faults, f)
		}
		v.lost = true
	}
	if v.lost {
		v.tip = tip{number: first - 1}
	}
	exams := make([]*exam, len(copies))
	best := -1
	for i, s := range copies {
		if s == nil {
			continue
		}
		x, err := examine(ctx, v.dirs[i], *s, v.tip, v.until, last)
		if err != nil {
			return err
		}
		exams[i] = x
		if best < 0 || better(x, exams[best]) {
			best = i
		}
	}
	x := exams[best]
	for i := range exams {
		v.compare(exams, i, best, last)
	}
	v.Segments++
	v.Batches += x.batches
	v.Entries += x.entries
	v.Bytes += x.bytes
	v.tip, v.lost = x.tip, x.lost
	return nil
}

// better prefers a copy without faults, then the longer one.
func better(a, b *exam) bool {
	if len(a.faults) > 0 || len(b.faults) > 0 {
		return len(a.faults) < len(b.faults)
	}
	return a.tip.number > b.tip.number
}

// compare notes what is wrong with the copy of directory i, where that of
// directory best is the best one.
func (v *verifier) compare(exams []*exam, i, best int, last bool) {
	x, good := exams[i], exams[best]
	other := NoCopy
	if len(exams) > 1 {
		other = v.judge(exams[1-i])
	}
	c := cure{from: v.dirs[best], to: v.dirs[i], good: good.seg}
	f := Fault{Dir: v.dirs[i], Segment: good.seg.name(), Batch: good.seg.first, Other: other}
	switch {
	case x == nil:
		f.Cause, f.Tail = "the segment is missing", last
		v.Faults = append(v.Faults, f)
	case len(x.faults) > 0:
		for _, f := range x.faults {
			f.Other = other
			v.Faults = append(v.Faults, f)
		}
	case x.tip.number < good.tip.number:
		f.Segment, f.Offset, f.Batch, f.Tail = x.seg.name(), x.bytes, x.tip.number+1, last
		f.Cause = fmt.Sprintf("it ends at batch %d, the other directory goes on to %d", x.tip.number, good.tip.number)
		v.Faults = append(v.Faults, f)
	case x.tip.hash != good.tip.hash:
		f.Other, f.Cause = BrokenCopy, "both directories verify, but hold different batches"
		v.Faults = append(v.Faults, f)
		return
	default:
		return
	}
	if i != best && other == WholeCopy {
		if x != nil {
			c.bad = &x.seg
		}
		v.cures = append(v.cures, c)
	}
}

// judge says what a copy is worth to the other directory. One of which it is not
// known what it joins heals nothing.
func (v *verifier) judge(x *exam) Copy {
	switch {
	case x == nil:
		return MissingCopy
	case len(x.faults) > 0 || !v.tip.known:
		return BrokenCopy
	default:
		return WholeCopy
	}
}

// examine reads the segment s to its end, and goes on behind each fault where a
// whole batch is found again.
func examine(ctx context.Context, dir string, s segment, join tip, until uint64, last bool) (*exam, error) {
	x := &exam{seg: s}
	src, err := read(dir, s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	in := scan(filepath.Join(dir, s.name()), src, tip{number: s.first - 1, hash: join.hash, known: join.known && join.number == s.first-1})
	for until == 0 || in.tip.number < until {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if fault, broken := errors.AsType[*BrokenError](err); broken {
			f := Fault{Dir: dir, Segment: s.name(), Offset: fault.Offset, Batch: fault.Batch, Cause: fault.Cause.Error()}
			good := in.tip
			again := in.resync()
			f.Tail = last && !again && !s.packed && !fault.final && s.size-fault.Offset <= maxWire
			x.faults = append(x.faults, f)
			if again {
				continue
			}
			in.tip, x.lost = good, true
			break
		}
		if _, err := entry.Read(w.Header, w.body); err != nil {
			x.faults = append(x.faults, Fault{Dir: dir, Segment: s.name(), Offset: w.offset, Batch: w.Number, Cause: err.Error()})
		}
		x.batches++
		x.entries += uint64(w.Entries)
		x.bytes += int64(len(w.bytes))
	}
	x.tip = in.tip
	if x.batches == 0 && len(x.faults) == 0 {
		x.faults = append(x.faults, Fault{Dir: dir, Segment: s.name(), Batch: s.first, Cause: "the segment is empty", Tail: last})
	}
	return x, nil
}
