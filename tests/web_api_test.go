package tests

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain/mark"
	"livret/domain/record"
)

func (s *webSite) cell(livret uuid.UUID, cell string) string {
	return "/api/v1/livrets/" + livret.String() + "/annees/2017/enseignements/" + physics + "/" + cell
}

func (s *webSite) put(path, person, body string, headers ...string) answer {
	return s.do(http.MethodPut, path, person, strings.NewReader(body), append([]string{"Content-Type", "application/json"}, headers...)...)
}

func code(t *testing.T, got answer) string {
	t.Helper()
	var p struct {
		Type, Title, Code string
		Status            int
	}
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d is not a problem: %v", got.StatusCode, err)
	}
	if p.Status != got.StatusCode || p.Type != "/problemes/"+p.Code || p.Title == "" {
		t.Errorf("an incomplete problem: %+v", p)
	}
	return p.Code
}

func TestWritingOneCell(t *testing.T) {
	s := newWebSite(t)
	livret := s.livrets[3]
	path := s.cell(livret, "moyennes/1")
	read := s.get(path, "colleague")
	if read.StatusCode != 200 || read.Header.Get("ETag") != `"0"` || strings.TrimSpace(read.body) != `{"version":0}` {
		t.Fatalf("an empty cell: %d %s %s", read.StatusCode, read.Header.Get("ETag"), read.body)
	}
	if got := s.put(path, "colleague", `{"mark":1250}`); got.StatusCode != http.StatusPreconditionRequired || code(t, got) != "version-manquante" {
		t.Errorf("without If-Match: %d", got.StatusCode)
	}
	for _, tag := range []string{`"7"`, "*", "0", `W/"0"`, `""`, `"-1"`, `"18446744073709551616"`} {
		if got := s.put(path, "colleague", `{"mark":1250}`, "If-Match", tag); got.StatusCode != http.StatusPreconditionFailed || code(t, got) != "version-depassee" {
			t.Errorf("If-Match %s: %d", tag, got.StatusCode)
		}
	}
	key := uuid.NewString()
	written := s.put(path, "colleague", `{"mark":1250}`, "If-Match", `"0"`, "Idempotency-Key", key)
	tag := written.Header.Get("ETag")
	if written.StatusCode != 200 || tag == `"0"` || tag == "" || !strings.Contains(written.body, `"mark":1250`) || !strings.Contains(written.body, "12,50") {
		t.Fatalf("writing answers %d %s %s", written.StatusCode, tag, written.body)
	}
	_, version := s.state(livret)
	again := s.put(path, "colleague", `{"mark":1250}`, "If-Match", `"0"`, "Idempotency-Key", key)
	if _, now := s.state(livret); again.StatusCode != 200 || again.Header.Get("ETag") != tag || now != version {
		t.Errorf("a retry answers %d %s", again.StatusCode, again.Header.Get("ETag"))
	}
	if got := s.put(path, "colleague", `{"mark":1300}`, "If-Match", tag, "Idempotency-Key", key); got.StatusCode != http.StatusUnprocessableEntity || code(t, got) != "cle-deja-employee" {
		t.Errorf("a key used for something else answers %d", got.StatusCode)
	}
	if got := s.put(path, "colleague", `{"mark":1300}`, "If-Match", tag, "Idempotency-Key", "une clé"); got.StatusCode != http.StatusBadRequest || code(t, got) != "cle-illisible" {
		t.Errorf("a key that is none answers %d", got.StatusCode)
	}
	if got := s.put(path, "colleague", `{"mark":"absent"}`, "If-Match", tag); got.StatusCode != 200 || !strings.Contains(got.body, `"mark":"absent"`) {
		t.Errorf("an absent pupil: %d %s", got.StatusCode, got.body)
	}
	if got := s.put(path, "colleague", `{"mark":1400}`, "If-Match", tag); got.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("a stale version answers %d", got.StatusCode)
	}
	if state, _ := s.state(livret); state.Line(physicsOf).Average(1).Mark != mark.Absent() {
		t.Error("a stale version was written")
	}
	for person, want := range map[string]int{"teacher": 403, "principal": 403, "pupil": 403, "juror": 403, "nobody": 401} {
		if got := s.put(path, person, `{"mark":1400}`, "If-Match", tag); got.StatusCode != want {
			t.Errorf("%s writes: %d", person, got.StatusCode)
		}
	}
	if got := s.put(s.cell(s.livrets[0], "moyennes/2"), "colleague", `{"mark":1400}`, "If-Match", `"0"`); got.StatusCode != 422 || code(t, got) != "periode-verrouillee" {
		t.Errorf("a locked period answers %d", got.StatusCode)
	}
}

