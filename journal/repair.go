package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Repair puts every segment that is broken or missing in one directory back from
// the other one, byte for byte, where the other's copy verifies and joins the
// chain. The broken file is kept beside as *.broken. It takes the locks of both
// directories, so no server may run; the report is of a Verify after the work.
func Repair(ctx context.Context, dir, second string) (Report, error) {
	cfg := Config{Dir: dir, Second: second}
	for _, dir := range cfg.dirs() {
		l, err := Lock(dir)
		if err != nil {
			return Report{}, fmt.Errorf("repair journal: %w", err)
		}
		defer func() { _ = l.Close() }()
	}
	found, err := Verify(ctx, dir, second)
	if err != nil {
		return found, err
	}
	var repaired []string
	for _, c := range found.cures {
		path, err := c.apply(ctx)
		if err != nil {
			return found, fmt.Errorf("repair journal: %w", err)
		}
		repaired = append(repaired, path)
	}
	after, err := Verify(ctx, dir, second)
	after.Repaired = repaired
	return after, err
}

// apply puts the good segment in its place and returns its path there. A stop in
// between leaves the segment missing, which the next Repair cures.
func (c cure) apply(ctx context.Context) (string, error) {
	src, err := os.Open(filepath.Join(c.from, c.good.name()))
	if err != nil {
		return "", err
	}
	defer func() { _ = src.Close() }()
	path := filepath.Join(c.to, c.good.name())
	if err := removeTemps(c.to); err != nil {
		return "", err
	}
	if _, err := keep(path+tempEnd, while(ctx, src)); err != nil {
		return "", err
	}
	if c.bad != nil {
		bad := filepath.Join(c.to, c.bad.name())
		if err := os.Rename(bad, freeName(bad, brokenEnd)); err != nil {
			return "", err
		}
	}
	return path, errors.Join(os.Rename(path+tempEnd, path), syncDir(c.to))
}
