package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

func (p *program) cosign() *cobra.Command {
	var policy, from string
	verb := &cobra.Command{
		Use:   "cosign [--policy FILE] --cosignatures FILE|FOLDER",
		Short: "Keep what witnesses signed beside a checkpoint",
		Long: `Take in cosignatures of witnesses over checkpoints of this ledger (C2SP tlog-cosignature): a checkpoint with their
signatures on it, or signature lines alone, which are over the last one. Each is verified with the key that the policy names; one over
anything else than a checkpoint of this ledger is refused. --policy names the witnesses and their quorum (C2SP tlog-policy)
from now on; «livret checkpoint policy» prints it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "cosignatures"); err != nil {
				return err
			}
			names, err := filesOf(from)
			if err != nil {
				return usageError{err}
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				if policy != "" {
					text, err := readAtMost(policy, maxEvidence)
					if err == nil {
						err = i.NameWitnesses(operator(), text)
					}
					if err != nil {
						return err
					}
				}
				results := []instance.Cosigned{}
				for _, name := range names {
					offered, err := readAtMost(name, maxEvidence)
					if err != nil {
						return err
					}
					result, err := i.Cosign(c.Context(), operator(), offered)
					if err != nil {
						return fmt.Errorf("%s: %w", name, err)
					}
					results = append(results, result)
				}
				return p.print(results, func(w io.Writer) error { return writeCosigned(w, results) })
			})
		},
	}
	verb.Flags().StringVar(&policy, "policy", "", "witnesses and their quorum from now on, a `file`")
	verb.Flags().StringVar(&from, "cosignatures", "", "a `file`, or a folder of them")
	return verb
}

// maxEvidence bounds a file of signatures or keys.
const maxEvidence = 1 << 20

// filesOf is a file, or those of a folder.
func filesOf(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return []string{name}, err
	}
	entries, err := os.ReadDir(name)
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, filepath.Join(name, e.Name()))
		}
	}
	return names, err
}

func writeCosigned(w io.Writer, results []instance.Cosigned) error {
	for _, r := range results {
		added := "nothing new"
		if len(r.Added) > 0 {
			added = "cosigned by " + strings.Join(r.Added, ", ")
		}
		quorum := "quorum reached"
		if !r.Quorum {
			quorum = "quorum NOT reached"
		}
		fmt.Fprintf(w, "%d leaves: %s; %d by nobody known; %s\n", r.Size, added, r.Unknown, quorum)
	}
	return nil
}

func (p *program) policy() *cobra.Command {
	return &cobra.Command{
		Use:   "policy",
		Short: "Print what a verifier of this ledger is to be given: its key, its witnesses, their quorum (C2SP tlog-policy)",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				policy, err := i.Policy()
				if err != nil {
					return err
				}
				return p.print(struct {
					Policy string `json:"policy"`
				}{string(policy)}, func(w io.Writer) error {
					_, err := w.Write(policy)
					return err
				})
			})
		},
	}
}

func (p *program) publishTree() *cobra.Command {
	var out string
	verb := &cobra.Command{
		Use:   "publish --out FOLDER",
		Short: "Write what anybody may read: the last checkpoint and the hashes of the tree, never an event (C2SP tlog-tiles)",
		Long: `Sign what is new, and write the last checkpoint and the hash tiles of its tree into a folder, which a plain web server may
serve, or which was written so before: only what is new is added. «livret serve» serves the same at /tlog/. With it anybody
can check that the ledger continues a checkpoint that he kept, and who is given a fact and its proof, that it is in it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "out"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				signed, err := i.PublishTree(c.Context(), operator(), out)
				if err != nil {
					return err
				}
				return p.printChange(true, "arbre de %d faits publié dans %s", signed.Size, out)
			})
		},
	}
	verb.Flags().StringVar(&out, "out", "", "`folder` to write into")
	return verb
}
