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

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/projections/family"
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
	var asOf asOf
	verb := &cobra.Command{
		Use:   "family [LIVRET]",
		Short: "A whole livret; or with --school and --year, the list of those of a school or division",
		Long: `Show a whole livret, or a list.

` + asOfHelp,
		Args: cobra.MaximumNArgs(1),
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
			when, past, err := asOf.when()
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
				if livret != uuid.Nil && past {
					return p.showFamilyAsOf(c.Context(), i, livret, when)
				}
				if past {
					return usageError{errors.New("a list is shown as it is now: give a livret, or --pupil, with --as-of")}
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
	asOf.flags(verb)
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
				lines, err := i.Consultations(c.Context(), auditor(i), livret)
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
