package tests

import (
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/eventstore/ledger"
)

var (
	june      = deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	september = deliberation.ExamSession{Year: 2018, Round: deliberation.Septembre}
)

// dec is an agent of the exams division.
func dec() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.DEC, Person: uuid.New()}, Academie: "08"}
}

// juror is somebody named to a jury of a session.
func juror(role string, session deliberation.ExamSession) access.Actor {
	staff := uuid.New()
	return access.Actor{Actor: domain.Actor{Role: role, Person: staff}, Staff: staff, Session: session.Year, Round: session.Round}
}

// seat forms a jury of a session and names jurors to it.
func seat(t testing.TB, i *instance.Instance, of instance.JuryName, jurors map[deliberation.Office]access.Actor) {
	t.Helper()
	if _, err := i.OpenSession(t.Context(), dec(), of.Session); err != nil {
		t.Fatal(err)
	}
	if _, err := i.FormJury(t.Context(), dec(), of); err != nil {
		t.Fatal(err)
	}
	for office, actor := range jurors {
		if _, err := i.NameJuror(t.Context(), dec(), of, actor.Staff, office); err != nil {
			t.Fatal(err)
		}
	}
}

// transmit hands livrets to the jury as their head would, without locking what other tests write in.
func transmit(t testing.TB, i *instance.Instance, of instance.JuryName, livrets ...uuid.UUID) {
	t.Helper()
	for _, livret := range livrets {
		id, _, err := i.Ledger.Candidate(t.Context(), livret, of.Session)
		if err != nil {
			t.Fatal(err)
		}
		head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: canaryUAI}
		grant, err := access.Allow(head, access.TransmitLivret, access.Target{Livret: livret, UAI: canaryUAI}, i.Today())
		if err == nil {
			_, err = ledger.Execute(t.Context(), i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Owner: livret}, deliberation.CandidateDecider, id,
				deliberation.TransmitLivret{RecordVersion: 1, Locked: true, HeadVisa: true})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := i.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, err := i.Assign(t.Context(), dec(), of); err != nil || len(b.Refused) > 0 {
		t.Fatalf("%+v, %v", b, err)
	}
}
