package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"rasad/city"
)

// A Change is one thing in which two cities differ.
type Change struct {
	Text string // in words, such as "place khaju: capacity 800 -> 900"

	// Forbidden says that it must not come into force once Source, or any source
	// where Source is empty, has data: what was counted would mean something else.
	Forbidden bool
	Source    city.SourceID
}

// Differences says in words what becomes another when the city next follows the
// city before; nothing when they are equal.
func Differences(before, next *city.City) []Change {
	var changes []Change
	a, b := &before.Definition, &next.Definition
	for _, c := range fields(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem(), "", "") {
		c.Text = "city: " + c.Text
		c.Forbidden = c.field == "zone" || c.field == "id" // days are cut by the zone
		changes = append(changes, c.Change)
	}
	changes = append(changes, compare("district", a.Districts, b.Districts, func(x *city.District) string { return string(x.ID) }, nil)...)
	changes = append(changes, compare("place", a.Places, b.Places, func(x *city.Place) string { return string(x.ID) }, nil)...)
	changes = append(changes, compare("department", a.Departments, b.Departments, func(x *city.Department) string { return string(x.ID) }, nil)...)
	changes = append(changes, compare("source", a.Sources, b.Sources, func(x *city.Source) string { return string(x.ID) },
		func(x, y *city.Source) (was, is city.Unit) { return x.Unit, y.Unit })...)
	changes = append(changes, compare("indicator", a.Indicators, b.Indicators, func(x *city.Indicator) string { return string(x.ID) },
		func(x, y *city.Indicator) (was, is city.Unit) { return x.Unit, y.Unit })...)
	changes = append(changes, compare("season", a.Seasons, b.Seasons, func(x *city.Season) string { return string(x.ID) }, nil)...)
	changes = append(changes, compare("screen", a.Screens, b.Screens, func(x *city.Screen) string { return string(x.ID) }, nil)...)
	changes = append(changes, compare("category", a.Categories, b.Categories, func(x *city.Category) string { return x.ID }, nil)...)
	changes = append(changes, compare("service level", a.Levels, b.Levels, levelName, nil)...)
	changes = append(changes, compare("plan", a.Plans, b.Plans, func(x *city.Plan) string { return string(x.ID) },
		func(x, y *city.Plan) (was, is city.Unit) { return planUnit(before, x), planUnit(next, y) })...)
	if len(changes) == 0 {
		x, err1 := before.Canonical()
		y, err2 := next.Canonical()
		if err1 != nil || err2 != nil || !bytes.Equal(x, y) {
			changes = append(changes, Change{Text: "city: the order of its parts"})
		}
	}
	return changes
}

// compare finds what was added, removed and changed in one list of parts. units
// says in which units the values of two of them stand; nil where they have none.
func compare[T any](what string, before, next []T, id func(*T) string, units func(x, y *T) (was, is city.Unit)) []Change {
	var changes []Change
	old := make(map[string]*T, len(before))
	for i := range before {
		old[id(&before[i])] = &before[i]
	}
	for i := range next {
		name := id(&next[i])
		x, there := old[name]
		if !there {
			changes = append(changes, Change{Text: fmt.Sprintf("added %s %s", what, name)})
			continue
		}
		delete(old, name)
		var was, is city.Unit
		if units != nil {
			was, is = units(x, &next[i])
		}
		for _, c := range fields(reflect.ValueOf(x).Elem(), reflect.ValueOf(&next[i]).Elem(), was, is) {
			c.Text = fmt.Sprintf("%s %s: %s", what, name, c.Text)
			if what == "source" && (c.field == "unit" || c.field == "kind") {
				c.Forbidden, c.Source = true, city.SourceID(name)
			}
			changes = append(changes, c.Change)
		}
	}
	for i := range before {
		if name := id(&before[i]); old[name] != nil {
			changes = append(changes, Change{Text: fmt.Sprintf("removed %s %s", what, name)})
		}
	}
	return changes
}

// levelName names a service level by the cases that it is for: no city has two of
// one name.
func levelName(l *city.ServiceLevel) string {
	name := string(l.Case)
	if l.Category != "" {
		name += " " + l.Category
	}
	if l.Zone != "" {
		name += ", zone " + string(l.Zone)
	}
	return name
}

// planUnit returns the unit in which a plan's amounts stand.
func planUnit(c *city.City, p *city.Plan) city.Unit {
	for _, part := range p.Parts {
		if s := c.Source(part.Source); s != nil {
			return s.Unit
		}
	}
	return ""
}

