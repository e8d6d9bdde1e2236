package figures

import (
	"strconv"
	"strings"

	"rasad/city"
	"rasad/city/fa"
)

// Sentence says the card in one or more sentences of lang, ready to be pasted into a
// news text: the number with its unit, what and where it counts, of when it is, who
// answers for it, and, where it is so, that it is provisional, revised or from a part
// of its sources. It holds no control characters but the non-joiner of Persian, and
// the digits of its language alone.
func (c *Card) Sentence(lang string) string {
	if lang == "fa" {
		return fa.Digits(oneLine(c.persian()))
	}
	return fa.Latin(oneLine(c.english()))
}

func oneLine(s string) string { return strings.Join(strings.Fields(plain(s)), " ") }

// persian says it so that no word takes an ezafe that its spelling would have to
// show, and no number stands beside another one.
func (c *Card) persian() string {
	what := c.persianWhat() + " " + c.persianWhere()
	if !c.Figure.Has {
		return c.persianNone(what)
	}
	amount := "برابر با " + c.amount("fa") + " بود"
	if c.grows() {
		amount = "به " + c.amount("fa") + " رسید"
	}
	text := "به گزارش " + c.Body.FA + "، " + what + " " + c.persianWhen() + " " + amount + "."
	if c.Figure.Provisional {
		text += " این رقم موقت است."
	}
	if c.Figure.Revised {
		text += " این رقم با داده‌های دیررسیده بازنگری شده است."
	}
	if f := c.Figure.Coverage; f.Reporting < f.Expected {
		text += " پوشش: " + strconv.Itoa(f.Reporting) + " از " + strconv.Itoa(f.Expected) + " منبع."
	}
	return text
}

func (c *Card) english() string {
	what := c.Indicator.Name.EN + " " + c.englishWhere()
	if !c.Figure.Has {
		return c.englishNone(what)
	}
	verb := " stood at "
	if c.grows() {
		verb = " reached "
	}
	text := what + verb + c.amount("en") + " " + c.englishWhen() + ", according to " + c.Body.EN + "."
	if c.Figure.Provisional {
		text += " The figure is provisional."
	}
	if c.Figure.Revised {
		text += " It has been revised with late data."
	}
	if f := c.Figure.Coverage; f.Reporting < f.Expected {
		text += " Coverage: " + strconv.Itoa(f.Reporting) + " of " + strconv.Itoa(f.Expected) + " sources."
	}
	return text
}

// persianNone says that there is no number, which is not zero.
func (c *Card) persianNone(what string) string {
	zone := c.city.Clock()
	when := "تا ساعت " + clock(zone, c.now, "fa") + " " + day(zone.Date(c.now), "fa")
	switch {
	case c.Span.From == 0:
		return "در روز " + day(zone.Date(c.now), "fa") + " فصلی در جریان نیست و رقمی برای " + what + " نیست (یکا: " + c.UnitName.FA + "؛ مرجع: " + c.Body.FA + ")."
	case !c.Span.running:
		when = "برای روز " + day(zone.Date(c.Span.From), "fa")
	}
	return when + " رقمی از " + what + " از سوی " + c.Body.FA + " نرسیده است (یکا: " + c.UnitName.FA + ")."
}

func (c *Card) englishNone(what string) string {
	zone := c.city.Clock()
	when := "by " + clock(zone, c.now, "en") + " on " + day(zone.Date(c.now), "en")
	switch {
	case c.Span.From == 0:
		return "No season is running on " + day(zone.Date(c.now), "en") + ": there is no figure for " + what + " (in " + c.UnitName.EN + ", from " + c.Body.EN + ")."
	case !c.Span.running:
		when = "for " + day(zone.Date(c.Span.From), "en")
	}
	return "No figure for " + what + " (in " + c.UnitName.EN + ") had come from " + c.Body.EN + " " + when + "."
}

// persianWhat names what is counted: where it is a number of things, as their number.
func (c *Card) persianWhat() string {
	name := c.Indicator.Name.FA
	if c.stepsInOne != 1 || strings.HasPrefix(name, "شمار") || strings.HasPrefix(name, "تعداد") {
		return name
	}
	return "شمار " + name
}

