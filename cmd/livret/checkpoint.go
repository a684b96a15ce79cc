package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

func (p *program) checkpoint() *cobra.Command {
	var key bool
	verb := &cobra.Command{
		Use:   "checkpoint [--key]",
		Short: "Sign the state of the ledger, so that nothing in it can be changed unseen",
		Long: `Add what is new to the Merkle tree of the ledger (RFC 6962), sign its root, and print the signed checkpoint (C2SP
tlog-checkpoint). Whoever keeps one can be shown later that the ledger continues it: keep a copy on another machine.
It is refused when the log is not the continuation of the last one, as after an older folder was put in its place.
With --key, print the public half of the key instead: what a verifier is to be given.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				if key {
					return p.printKey(i)
				}
				signed, note, err := i.Checkpoint(c.Context(), operator())
				if err != nil {
					return err
				}
				result := struct {
					Size int64     `json:"size"`
					Root string    `json:"root"`
					Time time.Time `json:"time"`
					Note string    `json:"note"`
				}{signed.Size, signed.Root.String(), signed.Time, string(note)}
				return p.print(result, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s", note)
					return err
				})
			})
		},
	}
	verb.Flags().BoolVar(&key, "key", false, "print the public key instead")
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
