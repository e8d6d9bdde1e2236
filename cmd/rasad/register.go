package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"rasad/register"
)

func (s *settings) registerFile() string { return filepath.Join(s.data, "register.db") }

// openRegister opens the register and lets it catch up with the journal. Without
// follow it stays there: a subcommand applies what it appends by itself.
func (a *app) openRegister(ctx context.Context, follow bool) (err error) {
	a.register, err = register.Open(register.Config{Path: a.registerFile(), Log: a.log.With("room", "register")})
	if err != nil {
		return err
	}
	if err := a.catchUp(ctx, a.register.Applied(), a.register.Apply, register.Kinds()...); err != nil {
		return fmt.Errorf("apply journal to register: %w", err)
	}
	if follow {
		a.parts.start("register", func(ctx context.Context) error {
			return a.journal.Follow(ctx, a.register.Applied(), a.followed("register", a.register.Apply), register.Kinds()...)
		})
	}
	return nil
}

// remove deletes a follower's SQLite file and what lies beside it.
func remove(file string) error {
	for _, tail := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(file + tail); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("delete %s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

// rebuildRegister builds the register again from the journal.
func (a *app) rebuildRegister(ctx context.Context, report func(string, ...any)) error {
	start := time.Now()
	if err := a.openRegister(ctx, false); err != nil {
		return err
	}
	digest, err := a.register.Digest(ctx)
	counts := a.register.Counts()
	report("register: %d cases, %d acts, in %.1f s; digest %s\n", counts.Cases, counts.Acts, time.Since(start).Seconds(), digest)
	return join(err, "close register", a.register.Close())
}
