// Command rasad runs the operations dashboard of a city in its season: it takes
// readings in, keeps them, and shows them live.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // a city's zone must be there on any machine

	"github.com/alecthomas/kong"

	"rasad/city"
	"rasad/city/file"
	"rasad/journal"
)

// Exit codes, as docs/operate.md lists them.
const (
	exitDone   = 0
	exitFault  = 1
	exitUsage  = 2
	exitInUse  = 3
	exitBroken = 4
)

// errDifference says that a verification found a difference: it has been printed.
var errDifference = errors.New("verification found a difference")

// commands is the command line: each field is a subcommand.
type commands struct {
	Serve       serveCmd       `cmd:"" help:"Run the server on DATA."`
	Demo        demoCmd        `cmd:"" help:"Run a whole simulated Nowruz in Isfahan, live."`
	Check       checkCmd       `cmd:"" help:"Check a city file and say what is wrong in it, and where."`
	Replay      replayCmd      `cmd:"" help:"Send files of real counts through the same door as everyone."`
	User        userCmd        `cmd:"" help:"Let people in and out."`
	Token       tokenCmd       `cmd:"" help:"Make, list, renew and revoke tokens."`
	Verify      verifyCmd      `cmd:"" help:"Walk the journal's hash chain; --repair heals it from the second directory."`
	Rebuild     rebuildCmd     `cmd:"" help:"Throw the followers' stores away and build them again from the journal."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running server whether it is ready; for containers."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// env is what a subcommand gets beside its flags.
type env struct {
	ctx    context.Context //nolint:containedctx // the life of the whole program, handed to one subcommand
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
}

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // a tenth of the time under load, for some tens of megabytes
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var cmds commands
	exited := -1
	parser, err := kong.New(&cmds,
		kong.Name("rasad"),
		kong.Description("The live picture of a city in its tourist season."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
	)
	if err != nil {
		say(stderr, "rasad: %v\n", err)
		return exitFault
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		say(stderr, "rasad: %v\nTry: rasad --help\n", err)
		return exitUsage
	}
	e := &env{ctx: ctx, stdin: os.Stdin, stdout: stdout, stderr: stderr, log: slog.New(slog.NewTextHandler(stderr, nil))}
	return exitCode(kctx.Run(e), stderr)
}

// exitCode is the one place where an error becomes an exit code.
func exitCode(err error, stderr io.Writer) int {
	var inUse *journal.InUseError
	var faults *file.FaultsError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errDifference):
		return exitBroken
	case errors.As(err, &inUse):
		say(stderr, "rasad: %v\n", err)
		return exitInUse
	case errors.As(err, &faults): // each stands behind its own file:line:column
		say(stderr, "%v\n", err)
		return exitUsage
	case errors.Is(err, city.ErrInvalid), errors.Is(err, city.ErrNotFound):
		say(stderr, "rasad: %v\n", err)
		return exitUsage
	default:
		say(stderr, "rasad: %v\n", err)
		return exitFault
	}
}

// say prints for whoever watches; that nobody does any more is no reason to stop.
func say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...)
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, "rasad", version())
	return err
}

// version returns the module's version, with the commit that it was built from
// where the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "0.1.0"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += "+" + s.Value[:12]
		}
	}
	return v
}
