package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rasad/entry"
)

// one makes a journal of one segment with n batches, and returns its file's path
// and bytes.
func one(t *testing.T, c Config, n int) (string, []byte) {
	t.Helper()
	j := open(t, c)
	put(t, j, 0, n)
	shut(t, j)
	path := filepath.Join(c.Dir, names(t, c.Dir)[0])
	return path, file(t, path)
}

func TestATailTornAtAnyByteIsCutAndKept(t *testing.T) {
	c := config(t, false)
	path, whole := one(t, c, 4)
	from := offsets(whole)[3]
	if len(whole)-from < 300 {
		t.Fatalf("the last batch has only %d bytes", len(whole)-from)
	}
	for cut := from; cut < len(whole); cut++ {
		write(t, path, whole[:cut])
		d := &diary{}
		c.Log = d.log()
		j := open(t, c)
		if j.Head() != 3 {
			t.Fatalf("cut at %d: head is %d, want 3", cut, j.Head())
		}
		put(t, j, 3, 4)
		if got := values(t, j); !slices.Equal(got, upTo(4)) {
			t.Fatalf("cut at %d: values %v", cut, got)
		}
		shut(t, j)
		if got := file(t, path); !bytes.Equal(got, whole) {
			t.Fatalf("cut at %d: the segment is not as it was", cut)
		}
		if cut == from {
			continue
		}
		if got := file(t, path+tornEnd); !bytes.Equal(got, whole[from:cut]) || !d.has("torn tail cut") {
			t.Fatalf("cut at %d: %d bytes kept; log: %s", cut, len(got), d.buf.String())
		}
		if err := os.Remove(path + tornEnd); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATailOfZerosIsCut(t *testing.T) { // what a power cut leaves where the length was written before the bytes
	c := config(t, false)
	path, whole := one(t, c, 3)
	write(t, path, append(bytes.Clone(whole), make([]byte, 5000)...))
	if j := open(t, c); j.Head() != 3 {
		t.Errorf("head is %d", j.Head())
	}
	if got := file(t, path); !bytes.Equal(got, whole) {
		t.Error("the segment is not as it was")
	}
}

func TestTornTailsAreKeptBesideEachOther(t *testing.T) {
	c := config(t, false)
	path, whole := one(t, c, 2)
	for range 2 {
		write(t, path, append(bytes.Clone(whole), `{"v":1,`...))
		shut(t, open(t, c))
	}
	want := []string{filepath.Base(path), filepath.Base(path) + ".2.torn", filepath.Base(path) + ".torn"}
	if got := names(t, c.Dir); !slices.Equal(got, want) {
		t.Errorf("files: %v, want %v", got, want)
	}
}

func TestAStopRightAfterASegmentWasMadeLeavesNoTrace(t *testing.T) {
	for name, bytes := range map[string]string{"empty": "", "torn": `{"v":1,"bat`} {
		t.Run(name, func(t *testing.T) {
			c := config(t, false)
			path, _ := one(t, c, 3)
			next := filepath.Join(c.Dir, "000000000004-2027-03-22.rasad")
			write(t, next, []byte(bytes))
			j := open(t, c)
			put(t, j, 3, 4)
			if got := values(t, j); !slices.Equal(got, upTo(4)) {
				t.Errorf("values %v", got)
			}
			want := []string{filepath.Base(path)}
			if bytes != "" {
				want = append(want, filepath.Base(next)+tornEnd)
			}
			if got := names(t, c.Dir); !slices.Equal(got, want) {
				t.Errorf("files: %v, want %v", got, want)
			}
		})
	}
	c := config(t, false)
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(c.Dir, "000000000001-2027-03-22.rasad"), nil)
	if j := open(t, c); j.Head() != 0 {
		t.Errorf("the very first segment: head is %d", j.Head())
	}
}

func TestAFlippedByteInTheMiddleStopsOpenWithItsPlace(t *testing.T) {
	c := config(t, false)
	path, whole := one(t, c, 6)
	at := offsets(whole)
	for batch := 1; batch < 6; batch++ {
		for i := at[batch-1]; i < at[batch]; i += 7 {
			flipped := bytes.Clone(whole)
			flipped[i] ^= 0x04
			write(t, path, flipped)
			_, err := Open(c)
			var broken *BrokenError
			if !errors.As(err, &broken) || broken.Segment != path || broken.Offset != int64(at[batch-1]) || broken.Batch != uint64(batch) {
				t.Fatalf("byte %d of batch %d: %v", i, batch, err)
			}
			if !strings.Contains(err.Error(), "rasad verify --repair") {
				t.Fatalf("the error does not tell the cure: %v", err)
			}
			if got := file(t, path); !bytes.Equal(got, flipped) || len(names(t, c.Dir)) != 1 {
				t.Fatal("open changed a broken journal")
			}
		}
	}
}

func TestAFlippedNewlineBeforeTheLastBatchDoesNotPassForATornTail(t *testing.T) {
	c := config(t, false)
	path, whole := one(t, c, 3)
	whole[offsets(whole)[2]-1] = ' ' // the header of batch 3 begins no line any more
	write(t, path, whole)
	var broken *BrokenError
	if _, err := Open(c); !errors.As(err, &broken) || broken.Batch != 2 {
		t.Errorf("open: %v", err)
	}
}

func TestAWholeBatchThatDoesNotJoinIsNoTornTail(t *testing.T) {
	c := config(t, false)
	path, whole := one(t, c, 3)
	at := offsets(whole)
	for name, wire := range map[string][]byte{
		"one is missing before it": slices.Concat(whole[:at[1]], whole[at[2]:]),
		"it stands there twice":    slices.Concat(whole, whole[at[2]:]),
	} {
		write(t, path, wire)
		var broken *BrokenError
		if _, err := Open(c); !errors.As(err, &broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	header, _ := entry.Seal(4, start, 1, whole[at[0]:at[1]][bytes.IndexByte(whole, '\n')+1:], entry.Hash{1})
	write(t, path, slices.Concat(whole, header, whole[at[0]:at[1]][bytes.IndexByte(whole, '\n')+1:]))
	var broken *BrokenError
	if _, err := Open(c); !errors.As(err, &broken) || broken.Batch != 4 {
		t.Errorf("it carries another hash: %v", err)
	}
}

func TestASegmentUnderAnotherNumberStopsOpen(t *testing.T) {
	c := config(t, false)
	path, _ := one(t, c, 3)
	if err := os.Rename(path, filepath.Join(c.Dir, "000000000002-2027-03-21.rasad")); err != nil {
		t.Fatal(err)
	}
	var broken *BrokenError
	if _, err := Open(c); !errors.As(err, &broken) || broken.Batch != 2 || broken.Offset != 0 {
		t.Errorf("open: %v", err)
	}
}

func TestAnOlderBatchBehindATornTailProvesNothing(t *testing.T) {
	c := config(t, false)
	path, whole := one(t, c, 3)
	write(t, path, slices.Concat(whole, []byte(`{"v":1,"ba`), whole[:offsets(whole)[1]]))
	if j := open(t, c); j.Head() != 3 {
		t.Errorf("head is %d", j.Head())
	}
	if got := file(t, path); !bytes.Equal(got, whole) {
		t.Error("the segment is not as it was")
	}
}

func TestMoreThanOneWriteCanTearIsNoTornTail(t *testing.T) {
	c := config(t, false)
	path, whole := one(t, c, 2)
	write(t, path, append(whole, make([]byte, maxWire+1)...))
	var broken *BrokenError
	if _, err := Open(c); !errors.As(err, &broken) {
		t.Errorf("open: %v", err)
	}
}

func TestATornTailBeforeAnotherSegmentIsBroken(t *testing.T) {
	c := config(t, false)
	days(t, c, 2)
	list := names(t, c.Dir)
	path := filepath.Join(c.Dir, list[1]) // packed or plain: cut short it is neither torn nor whole
	whole := file(t, path)
	write(t, path, whole[:len(whole)-20])
	var broken *BrokenError
	if _, err := Open(c); !errors.As(err, &broken) {
		t.Errorf("open: %v", err)
	}
}

func TestAnUnknownVersionStopsOpen(t *testing.T) {
	c := config(t, false)
	path, whole := one(t, c, 2)
	write(t, path, append(whole, "{\"v\":2,\"anything\":true}\n"...))
	var broken *BrokenError
	if _, err := Open(c); !errors.Is(err, entry.ErrVersion) || !errors.As(err, &broken) || broken.Offset != int64(len(whole)) {
		t.Errorf("open: %v", err)
	}
}

func TestAMissingSegmentStopsOpen(t *testing.T) {
	c := config(t, false)
	days(t, c, 2)
	if err := os.Remove(filepath.Join(c.Dir, names(t, c.Dir)[1])); err != nil {
		t.Fatal(err)
	}
	var broken *BrokenError
	if _, err := Open(c); !errors.As(err, &broken) || broken.Batch != 3 {
		t.Errorf("open: %v", err)
	}
}

func TestTwoSegmentsOfOneBatchStopOpen(t *testing.T) {
	c := config(t, false)
	_, whole := one(t, c, 2)
	write(t, filepath.Join(c.Dir, "000000000001-2027-03-22.rasad"), whole)
	var broken *BrokenError
	if _, err := Open(c); !errors.As(err, &broken) {
		t.Errorf("open: %v", err)
	}
}

func TestTheSecondDirectoryHealsAFlippedTail(t *testing.T) {
	for _, first := range []bool{true, false} {
		c := config(t, true)
		path, whole := one(t, c, 3)
		from := offsets(whole)[2]
		if !first {
			path = filepath.Join(c.Second, filepath.Base(path))
		}
		for i := from; i < len(whole); i += 5 {
			flipped := bytes.Clone(whole)
			flipped[i] ^= 0x04
			write(t, path, flipped)
			j, err := Open(c)
			if i == from+len(`{"v":`) { // a newer version, for all that Open can know
				if !errors.Is(err, entry.ErrVersion) {
					t.Fatalf("version flipped: %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("byte %d flipped: %v", i, err)
			}
			shut(t, j)
			if got := file(t, path); !bytes.Equal(got, whole) {
				t.Fatalf("byte %d flipped: the segment is not as it was", i)
			}
			if err := os.Remove(path + tornEnd); err != nil {
				t.Fatalf("byte %d flipped: nothing kept: %v", i, err)
			}
		}
	}
}

func TestADirectoryThatIsBehindIsBroughtUp(t *testing.T) {
	c := config(t, true)
	days(t, c, 3)
	packed(t, c.Dir)
	packed(t, c.Second)
	a, b := c.Dir, c.Second
	whole := filepath.Join(t.TempDir(), "whole")
	copyDir(t, a, whole)
	newest := names(t, whole)[2]
	wire := file(t, filepath.Join(whole, newest))
	for name, lag := range map[string]func(dir string){
		"one batch":    func(dir string) { write(t, filepath.Join(dir, newest), wire[:offsets(wire)[2]]) },
		"torn batch":   func(dir string) { write(t, filepath.Join(dir, newest), wire[:offsets(wire)[1]+9]) },
		"torn first":   func(dir string) { write(t, filepath.Join(dir, newest), wire[:9]) },
		"one segment":  func(dir string) { _ = os.Remove(filepath.Join(dir, newest)) },
		"all segments": func(dir string) { _ = os.RemoveAll(dir) },
		"nothing":      func(string) {},
	} {
		for _, dir := range []string{a, b} {
			t.Run(name, func(t *testing.T) {
				copyDir(t, whole, a)
				copyDir(t, whole, b)
				lag(dir)
				j := open(t, c)
				if got := values(t, j); !slices.Equal(got, upTo(9)) {
					t.Errorf("values %v", got)
				}
				put(t, j, 9, 10)
				shut(t, j)
				r, err := Verify(t.Context(), a, b)
				if err != nil || len(r.Faults) > 0 || r.Batches != 10 {
					t.Errorf("verify: %+v, %v", r, err)
				}
				last := file(t, filepath.Join(a, names(t, a)[2]))
				if other := file(t, filepath.Join(b, newest)); !bytes.Equal(last, other) {
					t.Error("the directories differ")
				}
			})
		}
	}
}

func TestTwoDirectoriesWithDifferentBatchesAreNotMixed(t *testing.T) {
	c, other := config(t, true), config(t, false)
	path, _ := one(t, c, 3)
	for n, batches := range map[string]int{"as long": 3, "shorter": 2, "longer": 4} {
		if err := os.RemoveAll(other.Dir); err != nil {
			t.Fatal(err)
		}
		o := other
		o.Now = func() time.Time { return start.Add(1e9) }
		_, foreign := one(t, o, batches)
		write(t, filepath.Join(c.Second, filepath.Base(path)), foreign)
		var broken *BrokenError
		if _, err := Open(c); !errors.As(err, &broken) {
			t.Errorf("%s: %v", n, err)
		}
		if got := file(t, filepath.Join(c.Second, filepath.Base(path))); !bytes.Equal(got, foreign) {
			t.Errorf("%s: open changed it", n)
		}
	}
}

func TestTheGoldenSegmentIsAJournal(t *testing.T) {
	c := config(t, false)
	name := "000000000001-2027-03-21.rasad"
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		t.Fatal(err)
	}
	golden := file(t, filepath.Join("..", "entry", "testdata", name))
	write(t, filepath.Join(c.Dir, name), golden)
	r, err := Verify(t.Context(), c.Dir, "")
	if err != nil || len(r.Faults) > 0 || r.Batches != 4 || r.Entries != 35 || r.Bytes != int64(len(golden)) {
		t.Errorf("verify: %+v, %v", r, err)
	}
	j := open(t, c)
	put(t, j, 0, 1)
	if got := collect(t, j, 0, 5); got[2].Entries[5].Kind() != "storm" || got[4].Entries[0].Kind() != entry.KindReading {
		t.Errorf("entries: %+v", got)
	}
}

func FuzzScan(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("..", "entry", "testdata", "000000000001-2027-03-21.rasad"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden, 0, []byte{})
	f.Add(golden, 700, []byte("x"))
	f.Fuzz(func(t *testing.T, wire []byte, at int, with []byte) {
		if at >= 0 && at < len(wire) {
			wire = slices.Concat(wire[:at], with, wire[min(len(wire), at+len(with)):])
		}
		in := scan("fuzz", bytes.NewReader(wire), tip{known: true})
		for offset := int64(-1); ; {
			w, err := in.next()
			if err == nil {
				if w.offset <= offset || !w.Seals(w.body) {
					t.Fatalf("batch %d at %d after %d", w.Number, w.offset, offset)
				}
				offset = w.offset
				continue
			}
			var fault *BrokenError
			if !errors.As(err, &fault) || !in.resync() {
				return
			}
			if in.offset <= fault.Offset {
				t.Fatalf("resync went from %d to %d", fault.Offset, in.offset)
			}
		}
	})
}
