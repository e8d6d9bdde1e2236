package register

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/entry"
	"rasad/measure"
)

// A race is two people who have both seen version 1 of a case, and both do something.
type race struct {
	number        int64
	first, second *entry.Act
	between       int // notes of others between the two
	pos           entry.Position
}

// races makes a journal of a race on a case of its own for every pair of verbs, both
// orders, in one batch and in two, with and without something between them.
func races(t *testing.T) (b *book, list []race) {
	b = &book{}
	b.add(town(t), b.act("console", entry.DoAddPerson, "p-bita", profile(worker("bita", "urban-services"))),
		b.act("console", entry.DoAddPerson, "p-dara", profile(worker("dara", "urban-services"))))
	verbs := []entry.Verb{entry.DoNote, entry.DoAssign, entry.DoPause, entry.DoClose}
	for i := range len(verbs) * len(verbs) * 2 * 2 * 2 {
		r := race{number: int64(i) + 1, between: i / len(verbs) / len(verbs) / 4}
		who := []string{"p-bita", "p-dara"}
		if i/len(verbs)/len(verbs)%2 == 1 {
			slices.Reverse(who)
		}
		b.add(report(morning, number(r.number), "opened"))
		act := func(by string, do entry.Verb) *entry.Act {
			return b.act(by, do, number(r.number), expects(1), to(by), note("x"))
		}
		r.first, r.second = act(who[0], verbs[i%len(verbs)]), act(who[1], verbs[i/len(verbs)%len(verbs)])
		batch := []entry.Entry{r.first}
		for range r.between {
			batch = append(batch, b.act("console", entry.DoNote, number(r.number), note("meanwhile")))
		}
		if i/len(verbs)/len(verbs)/2%2 == 1 {
			b.add(batch...)
			batch = nil
		}
		r.pos.Index = uint32(len(batch))
		r.pos.Batch = b.add(append(batch, r.second)...).Number
		b.add(b.act("console", entry.DoNote, number(r.number), note("afterwards")))
		list = append(list, r)
	}
	return b, list
}

// Whatever two people do on what both have seen: the first in order wins, the second
// reads who it was, and a rebuild says the same.
func TestTheFirstInOrderWinsAndTheSecondReadsWhoItWas(t *testing.T) {
	b, list := races(t)
	s, rebuilt := open(t, Config{}), open(t, Config{})
	apply(t, s, b.batches...)
	apply(t, rebuilt, b.batches...)
	if a, b := digest(t, s), digest(t, rebuilt); a != b {
		t.Errorf("a rebuild has digest %s, want %s", b, a)
	}
	for _, r := range list {
		what := fmt.Sprintf("%s by %s, then %s, %d between", r.first.Do, r.first.By, r.second.Do, r.between)
		o, err := s.Outcome(t.Context(), r.pos)
		if err != nil || o.Refused != measure.RefusedChanged || len(o.Since) != 1+r.between || o.Version != int64(2+r.between) {
			t.Fatalf("%s: %+v, %v", what, o, err)
		}
		if since := o.Since[0]; since.By != r.first.By || since.Do != r.first.Do {
			t.Errorf("%s: since then %+v", what, since)
		}
		c := theCase(t, s, r.number)
		if c.Version != int64(3+r.between) || r.first.Do == entry.DoAssign && c.Owner != r.first.By || r.first.Do != entry.DoAssign && c.Owner != "" {
			t.Errorf("%s: %+v", what, c)
		}
		if again, err := rebuilt.Outcome(t.Context(), r.pos); err != nil || !cmp.Equal(again, o) {
			t.Errorf("%s: a rebuild says %+v, %v", what, again, err)
		}
	}
}
