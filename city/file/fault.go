package file

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"rasad/city"
)

// A Fault is one thing that is wrong in a file, and where.
type Fault struct {
	Line    int    // from 1; 0: the file as a whole
	Column  int    // in characters, from 1
	Message string // in words, with what would be right
	Source  string // the line itself
}

// FaultsError is everything that is wrong in one file. It is an error that wraps
// city.ErrInvalid.
type FaultsError struct {
	Name string // the file's name, as it was given
	List []Fault
}

// maxFaults bounds how many faults are kept: behind it they are only noise.
const maxFaults = 1000

// Error returns every fault as "file:line:column: message", followed by the line
// and a caret under the place.
func (f *FaultsError) Error() string {
	var b strings.Builder
	for i, fault := range f.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		fault.write(&b, f.Name)
	}
	return b.String()
}

// Unwrap returns city.ErrInvalid.
func (f *FaultsError) Unwrap() error { return city.ErrInvalid }

func (f *Fault) write(b *strings.Builder, name string) {
	if f.Line == 0 {
		fmt.Fprintf(b, "%s: %s", name, f.Message)
		return
	}
	fmt.Fprintf(b, "%s:%d:%d: %s", name, f.Line, f.Column, f.Message)
	line, caret := excerpt(f.Source, f.Column)
	fmt.Fprintf(b, "\n\t%s\n\t%s^", line, caret)
}

// Widest excerpt of a line that a fault shows, in characters, and how much of it
// stands before the place.
const (
	excerptWidth  = 110
	excerptBefore = 70
)

// excerpt returns the part of a line around column, harmless on a terminal, and
// the blanks that bring a caret under it.
func excerpt(line string, column int) (text, blanks string) {
	runes := []rune(strings.TrimRight(line, "\r\n"))
	at := min(max(column-1, 0), len(runes))
	from := 0
	if at > excerptBefore && len(runes) > excerptWidth {
		from = at - excerptBefore
	}
	to := min(len(runes), from+excerptWidth)
	var shown, under strings.Builder
	if from > 0 {
		shown.WriteRune('…')
		under.WriteByte(' ')
	}
	for i, r := range runes[from:to] {
		blank := " "
		switch {
		case r == '\t':
			blank = "\t"
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			r = unicode.ReplacementChar // neither may drive the terminal
		case unicode.In(r, unicode.Mn, unicode.Cf):
			blank = "" // takes no room of its own
		}
		shown.WriteRune(r)
		if from+i < at {
			under.WriteString(blank)
		}
	}
	if to < len(runes) {
		shown.WriteRune('…')
	}
	return shown.String(), under.String()
}

// A report gathers the faults of one file.
type report struct {
	name  string
	src   string
	lines []string // of src; made at the first fault
	list  []Fault
	seen  map[Fault]bool // one fault of a stream would show at each of its sources
}

func newReport(name string, src string) *report {
	return &report{name: name, src: src, seen: map[Fault]bool{}}
}

func (r *report) fault(at spot, format string, args ...any) {
	f := Fault{Line: at.line, Column: at.column, Message: fmt.Sprintf(format, args...)}
	if r.seen[f] || len(r.list) >= maxFaults {
		return
	}
	r.seen[f] = true
	if r.lines == nil {
		r.lines = strings.Split(r.src, "\n")
	}
	if at.line >= 1 && at.line <= len(r.lines) {
		f.Source = strings.TrimSuffix(r.lines[at.line-1], "\r")
	}
	r.list = append(r.list, f)
}

// err returns the faults in the order of their places, or nil.
func (r *report) err() error {
	if len(r.list) == 0 {
		return nil
	}
	slices.SortStableFunc(r.list, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &FaultsError{Name: r.name, List: r.list}
}

// nearest returns ": did you mean "unit"?" where one of known is close to got.
func nearest(got string, known []string) string {
	best, found := 3, ""
	if len(got) > 40 {
		return ""
	}
	for _, k := range known {
		if d := distance(got, k); d < best && d < len(k) {
			best, found = d, k
		}
	}
	if found == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", found)
}

// distance returns how many letters must be put in, left out or changed to make
// b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
