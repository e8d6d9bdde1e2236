package city_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
	_ "time/tzdata" // the zones must not depend on the machine

	"pgregory.net/rapid"

	"rasad/city"
)

func zone(t interface {
	Helper()
	Fatal(...any)
}, name string,
) *city.Zone {
	t.Helper()
	z, err := city.OpenZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, s string) city.Moment {
	t.Helper()
	got, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return city.At(got)
}

// tile holds that the local hours of a day follow each other without a gap, none
// longer than an hour, and returns how many there are.
func tile(t *testing.T, z *city.Zone, d city.Date) int {
	t.Helper()
	from, to := z.Day(d)
	n := 0
	for h := from; h < to; n++ {
		next := z.NextHour(h)
		if z.Hour(h) != h || next <= h || next > h+3600 || next > to {
			t.Fatalf("%s: the hour of %s goes from %s to %s", d, h, z.Hour(h), next)
		}
		if z.Date(h) != d || z.Date(next-1) != d || z.HourOfDay(h) != z.HourOfDay(next-1) {
			t.Fatalf("%s: the hour from %s is not of one date and one number", d, h)
		}
		h = next
	}
	return n
}

func TestEveryDayOf1396To1405HasItsHours(t *testing.T) {
	z := zone(t, "Asia/Tehran")
	counts := map[int]int{}
	first, last := city.DateOf(2017, time.March, 21), city.DateOf(2027, time.March, 20)
	for d := first; d <= last; d++ {
		from, to := z.Day(d)
		hours := int(to-from) / 3600
		if tile(t, z, d) != hours || int(to-from)%3600 != 0 {
			t.Fatalf("%s has %d s", d, to-from)
		}
		if _, next := z.Day(d - 1); next != from {
			t.Fatalf("%s does not begin where the day before ends", d)
		}
		counts[hours]++
	}
	// Iran changed its clocks twice a year up to 1401 and never since.
	if counts[23] != 6 || counts[25] != 6 || counts[24] != int(last-first)+1-12 {
		t.Errorf("days by their hours: %v", counts)
	}
}

func TestMidnightThatDoesNotExist(t *testing.T) {
	z := zone(t, "Asia/Tehran") // 2021-03-22: from 24:00 the clock jumps to 01:00
	from, to := z.Day(city.DateOf(2021, time.March, 22))
	if want := at(t, "2021-03-22T01:00:00+04:30"); from != want {
		t.Errorf("the day begins at %s, want %s", from, want)
	}
	if to-from != 23*3600 || z.HourOfDay(from) != 1 || z.HourOfDay(from-1) != 23 {
		t.Errorf("the day has %d s and begins in hour %d", to-from, z.HourOfDay(from))
	}
}

func TestMidnightThatStrikesTwice(t *testing.T) {
	z := zone(t, "Asia/Tehran") // 2021-09-21: at 24:00 the clock goes back to 23:00
	from, to := z.Day(city.DateOf(2021, time.September, 21))
	if to-from != 25*3600 {
		t.Errorf("the day has %d s, want 25 hours", to-from)
	}
	if want := at(t, "2021-09-22T00:00:00+03:30"); to != want {
		t.Errorf("the day ends at %s, want %s", to, want)
	}
	first, second := at(t, "2021-09-21T23:10:00+04:30"), at(t, "2021-09-21T23:10:00+03:30")
	if z.Hour(first) == z.Hour(second) || z.HourOfDay(first) != 23 || z.HourOfDay(second) != 23 {
		t.Error("the hour that the clock repeats is one hour, want two")
	}
}

func TestAClockThatMovesByHalfAnHour(t *testing.T) {
	z := zone(t, "Australia/Lord_Howe") // +10:30, +11 in summer; changes at 02:00
	long, short := city.DateOf(2024, time.April, 7), city.DateOf(2024, time.October, 6)
	from, to := z.Day(long)
	if n := tile(t, z, long); to-from != 24*3600+1800 || n != 25 {
		t.Errorf("the long day has %d s in %d hours", to-from, n)
	}
	from, to = z.Day(short)
	if n := tile(t, z, short); to-from != 24*3600-1800 || n != 24 {
		t.Errorf("the short day has %d s in %d hours", to-from, n)
	}
	cut := at(t, "2024-10-06T02:40:00+11:00") // 02:00 to 02:30 does not exist
	if got, want := z.Hour(cut), at(t, "2024-10-06T02:30:00+11:00"); got != want {
		t.Errorf("the cut hour begins at %s, want %s", got, want)
	}
	if got, want := z.NextHour(cut), at(t, "2024-10-06T03:00:00+11:00"); got != want {
		t.Errorf("the cut hour ends at %s, want %s", got, want)
	}
}

