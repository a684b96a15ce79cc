package instance

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/projections"
	"livret/projections/asof"
	"livret/projections/family"
	"livret/projections/jury"
	"livret/projections/statistics"
)

// Seen is what a view showed at a moment, and which view, with its version.
type Seen[T any] struct {
	AsOf  Moment `json:"asOf"`
	View  string `json:"view"`
	Shown T      `json:"shown"`
}

// FamilyAsOf is a livret as its view showed it at a moment, for an actor who may replay it. It fails with
// keyvault.ErrShredded or ErrArchived for who is forgotten or in custody now: his past is as well; and with ErrNotFound, and
// the moment, if there was nothing to show then.
func (i *Instance) FamilyAsOf(ctx context.Context, actor access.Actor, livret uuid.UUID, when When) (Seen[family.Livret], error) {
	seen := Seen[family.Livret]{View: family.Projection().Name}
	if err := i.mayReplay(ctx, actor, livret); err != nil {
		return seen, err
	}
	p, err := i.past(ctx, family.Projection(), when)
	if err != nil {
		return seen, err
	}
	seen.AsOf = p.moment
	if seen.Shown, err = family.NewReader(p.Store, i.vault, p.lists).Show(ctx, livret); err != nil {
		return seen, notFound(err)
	}
	seen.AsOf, err = p.proved(ctx)
	return seen, err
}

// JurySeen is what a jury was shown of a candidate.
type JurySeen struct {
	jury.Dossier
	Sanctions []jury.Sanction `json:"sanctions,omitempty"`
	Refused   string          `json:"refused,omitempty"` // why it was shown nothing of his livret
}

// JuryAsOf is a candidate's dossier as the jury's view showed it at a moment, and the sanctions beside it, for an actor
// who may replay it. It fails as FamilyAsOf does.
func (i *Instance) JuryAsOf(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string, when When) (Seen[JurySeen], error) {
	seen := Seen[JurySeen]{View: jury.Name}
	if _, err := i.candidate(ctx, actor, session, number); err != nil {
		return seen, err
	}
	p, err := i.past(ctx, jury.Projection(), when)
	if err != nil {
		return seen, err
	}
	seen.AsOf = p.moment
	if seen.Shown, err = p.jurySeen(ctx, session, number); err != nil {
		return seen, err
	}
	seen.AsOf, err = p.proved(ctx)
	return seen, err
}

// StatisticsAsOf is the publication of a session in force at a moment: it was made then, and nothing is counted again.
func (i *Instance) StatisticsAsOf(ctx context.Context, actor access.Actor, session nomenclature.SchoolYear, when When) (Seen[statistics.Publication], error) {
	seen := Seen[statistics.Publication]{View: statistics.Projection().Name}
	if err := access.May(actor, access.ReadStatistics, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return seen, err
	}
	m, err := i.moment(ctx, when)
	if err != nil {
		return seen, err
	}
	published, err := loadAsOf(ctx, i.Ledger, deliberation.PublicationDecider, deliberation.PublicationStream(session), m.at)
	if err != nil {
		return seen, err
	}
	last := len(published) - 1
	if last < 0 {
		return seen, ErrNotFound
	}
	if seen.Shown, err = statistics.Read(published[last].Document); err != nil {
		return seen, err
	}
	err = i.prove(ctx, &m, []eventstore.StreamID{eventstore.Stream(deliberation.PublicationCategory, deliberation.PublicationStream(session))})
	seen.AsOf = m
	return seen, err
}

// mayReplay asks for an actor, and whether the livret can still be read.
func (i *Instance) mayReplay(ctx context.Context, actor access.Actor, livret uuid.UUID) error {
	on, err := i.Target(ctx, livret)
	if gone(err) {
		on = access.Target{Livret: livret, Academie: i.Settings.Academie}
	} else if err != nil {
		return err
	}
	if refused := access.May(actor, access.ReplayPast, on, i.Today()); refused != nil {
		return refused
	}
	return err
}

// candidate is the livret of a candidate's number, for an actor who may replay it.
func (i *Instance) candidate(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string) (uuid.UUID, error) {
	livret, err := i.Ledger.CandidateLivret(ctx, session, number)
	if errors.Is(err, keyvault.ErrUnknown) {
		err = access.May(actor, access.ReplayPast, access.Target{Academie: i.Settings.Academie}, i.Today())
		if err == nil {
			err = ErrNotFound
		}
	}
	if err != nil {
		return livret, err
	}
	return livret, i.mayReplay(ctx, actor, livret)
}

// past is one view as it stood at a moment, with the lists in force then.
type past struct {
	*asof.Store
	i      *Instance
	moment Moment
	lists  nomenclature.Nomenclature
}

func (i *Instance) past(ctx context.Context, p projections.Projection, when When) (past, error) {
	m, err := i.moment(ctx, when)
	if err != nil {
		return past{}, err
	}
	lists, err := i.listsAsOf(ctx, m.at)
	if err != nil {
		return past{}, err
	}
	store, err := asof.New(ctx, i.Source, i.Views, p, m.at)
	return past{store, i, m, lists}, err
}

// proved is the moment, once all that was read for what is shown was found under its checkpoint.
func (p past) proved(ctx context.Context) (Moment, error) {
	m := p.moment
	return m, p.i.prove(ctx, &m, p.Streams())
}

// jurySeen is what the jury was shown, or why it was not.
func (p past) jurySeen(ctx context.Context, session deliberation.ExamSession, number string) (seen JurySeen, err error) {
	reader := jury.NewReader(p.Store, p.i.vault, p.lists)
	seen.Dossier, err = reader.Show(ctx, session, number)
	var refused *domain.Refusal
	if errors.As(err, &refused) {
		seen.Number, seen.Session, seen.Round, seen.Refused = number, session.Year, session.Round, refused.Reason
		return seen, nil
	}
	if err == nil {
		seen.Sanctions, err = reader.Sanctions(ctx, session, number, p.moment.Day)
	}
	return seen, notFound(err)
}

// loadAsOf folds a stream in clear up to a position.
func loadAsOf[S any](ctx context.Context, l *ledger.Ledger, d domain.Decider[S], id uuid.UUID, at eventstore.Position) (S, error) {
	state := d.Initial()
	for fact, err := range l.Stream(ctx, eventstore.Stream(d.Category, id)) {
		if err != nil {
			return state, err
		}
		if fact.Envelope.Position.Compare(at) > 0 {
			break
		}
		if fact.State != ledger.Readable {
			return state, fmt.Errorf("%w: %s at %d", ledger.ErrUnreadable, fact.Envelope.Stream, fact.Envelope.Sequence)
		}
		state = d.Evolve(state, fact.Fact)
	}
	return state, nil
}
