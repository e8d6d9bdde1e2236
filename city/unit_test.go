package city_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

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
		{city.Person, "0", 0, true},
		{city.Person, "-0", 0, true},
		{city.Person, "-12", -12, true},
		{city.Person, "12.0", 12, true},
		{city.Person, "12.5", 0, false},
		{city.Person, "1e2", 100, true},
		{city.Person, "1E+2", 100, true},
		{city.Person, "1200e-2", 12, true},
		{city.SquareMetre, "0.1", 1, true},
		{city.SquareMetre, "-0.1", -1, true},
		{city.SquareMetre, "0.05", 0, false},
		{city.Percent, "82.35", 8235, true},
		{city.Percent, "82.355", 0, false},
		{city.Minute, "1.5", 90, true},
		{city.Minute, "0.01", 0, false},
		{city.Minute, "0.05", 3, true},
		{city.Person, "9007199254740992", 1 << 53, true},
		{city.Person, "-9007199254740992", -1 << 53, true},
		{city.Person, "9007199254740993", 0, false},
		{city.Person, "-9007199254740993", 0, false},
		{city.Percent, "90071992547409.92", 1 << 53, true},
		{city.Percent, "90071992547409.93", 0, false},
		{city.Percent, "999999999999999", 0, false},
		{city.Person, "1e99", 0, false},
		{city.Person, "1e999999999", 0, false},
		{city.Person, "1e-99", 0, false},
		{city.Person, strings.Repeat("0", 50), 0, false},
		{city.Person, "0." + strings.Repeat("0", 50), 0, false},
		{city.Person, "NaN", 0, false},
		{city.Person, "Infinity", 0, false},
		{city.Person, "0x10", 0, false},
		{city.Person, "012", 0, false},
		{city.Person, "-012", 0, false},
		{city.Person, "+1", 0, false},
		{city.Person, "1.", 0, false},
		{city.Person, ".5", 0, false},
		{city.Person, "1_000", 0, false},
		{city.Person, "1/2", 0, false},
		{city.Person, " 1", 0, false},
		{city.Person, "", 0, false},
		{city.Person, "-", 0, false},
		{city.Person, "۱۲", 0, false},
		{"parsec", "1", 0, false},
	} {
		got, err := tc.unit.Parse(tc.number)
		if (err == nil) != tc.ok || got != tc.want || (err != nil && !errors.Is(err, city.ErrInvalid)) {
			t.Errorf("%s.Parse(%q) = %d, %v; want %d, ok %v", tc.unit, tc.number, got, err, tc.want, tc.ok)
		}
	}
}

func TestStepsComeBackFromWhatIsPrinted(t *testing.T) {
	units := city.Units()
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.SampledFrom(units).Draw(t, "unit")
		s := city.Steps(rapid.Int64Range(-1<<53, 1<<53).Draw(t, "steps"))
		if rapid.Bool().Draw(t, "small") {
			s %= 1000
		}
		text := u.ID.Format(s)
		if u.PerOne != 60 {
			if got, err := u.ID.Parse(text); err != nil || got != s {
				t.Fatalf("%s: %d prints as %s, which reads as %d, %v", u.ID, s, text, got, err)
			}
			return
		}
		// A sixtieth is no decimal: four places bring it back to the nearest second.
		printed, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%d prints as %q", s, text)
		}
		off := printed.Sub(printed, big.NewRat(int64(s), 60))
		if off.Abs(off).Cmp(big.NewRat(1, 20_000)) > 0 {
			t.Fatalf("%d s prints as %s min", s, text)
		}
	})
}

func TestFiguresPrintInTheirUnit(t *testing.T) {
	for _, tc := range []struct {
		unit city.Unit
		s    city.Steps
		want string
	}{
		{city.Person, 1203, "1203"},
		{city.Person, -7, "-7"},
		{city.SquareMetre, 15, "1.5"},
		{city.SquareMetre, -1, "-0.1"},
		{city.SquareMetre, 20, "2"},
		{city.Percent, 8235, "82.35"},
		{city.Percent, 8230, "82.3"},
		{city.Percent, 5, "0.05"},
		{city.Minute, 90, "1.5"},
		{city.Minute, 1, "0.0167"},
		{city.Minute, 59, "0.9833"},
		{city.Minute, 3599, "59.9833"},
		{"parsec", 12, "12"},
	} {
		if got := tc.unit.Format(tc.s); got != tc.want {
			t.Errorf("%s.Format(%d) = %s, want %s", tc.unit, tc.s, got, tc.want)
		}
	}
}

func TestRoundDivRoundsHalfToEven(t *testing.T) {
	for _, tc := range []struct{ num, den, want int64 }{
		{1, 2, 0}, {3, 2, 2}, {5, 2, 2}, {-1, 2, 0}, {-3, 2, -2}, {-5, 2, -2}, {7, 3, 2}, {8, 3, 3}, {-7, 3, -2}, {5, -2, -2}, {3, -2, -2}, {0, 7, 0},
	} {
		if got := city.RoundDiv(tc.num, tc.den); got != tc.want {
			t.Errorf("RoundDiv(%d, %d) = %d, want %d", tc.num, tc.den, got, tc.want)
		}
	}
}

func TestRoundDivIsTheNearestWholeNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		num := rapid.Int64Range(-1<<62, 1<<62).Draw(t, "num")
		den := rapid.Int64Range(1, 1<<62).Draw(t, "den")
		if rapid.Bool().Draw(t, "negative") {
			den = -den
		}
		got := city.RoundDiv(num, den)
		off := new(big.Rat).Sub(big.NewRat(num, den), new(big.Rat).SetInt64(got))
		half := big.NewRat(1, 2)
		if c := off.Abs(off).Cmp(half); c > 0 || c == 0 && got%2 != 0 {
			t.Fatalf("RoundDiv(%d, %d) = %d, off by %s", num, den, got, off)
		}
	})
}

func TestEveryUnitIsKnownEverywhere(t *testing.T) {
	seen := map[city.Unit]bool{}
	for _, u := range city.Units() {
		if seen[u.ID] || u.Name.FA == "" || u.Name.EN == "" || u.PerOne < 1 {
			t.Errorf("the row of %s is not right: %+v", u.ID, u)
		}
		seen[u.ID] = true
		// Parse knows the steps without the table: both must agree.
		if got, err := u.ID.Parse("1"); err != nil || int64(got) != u.PerOne {
			t.Errorf("1 %s = %d steps, %v; its row says %d", u.ID, got, err, u.PerOne)
		}
		if got, ok := u.ID.Info(); !ok || got != u {
			t.Errorf("Info of %s = %+v, %v", u.ID, got, ok)
		}
	}
	if _, ok := city.Unit("parsec").Info(); ok {
		t.Error("there is a unit parsec")
	}
}
