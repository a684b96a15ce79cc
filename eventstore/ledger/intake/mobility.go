package intake

import (
	"context"
	"errors"
	"strconv"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// A SIECLE id is a number of one school's base: a pupil who changes school has another one there. His INE follows
// him, and finds his livret again; it opens nothing by itself, for anybody may know an INE. The school that he
// leaves, or the exams division, orders the transfer, and the next import of the other school takes the livret up.

func ineClaim(ine string, session nomenclature.SchoolYear) []string {
	return []string{ine, strconv.Itoa(int(session))}
}

// claimINE makes livrets found again by the INE of their pupils. Who had the number first keeps it.
func (b *base) claimINE(ctx context.Context, all []entrant) error {
	var claims []keyvault.Claim
	for _, e := range all {
		if e.who.INE != "" {
			claims = append(claims, keyvault.Claim{Kind: claimINE, Parts: ineClaim(e.who.INE, e.session), Owner: e.livret})
		}
	}
	if len(claims) == 0 {
		return nil
	}
	_, err := b.Ledger.Vault().Resolve(ctx, claims...)
	return err
}

// byINE finds a livret by one of the INE of its pupil; Nil if there is none.
func (b *base) byINE(ctx context.Context, e entrant, session nomenclature.SchoolYear) (uuid.UUID, error) {
	for _, ine := range e.ines {
		livret, err := known(b.Ledger.Vault().Lookup(ctx, claimINE, ineClaim(ine, session)...))
		if livret != uuid.Nil || err != nil {
			return livret, err
		}
	}
	return uuid.Nil, nil
}

func known(livret uuid.UUID, err error) (uuid.UUID, error) {
	if errors.Is(err, keyvault.ErrUnknown) {
		return uuid.Nil, nil
	}
	return livret, err
}

// join finds the livret that a pupil without one in this school already has: under another SIECLE id, or in the
// school that he left, if it let him go. It answers Nil if he has none.
func (b *base) join(ctx context.Context, e entrant) (livret uuid.UUID, refusal *domain.Refusal, err error) {
	if livret, err = b.byINE(ctx, e, e.session); livret == uuid.Nil || err != nil {
		return uuid.Nil, nil, err
	}
	state, pupil, err := b.standing(ctx, livret)
	switch {
	case lawfullyGone(err):
		return uuid.Nil, nil, nil
	case err != nil:
		return uuid.Nil, nil, err
	case !state.OpenTo(b.school):
		return livret, takenUp, nil
	case !sameBirth(pupil, e.who):
		return livret, misnumbered, nil
	}
	return livret, nil, nil
}

// takenUp is what a school is answered about the livret of a pupil who is in another one.
var takenUp = refuse("livret-dans-un-autre-etablissement",
	"Le livret de cet élève pour cette session d’examen est tenu par un autre établissement.",
	"Demandez à cet établissement, ou à la division des examens, d’en ordonner le transfert, puis importez de nouveau.")

// misnumbered is the answer to an INE that a livret has, of a pupil born another day.
var misnumbered = refuse("ine-discordant", "L’INE de cet élève est celui d’un élève né un autre jour, qui a déjà un livret.",
	"Vérifiez l’INE et la date de naissance dans SIECLE.")

func refuse(rule, reason, remedy string) *domain.Refusal {
	return &domain.Refusal{Rule: rule, Reason: reason, Remedy: remedy}
}

// sameBirth tells a number of somebody else: an INE that was mistyped opens nobody's livret.
func sameBirth(p *identity.Pupil, who identity.RecordPupil) bool {
	return p.Civil.BirthDate == "" || who.Civil == nil || who.Civil.BirthDate == "" || p.Civil.BirthDate == who.Civil.BirthDate
}

// standing is a livret, and its pupil, as they stand.
func (b *base) standing(ctx context.Context, livret uuid.UUID) (*record.State, *identity.Pupil, error) {
	state, _, err := ledger.Load(ctx, b.Ledger, record.Decider, livret)
	if err != nil {
		return nil, nil, err
	}
	pupil, _, err := ledger.Load(ctx, b.Ledger, identity.PupilDecider, livret)
	return state, pupil, err
}

func lawfullyGone(err error) bool {
	return errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived)
}
