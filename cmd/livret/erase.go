package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

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
					if erased.Presumed > 0 {
						fmt.Fprintf(w, "%d livrets sans proclamation : leurs durées courent du 31 décembre de l’année de l’examen\n", erased.Presumed)
					}
					if erased.Held > 0 {
						fmt.Fprintf(w, "%d gels ou levées achevés\n", erased.Held)
					}
					if erased.Archived.Livrets > 0 {
						fmt.Fprintf(w, "%d livrets placés en archivage intermédiaire : %d clés\n", erased.Archived.Livrets, erased.Archived.Keys)
					}
					for _, session := range erased.Archived.NoPair {
						fmt.Fprintf(w, "session %s : aucune clé de garde ne reçoit ses clés ; ses livrets sont fermés, mais leurs clés restent au service courant (voir « livret keys »)\n", session)
					}
					fmt.Fprintf(w, "%d livrets détruits : %d clés, %d faits dont il ne reste que la preuve\n", erased.Livrets, erased.Keys, erased.Events)
					for _, lot := range erased.Lots {
						fmt.Fprintf(w, "certificat : livret retention certificate %s\n", lot)
					}
					return nil
				})
				return p.left(err, append(erased.Archived.Left, erased.Left...))
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
		switch {
		case c.Final:
			fmt.Fprintln(w, "  définitif : aucune clé d’enveloppe ni de garde ne subsiste qui ouvrirait une copie antérieure")
		default:
			fmt.Fprintln(w, "  pas encore définitif : une copie antérieure du coffre et de ce qui l’enveloppait s’ouvrirait encore (sept jours, et la destruction de la paire de garde)")
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
