package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// An end is where the chain of one directory ends.
type end struct {
	tip
	dir  string
	segs []segment
	seg  segment  // the newest one that holds a batch
	size int64    // good bytes of seg, unpacked
	void *segment // a newer one that holds none
}

// plain reports whether the newest segment is one that can be written on.
func (e *end) plain() bool { return len(e.segs) > 0 && !e.seg.packed }

// findEnd checks the two newest segments of dir and cuts a torn tail. A fault
// that no torn write leaves is a *BrokenError, and changes nothing.
func findEnd(ctx context.Context, dir string) (*end, error) {
	segs, err := list(dir)
	if err != nil {
		return nil, err
	}
	e := &end{dir: dir, segs: segs}
	for i := max(0, len(segs)-2); i < len(segs); i++ {
		s, last := segs[i], i == len(segs)-1
		switch {
		case e.seg.first == 0: // nothing is known of what lies before
			e.tip = tip{number: s.first - 1, known: s.first == 1}
		case s.first != e.number+1:
			return nil, broken(dir, s, 0, e.number+1, fmt.Errorf("batches %d to %d are missing before it", e.number+1, s.first-1))
		}
		before := *e
		if err := e.walk(ctx, s, last); err != nil {
			return nil, err
		}
		if e.number > before.number {
			continue
		}
		switch { // not one batch: a stop right after the segment was made
		case !last:
			return nil, broken(dir, s, 0, s.first, errors.New("the segment is empty"))
		case before.seg.first == 0 && s.first > 1:
			return nil, broken(dir, s, 0, s.first, errors.New("the segments before it are missing"))
		}
		*e = before
		e.segs, e.void = segs[:i], &s
	}
	return e, nil
}

// walk goes over the batches of s. Where s is the newest segment, a torn tail is
// cut.
func (e *end) walk(ctx context.Context, s segment, newest bool) error {
	src, err := read(e.dir, s)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	in := scan(filepath.Join(e.dir, s.name()), src, e.tip)
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = in.next()
		}
	}
	e.tip, e.seg, e.size = in.tip, s, in.offset
	var fault *BrokenError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case !errors.As(err, &fault):
		return err
	case !newest || !torn(in, s, fault):
		return fault
	}
	return nil
}

// torn reports whether the fault at the scanner's place is the torn tail of the
// newest segment: what one interrupted write leaves, with nothing whole behind it.
func torn(in *scanner, s segment, fault *BrokenError) bool {
	return !s.packed && !fault.final && s.size-fault.Offset <= maxWire && !in.resync()
}

// cut takes off what stands behind the last whole batch, and keeps it in a file
// beside.
func (e *end) cut(log *slog.Logger) error {
	if e.void != nil {
		return e.drop(*e.void, log)
	}
	if !e.plain() {
		return nil
	}
	path := filepath.Join(e.dir, e.seg.name())
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("cut torn tail: %w", err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || info.Size() == e.size {
		return err
	}
	kept := freeName(path, tornEnd)
	n, err := keep(kept, io.NewSectionReader(f, e.size, maxWire))
	if err == nil {
		err = f.Truncate(e.size)
	}
	if err = errors.Join(err, f.Sync(), syncDir(e.dir)); err != nil {
		return fmt.Errorf("cut torn tail of %s: %w", path, err)
	}
	log.Warn("torn tail cut", "segment", path, "offset", e.size, "bytes", n, "batch", e.number+1, "kept_in", kept)
	return nil
}

// drop takes a segment without one whole batch out of the chain.
func (e *end) drop(s segment, log *slog.Logger) error {
	path := filepath.Join(e.dir, s.name())
	if s.size == 0 {
		if err := errors.Join(os.Remove(path), syncDir(e.dir)); err != nil {
			return fmt.Errorf("remove empty segment: %w", err)
		}
		return nil
	}
	kept := freeName(path, tornEnd)
	if err := errors.Join(os.Rename(path, kept), syncDir(e.dir)); err != nil {
		return fmt.Errorf("cut torn segment: %w", err)
	}
	log.Warn("torn tail cut", "segment", path, "offset", 0, "bytes", s.size, "batch", e.number+1, "kept_in", kept)
	return nil
}

// keep writes a new file and makes it durable.
func keep(path string, src io.Reader) (int64, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, src)
	return n, errors.Join(err, f.Sync(), f.Close())
}

// removeTemps removes what an interrupted packing or repair left half done.
func removeTemps(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), plainEnd+tempEnd) || strings.HasSuffix(f.Name(), packedEnd+tempEnd) {
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				return fmt.Errorf("open journal: %w", err)
			}
		}
	}
	return nil
}

// recoverEnds opens the chains of all directories and makes them one. goOn says
// whether the newest segment can be written on in all of them.
func recoverEnds(ctx context.Context, dirs []string, log *slog.Logger) (e *end, goOn bool, err error) {
	ends := make([]*end, len(dirs))
	for i, dir := range dirs {
		if err := removeTemps(dir); err != nil {
			return nil, false, err
		}
		if ends[i], err = findEnd(ctx, dir); err != nil {
			return nil, false, err
		}
	}
	for _, e := range ends { // nothing is changed before every directory was found whole
		if err := e.cut(log); err != nil {
			return nil, false, err
		}
	}
	e, goOn = ends[0], ends[0].plain()
	if len(ends) == 2 {
		if err := level(ctx, e, ends[1], log); err != nil {
			return nil, false, err
		}
		goOn = e.plain() && ends[1].plain() && e.seg.stem() == ends[1].seg.stem() && e.size == ends[1].size
	}
	return e, goOn, nil
}
