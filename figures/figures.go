// Package figures is what leaves the building: a measure's figure with all that a
// newsroom needs to quote it rightly, as a card, as a sentence in Persian and in
// English, and as a table that opens right in a spreadsheet. It works nothing out:
// the figures are those of the screens and of history.
package figures

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rasad/city"
	"rasad/measure"
)

// Theme is the theme of the indicators that the media office is given.
const Theme = "visitors"

// A Status says how firm a figure is.
type Status string

// The statuses.
const (
	Provisional Status = "provisional" // late data are still coming in
	Final       Status = "final"       // later data make it a revised one
	None        Status = "none"        // there is no value: no data is not zero
)

// A Card is one figure, ready to be quoted. It stands for itself: what is counted,
// where, when, by whom, from how many sources and how firm the number is.
type Card struct {
	ID         string // "visits-today.naqsh-e-jahan", the same for ever; see ParseID
	Indicator  *city.Indicator
	Group      measure.Group
	GroupName  city.Text // of the place or district; the city's own for the whole city
	UnitName   city.Text
	Body       city.Text // who answers for the number
	Span       Span
	Figure     measure.Figure
	KnownAt    city.Moment // what had been received by then is in it
	city       *city.City
	now        city.Moment // of the data's clock, when the card was made
	additive   bool        // whether figures of its unit may be added
	stepsInOne int64       // of its unit
}

// Cards makes cards of the tiles of visitor figures that f lets through, at the
// moment now of the data's clock, in the order of the city file. known is the
// moment up to which everything received is in the tiles.
func Cards(c *city.City, tiles []measure.Tile, now, known city.Moment, f Filter) []Card {
	byID := make(map[string]*measure.Tile, len(tiles))
	for i := range tiles {
		byID[tiles[i].ID()] = &tiles[i]
	}
	list := []Card{}
	for i := range c.Indicators {
		ind := &c.Indicators[i]
		if !f.takes(ind) {
			continue
		}
		for _, g := range measure.Groups(c, ind) {
			t := byID[measure.TileID(ind.ID, g)]
			if t == nil || t.Group != g || f.By != "" && f.By != g.By {
				continue
			}
			list = append(list, NewCard(c, ind, g, t.Figure, now, known))
		}
	}
	return list
}

// NewCard makes the card of an indicator's figure for a group, at the moment now of
// the data's clock.
func NewCard(c *city.City, ind *city.Indicator, g measure.Group, f measure.Figure, now, known city.Moment) Card {
	card := newCard(c, ind, g, f, spanOf(c, ind.Over, f.At, now))
	card.KnownAt, card.now = known, now
	if card.Span.From == 0 {
		card.Figure.Has = false // there is nothing that it could speak of
	}
	return card
}

func newCard(c *city.City, ind *city.Indicator, g measure.Group, f measure.Figure, s Span) Card {
	card := Card{
		ID: ID(ind.ID, g), Indicator: ind, Group: g, GroupName: groupName(c, g),
		Body: bodyOf(c, ind, g), Span: s, Figure: f, city: c,
	}
	if info, ok := ind.Unit.Info(); ok {
		card.UnitName, card.additive, card.stepsInOne = info.Name, info.Additive, info.PerOne
	}
	return card
}

// Status says how firm the card's number is.
func (card *Card) Status() Status {
	switch {
	case !card.Figure.Has:
		return None
	case card.Figure.Provisional:
		return Provisional
	default:
		return Final
	}
}

// Value returns the number in the card's unit with Latin digits, as a JSON number;
// "" where there is none.
func (card *Card) Value() string {
	if !card.Figure.Has {
		return ""
	}
	return card.Indicator.Unit.Format(card.Figure.Value)
}

// ID returns the name by which a figure is asked for: "visits-today" for the whole
// city, "visits-today.naqsh-e-jahan" for a group.
func ID(ind city.IndicatorID, g measure.Group) string {
	if g.ID == "" {
		return string(ind)
	}
	return string(ind) + "." + g.ID
}

