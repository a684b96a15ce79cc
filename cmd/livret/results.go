package main

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/exchange/results"
)

func (p *program) importResults(dry *bool) *cobra.Command {
	var of examSession
	verb := &cobra.Command{
		Use:   "results --session YEAR FILE",
		Short: "What juries decided: result, mention, orientation proposed, in CSV (docs/formats/resultats.md)",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, names []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			file, err := readResults(names[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				b, err := i.ImportResults(c.Context(), operator(), of.session(), file, *dry)
				if err != nil {
					return err
				}
				return p.printBatch(b, "lignes")
			})
		},
	}
	of.flags(verb)
	return verb
}

func readResults(name string) (results.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return results.File{}, err
	}
	file, err := results.Read(f)
	return file, errors.Join(err, f.Close())
}

func (p *program) sessionResults() *cobra.Command {
	var of juryFlags
	verb := &cobra.Command{
		Use:   "results --session YEAR [--jury NUMBER]",
		Short: "The file of results as recorded, to complete and to import",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				lines, err := i.Results(c.Context(), operator(), of.jury())
				if err != nil {
					return err
				}
				return p.print(lines, func(w io.Writer) error { return results.Write(w, lines) })
			})
		},
	}
	of.flags(verb)
	return verb
}
