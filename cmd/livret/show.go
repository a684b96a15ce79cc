package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/chronicle"
	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/projections/family"
	"livret/projections/jury"
)

func (p *program) show() *cobra.Command {
	verb := &cobra.Command{
		Use:   "show",
		Short: "Show what a family, a jury, a statistician or an auditor sees",
		Long: `Show one of the views. Whoever runs this holds the data folder and its keys: each view is shown as to the
person it is meant for (the head of school, the head of a deliberation centre, the statistician, an auditor), by the same
rules as on the pages.`,
		Args: cobra.ArbitraryArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(p.showFamily(), p.showJury(), p.showStatistics(), p.showHistory(), p.showConsultations(), p.showCompleteness())
	return verb
}

// with opens the folder, does one thing and closes it.
func (p *program) with(ctx context.Context, do func(*instance.Instance) error) error {
	i, err := p.open(ctx, instance.Options{})
	if err != nil {
		return err
	}
	return p.close(ctx, i, do(i))
}

func (p *program) showFamily() *cobra.Command {
	var school, division string
	var year int
	var pupil uint64
	verb := &cobra.Command{
		Use:   "family [LIVRET]",
		Short: "A whole livret; or with --school and --year, the list of those of a school or division",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var livret uuid.UUID
			var err error
			switch {
			case len(args) == 1:
				livret, err = parseLivret(args[0])
			case school == "" || year == 0:
				err = usageError{errors.New("give a livret, or --school and --year, and perhaps --division or --pupil")}
			}
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				head, at := head(school), nomenclature.SchoolYear(year)
				if pupil != 0 {
					if livret, err = i.FindPupil(c.Context(), head.UAI, pupil, at); err != nil {
						return err
					}
				}
				if livret != uuid.Nil {
					return p.showLivret(c.Context(), i, livret)
				}
				list, err := i.Pupils(c.Context(), head, at, division)
				if err != nil {
					return err
				}
				return p.print(list, func(w io.Writer) error { return writeList(w, list) })
			})
		},
	}
	flags := verb.Flags()
	flags.StringVar(&school, "school", "", "`UAI` of a school")
	flags.IntVar(&year, "year", 0, "school `year`, by that of its September")
	flags.StringVar(&division, "division", "", "`division` of the school")
	flags.Uint64Var(&pupil, "pupil", 0, "SIECLE `id` of a pupil of the school")
	return verb
}

func parseLivret(text string) (uuid.UUID, error) {
	livret, err := uuid.Parse(text)
	if err != nil {
		return livret, usageError{errors.New("a livret is named by its UUID")}
	}
	return livret, nil
}

// head acts as the head of a school: who runs the program on the machine does so at his request.
func head(school string) access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement}, UAI: nomenclature.UAI(strings.ToUpper(school))}
}

func (p *program) showLivret(ctx context.Context, i *instance.Instance, livret uuid.UUID) error {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return p.proof(ctx, i, livret, err)
	}
	if on.Session == 0 {
		return instance.ErrNotFound
	}
	shown, err := i.ShowFamily(ctx, head(string(on.UAI)), livret)
	if err != nil {
		return err
	}
	return p.print(shown, func(w io.Writer) error { return writeLivret(w, shown) })
}

func writeList(w io.Writer, list []family.Entry) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\n", e.Division, e.ListName, e.Livret)
	}
	return t.Flush()
}

