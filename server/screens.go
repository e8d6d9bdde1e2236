package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"

	"rasad/city"
)

// A screenView is what a wall needs to know beside its tiles.
type screenView struct {
	Screen     city.Screen     `json:"screen"`
	City       cityView        `json:"city"`
	Season     *seasonView     `json:"season"`
	Indicators []IndicatorView `json:"indicators"`
	Places     []placeView     `json:"places"`
	Districts  []city.District `json:"districts"`
}

type cityView struct {
	ID   string    `json:"id"`
	Name city.Text `json:"name"`
	Zone string    `json:"zone"`
}

type seasonView struct {
	ID   city.SeasonID    `json:"id"`
	Name city.Text        `json:"name"`
	From city.Date        `json:"from"`
	To   city.Date        `json:"to"`
	One  city.Date        `json:"day_one"`
	Days []city.SeasonDay `json:"days"`
}

type placeView struct {
	ID       city.PlaceID    `json:"id"`
	Name     city.Text       `json:"name"`
	Kind     string          `json:"kind"`
	District city.DistrictID `json:"district"`
	Capacity int64           `json:"capacity"`
}

// An IndicatorView is an indicator's definition as the API gives it: the target in
// the indicator's unit, and the names of unit and owner in words.
type IndicatorView struct {
	ID         city.IndicatorID `json:"id"`
	Name       city.Text        `json:"name"`
	Definition city.Text        `json:"definition"`
	Theme      string           `json:"theme"`
	Unit       city.Unit        `json:"unit"`
	UnitName   city.Text        `json:"unit_name"`
	PerOne     int64            `json:"steps_per_one"`
	How        city.How         `json:"how"`
	Over       city.Period      `json:"over"`
	By         []city.Grouping  `json:"by"`
	Target     json.RawMessage  `json:"target"`
	Owner      city.Text        `json:"owner_name"`
	Body       city.Text        `json:"body"`
}

func viewOf(c *city.City, ind *city.Indicator) IndicatorView {
	v := IndicatorView{
		ID: ind.ID, Name: ind.Name, Definition: ind.Definition, Theme: ind.Theme, Unit: ind.Unit, How: ind.How, Over: ind.Over,
		By: ind.By, Target: json.RawMessage("null"), Body: ind.Body,
	}
	if info, ok := ind.Unit.Info(); ok {
		v.UnitName, v.PerOne = info.Name, info.PerOne
	}
	if ind.Target != nil {
		v.Target = ind.Unit.AppendFormat(nil, *ind.Target)
	}
	for i := range c.Departments {
		if c.Departments[i].ID == ind.Owner {
			v.Owner = c.Departments[i].Name
		}
	}
	return v
}

type screenQuery struct {
	Screen string `path:"screen"`
}

// screen answers with all that a wall needs beside its tiles.
func (s *Server) screen(_ context.Context, q *screenQuery) (*output[screenView], error) {
	now, err := s.city()
	if err != nil {
		return nil, err
	}
	screen := now.Screen(city.ScreenID(q.Screen))
	if screen == nil {
		return nil, city.Refuse(city.ErrNotFound, city.Text{FA: "نمایی به نام %v نیست", EN: "no screen %q"}, clipped(q.Screen))
	}
	v := screenView{
		Screen: *screen, City: cityView{now.ID, now.Name, now.Zone},
		Indicators: []IndicatorView{}, Districts: now.Districts,
	}
	if v.Screen.Numbers == nil {
		v.Screen.Numbers = []city.IndicatorID{}
	}
	if v.Districts == nil {
		v.Districts = []city.District{}
	}
	v.Season = s.season(now)
	shown := append(slices.Clone(screen.Numbers), screen.Crowding, screen.Chart)
	for i := range now.Indicators {
		if ind := &now.Indicators[i]; slices.Contains(shown, ind.ID) {
			v.Indicators = append(v.Indicators, viewOf(now, ind))
		}
	}
	v.Places = placesOf(now)
	return give(v), nil
}

// season returns the season that runs, or nil.
func (s *Server) season(now *city.City) *seasonView {
	season := now.SeasonAt(city.At(s.parts.Now()))
	if season == nil {
		return nil
	}
	v := &seasonView{season.ID, season.Name, season.From, season.To, season.One, season.Days}
	if v.Days == nil {
		v.Days = []city.SeasonDay{}
	}
	return v
}

func placesOf(c *city.City) []placeView {
	list := make([]placeView, 0, len(c.Places))
	for i := range c.Places {
		p := &c.Places[i]
		list = append(list, placeView{p.ID, p.Name, p.Kind, p.District, p.Capacity})
	}
	return list
}

// send answers c with v as JSON.
func send(c *fiber.Ctx, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return sendJSON(c, body)
}

func sendJSON(c *fiber.Ctx, body []byte) error {
	c.Set("Content-Type", "application/json")
	c.Context().Response.SetBodyRaw(body)
	return nil
}
