package retention

import (
	"maps"
	"slices"

	"livret/domain"
)

// KeysArchived says that the keys of a livret left active service: they are wrapped to the public half of a custody
// pair, and only who holds the private half opens them.
type KeysArchived struct {
	Pair string `json:"pair"` // by the name of its session, "2018-juin"
	Keys []Key  `json:"keys"` // by class
}

// EventType is the name on disk.
func (KeysArchived) EventType() string { return "retention.KeysArchived" }

// Archivable lists the keys that have to leave active service by a day, by class, and the pair that receives them.
// A sanction stays until its term, and so does the file of a hold.
func (s *State) Archivable(on domain.Date) (pair string, keys []Key) {
	if s.request != nil {
		return "", nil
	}
	for _, class := range slices.Sorted(maps.Keys(s.keys)) {
		for _, rule := range rulesOf(class) {
			clock, runs := s.clocks[rule]
			if runs && !clock.Active.IsZero() && !on.Before(clock.Active) && !s.dead[class] && !s.archived[class] {
				pair, keys = clock.Session, append(keys, Key{class, s.keys[class]})
			}
		}
	}
	return pair, keys
}

// RecordArchived records that keys left active service. Whoever asks has seen it.
type RecordArchived KeysArchived

// Decide refuses by "cle-inconnue".
func (c RecordArchived) Decide(s *State) ([]domain.Event, error) {
	e := KeysArchived{Pair: c.Pair}
	for _, key := range c.Keys {
		if s.keys[key.Class] != key.Fingerprint {
			return nil, domain.Refuse("cle-inconnue", "Une clé archivée n’est pas celle dont la naissance est inscrite.", "Vérifiez le registre par « livret check ».")
		}
		if !s.archived[key.Class] {
			e.Keys = append(e.Keys, key)
		}
	}
	if len(e.Keys) == 0 {
		return nil, nil
	}
	return []domain.Event{e}, nil
}
