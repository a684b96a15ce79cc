package tests

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"livret/domain/mark"
	"livret/domain/record"
)

const physicsGrid = "/classes/2017/TSVT1/" + physics

var (
	physicsOf = record.Enseignement{Year: 2017, Matiere: "062300", Modalite: "S", Rank: 1}
	mathsOf   = record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1}
)

// grid is a grid as a browser without a script sends it back.
type grid struct {
	form url.Values
	rows map[uuid.UUID]string // number of the line of each pupil
}

func readGrid(t *testing.T, page string) grid {
	t.Helper()
	g := grid{url.Values{}, map[uuid.UUID]string{}}
	for n := range parse(t, page).Descendants() {
		name := attribute(n, "name")
		if n.Type != html.ElementNode || name == "" || attribute(n, "type") == "checkbox" || n.Data == "meta" {
			continue
		}
		value := attribute(n, "value")
		if n.Data == "textarea" && n.FirstChild != nil {
			value = n.FirstChild.Data
		}
		for option := range n.ChildNodes() { // of a select
			if slices.ContainsFunc(option.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
				value = attribute(option, "value")
			}
		}
		g.form.Set(name, value)
		if number, ok := strings.CutPrefix(name, "livret."); ok {
			g.rows[uuid.MustParse(value)] = number
		}
	}
	return g
}

func (g grid) set(livret uuid.UUID, field, value string) { g.form.Set(field+"."+g.rows[livret], value) }

func (s *webSite) openGrid(path, person string) grid {
	s.t.Helper()
	got := s.get(path, person)
	if got.StatusCode != http.StatusOK {
		s.t.Fatalf("%s gets %d from %s", person, got.StatusCode, path)
	}
	return readGrid(s.t, got.body)
}

// saved checks that a form was taken whole, and shows the page it leads to.
func (s *webSite) saved(got answer, person string) string {
	s.t.Helper()
	if got.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("saving answers %d", got.StatusCode)
	}
	return s.get(got.Header.Get("Location"), person).body
}

func TestOnlyWhatWasTypedIsWritten(t *testing.T) {
	s := newWebSite(t)
	versions := map[uuid.UUID]uint64{}
	for _, livret := range s.livrets {
		_, version := s.state(livret)
		versions[livret] = uint64(version)
	}
	g := s.openGrid(physicsGrid, "colleague")
	if len(g.rows) != len(s.livrets) {
		t.Fatalf("%d rows", len(g.rows))
	}
	g.set(s.livrets[3], "t1", "12,5")
	g.set(s.livrets[3], "t2", "NN")
	g.set(s.livrets[4], "t0", "Travail sérieux.\r\nDes progrès.")
	first := s.post(physicsGrid, "colleague", g.form)
	if page := s.saved(first, "colleague"); !strings.Contains(page, "3\u00a0saisies enregistrées") {
		t.Error("the page does not say what was saved")
	}
	state, version := s.state(s.livrets[3])
	if a := state.Line(physicsOf).Average(1); a.Mark != mark.Must(mark.Hundredths(1250)) || a.Imported {
		t.Errorf("first period: %+v", a)
	}
	if a := state.Line(physicsOf).Average(2); !a.Recorded() || a.Mark != mark.NotMarked() {
		t.Errorf("not marked is kept as %+v", a)
	}
	if state.Line(physicsOf).Average(3).Recorded() {
		t.Error("an empty cell was written")
	}
	written, _ := s.state(s.livrets[4])
	if text := written.Line(physicsOf).Appreciation; text.Value != "Travail sérieux.\nDes progrès." || text.Mask == nil {
		t.Errorf("appreciation %+v: written and masked for the jury?", text)
	}
	for _, livret := range s.livrets[5:] {
		if _, now := s.state(livret); uint64(now) != versions[livret] {
			t.Error("a livret of which nothing was typed moved on")
		}
	}

	s.saved(s.post(physicsGrid, "colleague", g.form), "colleague") // sent twice
	if _, again := s.state(s.livrets[3]); again != version {
		t.Errorf("the same form sent twice wrote twice: version %d, then %d", version, again)
	}
	later := s.openGrid(physicsGrid, "colleague")
	if got := later.form.Get("t2." + later.rows[s.livrets[3]]); got != "NN" {
		t.Errorf("not marked is shown as %q", got)
	}
	s.saved(s.post(physicsGrid, "colleague", later.form), "colleague") // nothing typed
	if _, again := s.state(s.livrets[3]); again != version {
		t.Error("a form in which nothing was typed wrote something")
	}
}

