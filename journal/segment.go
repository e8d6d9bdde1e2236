package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"rasad/city"
)

const (
	plainEnd  = ".rasad"
	packedEnd = ".rasad.zst"
	tempEnd   = ".tmp"
	tornEnd   = ".torn"
	brokenEnd = ".broken"
	digits    = 12 // of the first batch number in a name
)

// A segment is one file of whole batches: those of one local day.
type segment struct {
	first  uint64    // number of its first batch
	date   city.Date // local date of its first batch's time
	packed bool      // compressed, and closed for ever
	size   int64     // of the file, in bytes, when it was listed
}

// name returns the segment's file name.
func (s segment) name() string {
	if s.packed {
		return s.stem() + packedEnd
	}
	return s.stem() + plainEnd
}

func (s segment) stem() string { return fmt.Sprintf("%0*d-%s", digits, s.first, s.date) }

// parseName reads a file name; ok is false where it is not that of a segment.
func parseName(name string) (s segment, ok bool) {
	stem, packed := strings.CutSuffix(name, packedEnd)
	if !packed {
		if stem, ok = strings.CutSuffix(name, plainEnd); !ok {
			return segment{}, false
		}
	}
	number, date, ok := strings.Cut(stem, "-")
	if !ok {
		return segment{}, false
	}
	first, err1 := strconv.ParseUint(number, 10, 64)
	day, err2 := city.ParseDate(date)
	s = segment{first: first, date: day, packed: packed}
	return s, err1 == nil && err2 == nil && first > 0 && s.name() == name
}

// list returns the segments of dir in the order of their numbers. Where a segment
// stands there both plain and packed (a stop between the two steps of packing),
// the plain one is named.
func list(dir string) ([]segment, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	var segs []segment
	for _, f := range files {
		s, ok := parseName(f.Name())
		if !ok {
			continue
		}
		if info, err := f.Info(); err == nil { // gone again: it was just packed
			s.size = info.Size()
			segs = append(segs, s)
		}
	}
	slices.SortFunc(segs, func(a, b segment) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.date, b.date), strings.Compare(a.name(), b.name()))
	})
	segs = slices.CompactFunc(segs, func(a, b segment) bool { return a.first == b.first && a.date == b.date })
	for i := 1; i < len(segs); i++ {
		if a, b := segs[i-1], segs[i]; a.first == b.first {
			return nil, broken(dir, b, 0, b.first, fmt.Errorf("%s starts with the same batch", a.name()))
		}
	}
	return segs, nil
}

// holding returns the index of the segment that holds batch number, or would, or
// -1 where all begin later.
func holding(segs []segment, number uint64) int {
	i, found := slices.BinarySearchFunc(segs, number, func(s segment, n uint64) int { return cmp.Compare(s.first, n) })
	if found {
		return i
	}
	return i - 1
}

// read opens the segment s of dir for reading its batches, packed or plain. It
// finds one that has been packed since it was listed.
func read(dir string, s segment) (io.ReadCloser, error) {
	path := filepath.Join(dir, s.stem())
	f, err := os.Open(path + plainEnd)
	if err == nil {
		return f, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	return readPacked(path + packedEnd)
}

func readPacked(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	d, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(32<<20))
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open segment %s: %w", path, err)
	}
	return unpacking{d, f}, nil
}

// unpacking closes the file below the decoder too.
type unpacking struct {
	*zstd.Decoder
	file *os.File
}

func (u unpacking) Close() error {
	u.Decoder.Close()
	return u.file.Close()
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	err = d.Sync()
	if err := errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// freeName returns the path that ends in end beside path and that no file has.
func freeName(path, end string) string {
	for n := 1; ; n++ {
		name := path + end
		if n > 1 {
			name = path + "." + strconv.Itoa(n) + end
		}
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name
		}
	}
}
