// Package vaulttest is the conformance suite of keyvault.Vault: an adapter that passes it may be trusted
// with the only copies of the keys.
package vaulttest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

// Vault is what the suite needs of an adapter: both ports, and a shorter way to move one key.
type Vault interface {
	keyvault.Custodian
	SetState(ctx context.Context, key uuid.UUID, from, to keyvault.State) error
}

// Row is a key as its adapter keeps it, for the suite to damage.
type Row struct {
	Owner       uuid.UUID
	Class       string
	State       string
	KEK         []byte
	Epoch       uint32
	Fingerprint []byte
	Wrapped     []byte
	Seal        []byte
}

// Adapter makes the vaults of one kind.
type Adapter struct {
	// New makes an empty vault.
	New func(t testing.TB) Vault
	// Reopen closes a vault and opens it again, as a new process would; nil if it does not outlive one.
	Reopen func(t testing.TB, v Vault) Vault
	// Tamper rewrites rows of a vault behind its back and answers the vault that reads them.
	Tamper func(t testing.TB, v Vault, change func(rows []*Row), keys ...uuid.UUID) Vault
}

// Run runs the suite.
func Run(t *testing.T, a Adapter) {
	tests := []struct {
		name string
		test func(*testing.T, Adapter)
	}{
		{"CreateAnswersInOrder", createAnswersInOrder},
		{"CreateIsIdempotent", createIsIdempotent},
		{"CreateRefusesIncompleteBirths", createRefusesIncompleteBirths},
		{"OneKeyUnderConcurrency", oneKeyUnderConcurrency},
		{"OverlappingBatches", overlappingBatches},
		{"KeysAreIndependent", keysAreIndependent},
		{"FindInfoOpenAgree", findInfoOpenAgree},
		{"UnknownIsUnknown", unknownIsUnknown},
		{"StatesAnswerTheirErrors", statesAnswerTheirErrors},
		{"Transitions", transitions},
		{"ManyKeysMoveTogether", manyKeysMoveTogether},
		{"ShreddedStaysShredded", shreddedStaysShredded},
		{"DamageIsCorrupt", damageIsCorrupt},
		{"SwappedRowsAreCorrupt", swappedRowsAreCorrupt},
		{"DeadFingerprintIsRefused", deadFingerprintIsRefused},
		{"ResolveFirstProposedWins", resolveFirstProposedWins},
		{"ResolveUnderConcurrency", resolveUnderConcurrency},
		{"ResolveRefusesIncompleteClaims", resolveRefusesIncompleteClaims},
		{"ClaimsDoNotMeet", claimsDoNotMeet},
		{"ClaimsDieWithTheLastKey", claimsDieWithTheLastKey},
		{"LabelIsStableAndKeyed", labelIsStableAndKeyed},
		{"Forget", forget},
		{"GenerationChangesWithStatesOnly", generationChangesWithStatesOnly},
		{"ReopenKeepsEverything", reopenKeepsEverything},
		{"CancelledContext", cancelledContext},
		{"ClosedIsClosed", closedIsClosed},
		{"ArchivedNeedsCustody", archivedNeedsCustody},
		{"ArchiveIsAllOrNone", archiveIsAllOrNone},
		{"HoldOutlivesItsSession", holdOutlivesItsSession},
		{"PairsByName", pairsByName},
		{"RotateKeepsEverything", rotateKeepsEverything},
		{"RotateDuringUse", rotateDuringUse},
		{"Status", status},
		{"RandomWalk", randomWalk},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, a) })
	}
}

func births(n int) []keyvault.Birth {
	classes := []keyvault.Class{keyvault.Identity, keyvault.Record, keyvault.Candidate}
	asked := make([]keyvault.Birth, n)
	for i := range asked {
		asked[i] = keyvault.Birth{Owner: uuid.New(), Class: classes[i%len(classes)]}
	}
	return asked
}

func create(t testing.TB, v Vault, births ...keyvault.Birth) []keyvault.Info {
	t.Helper()
	infos, err := v.Create(t.Context(), births...)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	if len(infos) != len(births) {
		t.Fatalf("Create of %d births answers %d infos", len(births), len(infos))
	}
	for i, info := range infos {
		if info.Owner != births[i].Owner || info.Class != births[i].Class || info.ID == uuid.Nil {
			t.Fatalf("birth %d of %v is answered with %v", i, births[i], info)
		}
	}
	return infos
}

func shred(t testing.TB, v Vault, keys ...uuid.UUID) {
	t.Helper()
	for _, key := range keys {
		Move(t, v, key, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
	}
}

// wantErr checks that err is want and none of the other errors of the port.
func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	for _, other := range []error{
		keyvault.ErrShredded, keyvault.ErrArchived, keyvault.ErrUnknown, keyvault.ErrForbidden,
		keyvault.ErrCorrupt, keyvault.ErrLocked, keyvault.ErrClosed, keyvault.ErrState,
		keyvault.ErrNoPair, keyvault.ErrPairTaken, keyvault.ErrPairInUse,
	} {
		if errors.Is(err, other) != (other == want) {
			t.Errorf("%s: got error %v, want %v", what, err, want)
			return
		}
	}
	if want == nil && err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func wantOpen(t testing.TB, v keyvault.Opener, info keyvault.Info, want error) {
	t.Helper()
	key, err := v.Open(t.Context(), info.ID)
	wantErr(t, "Open of a key", err, want)
	if (key == nil) != (want != nil) {
		t.Errorf("Open answers key %v beside error %v", key != nil, err)
	}
	if key != nil {
		if key.Fingerprint() != info.Fingerprint || key.ID != info.ID || key.Class != info.Class {
			t.Error("Open answers another key")
		}
		key.Zero()
	}
}
