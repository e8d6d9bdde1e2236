package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLinksThatLeadNowhereAreNamedWithTheirLine(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.md":     "# One\n[b](sub/b.md) [c](sub/b.md#the-second-part) [self](#one)\n![gone](gone.png)\n```\n[no link](nowhere)\n```\n[x](sub/b.md#none) `[y](nowhere)`\n",
		"sub/b.md": "# B\n## The second part!\n[up](../a.md) [world](https://example.org/x) [lost](c.md \"title\")\n",
		"other.go": "// [z](nowhere)\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pages, faults, err := look(dir)
	if err != nil || pages != 2 {
		t.Fatalf("%d pages, %v; want 2", pages, err)
	}
	got := strings.ReplaceAll(strings.Join(faults, "\n"), dir+string(filepath.Separator), "")
	want := "a.md:3: gone.png: no such file\na.md:7: sub/b.md#none: no such heading\nsub/b.md:3: c.md: no such file"
	if got != want {
		t.Errorf("found:\n%s\nwant:\n%s", got, want)
	}
}
