// Package city holds the city's words: its places, sources, units, indicators,
// seasons, departments and screens, the local calendar that cuts its days and
// hours, and the kinds of error that callers act on. It does no I/O and imports
// no other room, so every other room can speak in its terms.
package city

import (
	"errors"
	"time"
)

// Kinds of failure that callers act on. Match them with errors.Is; everything
// else is a fault of the program or of the machine it runs on.
var (
	ErrInvalid  = errors.New("invalid")   // the sender must change what it sent
	ErrNotFound = errors.New("not found") // no such place, source, indicator or screen
	ErrDenied   = errors.New("denied")    // the sender may not do this
	ErrBusy     = errors.New("busy")      // nothing is wrong with the request; send it again later
)

// Identifiers are lower-case ASCII words joined by hyphens, at most 64 bytes.
// A source that counts one direction of a gate ends in "/in" or "/out".
type (
	// SourceID names one stream of readings, such as "shiraz-road/in".
	SourceID string
	// PlaceID names a place, such as "si-o-se-pol".
	PlaceID string
	// DistrictID names a municipal district, such as "district-3".
	DistrictID string
	// DepartmentID names a department, such as "urban-services".
	DepartmentID string
	// IndicatorID names an indicator, such as "visits-today".
	IndicatorID string
	// ScreenID names a wall display, such as "hall".
	ScreenID string
	// SeasonID names a season, such as "nowruz-1406".
	SeasonID string
)

// A Text is a wording in both of the dashboard's languages. Neither is empty.
type Text struct {
	FA string `json:"fa"`
	EN string `json:"en"`
}

// In returns the wording in the language lang, "fa" or "en"; English for any other.
func (t Text) In(lang string) string {
	if lang == "fa" {
		return t.FA
	}
	return t.EN
}

// A Definition says what a city is, as the city file declares it: plain data in
// its compiled form, where every selector is already a list of sources. Its JSON
// is the canonical form that the journal keeps and that followers read.
type Definition struct {
	Format      int          `json:"format"` // 1
	ID          string       `json:"id"`
	Name        Text         `json:"name"`
	Zone        string       `json:"zone"` // IANA name, such as "Asia/Tehran"
	Districts   []District   `json:"districts"`
	Places      []Place      `json:"places"`
	Departments []Department `json:"departments"`
	Sources     []Source     `json:"sources"`
	Indicators  []Indicator  `json:"indicators"`
	Seasons     []Season     `json:"seasons"`
	Screens     []Screen     `json:"screens"`

	Categories []Category     `json:"categories,omitempty"`
	Levels     []ServiceLevel `json:"service_levels,omitempty"`
	Plans      []Plan         `json:"plans,omitempty"`
}

// A District is a municipal district.
type District struct {
	ID     DistrictID `json:"id"`
	Number int        `json:"number"` // as the municipality counts them, from 1
	Name   Text       `json:"name"`
	Zone   Intensity  `json:"zone,omitempty"` // "": medium
}

// A Place is somewhere that people go and sources stand.
type Place struct {
	ID       PlaceID    `json:"id"`
	Name     Text       `json:"name"`
	Kind     string     `json:"kind"` // one of PlaceKinds
	District DistrictID `json:"district,omitempty"`
	Lat      float64    `json:"lat"`                // degrees north, WGS 84
	Lon      float64    `json:"lon"`                // degrees east, WGS 84
	Capacity int64      `json:"capacity,omitempty"` // persons at once; 0 means not declared
	Zone     Intensity  `json:"zone,omitempty"`     // "": its district's
}

// PlaceKinds lists the kinds of place.
func PlaceKinds() []string {
	return []string{"monument", "square", "bridge", "museum", "worship", "park", "camp", "entrance", "station", "airport", "market", "office", "street"}
}

// A Department is a part of the municipality that answers for places and sources.
type Department struct {
	ID   DepartmentID `json:"id"`
	Name Text         `json:"name"`
}

// A Kind says what one reading of a source speaks of.
type Kind string

// The kinds of source.
const (
	Interval   Kind = "interval"   // a count over one slot [from, to) of the source's grid
	Snapshot   Kind = "snapshot"   // a state at one moment
	Event      Kind = "event"      // something that happened once, named by an id
	Cumulative Kind = "cumulative" // a counter that runs on between resets; not yet supported
)

// A Source is one stream: it counts one quantity, at one place, in one unit.
// Its unit and kind never change once it has data.
type Source struct {
	ID         SourceID     `json:"id"`
	Name       Text         `json:"name"`
	Place      PlaceID      `json:"place,omitempty"`
	District   DistrictID   `json:"district,omitempty"` // its place's, or its own where it has no place
	Department DepartmentID `json:"department"`
	Counts     string       `json:"counts"` // what is counted: the word that indicators select by, such as "visits"
	Unit       Unit         `json:"unit"`
	Kind       Kind         `json:"kind"`
	SlotSec    int64        `json:"slot_seconds,omitempty"` // interval only: divides an hour
	Cadence    []Cadence    `json:"cadence,omitempty"`      // empty: comes when it comes (events only)
	Min        Steps        `json:"min"`                    // smallest believable value, in steps
	Max        Steps        `json:"max"`                    // largest believable value, in steps
	Body       Text         `json:"body"`                   // the responsible body, printed beside its figures
	Method     string       `json:"method"`                 // one of Methods
	LateSec    int64        `json:"late_until_seconds"`     // how late a reading still counts without the scope backfill
}