func writeLivret(w io.Writer, l family.Livret) error {
	name := l.Pupil.FamilyName
	if l.Pupil.UsageName != "" {
		name = l.Pupil.UsageName
	}
	fmt.Fprintf(w, "%s %s — série %s, session %d\n", strings.Join(l.Pupil.FirstNames, " "), name, l.SerieLabel, l.Session)
	for _, y := range l.Years {
		fmt.Fprintf(w, "\n%s\n", y.Label)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, g := range y.Groups {
			for _, line := range g.Lines {
				fmt.Fprintf(t, "  %s", line.Label)
				for n := range y.Periods {
					shown := ""
					if int(n) < len(line.Periods) && line.Periods[n] != nil {
						shown = line.Periods[n].Shown
					}
					fmt.Fprintf(t, "\t%s", shown)
				}
				annual := ""
				if line.Annual != nil {
					annual = line.Annual.Shown
				}
				fmt.Fprintf(t, "\t%s\t", annual)
				if line.Appreciation != nil {
					fmt.Fprint(t, strings.ReplaceAll(line.Appreciation.Text, "\n", " "))
				}
				fmt.Fprintln(t)
			}
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if l.Avis != nil {
		fmt.Fprintf(w, "\nAvis : %s\n", l.Avis.Label)
	}
	return nil
}

func (p *program) showJury() *cobra.Command {
	var year int
	var round string
	verb := &cobra.Command{
		Use:   "jury --session YEAR [NUMBER]",
		Short: "A candidate's pseudonymous dossier, or the numbers of a session",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			session := deliberation.ExamSession{Year: nomenclature.SchoolYear(year), Round: round}
			centre := access.Actor{Actor: domain.Actor{Role: access.ChefCentre}, Session: session.Year, Round: session.Round}
			return p.with(c.Context(), func(i *instance.Instance) error {
				if len(args) == 0 {
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
				shown := struct {
					jury.Dossier
					Sanctions []jury.Sanction `json:"sanctions,omitempty"`
				}{dossier, sanctions}
				return p.print(shown, func(w io.Writer) error {
					for _, s := range sanctions {
						fmt.Fprintf(w, "inscription de la commission de discipline : %s, prononcée le %s\n", s.Label, s.Pronounced)
					}
					return writeDossier(w, dossier)
				})
			})
		},
	}
	verb.Flags().IntVar(&year, "session", 0, "calendar `year` of the exam")
	verb.Flags().StringVar(&round, "round", deliberation.Juin, "juin or septembre")
	return verb
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

func (p *program) showHistory() *cobra.Command {
	return &cobra.Command{
		Use:   "history LIVRET",
		Short: "Every fact of a livret: which, who, when, from what command",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			livret, err := parseLivret(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				auditor := access.Actor{Actor: domain.Actor{Role: access.Auditeur}, Academie: i.Settings.Academie}
				lines, err := i.History(c.Context(), auditor, livret)
				if err != nil {
					return err
				}
				if err := p.print(lines, func(w io.Writer) error { return writeHistory(w, lines) }); err != nil {
					return err
				}
				for _, line := range lines {
					if line.State == ledger.Shredded {
						return keyvault.ErrShredded
					}
				}
				return nil
			})
		},
	}
}

func writeHistory(w io.Writer, lines []chronicle.Line) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		said := l.What
		switch {
		case l.State != ledger.Readable:
			said = "(" + string(l.State) + ")"
		case l.From != "" && l.To != "":
			said += " : " + l.From + " → " + l.To
		case l.To != "":
			said += " : " + l.To
		}
		if l.Reason != "" {
			said += " (" + l.Reason + ")"
		}
		fmt.Fprintf(t, "%s %d\t%s\t%s\t%s\t%s\n", l.Stream, l.Sequence, l.RecordedAt.Format("2006-01-02 15:04:05"), l.RoleLabel, l.Type, strings.ReplaceAll(said, "\n", " "))
	}
	return t.Flush()
}

func (p *program) showConsultations() *cobra.Command {
	return &cobra.Command{
		Use:   "consultations LIVRET",
		Short: "Who read a livret on the pages or by the API, and when",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			livret, err := parseLivret(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				auditor := access.Actor{Actor: domain.Actor{Role: access.Auditeur}, Academie: i.Settings.Academie}
				lines, err := i.Consultations(c.Context(), auditor, livret)
				if err != nil {
					return p.proof(c.Context(), i, livret, err)
				}
				return p.print(lines, func(w io.Writer) error {
					fmt.Fprintf(w, "consultations : %d\n", len(lines))
					t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
					for _, line := range lines {
						fmt.Fprintf(t, "%s\t%s\t%s\n", line.At.Format("2006-01-02 15:04:05"), line.RoleLabel, line.Who)
					}
					return t.Flush()
				})
			})
		},
	}
}
