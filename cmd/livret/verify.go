package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

func (p *program) verify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify CODE",
		Short: "Whether the code of a printed livret was issued by this ledger, and still holds",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				v, err := i.Verify(c.Context(), args[0])
				if err != nil {
					return err
				}
				err = p.print(v, func(w io.Writer) error {
					said := map[string]string{
						instance.CodeCurrent:  "émis le %s ; le livret n’a pas changé depuis\n",
						instance.CodeOutdated: "émis le %s ; le livret a changé depuis\n",
						instance.CodeArchived: "émis le %s ; le livret est en archivage intermédiaire\n",
					}[v.Standing]
					if said == "" {
						_, err := fmt.Fprintln(w, "code inconnu : mal recopié, non émis par ce registre, ou celui d’un livret détruit")
						return err
					}
					_, err := fmt.Fprintf(w, said, v.On)
					return err
				})
				if err == nil && v.Standing == instance.CodeUnknown {
					return instance.ErrNotFound
				}
				return err
			})
		},
	}
}
