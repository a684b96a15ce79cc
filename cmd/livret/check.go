package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/eventstore/ledger"
)

// checked is the whole of a check: the ledger, then each view and publication against it.
type checked struct {
	Sound  bool           `json:"sound"`
	Ledger ledger.Checked `json:"ledger"`
	Views  []replayed     `json:"views"`
	Parked int            `json:"parked"`         // streams at which a reaction waits
	Leaves int64          `json:"leaves"`         // of the tree, read again; 0: no checkpoint was ever signed
	Tree   string         `json:"tree,omitempty"` // what is wrong with it
}

func (p *program) check() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Read the whole ledger again: every seal, every sequence, every key, every view",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				var result checked
				var err error
				if result.Ledger, err = i.Ledger.Check(c.Context()); err != nil {
					return err
				}
				result.Sound = len(result.Ledger.Faults) == 0
				views, err := i.Replay(c.Context(), true)
				if err != nil {
					return err
				}
				for _, view := range views {
					result.Sound = result.Sound && view.Report.Exact()
					result.Views = append(result.Views, describe(view, true))
				}
				reactions, err := i.Reactions(c.Context())
				if err != nil {
					return err
				}
				result.Parked = parked(reactions)
				if result.Leaves, err = i.CheckTree(c.Context()); instance.Unproven(err) {
					result.Sound, result.Tree = false, err.Error()
				} else if err != nil {
					return err
				}
				recounted, err := p.recount(c.Context(), i)
				if err != nil {
					return err
				}
				for _, r := range recounted {
					result.Sound = result.Sound && r.Exact
					result.Views = append(result.Views, r)
				}
				if err := p.print(result, func(w io.Writer) error { return writeChecked(w, result) }); err != nil {
					return err
				}
				if !result.Sound {
					return errBroken
				}
				return nil
			})
		},
	}
}

func writeChecked(w io.Writer, r checked) error {
	for _, f := range r.Ledger.Faults {
		fmt.Fprintf(w, "FAULT %s: stream %s, event %d, position %s\n", f.Nature, f.Stream, f.Sequence, f.At)
	}
	fmt.Fprintf(w, "ledger: %d events in %d streams, %d keys, %d events shredded, %d in custody, %d faults\n",
		r.Ledger.Events, r.Ledger.Streams, r.Ledger.Keys, r.Ledger.Shredded, r.Ledger.Archived, len(r.Ledger.Faults))
	switch {
	case r.Tree != "":
		fmt.Fprintf(w, "FAULT tree: %s\n", r.Tree)
	case r.Leaves > 0:
		fmt.Fprintf(w, "tree: %d leaves, every checkpoint continued\n", r.Leaves)
	}
	if r.Parked > 0 {
		fmt.Fprintf(w, "reactions: %d streams parked, see «livret reactions»\n", r.Parked)
	}
	return writeReplayed(w, r.Views)
}
