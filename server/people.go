package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rasad/city"
	"rasad/entry"
	"rasad/measure"
	"rasad/register"
	"rasad/server/people"
)

// A personWhole is somebody who may sign in, or might once.
type personWhole struct {
	ID          string              `json:"id"`
	Login       string              `json:"login"`
	Name        string              `json:"name"`
	Role        city.Role           `json:"role" enum:"viewer,department,media,operator,admin"`
	Departments []city.DepartmentID `json:"departments" doc:"the scope of the role department; empty of others"`
	Lang        string              `json:"lang" enum:"fa,en"`
	Version     int64               `json:"version" doc:"what a change of it expects"`
	Added       *time.Time          `json:"added_at"`
	Ended       *time.Time          `json:"ended_at" doc:"null: may sign in"`
	Seen        *time.Time          `json:"last_seen_at"`
	Sessions    int                 `json:"sessions" doc:"that are open"`
}

type peopleList struct {
	People []personWhole `json:"people"`
}

func (s *Server) viewOfPerson(p *register.Person) personWhole {
	return personWhole{
		p.ID, p.Login, p.Name, p.Role, append([]city.DepartmentID{}, p.Departments...), p.Lang, p.Version, optional(p.Added), optional(p.Ended),
		optional(s.parts.Register.LastSeen(seenPerson, p.ID)), len(s.parts.Register.Sessions(p.ID)),
	}
}

// listPeople answers with all people by name, those who may not sign in any more last.
func (s *Server) listPeople(context.Context, *struct{}) (*output[peopleList], error) {
	all := s.parts.Register.People()
	list := peopleList{make([]personWhole, len(all))}
	for i := range all {
		list.People[i] = s.viewOfPerson(&all[i])
	}
	return give(list), nil
}

// A ProfileWanted is what an admin says of a person.
type ProfileWanted struct {
	Login       string              `json:"login" doc:"2 to 40 of a-z, 0-9, dot, hyphen and underscore; never one that another person has or had"`
	Name        string              `json:"name"`
	Role        city.Role           `json:"role" enum:"viewer,department,media,operator,admin"`
	Departments []city.DepartmentID `json:"departments,omitempty" maxItems:"1000" doc:"the scope of the role department"`
	Lang        string              `json:"lang" enum:"fa,en"`
}

// profile returns what was said as the journal keeps it, or an error wrapping
// city.ErrInvalid where the city has no such department.
func (w *ProfileWanted) profile(c *city.City) (entry.Profile, error) {
	for _, d := range w.Departments {
		if !slices.ContainsFunc(c.Departments, func(x city.Department) bool { return x.ID == d }) {
			return entry.Profile{}, city.Refuse(city.ErrInvalid, city.Text{FA: "در شهر واحدی به نام %v نیست", EN: "departments: the city has no department %q"}, clipped(string(d)))
		}
	}
	return entry.Profile{Login: w.Login, Name: w.Name, Role: w.Role, Departments: w.Departments, Lang: w.Lang}, nil
}

// An ActName is what each act of people has. The API sees embedded fields only of
// types with a capital.
type ActName struct {
	ID string `json:"id" minLength:"8" maxLength:"64" doc:"made by the sender, another one for each act: sent again, it counts once"`
}

type personNew struct {
	Body struct {
		ActName
		ProfileWanted
		Password string `json:"password"`
	}
}

// postPerson adds a person.
func (s *Server) postPerson(ctx context.Context, q *personNew) (*huma.StreamResponse, error) {
	c, err := s.city()
	if err != nil {
		return nil, err
	}
	profile, err := q.Body.profile(c)
	if err != nil {
		return nil, err
	}
	p, err := s.desk.Add(ctx, author(ctx, q.Body.ID), profile, q.Body.Password)
	return s.personChanged(ctx, "", &p, err)
}

type personChange struct {
	ID   string `path:"id"`
	Body struct {
		ActName
		ProfileWanted
		Expects int64 `json:"expects" minimum:"1" doc:"the version that was seen"`
	}
}

