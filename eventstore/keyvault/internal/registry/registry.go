// Package registry is what a vault's adapters have in common: the rows in memory, and drafts of changes that
// an adapter makes durable in its own way before anyone sees them. Wrapped rows say no more in memory than in
// their file; no unwrapped key is ever kept.
package registry

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

// Row is a key as it is kept: under the wrapping key of an epoch, or of no epoch under that of a custody pair. Wrapped
// is nil once it is shredded.
type Row struct {
	keyvault.Info
	KEK     keyvault.KEKRef // or that of the pair
	Epoch   uint32
	Wrapped []byte
	Seal    keyvault.Seal
}

// holding is what an owner has in a vault.
type holding struct {
	keys   []uuid.UUID
	claims []keyvault.Blind
}

type holdings map[uuid.UUID]*holding

func (h holdings) of(owner uuid.UUID) *holding {
	if h[owner] == nil {
		h[owner] = new(holding)
	}
	return h[owner]
}

// Registry holds the rows and claims of one vault. It does not lock: its adapter does.
type Registry struct {
	kek        *keyvault.KEK
	secret     keyvault.Secret
	generation uint64
	keys       map[uuid.UUID]*Row
	owners     holdings
	dead       map[keyvault.Fingerprint]struct{}
	claims     map[keyvault.Blind]uuid.UUID
	pairs      map[string]*keyvault.Pair
	draw       func() [keyvault.KeySize]byte
}

// New makes an empty registry whose keys are drawn from the system's random source.
func New(kek *keyvault.KEK, secret keyvault.Secret) *Registry {
	return &Registry{
		kek:    kek,
		secret: secret,
		keys:   make(map[uuid.UUID]*Row),
		owners: make(holdings),
		dead:   make(map[keyvault.Fingerprint]struct{}),
		claims: make(map[keyvault.Blind]uuid.UUID),
		pairs:  make(map[string]*keyvault.Pair),
		draw:   Draw,
	}
}

// AddRow takes in a row that is already durable.
func (r *Registry) AddRow(row Row) {
	if r.keys[row.ID] == nil {
		held := r.owners.of(row.Owner)
		held.keys = append(held.keys, row.ID)
	}
	r.keys[row.ID] = &row
	if row.State == keyvault.Shredded {
		r.dead[row.Fingerprint] = struct{}{}
	}
}

// AddClaim takes in a claim that is already durable.
func (r *Registry) AddClaim(claim keyvault.Blind, owner uuid.UUID) {
	held := r.owners.of(owner)
	held.claims = append(held.claims, claim)
	r.claims[claim] = owner
}

// AddDead takes in the fingerprint of a key that is known to be destroyed: no row brings it back.
func (r *Registry) AddDead(fingerprint keyvault.Fingerprint) { r.dead[fingerprint] = struct{}{} }

// KEK is the wrapping key of new keys.
func (r *Registry) KEK() *keyvault.KEK { return r.kek }

// Secret keys the claims, the labels and the seals.
func (r *Registry) Secret() keyvault.Secret { return r.secret }

// Claims are all claims and their owners. Nobody writes meanwhile.
func (r *Registry) Claims() map[keyvault.Blind]uuid.UUID { return r.claims }

// Pairs are the custody pairs by name. Nobody writes meanwhile.
func (r *Registry) Pairs() map[string]*keyvault.Pair { return r.pairs }

func (r *Registry) dropRow(key uuid.UUID) {
	held := r.owners[r.keys[key].Owner]
	held.keys = slices.DeleteFunc(held.keys, func(k uuid.UUID) bool { return k == key })
	delete(r.keys, key)
}

func (r *Registry) dropClaim(claim keyvault.Blind) {
	if held, ok := r.owners[r.claims[claim]]; ok {
		held.claims = slices.DeleteFunc(held.claims, func(c keyvault.Blind) bool { return c == claim })
	}
	delete(r.claims, claim)
}

// SetGeneration takes in a generation that is already durable.
func (r *Registry) SetGeneration(generation uint64) { r.generation = generation }

// Generation counts the changes of state.
func (r *Registry) Generation() uint64 { return r.generation }

// Info is what is known of a key.
func (r *Registry) Info(key uuid.UUID) (keyvault.Info, error) {
	row, ok := r.keys[key]
	if !ok {
		return keyvault.Info{}, keyvault.ErrUnknown
	}
	return row.Info, nil
}

