package discipline_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/sanction"
	"livret/eventstore/keyvault"
	vaults "livret/eventstore/keyvault/memory"
	"livret/eventstore/keyvault/vaulttest"
	"livret/eventstore/memory"
	"livret/projections"
	"livret/projections/discipline"
	views "livret/projections/memory"
	"livret/projections/viewtest"
)

// table is a log with the view folded over it.
type table struct {
	*viewtest.Log
	t      *testing.T
	views  projections.Store
	reader *discipline.Reader
}

func newTable(t *testing.T) *table {
	log, err := viewtest.NewLog(memory.New(), vaults.New())
	if err != nil {
		t.Fatal(err)
	}
	store := views.New()
	return &table{log, t, store, discipline.NewReader(store, log.Vault)}
}

// sanctioned writes a sanction against the pupil of a livret, and its subject.
func (s *table) sanctioned(livret uuid.UUID, e sanction.SanctionPronounced, more ...domain.Event) uuid.UUID {
	s.t.Helper()
	id := uuid.New()
	s.Write(s.t, id, id, append([]domain.Event{e, sanction.LivretLinked{Livret: livret}}, more...)...)
	s.Write(s.t, id, id, identity.SubjectIdentified{FamilyName: "MARTIN", FirstNames: []string{"Rose"}, BirthDate: "1999-06-10", INE: "0123456789A", Session: 2017})
	return id
}

func (s *table) all(on domain.Date) []discipline.Entry {
	s.t.Helper()
	if _, err := projections.Run(s.t.Context(), s.Source(), s.views, discipline.Projection()); err != nil {
		s.t.Fatal(err)
	}
	all, err := s.reader.All(s.t.Context(), on)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func blame(on domain.Date) sanction.SanctionPronounced {
	return sanction.SanctionPronounced{Measure: sanction.Measure{Kind: sanction.Blame}, Authority: sanction.Commission, Pronounced: on, Entry: true}
}

var (
	september = domain.NewDate(2017, time.September, 4)
	ends      = domain.NewDate(2018, time.September, 4)
	before    = domain.NewDate(2018, time.September, 3)
)

// The exams division reads whose it is, with the livret gone or not, until the term and not on that day; the family
// reads the entry, and whose it is in its own livret.
func TestAnEntryIsShownUntilItsTerm(t *testing.T) {
	s := newTable(t)
	livret := uuid.New()
	id := s.sanctioned(livret, blame(september))
	later := s.sanctioned(uuid.New(), blame(domain.NewDate(2018, time.July, 20)))
	got := s.all(before)
	if len(got) != 2 || got[0].Sanction != later || got[1].Sanction != id {
		t.Fatalf("the exams division sees %+v", got)
	}
	e := got[1]
	if e.Subject == nil || e.Subject.ListName != "MARTIN Rose" || e.Subject.INE != "0123456789A" || e.Term != ends || e.Livrets[0] != livret || e.KindLabel != "blâme" {
		t.Errorf("an entry is %+v of %+v", e, e.Subject)
	}
	family, err := s.reader.Of(t.Context(), livret, before)
	if err != nil || len(family) != 1 || family[0].Subject != nil || family[0].Livrets != nil {
		t.Errorf("the family sees %+v, %v", family, err)
	}
	if got := s.all(ends); len(got) != 1 || got[0].Sanction != later {
		t.Errorf("on its last day: %+v", got)
	}
	if _, err := s.reader.Show(t.Context(), id, ends); err == nil {
		t.Error("an entry is shown past its term")
	}
	if family, err := s.reader.Of(t.Context(), livret, ends); err != nil || len(family) != 0 {
		t.Errorf("on its last day, the family sees %+v, %v", family, err)
	}
}

// Either key may be destroyed first, by a run that is interrupted: what is left says less, and nothing fails.
func TestHalfOfASanctionMayBeGone(t *testing.T) {
	s := newTable(t)
	id := s.sanctioned(uuid.New(), blame(september))
	shred := func(class keyvault.Class) {
		t.Helper()
		key, err := s.Vault.Find(t.Context(), id, class)
		if err != nil {
			t.Fatal(err)
		}
		custodian, ok := s.Vault.(keyvault.Custodian)
		if !ok {
			t.Fatal("this vault moves no state")
		}
		vaulttest.Move(t, custodian, key.ID, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
	}
	s.all(before)
	shred(keyvault.Subject)
	if got := s.all(before); len(got) != 1 || got[0].Subject != nil {
		t.Errorf("without subject: %+v", got)
	}
	shred(keyvault.Sanction)
	if got := s.all(before); len(got) != 0 {
		t.Errorf("without sanction: %+v", got)
	}
}

// What carries no entry, was annulled or is not decided yet is not the livret's.
func TestALivretShowsWhatIsEnteredInIt(t *testing.T) {
	s := newTable(t)
	livret, silent := uuid.New(), blame(september)
	silent.Entry = false
	s.sanctioned(livret, silent)
	s.sanctioned(livret, blame(september), sanction.SanctionAnnulled{On: domain.NewDate(2018, time.January, 10)})
	proceedings := uuid.New()
	s.Write(t, proceedings, proceedings, sanction.ProceedingsOpened{On: september}, sanction.LivretLinked{Livret: livret})
	if got := s.all(before); len(got) != 2 {
		t.Errorf("the exams division sees %+v", got)
	}
	if family, err := s.reader.Of(t.Context(), livret, before); err != nil || len(family) != 0 {
		t.Errorf("the family sees %+v, %v", family, err)
	}
	if held, err := s.reader.Held(t.Context(), livret, before); err != nil || len(held) != 2 || held[0].Subject != nil {
		t.Errorf("the copy that the pupil has a right to holds %+v, %v", held, err)
	}
	warning := uuid.New()
	s.Write(t, warning, warning, sanction.SchoolSanctionPronounced{Kind: sanction.SchoolWarning, Pronounced: september, Livret: livret, Erased: domain.NewDate(2018, time.August, 31)})
	s.all(before)
	if got, err := s.reader.School(t.Context(), livret, domain.NewDate(2018, time.August, 30)); err != nil || len(got) != 1 || got[0].KindLabel != "avertissement" {
		t.Errorf("of the school: %+v, %v", got, err)
	}
	if got, err := s.reader.School(t.Context(), livret, domain.NewDate(2018, time.August, 31)); err != nil || len(got) != 0 {
		t.Errorf("of the school, on its last day: %+v, %v", got, err)
	}
}

func TestTheViewIsTheFoldOfTheLog(t *testing.T) {
	s := newTable(t)
	id := s.sanctioned(uuid.New(), blame(september), sanction.PaperVoided{Scope: sanction.Paper})
	s.all(before)
	s.Write(t, id, id, sanction.SanctionAmended{Measure: sanction.Measure{Kind: sanction.LossOfMention}, On: before})
	if got := s.all(before); len(got) != 1 || got[0].Kind != sanction.LossOfMention || len(got[0].Voided) != 1 {
		t.Errorf("%+v", got)
	}
	if report, err := projections.Check(t.Context(), s.Source(), s.views, views.New(), discipline.Projection()); err != nil || len(report.Differ) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
