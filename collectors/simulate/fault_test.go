package simulate_test

import (
	"slices"
	"strings"
	"testing"

	"rasad/city"
)

// gates returns the sources that the day's faults may strike.
func gates(c *city.City) []string {
	var list []string
	for i := range c.Sources {
		if src := &c.Sources[i]; src.Kind == city.Interval && (src.Unit == city.Vehicle || src.Unit == city.SiteVisit) {
			list = append(list, string(src.ID))
		}
	}
	return list
}

func TestEachDayOneGateIsDeadForHoursAndOneSendsLate(t *testing.T) {
	c := town(t, "Asia/Tehran")
	s := open(t, c, 5, true)
	for n := 1; n <= 5; n++ {
		from, to := dayOf(c, n)
		list := s.Between(from, to+900)
		dead, late := map[string]bool{}, map[string]bool{}
		for _, id := range gates(c) {
			slots := map[city.Moment]bool{}
			for _, x := range of(list, id) {
				slots[x.Item.From] = true
				if x.At-x.Item.To > 1800 {
					gate, _, _ := strings.Cut(id, "/")
					late[gate] = true
				}
			}
			missing := 0
			for m := from; m < to; m += 900 {
				if !slots[m] {
					missing++
				}
			}
			if missing > 0 {
				if missing < 11 || missing > 25 {
					t.Errorf("day %d: %s misses %d quarters", n, id, missing)
				}
				gate, _, _ := strings.Cut(id, "/")
				dead[gate] = true
			}
		}
		if len(dead) != 1 || len(late) != 1 {
			t.Errorf("day %d: dead %v, late %v; want one each", n, dead, late)
		}
		for gate := range dead {
			if late[gate] {
				t.Errorf("day %d: %s is dead and late", n, gate)
			}
		}
	}
}

func TestALateBatchComesAtOnceAndWhole(t *testing.T) {
	c := town(t, "Asia/Tehran")
	s := open(t, c, 5, true)
	from, to := dayOf(c, 2)
	var sent, ended []city.Moment
	for _, x := range s.Between(from, to) {
		if x.At-x.Item.To > 900 && !strings.Contains(x.Item.Source, "/out") && !slices.Contains(ended, x.Item.To) {
			sent, ended = append(sent, x.At), append(ended, x.Item.To)
		}
	}
	if len(sent) < 7 || len(sent) > 16 {
		t.Fatalf("%d late slots", len(sent))
	}
	if slices.Max(sent)-slices.Min(sent) > 400 {
		t.Errorf("the batch is spread over %d s", slices.Max(sent)-slices.Min(sent))
	}
	slices.Sort(ended)
	for i := range ended[1:] {
		if ended[i+1]-ended[i] != 900 {
			t.Errorf("the batch has a hole behind %v", ended[i])
		}
	}
}

func TestOneGateDriftsUpwards(t *testing.T) {
	c := town(t, "Asia/Tehran")
	calm, faulty := open(t, c, 5, false), open(t, c, 5, true)
	from, _ := dayOf(c, 12)
	to := from + 8*3600 // before the day's other faults
	a, b := calm.Between(from, to), faulty.Between(from, to)
	var drifting []string
	for _, id := range gates(c) {
		growth := 0.0
		if usual := sum(t, of(a, id)); usual > 50 {
			growth = sum(t, of(b, id))/usual - 1
		}
		if growth > .3 {
			gate, _, _ := strings.Cut(id, "/")
			if !slices.Contains(drifting, gate) {
				drifting = append(drifting, gate)
			}
		}
	}
	if len(drifting) != 1 {
		t.Errorf("drifting: %v, want one gate", drifting)
	}
}

func TestEachDayOnePlaceHasASurge(t *testing.T) {
	c := town(t, "Asia/Tehran")
	calm, faulty := open(t, c, 5, false), open(t, c, 5, true)
	for n := 2; n <= 4; n++ {
		from, to := dayOf(c, n)
		a, b := calm.Between(from, to), faulty.Between(from, to)
		var surges []city.PlaceID
		for i := range c.Places {
			id := string(c.Places[i].ID) + "-present"
			usual := map[city.Moment]float64{}
			for _, x := range of(a, id) {
				usual[x.Item.From] = number(t, x)
			}
			top := 0.0
			for _, x := range of(b, id) {
				if u := usual[x.Item.From]; u > 20 {
					top = max(top, number(t, x)/u)
				}
			}
			if top > 1.4 {
				surges = append(surges, c.Places[i].ID)
			}
		}
		if len(surges) > 1 || n == 2 && len(surges) == 0 {
			t.Errorf("day %d: surges at %v", n, surges)
		}
	}
}

func TestWithoutFaultsNothingIsMissingLateOrTwice(t *testing.T) {
	c := town(t, "Asia/Tehran")
	from, to := dayOf(c, 3)
	list := open(t, c, 5, false).Between(from, to+60)
	for _, id := range gates(c) {
		n := 0
		for _, x := range of(list, id) {
			if x.At-x.Item.To > 60 {
				t.Errorf("%v is late", x)
			}
			if x.Item.From >= from && x.Item.To <= to {
				n++
			}
		}
		if n != 96 {
			t.Errorf("%s has %d slots, want 96", id, n)
		}
	}
}
