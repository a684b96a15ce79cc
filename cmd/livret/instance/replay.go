package instance

import (
	"context"
	"fmt"
	"slices"

	"livret/projections"
	"livret/projections/memory"
)

// Replayed is what became of one view.
type Replayed struct {
	View   string
	Report projections.Report // of a check; empty for a rebuild
}

// Replay rebuilds the named views, or all, from the ledger, and puts them in place of the live ones; with
// check it changes nothing, and proves each live view equal to one folded from nothing.
func (i *Instance) Replay(ctx context.Context, check bool, names ...string) ([]Replayed, error) {
	var known []string
	for _, p := range i.projected {
		known = append(known, p.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%w: no view is called %q; there are %v", ErrUsage, name, known)
		}
	}
	var all []Replayed
	for _, p := range i.projected {
		if len(names) > 0 && !slices.Contains(names, p.Name) {
			continue
		}
		r := Replayed{View: p.Name}
		var err error
		if check {
			r.Report, err = projections.Check(ctx, i.Source, i.Views, memory.New(), p)
		} else {
			_, err = projections.Rebuild(ctx, i.Source, i.Views, p)
		}
		if err != nil {
			return all, fmt.Errorf("view %s: %w", p.Name, err)
		}
		all = append(all, r)
	}
	return all, nil
}
