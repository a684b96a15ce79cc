package record

import (
	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// RecordGroupFigures enters the figures of the group that followed an enseignement. They replace those
// entered before as a whole.
type RecordGroupFigures struct {
	Enseignement Enseignement
	Headcount    uint16                     // of those with a mark; 0: not said
	Mean         mark.Mark                  // NotMarked: not said
	Shares       *mark.Shares               // nil: not said
	Nomenclature *nomenclature.Nomenclature // nil: only the form of codes is checked
}

// Decide grants it in an open year.
func (c RecordGroupFigures) Decide(s *State) ([]domain.Event, error) {
	if l := s.Line(c.Enseignement); l != nil && l.Group.Sequence != 0 && l.Group.Headcount == c.Headcount &&
		l.Group.Mean == c.Mean && sameShares(l.Group.Shares, c.Shares) {
		return nil, nil
	}
	if err := checkWritable(s, c.Enseignement.Year); err != nil {
		return nil, err
	}
	if _, _, err := checkLine(s, c.Nomenclature, c.Enseignement); err != nil {
		return nil, err
	}
	if c.Headcount == 0 && c.Mean == mark.NotMarked() && c.Shares == nil {
		return nil, domain.Refuse("groupe-vide", "Aucun chiffre n’est donné pour le groupe.", "Indiquez l’effectif, la moyenne ou la répartition.")
	}
	if c.Mean != mark.NotMarked() && !c.Mean.IsMarked() {
		return nil, domain.Refuse("moyenne-de-groupe-invalide", "La moyenne d’un groupe est une note.", "Laissez-la vide si personne n’a été noté.")
	}
	if c.Shares != nil && !c.Shares.AddUp() {
		return nil, errSharesDoNotAddUp()
	}
	return one(GroupFiguresRecorded{Enseignement: c.Enseignement, Headcount: c.Headcount, Mean: c.Mean, Shares: c.Shares})
}

func sameShares(a, b *mark.Shares) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func errSharesDoNotAddUp() error {
	return domain.Refuse("repartition-incoherente", "La répartition des moyennes du groupe ne totalise pas 100 %.",
		"Corrigez les trois pourcentages, ou leur calcul dans le logiciel d’origine.")
}
