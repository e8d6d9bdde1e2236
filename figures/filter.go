package figures

import (
	"fmt"
	"slices"

	"rasad/city"
)

// A Filter says which figures are wanted. The zero Filter wants all of them.
type Filter struct {
	Period string        // now, today, yesterday or season; "" for all
	By     city.Grouping // city, district or place; "" for all
}

// ParseFilter reads a period and a grouping; "" for all of them. It returns an error
// wrapping city.ErrInvalid, in words, for anything else.
func ParseFilter(period, by string) (Filter, error) {
	if period != "" && periods(period) == nil {
		return Filter{}, fmt.Errorf("%w period: want now, today, yesterday or season", city.ErrInvalid)
	}
	switch g := city.Grouping(by); g {
	case "", city.ByCity, city.ByDistrict, city.ByPlace:
		return Filter{period, g}, nil
	default:
		return Filter{}, fmt.Errorf("%w grouping: want city, district or place", city.ErrInvalid)
	}
}

// periods returns what an indicator may speak over to be a figure of the period;
// nil where there is no such period.
func periods(name string) []city.Period {
	switch name {
	case "now":
		return []city.Period{city.Now, city.QuarterHour, city.Hour}
	case "today":
		return []city.Period{city.Day}
	case "yesterday":
		return []city.Period{city.PreviousDay}
	case "season":
		return []city.Period{city.InSeason}
	default:
		return nil
	}
}

func (f Filter) takes(ind *city.Indicator) bool {
	return ind.Theme == Theme && (f.Period == "" || slices.Contains(periods(f.Period), ind.Over))
}
