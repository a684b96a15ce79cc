package tests

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/web"
)

// TestWhoSeesWhichPage is every route against every role: what is not listed as open is refused, and whoever
// has not signed in is asked to.
func TestWhoSeesWhichPage(t *testing.T) {
	s := newWebSite(t)
	livret := "/livrets/" + s.livrets[0].String()
	cellOf := livret + "/annees/2017/enseignements/" + physics
	school := []string{"head", "cpe", "principal"}
	teaching := []string{"head", "colleague"}
	pages := []struct {
		path string
		open []string // to whom: 200
		api  bool     // the same under /api/v1
	}{
		{path: livret, open: append(school, "pupil"), api: true},
		{path: "/livrets/" + s.livrets[2].String(), open: append(school, "guardian of a minor", "guardian of an adult"), api: true}, // who has this minor as well,
		{path: livret + "/historique", open: []string{"head", "auditor"}, api: true},
		{path: livret + "/rejeu", open: []string{"auditor"}}, {path: livret + "/rejeu/vue?vue=famille&fait=9", open: []string{"auditor"}},
		{path: livret + "/droits", open: []string{"head", "pupil"}},
		{path: livret + "/impression", open: []string{"head"}}, // and the family once deliberations are closed
		{path: livret + "/copie", open: []string{"head", "pupil"}},
		{path: livret + "/consultations", open: []string{"pupil", "auditor"}, api: true},
		{path: "/demandes", open: []string{"head", "head elsewhere"}},           // of his own school
		{path: "/papier", open: []string{"head", "head elsewhere", "operator"}}, // an operator has no school, and no name is for him
		{path: "/historique", open: []string{"auditor"}},
		{path: "/classes", open: append(school, "teacher", "colleague", "idle teacher", "head elsewhere"), api: true},
		{path: "/classes/2017/TSVT1", open: append(school, "teacher", "colleague"), api: true},
		{path: "/classes/2017/TSVT1/completude", open: append(school, "teacher", "colleague")},
		{path: "/classes/2017/TSVT1/avis", open: school}, {path: "/classes/2017/TSVT1/engagements", open: school},
		{path: "/classes/2017/TSVT1/investissement", open: school}, {path: "/classes/2017/TSVT1/direction", open: school},
		{path: "/classes/2017/TSVT1/cloture", open: []string{"head"}},
		{path: "/classes/2017/TSVT1/" + physics, open: teaching, api: true},
		{path: "/classes/2017/TSVT1/" + maths, open: []string{"head", "teacher"}, api: true},
		{path: "/jury/2018/juin", open: []string{"juror", "member"}, api: true},
		{path: s.candidate(), open: []string{"juror", "member"}, api: true},
		{path: "/sessions/2018/juin", open: []string{"exams", "operator"}},
		{path: "/classes/2017/TSVT1/transmission", open: []string{"head"}},
		{path: "/jury/2018/septembre", open: []string{"juror of september"}, api: true},
		{path: "/sanctions", open: []string{"exams"}},
		{path: "/conservation", open: []string{"exams", "auditor", "operator", "archives"}},
		{path: "/archives", open: []string{"exams", "auditor"}},
		{path: "/statistiques", open: []string{"statistician"}},
		{path: "/statistiques/2018", open: []string{"statistician"}, api: true},
		{path: "/api/v1" + cellOf + "/moyennes/1", open: teaching},
		{path: "/api/v1" + cellOf + "/appreciation", open: teaching},
	}
	for _, p := range pages {
		paths := []string{p.path}
		if p.api {
			paths = append(paths, "/api/v1"+p.path)
		}
		for _, path := range paths {
			for person := range s.people {
				want := http.StatusForbidden
				if slices.Contains(p.open, person) {
					want = http.StatusOK
				}
				got := s.get(path, person)
				if got.StatusCode != want {
					t.Errorf("%s gets %d from %s, want %d", person, got.StatusCode, path, want)
				}
				s.checkHeaders(got, path)
			}
			if got := s.get(path, "nobody"); got.StatusCode != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("nobody gets %d from %s", got.StatusCode, path)
			}
		}
	}
	for _, path := range []string{"/", "/accessibilite", "/donnees-personnelles", "/verifier", "/verifier?code=x", "/api", "/openapi.json", "/assets/style.css"} {
		for _, person := range []string{"nobody", "head", "juror"} {
			if got := s.get(path, person); got.StatusCode != http.StatusOK {
				t.Errorf("%s gets %d from %s", person, got.StatusCode, path)
			}
		}
	}
}

func (s *webSite) checkHeaders(got answer, path string) {
	s.t.Helper()
	for header, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got.Header.Get(header) != want {
			s.t.Errorf("%s: %s is %q", path, header, got.Header.Get(header))
		}
	}
	if csp := got.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		s.t.Errorf("%s: policy %q", path, csp)
	}
	if strings.HasPrefix(path, "/api/") && got.StatusCode >= 400 && got.Header.Get("Content-Type") != "application/problem+json" {
		s.t.Errorf("%s: an error of the API is %q", path, got.Header.Get("Content-Type"))
	}
}

