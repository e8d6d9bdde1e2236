package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"rasad/city"
	"rasad/entry"
	"rasad/register"
	"rasad/server/people"
)

// A Person is somebody who may sign in, or might once, as the command line shows it:
// never the hash of the password.
type Person struct {
	ID string `json:"id"`
	entry.Profile
	Version  int64       `json:"version"`
	Added    city.Moment `json:"added"`
	Ended    city.Moment `json:"ended,omitempty"` // 0: may sign in
	Sessions int         `json:"sessions"`
}

// The orders that change people.
const (
	Add      = "add"
	Change   = "change"
	Password = "password"
	End      = "end"
)

// An Order asks for a change of people.
type Order struct {
	Do       string        `json:"do"`                // one of the orders
	Login    string        `json:"login"`             // whom it is about
	Expects  int64         `json:"expects,omitempty"` // the version that was seen; 0: any
	Profile  entry.Profile `json:"profile"`           // of the one to be added, or how it is to be
	Password string        `json:"password,omitempty"`
	By       string        `json:"by"`
	Why      string        `json:"why,omitempty"`
}

// Everybody returns all people by name, those who may not sign in any more last.
func (c *Console) Everybody(context.Context) ([]Person, error) {
	list := []Person{}
	for _, p := range c.People.Register.People() {
		list = append(list, c.shown(p))
	}
	return list, nil
}

func (c *Console) shown(p register.Person) Person {
	return Person{p.ID, p.Profile, p.Version, p.Added, p.Ended, len(c.People.Register.Sessions(p.ID))}
}

// Carry carries an order out and returns the person as it is then. It returns an
// error wrapping city.ErrNotFound where nobody has that login.
func (c *Console) Carry(ctx context.Context, o Order) (Person, error) {
	who := people.Author{By: o.By}
	if o.Do == Add {
		p, err := c.People.Add(ctx, who, o.Profile, o.Password)
		return c.shown(p), err
	}
	was, ok := c.People.Register.PersonByLogin(o.Login)
	if !ok || was.Ended != 0 {
		return Person{}, fmt.Errorf("%w: nobody signs in as %q", city.ErrNotFound, o.Login)
	}
	var p register.Person
	var err error
	switch o.Do {
	case Change:
		p, err = c.People.Change(ctx, who, was.ID, o.Expects, o.Profile)
	case Password:
		p, err = c.People.SetPassword(ctx, who, was.ID, o.Password)
	case End:
		p, err = c.People.End(ctx, who, was.ID, o.Expects, o.Why)
	default:
		err = fmt.Errorf("%w order %q", city.ErrInvalid, o.Do)
	}
	return c.shown(p), err
}

// Everybody returns all people.
func (c *Client) Everybody(ctx context.Context) ([]Person, error) {
	var list []Person
	return list, c.ask(ctx, http.MethodGet, "/people", nil, &list)
}

// Carry has the server carry an order out.
func (c *Client) Carry(ctx context.Context, o Order) (Person, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return Person{}, fmt.Errorf("ask for change of people: %w", err)
	}
	var p Person
	return p, c.ask(ctx, http.MethodPost, "/people", body, &p)
}
