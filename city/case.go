package city

import "slices"

// A CaseKind says what a case is.
type CaseKind string

// The kinds of case.
const (
	ReportCase     CaseKind = "report"     // somebody says that something is wrong
	WorkCase       CaseKind = "work"       // something to be done, such as planting or watering
	ServiceCase    CaseKind = "service"    // a person asked the city for a service
	InspectionCase CaseKind = "inspection" // a grade that an inspector gave; C and D want mending
)

// CaseKinds lists the kinds of case.
func CaseKinds() []CaseKind {
	return []CaseKind{ReportCase, WorkCase, ServiceCase, InspectionCase}
}

// An Intensity says how much use a piece of the city sees, and so how soon it is
// put right: the zone of a service level.
type Intensity string

// The intensities.
const (
	HighIntensity   Intensity = "high"
	MediumIntensity Intensity = "medium"
	LowIntensity    Intensity = "low"
)

// Intensities lists the intensities, the highest first.
func Intensities() []Intensity {
	return []Intensity{HighIntensity, MediumIntensity, LowIntensity}
}

// A ServiceLevel says within which time a case is to be closed. Of all levels that
// fit a case, the first one in the city file holds.
type ServiceLevel struct {
	Case      CaseKind  `json:"case"`
	Category  string    `json:"category,omitempty"`       // "" fits every category
	Zone      Intensity `json:"zone,omitempty"`           // "" fits every zone
	WithinSec int64     `json:"within_seconds"`           // of running clock, outside every season
	SeasonSec int64     `json:"season_seconds,omitempty"` // the same for a case opened in a season; 0: WithinSec
	FromHour  int       `json:"from_hour,omitempty"`      // local hours [FromHour, ToHour) in which the clock runs;
	ToHour    int       `json:"to_hour,omitempty"`        // both 0: day and night
}

// An Allowance is the time that one case has: a service level as it stood when the
// case was opened.
type Allowance struct {
	Sec      int64     `json:"seconds"`             // of running clock; 0: the case has no clock
	FromHour int       `json:"from_hour,omitempty"` // as in ServiceLevel
	ToHour   int       `json:"to_hour,omitempty"`
	Zone     Intensity `json:"zone,omitempty"`
	Season   SeasonID  `json:"season,omitempty"` // whose level it is; "" outside every season
}

// Allow returns the time that a case of the source src has which was opened at the
// moment m, at place where that is not "".
func (c *City) Allow(src *Source, kind CaseKind, category string, place PlaceID, m Moment) Allowance {
	zone := c.IntensityOf(src, place)
	for _, l := range c.Levels {
		if l.Case != kind || l.Category != "" && l.Category != category || l.Zone != "" && l.Zone != zone {
			continue
		}
		a := Allowance{Sec: l.WithinSec, FromHour: l.FromHour, ToHour: l.ToHour, Zone: zone}
		if s := c.SeasonAt(m); s != nil && l.SeasonSec > 0 {
			a.Sec, a.Season = l.SeasonSec, s.ID
		}
		return a
	}
	return Allowance{Zone: zone}
}

// IntensityOf returns the intensity of where a case is: its place's own, else its
// source's place's, else their district's, else medium.
func (c *City) IntensityOf(src *Source, place PlaceID) Intensity {
	district := src.District
	for _, id := range []PlaceID{place, src.Place} {
		p := c.Place(id)
		if p == nil {
			continue
		}
		if p.Zone != "" {
			return p.Zone
		}
		if p.District != "" {
			district = p.District
			break
		}
	}
	if d := c.District(district); d != nil && d.Zone != "" {
		return d.Zone
	}
	return MediumIntensity
}

// A Category is a category of cases or works with its wording.
type Category struct {
	ID   string `json:"id"` // as cases name it, such as "litter"
	Name Text   `json:"name"`
}

// CategoryName returns the wording of a category; the id itself in both languages
// where the city file has none.
func (c *City) CategoryName(id string) Text {
	for _, x := range c.Categories {
		if x.ID == id {
			return x.Name
		}
	}
	return Text{id, id}
}

// PlanID names a plan, such as "spring-planting".
type PlanID string

// A Plan says what is to be done where: an amount from one day to another, or
// something again and again.
type Plan struct {
	ID       PlanID     `json:"id"`
	Name     Text       `json:"name"`
	From     Date       `json:"from,omitempty"`          // of a plan by amount: first day
	To       Date       `json:"to,omitempty"`            // and last day, included
	EverySec int64      `json:"every_seconds,omitempty"` // of a plan by repetition: at the latest so long after the last time; else 0
	Parts    []PlanPart `json:"parts"`
}

// A PlanPart is a plan's part of one source, and so of one district or place.
type PlanPart struct {
	Source SourceID `json:"source"`
	Amount Steps    `json:"amount,omitempty"` // planned from From to To, or each time; 0: no amount is planned
}

// A Role is what a person may do.
type Role string

// The roles. There is nothing finer but the departments of RoleDepartment.
const (
	RoleViewer     Role = "viewer"     // sees what everybody inside sees
	RoleDepartment Role = "department" // and works on the cases of the departments in its scope
	RoleMedia      Role = "media"      // visitor figures, and what is published of them
	RoleOperator   Role = "operator"   // runs the system: sources, quarantine, tokens, audit
	RoleAdmin      Role = "admin"      // all of it, and the people
)

// Roles lists the roles.
func Roles() []Role {
	return []Role{RoleViewer, RoleDepartment, RoleMedia, RoleOperator, RoleAdmin}
}

// Known reports whether r is a role.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }
