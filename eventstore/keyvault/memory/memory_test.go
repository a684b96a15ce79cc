package memory_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/memory"
	"livret/eventstore/keyvault/vaulttest"
)

func TestVault(t *testing.T) {
	vaulttest.Run(t, vaulttest.Adapter{
		New: func(testing.TB) vaulttest.Vault { return memory.New() },
		Tamper: func(_ testing.TB, v vaulttest.Vault, change func([]*vaulttest.Row), keys ...uuid.UUID) vaulttest.Vault {
			m := v.(*memory.Vault)
			rows := make([]*vaulttest.Row, len(keys))
			for i, key := range keys {
				m.Tamper(key, func(r *registry.Row) {
					rows[i] = &vaulttest.Row{
						Owner: r.Owner, Class: string(r.Class), State: string(r.State), KEK: slices.Clone(r.KEK[:]),
						Epoch: r.Epoch, Fingerprint: slices.Clone(r.Fingerprint[:]), Wrapped: slices.Clone(r.Wrapped), Seal: slices.Clone(r.Seal[:]),
					}
				})
			}
			change(rows)
			for i, key := range keys {
				row := rows[i]
				m.Tamper(key, func(r *registry.Row) {
					r.Info = keyvault.Info{
						ID: key, Owner: row.Owner, Class: keyvault.Class(row.Class), State: keyvault.State(row.State),
						Fingerprint: keyvault.Fingerprint(row.Fingerprint),
					}
					r.KEK, r.Epoch, r.Wrapped, r.Seal = keyvault.KEKRef(row.KEK), row.Epoch, row.Wrapped, keyvault.Seal(row.Seal)
				})
			}
			return v
		},
	})
}
