package tests

import (
	"archive/zip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/record"
	"livret/eventstore/ledger"
)

// rightsForm is a form of the rights page as a browser sends it.
func rightsForm(act string, fields ...string) url.Values {
	form := url.Values{"acte": {act}, "order": {uuid.NewString()}}
	for n := 0; n < len(fields); n += 2 {
		form.Set(fields[n], fields[n+1])
	}
	return form
}

func (s *webSite) rights(n int) string { return "/livrets/" + s.livrets[n].String() + "/droits" }

// exercise sends a form and follows its redirection.
func (s *webSite) exercise(n int, person string, form url.Values) answer {
	s.t.Helper()
	got := s.post(s.rights(n), person, form)
	if got.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("%s by %s: %d %s", form.Get("acte"), person, got.StatusCode, between(got.body, `<div class="notice stop"`, "</div>"))
	}
	return s.get(got.Header.Get("Location"), person)
}

func (s *webSite) refused(n int, person string, form url.Values, status int, words string) {
	s.t.Helper()
	if got := s.post(s.rights(n), person, form); got.StatusCode != status || !strings.Contains(got.body, words) {
		s.t.Errorf("%s by %s: %d, without %q: %s", form.Get("acte"), person, got.StatusCode, words, between(got.body, `<div class="notice stop"`, "</div>"))
	}
}

func between(text, from, to string) string {
	_, after, _ := strings.Cut(text, from)
	found, _, _ := strings.Cut(after, to)
	return found
}

// TestTakingNote: a validated livret is taken note of by an explicit act on the version that was shown, and again
// after a change; reading it proves nothing.
func TestTakingNote(t *testing.T) {
	s := newWebSite(t)
	livret := "/livrets/" + s.livrets[0].String()
	if page := s.get(livret, "pupil").body; !strings.Contains(page, "ce n’est pas le moment") || strings.Contains(page, "J’ai pris connaissance") {
		t.Error("note may be taken of a livret that the head did not validate")
	}
	state, _ := s.state(s.livrets[0])
	for _, y := range state.Years {
		if y.Year == state.Terminale() {
			execute(s, s.people["head"], access.IssueAvis, record.Decider, s.livrets[0], record.IssueAvis{Avis: record.Favorable})
		}
		execute(s, s.people["head"], access.GiveHeadVisa, record.Decider, s.livrets[0], record.GiveHeadVisa{Year: y.Year})
	}
	if got := s.get("/demandes", "head"); got.StatusCode != http.StatusOK || !strings.Contains(between(got.body, "dont il n’a pas été pris connaissance", "</ul>"), s.rights(0)) {
		t.Errorf("%d: the head does not see that nobody took note", got.StatusCode)
	}
	page := s.get(livret, "pupil").body
	version := between(page, `name="version" value="`, `"`)
	form := rightsForm("connaissance", "version", version)
	if got := s.exercise(0, "pupil", form); !strings.Contains(got.body, "Vous avez pris connaissance") {
		t.Error("the page does not say what was recorded")
	}
	s.exercise(0, "pupil", form) // sent twice
	if page := s.get(livret, "pupil").body; !strings.Contains(page, "Il a été pris connaissance du livret") {
		t.Error("the livret does not say that note was taken")
	}
	s.refused(0, "head", rightsForm("connaissance", "version", version), http.StatusForbidden, "fonction")
	s.refused(0, "guardian of an adult", form, http.StatusForbidden, "majeur")

	execute(s, s.people["head"], access.CorrectAverage, record.Decider, s.livrets[0],
		record.CorrectAverage{Enseignement: record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1}, Period: 1, Mark: mark.Must(mark.Hundredths(100)), Reason: "Erreur."})
	s.refused(0, "pupil", rightsForm("connaissance", "version", version), http.StatusUnprocessableEntity, "a changé")
}

