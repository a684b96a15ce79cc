package tests

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/record"
)

const (
	avisSheet       = "/classes/2017/TSVT1/avis"
	engagementSheet = "/classes/2017/TSVT1/engagements"
	teamSheet       = "/classes/2017/TSVT1/investissement"
	headSheet       = "/classes/2017/TSVT1/direction"
)

// TestTheSheetsOfADivision fills each of them as the person it is meant for, and reads the livret.
func TestTheSheetsOfADivision(t *testing.T) {
	s := newWebSite(t)
	first, second := s.livrets[3], s.livrets[4]

	avis := s.openGrid(avisSheet, "principal")
	avis.set(first, "avis", "T")
	avis.set(second, "avis", "D")
	if page := s.saved(s.post(avisSheet, "principal", avis.form), "principal"); !strings.Contains(page, "2\u00a0saisies enregistrées") {
		t.Error("two avis were not said to be saved")
	}
	avis = s.openGrid(avisSheet, "head")
	avis.set(first, "b2i", "oui")
	s.saved(s.post(avisSheet, "head", avis.form), "head")

	engaged := s.openGrid(engagementSheet, "cpe")
	engaged.set(first, "C", "oui")
	engaged.set(first, "S", "oui")
	engaged.set(first, "autre", "Atelier de théâtre, trois ans.")
	engaged.set(first, "cpe", "Un engagement constant au service des autres.")
	s.saved(s.post(engagementSheet, "cpe", engaged.form), "cpe")

	team := s.openGrid(teamSheet, "principal")
	team.set(first, "team", "Élève investie et curieuse.")
	s.saved(s.post(teamSheet, "principal", team.form), "principal")
	head := s.openGrid(headSheet, "head")
	head.set(first, "head", "Avis conforme à celui de l’équipe.")
	s.saved(s.post(headSheet, "head", head.form), "head")

	state, version := s.state(first)
	year := state.Year(2017)
	if state.Avis != record.TresFavorable || !state.B2i || !slices.Equal(state.Engagements, []record.Engagement{"C", "S"}) || state.Other.Value != "Atelier de théâtre, trois ans." {
		t.Errorf("%s %v %v %q", state.Avis, state.B2i, state.Engagements, state.Other.Value)
	}
	for kind, signed := range map[record.Observation]struct{ text, by string }{
		record.ObservationCPE:  {"Un engagement constant au service des autres.", "cpe"},
		record.ObservationTeam: {"Élève investie et curieuse.", "principal"},
		record.ObservationHead: {"Avis conforme à celui de l’équipe.", "head"},
	} {
		if o := year.Observation(kind); o.Value != signed.text || o.Author != s.people[signed.by].Staff || o.Dated != s.instance.Today() {
			t.Errorf("%s: %q by %s on %s", kind, o.Value, o.Author, o.Dated)
		}
	}
	if other, _ := s.state(second); other.Avis != record.FaireSesPreuves {
		t.Error("the second avis is lost")
	}
	if !strings.Contains(s.said(engagementSheet, "cpe"), "oui") {
		t.Error("what was declared is not shown")
	}
	for _, sheet := range []string{avisSheet, engagementSheet, teamSheet, headSheet} { // sent again as it is shown
		s.saved(s.post(sheet, "head", s.openGrid(sheet, "head").form), "head")
	}
	if _, again := s.state(first); again != version {
		t.Error("a sheet that nobody changed was written")
	}
}

func TestASheetGivesWayAndGivesBack(t *testing.T) {
	s := newWebSite(t)
	livret := s.livrets[3]
	early, late := s.openGrid(avisSheet, "principal"), s.openGrid(avisSheet, "head")
	early.set(livret, "avis", "T")
	s.saved(s.post(avisSheet, "principal", early.form), "principal")
	late.set(livret, "avis", "A")
	got := s.post(avisSheet, "head", late.form)
	if got.StatusCode != http.StatusConflict || !strings.Contains(got.body, "par professeur principal") || !strings.Contains(got.body, `<option value="A" selected>`) {
		t.Fatalf("the late avis answers %d", got.StatusCode)
	}
	if state, _ := s.state(livret); state.Avis != record.TresFavorable {
		t.Errorf("the late avis was written: %s", state.Avis)
	}

	// A text that the screening points at waits for a decision, and one that is too long comes back whole.
	team := s.openGrid(teamSheet, "principal")
	long := strings.Repeat("é", 301)
	team.set(livret, "team", suspect)
	team.set(s.livrets[4], "team", long)
	got = s.post(teamSheet, "principal", team.form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "je le maintiens") || !strings.Contains(got.body, long) {
		t.Fatalf("answers %d", got.StatusCode)
	}
	back := readGrid(t, got.body)
	back.set(livret, "keep.team", "1")
	back.set(s.livrets[4], "team", "Plus court.")
	s.saved(s.post(teamSheet, "principal", back.form), "principal")
	state, _ := s.state(livret)
	if o := state.Year(2017).Observation(record.ObservationTeam); o.Value != suspect || o.Screening == nil || o.Screening.Decision != record.TextKept {
		t.Errorf("%+v", o)
	}

	// What is locked says so, and is refused without being lost.
	open := s.openGrid(teamSheet, "principal")
	execute(s, s.people["head"], access.LockPeriod, record.Decider, livret, record.LockPeriod{Year: 2017})
	open.set(livret, "team", "Écrit trop tard.")
	got = s.post(teamSheet, "principal", open.form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Écrit trop tard.") || !strings.Contains(got.body, "verrouillée") {
		t.Errorf("answers %d", got.StatusCode)
	}
	if page := s.said(teamSheet, "principal"); !strings.Contains(page, "Demandez au chef d’établissement de la déverrouiller") {
		t.Error("the sheet does not say why a line is closed")
	}
}

func TestWhoWritesOnWhichSheet(t *testing.T) {
	s := newWebSite(t)
	livret := s.livrets[3].String()
	state, version := s.state(s.livrets[3])
	was := func(kind record.Observation) string { return state.Year(2017).Observation(kind).Value }
	for _, c := range []struct {
		sheet, field, was, value string
		by                       []string
	}{
		{avisSheet, "avis", string(state.Avis), "D", []string{"principal", "head"}},
		{avisSheet, "b2i", "", "oui", []string{"head"}},
		{engagementSheet, "V", "", "oui", []string{"cpe"}},
		{engagementSheet, "cpe", was(record.ObservationCPE), "Délégué attentif.", []string{"cpe"}},
		{teamSheet, "team", was(record.ObservationTeam), "Élève investi.", []string{"principal"}},
		{headSheet, "head", was(record.ObservationHead), "Avis conforme.", []string{"head"}},
	} {
		for person := range s.people {
			if slices.Contains(c.by, person) {
				continue
			}
			form := url.Values{"order": {uuid.NewString()}, "livret.1": {livret}, c.field + ".1": {c.value}, "was." + c.field + ".1": {c.was}}
			if got := s.post(c.sheet, person, form); got.StatusCode != http.StatusForbidden && got.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%s writes %s: %d", person, c.field, got.StatusCode)
			}
		}
	}
	if _, now := s.state(s.livrets[3]); now != version {
		t.Error("somebody wrote what is not his to write")
	}
	if got := s.get("/classes/2017/TSVT1/autre-chose", "head"); got.StatusCode != http.StatusNotFound {
		t.Errorf("a sheet that is none answers %d", got.StatusCode)
	}
}
