package journal

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"rasad/city"
	"rasad/entry"
)

const (
	groupBytes = 256 << 10 // of entries in a batch of several Appends
	keepBuffer = 2 << 20   // a buffer grown beyond this is not kept
)

// A writer makes batches durable in every directory. Only one goroutine uses it.
type writer struct {
	volumes []*volume
	zone    *city.Zone
	now     func() time.Time
	log     *slog.Logger
	tip     tip
	seg     segment // the one that is written; first 0: none yet
	size    int64   // its durable bytes
	buf     []byte
}

// seal puts the group's entries behind each other as the next batch.
func (w *writer) seal(group []*request) (done recent, wire []byte, err error) {
	at := w.now().Truncate(time.Millisecond).UTC()
	if at.Before(w.tip.at) {
		at = w.tip.at // the clock was set back
	}
	batch := entry.Batch{Number: w.tip.number + 1, At: at}
	w.buf = append(w.buf[:0], make([]byte, entry.MaxHeader)...)
	for _, r := range group {
		w.buf = append(w.buf, r.body...)
		batch.Entries = append(batch.Entries, r.entries...)
	}
	header, hash := entry.Seal(batch.Number, at, len(batch.Entries), w.buf[entry.MaxHeader:], w.tip.hash)
	if _, err := entry.ParseHeader(header); err != nil { // a clock beyond the year 9999
		return recent{}, nil, fmt.Errorf("seal batch at %s: %w", at, err)
	}
	from := entry.MaxHeader - len(header)
	copy(w.buf[from:], header)
	wire = w.buf[from:]
	end := place{tip: tip{number: batch.Number, hash: hash, known: true, at: at}}
	return recent{batch: batch, end: end, bytes: len(wire)}, wire, nil
}

// commit writes the group as one batch. It returns with all of it durable in
// every directory, or with an error and none of it.
func (w *writer) commit(group []*request) (recent, error) {
	done, wire, err := w.seal(group)
	if err != nil {
		return recent{}, err
	}
	number := done.batch.Number
	if date := w.zone.Date(city.At(done.batch.At)); w.seg.first == 0 || w.seg.date != date {
		if err := w.roll(segment{first: number, date: date}); err != nil {
			return recent{}, err
		}
	}
	if err := w.each(func(v *volume) error { return v.write(w.seg, w.size, wire) }); err != nil {
		return recent{}, both(err, w.each(func(v *volume) error { return v.back(w.size) }))
	}
	w.size += int64(len(wire))
	w.tip = done.end.tip
	done.end.first, done.end.offset = w.seg.first, w.size
	if cap(w.buf) > keepBuffer {
		w.buf = nil
	}
	return done, nil
}

// roll begins a new segment in every directory.
func (w *writer) roll(s segment) error {
	old := w.seg
	if err := w.each(func(v *volume) error { return v.create(s) }); err != nil {
		for _, v := range w.volumes {
			v.close()
			_ = os.Remove(filepath.Join(v.dir, s.name())) // else the next Open removes it
		}
		return err
	}
	if old.first == s.first { // a segment of yesterday that never got its first batch
		for _, v := range w.volumes {
			if err := os.Remove(filepath.Join(v.dir, old.name())); err != nil {
				w.log.Warn("empty segment not removed", "segment", old.name(), "dir", v.dir, "err", err)
			}
		}
	}
	w.seg, w.size = s, 0
	return nil
}

// each does the same in all directories at once, and waits for all of them.
func (w *writer) each(do func(*volume) error) error {
	others := make(chan error, len(w.volumes))
	for _, v := range w.volumes[1:] {
		go func() { others <- do(v) }()
	}
	err := do(w.volumes[0])
	for range w.volumes[1:] {
		err = both(err, <-others)
	}
	return err
}

// both is errors.Join in one line of text.
func both(a, b error) error {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return fmt.Errorf("%w; %w", a, b)
}
