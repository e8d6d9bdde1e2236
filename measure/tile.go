package measure

import (
	"strconv"
	"time"

	"rasad/city"
)

// A Group is what a tile speaks of: the whole city, or one place, district or
// department.
type Group struct {
	By city.Grouping
	ID string // "" for the whole city
}

// A Tile is an indicator's figure for one group, as screens show it.
type Tile struct {
	Indicator *city.Indicator
	Group     Group
	Figure    Figure
}

// ID returns the tile's name: "visits-today" for the whole city,
// "visits-today/naqsh-e-jahan" for a group.
func (t *Tile) ID() string { return TileID(t.Indicator.ID, t.Group) }

// TileID returns the name of an indicator's tile for a group.
func TileID(i city.IndicatorID, g Group) string {
	if g.ID == "" {
		return string(i)
	}
	return string(i) + "/" + g.ID
}

// Groups returns the groups that an indicator makes tiles for, in the order of
// the city file: only those that at least one of its sources belongs to.
func Groups(c *city.City, ind *city.Indicator) []Group {
	var groups []Group
	for _, by := range ind.By {
		seen := map[string]bool{}
		for _, id := range ind.Of {
			src := c.Source(id)
			if src == nil {
				continue
			}
			g := groupOf(src, by)
			if (by == city.ByCity || g != "") && !seen[g] {
				seen[g] = true
				groups = append(groups, Group{by, g})
			}
		}
	}
	return groups
}

// Members returns the sources among ids that belong to g.
func Members(c *city.City, ids []city.SourceID, g Group) []*city.Source {
	var list []*city.Source
	for _, id := range ids {
		if src := c.Source(id); src != nil && groupOf(src, g.By) == g.ID {
			list = append(list, src)
		}
	}
	return list
}

func groupOf(src *city.Source, by city.Grouping) string {
	switch by {
	case city.ByPlace:
		return string(src.Place)
	case city.ByDistrict:
		return string(src.District)
	case city.ByDepartment:
		return string(src.Department)
	default:
		return ""
	}
}

// AppendJSON appends the tile as screens and scripts read it; the form is fixed
// in docs/frames.md. Numbers are in the indicator's unit, with Latin digits.
func (t *Tile) AppendJSON(b []byte) []byte {
	b = append(b, `{"id":"`...)
	b = append(append(b, t.ID()...), `","indicator":"`...)
	b = append(append(b, t.Indicator.ID...), `","group":{`...)
	if t.Group.ID != "" {
		b = append(append(append(b, '"'), t.Group.By...), `":"`...)
		b = append(append(b, t.Group.ID...), '"')
	}
	b = append(b, `},"value":`...)
	f := &t.Figure
	if f.Has {
		b = t.Indicator.Unit.AppendFormat(b, f.Value)
	} else {
		b = append(b, "null"...)
	}
	b = append(append(append(b, `,"unit":"`...), t.Indicator.Unit...), `","status":"`...)
	b = append(append(b, f.Status...), `","at":`...)
	if f.At != 0 {
		b = f.At.Time().AppendFormat(append(b, '"'), time.RFC3339)
		b = append(b, '"')
	} else {
		b = append(b, "null"...)
	}
	b = strconv.AppendInt(append(b, `,"ttl_seconds":`...), f.TTL, 10)
	b = append(b, `,"coverage":`...)
	if f.Coverage.Expected > 0 {
		b = strconv.AppendInt(append(b, `{"reporting":`...), int64(f.Coverage.Reporting), 10)
		b = strconv.AppendInt(append(b, `,"expected":`...), int64(f.Coverage.Expected), 10)
		b = append(b, '}')
	} else {
		b = append(b, "null"...)
	}
	b = strconv.AppendBool(append(b, `,"provisional":`...), f.Provisional)
	b = strconv.AppendUint(append(b, `,"revision":`...), f.Revision, 10)
	b = strconv.AppendBool(append(b, `,"revised":`...), f.Revised)
	return append(b, '}')
}

// MarshalJSON returns what AppendJSON appends.
func (t *Tile) MarshalJSON() ([]byte, error) { return t.AppendJSON(nil), nil }
