package instance

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

// Certificate is what was destroyed with a lot, as it was certified.
type Certificate struct {
	Lot uuid.UUID `json:"lot"`
	retention.CertificateIssued
	Holds bool `json:"holds"` // the same is found again in the retention streams of the livrets
	Final bool `json:"final"` // no wrapping key is left that could open a copy of what was destroyed
}

// Certificates are those of all lots, the oldest first, for an actor who may read them.
func (i *Instance) Certificates(ctx context.Context, actor access.Actor) ([]Certificate, error) {
	docket, err := i.docket(ctx, actor)
	if err != nil {
		return nil, err
	}
	all := []Certificate{}
	for lot, issued := range docket.Lots {
		again, complete := docket.Certificate(lot, issued.Dated)
		holds := complete && reflect.DeepEqual(retention.CertificateIssued(again), *issued)
		all = append(all, Certificate{lot, *issued, holds, docket.Final(lot)})
	}
	slices.SortFunc(all, func(a, b Certificate) int {
		return cmp.Or(a.Dated.Compare(b.Dated), slices.Compare(a.Lot[:], b.Lot[:]))
	})
	return all, nil
}

// ProofOf is how a livret ended: the proofs of the destruction of its keys, none if it did not.
func (i *Instance) ProofOf(ctx context.Context, livret uuid.UUID) ([]retention.KeysDestroyed, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, retention.Decider, livret)
	return state.Destroyed(), err
}
