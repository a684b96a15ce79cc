package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
)

// checked is the whole of a check.
type checked struct {
	instance.Audited
	Views  []replayed `json:"views"`
	Parked int        `json:"parked"` // streams at which a reaction waits
}

func (p *program) check() *cobra.Command {
	var audit instance.Audit
	var share, seed string
	var kept []string
	verb := &cobra.Command{
		Use:   "check [--subset SHARE] [--resume]",
		Short: "Read the whole state again: every seal, sequence, key, checkpoint and view",
		Long: `Read everything that this ledger is made of, and list each fault with its nature, its position and its stream: the
log, each key against what is recorded of its life, the tree with all checkpoints and timestamps, and each view and
publication against the ledger. Nothing is mended. The natures are explained in docs/check.md; the exit code is 3 if
there is any fault.

--resume goes on with a check that was interrupted. What that one had opened is read again and opened only if it
changed since, which is a fault by itself.

--subset 10% opens the contents, and compares the rows of views, of a tenth of the streams, drawn anew each time;
--seed, which is printed, draws the same again. Order, sequences, headers, leaves, keys and the tree are always
read whole. What was not opened is counted: nothing is said of it.

--checkpoint holds the ledger to a checkpoint that you kept elsewhere, and --key to the public key that you were
given, in place of the one in this folder: only these show that the whole folder was put in the place of another.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if share != "" {
				if audit.Percent, err = ledger.ParseShare(share); err != nil {
					return usageError{err}
				}
			}
			if seed != "" {
				audit.Seed = new(ledger.Seed)
				if err := audit.Seed.UnmarshalText([]byte(seed)); err != nil || share == "" {
					return usageError{ledger.ErrSubset}
				}
			}
			for _, path := range kept {
				text, err := os.ReadFile(path)
				if err != nil {
					return usageError{err}
				}
				audit.Kept = append(audit.Kept, merkle.Kept{Name: path, Note: text})
			}
			i, err := p.open(c.Context(), instance.Options{Audit: true})
			if errors.Is(err, eventstore.ErrCorrupt) || errors.Is(err, keyvault.ErrCorrupt) {
				return p.unopened(err)
			}
			if err != nil {
				return err
			}
			shown := p.progress("events", 0)
			audit.Saw = func(what string, done, all int) {
				if what == shown.what {
					shown.reached(done, all)
				}
			}
			result, err := p.audited(c, i, audit)
			shown.done()
			if err := errors.Join(err, i.Close()); err != nil {
				return err
			}
			if err := p.print(result, func(w io.Writer) error { return writeChecked(w, result) }); err != nil {
				return err
			}
			if !result.Sound {
				return errBroken
			}
			return nil
		},
	}
	flags := verb.Flags()
	flags.BoolVar(&audit.Resume, "resume", false, "go on with a check that was interrupted")
	flags.StringVar(&share, "subset", "", "open a `share` of the streams only, as 10%")
	flags.StringVar(&seed, "seed", "", "draw the same subset again, by the `digits` that were printed")
	flags.StringArrayVar(&kept, "checkpoint", nil, "`file` of a checkpoint kept elsewhere, which the ledger must continue")
	flags.StringArrayVar(&audit.Keys, "key", nil, "public `key` of checkpoints, as «livret checkpoint --key» printed it once")
	return verb
}

func (p *program) audited(c *cobra.Command, i *instance.Instance, audit instance.Audit) (checked, error) {
	done, err := i.Check(c.Context(), audit)
	result := checked{Audited: done, Views: []replayed{}}
	if err != nil {
		if errors.Is(err, instance.ErrUsage) {
			err = usageError{err}
		}
		return result, err
	}
	for _, view := range done.Views {
		result.Views = append(result.Views, describe(view, true))
	}
	for n := range done.Counted {
		result.Views = append(result.Views, counted(&done.Counted[n]))
	}
	reactions, err := i.Reactions(c.Context())
	if errors.Is(err, eventstore.ErrCorrupt) {
		return result, nil
	}
	result.Parked = parked(reactions)
	return result, err
}

// unopened reports a folder of which a file is damaged so much that nothing in it can be read.
func (p *program) unopened(err error) error {
	result := checked{Audited: instance.Audited{Faults: []ledger.Fault{{Nature: ledger.FaultDamaged, Detail: err.Error()}}}, Views: []replayed{}}
	if err := p.print(result, func(w io.Writer) error { return writeFaults(w, result.Faults) }); err != nil {
		return err
	}
	return errBroken
}

func writeFaults(w io.Writer, faults []ledger.Fault) error {
	for _, f := range faults {
		fmt.Fprintf(w, "FAULT %s:", f.Nature)
		for _, part := range []struct {
			name  string
			value any
			said  bool
		}{
			{"event", f.Event, f.Event > 0 && f.Through <= f.Event},
			{"events", fmt.Sprintf("%d to %d", f.Event, f.Through), f.Through > f.Event},
			{"stream", f.Stream, f.Stream != ""}, {"sequence", f.Sequence, f.Sequence > 0}, {"view", f.View, f.View != ""},
			{"key", f.Key, f.Key != [16]byte{}}, {"file", f.File, f.File != ""}, {"position", f.Position, f.Position != ""}, {"", f.Detail, f.Detail != ""},
		} {
			if part.said {
				fmt.Fprintf(w, " %s %v", part.name, part.value)
			}
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return nil
}

func writeChecked(w io.Writer, r checked) error {
	if err := writeFaults(w, r.Faults); err != nil {
		return err
	}
	l := r.Ledger
	fmt.Fprintf(w, "ledger: %d events in %d streams, %d keys, %d events shredded, %d in custody, %d faults\n", l.Events, l.Streams, l.Keys, l.Shredded, l.Archived, len(r.Faults))
	if l.Resumed > 0 {
		fmt.Fprintf(w, "resumed: %d events were opened before, and are the same\n", l.Resumed)
	}
	if r.Tree.Leaves > 0 {
		fmt.Fprintf(w, "tree: %d leaves, %d checkpoints, %d timestamps\n", r.Tree.Leaves, r.Tree.Checkpoints, r.Tree.Timestamps)
	} else {
		fmt.Fprintln(w, "tree: none, no checkpoint was ever signed: whoever has the keys could have written all this anew")
	}
	if r.Again > 0 {
		fmt.Fprintf(w, "keys: %d were destroyed again by a restore, their destruction is not in this log\n", r.Again)
	}
	if r.Parked > 0 {
		fmt.Fprintf(w, "reactions: %d streams parked, see «livret reactions»\n", r.Parked)
	}
	if err := writeReplayed(w, r.Views); err != nil {
		return err
	}
	if r.Subset != nil {
		seed, _ := r.Subset.Seed.MarshalText()
		_, err := fmt.Fprintf(w, "SUBSET of %g %% (--seed %s): %d contents opened, %d not: nothing is said of these, nor of the rows of their streams\n", r.Subset.Percent, seed, l.Opened, l.Unopened)
		return err
	}
	return nil
}