// TestARectification is asked by a pupil, refused, asked again, granted by the head in a locked year, and shown.
func TestARectification(t *testing.T) {
	s := newWebSite(t)
	about := "moyenne|2017|061300|S|1|1"
	if page := s.get(s.rights(0), "pupil").body; !strings.Contains(page, `value="`+about+`"`) || strings.Contains(page, "Limiter le traitement") {
		t.Fatal("the pupil is not offered what he may ask")
	}
	ask := rightsForm("demande", "objet", about, "demande", "J’avais 13.")
	s.exercise(0, "pupil", ask)
	s.exercise(0, "pupil", ask) // sent twice, asked once
	s.refused(0, "pupil", rightsForm("demande", "objet", "moyenne|2017|999999|S|1|1", "demande", "x"), http.StatusUnprocessableEntity, "pas dans ce livret")
	s.refused(0, "pupil", rightsForm("accord", "rectification", ask.Get("order"), "reponse", "x", "moyenne", "20"), http.StatusForbidden, "fonction")

	list := s.get("/demandes", "head").body

	if strings.Count(list, "J’avais 13.") != 1 || strings.Contains(s.get("/demandes", "head elsewhere").body, "J’avais 13.") {
		t.Error("the demand is not in the list of its head, and in no other")
	}
	s.refused(0, "head", rightsForm("refus", "rectification", ask.Get("order"), "reponse", " "), http.StatusUnprocessableEntity, "motif est obligatoire")
	s.exercise(0, "head", rightsForm("refus", "rectification", ask.Get("order"), "reponse", "La moyenne est exacte."))
	if page := s.get(s.rights(0), "pupil").body; !strings.Contains(page, "La moyenne est exacte.") || !strings.Contains(page, "refusée") {
		t.Error("the pupil is not told why")
	}

	execute(s, s.people["head"], access.LockPeriod, record.Decider, s.livrets[0], record.LockPeriod{Year: 2017})
	again := rightsForm("demande", "objet", about, "demande", "J’insiste : la copie en fait foi.")
	s.exercise(0, "pupil", again)
	s.exercise(0, "head", rightsForm("accord", "rectification", again.Get("order"), "reponse", "Copie vérifiée.", "moyenne", "13"))
	state, _ := s.state(s.livrets[0])
	line := state.Line(record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1})
	if got := line.Average(1); got.Mark != mark.Must(mark.Hundredths(1300)) || got.Reason != "Copie vérifiée." {
		t.Errorf("%+v", got)
	}
	if page := s.get("/livrets/"+s.livrets[0].String(), "pupil").body; !strings.Contains(page, "Copie vérifiée.") {
		t.Error("the livret does not show its correction")
	}

	text := rightsForm("demande", "objet", "appreciation|2017|061300|S|1|0", "demande", "Le texte parle de mon frère.")
	s.exercise(0, "pupil", text)
	s.refused(0, "head", rightsForm("accord", "rectification", text.Get("order"), "reponse", "Repris.", "texte", suspect), http.StatusUnprocessableEntity, "class=\"suspect\"")
	s.exercise(0, "head", rightsForm("accord", "rectification", text.Get("order"), "reponse", "Repris.", "texte", suspect, "maintenu", "1"))
	state, _ = s.state(s.livrets[0])
	if said := state.Line(line.Enseignement).Appreciation; said.Value != suspect || said.Screening == nil || said.Screening.Decision != record.TextKept {
		t.Errorf("%+v", said)
	}

	name := rightsForm("demande", "objet", "identite", "demande", "Mon nom d’usage manque.")
	s.exercise(0, "pupil", name)
	s.exercise(0, "head", rightsForm("accord", "rectification", name.Get("order"), "reponse", "Acte vu.", "nom", "QUILLEVERE", "usage", "MONTALBAN", "prenoms", "Aubin", "naissance", "2000-01-31"))
	if page := s.get("/livrets/"+s.livrets[0].String(), "pupil").body; !strings.Contains(page, "MONTALBAN") {
		t.Error("the identity is not rectified")
	}
	for _, path := range []string{"/jury/2018/juin", s.candidate()} {
		if page := s.get(path, "juror").body; strings.Contains(page, "J’insiste") || strings.Contains(page, "MONTALBAN") {
			t.Error("a juror is shown a demand")
		}
	}
}

