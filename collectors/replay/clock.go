package replay

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"rasad/city"
	"rasad/city/fa"
	"rasad/city/jalali"
)

// A clock reads the time of a row.
type clock struct {
	format    string     // as in the mapping
	layout    string     // of package time; "" for iso and jalali
	absolute  bool       // the layout holds an offset
	zone      *city.Zone // of local times; nil where every time has its offset
	ambiguous string
}

// layouts returns the layout of a named format, or the format itself.
func layoutOf(format string) string {
	switch format {
	case "iso", "jalali":
		return ""
	case "ymd": // 2015-02-02
		return "2006-01-02"
	case "dmy": // 07/07/2014
		return "02/01/2006"
	case "mdy_12h": // 10/03/2012 12:00:00 AM
		return "01/02/2006 03:04:05 PM"
	case "dmy_month": // 01-Feb-17
		return "02-Jan-06"
	default:
		return format
	}
}

func openClock(t timeSettings) (clock, error) {
	c := clock{format: t.Format, layout: layoutOf(t.Format), ambiguous: t.Ambiguous}
	if t.Column == "" {
		return c, errors.New("time: column: say which column is the time")
	}
	if c.layout != "" {
		c.absolute = strings.Contains(c.layout, "Z07") || strings.Contains(c.layout, "-07")
		probe := time.Date(2017, 11, 28, 13, 14, 15, 0, time.UTC)
		got, err := time.Parse(c.layout, probe.Format(c.layout))
		if err != nil || got.Year() != 2017 || got.YearDay() != probe.YearDay() {
			return c, fmt.Errorf("time: format: %q is none of iso, ymd, dmy, dmy_month, mdy_12h, jalali, and no layout with year, month and day such as 02.01.2006 15:04", clip(t.Format))
		}
	}
	if t.Ambiguous != "refuse" && t.Ambiguous != "first" && t.Ambiguous != "second" {
		return c, errors.New("time: ambiguous: want refuse, first or second")
	}
	if t.Marks != "start" && t.Marks != "end" {
		return c, errors.New("time: marks: want start or end of the slot")
	}
	if t.Zone == "" {
		if !c.absolute && t.Format != "iso" {
			return c, errors.New("time: zone: local times need one, such as Asia/Tehran")
		}
		return c, nil
	}
	z, err := city.OpenZone(t.Zone)
	if err != nil {
		return c, fmt.Errorf("time: %w", err)
	}
	c.zone = z
	return c, nil
}

// read returns the moment that a row speaks of: cell is its time, hour its hour
// where that stands in a column of its own.
func (c *clock) read(cell, hour string, hasHour bool) (city.Moment, error) {
	text := fa.Latin(strings.TrimSpace(cell))
	local, moment, absolute, err := c.parse(text)
	if err != nil {
		return 0, err
	}
	if absolute {
		if hasHour {
			return 0, fmt.Errorf("time %q has an offset: an hour of its own cannot be added", clip(cell))
		}
		return moment, nil
	}
	if hasHour {
		sec, err := timeOfDay(fa.Latin(strings.TrimSpace(hour)))
		if err != nil {
			return 0, err
		}
		local = local - local%86400 + sec
	}
	if c.zone == nil {
		return 0, fmt.Errorf("time %q is local: name its zone in the mapping", clip(cell))
	}
	return c.resolve(local, text)
}

// parse reads a time as local seconds, or as a moment where it has an offset.
func (c *clock) parse(text string) (local int64, m city.Moment, absolute bool, err error) {
	switch c.format {
	case "jalali":
		local, err = jalaliTime(text)
		return local, 0, false, err
	case "iso":
		for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700"} {
			if t, err := time.Parse(layout, text); err == nil {
				return 0, city.At(t), true, nil
			}
		}
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t.Unix(), 0, false, nil
			}
		}
		return 0, 0, false, fmt.Errorf("time %q: want such as 2006-01-02T15:04:05+03:30", clip(text))
	}
	t, err := time.Parse(c.layout, text)
	if err != nil {
		return 0, 0, false, fmt.Errorf("time %q: want the format %s, as in %s", clip(text), c.format,
			time.Date(2017, 11, 28, 13, 0, 0, 0, time.UTC).Format(c.layout))
	}
	if c.absolute {
		return 0, city.At(t), true, nil
	}
	return t.Unix(), 0, false, nil
}

// jalaliTime reads 1403/01/12, with a time of day behind it or without.
func jalaliTime(text string) (int64, error) {
	day, rest, timed := strings.Cut(strings.Replace(text, "T", " ", 1), " ")
	d, err := jalali.Parse(day)
	if err != nil {
		return 0, err
	}
	date, err := d.Civil()
	if err != nil {
		return 0, err
	}
	sec := int64(0)
	if timed {
		if sec, err = timeOfDay(strings.TrimSpace(rest)); err != nil {
			return 0, err
		}
	}
	return int64(date)*86400 + sec, nil
}

// timeOfDay reads 9, 09:30 or 09:30:15 as seconds of the day.
func timeOfDay(s string) (int64, error) {
	var sec int64
	parts := strings.Split(s, ":")
	for i, bound := range [3]int64{24, 60, 60} {
		n := int64(0)
		if i < len(parts) {
			p := parts[i]
			if p == "" || len(p) > 2 || !onlyDigits(p) {
				return 0, fmt.Errorf("hour %q: want such as 9 or 09:30", clip(s))
			}
			for _, digit := range p {
				n = n*10 + int64(digit-'0')
			}
		}
		if n >= bound || len(parts) > 3 {
			return 0, fmt.Errorf("hour %q: want 0 to 23, or such as 09:30", clip(s))
		}
		sec = sec*60 + n
	}
	return sec, nil
}

// resolve finds the moment of a local time that may not exist or exist twice.
func (c *clock) resolve(local int64, text string) (city.Moment, error) {
	// Clocks change by hours at most, and no more than once in thirty hours.
	before, after := c.zone.Offset(city.Moment(local-54000)), c.zone.Offset(city.Moment(local+54000))
	first, second := city.Moment(local-before), city.Moment(local-after)
	ok1, ok2 := c.zone.Offset(first) == before, c.zone.Offset(second) == after
	switch {
	case ok1 && ok2 && first == second:
		return first, nil
	case ok1 && ok2 && c.ambiguous == "first":
		return min(first, second), nil
	case ok1 && ok2 && c.ambiguous == "second":
		return max(first, second), nil
	case ok1 && ok2:
		return 0, fmt.Errorf("time %q exists twice in %s: say in the mapping whether the first or the second is meant", clip(text), c.zone.Location())
	case ok1:
		return first, nil
	case ok2:
		return second, nil
	}
	return 0, fmt.Errorf("time %q does not exist in %s: the clock is put forward over it", clip(text), c.zone.Location())
}
