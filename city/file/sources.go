package file

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"rasad/city"
)

// An owner is what a source is declared under: a place, a district, a department,
// or nothing. A stream speaks of it as {id} and {name}.
type owner struct {
	id                          string
	name                        city.Text
	place, district, department string
}

// sources expands every source, in the order in which places, districts,
// departments and the list of sources declare them.
func (c *compiler) sources() {
	c.checkStreams()
	for i, x := range c.raw.Places {
		o := owner{id: x.ID, name: named(&x.Name, x.ID), place: x.ID}
		for j := range x.Sources {
			c.source(fmt.Sprintf("$.places[%d].sources[%d]", i, j), &x.Sources[j], o)
		}
	}
	for i, x := range c.raw.Districts {
		o := owner{id: x.ID, name: named(&x.Name, x.ID), district: x.ID}
		for j := range x.Sources {
			c.source(fmt.Sprintf("$.districts[%d].sources[%d]", i, j), &x.Sources[j], o)
		}
	}
	for i, x := range c.raw.Departments {
		o := owner{id: x.ID, name: named(&x.Name, x.ID), department: x.ID}
		for j := range x.Sources {
			c.source(fmt.Sprintf("$.departments[%d].sources[%d]", i, j), &x.Sources[j], o)
		}
	}
	for i := range c.raw.Sources {
		c.source(fmt.Sprintf("$.sources[%d]", i), &c.raw.Sources[i], owner{})
	}
}

// named returns a name that is never empty: where an owner's is missing that is
// its own fault, not one of all its sources.
func named(t *rawText, id string) city.Text {
	return city.Text{FA: cmp.Or(t.FA, id), EN: cmp.Or(t.EN, id)}
}

func (c *compiler) checkStreams() {
	for name, x := range c.raw.Streams {
		if x.Stream != "" {
			c.fault(c.at("$.streams."+name+".stream"), "a stream is not made of another one: write it out")
		}
	}
}

// source expands one declaration, which is two sources where it has directions.
func (c *compiler) source(path string, own *rawSource, o owner) {
	x, stream := *own, ""
	if own.Stream != "" {
		base, ok := c.raw.Streams[own.Stream]
		if !ok {
			known := make([]string, 0, len(c.raw.Streams))
			for name := range c.raw.Streams {
				known = append(known, name)
			}
			c.fault(c.at(path+".stream"), "no stream %q%s", clip(own.Stream), nearest(own.Stream, known))
			return
		}
		x, stream = over(base, own), "$.streams."+own.Stream
	}
	if x.ID == "" && own.Stream != "" && o.id != "" {
		x.ID = "{id}-" + own.Stream
	}
	for _, clash := range []struct{ key, own, owner string }{
		{"place", x.Place, o.place}, {"district", x.District, o.district + o.place}, {"department", x.Department, o.department},
	} {
		if clash.own != "" && clash.owner != "" {
			c.fault(c.at(path+"."+clash.key), "%s is given by where the source stands in the file", clash.key)
		}
	}
	switch x.Directions {
	case "":
		c.add(path, stream, &x, o, "")
	case "in_out":
		c.add(path, stream, &x, o, "in")
		c.add(path, stream, &x, o, "out")
	default:
		c.fault(c.at(path+".directions"), "unknown directions %q: want in_out, or leave it out", clip(x.Directions))
	}
}

// over lays what a source says itself over its stream.
func over(base rawSource, own *rawSource) rawSource {
	base.Stream = own.Stream
	base.ID = cmp.Or(own.ID, base.ID)
	base.Place = cmp.Or(own.Place, base.Place)
	base.District = cmp.Or(own.District, base.District)
	base.Department = cmp.Or(own.Department, base.Department)
	base.Counts = cmp.Or(own.Counts, base.Counts)
	base.Unit = cmp.Or(own.Unit, base.Unit)
	base.Kind = cmp.Or(own.Kind, base.Kind)
	base.Directions = cmp.Or(own.Directions, base.Directions)
	base.Method = cmp.Or(own.Method, base.Method)
	base.Name = cmp.Or(own.Name, base.Name)
	base.Slot = cmp.Or(own.Slot, base.Slot)
	base.Range = cmp.Or(own.Range, base.Range)
	base.Body = cmp.Or(own.Body, base.Body)
	base.LateUntil = cmp.Or(own.LateUntil, base.LateUntil)
	if own.Cadence != nil {
		base.Cadence = own.Cadence
	}
	return base
}

