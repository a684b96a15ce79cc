package ledger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

func TestALogOfItsOwn(t *testing.T) {
	ctx := context.Background()
	f := open(t)
	livret, other := f.livret(t), f.livret(t)
	if lines, err := f.Consultations(ctx, livret); err != nil || len(lines) != 0 {
		t.Errorf("never read: %v, %v", lines, err)
	}
	pupil, guardian := domain.Actor{Role: access.Eleve, Person: uuid.New()}, domain.Actor{Role: access.ResponsableLegal, Person: uuid.New()}
	read := func(who domain.Actor) {
		t.Helper()
		if err := f.Consulted(ctx, livret, who); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // a page and what it loads, within one second
		read(pupil)
	}
	read(guardian)
	f.later = time.Minute
	read(pupil)
	lines, err := f.Consultations(ctx, livret)
	if err != nil || len(lines) != 3 || lines[2].Person != pupil.Person || lines[2].Livret != livret || !lines[2].At.Equal(lines[0].At.Add(time.Minute)) {
		t.Fatalf("the log reads %v, %v", lines, err)
	}
	if lines, err := f.Consultations(ctx, other); err != nil || len(lines) != 0 {
		t.Errorf("another livret's log reads %v, %v", lines, err)
	}
	if err := f.Consulted(ctx, livret, domain.Actor{Role: access.Eleve}); refusalOf(err) != "consultation-incomplete" {
		t.Errorf("a reader who is nobody: %v", err)
	}

	// Its stream names neither livret nor reader, and it dies alone.
	for fact, err := range f.Facts(ctx, eventstore.Position{}, consultation.Category) {
		if id, _ := fact.Envelope.Stream.UUID(); err != nil || id == livret || id == pupil.Person || fact.Actor.Role != access.Systeme {
			t.Errorf("%s by %s, %v", fact.Envelope.Stream, fact.Actor.Role, err)
		}
	}
	f.shred(t, f.key(t, livret, keyvault.Consultation))
	if _, err := f.Consultations(ctx, livret); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("a forgotten log: %v", err)
	}
	if err := f.Consulted(ctx, livret, pupil); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("a line in a forgotten log: %v", err)
	}
	f.mark(t, livret, 1) // the livret itself still opens
}

func refusalOf(err error) string {
	if refusal, refused := errors.AsType[*domain.Refusal](err); refused {
		return refusal.Rule
	}
	return ""
}

// Many readers at once are all in the log.
func TestReadersAtOnce(t *testing.T) {
	ctx := context.Background()
	f := open(t)
	livret := f.livret(t)
	errs := make(chan error, 16)
	for range 16 {
		go func() { errs <- f.Consulted(ctx, livret, domain.Actor{Role: access.CPE, Person: uuid.New()}) }()
	}
	for range 16 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if lines, err := f.Consultations(ctx, livret); err != nil || len(lines) != 16 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

func TestCandidaturesOfALivret(t *testing.T) {
	ctx := context.Background()
	f := open(t)
	livret := f.livret(t)
	if all, err := f.Candidatures(ctx, livret, 2018); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	june, september := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}, deliberation.ExamSession{Year: 2018, Round: deliberation.Septembre}
	for _, session := range []deliberation.ExamSession{september, june} {
		if err := f.Register(ctx, livret, session); err != nil {
			t.Fatal(err)
		}
	}
	all, err := f.Candidatures(ctx, livret, 2018)
	if err != nil || len(all) != 2 || all[0].Session != june || all[1].Session != september || all[0].Number == all[1].Number {
		t.Errorf("%v, %v", all, err)
	}
	f.shred(t, f.key(t, livret, keyvault.Candidate))
	if _, err := f.Candidatures(ctx, livret, 2018); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("a forgotten candidate: %v", err)
	}
}

func BenchmarkConsulted(b *testing.B) {
	f := open(b)
	livret := f.livret(b)
	reader := domain.Actor{Role: access.Eleve, Person: uuid.New()}
	for b.Loop() {
		f.later += time.Second
		if err := f.Consulted(context.Background(), livret, reader); err != nil {
			b.Fatal(err)
		}
	}
}
