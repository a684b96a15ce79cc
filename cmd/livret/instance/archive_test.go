package instance_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/consultation"
	"livret/eventstore/merkle/bundle"
)

var exams = access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: "08"}

func asking(livret uuid.UUID) consultation.RequestArchive {
	return consultation.RequestArchive{Livret: livret, Case: "TA Melun 1907538", Motive: "défaut de visa", Requester: "service juridique"}
}

// The same request over the same ledger is the same file. Two requests differ by the request itself, and by what was
// recorded of the first: another checkpoint, other proofs.
func TestTheSameArchiveIsTheSameBytes(t *testing.T) {
	a := newAged(t)
	made, err := a.MakeArchive(t.Context(), exams, asking(a.livrets[0]))
	if err != nil || made.Outcome != bundle.Valid || made.Bytes != int64(len(made.File)) {
		t.Fatalf("%+v, %v", made.Outcome, err)
	}
	first, err := a.Assemble(t.Context(), made.Request, made.Livret)
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.Assemble(t.Context(), made.Request, made.Livret)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the same archive is not the same bytes: %v", err)
	}
	b, _, err := bundle.Read(bytes.NewReader(made.File), made.Bytes)
	if err != nil || !b.Dossier.Made.Equal(a.now) || b.Dossier.Case != "TA Melun 1907538" {
		t.Errorf("%+v, %v", b.Dossier, err)
	}
}

// What could not be recorded does not leave, whether the failure took effect or not.
func TestAnArchiveThatIsNotRecordedDoesNotLeave(t *testing.T) {
	for _, eventType := range []string{"retention.KeyCreated", "request.ArchiveRequested", "retention.TermSet", "request.ArchiveMade"} {
		for _, persisted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s persisted %t", eventType, persisted), func(t *testing.T) {
				a := newAged(t)
				a.Failing(eventType, persisted)
				made, err := a.MakeArchive(t.Context(), exams, asking(a.livrets[0]))
				if eventType == "retention.TermSet" { // a reaction sets it, and tries again
					if err == nil && made.File == nil {
						t.Error("recorded, and nothing leaves")
					}
					return
				}
				if err == nil || made.File != nil {
					t.Errorf("%d bytes leave: %v", len(made.File), err)
				}
			})
		}
	}
}

func TestRequestsOfArchivesAreForWhoMayReadThem(t *testing.T) {
	a := newAged(t)
	if _, err := a.MakeArchive(t.Context(), exams, asking(a.livrets[0])); err != nil {
		t.Fatal(err)
	}
	for role, may := range map[string]bool{access.DEC: true, access.Auditeur: true, access.Exploitant: false, access.ChefEtablissement: false, access.Archives: false} {
		all, err := a.ArchiveRequests(t.Context(), access.Actor{Actor: domain.Actor{Role: role}, Academie: "08"})
		if may != (err == nil) || may && (len(all) != 1 || all[0].Requester != "service juridique" || all[0].Made == nil || all[0].Role != access.DEC) {
			t.Errorf("%s reads %+v, %v", role, all, err)
		}
	}
	if _, err := a.MakeArchive(t.Context(), access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: "09"}, asking(a.livrets[0])); err == nil {
		t.Error("another académie is handed an archive")
	}
}
