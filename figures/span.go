package figures

import (
	"fmt"
	"strconv"
	"time"

	"rasad/city"
	"rasad/city/fa"
	"rasad/city/jalali"
)

// A Span is the stretch of time that a figure speaks of.
type Span struct {
	Name     city.Text   // in words, with its dates
	From, To city.Moment // [From, To); equal for a state at one moment; both 0 for none
	running  bool        // it has not ended
	season   city.Text   // its name, where it is one
}

// spanOf returns the span of a period at the moment now, for a figure whose newest
// reading is of the moment at (0: none).
func spanOf(c *city.City, over city.Period, at, now city.Moment) Span {
	if over == city.Now {
		when := at
		if when == 0 {
			when = now
		}
		name := func(lang string) string {
			return over2words(over, lang) + colon + clock(c.Clock(), when, lang) + comma(lang) + day(c.Clock().Date(when), lang)
		}
		return Span{Name: both(name), From: when, To: when, running: true}
	}
	from, to, ok := c.Window(over, now)
	if !ok {
		return Span{Name: city.Text{FA: "اکنون فصلی در جریان نیست", EN: "no season is running"}}
	}
	s := Span{From: from, To: to, running: now < to}
	first, last := c.Clock().Date(from), c.Clock().Date(to-1)
	if over == city.InSeason {
		s.season = c.SeasonAt(now).Name
	}
	s.Name = both(func(lang string) string {
		switch over {
		case city.InSeason:
			return s.season.In(lang) + colon + day(first, lang) + until(lang) + day(last, lang)
		case city.Hour, city.QuarterHour:
			return over2words(over, lang) + colon + clock(c.Clock(), from, lang) + until(lang) + clock(c.Clock(), to, lang) + comma(lang) + day(first, lang)
		default:
			return over2words(over, lang) + colon + day(first, lang)
		}
	})
	return s
}

const colon = ": "

// both says something in both languages.
func both(say func(lang string) string) city.Text {
	return city.Text{FA: say("fa"), EN: say("en")}
}

func comma(lang string) string { return city.Text{FA: "، ", EN: ", "}.In(lang) }

func until(lang string) string { return city.Text{FA: " تا ", EN: " to "}.In(lang) }

// over2words names a period as readers of a newspaper would.
func over2words(p city.Period, lang string) string {
	switch p {
	case city.Now:
		return city.Text{FA: "اکنون", EN: "now"}.In(lang)
	case city.QuarterHour:
		return city.Text{FA: "این ربع ساعت", EN: "this quarter of an hour"}.In(lang)
	case city.Hour:
		return city.Text{FA: "این ساعت", EN: "this hour"}.In(lang)
	case city.Day:
		return city.Text{FA: "امروز", EN: "today"}.In(lang)
	case city.PreviousDay:
		return city.Text{FA: "دیروز", EN: "yesterday"}.In(lang)
	default:
		return city.Text{FA: "فصل", EN: "season"}.In(lang)
	}
}

// day writes a local date with its weekday: "یکشنبه ۱ فروردین ۱۴۰۶" for lang "fa",
// else in the Gregorian calendar, "Sunday 21 March 2027".
func day(d city.Date, lang string) string {
	if lang == "fa" {
		return jalali.Full(d, "fa")
	}
	year, month, dom := d.Civil()
	return d.Weekday().String() + " " + strconv.Itoa(dom) + " " + month.String() + " " + strconv.Itoa(year)
}

// clock writes the local time of day of m: "۱۴:۱۵" or "14:15".
func clock(zone *city.Zone, m city.Moment, lang string) string {
	t := local(zone, m)
	text := fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute())
	if lang == "fa" {
		return fa.Digits(text)
	}
	return text
}

// local returns what the city's clocks show at m, as a time in UTC.
func local(zone *city.Zone, m city.Moment) time.Time {
	return (m + city.Moment(zone.Offset(m))).Time()
}

// stretch is the span of one window of a series.
func stretch(zone *city.Zone, from, to city.Moment) Span {
	first := zone.Date(from)
	if start, end := zone.Day(first); start == from && end == to {
		return Span{Name: both(func(lang string) string { return day(first, lang) }), From: from, To: to}
	}
	return Span{From: from, To: to, Name: both(func(lang string) string {
		return clock(zone, from, lang) + until(lang) + clock(zone, to, lang) + comma(lang) + day(first, lang)
	})}
}
