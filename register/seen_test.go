package register

import (
	"path/filepath"
	"testing"
	"time"
)

func TestWhatWasSeenIsKeptAtMostOnceAMinuteAndNotOfTheJournal(t *testing.T) {
	now := bookStart
	path := filepath.Join(t.TempDir(), "register.db")
	cfg := Config{Path: path, Now: func() time.Time { return now }}
	s, _ := started(t, cfg)
	want := digest(t, s)
	inFile := func() (n int) {
		if err := s.file.read.QueryRowContext(t.Context(), "SELECT count(*) FROM seen").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	s.Seen("token", "t1", morning)
	s.Seen("token", "t1", morning-5)
	if s.LastSeen("token", "t1") != morning || s.LastSeen("session", "t1") != 0 || inFile() != 0 {
		t.Error(s.LastSeen("token", "t1"), inFile())
	}
	now = now.Add(time.Minute)
	s.Seen("session", "s1", morning+60)
	if inFile() != 2 {
		t.Errorf("%d are in the file a minute later", inFile())
	}
	s.Seen("session", "s2", morning+60)
	if inFile() != 2 {
		t.Error("written twice within a minute")
	}
	for range 2 {
		if digest(t, s) != want || s.LastSeen("token", "t1") != morning || s.LastSeen("session", "s2") != morning+60 {
			t.Errorf("seen at %s and %s", s.LastSeen("token", "t1"), s.LastSeen("session", "s2"))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, cfg)
	}
	now = now.Add(2 * forgetAfter)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.Seen("token", "t1", morning+90) // closed: it only remembers
	if again := open(t, cfg); again.LastSeen("token", "t1") != 0 {
		t.Error("never forgotten")
	}
}
