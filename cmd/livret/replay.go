package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

// replayed is what became of one view.
type replayed struct {
	View    string   `json:"view"`
	Checked bool     `json:"checked"`
	Exact   bool     `json:"exact"`
	Rows    int      `json:"rows,omitempty"`
	Hash    string   `json:"hash,omitempty"` // keyed anew at each run
	Differ  []string `json:"differ,omitempty"`
	Parked  []string `json:"parked,omitempty"`
}

func (p *program) replay() *cobra.Command {
	var check bool
	verb := &cobra.Command{
		Use:   "replay [VIEW…]",
		Short: "Rebuild views from the ledger beside the live ones, and switch; or with --check, prove them equal",
		RunE: func(c *cobra.Command, names []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				results, err := i.Replay(c.Context(), check, names...)
				if err != nil {
					return err
				}
				var all []replayed
				exact := true
				for _, r := range results {
					exact = exact && r.Report.Exact()
					all = append(all, describe(r, check))
				}
				if err := p.print(all, func(w io.Writer) error { return writeReplayed(w, all) }); err != nil {
					return err
				}
				if !exact {
					return errBroken
				}
				return nil
			})
		},
	}
	verb.Flags().BoolVar(&check, "check", false, "change nothing: fold aside and compare with the live view")
	return verb
}

func describe(r instance.Replayed, check bool) replayed {
	d := replayed{View: r.View, Checked: check, Exact: r.Report.Exact(), Rows: r.Report.Rows, Hash: r.Report.Live}
	for _, stream := range r.Report.Differ {
		d.Differ = append(d.Differ, string(stream))
	}
	for _, stream := range r.Report.Parked {
		d.Parked = append(d.Parked, string(stream))
	}
	return d
}

func writeReplayed(w io.Writer, all []replayed) error {
	for _, r := range all {
		switch {
		case !r.Checked:
			fmt.Fprintf(w, "%s: rebuilt and switched\n", r.View)
		case r.Exact:
			fmt.Fprintf(w, "%s: live = rebuilt, %d rows, %s\n", r.View, r.Rows, r.Hash)
		default:
			fmt.Fprintf(w, "%s: DIFFERS from a rebuild in %d rows\n", r.View, len(r.Differ))
			for _, stream := range r.Differ {
				fmt.Fprintf(w, "  %s\n", stream)
			}
		}
		for _, stream := range r.Parked {
			fmt.Fprintf(w, "  incomplete: %s\n", stream)
		}
	}
	return nil
}
