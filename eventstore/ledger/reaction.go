package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"golang.org/x/sync/errgroup"

	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Reaction is what follows from facts without a person. React is handed facts in order, and gives orders; it
// is called again with the same facts after a crash, or with a part of them, so what it does must be so already
// the second time. It is handed facts that can not be read as well, and says itself what follows from these. It is
// never called twice at the same time. Package feed calls it, and says what becomes of an error.
type Reaction interface {
	Name() string         // with its version, "reaction.masking.v1": a new version hears everything again
	Categories() []string // of the streams whose facts it hears
	React(ctx context.Context, l *Ledger, facts []Fact) error
}

// Choosy is a reaction that hears the facts of some types only, by their names on disk: of a livret of hundreds of
// facts, the others are not even opened.
type Choosy interface {
	Reaction
	Types() []string
}

// Heard is a run of the ledger as a reaction hears it.
type Heard struct {
	Facts   []Fact              // of the categories asked for, without their sealed bytes
	Through eventstore.Position // up to which everything was read, whatever its category
	Read    int                 // events read
}

// Hear reads the facts of some types, or of all if there are none, and of some categories after a position: so many at
// most, and up to the end of the ledger if there are fewer.
func (l *Ledger) Hear(ctx context.Context, after eventstore.Position, limit int, types []string, categories ...string) (Heard, error) {
	heard := Heard{Through: after}
	read := func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range l.store.Read(ctx, after) {
			if err == nil {
				heard.Through = e.Position
				heard.Read++
				if len(types) > 0 && !slices.Contains(types, e.Type) {
					continue
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
	for fact, err := range l.open(ctx, iter.Seq2[eventstore.Envelope, error](read), categories, true) {
		if err != nil {
			return Heard{}, err
		}
		fact.Envelope.Sealed = nil // opened, or not to be
		if heard.Facts = append(heard.Facts, fact); len(heard.Facts) == limit {
			break
		}
	}
	return heard, nil
}

// abreast gives orders at the same time. One that fails keeps none of the others from being carried out: they are
// about other livrets, and what keeps one from its mask or its clock must not keep a whole session.
func abreast() *errgroup.Group {
	orders := new(errgroup.Group)
	orders.SetLimit(writers)
	return orders
}

// writers is how many orders a reaction gives at the same time: the store commits concurrent appends together.
const writers = 16

// Class names a failure without quoting anything of what it met: it is kept, and logged.
func Class(err error) string {
	if refusal, refused := errors.AsType[*domain.Refusal](err); refused {
		return refusal.Error()
	}
	for _, known := range []error{
		keyvault.ErrShredded, keyvault.ErrArchived, keyvault.ErrCorrupt, keyvault.ErrUnknown, keyvault.ErrForbidden, keyvault.ErrState,
		keyvault.ErrLocked, keyvault.ErrClosed, eventstore.ErrCorrupt, eventstore.ErrConflict, eventstore.ErrInvalid, eventstore.ErrClosed,
		ErrUnreadable, ErrNoGrant, ErrContended, ErrTooLarge, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}
