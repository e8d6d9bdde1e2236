package server

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"rasad/city"
	"rasad/city/fa"
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

	Grown int64         // bytes that all that is kept beside the journal, and the journal, grew by
	Over  time.Duration // in which time, up to now; below an hour it says too little
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
	PerDay   *int64     `json:"grows_per_day_bytes" doc:"all that is kept, with days, register and photos, at the pace of the last day or since the start; null where days_left is"`
	DaysLeft *float64   `json:"days_left" doc:"until the floor, at that pace; null where it is not known yet, or nothing grows"`
	NoDays   city.Text  `json:"days_left_why" doc:"why days_left is null; empty where it is not"`
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
	v.Journal.PerDay, v.Journal.DaysLeft, v.Journal.NoDays = j.daysLeft()
	for i, f := range is.Followers {
		v.Followers[i] = followerView{f.Name, f.Applied, j.Head - min(f.Applied, j.Head), f.Words}
	}
	return give(v), nil
}

// paceAfter is how long growth is watched before it says how a day will be.
const paceAfter = time.Hour

// daysLeft returns how much is kept more each day, and for how many such days the
// free space above the floor is enough; or, in words, why nobody knows.
func (j *JournalStatus) daysLeft() (perDay *int64, left *float64, why city.Text) {
	switch {
	case j.Over < paceAfter:
		minutes := fmt.Sprint(int((paceAfter - j.Over + time.Minute - 1) / time.Minute))
		return nil, nil, city.Text{
			FA: "آهنگ رشد داده‌ها هنوز روشن نیست؛ تا " + fa.Digits(minutes) + " دقیقهٔ دیگر سنجیده می‌شود",
			EN: "How fast the data grow is not known yet; it will be in " + minutes + " min",
		}
	case j.Grown <= 0:
		return nil, nil, city.Text{FA: "در این مدت داده‌ها بزرگ‌تر نشده‌اند", EN: "The data have not grown in this time"}
	}
	day := float64(j.Grown) * float64(24*time.Hour) / float64(j.Over)
	return new(int64(day)), new(float64(j.Free-min(j.Floor, j.Free)) / day), city.Text{}
}
