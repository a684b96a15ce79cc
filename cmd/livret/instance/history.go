package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/domain/access"
	"livret/eventstore"
)

// History is every fact of a livret in the order it was recorded, for an actor who may read it. A fact that
// can no longer be read is a line that says so. Who may replay the past is told the candidate's life as well: to a school,
// no number stands for a pupil.
func (i *Instance) History(ctx context.Context, actor access.Actor, livret uuid.UUID) ([]chronicle.Line, error) {
	on, err := i.Target(ctx, livret)
	if gone(err) {
		on, err = access.Target{Livret: livret, Academie: i.Settings.Academie}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := access.May(actor, access.ReadHistory, on, i.Today()); err != nil {
		return nil, err
	}
	var candidates []eventstore.StreamID
	if on.Session != 0 && access.May(actor, access.ReplayPast, on, i.Today()) == nil {
		all, err := i.Ledger.Candidatures(ctx, livret, on.Session)
		if err != nil && !gone(err) {
			return nil, err
		}
		for _, c := range all {
			candidates = append(candidates, c.Stream)
		}
	}
	lines, err := chronicle.Of(ctx, i.Ledger, i.Nomenclature, livret, candidates...)
	if err == nil && len(lines) == 0 {
		err = ErrNotFound
	}
	return lines, err
}