// What is not open, what does not exist and what was forgotten are refused in the same bytes.
func TestAStrangerCannotTellWhatExists(t *testing.T) {
	s := newWebSite(t)
	s.shred(s.livrets[5])
	for _, person := range []string{"head elsewhere", "idle teacher", "classmate", "guardian of a minor", "juror", "statistician", "operator"} {
		for _, path := range []string{"/livrets/%s", "/livrets/%s/droits", "/livrets/%s/consultations", "/livrets/%s/impression", "/livrets/%s/copie", "/livrets/%s/historique", "/livrets/%s/rejeu", "/livrets/%s/rejeu/vue?fait=1", "/api/v1/livrets/%s", "/api/v1/livrets/%s/annees/2017/enseignements/" + maths + "/moyennes/1"} {
			there := s.get(fmt.Sprintf(path, s.livrets[0]), person)
			for what, livret := range map[string]uuid.UUID{"nothing": uuid.New(), "a forgotten livret": s.livrets[5]} {
				if got := s.get(fmt.Sprintf(path, livret), person); got.StatusCode != there.StatusCode || got.body != there.body {
					t.Errorf("%s tells %s apart at %s: %d, %d", person, what, path, got.StatusCode, there.StatusCode)
				}
			}
		}
	}
}

func TestAForgottenLivretIsGone(t *testing.T) {
	s := newWebSite(t)
	s.shred(s.livrets[0])
	for _, path := range []string{"/livrets/", "/api/v1/livrets/"} {
		if got := s.get(path+s.livrets[0].String(), "pupil"); got.StatusCode != http.StatusGone || !strings.Contains(got.body, "détruit") {
			t.Errorf("%s answers %d", path, got.StatusCode)
		}
	}
	got := s.get("/livrets/"+s.livrets[0].String()+"/historique", "auditor")
	if got.StatusCode != http.StatusOK || !strings.Contains(got.body, "contenu détruit") || strings.Contains(got.body, s.school.pupils[0].FamilyName) {
		t.Errorf("the history of a forgotten livret answers %d", got.StatusCode)
	}
	if got := s.get("/classes/2017/TSVT1", "head"); got.StatusCode != http.StatusOK || strings.Contains(got.body, s.school.pupils[0].FamilyName) {
		t.Errorf("a class of which a pupil is forgotten answers %d", got.StatusCode)
	}
	if got := s.get("/jury/2018/juin", "juror"); got.StatusCode != http.StatusOK {
		t.Errorf("a session of which a candidate is forgotten answers %d", got.StatusCode)
	}
}

// TestJuryPagesNameNobody searches the bytes of all that a juror is sent, headers and refusals included, and
// what was logged meanwhile.
func TestJuryPagesNameNobody(t *testing.T) {
	s := newWebSite(t)
	paths := []string{"/", "/jury/2018/juin", "/api/v1/jury/2018/juin", "/livrets/" + s.livrets[0].String(), "/classes", "/jury/2018/juin/1"}
	var list []struct{ Number string }
	if err := json.Unmarshal([]byte(s.get("/api/v1/jury/2018/juin", "juror").body), &list); err != nil || !slices.IsSortedFunc(list, func(a, b struct{ Number string }) int { return strings.Compare(a.Number, b.Number) }) {
		t.Fatalf("%v, %v", list, err)
	}
	for _, c := range list {
		paths = append(paths, "/jury/2018/juin/"+c.Number, "/api/v1/jury/2018/juin/"+c.Number)
	}
	forbidden := append(s.school.canaries(), "Constant", "Prudence", "0000123J", "TSVT1", "ABBADIEUX", "HORTENSE")
	for _, livret := range s.livrets {
		forbidden = append(forbidden, livret.String())
	}
	shown := 0
	for _, path := range paths {
		got := s.get(path, "juror")
		shown += strings.Count(got.body, "progresse")
		bytesOf := fmt.Sprint(got.Header) + got.body
		for _, canary := range forbidden {
			for _, form := range forms(canary) {
				if strings.Contains(bytesOf, string(form)) {
					t.Errorf("%s names %q", path, form)
				}
			}
		}
		if got.Header.Get("ETag") != "" {
			t.Errorf("%s has a tag by which a dossier could be recognised", path)
		}
	}
	if want := 2 * 7 * len(s.livrets); shown != want {
		t.Errorf("jurors are shown %d texts, want %d", shown, want)
	}
	for _, canary := range append(forbidden, list[0].Number) {
		if strings.Contains(s.log.String(), canary) {
			t.Errorf("the log holds %q", canary)
		}
	}
}

