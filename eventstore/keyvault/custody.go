package keyvault

import (
	"context"

	"github.com/google/uuid"
)

// Custody moves the states of keys. It is for those who archive and destroy, and apart from Vault, which every
// reader is handed.
//
// SetStates moves all keys from one state to another, or none, as State.MayBecome allows; keys that are there
// already are left alone, so it may be repeated. It fails with ErrUnknown or ErrState, or with an error after which
// it may have taken effect. Shredding drops the wrapped bytes, keeps rows and fingerprints, and deletes the
// claims of an owner with the last of his living keys; SetStates answers once no file of the vault holds what it
// dropped.
type Custody interface {
	SetStates(ctx context.Context, from, to State, keys ...uuid.UUID) error
}
