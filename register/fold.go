package register

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rasad/city"
	"rasad/entry"
	"rasad/follower"
	"rasad/measure"
)

// A fold takes one batch in. What it changes in memory stays its own until its
// transaction is committed.
type fold struct {
	*file
	store  *Store
	ctx    context.Context //nolint:containedctx // lives as long as one call of Apply
	batch  entry.Batch
	pos    entry.Position // of the entry that is being taken in
	city   *city.City
	roll   *roll // the store's, or a copy once something of it changes
	copied bool
	counts Counts
	moved  map[city.DepartmentID]bool // departments whose cases or shifts changed
}

// fold takes b in, and returns the departments that it changed.
func (s *Store) fold(b entry.Batch) ([]city.DepartmentID, error) {
	ctx := context.Background() // half a batch helps nobody
	f := &fold{
		file: s.file, store: s, ctx: ctx, batch: b, city: s.city, roll: s.roll.Load(),
		counts: s.news.counts, moved: map[city.DepartmentID]bool{},
	}
	if err := f.Begin(ctx); err != nil {
		return nil, err
	}
	if err := f.End(ctx, f.all()); err != nil {
		return nil, err
	}
	s.stored, s.city = b.Number, f.city
	if f.copied {
		s.roll.Store(f.roll)
	}
	s.news.Lock()
	defer s.news.Unlock()
	s.news.counts = f.counts
	for d := range f.moved {
		s.news.revs[d] = b.Number
	}
	return slices.Sorted(maps.Keys(f.moved)), nil
}

func (f *fold) all() error {
	for i, e := range f.batch.Entries {
		f.pos = entry.Position{Batch: f.batch.Number, Index: uint32(i)}
		if err := f.take(e); err != nil {
			return fmt.Errorf("entry %s: %w", f.pos, err)
		}
	}
	for _, d := range slices.Sorted(maps.Keys(f.moved)) {
		if err := f.Exec(f.ctx, "INSERT OR REPLACE INTO department (id, rev) VALUES (?, ?)", d, f.batch.Number); err != nil {
			return err
		}
	}
	was := f.store.news.counts.names()
	for name, n := range f.counts.names() {
		if *was[name] == *n {
			continue
		}
		if err := f.Exec(f.ctx, "INSERT OR REPLACE INTO count (name, n) VALUES (?, ?)", name, *n); err != nil {
			return err
		}
	}
	return f.Exec(f.ctx, "UPDATE state SET position = ?", f.batch.Number)
}

func (f *fold) take(e entry.Entry) error {
	switch e := e.(type) {
	case *entry.Event:
		return f.event(e)
	case *entry.Act:
		return f.act(e)
	case *entry.Quarantined:
		return f.hold(e)
	case *entry.Refused:
		f.counts.Beyond += e.N
		return nil
	case *entry.City:
		return f.cityComes(e)
	case *entry.Token:
		return f.audit(&Record{Kind: e.Kind(), On: e.ID, By: e.By, Note: e.Name})
	case *entry.TokenRevoked:
		return f.audit(&Record{Kind: e.Kind(), On: e.ID, By: e.By, Note: e.Why})
	default:
		return nil
	}
}

// cityComes brings a city into force. Cases go with their source: where another
// department answers for it from now on, it answers for its cases too.
func (f *fold) cityComes(e *entry.City) error {
	c, err := city.Decode(e.Compiled)
	if err != nil {
		f.counts.Broken++
		f.store.cfg.Log.Error("city passed over", "batch", f.batch.Number, "err", err)
		return f.audit(&Record{Kind: e.Kind(), By: e.By, Note: e.Why, Refused: "unreadable"})
	}
	if err := f.Exec(f.ctx, "INSERT OR REPLACE INTO city (one, batch, compiled) VALUES (1, ?, ?)", f.batch.Number, []byte(e.Compiled)); err != nil {
		return err
	}
	if f.city != nil {
		for i := range c.Sources {
			now := &c.Sources[i]
			if was := f.city.Source(now.ID); was == nil || was.Department != now.Department || was.Kind != now.Kind {
				if err := f.moveCases(now); err != nil {
					return err
				}
			}
		}
	}
	f.city = c
	return f.audit(&Record{Kind: e.Kind(), On: c.ID, By: e.By, Note: e.Why})
}

// moveCases gives all cases of a source to its department.
func (f *fold) moveCases(src *city.Source) error {
	var left []city.DepartmentID
	err := follower.Each(f.ctx, f, func(scan func(...any) error) error {
		var d city.DepartmentID
		err := scan(&d)
		left = append(left, d)
		return err
	}, "SELECT DISTINCT department FROM cases WHERE source = ? AND department <> ?", src.ID, src.Department)
	if err != nil || len(left) == 0 {
		return err
	}
	for _, d := range append(left, src.Department) {
		f.moved[d] = true
	}
	return f.Exec(f.ctx, "UPDATE cases SET department = ?, changes = ? WHERE source = ? AND department <> ?", src.Department, f.batch.Number, src.ID, src.Department)
}

// A verdict is what became of an act.
type verdict struct {
	refused string
	version int64 // of what it acted on, afterwards; 0 where that has none
	number  int64 // of the case that it acted on
}

// act takes an act in. An act whose id stands in the journal already is passed
// over, and its outcome is that of the first.
func (f *fold) act(a *entry.Act) error {
	var first entry.Position
	again, err := f.One(f.ctx, "SELECT batch, idx FROM act WHERE id = ?", []any{a.ID}, []any{&first.Batch, &first.Index})
	if err != nil {
		return err
	}
	if again {
		f.counts.Repeated++
		return f.Exec(f.ctx, "INSERT INTO again (batch, idx, first_batch, first_idx) VALUES (?, ?, ?, ?)", f.pos.Batch, f.pos.Index, first.Batch, first.Index)
	}
	v, err := f.judge(a)
	if err != nil {
		return err
	}
	f.counts.Acts++
	if v.refused != "" {
		f.counts.Refused++
	}
	if err := f.Exec(f.ctx, "INSERT INTO act (batch, idx, id, number, expects, version, refused) VALUES (?, ?, ?, ?, ?, ?, ?)",
		f.pos.Batch, f.pos.Index, a.ID, v.number, a.Expects, v.version, v.refused); err != nil {
		return err
	}
	return f.audit(recordOf(a, v.refused))
}

// judge applies an act, or says why it does not hold.
func (f *fold) judge(a *entry.Act) (verdict, error) {
	switch a.Do {
	case entry.DoAcknowledge, entry.DoAssign, entry.DoNote, entry.DoPause, entry.DoResume, entry.DoClose, entry.DoReopen, entry.DoEvidence:
		return f.caseAct(a)
	case entry.DoHandOver:
		return f.handOver(a)
	case entry.DoAddPerson:
		return f.addPerson(a)
	case entry.DoChangePerson, entry.DoPassword, entry.DoEndPerson:
		return f.changePerson(a)
	case entry.DoSignIn:
		return f.signIn(a)
	case entry.DoSignOut:
		return f.signOut(a)
	case entry.DoRefuse:
		f.writable().refuse(f.record(recordOf(a, "")))
		return verdict{}, nil
	case entry.DoRelease, entry.DoDiscard:
		return f.rule(a)
	case entry.DoAddToken, entry.DoRenewToken, entry.DoExport:
		return verdict{}, nil // tokens are a fold of the server's; what left the building has left
	default:
		return verdict{refused: measure.RefusedNotFound}, nil // of a newer Rasad
	}
}
