package ledger

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// AvisShares freezes, in each livret whose terminale is locked, how the avis were shared among all pupils of
// the school who prepare the same exam in the same série: the paper model (arrêté of 30 March 2012) prints
// them beside the avis, and a later avis must not change what a locked livret says.
type AvisShares struct {
	Roster       Roster
	Nomenclature nomenclature.Nomenclature
}

// Name is that of the reaction.
func (AvisShares) Name() string { return "reaction.avis-shares.v1" }

// Categories are those of livrets.
func (AvisShares) Categories() []string { return []string{record.Category} }

// Types is the only one that something follows from.
func (AvisShares) Types() []string { return []string{record.PeriodLocked{}.EventType()} }

// serie is the pupils that an avis is compared with.
type serie struct {
	school  nomenclature.UAI
	session nomenclature.SchoolYear
	code    nomenclature.Serie
}

// React freezes the shares of the livrets locked among the facts. Those of one série are counted once, after
// all these locks.
func (a AvisShares) React(ctx context.Context, l *Ledger, facts []Fact) error {
	locked := make(map[uuid.UUID]bool)
	for _, fact := range facts {
		if lock, ok := fact.Event.(record.PeriodLocked); ok && lock.Period == 0 {
			if livret, ok := fact.Envelope.Stream.UUID(); ok {
				locked[livret] = true
			}
		}
	}
	counted := make(map[serie]record.FreezeAvisShares)
	orders := abreast()
	for livret := range locked {
		state, _, err := Load(ctx, l, record.Decider, livret)
		if beyond(err) {
			continue
		}
		if err != nil {
			return errors.Join(err, orders.Wait())
		}
		of, ok := a.serieOf(state)
		if !ok || !state.Locked(state.Terminale(), 0) {
			continue
		}
		command, known := counted[of]
		if !known {
			if command, err = a.count(ctx, l, of); err != nil {
				return errors.Join(err, orders.Wait())
			}
			counted[of] = command
		}
		orders.Go(func() error { return freeze(ctx, l, livret, command) })
	}
	return orders.Wait()
}

func freeze(ctx context.Context, l *Ledger, livret uuid.UUID, command record.FreezeAvisShares) error {
	grant, err := l.itself(access.FreezeAvisShares)
	if err != nil {
		return err
	}
	_, err = Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, record.Decider, livret, command)
	var refusal *domain.Refusal
	if errors.As(err, &refusal) || beyond(err) {
		return nil // unlocked meanwhile, or nobody has an avis: the next lock counts again
	}
	return err
}

// serieOf is whom a livret is compared with: where the pupil is in terminale.
func (a AvisShares) serieOf(s *record.State) (serie, bool) {
	schooling, ok := s.Year(s.Terminale()).Schooling()
	if !ok {
		return serie{}, false
	}
	programme, err := a.Nomenclature.Programme(s.Terminale(), schooling.MEF)
	return serie{schooling.UAI, s.Session, programme.Serie}, err == nil
}

// count counts the avis of a série. Pupils without avis are not in the headcount.
func (a AvisShares) count(ctx context.Context, l *Ledger, of serie) (record.FreezeAvisShares, error) {
	livrets, err := a.Roster.Livrets(ctx, of.school)
	if err != nil {
		return record.FreezeAvisShares{}, err
	}
	counts := make(map[record.Avis]int)
	for _, livret := range livrets {
		state, _, err := Load(ctx, l, record.Decider, livret)
		if beyond(err) {
			continue
		}
		if err != nil {
			return record.FreezeAvisShares{}, err
		}
		if with, ok := a.serieOf(state); ok && with == of && state.Avis != "" {
			counts[state.Avis]++
		}
	}
	return record.CountAvis(of.code, counts), nil
}
