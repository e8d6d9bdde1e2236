package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"rasad/city"
	"rasad/journal"
	"rasad/server/tokens"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token; it is shown once."`
	List   tokenListCmd   `cmd:"" help:"List the tokens in force."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token at once."`
}

type tokenCreateCmd struct {
	common   `embed:""`
	Name     string   `help:"Whose it is, for people." required:"" placeholder:"NAME"`
	Class    string   `help:"What it is for: source, display or media." enum:"source,display,media" default:"source"`
	Opens    []string `help:"What it opens. Of a source: sources, or prefixes ending in *; of a display: screens; of the media: indicators. Default: all, but for a display." aliases:"source" placeholder:"ID"`
	Strict   bool     `help:"Each reading must say its unit and kind."`
	Backfill bool     `help:"Readings older than their source's late_until count too."`
	Days     int      `help:"How many days it holds. Default: a display's 365, the media's 90, a source's until it is revoked." placeholder:"N"`
	By       string   `help:"Who makes it, for the journal." default:"operator" placeholder:"NAME"`
}

type tokenListCmd struct {
	common `embed:""`
}

type tokenRevokeCmd struct {
	common `embed:""`
	ID     string `arg:"" help:"The token's id, from rasad token list."`
	By     string `help:"Who revokes it, for the journal." default:"operator" placeholder:"NAME"`
	Why    string `help:"Why." placeholder:"TEXT"`
}

// A keeper makes and ends tokens: the running server, or the journal itself.
type keeper interface {
	Issue(ctx context.Context, r tokens.Request) (tokens.Issued, error)
	Revoke(ctx context.Context, id, by, why string) error
	List(ctx context.Context) ([]tokens.Listed, error)
}

// Run makes a token.
func (c *tokenCreateCmd) Run(e *env) error {
	return withKeeper(e, c.common, func(k keeper) error {
		made, err := k.Issue(e.ctx, tokens.Request{Name: c.Name, Class: c.Class, Opens: c.Opens, Strict: c.Strict, Backfill: c.Backfill, Days: c.Days, By: c.By})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%s\n\nThis is token %s. It is shown this once: Rasad keeps only its hash.\n", made.Token, made.ID)
		return err
	})
}

// Run lists the tokens.
func (c *tokenListCmd) Run(e *env) error {
	return withKeeper(e, c.common, func(k keeper) error {
		list, err := k.List(e.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		say(w, "ID\tNAME\tCLASS\tOPENS\tEXPIRES\tLAST USED\n") // Flush returns what fails
		for _, t := range list {
			opens := strings.Join(t.Opens, " ")
			if opens == "" {
				opens = "all"
			}
			say(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Class, opens, day(t.Expires, "never"), day(t.LastUsed, "-"))
		}
		return w.Flush()
	})
}

// Run ends a token.
func (c *tokenRevokeCmd) Run(e *env) error {
	return withKeeper(e, c.common, func(k keeper) error { return k.Revoke(e.ctx, c.ID, c.By, c.Why) })
}

func day(m city.Moment, none string) string {
	if m == 0 {
		return none
	}
	return m.Time().Format(time.DateTime)
}

// withKeeper hands use the running server's admin socket, or, where no server
// runs, the journal under the lock.
func withKeeper(e *env, c common, use func(keeper) error) error {
	s, err := load(c, network{})
	if err != nil {
		return err
	}
	client, err := tokens.Dial(e.ctx, s.socket())
	if err == nil {
		return use(client)
	}
	if !errors.Is(err, city.ErrNotFound) {
		return err
	}
	compiled, err := compile(s.name, s.city)
	if err != nil {
		return err
	}
	lock, err := journal.Lock(s.data)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	j, err := journal.Open(journal.Config{Dir: s.journalDir(), Second: s.Journal.Second, Zone: compiled.Clock(), Log: e.log})
	if err != nil {
		return err
	}
	a := &app{settings: s, log: e.log, journal: j, tokens: tokens.New(nil)}
	err = a.catchUp(e.ctx, 0, a.tokens.Apply, tokens.Kinds()...)
	if err == nil {
		err = use(offline{a})
	}
	return join(err, "close journal", j.Close())
}

// offline keeps tokens in the journal while no server runs.
type offline struct{ app *app }

// Issue makes a token.
func (o offline) Issue(ctx context.Context, r tokens.Request) (tokens.Issued, error) {
	id, secret, err := o.app.tokens.Issue(ctx, r, city.At(time.Now()), o.app.journal.AppendAct)
	return tokens.Issued{ID: id, Token: secret}, err
}

// Revoke ends a token.
func (o offline) Revoke(ctx context.Context, id, by, why string) error {
	return o.app.tokens.Revoke(ctx, id, by, why, o.app.journal.AppendAct)
}

// List lists the tokens in force.
func (o offline) List(context.Context) ([]tokens.Listed, error) { return o.app.tokens.List(), nil }
