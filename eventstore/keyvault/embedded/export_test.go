package embedded

import (
	"slices"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

// Kept answers the bytes that the files hold of a key and of a claim.
func (v *Vault) Kept(key uuid.UUID, c keyvault.Claim) (wrapped []byte, blind keyvault.Blind) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	row, err := v.r.Row(key)
	if err != nil {
		panic(err)
	}
	secret := v.r.Secret()
	return slices.Clone(row.Wrapped), secret.Claim(c.Kind, c.Parts...)
}

// OnCommit has SQLite ask before each commit whether it may. The vault must be at rest.
func (v *Vault) OnCommit(may func() bool) { v.db.conn.CommitHook(may) }

// WithStep has a function called between the steps of what must survive a crash.
func WithStep(o Options, step func(name string) error) Options {
	o.step = step
	return o
}

// Dir is the vault's folder.
func (v *Vault) Dir() string { return v.dir }
