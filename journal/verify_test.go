package journal

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rasad/entry"
)

// three is a closed journal of three days and twelve batches, in two directories,
// and a copy of how it was.
func three(t *testing.T) (c Config, whole string) {
	t.Helper()
	c = config(t, true)
	days(t, c, 4)
	packed(t, c.Dir)
	packed(t, c.Second)
	whole = filepath.Join(t.TempDir(), "whole")
	copyDir(t, c.Dir, whole)
	if got := names(t, whole); len(got) != 3 || !strings.HasSuffix(got[0], packedEnd) || !strings.HasSuffix(got[2], plainEnd) {
		t.Fatalf("segments: %v", got)
	}
	return c, whole
}

func TestVerifyCountsAWholeJournal(t *testing.T) {
	c, _ := three(t)
	r, err := Verify(t.Context(), c.Dir, c.Second)
	if err != nil {
		t.Fatal(err)
	}
	j := open(t, c)
	number, hash := j.Chain()
	if r.Segments != 3 || r.Batches != 12 || r.Entries != 12 || r.Head != number || r.Hash != hash || len(r.Faults) > 0 || !r.Whole() {
		t.Errorf("report: %+v; chain %d %s", r, number, hash)
	}
	live, err := j.Verify(t.Context())
	if err != nil || live.Hash != r.Hash || live.Bytes != r.Bytes || len(live.Faults) > 0 {
		t.Errorf("of the open journal: %+v, %v", live, err)
	}
	empty := open(t, config(t, false))
	if r, err := empty.Verify(t.Context()); err != nil || r.Batches != 0 || !r.Whole() {
		t.Errorf("of an empty one: %+v, %v", r, err)
	}
	if _, err := Verify(t.Context(), filepath.Join(c.Dir, "nowhere"), ""); err == nil {
		t.Error("a folder that is not there verifies")
	}
}

func TestVerifyOfAnOpenJournalTakesNoWriteForATear(t *testing.T) {
	c := config(t, false)
	j := open(t, c)
	put(t, j, 0, 3)
	path := filepath.Join(c.Dir, names(t, c.Dir)[0])
	write(t, path, append(file(t, path), `{"v":1,"batch":4,`...)) // a write on its way
	r, err := j.Verify(t.Context())
	if err != nil || len(r.Faults) > 0 || r.Batches != 3 {
		t.Errorf("report: %+v, %v", r, err)
	}
	r, err = Verify(t.Context(), c.Dir, "")
	if err != nil || len(r.Faults) != 1 || !r.Faults[0].Tail || !r.Whole() || r.Head != 3 {
		t.Errorf("from outside: %+v, %v", r, err)
	}
}

// A harm is something that happens to one directory, and the faults that Verify
// is to name.
type harm struct {
	do   func(dir string) error
	want []Fault
}

// harms are done to the journal of three, of which newest is the plain segment.
func harms(t *testing.T, list []string, newest []byte) map[string]harm {
	t.Helper()
	at := offsets(newest)
	return map[string]harm{
		"byte flipped": {
			func(dir string) error { return flip(filepath.Join(dir, list[2]), at[1]+300) },
			[]Fault{{Segment: list[2], Offset: int64(at[1]), Batch: 10, Other: WholeCopy}},
		},
		"two bytes flipped": {
			func(dir string) error {
				if err := flip(filepath.Join(dir, list[2]), at[0]+40); err != nil {
					return err
				}
				return flip(filepath.Join(dir, list[2]), at[2]+300)
			},
			[]Fault{{Segment: list[2], Batch: 9, Other: WholeCopy}, {Segment: list[2], Offset: int64(at[2]), Batch: 11, Other: WholeCopy}},
		},
		"tail flipped": {
			func(dir string) error { return flip(filepath.Join(dir, list[2]), -20) },
			[]Fault{{Segment: list[2], Offset: int64(at[3]), Batch: 12, Other: WholeCopy, Tail: true}},
		},
		"newer version": {
			func(dir string) error {
				wire := bytes.Clone(newest)
				wire[at[3]+len(`{"v":`)] = '2'
				return os.WriteFile(filepath.Join(dir, list[2]), wire, 0o600)
			},
			[]Fault{{Segment: list[2], Offset: int64(at[3]), Batch: 12, Other: WholeCopy}},
		},
		"batch cut out of the middle": {
			func(dir string) error {
				return os.WriteFile(filepath.Join(dir, list[2]), slices.Concat(newest[:at[1]], newest[at[2]:]), 0o600)
			},
			[]Fault{{Segment: list[2], Offset: int64(at[1]), Batch: 10, Other: WholeCopy}},
		},
	}
}

