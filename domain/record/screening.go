package record

import "livret/domain"

// DecideScreening records what a human decided on a text that the screening rule drew attention to: kept as
// it is, or rewritten, in which case Text is the new text. The suspected category is never kept.
type DecideScreening struct {
	Text     uint64 // sequence of the text's event
	Decision ScreeningDecision
	Rule     string // version of the screening rule
}

// Decide grants it on a text that stands; the lock does not matter, for the text does not change.
func (c DecideScreening) Decide(s *State) ([]domain.Event, error) {
	t := s.Text(c.Text)
	if t == nil {
		return nil, errTextReplaced()
	}
	if t.Screening != nil && *t.Screening == (Screening{c.Decision, c.Rule}) {
		return nil, nil
	}
	if c.Decision != TextKept && c.Decision != TextRewritten {
		return nil, domain.Refuse("decision-inconnue", "Cette décision n’existe pas.", "Conservez le texte ou réécrivez-le.")
	}
	if c.Rule == "" {
		return nil, domain.Refuse("regle-manquante", "La version de la règle de relecture n’est pas indiquée.", "")
	}
	return one(FreeTextScreened(c))
}

func errTextReplaced() error {
	return domain.Refuse("texte-remplace", "Ce texte n’est plus dans le livret, ou n’y a jamais été.", "Relisez le livret tel qu’il est maintenant.")
}
