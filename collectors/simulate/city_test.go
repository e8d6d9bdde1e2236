package simulate_test

import (
	"strconv"
	"testing"

	"rasad/city"
	"rasad/collectors/simulate"
)

// town is a small city of no country in particular, with a season like Nowruz.
func town(t testing.TB, zone string) *city.City {
	t.Helper()
	d := city.Definition{
		ID: "town", Zone: zone,
		Seasons: []city.Season{{ID: "spring", From: city.DateOf(2027, 3, 16), To: city.DateOf(2027, 4, 4), One: city.DateOf(2027, 3, 21)}},
	}
	every := func(sec int64) []city.Cadence { return []city.Cadence{{FromHour: 0, ToHour: 24, EverySec: sec}} }
	add := func(id, place, counts string, unit city.Unit, kind city.Kind, slot int64, cadence []city.Cadence, most city.Steps) {
		d.Sources = append(d.Sources, city.Source{
			ID: city.SourceID(id), Place: city.PlaceID(place), Counts: counts, Unit: unit, Kind: kind,
			SlotSec: slot, Cadence: cadence, Max: most, LateSec: 86400,
		})
	}
	kinds := []string{"monument", "park", "square", "bridge", "market", "museum", "worship", "street", "camp", "office"}
	for i, kind := range kinds {
		for n := range 2 {
			id := kind + "-" + strconv.Itoa(n)
			d.Places = append(d.Places, city.Place{ID: city.PlaceID(id), Kind: kind, Capacity: int64(1000 + 500*i)})
			add(id+"-visits", id, "visits", city.SiteVisit, city.Interval, 900, every(900), 6000)
			add(id+"-present", id, "people-present", city.Person, city.Snapshot, 0, every(300), 60000)
		}
	}
	for n := range 4 {
		id := "road-" + strconv.Itoa(n)
		d.Places = append(d.Places, city.Place{ID: city.PlaceID(id), Kind: "entrance"})
		add(id+"/in", id, "vehicles", city.Vehicle, city.Interval, 900, every(900), 4000)
		add(id+"/out", id, "vehicles", city.Vehicle, city.Interval, 900, every(900), 4000)
	}
	add("soil", "park-0", "soil-moisture", city.Percent, city.Snapshot, 0, every(1800), 6000)
	add("beds", "", "free-beds", city.Bed, city.Snapshot, 0, every(3600), 16000)
	add("beds-day", "", "free-beds", city.Bed, city.Snapshot, 0, every(86400), 16000)
	add("litter", "", "litter-reports", city.Report, city.Event, 0, nil, 1)
	add("open", "", "open-reports", city.Report, city.Snapshot, 0, every(900), 3000)
	add("grade", "", "clean-inspections", city.Percent, city.Event, 0, nil, 10000)
	add("checks", "", "inspections", city.Inspection, city.Event, 0, nil, 1)
	add("seedlings", "", "seedlings", city.Piece, city.Event, 0, nil, 60000)
	add("water", "", "watered-area", city.SquareMetre, city.Event, 0, nil, 4000000)
	add("desk", "", "requests-in-person", city.Request, city.Interval, 900, []city.Cadence{{FromHour: 7, ToHour: 15, EverySec: 900}}, 1500)
	add("net", "", "requests-online", city.Request, city.Interval, 900, every(900), 3000)
	add("calls", "", "calls-137", city.Request, city.Interval, 900, every(900), 2000)
	add("minutes", "", "service-minutes", city.Minute, city.Event, 0, nil, 43200*60)
	add("wind", "", "wind", city.Percent, city.Snapshot, 0, every(600), 10000)
	add("ships", "", "arrivals-by-ship", city.PersonNight, city.Event, 0, nil, 500)
	c, err := city.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t testing.TB, c *city.City, seed uint64, faults bool) *simulate.Simulator {
	t.Helper()
	from, _ := c.Clock().Day(c.Seasons[0].From)
	s, err := simulate.New(c, simulate.Settings{Seed: seed, Start: from, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// dayOf returns the moments of day n of the season, as the season counts.
func dayOf(c *city.City, n int) (from, to city.Moment) {
	return c.Clock().Day(c.Seasons[0].One + city.Date(n-1))
}

// of returns the items of one source, among them those sent twice.
func of(list []simulate.Timed, source string) []simulate.Timed {
	var some []simulate.Timed
	for _, x := range list {
		if x.Item.Source == source {
			some = append(some, x)
		}
	}
	return some
}

func number(t testing.TB, x simulate.Timed) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(x.Item.Number, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sum(t testing.TB, list []simulate.Timed) (total float64) {
	t.Helper()
	for _, x := range list {
		total += number(t, x)
	}
	return total
}

func most(t testing.TB, list []simulate.Timed) (top float64) {
	t.Helper()
	for _, x := range list {
		top = max(top, number(t, x))
	}
	return top
}