// fileHarms are done to whole segments.
func fileHarms(t *testing.T, list []string) map[string]harm {
	t.Helper()
	return map[string]harm{
		"packed segment flipped": {
			func(dir string) error { return flip(filepath.Join(dir, list[0]), 200) },
			[]Fault{{Segment: list[0], Batch: 1, Other: WholeCopy}},
		},
		"segment removed": {
			func(dir string) error { return os.Remove(filepath.Join(dir, list[1])) },
			[]Fault{{Segment: list[1], Batch: 5, Other: WholeCopy}},
		},
		"segment emptied": {
			func(dir string) error { return os.Truncate(filepath.Join(dir, list[2]), 0) },
			[]Fault{{Segment: list[2], Batch: 9, Other: WholeCopy, Tail: true}},
		},
		"all removed": {
			func(dir string) error {
				for _, n := range list {
					if err := os.Remove(filepath.Join(dir, n)); err != nil {
						return err
					}
				}
				return nil
			},
			[]Fault{{Segment: list[0], Batch: 1, Other: WholeCopy}, {Segment: list[1], Batch: 5, Other: WholeCopy}, {Segment: list[2], Batch: 9, Other: WholeCopy, Tail: true}},
		},
		"closed segment ends early": {
			func(dir string) error {
				path := filepath.Join(dir, list[1])
				wire := unpacked(t, path)
				if err := os.Remove(path); err != nil {
					return err
				}
				return os.WriteFile(strings.TrimSuffix(path, ".zst"), wire[:offsets(wire)[3]], 0o600)
			},
			[]Fault{{Segment: strings.TrimSuffix(list[1], ".zst"), Offset: -1, Batch: 8, Other: WholeCopy}},
		},
	}
}

func TestVerifyNamesEachFaultAndRepairHealsItByteForByte(t *testing.T) {
	c, whole := three(t)
	list := names(t, whole)
	newest := file(t, filepath.Join(whole, list[2]))
	all := harms(t, list, newest)
	maps.Copy(all, fileHarms(t, list))
	for name, tc := range all {
		for _, dir := range []string{c.Dir, c.Second} {
			t.Run(name, func(t *testing.T) {
				copyDir(t, whole, c.Dir)
				copyDir(t, whole, c.Second)
				if err := tc.do(dir); err != nil {
					t.Fatal(err)
				}
				harmed := map[string][]byte{}
				for _, n := range names(t, dir) {
					harmed[n] = file(t, filepath.Join(dir, n))
				}
				r, err := Verify(t.Context(), c.Dir, c.Second)
				if err != nil || r.Head != 12 || r.Batches != 12 {
					t.Errorf("verify: %+v, %v", r, err)
				}
				for i, f := range r.Faults {
					if f.Cause == "" || !strings.Contains(f.String(), "whole") {
						t.Errorf("fault does not tell: %s", f)
					}
					r.Faults[i].Cause = ""
					if len(tc.want) > i && tc.want[i].Offset < 0 {
						r.Faults[i].Offset = -1
					}
				}
				want := slices.Clone(tc.want)
				for i := range want {
					want[i].Dir = dir
				}
				if !slices.Equal(r.Faults, want) {
					t.Errorf("faults:\n%+v\nwant\n%+v", r.Faults, want)
				}
				r, err = Repair(t.Context(), c.Dir, c.Second)
				if err != nil || len(r.Faults) > 0 || len(r.Repaired) == 0 {
					t.Errorf("repair: %+v, %v", r, err)
				}
				healed(t, dir, whole, harmed)
				j := open(t, c)
				if got := values(t, j); !slices.Equal(got, upTo(12)) {
					t.Errorf("values %v", got)
				}
				shut(t, j)
			})
		}
	}
}

