package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// lockName is the file that holds the lock of a directory. It is never removed:
// the lock is the kernel's, and a file that is left over locks nothing.
const lockName = "LOCK"

// An InUseError says that another process holds the lock of a directory.
type InUseError struct {
	Dir string
	PID int // of the holder; 0 where it has not written it yet
}

// Error names the directory and the process.
func (e *InUseError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("lock %s: in use by another process", e.Dir)
	}
	return fmt.Sprintf("lock %s: in use by process %d", e.Dir, e.PID)
}

// A DirLock keeps other processes out of a directory until it is closed or its
// process ends, in whatever way.
type DirLock struct {
	file *os.File
}

// Lock takes the lock of the directory dir, which it makes where it is missing.
// Where another holds it, the error is an *InUseError.
func Lock(dir string) (*DirLock, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		pid := make([]byte, 20)
		n, _ := f.ReadAt(pid, 0)
		_ = f.Close()
		holder, _ := strconv.Atoi(string(bytes.TrimSpace(pid[:n])))
		return nil, &InUseError{Dir: dir, PID: holder}
	case err != nil:
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%-19d\n", os.Getpid()), 0) // one length: it covers any older pid
	if err != nil && !errors.Is(err, unix.ENOSPC) {                 // a full disk must not keep the server from starting
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return &DirLock{f}, nil
}

// Close gives the lock back. It may be called twice.
func (l *DirLock) Close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	if err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	return nil
}
