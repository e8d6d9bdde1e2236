package simulate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"rasad/city"
)

// A topic says which story a source's values tell. It is found from what the city
// file declares, never from names of places.
type topic int

const (
	anything   topic = iota
	flow             // people or vehicles that pass, from the crowd at the place
	presence         // people who are there
	arrivals         // vehicles or people into the city
	departures       // and out of it
	freeBeds
	reports    // events: a citizen reports litter
	complaints // events: or something else, which is rarer
	errands    // events: somebody asks for a service
	backlog    // reports that are open
	grades     // events: an inspection's grade
	moisture   // of the soil
	planting   // events
	watering   // events
	counters   // requests in person
	online     // requests that need no way
	calls
	minutes // events: how long a service took
)

// topicOf finds the topic of a source.
func topicOf(src *city.Source, kind string) topic {
	id, says := string(src.ID), src.Counts
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(says, w) || strings.Contains(id, w) })
	}
	event, interval, snapshot := src.Kind == city.Event, src.Kind == city.Interval, src.Kind == city.Snapshot
	switch src.Unit {
	case city.Vehicle, city.Crossing, city.SiteVisit, city.SIM, city.Person:
		switch {
		case snapshot && src.Unit != city.Vehicle:
			return presence
		case interval && strings.HasSuffix(id, "/out") && kind == "entrance":
			return departures
		case interval && strings.HasSuffix(id, "/in") && kind == "entrance":
			return arrivals
		case interval:
			return flow
		}
	case city.Bed:
		return freeBeds
	case city.Report:
		switch {
		case event && has("litter", "waste", "rubbish", "clean", "street"):
			return reports
		case event:
			return complaints
		}
		return backlog
	case city.Inspection:
		return grades
	case city.Percent:
		switch {
		case event:
			return grades
		case snapshot && has("moist", "soil"):
			return moisture
		}
	case city.Piece:
		if event {
			return planting
		}
	case city.SquareMetre:
		if event {
			return watering
		}
	case city.Minute:
		if event {
			return minutes
		}
	case city.Request:
		switch {
		case event:
			return errands
		case has("call"):
			return calls
		case has("online"):
			return online
		default:
			return counters
		}
	default: // of the others nothing is known
	}
	return anything
}

// A scene is a place with its own standing among the places.
type scene struct {
	place   *city.Place // nil for sources without a place
	kind    string
	curve   *curve
	popular float64 // 1: fills up at the height of the season
	dice    dice
}

// A stream is a source with its story.
type stream struct {
	src   *city.Source
	topic topic
	scene *scene
	gate  string // the id without its direction: what a fault strikes
	dice  dice
	scale float64 // steps at the fullest
	index int

	perOne float64 // steps in a value of 1

	words []string       // categories of its events
	spots []city.PlaceID // where its events may be
	cases []*stream      // of a backlog: the sources whose open cases it counts
	shelf shelf
}

// scenes gives each place its standing: a few are full at the season's height,
// some nearly so, most are half full.
func (s *Simulator) scenes() map[city.PlaceID]*scene {
	all := make(map[city.PlaceID]*scene, len(s.city.Places))
	var crowded []*scene
	for i := range s.city.Places {
		p := &s.city.Places[i]
		x := &scene{place: p, kind: p.Kind, curve: curveOf(p.Kind), dice: s.dice.named("place " + string(p.ID))}
		x.popular = x.dice.of(1).between(.38, .64)
		all[p.ID] = x
		if p.Capacity > 0 {
			crowded = append(crowded, x)
		}
	}
	slices.SortFunc(crowded, func(a, b *scene) int { return cmp.Compare(a.dice, b.dice) })
	full := (len(crowded) + 9) / 10
	for i, x := range crowded {
		switch {
		case i < full:
			x.popular = 1
		case i < 3*full:
			x.popular = .82
		}
	}
	return all
}

// newStreams gives each source its story.
func (s *Simulator) newStreams() []*stream {
	scenes := s.scenes()
	list := make([]*stream, 0, len(s.city.Sources))
	for i := range s.city.Sources {
		src := &s.city.Sources[i]
		x := &stream{src: src, index: i, dice: s.dice.named(string(src.ID)), scene: scenes[src.Place]}
		if x.scene == nil {
			x.scene = &scene{curve: curveOf(""), popular: .6, dice: x.dice.of(7)}
		}
		x.topic = topicOf(src, x.scene.kind)
		info, _ := src.Unit.Info()
		x.perOne = float64(max(info.PerOne, 1))
		x.gate, _, _ = strings.Cut(string(src.ID), "/")
		x.scale = scaleOf(x)
		if src.Kind == city.Event {
			x.words = s.words(src)
			if x.topic == reports || x.topic == complaints {
				x.spots = s.spots(src)
			}
		}
		list = append(list, x)
	}
	return list
}

// scaleOf returns what the source shows at the fullest, in steps: a place that
// has a capacity is full at it, all else has the size of a large city, and nothing
// is near the end of what is believable.
func scaleOf(x *stream) float64 {
	most := .45 * float64(x.src.Max)
	quarters := float64(x.src.SlotSec) / 900
	size := x.dice.of(40).between(.6, 1.3)
	var full float64
	if x.scene.place != nil {
		full = float64(x.scene.place.Capacity)
	}
	switch x.topic {
	case presence:
		if full > 0 {
			return full
		}
		return most
	case flow:
		switch {
		case x.src.Unit == city.Vehicle:
			return min(most, 200*quarters*size)
		case full == 0:
			return min(most, 150*quarters*size)
		default:
			return min(most, full*quarters/4*turnover(x.scene.kind))
		}
	case arrivals, departures:
		return min(most, 210*quarters*size)
	case counters:
		return min(most, 18*quarters*size)
	case online:
		return min(most, 26*quarters*size)
	case calls:
		return min(most, 48*quarters*size)
	case backlog:
		return min(most, 90*size)
	default:
		return most
	}
}

// turnover returns how many times an hour a full place of a kind is filled anew.
func turnover(kind string) float64 {
	switch kind {
	case "monument", "museum", "worship":
		return .5
	case "station", "airport":
		return .25 // each of the two directions
	default: // who strolls stays for long
		return .14
	}
}

// crowd returns how full a scene is at m: 1 is its capacity.
func (s *Simulator) crowd(x *scene, m city.Moment, d day) float64 {
	second := s.secondOf(m)
	full := x.curve.at(second) * d.n.visiting(x.kind) * x.popular
	if d.friday && (x.kind == "park" || x.kind == "square" || x.kind == "bridge") {
		full *= 1.12
	}
	if d.rainy && x.kind != "museum" && x.kind != "market" && x.kind != "worship" {
		full *= .7
	}
	full *= 1 + .07*s.dice.of(1).drift(m, 6*3600) + .05*x.dice.of(2).drift(m, 2*3600)
	return full * s.surge(x, m, d)
}

// secondOf returns the second of the local day by the clock on the wall.
func (s *Simulator) secondOf(m city.Moment) int64 {
	local := int64(m) + s.zone.Offset(m)
	return local - local/86400*86400
}

// fit rounds v to steps within the source's range.
func (x *stream) fit(v float64) city.Steps {
	n := city.Steps(math.Round(v))
	return min(max(n, x.src.Min), x.src.Max)
}
