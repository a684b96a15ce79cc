package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/embedded"
	vault "livret/eventstore/keyvault/embedded"
	"livret/eventstore/ledger"
	views "livret/projections/embedded"
)

// BenchmarkDestroy measures the end of a session: a run that destroys the keys of 30,000 livrets (identity, record and
// candidate of each) and takes what they sealed out of log and views, from the first order to the certificate. The log has some events of each
// livret: what does not depend on a livret's length is what is measured here.
func BenchmarkDestroy(b *testing.B) {
	const livrets = 30_000
	for b.Loop() {
		b.StopTimer()
		e, grant, on := session(b, livrets)
		b.StartTimer()
		started := time.Now()
		erased, err := e.Run(context.Background(), grant, on)
		if err != nil || erased.Livrets != livrets || len(erased.Lots) != 1 {
			b.Fatalf("%d livrets, %d lots, %v", erased.Livrets, len(erased.Lots), err)
		}
		b.ReportMetric(float64(erased.Keys)/time.Since(started).Seconds(), "keys/s")
		b.ReportMetric(time.Since(started).Seconds(), "s/session")
	}
}

// session is a proclaimed session whose term is reached, under a standing authorisation.
func session(b *testing.B, livrets int) (ledger.Eraser, access.Grant, domain.Date) {
	b.Helper()
	dir := b.TempDir()
	store, err := embedded.Open(filepath.Join(dir, "events.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	keys, err := vault.Open(filepath.Join(dir, "keys"), vault.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { keys.Close() })
	shown, err := views.Open(filepath.Join(dir, "views"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { shown.Close() })
	codec, err := ledger.Vocabulary()
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2018, 7, 5, 10, 0, 0, 0, time.UTC)
	l, err := ledger.New(ledger.Config{ID: uuid.New(), Store: store, Vault: keys, Codec: codec, Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	allow := func(role string, act access.Act, on access.Target) access.Grant {
		grant, err := access.Allow(access.Actor{Actor: domain.Actor{Role: role}, UAI: on.UAI}, act, on, l.Today())
		if err != nil {
			b.Fatal(err)
		}
		return grant
	}
	school := access.Target{UAI: "0000123J"}
	imports, clocks := allow(access.ChefEtablissement, access.ImportFiles, school), allow(access.Systeme, access.StartClock, access.Target{})
	june := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	var next atomic.Int64
	each(64, func() {
		for int(next.Add(1)) <= livrets {
			if err := born(l, imports, clocks, june, l.Today()); err != nil {
				b.Error(err)
				return
			}
		}
	})
	authorise := retention.AuthoriseElimination{Reference: "SIAF-2018-4", Categories: []retention.Rule{retention.Livret, retention.Consultations}}
	order := ledger.Order{ID: uuid.New(), Grant: allow(access.Exploitant, access.GiveEliminationVisa, access.Target{}), Quiet: true}
	if _, err := ledger.Execute(context.Background(), l, order, retention.ConservationDecider, retention.ConservationStream("08"), authorise); err != nil {
		b.Fatal(err)
	}
	now = time.Date(2019, 3, 5, 10, 0, 0, 0, time.UTC)
	return ledger.Eraser{Ledger: l, Log: store, Keys: keys, Views: shown}, allow(access.Exploitant, access.DestroyKeys, access.Target{}), l.Today()
}

// born makes a livret with its three keys, and starts its clocks.
func born(l *ledger.Ledger, imports, clocks access.Grant, session deliberation.ExamSession, proclaimed domain.Date) error {
	ctx, id := context.Background(), uuid.New()
	if _, err := ledger.Execute(ctx, l, ledger.Order{ID: uuid.New(), Grant: imports}, record.Decider, id, record.OpenLivret{Session: nomenclature.SchoolYear(session.Year)}); err != nil {
		return err
	}
	who := identity.RecordPupil{Civil: &identity.CivilIdentityRecorded{FamilyName: "MARTIN", FirstNames: []string{"Rose"}}}
	if _, err := ledger.Execute(ctx, l, ledger.Order{ID: uuid.New(), Grant: imports}, identity.PupilDecider, id, who); err != nil {
		return err
	}
	if err := l.Register(ctx, id, session); err != nil {
		return err
	}
	start := retention.StartClock{Session: session.String(), Proclaimed: proclaimed}
	if _, err := ledger.Execute(ctx, l, ledger.Order{ID: uuid.New(), Grant: clocks, Quiet: true}, retention.Decider, id, start); err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	return nil
}
