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
func (card *Card) Sentence(lang string) string {
	if lang == "fa" {
		return fa.Digits(oneLine(card.persian()))
	}
	return fa.Latin(oneLine(card.english()))
}

func oneLine(s string) string { return strings.Join(strings.Fields(plain(s)), " ") }

// persian says it so that no word takes an ezafe that its spelling would have to
// show, and no number stands beside another one.
func (card *Card) persian() string {
	what := card.persianWhat() + " " + card.persianWhere()
	if !card.Figure.Has {
		return card.persianNone(what)
	}
	amount := "برابر با " + card.amount("fa") + " بود"
	if card.grows() {
		amount = "به " + card.amount("fa") + " رسید"
	}
	text := "به گزارش " + card.Body.FA + "، " + what + " " + card.persianWhen() + " " + amount + "."
	if card.Figure.Provisional {
		text += " این رقم موقت است."
	}
	if card.Figure.Revised {
		text += " این رقم با داده‌های دیررسیده بازنگری شده است."
	}
	if f := card.Figure.Coverage; f.Reporting < f.Expected {
		text += " پوشش: " + strconv.Itoa(f.Reporting) + " از " + strconv.Itoa(f.Expected) + " منبع."
	}
	return text
}

func (card *Card) english() string {
	what := card.Indicator.Name.EN + " " + card.englishWhere()
	if !card.Figure.Has {
		return card.englishNone(what)
	}
	verb := " stood at "
	if card.grows() {
		verb = " reached "
	}
	text := what + verb + card.amount("en") + " " + card.englishWhen() + ", according to " + card.Body.EN + "."
	if card.Figure.Provisional {
		text += " The figure is provisional."
	}
	if card.Figure.Revised {
		text += " It has been revised with late data."
	}
	if f := card.Figure.Coverage; f.Reporting < f.Expected {
		text += " Coverage: " + strconv.Itoa(f.Reporting) + " of " + strconv.Itoa(f.Expected) + " sources."
	}
	return text
}

// persianNone says that there is no number, which is not zero.
func (card *Card) persianNone(what string) string {
	zone := card.city.Clock()
	when := "تا ساعت " + clock(zone, card.now, "fa") + " " + day(zone.Date(card.now), "fa")
	switch {
	case card.Span.From == 0:
		return "در روز " + day(zone.Date(card.now), "fa") + " فصلی در جریان نیست و رقمی برای " + what + " نیست (یکا: " + card.UnitName.FA + "؛ مرجع: " + card.Body.FA + ")."
	case !card.Span.running:
		when = "برای روز " + day(zone.Date(card.Span.From), "fa")
	}
	return when + " رقمی از " + what + " از سوی " + card.Body.FA + " نرسیده است (یکا: " + card.UnitName.FA + ")."
}

func (card *Card) englishNone(what string) string {
	zone := card.city.Clock()
	when := "by " + clock(zone, card.now, "en") + " on " + day(zone.Date(card.now), "en")
	switch {
	case card.Span.From == 0:
		return "No season is running on " + day(zone.Date(card.now), "en") + ": there is no figure for " + what + " (in " + card.UnitName.EN + ", from " + card.Body.EN + ")."
	case !card.Span.running:
		when = "for " + day(zone.Date(card.Span.From), "en")
	}
	return "No figure for " + what + " (in " + card.UnitName.EN + ") had come from " + card.Body.EN + " " + when + "."
}

// persianWhat names what is counted: where it is a number of things, as their number.
func (card *Card) persianWhat() string {
	name := card.Indicator.Name.FA
	if card.stepsInOne != 1 || strings.HasPrefix(name, "شمار") || strings.HasPrefix(name, "تعداد") {
		return name
	}
	return "شمار " + name
}

func (card *Card) persianWhere() string {
	switch name := card.GroupName.FA; {
	case card.Group.By == city.ByDepartment:
		return "در حوزهٔ " + name
	case card.Group.By == city.ByDistrict && endsInDigit(name):
		return "در " + name + " " + card.city.Name.FA // a number alone names no city
	default:
		return "در " + name
	}
}

func (card *Card) englishWhere() string {
	switch name := card.GroupName.EN; card.Group.By {
	case city.ByPlace:
		return "at " + name
	case city.ByDepartment:
		return "for " + name
	case city.ByDistrict:
		if endsInDigit(name) {
			return "in " + name + ", " + card.city.Name.EN + ","
		}
		return "in " + name
	default:
		return "in " + name
	}
}

// persianWhen says of when the number is: in a stretch that is running, up to its
// newest reading.
func (card *Card) persianWhen() string {
	zone := card.city.Clock()
	switch at := card.Figure.At; {
	case card.Indicator.Over == city.Now:
		return "در ساعت " + clock(zone, at, "fa") + " " + day(zone.Date(at), "fa")
	case card.Indicator.Over == city.Hour || card.Indicator.Over == city.QuarterHour:
		return "از ساعت " + clock(zone, card.Span.From, "fa") + " تا " + clock(zone, at, "fa") + " " + day(zone.Date(card.Span.From), "fa")
	case card.Indicator.Over == city.InSeason:
		return "از آغاز " + card.Span.season.FA + " تا ساعت " + clock(zone, at, "fa") + " " + day(zone.Date(at), "fa")
	case !card.Span.running:
		return "در روز " + day(zone.Date(card.Span.From), "fa")
	default:
		return "تا ساعت " + clock(zone, at, "fa") + " " + day(zone.Date(at), "fa")
	}
}

func (card *Card) englishWhen() string {
	zone := card.city.Clock()
	switch at := card.Figure.At; {
	case card.Indicator.Over == city.Now:
		return "at " + clock(zone, at, "en") + " on " + day(zone.Date(at), "en")
	case card.Indicator.Over == city.Hour || card.Indicator.Over == city.QuarterHour:
		return "from " + clock(zone, card.Span.From, "en") + " to " + clock(zone, at, "en") + " on " + day(zone.Date(card.Span.From), "en")
	case card.Indicator.Over == city.InSeason:
		return "from the beginning of " + card.Span.season.EN + " to " + clock(zone, at, "en") + " on " + day(zone.Date(at), "en")
	case !card.Span.running:
		return "on " + day(zone.Date(card.Span.From), "en")
	default:
		return "by " + clock(zone, at, "en") + " on " + day(zone.Date(at), "en")
	}
}

// grows reports whether the number is a sum that has been growing up to now.
func (card *Card) grows() bool {
	return card.Indicator.How == city.Sum && card.Indicator.Over != city.Now && card.Span.running && card.Figure.Value > 0
}

// amount writes the number with its unit. Signs that change sides with the text
// around them are words.
func (card *Card) amount(lang string) string {
	number, negative := strings.CutPrefix(card.Value(), "-")
	unit := card.UnitName.In(lang)
	if lang != "fa" && number == "1" {
		unit = one(card.Indicator.Unit)
	}
	text := fa.Number(number, lang)
	if card.Figure.Value == 0 {
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
