package figures

import (
	"fmt"

	"rasad/city"
	"rasad/measure"
)

// A Sum is what some cards make together.
type Sum struct {
	Value    city.Steps // in steps of Unit; meaningless where every card is in Without
	Unit     city.Unit
	Without  int // how many of the cards have no value: the sum lacks them
	Coverage measure.Coverage
	Status   Status // Final only where every card with a value is
}

// Total adds the numbers of cards up. It returns an error wrapping city.ErrInvalid
// that says why in words where they do not add: units that differ, such as people and
// visits, units that never add, such as percent, different stretches of time,
// different indicators, and groups that count the same thing twice.
func Total(cards []Card) (Sum, error) {
	if len(cards) == 0 {
		return Sum{}, fmt.Errorf("%w total: no figures", city.ErrInvalid)
	}
	first := &cards[0]
	sum := Sum{Unit: first.Indicator.Unit, Status: None}
	seen := map[string]bool{}
	for i := range cards {
		c := &cards[i]
		if err := mismatch(first, c); err != nil {
			return Sum{}, err
		}
		if seen[c.ID] {
			return Sum{}, fmt.Errorf("%w total: %s stands there twice", city.ErrInvalid, c.ID)
		}
		seen[c.ID] = true
		sum.Coverage.Expected += c.Figure.Coverage.Expected
		sum.Coverage.Reporting += c.Figure.Coverage.Reporting
		if !c.Figure.Has {
			sum.Without++
			continue
		}
		sum.Value += c.Figure.Value
		if sum.Value > city.MaxSteps || sum.Value < -city.MaxSteps {
			return Sum{}, fmt.Errorf("%w total: beyond 2^53 steps of %s", city.ErrInvalid, first.UnitName.EN)
		}
		if sum.Status == None || c.Status() == Provisional {
			sum.Status = c.Status()
		}
	}
	return sum, nil
}

// mismatch says why a and b do not add; nil where they do.
func mismatch(a, b *Card) error {
	switch {
	case a.Indicator.Unit != b.Indicator.Unit:
		return fmt.Errorf("%w total: %s (%s) and %s (%s) are different units and never add: %s of one are not %s of the other",
			city.ErrInvalid, a.UnitName.EN, a.UnitName.FA, b.UnitName.EN, b.UnitName.FA, a.UnitName.EN, b.UnitName.EN)
	case !b.additive:
		return fmt.Errorf("%w total: %s (%s) never add: they are shares and means", city.ErrInvalid, b.UnitName.EN, b.UnitName.FA)
	case a.Indicator.ID != b.Indicator.ID:
		return fmt.Errorf("%w total: %s and %s are counted differently", city.ErrInvalid, a.Indicator.Name.EN, b.Indicator.Name.EN)
	case a.Group.By != b.Group.By:
		return fmt.Errorf("%w total: a figure by %s holds those by %s: they would count twice", city.ErrInvalid, a.Group.By, b.Group.By)
	case a.Indicator.Over != city.Now && (a.Span.From != b.Span.From || a.Span.To != b.Span.To):
		return fmt.Errorf("%w total: %s and %s are different stretches of time", city.ErrInvalid, a.Span.Name.EN, b.Span.Name.EN)
	default:
		return nil
	}
}
