package days

import (
	"encoding/binary"
	"errors"
	"math"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

// The raws of a day are one blob: each is coded against the one before, so that a
// regular reading takes five or six bytes and a day grows at its end only. A raw is
//
//	flags  1 byte
//	length zigzag   To - From               where it is not that of the raw before
//	from   zigzag   From, less the last From, less the last step
//	v      zigzag
//	batch  uvarint  less the last           where it is another one
//	index  uvarint  less the last one of the same batch
//	late   uvarint                          where it is not 0
//	note   text                             where there is one
//	event  flags of what is as in the event before, then ID and the other texts
//
// A text is its length as a uvarint and its bytes.
const (
	codedLength = 1 << iota
	codedBatch
	codedLate
	codedRevised
	codedNote
	codedEvent
)

// Flags of an event's texts that are as in the event before.
const (
	sameState = 1 << iota
	sameCase
	sameCategory
	samePlace
)

var errBroken = errors.New("broken blob")

// A coder is where a blob ends: what the next raw is coded against.
type coder struct {
	from, step, length city.Moment
	pos                entry.Position
	event              measure.Detail
}

// append codes r onto b.
func (c *coder) append(b []byte, r *measure.Raw) []byte {
	flags := byte(0)
	length := r.To - r.From
	if length != c.length {
		flags |= codedLength
	}
	if r.Pos.Batch != c.pos.Batch {
		flags |= codedBatch
	}
	if r.LateSec != 0 {
		flags |= codedLate
	}
	if r.Revised {
		flags |= codedRevised
	}
	if r.Note != "" {
		flags |= codedNote
	}
	if r.Event != nil {
		flags |= codedEvent
	}
	b = append(b, flags)
	if flags&codedLength != 0 {
		b = binary.AppendVarint(b, int64(length))
	}
	step := r.From - c.from
	b = binary.AppendVarint(b, int64(step-c.step))
	b = binary.AppendVarint(b, int64(r.V))
	if flags&codedBatch != 0 {
		b = binary.AppendUvarint(b, r.Pos.Batch-c.pos.Batch)
		b = binary.AppendUvarint(b, uint64(r.Pos.Index))
	} else {
		b = binary.AppendUvarint(b, uint64(r.Pos.Index-c.pos.Index))
	}
	if flags&codedLate != 0 {
		b = binary.AppendUvarint(b, uint64(r.LateSec))
	}
	if flags&codedNote != 0 {
		b = appendText(b, r.Note)
	}
	if r.Event != nil {
		b = c.appendEvent(b, r.Event)
	}
	c.from, c.step, c.length, c.pos = r.From, step, length, r.Pos
	return b
}

func (c *coder) appendEvent(b []byte, e *measure.Detail) []byte {
	flags := byte(0)
	last := &c.event
	if e.State == last.State {
		flags |= sameState
	}
	if e.Case == last.Case {
		flags |= sameCase
	}
	if e.Category == last.Category {
		flags |= sameCategory
	}
	if e.Place == last.Place {
		flags |= samePlace
	}
	b = appendText(append(b, flags), e.ID)
	for i, text := range [...]string{e.State, e.Case, e.Category, string(e.Place)} {
		if flags>>i&1 == 0 {
			b = appendText(b, text)
		}
	}
	c.event = *e
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeRaws reads n raws, and returns the coder that goes on behind them. Texts
// share memory with blob, which must not change any more.
func decodeRaws(blob string, n int) ([]measure.Raw, coder, error) {
	var c coder
	if n < 0 || n > len(blob) { // no raw takes less than a byte
		return nil, c, errBroken
	}
	raws := make([]measure.Raw, n, n+n/4+4)
	in := input{rest: blob}
	for i := range raws {
		c.read(&in, &raws[i])
	}
	if in.failed || in.rest != "" {
		return nil, c, errBroken
	}
	return raws, c, nil
}

func (c *coder) read(in *input, r *measure.Raw) {
	flags := in.byte()
	if flags&codedLength != 0 {
		c.length = city.Moment(in.varint())
	}
	c.step += city.Moment(in.varint())
	c.from += c.step
	r.From, r.To = c.from, c.from+c.length
	r.V = city.Steps(in.varint())
	if flags&codedBatch != 0 {
		c.pos.Batch += in.uvarint()
		c.pos.Index = 0
	}
	c.pos.Index += uint32(in.uvarint())
	r.Pos = c.pos
	if flags&codedLate != 0 {
		r.LateSec = int64(in.uvarint())
	}
	r.Revised = flags&codedRevised != 0
	if flags&codedNote != 0 {
		r.Note = in.text()
	}
	if flags&codedEvent == 0 {
		return
	}
	same := in.byte()
	e := c.event
	e.ID = in.text()
	if same&sameState == 0 {
		e.State = in.text()
	}
	if same&sameCase == 0 {
		e.Case = in.text()
	}
	if same&sameCategory == 0 {
		e.Category = in.text()
	}
	if same&samePlace == 0 {
		e.Place = city.PlaceID(in.text())
	}
	c.event = e
	r.Event = &e
}

// Flags of a cell in a blob of cells.
const (
	cellCounts = 1 << iota // N is not 0
	cellLate
	cellPos
)

// appendCells codes the cells of a day that batch pos last changed.
func appendCells(b []byte, cells []measure.Cell, pos uint64) []byte {
	b = binary.AppendUvarint(b, uint64(len(cells)))
	var at city.Moment
	for i := range cells {
		c := &cells[i]
		b = binary.AppendVarint(b, int64(c.From-at))
		at = c.From
		flags := byte(0)
		if c.N != 0 {
			flags |= cellCounts
		}
		if c.Late != 0 {
			flags |= cellLate
		}
		if c.Pos != 0 {
			flags |= cellPos
		}
		b = append(b, flags)
		b = binary.AppendUvarint(b, uint64(c.Expected))
		b = binary.AppendUvarint(b, uint64(c.Seen))
		if flags&cellCounts != 0 {
			b = binary.AppendUvarint(b, uint64(c.N))
			for _, v := range [...]int64{c.Sum, c.Min, c.Max, c.Last, int64(c.LastAt - c.From)} {
				b = binary.AppendVarint(b, v)
			}
		}
		if flags&cellLate != 0 {
			b = binary.AppendUvarint(b, uint64(c.Late))
		}
		if flags&cellPos != 0 {
			b = binary.AppendUvarint(b, pos-c.Pos)
		}
	}
	return b
}

// decodeCells reads what appendCells coded.
func decodeCells(blob string, pos uint64) ([]measure.Cell, error) {
	in := input{rest: blob}
	n := in.uvarint()
	if n > uint64(len(blob)) {
		return nil, errBroken
	}
	cells := make([]measure.Cell, n)
	var at city.Moment
	for i := range cells {
		c := &cells[i]
		at += city.Moment(in.varint())
		c.From = at
		flags := in.byte()
		c.Expected = int64(in.uvarint())
		c.Seen = int64(in.uvarint())
		if flags&cellCounts != 0 {
			c.N = int64(in.uvarint())
			c.Sum, c.Min, c.Max, c.Last = in.varint(), in.varint(), in.varint(), in.varint()
			c.LastAt = at + city.Moment(in.varint())
		}
		if flags&cellLate != 0 {
			c.Late = int64(in.uvarint())
		}
		if flags&cellPos != 0 {
			c.Pos = pos - in.uvarint()
		}
	}
	if in.failed || in.rest != "" {
		return nil, errBroken
	}
	return cells, nil
}

// An input is read from its front. What is not as expected makes it fail, and it
// stays failed.
type input struct {
	rest   string
	failed bool
}

func (in *input) byte() byte {
	if in.rest == "" {
		in.failed = true
		return 0
	}
	b := in.rest[0]
	in.rest = in.rest[1:]
	return b
}

func (in *input) uvarint() uint64 {
	var n uint64
	for shift := 0; shift < 70; shift += 7 {
		b := in.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	in.failed = true
	return 0
}

func (in *input) varint() int64 {
	u := in.uvarint()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

func (in *input) text() string {
	n := in.uvarint()
	if n > math.MaxInt32 || int(n) > len(in.rest) {
		in.failed = true
		return ""
	}
	s := in.rest[:n]
	in.rest = in.rest[n:]
	return s
}
