package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/nomenclature"
)

func (p *program) calendar() *cobra.Command {
	verb := &cobra.Command{
		Use:   "calendar",
		Short: "From which exam session each série has a livret in the académie",
		Args:  cobra.NoArgs,
		RunE:  onlyVerbs,
	}
	show := &cobra.Command{
		Use:   "show",
		Short: "The calendar in force, and what the académie moved",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				openings, err := i.Openings()
				if err != nil {
					return err
				}
				result := struct {
					Academie string             `json:"academie"`
					Version  string             `json:"version"`
					Openings []instance.Opening `json:"openings"`
				}{i.Settings.Academie, i.Calendar.Version(), openings}
				return p.print(result, func(w io.Writer) error { return writeCalendar(w, i, openings) })
			})
		},
	}
	var serie string
	var session int16
	move := &cobra.Command{
		Use:   "move --serie SÉRIE --session YEAR",
		Short: "Open a série from another exam session than planned, earlier or later",
		Long: `Open a série in the académie of this ledger from another exam session than planned, at the request of the
académie. PRO stands for every spécialité of the baccalauréat professionnel. Livrets already taken in stay.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "serie", "session"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				code, first := nomenclature.Serie(strings.ToUpper(serie)), nomenclature.SchoolYear(session)
				changed, err := i.MoveCalendar(c.Context(), operator(), code, first)
				if err != nil {
					return err
				}
				result := struct {
					Serie   nomenclature.Serie      `json:"serie"`
					First   nomenclature.SchoolYear `json:"first"`
					Changed bool                    `json:"changed"`
				}{code, first, changed}
				return p.print(result, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "série %s : livret à partir de la session %d%s\n", code, first, already(changed))
					return err
				})
			})
		},
	}
	move.Flags().StringVar(&serie, "serie", "", "`code` of the série, or PRO")
	move.Flags().Int16Var(&session, "session", 0, "calendar `year` of the first exam session")
	verb.AddCommand(show, move)
	return verb
}

// already says that an order found everything as it wished.
func already(changed bool) string {
	if changed {
		return ""
	}
	return " (c’était déjà le cas)"
}

func writeCalendar(w io.Writer, i *instance.Instance, openings []instance.Opening) error {
	academie, _ := nomenclature.AcademieByCode(i.Settings.Academie)
	fmt.Fprintf(w, "académie %s, %s ; calendrier %s\n", academie.Code, academie.Name, i.Calendar.Version())
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, o := range openings {
		first, note := "aucune session", ""
		if o.First != 0 {
			first = fmt.Sprintf("session %d", o.First)
		}
		if o.Last != 0 {
			first += fmt.Sprintf(" à %d", o.Last)
		}
		switch {
		case o.Moved() && o.Planned == 0:
			note = "ouverte par l’académie"
		case o.Moved():
			note = fmt.Sprintf("déplacée par l’académie ; prévue en %d", o.Planned)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", o.Serie, first, note)
	}
	return t.Flush()
}
