package follower

import (
	"fmt"
	"path/filepath"
	"testing"
)

func sumOf(values ...any) string {
	s := NewSum()
	for _, v := range values {
		s.Add(v)
	}
	return fmt.Sprintf("%x", s.SHA256())
}

// A sum tells lists of values apart that look alike when they are written one after
// the other.
func TestASumSeparatesValues(t *testing.T) {
	lists := [][]any{
		{},
		{""},
		{"", ""},
		{"ab"},
		{"a", "b"},
		{"ab", ""},
		{"", "ab"},
		{"sab"},
		{nil},
		{nil, nil},
		{int64(1)},
		{"1"},
		{1.0},
		{true},
		{"i\x00\x00\x00\x00\x00\x00\x00\x01"},
		{int64(-1)},
		{int64(1), int64(0)},
		{int64(0), int64(1)},
		{"<nil> <nil>;"},
		{"\x01a"},
		{string(make([]byte, 127))},
		{string(make([]byte, 128))},
	}
	seen := map[string]int{}
	for i, values := range lists {
		sum := sumOf(values...)
		if j, known := seen[sum]; known {
			t.Errorf("%#v and %#v have one sum", lists[j], values)
		}
		seen[sum] = i
	}
	if sumOf([]byte("ab")) != sumOf("ab") {
		t.Error("a blob is not what the text of the same bytes is")
	}
}

// What a sum is stands in reports of rebuilds, and is compared between versions.
func TestASumStaysWhatItWas(t *testing.T) {
	const want = "9171c4ee1d2475e6f7d21f4091a971528337a81a6bbdb6a8345b9165e3aa681d"
	if got := sumOf("سی‌وسه‌پل", int64(33), []byte{0, 255}, nil, 0.5); got != want {
		t.Errorf("sum %s, want %s", got, want)
	}
}

func TestRowsAreSummedInTheirOrderWithAllColumns(t *testing.T) {
	f := openAt(t, filepath.Join(t.TempDir(), "notes.db"), notes())
	exec(t, f, "INSERT INTO note (text) VALUES ('one'), ('two')")
	db := readers(t, f)
	sum := NewSum()
	if err := sum.Rows(t.Context(), db, "SELECT * FROM note ORDER BY id DESC"); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%x", sum.SHA256()), sumOf(int64(2), "two", int64(1), "one"); got != want {
		t.Errorf("sum %s, want %s", got, want)
	}
	if err := sum.Rows(t.Context(), db, "SELECT * FROM nowhere"); err == nil {
		t.Error("there is no such table")
	}
}
