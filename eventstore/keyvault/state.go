package keyvault

import "slices"

// next lists where a key may go from each state while it stays wrapped as it is. Destruction always passes by the
// fence, and a key under hold is first released: that leaves it in the custody of its hold's pair. Archive and
// Hold, which wrap a key anew, are the only other ways.
var next = map[State][]State{
	Active:   {Fenced},
	Archived: {Fenced},
	Held:     {Archived},
	Fenced:   {Shredded},
}

// MayBecome tells whether a key may go from state s to state to in one step, wrapped as it is.
func (s State) MayBecome(to State) bool { return slices.Contains(next[s], to) }

// Err is what opening a key in that state answers without custody: nil for Active only.
func (s State) Err() error {
	switch s {
	case Active:
		return nil
	case Archived, Held:
		return ErrArchived
	case Fenced, Shredded:
		return ErrShredded
	}
	return ErrCorrupt
}
