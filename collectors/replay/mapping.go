// Package replay reads real files of counts (CSV) through a small mapping file
// that says which column is the time, which the value, and which source each site
// is. A bad row is reported with its file and line and passed over; nothing is
// guessed. docs/collectors/replay.md explains every key of the mapping.
package replay

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rasad/city"
	"rasad/city/fa"
	"rasad/city/file"
)

// DefaultMaxBad is how many bad rows a file may have before it is given up, where
// the mapping does not say.
const DefaultMaxBad = 1000

// settings is the mapping file as people write it.
type settings struct {
	Format    int               `yaml:"format"`
	Separator string            `yaml:"separator"`
	SkipLines int               `yaml:"skip_lines"`
	Decimal   string            `yaml:"decimal"`
	Thousands string            `yaml:"thousands"`
	Blank     string            `yaml:"blank"`
	MaxBad    int               `yaml:"max_bad"`
	Slot      time.Duration     `yaml:"slot"`
	Time      timeSettings      `yaml:"time"`
	Site      *siteSettings     `yaml:"site"`
	Columns   map[string]string `yaml:"columns"`
}

type timeSettings struct {
	Column    string `yaml:"column"`
	Format    string `yaml:"format"`
	Hour      string `yaml:"hour"`
	Zone      string `yaml:"zone"`
	Ambiguous string `yaml:"ambiguous"`
	Marks     string `yaml:"marks"`
}

type siteSettings struct {
	Column  string            `yaml:"column"`
	Value   string            `yaml:"value"`
	In      string            `yaml:"in"`
	Out     string            `yaml:"out"`
	Sources map[string]string `yaml:"sources"`
	Others  string            `yaml:"others"`
}

// A Mapping reads files of one form. It may be used from several goroutines.
type Mapping struct {
	settings
	clock   clock
	sources map[string]string // by folded site name
	columns []string          // in the order of their names
}

// Open reads a mapping file; name stands in its errors. An error wraps
// city.ErrInvalid and names everything that is wrong.
func Open(name string, src []byte) (*Mapping, error) {
	m := &Mapping{settings: settings{
		Separator: ",", Decimal: ".", Blank: "skip", MaxBad: DefaultMaxBad,
		Time: timeSettings{Format: "iso", Ambiguous: "refuse", Marks: "start"},
	}}
	if err := file.Decode(name, src, &m.settings); err != nil {
		return nil, err
	}
	var faults []error
	wrong := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("%w %s: "+format, append([]any{city.ErrInvalid, name}, args...)...))
	}
	m.checkForm(wrong)
	m.checkSources(wrong)
	c, err := openClock(m.Time)
	if err != nil {
		wrong("%w", err)
	}
	m.clock = c
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return m, nil
}

func (m *Mapping) checkForm(wrong func(string, ...any)) {
	if m.Format != 1 {
		wrong("format: want 1")
	}
	if r := []rune(m.Separator); len(r) != 1 || r[0] == '"' || r[0] == '\n' || r[0] == '\r' {
		wrong("separator: want one character, such as \",\" or \";\"")
	}
	if m.Decimal != "." && m.Decimal != "," {
		wrong(`decimal: want "." or ","`)
	}
	if m.Thousands == m.Decimal || !slices.Contains([]string{"", ",", ".", " ", "'"}, m.Thousands) {
		wrong(`thousands: want nothing, or one of "," "." " " "'" that is not the decimal sign`)
	}
	if m.Blank != "skip" && m.Blank != "refuse" {
		wrong("blank: want skip or refuse")
	}
	if m.MaxBad < 0 || m.SkipLines < 0 {
		wrong("max_bad and skip_lines: want 0 or more")
	}
	if m.Slot < 0 || m.Slot%time.Second != 0 || (m.Slot > 0 && time.Hour%m.Slot != 0) {
		wrong("slot: want a duration that divides an hour, such as 15m, or leave it out for snapshots")
	}
}

