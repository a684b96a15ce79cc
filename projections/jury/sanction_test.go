package jury_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/sanction"
	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/vaulttest"
	"livret/projections/jury"
)

var blame = sanction.SanctionPronounced{
	Measure: sanction.Measure{Kind: sanction.Blame}, Text: "D334-32-2012", Authority: sanction.Recteur, Pronounced: domain.NewDate(2015, time.September, 4), Entry: true,
}

// sanctioned writes a sanction and its subject, and answers its id.
func (s *table) sanctioned(livret uuid.UUID, events ...domain.Event) uuid.UUID {
	id := uuid.New()
	s.Write(s.t, id, id, append(events, sanction.LivretLinked{Livret: livret})...)
	s.Write(s.t, id, id, identity.SubjectIdentified{FamilyName: "QUERVILLY", FirstNames: []string{"Hortense"}, Session: 2015})
	return id
}

func (s *table) sanctions(number string, on domain.Date) []jury.Sanction {
	s.t.Helper()
	s.run()
	all, err := s.reader.Sanctions(s.t.Context(), june, number, on)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// A candidate of June 2016 sits again: the blâme of his first session is shown until it is a year old.
func TestAJurySeesAnEntryAsLongAsItLives(t *testing.T) {
	s := newTable(t)
	livret := s.candidate("48151623")
	other := s.candidate("42151623")
	id := s.sanctioned(livret, blame)
	day := domain.NewDate(2016, time.July, 5)
	got := s.sanctions("48151623", day)
	if len(got) != 1 || got[0] != (jury.Sanction{Kind: sanction.Blame, Label: "blâme", Pronounced: blame.Pronounced}) {
		t.Errorf("the jury sees %+v", got)
	}
	if got := s.sanctions("42151623", day); len(got) != 0 {
		t.Errorf("the jury sees of another %+v", got)
	}
	if got := s.sanctions("48151623", domain.NewDate(2016, time.September, 4)); len(got) != 0 {
		t.Errorf("past its term, the jury sees %+v", got)
	}
	s.Write(t, id, id, sanction.LivretLinked{Livret: other})
	if got := s.sanctions("42151623", day); len(got) != 1 {
		t.Errorf("of who sits again, the jury sees %+v", got)
	}
	key, err := s.Vault.Find(t.Context(), id, keyvault.Sanction)
	if err != nil {
		t.Fatal(err)
	}
	custodian, _ := s.Vault.(keyvault.Custodian)
	vaulttest.Move(t, custodian, key.ID, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
	if got := s.sanctions("48151623", day); len(got) != 0 {
		t.Errorf("once it is destroyed, the jury sees %+v", got)
	}
}

func TestAJurySeesNothingElseOfDiscipline(t *testing.T) {
	s := newTable(t)
	day := domain.NewDate(2016, time.July, 5)
	livret := s.candidate("48151623")
	silent := blame
	silent.Entry = false
	s.sanctioned(livret, silent)
	s.sanctioned(livret, blame, sanction.SanctionAnnulled{On: domain.NewDate(2016, time.June, 1)})
	s.sanctioned(livret, sanction.ProceedingsOpened{On: domain.NewDate(2016, time.June, 20)})
	if got := s.sanctions("48151623", day); len(got) != 0 {
		t.Errorf("the jury sees %+v", got)
	}
	kept, _ := s.registered("15162342")
	s.sanctioned(kept, blame)
	if got := s.sanctions("15162342", day); len(got) != 0 {
		t.Errorf("before the livret is transmitted, the jury sees %+v", got)
	}
	ban := sanction.SanctionPronounced{Measure: sanction.Measure{Kind: sanction.BanFromExam, Ends: domain.NewDate(2016, time.December, 1), Suspended: true}, Pronounced: blame.Pronounced, Entry: true}
	id := s.sanctioned(livret, ban, sanction.SursisRevoked{On: domain.NewDate(2016, time.March, 1), Ends: domain.NewDate(2018, time.March, 1)})
	if got := s.sanctions("48151623", domain.NewDate(2017, time.July, 5)); len(got) != 1 {
		t.Errorf("of a ban, the jury sees %+v", got)
	}
	page, err := json.Marshal(s.sanctions("48151623", day))
	for _, secret := range []string{"QUERVILLY", "Hortense", "recteur", "2018", id.String(), livret.String()} {
		if err != nil || strings.Contains(string(page), secret) {
			t.Errorf("the jury reads %s, %v", secret, err)
		}
	}
	opener := keyvault.Restrict(s.Vault, jury.Projection().Classes...)
	subject, err := s.Vault.Find(t.Context(), id, keyvault.Subject)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opener.Open(t.Context(), subject.ID); !errors.Is(err, keyvault.ErrForbidden) {
		t.Errorf("the jury opens the key of a subject: %v", err)
	}
	for _, category := range jury.Projection().Categories {
		if category == identity.SubjectCategory || category == sanction.SchoolCategory {
			t.Errorf("the jury is handed %s", category)
		}
	}
	for _, class := range jury.Projection().Classes {
		if class == keyvault.SchoolSanction {
			t.Error("the jury may open the keys of schools' sanctions")
		}
	}
	if _, err := s.reader.Sanctions(t.Context(), deliberation.ExamSession{Year: 2016, Round: deliberation.Septembre}, "48151623", day); err == nil {
		t.Error("a candidate of another session is found")
	}
}
