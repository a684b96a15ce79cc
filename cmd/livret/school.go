package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/nomenclature"
)

func (p *program) school() *cobra.Command {
	verb := &cobra.Command{
		Use:   "school",
		Short: "Whether a school offers families the livret on line",
		Long: `The téléservice is optional. A school that declines keeps its livrets as before, and juries read them; the
pupil and his guardians read them on paper only.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(
		p.offering("decline UAI", "Stop offering families the livret on line, at the request of the head of school", false),
		p.offering("offer UAI", "Offer families the livret on line again, at the request of the head of school", true),
	)
	return verb
}

func (p *program) offering(use, short string, offered bool) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			school, err := nomenclature.ParseUAI(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				changed, err := i.OfferService(c.Context(), operator(), school, offered)
				if err != nil {
					return err
				}
				result := struct {
					School  nomenclature.UAI `json:"school"`
					Offered bool             `json:"offered"`
					Changed bool             `json:"changed"`
				}{school, offered, changed}
				return p.print(result, func(w io.Writer) error {
					what := "propose"
					if !offered {
						what = "ne propose pas"
					}
					_, err := fmt.Fprintf(w, "établissement %s : %s aux familles le livret en ligne%s\n", school, what, already(changed))
					return err
				})
			})
		},
	}
}
