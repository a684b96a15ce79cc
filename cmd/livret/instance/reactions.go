package instance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"livret/eventstore"
	"livret/eventstore/feed"
	"livret/eventstore/ledger"
	"livret/projections"
)

// reactions are what follows from facts without a person, in this instance.
func (i *Instance) reactions() []ledger.Reaction {
	return []ledger.Reaction{
		ledger.Candidates{},
		ledger.Clocks{},
		ledger.Sanctions{},
		ledger.SchoolSanctions{},
		ledger.Juries{},
		ledger.Passing{},
		ledger.Notices{},
		ledger.Requests{},
		leaving{i},
		ledger.Masking{Roster: i.Family.Roster()},
		ledger.AvisShares{Roster: i.Family.Roster(), Nomenclature: i.Nomenclature},
	}
}

// CatchUp brings everything up to what was committed: views, then what follows from facts, then the views
// that show it. It is called after each write; killed anywhere, the next call finishes.
func (i *Instance) CatchUp(ctx context.Context) error {
	return errors.Join(i.feed.CatchUp(ctx), i.fold(ctx))
}

// Serve does as CatchUp whenever there is something new, a fact or a day, until its context ends.
func (i *Instance) Serve(ctx context.Context) error {
	err := i.feed.Serve(ctx)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Reactions tells how far each reaction has heard, and what is parked.
func (i *Instance) Reactions(ctx context.Context) ([]feed.Status, error) { return i.feed.Status(ctx) }

// RetryParked hands over again what is parked, of some streams or of all, and what follows from it.
func (i *Instance) RetryParked(ctx context.Context, streams ...eventstore.StreamID) error {
	if err := i.feed.Retry(ctx, streams...); err != nil {
		return err
	}
	return i.CatchUp(ctx)
}

// fold brings the views up to what was committed.
func (i *Instance) fold(ctx context.Context) error {
	i.folding.Lock()
	defer i.folding.Unlock()
	for _, p := range i.projected {
		if _, err := projections.Run(ctx, i.Source, i.Views, p); err != nil {
			return fmt.Errorf("view %s: %w", p.Name, err)
		}
	}
	return nil
}

// cursors keeps those of reactions beside the views, as easily thrown away: a parked stream is a row in clear, and
// can be found as long as it is.
type cursors struct{ views projections.Store }

// parkedLabel is what the rows of parked streams are found by.
var parkedLabel = []byte("parked")

// failure is what such a row holds.
type failure struct {
	Class    string    `json:"class"`
	Since    time.Time `json:"since"`
	Tried    time.Time `json:"tried"`
	Attempts int       `json:"attempts"`
}

func (c cursors) Cursor(ctx context.Context, name string) (eventstore.Position, error) {
	return c.views.Cursor(ctx, name)
}

func (c cursors) Parked(ctx context.Context, name string) ([]feed.Parked, error) {
	streams, err := c.views.Find(ctx, name, parkedLabel)
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	rows, err := c.views.Rows(ctx, name, streams...)
	if err != nil {
		return nil, err
	}
	var parked []feed.Parked
	for _, row := range rows {
		var f failure
		if err := json.Unmarshal(row.Sealed, &f); err != nil {
			return nil, fmt.Errorf("parked row of %s: %w", name, err)
		}
		parked = append(parked, feed.Parked{Stream: row.Stream, Sequence: row.Parked, Class: f.Class, Since: f.Since, Tried: f.Tried, Attempts: f.Attempts})
	}
	slices.SortFunc(parked, func(a, b feed.Parked) int { return cmp.Compare(a.Stream, b.Stream) })
	return parked, nil
}

func (c cursors) Advance(ctx context.Context, name string, from, to eventstore.Position, changed ...feed.Parked) error {
	var rows []projections.Row
	for _, p := range changed {
		row := projections.Row{Stream: p.Stream}
		if p.Sequence > 0 {
			row.Version, row.Parked, row.Labels = p.Sequence-1, p.Sequence, [][]byte{parkedLabel}
			var err error
			if row.Sealed, err = json.Marshal(failure{p.Class, p.Since, p.Tried, p.Attempts}); err != nil {
				return err
			}
		}
		rows = append(rows, row)
	}
	err := c.views.Commit(ctx, name, from, to, rows)
	if errors.Is(err, projections.ErrFenced) {
		return feed.ErrMoved
	}
	return err
}
