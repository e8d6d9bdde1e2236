package register

import (
	"time"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// A Person is somebody who may sign in, or might once.
type Person struct {
	ID string
	entry.Profile
	Hash    string      // of the password, in PHC form; "" before one was set
	Version int64       // rises by one with each act on the person
	Added   city.Moment // by the server's clock
	Ended   city.Moment // 0: may sign in
}

// A Session is one sign-in of a person.
type Session struct {
	ID     string // the first 32 hexadecimal digits of Hash
	Hash   string // SHA-256 of the session's secret, hexadecimal
	Person string
	Began  city.Moment // by the server's clock
	Ends   city.Moment
	From   string // the address that it came from
}

// A Case is a case as lists show it.
type Case struct {
	measure.Case

	Number     int64 // in the order of the journal, from 1
	Kind       city.CaseKind
	Category   string
	Source     city.SourceID
	SourceCase string // its id at its source
	Department city.DepartmentID
	District   city.DistrictID // "" where none is known
	Place      city.PlaceID    // "" where none is known
	V          city.Steps      // of the event that made it known, in the source's unit
	Due        city.Moment     // 0: no clock, or it stands; of a closed case when it was to be closed
	Notes      int
	Evidence   int
	Changes    uint64 // the batch that last changed it
}

// A Photo is a piece of evidence. The same photo may belong to several cases.
type Photo struct {
	entry.File
	Cases []int64     // in the order of their numbers
	At    city.Moment // when it was last added to one of them, by the data's clock
}

// A Line is one line of a case's log, or of a shift's.
type Line struct {
	Pos     entry.Position
	At      city.Moment // by the data's clock
	Case    int64       // 0 in the line of a handing over
	By      string      // person, or token of the source
	Do      entry.Verb  // "" for an event of the source
	State   string      // of the event, in the source's words
	To      string      // person
	Note    string
	File    *entry.File
	Refused string // why the act did not hold; "" where it did
}

// A Shift is a department's shift, from one handing over to the next. The first one
// runs from the beginning.
type Shift struct {
	Department city.DepartmentID
	Number     int64       // from 1; version to be expected by the next handing over: the number of the running one
	From       city.Moment // by the data's clock; 0 of the first
	To         city.Moment // 0: it runs
	Taker      string      // whose shift it is: who took over at From; "" where it was not said
	By         string      // who handed it over at To
	Next       string      // who took over then; "" where it was not said
	Note       string      // what By left to Next
	Open       int         // cases open when it was handed over
	Overdue    int         // and of them late
}

// A Query selects cases. Zero fields select all.
type Query struct {
	Departments []city.DepartmentID // one of these; none: all
	Kinds       []city.CaseKind
	District    city.DistrictID
	Place       city.PlaceID
	Sources     []city.SourceID // one of these; none: all
	State       string          // "open" (paused ones too), "closed"; "": both
	Overdue     bool            // open, and due before At or paused when it was late already
	Owner       string
	Unowned     bool        // nobody answers for it
	Unseen      bool        // open, and nobody has looked at it yet
	From, To    city.Moment // opened in [From, To)
	At          city.Moment // now, by the data's clock
	Sort        string      // "worst" or "": late longest first, then nearest due, then oldest without a due moment, then closed last first; "newest": opened last first
	Limit       int         // 0: 100; at most 500
	Offset      int
}

// A Summary counts a department's cases.
type Summary struct {
	Open           int         `json:"open"`
	Overdue        int         `json:"overdue"`
	Unacknowledged int         `json:"unacknowledged"`
	Paused         int         `json:"paused"`
	ClosedToday    int         `json:"closed_today"`
	LateToday      int         `json:"late_today"` // closed today beyond their time
	Oldest         city.Moment `json:"-"`          // opening of the oldest open one; 0: none
}

// An Outcome is what became of an act.
type Outcome struct {
	Pos     entry.Position
	Refused string // "" where it was applied
	Version int64  // of what it acted on, afterwards
	Since   []Line // on a case that had changed: what came after the version that was expected
}

// A Record is one line of the audit.
type Record struct {
	Pos     entry.Position
	At      time.Time // when it was recorded, by the server's clock
	Kind    entry.Kind
	Do      entry.Verb // of acts
	On      string
	By      string
	From    string
	To      string
	Note    string
	Refused string
}

// An AuditQuery selects records, the newest first.
type AuditQuery struct {
	Before entry.Position // only what stands before it; zero: from the newest
	By     string
	Do     string // a verb, or a prefix such as "case."; "token." finds what sources' tokens and revocations left too
	On     string
	Text   string // somewhere in note, on or by
	Limit  int    // 0: 100; at most 1000
}

// A Held is an entry in quarantine that waits for a person, or what that person
// decided.
type Held struct {
	Pos     entry.Position
	At      time.Time // when it was quarantined, by the server's clock
	Entry   entry.Quarantined
	Ruled   entry.Verb // quarantine.release or quarantine.discard; "": it waits
	By      string
	Why     string
	RuledAt time.Time
}
