package city

import (
	"fmt"
	"slices"
)

// Bounds of service levels and plans, in seconds.
const (
	maxWithinSec = 400 * 86400
	minEverySec  = 3600
	maxEverySec  = 60 * 86400
)

// maxPlanDays bounds a plan by amount: what was done is added up from its cells.
const maxPlanDays = 400

// checkZone holds that an intensity is one, where it is said at all.
func (c *checker) checkZone(path string, zone Intensity) {
	if zone == "" || slices.Contains(Intensities(), zone) {
		return
	}
	c.unknown(path, "zone", string(zone), words(Intensities()))
}

func words[T ~string](list []T) []string {
	plain := make([]string, len(list))
	for i, x := range list {
		plain[i] = string(x)
	}
	return plain
}

func (c *checker) checkCategories() {
	for i, x := range c.d.Categories {
		path := fmt.Sprintf("$.categories[%d]", i)
		c.category(path+".id", x.ID)
		c.once(path+".id", "category", x.ID)
		c.text(path+".name", x.Name)
	}
}

// category checks the form of a category's id: a little wider than that of other
// ids, because those who send cases have words of their own, such as the grade A.
func (c *checker) category(path, id string) {
	switch {
	case id == "":
		c.fault(path, "is missing: want the word that cases say, such as litter")
	case len(id) > 64:
		c.fault(path, "is longer than 64 bytes")
	case !isCategory(id):
		c.fault(path, "%q is no category: want Latin letters, digits, hyphens and underscores, such as litter or A", clip(id))
	}
}

func isCategory(s string) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_':
		default:
			return false
		}
	}
	return s != ""
}

func (c *checker) checkLevels() {
	named := make(map[string]bool, len(c.d.Categories))
	for _, x := range c.d.Categories {
		named[x.ID] = true
	}
	for i := range c.d.Levels {
		path, x := fmt.Sprintf("$.service_levels[%d]", i), &c.d.Levels[i]
		c.oneOf(path+".case", "kind of case", string(x.Case), words(CaseKinds()))
		if x.Category != "" && !named[x.Category] {
			c.fault(path+".category", "no category %q: give it its wording among the categories", clip(x.Category))
		}
		c.checkZone(path+".zone", x.Zone)
		c.checkWithin(path, x)
		for j, earlier := range c.d.Levels[:i] {
			if earlier.covers(x) {
				c.fault(path, "never holds: service level %d of the list fits all its cases, and of all that fit the first one holds", j+1)
				break
			}
		}
	}
}

// covers reports whether l fits every case that x fits.
func (l *ServiceLevel) covers(x *ServiceLevel) bool {
	return l.Case == x.Case && (l.Category == "" || l.Category == x.Category) && (l.Zone == "" || l.Zone == x.Zone)
}

// checkWithin checks the times of a level, and the hours in which they run.
func (c *checker) checkWithin(path string, x *ServiceLevel) {
	hours := int64(24)
	if x.FromHour != 0 || x.ToHour != 0 {
		if x.FromHour < 0 || x.ToHour > 24 || x.FromHour >= x.ToHour {
			c.fault(path+".from_hour", "hours %d to %d: want whole hours of one day, such as 7-22", x.FromHour, x.ToHour)
		} else {
			hours = int64(x.ToHour - x.FromHour)
		}
	}
	switch {
	case x.WithinSec == 0:
		c.fault(path+".within_seconds", "is missing: want the time that such a case has, such as 12h or 14d")
	case x.WithinSec < 0:
		c.fault(path+".within_seconds", "is %d s: want more than nothing", x.WithinSec)
	}
	if x.SeasonSec < 0 {
		c.fault(path+".season_seconds", "is %d s: want more than nothing, or leave it out", x.SeasonSec)
	}
	for _, t := range []struct {
		key string
		sec int64
	}{{"within_seconds", x.WithinSec}, {"season_seconds", x.SeasonSec}} {
		if t.sec > maxWithinSec*hours/24 {
			c.fault(path+"."+t.key, "is too long: with %d hours a day it would be due after more than 400 days", hours)
		}
	}
}

func (c *checker) checkPlans() {
	for i := range c.d.Plans {
		path, x := fmt.Sprintf("$.plans[%d]", i), &c.d.Plans[i]
		c.unique(path+".id", "plan", string(x.ID))
		c.text(path+".name", x.Name)
		if x.EverySec != 0 {
			c.checkRepetition(path, x)
		} else {
			c.checkSpan(path, x)
		}
		c.checkParts(path, x)
	}
}

func (c *checker) checkRepetition(path string, x *Plan) {
	if x.EverySec < minEverySec || x.EverySec > maxEverySec {
		c.fault(path+".every_seconds", "is %d s: want 1 hour to 60 days", x.EverySec)
	}
	if x.From != 0 || x.To != 0 {
		c.fault(path+".from", "is for a plan by amount: what is to be done again and again has no last day")
	}
}

func (c *checker) checkSpan(path string, x *Plan) {
	switch {
	case x.From == 0 && x.To == 0:
		c.fault(path+".every_seconds", "is missing: want how often it is to be done, such as 24h, or from, to and amount")
	case x.From == 0 || x.To == 0:
		c.fault(path+".from", "is the first day of a plan and to its last one: want both")
	case x.To < x.From:
		c.fault(path+".to", "lies before the plan's first day %s", x.From)
	case x.To-x.From >= maxPlanDays:
		c.fault(path+".to", "makes a plan of %d days: want at most %d", x.To-x.From+1, maxPlanDays)
	}
}

// checkParts holds that the parts of a plan are sources of one unit whose work can
// be seen, and that what is planned of it means something.
func (c *checker) checkParts(path string, x *Plan) {
	if len(x.Parts) == 0 {
		c.fault(path+".parts", "is missing: want at least one source")
	}
	var first *Source
	seen := make(map[SourceID]bool, len(x.Parts))
	for i, part := range x.Parts {
		at := fmt.Sprintf("%s.parts[%d]", path, i)
		s := c.sources[part.Source]
		switch {
		case s == nil:
			c.fault(at+".source", "no source %q", clip(string(part.Source)))
		case seen[part.Source]:
			c.fault(at+".source", "source %s stands there already: it would count twice", part.Source)
		case s.Kind == Snapshot:
			c.fault(at+".source", "source %s sends snapshots: only what was done, by events or by the slot, is compared with a plan", s.ID)
		case first != nil && s.Unit != first.Unit:
			c.fault(at+".source", "units never mix: source %s counts in %s, source %s in %s; make a plan of each", first.ID, first.Unit, s.ID, s.Unit)
		}
		seen[part.Source] = true
		if first == nil {
			first = s
		}
		c.checkAmount(at+".amount", x, part, s)
	}
}

func (c *checker) checkAmount(path string, x *Plan, part PlanPart, s *Source) {
	switch {
	case part.Amount < 0 || part.Amount > MaxDeclared:
		c.fault(path, "is out of range: want more than nothing, and at most %d steps", MaxDeclared)
	case part.Amount == 0 && x.EverySec == 0:
		c.fault(path, "is nothing: want how much is to be done of source %s", clip(string(part.Source)))
	case part.Amount > 0 && s != nil && !s.Unit.adds():
		c.fault(path, "%s of source %s do not add up: leave the amount out, and say how often", s.Unit, s.ID)
	}
}

// adds reports whether values of the unit may be added; true for what is no unit,
// which is said elsewhere.
func (u Unit) adds() bool {
	info, known := u.Info()
	return !known || info.Additive
}
