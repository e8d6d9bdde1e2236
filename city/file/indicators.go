package file

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rasad/city"
)

func (c *compiler) indicator(path string, x *rawIndicator) {
	ind := city.Indicator{
		ID: city.IndicatorID(x.ID), Name: c.text(&x.Name, path+".name"), Definition: c.text(&x.Definition, path+".definition"),
		Theme: x.Theme, Unit: city.Unit(x.Unit), How: city.How(x.How), Over: city.Period(x.Over), By: []city.Grouping{},
		Of: c.selected(path+".of", x.Of), Among: c.selected(path+".among", x.Among),
		Owner: city.DepartmentID(x.Owner), Body: c.body(x.Body, path+".body", x.Owner),
	}
	if ind.Of == nil {
		ind.Of = []city.SourceID{}
	}
	for _, by := range x.By {
		ind.By = append(ind.By, city.Grouping(by))
	}
	if ind.Unit == "" {
		ind.Unit = c.unitOf(&ind)
	}
	if x.Target != nil {
		target := c.steps(path+".target", ind.Unit, *x.Target)
		ind.Target = &target
	}
	if t := x.Thresholds; t != nil {
		basis := city.Basis(cmp.Or(t.Of, string(city.OfValue)))
		unit := ind.Unit
		if basis != city.OfValue {
			unit = city.Percent // of the capacity or the target
		}
		for _, key := range []string{"watch", "alert"} {
			if _, there := c.where[path+".thresholds."+key]; !there {
				c.fault(c.at(path+".thresholds"), "%s is missing: want the value from where on it is so", key)
				c.failed[path+".thresholds"] = true
			}
		}
		ind.Thresholds = &city.Thresholds{
			Direction: t.Direction, Of: basis,
			Watch: c.steps(path+".thresholds.watch", unit, t.Watch),
			Alert: c.steps(path+".thresholds.alert", unit, t.Alert),
		}
	}
	c.def.Indicators = append(c.def.Indicators, ind)
}

// unitOf returns the unit of an indicator that does not say it.
func (c *compiler) unitOf(ind *city.Indicator) city.Unit {
	if ind.How == city.Share {
		return city.Percent
	}
	for i := range c.def.Sources {
		if s := &c.def.Sources[i]; len(ind.Of) > 0 && s.ID == ind.Of[0] {
			return s.Unit
		}
	}
	return ""
}

// selected returns the sources that a selector names, in the city's order.
func (c *compiler) selected(path string, sel *rawSelector) []city.SourceID {
	if sel == nil {
		return nil
	}
	ids := make([]city.SourceID, 0, len(sel.Sources))
	for _, id := range sel.Sources {
		ids = append(ids, city.SourceID(id))
	}
	if sel.Counts == nil && sel.Direction == "" && sel.Place == nil && sel.District == nil && sel.Department == nil {
		return ids
	}
	if sel.Sources != nil {
		c.fault(c.at(path+".sources"), "name the sources, or say what they have in common: not both")
		return ids
	}
	known := c.checkSelector(path, sel)
	bears := func(list []string, x string) bool { return list == nil || slices.Contains(list, x) }
	for i := range c.def.Sources {
		s := &c.def.Sources[i]
		if bears(sel.Counts, s.Counts) && bears(sel.Place, string(s.Place)) && bears(sel.District, string(s.District)) &&
			bears(sel.Department, string(s.Department)) && (sel.Direction == "" || strings.HasSuffix(string(s.ID), "/"+sel.Direction)) {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		if known {
			c.fault(c.at(path), "selects no source")
		}
		c.failed[path] = true
	}
	return ids
}

// checkSelector holds that each word of a selector is one that some source bears.
func (c *compiler) checkSelector(path string, sel *rawSelector) (ok bool) {
	ok = sel.Direction == "" || sel.Direction == "in" || sel.Direction == "out"
	if !ok {
		c.fault(c.at(path+".direction"), "unknown direction %q: want in or out", clip(sel.Direction))
	}
	for _, part := range []struct {
		key  string
		list []string
		of   func(*city.Source) string
	}{
		{"counts", sel.Counts, func(s *city.Source) string { return s.Counts }},
		{"place", sel.Place, func(s *city.Source) string { return string(s.Place) }},
		{"district", sel.District, func(s *city.Source) string { return string(s.District) }},
		{"department", sel.Department, func(s *city.Source) string { return string(s.Department) }},
	} {
		for i, word := range part.list {
			var known []string
			for j := range c.def.Sources {
				known = append(known, part.of(&c.def.Sources[j]))
			}
			if !slices.Contains(known, word) {
				ok = false
				c.fault(c.at(fmt.Sprintf("%s.%s[%d]", path, part.key, i)), "no source has %s %q%s", part.key, clip(word), nearest(word, known))
			}
		}
	}
	return ok
}