// Methods lists the ways of counting.
func Methods() []string {
	return []string{"camera", "tube", "ticket", "form", "sim", "survey", "sensor", "system"}
}

// A Cadence says how often a source sends during some hours of its local day.
type Cadence struct {
	FromHour int   `json:"from_hour"` // 0 to 23, included
	ToHour   int   `json:"to_hour"`   // 1 to 24, left out
	EverySec int64 `json:"every_seconds"`
}

// Every returns how often the source is to send during the local hour hour (0 to
// 23), in seconds; 0 means that nothing is expected then.
func (s *Source) Every(hour int) int64 {
	for _, c := range s.Cadence {
		if c.FromHour <= hour && hour < c.ToHour {
			return c.EverySec
		}
	}
	return 0
}

// Late returns how long after its time a reading still counts.
func (s *Source) Late() time.Duration { return time.Duration(s.LateSec) * time.Second }

// A How says how an indicator adds its sources up.
type How string

// The ways of adding up. The rest of the city's ways (median, p90, count open,
// expressions) come later and are refused by name.
const (
	Sum   How = "sum"   // all that was counted in the period
	Last  How = "last"  // the newest value of each source, added over the sources
	Mean  How = "mean"  // sum ÷ number of readings; over now: the mean of the newest values
	Max   How = "max"   // the largest reading
	Share How = "share" // sum of Of ÷ sum of Among, in percent
)

// A Period says which stretch of time an indicator speaks of.
type Period string

// The periods.
const (
	Now         Period = "now"          // the newest state
	QuarterHour Period = "quarter_hour" // the local quarter of an hour that is running
	Hour        Period = "hour"         // the local hour that is running
	Day         Period = "day"          // the local day that is running
	PreviousDay Period = "previous_day" // the local day just closed
	InSeason    Period = "season"       // from the season's first day to now
)

// A Grouping says which tiles an indicator makes.
type Grouping string

// The groupings.
const (
	ByCity       Grouping = "city"
	ByDistrict   Grouping = "district"
	ByPlace      Grouping = "place"
	ByDepartment Grouping = "department"
)

// An Indicator (شاخص) is defined once; that one definition gives the tile, the
// chart, the score, the alarm and the published figure.
type Indicator struct {
	ID         IndicatorID  `json:"id"`
	Name       Text         `json:"name"`
	Definition Text         `json:"definition"` // in words, for the one who quotes it
	Theme      string       `json:"theme"`      // one of Themes
	Of         []SourceID   `json:"of"`
	Among      []SourceID   `json:"among,omitempty"` // share only
	Unit       Unit         `json:"unit"`            // of the value: the sources' own, percent for a share
	How        How          `json:"how"`
	Over       Period       `json:"over"`
	By         []Grouping   `json:"by"`
	Target     *Steps       `json:"target,omitempty"` // for the whole city
	Thresholds *Thresholds  `json:"thresholds,omitempty"`
	Owner      DepartmentID `json:"owner"`
	Body       Text         `json:"body"` // the responsible body
}

// Themes lists the themes of indicators, in the order of the wall.
func Themes() []string { return []string{"visitors", "cleanliness", "landscaping", "services"} }

// A Basis says what a threshold is compared with.
type Basis string

// The bases.
const (
	OfValue    Basis = "value"    // thresholds are in steps of the indicator's unit
	OfCapacity Basis = "capacity" // thresholds are hundredths of a percent of the place's capacity
	OfTarget   Basis = "target"   // thresholds are hundredths of a percent of the target
)

// Thresholds say from where on a value wants watching and from where it is an alert.
type Thresholds struct {
	Direction string `json:"direction"` // "above": bad when at or over; "below": bad when at or under
	Of        Basis  `json:"of"`
	Watch     Steps  `json:"watch"`
	Alert     Steps  `json:"alert"`
}

// A Season is a named stretch of local days, such as Nowruz.
type Season struct {
	ID   SeasonID    `json:"id"`
	Name Text        `json:"name"`
	From Date        `json:"from"`    // first day
	To   Date        `json:"to"`      // last day, included
	One  Date        `json:"day_one"` // the day that is day 1 of the season, such as 1 Farvardin
	Days []SeasonDay `json:"days"`    // days with a name of their own
}

// A SeasonDay is a day of a season that has a name, such as Sizdah Bedar.
type SeasonDay struct {
	Date Date `json:"date"`
	Name Text `json:"name"`
}

// A Screen is a wall display: what it shows, and in which language.
type Screen struct {
	ID       ScreenID      `json:"id"`
	Name     Text          `json:"name"`
	Lang     string        `json:"lang"`             // "fa" or "en"
	Numbers  []IndicatorID `json:"numbers"`          // number tiles of the whole city, in their order
	Crowding IndicatorID   `json:"crowding"`         // by place, against capacity; "" for none
	Chart    IndicatorID   `json:"chart"`            // its hours of today; "" for none
	Public   bool          `json:"public,omitempty"` // anybody may open it, without signing in
}