// postPersonChange gives a person another profile.
func (s *Server) postPersonChange(ctx context.Context, q *personChange) (*huma.StreamResponse, error) {
	c, err := s.city()
	if err != nil {
		return nil, err
	}
	profile, err := q.Body.profile(c)
	if err != nil {
		return nil, err
	}
	p, err := s.desk.Change(ctx, author(ctx, q.Body.ID), q.ID, q.Body.Expects, profile)
	return s.personChanged(ctx, q.ID, &p, err)
}

type personPassword struct {
	ID   string `path:"id"`
	Body struct {
		ActName
		Password string `json:"password"`
	}
}

// postPersonPassword gives a person another password, which ends all its sessions.
func (s *Server) postPersonPassword(ctx context.Context, q *personPassword) (*huma.StreamResponse, error) {
	p, err := s.desk.SetPassword(ctx, author(ctx, q.Body.ID), q.ID, q.Body.Password)
	return s.personChanged(ctx, q.ID, &p, err)
}

type personEnd struct {
	ID   string `path:"id"`
	Body struct {
		ActName
		Expects int64  `json:"expects,omitempty" minimum:"0" doc:"the version that was seen; 0: any"`
		Why     string `json:"why,omitempty" maxLength:"4000"`
	}
}

// postPersonEnd lets a person in no more.
func (s *Server) postPersonEnd(ctx context.Context, q *personEnd) (*huma.StreamResponse, error) {
	p, err := s.desk.End(ctx, author(ctx, q.Body.ID), q.ID, q.Body.Expects, q.Body.Why)
	return s.personChanged(ctx, q.ID, &p, err)
}

// author returns who asks, with the id of the act.
func author(ctx context.Context, id string) people.Author {
	return people.Author{By: callerOf(ctx).by(), ID: id}
}

// A personConflict tells who came second what came first.
type personConflict struct {
	Person  *personWhole `json:"person" doc:"as it is now"`
	Refused string       `json:"refused" doc:"changed, already, taken or last_admin"`
	Since   []recordView `json:"since" doc:"what was done to it last, the newest first, and by whom"`
}

// personChanged answers with a person after an act on the one called id, with 202
// where the act is not judged yet, or with why it did not hold.
func (s *Server) personChanged(ctx context.Context, id string, p *register.Person, err error) (*huma.StreamResponse, error) {
	var refused *people.RefusedError
	switch {
	case err == nil:
		return plain(s.viewOfPerson(p)), nil
	case errors.Is(err, errLater):
		return later(s.newest()), nil
	case !errors.As(err, &refused):
		return nil, err
	}
	switch refused.Word {
	case measure.RefusedChanged, measure.RefusedAlready:
		answer, err := s.personConflict(ctx, id, refused.Word)
		if err != nil {
			return nil, err
		}
		return nil, answerError{fault{code: "changed"}, answer}
	case measure.RefusedTaken, measure.RefusedLastAdmin:
		return nil, answerError{fault{code: refused.Word}, personConflict{Refused: refused.Word, Since: []recordView{}}}
	default:
		return nil, err
	}
}

// newest returns a position that no act of before stands behind.
func (s *Server) newest() entry.Position {
	if s.parts.Position == nil {
		return entry.Position{}
	}
	return s.parts.Position()
}

// lastRecords is how much of what was done to a person a conflict tells.
const lastRecords = 5

// personConflict says how a person is now, and how that came.
func (s *Server) personConflict(ctx context.Context, id, word string) (personConflict, error) {
	v := personConflict{Refused: word, Since: []recordView{}}
	p, ok := s.parts.Register.Person(id)
	if !ok {
		return v, nil
	}
	v.Person = new(s.viewOfPerson(&p))
	c, err := s.city()
	if err != nil {
		return v, err
	}
	list, err := s.parts.Register.Audit(ctx, register.AuditQuery{On: id, Do: "person.", Limit: lastRecords + 1})
	if err != nil {
		return v, err
	}
	list = slices.DeleteFunc(list, func(r register.Record) bool { return r.Refused != "" })
	v.Since = s.records(c, list[:min(len(list), lastRecords)])
	return v, nil
}
