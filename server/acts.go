package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"rasad/entry"
	"rasad/register"
)

// actFor is how long an act waits for the register to have judged it.
const actFor = 2 * time.Second

// errLater says that an act is durable, and that what becomes of it is not known yet.
var errLater = errors.New("the act is kept and not judged yet")

// act makes an act durable and returns what became of it. Where the register does
// not say so in time, the error is errLater and the outcome has the position alone.
func (s *Server) act(ctx context.Context, a *entry.Act) (register.Outcome, error) {
	if err := a.Check(); err != nil {
		return register.Outcome{}, err
	}
	pos, err := s.parts.Append(ctx, []entry.Entry{a})
	if err != nil {
		return register.Outcome{}, fmt.Errorf("keep act: %w", err)
	}
	wait, cancel := context.WithTimeout(ctx, actFor)
	defer cancel()
	if err := s.parts.Register.Wait(wait, pos.Batch); err != nil {
		return register.Outcome{Pos: pos}, errLater
	}
	return s.parts.Register.Outcome(ctx, pos)
}

// actID returns an id for an act that the server itself is the author of.
func actID() (string, error) { return random(16) }

// random returns n random bytes in hexadecimal.
func random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("draw at random: %w", err)
	}
	return hex.EncodeToString(b), nil
}
