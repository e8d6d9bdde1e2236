package figures_test

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"rasad/city"
	"rasad/city/fa"
	"rasad/figures"
	"rasad/measure"
)

// whole is a figure of which all sources report, that is not provisional.
func whole(v city.Steps) measure.Figure {
	f := some(v)
	f.Provisional, f.Coverage.Reporting = false, f.Coverage.Expected
	return f
}

func TestSentencesAreReadyToBePrinted(t *testing.T) {
	none := measure.Figure{Status: measure.None}
	revised := whole(4_210)
	revised.Revised = true
	partial := whole(350)
	partial.Coverage.Reporting = 1
	for _, tc := range []struct {
		id     string
		figure measure.Figure
		fa, en string
	}{
		{
			"visits-today", whole(150_000),
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار بازدیدهای امروز در اصفهان تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ به ۱۵۰٬۰۰۰ بازدید رسید.",
			"Visits today in Isfahan reached 150,000 visits by 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters.",
		},
		{
			"visits-today.si-o-se-pol", some(1),
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار بازدیدهای امروز در سی‌وسه‌پل تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ به ۱ بازدید رسید. این رقم موقت است. پوشش: ۱۱ از ۱۴ منبع.",
			"Visits today at Si-o-se-pol reached 1 visit by 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters. The figure is provisional. Coverage: 11 of 14 sources.",
		},
		{
			"visits-today.district-3", whole(0),
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار بازدیدهای امروز در منطقه ۳ اصفهان تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ برابر با صفر بازدید بود.",
			"Visits today in District 3, Isfahan, stood at zero visits by 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters.",
		},
		{
			"visits-today.ali-qapu", none,
			"تا ساعت ۱۴:۳۰ چهارشنبه ۴ فروردین ۱۴۰۶ رقمی از شمار بازدیدهای امروز در کاخ عالی‌قاپو از سوی اداره‌کل میراث فرهنگی، گردشگری و صنایع‌دستی استان اصفهان نرسیده است (یکا: بازدید).",
			"No figure for Visits today at Ali Qapu Palace (in visits) had come from Isfahan Province Cultural Heritage, Tourism and Handicrafts by 14:30 on Wednesday 24 March 2027.",
		},
		{
			"people-present.khaju", partial,
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار حاضران اکنون در پل خواجو در ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ برابر با ۳۵۰ نفر بود. پوشش: ۱ از ۱۴ منبع.",
			"People present now at Khaju Bridge stood at 350 people at 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters. Coverage: 1 of 14 sources.",
		},
		{
			"people-present", whole(1),
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار حاضران اکنون در اصفهان در ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ برابر با ۱ نفر بود.",
			"People present now in Isfahan stood at 1 person at 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters.",
		},
		{
			"people-present", none,
			"تا ساعت ۱۴:۳۰ چهارشنبه ۴ فروردین ۱۴۰۶ رقمی از شمار حاضران اکنون در اصفهان از سوی ستاد اجرایی خدمات سفر شهر اصفهان نرسیده است (یکا: نفر).",
			"No figure for People present now in Isfahan (in people) had come from Isfahan Travel Services Headquarters by 14:30 on Wednesday 24 March 2027.",
		},
		{
			"visits-yesterday", none,
			"برای روز سه‌شنبه ۳ فروردین ۱۴۰۶ رقمی از شمار بازدیدهای دیروز در اصفهان از سوی ستاد اجرایی خدمات سفر شهر اصفهان نرسیده است (یکا: بازدید).",
			"No figure for Visits yesterday in Isfahan (in visits) had come from Isfahan Travel Services Headquarters for Tuesday 23 March 2027.",
		},
		{
			"free-beds", whole(5_432),
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار تخت‌های خالی در اصفهان در ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ برابر با ۵٬۴۳۲ تخت بود.",
			"Free beds in Isfahan stood at 5,432 beds at 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters.",
		},
		{
			"free-beds", whole(-3),
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار تخت‌های خالی در اصفهان در ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ برابر با منفی ۳ تخت بود.",
			"Free beds in Isfahan stood at minus 3 beds at 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters.",
		},
		{
			"visits-this-hour", whole(812),
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار بازدیدهای این ساعت در اصفهان از ساعت ۱۴:۰۰ تا ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ به ۸۱۲ بازدید رسید.",
			"Visits this hour in Isfahan reached 812 visits from 14:00 to 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters.",
		},
		{
			"visits-yesterday", revised,
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار بازدیدهای دیروز در اصفهان در روز سه‌شنبه ۳ فروردین ۱۴۰۶ برابر با ۴٬۲۱۰ بازدید بود. این رقم با داده‌های دیررسیده بازنگری شده است.",
			"Visits yesterday in Isfahan stood at 4,210 visits on Tuesday 23 March 2027, according to Isfahan Travel Services Headquarters. It has been revised with late data.",
		},
		{
			"visits-season", whole(1_234_567),
			"به گزارش ستاد اجرایی خدمات سفر شهر اصفهان، شمار بازدیدها از آغاز فصل در اصفهان از آغاز نوروز ۱۴۰۶ تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ به ۱٬۲۳۴٬۵۶۷ بازدید رسید.",
			"Visits this season in Isfahan reached 1,234,567 visits from the beginning of Nowruz 1406 to 14:15 on Wednesday 24 March 2027, according to Isfahan Travel Services Headquarters.",
		},
		{
			"vehicles-in-today.shiraz-road", whole(1),
			"به گزارش اداره‌کل راهداری و حمل‌ونقل جاده‌ای استان اصفهان، شمار خودروهای ورودی امروز در ورودی شیراز تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ به ۱ خودرو رسید.",
			"Vehicles in today at Shiraz road reached 1 vehicle by 14:15 on Wednesday 24 March 2027, according to Isfahan Province Road Maintenance and Transport.",
		},
	} {
		x := card(t, tc.id, tc.figure)
		if got := x.Sentence("fa"); got != tc.fa {
			t.Errorf("%s in Persian:\n got %s\nwant %s", tc.id, got, tc.fa)
		}
		if got := x.Sentence("en"); got != tc.en {
			t.Errorf("%s in English:\n got %s\nwant %s", tc.id, got, tc.en)
		}
	}
}

