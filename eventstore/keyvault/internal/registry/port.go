package registry

import (
	"context"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

// Scope is what a call is about, for a vault that holds its rows elsewhere and brings these only. Whoever is brought is
// brought with all that is his: every key and every claim of the owner.
type Scope struct {
	Keys   []uuid.UUID // and all that is of their owners
	Owners []uuid.UUID
	Claims []keyvault.Blind
	Pair   string // and a key that is wrapped to it, if there is one
	All    bool   // every key and every claim
}

// Port is keyvault.Vault and keyvault.Custody as all adapters have them, over the two ways of an adapter to its rows:
// one to look at them, and one to change them, durably, with what a draft says. An adapter embeds it, and adds Rotate,
// Status and Close.
type Port struct {
	self   keyvault.Custodian
	secret keyvault.Secret
	view   func(context.Context, Scope, func(*Registry) error) error
	change func(ctx context.Context, of Scope, wipe bool, change func(*Draft) error) error
}

// NewPort makes the port of an adapter. A change that wipes answers once the adapter's files no longer hold what it took
// away.
func NewPort(self keyvault.Custodian, secret keyvault.Secret, view func(context.Context, Scope, func(*Registry) error) error,
	change func(ctx context.Context, of Scope, wipe bool, change func(*Draft) error) error) *Port {
	return &Port{self, secret, view, change}
}

// Create implements keyvault.Vault.
func (p *Port) Create(ctx context.Context, births ...keyvault.Birth) (infos []keyvault.Info, err error) {
	if err := CheckBirths(births); err != nil {
		return nil, err
	}
	var of Scope
	for _, b := range births {
		of.Owners = append(of.Owners, b.Owner)
	}
	known := false
	err = p.view(ctx, of, func(r *Registry) error {
		infos, known = r.FindAll(births)
		return nil
	})
	if err != nil || known {
		return infos, err
	}
	var made []keyvault.Info
	err = p.change(ctx, of, false, func(d *Draft) (err error) {
		made, err = d.Create(births)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Find implements keyvault.Vault.
func (p *Port) Find(ctx context.Context, owner uuid.UUID, class keyvault.Class) (info keyvault.Info, err error) {
	err = p.view(ctx, Scope{Owners: []uuid.UUID{owner}}, func(r *Registry) (err error) {
		info, err = r.Find(owner, class)
		return err
	})
	return info, err
}

// Info implements keyvault.Vault.
func (p *Port) Info(ctx context.Context, key uuid.UUID) (info keyvault.Info, err error) {
	err = p.view(ctx, Scope{Keys: []uuid.UUID{key}}, func(r *Registry) (err error) {
		info, err = r.Info(key)
		return err
	})
	return info, err
}

// Open implements keyvault.Vault.
func (p *Port) Open(ctx context.Context, key uuid.UUID) (*keyvault.Key, error) {
	return p.open(ctx, key)
}

func (p *Port) open(ctx context.Context, key uuid.UUID, at ...*keyvault.PrivateHalf) (*keyvault.Key, error) {
	var locked Locked
	err := p.view(ctx, Scope{Keys: []uuid.UUID{key}}, func(r *Registry) (err error) {
		locked, err = r.Locked(key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return locked.Open(at...)
}

// Resolve implements keyvault.Vault.
func (p *Port) Resolve(ctx context.Context, claims ...keyvault.Claim) (owners []uuid.UUID, err error) {
	if err := CheckClaims(claims); err != nil {
		return nil, err
	}
	blinds, known := Blinds(p.secret, claims), false
	err = p.view(ctx, Scope{Claims: blinds}, func(r *Registry) error {
		owners, known = r.LookupAll(blinds)
		return nil
	})
	if err != nil || known {
		return owners, err
	}
	var made []uuid.UUID
	err = p.change(ctx, Scope{Claims: blinds}, false, func(d *Draft) error {
		made = d.Resolve(claims, blinds)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Lookup implements keyvault.Vault.
func (p *Port) Lookup(ctx context.Context, kind string, parts ...string) (owner uuid.UUID, err error) {
	blind := p.secret.Claim(kind, parts...)
	err = p.view(ctx, Scope{Claims: []keyvault.Blind{blind}}, func(r *Registry) (err error) {
		owner, err = r.Lookup(blind)
		return err
	})
	return owner, err
}

// Label implements keyvault.Vault.
func (p *Port) Label(parts ...string) []byte { return p.secret.Label(parts...) }

// Forget implements keyvault.Vault.
func (p *Port) Forget(ctx context.Context, keys ...uuid.UUID) error {
	return p.change(ctx, Scope{Keys: keys}, true, func(d *Draft) error { return d.Forget(keys) })
}

// Keys implements keyvault.Vault.
func (p *Port) Keys(ctx context.Context) (infos []keyvault.Info, err error) {
	err = p.view(ctx, Scope{All: true}, func(r *Registry) error {
		infos = r.Keys()
		return nil
	})
	return infos, err
}

// Generation implements keyvault.Vault.
func (p *Port) Generation(ctx context.Context) (generation uint64, err error) {
	err = p.view(ctx, Scope{}, func(r *Registry) error {
		generation = r.Generation()
		return nil
	})
	return generation, err
}

// SetStates implements keyvault.Custody. It is one durable change, and one wiping, for all keys.
func (p *Port) SetStates(ctx context.Context, from, to keyvault.State, keys ...uuid.UUID) error {
	return p.change(ctx, Scope{Keys: keys}, true, func(d *Draft) error { return d.SetStates(from, to, keys) })
}

// SetState is SetStates of one key.
func (p *Port) SetState(ctx context.Context, key uuid.UUID, from, to keyvault.State) error {
	return p.SetStates(ctx, from, to, key)
}

// Archive implements keyvault.Custody.
func (p *Port) Archive(ctx context.Context, pair string, keys ...uuid.UUID) error {
	return p.entrust(ctx, pair, keyvault.Archived, nil, keys)
}

// Hold implements keyvault.Custody.
func (p *Port) Hold(ctx context.Context, pair string, keys ...uuid.UUID) error {
	return p.entrust(ctx, pair, keyvault.Held, nil, keys)
}

func (p *Port) entrust(ctx context.Context, pair string, to keyvault.State, at []*keyvault.PrivateHalf, keys []uuid.UUID) error {
	return p.change(ctx, Scope{Keys: keys}, true, func(d *Draft) error { return d.Entrust(pair, to, at, keys) })
}

// AddPair implements keyvault.Custody.
func (p *Port) AddPair(ctx context.Context, pair *keyvault.Pair) error {
	return p.change(ctx, Scope{}, false, func(d *Draft) error { return d.AddPair(pair) })
}

// DropPair implements keyvault.Custody.
func (p *Port) DropPair(ctx context.Context, name string) error {
	return p.change(ctx, Scope{Pair: name}, true, func(d *Draft) error { return d.DropPair(name) })
}

// WithCustody implements keyvault.Custody.
func (p *Port) WithCustody(at ...*keyvault.PrivateHalf) keyvault.Custodian {
	return entrusted{p.self, p, at}
}

// entrusted is a vault with private halves at hand.
type entrusted struct {
	keyvault.Custodian
	port *Port
	at   []*keyvault.PrivateHalf
}

// Open implements keyvault.Vault.
func (e entrusted) Open(ctx context.Context, key uuid.UUID) (*keyvault.Key, error) {
	return e.port.open(ctx, key, e.at...)
}

// Archive implements keyvault.Custody.
func (e entrusted) Archive(ctx context.Context, pair string, keys ...uuid.UUID) error {
	return e.port.entrust(ctx, pair, keyvault.Archived, e.at, keys)
}

// Hold implements keyvault.Custody.
func (e entrusted) Hold(ctx context.Context, pair string, keys ...uuid.UUID) error {
	return e.port.entrust(ctx, pair, keyvault.Held, e.at, keys)
}
