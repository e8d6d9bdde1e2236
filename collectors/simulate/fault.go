package simulate

import (
	"math"

	"rasad/city"
)

// The faults of each day. Which gate and which hour follows from the seed and the
// date, so that every day of a demonstration has something to see, and every run
// sees the same.
type trouble struct {
	dead, offline string // gates: sends nothing; sends all when its link is back
	deadFrom      city.Moment
	deadTo        city.Moment
	offFrom       city.Moment
	offTo         city.Moment
	place         *scene // has a surge
	surgeAt       city.Moment
}

const surgeHalf = 75 * 60 // seconds from the height of a surge to its end

func (s *Simulator) trouble(date city.Date) *trouble {
	if !s.faults || len(s.gates) < 2 {
		return &trouble{}
	}
	if t := s.known.Load(); t != nil && t.date == date {
		return &t.trouble
	}
	from, _ := s.zone.Day(date)
	d := s.dice.named("trouble").of(int64(date))
	n := int64(len(s.gates))
	first := d.of(1).below(n)
	second := (first + 1 + d.of(2).below(n-1)) % n
	t := &datedTrouble{date: date}
	t.dead, t.offline = s.gates[first], s.gates[second]
	t.deadFrom = from + city.Moment(9*3600+d.of(3).below(5*3600))
	t.deadTo = t.deadFrom + city.Moment(3*3600+d.of(4).below(3*3600))
	t.offFrom = from + city.Moment(8*3600+d.of(5).below(6*3600))
	t.offTo = t.offFrom + city.Moment(2*3600+d.of(6).below(2*3600))
	if len(s.crowded) > 0 {
		t.place = s.crowded[d.of(7).below(int64(len(s.crowded)))]
		t.surgeAt = from + city.Moment(19*3600+d.of(8).below(2*3600))
	}
	s.known.Store(t)
	return &t.trouble
}

type datedTrouble struct {
	date city.Date
	trouble
}

// surge returns by how much the crowd at x is larger than usual at m.
func (s *Simulator) surge(x *scene, m city.Moment, d day) float64 {
	t := s.trouble(d.date)
	if t.place != x || t.place == nil {
		return 1
	}
	away := math.Abs(float64(m-t.surgeAt)) / surgeHalf
	if away >= 1 {
		return 1
	}
	return 1 + .6*sq(1-away*away)
}

// drifting returns the factor of a gate that counts more from day to day.
func (s *Simulator) drifting(x *stream, d day) float64 {
	if !s.faults || x.gate != s.drifter || d.n == noSeason {
		return 1
	}
	return 1 + .03*math.Max(0, math.Min(float64(d.n)+6, 20))
}

// sending returns when the reading of x that ended at m is sent: some seconds
// later, or when the link is back. ok is false for one that is never sent.
func (s *Simulator) sending(x *stream, m city.Moment, throw dice) (at city.Moment, ok bool) {
	delay := city.Moment(1 + throw.of(21).below(maxDelay))
	t := s.trouble(s.zone.Date(m))
	switch {
	case t.dead == "" || x.src.Kind != city.Interval:
	case x.gate == t.dead && t.deadFrom < m && m <= t.deadTo:
		return 0, false
	case x.gate == t.offline && t.offFrom < m && m <= t.offTo:
		return t.offTo + delay, true
	}
	return m + delay, true
}

// again returns when the reading is sent a second time; ok is false for most.
func (s *Simulator) again(at city.Moment, throw dice) (city.Moment, bool) {
	if !s.faults || throw.of(22).below(400) != 0 {
		return 0, false
	}
	return at + city.Moment(30+throw.of(23).below(maxAgain-30)), true
}