func TestOutsideEverySeasonASeasonHasNoFigure(t *testing.T) {
	c := isfahan(t)
	ind, g, err := figures.ParseID(c, "visits-season")
	if err != nil {
		t.Fatal(err)
	}
	x := figures.NewCard(c, ind, g, measure.Figure{Status: measure.None}, now+90*86400, now)
	for lang, want := range map[string]string{
		"fa": "در روز سه‌شنبه ۱ تیر ۱۴۰۶ فصلی در جریان نیست و رقمی برای شمار بازدیدها از آغاز فصل در اصفهان نیست (یکا: بازدید؛ مرجع: ستاد اجرایی خدمات سفر شهر اصفهان).",
		"en": "No season is running on Tuesday 22 June 2027: there is no figure for Visits this season in Isfahan (in visits, from Isfahan Travel Services Headquarters).",
	} {
		if got := x.Sentence(lang); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

func TestSharesAreasAndDepartmentsAreSaidToo(t *testing.T) {
	c := isfahan(t)
	for _, tc := range []struct {
		id     city.IndicatorID
		group  measure.Group
		value  city.Steps
		fa, en string
	}{
		{"clean-share", measure.Group{By: city.ByDistrict, ID: "district-3"}, 8735, "پاکیزگی معابر در منطقه ۳ اصفهان تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ برابر با ۸۷٫۳۵ درصد بود.", "Clean streets in District 3, Isfahan, stood at 87.35 percent by 14:15"},
		{"watered-today", measure.Group{By: city.ByCity}, 12_345, "آبیاری امروز در اصفهان تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ به ۱٬۲۳۴٫۵ متر مربع رسید.", "Watered today in Isfahan reached 1,234.5 m² by 14:15"},
		{"service-minutes", measure.Group{By: city.ByDepartment, ID: "parks"}, 60, "زمان ارائهٔ خدمت در حوزهٔ پارک‌ها و فضای سبز تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ برابر با ۱ دقیقه بود.", "Time to deliver a service for Parks and Green Space stood at 1 minute by 14:15"},
		{"calls-137-today", measure.Group{By: city.ByCity}, 812, "شمار تماس‌های امروز با ۱۳۷ در اصفهان تا ساعت ۱۴:۱۵ چهارشنبه ۴ فروردین ۱۴۰۶ به ۸۱۲ درخواست رسید.", "Calls to 137 today in Isfahan reached 812 requests by 14:15"},
	} {
		x := figures.NewCard(c, c.Indicator(tc.id), tc.group, whole(tc.value), now, now)
		if got := x.Sentence("fa"); !strings.HasSuffix(got, "، "+tc.fa) {
			t.Errorf("%s in Persian:\n got %s\nwant … %s", tc.id, got, tc.fa)
		}
		if got := x.Sentence("en"); !strings.HasPrefix(got, tc.en) {
			t.Errorf("%s in English:\n got %s\nwant %s …", tc.id, got, tc.en)
		}
	}
}

func TestANameThatSaysNumberIsNotSaidTwice(t *testing.T) {
	c := isfahan(t)
	ind := *c.Indicator("visits-today")
	for _, name := range []string{"شمار گردشگران", "تعداد گردشگران"} {
		ind.Name.FA = name
		x := figures.NewCard(c, &ind, measure.Group{By: city.ByCity}, whole(7), now, now)
		if got := x.Sentence("fa"); !strings.Contains(got, "، "+name+" در اصفهان") {
			t.Error(got)
		}
	}
}

func TestEveryUnitHasItsSingular(t *testing.T) {
	c := isfahan(t)
	for _, u := range city.Units() {
		ind := *c.Indicator("visits-today")
		ind.Unit = u.ID
		x := figures.NewCard(c, &ind, measure.Group{By: city.ByCity}, whole(city.Steps(u.PerOne)), now, now)
		got := x.Sentence("en")
		changed := !strings.Contains(got, "reached 1 "+u.Name.EN+" by")
		if invariant := u.ID == city.SquareMetre || u.ID == city.Percent; changed == invariant || !strings.Contains(got, "reached 1 ") {
			t.Errorf("%s: %s", u.ID, got)
		}
	}
}

// TestSentencesHoldWhatTheyMust draws figures, moments and even names that hide signs
// of direction: a sentence always says the unit and the body, in the digits of its
// language, and holds nothing that print would show as a box.
func TestSentencesHoldWhatTheyMust(t *testing.T) {
	c := isfahan(t)
	var all []figures.Card
	for i := range c.Indicators {
		for _, g := range measure.Groups(c, &c.Indicators[i]) {
			all = append(all, figures.Card{Indicator: &c.Indicators[i], Group: g})
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		pick := rapid.SampledFrom(all).Draw(t, "indicator and group")
		ind := *pick.Indicator
		ind.Name.FA += rapid.SampledFrom([]string{"", "\u202E", "\u2068a\u2069", "\n2", "\uFEFF", " 7", "\x00"}).Draw(t, "odd name")
		ind.Name.EN += rapid.SampledFrom([]string{"", "\u200F", " ۷", "\t", "\u061C"}).Draw(t, "odd English name")
		at := now + city.Moment(rapid.IntRange(-400*86400, 400*86400).Draw(t, "at"))
		f := measure.Figure{
			Value:       city.Steps(rapid.Int64Range(-int64(city.MaxSteps), int64(city.MaxSteps)).Draw(t, "value")),
			Has:         rapid.Bool().Draw(t, "has"),
			At:          at - city.Moment(rapid.IntRange(0, 900).Draw(t, "age")),
			Provisional: rapid.Bool().Draw(t, "provisional"),
			Revised:     rapid.Bool().Draw(t, "revised"),
			Coverage:    measure.Coverage{Reporting: rapid.IntRange(0, 3).Draw(t, "reporting"), Expected: 3},
		}
		x := figures.NewCard(c, &ind, pick.Group, f, at, at)
		persian, english := x.Sentence("fa"), x.Sentence("en")
		if !strings.Contains(persian, x.UnitName.FA) || !strings.Contains(persian, fa.Digits(x.Body.FA)) {
			t.Fatalf("no unit or no body: %q", persian)
		}
		if one := strings.TrimSuffix(x.UnitName.EN, "s"); !strings.Contains(english, one) && !strings.Contains(english, "1 person") || !strings.Contains(english, x.Body.EN) {
			t.Fatalf("no unit or no body: %q", english)
		}
		if strings.ContainsAny(persian, "0123456789") || fa.HasDigits(english) {
			t.Fatalf("digits of the other language: %q %q", persian, english)
		}
		if number, want := strings.TrimPrefix(x.Value(), "-"), x.Figure.Has && f.Value != 0; want &&
			(!strings.Contains(persian, fa.Number(number, "fa")) || !strings.Contains(english, fa.Number(number, "en"))) {
			t.Fatalf("no %s in %q, %q", number, persian, english)
		}
		if want := x.Figure.Has && f.Provisional; strings.Contains(persian, "موقت") != want || strings.Contains(english, "provisional") != want {
			t.Fatalf("provisional is %v: %q %q", want, persian, english)
		}
		for _, text := range []string{persian, english} {
			if !strings.HasSuffix(text, ".") || strings.ContainsFunc(text, unprintable) || strings.Contains(text, "  ") {
				t.Fatalf("not fit to print: %+q", text)
			}
		}
	})
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) && r != '\u200C' }

func TestTheDocumentationSaysWhatCardsSay(t *testing.T) {
	doc, err := os.ReadFile("../docs/figures.md")
	if err != nil {
		t.Fatal(err)
	}
	x := card(t, "visits-today.naqsh-e-jahan", some(12_480))
	for _, text := range []string{x.Sentence("fa"), x.Sentence("en"), x.Span.Name.FA, x.Span.Name.EN, x.Indicator.Definition.FA, x.Body.EN} {
		if !strings.Contains(string(doc), text) {
			t.Errorf("docs/figures.md does not say %s", text)
		}
	}
}
