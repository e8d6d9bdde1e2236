package days

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func anyRaw(t *rapid.T) measure.Raw {
	moment := rapid.OneOf(rapid.Int64Range(1_800_000_000, 1_800_086_400), rapid.Int64())
	r := measure.Raw{
		From: city.Moment(moment.Draw(t, "from")), To: city.Moment(moment.Draw(t, "to")),
		V:       city.Steps(rapid.OneOf(rapid.Int64Range(0, 100), rapid.Int64()).Draw(t, "v")),
		Pos:     entry.Position{Batch: rapid.Uint64Range(0, 9).Draw(t, "batch"), Index: rapid.Uint32().Draw(t, "index")},
		LateSec: rapid.SampledFrom([]int64{0, 3601, math.MaxInt64}).Draw(t, "late"),
		Revised: rapid.Bool().Draw(t, "revised"),
		Note:    rapid.SampledFrom([]string{"", "estimated", "دیر رسید"}).Draw(t, "note"),
	}
	if rapid.Bool().Draw(t, "event") {
		word := rapid.SampledFrom([]string{"", "a", "گزارش"})
		r.Event = &measure.Detail{ID: rapid.String().Draw(t, "id"), State: word.Draw(t, "state"), Case: word.Draw(t, "case"), Category: word.Draw(t, "category"), Place: city.PlaceID(word.Draw(t, "place"))}
	}
	return r
}

// A blob that grew bit by bit, read in between, must be the one made at once.
func TestRawsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raws := rapid.SliceOf(rapid.Custom(anyRaw)).Draw(t, "raws")
		cut := rapid.IntRange(0, len(raws)).Draw(t, "cut")
		var c coder
		var blob []byte
		for i := range cut {
			blob = c.append(blob, &raws[i])
		}
		got, again, err := decodeRaws(string(blob), cut)
		if err != nil || again != c || !cmp.Equal(got, raws[:cut], cmpopts.EquateEmpty()) {
			t.Fatalf("first part: %v %+v, want %+v: %s", err, again, c, cmp.Diff(raws[:cut], got))
		}
		for i := cut; i < len(raws); i++ {
			blob = again.append(blob, &raws[i])
		}
		got, _, err = decodeRaws(string(blob), len(raws))
		if err != nil || !cmp.Equal(got, raws, cmpopts.EquateEmpty()) {
			t.Fatalf("all: %v %s", err, cmp.Diff(raws, got))
		}
		if len(blob) > 0 {
			if _, _, err := decodeRaws(string(blob[:len(blob)-1]), len(raws)); err == nil {
				t.Fatal("a cut blob was read")
			}
		}
	})
}

func TestARegularReadingTakesSixBytes(t *testing.T) {
	var c coder
	var blob []byte
	for i := range 96 {
		from := city.Moment(1_800_000_000 + i*900)
		blob = c.append(blob, &measure.Raw{From: from, To: from + 900, V: city.Steps(i * 7 % 60), Pos: entry.Position{Batch: uint64(1000 + i*37), Index: uint32(i % 50)}})
	}
	if len(blob) > 96*6 {
		t.Errorf("96 readings take %d bytes", len(blob))
	}
}

func TestCellsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := make([]measure.Cell, rapid.IntRange(0, 25).Draw(t, "cells"))
		for i := range cells {
			c := &cells[i]
			*c = measure.Cell{
				From: city.Moment(rapid.Int64().Draw(t, "from")), Expected: rapid.Int64Range(0, 60).Draw(t, "expected"), Seen: rapid.Int64Range(0, 60).Draw(t, "seen"),
				Late: rapid.Int64Range(0, 3).Draw(t, "late"), Pos: rapid.Uint64Range(0, 90).Draw(t, "pos"),
			}
			if c.N = rapid.Int64Range(0, 2).Draw(t, "n"); c.N > 0 {
				c.Sum, c.Min, c.Max, c.Last = rapid.Int64().Draw(t, "sum"), rapid.Int64().Draw(t, "min"), rapid.Int64().Draw(t, "max"), rapid.Int64().Draw(t, "last")
				c.LastAt = city.Moment(rapid.Int64().Draw(t, "last at"))
			}
		}
		blob := appendCells(nil, cells, 90)
		got, err := decodeCells(string(blob), 90)
		if err != nil || !cmp.Equal(got, cells) {
			t.Fatalf("%v %s", err, cmp.Diff(cells, got))
		}
		if _, err := decodeCells(string(blob)+"x", 90); err == nil {
			t.Fatal("a blob with something behind it was read")
		}
	})
}

func FuzzDecode(f *testing.F) {
	var c coder
	f.Add(string(c.append(nil, &measure.Raw{From: 1, To: 2, V: 3, Note: "x", Event: &measure.Detail{ID: "a"}})), 1)
	f.Add(string(appendCells(nil, []measure.Cell{{From: 1, N: 1, Sum: 2, Late: 1, Pos: 3}}, 4)), 2)
	f.Fuzz(func(t *testing.T, blob string, n int) {
		if raws, _, err := decodeRaws(blob, n); err == nil && len(raws) != n {
			t.Errorf("%d raws, want %d", len(raws), n)
		}
		if _, err := decodeCells(blob, 7); err != nil && !errors.Is(err, errBroken) {
			t.Error(err)
		}
	})
}

func TestABrokenRowNamesItsDay(t *testing.T) {
	s, b := started(t, Config{CacheReadings: 1})
	ten := local(t, "2027-03-21 10:00")
	apply(t, s, b.add(gate(ten, 5)))
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := s.file.Exec(t.Context(), "UPDATE day SET raws = x'ff'"); err != nil {
		t.Fatal(err)
	}
	again := open(t, Config{Path: s.cfg.Path})
	for _, err := range []error{
		again.Apply(b.add(gate(ten, 5))),
		func() error { _, _, err := again.Day(t.Context(), "gate/in", date(t, "2027-03-21")); return err }(),
		func() error { _, _, err := again.Since(t.Context(), 0, 9); return err }(),
		func() error { _, _, err := again.Standing(gate(ten, 5)); return err }(),
	} {
		if err == nil || !containsAll(err.Error(), "2027-03-21 of gate/in", "broken blob") {
			t.Errorf("error %v does not name the day", err)
		}
	}
	if again.Applied() != 2 {
		t.Errorf("applied %d, want 2", again.Applied())
	}
}