func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	src, err := readPacked(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(src); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// healed checks that dir is as whole is, and that each file that was harmed is
// kept beside.
func healed(t *testing.T, dir, whole string, harmed map[string][]byte) {
	t.Helper()
	got := names(t, dir)
	for _, n := range names(t, whole) {
		if !bytes.Equal(file(t, filepath.Join(dir, n)), file(t, filepath.Join(whole, n))) {
			t.Errorf("%s is not as it was", n)
		}
		got = slices.DeleteFunc(got, func(s string) bool { return s == n })
	}
	for n, b := range harmed {
		if was, err := os.ReadFile(filepath.Join(whole, n)); err == nil && bytes.Equal(was, b) {
			continue
		}
		if !bytes.Equal(file(t, filepath.Join(dir, n+brokenEnd)), b) {
			t.Errorf("%s was not kept as it was found", n)
		}
		got = slices.DeleteFunc(got, func(s string) bool { return s == n+brokenEnd })
	}
	if len(got) > 0 {
		t.Errorf("files too many: %v", got)
	}
}

func TestRepairTouchesNothingThatTheOtherDirectoryCannotHeal(t *testing.T) {
	c, whole := three(t)
	list := names(t, whole)
	newest := filepath.Join(c.Dir, list[2])
	at := offsets(file(t, newest))
	for name, tc := range map[string]struct {
		harm  func()
		other Copy
	}{
		"broken in both": {func() {
			_ = flip(newest, at[0]+300)
			_ = flip(filepath.Join(c.Second, list[2]), at[1]+300)
		}, BrokenCopy},
		"no second": {func() {
			_ = flip(newest, at[0]+300)
			c.Second = ""
		}, NoCopy},
		"the other's copy is of another chain": {func() {
			_ = flip(newest, at[0]+300)
			header, _ := entry.Seal(9, start, 1, []byte("{\"kind\":\"storm\"}\n"), entry.Hash{9})
			write(t, filepath.Join(c.Second, list[2]), append(header, "{\"kind\":\"storm\"}\n"...))
		}, BrokenCopy},
	} {
		t.Run(name, func(t *testing.T) {
			second := c.Second
			defer func() { c.Second = second }()
			copyDir(t, whole, c.Dir)
			copyDir(t, whole, c.Second)
			tc.harm()
			before := file(t, newest)
			r, err := Repair(t.Context(), c.Dir, c.Second)
			if err != nil || r.Whole() || len(r.Repaired) > 0 {
				t.Errorf("repair: %+v, %v", r, err)
			}
			if f := r.Faults[0]; f.Dir != c.Dir || f.Other != tc.other || f.Offset != 0 || f.Batch != 9 {
				t.Errorf("fault: %s", f)
			}
			if !bytes.Equal(file(t, newest), before) || len(names(t, c.Dir)) != 3 {
				t.Error("repair changed the directory")
			}
		})
	}
}

func TestACopyOfWhichNobodyKnowsWhatItJoinsHealsNothing(t *testing.T) {
	c, whole := three(t)
	list := names(t, whole)
	for _, dir := range []string{c.Dir, c.Second} { // the end of the second segment is lost in both
		path := filepath.Join(dir, list[1])
		if err := os.Truncate(path, int64(len(file(t, path))-30)); err != nil {
			t.Fatal(err)
		}
	}
	if err := flip(filepath.Join(c.Dir, list[2]), 300); err != nil {
		t.Fatal(err)
	}
	r, err := Repair(t.Context(), c.Dir, c.Second)
	if err != nil || len(r.Repaired) > 0 || len(r.Faults) != 3 || r.Faults[2].Segment != list[2] || r.Faults[2].Other != BrokenCopy {
		t.Errorf("repair: %+v, %v", r, err)
	}
}

func TestVerifyTellsAGapInBothDirectories(t *testing.T) {
	c, _ := three(t)
	for _, dir := range []string{c.Dir, c.Second} {
		if err := os.Remove(filepath.Join(dir, names(t, dir)[1])); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Verify(t.Context(), c.Dir, c.Second)
	if err != nil || len(r.Faults) != 2 || r.Faults[0].Batch != 5 || r.Faults[1].Dir != c.Second || r.Faults[0].Other != MissingCopy || r.Head != 12 {
		t.Errorf("report: %+v, %v", r, err)
	}
	if got := r.Faults[0].Cause; got != "batches 5 to 8 are missing" {
		t.Errorf("cause: %s", got)
	}
}

func TestVerifyTellsTwoChainsApart(t *testing.T) {
	c := config(t, true)
	_, _ = one(t, c, 3)
	o := config(t, false)
	o.Now = func() time.Time { return start.Add(time.Second) }
	path, _ := one(t, o, 3)
	write(t, filepath.Join(c.Second, filepath.Base(path)), file(t, path))
	r, err := Repair(t.Context(), c.Dir, c.Second)
	if err != nil || len(r.Faults) != 1 || r.Whole() || len(r.Repaired) > 0 {
		t.Errorf("report: %+v, %v", r, err)
	}
}

func TestALaggingDirectoryIsATailThatOpenMends(t *testing.T) {
	c := config(t, true)
	path, wire := one(t, c, 3)
	write(t, filepath.Join(c.Second, filepath.Base(path)), wire[:offsets(wire)[2]])
	r, err := Verify(t.Context(), c.Dir, c.Second)
	if err != nil || len(r.Faults) != 1 || !r.Whole() || r.Faults[0].Batch != 3 || r.Faults[0].Dir != c.Second {
		t.Errorf("report: %+v, %v", r, err)
	}
	shut(t, open(t, c))
	if r, err = Verify(t.Context(), c.Dir, c.Second); err != nil || len(r.Faults) > 0 {
		t.Errorf("after open: %+v, %v", r, err)
	}
}

func TestNoFlippedByteOfAPackedSegmentGivesOtherEntries(t *testing.T) {
	c, whole := three(t)
	want, err := Verify(t.Context(), c.Dir, "")
	if err != nil {
		t.Fatal(err)
	}
	name := names(t, whole)[0]
	found, size := 0, len(file(t, filepath.Join(whole, name)))
	for i := range size {
		copyDir(t, whole, c.Dir)
		if err := flip(filepath.Join(c.Dir, name), i); err != nil {
			t.Fatal(err)
		}
		r, err := Verify(t.Context(), c.Dir, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Faults) > 0 {
			found++
		} else if r.Hash != want.Hash || r.Batches != want.Batches {
			t.Errorf("byte %d flipped: %+v", i, r)
		}
	}
	if found < size*9/10 { // a few bits of the frame's header mean nothing
		t.Errorf("%d of %d flips were found", found, size)
	}
}
