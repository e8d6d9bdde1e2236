package file_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city/file"
)

// golden compares got with a file in testdata, or writes it there: go test -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write what the tests want")
	flag.Parse()
	os.Exit(m.Run())
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s in testdata: %v", pattern, err)
	}
	return names
}

func TestGoodFilesCompileToWhatIsWanted(t *testing.T) {
	for _, name := range files(t, "*.good.yaml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b, err := compile(t, string(src)).Canonical()
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := json.Indent(&out, b, "", "  "); err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(name, ".yaml")+".json", append(out.Bytes(), '\n'))
		})
	}
}

func TestBadFilesAreRefusedInTheWordsThatAreWanted(t *testing.T) {
	for _, name := range files(t, "*.bad.yaml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, err = file.Compile(filepath.Base(name), src)
			if err == nil {
				t.Fatal("it compiles")
			}
			golden(t, strings.TrimSuffix(name, ".yaml")+".txt", []byte(err.Error()+"\n"))
		})
	}
}

func ExampleFaultsError_Error() {
	_, err := file.Compile("city.yaml", []byte(`format: 1
id: village
name: {fa: روستا, en: Village}
zone: Asia/Tehran
departments:
  - id: parks
    name: {fa: پارک‌ها, en: Parks}
    bdoy: {fa: شهرداری, en: Municipality}
`))
	fmt.Println(err)
	// Output:
	// city.yaml:8:5: unknown key "bdoy": did you mean "body"?
	// 	    bdoy: {fa: شهرداری, en: Municipality}
	// 	    ^
}
