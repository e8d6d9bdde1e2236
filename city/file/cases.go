package file

import (
	"fmt"
	"maps"
	"slices"

	"rasad/city"
)

// cases takes over what the file says of cases and plans.
func (c *compiler) cases() {
	for i, x := range c.raw.Categories {
		c.def.Categories = append(c.def.Categories, city.Category{ID: x.ID, Name: c.text(&x.Name, fmt.Sprintf("$.categories[%d].name", i))})
	}
	for i, x := range c.raw.Levels {
		path := fmt.Sprintf("$.service_levels[%d]", i)
		level := city.ServiceLevel{
			Case: city.CaseKind(x.Case), Category: x.Category, Zone: city.Intensity(x.Zone),
			WithinSec: c.seconds(path+".within", x.Within), FromHour: x.Hours.from, ToHour: x.Hours.to,
		}
		if x.Season != nil {
			if level.SeasonSec = c.seconds(path+".season", *x.Season); level.SeasonSec == 0 && !c.failed[path+".season"] {
				c.fault(c.at(path+".season"), "season is no time: want such as 3h, or leave it out")
			}
		}
		if level.FromHour == 0 && level.ToHour == 24 {
			level.ToHour = 0 // day and night is said in one way only
		}
		c.def.Levels = append(c.def.Levels, level)
	}
	for i := range c.raw.Plans {
		c.plan(fmt.Sprintf("$.plans[%d]", i), &c.raw.Plans[i])
	}
}

func (c *compiler) plan(path string, x *rawPlan) {
	p := city.Plan{ID: city.PlanID(x.ID), Name: c.text(&x.Name, path+".name"), From: x.From.day, To: x.To.day, Parts: []city.PlanPart{}}
	if x.Every != nil {
		if p.EverySec = c.seconds(path+".every", *x.Every); p.EverySec == 0 {
			if !c.failed[path+".every"] {
				c.fault(c.at(path+".every"), "every is no time: want such as 24h")
			}
			p.EverySec = 86400 // the rest is judged as if it were one
		}
	}
	if c.failed[path+".from"] || c.failed[path+".to"] {
		p.From, p.To = 1, 1 // as above: one bad day is no other fault
	}
	for i, id := range c.selected(path+".of", x.Of) {
		p.Parts = append(p.Parts, city.PlanPart{Source: id})
		part := fmt.Sprintf("%s.parts[%d]", path, i)
		c.alias[part+".source"] = fmt.Sprintf("%s.of[%d]", path, i)
		c.alias[part+".amount"] = path + ".amount"
	}
	c.amounts(path, x.Amount, &p)
	c.def.Plans = append(c.def.Plans, p)
}

// amounts gives each part of a plan what is planned of it: as written for its
// source, else for its district, else for each part.
func (c *compiler) amounts(path string, amount map[string]number, p *city.Plan) {
	used, byDistrict := map[string]bool{}, map[string]city.SourceID{}
	path += ".amount"
	for i := range p.Parts {
		part := &p.Parts[i]
		src := c.declared(part.Source)
		if src == nil {
			continue // said elsewhere
		}
		key, at := string(part.Source), path+"."+string(part.Source)
		if _, own := amount[key]; !own {
			key, at = string(src.District), path+"."+string(src.District)
			if other, twice := byDistrict[key]; twice && amount[key] != "" && key != "" {
				c.fault(c.where[at], "%s has two parts, %s and %s: name the sources", key, other, part.Source)
				c.failed[path] = true
			}
			byDistrict[key] = part.Source
		}
		if _, written := c.where[at]; key == "" || !written {
			key, at = "", path
		}
		used[key] = true
		if n, there := amount[key]; there {
			if _, known := src.Unit.Info(); !known || n == "" {
				c.failed[at] = true // said already
			}
			part.Amount = c.steps(at, src.Unit, n)
			c.alias[fmt.Sprintf("$.plans[%d].parts[%d].amount", len(c.def.Plans), i)] = at
		}
	}
	for _, key := range slices.Sorted(maps.Keys(amount)) {
		if at := path + "." + key; !used[key] && !c.unread(path) {
			c.fault(c.at(at), "the plan is of no source and no district %q%s", clip(key), nearest(key, c.partNames(p)))
		}
	}
}

// declared returns a source of the definition, or nil.
func (c *compiler) declared(id city.SourceID) *city.Source {
	for i := range c.def.Sources {
		if s := &c.def.Sources[i]; s.ID == id {
			return s
		}
	}
	return nil
}

// partNames lists the words by which an amount may name a plan's parts.
func (c *compiler) partNames(p *city.Plan) []string {
	var list []string
	for _, part := range p.Parts {
		list = append(list, string(part.Source))
		if s := c.declared(part.Source); s != nil {
			list = append(list, string(s.District))
		}
	}
	return list
}
