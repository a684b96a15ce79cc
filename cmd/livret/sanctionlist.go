package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/projections/discipline"
)

func (p *program) listSanctions() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "The sanctions whose term is not reached, as the exams division sees them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				all, err := i.Sanctions(c.Context(), exams(i))
				if err != nil {
					return err
				}
				return p.print(all, func(w io.Writer) error {
					for _, e := range all {
						if err := writeSanction(w, e); err != nil {
							return err
						}
					}
					_, err := fmt.Fprintf(w, "%d sanctions ou procédures en cours\n", len(all))
					return err
				})
			})
		},
	}
}

func (p *program) showSanction() *cobra.Command {
	return &cobra.Command{
		Use:   "show SANCTION",
		Short: "One sanction, as the exams division sees it",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := parseSanction(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				e, err := i.Sanction(c.Context(), exams(i), id)
				if err != nil {
					return err
				}
				return p.print(e, func(w io.Writer) error { return writeSanction(w, e) })
			})
		},
	}
}

func writeSanction(w io.Writer, e discipline.Entry) error {
	name := "identité effacée"
	if s := e.Subject; s != nil {
		name = fmt.Sprintf("%s, né(e) le %s, session %d", s.ListName, s.BirthDate, s.Session)
	}
	fmt.Fprintf(w, "%s  %s\n", e.Sanction, name)
	if e.Kind == "" {
		_, err := fmt.Fprintf(w, "  procédure en cours depuis le %s : aucun résultat ne lui est remis\n", e.Opened)
		return err
	}
	fmt.Fprintf(w, "  %s", e.KindLabel)
	if !e.Ends.IsZero() {
		fmt.Fprintf(w, ", jusqu’au %s", e.Ends)
	}
	if e.Suspended {
		fmt.Fprint(w, ", avec sursis")
	}
	entry := "sans inscription au livret"
	if e.Entered {
		entry = "inscrite au livret"
	}
	fmt.Fprintf(w, " — %s, prononcée le %s, %s\n", e.Authority.Label(), e.Pronounced, entry)
	for _, scope := range e.Voided {
		fmt.Fprintf(w, "  annule %s\n", scope.Label())
	}
	_, err := fmt.Fprintf(w, "  s’efface le %s\n", e.Term)
	return err
}
