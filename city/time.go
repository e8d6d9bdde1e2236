package city

import (
	"fmt"
	"sort"
	"time"
)

// A Moment is a whole second of Unix time, UTC. Readings speak in whole seconds:
// finer parts are dropped at the door.
type Moment int64

// At returns the moment of t, its finer parts dropped.
func At(t time.Time) Moment { return Moment(t.Unix()) }

// Time returns m as a time in UTC.
func (m Moment) Time() time.Time { return time.Unix(int64(m), 0).UTC() }

// String returns m in RFC 3339, UTC.
func (m Moment) String() string { return m.Time().Format(time.RFC3339) }

// A Date is a local day of the city, counted from 1 January 1970 (0), Gregorian.
type Date int32

// DateOf returns the date year-month-day; the parts may be out of range, as in time.Date.
func DateOf(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Civil returns the Gregorian year, month and day of d.
func (d Date) Civil() (year int, month time.Month, day int) {
	return time.Unix(int64(d)*86400, 0).UTC().Date()
}

// Weekday returns the day of the week of d.
func (d Date) Weekday() time.Weekday { return time.Unix(int64(d)*86400, 0).UTC().Weekday() }

// String returns d as 2006-01-02.
func (d Date) String() string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }

// ParseDate reads 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%w date %q: want 2006-01-02", ErrInvalid, clip(s))
	}
	return Date(t.Unix() / 86400), nil
}

// MarshalText writes d as 2006-01-02.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2006-01-02.
func (d *Date) UnmarshalText(b []byte) error {
	got, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = got
	return nil
}

// A Zone cuts time into the city's local days and hours. It holds the offsets of
// its location from 1970 to 2100, so that it costs no look-up in the tz tables;
// it may be used from several goroutines.
type Zone struct {
	loc  *time.Location
	from []Moment // starts of the stretches of one offset; from[0] is the earliest
	off  []int64  // seconds east of UTC during each stretch
}

// OpenZone returns the zone of an IANA name, such as "Asia/Tehran". The names are
// those of the tz database in the binary.
func OpenZone(name string) (*Zone, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%w zone %q: want an IANA name such as Asia/Tehran", ErrInvalid, name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%w zone %q: want an IANA name such as Asia/Tehran", ErrInvalid, name)
	}
	z := &Zone{loc: loc}
	end := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for t := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC); ; {
		if _, off := t.In(loc).Zone(); len(z.off) == 0 || z.off[len(z.off)-1] != int64(off) {
			z.from, z.off = append(z.from, At(t)), append(z.off, int64(off))
		}
		_, next := t.In(loc).ZoneBounds()
		if next.IsZero() || next.After(end) {
			return z, nil
		}
		if !next.After(t) { // 31 December of a leap year is given as its own end
			next = t.AddDate(0, 0, 1)
		}
		t = next
	}
}

// Location returns the zone's location.
func (z *Zone) Location() *time.Location { return z.loc }

// Offset returns the zone's seconds east of UTC at m.
func (z *Zone) Offset(m Moment) int64 {
	last := len(z.from) - 1
	if m >= z.from[last] {
		return z.off[last]
	}
	i := sort.Search(last, func(i int) bool { return z.from[i+1] > m })
	return z.off[i]
}

// Date returns the local date of m.
func (z *Zone) Date(m Moment) Date { return Date(floorDiv(int64(m)+z.Offset(m), 86400)) }

// Day returns the moments [from, to) of the local date d: 23 to 25 hours.
func (z *Zone) Day(d Date) (from, to Moment) { return z.midnight(d), z.midnight(d + 1) }

// midnight returns the first moment of the local date d, also where the clock
// jumps over midnight or strikes it twice.
func (z *Zone) midnight(d Date) Moment {
	naive := Moment(int64(d) * 86400)
	// No zone is more than 15 hours from UTC: the first moment of that date lies
	// within; the offsets before and after are the candidates.
	m := naive - Moment(z.Offset(naive-54000))
	if z.Date(m) == d && z.Date(m-1) != d {
		return m
	}
	lo, hi := naive-54000, naive+54000 // Date(lo) < d <= Date(hi)
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; z.Date(mid) >= d {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// Hour returns the first moment of the local clock hour of m, within m's own
// stretch of one offset: an hour that the clock repeats is two hours.
func (z *Zone) Hour(m Moment) Moment { return z.Floor(m, 3600) }

// NextHour returns the first moment after the local clock hour of m.
func (z *Zone) NextHour(m Moment) Moment {
	off := z.Offset(m)
	next := Moment((floorDiv(int64(m)+off, 3600)+1)*3600 - off)
	i := sort.Search(len(z.from), func(i int) bool { return z.from[i] > m })
	if 0 < i && i < len(z.from) { // a change of the clock cuts the hour short
		next = min(next, z.from[i])
	}
	return next
}

// Floor returns m cut down to the local grid of step seconds, where step divides
// an hour, within m's own stretch of one offset.
func (z *Zone) Floor(m Moment, step int64) Moment {
	off := z.Offset(m)
	f := Moment(floorDiv(int64(m)+off, step)*step - off)
	if z.Offset(f) != off { // the grid line lies before the clock changed
		i := sort.Search(len(z.from), func(i int) bool { return z.from[i] > m }) - 1
		return max(f, z.from[max(i, 0)])
	}
	return f
}

// HourOfDay returns the local hour of the day of m, 0 to 23.
func (z *Zone) HourOfDay(m Moment) int {
	local := int64(m) + z.Offset(m)
	return int((local - floorDiv(local, 86400)*86400) / 3600)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
