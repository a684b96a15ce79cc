package main

import (
	"fmt"
	"io"

	"livret/cmd/livret/instance"
)

// printChange says what is so now, and whether it was already.
func (p *program) printChange(changed bool, format string, args ...any) error {
	said := fmt.Sprintf(format, args...)
	result := struct {
		Said    string `json:"said"`
		Changed bool   `json:"changed"`
	}{said, changed}
	return p.print(result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s%s\n", said, already(changed))
		return err
	})
}

// printBatch says what became of an order given for many; something refused is exit code 5.
func (p *program) printBatch(b instance.Batch, what string) error {
	err := p.print(b, func(w io.Writer) error {
		fmt.Fprintf(w, "%d %s, %d déjà faits, %d refusés\n", b.Changed, what, b.Already, len(b.Refused))
		for _, r := range b.Refused {
			if r.Line > 0 {
				fmt.Fprintf(w, "ligne %d, ", r.Line)
			}
			fmt.Fprintf(w, "%s : refus (%s) : %s %s\n", r.Subject, r.Rule, r.Reason, r.Remedy)
		}
		return nil
	})
	if err == nil && len(b.Refused) > 0 {
		return errPartly
	}
	return err
}
