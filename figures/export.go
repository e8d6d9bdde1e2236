package figures

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"rasad/city"
	"rasad/city/fa"
	"rasad/history"
	"rasad/measure"
)

// Export writes cards in the form f: a row each, and in a workbook a second sheet with
// the definitions of their indicators.
func Export(w io.Writer, f Form, cards []Card) error {
	t := CardsTable(cards, f.Lang)
	return t.Write(w, f)
}

// columns are those of every table of figures, so that scripts read them all alike.
func columns() []Column {
	return []Column{
		{"time_iso", city.Text{FA: "زمان (ISO 8601)", EN: "Time (ISO 8601)"}, 26},
		{"date_jalali", city.Text{FA: "تاریخ", EN: "Solar Hijri date"}, 13},
		{"time_local", city.Text{FA: "زمان محلی (میلادی)", EN: "Local time"}, 18},
		{"id", city.Text{FA: "شناسه", EN: "Id"}, 30},
		{"indicator", city.Text{FA: "شاخص", EN: "Indicator"}, 26},
		{"place", city.Text{FA: "مکان", EN: "Place"}, 24},
		{"district", city.Text{FA: "منطقه", EN: "District"}, 13},
		{"value", city.Text{FA: "مقدار", EN: "Value"}, 14},
		{"unit", city.Text{FA: "یکا", EN: "Unit"}, 12},
		{"status", city.Text{FA: "وضعیت", EN: "Status"}, 12},
		{"sources_reporting", city.Text{FA: "پوشش: منبع‌های گزارش‌دهنده", EN: "Coverage: sources reporting"}, 14},
		{"sources_expected", city.Text{FA: "پوشش: همهٔ منبع‌ها", EN: "Coverage: all sources"}, 14},
		{"as_of", city.Text{FA: "تا زمان", EN: "As of"}, 18},
		{"version", city.Text{FA: "نسخه", EN: "Version"}, 10},
		{"body", city.Text{FA: "مرجع مسئول", EN: "Responsible body"}, 44},
		{"period", city.Text{FA: "دوره", EN: "Period"}, 44},
	}
}

// row returns the cells of one figure under columns. from is where what it speaks of
// begins.
func row(card *Card, from city.Moment, lang string) []Cell {
	zone := card.city.Clock()
	cells := make([]Cell, 0, 16)
	if from == 0 {
		cells = append(cells, Cell{}, Cell{}, Cell{})
	} else {
		cells = append(cells, Words(iso(zone, from)), Jalali(zone.Date(from)), When(from))
	}
	cells = append(cells, Words(card.ID), Words(card.Indicator.Name.In(lang)), Words(card.GroupName.In(lang)), Words(districtOf(card).In(lang)))
	if card.Figure.Has {
		cells = append(cells, Amount(card.Indicator.Unit, card.Figure.Value))
	} else {
		cells = append(cells, Cell{})
	}
	cells = append(cells, Words(card.UnitName.In(lang)), Words(statusName(card.Status()).In(lang)))
	if f := card.Figure.Coverage; f.Expected > 0 {
		cells = append(cells, Count(int64(f.Reporting)), Count(int64(f.Expected)))
	} else {
		cells = append(cells, Cell{}, Cell{})
	}
	return append(cells, When(card.Figure.At), Count(int64(card.Figure.Revision)), Words(card.Body.In(lang)), Words(card.Span.Name.In(lang)))
}

// iso writes a moment with the offset of the city's clocks: 2027-03-24T14:30:00+03:30.
func iso(zone *city.Zone, m city.Moment) string {
	return m.Time().In(time.FixedZone("", int(zone.Offset(m)))).Format(time.RFC3339)
}

func statusName(s Status) city.Text {
	switch s {
	case Provisional:
		return city.Text{FA: "موقت", EN: "provisional"}
	case Final:
		return city.Text{FA: "نهایی", EN: "final"}
	default:
		return city.Text{FA: "بی‌داده", EN: "no data"}
	}
}

// districtOf names the district that a figure's group is, or lies in.
func districtOf(c *Card) city.Text {
	id := city.DistrictID("")
	switch c.Group.By {
	case city.ByDistrict:
		id = city.DistrictID(c.Group.ID)
	case city.ByPlace:
		if p := c.city.Place(city.PlaceID(c.Group.ID)); p != nil {
			id = p.District
		}
	default:
	}
	if d := c.city.District(id); d != nil {
		return d.Name
	}
	return city.Text{}
}

// CardsTable puts cards into a table with the words of lang.
func CardsTable(cards []Card, lang string) Table {
	t := Table{Title: city.Text{FA: "آمار بازدیدکنندگان", EN: "Visitor figures"}, Columns: columns()}
	var inds []*city.Indicator
	for i := range cards {
		c := &cards[i]
		t.Zone, t.Made = c.city.Clock(), max(t.Made, c.KnownAt)
		t.Rows = append(t.Rows, row(c, c.Span.From, lang))
		if !slices.Contains(inds, c.Indicator) {
			inds = append(inds, c.Indicator)
		}
	}
	if len(cards) > 0 {
		t.Beside = definitions(cards[0].city, inds, lang)
	}
	return t
}

