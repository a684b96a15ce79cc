package tests

import (
	"net/http"
	"strings"
	"testing"

	"livret/domain/access"
	"livret/domain/record"
)

const boardPage = "/classes/2017/TSVT1/completude"

// said is the text of a page.
func (s *webSite) said(path, person string) string {
	s.t.Helper()
	got := s.get(path, person)
	if got.StatusCode != http.StatusOK {
		s.t.Fatalf("%s gets %d from %s", person, got.StatusCode, path)
	}
	return text(parse(s.t, got.body))
}

// TestTheBoardSaysWhatIsMissingAndWhoseTurnItIs looks at it as the head, and then as a teacher, who sees his own
// enseignement alone.
func TestTheBoardSaysWhatIsMissingAndWhoseTurnItIs(t *testing.T) {
	s := newWebSite(t)
	before := s.said(boardPage, "head")
	for _, want := range []string{
		"Par enseignement", "Par élève", s.school.pupils[0].FamilyName,
		"l’année est encore ouverte à la saisie", "attendu de M. Théodule VANDENBROUCKE",
		"du tronc commun de sa formation, et le logiciel de notes n’en a rien dit",
	} {
		if !strings.Contains(before, want) {
			t.Errorf("the head does not read %q", want)
		}
	}
	if strings.Contains(s.said(boardPage, "colleague"), "verrouillage de l’année") {
		t.Error("a teacher is told of the head's acts")
	}
	anchor := `href="` + physicsGrid + "#c1." + s.livrets[3].String() + `"`
	page := s.get(boardPage, "colleague").body
	if !strings.Contains(page, anchor) || !strings.Contains(s.get(physicsGrid, "colleague").body, `id="c1.`+s.livrets[3].String()+`"`) {
		t.Errorf("no way from the gap to its cell: %s", anchor)
	}

	// A mark that is entered is no longer missing; a pupil who is not marked is no gap.
	g := s.openGrid(physicsGrid, "colleague")
	g.set(s.livrets[3], "t1", "12")
	g.set(s.livrets[3], "t2", "NN")
	s.saved(s.post(physicsGrid, "colleague", g.form), "colleague")
	page = s.get(boardPage, "colleague").body
	if strings.Contains(page, anchor) || !strings.Contains(page, "est dit «\u00a0Non noté\u00a0»") {
		t.Error("the board does not follow the grid")
	}
	execute(s, s.people["head"], access.LockPeriod, record.Decider, s.livrets[3], record.LockPeriod{Year: 2017})
	if err := s.instance.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	locked := strings.Count(s.said(boardPage, "head"), "l’année est encore ouverte")
	if was := strings.Count(before, "l’année est encore ouverte"); locked != was-1 {
		t.Errorf("%d years to lock, were %d", locked, was)
	}
}
