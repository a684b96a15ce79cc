package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// IssueAvis enters the team's opinion in view of the exam. Another one replaces it until the lock.
type IssueAvis struct {
	Avis Avis
}

// Decide grants it while the cycle is open.
func (c IssueAvis) Decide(s *State) ([]domain.Event, error) {
	if s.Avis == c.Avis && c.Avis != "" {
		return nil, nil
	}
	if err := checkCycleWritable(s); err != nil {
		return nil, err
	}
	switch c.Avis {
	case TresFavorable, Favorable, AssezFavorable, FaireSesPreuves:
		return one(AvisIssued(c))
	}
	return nil, domain.Refuse("avis-inconnu", "Cet avis n’existe pas.",
		"Choisissez « très favorable », « favorable », « assez favorable » ou « doit faire ses preuves ».")
}

// FreezeAvisShares keeps in the livret how avis were shared among all pupils of the school in the série.
// The shares are those of the lock: T, F, A and D in hundredths of a per cent, and the headcount.
type FreezeAvisShares struct {
	Serie      nomenclature.Serie
	Headcount  uint16
	T, F, A, D uint16
}

// Decide grants it once for each lock of the terminale.
func (c FreezeAvisShares) Decide(s *State) ([]domain.Event, error) {
	event := AvisSharesFrozen(c)
	if s.Shares != nil && s.Shares.AvisSharesFrozen == event {
		return nil, nil
	}
	if err := checkOpen(s); err != nil {
		return nil, err
	}
	if !s.Locked(s.Terminale(), 0) {
		return nil, domain.Refuse("livret-non-verrouille", "La répartition des avis se fige au verrouillage de l’année de terminale.",
			"Verrouillez d’abord l’année.")
	}
	if s.Shares != nil && s.Shares.Sequence > s.Year(s.Terminale()).LockedAt {
		return nil, domain.Refuse("repartition-figee", "La répartition des avis est figée depuis le verrouillage.",
			"Déverrouillez l’année, en indiquant le motif, puis verrouillez-la de nouveau.")
	}
	if sum := int(c.T) + int(c.F) + int(c.A) + int(c.D); c.Headcount == 0 || sum < 9990 || sum > 10010 {
		return nil, domain.Refuse("repartition-incoherente", "La répartition des avis ne totalise pas 100 % ou ne porte sur personne.",
			"Recalculez-la sur tous les élèves de la série dans l’établissement.")
	}
	return one(event)
}

// CountAvis is the command that says how avis are shared: the first three shares rounded half up to a
// hundredth of a per cent, and the last one what is left, so that they sum to 100 %, as marks software does
// for the bins of a group. With nobody to count it is a command that Decide refuses.
func CountAvis(serie nomenclature.Serie, counts map[Avis]int) FreezeAvisShares {
	total := counts[TresFavorable] + counts[Favorable] + counts[AssezFavorable] + counts[FaireSesPreuves]
	c := FreezeAvisShares{Serie: serie, Headcount: uint16(min(total, 0xffff))}
	if total == 0 {
		return c
	}
	left := 10000
	for _, share := range []struct {
		of   Avis
		into *uint16
	}{{TresFavorable, &c.T}, {Favorable, &c.F}, {AssezFavorable, &c.A}} {
		rounded := min((counts[share.of]*20000+total)/(2*total), left)
		*share.into = uint16(rounded)
		left -= rounded
	}
	c.D = uint16(left)
	return c
}