// SeriesTable puts an indicator's values, window by window, into a table with the
// words of lang: the rows of a group stand together.
func SeriesTable(answer history.SeriesAnswer, c *city.City, lang string) Table {
	t := Table{Title: answer.Indicator.Name, Zone: c.Clock(), Columns: columns()}
	for _, g := range answer.Groups {
		for _, p := range g.Points {
			card := newCard(c, answer.Indicator, g.Group, p.Figure, stretch(c.Clock(), p.From, p.To))
			t.Rows, t.Made = append(t.Rows, row(&card, p.From, lang)), max(t.Made, p.Figure.At)
		}
	}
	t.Beside = definitions(c, []*city.Indicator{answer.Indicator}, lang)
	return t
}

// definitions says of each indicator what its numbers mean.
func definitions(c *city.City, inds []*city.Indicator, lang string) *Table {
	t := &Table{
		Title: city.Text{FA: "تعریف‌ها", EN: "Definitions"}, Zone: c.Clock(),
		Columns: []Column{
			{"indicator", city.Text{FA: "شاخص", EN: "Indicator"}, 26},
			{"id", city.Text{FA: "شناسه", EN: "Id"}, 22},
			{"definition", city.Text{FA: "تعریف", EN: "Definition"}, 60},
			{"unit", city.Text{FA: "یکا", EN: "Unit"}, 12},
			{"body", city.Text{FA: "مرجع مسئول", EN: "Responsible body"}, 40},
			{"method", city.Text{FA: "روش شمارش", EN: "Method of count"}, 40},
			{"sources", city.Text{FA: "منبع‌ها", EN: "Sources"}, 60},
			{"coverage_rule", city.Text{FA: "معنای پوشش و وضعیت", EN: "What coverage and status mean"}, 60},
		},
	}
	for _, ind := range inds {
		unit, _ := ind.Unit.Info()
		t.Rows = append(t.Rows, []Cell{
			Words(ind.Name.In(lang)), Words(string(ind.ID)), Words(ind.Definition.In(lang)), Words(unit.Name.In(lang)),
			Words(ind.Body.In(lang)), Words(method(c, ind, lang)), Words(sources(c, ind, lang)), Words(coverageRule().In(lang)),
		})
	}
	return t
}

// sources names what an indicator is counted by, with the body of each.
func sources(c *city.City, ind *city.Indicator, lang string) string {
	var bodies []city.Text
	names := map[city.Text][]string{}
	for _, id := range ind.Of {
		if src := c.Source(id); src != nil {
			if names[src.Body] == nil {
				bodies = append(bodies, src.Body)
			}
			names[src.Body] = append(names[src.Body], src.Name.In(lang))
		}
	}
	var all []string
	for _, body := range bodies {
		all = append(all, body.In(lang)+colon+strings.Join(names[body], comma(lang)))
	}
	return strings.Join(all, city.Text{FA: "؛ ", EN: "; "}.In(lang))
}

// method says how an indicator's sources are counted and added up.
func method(c *city.City, ind *city.Indicator, lang string) string {
	var ways []string
	for _, id := range ind.Of {
		if src := c.Source(id); src != nil {
			if way := methodName(src.Method).In(lang); !slices.Contains(ways, way) {
				ways = append(ways, way)
			}
		}
	}
	return howName(ind.How).In(lang) + colon + strings.Join(ways, comma(lang))
}

// methodName says how a source counts; the city's own word where this one is not known.
func methodName(m string) city.Text {
	switch m {
	case "camera":
		return city.Text{FA: "دوربین شمارشگر", EN: "counting camera"}
	case "tube":
		return city.Text{FA: "ترددشمار جاده", EN: "road counter"}
	case "ticket":
		return city.Text{FA: "فروش بلیت", EN: "tickets sold"}
	case "form":
		return city.Text{FA: "فرم گزارش", EN: "reporting form"}
	case "sim":
		return city.Text{FA: "سیم‌کارت‌های فعال", EN: "active SIM cards"}
	case "survey":
		return city.Text{FA: "بازرسی و پیمایش", EN: "inspection or survey"}
	case "sensor":
		return city.Text{FA: "حسگر", EN: "sensor"}
	case "system":
		return city.Text{FA: "سامانهٔ ثبت", EN: "registration system"}
	default:
		return city.Text{FA: m, EN: m}
	}
}

func howName(h city.How) city.Text {
	switch h {
	case city.Sum:
		return city.Text{FA: "جمع شمارش‌های دوره", EN: "sum of what was counted in the period"}
	case city.Last:
		return city.Text{FA: "جمع تازه‌ترین مقدار منبع‌ها", EN: "sum of the newest values of the sources"}
	case city.Mean:
		return city.Text{FA: "میانگین", EN: "mean"}
	case city.Max:
		return city.Text{FA: "بیشینه", EN: "maximum"}
	default:
		return city.Text{FA: "سهم از کل", EN: "share of the whole"}
	}
}

// coverageRule says what coverage and provisional mean, as measure works them out.
func coverageRule() city.Text {
	dead, hours := strconv.Itoa(measure.DeadPeriods), strconv.Itoa(int(measure.FinalAfter/time.Hour))
	return city.Text{
		FA: "منبعی که بیش از " + fa.Digits(dead) + " نوبت پیاپی خاموش بماند، گزارش‌دهنده شمرده نمی‌شود. هر رقم تا " + fa.Digits(hours) + " ساعت پس از پایان دوره‌اش موقت است.",
		EN: "A source that stays silent for more than " + dead + " of its turns does not count as reporting. A figure is provisional until " + hours + " hours after its period ends.",
	}
}