func TestTwoWritersAreShownBothValues(t *testing.T) {
	s := newWebSite(t)
	livret := s.livrets[3]
	early, late := s.openGrid(physicsGrid, "colleague"), s.openGrid(physicsGrid, "colleague")
	early.set(livret, "t1", "11")
	early.set(livret, "t0", "Écrit par le premier.")
	s.saved(s.post(physicsGrid, "colleague", early.form), "colleague")

	late.set(livret, "t1", "14")
	late.set(livret, "t3", "15")
	got := s.post(physicsGrid, "colleague", late.form)
	if got.StatusCode != http.StatusConflict {
		t.Fatalf("the late form answers %d", got.StatusCode)
	}
	state, _ := s.state(livret)
	if state.Line(physicsOf).Average(1).Mark != mark.Must(mark.Hundredths(1100)) || state.Line(physicsOf).Average(3).Mark != mark.Must(mark.Hundredths(1500)) {
		t.Error("what was in conflict was written, or what was not was lost")
	}
	if state.Line(physicsOf).Appreciation.Value != "Écrit par le premier." {
		t.Error("a text that the late writer did not touch was put back")
	}
	back := readGrid(t, got.body)
	if typed := back.form.Get("t1." + back.rows[livret]); typed != "14" {
		t.Errorf("what was typed came back as %q", typed)
	}
	for _, said := range []string{"11,00", "par enseignant", "Comparez les deux valeurs"} {
		if !strings.Contains(got.body, said) {
			t.Errorf("the page does not say %q", said)
		}
	}
	s.saved(s.post(physicsGrid, "colleague", back.form), "colleague") // he has seen both, and decides
	if state, _ := s.state(livret); state.Line(physicsOf).Average(1).Mark != mark.Must(mark.Hundredths(1400)) {
		t.Error("the decision was not taken")
	}
}

// A form that is sent again after others wrote is not said to be saved: what it says stands no more.
func TestALateDoubleOfAFormUndoesNothing(t *testing.T) {
	s := newWebSite(t)
	livret := s.livrets[3]
	first := s.openGrid(physicsGrid, "colleague")
	first.set(livret, "t1", "11")
	s.saved(s.post(physicsGrid, "colleague", first.form), "colleague")
	second := s.openGrid(physicsGrid, "colleague")
	second.set(livret, "t1", "16")
	s.saved(s.post(physicsGrid, "colleague", second.form), "colleague")
	if got := s.post(physicsGrid, "colleague", first.form); got.StatusCode != http.StatusConflict {
		t.Errorf("the late double answers %d", got.StatusCode)
	}
	if state, _ := s.state(livret); state.Line(physicsOf).Average(1).Mark != mark.Must(mark.Hundredths(1600)) {
		t.Error("the late double undid what came after it")
	}
}

func TestWhatIsRefusedComesBackAsTyped(t *testing.T) {
	s := newWebSite(t)
	g := s.openGrid(physicsGrid, "colleague")
	g.set(s.livrets[3], "t1", `12,555"><b>`)
	g.set(s.livrets[4], "t1", "13")
	g.set(s.livrets[5], "t0", strings.Repeat("é", 301))
	got := s.post(physicsGrid, "colleague", g.form)
	if got.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("answers %d", got.StatusCode)
	}
	back := readGrid(t, got.body)
	if typed := back.form.Get("t1." + back.rows[s.livrets[3]]); typed != `12,555"><b>` {
		t.Errorf("came back as %q", typed)
	}
	if typed := back.form.Get("t0." + back.rows[s.livrets[5]]); typed != strings.Repeat("é", 301) {
		t.Error("a text that is too long was cut")
	}
	if strings.Contains(got.body, "<b>") || !strings.Contains(got.body, "2\u00a0saisies ne sont pas enregistrées") || !strings.Contains(got.body, "1\u00a0saisie enregistrée") {
		t.Error("the summary is missing, or what was typed is not escaped")
	}
	if state, _ := s.state(s.livrets[4]); state.Line(physicsOf).Average(1).Mark != mark.Must(mark.Hundredths(1300)) {
		t.Error("what could be taken was not")
	}
	cleared := s.openGrid(physicsGrid, "colleague")
	cleared.set(s.livrets[4], "t1", "")
	if got := s.post(physicsGrid, "colleague", cleared.form); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "NN") {
		t.Errorf("emptying a cell answers %d", got.StatusCode)
	}
	if state, _ := s.state(s.livrets[4]); !state.Line(physicsOf).Average(1).Mark.IsMarked() {
		t.Error("emptying a cell erased a mark")
	}
}

func TestLockedAndImportedCellsSayWhy(t *testing.T) {
	s := newWebSite(t)
	g := s.openGrid(physicsGrid, "colleague")
	if row := g.rows[s.livrets[0]]; g.form.Has("t2."+row) || !g.form.Has("t1."+row) {
		t.Error("a locked period can be typed in, or an open one cannot")
	}
	if page := s.get(physicsGrid, "colleague").body; !strings.Contains(page, "Cette période est verrouillée") {
		t.Error("the page does not say why a period is closed")
	}
	g.set(s.livrets[0], "t2", "18") // by a forged form
	if got := s.post(physicsGrid, "colleague", g.form); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("writing in a locked period answers %d", got.StatusCode)
	}
	if state, _ := s.state(s.livrets[0]); state.Line(physicsOf).Average(2).Recorded() {
		t.Error("a locked period was written")
	}
	imported := "/classes/2017/TSVT1/" + maths
	m := s.openGrid(imported, "teacher")
	if slices.ContainsFunc([]string{"t1.1", "t2.1", "t3.1"}, m.form.Has) || !m.form.Has("t0.2") {
		t.Error("an imported average can be typed in, or the appreciation cannot")
	}
	if page := s.get(imported, "teacher").body; !strings.Contains(page, "a été importée") {
		t.Error("the page does not say why an average is closed")
	}
}

