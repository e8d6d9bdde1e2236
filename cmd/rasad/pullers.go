package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
	"rasad/measure"
)

// startCollectors opens what the collectors list names, and starts the pullers;
// the door of push is always open to who has a token.
func (a *app) startCollectors() error {
	kinds := collectors.Catalogue()
	for i, c := range a.Collectors {
		if c.Name == "" {
			c.Name = c.Kind
		}
		k := slices.IndexFunc(kinds, func(k collectors.Kind) bool { return k.Name == c.Kind })
		if k < 0 {
			return fmt.Errorf("%w collectors[%d]: kind %q: want one of %s", city.ErrInvalid, i, c.Kind, names(kinds))
		}
		opened, err := kinds[k].Open("settings of "+c.Name, []byte(c.Settings), collectors.Env{
			City: a.city.Load(), Clock: a.clock.now, Wait: a.waitMoment,
			Open: func(name string) (io.ReadCloser, error) { return os.Open(name) },
			Log:  a.log.With("collector", c.Name),
		})
		if err != nil {
			return fmt.Errorf("open collector %s: %w", c.Name, err)
		}
		if opened.Run != nil {
			a.startPuller(c.Name, opened.Run)
		}
	}
	return nil
}

func names(kinds []collectors.Kind) []string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = k.Name
	}
	return list
}

// startPuller starts a puller under the supervisor: what it fetches ends at the
// gate like everything else.
func (a *app) startPuller(name string, run func(context.Context, collectors.Sink) error) {
	who := collectors.Who{ID: name}
	sink := func(ctx context.Context, items []entry.Item, sent []city.Moment) error {
		_, err := a.gate.AcceptSent(ctx, who, items, sent)
		return err
	}
	a.parts.start("collector "+name, func(ctx context.Context) error {
		err := a.doers.Run(ctx, name, func(ctx context.Context) error { return run(ctx, sink) })
		if err == nil { // it has done its work; the program goes on
			<-ctx.Done()
		}
		return err
	})
}

// waitMoment returns when the data's clock has reached a moment.
func (a *app) waitMoment(ctx context.Context, until city.Moment) error {
	return a.clock.wait(ctx, until.Time())
}

// known returns the value that counts for the identity of e, for the words of a
// conflict.
func (a *app) known(e entry.Entry) (city.Steps, bool) {
	zone := a.city.Load().Clock()
	id, ok := entry.IdentityOf(e, zone)
	if !ok {
		return 0, false
	}
	date, key := id.Date, measure.Key{At: id.At, ID: id.ID, State: id.State}
	if id.ID == "" {
		date = zone.Date(id.At)
	}
	raws, err := a.days.Raws(context.Background(), id.Source, date, date, 0)
	if err != nil {
		return 0, false
	}
	for _, r := range slices.Backward(raws) {
		if r.Key() == key {
			return r.V, true
		}
	}
	return 0, false
}
