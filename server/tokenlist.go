package server

import (
	"context"
	"slices"
	"time"

	"rasad/city"
	"rasad/server/tokens"
)

// maxTokenBody bounds a request for a token, which may open a thousand names.
const maxTokenBody = 256 << 10

// A tokenGiven is a token as operators see it: never the secret.
type tokenGiven struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Class    string     `json:"class" enum:"source,display,media"`
	Opens    []string   `json:"opens" doc:"of a source's: ids, or prefixes ending in *; of a display's: screens; of the media's: indicators. None means all"`
	Strict   bool       `json:"strict" doc:"each reading says its unit and kind"`
	Backfill bool       `json:"backfill" doc:"readings that come too late count too"`
	Expires  *time.Time `json:"expires_at"`
	LastUsed *time.Time `json:"last_used_at"`
	By       string     `json:"by" doc:"who made it"`
}

type tokenList struct {
	Tokens []tokenGiven `json:"tokens"`
}

// listTokens answers with the tokens in force, by name.
func (s *Server) listTokens(context.Context, *struct{}) (*output[tokenList], error) {
	list := tokenList{[]tokenGiven{}}
	for _, t := range s.parts.Tokens.List() {
		if t.Expires != 0 && t.Expires <= s.clock() {
			continue
		}
		list.Tokens = append(list.Tokens, tokenGiven{
			t.ID, t.Name, t.Class, append([]string{}, t.Opens...), t.Strict, t.Backfill, optional(t.Expires), optional(t.LastUsed), s.person(t.By).Name.EN,
		})
	}
	return give(list), nil
}

type tokenWanted struct {
	Body struct {
		ID       string   `json:"id,omitempty" doc:"of the request; a token that was made and not received is revoked, not made again"`
		Name     string   `json:"name" doc:"whose it is, at most 200 bytes"`
		Class    string   `json:"class" enum:"source,display,media"`
		Opens    []string `json:"opens,omitempty" maxItems:"1000" doc:"as the list of tokens says it; a display's opens at least one screen"`
		Strict   bool     `json:"strict,omitempty" doc:"of a source's: each reading says its unit and kind"`
		Backfill bool     `json:"backfill,omitempty" doc:"of a source's: readings that come too late count too"`
		Days     int      `json:"days,omitempty" minimum:"0" doc:"how long it holds; 0: a display's 365, the media's 90, a source's until it is revoked"`
	}
}

// A tokenMade is a new token, shown this once.
type tokenMade struct {
	ID    string `json:"id"`
	Token string `json:"token" doc:"the secret: nobody can show it again"`
}

// postToken makes a token.
func (s *Server) postToken(ctx context.Context, q *tokenWanted) (*output[tokenMade], error) {
	c, err := s.city()
	if err != nil {
		return nil, err
	}
	b := &q.Body
	for _, id := range b.Opens {
		if err := unknownTo(c, b.Class, id); err != nil {
			return nil, err
		}
	}
	id, secret, err := s.parts.Tokens.Issue(ctx, tokens.Request{
		Name: b.Name, Class: b.Class, Opens: b.Opens, Strict: b.Strict, Backfill: b.Backfill, Days: b.Days, By: callerOf(ctx).by(),
	}, s.clock(), s.parts.Append)
	if err != nil {
		return nil, err
	}
	return give(tokenMade{id, secret}), nil
}

// unknownTo returns an error wrapping city.ErrInvalid where the city has nothing of
// the name id that a token of the class could open; a source's token may be made
// before its source is.
func unknownTo(c *city.City, class, id string) error {
	switch {
	case class == tokens.ClassDisplay && c.Screen(city.ScreenID(id)) == nil:
		return city.Refuse(city.ErrInvalid, city.Text{FA: "در شهر نمایی به نام %v نیست", EN: "opens: the city has no screen %q"}, clipped(id))
	case class == tokens.ClassMedia && c.Indicator(city.IndicatorID(id)) == nil:
		return city.Refuse(city.ErrInvalid, city.Text{FA: "در شهر شاخصی به نام %v نیست", EN: "opens: the city has no indicator %q"}, clipped(id))
	default:
		return nil
	}
}

// clipped returns at most 40 characters of what somebody sent.
func clipped(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(slices.Concat(r[:40], []rune{'…'}))
	}
	return text
}

type tokenRenewal struct {
	ID   string `path:"id"`
	Body struct {
		ID   string `json:"id,omitempty" doc:"of the request"`
		Days int    `json:"days,omitempty" minimum:"0" doc:"from now on; 0: a display's 365, the media's 90"`
	}
}

type tokenHolds struct {
	Expires time.Time `json:"expires_at"`
}

// postRenewal lets a token hold longer: a wall goes on without anybody going there.
func (s *Server) postRenewal(ctx context.Context, q *tokenRenewal) (*output[tokenHolds], error) {
	until, err := s.parts.Tokens.Renew(ctx, q.ID, q.Body.Days, callerOf(ctx).by(), s.clock(), s.parts.Append)
	if err != nil {
		return nil, err
	}
	return give(tokenHolds{until.Time()}), nil
}

type tokenEnd struct {
	ID   string `path:"id"`
	Body struct {
		ID  string `json:"id,omitempty" doc:"of the request; a token is ended once, however often it is sent"`
		Why string `json:"why" minLength:"1" maxLength:"1000"`
	}
}

// postRevoke ends a token.
func (s *Server) postRevoke(ctx context.Context, q *tokenEnd) (*output[struct{}], error) {
	if err := s.parts.Tokens.Revoke(ctx, q.ID, callerOf(ctx).by(), q.Body.Why, s.parts.Append); err != nil {
		return nil, err
	}
	return give(struct{}{}), nil
}