type fieldChange struct {
	Change

	field string // its key in the canonical JSON
}

// fields compares two parts field by field, their values in the units was and is;
// the lists of a whole city are compared elsewhere.
func fields(before, next reflect.Value, was, is city.Unit) []fieldChange {
	var changes []fieldChange
	for i := range before.NumField() {
		x, y := before.Field(i), next.Field(i)
		if x.Kind() == reflect.Slice && before.Type() == reflect.TypeFor[city.Definition]() {
			continue
		}
		if reflect.DeepEqual(x.Interface(), y.Interface()) || x.Kind() == reflect.Slice && x.Len()+y.Len() == 0 {
			continue
		}
		key, _, _ := strings.Cut(before.Type().Field(i).Tag.Get("json"), ",")
		if text := words(x, y, was, is); text != "" {
			changes = append(changes, fieldChange{Change{Text: key + " " + text}, key})
		}
	}
	return changes
}

// words says how a value changed; nothing where it is the same number in steps of
// another unit.
func words(before, next reflect.Value, was, is city.Unit) string {
	x, isText := reflect.TypeAssert[city.Text](before)
	if y, ok := reflect.TypeAssert[city.Text](next); ok && isText {
		var parts []string
		if x.FA != y.FA {
			parts = append(parts, x.FA+" -> "+y.FA)
		}
		if x.EN != y.EN {
			parts = append(parts, x.EN+" -> "+y.EN)
		}
		return strings.Join(parts, ", ")
	}
	if old, ok := reflect.TypeAssert[[]city.SourceID](before); ok {
		if fresh, ok := reflect.TypeAssert[[]city.SourceID](next); ok {
			return members(old, fresh)
		}
	}
	if old, ok := reflect.TypeAssert[[]city.PlanPart](before); ok {
		if fresh, ok := reflect.TypeAssert[[]city.PlanPart](next); ok {
			return parts(old, fresh, was, is)
		}
	}
	a, b := word(before, was), word(next, is)
	if a == b && was != is {
		return ""
	}
	return a + " -> " + b
}

func word(v reflect.Value, unit city.Unit) string {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.IsZero() && v.Kind() != reflect.Int64 && v.Kind() != reflect.Bool {
		return "none"
	}
	switch x := v.Interface().(type) {
	case city.Steps:
		return unit.Format(x)
	case city.Thresholds:
		if x.Of != city.OfValue {
			unit = city.Percent
		}
		return fmt.Sprintf("%s: watch %s, alert %s (of %s)", x.Direction, unit.Format(x.Watch), unit.Format(x.Alert), x.Of)
	case []city.Cadence:
		parts := make([]string, len(x))
		for i, c := range x {
			parts[i] = fmt.Sprintf("every %d s in hours %d-%d", c.EverySec, c.FromHour, c.ToHour)
		}
		return strings.Join(parts, ", ")
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return fmt.Sprint(v.Interface())
	}
	return strings.Trim(string(b), `"`)
}

// members says which sources an indicator gained and lost.
func members(before, next []city.SourceID) string {
	var parts []string
	for _, id := range next {
		if !slices.Contains(before, id) {
			parts = append(parts, "+"+string(id))
		}
	}
	for _, id := range before {
		if !slices.Contains(next, id) {
			parts = append(parts, "-"+string(id))
		}
	}
	if len(parts) == 0 {
		return "in another order"
	}
	return strings.Join(parts, ", ")
}

// parts says which sources a plan gained and lost, and of which another amount is
// planned; nothing where it is the same amount in steps of another unit.
func parts(before, next []city.PlanPart, was, is city.Unit) string {
	list := func(parts []city.PlanPart) ([]city.SourceID, map[city.SourceID]city.Steps) {
		ids, amounts := make([]city.SourceID, len(parts)), make(map[city.SourceID]city.Steps, len(parts))
		for i, p := range parts {
			ids[i], amounts[p.Source] = p.Source, p.Amount
		}
		return ids, amounts
	}
	oldIDs, old := list(before)
	freshIDs, fresh := list(next)
	var changed []string
	if !slices.Equal(oldIDs, freshIDs) {
		changed = append(changed, members(oldIDs, freshIDs))
	}
	for _, id := range freshIDs {
		a, there := old[id]
		if b := fresh[id]; there && was.Format(a) != is.Format(b) {
			changed = append(changed, fmt.Sprintf("%s %s -> %s", id, was.Format(a), is.Format(b)))
		}
	}
	return strings.Join(changed, ", ")
}
