package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"rasad/journal"
)

// How the data folder is watched.
const (
	weighEvery = 10 * time.Minute
	weighFor   = 24 * time.Hour // back from now: a whole day, with its packing at night
)

// A growth is how much the data folder has grown: the journal, days, register,
// photos, and what waits for InfluxDB. It knows of the time since it runs.
type growth struct {
	dir string
	now func() time.Time

	mu     sync.Mutex
	weighs []weighing // oldest first, the first of them at most weighFor back, or the last before that
}

type weighing struct {
	at    time.Time
	bytes int64
}

// run weighs the folder now and then until ctx ends.
func (g *growth) run(ctx context.Context) error {
	every := time.NewTicker(weighEvery)
	defer every.Stop()
	for {
		if err := g.weigh(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}

// weigh notes how large the folder is now.
func (g *growth) weigh() error {
	bytes, err := sizeOf(g.dir)
	if err != nil {
		return fmt.Errorf("weigh data folder: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.weighs = append(g.weighs, weighing{now, bytes})
	for len(g.weighs) > 2 && now.Sub(g.weighs[1].at) >= weighFor {
		g.weighs = g.weighs[1:]
	}
	return nil
}

// pace returns by how many bytes the folder grew, and in which time: 0 before it was
// weighed twice. It is negative where things were thrown away.
func (g *growth) pace() (bytes int64, over time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.weighs) == 0 {
		return 0, 0
	}
	first, last := g.weighs[0], g.weighs[len(g.weighs)-1]
	return last.bytes - first.bytes, last.at.Sub(first.at)
}

// sizeOf returns the bytes of the files below dir. A file that goes away meanwhile is
// none.
func sizeOf(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return gone(err)
		}
		info, err := d.Info()
		if err != nil {
			return gone(err)
		}
		bytes += info.Size()
		return nil
	})
	return bytes, err
}

// warnBelow is the free part of a volume, in percent, below which operators are told:
// long before the floor, at which nothing is stored any more.
const warnBelow = 15

// runsLow reports whether the fullest volume is nearly full.
func runsLow(info *journal.Info) bool { return info.Free < info.Total/100*warnBelow }

// gone passes over a file that is not there any more.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
