package ledger

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/retention"
)

// Juries notes in clear before which jury each livret came, for holds by jury that come when active service can no
// longer open a candidate.
type Juries struct{}

// Name is that of the reaction.
func (Juries) Name() string { return "reaction.juries.v1" }

// Categories are those of candidates.
func (Juries) Categories() []string { return []string{deliberation.Category} }

// React notes the juries that candidates were assigned to.
func (Juries) React(ctx context.Context, l *Ledger, facts []Fact) error {
	grant, err := l.itself(access.NoteJury)
	if err != nil {
		return err
	}
	orders := abreast()
	for _, fact := range facts {
		assigned, ok := fact.Event.(deliberation.JuryAssigned)
		if !ok {
			continue
		}
		orders.Go(func() error {
			key, err := l.vault.Info(ctx, fact.Envelope.Key)
			if err == nil {
				_, err = Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, key.Owner, retention.NoteJury{Jury: assigned.Jury})
			}
			if beyond(err) {
				return nil // an incident of that livret, which Check describes
			}
			return err
		})
	}
	return orders.Wait()
}
