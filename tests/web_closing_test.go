package tests

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/exchange/siecle"
	"livret/domain/record"
	"livret/eventstore/ledger/intake"
)

const closingPage = "/classes/2017/TSVT1/cloture"

// TestAHeadClosesAClass visas and locks all pages at once, opens one of them again for a reason, and reads who was
// refused and why.
func TestAHeadClosesAClass(t *testing.T) {
	s := newWebSite(t)
	form := s.openGrid(closingPage, "head")
	form.form.Set("acte", "viser")
	form.form.Set("portee", "classe")
	s.saved(s.post(closingPage, "head", form.form), "head")
	for _, livret := range s.livrets {
		if state, _ := s.state(livret); !state.Year(2017).VisaStands() {
			t.Error("a page has no visa")
		}
	}
	form = s.openGrid(closingPage, "head")
	form.form.Set("acte", "verrouiller0")
	form.form.Set("portee", "classe")
	if page := s.saved(s.post(closingPage, "head", form.form), "head"); !strings.Contains(page, "12\u00a0livrets changés") {
		t.Error("the class is not said to be locked")
	}
	if page := s.saved(s.post(closingPage, "head", form.form), "head"); !strings.Contains(page, "12\u00a0déjà ainsi") {
		t.Error("locking twice is said to do something")
	}

	late := s.latecomer() // whom no jury has yet
	form = s.openGrid(closingPage, "head")
	form.form.Set("acte", "verrouiller0")
	form.form.Set("portee", "classe")
	if page := s.saved(s.post(closingPage, "head", form.form), "head"); !strings.Contains(page, "1\u00a0livret changé, 12\u00a0déjà ainsi") {
		t.Error("who comes later is not locked alone")
	}
	form = s.openGrid(closingPage, "head")
	form.form.Set("acte", "deverrouiller0")
	form.form.Set("portee", "coches")
	form.set(late, "choix", "oui")
	got := s.post(closingPage, "head", form.form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Le motif est obligatoire") || !strings.Contains(got.body, `href="#choix.`+form.rows[late]+`"`) {
		t.Fatalf("without a reason: %d", got.StatusCode)
	}
	if !strings.Contains(got.body, `name="choix.`+form.rows[late]+`" value="oui" checked`) || !strings.Contains(got.body, `value="deverrouiller0" selected`) {
		t.Error("what was chosen is lost")
	}
	form.form.Set("motif", "Une appréciation manque.")
	s.saved(s.post(closingPage, "head", form.form), "head")
	state, _ := s.state(late)
	if other, _ := s.state(s.livrets[4]); state.Locked(2017, 0) || !other.Locked(2017, 0) {
		t.Error("not the one that was ticked was opened")
	}
}

// What changed since the head read the page is not visaed unread; and nothing is chosen by default.
func TestAVisaIsOnWhatWasRead(t *testing.T) {
	s := newWebSite(t)
	one := s.livrets[3]
	form := s.openGrid(closingPage, "head")
	g := s.openGrid(physicsGrid, "colleague")
	g.set(one, "t1", "12")
	s.saved(s.post(physicsGrid, "colleague", g.form), "colleague")
	form.form.Set("acte", "viser")
	form.form.Set("portee", "coches")
	got := s.post(closingPage, "head", form.form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Aucun élève n’est choisi") {
		t.Errorf("nobody chosen: %d", got.StatusCode)
	}
	form.set(one, "choix", "oui")
	form.set(s.livrets[4], "choix", "oui")
	got = s.post(closingPage, "head", form.form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "La page a changé depuis que vous l’avez lue") || !strings.Contains(got.body, "1\u00a0livret changé") {
		t.Errorf("answers %d", got.StatusCode)
	}
	read, _ := s.state(s.livrets[4])
	if state, _ := s.state(one); state.Year(2017).VisaStands() || !read.Year(2017).VisaStands() {
		t.Error("a page was visaed unread, or one that was read was not")
	}
}

// A livret that has left for a jury, as those of the class have, is not opened again: the way is a rectification.
func TestWhatIsTransmittedStaysLocked(t *testing.T) {
	s := newWebSite(t)
	one := s.livrets[3]
	execute(s, s.people["head"], access.LockPeriod, record.Decider, one, record.LockPeriod{Year: 2017})
	form := s.openGrid(closingPage, "head")
	form.form.Set("acte", "deverrouiller0")
	form.form.Set("motif", "Une erreur.")
	form.form.Set("portee", "coches")
	form.set(one, "choix", "oui")
	got := s.post(closingPage, "head", form.form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "transmis au jury\u00a0: il ne se déverrouille plus") || !strings.Contains(got.body, "rectification") {
		t.Errorf("answers %d", got.StatusCode)
	}
	if state, _ := s.state(one); !state.Locked(2017, 0) {
		t.Error("a transmitted livret is open again")
	}
}

// latecomer joins the class after its livrets were transmitted.
func (s *webSite) latecomer() uuid.UUID {
	s.t.Helper()
	p := s.school.pupils[0]
	p.ID, p.Number, p.INE, p.FamilyName = 600199, "9099", "000070199HH", "ZWINGELSTEIN"
	var file bytes.Buffer
	if err := siecle.WritePupils(&file, &siecle.Pupils{Header: siecle.Header{UAI: canaryUAI, Year: 2017, Version: "2.1"}, Pupils: []siecle.Pupil{p}}); err != nil {
		s.t.Fatal(err)
	}
	desk := s.instance.Desk(access.Actor{Actor: domain.Actor{Role: access.Exploitant}})
	if report, err := desk.Siecle(s.t.Context(), []intake.File{{Name: "eleves.xml", Content: &file}}, intake.Options{}); err != nil || report.New != 1 {
		s.t.Fatalf("%+v, %v", report, err)
	}
	if err := s.instance.CatchUp(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	livret, err := s.instance.FindPupil(s.t.Context(), canaryUAI, p.ID, 2017)
	if err != nil {
		s.t.Fatal(err)
	}
	return livret
}
