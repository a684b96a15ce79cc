package retention

import "livret/domain"

// RuleForgotten refuses a new key to who is being forgotten, or was.
const RuleForgotten = "dossier-detruit"

// RecordKeyCreated records the birth of a key. One owner has at most one key of a class, for ever: a second
// one would let what was destroyed with the first be written again.
type RecordKeyCreated struct {
	Class       string
	Fingerprint string // hex of keyvault's fingerprint
}

// Decide refuses by "cle-incomplete", "cle-deja-nee" and, once a destruction was requested, RuleForgotten: the
// request lists all the keys there will ever be.
func (c RecordKeyCreated) Decide(s *State) ([]domain.Event, error) {
	if c.Class == "" || c.Fingerprint == "" {
		return nil, domain.Refuse("cle-incomplete",
			"Une clé ne peut être enregistrée sans sa classe ni son empreinte.", "")
	}
	known, exists := s.keys[c.Class]
	switch {
	case exists && known == c.Fingerprint:
		return nil, nil
	case exists:
		return nil, domain.Refuse("cle-deja-nee",
			"Une autre clé de la même classe a déjà été créée pour ce dossier ; une clé ne se remplace pas.",
			"Vérifiez que le coffre de clés est bien celui de ce registre : une sauvegarde d’un autre coffre a pu être restaurée.")
	case s.request != nil || len(s.done) > 0:
		return nil, domain.Refuse(RuleForgotten, "Ce dossier est détruit, ou en cours de destruction.", "")
	}
	return []domain.Event{KeyCreated(c)}, nil
}
