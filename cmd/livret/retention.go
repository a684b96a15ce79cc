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
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
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
	verb.AddCommand(p.due(), p.hold(), p.release(), p.visa(), p.erase(), p.certificate())
	return verb
}

// onDay reads a date, or answers the ledger's day if there is none.
func onDay(text string, i *instance.Instance) (domain.Date, error) {
	if text == "" {
		return i.Today(), nil
	}
	day, err := domain.ParseDate(text)
	if err != nil {
		return day, usageError{err}
	}
	return day, nil
}

func (p *program) due() *cobra.Command {
	var on string
	verb := &cobra.Command{
		Use:   "due [--on DATE]",
		Short: "What comes due by a day, what is held, what lacks a visa",
		Args:  cobra.NoArgs,
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
				return p.print(docket, func(w io.Writer) error { return writeDocket(w, docket) })
			})
		},
	}
	verb.Flags().StringVar(&on, "on", "", "`date`; today if left out")
	return verb
}

// standings are what is said of livrets, in the order in which they meet it.
var standings = []struct {
	standing retention.Standing
	label    string
}{
	{retention.NoClock, "sans horloge : aucune proclamation ne fixe leur échéance"},
	{retention.Current, "en service courant"},
	{retention.Archivable, "au-delà du service courant : à archiver (l’accès n’est pas encore restreint)"},
	{retention.OnHold, "échéance atteinte, gelé"},
	{retention.VisaMissing, "échéance atteinte, visa manquant"},
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

func writeDocket(w io.Writer, d instance.Docket) error {
	fmt.Fprintf(w, "au %s :\n", d.On)
	for _, s := range standings {
		if n := d.Counts[s.standing]; n > 0 {
			fmt.Fprintf(w, "%6d  %s\n", n, s.label)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, due := range d.Livrets {
		if due.Standing != retention.NoClock { // most of a school before the exam: counted above, listed in JSON
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", due.Livret, due.Session, due.Term, labelOf(due.Standing))
		}
	}
	for _, livret := range d.Unreadable {
		fmt.Fprintf(t, "%s\t\t\tillisible : voir « livret check »\n", livret)
	}
	return t.Flush()
}

func (p *program) hold() *cobra.Command {
	var of examSession
	var id string
	verb := &cobra.Command{
		Use:   "hold [--hold ID] LIVRET… | --session YEAR",
		Short: "Keep livrets beyond their term, as long as a procedure lasts",
		Long: `Keep livrets and the log of who read them beyond their term. A random id is drawn for the hold: note it in the
register of recours, since the ledger keeps neither who asked nor why. With --hold, an interrupted one goes on.
A destruction that was requested is cancelled; one that has begun is not, and the livret is listed as refused.`,
		RunE: func(c *cobra.Command, args []string) error {
			hold, scope := uuid.New(), instance.Scope{Session: of.session()}
			for _, arg := range args {
				livret, err := parseLivret(arg)
				if err != nil {
					return err
				}
				scope.Livrets = append(scope.Livrets, livret)
			}
			if (len(args) == 0) == (of.year == 0) {
				return usageError{fmt.Errorf("give livrets, or --session")}
			}
			if id != "" {
				var err error
				if hold, err = parseHold(id); err != nil {
					return err
				}
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				stands, err := i.PlaceHold(c.Context(), operator(), hold, scope)
				if err != nil {
					return err
				}
				return p.stands("gel "+hold.String(), "posé", hold.String(), stands)
			})
		},
	}
	of.flags(verb)
	verb.Flags().StringVar(&id, "hold", "", "`id` of a hold to go on with")
	return verb
}

func parseHold(text string) (uuid.UUID, error) {
	hold, err := uuid.Parse(text)
	if err != nil {
		return hold, usageError{fmt.Errorf("a hold is named by its UUID")}
	}
	return hold, nil
}

func (p *program) release() *cobra.Command {
	return &cobra.Command{
		Use:   "release HOLD",
		Short: "End a hold wherever it stands",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			hold, err := parseHold(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				stands, err := i.ReleaseHold(c.Context(), operator(), hold)
				if err != nil {
					return err
				}
				return p.stands("gel "+hold.String(), "levé", hold.String(), stands)
			})
		},
	}
}

