package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"rasad/city"
	"rasad/entry"
	"rasad/server/console"
	"rasad/server/people"
	"rasad/server/signin"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Let a person sign in."`
	List     userListCmd     `cmd:"" help:"List the people."`
	Change   userChangeCmd   `cmd:"" help:"Change a person's name, role, departments or language; the person signs in again."`
	Password userPasswordCmd `cmd:"" help:"Give a person another password."`
	Reset    userResetCmd    `cmd:"" help:"Give a person a generated password; it is shown once."`
	End      userEndCmd      `cmd:"" help:"Let a person sign in no more, at once and for good."`
}

// console flags of everything that changes people.
type byFlag struct {
	By string `help:"Who does it, for the journal." default:"console" placeholder:"NAME"`
}

type userAddCmd struct {
	common     `embed:""`
	byFlag     `embed:""`
	Login      string   `arg:"" help:"What the person signs in with: a-z, 0-9, dot, hyphen, underscore."`
	Name       string   `help:"The person's name. Default: the login." placeholder:"NAME"`
	Role       string   `help:"viewer, department, media, operator or admin." required:"" enum:"viewer,department,media,operator,admin" placeholder:"ROLE"`
	Department []string `help:"Of the role department: its scope." placeholder:"ID"`
	Lang       string   `help:"fa or en." default:"fa" enum:"fa,en"`
	Generate   bool     `help:"Generate the password and show it once, instead of asking for one."`
}

type userListCmd struct {
	common `embed:""`
}

type userChangeCmd struct {
	common     `embed:""`
	byFlag     `embed:""`
	Login      string   `arg:"" help:"Who, by login."`
	NewLogin   string   `help:"Another login." placeholder:"LOGIN"`
	Name       string   `help:"Another name." placeholder:"NAME"`
	Role       string   `help:"Another role." enum:",viewer,department,media,operator,admin" default:"" placeholder:"ROLE"`
	Department []string `help:"Of the role department: another scope." placeholder:"ID"`
	Lang       string   `help:"fa or en." default:"" enum:",fa,en" placeholder:"LANG"`
}

type userPasswordCmd struct {
	common `embed:""`
	byFlag `embed:""`
	Login  string `arg:"" help:"Who, by login."`
}

type userResetCmd struct {
	common `embed:""`
	byFlag `embed:""`
	Login  string `arg:"" help:"Who, by login."`
}

type userEndCmd struct {
	common `embed:""`
	byFlag `embed:""`
	Login  string `arg:"" help:"Who, by login."`
	Why    string `help:"Why." placeholder:"TEXT"`
}

// Run lets a person sign in.
func (c *userAddCmd) Run(e *env) error {
	password, err := choose(e, c.Login, c.Generate)
	if err != nil {
		return err
	}
	name := c.Name
	if name == "" {
		name = c.Login
	}
	return withKeeper(e, c.common, func(k keeper) error {
		p, err := k.Carry(e.ctx, console.Order{Do: console.Add, By: c.By, Password: password, Profile: entry.Profile{
			Login: c.Login, Name: name, Role: city.Role(c.Role), Departments: ids(c.Department), Lang: c.Lang,
		}})
		if err != nil {
			return err
		}
		say(e.stdout, "%s may sign in as %s, with the role %s.\n", p.Name, p.Login, p.Role)
		return shown(e, c.Generate, password)
	})
}

func ids(list []string) (departments []city.DepartmentID) {
	for _, s := range list {
		departments = append(departments, city.DepartmentID(s))
	}
	return departments
}

// shown prints a generated password; its only other place is the person's memory.
func shown(e *env, generated bool, password string) error {
	if !generated {
		return nil
	}
	_, err := fmt.Fprintf(e.stdout, "\n%s\n\nThis is the password. It is shown this once: Rasad keeps only its hash.\n", password)
	return err
}

