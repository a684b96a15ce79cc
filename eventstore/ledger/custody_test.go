package ledger_test

import (
	"context"
	"errors"
	"testing"

	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// TestAnArchivedLivretIsWrittenWithCustodyOnly archives the key of a livret: the service neither reads nor writes it
// any more, who has both shares of its pair does both, and the ledger stays sound for either.
func TestAnArchivedLivretIsWrittenWithCustodyOnly(t *testing.T) {
	f, ctx := open(t), context.Background()
	livret := f.livret(t)
	f.do(t, f.order(), livret, average(t, 1, 1250))
	half, err := keyvault.NewPrivateHalf("2018-juin")
	if err != nil {
		t.Fatal(err)
	}
	key := f.key(t, livret, keyvault.Record)
	if err := errors.Join(f.vault.AddPair(ctx, half.Pair), f.vault.Archive(ctx, half.Pair.Name, key)); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Execute(ctx, f.Ledger, f.order(), record.Decider, livret, average(t, 2, 1300)); !errors.Is(err, keyvault.ErrArchived) {
		t.Errorf("without custody: %v", err)
	}
	f.record(t, livret, retention.KeysArchived{Pair: half.Pair.Name, Keys: f.named(t, livret)})
	custody := f.over(t, f.store, f.vault.WithCustody(half))
	if _, err := ledger.Execute(ctx, custody, f.order(), record.Decider, livret, average(t, 2, 1300)); err != nil {
		t.Fatalf("with custody: %v", err)
	}
	state, version, err := ledger.Load(ctx, custody, record.Decider, livret)
	if err != nil || version != 4 || state.Line(maths).Average(2).Mark == state.Line(maths).Average(1).Mark {
		t.Errorf("with custody: version %d, %v", version, err)
	}
	if _, _, err := ledger.Load(ctx, f.Ledger, record.Decider, livret); !errors.Is(err, keyvault.ErrArchived) {
		t.Errorf("without custody again: %v", err)
	}
	for name, archived := range map[string]struct {
		*ledger.Ledger
		events int
	}{"without": {f.Ledger, 4}, "with": {custody, 0}} {
		checked, err := archived.Check(ctx)
		if err != nil || len(checked.Faults) != 0 || checked.Archived != archived.events {
			t.Errorf("%s custody: %+v, %v", name, checked, err)
		}
	}
}
