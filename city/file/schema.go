package file

import (
	"fmt"
	"strings"
	"time"

	"rasad/city"
	"rasad/city/fa"
	"rasad/city/jalali"
)

// The structs here are the city file as people write it; docs/city.md explains
// every key. What a key leaves out, compile fills in.

type rawCity struct {
	Format      int                  `yaml:"format"`
	ID          string               `yaml:"id"`
	Name        rawText              `yaml:"name"`
	Zone        string               `yaml:"zone"`
	Departments []rawDepartment      `yaml:"departments"`
	Streams     map[string]rawSource `yaml:"streams"`
	Districts   []rawDistrict        `yaml:"districts"`
	Places      []rawPlace           `yaml:"places"`
	Sources     []rawSource          `yaml:"sources"`
	Indicators  []rawIndicator       `yaml:"indicators"`
	Seasons     []rawSeason          `yaml:"seasons"`
	Screens     []rawScreen          `yaml:"screens"`
	Categories  []rawCategory        `yaml:"categories"`
	Levels      []rawLevel           `yaml:"service_levels"`
	Plans       []rawPlan            `yaml:"plans"`
}

type rawText struct {
	FA string `yaml:"fa"`
	EN string `yaml:"en"`
}

func (t *rawText) text() city.Text {
	if t == nil {
		return city.Text{}
	}
	return city.Text{FA: t.FA, EN: t.EN}
}

type rawDepartment struct {
	ID      string      `yaml:"id"`
	Name    rawText     `yaml:"name"`
	Body    *rawText    `yaml:"body"` // its name in full; the name where it is left out
	Sources []rawSource `yaml:"sources,single"`
}

type rawDistrict struct {
	ID      string      `yaml:"id"`
	Number  int         `yaml:"number"`
	Name    rawText     `yaml:"name"`
	Zone    string      `yaml:"zone"`
	Sources []rawSource `yaml:"sources,single"`
}

type rawPlace struct {
	ID       string      `yaml:"id"`
	Name     rawText     `yaml:"name"`
	Kind     string      `yaml:"kind"`
	District string      `yaml:"district"`
	At       [2]float64  `yaml:"at"` // degrees north, degrees east
	Capacity int64       `yaml:"capacity"`
	Zone     string      `yaml:"zone"`
	Sources  []rawSource `yaml:"sources,single"`
}

// A rawSource is a source or a stream: a pattern that many sources share. What a
// source leaves out, it takes from its stream.
type rawSource struct {
	Stream     string         `yaml:"stream,short"`
	ID         string         `yaml:"id"`
	Name       *rawText       `yaml:"name"`
	Place      string         `yaml:"place"`
	District   string         `yaml:"district"`
	Department string         `yaml:"department"`
	Counts     string         `yaml:"counts"`
	Unit       string         `yaml:"unit"`
	Kind       string         `yaml:"kind"`
	Directions string         `yaml:"directions"` // "in_out" or nothing
	Slot       *time.Duration `yaml:"slot"`
	Cadence    []rawCadence   `yaml:"cadence,single"`
	Range      *[2]number     `yaml:"range"`
	Body       *rawText       `yaml:"body"`
	Method     string         `yaml:"method"`
	LateUntil  *time.Duration `yaml:"late_until"`
}

func (rawSource) later() []string {
	return []string{"factor", "factors", "rate", "resets", "reset", "rollover"}
}

type rawCadence struct {
	Every time.Duration `yaml:"every,short"`
	Hours hours         `yaml:"hours"`
}

// hours are local hours of the day, as in 8-20; the zero value is the whole day.
type hours struct{ from, to int }

// UnmarshalText reads 8-20.
func (h *hours) UnmarshalText(b []byte) error {
	a, z, ok := strings.Cut(string(b), "-")
	from, err1 := parseHour(a)
	to, err2 := parseHour(z)
	if !ok || err1 != nil || err2 != nil {
		return fmt.Errorf("%q are no hours: want such as 8-20", clip(string(b)))
	}
	h.from, h.to = from, to
	return nil
}

func parseHour(s string) (int, error) {
	s = strings.TrimSpace(s)
	if !digits(s) || len(s) > 2 {
		return 0, fmt.Errorf("parse hour %q: want 0 to 24", clip(s))
	}
	n := 0
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n, nil
}

