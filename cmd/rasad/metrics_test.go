package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestMetricsNameEachSourceEachScreenAndEachStage(t *testing.T) {
	p := demoAt(t, "2027-03-24T18:40")
	conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/ws?view=hall", nil)
	if err != nil {
		t.Fatalf("open a socket of the hall: %v (%v)", err, res)
	}
	_ = res.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	var shown struct {
		Sources []struct {
			ID    string
			State string
			Last  *time.Time `json:"last_at"`
		}
	}
	eventually(t, time.Minute, func() string {
		p.get("/api/v1/operate/sources", &shown)
		for _, s := range shown.Sources {
			if s.Last != nil && s.State == "fresh" {
				return ""
			}
		}
		return "no source has spoken yet"
	})
	for _, s := range shown.Sources {
		if s.Last != nil && p.metric(fmt.Sprintf("rasad_source_last_timestamp_seconds{source=%q}", s.ID)) < float64(s.Last.Unix()) {
			t.Errorf("source %s spoke of %s, its metric is older", s.ID, s.Last)
		}
	}
	if n := p.metric(`rasad_view_clients{view="hall"}`); n != 1 {
		t.Errorf("the hall has %v clients, want 1", n)
	}
	if at := time.UnixMilli(int64(1000 * p.metric(`rasad_view_frame_timestamp_seconds{view="hall"}`))); time.Since(at) > time.Minute || time.Until(at) > time.Second {
		t.Errorf("the newest frame of the hall was made %s ago", time.Since(at))
	}
	for _, follower := range []string{"days", "register", "tokens"} {
		if p.metric(fmt.Sprintf("rasad_follower_delay_seconds_count{follower=%q}", follower)) == 0 {
			t.Errorf("no delay of %s was measured", follower)
		}
		if lag := p.metric(fmt.Sprintf("rasad_follower_lag_batches{follower=%q}", follower)); lag > 100 {
			t.Errorf("%s is %v batches behind", follower, lag)
		}
	}
}