func TestWritingAnAppreciation(t *testing.T) {
	s := newWebSite(t)
	path := s.cell(s.livrets[3], "appreciation")
	got := s.put(path, "colleague", `{"text":"Élève 😀 `+suspect+`"}`, "If-Match", `"0"`)
	var p struct{ Passages [][2]int }
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.StatusCode != 422 || code(t, got) != "texte-a-relire" || len(p.Passages) != 1 {
		t.Fatalf("a suspect text answers %d %s", got.StatusCode, got.body)
	}
	if at := p.Passages[0]; string([]rune("Élève 😀 " + suspect)[at[0]:at[1]]) != "dépression" {
		t.Errorf("the passage is told as %v", at)
	}
	if strings.Contains(got.body, "dépression") || strings.Contains(got.body, "Élève 😀") {
		t.Error("the problem echoes the text")
	}
	if got := s.put(path, "colleague", `{"text":"`+suspect+`","kept":true}`, "If-Match", `"0"`); got.StatusCode != 200 {
		t.Fatalf("a text maintained answers %d %s", got.StatusCode, got.body)
	}
	state, _ := s.state(s.livrets[3])
	if text := state.Line(physicsOf).Appreciation; text.Value != suspect || text.Screening == nil || text.Screening.Decision != record.TextKept {
		t.Errorf("%+v", text)
	}
	if got := s.put(path, "colleague", `{"text":"   "}`, "If-Match", s.get(path, "colleague").Header.Get("ETag")); got.StatusCode != 422 || code(t, got) != "texte-vide" {
		t.Errorf("an empty text answers %d", got.StatusCode)
	}
}

// Whatever is sent, no answer quotes it.
func TestTheAPIEchoesNothing(t *testing.T) {
	s := newWebSite(t)
	const secret = "ZÉPHYRINE-BELLACHÈRE"
	for _, c := range []struct{ method, path, body string }{
		{http.MethodPut, s.cell(s.livrets[3], "moyennes/1"), `{"mark":"` + secret + `"}`},
		{http.MethodPut, s.cell(s.livrets[3], "moyennes/1"), `{"mark":99999}`},
		{http.MethodPut, s.cell(s.livrets[3], "moyennes/1"), `{"mark":1200,"` + secret + `":1}`},
		{http.MethodPut, s.cell(s.livrets[3], "moyennes/1"), `{"mark":1200,"reason":{"` + secret + `":1}}`},
		{http.MethodPut, s.cell(s.livrets[3], "moyennes/1"), secret},
		{http.MethodPut, s.cell(s.livrets[3], "moyennes/1"), ``},
		{http.MethodPut, s.cell(s.livrets[3], "moyennes/1"), `null`},
		{http.MethodPut, s.cell(s.livrets[3], "appreciation"), `{"text":"` + strings.Repeat(secret, 30) + `"}`},
		{http.MethodPut, s.cell(s.livrets[3], "appreciation"), strings.Repeat(secret, 2000)},
		{http.MethodGet, "/api/v1/livrets/" + secret, ""},
		{http.MethodGet, "/api/v1/classes/2017/" + secret, ""},
		{http.MethodGet, "/api/v1/" + secret, ""},
		{http.MethodGet, "/livrets/" + secret, ""},
		{http.MethodGet, "/classes/2017/" + secret, ""},
	} {
		got := s.do(c.method, c.path, "colleague", strings.NewReader(c.body), "Content-Type", "application/json", "If-Match", `"0"`)
		if got.StatusCode < 400 || got.StatusCode >= 500 {
			t.Errorf("%s %.60s %.40s answers %d", c.method, c.path, c.body, got.StatusCode)
		}
		if strings.Contains(got.body, secret) || strings.Contains(got.body, "99999") || strings.Contains(s.log.String(), secret) {
			t.Errorf("%s %.60s %.40s is echoed: %s", c.method, c.path, c.body, got.body)
		}
	}
	if got := s.do(http.MethodPut, s.cell(s.livrets[3], "moyennes/1"), "colleague", strings.NewReader(`{"mark":1}`), "Content-Type", "text/plain", "If-Match", `"0"`); got.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a body that is not JSON answers %d", got.StatusCode)
	}
}

