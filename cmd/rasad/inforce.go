package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rasad/city"
	"rasad/city/file"
	"rasad/entry"
)

// compile reads a city file; the error lists every fault with its place.
func compile(name string, src []byte) (*city.City, error) { return file.Compile(name, src) }

// putInForce compares the city file with the city in force. Where they differ it
// says what changes, and appends the file to the journal; a change that data
// forbids is refused.
func (a *app) putInForce(ctx context.Context, c *city.City, who, why string, say func(string)) error {
	old, _, err := a.days.City(0)
	switch {
	case errors.Is(err, city.ErrNotFound):
		say("city " + c.ID + " comes into force")
	case err != nil:
		return fmt.Errorf("read city in force: %w", err)
	default:
		same, err := equal(old, c)
		if err != nil {
			return err
		}
		if same {
			a.city.Store(old)
			return nil
		}
		if err := a.announce(ctx, old, c, say); err != nil {
			return err
		}
	}
	compiled, err := c.Canonical()
	if err != nil {
		return err
	}
	at, err := a.journal.Append(ctx, []entry.Entry{&entry.City{File: string(a.settings.city), Compiled: compiled, By: who, Why: why}})
	if err != nil {
		return fmt.Errorf("append city: %w", err)
	}
	if err := a.days.Wait(ctx, at.Batch); err != nil {
		return fmt.Errorf("put city in force: %w", err)
	}
	a.city.Store(c)
	return nil
}

// farthest is a date beyond every reading.
const farthest city.Date = 1 << 20

// announce says what changes from old to c, and refuses what data forbids.
func (a *app) announce(ctx context.Context, old, c *city.City, say func(string)) error {
	var refused []string
	for _, ch := range file.Differences(old, c) {
		if !ch.Forbidden {
			say(ch.Text)
			continue
		}
		has, err := a.hasData(ctx, ch.Source)
		if err != nil {
			return err
		}
		if has {
			refused = append(refused, ch.Text)
		} else {
			say(ch.Text)
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("%w city file %s: what has data keeps its unit, its kind and its calendar; give a new quantity an id of its own:\n  %s",
			city.ErrInvalid, a.name, strings.Join(refused, "\n  "))
	}
	return nil
}

// hasData reports whether a source has data; "" stands for any source.
func (a *app) hasData(ctx context.Context, src city.SourceID) (bool, error) {
	if src == "" {
		n := a.days.Counts()
		return n.Readings+n.Events > 0, nil
	}
	raws, err := a.days.Raws(ctx, src, 0, farthest, 0)
	return len(raws) > 0, err
}

func equal(a, b *city.City) (bool, error) {
	x, err := a.Canonical()
	if err != nil {
		return false, err
	}
	y, err := b.Canonical()
	return string(x) == string(y), err
}
