package city

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// MaxDeclared bounds the believable range of a source, in steps: the sum of a
// season of a thousand sources at this value still fits an int64.
const MaxDeclared Steps = 1_000_000_000_000

// A Fault says what makes no sense in a definition, and where.
type Fault struct {
	Path    string // in the definition's JSON, such as "$.sources[3].unit"
	Message string // in words, with what would be right
}

// Check returns all that makes no sense in d, in the order of its parts; nothing
// for a city that can come into force. What a later version will know is refused
// by name, as "not yet supported".
func (d *Definition) Check() []Fault {
	c := newChecker(d)
	if d.Format != 1 {
		c.fault("$.format", "is %d: this version reads format 1", d.Format)
	}
	c.id("$.id", d.ID)
	c.text("$.name", d.Name)
	if _, err := OpenZone(d.Zone); err != nil {
		c.fault("$.zone", "%q is no time zone: want an IANA name such as Asia/Tehran", clip(d.Zone))
	}
	c.checkDistricts()
	c.checkPlaces()
	c.checkDepartments()
	for i := range d.Sources {
		c.checkSource(fmt.Sprintf("$.sources[%d]", i), &d.Sources[i])
	}
	for i := range d.Indicators {
		c.checkIndicator(fmt.Sprintf("$.indicators[%d]", i), &d.Indicators[i])
	}
	c.checkSeasons()
	for i := range d.Screens {
		c.checkScreen(fmt.Sprintf("$.screens[%d]", i), &d.Screens[i])
	}
	c.checkCategories()
	c.checkLevels()
	c.checkPlans()
	return c.faults
}

// A checker gathers the faults of one definition.
type checker struct {
	d      *Definition
	faults []Fault

	places      map[PlaceID]*Place
	districts   map[DistrictID]bool
	departments map[DepartmentID]bool
	sources     map[SourceID]*Source
	indicators  map[IndicatorID]*Indicator
	seen        map[string]bool // "source shiraz-road/in": ids that were met before
}

func newChecker(d *Definition) *checker {
	c := &checker{
		d: d, seen: map[string]bool{},
		places:      make(map[PlaceID]*Place, len(d.Places)),
		districts:   make(map[DistrictID]bool, len(d.Districts)),
		departments: make(map[DepartmentID]bool, len(d.Departments)),
		sources:     make(map[SourceID]*Source, len(d.Sources)),
		indicators:  make(map[IndicatorID]*Indicator, len(d.Indicators)),
	}
	for i := range slices.Backward(d.Places) { // of two with one name the first is meant
		c.places[d.Places[i].ID] = &d.Places[i]
	}
	for i := range d.Districts {
		c.districts[d.Districts[i].ID] = true
	}
	for i := range d.Departments {
		c.departments[d.Departments[i].ID] = true
	}
	for i := range slices.Backward(d.Sources) {
		c.sources[d.Sources[i].ID] = &d.Sources[i]
	}
	for i := range slices.Backward(d.Indicators) {
		c.indicators[d.Indicators[i].ID] = &d.Indicators[i]
	}
	return c
}

func (c *checker) fault(path, format string, args ...any) {
	c.faults = append(c.faults, Fault{path, fmt.Sprintf(format, args...)})
}

// id checks an identifier's form.
func (c *checker) id(path, id string) {
	switch {
	case id == "":
		c.fault(path, "is missing: want lower-case words joined by hyphens, such as si-o-se-pol")
	case len(id) > 64:
		c.fault(path, "is longer than 64 bytes")
	case !isWord(id):
		c.fault(path, "%q is no identifier: want lower-case words joined by hyphens, such as si-o-se-pol", clip(id))
	}
}

// unique checks an identifier's form and that no other part of its kind bears it.
func (c *checker) unique(path, what, id string) {
	c.id(path, id)
	c.once(path, what, id)
}

func (c *checker) once(path, what, id string) {
	if key := what + " " + id; id != "" && c.seen[key] {
		c.fault(path, "%s %s is declared twice", what, clip(id))
	} else {
		c.seen[key] = true
	}
}

func (c *checker) text(path string, t Text) {
	switch fa, en := strings.TrimSpace(t.FA), strings.TrimSpace(t.EN); {
	case fa == "" && en == "":
		c.fault(path, "is missing: want the wording in both languages, fa and en")
	case fa == "":
		c.fault(path+".fa", "is missing: both languages are needed")
	case en == "":
		c.fault(path+".en", "is missing: both languages are needed")
	}
}

func (c *checker) oneOf(path, what, got string, known []string) {
	if !slices.Contains(known, got) {
		c.unknown(path, what, got, known)
	}
}

func (c *checker) unknown(path, what, got string, known []string) {
	if got == "" {
		c.fault(path, "is missing: want one of %s", strings.Join(known, ", "))
		return
	}
	c.fault(path, "unknown %s %q: want one of %s", what, clip(got), strings.Join(known, ", "))
}

func (c *checker) department(path string, id DepartmentID) {
	if id == "" {
		c.fault(path, "is missing: want the id of a department")
	} else if !c.departments[id] {
		c.fault(path, "no department %q", clip(string(id)))
	}
}

