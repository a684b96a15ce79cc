package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

// replayed is what became of one view, or of the publications of one session.
type replayed struct {
	View    string   `json:"view"`
	Checked bool     `json:"checked"`
	Exact   bool     `json:"exact"`
	Rows    int      `json:"rows,omitempty"`
	Hash    string   `json:"hash,omitempty"` // keyed anew at each run
	Differ  []string `json:"differ,omitempty"`
	Parked  []string `json:"parked,omitempty"`

	Publication *instance.Recounted `json:"publication,omitempty"`
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
				if check && len(names) == 0 {
					recounted, err := p.recount(c.Context(), i)
					if err != nil {
						return err
					}
					for _, r := range recounted {
						exact = exact && r.Exact
						all = append(all, r)
					}
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

// recount counts again what was published of each session.
func (p *program) recount(ctx context.Context, i *instance.Instance) ([]replayed, error) {
	recounted, err := i.Recount(ctx)
	var all []replayed
	for n := range recounted {
		all = append(all, counted(&recounted[n]))
	}
	return all, err
}

func counted(r *instance.Recounted) replayed {
	return replayed{View: fmt.Sprintf("publication %d/%d", r.Session, r.Number), Checked: true, Exact: r.Holds(), Publication: r}
}

func writeRecounted(w io.Writer, view string, r *instance.Recounted) {
	found := "counted again"
	switch {
	case !r.Chained:
		found = "BROKEN CHAIN of publications"
	case !r.Same && r.Living > 0:
		found = "livrets moved on since"
	case !r.Same:
		found = "DIFFERS from what is counted again"
	}
	fmt.Fprintf(w, "%s: %s, %d livrets frozen, %d living, sha256 %s\n", view, found, r.Frozen, r.Living, r.SHA256)
}

func writeReplayed(w io.Writer, all []replayed) error {
	for _, r := range all {
		switch {
		case r.Publication != nil:
			writeRecounted(w, r.View, r.Publication)
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
