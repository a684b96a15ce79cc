package ledger

import (
	"context"
	"errors"
	"iter"
	"slices"

	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Readability says whether a fact could be opened. The three ways of not being readable are states to show
// as such; none of them is a zero, an empty text or a missing row.
type Readability string

// The states of a fact.
const (
	Readable   Readability = "readable"
	Archived   Readability = "archived"   // key in custody
	Shredded   Readability = "shredded"   // key destroyed: the person is forgotten, lawfully
	Unreadable Readability = "unreadable" // an incident: missing key, damaged bytes, unknown event
)

// Fact is an event of the ledger as a reader meets it. Event is nil unless it is Readable.
type Fact struct {
	domain.Fact
	Envelope eventstore.Envelope
	State    Readability
}

// Facts yields the facts of the given categories after a position, in the ledger's order, and stops at the
// end. Facts of other categories are not opened.
func (l *Ledger) Facts(ctx context.Context, after eventstore.Position, categories ...string) iter.Seq2[Fact, error] {
	return l.open(ctx, l.store.Read(ctx, after), categories, true)
}

// Follow does as Facts and then waits for more. It opens the key of each event anew: it may wait for hours
// between two, and a key destroyed meanwhile must not be found open.
func (l *Ledger) Follow(ctx context.Context, after eventstore.Position, categories ...string) iter.Seq2[Fact, error] {
	return l.open(ctx, l.store.Follow(ctx, after), categories, false)
}

// Stream yields the facts of one stream, from its first.
func (l *Ledger) Stream(ctx context.Context, stream eventstore.StreamID) iter.Seq2[Fact, error] {
	return l.open(ctx, l.store.Stream(ctx, stream, 0), []string{stream.Category()}, true)
}

func (l *Ledger) open(ctx context.Context, envelopes iter.Seq2[eventstore.Envelope, error], categories []string, keep bool) iter.Seq2[Fact, error] {
	return func(yield func(Fact, error) bool) {
		opener := l.opener()
		defer opener.zero()
		for e, err := range envelopes {
			if err != nil {
				yield(Fact{}, err)
				return
			}
			if !slices.Contains(categories, e.Stream.Category()) {
				continue
			}
			fact := Fact{Envelope: e}
			fact.Fact, err = opener.open(ctx, &e)
			if fact.State = readability(err); fact.State == "" {
				yield(Fact{}, err)
				return
			}
			if !keep {
				opener.zero()
			}
			if !yield(fact, nil) {
				return
			}
		}
	}
}

// readability sorts the outcome of an opening; an error that says nothing about the fact itself is "".
func readability(err error) Readability {
	switch {
	case err == nil:
		return Readable
	case errors.Is(err, keyvault.ErrShredded):
		return Shredded
	case errors.Is(err, keyvault.ErrArchived):
		return Archived
	case errors.Is(err, ErrUnreadable):
		return Unreadable
	default:
		return ""
	}
}
