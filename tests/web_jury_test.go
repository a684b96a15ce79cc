package tests

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/record"
)

var imprint = regexp.MustCompile(`name="vu" value="([0-9a-f]{64})"`)

// seen is a form about what the page shows now.
func (s *webSite) seen(path, act, group string, more ...string) url.Values {
	s.t.Helper()
	form := url.Values{"acte": {act}, "groupe": {group}}
	if found := imprint.FindStringSubmatch(s.get(path, "juror").body); found != nil {
		form.Set("vu", found[1])
	}
	for n := 0; n < len(more); n += 2 {
		form.Set(more[n], more[n+1])
	}
	return form
}

// TestAPresidentSignsAndDecides is the deliberation of one candidate, page by page, up to the ajournement that the
// law allows after the visa alone, and the rectification that makes a visa stale.
func TestAPresidentSignsAndDecides(t *testing.T) {
	s := newWebSite(t)
	path := s.candidate()
	says := func(got answer, status int, text string) {
		t.Helper()
		if got.StatusCode != status || !strings.Contains(got.body, text) {
			t.Errorf("answered %d, without %q", got.StatusCode, text)
		}
	}
	follow := func(got answer) answer {
		t.Helper()
		if got.StatusCode != http.StatusSeeOther {
			t.Fatalf("answered %d: %s", got.StatusCode, got.body)
		}
		return s.get(got.Header.Get("Location"), "juror")
	}
	failing := s.seen(path, "resultat", "premier", "resultat", "ajourne")
	says(s.post(path, "juror", failing), http.StatusUnprocessableEntity, "doit porter le visa du président")

	old := s.seen(path, "examiner", "premier")
	says(follow(s.post(path, "juror", old)), http.StatusOK, "L’examen du livret est enregistré")
	says(s.post(path, "juror", s.seen(path, "viser", "premier")), http.StatusUnprocessableEntity, "n’a pas été confirmé")

	// The livret is corrected while the page is open.
	confirmed := s.seen(path, "viser", "premier", "confirmer", "oui")
	s.correct(path)
	says(s.post(path, "juror", confirmed), http.StatusUnprocessableEntity, "a changé depuis qu’il vous a été montré")
	says(s.get(path, "juror"), http.StatusOK, "à examiner et à viser de nouveau")

	follow(s.post(path, "juror", s.seen(path, "examiner", "premier")))
	says(follow(s.post(path, "juror", s.seen(path, "viser", "premier", "confirmer", "oui"))), http.StatusOK, "Votre visa est enregistré")
	says(follow(s.post(path, "juror", failing)), http.StatusOK, "ajourné")
	says(s.get("/jury/2018/juin", "member"), http.StatusOK, "ajourné")

	// A member reads, and writes nothing; the division of exams follows, and reads no dossier.
	if body := s.get(path, "member").body; strings.Contains(body, "<form") || strings.Contains(body, `name="acte"`) {
		t.Error("a member of the jury is offered a form")
	}
	for _, person := range []string{"member", "exams", "head", "juror of september"} {
		if got := s.post(path, person, failing); got.StatusCode != http.StatusForbidden && person != "exams" {
			t.Errorf("%s decides: %d", person, got.StatusCode)
		}
	}
	says(s.get("/sessions/2018/juin", "exams"), http.StatusOK, "0108")
	if got := s.get(path, "exams"); got.StatusCode != http.StatusForbidden {
		t.Errorf("the division of exams reads a dossier: %d", got.StatusCode)
	}
}

// correct changes a mark of the livret behind a candidate, as its head may.
func (s *webSite) correct(path string) {
	s.t.Helper()
	number := path[strings.LastIndex(path, "/")+1:]
	for _, livret := range s.livrets {
		_, c, err := s.instance.Ledger.Candidate(s.t.Context(), livret, june)
		if err != nil {
			s.t.Fatal(err)
		}
		if c.Number != number {
			continue
		}
		execute(s, s.people["head"], access.CorrectAverage, record.Decider, livret, record.CorrectAverage{
			Enseignement: record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1}, Period: 1, Mark: mark.Must(mark.Hundredths(1975)), Reason: "Erreur de saisie",
		})
		if err := s.instance.CatchUp(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	s.t.Fatalf("nobody has number %s", number)
}

// TestWhoseLivretIsNotTransmitted is judged without, and the jury is not told why.
func TestWhoseLivretIsNotTransmitted(t *testing.T) {
	s := newWebSite(t)
	livret := s.livrets[0]
	jury := instance.JuryName{Session: september, Number: "0001"}
	presiding := juror(access.PresidentJury, september)
	s.people["juror"] = presiding
	seat(t, s.instance, jury, map[deliberation.Office]access.Actor{deliberation.President: presiding})
	_, c, err := s.instance.Ledger.Candidate(t.Context(), livret, june)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.instance.RecordResult(t.Context(), dec(), june, c.Number, deliberation.Premier, deliberation.Absent, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.instance.RegisterAgain(t.Context(), dec(), june, c.Number); err != nil {
		t.Fatal(err)
	}
	if _, err := s.instance.Assign(t.Context(), dec(), jury); err != nil {
		t.Fatal(err)
	}
	list, err := s.instance.ListJury(t.Context(), presiding, september)
	if err != nil || len(list) != 1 || list[0].Number == c.Number {
		t.Fatalf("%+v, %v", list, err)
	}
	path := "/jury/2018/septembre/" + list[0].Number
	if got := s.get(path, "juror"); got.StatusCode != http.StatusOK || !strings.Contains(got.body, "Aucun livret n’est produit") || strings.Contains(got.body, "progresse") {
		t.Errorf("answered %d", got.StatusCode)
	}
	got := s.post(path, "juror", s.seen(path, "resultat", "premier", "resultat", "ajourne"))
	if got.StatusCode != http.StatusSeeOther {
		t.Errorf("whoever supplied no livret is not judged: %d", got.StatusCode)
	}
	if got := s.post(path, "juror", url.Values{"acte": {"autre"}, "order": {uuid.NewString()}}); got.StatusCode != http.StatusBadRequest {
		t.Errorf("an act that does not exist: %d", got.StatusCode)
	}
}

// TestAHeadTransmitsAClass transmits those that are locked and visaed, and says what keeps the others.
func TestAHeadTransmitsAClass(t *testing.T) {
	s := newWebSite(t)
	path := "/classes/2017/TSVT1/transmission"
	if got := s.get(path, "head"); got.StatusCode != http.StatusOK || strings.Count(got.body, ">transmis<") != len(s.livrets) {
		t.Errorf("answered %d", got.StatusCode)
	}
	if got := s.post(path, "head", url.Values{}); got.StatusCode != http.StatusSeeOther || !strings.HasSuffix(got.Header.Get("Location"), "transmis=0") {
		t.Errorf("transmitted again: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	for _, person := range []string{"colleague", "cpe", "principal", "juror", "pupil"} {
		if got := s.post(path, person, url.Values{}); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s transmits: %d", person, got.StatusCode)
		}
	}
}
