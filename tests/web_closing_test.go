package tests

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/ledger"
)

const closingPage = "/classes/2017/TSVT1/cloture"

// TestAHeadClosesAClass visas and locks all pages at once, opens one of them again for a reason, and reads who was
// refused and why.
func TestAHeadClosesAClass(t *testing.T) {
	s := newWebSite(t)
	one := s.livrets[3]

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

	form = s.openGrid(closingPage, "head")
	form.form.Set("acte", "deverrouiller0")
	form.form.Set("portee", "coches")
	form.set(one, "choix", "oui")
	got := s.post(closingPage, "head", form.form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Le motif est obligatoire") || !strings.Contains(got.body, `href="#choix.`+form.rows[one]+`"`) {
		t.Fatalf("without a reason: %d", got.StatusCode)
	}
	if !strings.Contains(got.body, `name="choix.`+form.rows[one]+`" value="oui" checked`) || !strings.Contains(got.body, `value="deverrouiller0" selected`) {
		t.Error("what was chosen is lost")
	}
	form.form.Set("motif", "Une appréciation manque.")
	s.saved(s.post(closingPage, "head", form.form), "head")
	state, _ := s.state(one)
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

// A livret that has left for a jury is not opened again: the way is a rectification.
func TestWhatIsTransmittedStaysLocked(t *testing.T) {
	s := newWebSite(t)
	one := s.livrets[3]
	execute(s, s.people["head"], access.LockPeriod, record.Decider, one, record.LockPeriod{Year: 2017})
	execute(s, s.people["head"], access.GiveHeadVisa, record.Decider, one, record.GiveHeadVisa{Year: 2017})
	s.transmit(one)
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

// transmit sends a livret to the jury, as its head of school does.
func (s *webSite) transmit(livret uuid.UUID) {
	s.t.Helper()
	for envelope, err := range s.instance.Source.Store.Read(s.t.Context(), eventstore.Position{}) {
		if err != nil {
			s.t.Fatal(err)
		}
		id, ok := envelope.Stream.UUID()
		if !ok || envelope.Type != (deliberation.CandidateRegistered{}).EventType() {
			continue
		}
		candidate, _, err := ledger.Load(s.t.Context(), s.instance.Ledger, deliberation.CandidateDecider, id)
		if err != nil {
			s.t.Fatal(err)
		}
		if candidate.Livret != livret {
			continue
		}
		grant, err := access.Allow(s.people["head"], access.TransmitLivret, access.Target{Livret: livret, UAI: canaryUAI, Academie: "08"}, s.instance.Today())
		if err != nil {
			s.t.Fatal(err)
		}
		_, version := s.state(livret)
		order := ledger.Order{ID: uuid.New(), Grant: grant, Owner: livret}
		_, err = ledger.Execute(s.t.Context(), s.instance.Ledger, order, deliberation.CandidateDecider, id,
			deliberation.TransmitLivret{RecordVersion: uint64(version), Locked: true, HeadVisa: true})
		if err != nil {
			s.t.Fatal(err)
		}
		return
	}
	s.t.Fatal("the livret is nobody's candidate")
}