type rawIndicator struct {
	ID         string         `yaml:"id"`
	Name       rawText        `yaml:"name"`
	Definition rawText        `yaml:"definition"`
	Theme      string         `yaml:"theme"`
	Of         *rawSelector   `yaml:"of"`
	Among      *rawSelector   `yaml:"among"`
	Unit       string         `yaml:"unit"`
	How        string         `yaml:"how"`
	Over       string         `yaml:"over"`
	By         []string       `yaml:"by,single"`
	Target     *number        `yaml:"target"`
	Thresholds *rawThresholds `yaml:"thresholds"`
	Owner      string         `yaml:"owner"`
	Body       *rawText       `yaml:"body"`
}

func (rawIndicator) later() []string {
	return []string{"expression", "compare", "weight", "hysteresis", "for"}
}

type rawThresholds struct {
	Direction string `yaml:"direction"`
	Of        string `yaml:"of"`
	Watch     number `yaml:"watch"`
	Alert     number `yaml:"alert"`
}

func (rawThresholds) later() []string { return []string{"hysteresis", "for", "rate", "absence"} }

// A rawSelector names sources, one by one or by what they have in common: of each
// key that is there, one of its values.
type rawSelector struct {
	Sources    []string `yaml:"sources,short,single"`
	Counts     []string `yaml:"counts,single"`
	Direction  string   `yaml:"direction"`
	Place      []string `yaml:"place,single"`
	District   []string `yaml:"district,single"`
	Department []string `yaml:"department,single"`
}

type rawSeason struct {
	ID   string         `yaml:"id"`
	Name rawText        `yaml:"name"`
	From date           `yaml:"from"`
	To   date           `yaml:"to"`
	One  date           `yaml:"day_one"`
	Days []rawSeasonDay `yaml:"days"`
}

type rawSeasonDay struct {
	Date date    `yaml:"date"`
	Name rawText `yaml:"name"`
}

type rawScreen struct {
	ID       string   `yaml:"id"`
	Name     rawText  `yaml:"name"`
	Lang     string   `yaml:"lang"`
	Numbers  []string `yaml:"numbers,single"`
	Crowding string   `yaml:"crowding"`
	Chart    string   `yaml:"chart"`
	Public   bool     `yaml:"public"`
}

type rawCategory struct {
	ID   string  `yaml:"id"`
	Name rawText `yaml:"name"`
}

type rawLevel struct {
	Case     string         `yaml:"case"`
	Category string         `yaml:"category"`
	Zone     string         `yaml:"zone"`
	Within   time.Duration  `yaml:"within"`
	Season   *time.Duration `yaml:"season"`
	Hours    hours          `yaml:"hours"`
}

func (rawLevel) later() []string { return []string{"weekdays", "holidays", "department"} }

type rawPlan struct {
	ID     string            `yaml:"id"`
	Name   rawText           `yaml:"name"`
	Of     *rawSelector      `yaml:"of"`
	From   date              `yaml:"from"`
	To     date              `yaml:"to"`
	Amount map[string]number `yaml:"amount,short"` // by source or district; "": of each part
	Every  *time.Duration    `yaml:"every"`
}

func (rawPlan) later() []string { return []string{"waves", "items"} }

// firstGregorian is the year from which on a date is taken for a Gregorian one:
// no city has a season in the Solar Hijri year 1700 yet.
const firstGregorian = 1700

// A date is a local day, written 1405/12/25 in the Solar Hijri calendar or
// 2027-03-16 in the Gregorian one.
type date struct {
	day city.Date
	set bool
}

// UnmarshalText reads either form.
func (d *date) UnmarshalText(b []byte) error {
	s := string(b)
	if fa.HasDigits(s) {
		return fmt.Errorf("write the date with Latin digits: %s", clip(fa.Latin(s)))
	}
	if day, err := city.ParseDate(s); err == nil {
		if year, _, _ := day.Civil(); year >= firstGregorian {
			d.day, d.set = day, true
			return nil
		}
	}
	j, err := jalali.Parse(s)
	if err != nil {
		return err
	}
	if j.Year >= firstGregorian {
		return fmt.Errorf("%q is no date: write a Gregorian one as 2027-03-16", clip(s))
	}
	if d.day, err = j.Civil(); err != nil {
		return err
	}
	d.set = true
	return nil
}
