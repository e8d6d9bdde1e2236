package main

import (
	"context"

	"rasad/city"
	"rasad/server"
)

// heard returns what came of a source, and how much of it on the local day today.
func (a *app) heard(ctx context.Context, src city.SourceID, today city.Date) (server.Heard, error) {
	var h server.Heard
	newest, ok := a.days.Newest(src)
	if !ok {
		return h, nil
	}
	day, ok, err := a.days.Day(ctx, src, newest)
	if err != nil {
		return h, err
	}
	for _, slot := range day.Slots {
		if slot.To >= h.Last {
			h.Last, h.LateSec = slot.To, slot.LateSec
		}
	}
	if ok && newest > today { // of a clock that runs ahead
		if day, _, err = a.days.Day(ctx, src, today); err != nil {
			return h, err
		}
		newest = today
	}
	if newest == today {
		h.Today = int64(len(day.Slots))
	}
	return h, nil
}

// status says how the journal and its followers stand.
func (a *app) status() server.Status {
	info := a.journal.Info()
	s := server.Status{
		Epoch: a.board.Load().Epoch(),
		Journal: server.JournalStatus{
			Head: info.Head, Segments: info.Segments, Bytes: info.Bytes, Today: info.Today,
			Free: info.Free, Total: info.Total, Floor: info.Floor, Refuses: info.Refuses != "",
		},
		Followers: []server.Follower{
			{Name: "days", Applied: a.days.Applied()},
			{Name: "register", Applied: a.register.Applied()},
			{Name: "tokens", Applied: a.tokens.Applied()},
		},
	}
	s.Journal.Grown, s.Journal.Over = a.growth.pace()
	if !info.At.IsZero() {
		s.Journal.At = city.At(info.At)
	}
	if a.writer != nil {
		state := a.writer.State()
		f := server.Follower{Name: "influx", Applied: state.Position}
		if state.Words != "" {
			f.Words = city.Text{FA: "در InfluxDB نوشته نمی‌شود: " + state.Words, EN: state.Words}
		}
		s.Followers = append(s.Followers, f)
	}
	return s
}
