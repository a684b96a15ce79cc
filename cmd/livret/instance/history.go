package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/domain/access"
)

// History is every fact of a livret in the order it was recorded, for an actor who may read it. A fact that
// can no longer be read is a line that says so.
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
	lines, err := chronicle.Of(ctx, i.Ledger, i.Nomenclature, livret)
	if err == nil && len(lines) == 0 {
		err = ErrNotFound
	}
	return lines, err
}
