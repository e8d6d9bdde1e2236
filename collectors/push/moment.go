package push

import (
	"time"
	"unicode/utf8"

	"rasad/city"
)

// moment reads a string value as an RFC 3339 time with its offset. Parts of a
// second are dropped.
func (s *scanner) moment(key string) (city.Moment, bool) {
	if s.pos >= len(s.body) || s.body[s.pos] != '"' {
		if s.isNull() {
			return 0, s.fail(s.pos, "%q is null; leave the field out", key)
		}
		return 0, s.fail(s.pos, `%q must be a time in quotes, such as "2026-03-21T09:15:00+03:30"`, key)
	}
	at := s.pos
	text, ok := s.quoted()
	if !ok {
		return 0, false
	}
	m, cure := parseMoment(text)
	if cure != "" {
		return 0, s.fail(at, "%q is %s", key, cure)
	}
	return m, true
}

const wantTime = `no time; write it like "2026-03-21T09:15:00+03:30"`

// parseMoment reads an RFC 3339 time, or says what is wrong with it.
func parseMoment(t string) (m city.Moment, cure string) {
	for i := range len(t) {
		if t[i] >= utf8.RuneSelf {
			if foreignDigit([]byte(t[i:])) != "" {
				return 0, `no time; use Latin digits, such as "2026-03-21T09:15:00+03:30"`
			}
			return 0, wantTime
		}
	}
	if len(t) < 19 || t[4] != '-' || t[7] != '-' || t[10]|0x20 != 't' || t[13] != ':' || t[16] != ':' {
		return 0, wantTime
	}
	year, ok1 := two(t[0:2])
	year2, ok2 := two(t[2:4])
	month, ok3 := two(t[5:7])
	day, ok4 := two(t[8:10])
	hour, ok5 := two(t[11:13])
	minute, ok6 := two(t[14:16])
	second, ok7 := two(t[17:19])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || !ok7 {
		return 0, wantTime
	}
	year = year*100 + year2
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, "a date that does not exist; correct it"
	}
	if hour > 23 || minute > 59 || second > 59 {
		return 0, "a time of day that does not exist; hours go to 23, minutes and seconds to 59"
	}
	offset, cure := parseOffset(t[19:])
	if cure != "" {
		return 0, cure
	}
	clock := int64(hour)*3600 + int64(minute)*60 + int64(second)
	return city.Moment(daysFrom1970(year, month, day)*86400 + clock - offset), ""
}

// parseOffset reads what stands behind the seconds: [.fraction](Z|±hh:mm).
func parseOffset(t string) (seconds int64, cure string) {
	if t != "" && t[0] == '.' {
		i := 1
		for i < len(t) && '0' <= t[i] && t[i] <= '9' {
			i++
		}
		if i == 1 {
			return 0, wantTime
		}
		t = t[i:]
	}
	switch {
	case t == "":
		return 0, "a local time; add its offset from UTC, such as +03:30 or Z"
	case t == "Z" || t == "z":
		return 0, ""
	case len(t) != 6 || (t[0] != '+' && t[0] != '-') || t[3] != ':':
		return 0, "a time with a broken offset; write it like +03:30 or Z"
	}
	hours, ok1 := two(t[1:3])
	minutes, ok2 := two(t[4:6])
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, "a time with a broken offset; write it like +03:30 or Z"
	}
	seconds = int64(hours)*3600 + int64(minutes)*60
	if t[0] == '-' {
		seconds = -seconds
	}
	return seconds, ""
}

func two(s string) (int, bool) {
	a, b := s[0]-'0', s[1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// daysFrom1970 counts the days from 1 January 1970 to a Gregorian date. Years are
// counted from March, so that the leap day is the last of its year.
func daysFrom1970(year, month, day int) int64 {
	if year < 1 { // as far as time goes here: the gate refuses it in words
		return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400
	}
	if month <= 2 {
		year, month = year-1, month+12
	}
	y := int64(year)
	return y*365 + y/4 - y/100 + y/400 + int64(153*(month-3)+2)/5 + int64(day) - 719469
}
