package jalali_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"rasad/city"
	"rasad/city/jalali"
)

// The leap years of 1300 to 1498 in the official table follow each other after
// four years, but for these, which follow after five.
func officialLeapYears() map[int]bool {
	afterFive := map[int]bool{1309: true, 1342: true, 1375: true, 1408: true, 1441: true, 1474: true}
	leap := map[int]bool{}
	for year := 1300; year <= 1498; {
		leap[year] = true
		if afterFive[year+5] {
			year++
		}
		year += 4
	}
	return leap
}

func TestLeapYearsAreTheOfficialOnes(t *testing.T) {
	official := officialLeapYears()
	if len(official) != 49 || !official[1403] || official[1404] || !official[1498] {
		t.Fatalf("the table itself is wrong: %d leap years", len(official))
	}
	for year := 1300; year <= 1498; year++ {
		if jalali.Leap(year) != official[year] {
			t.Errorf("Leap(%d) = %v, official %v", year, jalali.Leap(year), official[year])
		}
	}
}

func TestTheRuleOf2820YearsIsAnother(t *testing.T) {
	rule := func(year int) bool { return ((year-474)%2820+474+38)*682%2816 < 682 }
	if !rule(1399) || rule(1403) || !rule(1404) {
		t.Fatal("the control does not do what it is known to do: 1404 instead of 1403")
	}
	differs := 0
	for year := 1300; year <= 1498; year++ {
		if rule(year) != jalali.Leap(year) {
			differs++
		}
	}
	if differs == 0 || rule(1403) == jalali.Leap(1403) {
		t.Errorf("the rule that is wrong from 1403 on differs in %d years", differs)
	}
}

func TestKnownDays(t *testing.T) {
	for _, tc := range []struct {
		civil string
		want  jalali.Date
	}{
		{"2025-03-20", jalali.Date{Year: 1403, Month: 12, Day: 30}},
		{"2025-03-21", jalali.Date{Year: 1404, Month: 1, Day: 1}},
		{"2024-03-20", jalali.Date{Year: 1403, Month: 1, Day: 1}},
		{"2026-03-21", jalali.Date{Year: 1405, Month: 1, Day: 1}},
		{"2027-03-16", jalali.Date{Year: 1405, Month: 12, Day: 25}},
		{"2027-03-21", jalali.Date{Year: 1406, Month: 1, Day: 1}},
		{"2027-04-02", jalali.Date{Year: 1406, Month: 1, Day: 13}},
		{"1970-01-01", jalali.Date{Year: 1348, Month: 10, Day: 11}},
		{"1979-02-11", jalali.Date{Year: 1357, Month: 11, Day: 22}},
	} {
		d, err := city.ParseDate(tc.civil)
		if err != nil {
			t.Fatal(err)
		}
		if got := jalali.Of(d); got != tc.want {
			t.Errorf("Of(%s) = %v, want %v", tc.civil, got, tc.want)
		}
		if got, err := tc.want.Civil(); err != nil || got != d {
			t.Errorf("%v.Civil() = %v, %v; want %s", tc.want, got, err, tc.civil)
		}
	}
}

func TestEveryDayOf1300To1500FollowsTheOneBefore(t *testing.T) {
	first, err := jalali.Date{Year: 1300, Month: 1, Day: 1}.Civil()
	if err != nil {
		t.Fatal(err)
	}
	if want := city.DateOf(1921, time.March, 21); first != want {
		t.Fatalf("1 Farvardin 1300 = %s, want %s", first, want)
	}
	next := first
	for year := 1300; year <= 1500; year++ {
		for month := 1; month <= 12; month++ {
			for day := 1; day <= jalali.MonthLength(year, month); day++ {
				d := jalali.Date{Year: year, Month: month, Day: day}
				if got, err := d.Civil(); err != nil || got != next {
					t.Fatalf("%v.Civil() = %v, %v; want %v", d, got, err, next)
				}
				if got := jalali.Of(next); got != d {
					t.Fatalf("Of(%v) = %v, want %v", next, got, d)
				}
				next++
			}
		}
	}
}

func TestDaysThatDoNotExistAreRefused(t *testing.T) {
	for _, d := range []jalali.Date{
		{},
		{Year: 1404, Month: 12, Day: 30},
		{Year: 1405, Month: 7, Day: 31},
		{Year: 1405, Month: 13, Day: 1},
		{Year: 1405, Month: 0, Day: 1},
		{Year: 1405, Month: 1, Day: 0},
		{Year: 0, Month: 1, Day: 1},
		{Year: 3001, Month: 1, Day: 1},
		{Year: 1405, Month: 1, Day: 32},
		{Year: -5, Month: 1, Day: 1},
	} {
		if got, err := d.Civil(); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%v.Civil() = %v, %v; want ErrInvalid", d, got, err)
		}
	}
	if got := jalali.Of(city.DateOf(5000, 1, 1)); got != (jalali.Date{}) {
		t.Errorf("Of(year 5000) = %v, want the zero date", got)
	}
	if jalali.Leap(0) || jalali.Leap(4000) {
		t.Error("Leap knows years beyond its bounds")
	}
}

func TestParseReadsWhatPeopleWrite(t *testing.T) {
	want := jalali.Date{Year: 1405, Month: 1, Day: 12}
	for _, s := range []string{"1405/01/12", "1405/1/12", "1405-1-12", "۱۴۰۵/۰۱/۱۲", "١٤٠٥/١/١٢", " 1405-01-12 "} {
		if got, err := jalali.Parse(s); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "1405", "1405/12/30", "1405/13/01", "1405/01", "1405/01/12/1", "1405/+1/12", "14050/1/1", "1405/001/1", "1405/ 1/12", "امروز", "1405/1-12"} {
		if got, err := jalali.Parse(s); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("Parse(%q) = %v, %v; want ErrInvalid", s, got, err)
		}
	}
}

func TestNamesAreThereInBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	for month := 1; month <= 12; month++ {
		for _, lang := range []string{"fa", "en"} {
			name := jalali.MonthName(month, lang)
			if name == "" || seen[name] {
				t.Errorf("MonthName(%d, %s) = %q", month, lang, name)
			}
			seen[name] = true
		}
	}
	if jalali.MonthName(0, "fa")+jalali.MonthName(13, "en") != "" {
		t.Error("there are months 0 and 13")
	}
	week := jalali.Weekdays()
	if week[0] != time.Saturday || week[6] != time.Friday {
		t.Errorf("the week is %v", week)
	}
	names := ""
	for _, w := range week {
		names += jalali.WeekdayName(w, "fa") + " "
	}
	if want := "شنبه یکشنبه دوشنبه سه‌شنبه چهارشنبه پنجشنبه جمعه "; names != want {
		t.Errorf("the days of the week are %q, want %q", names, want)
	}
}

func ExampleFull() {
	nowruz := city.DateOf(2026, time.March, 21)
	fmt.Println(jalali.Full(nowruz, "fa"))
	fmt.Println(jalali.Full(nowruz, "en"))
	fmt.Println(jalali.Of(nowruz).Format("en"))
	fmt.Println(jalali.Of(nowruz))
	// Output:
	// شنبه ۱ فروردین ۱۴۰۵
	// Saturday 1 Farvardin 1405
	// 1 Farvardin 1405
	// 1405-01-01
}
