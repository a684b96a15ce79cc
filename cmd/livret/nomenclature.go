package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/nomenclature"
)

func (p *program) nomenclature() *cobra.Command {
	verb := &cobra.Command{
		Use:   "nomenclature",
		Short: "The State's lists in force, and how to load more",
		Long: `What each formation is taught is the ministry's nomenclature. That of the général and technologique séries is
built in; a série without nomenclature, as the baccalauréat professionnel, is refused until its file is loaded.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(
		&cobra.Command{
			Use:   "load FILE",
			Short: "Put a nomenclature file of the ministry in force",
			Long: `Put a nomenclature file of the ministry in force, at the request of the académie. It is checked, kept in the
data folder and recorded in the ledger; loading it again is nothing, and mends a copy that was lost or altered.`,
			Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error { return p.loadNomenclature(c, args[0]) },
		},
		&cobra.Command{
			Use:   "list",
			Short: "The lists in force: where they come from, their school years and their formations",
			Args:  cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error {
				return p.with(c.Context(), func(i *instance.Instance) error {
					return p.print(i.Lists, func(w io.Writer) error { return writeLists(w, i.Lists) })
				})
			},
		},
	)
	return verb
}

func (p *program) loadNomenclature(c *cobra.Command, name string) error {
	file, err := readAtMost(name, nomenclature.MaxFile+1) // one byte too many is refused as too large
	if err != nil {
		return err
	}
	i, err := p.open(c.Context(), instance.Options{})
	if fault, ok := errors.AsType[*instance.NomenclatureFault](err); ok {
		mended, failed := instance.RestoreNomenclature(p.data, fault, file)
		if failed != nil || !mended {
			return errors.Join(err, failed)
		}
		i, err = p.open(c.Context(), instance.Options{})
	}
	if err != nil {
		return err
	}
	list, already, err := i.LoadNomenclature(c.Context(), operator(), file)
	if err := p.close(c.Context(), i, err); err != nil {
		return err
	}
	result := struct {
		instance.List
		Already bool `json:"already"`
	}{list, already}
	return p.print(result, func(w io.Writer) error {
		state := "chargée"
		if already {
			state = "déjà en vigueur"
		}
		_, err := fmt.Fprintf(w, "nomenclature %s %s : %s, %d formations\n", origin(list), state, years(list), len(list.Formations))
		return err
	})
}

// readAtMost reads a file, or its beginning.
func readAtMost(name string, size int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, usageError{err} // no data folder is missing, but what was typed
	}
	content, err := io.ReadAll(io.LimitReader(f, size))
	return content, errors.Join(err, f.Close())
}

func writeLists(w io.Writer, lists []instance.List) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lists {
		fmt.Fprintf(t, "nomenclature %s : %s, %d formations\n", origin(l), years(l), len(l.Formations))
		for _, f := range l.Formations {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", f.Millesime.Label(), f.MEF, f.Niveau, f.Serie, strings.TrimSpace(f.Name+" "+f.Speciality))
		}
	}
	return t.Flush()
}

// origin names a list as the file of the data folder is named.
func origin(l instance.List) string {
	if l.Digest == "" {
		return "intégrée"
	}
	return l.Digest[:16]
}

func years(l instance.List) string {
	labels := make([]string, len(l.Millesimes))
	for n, m := range l.Millesimes {
		labels[n] = m.Label()
	}
	return strings.Join(labels, ", ")
}
