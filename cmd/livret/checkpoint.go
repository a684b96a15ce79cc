package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/eventstore/merkle/timestamp"
)

// configured is what --timestamp stands for without an address.
const configured = "configured"

func (p *program) checkpoint() *cobra.Command {
	var key bool
	var dated string
	verb := &cobra.Command{
		Use:   "checkpoint [--timestamp[=URL]] [--key]",
		Short: "Sign the state of the ledger, so that nothing in it can be changed unseen",
		Long: `Add what is new to the Merkle tree of the ledger (RFC 6962), sign its root, and print the signed checkpoint (C2SP
tlog-checkpoint). Whoever keeps one can be shown later that the ledger continues it: keep a copy on another machine.
It is refused when the log is not the continuation of the last one, as after an older folder was put in its place.
With --timestamp, the ledger's authority dates it besides (RFC 3161), and what it answers is recorded in the ledger.
With --key, print the public half of the key instead: what a verifier is to be given.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				if key {
					return p.printKey(i)
				}
				if dated == "" {
					return p.printCheckpoint(c.Context(), i, nil)
				}
				stamp, err := i.Timestamp(c.Context(), operator(), strings.TrimPrefix(dated, configured))
				if err != nil {
					return err
				}
				return p.printCheckpoint(c.Context(), i, &stamp)
			})
		},
	}
	verb.Flags().BoolVar(&key, "key", false, "print the public key instead")
	verb.Flags().StringVar(&dated, "timestamp", "", "have the ledger's authority date it, or that of another `address` under the same roots")
	verb.Flags().Lookup("timestamp").NoOptDefVal = configured
	verb.AddCommand(p.nameAuthority(), p.cosign(), p.policy(), p.publishTree())
	return verb
}

// printCheckpoint signs what is new, and prints it.
func (p *program) printCheckpoint(ctx context.Context, i *instance.Instance, stamp *timestamp.Stamp) error {
	signed, note, err := i.Checkpoint(ctx, operator())
	if err != nil {
		return err
	}
	result := struct {
		Size  int64            `json:"size"`
		Root  string           `json:"root"`
		Time  time.Time        `json:"time"`
		Note  string           `json:"note"`
		Stamp *timestamp.Stamp `json:"timestamp,omitempty"`
	}{signed.Size, signed.Root.String(), signed.Time, string(note), stamp}
	if stamp != nil {
		p.note("dated %s by %s, and recorded", stamp.Time.Format(time.RFC3339), stamp.Authority)
	}
	return p.print(result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s", note)
		return err
	})
}

func (p *program) nameAuthority() *cobra.Command {
	var a instance.Authority
	var roots string
	verb := &cobra.Command{
		Use:   "authority --url URL --roots FILE",
		Short: "Name the time-stamping authority that dates checkpoints, each day while «livret serve» runs",
		Long: `Name the time-stamping authority (RFC 3161) of this ledger, and the root certificates (PEM) that its own leads to. It
learns a digest a day and nothing else. When another one is named, the roots of the former are kept.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "url", "roots"); err != nil {
				return err
			}
			pem, err := os.ReadFile(roots)
			if err != nil {
				return usageError{err}
			}
			a.Roots = string(pem)
			return p.with(c.Context(), func(i *instance.Instance) error {
				if err := i.NameAuthority(operator(), a); err != nil {
					return err
				}
				return p.printChange(true, "autorité d’horodatage : %s", a.URL)
			})
		},
	}
	verb.Flags().StringVar(&a.URL, "url", "", "`address` of the authority")
	verb.Flags().StringVar(&roots, "roots", "", "root certificates, a `file` in PEM")
	return verb
}

func (p *program) printKey(i *instance.Instance) error {
	public, err := i.CheckpointKey()
	if err != nil {
		return err
	}
	return p.print(struct {
		Key string `json:"key"`
	}{public}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, public)
		return err
	})
}
