package simulate

import (
	"math"

	"rasad/city"
)

// value returns what an interval or snapshot source shows for the slot or moment
// m, in steps.
func (s *Simulator) value(x *stream, m city.Moment) city.Steps {
	d := s.day(m)
	throw := x.dice.of(int64(m))
	second := s.secondOf(m)
	hour := float64(second) / 3600
	switch x.topic {
	case flow:
		return x.fit(float64(throw.count(x.scale * s.crowd(x.scene, m, d) * s.drifting(x, d))))
	case presence:
		return x.fit(x.scale * s.crowd(x.scene, m, d) * (1 + .02*throw.normal()))
	case arrivals:
		return x.fit(float64(throw.count(x.scale * x.scene.curve.at(second) * d.n.arriving() * s.drifting(x, d))))
	case departures:
		return x.fit(float64(throw.count(x.scale * x.scene.curve.at(second) * d.n.leaving() * s.drifting(x, d))))
	case freeBeds:
		return s.beds(x, m, d, hour)
	case backlog:
		if len(x.cases) > 0 {
			n := 0
			for _, y := range x.cases {
				n += s.open(y, m)
			}
			return x.fit(float64(n) * x.perOne)
		}
		level := (.25 + .55*d.n.guests()) * (.7 + .3*math.Sin((hour-13)/24*2*math.Pi))
		return x.fit(x.scale * level * (1 + .15*x.dice.of(3).drift(m, 8*3600)))
	case moisture:
		return s.moisture(x, m, d, hour)
	case counters:
		return x.fit(float64(throw.count(x.scale * s.office.at(second) * d.office())))
	case online:
		return x.fit(float64(throw.count(x.scale * asking(hour) * (.5 + .5*d.n.working()))))
	case calls:
		day := .1 + .9*math.Exp(-sq((hour-16)/5.5))
		return x.fit(float64(throw.count(x.scale * day * (.35 + .65*d.n.guests()))))
	default:
		lo, hi := float64(x.src.Min), float64(x.src.Max)
		return x.fit(lo + (hi-lo)*(.35+.2*x.dice.of(4).drift(m, 6*3600)) + throw.normal()*math.Sqrt((hi-lo)/100))
	}
}

// asking returns how much is asked for online at an hour of the day.
func asking(hour float64) float64 {
	return .15 + .6*math.Exp(-sq((hour-11)/3)) + .4*math.Exp(-sq((hour-21)/2))
}

func sq(x float64) float64 { return x * x }

// beds returns the free beds of a class of lodging: the better ones go first, and
// each evening more of them.
func (s *Simulator) beds(x *stream, m city.Moment, d day, hour float64) city.Steps {
	rank := x.dice.of(5).between(.8, 1)
	night := .82 + .18*s.night.at(int64(hour*3600))
	taken := (.12 + .86*d.n.guests()) * rank * night * (1 + .04*x.dice.of(6).drift(m, 12*3600))
	return x.fit(float64(x.src.Max) * .95 * (1 - min(taken, .99)))
}

// moisture returns the soil's moisture: watered between four and six in the
// morning, drying all day; now and then a bed is forgotten.
func (s *Simulator) moisture(x *stream, m city.Moment, d day, hour float64) city.Steps {
	wet := x.dice.of(8).between(30, 44)
	dry := .5 * wet
	since := math.Mod(hour-6+24, 24)
	level := dry + (wet-dry)*math.Exp(-since/12)
	if hour >= 4 && hour < 6 { // water comes
		low := dry + (wet-dry)*math.Exp(-22.0/12)
		level = low + (wet-low)*(hour-4)/2
	}
	morning := s.zone.Date(m - 6*3600)
	if x.dice.of(9).of(int64(morning)).unit() < .08 {
		level *= .72
	}
	if d.rainy {
		level *= 1.1
	}
	level *= 1 + .03*x.dice.of(10).drift(m, 3*3600)
	return x.fit(min(level*x.perOne, .9*float64(x.src.Max)))
}

// rate returns how many events a day the source would have if every hour were
// like that of m.
func (s *Simulator) rate(x *stream, m city.Moment, d day) float64 {
	second := s.secondOf(m)
	hour := float64(second) / 3600
	switch x.topic {
	case reports:
		own := x.dice.of(11).between(15, 33)
		return own * (.25 + .9*d.n.guests()) * (.1 + 1.5*s.evening.at(second)) * (1 + .3*x.dice.of(12).drift(m, 6*3600))
	case complaints:
		own := x.dice.of(11).between(4, 10)
		return own * (.3 + .8*d.n.guests()) * (.1 + 1.5*s.evening.at(second)) * (1 + .3*x.dice.of(12).drift(m, 6*3600))
	case errands:
		return x.dice.of(11).between(80, 110) * asking(hour) * (.6 + .4*d.n.working())
	case grades:
		return within(hour, 7, 19) * 16
	case planting:
		if d.n > 0 || d.n == noSeason {
			return within(hour, 6, 14) * 2
		}
		return within(hour, 6, 14) * 22
	case watering:
		if x.dice.of(13).of(int64(d.date)).unit() < .12 { // forgotten
			return 0
		}
		return within(hour, 4, 8.5) * 26
	case minutes:
		return s.office.at(second) * d.office() * 130
	default:
		return 12 * s.evening.at(second)
	}
}

func within(hour, from, to float64) float64 {
	if from <= hour && hour < to {
		return 1
	}
	return 0
}

// happening gives a story its value and what it says at first.
func (s *Simulator) happening(x *stream, st *story, d day) {
	span := float64(x.src.Max - x.src.Min)
	st.category = x.words[st.throw.of(57).below(int64(len(x.words)))]
	switch x.topic {
	case reports, complaints:
		st.v, st.state, st.kind = x.fit(x.perOne), "opened", "report"
		st.place = x.somewhere(st.throw)
	case errands:
		st.v, st.state, st.kind = x.fit(x.perOne), "opened", "service"
	case grades:
		st.v, st.category = x.grade(st.throw, d)
		st.kind = "inspection"
	case planting:
		st.v, st.state, st.kind = x.fit(min(st.throw.of(1).between(800, 5200)*x.perOne, .8*span)), "done", "work"
	case watering:
		st.v, st.state, st.kind = x.fit(min(st.throw.of(1).between(200, 2600)*x.perOne, .8*span)), "done", "work"
	case minutes:
		// Three seconds are 0.05 minutes: such values are exact as decimals.
		v := x.fit(13 * x.perOne * math.Exp(.55*st.throw.of(1).normal()))
		st.v, st.state, st.kind = v-v%3, "done", "service"
	default:
		st.v = x.fit(float64(x.src.Min) + max(1, st.throw.of(1).unit()*span/20))
	}
}

// grade returns an inspection's value and its grade.
func (x *stream) grade(throw dice, d day) (v city.Steps, grade string) {
	worse := .06 * d.n.guests()
	grade, v = "A", x.src.Max
	switch u := throw.of(1).unit(); {
	case u < .03+worse/2:
		grade, v = "D", x.src.Min
	case u < .12+2*worse:
		grade, v = "C", x.src.Min
	case u < .58:
		grade = "B"
	}
	if x.src.Unit != city.Percent {
		v = x.fit(x.perOne)
	}
	return v, grade
}