func (c *compiler) add(path, stream string, x *rawSource, o owner, direction string) {
	s := city.Source{
		ID: city.SourceID(strings.ReplaceAll(x.ID, "{id}", o.id)), Name: sourceName(x, o, direction),
		Place: city.PlaceID(cmp.Or(x.Place, o.place)), District: city.DistrictID(cmp.Or(x.District, o.district)),
		Department: city.DepartmentID(cmp.Or(x.Department, o.department)),
		Counts:     x.Counts, Unit: city.Unit(x.Unit), Kind: city.Kind(x.Kind), Method: x.Method,
		LateSec: int64(DefaultLate / time.Second),
	}
	if direction != "" {
		s.ID += city.SourceID("/" + direction)
	}
	for i := range c.def.Places {
		if p := &c.def.Places[i]; p.ID == s.Place && s.District == "" {
			s.District = p.District
		}
	}
	n := fmt.Sprintf("$.sources[%d]", len(c.def.Sources))
	c.alias[n] = path
	for _, key := range []string{"id", "name", "place", "district", "department", "counts", "unit", "kind", "directions", "slot", "cadence", "range", "body", "method", "late_until"} {
		if _, itself := c.where[path+"."+key]; !itself && stream != "" {
			if _, there := c.where[stream+"."+key]; there {
				c.alias[n+"."+key] = stream + "." + key
			}
		}
	}
	for def, file := range yamlKeys() {
		if from, ok := c.alias[n+"."+file]; ok {
			c.alias[n+"."+def] = from
		}
	}
	c.text(x.Name, c.file(n+".name"))
	s.Body = c.body(x.Body, c.file(n+".body"), string(s.Department))
	if x.Slot != nil {
		s.SlotSec = c.seconds(n+".slot", *x.Slot)
	}
	if x.LateUntil != nil {
		s.LateSec = c.seconds(n+".late_until", *x.LateUntil)
	}
	for i, cadence := range x.Cadence {
		hours := cadence.Hours
		if hours.from == 0 && hours.to == 0 {
			hours.to = 24
		}
		s.Cadence = append(s.Cadence, city.Cadence{
			FromHour: hours.from, ToHour: hours.to, EverySec: c.seconds(fmt.Sprintf("%s.cadence[%d].every", n, i), cadence.Every),
		})
	}
	if x.Range != nil {
		s.Min = c.steps(n+".range[0]", s.Unit, x.Range[0])
		s.Max = c.steps(n+".range[1]", s.Unit, x.Range[1])
	}
	c.def.Sources = append(c.def.Sources, s)
}

func sourceName(x *rawSource, o owner, direction string) city.Text {
	if x.Name == nil {
		if o.id != "" {
			return o.name // a source without a name is named by what it stands at
		}
		return city.Text{}
	}
	way := map[string]city.Text{"in": {FA: "ورودی", EN: "in"}, "out": {FA: "خروجی", EN: "out"}}[direction]
	fill := func(pattern, id, name, way, comma string) string {
		if way != "" && !strings.Contains(pattern, "{direction}") {
			pattern += comma + "{direction}"
		}
		return strings.NewReplacer("{id}", id, "{name}", name, "{direction}", way).Replace(pattern)
	}
	return city.Text{
		FA: fill(x.Name.FA, o.id, o.name.FA, way.FA, "، "),
		EN: fill(x.Name.EN, o.id, o.name.EN, way.EN, ", "),
	}
}

// seconds takes a length of time over in whole seconds.
func (c *compiler) seconds(path string, d time.Duration) int64 {
	if d%time.Second != 0 {
		c.fault(c.where[c.file(path)], "want whole seconds, got %s", d)
	}
	return int64(d / time.Second)
}

// steps reads a number in a unit; 0 where there is a fault.
func (c *compiler) steps(path string, u city.Unit, n number) city.Steps {
	if _, known := u.Info(); !known || n == "" {
		return 0 // said already
	}
	s, err := u.Parse(string(n))
	if err != nil {
		path = c.file(path)
		c.fault(c.where[path], "%s", err)
		whole, _, _ := strings.Cut(path, ".range[") // a range that lacks an end is none
		c.failed[path], c.failed[whole+".range"] = true, true
	}
	return s
}