// TestOppositionAndOnlineService: what an adult declares, and what his guardians do for a minor.
func TestOppositionAndOnlineService(t *testing.T) {
	s := newWebSite(t)
	s.refused(2, "classmate", rightsForm("opposition"), http.StatusForbidden, "pas de ceux")
	for n, person := range map[int]string{0: "pupil", 2: "guardian of a minor"} {
		s.refused(n, person, rightsForm("opposition"), http.StatusUnprocessableEntity, "trop tard") // the jury has it
	}

	s.exercise(0, "pupil", rightsForm("sans-ligne"))
	livret := "/livrets/" + s.livrets[0].String()
	for _, path := range []string{livret, "/api/v1" + livret, livret + "/consultations"} {
		if got := s.get(path, "pupil"); got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "refus") {
			t.Errorf("%s is %d to who refused it", path, got.StatusCode)
		}
	}
	if page := s.get(s.rights(0), "pupil"); page.StatusCode != http.StatusOK || !strings.Contains(page.body, "Accepter de nouveau") || strings.Contains(page.body, "MATHÉMATIQUES") {
		t.Errorf("%d: who refused is not let back", page.StatusCode)
	}
	if got := s.get(livret, "head"); got.StatusCode != http.StatusOK {
		t.Errorf("the school loses a livret that its family refused on line: %d", got.StatusCode)
	}
	s.refused(0, "head", rightsForm("papier", "jour", s.instance.Today().String()), http.StatusUnprocessableEntity, "proclamation")
	s.exercise(0, "pupil", rightsForm("en-ligne"))
	if got := s.get(livret, "pupil"); got.StatusCode != http.StatusOK {
		t.Errorf("who accepted again gets %d", got.StatusCode)
	}
}

// TestOpposingInTime, before the livret leaves for a jury: an adult does, and takes it back; a minor leaves it to
// his guardians.
func TestOpposingInTime(t *testing.T) {
	_, s, i := openCanarySchool(t)
	livret, err := i.FindPupil(t.Context(), canaryUAI, s.pupils[0].ID, 2017)
	if err != nil {
		t.Fatal(err)
	}
	pupil := access.Actor{Actor: domain.Actor{Role: access.Eleve, Person: uuid.New()}, UAI: canaryUAI, Livrets: []uuid.UUID{livret}}
	for _, opposed := range []bool{true, true, false} {
		if err := i.Oppose(t.Context(), pupil, livret, uuid.New(), opposed); err != nil {
			t.Fatal(err)
		}
		if r, err := i.Rights(t.Context(), pupil, livret); err != nil || r.State.Opposed() != opposed {
			t.Errorf("opposed is %t, %v", !opposed, err)
		}
	}
	guardian := access.Actor{Actor: domain.Actor{Role: access.ResponsableLegal, Person: uuid.New()}, UAI: canaryUAI, PersonID: s.guardian.PersonID}
	refusal, refused := errors.AsType[*domain.Refusal](i.Oppose(t.Context(), guardian, livret, uuid.New(), true))
	if !refused || refusal.Rule != "acces-eleve-majeur" {
		t.Errorf("the guardian of an adult: %+v", refusal)
	}
}

