package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The rules of accessibility that pages are held to: axe-core, as its makers publish
// it. It is fetched once into a cached folder and is no part of the program.
const (
	axeVersion = "4.14.1"
	axeSHA256  = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
)

// axeSource returns the script of axe-core. On a machine that cannot fetch it the
// test is skipped, but not where the project's own checks run.
func axeSource(t testing.TB) string {
	t.Helper()
	script, err := axeOnce()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("fetch axe-core: %v", err)
		}
		t.Skipf("no axe-core here: %v", err)
	}
	return script
}

var axeOnce = sync.OnceValues(func() (string, error) {
	dir := os.Getenv("RASAD_CACHE")
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(base, "rasad")
	}
	path := filepath.Join(dir, "axe-"+axeVersion+".min.js")
	if b, err := os.ReadFile(path); err == nil && sound(b) {
		return string(b), nil
	}
	b, err := fetchAxe(dir)
	if err != nil {
		return "", err
	}
	if !sound(b) {
		return "", errors.New("axe-core is not what it was when it was pinned")
	}
	return string(b), os.WriteFile(path, b, 0o640)
})

func sound(script []byte) bool {
	sum := sha256.Sum256(script)
	return hex.EncodeToString(sum[:]) == axeSHA256
}

// fetchAxe takes the script out of the package that npm knows.
func fetchAxe(dir string) ([]byte, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(dir, "axe-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	pack := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", work, "axe-core@"+axeVersion)
	pack.Dir = work
	if out, err := pack.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack: %w: %s", err, out)
	}
	f, err := os.Open(filepath.Join(work, "axe-core-"+axeVersion+".tgz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if err != nil {
			return nil, fmt.Errorf("unpack axe-core: %w", err)
		}
		if h.Name == "package/axe.min.js" {
			return io.ReadAll(files)
		}
	}
}

// accessible fails the test with what axe-core finds wrong with the page as it is.
func (w *tab) accessible() {
	w.t.Helper()
	eval[bool](w, axeSource(w.t)+"; true")
	ctx, cancel := context.WithTimeout(w.ctx, 2*time.Minute)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"]}).then((r) =>
		r.violations.flatMap((v) => v.nodes.map((n) => v.id + " (" + v.impact + "): " + n.target.join(" ") + ": " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("run axe-core: %v", err)
	}
	if len(found) > 0 {
		w.t.Errorf("axe-core finds %d faults:\n%s", len(found), strings.Join(found, "\n"))
	}
}
