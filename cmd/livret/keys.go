package main

import (
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/eventstore/keyvault"
)

func (p *program) keys() *cobra.Command {
	verb := &cobra.Command{
		Use:   "keys",
		Short: "What wraps the keys: rotation, custody",
		Args:  cobra.NoArgs,
		RunE:  onlyVerbs,
	}
	rotate := &cobra.Command{
		Use:   "rotate",
		Short: "Renew the wrapping key, and destroy those that backups no longer need",
		Long: `Wrap every living key of active service under a new wrapping key, in a fresh file, and destroy the wrapping keys
that have wrapped nothing for seven days. «livret serve» does it each day.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				rotated, err := i.Rotate(c.Context(), operator())
				if err != nil {
					return err
				}
				return p.print(rotated, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "clé d’enveloppe renouvelée : époque %d\n", rotated.Began.Number)
					for _, gone := range rotated.Destroyed {
						_, err = fmt.Fprintf(w, "clé d’enveloppe détruite : époque %d, née le %s\n", gone.Number, gone.Born.Format(time.DateOnly))
					}
					return err
				})
			})
		},
	}
	status := &cobra.Command{
		Use:   "status",
		Short: "Count the keys, and tell what wraps them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				status, err := i.KeyStatus(c.Context(), operator())
				if err != nil {
					return err
				}
				return p.print(status, func(w io.Writer) error { return writeKeyStatus(w, status, i.Ledger.Now()) })
			})
		},
	}
	verb.AddCommand(rotate, status, p.custody())
	return verb
}

var keyStates = map[keyvault.State]string{
	keyvault.Active: "en service", keyvault.Archived: "archivées", keyvault.Held: "gelées",
	keyvault.Fenced: "en cours de destruction", keyvault.Shredded: "détruites",
}

func writeKeyStatus(w io.Writer, s instance.KeyStatus, now time.Time) error {
	for _, e := range s.Epochs {
		what := "gardée pour les sauvegardes"
		if e.InUse {
			what = "en usage"
		}
		fmt.Fprintf(w, "clé d’enveloppe, époque %d : %s, née le %s (%d jours)\n", e.Number, what, e.Born.Format(time.DateOnly), int(now.Sub(e.Born).Hours()/24))
	}
	for _, c := range s.Counts {
		fmt.Fprintf(w, "clés %s, %s : %d\n", c.Class, keyStates[c.State], c.Keys)
	}
	for _, pair := range s.Pairs {
		fmt.Fprintf(w, "paire de garde %s : %d clés confiées\n", pair.Name, pair.Keys)
	}
	_, err := fmt.Fprintf(w, "prochain renouvellement : %s\n", s.Due.Format(time.DateOnly))
	return err
}

func (p *program) custody() *cobra.Command {
	verb := &cobra.Command{
		Use:   "custody",
		Short: "Custody pairs: the archive of a session, or what a hold keeps",
		Args:  cobra.NoArgs,
		RunE:  onlyVerbs,
	}
	var of custodyPair
	var outs [2]string
	create := &cobra.Command{
		Use:   "create (--session YEAR | --hold ID) --out1 FOLDER --out2 FOLDER",
		Short: "Make a custody pair and hand its private half to two custodians",
		Long: `Make a custody pair. The ledger keeps the public half, which archives keys and can not open them. The private half
is written as two files, one for each custodian: both are needed to read what is archived, and neither says anything alone.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			name, err := of.name(c)
			if err == nil {
				err = needs(c, "out1", "out2")
			}
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				paths, err := i.CreatePair(c.Context(), operator(), name, outs)
				if err != nil {
					return err
				}
				result := struct {
					Pair   string    `json:"pair"`
					Shares [2]string `json:"shares"`
				}{name, paths}
				return p.print(result, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "paire de garde %s créée\n  première part : %s\n  seconde part : %s\nRemettez chaque part à son gardien ; les deux ensemble ouvrent ce qui est archivé.\n", name, paths[0], paths[1])
					return err
				})
			})
		},
	}
	of.flags(create)
	create.Flags().StringVar(&outs[0], "out1", "", "`folder` of the first custodian's share")
	create.Flags().StringVar(&outs[1], "out2", "", "`folder` of the second custodian's share")

	var gone custodyPair
	destroy := &cobra.Command{
		Use:   "destroy (--session YEAR | --hold ID)",
		Short: "Record that the custodians destroyed their shares",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			name, err := gone.name(c)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				if err := i.DestroyPair(c.Context(), operator(), name); err != nil {
					return err
				}
				return p.print(map[string]string{"pair": name}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "paire de garde %s détruite : ses deux parts ne doivent plus exister nulle part\n", name)
					return err
				})
			})
		},
	}
	gone.flags(destroy)
	verb.AddCommand(create, destroy, p.holdKeys())
	return verb
}

func (p *program) holdKeys() *cobra.Command {
	var id string
	var shares [2]string
	verb := &cobra.Command{
		Use:   "hold --hold ID --share1 FILE --share2 FILE",
		Short: "Entrust the archived keys of a hold to the pair of that hold",
		Long: `Wrap the archived keys of the livrets on which a hold stands to the pair of that hold, so that they outlive the private
half of their session. The two shares are those of the pair that the keys are archived under.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "hold", "share1", "share2"); err != nil {
				return err
			}
			hold, err := uuid.Parse(id)
			if err != nil {
				return usageError{err}
			}
			half, err := instance.ReadShares(shares)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				keys, err := i.HoldKeys(c.Context(), operator(), hold, half)
				if err != nil {
					return err
				}
				return p.print(map[string]int{"keys": keys}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%d clés confiées à la paire du gel %s\n", keys, hold)
					return err
				})
			})
		},
	}
	verb.Flags().StringVar(&id, "hold", "", "`id` of the hold")
	verb.Flags().StringVar(&shares[0], "share1", "", "first share's `file`")
	verb.Flags().StringVar(&shares[1], "share2", "", "second share's `file`")
	return verb
}

// custodyPair is the flags that name a pair: by its session, or by its hold.
type custodyPair struct {
	of   examSession
	hold string
}

func (p *custodyPair) flags(c *cobra.Command) {
	p.of.flags(c)
	c.Flags().StringVar(&p.hold, "hold", "", "`id` of a hold, instead of a session")
}

func (p *custodyPair) name(c *cobra.Command) (string, error) {
	if !c.Flags().Changed("hold") {
		return p.of.session().String(), needs(c, "session")
	}
	hold, err := uuid.Parse(p.hold)
	if err != nil || c.Flags().Changed("session") {
		return "", usageError{fmt.Errorf("--hold takes the id of a hold, and no --session beside it")}
	}
	return hold.String(), nil
}