// Find is what is known of the key of an owner and class.
func (r *Registry) Find(owner uuid.UUID, class keyvault.Class) (keyvault.Info, error) {
	if held, ok := r.owners[owner]; ok {
		for _, key := range held.keys {
			if row := r.keys[key]; row.Class == class {
				return row.Info, nil
			}
		}
	}
	return keyvault.Info{}, keyvault.ErrUnknown
}

// FindAll answers all births if all of them exist.
func (r *Registry) FindAll(births []keyvault.Birth) ([]keyvault.Info, bool) {
	infos := make([]keyvault.Info, len(births))
	for i, b := range births {
		info, err := r.Find(b.Owner, b.Class)
		if err != nil {
			return nil, false
		}
		infos[i] = info
	}
	return infos, true
}

// Keys lists what is known of all keys, in no order.
func (r *Registry) Keys() []keyvault.Info {
	infos := make([]keyvault.Info, 0, len(r.keys))
	for _, row := range r.keys {
		infos = append(infos, row.Info)
	}
	return infos
}

// Row answers a copy of the row of a key.
func (r *Registry) Row(key uuid.UUID) (Row, error) {
	row, ok := r.keys[key]
	if !ok {
		return Row{}, keyvault.ErrUnknown
	}
	return *row, nil
}

// Locked is a row and the wrapping key of its day, to be opened outside the adapter's lock.
type Locked struct {
	row Row
	r   Registry
}

// Locked answers the row of a key, to be opened.
func (r *Registry) Locked(key uuid.UUID) (Locked, error) {
	row, err := r.Row(key)
	if _, dead := r.dead[row.Fingerprint]; err == nil && dead && row.State != keyvault.Shredded {
		err = keyvault.ErrShredded // a dead key under a living row
	}
	return Locked{row: row, r: Registry{kek: r.kek, secret: r.secret}}, err
}

// Open unwraps the row, with the private halves of custody pairs if some are at hand.
func (l Locked) Open(at ...*keyvault.PrivateHalf) (*keyvault.Key, error) { return l.r.open(l.row, at) }

func (r *Registry) open(row Row, at []*keyvault.PrivateHalf) (*keyvault.Key, error) {
	if !r.sound(&row) {
		return nil, keyvault.ErrCorrupt
	}
	switch row.State {
	case keyvault.Active:
		if row.KEK != r.kek.Ref || row.Epoch != r.kek.Epoch {
			return nil, keyvault.ErrCorrupt
		}
		return r.kek.Unwrap(row.Info, row.Wrapped)
	case keyvault.Archived, keyvault.Held:
		for _, half := range at {
			if half.Pair.Ref == row.KEK {
				return half.Unwrap(row.Info, row.Wrapped)
			}
		}
	}
	return nil, row.State.Err()
}

// sound tells whether a row is as the vault wrote it.
func (r *Registry) sound(row *Row) bool {
	return row.Seal == r.secret.SealRow(row.Info, row.KEK, row.Epoch, row.Wrapped)
}

// Blinds are the blind indexes of claims.
func Blinds(secret keyvault.Secret, claims []keyvault.Claim) []keyvault.Blind {
	blinds := make([]keyvault.Blind, len(claims))
	for i, c := range claims {
		blinds[i] = secret.Claim(c.Kind, c.Parts...)
	}
	return blinds
}

// Lookup answers the owner of a claim.
func (r *Registry) Lookup(claim keyvault.Blind) (uuid.UUID, error) {
	owner, ok := r.claims[claim]
	if !ok {
		return uuid.Nil, keyvault.ErrUnknown
	}
	return owner, nil
}

// LookupAll answers the owners of all claims if all of them are held.
func (r *Registry) LookupAll(claims []keyvault.Blind) ([]uuid.UUID, bool) {
	owners := make([]uuid.UUID, len(claims))
	for i, claim := range claims {
		owner, ok := r.claims[claim]
		if !ok {
			return nil, false
		}
		owners[i] = owner
	}
	return owners, true
}

// CheckBirths refuses a birth without owner or class.
func CheckBirths(births []keyvault.Birth) error {
	for i, b := range births {
		if b.Owner == uuid.Nil || b.Class == "" || len(b.Class) > 255 {
			return fmt.Errorf("keyvault: birth %d lacks its owner or class", i)
		}
	}
	return nil
}

// CheckClaims refuses a claim without kind, parts or proposed owner.
func CheckClaims(claims []keyvault.Claim) error {
	for i, c := range claims {
		if c.Owner == uuid.Nil || c.Kind == "" || len(c.Parts) == 0 {
			return fmt.Errorf("keyvault: claim %d lacks its kind, parts or owner", i)
		}
	}
	return nil
}
