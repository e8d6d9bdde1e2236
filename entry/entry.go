// Package entry says what can happen in the city, as entries of the journal: the
// kinds of entry, and their wire form with its version. It does no I/O. The
// specification, byte by byte, is docs/wire.md.
package entry

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"rasad/city"
)

// Version is the version of the wire form that this package writes and reads.
const Version = 1

// MaxEntry bounds one entry on the wire, in bytes.
const MaxEntry = 8 << 20

// A Position says where an entry stands: the number of its batch, from 1, and its
// index in the batch, from 0. The zero Position stands before the first entry.
type Position struct {
	Batch uint64
	Index uint32
}

// String returns p as "12.3".
func (p Position) String() string {
	return strconv.FormatUint(p.Batch, 10) + "." + strconv.FormatUint(uint64(p.Index), 10)
}

// IsZero reports whether p stands before the first entry.
func (p Position) IsZero() bool { return p == Position{} }

// Less reports whether p stands before q.
func (p Position) Less(q Position) bool {
	return p.Batch < q.Batch || p.Batch == q.Batch && p.Index < q.Index
}

// ParsePosition reads "12.3"; "12" is the first entry of batch 12.
func ParsePosition(s string) (Position, error) {
	batch, index, dotted := strings.Cut(s, ".")
	if !dotted {
		index = "0"
	}
	b, err1 := strconv.ParseUint(batch, 10, 64)
	i, err2 := strconv.ParseUint(index, 10, 32)
	if err1 != nil || err2 != nil || b == 0 {
		return Position{}, city.Refuse(city.ErrInvalid, city.Text{FA: "جایگاه دفتر خوانا نیست؛ به شکل 12.3 بنویسید: شمارهٔ دسته، نقطه، شمارهٔ ورودی", EN: "position: want a batch and an index such as 12.3"})
	}
	return Position{b, uint32(i)}, nil
}

// A Kind names a kind of entry, as on the wire.
type Kind string

// The kinds of entry of this version.
const (
	KindReading      Kind = "reading"
	KindEvent        Kind = "event"
	KindQuarantined  Kind = "quarantined"
	KindRefused      Kind = "refused"
	KindCity         Kind = "city"
	KindToken        Kind = "token"
	KindTokenRevoked Kind = "token_revoked"
)

// An Entry is one thing that happened. Entries are never changed once made.
type Entry interface {
	// Kind names the entry's kind.
	Kind() Kind
}

// A Reading is what one source counted over one slot, or saw at one moment, and
// that was accepted: no follower judges it again.
type Reading struct {
	Source  city.SourceID
	From    city.Moment   // [From, To) at the place, not when it arrived;
	To      city.Moment   // equal for a snapshot
	V       city.Steps    // in the source's unit
	By      string        // the id of the token or collector that sent it
	ID      string        // the sender's own name for it, "" where it gave none
	Late    time.Duration // how long after To it was judged, in whole seconds, where that is later than LateAfter; else 0
	Revises Position      // the reading that this one replaces; zero for a first one
	Reason  string        // why it was revised
	Quality string        // the sender's remark on its own figure
}

// LateAfter is the age from which on an accepted reading carries its lateness.
const LateAfter = time.Hour

// RevisedAfter is the lateness from which on a tile says "revised by late data".
const RevisedAfter = 48 * time.Hour

// An Event is something that happened once, at a source of kind event, and that
// was accepted. Its identity is the source, the local date of At, ID and State.
type Event struct {
	Source   city.SourceID
	At       city.Moment
	ID       string       // as its source names it
	State    string       // what happened to the case, such as "opened"; "" where the event is the whole story
	Case     string       // kind of case: report, work, service, inspection; "" where it is none
	Category string       // such as "litter"
	Place    city.PlaceID // "" where only the source's place is known
	V        city.Steps   // in the source's unit
	By       string
	Late     time.Duration // as in Reading, after At
}

// A Quarantined is a reading or event that was not accepted: it counts nowhere,
// and is kept whole so that a person can judge it.
type Quarantined struct {
	Source  string          // as sent, at most 200 bytes
	Reason  string          // one of collectors' reasons, such as "out_of_range"
	Detail  string          // in words, with the bounds
	Against Position        // the reading that it conflicts with; zero otherwise
	By      string          // the id of the token or collector that sent it
	ID      string          // the sender's own name for it
	Item    json.RawMessage // as sent, compacted
}

// A Refused counts what came beyond the bound of the quarantine.
type Refused struct {
	Reason string
	By     string
	Minute city.Moment // the minute in which they came
	N      int64
}

// A City is a city that came into force: the file as it was, and its compiled
// canonical JSON, which is all that followers read.
type City struct {
	File     string          `json:"file"`
	Compiled json.RawMessage `json:"compiled"`
	By       string          `json:"by"`
	Why      string          `json:"why"`
}

// A Token is a token that was made. The token itself is shown once and never kept.
type Token struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Class    string      `json:"class"`             // "source"
	Hash     string      `json:"hash"`              // SHA-256 of the token, hexadecimal
	Sources  []string    `json:"sources,omitempty"` // ids, or prefixes ending in *
	Strict   bool        `json:"strict,omitempty"`  // requires unit and kind with each reading
	Backfill bool        `json:"backfill,omitempty"`
	Expires  city.Moment `json:"expires,omitempty"` // 0: never
	By       string      `json:"by"`
}

// A TokenRevoked is a token that opens nothing any more.
type TokenRevoked struct {
	ID  string `json:"id"`
	By  string `json:"by"`
	Why string `json:"why,omitempty"`
}

// An Unknown is an entry of a kind that this version does not know: it is kept as
// it is and passed over.
type Unknown struct {
	Name Kind
	Line []byte // without its newline
}

// Kind names the entry's kind.
func (*Reading) Kind() Kind { return KindReading }

// Kind names the entry's kind.
func (*Event) Kind() Kind { return KindEvent }

// Kind names the entry's kind.
func (*Quarantined) Kind() Kind { return KindQuarantined }

// Kind names the entry's kind.
func (*Refused) Kind() Kind { return KindRefused }

// Kind names the entry's kind.
func (*City) Kind() Kind { return KindCity }

// Kind names the entry's kind.
func (*Token) Kind() Kind { return KindToken }

// Kind names the entry's kind.
func (*TokenRevoked) Kind() Kind { return KindTokenRevoked }

// Kind names the entry's kind.
func (u *Unknown) Kind() Kind { return u.Name }

// A Batch is what was made durable at once.
type Batch struct {
	Number  uint64    // from 1, without gaps
	At      time.Time // the server's clock, whole milliseconds; never runs backwards
	Entries []Entry
}
