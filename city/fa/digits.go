// Package fa knows how Persian is written: digits and number separators, the
// letters that keyboards confuse, invisible characters, and numbers inside
// sentences that run from right to left. It holds no wording: that stands with
// the pages and in the city file.
package fa

import "strings"

// The number signs of Persian.
const (
	DecimalSign  = '\u066B' // ٫
	ThousandSign = '\u066C' // ٬
	PercentSign  = '\u066A' // ٪
)

// Latin returns s with Persian (۰-۹) and Arabic (٠-٩) digits as Latin ones, the
// Persian decimal sign as a point, and the thousands sign left out. Everything
// else stays, so that what reads the number still refuses what is none.
func Latin(s string) string {
	if !strings.ContainsFunc(s, numeric) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case DecimalSign:
			return '.'
		case ThousandSign:
			return -1
		default:
			if d := digit(r); d >= 0 {
				return '0' + d
			}
			return r
		}
	}, s)
}

// HasDigits reports whether s holds a Persian or Arabic digit.
func HasDigits(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return digit(r) >= 0 })
}

// Digits returns s with its Latin digits as Persian ones. Nothing else changes:
// for clocks, dates and codes. Number writes a whole number.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '۰'
		}
		return r
	}, s)
}

func numeric(r rune) bool { return r == DecimalSign || r == ThousandSign || digit(r) >= 0 }

// digit returns the value of a Persian or Arabic digit, or -1.
func digit(r rune) rune {
	switch {
	case '۰' <= r && r <= '۹':
		return r - '۰'
	case '٠' <= r && r <= '٩':
		return r - '٠'
	default:
		return -1
	}
}

// Number writes a number that is given with Latin digits, such as "-1203.5", the
// way lang reads it: "‎−۱٬۲۰۳٫۵" in "fa", "-1,203.5" in any other. What is not
// such a number comes back as it is.
func Number(number, lang string) string {
	digits, negative := strings.CutPrefix(number, "-")
	whole, part, pointed := strings.Cut(digits, ".")
	if !allDigits(whole) || (pointed && !allDigits(part)) {
		return number
	}
	group, point, minus := ",", ".", "-"
	if lang == "fa" {
		// The mark keeps the sign on the left of its number, also at the start of
		// a line that runs from right to left.
		group, point, minus = string(ThousandSign), string(DecimalSign), "\u200E\u2212"
	}
	var b strings.Builder
	if negative {
		b.WriteString(minus)
	}
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(r)
	}
	if pointed {
		b.WriteString(point + part)
	}
	if lang == "fa" {
		return Digits(b.String())
	}
	return b.String()
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}
