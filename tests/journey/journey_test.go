package journey

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/domain/sanction"
	"livret/eventstore/keyvault"
)

// From première to the certificate: the family reads once the première is over, takes note, the jury examines and
// signs, the terms run, and the keys die on their day and not before.
func TestAnOrdinaryPupil(t *testing.T) {
	s := tell(t)
	s.at("2016-10-03").imports("siecle/2016/*.xml")
	anna := s.pupil(lycee.CasesOf(storyPupils, storySeed).Minor) // until 17 October 2018
	mother := s.parent(anna)
	s.at("2017-05-31").refused("acces-avant-fin-de-premiere", s.tries(mother, anna))
	s.at("2017-06-01").reads(mother, anna).reads(pupilHimself(anna), anna)

	s.at("2017-10-02").imports("siecle/2017/*.xml")
	s.at("2018-05-28").imports("lsl/*.xml")
	s.at("2018-06-04").refused("terminale-non-verrouillee", s.transmits(anna))
	s.convened()
	s.at("2018-06-05").takesNote(pupilHimself(anna), anna)

	s.at("2018-07-04").refused("visa-du-president-absent", s.result(anna, deliberation.Ajourne)) // TA Melun, 3 March 2020
	s.examined(anna, deliberation.Premier)
	s.refused("visa-du-president-absent", s.result(anna, deliberation.Ajourne))
	s.deliberated().proclaimed(june)
	s.at("2018-07-06").reads(mother, anna)

	s.at("2018-09-05").closed(mother, anna).runs() // two months: out of active service
	s.at("2019-03-04").kept(anna).runs().kept(anna)
	s.at("2019-03-05").runs().kept(anna).alarmed(anna) // term reached, and nobody has authorised anything
	s.visa("AD38-2019-4", june)
	s.runs().forgotten(anna).sound()
	s.restarts().forgotten(anna).certified()
	s.refused("session-close", s.importedAgain())
}

// A recours keeps the livret and the log of who read it until it ends; the last one out lets the clock decide again.
func TestAPupilWithARecours(t *testing.T) {
	s := tell(t).prepared()
	s.at("2018-06-04").convened()
	anna, hugo := s.ordinary(0), s.ordinary(1)
	s.at("2018-07-05").deliberated().proclaimed(june)

	s.at("2018-08-20")
	gracious := s.hold(retention.OpenHold{Origin: retention.RecoursAdministratif, Case: "R-2018-12", Requester: "la famille", Motive: "ajournement", Livrets: []uuid.UUID{anna}})
	s.at("2018-11-02")
	court := s.hold(retention.OpenHold{Origin: retention.RecoursContentieux, Case: "TA 1807538", Livrets: []uuid.UUID{anna}})
	s.at("2019-03-05").visa("AD38-2019-4", june)
	s.runs().kept(anna).forgotten(hugo)
	s.at("2019-06-01").releases(gracious).runs().kept(anna)
	s.at("2020-01-15").releases(court).runs().forgotten(anna).sound()

	late, err := s.PlaceHold(s.Context(), dec(), uuid.New(), retention.OpenHold{Origin: retention.RecoursContentieux, Livrets: []uuid.UUID{anna}})
	s.must(err)
	if late.Livrets != 0 || len(late.Left) != 1 || late.Left[0].Rule != "destruction-engagee" {
		t.Errorf("a recours after the destruction is answered %+v", late)
	}
}

// The blâme of a real case was pronounced on a 4 September: it outlives by six months the livret it is written on,
// and still says whose it is.
func TestABlameOutlivesTheLivret(t *testing.T) {
	s := tell(t).prepared()
	s.at("2018-06-04").convened()
	anna := s.ordinary(0)
	s.at("2018-07-05").deliberated().proclaimed(june)

	s.at("2018-09-04")
	id := uuid.New()
	_, err := s.Pronounce(s.Context(), dec(), id, sanction.Pronounce{
		Kind: sanction.Blame, Authority: sanction.Commission, Pronounced: s.Today(), Entry: true, Livret: anna,
	})
	s.must(err)
	s.at("2019-03-05").visa("AD38-2019-4", june)
	s.authorised("AP-2019-1", retention.Sanction)
	s.runs().forgotten(anna)

	s.at("2019-09-03").runs()
	entry, err := s.Sanction(s.Context(), dec(), id)
	s.must(err)
	if entry.Subject.FamilyName == "" {
		t.Errorf("the blâme no longer says whose it is: %+v", entry)
	}
	s.at("2019-09-04").runs()
	if _, err := s.Sanction(s.Context(), dec(), id); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("a year after it was pronounced, the blâme answers %v", err)
	}
	s.sound().certified()
}

