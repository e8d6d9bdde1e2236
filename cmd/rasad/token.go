package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"rasad/city"
	"rasad/server/tokens"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token; it is shown once."`
	List   tokenListCmd   `cmd:"" help:"List the tokens in force."`
	Renew  tokenRenewCmd  `cmd:"" help:"Let a token hold longer; who has it goes on with it."`
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

type tokenRenewCmd struct {
	common `embed:""`
	ID     string `arg:"" help:"The token's id, from rasad token list."`
	Days   int    `help:"How many days it holds from now on. Default: a display's 365, the media's 90." placeholder:"N"`
	By     string `help:"Who renews it, for the journal." default:"operator" placeholder:"NAME"`
}

type tokenRevokeCmd struct {
	common `embed:""`
	ID     string `arg:"" help:"The token's id, from rasad token list."`
	By     string `help:"Who revokes it, for the journal." default:"operator" placeholder:"NAME"`
	Why    string `help:"Why." placeholder:"TEXT"`
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

// Run lets a token hold longer.
func (c *tokenRenewCmd) Run(e *env) error {
	return withKeeper(e, c.common, func(k keeper) error {
		until, err := k.Renew(e.ctx, c.ID, c.Days, c.By)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "Token %s holds until %s.\n", c.ID, day(until, "-"))
		return err
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
