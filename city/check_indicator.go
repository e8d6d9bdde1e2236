package city

import (
	"fmt"
	"slices"
)

func (c *checker) checkIndicator(path string, x *Indicator) {
	c.unique(path+".id", "indicator", string(x.ID))
	c.text(path+".name", x.Name)
	c.text(path+".definition", x.Definition)
	c.oneOf(path+".theme", "theme", x.Theme, Themes())
	c.department(path+".owner", x.Owner)
	c.text(path+".body", x.Body)
	how := c.checkHow(path+".how", x.How)
	over := c.checkOver(path+".over", x.Over)
	of := c.checkMembers(path+".of", x.Of, true)
	among := c.checkMembers(path+".among", x.Among, x.How == Share)
	if how && over && len(of) > 0 {
		c.checkAdding(path, x, of, among)
	}
	c.checkBy(path+".by", x, of)
	if x.Target != nil && (*x.Target < 0 || *x.Target > MaxSteps) {
		c.fault(path+".target", "is out of range: want 0 to 2^53 steps")
	}
	if x.Thresholds != nil {
		c.checkThresholds(path+".thresholds", x, of)
	}
}

func (c *checker) checkHow(path string, how How) bool {
	switch how {
	case Sum, Last, Mean, Max, Share:
		return true
	case "median", "p90", "count_open", "expression":
		c.fault(path, "%s: not yet supported", how)
	default:
		c.unknown(path, "way of adding up", string(how), []string{"sum", "last", "mean", "max", "share"})
	}
	return false
}

func (c *checker) checkOver(path string, over Period) bool {
	switch over {
	case Now, QuarterHour, Hour, Day, PreviousDay, InSeason:
		return true
	case "event_day", "week", "jalali_month":
		c.fault(path, "%s: not yet supported", over)
	default:
		c.unknown(path, "period", string(over), []string{"now", "quarter_hour", "hour", "day", "previous_day", "season"})
	}
	return false
}

// checkMembers holds that the sources exist and count in one unit, and returns
// those that exist.
func (c *checker) checkMembers(path string, ids []SourceID, wanted bool) []*Source {
	if len(ids) == 0 && wanted {
		c.fault(path, "is missing: want at least one source")
	}
	if len(ids) > 0 && !wanted {
		c.fault(path, "is for a share only")
	}
	sources := make([]*Source, 0, len(ids))
	seen := make(map[SourceID]bool, len(ids))
	mixed := false
	for i, id := range ids {
		at := fmt.Sprintf("%s[%d]", path, i)
		s := c.sources[id]
		switch {
		case s == nil:
			c.fault(at, "no source %q", clip(string(id)))
			continue
		case seen[id]:
			c.fault(at, "source %s stands there already: it would count twice", id)
			continue
		case len(sources) > 0 && s.Unit != sources[0].Unit && !mixed:
			mixed = true // one fault says it: the rest would repeat it
			c.fault(at, "units never mix: source %s counts in %s, source %s in %s; make an indicator of each", sources[0].ID, sources[0].Unit, id, s.Unit)
		}
		seen[id] = true
		sources = append(sources, s)
	}
	return sources
}

// checkAdding holds that adding the sources up in this way means something.
func (c *checker) checkAdding(path string, x *Indicator, of, among []*Source) {
	unit := of[0].Unit
	info, known := unit.Info()
	if !known {
		return // said where the source is declared
	}
	if x.How == Share {
		c.checkShare(path, x, of, among)
	} else if x.Unit != unit {
		c.fault(path+".unit", "is %q, but source %s counts in %s", clip(string(x.Unit)), of[0].ID, unit)
	}
	adds := x.How == Sum || x.How == Share
	switch {
	case adds && !info.Additive:
		c.fault(path+".how", "%s of %s means nothing: use mean, max or last", x.How, unit)
	case x.How == Last && !info.Additive && len(of) > 1:
		c.fault(path+".how", "last adds the newest values of %d sources up, and %s of two sources do not add: use mean or max", len(of), unit)
	case adds && x.Over == Now:
		c.fault(path+".how", "%s over now means nothing: use last, or a period such as hour or day", x.How)
	}
	if !adds || !info.Additive {
		return
	}
	for _, s := range of {
		if s.Kind == Snapshot {
			c.fault(path+".how", "source %s sends snapshots, and states do not add up over time: use last, mean or max", s.ID)
			return
		}
	}
}