// Run lists the people.
func (c *userListCmd) Run(e *env) error {
	return withKeeper(e, c.common, func(k keeper) error {
		list, err := k.Everybody(e.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		say(w, "LOGIN\tNAME\tROLE\tDEPARTMENTS\tSESSIONS\tENDED\n") // Flush returns what fails
		for _, p := range list {
			var scope []string
			for _, d := range p.Departments {
				scope = append(scope, string(d))
			}
			say(w, "%s\t%s\t%s\t%s\t%d\t%s\n", p.Login, p.Name, p.Role, strings.Join(scope, " "), p.Sessions, day(p.Ended, "-"))
		}
		return w.Flush()
	})
}

// Run changes a person.
func (c *userChangeCmd) Run(e *env) error {
	return withKeeper(e, c.common, func(k keeper) error {
		list, err := k.Everybody(e.ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(p console.Person) bool { return p.Login == c.Login && p.Ended == 0 })
		if i < 0 {
			return fmt.Errorf("%w: nobody signs in as %q", city.ErrNotFound, c.Login)
		}
		p := list[i].Profile
		for into, flag := range map[*string]string{&p.Login: c.NewLogin, &p.Name: c.Name, &p.Lang: c.Lang} {
			if flag != "" {
				*into = flag
			}
		}
		if c.Role != "" {
			p.Role = city.Role(c.Role)
		}
		if p.Role != city.RoleDepartment {
			p.Departments = nil
		}
		if len(c.Department) > 0 {
			p.Departments = ids(c.Department)
		}
		now, err := k.Carry(e.ctx, console.Order{Do: console.Change, By: c.By, Login: c.Login, Expects: list[i].Version, Profile: p})
		if err != nil {
			return err
		}
		say(e.stdout, "%s signs in as %s, with the role %s; its sessions have ended.\n", now.Name, now.Login, now.Role)
		return nil
	})
}

// Run gives a person another password.
func (c *userPasswordCmd) Run(e *env) error { return setPassword(e, c.common, c.By, c.Login, false) }

// Run gives a person a generated password.
func (c *userResetCmd) Run(e *env) error { return setPassword(e, c.common, c.By, c.Login, true) }

func setPassword(e *env, c common, by, login string, generate bool) error {
	password, err := choose(e, login, generate)
	if err != nil {
		return err
	}
	return withKeeper(e, c, func(k keeper) error {
		if _, err := k.Carry(e.ctx, console.Order{Do: console.Password, By: by, Login: login, Password: password}); err != nil {
			return err
		}
		say(e.stdout, "The password of %s is another one; its sessions have ended.\n", login)
		return shown(e, generate, password)
	})
}

// Run lets a person sign in no more.
func (c *userEndCmd) Run(e *env) error {
	return withKeeper(e, c.common, func(k keeper) error {
		if _, err := k.Carry(e.ctx, console.Order{Do: console.End, By: c.By, Login: c.Login, Why: c.Why}); err != nil {
			return err
		}
		say(e.stdout, "%s signs in no more; its sessions have ended.\n", c.Login)
		return nil
	})
}

// choose returns a password: a generated one, or what is typed twice at the
// terminal without being shown, or the first line of what comes in. It is never a
// flag: others on the machine could read it there.
func choose(e *env, login string, generate bool) (password string, err error) {
	if generate {
		return people.Generate()
	}
	file, ok := e.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		password, err = bufio.NewReader(io.LimitReader(e.stdin, 4<<10)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read password: %w", err)
		}
		password = strings.TrimRight(password, "\r\n")
		return password, signin.CheckPassword(login, password)
	}
	for _, ask := range []string{"Password: ", "Once more: "} {
		say(e.stderr, "%s", ask)
		typed, err := hidden(e.ctx, int(file.Fd()))
		say(e.stderr, "\n")
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		if password != "" && typed != password {
			return "", fmt.Errorf("%w password: the two differ", city.ErrInvalid)
		}
		password = typed
		if err := signin.CheckPassword(login, password); err != nil {
			return "", err
		}
	}
	return password, nil
}

// hidden reads a line of the terminal fd without showing it. Where ctx ends before the
// line, as by an interrupt, the terminal shows again what is typed.
func hidden(ctx context.Context, fd int) (string, error) {
	shows, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type line struct {
		text []byte
		err  error
	}
	typed := make(chan line, 1)
	go func() { // it may wait for ever: the program ends then
		text, err := term.ReadPassword(fd)
		typed <- line{text, err}
	}()
	select {
	case l := <-typed:
		return string(l.text), l.err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(fd, shows))
	}
}
