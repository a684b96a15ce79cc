package retention

import "livret/domain"

// State is what is known of the keys of one owner.
type State struct {
	keys map[string]string // fingerprint by class
}

// Decider is that of retention streams.
var Decider = domain.Decider[*State]{
	Category: Category,
	Initial:  func() *State { return &State{keys: make(map[string]string)} },
	Evolve: func(s *State, fact domain.Fact) *State {
		if e, ok := fact.Event.(KeyCreated); ok {
			s.keys[e.Class] = e.Fingerprint
		}
		return s
	},
}

// Born tells whether the birth of that very key is recorded: nothing may be sealed under a key of which the
// ledger could not prove the destruction later.
func (s *State) Born(class, fingerprint string) bool {
	known, ok := s.keys[class]
	return ok && known == fingerprint
}

// RecordKeyCreated records the birth of a key. One owner has at most one key of a class, for ever: a second
// one would let what was destroyed with the first be written again.
type RecordKeyCreated struct {
	Class       string
	Fingerprint string // hex of keyvault's fingerprint
}

// Decide refuses by "cle-incomplete" and "cle-deja-nee".
func (c RecordKeyCreated) Decide(s *State) ([]domain.Event, error) {
	if c.Class == "" || c.Fingerprint == "" {
		return nil, domain.Refuse("cle-incomplete",
			"Une clé ne peut être enregistrée sans sa classe ni son empreinte.", "")
	}
	known, exists := s.keys[c.Class]
	switch {
	case !exists:
		return []domain.Event{KeyCreated(c)}, nil
	case known == c.Fingerprint:
		return nil, nil
	}
	return nil, domain.Refuse("cle-deja-nee",
		"Une autre clé de la même classe a déjà été créée pour ce dossier ; une clé ne se remplace pas.",
		"Vérifiez que le coffre de clés est bien celui de ce registre : une sauvegarde d’un autre coffre a pu être restaurée.")
}