// TestAQuarantine: nobody but the head reads or changes the livret; the family is told, and still asks.
func TestAQuarantine(t *testing.T) {
	s := newWebSite(t)
	s.refused(0, "pupil", rightsForm("limitation", "motif-de-limitation", "exactitude-contestee"), http.StatusForbidden, "fonction")
	s.refused(0, "head", rightsForm("limitation", "motif-de-limitation", ""), http.StatusUnprocessableEntity, "quatre motifs")
	s.exercise(0, "head", rightsForm("limitation", "motif-de-limitation", "exactitude-contestee"))
	livret := "/livrets/" + s.livrets[0].String()
	for person, want := range map[string]int{"pupil": http.StatusForbidden, "cpe": http.StatusForbidden, "principal": http.StatusForbidden, "head": http.StatusOK} {
		if got := s.get(livret, person); got.StatusCode != want {
			t.Errorf("%s reads a livret in quarantine: %d", person, got.StatusCode)
		}
	}
	if got := s.get(livret+"/historique", "auditor"); got.StatusCode != http.StatusForbidden {
		t.Errorf("an auditor reads a livret in quarantine: %d", got.StatusCode)
	}
	candidates, err := s.instance.Ledger.Candidatures(t.Context(), s.livrets[0], 2018)
	if err != nil || len(candidates) != 1 {
		t.Fatalf("%d candidates, %v", len(candidates), err)
	}
	dossier := "/jury/2018/juin/" + candidates[0].Number
	if got := s.get(dossier, "juror"); got.StatusCode != http.StatusForbidden || strings.Contains(got.body, "MATHÉMATIQUES") {
		t.Errorf("a juror reads a livret in quarantine: %d", got.StatusCode)
	}
	if page := s.get(s.rights(0), "pupil"); page.StatusCode != http.StatusOK || !strings.Contains(page.body, "exactitude contestée") {
		t.Errorf("%d: the family is not told", page.StatusCode)
	}
	s.exercise(0, "pupil", rightsForm("demande", "objet", "autre", "demande", "Un engagement manque."))
	_, before := s.state(s.livrets[0])
	form := s.openGrid(physicsGrid, "colleague")
	form.set(s.livrets[0], "t1", "3")
	s.post(physicsGrid, "colleague", form.form)
	if _, after := s.state(s.livrets[0]); after != before {
		t.Error("a teacher writes in a livret in quarantine")
	}
	if got := s.get(physicsGrid, "colleague"); got.StatusCode != http.StatusOK {
		t.Errorf("the grid of the others answers %d", got.StatusCode)
	}
	s.exercise(0, "head", rightsForm("levee"))
	if got := s.get(livret, "pupil"); got.StatusCode != http.StatusOK {
		t.Errorf("after the quarantine the pupil gets %d", got.StatusCode)
	}
	if got := s.get(dossier, "juror"); got.StatusCode != http.StatusOK {
		t.Errorf("after the quarantine the jury gets %d", got.StatusCode)
	}
}

// TestEveryReadingIsLogged: pages and API, families and staff; who and when, and nothing else.
func TestEveryReadingIsLogged(t *testing.T) {
	s := newWebSite(t)
	livret := "/livrets/" + s.livrets[0].String()
	count := func() int {
		t.Helper()
		lines, err := s.instance.Ledger.Consultations(t.Context(), s.livrets[0])
		if err != nil {
			t.Fatal(err)
		}
		return len(lines)
	}
	if page := s.get("/demandes", "head").body; !strings.Contains(between(page, "n’a jamais consultés", "</ul>"), s.rights(0)) {
		t.Error("the head is not told who never read")
	}
	for n, read := range []struct{ path, person string }{
		{livret, "pupil"}, {"/api/v1" + livret, "head"}, {livret, "cpe"}, {livret + "/historique", "auditor"},
	} {
		if got := s.get(read.path, read.person); got.StatusCode != http.StatusOK || count() != n+1 {
			t.Errorf("%s by %s: %d, %d lines", read.path, read.person, got.StatusCode, count())
		}
	}
	for _, refused := range []string{"classmate", "juror", "nobody", "head elsewhere"} {
		s.get(livret, refused)
	}
	if count() != 4 {
		t.Errorf("%d lines: a refusal is logged as a reading", count())
	}
	for _, person := range []string{"pupil", "auditor"} {
		page := s.get(livret+"/consultations", person)
		if page.StatusCode != http.StatusOK || strings.Count(page.body, "<tr><th scope=\"row\">") != 4 || !strings.Contains(page.body, "conseiller principal") || strings.Contains(page.body, s.people["cpe"].Person.String()) {
			t.Errorf("%s is shown %d, %d lines", person, page.StatusCode, strings.Count(page.body, "<tr>"))
		}
	}
	if page := s.get("/demandes", "head").body; strings.Contains(between(page, "n’a jamais consultés", "</ul>"), s.rights(0)) {
		t.Error("the head is told that who read never did")
	}
	if strings.Contains(s.log.String(), s.livrets[0].String()) {
		t.Error("the technical log names a livret")
	}
}

