package city

import (
	"fmt"
	"math/big"
	"strconv"
)

// Steps is a value as a whole number of its unit's smallest step: persons count
// by 1, square metres by 0.1, percent by 0.01, minutes by the second. Every sum in
// Rasad is a sum of steps, so that every order gives the same bits.
type Steps int64

// MaxSteps bounds every value: beyond 2⁵³ a JSON number is no longer exact.
const MaxSteps Steps = 1 << 53

// A Unit says what a figure of 1 means. Persons, person-nights, site visits,
// crossings, SIMs and vehicles are different units: they never add and never
// share an axis.
type Unit string

// The units.
const (
	Person      Unit = "person"       // a person, once, at a place or in a stated window
	PersonNight Unit = "person_night" // one person, one night
	SiteVisit   Unit = "site_visit"   // an entry to a site; one person counts at each
	Crossing    Unit = "crossing"     // a passage of a line, either way
	Vehicle     Unit = "vehicle"
	SIM         Unit = "sim" // an active SIM card in an area
	Report      Unit = "report"
	Request     Unit = "request"
	Inspection  Unit = "inspection"
	Bed         Unit = "bed"
	SquareMetre Unit = "m2"
	Piece       Unit = "piece" // a seedling, a box, a tree
	Percent     Unit = "percent"
	Minute      Unit = "minute"
)

// A UnitInfo describes a unit well enough to read, add and print it.
type UnitInfo struct {
	ID       Unit  `json:"id"`
	PerOne   int64 `json:"steps_per_one"` // steps in a value of 1
	Additive bool  `json:"additive"`      // whether values of two sources may be added
	Name     Text  `json:"name"`          // as printed behind a number
}

// Units lists every unit. A new unit starts with a row here.
func Units() []UnitInfo {
	return []UnitInfo{
		{Person, 1, true, Text{"نفر", "people"}},
		{PersonNight, 1, true, Text{"نفر-شب", "person-nights"}},
		{SiteVisit, 1, true, Text{"بازدید", "visits"}},
		{Crossing, 1, true, Text{"عبور", "crossings"}},
		{Vehicle, 1, true, Text{"خودرو", "vehicles"}},
		{SIM, 1, true, Text{"سیم‌کارت", "SIM cards"}},
		{Report, 1, true, Text{"گزارش", "reports"}},
		{Request, 1, true, Text{"درخواست", "requests"}},
		{Inspection, 1, true, Text{"بازرسی", "inspections"}},
		{Bed, 1, true, Text{"تخت", "beds"}},
		{SquareMetre, 10, true, Text{"متر مربع", "m²"}},
		{Piece, 1, true, Text{"اصله", "plants"}},
		{Percent, 100, false, Text{"درصد", "percent"}},
		{Minute, 60, false, Text{"دقیقه", "minutes"}},
	}
}

// Info returns the unit's row, and whether there is one.
func (u Unit) Info() (UnitInfo, bool) {
	for _, i := range Units() {
		if i.ID == u {
			return i, true
		}
	}
	return UnitInfo{}, false
}

// perOne is Info without building the table: it stands on the path of every reading.
func (u Unit) perOne() int64 {
	switch u {
	case SquareMetre:
		return 10
	case Percent:
		return 100
	case Minute:
		return 60
	case Person, PersonNight, SiteVisit, Crossing, Vehicle, SIM, Report, Request, Inspection, Bed, Piece:
		return 1
	default:
		return 0
	}
}

// Parse reads a JSON number, such as "12", "-3" or "82.35", as steps of u. It is
// exact: a number finer than the step, beyond MaxSteps, or not a JSON number is
// refused with an error that wraps ErrInvalid.
func (u Unit) Parse(number string) (Steps, error) {
	per := u.perOne()
	if per == 0 {
		return 0, fmt.Errorf("%w unit %q: not one of Rasad's units", ErrInvalid, u)
	}
	if len(number) <= 15 { // plain integers, the usual case
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && number[0] != '+' && !leadingZero(number) {
			return inRange(n*per, number)
		}
	}
	if !isJSONNumber(number) {
		return 0, fmt.Errorf("%w number %q", ErrInvalid, clip(number))
	}
	if len(number) > 40 {
		return 0, fmt.Errorf("%w number %q: more digits than any reading needs", ErrInvalid, clip(number))
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, fmt.Errorf("%w number %q", ErrInvalid, clip(number))
	}
	r.Mul(r, new(big.Rat).SetInt64(per))
	if !r.IsInt() {
		return 0, fmt.Errorf("%w number %s: finer than the step of %s (%s)", ErrInvalid, clip(number), u, u.Format(1))
	}
	if !r.Num().IsInt64() {
		return 0, fmt.Errorf("%w number %s: beyond 2^53 steps", ErrInvalid, clip(number))
	}
	return inRange(r.Num().Int64(), number)
}

// Format prints s steps in u with Latin digits, as a JSON number: exact where the
// step is a decimal, rounded half-even to four places for minutes.
func (u Unit) Format(s Steps) string { return string(u.AppendFormat(nil, s)) }

// AppendFormat appends what Format returns to b.
func (u Unit) AppendFormat(b []byte, s Steps) []byte {
	per := u.perOne()
	if per <= 1 {
		return strconv.AppendInt(b, int64(s), 10)
	}
	if s < 0 {
		b, s = append(b, '-'), -s
	}
	whole, rest := int64(s)/per, int64(s)%per
	digits := 1
	switch per {
	case 100:
		digits = 2
	case 60: // to four places
		digits = 4
		rest = RoundDiv(rest*10_000, per)
		if rest == 10_000 {
			whole, rest = whole+1, 0
		}
	}
	b = strconv.AppendInt(b, whole, 10)
	if rest == 0 {
		return b
	}
	tail := strconv.Itoa(int(rest))
	for len(tail) < digits {
		tail = "0" + tail
	}
	for tail[len(tail)-1] == '0' {
		tail = tail[:len(tail)-1]
	}
	return append(append(b, '.'), tail...)
}

// RoundDiv returns num ÷ den rounded half to even; den must not be 0. It is how
// a mean or a share is made from two integers, at the last moment.
func RoundDiv(num, den int64) int64 {
	if den < 0 {
		num, den = -num, -den
	}
	q, r := num/den, num%den
	if r < 0 {
		q, r = q-1, r+den
	}
	switch twice := uint64(r) * 2; {
	case twice > uint64(den), twice == uint64(den) && q&1 != 0:
		q++
	}
	return q
}

func inRange(n int64, number string) (Steps, error) {
	if s := Steps(n); s > MaxSteps || s < -MaxSteps {
		return 0, fmt.Errorf("%w number %s: beyond 2^53 steps", ErrInvalid, clip(number))
	}
	return Steps(n), nil
}

func leadingZero(s string) bool {
	if s[0] == '-' {
		s = s[1:]
	}
	return len(s) > 1 && s[0] == '0'
}

// isJSONNumber reports whether s is a number by RFC 8259, section 6, with an
// exponent of at most two digits: "1e999999999" must not be worked out.
func isJSONNumber(s string) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	whole := i
	if !digits() || (s[whole] == '0' && i > whole+1) {
		return false
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		from := i
		if !digits() || i-from > 2 {
			return false
		}
	}
	return i == len(s) && i > 0
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
