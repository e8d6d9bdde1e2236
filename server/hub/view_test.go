package hub

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rasad/city"
	"rasad/live"
	"rasad/measure"
)

// follow applies a frame as a wall does, and fails on a patch that does not fit.
func follow(t *rapid.T, f *frame, rev uint64, tiles map[string]float64) uint64 {
	var text frameText
	if err := json.Unmarshal(f.text, &text); err != nil {
		t.Fatalf("frame %s: %v", f.text, err)
	}
	switch text.Type {
	case "snapshot":
		clear(tiles)
	case "patch":
		if text.Since != rev {
			t.Fatalf("patch since %d for a client at %d", text.Since, rev)
		}
	default:
		t.Fatalf("frame of type %q", text.Type)
	}
	for _, tile := range text.Tiles {
		tiles[tile.ID] = tile.Value
	}
	return text.Rev
}

func TestAClientThatMissesTicksEndsUpLikeOneThatMissesNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type held struct {
			rev   uint64
			whole bool
			tiles map[string]float64
		}
		b := newBoard(6)
		h := New(Config{Board: b, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		v := newView(h, "hall")
		clients := make([]held, 4)
		for i := range clients {
			clients[i] = held{whole: true, tiles: map[string]float64{}}
		}
		serve := func(i int) {
			c := &clients[i]
			f, rev, _ := v.after(c.rev, c.whole)
			if f == nil {
				return
			}
			if got := follow(t, f, c.rev, c.tiles); got != rev {
				t.Fatalf("frame brings to %d, the hub believes %d", got, rev)
			}
			c.rev, c.whole = rev, false
		}
		v.advance(time.Now())
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch n := rapid.IntRange(0, 12).Draw(t, "step"); {
			case n < 4:
				b.set(rapid.IntRange(0, len(b.tiles)-1).Draw(t, "tile"), rapid.Int64Range(0, 9).Draw(t, "value"))
			case n < 7:
				v.advance(time.Now())
			case n < 11:
				serve(rapid.IntRange(0, 3).Draw(t, "client"))
			case n == 11:
				clients[rapid.IntRange(0, 3).Draw(t, "reset")] = held{whole: true, tiles: map[string]float64{}}
			default: // another set of tiles
				b.rev++
				b.floor = b.rev
				for i := range b.revs {
					b.revs[i] = b.rev
				}
			}
		}
		v.advance(time.Now())
		for i := range clients {
			serve(i)
			for n := range b.tiles {
				id := fmt.Sprintf("number-%d", n)
				if got, want := clients[i].tiles[id], float64(b.tiles[n].Figure.Value); got != want {
					t.Fatalf("client %d shows %s = %v, the board %v", i, id, got, want)
				}
			}
		}
	})
}

func TestFramesAreMadeOnceAndShared(t *testing.T) {
	b := newBoard(2)
	h := New(Config{Board: b, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	v := newView(h, "hall")
	v.advance(time.Now())
	first, rev, _ := v.after(0, true)
	if again, _, _ := v.after(0, true); again != first {
		t.Error("two snapshots of one state")
	}
	b.set(0, 1)
	v.advance(time.Now())
	b.set(1, 1)
	v.advance(time.Now())
	late, now, _ := v.after(rev, false)
	if again, _, _ := v.after(rev, false); again != late || late == nil {
		t.Error("two patches for clients of one revision")
	}
	if f, _, _ := v.after(now, false); f != nil {
		t.Errorf("a frame for one who has everything: %s", f.text)
	}
}

func TestSnapshotAndPatchAreWrittenAsTheWireSays(t *testing.T) {
	at := time.Date(2027, 3, 21, 10, 0, 0, 5e6, time.FixedZone("", 12600))
	tile := measure.Tile{
		Indicator: &city.Indicator{ID: "visits-today", Unit: city.SiteVisit}, Group: measure.Group{By: city.ByPlace, ID: "vank"},
		Figure: measure.Figure{Status: measure.None},
	}
	const one = `{"id":"visits-today/vank","indicator":"visits-today","group":{"place":"vank"},"value":null,"unit":"site_visit","status":"none","at":null,"ttl_seconds":0,"coverage":null,"provisional":false,"revision":0,"revised":false}`
	got := string(AppendSnapshot(nil, live.Snapshot{View: "hall", Epoch: `e"1`, Rev: 41, Tiles: []measure.Tile{tile, tile}}, at, "v1"))
	want := `{"type":"snapshot","view":"hall","epoch":"e\"1","rev":41,"now":"2027-03-21T06:30:00.005Z","version":"v1","tiles":[` + one + "," + one + "]}"
	if got != want {
		t.Errorf("snapshot\n got %s\nwant %s", got, want)
	}
	got = string(AppendPatch(nil, 41, 42, []measure.Tile{tile}, at))
	want = `{"type":"patch","rev":42,"since":41,"now":"2027-03-21T06:30:00.005Z","tiles":[` + one + "]}"
	if got != want {
		t.Errorf("patch\n got %s\nwant %s", got, want)
	}
}
