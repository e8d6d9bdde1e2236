package city

import (
	"fmt"
	"strings"
)

func (c *checker) checkSource(path string, s *Source) {
	c.checkSourceID(path+".id", s.ID)
	c.text(path+".name", s.Name)
	c.text(path+".body", s.Body)
	c.department(path+".department", s.Department)
	c.checkWhere(path, s)
	if s.Counts == "" {
		c.fault(path+".counts", "is missing: want the word for what is counted, such as visits")
	} else if !isWord(s.Counts) {
		c.fault(path+".counts", "%q is no such word: want lower-case words joined by hyphens, such as litter-reports", clip(s.Counts))
	}
	if _, known := s.Unit.Info(); !known {
		c.unknown(path+".unit", "unit", string(s.Unit), unitNames())
	}
	c.checkKind(path, s)
	c.oneOf(path+".method", "method", s.Method, Methods())
	c.checkRange(path, s)
	if s.LateSec < 0 || s.LateSec > maxLateSec {
		c.fault(path+".late_until_seconds", "is out of range: want 0 to 10 years")
	}
}

// maxLateSec bounds how late a reading may come: ten years.
const maxLateSec = 10 * 366 * 86400

func unitNames() []string {
	names := make([]string, 0, len(Units()))
	for _, u := range Units() {
		names = append(names, string(u.ID))
	}
	return names
}

// checkSourceID also holds that the two directions of a gate are declared
// together: the gate sends them together.
func (c *checker) checkSourceID(path string, id SourceID) {
	gate, direction, directed := strings.Cut(string(id), "/")
	c.id(path, gate)
	c.once(path, "source", string(id))
	if !directed {
		return
	}
	other, known := map[string]string{"in": "out", "out": "in"}[direction]
	switch {
	case !known:
		c.fault(path, "%q is no direction: want %s/in or %s/out", clip(direction), clip(gate), clip(gate))
	case len(id) > 64:
		c.fault(path, "is longer than 64 bytes")
	case c.sources[SourceID(gate+"/"+other)] == nil:
		c.fault(path, "no source %s/%s: the two directions of a gate go together", clip(gate), other)
	}
}

func (c *checker) checkWhere(path string, s *Source) {
	if s.Place == "" {
		if s.District != "" && !c.districts[s.District] {
			c.fault(path+".district", "no district %q", clip(string(s.District)))
		}
		return
	}
	place := c.places[s.Place]
	switch {
	case place == nil:
		c.fault(path+".place", "no place %q", clip(string(s.Place)))
	case place.District != s.District:
		c.fault(path+".district", "is %q, but place %s lies in %q: leave the district to the place", clip(string(s.District)), s.Place, clip(string(place.District)))
	}
}

func (c *checker) checkKind(path string, s *Source) {
	switch s.Kind {
	case Interval:
		if s.SlotSec <= 0 {
			c.fault(path+".slot_seconds", "is missing: an interval source counts in slots, such as 15m")
		} else if 3600%s.SlotSec != 0 {
			c.fault(path+".slot_seconds", "is %d s: a slot must divide an hour", s.SlotSec)
		}
	case Snapshot, Event:
		if s.SlotSec != 0 {
			c.fault(path+".slot_seconds", "is for interval sources only: a %s has no slot", s.Kind)
		}
	case Cumulative:
		c.fault(path+".kind", "cumulative: not yet supported")
		return
	default:
		c.unknown(path+".kind", "kind", string(s.Kind), []string{string(Interval), string(Snapshot), string(Event)})
		return
	}
	if s.Kind == Event {
		if len(s.Cadence) > 0 {
			c.fault(path+".cadence", "is not for events: they come when they come")
		}
		return
	}
	if len(s.Cadence) == 0 {
		c.fault(path+".cadence", "is missing: a source of kind %s must say how often it sends, or its silence would not be seen", s.Kind)
	}
	c.checkCadence(path+".cadence", s)
}

func (c *checker) checkCadence(path string, s *Source) {
	var taken [24]bool
	for i, x := range s.Cadence {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case x.EverySec <= 0 || 3600%x.EverySec != 0:
			c.fault(at+".every_seconds", "is %d s: a cadence must divide an hour; what is sent once a day says in which hour", x.EverySec)
		case s.SlotSec > 0 && 3600%s.SlotSec == 0 && x.EverySec%s.SlotSec != 0:
			c.fault(at+".every_seconds", "is %d s: want whole slots of %d s", x.EverySec, s.SlotSec)
		}
		if x.FromHour < 0 || x.ToHour > 24 || x.FromHour >= x.ToHour {
			c.fault(at+".from_hour", "hours %d to %d: want whole hours of one day, such as 8-20", x.FromHour, x.ToHour)
			continue
		}
		for h := x.FromHour; h < x.ToHour; h++ {
			if taken[h] {
				c.fault(at+".from_hour", "hour %d has a cadence already", h)
				break
			}
		}
		for h := x.FromHour; h < x.ToHour; h++ {
			taken[h] = true
		}
	}
}

func (c *checker) checkRange(path string, s *Source) {
	if _, known := s.Unit.Info(); !known {
		return // its bounds cannot be read
	}
	for _, bound := range []struct {
		key string
		v   Steps
	}{{"min", s.Min}, {"max", s.Max}} {
		if bound.v > MaxDeclared || bound.v < -MaxDeclared {
			c.fault(path+"."+bound.key, "is beyond any reading: want at most %s %s either way", s.Unit.Format(MaxDeclared), s.Unit)
		}
	}
	switch {
	case s.Min > s.Max:
		c.fault(path+".min", "the smallest believable value %s is above the largest, %s", s.Unit.Format(s.Min), s.Unit.Format(s.Max))
	case s.Min == 0 && s.Max == 0:
		c.fault(path+".max", "is missing: want the smallest and the largest believable value, such as [0, 4000]")
	}
}
