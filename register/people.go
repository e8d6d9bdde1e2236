package register

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"rasad/city"
	"rasad/entry"
	"rasad/follower"
	"rasad/measure"
)

// A roll is all people and sessions. Once readers can see it, it never changes; a
// fold changes a copy.
type roll struct {
	people   map[string]*Person
	logins   map[string]string // all that ever were, and whose
	sessions map[string]*Session
	refused  []Record // refused sign-ins, the oldest first
}

// keepRefused bounds the refused sign-ins held in memory.
const keepRefused = 10_000

func (r *roll) clone() *roll {
	return &roll{maps.Clone(r.people), maps.Clone(r.logins), maps.Clone(r.sessions), slices.Clip(r.refused)}
}

// writable returns the fold's own copy of the roll.
func (f *fold) writable() *roll {
	if !f.copied {
		f.roll, f.copied = f.roll.clone(), true
	}
	return f.roll
}

func (r *roll) refuse(rec Record) {
	if n := len(r.refused); n >= 2*keepRefused {
		r.refused = slices.Clone(r.refused[n-keepRefused:])
	}
	r.refused = append(r.refused, rec)
}

func (r *roll) admins() int {
	n := 0
	for _, p := range r.people {
		if p.Role == city.RoleAdmin && p.Ended == 0 {
			n++
		}
	}
	return n
}

// works says why the person id cannot answer for something of department d; ""
// where that one can.
func (r *roll) works(id string, d city.DepartmentID) (refused string) {
	p := r.people[id]
	switch {
	case p == nil || p.Ended != 0:
		return measure.RefusedNoPerson
	case p.Role != city.RoleAdmin && !slices.Contains(p.Departments, d):
		return measure.RefusedOutOfScope
	default:
		return ""
	}
}

func (f *fold) addPerson(a *entry.Act) (verdict, error) {
	switch {
	case f.roll.people[a.On] != nil:
		return verdict{refused: measure.RefusedAlready, version: f.roll.people[a.On].Version}, nil
	case f.roll.logins[a.Person.Login] != "":
		return verdict{refused: measure.RefusedTaken}, nil
	}
	return f.savePerson(Person{ID: a.On, Profile: *a.Person, Hash: a.Hash, Added: a.At})
}

// changePerson takes in an act on a person that there is. Whatever changes ends all
// sessions of that person.
func (f *fold) changePerson(a *entry.Act) (verdict, error) {
	was := f.roll.people[a.On]
	if was == nil || was.Ended != 0 {
		return verdict{refused: measure.RefusedNoPerson}, nil
	}
	if a.Expects != 0 && a.Expects != was.Version {
		return verdict{refused: measure.RefusedChanged, version: was.Version}, nil
	}
	p := *was
	switch a.Do {
	case entry.DoChangePerson:
		if whose := f.roll.logins[a.Person.Login]; whose != "" && whose != p.ID {
			return verdict{refused: measure.RefusedTaken, version: p.Version}, nil
		}
		p.Profile = *a.Person
	case entry.DoPassword:
		p.Hash = a.Hash
	default:
		p.Ended = max(a.At, 1)
	}
	if was.Role == city.RoleAdmin && (p.Role != city.RoleAdmin || p.Ended != 0) && f.roll.admins() == 1 {
		return verdict{refused: measure.RefusedLastAdmin, version: p.Version}, nil
	}
	for id, s := range f.writable().sessions {
		if s.Person == p.ID {
			delete(f.roll.sessions, id)
		}
	}
	if err := f.Exec(f.ctx, "DELETE FROM session WHERE person = ?", p.ID); err != nil {
		return verdict{}, err
	}
	return f.savePerson(p)
}

func (f *fold) savePerson(p Person) (verdict, error) {
	p.Version++
	r := f.writable()
	r.people[p.ID], r.logins[p.Login] = &p, p.ID
	profile, err := json.Marshal(&p.Profile)
	if err != nil {
		return verdict{}, err
	}
	err = f.Exec(f.ctx, "INSERT OR REPLACE INTO person (id, profile, hash, version, added, ended) VALUES (?, ?, ?, ?, ?, ?)",
		p.ID, string(profile), p.Hash, p.Version, p.Added, p.Ended)
	if err != nil {
		return verdict{}, err
	}
	return verdict{version: p.Version}, f.Exec(f.ctx, "INSERT OR IGNORE INTO login (login, person) VALUES (?, ?)", p.Login, p.ID)
}