func (m *Mapping) checkSources(wrong func(string, ...any)) {
	m.columns = slices.Sorted(maps.Keys(m.Columns))
	s := m.Site
	if (s == nil) == (len(m.Columns) == 0) {
		wrong("want either site, or columns with one column per source")
		return
	}
	fed := map[string]bool{}
	for _, c := range m.columns {
		if id := m.Columns[c]; fed[id] || id == "" {
			wrong("columns: %q: want a source of its own", c)
		} else {
			fed[id] = true
		}
	}
	if s == nil {
		return
	}
	if s.Column == "" || len(s.Sources) == 0 {
		wrong("site: want column, and sources with one source per site")
	}
	if gate := s.In != "" && s.Out != "" && s.Value == ""; !gate && (s.Value == "" || s.In != "" || s.Out != "") {
		wrong("site: want either value, or in and out")
	}
	if s.Others == "" {
		s.Others = "refuse"
	}
	if s.Others != "skip" && s.Others != "refuse" {
		wrong("site: others: want skip or refuse")
	}
	m.sources = make(map[string]string, len(s.Sources))
	for _, site := range slices.Sorted(maps.Keys(s.Sources)) {
		key := fa.Key(site)
		if _, twice := m.sources[key]; twice || key == "" {
			wrong("site: sources: %q is empty, or written like another one", site)
		}
		if s.Sources[site] == "" {
			wrong("site: sources: %q: want a source", site)
		}
		m.sources[key] = s.Sources[site]
	}
}

// Sources returns the ids of the sources that the mapping feeds, sorted.
func (m *Mapping) Sources() []string {
	byName := m.Columns
	if m.Site != nil {
		byName = m.Site.Sources
	}
	ids := slices.Sorted(maps.Values(byName))
	return slices.Compact(ids)
}

// number returns what a cell says as a JSON number; "" where it is blank. The
// Persian number signs ٫ and ٬ are known by themselves; digits of two scripts in
// one number are refused.
func (m *Mapping) number(cell string) (string, error) {
	s := strings.TrimSpace(cell)
	if s == "" {
		return "", nil
	}
	point, thousands := m.Decimal, m.Thousands
	if strings.ContainsAny(s, "٫٬") {
		point, thousands = "٫", "٬"
	}
	if fa.HasDigits(s) {
		if strings.ContainsAny(s, "0123456789") {
			return "", fmt.Errorf("%q is no number: it mixes Latin and Persian digits", clip(cell))
		}
		if point == "." || point == "," {
			s = fa.Latin(s)
		}
	}
	whole, fraction, dotted := strings.Cut(s, point)
	if thousands != "" && strings.Contains(whole, thousands) {
		for i, group := range strings.Split(strings.TrimPrefix(whole, "-"), thousands) {
			if n := utf8.RuneCountInString(group); n > 3 || n < 3 && i > 0 {
				return "", fmt.Errorf("%q is no number: a thousands sign stands before three digits", clip(cell))
			}
		}
		whole = strings.ReplaceAll(whole, thousands, "")
	}
	if strings.Contains(whole, ".") {
		return "", fmt.Errorf("%q is no number: the decimal sign is %s here", clip(cell), point)
	}
	if dotted {
		whole += "." + fraction
	}
	n, ok := decimal(fa.Latin(whole))
	if !ok {
		return "", fmt.Errorf("%q is no number: want such as 1203 or 12.5", clip(cell))
	}
	return n, nil
}

// decimal returns s as a JSON number without leading zeros.
func decimal(s string) (string, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || !onlyDigits(whole) || !onlyDigits(fraction) || dotted && fraction == "" {
		return "", false
	}
	trimmed := strings.TrimLeft(whole[:len(whole)-1], "0") + whole[len(whole)-1:]
	if len(trimmed) == len(whole) {
		return strings.Clone(s), true
	}
	if dotted {
		trimmed += "." + fraction
	}
	if negative {
		trimmed = "-" + trimmed
	}
	return trimmed, true
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// clip returns s, or its first 40 characters.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
