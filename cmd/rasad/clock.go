package main

import (
	"context"
	"sync"
	"time"
)

// A clock is the data's clock: it judges whether a reading is late or ahead, and
// moves the tiles. Under serve it is the server's own clock; demo and replay run
// it from another moment, and at another speed.
type clock struct {
	speed float64 // seconds of the data per second of the server; 0: moves only by moveTo

	mu    sync.Mutex
	start time.Time // the data's time at began
	began time.Time // with its monotonic part
}

// newClock returns a clock that shows start now and runs speed times as fast.
func newClock(start time.Time, speed float64) *clock {
	return &clock{speed: speed, start: start, began: time.Now()}
}

// now returns the data's time.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.start.Add(time.Duration(float64(time.Since(c.began)) * c.speed))
}

// moveTo sets the clock on to t; it never sets it back.
func (c *clock) moveTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.start) {
		c.start = t
	}
}

// wait returns when the clock shows until, or with ctx's error.
func (c *clock) wait(ctx context.Context, until time.Time) error {
	left := until.Sub(c.now())
	if left <= 0 || c.speed == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(time.Duration(float64(left) / c.speed))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
