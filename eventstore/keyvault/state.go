package keyvault

import "slices"

// next lists where a key may go from each state. Destruction always passes by the fence, and a key under
// hold is first released.
var next = map[State][]State{
	Active:   {Archived, Held, Fenced},
	Archived: {Held, Fenced},
	Held:     {Active, Archived},
	Fenced:   {Shredded},
}

// MayBecome tells whether a key may go from state s to state to in one step.
func (s State) MayBecome(to State) bool { return slices.Contains(next[s], to) }

// Err is what opening a key in that state answers: nil for Active only.
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
