package tests

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"livret/eventstore/merkle/bundle"
)

func TestTheExamsDivisionAsksForAnArchive(t *testing.T) {
	s := newWebSite(t)
	s.wantText("/archives", "exams", "Aucune archive n’a été demandée", "Faire l’archive")
	form := url.Values{"candidate": {s.number(s.livrets[0])}, "year": {"2018"}, "round": {"juin"}, "case": {"TA Melun 1907538"}, "motive": {"défaut de visa"}, "requester": {"service juridique"}}
	for _, refused := range []struct{ field, value, says string }{
		{"candidate", "00000000", "ne porte ce numéro"}, {"case", " ", "ne se demande que pour une procédure"}, {"motive", "", "sans motif"}, {"livret", "x", "identifiant de livret"},
	} {
		typed := url.Values{}
		for name, values := range form {
			typed[name] = values
		}
		typed.Set(refused.field, refused.value)
		if got := s.post("/archives", "exams", typed); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(plain(got.body), refused.says) || !strings.Contains(got.body, `value="service juridique"`) {
			t.Errorf("%s %q: %d, without %q", refused.field, refused.value, got.StatusCode, refused.says)
		}
	}
	for _, person := range []string{"auditor", "head", "juror", "archives", "operator"} {
		if got := s.post("/archives", person, form); got.StatusCode != http.StatusForbidden && person != "operator" || strings.HasPrefix(got.body, "PK") && person != "operator" {
			t.Errorf("%s: %d", person, got.StatusCode)
		}
	}
	s.wantText("/archives", "exams", "Aucune archive n’a été demandée")
	got := s.post("/archives", "exams", form)
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/zip" || !strings.Contains(got.Header.Get("Content-Disposition"), "archive-probatoire-") {
		t.Fatalf("%d %s %s", got.StatusCode, got.Header, plain(got.body))
	}
	if report := bundle.Verify(strings.NewReader(got.body), int64(len(got.body)), nil); report.Outcome != bundle.Indeterminate {
		t.Errorf("%+v", report)
	}
	s.wantText("/archives", "auditor", "TA Melun 1907538", "défaut de visa", "service juridique", "SHA-256")
	if strings.Contains(s.get("/archives", "auditor").body, "<form method=\"post\" action=\"/archives\"") {
		t.Error("an auditor is offered the form")
	}
}
