package ledger

import (
	"context"

	"livret/eventstore"
)

// Reaction is what follows from facts without a person. React is handed facts in order, and gives orders; it
// is called again with the same facts after a crash, so what it does must be so already the second time.
type Reaction interface {
	Name() string         // with its version, "reaction.masking.v1": a new version hears everything again
	Categories() []string // of the streams whose facts it hears
	React(ctx context.Context, l *Ledger, facts []Fact) error
}

// Cursors remembers how far a reaction has heard. Advance moves a cursor from one position to the next, and
// fails if it stands elsewhere.
type Cursors interface {
	Cursor(ctx context.Context, name string) (eventstore.Position, error)
	Advance(ctx context.Context, name string, from, to eventstore.Position) error
}

// reactionBatch is how many facts a reaction is handed at once at most: enough for the texts of a school to
// be masked against names compiled once, and few enough to hold in some tens of megabytes.
const reactionBatch = 50_000

// writers is how many orders a reaction gives at the same time: the store commits concurrent appends together.
const writers = 16

// React lets a reaction hear all that was committed since it last did.
func (l *Ledger) React(ctx context.Context, cursors Cursors, r Reaction) error {
	from, err := cursors.Cursor(ctx, r.Name())
	if err != nil {
		return err
	}
	for {
		to := from
		var facts []Fact
		for fact, err := range l.Facts(ctx, from, r.Categories()...) {
			if err != nil {
				return err
			}
			to = fact.Envelope.Position
			fact.Envelope.Sealed = nil // opened, or not to be
			if facts = append(facts, fact); len(facts) == l.batch {
				break
			}
		}
		if len(facts) == 0 {
			return nil
		}
		if err := r.React(ctx, l, facts); err != nil {
			return err
		}
		if err := cursors.Advance(ctx, r.Name(), from, to); err != nil {
			return err
		}
		from = to
	}
}
