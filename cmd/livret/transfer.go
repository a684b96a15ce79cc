package main

import (
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/nomenclature"
)

func (p *program) transfer() *cobra.Command {
	var school, to string
	var year int
	var pupil uint64
	verb := &cobra.Command{
		Use:   "transfer --school UAI --year YEAR --pupil ID --to UAI",
		Short: "Let another school take over the livret of a pupil who leaves for it",
		Long: `Order the transfer of a livret, at the request of the head of the school that the pupil leaves, or of the exams
division. The next SIECLE import of the other school finds him by his INE and takes the livret up, with all that
was written in it. Without this order that import is refused the pupil: knowing an INE is not a right to read.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "school", "year", "pupil", "to"); err != nil {
				return err
			}
			other, err := nomenclature.ParseUAI(to)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				from := head(school)
				livret, err := i.FindPupil(c.Context(), from.UAI, pupil, nomenclature.SchoolYear(year))
				if err != nil {
					return err
				}
				changed, err := i.OrderTransfer(c.Context(), from, livret, other)
				if err != nil {
					return err
				}
				result := struct {
					Livret  uuid.UUID        `json:"livret"`
					To      nomenclature.UAI `json:"to"`
					Changed bool             `json:"changed"`
				}{livret, other, changed}
				return p.print(result, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "livret %s : transfert ordonné vers l’établissement %s, à son prochain import SIECLE%s\n", livret, other, already(changed))
					return err
				})
			})
		},
	}
	flags := verb.Flags()
	flags.StringVar(&school, "school", "", "`UAI` of the school that the pupil leaves")
	flags.IntVar(&year, "year", 0, "school `year`, by that of its September")
	flags.Uint64Var(&pupil, "pupil", 0, "SIECLE `id` of the pupil there")
	flags.StringVar(&to, "to", "", "`UAI` of the school that he joins")
	return verb
}
