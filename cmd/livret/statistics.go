package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// statistician acts as the agent of the académie's statistical service, whom the law names.
func statistician(i *instance.Instance) access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.Statisticien}, Academie: i.Settings.Academie}
}

func (p *program) statistics() *cobra.Command {
	verb := &cobra.Command{Use: "statistics", Short: "Publish the statistics of an exam session", Args: cobra.ArbitraryArgs, RunE: onlyVerbs}
	var year, threshold int
	publish := &cobra.Command{
		Use:   "publish --session YEAR",
		Short: "Compute the tables of the catalogue, withhold what could point at a pupil, and freeze them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			policy, err := statistics.NewPolicy(threshold)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				if err := i.CatchUp(c.Context()); err != nil {
					return err
				}
				published, err := i.Publish(c.Context(), statistician(i), nomenclature.SchoolYear(year), policy)
				if err != nil {
					return err
				}
				return p.print(published, func(w io.Writer) error { return writePublication(w, published) })
			})
		},
	}
	publish.Flags().IntVar(&year, "session", 0, "calendar `year` of the exam")
	publish.Flags().IntVar(&threshold, "threshold", statistics.DefaultThreshold, "fewest `pupils` a cell may count; never under 5")
	verb.AddCommand(publish, p.freeze(), p.exportStatistics(), p.serviceKey(), p.merge())
	return verb
}

func (p *program) freeze() *cobra.Command {
	var of examSession
	verb := &cobra.Command{
		Use:   "freeze --session YEAR [--round juin|septembre]",
		Short: "Freeze what the livrets of a proclaimed session add up to, before their keys leave active service",
		Long: `Freeze the sums of the livrets of a proclaimed session, sealed under the key of the session, and publish the
tables that follow from them. What is frozen outlives the livrets. A livret that is frozen stays as it was then, and
is never counted twice: the verb may be repeated. «livret retention run» does it before it destroys anything.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				added, err := i.FreezeStatistics(c.Context(), of.session())
				if err != nil {
					return err
				}
				result := struct {
					Session string `json:"session"`
					Frozen  int    `json:"frozen"` // livrets, by this run
				}{of.session().String(), added}
				return p.print(result, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "session %s : %d livrets figés\n", result.Session, added)
					return err
				})
			})
		},
	}
	of.flags(verb)
	return verb
}

func (p *program) showStatistics() *cobra.Command {
	var year int
	var on string
	var document bool
	var asOf asOf
	verb := &cobra.Command{
		Use:   "statistics --session YEAR",
		Short: "The publication of a session in force on a day",
		Long: `Show the publication of a session in force: nothing is counted again.

` + asOfHelp,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			when, past, err := asOf.when()
			if err == nil && past && (on != "" || document) {
				err = usageError{errors.New("--as-of goes with neither --on nor --document")}
			}
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				if past {
					return p.showStatisticsAsOf(c.Context(), i, nomenclature.SchoolYear(year), when)
				}
				day := i.Today()
				if on != "" {
					var err error
					if day, err = parseDay(on); err != nil {
						return err
					}
				}
				publication, err := i.Statistics(c.Context(), statistician(i), nomenclature.SchoolYear(year), day)
				if err != nil {
					return err
				}
				if document {
					kept, err := publication.Document()
					if err != nil {
						return err
					}
					_, err = p.out.Write(kept)
					return err
				}
				return p.print(publication, func(w io.Writer) error { return writePublication(w, publication) })
			})
		},
	}
	verb.Flags().IntVar(&year, "session", 0, "calendar `year` of the exam")
	verb.Flags().BoolVar(&document, "document", false, "print the document itself, of which the SHA-256 is given")
	verb.Flags().StringVar(&on, "on", "", "`day`, as 2018-07-10; today if empty")
	asOf.flags(verb)
	return verb
}

// writeOutcomes writes a table of results or of orientations.
func writeOutcomes(w io.Writer, table string, rows []statistics.OutcomeRow) {
	for _, r := range rows {
		serie := cmp.Or(string(r.Serie), "toutes séries")
		if r.Withheld {
			fmt.Fprintf(w, "%s\t%s\t%s\tsecret statistique\n", table, serie, r.Label)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d élèves", table, serie, r.Label, r.Count)
		for _, s := range r.Distribution {
			fmt.Fprintf(w, "\t%s : %d", s.Label, s.Count)
		}
		fmt.Fprintln(w)
	}
}

func writePublication(w io.Writer, p statistics.Publication) error {
	if p.Ledgers > 0 {
		fmt.Fprintf(w, "Tableaux de %d registres\n", p.Ledgers)
	}
	fmt.Fprintf(w, "Session %d, publication n° %d du %s ; seuil : %d élèves\nsha256 %s\n\n", p.Session, p.Number, p.Dated, p.Threshold, p.Digest())
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range p.Marks {
		serie := cmp.Or(string(r.Serie), "toutes séries")
		if r.Withheld {
			fmt.Fprintf(t, "%s\t%s\t%s\tsecret statistique\n", r.Year.Label(), serie, r.Label)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d élèves\tmoyenne %s\técart type %d,%02d\n", r.Year.Label(), serie, r.Label, r.Count, r.Mean, r.Deviation/100, r.Deviation%100)
	}
	writeOutcomes(t, "résultats", p.Results)
	writeOutcomes(t, "orientations", p.Orientations)
	return t.Flush()
}
