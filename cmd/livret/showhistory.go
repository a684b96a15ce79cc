package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/chronicle"
	"livret/cmd/livret/instance"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

func (p *program) showHistory() *cobra.Command {
	return &cobra.Command{
		Use:   "history LIVRET",
		Short: "Every change of a livret: who, when, from what to what, and why",
		Long: `Tell each fact of a livret in the order in which it was recorded (hours of Europe/Paris): identity, the livret, the
candidate before his juries. A correction says what stood before, its reason, and the demand of the family that it answers. With --json,
each fact has its position, for --as-of-position.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			livret, err := parseLivret(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				lines, err := i.History(c.Context(), auditor(i), livret)
				if err != nil {
					return err
				}
				if err := p.print(lines, func(w io.Writer) error { return writeHistory(w, i, lines) }); err != nil {
					return err
				}
				for _, line := range lines {
					if line.State == ledger.Shredded {
						return keyvault.ErrShredded
					}
				}
				return nil
			})
		},
	}
}

func writeHistory(w io.Writer, i *instance.Instance, lines []chronicle.Line) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		who := l.RoleLabel
		if l.Who != "" {
			who += ", " + l.Who
		}
		fmt.Fprintf(t, "%s %d\t%s\t%s\t%s\t%s\n", l.Stream, l.Sequence, parisian(i, l.RecordedAt), who, l.Type, strings.ReplaceAll(change(l), "\n", " "))
	}
	return t.Flush()
}

// change says what a fact changed: from what to what, and why.
func change(l chronicle.Line) string {
	said := l.What
	switch {
	case l.State != ledger.Readable:
		return "(" + string(l.State) + ")"
	case l.From != "" && l.To != "":
		said += " : " + l.From + " → " + l.To
	case l.To != "":
		said += " : " + l.To
	case l.From != "":
		said += " : " + l.From + " → rien"
	}
	if l.Reason != "" {
		said += " (" + l.Reason + ")"
	}
	if l.Demand != "" {
		said += " [répond à la demande : " + l.Demand + "]"
	}
	return said
}
