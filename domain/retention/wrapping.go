package retention

import (
	"slices"

	"livret/domain"
)

// WrappingCategory is the stream category of what wraps keys, wrapping-<ledger>: one stream, in clear. With a key
// destroyed, copies of it remain in backups until that which wrapped it is destroyed as well; so a certificate is
// final once this stream says that no wrapping key of the day is left.
const WrappingCategory = "wrapping"

// WrappingKeyRotated says that a wrapping key began to wrap: from then on it wraps every living key of active
// service.
type WrappingKeyRotated struct {
	Epoch uint32 `json:"epoch"`
	Ref   string `json:"ref"` // hex of keyvault's name of the wrapping key
}

// WrappingKeyDestroyed says that a wrapping key exists no more: what only it wrapped is gone, in whatever copy.
type WrappingKeyDestroyed struct {
	Epoch uint32 `json:"epoch"`
	Ref   string `json:"ref"`
}

// CustodyPairCreated says that a custody pair came to be: the service has its public half, two custodians each a
// share of the private one.
type CustodyPairCreated struct {
	Pair string `json:"pair"` // the session, "2018-juin", or the id of a hold
	Ref  string `json:"ref"`  // hex of keyvault's name of the pair
}

// CustodyPairDestroyed says that the custodians destroyed their shares, no living key being left under the pair.
type CustodyPairDestroyed struct {
	Pair string `json:"pair"`
	Ref  string `json:"ref"`
}

// EventType is the name on disk.
func (WrappingKeyRotated) EventType() string { return "wrapping.WrappingKeyRotated" }

// EventType is the name on disk.
func (WrappingKeyDestroyed) EventType() string { return "wrapping.WrappingKeyDestroyed" }

// EventType is the name on disk.
func (CustodyPairCreated) EventType() string { return "wrapping.CustodyPairCreated" }

// EventType is the name on disk.
func (CustodyPairDestroyed) EventType() string { return "wrapping.CustodyPairDestroyed" }

// Wrapping is what wraps keys, as it is recorded.
type Wrapping struct {
	Keys  []WrappingKeyRotated // that exist, in the order of their birth
	Pairs []CustodyPairCreated // that exist, likewise
	gone  map[string]bool      // names of pairs destroyed
}

// WrappingDecider is that of the stream of wrapping keys.
var WrappingDecider = domain.Decider[*Wrapping]{
	Category: WrappingCategory,
	Initial:  func() *Wrapping { return &Wrapping{gone: make(map[string]bool)} },
	Evolve: func(w *Wrapping, fact domain.Fact) *Wrapping {
		switch e := fact.Event.(type) {
		case WrappingKeyRotated:
			w.Keys = append(w.Keys, e)
		case WrappingKeyDestroyed:
			w.Keys = slices.DeleteFunc(w.Keys, func(k WrappingKeyRotated) bool { return k.Ref == e.Ref })
		case CustodyPairCreated:
			w.Pairs = append(w.Pairs, e)
		case CustodyPairDestroyed:
			w.Pairs = slices.DeleteFunc(w.Pairs, func(p CustodyPairCreated) bool { return p.Ref == e.Ref })
			w.gone[e.Pair] = true
		}
		return w
	},
}

// Outlived tells whether every wrapping key up to an epoch is destroyed: then nothing opens what one of them
// wrapped, in whatever backup. The epoch is that which stood when a key was destroyed; 0, none recorded, is never outlived.
func (w *Wrapping) Outlived(epoch uint32) bool {
	return epoch > 0 && len(w.Keys) > 0 && !slices.ContainsFunc(w.Keys, func(k WrappingKeyRotated) bool { return k.Epoch <= epoch })
}

// Gone tells whether a custody pair was destroyed: then nothing opens what was wrapped to it.
func (w *Wrapping) Gone(pair string) bool { return w.gone[pair] }

// MayCreate refuses a custody pair of a name that was already given, by "paire-deja-creee" and "paire-detruite".
func (w *Wrapping) MayCreate(pair string) error {
	switch {
	case slices.ContainsFunc(w.Pairs, func(p CustodyPairCreated) bool { return p.Pair == pair }):
		return domain.Refuse("paire-deja-creee", "Une paire de garde porte déjà ce nom.", "Ses deux parts sont chez leurs gardiens ; une paire ne se remplace pas.")
	case w.gone[pair]:
		return domain.Refuse("paire-detruite", "La paire de garde de ce nom a été détruite.", "")
	}
	return nil
}

// RecordWrapping records what exists, as the vault says it. What is missing from the record was made, and what is
// recorded and does not exist any more was destroyed: so whoever was killed between the two is made up for.
type RecordWrapping struct {
	Keys  []WrappingKeyRotated // oldest first
	Pairs []CustodyPairCreated
}

// Decide refuses by "cle-d-enveloppe-incomplete": a vault always has a wrapping key.
func (c RecordWrapping) Decide(w *Wrapping) ([]domain.Event, error) {
	if len(c.Keys) == 0 {
		return nil, domain.Refuse("cle-d-enveloppe-incomplete", "Un coffre a toujours une clé d’enveloppe.", "")
	}
	var events []domain.Event
	for _, key := range c.Keys {
		if !slices.Contains(w.Keys, key) {
			events = append(events, key)
		}
	}
	for _, key := range w.Keys {
		if !slices.Contains(c.Keys, key) {
			events = append(events, WrappingKeyDestroyed(key))
		}
	}
	for _, pair := range c.Pairs {
		if !slices.Contains(w.Pairs, pair) {
			events = append(events, pair)
		}
	}
	for _, pair := range w.Pairs {
		if !slices.Contains(c.Pairs, pair) {
			events = append(events, CustodyPairDestroyed(pair))
		}
	}
	return events, nil
}
