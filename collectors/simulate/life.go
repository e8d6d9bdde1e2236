package simulate

import (
	"strings"

	"rasad/city"
)

// How long a case takes, in seconds.
const (
	usually  = 12 * 3600  // the time that it has where the city names none
	longest  = 108 * 3600 // from its opening to its first closing
	shortest = 600
)

// lives reports whether the source tells more of a case than how it began.
func (x *stream) lives() bool {
	switch x.topic {
	case reports, complaints, errands, grades:
		return true
	default:
		return false
	}
}

// live says how a case goes on.
func (s *Simulator) live(x *stream, st *story) {
	switch x.topic {
	case reports, complaints:
		s.report(x, st)
	case errands:
		s.errand(x, st)
	case grades:
		if st.category == "C" || st.category == "D" {
			st.later = []chapter{{s.closing(x, st), "done"}}
		}
	default: // it is the whole story
	}
}

// report is the life of a citizen's report: somebody looks at it, somebody goes
// there, it is closed; now and then it was not what it seemed, or was not put right.
func (s *Simulator) report(x *stream, st *story) {
	end := s.closing(x, st)
	look := st.at + 120 + city.Moment(st.throw.of(40).unit()*min(float64(end-st.at)/3, 2400))
	if st.throw.of(41).unit() < .85 && look+180 < end {
		st.later = append(st.later, chapter{look, "acknowledged"})
		if st.throw.of(42).unit() < .7 {
			st.later = append(st.later, chapter{look + 60 + city.Moment(st.throw.of(43).unit()*float64(end-look-120)/3), "assigned"})
		}
	}
	state := "closed"
	if st.throw.of(44).unit() < .03 {
		state = "rejected"
	}
	st.later = append(st.later, chapter{end, state})
	if state == "closed" && st.throw.of(45).unit() < .05 {
		back := end + city.Moment(st.throw.of(46).between(1800, 6*3600))
		st.later = append(st.later, chapter{back, "reopened"}, chapter{back + city.Moment(st.throw.of(47).between(1800, 5*3600)), "done"})
	}
}

// errand is the life of a service that somebody asked for; now and then it waits
// for a paper of the one who asked.
func (s *Simulator) errand(x *stream, st *story) {
	end := s.closing(x, st)
	whole := float64(end - st.at)
	if st.throw.of(41).unit() < .8 {
		st.later = append(st.later, chapter{st.at + 60 + city.Moment(st.throw.of(40).unit()*whole/4), "acknowledged"})
	}
	if whole > 4*3600 && st.throw.of(48).unit() < .1 {
		st.later = append(st.later, chapter{st.at + city.Moment(.4*whole), "paused"}, chapter{st.at + city.Moment(.7*whole), "resumed"})
	}
	st.later = append(st.later, chapter{end, "done"})
}

// closing returns when a case is put right: well within the time that the city
// allows for it, but for one in nine. Each source has its own pace, and the night
// slows all of them down.
func (s *Simulator) closing(x *stream, st *story) city.Moment {
	allowed := s.city.Allow(x.src, city.CaseKind(st.kind), st.category, st.place, st.at)
	if allowed.Sec <= 0 {
		allowed.Sec = usually
	}
	part := (.12 + .8*st.throw.of(50).unit()) * x.dice.of(51).between(.8, 1.05)
	if s.zone.HourOfDay(st.at) < 6 {
		part = min(1.3*part, .97)
	}
	if st.throw.of(52).unit() < .11 {
		part = 1.05 + 1.1*st.throw.of(53).unit()
	}
	end := s.after(st.at, int64(part*float64(allowed.Sec)), &allowed)
	if end > st.at+longest {
		end = st.at + city.Moment(st.throw.of(54).between(.35, 1)*longest)
	}
	return max(end, st.at+shortest)
}

// after returns when the clock of a case has run for sec seconds; at most a little
// later than longest.
func (s *Simulator) after(m city.Moment, sec int64, allowed *city.Allowance) city.Moment {
	for end := m + longest; m <= end; {
		next, hour := s.zone.NextHour(m), s.zone.HourOfDay(m)
		if runs := allowed.ToHour == 0 || allowed.FromHour <= hour && hour < allowed.ToHour; runs {
			if int64(next-m) >= sec {
				return m + city.Moment(sec)
			}
			sec -= int64(next - m)
		}
		m = next
	}
	return m
}

// words returns the categories of which a source may speak: those of the city that
// are, or begin with, the first word of what it counts; else that word itself.
func (s *Simulator) words(src *city.Source) []string {
	own := word(src.Counts)
	var list []string
	for _, c := range s.city.Categories {
		if c.ID == own || strings.HasPrefix(c.ID, own+"-") {
			list = append(list, c.ID)
		}
	}
	if list == nil {
		list = []string{own}
	}
	return list
}

// spots returns the places at which events of a source may happen: none where it
// stands at one itself, those of its district, or all of the city.
func (s *Simulator) spots(src *city.Source) []city.PlaceID {
	if src.Place != "" {
		return nil
	}
	var list []city.PlaceID
	for i := range s.city.Places {
		if p := &s.city.Places[i]; src.District == "" || p.District == src.District {
			list = append(list, p.ID)
		}
	}
	return list
}

// somewhere returns where a report is from: now and then a place, else only the
// source's own district; a source without one always says where.
func (x *stream) somewhere(throw dice) city.PlaceID {
	if len(x.spots) == 0 || x.src.District != "" && throw.of(55).unit() > .35 {
		return ""
	}
	return x.spots[throw.of(56).below(int64(len(x.spots)))]
}

// backlog returns the sources whose open cases a source of open reports counts.
func (s *Simulator) backlog(x *stream) []*stream {
	var list []*stream
	for _, y := range s.streams {
		same := y.src.Department == x.src.Department && y.src.District == x.src.District && y.src.Place == x.src.Place
		if same && (y.topic == reports || y.topic == complaints) {
			list = append(list, y)
		}
	}
	return list
}