// ParseID reads what ID returns. It returns an error wrapping city.ErrNotFound where
// the city gives no such figure to the media office.
func ParseID(c *city.City, id string) (*city.Indicator, measure.Group, error) {
	name, group, _ := strings.Cut(id, ".")
	if ind := c.Indicator(city.IndicatorID(name)); ind != nil && ind.Theme == Theme {
		for _, g := range measure.Groups(c, ind) {
			if g.ID == group && ID(ind.ID, g) == id {
				return ind, g, nil
			}
		}
	}
	return nil, measure.Group{}, fmt.Errorf("%w: figure %q", city.ErrNotFound, id)
}

// groupName returns the wording of what a figure speaks of.
func groupName(c *city.City, g measure.Group) city.Text {
	switch g.By {
	case city.ByPlace:
		if p := c.Place(city.PlaceID(g.ID)); p != nil {
			return p.Name
		}
	case city.ByDistrict:
		if d := c.District(city.DistrictID(g.ID)); d != nil {
			return d.Name
		}
	case city.ByDepartment:
		for i := range c.Departments {
			if c.Departments[i].ID == city.DepartmentID(g.ID) {
				return c.Departments[i].Name
			}
		}
	case city.ByCity:
	}
	return c.Name
}

// bodyOf returns who answers for an indicator's figure for a group: the body of its
// sources where they have one in common, such as the office whose tickets they are;
// else the indicator's.
func bodyOf(c *city.City, ind *city.Indicator, g measure.Group) city.Text {
	var body city.Text
	for _, src := range measure.Members(c, ind.Of, g) {
		if src.Body == (city.Text{}) || body != (city.Text{}) && src.Body != body {
			return ind.Body
		}
		body = src.Body
	}
	if body == (city.Text{}) {
		return ind.Body
	}
	return body
}

// MarshalJSON writes the card as docs/figures.md describes it.
func (card Card) MarshalJSON() ([]byte, error) {
	type group struct {
		By   city.Grouping `json:"by"`
		ID   string        `json:"id"`
		Name city.Text     `json:"name"`
	}
	type period struct {
		Name city.Text `json:"name"`
		From *string   `json:"from"`
		To   *string   `json:"to"`
	}
	value := json.RawMessage("null")
	if card.Figure.Has {
		value = json.RawMessage(card.Value())
	}
	var coverage *measure.Coverage
	if card.Figure.Coverage.Expected > 0 {
		coverage = &card.Figure.Coverage
	}
	return json.Marshal(struct {
		ID         string            `json:"id"`
		Indicator  city.IndicatorID  `json:"indicator"`
		Name       city.Text         `json:"name"`
		Group      group             `json:"group"`
		Definition city.Text         `json:"definition"`
		Value      json.RawMessage   `json:"value"`
		Unit       city.Unit         `json:"unit"`
		UnitName   city.Text         `json:"unit_name"`
		Body       city.Text         `json:"body"`
		Period     period            `json:"period"`
		AsOf       *string           `json:"as_of"`
		KnownAt    *string           `json:"known_at"`
		Coverage   *measure.Coverage `json:"coverage"`
		Status     Status            `json:"status"`
		Revised    bool              `json:"revised"`
		Version    uint64            `json:"version"`
		Sentence   city.Text         `json:"sentence"`
	}{
		card.ID, card.Indicator.ID, card.Indicator.Name,
		group{card.Group.By, card.Group.ID, card.GroupName},
		card.Indicator.Definition,
		value, card.Indicator.Unit, card.UnitName, card.Body,
		period{card.Span.Name, stamp(card.Span.From), stamp(card.Span.To)},
		stamp(card.Figure.At), stamp(card.KnownAt), coverage, card.Status(), card.Figure.Revised, card.Figure.Revision,
		city.Text{FA: card.Sentence("fa"), EN: card.Sentence("en")},
	})
}

// stamp writes a moment in RFC 3339, UTC; nil for the zero moment, which is none.
func stamp(m city.Moment) *string {
	if m == 0 {
		return nil
	}
	s := m.Time().Format(time.RFC3339)
	return &s
}