func (c *checker) checkShare(path string, x *Indicator, of, among []*Source) {
	if x.Unit != Percent {
		c.fault(path+".unit", "is %q: a share is in percent", clip(string(x.Unit)))
	}
	if len(among) == 0 {
		return // said already
	}
	if among[0].Unit != of[0].Unit {
		c.fault(path+".among", "units never mix: source %s counts in %s, source %s in %s; a share is of like things", of[0].ID, of[0].Unit, among[0].ID, among[0].Unit)
	}
	whole := make(map[*Source]bool, len(among))
	for _, s := range among {
		whole[s] = true
	}
	for _, s := range of {
		if !whole[s] {
			c.fault(path+".among", "lacks source %s, of which the share is taken", s.ID)
			return
		}
	}
}

func (c *checker) checkBy(path string, x *Indicator, of []*Source) {
	if len(x.By) == 0 {
		c.fault(path, "is missing: want one or more of city, district, place, department")
	}
	for i, by := range x.By {
		at := fmt.Sprintf("%s[%d]", path, i)
		if slices.Contains(x.By[:i], by) {
			c.fault(at, "%s stands there already", by)
			continue
		}
		switch by {
		case ByCity, ByDepartment:
		case ByPlace, ByDistrict:
			for _, s := range of {
				if by == ByPlace && s.Place == "" || by == ByDistrict && s.District == "" {
					c.fault(at, "source %s has no %s: it would be in the city's figure and in no %s's", s.ID, by, by)
					break
				}
			}
		case "category":
			c.fault(at, "category: not yet supported")
		default:
			c.unknown(at, "grouping", string(by), []string{"city", "district", "place", "department"})
		}
	}
}

func (c *checker) checkThresholds(path string, x *Indicator, of []*Source) {
	t := x.Thresholds
	switch t.Direction {
	case "above":
		if t.Watch > t.Alert {
			c.fault(path+".watch", "lies above alert: where high is bad, watch comes first")
		}
	case "below":
		if t.Watch < t.Alert {
			c.fault(path+".watch", "lies below alert: where low is bad, watch comes first")
		}
	default:
		c.unknown(path+".direction", "direction", t.Direction, []string{"above", "below"})
	}
	if max(t.Watch, t.Alert) > MaxSteps || min(t.Watch, t.Alert) < -MaxSteps {
		c.fault(path+".watch", "is out of range: want at most 2^53 steps")
	}
	switch t.Of {
	case OfValue:
	case OfCapacity:
		c.checkOfCapacity(path+".of", x, of)
	case OfTarget:
		if x.Target == nil || *x.Target <= 0 {
			c.fault(path+".of", "target: the indicator has no target to be compared with")
		}
	default:
		c.unknown(path+".of", "basis", string(t.Of), []string{"value", "capacity", "target"})
	}
}

// checkOfCapacity holds that persons present are compared with places' capacity.
func (c *checker) checkOfCapacity(path string, x *Indicator, of []*Source) {
	if x.Unit != Person || x.How == Sum || x.How == Share {
		c.fault(path, "capacity: only persons present at once can be compared with it, by last, mean or max")
		return
	}
	if slices.Contains(x.By, ByDepartment) {
		c.fault(path, "capacity: a department has none; group by place, district or city")
		return
	}
	for _, s := range of {
		if p := c.places[s.Place]; p == nil || p.Capacity == 0 {
			c.fault(path, "capacity: source %s stands at no place that declares one", s.ID)
			return
		}
	}
}
