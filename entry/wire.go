package entry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// ErrVersion says that a batch was written by a newer Rasad: nothing may be
// guessed from it.
var ErrVersion = errors.New("unknown version of the wire form")

// A Hash is the SHA-256 of a batch: of its header line up to the hash itself, and
// of its body. Since the header holds the hash of the batch before, one hash
// vouches for all that went before it, and no byte of a batch is left out.
type Hash [sha256.Size]byte

// String returns h in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MaxHeader bounds a header line, in bytes, its newline included.
const MaxHeader = 320

// MaxBody bounds the body of a batch, in bytes: one entry of the greatest length
// and its newline.
const MaxBody = MaxEntry + 1

// A Header is the first line of a batch on the wire.
type Header struct {
	Number  uint64
	At      time.Time // whole milliseconds
	Entries int
	Bytes   int  // of the body: all entry lines with their newlines
	Prev    Hash // of the batch before; all zeros for the first
	Hash    Hash // of this batch
}

const timeForm = "2006-01-02T15:04:05.000Z"

// AppendHeader appends h as a line, newline included.
func AppendHeader(b []byte, h Header) []byte {
	b = append(appendHashed(b, h), `,"hash":"`...)
	b = hex.AppendEncode(b, h.Hash[:])
	return append(b, "\"}\n"...)
}

// appendHashed appends what the batch's hash covers of its header line.
func appendHashed(b []byte, h Header) []byte {
	b = append(b, `{"v":1,"batch":`...)
	b = strconv.AppendUint(b, h.Number, 10)
	b = append(b, `,"at":"`...)
	b = h.At.UTC().AppendFormat(b, timeForm)
	b = append(b, `","entries":`...)
	b = strconv.AppendInt(b, int64(h.Entries), 10)
	b = append(b, `,"bytes":`...)
	b = strconv.AppendInt(b, int64(h.Bytes), 10)
	b = append(b, `,"prev":"`...)
	b = hex.AppendEncode(b, h.Prev[:])
	return append(b, '"')
}

// ParseHeader reads a header line, with or without its newline. It takes nothing
// but what AppendHeader writes, and returns an error wrapping ErrVersion for a
// version that it does not know.
func ParseHeader(line []byte) (Header, error) {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	c := cursor{rest: line}
	if v := c.after(`{"v":`).integer(); !c.failed && v != Version {
		return Header{}, fmt.Errorf("parse header: %w: %d, this Rasad reads %d", ErrVersion, v, Version)
	}
	var h Header
	h.Number = uint64(c.after(`,"batch":`).integer())
	at, err := time.Parse(timeForm, string(c.after(`,"at":"`).until('"')))
	h.At = at
	h.Entries = int(c.after(`,"entries":`).integer())
	h.Bytes = int(c.after(`,"bytes":`).integer())
	h.Prev = c.after(`,"prev":"`).hash()
	h.Hash = c.after(`,"hash":"`).hash()
	if c.end() != nil || err != nil || h.Entries < 1 || h.Bytes < h.Entries || h.Number < 1 {
		return Header{}, errors.New("parse header: not a header of a batch")
	}
	// Times and hashes can be spelt in several ways; only one of them is ours.
	if own := AppendHeader(make([]byte, 0, MaxHeader), h); !bytes.Equal(own[:len(own)-1], line) {
		return Header{}, errors.New("parse header: not in the form of the wire")
	}
	return h, nil
}

// Seals reports whether body is the one that h was made for: its length and the
// hash over header and body.
func (h Header) Seals(body []byte) bool {
	return len(body) == h.Bytes && sum(h, body) == h.Hash
}

func sum(h Header, body []byte) Hash {
	d := sha256.New()
	d.Write(appendHashed(make([]byte, 0, MaxHeader), h))
	d.Write(body)
	return Hash(d.Sum(nil))
}

// Seal returns the wire form of a batch's header line, and the hash that the next
// batch carries. body is the lines of its entries, which follow the header.
func Seal(number uint64, at time.Time, entries int, body []byte, prev Hash) (header []byte, hash Hash) {
	h := Header{Number: number, At: at.Truncate(time.Millisecond), Entries: entries, Bytes: len(body), Prev: prev}
	h.Hash = sum(h, body)
	return AppendHeader(make([]byte, 0, MaxHeader), h), h.Hash
}

// Open reads the entries of a body whose header is h, after checking it against
// the header's hash and count. want limits the kinds that are read; the others
// become nil entries in their places. No kinds means all.
func Open(h Header, body []byte, want ...Kind) ([]Entry, error) {
	if !h.Seals(body) {
		return nil, fmt.Errorf("open batch %d: the body does not have the header's hash", h.Number)
	}
	return Read(h, body, want...)
}

// Read is Open for a body whose hash was checked already.
func Read(h Header, body []byte, want ...Kind) ([]Entry, error) {
	if n := bytes.Count(body, []byte{'\n'}); n != h.Entries || !bytes.HasSuffix(body, []byte{'\n'}) {
		return nil, fmt.Errorf("open batch %d: %d lines, the header says %d", h.Number, n, h.Entries)
	}
	entries := make([]Entry, 0, h.Entries)
	for line := range bytes.Lines(body) {
		if len(want) > 0 && !slices.Contains(want, KindOf(line)) {
			entries = append(entries, nil)
			continue
		}
		e, err := Parse(line)
		if err != nil {
			return nil, fmt.Errorf("open batch %d, entry %d: %w", h.Number, len(entries), err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}
