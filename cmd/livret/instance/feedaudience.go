package instance

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/projections"
	"livret/projections/changes"
	"livret/projections/family"
	"livret/projections/jury"
)

// A consumer is an actor like another: what he is told is what a page would show to somebody of his role, and package
// access decides. What he may not see any more is said so, by what kind of reason, and nothing else.

// endings are what puts an end to a livret, whatever the view: in clear, they are heard when no key opens any more.
var endings = []string{retention.KeysArchived{}.EventType(), retention.DestructionBegun{}.EventType(), retention.KeysDestroyed{}.EventType()}

// Feed is what consumers are told of the views of this instance.
func (i *Instance) Feed() *changes.Feed { return &changes.Feed{Log: i.store, Keys: i.vault} }

// Audience is a consumer's view, restricted to what he may see.
func (i *Instance) Audience(c Consumer) (changes.Audience, error) {
	switch c.Audience {
	case FamilyAudience:
		return schoolAudience{audience{i, family.Projection(), c.actor(i)}}, nil
	case JuryAudience:
		return sessionAudience{audience{i, jury.Projection(), c.actor(i)}, c.session()}, nil
	case StatisticsAudience:
		return statisticsAudience{audience{i, projections.Projection{Name: "publications.v1"}, c.actor(i)}}, nil
	}
	return nil, ErrUsage
}

// audience is what those of an instance have in common.
type audience struct {
	*Instance
	p     projections.Projection
	actor access.Actor
}

func (a audience) Heeds(e *eventstore.Envelope) bool {
	return slices.Contains(a.p.Categories, e.Stream.Category()) || slices.Contains(endings, e.Type)
}

func (a audience) Fold(ctx context.Context) error {
	a.folding.Lock()
	defer a.folding.Unlock()
	_, err := projections.Run(ctx, a.Source, a.Views, a.p)
	return err
}

// tell sorts what came of looking at a subject into what may be said of it.
func tell[T any](subject string, document T, err error) (changes.Shown, bool, error) {
	var refusal *domain.Refusal
	told := changes.Shown{Subject: subject, State: changes.Present}
	switch {
	case err == nil:
		told.Data, err = json.Marshal(document)
		return told, true, err
	case errors.Is(err, keyvault.ErrShredded):
		told.State = changes.Shredded
	case errors.Is(err, keyvault.ErrArchived):
		told.State = changes.Archived
	case errors.As(err, &refusal) && (refusal.Rule == access.RuleArchived || refusal.Rule == access.RuleClosed):
		told.State = changes.Archived
	case errors.As(err, &refusal):
		told.State = changes.Withdrawn
	case errors.Is(err, ErrNotFound), errors.Is(err, projections.ErrNotFound):
		return told, false, nil
	default:
		return told, false, err
	}
	return told, true, nil
}

// schoolAudience is the family's view of the pupils of one school: what its digital workspace shows them.
type schoolAudience struct{ audience }

func (a schoolAudience) Name() string { return a.p.Name + "/" + string(a.actor.UAI) }

func (a schoolAudience) Subjects(ctx context.Context, stream eventstore.StreamID) ([]string, error) {
	id, ok := stream.UUID()
	if !ok {
		return nil, nil
	}
	if stream.Category() != identity.StaffCategory {
		return []string{id.String()}, nil
	}
	livrets, err := a.Family.NamedBy(ctx, stream)
	if gone(err) || errors.Is(err, projections.ErrNotFound) {
		return nil, nil
	}
	subjects := make([]string, len(livrets))
	for n, livret := range livrets {
		subjects[n] = livret.String()
	}
	return subjects, err
}

func (a schoolAudience) Show(ctx context.Context, subject string) (changes.Shown, bool, error) {
	livret, err := uuid.Parse(subject)
	if err != nil {
		return changes.Shown{}, false, err
	}
	var shown family.Livret
	ever, err := a.Family.Attended(ctx, livret, a.actor.UAI)
	switch {
	case err == nil && !ever:
		return changes.Shown{}, false, nil
	case err == nil:
		shown, err = a.ShowFamily(ctx, a.actor, livret)
	}
	return tell(subject, shown, err)
}

// sessionAudience is the jury's view of the candidates of one session. A candidate is named by a keyed hash, which can be
// told of a livret whose key is gone, and leads to nothing.
type sessionAudience struct {
	audience
	session deliberation.ExamSession
}

func (a sessionAudience) Name() string { return a.p.Name + "/" + a.session.String() }

func (a sessionAudience) Subjects(ctx context.Context, stream eventstore.StreamID) ([]string, error) {
	id, ok := stream.UUID()
	switch stream.Category() {
	case record.Category, retention.Category:
	case deliberation.Category:
		var err error
		if id, err = a.Jury.LivretOf(ctx, stream); gone(err) || errors.Is(err, projections.ErrNotFound) {
			return nil, nil // what became of it is told by its end
		} else if err != nil {
			return nil, err
		}
	default:
		return nil, nil
	}
	if !ok || id == uuid.Nil {
		return nil, nil
	}
	return []string{id.String()}, nil
}

func (a sessionAudience) Show(ctx context.Context, subject string) (changes.Shown, bool, error) {
	livret, err := uuid.Parse(subject)
	if err != nil {
		return changes.Shown{}, false, err
	}
	var shown jury.Dossier
	if err = a.Jury.Readable(ctx, livret); err == nil {
		var number string
		if number, err = a.Jury.Number(ctx, a.session, livret); err == nil {
			shown, err = a.ShowJury(ctx, a.actor, a.session, number)
		}
	}
	return tell(hex.EncodeToString(a.vault.Label("feed", "candidate", a.session.String(), subject)[:16]), shown, err)
}

// statisticsAudience is what is published, by session.
type statisticsAudience struct{ audience }

func (a statisticsAudience) Name() string { return a.p.Name }

func (a statisticsAudience) Heeds(e *eventstore.Envelope) bool {
	return e.Stream.Category() == deliberation.PublicationCategory
}

func (a statisticsAudience) Fold(context.Context) error { return nil } // publications stand in the log as they are shown

func (a statisticsAudience) Subjects(_ context.Context, stream eventstore.StreamID) ([]string, error) {
	return []string{string(stream)}, nil
}

func (a statisticsAudience) Show(ctx context.Context, subject string) (changes.Shown, bool, error) {
	id, _ := eventstore.StreamID(subject).UUID()
	published, _, err := ledger.Load(ctx, a.Ledger, deliberation.PublicationDecider, id)
	if err != nil || len(published) == 0 {
		return changes.Shown{}, false, err
	}
	session := published[0].Session
	shown, err := a.Statistics(ctx, a.actor, session, a.Today())
	return tell(strconv.Itoa(int(session)), shown, err)
}
