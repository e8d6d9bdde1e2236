package city_test

import (
	"errors"
	"testing"

	"rasad/city"
)

func TestStepsAreExactOrRefused(t *testing.T) {
	for _, tc := range []struct {
		unit   city.Unit
		number string
		want   city.Steps
		ok     bool
	}{
		{city.Person, "12", 12, true},
		{city.Person, "12.5", 0, false},
		{city.Person, "1e2", 100, true},
		{city.SquareMetre, "0.1", 1, true},
		{city.SquareMetre, "0.05", 0, false},
		{city.Percent, "82.35", 8235, true},
		{city.Minute, "1.5", 90, true},
		{city.Minute, "0.01", 0, false},
		{city.Person, "9007199254740993", 0, false},
		{city.Person, "NaN", 0, false},
		{city.Person, "012", 0, false},
		{city.Person, "1_000", 0, false},
		{city.Person, "۱۲", 0, false},
	} {
		got, err := tc.unit.Parse(tc.number)
		if (err == nil) != tc.ok || got != tc.want || (err != nil && !errors.Is(err, city.ErrInvalid)) {
			t.Errorf("%s.Parse(%q) = %d, %v; want %d, ok %v", tc.unit, tc.number, got, err, tc.want, tc.ok)
		}
	}
}