func TestTheHeadCorrectsWithAReason(t *testing.T) {
	s := newWebSite(t)
	path, livret := "/classes/2017/TSVT1/"+maths, s.livrets[3]
	g := s.openGrid(path, "head")
	g.set(livret, "t1", "19")
	got := s.post(path, "head", g.form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Le motif est obligatoire") {
		t.Fatalf("a correction without reason answers %d", got.StatusCode)
	}
	back := readGrid(t, got.body)
	if back.form.Get("t1."+back.rows[livret]) != "19" {
		t.Error("what the head typed is lost")
	}
	back.set(livret, "reason.t1", "erreur de report")
	s.saved(s.post(path, "head", back.form), "head")
	state, _ := s.state(livret)
	if a := state.Line(mathsOf).Average(1); a.Mark != mark.Must(mark.Hundredths(1900)) || a.Reason != "erreur de report" {
		t.Errorf("%+v", a)
	}
	page := s.get("/livrets/"+livret.String(), "head").body
	if !strings.Contains(page, "erreur de report") || !strings.Contains(page, "19,00") {
		t.Error("the livret does not show the correction and its reason")
	}
	if history := s.get("/livrets/"+livret.String()+"/historique", "auditor").body; !strings.Contains(history, "Correction") || !strings.Contains(history, "erreur de report") {
		t.Error("the history does not show the correction")
	}
}

const suspect = "Sa dépression explique ses résultats."

func TestAScreenedTextWaitsForAHuman(t *testing.T) {
	s := newWebSite(t)
	kept, mended := s.livrets[3], s.livrets[4]
	g := s.openGrid(physicsGrid, "colleague")
	g.set(kept, "t0", suspect)
	g.set(mended, "t0", suspect)
	got := s.post(physicsGrid, "colleague", g.form)
	if got.StatusCode != http.StatusUnprocessableEntity || strings.Count(got.body, "je le maintiens") != 2 || !strings.Contains(got.body, "<q class=\"suspect\">dépression</q>") {
		t.Fatalf("answers %d", got.StatusCode)
	}
	if state, _ := s.state(kept); state.Line(physicsOf).Appreciation.Sequence != 0 {
		t.Error("a text was written before anybody decided")
	}
	back := readGrid(t, got.body)
	back.set(kept, "keep.t0", "1")
	back.set(mended, "t0", "Des absences expliquent ses résultats.")
	s.saved(s.post(physicsGrid, "colleague", back.form), "colleague")
	for livret, want := range map[uuid.UUID]record.ScreeningDecision{kept: record.TextKept, mended: record.TextRewritten} {
		state, version := s.state(livret)
		text := state.Line(physicsOf).Appreciation
		if text.Screening == nil || text.Screening.Decision != want || text.Screening.Rule == "" {
			t.Errorf("decision %+v, want %s", text.Screening, want)
		}
		s.saved(s.post(physicsGrid, "colleague", back.form), "colleague") // twice
		if _, again := s.state(livret); again != version {
			t.Error("the same decision twice was written twice")
		}
	}
}

func TestFormsThatCannotBeRead(t *testing.T) {
	s := newWebSite(t)
	for name, body := range map[string]string{
		"nothing": "", "no order": "livret.1=" + s.livrets[0].String() + "&t1.1=12", "bad escapes": "order=%zz", "too large": "order=" + strings.Repeat("a", 2<<20),
	} {
		got := s.do(http.MethodPost, physicsGrid, "colleague", strings.NewReader(body), "Content-Type", "application/x-www-form-urlencoded")
		if got.StatusCode != http.StatusBadRequest {
			t.Errorf("%s answers %d", name, got.StatusCode)
		}
	}
	for _, person := range []string{"teacher", "principal", "pupil", "juror", "nobody"} {
		form := url.Values{"order": {uuid.NewString()}, "livret.1": {s.livrets[0].String()}, "version.1": {"999"}, "t1.1": {"12"}, "was.t1.1": {""}}
		if got := s.post(physicsGrid, person, form); got.StatusCode != http.StatusForbidden && got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s writes in a grid that is not his: %d", person, got.StatusCode)
		}
	}
	stranger := url.Values{"order": {uuid.NewString()}, "livret.1": {uuid.NewString()}, "version.1": {"999"}, "t1.1": {"12"}, "was.t1.1": {""}}
	if got := s.post(physicsGrid, "colleague", stranger); got.StatusCode == http.StatusInternalServerError {
		t.Error("a livret that is nowhere is an error of ours")
	}
}
