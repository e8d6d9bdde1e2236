// Package jalali is the Solar Hijri calendar over the city's local dates: the one
// that Iran's people, seasons and Nowruz go by. Its arithmetic is that of
// go-jalaali, which agrees with the official leap years; the 2820-year rule of
// many libraries does not, from 1403 on.
package jalali

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	jalaali "github.com/jalaali/go-jalaali"

	"rasad/city"
	"rasad/city/fa"
)

// The years that this package knows, both included.
const (
	MinYear = 1
	MaxYear = 3000
)

// A Date is a day of the Solar Hijri calendar. The zero Date is no day.
type Date struct {
	Year  int // MinYear to MaxYear
	Month int // 1 (Farvardin) to 12 (Esfand)
	Day   int // 1 to 31
}

// Of returns the Solar Hijri date of d; the zero Date outside the known years.
func Of(d city.Date) Date {
	gy, gm, gd := d.Civil()
	year, month, day, err := jalaali.ToJalaali(gy, gm, gd)
	if err != nil || year < MinYear || year > MaxYear {
		return Date{}
	}
	return Date{year, int(month), day}
}

// Civil returns the city's date of d. It returns an error wrapping
// city.ErrInvalid where d is no day of the calendar, such as 30 Esfand of a
// common year.
func (d Date) Civil() (city.Date, error) {
	if n := MonthLength(d.Year, d.Month); n == 0 || d.Day < 1 || d.Day > n {
		return 0, fmt.Errorf("%w date %s: no such day in the Solar Hijri calendar", city.ErrInvalid, d)
	}
	year, month, day, err := jalaali.ToGregorian(d.Year, jalaali.Month(d.Month), d.Day)
	if err != nil {
		return 0, fmt.Errorf("%w date %s: %w", city.ErrInvalid, d, err)
	}
	return city.DateOf(year, month, day), nil
}

// Leap reports whether Esfand of year has 30 days; false outside the known years.
func Leap(year int) bool {
	if year < MinYear || year > MaxYear {
		return false
	}
	leap, err := jalaali.IsLeapYear(year)
	return err == nil && leap
}

// MonthLength returns the number of days of a month, 29 to 31; 0 where there is
// no such month.
func MonthLength(year, month int) int {
	switch {
	case year < MinYear || year > MaxYear || month < 1 || month > 12:
		return 0
	case month <= 6:
		return 31
	case month <= 11 || Leap(year):
		return 30
	default:
		return 29
	}
}

// MonthName returns the name of a month, 1 to 12, in Persian for lang "fa", else
// in English; "" for any other number.
func MonthName(month int, lang string) string {
	if month < 1 || month > 12 {
		return ""
	}
	return [12]city.Text{
		{FA: "فروردین", EN: "Farvardin"},
		{FA: "اردیبهشت", EN: "Ordibehesht"},
		{FA: "خرداد", EN: "Khordad"},
		{FA: "تیر", EN: "Tir"},
		{FA: "مرداد", EN: "Mordad"},
		{FA: "شهریور", EN: "Shahrivar"},
		{FA: "مهر", EN: "Mehr"},
		{FA: "آبان", EN: "Aban"},
		{FA: "آذر", EN: "Azar"},
		{FA: "دی", EN: "Dey"},
		{FA: "بهمن", EN: "Bahman"},
		{FA: "اسفند", EN: "Esfand"},
	}[month-1].In(lang)
}

// Weekdays returns the days of the week in Iran's order: Saturday first, Friday,
// the day of rest, last.
func Weekdays() [7]time.Weekday {
	return [7]time.Weekday{
		time.Saturday, time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday,
	}
}

// WeekdayName returns the name of a day of the week, in Persian for lang "fa",
// else in English.
func WeekdayName(w time.Weekday, lang string) string {
	if lang != "fa" || w < time.Sunday || w > time.Saturday {
		return w.String()
	}
	return [7]string{"یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه"}[w]
}

// Parse reads a Solar Hijri date as people write it: 1405/01/12, 1405-1-12, with
// Latin, Persian or Arabic digits. It returns an error wrapping city.ErrInvalid
// for anything else and for a day that does not exist.
func Parse(s string) (Date, error) {
	text := fa.Latin(strings.TrimSpace(s))
	sep := "/"
	if !strings.Contains(text, sep) {
		sep = "-"
	}
	parts := strings.Split(text, sep)
	var n [3]int
	for i, part := range parts {
		v, err := strconv.Atoi(part)
		if len(parts) != 3 || err != nil || len(part) > [3]int{4, 2, 2}[i] || part[0] < '0' || part[0] > '9' {
			return Date{}, fmt.Errorf("%w date %q: want such as 1405/01/12", city.ErrInvalid, clip(s))
		}
		n[i] = v
	}
	d := Date{n[0], n[1], n[2]}
	if _, err := d.Civil(); err != nil {
		return Date{}, err
	}
	return d, nil
}

// String returns d as 1405-01-12, for machines.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Format returns d without its weekday: "۱ فروردین ۱۴۰۵" for lang "fa", else
// "1 Farvardin 1405". It is put together from its parts: the order that CLDR
// gives full Persian dates is wrong.
func (d Date) Format(lang string) string {
	text := strconv.Itoa(d.Day) + " " + MonthName(d.Month, lang) + " " + strconv.Itoa(d.Year)
	if lang == "fa" {
		return fa.Digits(text)
	}
	return text
}

// Full returns the date d with its weekday: "شنبه ۱ فروردین ۱۴۰۵" for lang "fa",
// else "Saturday 1 Farvardin 1405".
func Full(d city.Date, lang string) string {
	return WeekdayName(d.Weekday(), lang) + " " + Of(d).Format(lang)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