// TestAPaperIsOwed to who refused the livret on line, from the proclamation on and until it is handed over.
func TestAPaperIsOwed(t *testing.T) {
	s := newWebSite(t)
	s.exercise(0, "pupil", rightsForm("sans-ligne"))
	if page := s.get("/papier", "head").body; strings.Contains(page, s.rights(0)) {
		t.Error("a paper is owed before the proclamation")
	}
	s.closeDeliberations()
	dec := access.Actor{Actor: domain.Actor{Role: access.DEC, Person: uuid.New()}, Academie: "08"}
	if _, err := s.instance.Proclaim(t.Context(), dec, deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}, s.instance.Today()); err != nil {
		t.Fatal(err)
	}
	page := s.get("/papier", "head").body
	if strings.Count(page, "/droits#service") != 1 || !strings.Contains(page, s.rights(0)) || !strings.Contains(page, "livret en ligne refusé") {
		t.Error("the debt is not shown, or is not the only one")
	}
	today := s.instance.Today().String()
	s.refused(0, "head", rightsForm("papier", "jour", "2018-01-01"), http.StatusUnprocessableEntity, "proclamation")
	s.exercise(0, "head", rightsForm("papier", "jour", today))
	if page := s.get("/papier", "head").body; strings.Contains(page, s.rights(0)) {
		t.Error("what was handed over is still owed")
	}
	if _, err := s.instance.OfferService(t.Context(), s.people["head"], canaryUAI, false); err != nil {
		t.Fatal(err)
	}
	if page := s.get("/papier", "head").body; strings.Count(page, "/droits#service") != len(s.livrets)-1 || !strings.Contains(page, "service non proposé") {
		t.Error("a school that does not offer the service owes a paper to all others")
	}
}

// TestAPrintedLivretIsVerified: a family prints once the deliberations are closed; the code says to anybody that
// the paper is authentic, and whether it still holds; once the livret is destroyed, it is any unknown code.
func TestAPrintedLivretIsVerified(t *testing.T) {
	s := newWebSite(t)
	page := "/livrets/" + s.livrets[0].String() + "/impression"
	if got := s.get(page, "pupil"); got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "clôture des délibérations") {
		t.Errorf("before the deliberations are closed: %d", got.StatusCode)
	}
	if got := s.get("/livrets/"+s.livrets[0].String(), "pupil"); strings.Contains(got.body, "/impression") {
		t.Error("a print is offered too early")
	}
	code := func(person string) string {
		t.Helper()
		got := s.get(page, person)
		code := between(got.body, `<strong class="mark">`, "<")
		if got.StatusCode != http.StatusOK || len(code) != 19 || !strings.Contains(got.body, s.school.pupils[0].FamilyName) {
			t.Fatalf("%s prints %d with code %q", person, got.StatusCode, code)
		}
		return code
	}
	head := code("head")
	s.closeDeliberations()
	pupil := code("pupil")
	if head != pupil {
		t.Errorf("%s and %s on one day", head, pupil)
	}
	verify := func(code, want string) {
		t.Helper()
		got := s.get("/verifier?code="+url.QueryEscape(code), "nobody")
		if got.StatusCode != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("%q: %d, without %q", code, got.StatusCode, want)
		}
		for _, p := range s.school.pupils {
			if strings.Contains(got.body, p.FamilyName) || strings.Contains(got.body, s.livrets[0].String()) {
				t.Error("a verification names somebody")
			}
		}
	}
	verify(pupil, "le livret n’a pas changé depuis")
	verify(" "+strings.ToLower(strings.ReplaceAll(pupil, "-", " ")), "le livret n’a pas changé depuis")
	unknown := s.get("/verifier?code=0000-0000-0000-0000", "nobody").body
	for _, other := range []string{pupil[:18] + map[bool]string{true: "0", false: "1"}[pupil[18] != '0'], pupil[:4], "x", strings.Repeat("Z", 40), ""} {
		if got := s.get("/verifier?code="+url.QueryEscape(other), "nobody").body; got != unknown {
			t.Errorf("%q is not answered like any unknown code", other)
		}
	}
	execute(s, s.people["head"], access.CorrectAverage, record.Decider, s.livrets[0],
		record.CorrectAverage{Enseignement: record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1}, Period: 1, Mark: mark.Must(mark.Hundredths(100)), Reason: "Erreur."})
	verify(pupil, "modifié depuis")
	s.shred(s.livrets[0])
	if got := s.get("/verifier?code="+pupil, "nobody").body; got != unknown {
		t.Error("the code of a destroyed livret tells that it existed")
	}
}

