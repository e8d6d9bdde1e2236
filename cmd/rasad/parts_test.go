package main

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func TestPartsStopInReverseOrder(t *testing.T) {
	var stopped []string // one part at a time writes it: that order is what is tested
	var p parts
	for _, name := range []string{"journal", "days", "server"} {
		p.start(name, func(ctx context.Context) error {
			<-ctx.Done()
			stopped = append(stopped, name)
			return ctx.Err()
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.wait(ctx); err != nil {
		t.Errorf("wait = %v, want nil", err)
	}
	if want := []string{"server", "days", "journal"}; !slices.Equal(stopped, want) {
		t.Errorf("stopped = %q, want %q", stopped, want)
	}
}

func TestAPartThatFailsStopsTheOthers(t *testing.T) {
	full := errors.New("disk is full")
	var p parts
	p.start("server", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	p.start("journal", func(context.Context) error { return full })
	if err := p.wait(t.Context()); !errors.Is(err, full) || err.Error() != "journal: disk is full" {
		t.Errorf("wait = %v, want journal: disk is full", err)
	}
}
