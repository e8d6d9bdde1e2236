package simulate

import (
	"time"

	"rasad/city"
)

// A curve holds a value for each local hour; in between it runs straight on.
type curve [24]float64

// at returns the curve at a second of the local day.
func (c *curve) at(second int64) float64 {
	h := second / 3600 % 24
	t := float64(second%3600) / 3600
	return c[h] + (c[(h+1)%24]-c[h])*t
}

// curveOf returns how full a place of a kind is over an ordinary day; its fullest
// hour is 1.
func curveOf(kind string) *curve {
	switch kind {
	case "monument", "museum":
		return &curve{9: .3, 10: .6, 11: .8, 12: .7, 13: .55, 14: .55, 15: .7, 16: .9, 17: 1, 18: .8, 19: .25}
	case "worship":
		return &curve{4: .05, 5: .2, 6: .1, 9: .25, 10: .4, 11: .6, 12: .9, 13: .7, 14: .4, 15: .4, 16: .5, 17: .7, 18: .9, 19: 1, 20: .6, 21: .3, 22: .1}
	case "market":
		return &curve{8: .1, 9: .3, 10: .6, 11: .8, 12: .8, 13: .5, 14: .35, 15: .4, 16: .6, 17: .85, 18: 1, 19: 1, 20: .9, 21: .6, 22: .25, 23: .05}
	case "park":
		return &curve{.08, .03, .01, .01, .02, .06, .12, .16, .2, .28, .36, .42, .48, .5, .5, .55, .7, .85, .95, 1, .9, .7, .45, .2}
	case "camp":
		return &curve{.98, 1, 1, 1, 1, 1, .97, .9, .78, .62, .5, .45, .45, .47, .46, .44, .43, .45, .5, .58, .68, .8, .9, .95}
	case "entrance":
		return &curve{.3, .2, .14, .12, .14, .2, .3, .42, .58, .72, .82, .88, .9, .86, .82, .84, .9, .98, 1, .96, .86, .7, .55, .42}
	case "station", "airport":
		return &curve{.2, .12, .08, .1, .25, .5, .75, .9, .85, .7, .65, .7, .75, .7, .65, .7, .8, .95, 1, .95, .85, .7, .5, .35}
	case "office":
		return &curve{7: .3, 8: .9, 9: 1, 10: 1, 11: .9, 12: .7, 13: .6, 14: .25}
	default: // square, bridge, street: the city walks in the evening
		return &curve{.4, .18, .06, .03, .02, .03, .05, .08, .12, .18, .26, .34, .4, .4, .4, .46, .56, .66, .76, .88, .97, 1, .95, .72}
	}
}

// An eventDay is a local day as the season counts it: day 1 is the season's first
// of the year, so for Nowruz 13 is Sizdah Bedar. Outside seasons it is far away.
type eventDay int

const noSeason eventDay = -1000

const sizdahBedar eventDay = 13

// guests returns how many guests the city has on that day, 1 at the height of the
// season.
func (n eventDay) guests() float64 {
	switch {
	case n < -20 || n > 25:
		return .22
	case n < -3:
		return .3
	case n <= 0:
		return .45 + .06*float64(n+3)
	case n == 1:
		return .78
	case n <= 6:
		return 1
	case n <= 9:
		return .88
	case n <= 12:
		return .78
	case n == sizdahBedar:
		return .62
	case n == 14:
		return .45
	default:
		return .32
	}
}

// visiting returns how full places of a kind are on that day.
func (n eventDay) visiting(kind string) float64 {
	g := n.guests()
	switch kind {
	case "monument", "museum", "market":
		if n == sizdahBedar { // everyone is out in the green
			return .1
		}
	case "park":
		if n == sizdahBedar {
			return 1.7
		}
		return .25 + .5*g
	case "square", "bridge", "street":
		if n == sizdahBedar {
			return .5
		}
	case "entrance", "station", "airport":
		return (n.arriving() + n.leaving()) / 2
	case "office":
		return n.working()
	}
	return g
}

// arriving returns the wave into the city, 1 at its height.
func (n eventDay) arriving() float64 {
	switch {
	case n < -20 || n > 25:
		return .28
	case n < -3:
		return .4
	case n <= 0:
		return .85 + .05*float64(n+3)
	case n <= 3:
		return .95
	case n <= 8:
		return .65
	case n <= 12:
		return .5
	default:
		return .4
	}
}

// leaving returns the wave out of it.
func (n eventDay) leaving() float64 {
	switch {
	case n < -20 || n > 25:
		return .28
	case n <= 0:
		return .4
	case n <= 4:
		return .45
	case n <= 9:
		return .62
	case n <= 11:
		return .75
	case n <= 14:
		return 1
	default:
		return .6
	}
}

// duty is what a duty desk serves of an ordinary day.
const duty = .08

// working returns how far the offices are open: the first four days of the year
// and the days around Sizdah Bedar are holidays, when a duty desk is there.
func (n eventDay) working() float64 {
	switch {
	case n >= 1 && n <= 4, n == 12, n == sizdahBedar:
		return duty
	case n >= 5 && n <= 11:
		return .6
	default:
		return 1
	}
}

// A day is a local date with what the season and the week make of it.
type day struct {
	date   city.Date
	n      eventDay
	friday bool
	rainy  bool
}

func (s *Simulator) day(m city.Moment) day {
	date := s.zone.Date(m)
	d := day{date: date, n: noSeason, friday: date.Weekday() == time.Friday}
	d.rainy = s.dice.named("rain").of(int64(date)).unit() < .1
	for i := range s.city.Seasons {
		x := &s.city.Seasons[i]
		if x.From <= date && date <= x.To {
			d.n = eventDay(date-x.One) + 1
		}
	}
	return d
}

// office returns how busy the offices' counters are: on Fridays as on holidays.
func (d day) office() float64 {
	if d.friday {
		return duty
	}
	w := d.n.working()
	if d.date.Weekday() == time.Thursday {
		w *= .5
	}
	return w
}
