package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/board"
	"livret/cmd/livret/instance"
	"livret/domain/nomenclature"
)

func (p *program) showCompleteness() *cobra.Command {
	var school, division string
	var year int
	verb := &cobra.Command{
		Use:   "completeness --school UAI --year YEAR --division DIVISION",
		Short: "What the livrets of a division still lack, by pupil and by enseignement, and why",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "school", "year", "division"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				b, err := i.Completeness(c.Context(), head(school), nomenclature.SchoolYear(year), division)
				if err != nil {
					return err
				}
				return p.print(b, func(w io.Writer) error { return writeBoard(w, b) })
			})
		},
	}
	flags := verb.Flags()
	flags.StringVar(&school, "school", "", "`UAI` of a school")
	flags.IntVar(&year, "year", 0, "school `year`, by that of its September")
	flags.StringVar(&division, "division", "", "`division` of the school")
	return verb
}

func writeBoard(w io.Writer, b board.Board) error {
	fmt.Fprintf(w, "%s %s : %d livrets, %d complets, %d manques\n", b.Division, b.Label, len(b.Pupils), b.Complete, b.Missing)
	for _, c := range b.Counts {
		fmt.Fprintf(w, "  %d %s\n", c.Number, c.Label)
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, teaching := range b.Teachings {
		missing := "complet"
		for n, c := range teaching.Missing {
			if n == 0 {
				missing = ""
			} else {
				missing += ", "
			}
			missing += fmt.Sprintf("%s : %d", c.Label, c.Number)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", teaching.Label, strings.Join(teaching.Teachers, ", "), missing)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, row := range b.Pupils {
		if row.Missing == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s  %s\n", row.Livret, row.Name)
		for _, part := range row.Parts {
			for _, g := range part.Gaps {
				fmt.Fprintf(w, "  %s, %s : %s\n", part.Label, g.What, g.Reason)
			}
		}
	}
	return nil
}
