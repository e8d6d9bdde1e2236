package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// level brings the shorter of two directories up to the longer one: one write of
// a commit was done and the other not, or one directory is new. It refuses where
// the two do not hold the same chain.
func level(ctx context.Context, a, b *end, log *slog.Logger) error {
	long, short := a, b
	if a.number < b.number {
		long, short = b, a
	}
	if long.number == short.number {
		if long.hash != short.hash {
			return apart(short)
		}
		return nil
	}
	behind := short.number
	from := holding(long.segs, behind+1)
	if from < 0 && behind > 0 {
		return broken(long.dir, long.segs[0], 0, behind+1, errors.New("the chain of "+short.dir+" ends before this one begins"))
	}
	for _, s := range long.segs[max(from, 0):] {
		if err := short.take(ctx, long, s); err != nil {
			return err
		}
	}
	if short.number != long.number || short.hash != long.hash {
		return apart(short)
	}
	log.Warn("directory brought up to the other one", "dir", short.dir, "from", behind, "to", short.number)
	return nil
}

// apart is the error of two directories that hold different batches of one number.
func apart(e *end) error {
	return broken(e.dir, e.seg, e.size, e.number, errors.New("the other directory holds a different batch of this number"))
}

// take compares and then takes over the batches of the segment s of long.
func (e *end) take(ctx context.Context, long *end, s segment) error {
	src, err := read(long.dir, s)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	out := appender{dir: e.dir}
	defer out.close()
	in := scan(filepath.Join(long.dir, s.name()), src, tip{number: s.first - 1, known: s.first == 1})
	for e.number < long.number {
		if err := ctx.Err(); err != nil {
			return err
		}
		w, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return out.flush()
		case err != nil:
			return err
		case w.Number <= e.number:
			continue
		case e.number > 0 && w.Prev != e.hash:
			return broken(long.dir, s, w.offset, w.Number, errors.New("it does not join the chain of "+e.dir))
		}
		if err := e.write(&out, s, w); err != nil {
			return err
		}
	}
	return out.flush()
}

func (e *end) write(out *appender, s segment, w wire) error {
	if e.seg.first != s.first || e.seg.date != s.date {
		e.seg = segment{first: s.first, date: s.date}
		e.segs, e.size = append(e.segs, e.seg), 0
	}
	if e.seg.packed {
		return broken(e.dir, e.seg, e.size, w.Number, errors.New("the segment is packed, but ends too early"))
	}
	if err := out.write(e.seg.name(), e.size, w.bytes); err != nil {
		return err
	}
	e.size += int64(len(w.bytes))
	e.tip = tip{number: w.Number, hash: w.Hash, known: true, at: w.At}
	return nil
}

// An appender writes to one segment of a directory that is being brought up.
type appender struct {
	dir  string
	file *os.File
}

func (a *appender) write(name string, at int64, b []byte) error {
	if a.file == nil {
		f, err := os.OpenFile(filepath.Join(a.dir, name), os.O_WRONLY|os.O_CREATE, 0o640)
		if err != nil {
			return fmt.Errorf("bring up segment: %w", err)
		}
		a.file = f
	}
	if _, err := a.file.WriteAt(b, at); err != nil {
		return fmt.Errorf("bring up segment: %w", err)
	}
	return nil
}

func (a *appender) flush() error {
	if a.file == nil {
		return nil
	}
	if err := errors.Join(a.file.Sync(), syncDir(a.dir)); err != nil {
		return fmt.Errorf("bring up segment: %w", err)
	}
	return nil
}

func (a *appender) close() {
	if a.file != nil {
		_ = a.file.Close()
	}
}