// Who refuses the service is owed a paper livret from the proclamation on, until it is handed over.
func TestAPupilWhoRefusedTheService(t *testing.T) {
	s := tell(t).prepared()
	s.at("2018-06-01")
	c := lycee.CasesOf(storyPupils, storySeed)
	ines := s.pupil(c.Adult)
	s.must(s.RefuseOnline(s.Context(), pupilHimself(ines), ines, uuid.New(), true))
	s.at("2018-06-04").convened()
	if s.owed(ines) {
		t.Error("a paper livret is owed before the results")
	}
	s.at("2018-07-05").deliberated().proclaimed(june)
	if !s.owed(ines) {
		t.Error("no paper livret is owed to who refused the service")
	}
	s.at("2018-07-10")
	s.must(s.HandOverPaper(s.Context(), head(), ines, uuid.New(), s.Today()))
	if s.owed(ines) {
		t.Error("the paper livret was handed over, and is still owed")
	}
}

// A pupil who opposes the transmission is judged without a livret, and his averages count all the same.
func TestAPupilWhoOpposed(t *testing.T) {
	s := tell(t).prepared()
	c := lycee.CasesOf(storyPupils, storySeed)
	ines := s.pupil(c.Adult)
	s.at("2018-06-01")
	s.must(s.Oppose(s.Context(), pupilHimself(ines), ines, uuid.New(), true))
	s.at("2018-06-04").convened(ines)
	s.refused("transmission-opposee", s.transmits(ines))
	s.at("2018-07-04")
	if seen := s.seen(ines); seen != "" {
		t.Error("the jury is shown the livret of who opposed")
	}
	s.must(s.result(ines, deliberation.Ajourne)) // without a livret, no visa is missing
	if shown, err := s.ShowFamily(s.Context(), head(), ines); err != nil || len(shown.Years) == 0 {
		t.Errorf("the averages of who opposed are gone: %v", err)
	}
}

// A rectification after the transmission is a new version: the jury is told, and what the president signed before is
// no signature of it.
func TestARectificationAfterTheVisa(t *testing.T) {
	s := tell(t).prepared()
	c := lycee.CasesOf(storyPupils, storySeed)
	ines := s.pupil(c.Adult)
	s.at("2018-06-04").convened()
	s.at("2018-07-03").examined(ines, deliberation.Premier)
	s.signed(ines, deliberation.Premier)

	demand := uuid.New()
	about := s.anAverage(ines)
	s.must(s.RequestRectification(s.Context(), pupilHimself(ines), ines, demand, about, "La moyenne du premier trimestre est celle d’un homonyme."))
	right, err := mark.ParseTyped("14,5")
	s.must(err)
	s.must(s.GrantRectification(s.Context(), head(), ines, uuid.New(), demand, "Erreur de saisie constatée.", redress(right)))
	s.must(s.CatchUp(s.Context()))
	s.refused("visa-du-president-absent", s.result(ines, deliberation.Ajourne))
	s.judged(ines, deliberation.Premier, deliberation.SecondGroupe)
}

// A pupil who never sat has no proclamation: the clock that this project decided on runs, and says that it is ours.
func TestAPupilWhoNeverSat(t *testing.T) {
	s := tell(t)
	s.at("2016-10-03").imports("siecle/2016/*.xml")
	anna := s.ordinary(0) // her lycée closes: no jury is ever told of her, and no results are proclaimed
	s.at("2018-12-30").runs().reads(head(), anna)
	s.at("2019-08-31").runs().alarmed(anna)
	docket, err := s.Due(s.Context(), dec(), s.Today())
	s.must(err)
	presumed := false
	for _, due := range docket.Livrets {
		presumed = presumed || due.Livret == anna && due.Presumed
	}
	if !presumed {
		t.Error("nothing will ever end the livret of a pupil who never sat, or nothing says that it is by our decision")
	}
}

// Those of September are proclaimed in September, and their terms count from then.
func TestASeptemberCandidate(t *testing.T) {
	s := tell(t).prepared()
	s.at("2018-06-04").convened()
	anna, hugo := s.ordinary(0), s.ordinary(1)
	s.at("2018-07-04").deliberated(anna)
	s.must(s.result(anna, deliberation.Absent))
	old := s.number(anna)
	_, err := s.RegisterAgain(s.Context(), dec(), june, old)
	s.must(err)
	s.at("2018-07-05").proclaimed(june)
	again, err := s.Jury.Number(s.Context(), september, anna)
	s.must(err)
	if again == old {
		t.Error("the number of September tells who sat in June")
	}
	_, err = s.OpenSession(s.Context(), dec(), september)
	s.must(err)
	s.at("2018-09-20").proclaimed(september)
	s.at("2019-03-05").visa("AD38-2019-4", june)
	s.runs().forgotten(hugo).kept(anna)
	s.at("2019-05-20").visa("AD38-2019-9", september)
	s.runs().forgotten(anna)
}

