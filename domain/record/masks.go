package record

import (
	"slices"
	"unicode/utf8"

	"livret/domain"
)

// MaskPassages records which passages of texts name someone or somewhere, all texts of the livret at once:
// one decision and one append for a whole import.
type MaskPassages struct {
	Masks []PassagesMasked
}

// Decide grants the masks that say something new. Those of texts that were replaced in the meantime are
// passed over: nobody sees these texts any more. Locks do not matter, for no text changes.
func (c MaskPassages) Decide(s *State) ([]domain.Event, error) {
	var events []domain.Event
	for i, m := range c.Masks {
		t := s.Text(m.Text)
		if t == nil || t.Mask != nil && t.Mask.Rule == m.Rule && slices.Equal(t.Mask.Spans, m.Spans) {
			continue
		}
		if slices.ContainsFunc(c.Masks[:i], func(earlier PassagesMasked) bool { return earlier.Text == m.Text }) {
			return nil, domain.Refuse("masque-en-double", "Un texte reçoit deux masques à la fois.", "")
		}
		if m.Rule == "" {
			return nil, domain.Refuse("regle-manquante", "La version de la règle de masquage n’est pas indiquée.", "")
		}
		end := uint16(0)
		for j, span := range m.Spans {
			if j > 0 && span[0] < end || span[0] >= span[1] || int(span[1]) > utf8.RuneCountInString(t.Value) {
				return nil, domain.Refuse("masque-invalide", "Un passage à masquer sort du texte ou en chevauche un autre.", "")
			}
			end = span[1]
		}
		events = append(events, m)
	}
	return events, nil
}
