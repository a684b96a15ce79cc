package keyvault

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"
)

// Custody moves the states of keys and renews what wraps them. It is for those who archive and destroy, and apart
// from Vault, which every reader is handed.
//
// SetStates moves all keys from one state to another, or none, as State.MayBecome allows; keys that are there
// already are left alone, so it may be repeated. It fails with ErrUnknown or ErrState, or with an error after which
// it may have taken effect. Shredding drops the wrapped bytes, keeps rows and fingerprints, and deletes the
// claims of an owner with the last of his living keys; SetStates answers once no file that the vault itself writes holds
// what it dropped. A vault in a database server can not promise that of the server's files and log: there, what was dropped
// is past recovery with the end of the wrapping key, one Window after the next rotation.
//
// Archive wraps keys to the public half of a custody pair and drops what wrapped them before: from then on this
// service can not open them. Hold does the same under the pair of a hold, so that they outlive the private half of
// their session's. Both take all keys or none, leave alone those that are there already, and answer once no file
// holds the former wraps. They fail with ErrNoPair, with ErrState for a key fenced or destroyed, and with
// ErrArchived for one in another custody that is not at hand: see WithCustody. A hold ends with SetStates(Held,
// Archived), which leaves the key in the custody of the hold's pair, or with Archive, which needs that custody.
//
// AddPair makes a pair known by its public half; repeated, it changes nothing; it fails with ErrPairTaken. DropPair
// forgets a pair whose private half is destroyed; it fails with ErrPairInUse as long as a living key would go with it.
//
// WithCustody is the same vault with the private halves of some pairs at hand: it also opens the keys that are
// archived or held under them, to read and to append, and Archive and Hold take keys from them.
//
// Rotate makes the wrapping key of the next epoch, wraps every living key of active service under it in a fresh
// file, and destroys the wrapping keys that have wrapped nothing for longer than the window in which backups may
// be restored. Killed anywhere, it has happened or it has not. It changes no state and no generation.
//
// Status counts keys and names what wraps them.
type Custody interface {
	SetStates(ctx context.Context, from, to State, keys ...uuid.UUID) error
	Archive(ctx context.Context, pair string, keys ...uuid.UUID) error
	Hold(ctx context.Context, pair string, keys ...uuid.UUID) error
	AddPair(ctx context.Context, pair *Pair) error
	DropPair(ctx context.Context, name string) error
	WithCustody(at ...*PrivateHalf) Custodian
	Rotate(ctx context.Context, at time.Time) (Rotation, error)
	Status(ctx context.Context) (Status, error)
}

// Custodian is a vault with the power to move its keys: what an adapter is.
type Custodian interface {
	Vault
	Custody
}

// Window is how long a wrapping key is kept once it wraps nothing any more: the age up to which a backup can be
// restored, and the longest that a destroyed key may be brought back from one.
const Window = 7 * 24 * time.Hour

// Epoch is the time of one wrapping key.
type Epoch struct {
	Number uint32
	Ref    KEKRef
	Born   time.Time // UTC, by the ledger's clock
}

// Rotation is the epoch that began, and those whose wrapping keys were destroyed, oldest first.
type Rotation struct {
	Began     Epoch
	Destroyed []Epoch
}

// Status says how many keys are where. It holds no secret.
type Status struct {
	Epochs []Epoch     // whose wrapping keys exist, oldest first
	Now    Epoch       // the one that wraps new keys
	Pairs  []PairCount // by name
	Counts []Count     // by class and state
}

// PairCount is a custody pair and how many living keys are wrapped to it.
type PairCount struct {
	Name string
	Ref  KEKRef
	Keys int
}

// Count is how many keys of a class are in a state.
type Count struct {
	Class Class
	State State
	Keys  int
}

// Compare orders counts by class, then by state.
func (c Count) Compare(d Count) int {
	return cmp.Or(cmp.Compare(c.Class, d.Class), cmp.Compare(c.State, d.State))
}

// Compare orders pairs by name.
func (p PairCount) Compare(q PairCount) int { return cmp.Compare(p.Name, q.Name) }