func (c *checker) checkDistricts() {
	numbers := map[int]bool{}
	for i, x := range c.d.Districts {
		path := fmt.Sprintf("$.districts[%d]", i)
		c.unique(path+".id", "district", string(x.ID))
		c.text(path+".name", x.Name)
		switch {
		case x.Number < 1:
			c.fault(path+".number", "is %d: districts are counted from 1", x.Number)
		case numbers[x.Number]:
			c.fault(path+".number", "district number %d is declared twice", x.Number)
		}
		numbers[x.Number] = true
		c.checkZone(path+".zone", x.Zone)
	}
}

func (c *checker) checkPlaces() {
	for i, x := range c.d.Places {
		path := fmt.Sprintf("$.places[%d]", i)
		c.unique(path+".id", "place", string(x.ID))
		c.text(path+".name", x.Name)
		c.oneOf(path+".kind", "kind of place", x.Kind, PlaceKinds())
		if x.District != "" && !c.districts[x.District] {
			c.fault(path+".district", "no district %q", clip(string(x.District)))
		}
		if !within(x.Lat, 90) {
			c.fault(path+".lat", "is %g: want degrees north, -90 to 90", x.Lat)
		}
		if !within(x.Lon, 180) {
			c.fault(path+".lon", "is %g: want degrees east, -180 to 180", x.Lon)
		}
		if x.Lat == 0 && x.Lon == 0 {
			c.fault(path+".lat", "is missing: want where the place lies, in degrees north and east")
		}
		c.checkZone(path+".zone", x.Zone)
		if x.Capacity < 0 || x.Capacity > int64(MaxDeclared) {
			c.fault(path+".capacity", "is %d: want persons at once, 0 where it is not known", x.Capacity)
		}
	}
}

func within(degrees, bound float64) bool { return math.Abs(degrees) <= bound } // false for NaN

func (c *checker) checkDepartments() {
	for i, x := range c.d.Departments {
		path := fmt.Sprintf("$.departments[%d]", i)
		c.unique(path+".id", "department", string(x.ID))
		c.text(path+".name", x.Name)
	}
}

// maxSeasonDays bounds a season: its days are kept at hand.
const maxSeasonDays = 400

func (c *checker) checkSeasons() {
	for i, x := range c.d.Seasons {
		path := fmt.Sprintf("$.seasons[%d]", i)
		c.unique(path+".id", "season", string(x.ID))
		c.text(path+".name", x.Name)
		switch {
		case x.To < x.From:
			c.fault(path+".to", "lies before the season's first day %s", x.From)
		case x.To-x.From >= maxSeasonDays:
			c.fault(path+".to", "makes a season of %d days: want at most %d", x.To-x.From+1, maxSeasonDays)
		case x.One < x.From || x.One > x.To:
			c.fault(path+".day_one", "%s lies outside the season", x.One)
		}
		for j, y := range c.d.Seasons[:i] {
			if x.From <= y.To && y.From <= x.To {
				c.fault(path+".from", "overlaps season %s: a day belongs to one season", c.d.Seasons[j].ID)
			}
		}
		named := map[Date]bool{}
		for j, day := range x.Days {
			at := fmt.Sprintf("%s.days[%d]", path, j)
			c.text(at+".name", day.Name)
			if day.Date < x.From || day.Date > x.To {
				c.fault(at+".date", "%s lies outside the season", day.Date)
			} else if named[day.Date] {
				c.fault(at+".date", "%s has a name already", day.Date)
			}
			named[day.Date] = true
		}
	}
}

func (c *checker) checkScreen(path string, x *Screen) {
	c.unique(path+".id", "screen", string(x.ID))
	c.text(path+".name", x.Name)
	c.oneOf(path+".lang", "language", x.Lang, []string{"fa", "en"})
	if len(x.Numbers) == 0 {
		c.fault(path+".numbers", "is missing: want the indicators to show as numbers")
	}
	for i, id := range x.Numbers {
		at := fmt.Sprintf("%s.numbers[%d]", path, i)
		ind := c.indicators[id]
		switch {
		case ind == nil:
			c.fault(at, "no indicator %q", clip(string(id)))
		case slices.Contains(x.Numbers[:i], id):
			c.fault(at, "indicator %s stands there already", id)
		case len(ind.By) > 0 && !slices.Contains(ind.By, ByCity):
			c.fault(at, "indicator %s makes no figure for the whole city: its `by` lacks city", id)
		}
	}
	if ind := c.indicators[x.Crowding]; x.Crowding != "" && ind == nil {
		c.fault(path+".crowding", "no indicator %q", clip(string(x.Crowding)))
	} else if ind != nil {
		c.checkCrowding(path+".crowding", ind)
	}
	if x.Chart != "" && c.indicators[x.Chart] == nil {
		c.fault(path+".chart", "no indicator %q", clip(string(x.Chart)))
	}
}

// checkCrowding holds that an indicator says how full places are.
func (c *checker) checkCrowding(path string, ind *Indicator) {
	if !slices.Contains(ind.By, ByPlace) {
		c.fault(path, "indicator %s makes no figure for places: its `by` lacks place", ind.ID)
	}
	for _, id := range ind.Of {
		if s := c.sources[id]; s != nil && (s.Kind != Snapshot || s.Unit != Person) {
			c.fault(path, "indicator %s does not count the people present: source %s is no snapshot of persons", ind.ID, id)
			return
		}
	}
}

// isWord reports whether s is lower-case ASCII words joined by single hyphens.
func isWord(s string) bool {
	after := byte('-')
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
		case b == '-' && after != '-':
		default:
			return false
		}
		after = s[i]
	}
	return after != '-'
}