// The description holds every operation that there is, and every operation is in it.
func TestTheDescriptionOfTheAPI(t *testing.T) {
	s := newWebSite(t)
	got := s.get("/openapi.json", "nobody")
	type parameter struct {
		Name, In, Description string
		Required              bool
	}
	var description struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID, Summary string
			Parameters           []parameter
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal([]byte(got.body), &description); err != nil || description.OpenAPI != "3.1.0" {
		t.Fatalf("%s, %v", description.OpenAPI, err)
	}
	if len(description.Paths) != 11 {
		t.Errorf("%d paths", len(description.Paths))
	}
	values := strings.NewReplacer("{livret}", s.livrets[3].String(), "{year}", "2017", "{division}", "TSVT1", "{matiere}", "062300", "{modalite}", "S",
		"{rank}", "1", "{period}", "1", "{session}", "2018", "{round}", "juin", "{number}", s.candidate()[len("/jury/2018/juin/"):])
	ids := map[string]bool{}
	for path, operations := range description.Paths {
		for method, o := range operations {
			for _, name := range regexp.MustCompile(`{(\w+)}`).FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(o.Parameters, func(p parameter) bool {
					return p.Name == name[1] && p.In == "path" && p.Required && p.Description != ""
				}) {
					t.Errorf("%s %s does not describe %s", method, path, name[1])
				}
			}
			if put := slices.ContainsFunc(o.Parameters, func(p parameter) bool { return p.Name == "If-Match" }); put != (method == "put") {
				t.Errorf("%s %s: If-Match is described: %t", method, path, put)
			}
			if ids[o.OperationID] || o.Summary == "" {
				t.Errorf("%s %s: id %q twice, or no summary", method, path, o.OperationID)
			}
			ids[o.OperationID] = true
		}
		if got := s.get(values.Replace(path), "nobody"); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s answers %d to nobody", path, got.StatusCode)
		}
	}
	for _, ref := range regexp.MustCompile(`#/components/schemas/(\w+)`).FindAllStringSubmatch(got.body, -1) {
		if _, ok := description.Components.Schemas[ref[1]]; !ok {
			t.Errorf("schema %s is nowhere", ref[1])
		}
	}
	for _, schema := range []string{"FamilyYear", "JuryYear", "JuryDossier", "FamilyLivret"} {
		if _, ok := description.Components.Schemas[schema]; !ok {
			t.Errorf("no schema %s", schema)
		}
	}
	if strings.Contains(got.body, "$schema") || strings.Contains(got.body, "https://example") {
		t.Error("the description speaks of other sites")
	}
}

// What the API says of a livret is what the page says.
func TestTheAPISaysWhatThePagesSay(t *testing.T) {
	s := newWebSite(t)
	var livret struct {
		Pupil struct{ FamilyName string }
		Years []struct {
			Groups []struct {
				Lines []struct {
					Matiere string
					Periods []struct {
						Value json.RawMessage
						Shown string
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(s.get("/api/v1/livrets/"+s.livrets[0].String(), "pupil").body), &livret); err != nil {
		t.Fatal(err)
	}
	page := s.get("/livrets/"+s.livrets[0].String(), "pupil").body
	seen := 0
	for _, y := range livret.Years {
		for _, g := range y.Groups {
			for _, l := range g.Lines {
				for _, p := range l.Periods {
					if seen++; !strings.Contains(page, ">"+p.Shown+"<") {
						t.Errorf("the page does not show %s", p.Shown)
					}
				}
			}
		}
	}
	if livret.Pupil.FamilyName != s.school.pupils[0].FamilyName || seen != 9 {
		t.Errorf("%s, %d averages", livret.Pupil.FamilyName, seen)
	}
}
