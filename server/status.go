package server

import (
	"context"
	"strconv"
	"time"

	"rasad/city"
)

// A Status is how what lies behind the server stands.
type Status struct {
	Epoch     string // of this start of the server
	Journal   JournalStatus
	Followers []Follower
}

// A JournalStatus says what the journal holds, and how much more it can.
type JournalStatus struct {
	Head     uint64      // number of the newest durable batch
	At       city.Moment // of that batch; 0 where there is none
	Segments int         // files
	Bytes    int64       // of them all
	Today    int64       // bytes since the local day of the server's clock began
	Free     uint64      // bytes on its volume
	Total    uint64      // bytes of that volume
	Floor    uint64      // bytes of free space below which readings are refused
	Refuses  bool        // nothing is being stored; Parts.Ready says why
}

// A Follower is what is made of the journal, batch by batch.
type Follower struct {
	Name    string    // days, register, tokens or influx
	Applied uint64    // number of the newest batch that it knows
	Words   city.Text // what is wrong with it; empty where nothing is
}

type statusView struct {
	Version   string         `json:"version"`
	Epoch     string         `json:"epoch" doc:"of this start of the server"`
	Journal   journalView    `json:"journal"`
	Followers []followerView `json:"followers"`
	Sockets   int            `json:"sockets" doc:"screens that are connected"`
	Ready     bool           `json:"ready"`
	Reasons   []string       `json:"reasons" doc:"in words, why it is not ready"`
	Notes     []string       `json:"notes" doc:"in words, what is wrong beside"`
}

type journalView struct {
	Head     string     `json:"head" doc:"number of the newest durable batch"`
	At       *time.Time `json:"at"`
	Segments int        `json:"segments"`
	Bytes    int64      `json:"bytes"`
	Free     uint64     `json:"free_bytes"`
	Total    uint64     `json:"total_bytes"`
	Floor    uint64     `json:"floor_bytes" doc:"of free space below which readings are refused"`
	Today    int64      `json:"bytes_today"`
	DaysLeft *float64   `json:"days_left" doc:"until the floor, at today's pace; null in the first hour of a day, or where nothing comes"`
	Refuses  bool       `json:"refuses" doc:"nothing is being stored"`
}

type followerView struct {
	Name    string    `json:"name"`
	Applied uint64    `json:"applied" doc:"number of the newest batch that it knows"`
	Lag     uint64    `json:"lag_batches"`
	Words   city.Text `json:"words" doc:"what is wrong with it; empty where nothing is"`
}

// getStatus answers with how the server and what lies behind it stand.
func (s *Server) getStatus(_ context.Context, _ *struct{}) (*output[statusView], error) {
	is := s.parts.Status()
	reasons, notes := s.readiness()
	j := is.Journal
	v := statusView{
		Version: s.parts.Version, Epoch: is.Epoch, Sockets: s.hub.Sockets(), Ready: len(reasons) == 0, Reasons: reasons, Notes: notes,
		Journal: journalView{
			Head: strconv.FormatUint(j.Head, 10), At: optional(j.At), Segments: j.Segments, Bytes: j.Bytes, Free: j.Free, Total: j.Total, Floor: j.Floor,
			Today: j.Today, Refuses: j.Refuses,
		},
		Followers: make([]followerView, len(is.Followers)),
	}
	if c := s.parts.City(); c != nil {
		from, to := c.Clock().Day(c.Clock().Date(s.clock()))
		v.Journal.DaysLeft = j.daysLeft(s.clock()-from, to-from)
	}
	for i, f := range is.Followers {
		v.Followers[i] = followerView{f.Name, f.Applied, j.Head - min(f.Applied, j.Head), f.Words}
	}
	return give(v)
}

// paceAfter is how much of a day says how a whole one will be, in seconds.
const paceAfter = 3600

// daysLeft returns for how many days the free space above the floor is enough, where
// each is as the seconds gone of this one; nil where these do not say.
func (j *JournalStatus) daysLeft(gone, day city.Moment) *float64 {
	if gone < paceAfter || j.Today <= 0 {
		return nil
	}
	perDay := float64(j.Today) * float64(day) / float64(gone)
	left := float64(j.Free-min(j.Floor, j.Free)) / perDay
	return &left
}
