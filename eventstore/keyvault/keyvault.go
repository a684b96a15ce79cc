// Package keyvault holds the keys: independent, random, one per owner and retention class, wrapped at rest
// in a file of their own, and made to be destroyed. Forgetting a pupil is destroying his keys; so a key
// destroyed is a state with its own error, never a missing row, and no key is ever made twice.
//
// What wraps a key is destroyed in its turn, and with it every copy of the key in whatever file or backup: the
// wrapping key (KEK) of an epoch, renewed each day, while the key is in active service; the private half of a
// custody pair, which the service never has, once the key is archived or held.
package keyvault

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// Class is a retention class: keys of one owner and different classes die on different days.
type Class string

// The classes of keys. A session key seals sufficient statistics and belongs to nobody.
const (
	Identity       Class = "identity"
	Record         Class = "record"
	Candidate      Class = "candidate"
	Sanction       Class = "sanction"
	Subject        Class = "subject" // whose a sanction is: an owner has both, and who opens the one need not open the other
	SchoolSanction Class = "schoolsanction"
	Consultation   Class = "consultation"
	Staff          Class = "staff"
	Session        Class = "session"
	Hold           Class = "hold"    // who asked that livrets be kept, and why
	Request        Class = "request" // who asked for a probatory archive, and why
)

// State is where a key is in its life. It only ever moves forward, except into and out of Held.
type State string

// The states of a key. The active service opens Active keys only; Archived and Held keys are wrapped to a custody
// pair and need its private half; Fenced is a destruction under way: nobody opens it any more; Shredded is the
// end, and the row stays to say so.
const (
	Active   State = "active"
	Archived State = "archived"
	Held     State = "held"
	Fenced   State = "fenced"
	Shredded State = "shredded"
)

// Fingerprint names a key without revealing it: SHA-256 of "livret/keyfp/v1" and its 32 random bytes. It
// proves which key was destroyed, shows a swapped one, and refuses the return of a dead one.
type Fingerprint [32]byte

// Info is what may be known of a key without opening it.
type Info struct {
	ID          uuid.UUID
	Owner       uuid.UUID // the livret, member of staff or session it belongs to
	Class       Class
	State       State
	Fingerprint Fingerprint
}

// Errors of a Vault. ErrShredded is an ordinary answer about a forgotten person; ErrCorrupt is an incident,
// and neither is ever shown as an empty value.
var (
	ErrShredded  = errors.New("keyvault: key destroyed")
	ErrArchived  = errors.New("keyvault: key is in custody")
	ErrUnknown   = errors.New("keyvault: no such key")
	ErrForbidden = errors.New("keyvault: this role may not do that")
	ErrCorrupt   = errors.New("keyvault: key or sealed bytes fail to open")
	ErrLocked    = errors.New("keyvault: wrapping key is missing or wrong")
	ErrClosed    = errors.New("keyvault: vault is closed")
	ErrState     = errors.New("keyvault: key is in another state, or may not go there")

	ErrNoPair    = errors.New("keyvault: no such custody pair")
	ErrPairTaken = errors.New("keyvault: another custody pair has that name")
	ErrPairInUse = errors.New("keyvault: keys are still in the custody of this pair")
	ErrShares    = errors.New("keyvault: these are not the two shares of one custody pair")
)

// Birth asks for a key.
type Birth struct {
	Owner uuid.UUID
	Class Class
}

// Claim asks for the owner known under some identifying parts, or to become it.
type Claim struct {
	Kind  string    // what is being found again: "livret", "staff", "candidate"
	Parts []string  // identifying values; only a keyed hash of them is kept
	Owner uuid.UUID // proposed owner if nobody holds the claim yet
}

// Vault keeps keys.
//
// Create makes the keys that do not exist yet and answers all of them, in the order asked, durable before it
// answers; asking again is a no-op, whatever the concurrency. A key that was destroyed is answered with its
// Shredded info and never made again. Find answers the key of an owner and class, or ErrUnknown.
//
// Open unwraps a key for immediate use: the caller zeroes it with Key.Zero, at the latest at the end of its
// batch. It fails with ErrShredded for Fenced and Shredded, ErrArchived for Archived and Held, ErrUnknown,
// or ErrCorrupt when the row fails to unwrap or its fingerprint differs.
//
// Resolve answers the owner of each claim, in order: the first proposed, for ever, under any concurrency.
// Lookup answers the owner of a claim without making one, or ErrUnknown. Label is the keyed hash (HMAC under
// the vault's secret) of some parts, for index columns of views that must not be in clear.
//
// Forget deletes keys that no event was ever sealed with (orphans of a crash between a key's row and its
// KeyCreated), and the claims of their owner if no living key of his remains: all or none. It leaves unknown
// ones alone, and fails with ErrShredded or ErrArchived when one is no longer Active. Keys lists all infos, in
// no order. Generation changes each time any key changes state or is forgotten: a batch that opened keys
// commits only if it still stands.
//
// An adapter is also a Custody, which moves the states of keys and is handed to custodians only.
//
// All methods are safe for concurrent use; an error other than the above may have taken effect, and every
// method may be repeated.
type Vault interface {
	Create(ctx context.Context, births ...Birth) ([]Info, error)
	Find(ctx context.Context, owner uuid.UUID, class Class) (Info, error)
	Info(ctx context.Context, key uuid.UUID) (Info, error)
	Open(ctx context.Context, key uuid.UUID) (*Key, error)
	Resolve(ctx context.Context, claims ...Claim) ([]uuid.UUID, error)
	Lookup(ctx context.Context, kind string, parts ...string) (uuid.UUID, error)
	Label(parts ...string) []byte
	Forget(ctx context.Context, keys ...uuid.UUID) error
	Keys(ctx context.Context) ([]Info, error)
	Generation(ctx context.Context) (uint64, error)
	Close() error
}

// Opener is the part of a vault that a reader needs.
type Opener interface {
	Open(ctx context.Context, key uuid.UUID) (*Key, error)
	Info(ctx context.Context, key uuid.UUID) (Info, error)
	Generation(ctx context.Context) (uint64, error)
	Label(parts ...string) []byte
}

// Restrict is an Opener that opens keys of the given classes only and answers ErrForbidden for others: the
// jury's and the statistician's processes are handed such a one.
func Restrict(v Opener, classes ...Class) Opener { return restricted{v, classes} }

type restricted struct {
	Opener
	classes []Class
}

func (r restricted) Open(ctx context.Context, key uuid.UUID) (*Key, error) {
	info, err := r.Opener.Info(ctx, key)
	if err != nil {
		return nil, err
	}
	for _, class := range r.classes {
		if class == info.Class {
			return r.Opener.Open(ctx, key)
		}
	}
	return nil, ErrForbidden
}