func (s *webSite) closeDeliberations() {
	s.t.Helper()
	session := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	dec := access.Actor{Actor: domain.Actor{Role: access.DEC, Person: uuid.New()}, Academie: "08"}
	for _, c := range []struct {
		act     access.Act
		command domain.Command[deliberation.Sitting]
	}{
		{access.OpenSession, deliberation.OpenSession{Session: session}},
		{access.CloseDeliberations, deliberation.CloseDeliberations{Session: session, On: s.instance.Today(), Today: s.instance.Today()}},
	} {
		grant, err := access.Allow(dec, c.act, access.Target{Academie: "08"}, s.instance.Today())
		if err == nil {
			_, err = ledger.Execute(s.t.Context(), s.instance.Ledger, ledger.Order{ID: uuid.New(), Grant: grant}, deliberation.SessionDecider, session.Stream(), c.command)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestACopyOfAllThatIsHeld: a page and a file, with what was said, asked and read, and nothing of anybody else.
func TestACopyOfAllThatIsHeld(t *testing.T) {
	s := newWebSite(t)
	s.exercise(0, "pupil", rightsForm("demande", "objet", "moyenne|2017|061300|S|1|1", "demande", "J’avais 13."))
	s.get("/livrets/"+s.livrets[0].String(), "cpe")
	candidates, err := s.instance.Ledger.Candidatures(t.Context(), s.livrets[0], 2018)
	if err != nil || len(candidates) != 1 {
		t.Fatalf("%d candidates, %v", len(candidates), err)
	}
	for person, linked := range map[string]bool{"pupil": true, "head": false} {
		got := s.get("/livrets/"+s.livrets[0].String()+"/copie", person)
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/zip" || strings.Contains(got.Header.Get("Content-Disposition"), s.livrets[0].String()) {
			t.Fatalf("%s gets %d, %v", person, got.StatusCode, got.Header)
		}
		archive, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
		if err != nil || len(archive.File) != 2 {
			t.Fatal(err)
		}
		for _, f := range archive.File {
			content := contentOf(t, f)
			for _, held := range []string{s.school.pupils[0].FamilyName, "J’avais 13.", "conseiller principal", "Ouverture du livret", "2018-juin"} {
				if !strings.Contains(content, held) {
					t.Errorf("%s for %s lacks %q", f.Name, person, held)
				}
			}
			for _, other := range s.school.pupils[1:] {
				if strings.Contains(content, other.FamilyName) {
					t.Errorf("%s for %s names another pupil", f.Name, person)
				}
			}
			if strings.Contains(content, candidates[0].Number) != linked {
				t.Errorf("%s for %s: the number before the jury is for the pupil, and not for his school", f.Name, person)
			}
		}
	}
}

func contentOf(t *testing.T, f *zip.File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
