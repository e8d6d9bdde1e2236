package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/journal"
	"rasad/register"
	"rasad/server/console"
	"rasad/server/people"
	"rasad/server/signin"
	"rasad/server/tokens"
)

// A tokenKeeper makes and ends tokens: the running server, or the journal itself.
type tokenKeeper interface {
	Issue(ctx context.Context, r tokens.Request) (console.Issued, error)
	Renew(ctx context.Context, id string, days int, by string) (until city.Moment, err error)
	Revoke(ctx context.Context, id, by, why string) error
	List(ctx context.Context) ([]tokens.Listed, error)
}

// A peopleKeeper lets people in and out: the running server, or the journal itself.
type peopleKeeper interface {
	Everybody(ctx context.Context) ([]console.Person, error)
	Carry(ctx context.Context, o console.Order) (console.Person, error)
}

type keeper interface {
	tokenKeeper
	peopleKeeper
}

// withKeeper hands use the running server's socket, or, where no server runs, the
// journal under the lock.
func withKeeper(e *env, c common, use func(keeper) error) error {
	s, err := load(c, network{})
	if err != nil {
		return err
	}
	client, err := console.Dial(e.ctx, s.socket())
	if err == nil {
		return use(client)
	}
	if !errors.Is(err, city.ErrNotFound) {
		return err
	}
	compiled, err := compile(s.name, s.city)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.journalDir(), 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	lock, err := journal.Lock(s.data)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	j, err := journal.Open(journal.Config{Dir: s.journalDir(), Second: s.Journal.Second, Zone: compiled.Clock(), Log: e.log})
	if err != nil {
		return err
	}
	a := &app{settings: s, log: e.log, journal: j}
	return join(a.offline(e.ctx, use), "close journal", j.Close())
}

// offline hands use the journal itself, with the followers that a console needs.
func (a *app) offline(ctx context.Context, use func(keeper) error) error {
	if err := a.openRegister(ctx, false); err != nil {
		return err
	}
	a.tokens = a.newBook()
	err := a.catchUp(ctx, 0, a.tokens.Apply, tokens.Kinds()...)
	if err == nil {
		var h *signin.Hasher
		if h, err = signin.NewHasher(); err == nil {
			err = use(&console.Console{
				Tokens: a.tokens, Log: a.log,
				People: &people.Desk{Register: a.register, Append: a.appendOffline, Hasher: h, Now: time.Now},
			})
		}
	}
	return join(err, "close register", a.register.Close())
}

// appendOffline makes acts durable and lets the register have them at once: it does
// not follow by itself.
func (a *app) appendOffline(ctx context.Context, entries []entry.Entry) (entry.Position, error) {
	pos, err := a.journal.AppendAct(ctx, entries)
	if err != nil {
		return pos, err
	}
	return pos, a.catchUp(ctx, a.register.Applied(), a.register.Apply, register.Kinds()...)
}
