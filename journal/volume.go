package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// A volume is one directory of segments that is written to, and its open segment.
type volume struct {
	dir  string
	file *os.File // nil: is opened again, and cut to its good bytes, before the next write
	sync func(*os.File) error
}

// create makes the file of a new segment.
func (v *volume) create(s segment) error {
	v.close()
	f, err := os.OpenFile(filepath.Join(v.dir, s.name()), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("create segment: %w", err)
	}
	// A file of this name can only hold what was never acknowledged.
	if err := errors.Join(f.Truncate(0), f.Sync(), syncDir(v.dir)); err != nil {
		_ = f.Close()
		return fmt.Errorf("create segment: %w", err)
	}
	v.file = f
	return nil
}

// write makes b durable at the offset size of the segment s.
func (v *volume) write(s segment, size int64, b []byte) error {
	if err := v.ready(s, size); err != nil {
		return err
	}
	if _, err := v.file.WriteAt(b, size); err != nil {
		return fmt.Errorf("write segment: %w", err)
	}
	if err := v.sync(v.file); err != nil {
		return fmt.Errorf("sync segment: %w", err)
	}
	return nil
}

// ready opens the segment where it is not open. A file that was removed under the
// journal takes writes without a word, so it is asked each time.
func (v *volume) ready(s segment, size int64) error {
	if v.file != nil {
		info, err := v.file.Stat()
		if err == nil {
			if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Nlink > 0 {
				return nil
			}
		}
		v.close()
	}
	f, err := os.OpenFile(filepath.Join(v.dir, s.name()), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open segment again: %w", err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.Size() < size:
		err = fmt.Errorf("it has %d bytes, %d were acknowledged", info.Size(), size)
	case info.Size() > size:
		err = errors.Join(f.Truncate(size), f.Sync())
	}
	if err != nil {
		_ = f.Close()
		return fmt.Errorf("open segment %s again: %w", f.Name(), err)
	}
	v.file = f
	return nil
}

// back takes an unacknowledged write back. Where that fails the file is closed,
// so that nothing is written behind bytes of which nothing is known.
func (v *volume) back(size int64) error {
	if v.file == nil {
		return nil
	}
	err := v.file.Truncate(size)
	if err == nil {
		err = v.file.Sync()
	}
	if err != nil {
		v.close()
		return fmt.Errorf("take write back: %w", err)
	}
	return nil
}

func (v *volume) close() {
	if v.file != nil {
		_ = v.file.Close() // all that counts was synced
		v.file = nil
	}
}