// signIn begins a session, and forgets those that were over by then.
func (f *fold) signIn(a *entry.Act) (verdict, error) {
	p := f.roll.people[a.By]
	switch {
	case p == nil || p.Ended != 0:
		return verdict{refused: measure.RefusedNoPerson}, nil
	case f.roll.sessions[a.On] != nil:
		return verdict{refused: measure.RefusedAlready}, nil
	}
	r := f.writable()
	for id, s := range r.sessions {
		if s.Ends != 0 && s.Ends <= a.At {
			delete(r.sessions, id)
		}
	}
	if err := f.Exec(f.ctx, "DELETE FROM session WHERE ends <> 0 AND ends <= ?", a.At); err != nil {
		return verdict{}, err
	}
	s := &Session{ID: a.On, Hash: a.Hash, Person: p.ID, Began: a.At, Ends: a.Ends, From: a.From}
	r.sessions[s.ID] = s
	return verdict{}, f.Exec(f.ctx, "INSERT INTO session (id, hash, person, began, ends, origin) VALUES (?, ?, ?, ?, ?, ?)",
		s.ID, s.Hash, s.Person, s.Began, s.Ends, s.From)
}

func (f *fold) signOut(a *entry.Act) (verdict, error) {
	if f.roll.sessions[a.On] == nil {
		return verdict{refused: measure.RefusedNotFound}, nil
	}
	delete(f.writable().sessions, a.On)
	return verdict{}, f.Exec(f.ctx, "DELETE FROM session WHERE id = ?", a.On)
}

// restoreRoll reads people and sessions from the file.
func (s *Store) restoreRoll(ctx context.Context) error {
	r := &roll{people: map[string]*Person{}, logins: map[string]string{}, sessions: map[string]*Session{}}
	err := follower.Each(ctx, s.file, func(scan func(...any) error) error {
		var p Person
		var profile string
		if err := scan(&p.ID, &profile, &p.Hash, &p.Version, &p.Added, &p.Ended); err != nil {
			return err
		}
		r.people[p.ID] = &p
		if err := json.Unmarshal([]byte(profile), &p.Profile); err != nil {
			return fmt.Errorf("person %s: %w", p.ID, err)
		}
		return nil
	}, "SELECT id, profile, hash, version, added, ended FROM person")
	if err != nil {
		return err
	}
	err = follower.Each(ctx, s.file, func(scan func(...any) error) error {
		var login, person string
		err := scan(&login, &person)
		r.logins[login] = person
		return err
	}, "SELECT login, person FROM login")
	if err != nil {
		return err
	}
	err = follower.Each(ctx, s.file, func(scan func(...any) error) error {
		var x Session
		err := scan(&x.ID, &x.Hash, &x.Person, &x.Began, &x.Ends, &x.From)
		r.sessions[x.ID] = &x
		return err
	}, "SELECT id, hash, person, began, ends, origin FROM session")
	if err != nil {
		return err
	}
	err = follower.Each(ctx, s.file, func(scan func(...any) error) error {
		rec, err := scanRecord(scan)
		r.refused = append(r.refused, rec)
		return err
	}, "SELECT "+recordColumns+" FROM audit WHERE do = ? ORDER BY number DESC LIMIT ?", entry.DoRefuse, keepRefused)
	slices.Reverse(r.refused)
	s.roll.Store(r)
	return err
}

// Person returns the person id, also one who may not sign in any more. Like all
// that is asked of people and sessions it costs no I/O.
func (s *Store) Person(id string) (Person, bool) {
	if p := s.roll.Load().people[id]; p != nil {
		return *p, true
	}
	return Person{}, false
}

// PersonByLogin returns the person who signs in as login.
func (s *Store) PersonByLogin(login string) (Person, bool) {
	r := s.roll.Load()
	if p := r.people[r.logins[login]]; p != nil && p.Login == login {
		return *p, true
	}
	return Person{}, false
}

// People returns all people by name, those who may not sign in any more last.
func (s *Store) People() []Person {
	var list []Person
	for _, p := range s.roll.Load().people {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b Person) int {
		return cmp.Or(compareBool(a.Ended != 0, b.Ended != 0), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// Admins returns how many admins may sign in.
func (s *Store) Admins() int { return s.roll.Load().admins() }

// Session returns a session that is not over by Config.Now. Its id is the first 32
// hexadecimal digits of the SHA-256 of its secret; Hash is all 64 of them.
func (s *Store) Session(id string) (Session, bool) {
	if x := s.roll.Load().sessions[id]; x != nil && !s.over(x) {
		return *x, true
	}
	return Session{}, false
}

// over reports whether a session has come to its end. One without end goes on until
// somebody ends it.
func (s *Store) over(x *Session) bool { return x.Ends != 0 && x.Ends <= city.At(s.cfg.Now()) }

// Sessions returns the sessions of a person that are not over, the newest first.
func (s *Store) Sessions(person string) []Session {
	var list []Session
	for _, x := range s.roll.Load().sessions {
		if x.Person == person && !s.over(x) {
			list = append(list, *x)
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return cmp.Or(cmp.Compare(b.Began, a.Began), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Refusals returns the refused sign-ins recorded at since or later, the oldest
// first: at most the newest 10,000 after a start, twice as many later.
func (s *Store) Refusals(since city.Moment) []Record {
	list := s.roll.Load().refused
	i, _ := slices.BinarySearchFunc(list, since, func(r Record, m city.Moment) int { return cmp.Compare(city.At(r.At), m) })
	return list[i:]
}
