package tests

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain/deliberation"
)

// number is the candidate's of a pupil, as the exams division knows it.
func (s *webSite) number(livret uuid.UUID) string {
	s.t.Helper()
	number, err := s.instance.Jury.Number(s.t.Context(), deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}, livret)
	if err != nil {
		s.t.Fatal(err)
	}
	return number
}

// sanctionOf is the form of a blâme against a candidate, entered in his livret.
func (s *webSite) sanctionOf(livret uuid.UUID, kind string) url.Values {
	return url.Values{
		"sanction": {uuid.NewString()}, "candidate": {s.number(livret)}, "year": {"2018"}, "round": {"juin"},
		"kind": {kind}, "authority": {"commission"}, "on": {"2018-06-08"}, "ends": {""}, "entry": {"oui"},
	}
}

var sanctionPath = regexp.MustCompile(`/sanctions/[0-9a-f-]{36}`)

func TestTheExamsDivisionRecordsSanctions(t *testing.T) {
	s := newWebSite(t)
	name, livret := s.school.pupils[0].FamilyName, "/livrets/"+s.livrets[0].String()
	s.wantText("/sanctions", "exams", "Aucune sanction")
	for _, refused := range []struct{ field, value, says string }{
		{"candidate", "00000000", "ne porte ce numéro"}, {"year", "x", "ne porte ce numéro"}, {"kind", "avertissement", "n’est pas de celles"},
		{"on", "2018-06-12", "ni future"}, {"on", "8 juin", "n’est pas une date"}, {"ends", "2019-06-08", "Seule une interdiction"},
	} {
		form := s.sanctionOf(s.livrets[0], "blame")
		form.Set(refused.field, refused.value)
		got := s.post("/sanctions", "exams", form)
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(plain(got.body), refused.says) {
			t.Errorf("%s %q: %d, without %q", refused.field, refused.value, got.StatusCode, refused.says)
		}
		if !strings.Contains(got.body, `value="`+form.Get("sanction")+`"`) {
			t.Error("a form that comes back is another sanction")
		}
	}
	form := s.sanctionOf(s.livrets[0], "blame")
	for range 2 { // sent twice, it is one
		if got := s.post("/sanctions", "exams", form); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("recorded: %d %s", got.StatusCode, plain(got.body))
		}
	}
	s.wantText("/sanctions", "exams", name, "blâme", "8 juin 2018", "8 juin 2019")
	if n := len(sanctionPath.FindAllString(s.get("/sanctions", "exams").body, -1)); n != 1 {
		t.Errorf("%d sanctions are listed", n)
	}
	for _, person := range []string{"pupil", "head"} {
		s.wantText(livret, person, "commission de discipline", "blâme")
	}
	s.wantText("/jury/2018/juin/"+s.number(s.livrets[0]), "juror", "commission de discipline", "blâme", "8 juin 2018")
	for path, person := range map[string]string{"/livrets/" + s.livrets[1].String(): "head", "/jury/2018/juin/" + s.number(s.livrets[1]): "juror"} {
		if strings.Contains(s.get(path, person).body, "commission de discipline") {
			t.Errorf("%s shows a classmate sanctioned", person)
		}
	}
	at := sanctionPath.FindString(s.get("/sanctions", "exams").body)
	act := func(fields ...string) answer {
		form := url.Values{}
		for n := 0; n < len(fields); n += 2 {
			form.Set(fields[n], fields[n+1])
		}
		return s.post(at, "exams", form)
	}
	if got := act("act", "link", "livret", s.livrets[1].String()); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(plain(got.body), "n’est pas celui") {
		t.Errorf("linked to somebody else: %d", got.StatusCode)
	}
	if got := act("act", "link", "livret", "x"); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("linked to nothing: %d", got.StatusCode)
	}
	if got := act("act", "burn"); got.StatusCode != http.StatusBadRequest {
		t.Errorf("an act that there is not: %d", got.StatusCode)
	}
	for _, fields := range [][]string{
		{"act", "void", "scope", "epreuve"}, {"act", "amend", "kind", "interdiction-d-examen", "on", "2018-06-10", "ends", "2019-06-10", "sursis", "oui"},
		{"act", "revoke", "on", "2018-06-11", "ends", "2020-06-11"},
	} {
		if got := act(fields...); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%v: %d %s", fields, got.StatusCode, plain(got.body))
		}
	}
	s.wantText(at, "exams", name, "11 juin 2020", "l’épreuve concernée", "Sursis révoqué")
	if got := act("act", "annul", "on", "2018-06-11"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("annulled: %d", got.StatusCode)
	}
	s.wantText("/sanctions", "exams", "Aucune sanction")
	if strings.Contains(s.get(livret, "head").body, "commission de discipline") {
		t.Error("the livret shows what was annulled")
	}
	if got := s.get(at, "exams"); got.StatusCode != http.StatusNotFound {
		t.Errorf("what was annulled: %d", got.StatusCode)
	}
}

