package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/nomenclature"
)

func (p *program) school() *cobra.Command {
	verb := &cobra.Command{
		Use:   "school",
		Short: "What a head of school orders for many livrets: locks, visas, transmission, the livret on line",
		Long: `Lock and visa the pages of a division when they are filled, and transmit livrets to the juries, at the request of
the head of school. A jury is shown a livret once it was transmitted; from then on it is not opened again.

The téléservice is optional. A school that declines keeps its livrets as before, and juries read them; the
pupil and his guardians read them on paper only.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(
		p.transfer(),
		p.closing("lock", "Lock a year, or one of its periods, for a division", access.LockPeriod, true),
		p.closing("unlock", "Open a year or period of a division again, for a reason", access.UnlockPeriod, true),
		p.closing("visa", "Give the head's visa to the pages of a division", access.GiveHeadVisa, false),
		p.offering("decline UAI", "Stop offering families the livret on line, at the request of the head of school", false),
		p.schoolBatch("validate UAI --session YEAR [--division NAME]", "Visa and lock every page of all livrets that lack nothing", (*instance.Instance).ValidateClass),
		p.schoolBatch("transmit UAI --session YEAR [--division NAME]", "Transmit to the juries all livrets that may be", (*instance.Instance).TransmitClass),
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

// schoolBatch is a verb that orders something for all livrets of a school that prepare a session.
func (p *program) schoolBatch(use, short string, order func(*instance.Instance, context.Context, access.Actor, instance.Class) (instance.Batch, error)) *cobra.Command {
	var of examSession
	var division string
	verb := &cobra.Command{
		Use:   use,
		Short: short,
		Long:  short + ", at the request of the head of school. The others are listed with the reason, and the exit code is 5.",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			school, err := nomenclature.ParseUAI(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				b, err := order(i, c.Context(), operator(), instance.Class{School: school, Session: of.session(), Division: division})
				if err != nil {
					return err
				}
				return p.printBatch(b, "livrets")
			})
		},
	}
	of.flags(verb)
	verb.Flags().StringVar(&division, "division", "", "of the terminale; all if left out")
	return verb
}