// A recours against a jury holds all the livrets that came before it.
func TestAJuryUnderHold(t *testing.T) {
	s := tell(t).prepared()
	s.at("2018-06-04").convened()
	anna, hugo := s.ordinary(0), s.ordinary(1)
	s.at("2018-07-05").deliberated().proclaimed(june)
	s.at("2018-10-01")
	held := s.hold(retention.OpenHold{Origin: retention.RecoursContentieux, Case: "jury n° 0108", Jury: jury().Stream()})
	s.at("2019-03-05").visa("AD38-2019-4", june)
	s.runs().kept(anna).kept(hugo)
	s.at("2019-05-02").releases(held).runs().forgotten(anna).forgotten(hugo)
}

// What people try and are answered.

func (s *story) tries(who actor, livret uuid.UUID) error {
	_, err := s.ShowFamily(s.Context(), who, livret)
	return err
}

func (s *story) transmits(livret uuid.UUID) error {
	_, err := s.Transmit(s.Context(), head(), livret, deliberation.Juin)
	return err
}

func (s *story) result(livret uuid.UUID, result deliberation.Result) error {
	_, err := s.RecordResult(s.Context(), president(), june, s.number(livret), deliberation.Premier, result, "")
	return err
}

func (s *story) takesNote(who actor, livret uuid.UUID) {
	s.Helper()
	rights, err := s.Rights(s.Context(), who, livret)
	s.must(err)
	s.must(s.Acknowledge(s.Context(), who, livret, uuid.New(), rights.State.ContentVersion()))
}

// closed checks that the active service no longer shows a livret to anybody.
func (s *story) closed(who actor, livret uuid.UUID) *story {
	s.Helper()
	for _, reader := range []actor{who, head(), pupilHimself(livret)} {
		err := s.tries(reader, livret)
		if refusal, is := errors.AsType[*domain.Refusal](err); !errors.Is(err, keyvault.ErrArchived) && (!is || refusal.Rule != "livret-archive") {
			s.Errorf("on %s, %s is answered %v", s.Today(), reader.Role, describeRefusal(err))
		}
	}
	return s
}

func (s *story) visa(reference string, of deliberation.ExamSession) {
	s.Helper()
	_, err := s.GiveVisa(s.Context(), archives(), reference, of)
	s.must(err)
}

func (s *story) authorised(reference string, categories ...retention.Rule) {
	s.Helper()
	_, err := s.Authorise(s.Context(), archives(), retention.AuthoriseElimination{Reference: reference, Categories: categories})
	s.must(err)
}

func (s *story) hold(open retention.OpenHold) uuid.UUID {
	s.Helper()
	id := uuid.New()
	stands, err := s.PlaceHold(s.Context(), dec(), id, open)
	s.must(err)
	if stands.Livrets == 0 {
		s.Error("the hold stands nowhere")
	}
	return id
}

func (s *story) releases(hold uuid.UUID) *story {
	s.Helper()
	_, err := s.ReleaseHold(s.Context(), dec(), hold)
	s.must(err)
	return s
}

// alarmed checks that a livret is listed as closed and not destroyed, for lack of a visa.
func (s *story) alarmed(livret uuid.UUID) *story {
	s.Helper()
	docket, err := s.Due(s.Context(), archives(), s.Today())
	s.must(err)
	for _, due := range docket.Livrets {
		if due.Livret == livret && due.Standing == retention.VisaMissing {
			return s
		}
	}
	s.Errorf("on %s nobody is told that a visa is missing", s.Today())
	return s
}

// certified checks that there are certificates, and that what they say is found again in the ledger.
func (s *story) certified() {
	s.Helper()
	all, err := s.Certificates(s.Context(), auditor())
	s.must(err)
	for _, certificate := range all {
		if !certificate.Holds {
			s.Errorf("the certificate of lot %s is not what the ledger says", certificate.Lot)
		}
	}
	if len(all) == 0 {
		s.Error("nothing certifies the destructions")
	}
}

func (s *story) importedAgain() error {
	s.Helper()
	for _, refused := range s.handsIn("lsl/*.xml").Refused {
		return domain.Refuse(refused.Rule, refused.Reason, refused.Remedy)
	}
	return nil
}

func (s *story) owed(livret uuid.UUID) bool {
	s.Helper()
	debts, err := s.PaperDue(s.Context(), head(), lycee.UAI)
	s.must(err)
	for _, debt := range debts {
		if debt.Livret == livret {
			return true
		}
	}
	return false
}

// anAverage is an average of the first period that a livret has.
func (s *story) anAverage(livret uuid.UUID) record.Subject {
	s.Helper()
	state := s.record(livret)
	for line := range state.LinesOf(2017) {
		if a := line.Average(1); a.Recorded() && a.Mark.IsMarked() {
			return record.Subject{Kind: record.SubjectAverage, Enseignement: line.Enseignement, Period: 1}
		}
	}
	s.Fatal("this livret has no average")
	return record.Subject{}
}
