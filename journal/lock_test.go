package journal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"rasad/city"
)

func TestASecondOpenerLearnsWhoHoldsTheLock(t *testing.T) {
	c := config(t, true)
	j := open(t, c)
	for name, other := range map[string]Config{
		"the same":              c,
		"the same first":        {Dir: c.Dir, Zone: c.Zone},
		"its second as a first": {Dir: c.Second, Zone: c.Zone},
		"its second":            {Dir: t.TempDir(), Second: c.Second, Zone: c.Zone},
	} {
		var used *InUseError
		if _, err := Open(other); !errors.As(err, &used) || used.PID != os.Getpid() {
			t.Errorf("%s: %v", name, err)
		}
	}
	var used *InUseError
	if _, err := Repair(t.Context(), c.Dir, c.Second); !errors.As(err, &used) {
		t.Errorf("repair: %v", err)
	}
	put(t, j, 0, 1) // unharmed
	shut(t, j)
	open(t, c)
}

func TestAFailedOpenGivesTheLocksBack(t *testing.T) {
	c := config(t, true)
	l, err := Lock(c.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(c); err == nil {
		t.Fatal("open took a locked directory")
	}
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	open(t, c)
}

func TestALockThatNobodyHoldsKeepsNobodyOut(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, lockName), []byte("4711"))
	l, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestALockWhoseHolderWroteNothingYet(t *testing.T) {
	err := &InUseError{Dir: "data"}
	if got, want := err.Error(), "lock data: in use by another process"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	err.PID = 12
	if got, want := err.Error(), "lock data: in use by process 12"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAConfigurationThatCannotWorkIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]Config{
		"no directory":    {Zone: zone(t)},
		"no zone":         {Dir: dir},
		"second is first": {Dir: dir, Second: dir + "/.", Zone: zone(t)},
	} {
		if _, err := Open(c); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(Config{Dir: filepath.Join(dir, "f", "g"), Zone: zone(t)}); err != nil {
		t.Errorf("a folder that is to be made: %v", err)
	}
	write(t, filepath.Join(dir, "file"), nil)
	if _, err := Open(Config{Dir: filepath.Join(dir, "file"), Zone: zone(t)}); err == nil {
		t.Error("a file was taken for a folder")
	}
}
