package journal

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// leastFloor is the default floor of free space on small volumes, in bytes.
const leastFloor = 512 << 20

// statfs returns what an ordinary user may still write to the volume of dir, and
// the volume's size, in bytes.
func statfs(dir string) (free, total uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), nil //nolint:unconvert // Bavail is signed on FreeBSD
}

// A room is what is free on the fullest of the journal's volumes, in bytes.
type room struct {
	dir   string
	free  uint64
	total uint64
	floor uint64
}

// room looks at every volume. One that cannot be asked is passed over: writing to
// it will say what is wrong.
func (c *Config) room() room {
	var least room
	for _, dir := range c.dirs() {
		free, total, err := c.Free(dir)
		if err != nil {
			continue
		}
		floor := c.Floor
		if floor == 0 {
			floor = max(total/20, leastFloor)
		}
		if least.dir == "" || free < least.free {
			least = room{dir, free, total, floor}
		}
	}
	return least
}

// A gate is shut from when free space falls below a floor until it has risen to
// seven fifths of it, so that the answer does not flap (5 % and 7 % of a volume).
type gate struct{ low bool }

func (g gate) after(free, floor uint64) gate {
	if g.low {
		return gate{free < floor+floor/5*2}
	}
	return gate{free < floor}
}

// gates holds the gate of readings, and that of acts of people, at half the floor.
type gates struct{ readings, acts gate }

func (g gates) after(r room) gates {
	if r.dir == "" {
		return g
	}
	return gates{g.readings.after(r.free, r.floor), g.acts.after(r.free, r.floor/2)}
}

func (g gates) shut(act bool) bool {
	if act {
		return g.acts.low
	}
	return g.readings.low
}
