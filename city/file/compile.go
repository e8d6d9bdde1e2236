// Package file reads the YAML that people write for Rasad: the city file, which
// says what the city is, and, through Decode, every other file. Whatever is wrong
// is told with file, line, column and a caret, all at once. It is the only room
// that knows a YAML library; it does no I/O. docs/city.md explains the city file.
package file

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"time"

	"rasad/city"
	"rasad/city/fa"
)

// DefaultLate is how late a reading of a source still counts where its
// declaration does not say.
const DefaultLate = 60 * 24 * time.Hour

// Compile reads a city file. The error is a *FaultsError with everything that is
// wrong, in words and in its sense; it wraps city.ErrInvalid. name is what the
// faults call the file.
func Compile(name string, src []byte) (*city.City, error) {
	r := newReport(name, string(src))
	root := parse(r, src)
	if root == nil {
		return nil, r.err()
	}
	c := &compiler{
		decoder: decoder{report: r, where: map[string]spot{}, failed: map[string]bool{}},
		alias:   map[string]string{},
	}
	c.value(root, reflect.ValueOf(&c.raw).Elem(), "$", option{})
	def := c.definition()
	for _, fault := range def.Check() {
		if path := c.file(fault.Path); !c.unread(path) { // else it is empty for a reason that has been said
			c.fault(c.where[path], "%s%s", subject(fault), fault.Message)
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	done, err := city.New(def)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	return done, nil
}

// subject names the key that a message such as "is missing" speaks of.
func subject(f city.Fault) string {
	for _, verb := range []string{"is ", "lies ", "lacks ", "makes ", "overlaps ", "has "} {
		if strings.HasPrefix(f.Message, verb) {
			key := f.Path[strings.LastIndexByte(f.Path, '.')+1:]
			if yaml, other := yamlKeys()[key]; other {
				key = yaml
			}
			return key + " "
		}
	}
	return ""
}

// yamlKeys are the keys that the file calls otherwise than the definition does.
func yamlKeys() map[string]string {
	return map[string]string{
		"lat": "at", "lon": "at", "min": "range", "max": "range",
		"slot_seconds": "slot", "every_seconds": "every", "from_hour": "hours", "late_until_seconds": "late_until",
		"within_seconds": "within", "season_seconds": "season", "to_hour": "hours", "parts": "of",
	}
}

// A compiler makes a definition out of what was read, and remembers which place
// in the file each part of it came from.
type compiler struct {
	decoder

	raw   rawCity
	alias map[string]string // path in the definition -> path in the file, where they differ
	def   city.Definition
}

// file returns the path in the file of a path in the definition, or that of the
// nearest part around it that stands in the file.
func (c *compiler) file(path string) string {
	for p, rest := path, ""; ; {
		if file, ok := c.alias[p]; ok {
			return c.around(file + rest)
		}
		cut := strings.LastIndexAny(p, ".[")
		if cut < 0 {
			return c.around(path)
		}
		p, rest = p[:cut], p[cut:]+rest
	}
}

// around returns path, or that of the nearest part around it that stands in the
// file; "$" at last.
func (c *compiler) around(path string) string {
	for {
		if _, ok := c.where[path]; ok {
			return path
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return "$"
		}
		if yaml, other := yamlKeys()[path[cut+1:]]; other {
			if p := path[:cut+1] + yaml; c.where[p] != (spot{}) {
				return p
			}
		}
		path = path[:cut]
	}
}

// at is the place in the file of a path in the file, or of what is around it.
func (c *compiler) at(path string) spot { return c.where[c.around(path)] }

// unread reports whether path, or what it is a part of, could not be read.
func (c *compiler) unread(path string) bool {
	for !c.failed[path] {
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return false
		}
		path = path[:cut]
	}
	return true
}

func (c *compiler) definition() city.Definition {
	raw := &c.raw
	c.def = city.Definition{
		Format: raw.Format, ID: raw.ID, Name: c.text(&raw.Name, "$.name"), Zone: raw.Zone,
		Districts: []city.District{}, Places: []city.Place{}, Departments: []city.Department{},
		Sources: []city.Source{}, Indicators: []city.Indicator{}, Seasons: []city.Season{}, Screens: []city.Screen{},
	}
	for i, x := range raw.Departments {
		path := fmt.Sprintf("$.departments[%d]", i)
		c.def.Departments = append(c.def.Departments, city.Department{ID: city.DepartmentID(x.ID), Name: c.text(&x.Name, path+".name")})
		c.text(x.Body, path+".body")
	}
	for i, x := range raw.Districts {
		c.def.Districts = append(c.def.Districts, city.District{
			ID: city.DistrictID(x.ID), Number: x.Number, Name: c.text(&x.Name, fmt.Sprintf("$.districts[%d].name", i)),
			Zone: city.Intensity(x.Zone),
		})
	}
	for i, x := range raw.Places {
		c.def.Places = append(c.def.Places, city.Place{
			ID: city.PlaceID(x.ID), Name: c.text(&x.Name, fmt.Sprintf("$.places[%d].name", i)), Kind: x.Kind,
			District: city.DistrictID(x.District), Lat: x.At[0], Lon: x.At[1], Capacity: x.Capacity, Zone: city.Intensity(x.Zone),
		})
	}
	c.sources()
	for i := range raw.Indicators {
		c.indicator(fmt.Sprintf("$.indicators[%d]", i), &raw.Indicators[i])
	}
	c.seasons()
	for i, x := range raw.Screens {
		numbers := make([]city.IndicatorID, len(x.Numbers))
		for j, id := range x.Numbers {
			numbers[j] = city.IndicatorID(id)
		}
		c.def.Screens = append(c.def.Screens, city.Screen{
			ID: city.ScreenID(x.ID), Name: c.text(&x.Name, fmt.Sprintf("$.screens[%d].name", i)), Lang: x.Lang,
			Numbers: numbers, Crowding: city.IndicatorID(x.Crowding), Chart: city.IndicatorID(x.Chart),
			Public: x.Public,
		})
	}
	c.cases()
	return c.def
}

// text takes a wording over, and holds that it is written cleanly: what is quoted
// and searched must not hide anything.
func (c *compiler) text(t *rawText, path string) city.Text {
	if t == nil {
		return city.Text{}
	}
	for _, part := range [...][2]string{{"fa", t.FA}, {"en", t.EN}} {
		if why := fa.Unclean(part[1]); why != "" {
			c.fault(c.at(path+"."+part[0]), "%s", why)
		}
	}
	return t.text()
}

func (c *compiler) seasons() {
	for i, x := range c.raw.Seasons {
		path := fmt.Sprintf("$.seasons[%d]", i)
		s := city.Season{
			ID: city.SeasonID(x.ID), Name: c.text(&x.Name, path+".name"),
			From: x.From.day, To: x.To.day, One: x.One.day, Days: []city.SeasonDay{},
		}
		if !x.One.set {
			s.One = s.From
		}
		for _, key := range []string{"from", "to"} {
			if _, there := c.where[path+"."+key]; !there {
				c.fault(c.at(path), "%s is missing: want a date such as 1405/12/25", key)
				c.failed[path+"."+key] = true
			}
			if c.failed[path+"."+key] { // without it the others cannot be judged
				for _, other := range []string{"from", "to", "day_one", "days"} {
					c.failed[path+"."+other] = true
				}
			}
		}
		for j, day := range x.Days {
			s.Days = append(s.Days, city.SeasonDay{Date: day.Date.day, Name: c.text(&day.Name, fmt.Sprintf("%s.days[%d].name", path, j))})
		}
		c.def.Seasons = append(c.def.Seasons, s)
	}
}

// body returns a responsible body in full: as written, else the department's own.
func (c *compiler) body(own *rawText, path, department string) city.Text {
	if own != nil {
		return c.text(own, path)
	}
	for i := range c.raw.Departments {
		if x := &c.raw.Departments[i]; x.ID == department {
			if x.Body != nil {
				return x.Body.text()
			}
			return x.Name.text()
		}
	}
	// That there is no such department is said elsewhere: the body is not missing too.
	return named(&rawText{}, cmp.Or(department, "-"))
}
