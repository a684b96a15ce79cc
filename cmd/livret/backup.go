package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

func (p *program) backup() *cobra.Command {
	var out string
	verb := &cobra.Command{
		Use:   "backup --out FOLDER",
		Short: "Write a backup: the log, the keys and what wraps them, as three sets",
		Long: `Write three sets into a folder that is empty or not there yet: log, keys, keks. Keep them in three places; the last
one, the wrapping key, for seven days and no longer.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "out"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				set, err := i.Backup(c.Context(), operator(), out)
				if err != nil {
					return err
				}
				return p.print(set, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "sauvegarde %s écrite dans %s : log, keys et keks, à garder en trois lieux\n", set.Backup, out)
					return err
				})
			})
		},
	}
	verb.Flags().StringVar(&out, "out", "", "`folder` to write into")
	return verb
}

func (p *program) restore() *cobra.Command {
	var r instance.Restoration
	verb := &cobra.Command{
		Use:   "restore --from FOLDER --data NEW --destructions FILE",
		Short: "Make a data folder of a backup, with everything destroyed since destroyed in it",
		Long: `Make a data folder of a backup. Before anything can be opened, every destruction that the log or a register of
destructions knows is done again: give the newest register that is left, the file keys/destructions of the lost machine. If
none is left, say so (--destructions-lost): only what the backup knows is destroyed again, whatever was destroyed since is back.
A backup whose wrapping key was destroyed does not open any more.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "from"); err != nil {
				return err
			}
			if r.Destructions != "" && r.RegisterLost {
				return usageError{errors.New("a register that is given is not lost")}
			}
			r.To, r.Anchor = p.data, p.anchor
			restored, err := instance.Restore(c.Context(), operator(), r)
			if err != nil {
				return err
			}
			return p.print(restored, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "registre %s restauré dans %s, tel qu’il était le %s\n%d clés détruites depuis ont été détruites de nouveau, et %d faits ont perdu leur contenu\n",
					restored.Ledger, p.data, restored.Taken.Format(time.DateTime), restored.Destroyed, restored.Events)
				if r.RegisterLost {
					fmt.Fprintln(p.err, "attention : seul le registre de la sauvegarde a été appliqué ; ce qui a été détruit depuis est revenu. Lancez « livret retention run » sans attendre.")
				}
				return err
			})
		},
	}
	verb.Flags().StringVar(&r.From, "from", "", "`folder` of the three sets")
	verb.Flags().StringVar(&r.KEKs, "keks", "", "`folder` of the wrapping keys, if they are kept elsewhere")
	verb.Flags().StringVar(&r.Destructions, "destructions", "", "newest register of destructions, a `file`")
	verb.Flags().BoolVar(&r.RegisterLost, "destructions-lost", false, "declare that no register newer than the backup's is left")
	return verb
}
