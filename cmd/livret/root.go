package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/exchange"
)

// program is what every verb shares: where it reads and writes, and the flags of the root.
type program struct {
	in       io.Reader
	out, err io.Writer
	data     string
	anchor   string
	json     bool
	quiet    bool
}

// run executes one command line and answers its exit code.
func run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	p := &program{in: in, out: out, err: err}
	root := p.root()
	root.SetArgs(args)
	failed := root.ExecuteContext(ctx)
	p.explain(failed)
	return exitCode(failed)
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "livret",
		Short: "The ledger of the livret scolaire du lycée",
		Long: `livret keeps the livret scolaire du lycée of one académie as a sequence of immutable, sealed facts.

Exit codes: 0 done, 1 error, 2 usage, 3 an integrity check failed, 4 somebody else changed it first,
5 refused by a rule (or part of an import was), 6 something that follows from the facts waits («livret reactions»), 10 no ledger or no such livret, 11 another process holds
the data folder, 12 keys destroyed.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE:          onlyVerbs,
	}
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	flags := root.PersistentFlags()
	flags.StringVar(&p.data, "data", fromEnvironment("LIVRET_DATA", "livret-data"), "data `folder` ($LIVRET_DATA)")
	flags.StringVar(&p.anchor, "anchor", fromEnvironment("LIVRET_ANCHOR", ""), "`folder` on another machine where the last checkpoint is kept besides ($LIVRET_ANCHOR)")
	flags.BoolVar(&p.json, "json", false, "print one JSON object instead of text")
	flags.BoolVar(&p.quiet, "quiet", false, "print results only, no progress")
	root.AddCommand(
		p.demo(), p.init(), p.serve(), p.imports(), p.show(),
		p.replay(), p.check(), p.checkpoint(), p.probatory(), p.reactions(), p.feed(),
		p.statistics(), p.nomenclature(), p.calendar(), p.school(),
		p.session(), p.jury(), p.sanction(), p.retention(), p.rights(), p.paper(), p.verify(),
		p.keys(), p.backup(), p.restore(), p.migrate(), p.config(), p.wire(), p.version(),
	)
	for _, verb := range root.Commands() {
		checkArgs(verb)
	}
	return root
}

// onlyVerbs is what a command does that is nothing without one of its verbs.
func onlyVerbs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%q is no verb of %q: see «%[2]s --help»", args[0], c.CommandPath())}
	}
	return c.Help()
}

// needs refuses a command line without one of the flags.
func needs(c *cobra.Command, flags ...string) error {
	for _, name := range flags {
		if !c.Flags().Changed(name) {
			return usageError{fmt.Errorf("--%s is needed: see «%s --help»", name, c.CommandPath())}
		}
	}
	return nil
}

// checkArgs makes mistakes about arguments usage errors, for a verb and those below it.
func checkArgs(verb *cobra.Command) {
	if args := verb.Args; args != nil {
		verb.Args = func(c *cobra.Command, given []string) error {
			if err := args(c, given); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, below := range verb.Commands() {
		checkArgs(below)
	}
}

// parseDay reads a day of a flag.
func parseDay(text string) (domain.Date, error) {
	day, err := domain.ParseDate(text)
	if err != nil {
		return day, usageError{errors.New("a day is written as in 2018-07-05")}
	}
	return day, nil
}

func fromEnvironment(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// explain says on the error stream why a verb failed. A refusal is said in the words of its rule.
func (p *program) explain(err error) {
	var refusal *domain.Refusal
	var file *exchange.FileRefused
	if errors.As(err, &file) && file.Line > 0 {
		fmt.Fprintf(p.err, "ligne %d : ", file.Line)
	}
	switch {
	case err == nil, errors.Is(err, errPartly), errors.Is(err, errBroken), errors.Is(err, errParked), errors.Is(err, errUnsigned):
	case errors.As(err, &refusal):
		fmt.Fprintf(p.err, "refus (%s) : %s\n", refusal.Rule, refusal.Reason)
		if refusal.Remedy != "" {
			fmt.Fprintf(p.err, "  %s\n", refusal.Remedy)
		}
	case errors.Is(err, instance.ErrAbsent):
		fmt.Fprintf(p.err, "livret: no ledger in %s: make one with «livret init --academie CODE», or try «livret demo»\n", p.data)
	case errors.Is(err, instance.ErrLocked):
		fmt.Fprintf(p.err, "livret: another process holds %s: stop it, or wait for it to finish\n", p.data)
	default:
		fmt.Fprintf(p.err, "livret: %v\n", err)
	}
}

// print writes a result: as one JSON object, or as text.
func (p *program) print(result any, text func(w io.Writer) error) error {
	if !p.json {
		return text(p.out)
	}
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}

// note says something about the work under way, on the error stream.
func (p *program) note(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.err, format+"\n", args...)
	}
}

// log is what happens while nobody looks, on the error stream.
func (p *program) log() *slog.Logger { return slog.New(slog.NewTextHandler(p.err, nil)) }

// open opens the data folder for one verb.
func (p *program) open(ctx context.Context, o instance.Options) (*instance.Instance, error) {
	o, err := p.options(o)
	if err != nil {
		return nil, err
	}
	return instance.Open(ctx, p.data, o)
}

// options adds to those of one verb what flags and environment say to all of them.
func (p *program) options(o instance.Options) (_ instance.Options, err error) {
	o.Log, o.Anchor = p.log(), p.anchor
	o.Cluster, err = p.cluster()
	return o, err
}
