package history

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// maxParked bounds the file of parked rows, in bytes. What comes beyond is counted
// only: the journal has it.
const maxParked = 16 << 20

// parked keeps the rows that a store never takes: one JSON object a line, for a
// person to read. A row that comes again is the same row.
type parked struct {
	path string
	size int64
	torn bool // the file does not end with a whole line
	seed maphash.Seed
	seen map[uint64]bool // hashes of table, tags and time
	n    atomic.Uint64
}

type parkedLine struct {
	Table  string         `json:"table"`
	Tags   []string       `json:"tags"`
	At     int64          `json:"at_ns"`
	Fields map[string]any `json:"fields"`
	Reason string         `json:"reason"`
}

func openParked(path string) (*parked, error) {
	p := &parked{path: path, seed: maphash.MakeSeed(), seen: map[uint64]bool{}}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadBytes('\n')
		p.size += int64(len(line))
		if errors.Is(err, io.EOF) {
			p.torn = len(line) > 0
			return p, nil
		}
		if err != nil {
			return nil, err
		}
		var l parkedLine
		if json.Unmarshal(line, &l) == nil {
			p.know(p.key(l.Table, l.Tags, l.At))
		}
	}
}

func (p *parked) key(table string, tags []string, at int64) uint64 {
	return maphash.String(p.seed, fmt.Sprintf("%q %q %d", table, tags, at))
}

func (p *parked) know(key uint64) {
	if !p.seen[key] {
		p.seen[key] = true
		p.n.Add(1)
	}
}

func (p *parked) count() uint64 { return p.n.Load() }

// add appends rows that were not parked before, and returns when they are on disk.
func (p *parked) add(rows []Row, reason string) error {
	var b []byte
	var keys []uint64
	if p.torn {
		b = append(b, '\n')
	}
	for i := range rows {
		r := &rows[i]
		key := p.key(r.Table, r.Tags, r.At)
		if p.seen[key] {
			continue
		}
		line, err := json.Marshal(parkedLine{r.Table, r.Tags, r.At, named(r), reason})
		if err != nil {
			return err
		}
		if p.size+int64(len(b)+len(line)) >= maxParked {
			p.n.Add(1)
			continue
		}
		b = append(append(b, line...), '\n')
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil
	}
	if err := appendFile(p.path, b); err != nil {
		p.torn = true // perhaps: an empty line does no harm
		return err
	}
	p.size, p.torn = p.size+int64(len(b)), false
	for _, key := range keys {
		p.know(key)
	}
	return nil
}

func appendFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// named returns the fields of a row under their names.
func named(r *Row) map[string]any {
	fields := map[string]any{}
	for _, t := range Tables() {
		if t.Name != r.Table {
			continue
		}
		for i, f := range t.Fields {
			if i < len(r.Fields) {
				fields[f.Name] = r.Fields[i]
			}
		}
	}
	return fields
}
