package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
)

// closing is a verb by which a head closes the pages of a division, or opens them again.
func (p *program) closing(name, short string, act access.Act, periods bool) *cobra.Command {
	var school, division string
	var year int
	var period uint8
	c := instance.Closing{Act: act}
	verb := &cobra.Command{
		Use:   name + " --school UAI --year YEAR --division DIVISION",
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := needs(command, "school", "year", "division"); err != nil {
				return err
			}
			c.Year, c.Period = nomenclature.SchoolYear(year), period
			return p.with(command.Context(), func(i *instance.Instance) error {
				entries, err := i.Pupils(command.Context(), head(school), c.Year, division)
				if err == nil && len(entries) == 0 {
					err = instance.ErrNotFound
				}
				if err != nil {
					return err
				}
				var done closed
				for _, e := range entries {
					changed, err := i.ClosePage(command.Context(), head(school), uuid.New(), e.Livret, 0, c)
					if err := done.count(e.ListName, changed, err); err != nil {
						return err
					}
				}
				if err := i.CatchUp(command.Context()); err != nil {
					return err
				}
				if err := p.print(done, done.write); err != nil || len(done.Refused) == 0 {
					return err
				}
				return errPartly
			})
		},
	}
	flags := verb.Flags()
	flags.StringVar(&school, "school", "", "`UAI` of a school")
	flags.IntVar(&year, "year", 0, "school `year`, by that of its September")
	flags.StringVar(&division, "division", "", "`division` of the school")
	if periods {
		flags.Uint8Var(&period, "period", 0, "`number` of a trimester or semester; without it, the whole year")
	}
	if act == access.UnlockPeriod {
		flags.StringVar(&c.Reason, "reason", "", "`why`, which stays in each livret")
	}
	return verb
}

// closed is what became of a division.
type closed struct {
	Changed int            `json:"changed"`
	Already int            `json:"already"`
	Refused []refusedPupil `json:"refused,omitempty"`
}

type refusedPupil struct {
	Pupil  string `json:"pupil"`
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy,omitempty"`
}

// count adds what became of one pupil: a refusal keeps nobody else out.
func (c *closed) count(pupil string, changed bool, err error) error {
	var refusal *domain.Refusal
	switch {
	case errors.As(err, &refusal):
		c.Refused = append(c.Refused, refusedPupil{pupil, refusal.Rule, refusal.Reason, refusal.Remedy})
	case err != nil:
		return err
	case changed:
		c.Changed++
	default:
		c.Already++
	}
	return nil
}

func (c *closed) write(w io.Writer) error {
	fmt.Fprintf(w, "%d livrets changés, %d déjà ainsi, %d refus\n", c.Changed, c.Already, len(c.Refused))
	for _, r := range c.Refused {
		fmt.Fprintf(w, "  %s (%s) : %s %s\n", r.Pupil, r.Rule, r.Reason, r.Remedy)
	}
	return nil
}
