package chronicle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	vaults "livret/eventstore/keyvault/memory"
	"livret/eventstore/keyvault/vaulttest"
	"livret/eventstore/ledger"
	"livret/eventstore/memory"
)

// TestEveryEventHasWords refuses an event that a reader would meet under its name on disk.
func TestEveryEventHasWords(t *testing.T) {
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	check := func(w wording, event domain.Event) {
		if what, _, _, _ := w.tell(event); what == "" || what == event.EventType() {
			t.Errorf("%s has no words", event.EventType())
		}
	}
	nobody := func([]uuid.UUID) string { return "" }
	for _, kind := range record.Events() {
		check(&livretState{lists, record.NewState(), nobody}, kind.Sample)
	}
	for _, kind := range deliberation.Events() {
		if category, _, _ := strings.Cut(kind.Type, "."); category == deliberation.Category {
			check(&candidacy{deliberation.CandidateDecider.Initial(), func(uuid.UUID) string { return "" }}, kind.Sample)
		}
	}
	for _, kind := range identity.Events() {
		switch kind.Sample.(type) {
		case identity.StaffIdentified, identity.SubjectIdentified: // no fact of a livret
		default:
			check(&pupil{identity.PupilDecider.Initial()}, kind.Sample)
		}
	}
	check(&pupil{identity.PupilDecider.Initial()}, ledger.CommandHeard{})
}

type world struct {
	*ledger.Ledger
	vault *vaults.Vault
	lists nomenclature.Nomenclature
}

func newWorld(t *testing.T) world {
	t.Helper()
	codec, err := ledger.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	w := world{vault: vaults.New()}
	if w.lists, err = nomenclature.Load(); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2018, time.June, 11, 8, 0, 0, 0, time.UTC)
	w.Ledger, err = ledger.New(ledger.Config{ID: uuid.New(), Store: memory.New(), Vault: w.vault, Codec: codec, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

const lycee = nomenclature.UAI("0000123J")

func give[S any](t *testing.T, w world, role string, person uuid.UUID, act access.Act, d domain.Decider[S], id uuid.UUID, cmd domain.Command[S]) {
	t.Helper()
	actor := access.Actor{Actor: domain.Actor{Role: role, Person: person}, UAI: lycee, Staff: person}
	grant, err := access.Allow(actor, act, access.Target{Livret: id, UAI: lycee, Teachers: []uuid.UUID{person}}, w.Today())
	if err == nil {
		_, err = ledger.Execute(t.Context(), w.Ledger, ledger.Order{ID: uuid.New(), Grant: grant}, d, id, cmd)
	}
	if err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
}

func TestFromWhatToWhatByWhom(t *testing.T) {
	w := newWorld(t)
	livret, head, teacher := uuid.New(), uuid.New(), uuid.New()
	maths := record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1}
	give(t, w, access.ChefEtablissement, head, access.ImportFiles, identity.StaffDecider, head,
		identity.RecordStaff{UAI: lycee, Civility: "MME", Name: "FAURE", First: "Anne"})
	for _, cmd := range []domain.Command[*record.State]{
		record.OpenLivret{Session: 2018}, record.SetPeriods{Year: 2017, Count: 3}, record.NameTeachers{Enseignement: maths, Staff: []uuid.UUID{teacher}},
	} {
		give(t, w, access.ChefEtablissement, head, access.ImportFiles, record.Decider, livret, cmd)
	}
	give(t, w, access.Enseignant, teacher, access.RecordAverage, record.Decider, livret,
		record.RecordAverage{Enseignement: maths, Period: 2, Mark: mark.Must(mark.Hundredths(1250))})
	give(t, w, access.ChefEtablissement, head, access.CorrectAverage, record.Decider, livret,
		record.CorrectAverage{Enseignement: maths, Period: 2, Mark: mark.NotMarked(), Reason: "absence justifiée"})

	lines, err := Of(t.Context(), w.Ledger, w.lists, livret)
	if err != nil || len(lines) != 5 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	last := lines[4]
	if last.What != "Correction\u00a0: Moyenne, MATHÉMATIQUES (tronc commun), 2e trimestre 2017-2018" || last.From != "12,50" || last.To != "Non noté" ||
		last.Reason != "absence justifiée" || last.Who != "Mme Anne FAURE" || last.RoleLabel != "chef d’établissement" {
		t.Errorf("%+v", last)
	}
	if first := lines[3]; first.From != "" || first.To != "12,50" || first.Who != "" || first.Role != access.Enseignant {
		t.Errorf("%+v", first)
	}

	key, err := w.vault.Find(t.Context(), livret, keyvault.Record)
	if err != nil {
		t.Fatal(err)
	}
	vaulttest.Move(t, w.vault, key.ID, keyvault.Active, keyvault.Archived)
	lines, err = Of(t.Context(), w.Ledger, w.lists, livret)
	if err != nil || len(lines) != 5 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, line := range lines {
		if line.State != ledger.Archived || line.What+line.From+line.To+line.Role+line.Who != "" || line.RecordedAt.IsZero() || line.Stream != eventstore.Stream(record.Category, livret).Category() {
			t.Errorf("an archived fact says %+v", line)
		}
	}
}
