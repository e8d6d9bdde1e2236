package server

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rasad/city"
	"rasad/server/hub"
)

// A tileView is a tile as measure.Tile.AppendJSON writes it.
type tileView struct {
	ID          string            `json:"id" doc:"the indicator's id; behind a slash the group's"`
	Indicator   string            `json:"indicator"`
	Group       map[string]string `json:"group" doc:"empty for the whole city, else place, district or department"`
	Value       *float64          `json:"value" doc:"in unit; null where there is no data, which is not zero"`
	Unit        string            `json:"unit"`
	Status      string            `json:"status" enum:"ok,watch,alert,none"`
	At          *time.Time        `json:"at" doc:"the source's time of the newest reading in it"`
	TTL         int64             `json:"ttl_seconds" doc:"how long after at it is fresh; 0: it does not grow stale"`
	Coverage    *coverageView     `json:"coverage"`
	Provisional bool              `json:"provisional"`
	Revision    uint64            `json:"revision" doc:"number of the journal's batch that last changed it"`
	Revised     bool              `json:"revised" doc:"data that came more than 48 hours late are in it"`
}

type coverageView struct {
	Reporting int `json:"reporting"`
	Expected  int `json:"expected"`
}

// A frameView is a snapshot or patch as the sockets carry it.
type frameView struct {
	Type    string     `json:"type" enum:"snapshot,patch"`
	View    string     `json:"view,omitempty"`
	Epoch   string     `json:"epoch,omitempty" doc:"another one is another start of the server"`
	Rev     uint64     `json:"rev"`
	Since   uint64     `json:"since,omitempty" doc:"of a patch: the revision that it builds upon"`
	Now     time.Time  `json:"now" doc:"the data's clock"`
	Version string     `json:"version,omitempty"`
	Tiles   []tileView `json:"tiles"`
}

type tilesQuery struct {
	View  string `query:"view" default:"all" doc:"a screen, a department, or all"`
	Since string `query:"since" doc:"epoch:revision of an earlier answer"`
}

// tiles answers with the frame that a socket would carry now: the snapshot of a
// view, or with since=EPOCH:REV the patch from that revision where there is one.
func (s *Server) tiles(_ context.Context, q *tilesQuery) (*output[made[frameView]], error) {
	snapshot, err := s.parts.Board.Snapshot(q.View)
	if err != nil {
		return nil, err
	}
	if q.Since != "" {
		epoch, text, ok := cutLast(q.Since, ":")
		rev, err := strconv.ParseUint(text, 10, 64)
		if !ok || err != nil {
			return nil, city.Refuse(city.ErrInvalid, city.Text{FA: "since باید به شکل epoch:revision باشد، چنان‌که پاسخ پیشین گفته است", EN: "since: want epoch:revision as an earlier answer gave them"})
		}
		if epoch == snapshot.Epoch {
			if tiles, now, ok := s.parts.Board.Since(q.View, rev); ok {
				return give(made[frameView]{hub.AppendPatch(nil, rev, now, tiles, s.parts.Now())}), nil
			}
		}
	}
	return give(made[frameView]{hub.AppendSnapshot(nil, snapshot, s.parts.Now(), s.version)}), nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
