package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// parts are what a running program is made of. They start in the order of start,
// and stop in reverse, each to its end before the next is told: the journal is the
// first up and the last down.
type parts struct {
	running []running
	ended   chan struct{} // gets a token when a part ends by itself; never closed
}

type running struct {
	name string
	stop context.CancelFunc
	err  chan error // gets one value
}

// start runs a part until it is stopped. A part that returns its own context's
// error was stopped and has no fault.
func (p *parts) start(name string, run func(context.Context) error) {
	if p.ended == nil {
		p.ended = make(chan struct{}, 1)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := running{name, stop, make(chan error, 1)}
	p.running = append(p.running, r)
	go func() {
		err := run(ctx)
		if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = nil
		}
		r.err <- err
		select {
		case p.ended <- struct{}{}:
		default:
		}
	}()
}

// wait returns once ctx is done or a part has ended, after it stopped all parts.
// The error joins the faults.
func (p *parts) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-p.ended:
	}
	return p.stop()
}

// stop stops all parts in reverse and joins their faults.
func (p *parts) stop() error {
	var faults []error
	for _, r := range slices.Backward(p.running) {
		r.stop()
		if err := <-r.err; err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", r.name, err))
		}
	}
	p.running = nil
	return errors.Join(faults...)
}
