package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"rasad/entry"
)

// mark begins every header of this version.
const mark = `{"v":1,"batch":`

// maxWire bounds a whole batch on the wire: all that one stop can tear.
const maxWire = entry.MaxHeader + entry.MaxBody

// A BrokenError names a place at which the chain of batches does not go on, other
// than by a torn tail. Nothing behind it may be believed.
type BrokenError struct {
	Segment string // path of the file
	Offset  int64  // of the batch's first byte; in a packed segment, of the unpacked bytes
	Batch   uint64 // number of the batch that is due there
	Cause   error

	final bool // it is not the sort of fault that a torn write leaves
}

// Error names the place and the cure.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("journal segment %s is broken at byte %d, batch %d: %v; a second directory heals it: rasad verify --repair",
		e.Segment, e.Offset, e.Batch, e.Cause)
}

// Unwrap returns the cause.
func (e *BrokenError) Unwrap() error { return e.Cause }

func broken(dir string, s segment, offset int64, batch uint64, cause error) *BrokenError {
	return &BrokenError{Segment: filepath.Join(dir, s.name()), Offset: offset, Batch: batch, Cause: cause, final: true}
}

// A tip is the newest batch of a chain: what the next one must join.
type tip struct {
	number uint64
	hash   entry.Hash
	known  bool // whether hash is known
	at     time.Time
}

// A wire is one batch as it stands in a segment. Its bytes are good until the
// scanner's next step.
type wire struct {
	entry.Header
	offset int64
	bytes  []byte // header line and body
	body   []byte
}

// A scanner reads the batches of a segment, one after the other, and checks each
// against its hash and against the batch before.
type scanner struct {
	path   string
	src    io.Reader
	err    error // of src
	buf    []byte
	from   int // buf[from:to] is read, but not consumed
	to     int
	offset int64 // of buf[from] in the segment
	tip    tip   // the newest batch that was good
}

// scan starts at the first byte of a segment whose first batch is to join tip.
func scan(path string, src io.Reader, tip tip) *scanner {
	return &scanner{path: path, src: src, tip: tip}
}

// fill reads until n bytes stand in buf, and reports whether they do.
func (s *scanner) fill(n int) bool {
	for s.to-s.from < n && s.err == nil {
		if len(s.buf)-s.from < n {
			buf := s.buf
			if len(buf) < n {
				buf = make([]byte, max(2*n, 128<<10))
			}
			s.to = copy(buf, s.buf[s.from:s.to])
			s.buf, s.from = buf, 0
		}
		var k int
		k, s.err = s.src.Read(s.buf[s.to:])
		s.to += k
	}
	return s.to-s.from >= n
}

func (s *scanner) skip(n int) {
	s.from += n
	s.offset += int64(n)
}

// next returns the next batch, io.EOF behind the last whole one, or a
// *BrokenError; then it stays where it is.
func (s *scanner) next() (wire, error) {
	if !s.fill(1) && errors.Is(s.err, io.EOF) {
		return wire{}, io.EOF
	}
	w, err := s.look()
	if err != nil {
		return wire{}, err
	}
	switch {
	case w.Number != s.tip.number+1:
		return wire{}, s.fault(true, fmt.Errorf("batch %d stands there", w.Number))
	case s.tip.known && w.Prev != s.tip.hash:
		return wire{}, s.fault(true, fmt.Errorf("it does not carry the hash of batch %d", s.tip.number))
	}
	s.skip(len(w.bytes))
	s.tip = tip{number: w.Number, hash: w.Hash, known: true, at: w.At}
	return w, nil
}

// look reads the batch at the current place, without asking what it joins.
func (s *scanner) look() (wire, error) {
	s.fill(entry.MaxHeader)
	line := s.buf[s.from:min(s.to, s.from+entry.MaxHeader)]
	end := bytes.IndexByte(line, '\n')
	if end < 0 {
		return wire{}, s.fault(false, errors.New("its header is cut short or damaged"))
	}
	h, err := entry.ParseHeader(line[:end])
	if err != nil {
		return wire{}, s.fault(errors.Is(err, entry.ErrVersion), err)
	}
	n := end + 1
	if h.Bytes > entry.MaxBody {
		return wire{}, s.fault(false, fmt.Errorf("its header claims %d bytes, at most %d fit", h.Bytes, entry.MaxBody))
	}
	if !s.fill(n + h.Bytes) {
		return wire{}, s.fault(false, fmt.Errorf("its body is cut short: %d of %d bytes", s.to-s.from-n, h.Bytes))
	}
	whole := s.buf[s.from : s.from+n+h.Bytes]
	if !h.Seals(whole[n:]) {
		return wire{}, s.fault(false, errors.New("its bytes do not have the hash of its header"))
	}
	return wire{Header: h, offset: s.offset, bytes: whole, body: whole[n:]}, nil
}

// fault makes the error of the current place. Where the file could not be read,
// that is the cause of whatever is missing.
func (s *scanner) fault(final bool, cause error) *BrokenError {
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		final, cause = true, s.err
	}
	return &BrokenError{Segment: s.path, Offset: s.offset, Batch: s.tip.number + 1, Cause: cause, final: final}
}

// resync looks behind a fault for a later batch that is whole in itself, wherever
// it begins: the newline before it may be what was damaged. It stops in front of
// it, ready to go on there with an unknown hash before it.
func (s *scanner) resync() bool {
	if s.fill(1) {
		s.skip(1)
	}
	for {
		s.fill(entry.MaxHeader)
		window := s.buf[s.from:s.to]
		i := bytes.Index(window, []byte(mark))
		if i < 0 {
			if s.err != nil {
				return false
			}
			s.skip(len(window) - len(mark) + 1)
			continue
		}
		s.skip(i)
		if w, err := s.look(); err == nil && w.Number > s.tip.number {
			s.tip = tip{number: w.Number - 1}
			return true
		}
		s.skip(1)
	}
}

// leap passes over the first n bytes without looking at them: they were read
// before.
func (s *scanner) leap(n int64) error {
	var err error
	if seeker, ok := s.src.(io.Seeker); ok {
		_, err = seeker.Seek(n, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, s.src, n)
	}
	if s.offset = n; err != nil {
		return s.fault(true, err)
	}
	return nil
}
