package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

func (p *program) init() *cobra.Command {
	var academie, store string
	verb := &cobra.Command{
		Use:   "init --academie CODE",
		Short: "Make a data folder for the ledger of an académie",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "academie"); err != nil {
				return err
			}
			var settings instance.Settings
			var err error
			if store == "" {
				settings, err = instance.Init(p.data, academie)
			} else {
				settings, err = instance.InitIn(p.data, academie, store)
			}
			if err != nil {
				return err
			}
			i, err := p.open(c.Context(), instance.Options{})
			if err != nil {
				return err
			}
			if err := i.Close(); err != nil {
				return err
			}
			return p.print(settings, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "ledger %s of académie %s made in %s\n", settings.Ledger, settings.Academie, p.data)
				return err
			})
		},
	}
	verb.Flags().StringVar(&store, "store", "", "connection `string` of the cluster that keeps the events, without credentials (see «livret migrate»)")
	verb.Flags().StringVar(&academie, "academie", "", "two-digit `code` of the académie, as in the ministry's nomenclature")
	return verb
}