// A failure of ours says a reference and nothing else; the log holds the reference and no name.
func TestAFailureOfOursTellsNothing(t *testing.T) {
	s := newWebSite(t)
	if err := s.instance.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/livrets/", "/api/v1/livrets/"} {
		got := s.get(path+s.livrets[0].String(), "head")
		if got.StatusCode != http.StatusInternalServerError {
			t.Fatalf("%s answers %d", path, got.StatusCode)
		}
		for _, inside := range []string{"closed", "sqlite", "eventstore", "keyvault", ".go", s.livrets[0].String()} {
			if strings.Contains(got.body, inside) {
				t.Errorf("%s tells %q", path, inside)
			}
		}
	}
	if log := s.log.String(); !strings.Contains(log, "reference=") || strings.Contains(log, s.livrets[0].String()) {
		t.Errorf("the log says %s", log)
	}
}

func TestRequestsFromOtherSitesAreRefused(t *testing.T) {
	s := newWebSite(t)
	got := s.do(http.MethodPost, "/classes/2017/TSVT1/"+physics, "colleague", strings.NewReader("order="+uuid.NewString()),
		"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site")
	if got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "autre site") {
		t.Errorf("answered %d", got.StatusCode)
	}
}

func TestWhatIsNowhere(t *testing.T) {
	s := newWebSite(t)
	for path, want := range map[string]int{
		"/nulle-part": 404, "/api/v1/nulle-part": 404, "/livrets/rien": 404, "/jury/2018/janvier": 404, "/jury/x/juin": 404,
		"/classes/2017/TSVT1/06230/S/1": 404, "/classes/2017/TSVT1/062300/S/0": 404, "/statistiques/abc": 404, "/assets/": 404,
		"/classes/2017/TSVT9": 403, "/classes/2017/TSVT1/100100/S/1": 403,
	} {
		if got := s.get(path, "head"); got.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, got.StatusCode, want)
		}
	}
	for method, path := range map[string]string{http.MethodDelete: "/livrets/" + s.livrets[0].String(), http.MethodPost: "/api/v1/classes", http.MethodPut: "/"} {
		if got := s.do(method, path, "head", nil); got.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(got.Header.Get("Allow"), "GET") {
			t.Errorf("%s %s answers %d, allowing %q", method, path, got.StatusCode, got.Header.Get("Allow"))
		}
	}
}

// A site without sign-in shows nothing personal, and says why.
func TestAClosedSiteIsClosed(t *testing.T) {
	s := newWebSite(t)
	site, err := web.New(s.instance, web.Closed{}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := site.Handler()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/": 200, "/classes": 401, "/livrets/" + s.livrets[0].String(): 401, "/jury/2018/juin": 401, "/statistiques": 401, "/api/v1/classes": 401, "/demonstration/persona": 404} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s answers %d, want %d", path, w.Code, want)
		}
		if path == "/" && !strings.Contains(w.Body.String(), "Aucun service de connexion") {
			t.Error("the first page does not say that it is closed")
		}
	}
}

// A demonstration gives the rights of the persona that was chosen, and of no other.
func TestPersonas(t *testing.T) {
	s := newWebSite(t)
	demo := &web.Demo{Today: s.instance.Today(), School: "lycée d’essai", Personas: []web.Persona{
		{ID: "chef", Name: "La cheffe", RoleLabel: "Chef d’établissement", Actor: s.people["head"], Start: "/classes"},
		{ID: "jury", Name: "Un juré", RoleLabel: "Président de jury", Actor: s.people["juror"], Start: "/jury/2018/juin"},
	}}
	site, err := web.New(s.instance, web.Closed{}, demo, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := site.Handler()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, body, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	home := ask(http.MethodGet, "/", "", "")
	if home.Code != 200 || strings.Count(home.Body.String(), `name="persona"`) != 2 || !strings.Contains(home.Body.String(), "Démonstration") {
		t.Fatalf("home answers %d", home.Code)
	}
	chosen := ask(http.MethodPost, "/demonstration/persona", "persona=jury", "")
	cookie := chosen.Result().Cookies()
	if chosen.Code != http.StatusSeeOther || chosen.Header().Get("Location") != "/jury/2018/juin" || len(cookie) != 1 || !cookie[0].HttpOnly || cookie[0].SameSite != http.SameSiteLaxMode {
		t.Fatalf("choosing answers %d, %v", chosen.Code, cookie)
	}
	as := cookie[0].Name + "=" + cookie[0].Value
	if got := ask(http.MethodGet, "/jury/2018/juin", "", as); got.Code != 200 || !strings.Contains(got.Body.String(), "Un juré") {
		t.Errorf("the juror gets %d", got.Code)
	}
	if got := ask(http.MethodGet, "/classes", "", as); got.Code != http.StatusForbidden {
		t.Errorf("the juror gets %d from the classes", got.Code)
	}
	for _, unknown := range []string{"", cookie[0].Name + "=personne"} {
		if got := ask(http.MethodGet, "/classes", "", unknown); got.Code != http.StatusUnauthorized || !strings.Contains(got.Body.String(), "Choisissez un rôle") {
			t.Errorf("%q gets %d", unknown, got.Code)
		}
	}
}
