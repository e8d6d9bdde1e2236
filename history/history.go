// Package history keeps what was counted, hour by hour, and answers what was known
// of it at any position of the journal. Its rows go to InfluxDB, written by a
// Writer that follows days; without an InfluxDB the same two questions are answered
// from days itself. No number is made here: readings become cells, and cells become
// values, in measure.
package history

import (
	"context"
	"time"

	"rasad/city"
	"rasad/measure"
)

// A Reader answers the two questions from which every chart, export and figure is
// made. Its methods may be called from several goroutines. asOf is the number of a
// batch: the answer is what was known when that batch had been applied; 0 is now.
type Reader interface {
	// Cells returns the cells of the local hours that begin in [from, to) and have
	// data, in their order.
	Cells(ctx context.Context, src *city.Source, from, to city.Moment, asOf uint64) ([]measure.Cell, error)
	// Readings returns the raws whose From is in [from, to), in the order of From,
	// and of one From in the order of the journal. Of their position only the batch
	// is kept: the index is 0.
	Readings(ctx context.Context, src *city.Source, from, to city.Moment, asOf uint64) ([]measure.Raw, error)
}

// Rows is what a Writer needs of a store. Its methods are called one at a time.
// The errors are *RefusalError; every other error counts as a store that is away.
type Rows interface {
	// Write stores rows, and returns nil only when all of them are stored for good.
	// A row that is there already is replaced by itself.
	Write(ctx context.Context, rows []Row) error
	// Position makes the store ready to be written and returns the mark saved last;
	// the zero Mark where there is none.
	Position(ctx context.Context) (Mark, error)
	// SavePosition replaces the mark. What it covers was written before.
	SavePosition(ctx context.Context, m Mark) error
}

// A Mark says how far a store has been written.
type Mark struct {
	Pos     uint64 // all rows of the batches up to this one are written
	Earlier uint64 // where the writer stood an hour of its work before
	Clean   bool   // the writer stopped after this mark, in good order
}

// A Trouble is why a store did not take rows, as far as it matters to the writer.
type Trouble int

// The troubles.
const (
	Away        Trouble = iota // not there, busy or broken: the same rows pass later
	Credentials                // it does not let us in: a person must act, then the same rows pass
	Rejected                   // it stored what was good; some of the rows it never takes
	TooLarge                   // fewer rows at once may pass
)

// A RefusalError is a store's answer to rows that it did not take, or not all.
type RefusalError struct {
	Trouble    Trouble
	Status     int           // of HTTP; 0 where there was no answer
	Reason     string        // in the store's words, cut short
	RetryAfter time.Duration // what the store asks for; 0 where it did not
}

// Error says the reason.
func (r *RefusalError) Error() string { return r.Reason }

// Is makes a refusal one of the city's kinds of error.
func (r *RefusalError) Is(kind error) bool {
	switch r.Trouble {
	case Credentials:
		return kind == city.ErrDenied
	case Rejected, TooLarge:
		return kind == city.ErrInvalid
	default:
		return kind == city.ErrBusy
	}
}
