package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/chronicle"
	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

func (p *program) showHistory() *cobra.Command {
	return &cobra.Command{
		Use:   "history LIVRET",
		Short: "Every fact of a livret: which, who, when, from what command",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			livret, err := parseLivret(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				auditor := access.Actor{Actor: domain.Actor{Role: access.Auditeur}, Academie: i.Settings.Academie}
				lines, err := i.History(c.Context(), auditor, livret)
				if err != nil {
					return err
				}
				if err := p.print(lines, func(w io.Writer) error { return writeHistory(w, lines) }); err != nil {
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

func writeHistory(w io.Writer, lines []chronicle.Line) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		said := l.What
		switch {
		case l.State != ledger.Readable:
			said = "(" + string(l.State) + ")"
		case l.From != "" && l.To != "":
			said += " : " + l.From + " → " + l.To
		case l.To != "":
			said += " : " + l.To
		}
		if l.Reason != "" {
			said += " (" + l.Reason + ")"
		}
		fmt.Fprintf(t, "%s %d\t%s\t%s\t%s\t%s\n", l.Stream, l.Sequence, l.RecordedAt.Format("2006-01-02 15:04:05"), l.RoleLabel, l.Type, strings.ReplaceAll(said, "\n", " "))
	}
	return t.Flush()
}
