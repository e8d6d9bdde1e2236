package file_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"rasad/city"
	"rasad/city/file"
)

func seed(f *testing.F) {
	f.Helper()
	for _, pattern := range []string{"testdata/*.good.yaml", "testdata/*.bad.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	for _, s := range []string{"a: [", "a: {", "? a", "- - - a", "a: |+\n x", "a: \"\\u0000\"", "\xff", "a: 'b", "---\n...\n", "a:\r b", "{a: b, c", "a: !x", "a: &b", "%", "a: >-\n\n", "\u2028: x", "a: b # c"} {
		f.Add([]byte(s))
	}
}

// sound holds that an error is of the kind, and each place in it one of the file.
func sound(t *testing.T, src []byte, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var faults *file.FaultsError
	if !errors.As(err, &faults) || !errors.Is(err, city.ErrInvalid) || len(faults.List) == 0 {
		t.Fatalf("the error of %q is %v", src, err)
	}
	lines := bytes.Count(src, []byte{'\n'}) + bytes.Count(src, []byte{'\r'}) + 1
	for _, f := range faults.List {
		if f.Line < 0 || f.Line > lines || f.Message == "" || f.Line > 0 && f.Column < 1 {
			t.Fatalf("the fault %+v of %q lies nowhere", f, src)
		}
	}
	if text := err.Error(); strings.ContainsAny(text, "\x1b\x00\u202E") || utf8.Valid(src) && !utf8.ValidString(text) {
		t.Fatalf("the error of %q is not fit to print: %q", src, text)
	}
}

func FuzzCompile(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := file.Compile("fuzz.yaml", src)
		sound(t, src, err)
		if err != nil {
			return
		}
		if faults := c.Check(); len(faults) > 0 {
			t.Fatalf("%q compiles, but %v", src, faults)
		}
		first, err := c.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		again, err := city.Decode(first)
		if err != nil {
			t.Fatalf("the canonical form of %q does not decode: %v", src, err)
		}
		if changes := file.Differences(c, again); len(changes) > 0 {
			t.Fatalf("the journal changes %q: %v", src, changes)
		}
	})
}

func FuzzDecode(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		var into settings
		sound(t, src, file.Decode("fuzz.yaml", src, &into))
	})
}