func (p *program) visa() *cobra.Command {
	var of examSession
	var reference string
	verb := &cobra.Command{
		Use:   "visa --reference NUMBER --session YEAR",
		Short: "Record the visa that allows the elimination of a session's livrets",
		Long: `Record that the person in charge of the State's control over archives allows the elimination (Code du patrimoine,
art. R. 212-14). It covers the livrets whose term counts from the proclamation of that session, as they are now.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "reference", "session"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				stands, err := i.GiveVisa(c.Context(), operator(), reference, of.session())
				if err != nil {
					return err
				}
				return p.stands("visa "+reference, "enregistré", reference, stands)
			})
		},
	}
	of.flags(verb)
	verb.Flags().StringVar(&reference, "reference", "", "`number` of the bordereau d’élimination")
	return verb
}

// stands says where something stands, and where it was refused.
func (p *program) stands(what, done, reference string, s instance.Stands) error {
	result := struct {
		Reference string `json:"reference"`
		instance.Stands
	}{reference, s}
	err := p.print(result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s : %s dans %d livrets, dont %d à l’instant\n", what, done, s.Livrets, s.Changed)
		return err
	})
	return p.left(err, s.Left)
}

// left lists the livrets that something was refused for.
func (p *program) left(err error, left []ledger.Left) error {
	if err != nil || len(left) == 0 {
		return err
	}
	for _, l := range left {
		fmt.Fprintf(p.err, "refusé : %s — %s [%s] %s\n", l.Livret, l.Reason, l.Rule, l.Remedy)
	}
	return errPartly
}

func (p *program) erase() *cobra.Command {
	var on string
	verb := &cobra.Command{
		Use:   "run [--on DATE]",
		Short: "Destroy the keys of livrets whose term is reached, under no hold, with a visa",
		Long: `Destroy the keys of livrets whose term is reached on a day, which must have come, that no hold keeps and whose
elimination a visa allows; then take what they sealed out of the log and the views. Interrupted anywhere, running
it again finishes the work first.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				day, err := onDay(on, i)
				if err != nil {
					return err
				}
				erased, err := i.Erase(c.Context(), operator(), day)
				if err != nil {
					return err
				}
				err = p.print(erased, func(w io.Writer) error {
					fmt.Fprintf(w, "%d livrets détruits : %d clés, %d faits dont il ne reste que la preuve\n", erased.Livrets, erased.Keys, erased.Events)
					for _, lot := range erased.Lots {
						fmt.Fprintf(w, "certificat : livret retention certificate %s\n", lot)
					}
					return nil
				})
				return p.left(err, erased.Left)
			})
		},
	}
	verb.Flags().StringVar(&on, "on", "", "`date`; today if left out")
	return verb
}

func (p *program) certificate() *cobra.Command {
	return &cobra.Command{
		Use:   "certificate [LOT]",
		Short: "The certificates of destruction, compared with what is recorded of each livret",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				all, err := i.Certificates(c.Context(), operator())
				if err != nil {
					return err
				}
				shown := []instance.Certificate{}
				sound := true
				for _, certificate := range all {
					if len(args) == 0 || args[0] == certificate.Lot.String() {
						shown, sound = append(shown, certificate), sound && certificate.Holds
					}
				}
				if len(args) == 1 && len(shown) == 0 {
					return instance.ErrNotFound
				}
				err = p.print(shown, func(w io.Writer) error { return writeCertificates(w, shown) })
				if err == nil && !sound {
					return errBroken
				}
				return err
			})
		},
	}
}

// proof says beside the error of a livret that was destroyed with which lot it was, and under which visa.
func (p *program) proof(ctx context.Context, i *instance.Instance, livret uuid.UUID, err error) error {
	if !errors.Is(err, keyvault.ErrShredded) {
		return err
	}
	proofs, failed := i.ProofOf(ctx, livret)
	for _, proof := range proofs {
		p.note("livret détruit : lot %s, visa %s (livret retention certificate %[1]s)", proof.Lot, proof.Visa)
	}
	return errors.Join(err, failed)
}

// limits are what a certificate says that it does not cover.
var limits = map[string]string{
	retention.LimitSoftwareKEK: "la clé d’enveloppe est logicielle et n’a pas été renouvelée : une copie du coffre faite auparavant, avec cette clé, s’ouvre encore",
	retention.LimitBackups:     "les sauvegardes antérieures ne sont pas couvertes",
}

func writeCertificates(w io.Writer, all []instance.Certificate) error {
	for _, c := range all {
		fmt.Fprintf(w, "Certificat de destruction — lot %s\n  daté du %s, sous visa %s (arrêté du 8 février 2016, art. 9 ; Code du patrimoine, art. R. 212-14)\n",
			c.Lot, c.Dated, strings.Join(c.Visas, ", "))
		fmt.Fprintf(w, "  %d livrets, %d clés détruites, %d faits dont il ne reste que l’en-tête, l’engagement et l’empreinte\n  empreinte du lot : %s\n",
			c.Livrets, c.Keys, c.Events, c.Digest)
		for _, limit := range c.Limits {
			fmt.Fprintf(w, "  réserve : %s\n", limits[limit])
		}
		holds := "conforme à ce qui est inscrit pour chaque livret"
		if !c.Holds {
			holds = "NON CONFORME à ce qui est inscrit pour chaque livret"
		}
		if _, err := fmt.Fprintf(w, "  %s\n", holds); err != nil {
			return err
		}
	}
	return nil
}
