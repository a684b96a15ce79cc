package instance

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/eventstore/ledger"
	"livret/projections/jury"
)

// order gives a command to a candidate and brings the views up to it. It answers false if it was so already.
func (i *Instance) order(ctx context.Context, grant access.Grant, livret, candidate uuid.UUID, command domain.Command[*deliberation.Candidate]) (bool, error) {
	changed, err := i.write(ctx, grant, livret, candidate, command)
	if err != nil {
		return false, err
	}
	return changed, i.CatchUp(ctx)
}

// write is order for one of many, after which the views are brought up once.
func (i *Instance) write(ctx context.Context, grant access.Grant, livret, candidate uuid.UUID, command domain.Command[*deliberation.Candidate]) (bool, error) {
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Owner: livret, Quiet: true}, deliberation.CandidateDecider, candidate, command)
	return len(result.Events) > 0, err
}

// Assign sends candidates before a jury; no numbers: all of the session who are before none. What is refused is
// left aside.
func (i *Instance) Assign(ctx context.Context, actor access.Actor, of JuryName, numbers ...string) (Batch, error) {
	stands, err := i.jury(ctx, of.Stream())
	if err != nil {
		return Batch{}, err
	}
	if len(numbers) == 0 {
		entries, err := i.Jury.List(ctx, of.Session)
		if err != nil {
			return Batch{}, err
		}
		for _, e := range entries {
			if e.Jury == "" {
				numbers = append(numbers, e.Number)
			}
		}
	}
	b, err := batch(ctx, numbers, func(ctx context.Context, n int) (bool, error) {
		c, err := i.before(ctx, actor, access.AssignJury, of.Session, numbers[n])
		if err != nil {
			return false, unknownCandidate(err)
		}
		return i.write(ctx, c.grant, c.Livret, c.Candidate, deliberation.AssignJury{Jury: of.Stream(), Session: stands.Session})
	})
	return b, errors.Join(err, i.CatchUp(ctx))
}

// unknownCandidate makes the lack of a candidate a refusal, where many are named.
func unknownCandidate(err error) error {
	if errors.Is(err, ErrNotFound) {
		return domain.Refuse("candidat-inconnu", "Aucun candidat de cette session ne porte ce numéro.", "Vérifiez le numéro et la session.")
	}
	return err
}

// Examine records that the jury examined the livret as it is shown now. seen is the imprint of what was before its
// eyes; if it is no longer what is shown, that is refused.
func (i *Instance) Examine(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string, group deliberation.Group, seen string) (bool, error) {
	b, err := i.seen(ctx, actor, access.ExamineLivret, session, number, seen)
	if err != nil {
		return false, err
	}
	return i.order(ctx, b.grant, b.Livret, b.Candidate, deliberation.ExamineLivret{
		Jury: b.Jury, Group: group, RecordVersion: b.RecordVersion, Projection: jury.Name, Salt: b.Salt, ViewHash: b.ViewHash,
	})
}

// GivePresidentVisa signs the examination of the livret as it is shown now, whose imprint was seen. Given by
// anybody but the president, it says that he signed on paper.
func (i *Instance) GivePresidentVisa(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string, group deliberation.Group, seen string) (bool, error) {
	b, err := i.seen(ctx, actor, access.GivePresidentVisa, session, number, seen)
	if err != nil {
		return false, err
	}
	return i.order(ctx, b.grant, b.Livret, b.Candidate, deliberation.GivePresidentVisa{
		Jury: b.Jury, Group: group, RecordVersion: b.RecordVersion, ViewHash: b.ViewHash, Paper: actor.Role != access.PresidentJury,
	})
}

func (i *Instance) seen(ctx context.Context, actor access.Actor, act access.Act, session deliberation.ExamSession, number, imprint string) (brought, error) {
	if err := i.fold(ctx); err != nil { // what is signed is what the livret says now
		return brought{}, err
	}
	b, err := i.before(ctx, actor, act, session, number)
	if err == nil && b.RecordVersion != 0 && imprint != hex.EncodeToString(b.ViewHash) {
		err = domain.Refuse("livret-modifie", "Le livret a changé depuis qu’il vous a été montré.", "Lisez le dossier tel qu’il est, puis recommencez.")
	}
	return b, err
}

// RecordResult records what the jury decided of a candidate after a group. It answers false if it was recorded.
func (i *Instance) RecordResult(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string, group deliberation.Group, result deliberation.Result, mention deliberation.Mention) (bool, error) {
	if err := i.fold(ctx); err != nil {
		return false, err
	}
	b, err := i.before(ctx, actor, access.RecordResult, session, number)
	if err != nil {
		return false, err
	}
	closed, err := i.DeliberationsClosed(ctx, session)
	if err != nil {
		return false, err
	}
	return i.order(ctx, b.grant, b.Livret, b.Candidate, deliberation.RecordResult{
		Group: group, Result: result, Mention: mention, RecordVersion: b.RecordVersion, Closed: closed,
	})
}

// Reopen orders a new deliberation on a candidate. It answers false if that very one was ordered.
func (i *Instance) Reopen(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string, deliberationNumber uint8, ground deliberation.Ground) (bool, error) {
	b, err := i.before(ctx, actor, access.ReopenDeliberation, session, number)
	if err != nil {
		return false, err
	}
	return i.order(ctx, b.grant, b.Livret, b.Candidate, deliberation.ReopenDeliberation{Deliberation: deliberationNumber, Ground: ground})
}

// RegisterAgain registers in September a candidate of June. It answers false if he was.
func (i *Instance) RegisterAgain(ctx context.Context, actor access.Actor, june deliberation.ExamSession, number string) (bool, error) {
	b, err := i.before(ctx, actor, access.RegisterCandidate, june, number)
	if err != nil {
		return false, err
	}
	candidate, _, err := ledger.Load(ctx, i.Ledger, deliberation.CandidateDecider, b.Candidate)
	if err != nil {
		return false, err
	}
	changed, err := i.Ledger.RegisterAgain(ctx, b.grant, candidate)
	if err != nil {
		return false, err
	}
	return changed, i.CatchUp(ctx)
}
