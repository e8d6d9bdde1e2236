package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rasad/city"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFlagWinsOverTheFileAndTheFileOverTheDefault(t *testing.T) {
	config := write(t, "rasad.yaml", "listen: 127.0.0.1:9000\nhosts: [wall.example]\ninflux: {url: 'http://127.0.0.1:8086'}\njournal: {floor_mb: 64}\n")
	s, err := load(common{Config: config}, network{Listen: "127.0.0.1:7000"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Listen != "127.0.0.1:7000" || s.Hosts[0] != "wall.example" || s.Influx.Bucket != "rasad" || s.Journal.FloorMiB != 64 {
		t.Errorf("settings = %+v", s.fileConfig)
	}
	s, err = load(common{Config: config}, network{Hosts: []string{"other.example"}, FloorMiB: 8})
	if err != nil || s.Listen != "127.0.0.1:9000" || s.Hosts[0] != "other.example" || s.Journal.FloorMiB != 8 {
		t.Errorf("settings = %+v, %v", s.fileConfig, err)
	}
}

func TestAnUnknownSettingIsAFaultWithItsPlace(t *testing.T) {
	config := write(t, "rasad.yaml", "listen: 127.0.0.1:9000\nlisten_on: all\n")
	_, err := load(common{Config: config}, network{})
	if !errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), "rasad.yaml:2:1") || !strings.Contains(err.Error(), "^") {
		t.Errorf("load = %v; want the place and a caret", err)
	}
}

func TestASecretComesFromAFile(t *testing.T) {
	secret := write(t, "token", "very-secret\n")
	s, err := load(common{}, network{InfluxToken: secret})
	if err != nil || s.Influx.Token != "very-secret" {
		t.Errorf("token = %q, %v", s.Influx.Token, err)
	}
	if _, err := load(common{}, network{InfluxToken: secret + ".gone"}); !errors.Is(err, city.ErrInvalid) {
		t.Errorf("a missing file = %v, want ErrInvalid", err)
	}
}

func TestTimesAreReadInTheCitysZone(t *testing.T) {
	zone, err := city.OpenZone("Asia/Tehran")
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2027, 3, 24, 14, 30, 0, 0, time.UTC)
	for _, s := range []string{"2027-03-24T18:00", "2027-03-24 18:00", "2027-03-24T18:00:00", "2027-03-24T14:30:00Z", "2027-03-24T18:00:00+03:30"} {
		if got, err := parseTime(s, zone); err != nil || !got.Equal(want) {
			t.Errorf("parseTime(%q) = %v, %v; want %v", s, got, err, want)
		}
	}
	if _, err := parseTime("tomorrow", zone); !errors.Is(err, city.ErrInvalid) {
		t.Errorf("parseTime(tomorrow) = %v, want ErrInvalid", err)
	}
}

func TestTheClockRunsAtItsSpeedAndNeverBack(t *testing.T) {
	start := time.Date(2027, 3, 24, 0, 0, 0, 0, time.UTC)
	still := newClock(start, 0)
	still.moveTo(start.Add(time.Hour))
	still.moveTo(start) // back: nothing
	if got := still.now(); !got.Equal(start.Add(time.Hour)) {
		t.Errorf("now = %v, want an hour after the start", got)
	}
	fast := newClock(start, 3600)
	if err := fast.wait(t.Context(), start.Add(30*time.Second)); err != nil {
		t.Error(err)
	}
	if got := fast.now(); got.Before(start.Add(30 * time.Second)) {
		t.Errorf("after wait: %v, want at least half a minute after the start", got)
	}
}
