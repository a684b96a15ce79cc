package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/retention"
)

func (p *program) retention() *cobra.Command {
	verb := &cobra.Command{
		Use:   "retention",
		Short: "How long livrets are kept, and how they end",
		Long: `Livrets end eight months after the proclamation of their results, unless a hold keeps them, and once a visa
allows their elimination. Their keys are destroyed then, and with them all that these keys sealed.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(p.due(), p.hold(), p.holds(), p.release(), p.visa(), p.authorise(), p.revoke(), p.versement(), p.submission(), p.receipt(), p.sanctionHolds(), p.erase(), p.certificate())
	return verb
}

// onDay reads a date, or answers the ledger's day if there is none.
func onDay(text string, i *instance.Instance) (domain.Date, error) {
	if text == "" {
		return i.Today(), nil
	}
	return parseDay(text)
}

func (p *program) due() *cobra.Command {
	var on string
	var all bool
	verb := &cobra.Command{
		Use:   "due [--on DATE] [--all]",
		Short: "What comes due by a day, what is held, what lacks a visa, and why",
		Long: `Say where livrets, sanctions and the files of holds stand on a day, by session and term. With --all, also the ids
of those that somebody may have to do something about; with --json, both.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				day, err := onDay(on, i)
				if err != nil {
					return err
				}
				docket, err := i.Due(c.Context(), operator(), day)
				if err != nil {
					return err
				}
				return p.print(docket, func(w io.Writer) error { return writeDocket(w, docket, all) })
			})
		},
	}
	verb.Flags().StringVar(&on, "on", "", "`date`; today if left out")
	verb.Flags().BoolVar(&all, "all", false, "list ids too")
	return verb
}

// standings are what is said of livrets, in the order in which they meet it.
var standings = []struct {
	standing retention.Standing
	label    string
}{
	{retention.NoClock, "sans horloge : aucune proclamation ne fixe leur échéance"},
	{retention.Current, "en service courant"},
	{retention.Leaving, "au-delà du service courant : fermé, clés à placer en archivage intermédiaire"},
	{retention.Archived, "en archivage intermédiaire"},
	{retention.OnHold, "échéance atteinte, gelé"},
	{retention.AwaitsVersement, "échéance atteinte, versement aux archives en attente d’accusé de réception"},
	{retention.VisaMissing, "échéance atteinte, visa manquant : fermé, non détruit"},
	{retention.Ready, "à détruire"},
	{retention.Requested, "destruction demandée"},
	{retention.Begun, "destruction engagée : à terminer"},
	{retention.Gone, "détruit"},
}

func labelOf(of retention.Standing) string {
	for _, s := range standings {
		if s.standing == of {
			return s.label
		}
	}
	return string(of)
}

// kept is what is kept, by the rule that ends it.
var kept = map[retention.Rule]string{
	retention.Livret: "livrets", retention.Consultations: "journaux", retention.Sanction: "sanctions",
	retention.SchoolSanction: "sanctions d’établissement", retention.HoldFile: "dossiers de gel",
	retention.RequestFile: "demandes d’archive probatoire",
}

func writeDocket(w io.Writer, d instance.Docket, all bool) error {
	fmt.Fprintf(w, "au %s :\n", d.On)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, g := range d.Groups {
		why := labelOf(g.Standing)
		if g.Presumed {
			why += " — sans proclamation connue, compté du 31 décembre"
		}
		term := "sans échéance"
		if !g.Term.IsZero() {
			term = "échéance " + g.Term.String()
		}
		fmt.Fprintf(t, "%6d %s\t%s\t%s\t%s\n", g.Count, kept[g.Kind], g.Session, term, why)
	}
	if all {
		for _, due := range d.Livrets {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", due.Livret, due.Session, due.Term, labelOf(due.Standing))
		}
	}
	for _, livret := range d.Unreadable {
		fmt.Fprintf(t, "%s\t\t\tillisible : voir « livret check »\n", livret)
	}
	return t.Flush()
}
