package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/nomenclature"
)

func (p *program) paper() *cobra.Command {
	verb := &cobra.Command{
		Use:   "paper",
		Short: "Livrets on paper that are owed, and those handed over",
		Long: `A livret on paper is owed at the proclamation of results to a family that refused it on line, and to all if the
school does not offer it on line. It is owed until it is handed over.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(p.paperDue(), p.handOver())
	return verb
}

func (p *program) paperDue() *cobra.Command {
	var of string
	verb := &cobra.Command{
		Use:   "due --school UAI",
		Short: "The livrets on paper that a school owes today",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "school"); err != nil {
				return err
			}
			school, err := nomenclature.ParseUAI(of)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				debts, err := i.PaperDue(c.Context(), operator(), school)
				if err != nil {
					return err
				}
				return p.print(debts, func(w io.Writer) error {
					fmt.Fprintf(w, "livrets papier dus : %d\n", len(debts))
					t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
					for _, d := range debts {
						why := "service non proposé"
						if d.Refused {
							why = "refusé en ligne"
						}
						fmt.Fprintf(t, "%s\t%s\tdepuis le %s\t%s\n", d.Livret, d.Division, d.Proclaimed, why)
					}
					return t.Flush()
				})
			})
		},
	}
	verb.Flags().StringVar(&of, "school", "", "`UAI` of the school")
	return verb
}

func (p *program) handOver() *cobra.Command {
	var on string
	verb := p.declaring("hand-over LIVRET [--on DATE]", "Record that the final livret was handed over on paper", func(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
		day, err := onDay(on, i)
		if err != nil {
			return err
		}
		return i.HandOverPaper(ctx, head, livret, uuid.New(), day)
	})
	verb.Flags().StringVar(&on, "on", "", "`date`; today if left out")
	return verb
}
