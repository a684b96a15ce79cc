package instance_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/eventstore/ledger/intake"
)

// A school that declines closes its livrets to families and to nobody else, until it offers them again.
func TestASchoolDeclinesTheService(t *testing.T) {
	dir, files := t.TempDir(), t.TempDir()
	if err := lycee.Generate(files, 3, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	const session = 2018 // that all pupils of the lycée prepare
	now := func() time.Time { return time.Date(2018, 6, 10, 8, 0, 0, 0, time.UTC) }
	i, err := instance.Open(t.Context(), dir, instance.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	operator := access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
	pupils, err := os.Open(filepath.Join(files, "siecle", "2017", "ElevesSansAdresses.xml"))
	if err != nil {
		t.Fatal(err)
	}
	defer pupils.Close()
	if _, err := i.Desk(operator).Siecle(t.Context(), []intake.File{{Name: "ElevesSansAdresses.xml", Content: pupils}}, intake.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := i.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: lycee.UAI}
	list, err := i.Pupils(t.Context(), head, 2017, "")
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	livret := list[0].Livret
	pupil := access.Actor{Actor: domain.Actor{Role: access.Eleve, Person: uuid.New()}, Livrets: []uuid.UUID{livret}}
	centre := access.Actor{Actor: domain.Actor{Role: access.ChefCentre}, Session: session, Round: deliberation.Juin}

	for _, step := range []struct {
		offered, changed bool
		rule             string // that the pupil is refused by; empty if he reads
	}{{true, false, ""}, {false, true, "teleservice-non-propose"}, {false, false, "teleservice-non-propose"}, {true, true, ""}} {
		changed, err := i.OfferService(t.Context(), head, lycee.UAI, step.offered)
		if err != nil || changed != step.changed {
			t.Errorf("offered %v: changed %v, %v", step.offered, changed, err)
		}
		_, err = i.ShowFamily(t.Context(), pupil, livret)
		refusal, _ := errors.AsType[*domain.Refusal](err)
		switch {
		case step.rule == "" && err != nil:
			t.Errorf("offered %v: the pupil gets %v", step.offered, err)
		case step.rule != "" && (refusal == nil || refusal.Rule != step.rule || refusal.Remedy == ""):
			t.Errorf("offered %v: the pupil gets %v", step.offered, err)
		}
		if shown, err := i.ShowFamily(t.Context(), head, livret); err != nil || shown.Session != session {
			t.Errorf("offered %v: the head gets session %d, %v", step.offered, shown.Session, err)
		}
		if dossiers, err := i.ListJury(t.Context(), centre, deliberation.ExamSession{Year: session, Round: deliberation.Juin}); err != nil || len(dossiers) == 0 {
			t.Errorf("offered %v: the jury gets %d dossiers, %v", step.offered, len(dossiers), err)
		}
	}
	elsewhere := head
	elsewhere.UAI = "0000456C"
	if _, err := i.OfferService(t.Context(), elsewhere, lycee.UAI, false); err == nil {
		t.Error("another school's head declines")
	}
}