func TestAClockThatMovesInTheMiddleOfAnHour(t *testing.T) {
	z := zone(t, "America/Caracas") // 2016-05-01: at 02:30 it is 03:00
	d := city.DateOf(2016, time.May, 1)
	from, to := z.Day(d)
	if n := tile(t, z, d); to-from != 24*3600-1800 || n != 24 {
		t.Errorf("the day has %d s in %d hours", to-from, n)
	}
	if got, want := z.NextHour(at(t, "2016-05-01T02:10:00-04:30")), at(t, "2016-05-01T03:00:00-04:00"); got != want {
		t.Errorf("the hour that is cut short ends at %s, want %s", got, want)
	}
}

func TestADateThatNeverWas(t *testing.T) {
	z := zone(t, "Pacific/Apia") // went from 29 to 31 December 2011
	from, to := z.Day(city.DateOf(2011, time.December, 30))
	if from != to {
		t.Errorf("30 December has %d s", to-from)
	}
	if before, _ := z.Day(city.DateOf(2011, time.December, 31)); before != from {
		t.Errorf("31 December begins at %s, want %s", before, from)
	}
}

func TestQuartersOfAnHourAreThoseOfTheLocalClock(t *testing.T) {
	for name, want := range map[string]string{
		"Asia/Tehran":         "2026-03-24T10:15:00+03:30",
		"Asia/Kathmandu":      "2026-03-24T12:30:00+05:45",
		"Australia/Lord_Howe": "2026-03-24T17:45:00+11:00",
	} {
		m := at(t, "2026-03-24T06:52:00Z")
		if got := zone(t, name).Floor(m, 900); got != at(t, want) {
			t.Errorf("%s: the quarter of %s begins at %s, want %s", name, m, got, want)
		}
	}
}

func TestZonesAgreeWithTheTimePackage(t *testing.T) {
	names := []string{
		"Asia/Tehran", "Asia/Kathmandu", "Australia/Lord_Howe", "Australia/Melbourne", "America/Los_Angeles", "America/Sao_Paulo",
		"America/Caracas", "Pacific/Apia", "Africa/Casablanca", "Africa/Monrovia", "Antarctica/Troll", "Europe/Dublin", "UTC", "Asia/Gaza",
	}
	zones := map[string]*city.Zone{}
	for _, name := range names {
		zones[name] = zone(t, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		z := zones[rapid.SampledFrom(names).Draw(t, "zone")]
		m := city.Moment(rapid.Int64Range(0, 4_102_444_799).Draw(t, "m"))
		local := m.Time().In(z.Location())
		year, month, day := local.Date()
		if _, off := local.Zone(); z.Offset(m) != int64(off) {
			t.Fatalf("Offset = %d, want %d", z.Offset(m), off)
		}
		d := city.DateOf(year, month, day)
		if z.Date(m) != d || z.HourOfDay(m) != local.Hour() {
			t.Fatalf("%s is %s hour %d, want %s hour %d", m, z.Date(m), z.HourOfDay(m), d, local.Hour())
		}
		from, to := z.Day(d)
		if m < from || m >= to || z.Date(from) != d || z.Date(from-1) >= d || z.Date(to) <= d {
			t.Fatalf("the day of %s goes from %s to %s", m, from, to)
		}
		h, next := z.Hour(m), z.NextHour(m)
		if h > m || next <= m || next-h > 3600 || z.Hour(next) != next || z.Hour(next-1) != h || z.NextHour(h) != next {
			t.Fatalf("the hour of %s goes from %s to %s", m, h, next)
		}
		for _, step := range []int64{60, 300, 900, 1800} {
			f := z.Floor(m, step)
			if f > m || m-f >= city.Moment(step) || z.Floor(f, step) != f || f < h {
				t.Fatalf("Floor(%s, %d) = %s", m, step, f)
			}
		}
	})
}

func TestZonesOfNoNameAreRefused(t *testing.T) {
	for _, name := range []string{"", "Local", "Asia/Isfahan", "../etc/passwd", "+03:30"} {
		if _, err := city.OpenZone(name); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("OpenZone(%q): %v, want ErrInvalid", name, err)
		}
	}
}

func TestDatesReadAndWriteThemselves(t *testing.T) {
	d, err := city.ParseDate("2027-03-21")
	if err != nil || d != city.DateOf(2027, time.March, 21) || d.Weekday() != time.Sunday {
		t.Fatalf("ParseDate = %v, %v", d, err)
	}
	b, err := json.Marshal(d)
	if err != nil || string(b) != `"2027-03-21"` {
		t.Errorf("Marshal = %s, %v", b, err)
	}
	var back city.Date
	if err := json.Unmarshal(b, &back); err != nil || back != d {
		t.Errorf("Unmarshal = %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`"2027-02-30"`), &back); !errors.Is(err, city.ErrInvalid) {
		t.Errorf("30 February: %v, want ErrInvalid", err)
	}
	if y, m, day := city.Date(-1).Civil(); y != 1969 || m != time.December || day != 31 {
		t.Errorf("the day before 1970 is %d-%d-%d", y, m, day)
	}
}