func TestProceedingsAreFollowedOnTheirPage(t *testing.T) {
	s := newWebSite(t)
	form := s.sanctionOf(s.livrets[1], "procedure")
	s.post("/sanctions", "exams", form)
	at := sanctionPath.FindString(s.get("/sanctions", "exams").body)
	s.wantText(at, "exams", "aucun résultat n’est remis")
	if strings.Contains(s.get("/livrets/"+s.livrets[1].String(), "head").body, "commission de discipline") {
		t.Error("a livret speaks of proceedings")
	}
	form.Del("candidate")
	form.Set("kind", "interdiction-d-examen")
	if got := s.post("/sanctions", "exams", form); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(plain(got.body), "a une date de fin") {
		t.Errorf("a ban without end: %d", got.StatusCode)
	}
	form.Set("ends", "2019-06-08")
	if got := s.post("/sanctions", "exams", form); got.StatusCode != http.StatusSeeOther {
		t.Errorf("pronounced: %d %s", got.StatusCode, plain(got.body))
	}
	s.wantText(at, "exams", "jusqu’au 8 juin 2019")

	dropped := s.sanctionOf(s.livrets[2], "procedure")
	s.post("/sanctions", "exams", dropped)
	if got := s.post("/sanctions/"+dropped.Get("sanction"), "exams", url.Values{"act": {"drop"}, "on": {"2018-06-11"}}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("dropped: %d", got.StatusCode)
	}
	if n := len(sanctionPath.FindAllString(s.get("/sanctions", "exams").body, -1)); n != 1 {
		t.Errorf("%d sanctions are listed", n)
	}
}

func TestOnlyTheExamsDivisionReadsSanctions(t *testing.T) {
	s := newWebSite(t)
	form := s.sanctionOf(s.livrets[0], "blame")
	at := "/sanctions/" + form.Get("sanction")
	for person := range s.people {
		if person == "exams" {
			continue
		}
		for _, got := range []answer{s.post("/sanctions", person, form), s.get("/sanctions", person), s.get(at, person), s.post(at, person, url.Values{"act": {"annul"}, "on": {"2018-06-11"}})} {
			if got.StatusCode != http.StatusForbidden {
				t.Errorf("%s gets %d from %s", person, got.StatusCode, got.Request.URL.Path)
			}
		}
	}
	if entries, err := s.instance.Sanctions(t.Context(), s.people["exams"]); err != nil || len(entries) != 0 {
		t.Errorf("%d sanctions were recorded, %v", len(entries), err)
	}
	if got := s.post("/sanctions", "exams", url.Values{}); got.StatusCode != http.StatusBadRequest {
		t.Errorf("an empty form: %d", got.StatusCode)
	}
}

// wantText checks what a page says, whatever its marks and spaces.
func (s *webSite) wantText(path, person string, texts ...string) {
	s.t.Helper()
	got := s.get(path, person)
	said := plain(got.body)
	for _, text := range texts {
		if got.StatusCode != http.StatusOK || !strings.Contains(said, text) {
			s.t.Errorf("%s gets %d from %s, which does not say %q", person, got.StatusCode, path, text)
		}
	}
}

func plain(page string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "&nbsp;", " ").Replace(page)), " ")
}