func (c *Card) persianWhere() string {
	switch name := c.GroupName.FA; {
	case c.Group.By == city.ByDepartment:
		return "در حوزهٔ " + name
	case c.Group.By == city.ByDistrict && endsInDigit(name):
		return "در " + name + " " + c.city.Name.FA // a number alone names no city
	default:
		return "در " + name
	}
}

func (c *Card) englishWhere() string {
	switch name := c.GroupName.EN; c.Group.By {
	case city.ByPlace:
		return "at " + name
	case city.ByDepartment:
		return "for " + name
	case city.ByDistrict:
		if endsInDigit(name) {
			return "in " + name + ", " + c.city.Name.EN + ","
		}
		return "in " + name
	default:
		return "in " + name
	}
}

// persianWhen says of when the number is: in a stretch that is running, up to its
// newest reading.
func (c *Card) persianWhen() string {
	zone := c.city.Clock()
	switch at := c.Figure.At; {
	case c.Indicator.Over == city.Now:
		return "در ساعت " + clock(zone, at, "fa") + " " + day(zone.Date(at), "fa")
	case c.Indicator.Over == city.Hour || c.Indicator.Over == city.QuarterHour:
		return "از ساعت " + clock(zone, c.Span.From, "fa") + " تا " + clock(zone, at, "fa") + " " + day(zone.Date(c.Span.From), "fa")
	case c.Indicator.Over == city.InSeason:
		return "از آغاز " + c.Span.season.FA + " تا ساعت " + clock(zone, at, "fa") + " " + day(zone.Date(at), "fa")
	case !c.Span.running:
		return "در روز " + day(zone.Date(c.Span.From), "fa")
	default:
		return "تا ساعت " + clock(zone, at, "fa") + " " + day(zone.Date(at), "fa")
	}
}

func (c *Card) englishWhen() string {
	zone := c.city.Clock()
	switch at := c.Figure.At; {
	case c.Indicator.Over == city.Now:
		return "at " + clock(zone, at, "en") + " on " + day(zone.Date(at), "en")
	case c.Indicator.Over == city.Hour || c.Indicator.Over == city.QuarterHour:
		return "from " + clock(zone, c.Span.From, "en") + " to " + clock(zone, at, "en") + " on " + day(zone.Date(c.Span.From), "en")
	case c.Indicator.Over == city.InSeason:
		return "from the beginning of " + c.Span.season.EN + " to " + clock(zone, at, "en") + " on " + day(zone.Date(at), "en")
	case !c.Span.running:
		return "on " + day(zone.Date(c.Span.From), "en")
	default:
		return "by " + clock(zone, at, "en") + " on " + day(zone.Date(at), "en")
	}
}

// grows reports whether the number is a sum that has been growing up to now.
func (c *Card) grows() bool {
	return c.Indicator.How == city.Sum && c.Indicator.Over != city.Now && c.Span.running && c.Figure.Value > 0
}

// amount writes the number with its unit. Signs that change sides with the text
// around them are words.
func (c *Card) amount(lang string) string {
	number, negative := strings.CutPrefix(c.Value(), "-")
	unit := c.UnitName.In(lang)
	if lang != "fa" && number == "1" {
		unit = one(c.Indicator.Unit)
	}
	text := fa.Number(number, lang)
	if c.Figure.Value == 0 {
		text = city.Text{FA: "صفر", EN: "zero"}.In(lang)
	}
	if negative {
		text = city.Text{FA: "منفی ", EN: "minus "}.In(lang) + text
	}
	return text + " " + unit
}

// one names one of an English unit; Persian counts in the singular anyway.
func one(u city.Unit) string {
	switch u {
	case city.Person:
		return "person"
	case city.PersonNight:
		return "person-night"
	case city.SiteVisit:
		return "visit"
	case city.Crossing:
		return "crossing"
	case city.Vehicle:
		return "vehicle"
	case city.SIM:
		return "SIM card"
	case city.Report:
		return "report"
	case city.Request:
		return "request"
	case city.Inspection:
		return "inspection"
	case city.Bed:
		return "bed"
	case city.Piece:
		return "plant"
	case city.Minute:
		return "minute"
	default: // m² and percent stay as they are
		info, _ := u.Info()
		return info.Name.EN
	}
}

func endsInDigit(s string) bool {
	r := []rune(fa.Latin(s))
	return len(r) > 0 && '0' <= r[len(r)-1] && r[len(r)-1] <= '9'
}
