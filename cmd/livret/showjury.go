package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/projections/jury"
)

func (p *program) showJury() *cobra.Command {
	var year int
	var round string
	var atVisa bool
	var asOf asOf
	verb := &cobra.Command{
		Use:   "jury --session YEAR [NUMBER]",
		Short: "A candidate's pseudonymous dossier, or the numbers of a session",
		Long: `Show a candidate's dossier as his jury sees it, or the numbers of a session.

With --at-visa, replay what the jury was shown at each visa of its president, and say whether it has the imprint that the
visa holds. Exit code 3 if it has not, or if this program lacks the version of the view that showed it.

` + asOfHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			session := deliberation.ExamSession{Year: nomenclature.SchoolYear(year), Round: round}
			centre := access.Actor{Actor: domain.Actor{Role: access.ChefCentre}, Session: session.Year, Round: session.Round}
			when, past, err := asOf.when()
			if err != nil {
				return err
			}
			if len(args) == 0 && (past || atVisa) || past && atVisa {
				return usageError{errors.New("--at-visa or --as-of, and the number of a candidate")}
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				switch {
				case atVisa:
					return p.showAtVisas(c.Context(), i, session, args[0])
				case past:
					return p.showJuryAsOf(c.Context(), i, session, args[0], when)
				case len(args) == 0:
					list, err := i.ListJury(c.Context(), centre, session)
					if err != nil {
						return err
					}
					return p.print(list, func(w io.Writer) error { return writeCandidates(w, list) })
				}
				dossier, err := i.ShowJury(c.Context(), centre, session, args[0])
				if err != nil {
					return err
				}
				sanctions, err := i.JurySanctions(c.Context(), centre, session, args[0])
				if err != nil {
					return err
				}
				seen := instance.JurySeen{Dossier: dossier, Sanctions: sanctions}
				return p.print(seen, func(w io.Writer) error { return writeSeen(w, seen) })
			})
		},
	}
	verb.Flags().IntVar(&year, "session", 0, "calendar `year` of the exam")
	verb.Flags().StringVar(&round, "round", deliberation.Juin, "juin or septembre")
	verb.Flags().BoolVar(&atVisa, "at-visa", false, "replay what was shown at each visa of the president")
	asOf.flags(verb)
	return verb
}

// writeSeen writes all that a jury is shown of a candidate.
func writeSeen(w io.Writer, seen instance.JurySeen) error {
	for _, s := range seen.Sanctions {
		fmt.Fprintf(w, "inscription de la commission de discipline : %s, prononcée le %s\n", s.Label, s.Pronounced)
	}
	if seen.Refused != "" {
		_, err := fmt.Fprintf(w, "Candidat %s\nrien n’était montré au jury : %s\n", seen.Number, seen.Refused)
		return err
	}
	return writeDossier(w, seen.Dossier)
}

func writeCandidates(w io.Writer, list []jury.Entry) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d textes en attente\n", e.Number, e.SerieLabel, e.Avis, standingOf(e.Standing), e.Pending)
	}
	return t.Flush()
}

// standingOf says in a line how far the jury is with a candidate.
func standingOf(s jury.Standing) string {
	said := []string{"aucun livret produit"}
	if s.Supplied {
		said[0] = "livret produit"
	}
	if s.Jury != "" {
		said = append(said, "jury "+s.Jury)
	}
	for _, slot := range s.Slots {
		switch {
		case slot.Visa:
			said = append(said, slot.GroupLabel+" : visé")
		case slot.Stale:
			said = append(said, slot.GroupLabel+" : livret modifié depuis l’examen")
		case slot.Examined:
			said = append(said, slot.GroupLabel+" : examiné, non visé")
		}
		if slot.Result != nil {
			said = append(said, slot.Result.Label)
		}
	}
	return strings.Join(said, ", ")
}

func writeDossier(w io.Writer, d jury.Dossier) error {
	fmt.Fprintf(w, "Candidat %s — série %s, session de %s %d\n", d.Number, d.SerieLabel, d.Round, d.Session)
	fmt.Fprintf(w, "%s\n", standingOf(d.Standing))
	if d.Imprint != "" {
		fmt.Fprintf(w, "empreinte de ce qui est montré : %s\n", d.Imprint)
	}
	for _, y := range d.Years {
		fmt.Fprintf(w, "\n%s %s\n", y.Level, y.Label)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, g := range y.Groups {
			for _, line := range g.Lines {
				annual := ""
				if line.Annual != nil {
					annual = line.Annual.String()
				}
				text := ""
				if line.Appreciation != nil {
					text = line.Appreciation.Text
					if line.Appreciation.Pending {
						text = "(en attente de masquage)"
					}
				}
				fmt.Fprintf(t, "  %s\t%s\t%s\n", line.Label, annual, strings.ReplaceAll(text, "\n", " "))
			}
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if d.Avis != nil {
		fmt.Fprintf(w, "\nAvis : %s\n", d.Avis.Label)
	}
	return nil
}
