package server

import (
	"context"

	"rasad/entry"
	"rasad/register"
	"rasad/server/people"
)

// errLater says that an act is durable, and that what becomes of it is not known yet.
var errLater = people.ErrLater

// act makes an act durable and returns what became of it. Where the register does
// not say so in time, the error is errLater and the outcome has the position alone.
func (s *Server) act(ctx context.Context, a *entry.Act) (register.Outcome, error) {
	return s.desk.Act(ctx, a)
}

// actID returns an id for an act that the server itself is the author of.
func actID() (string, error) { return people.Random(16) }
