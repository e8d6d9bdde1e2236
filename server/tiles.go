package server

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/server/hub"
)

// getTiles answers with the frame that a socket would carry now: the snapshot of a
// view, or with since=EPOCH:REV the patch from that revision where there is one.
func (s *Server) getTiles(c *fiber.Ctx) error {
	view := c.Query("view", "all")
	snapshot, err := s.parts.Board.Snapshot(view)
	if err != nil {
		return err
	}
	if since := c.Query("since"); since != "" {
		epoch, text, ok := cutLast(since, ":")
		rev, err := strconv.ParseUint(text, 10, 64)
		if !ok || err != nil {
			return fmt.Errorf("%w since: want epoch:revision as an earlier answer gave them", city.ErrInvalid)
		}
		if epoch == snapshot.Epoch {
			if tiles, now, ok := s.parts.Board.Since(view, rev); ok {
				return sendJSON(c, hub.AppendPatch(nil, rev, now, tiles, s.parts.Now()))
			}
		}
	}
	return sendJSON(c, hub.AppendSnapshot(nil, snapshot, s.parts.Now(), s.version))
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
