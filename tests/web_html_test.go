package tests

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// shownPage is a page as somebody sees it.
type shownPage struct{ path, person string }

// allPages is every page, of somebody to whom it is open, and the refusals.
func (s *webSite) allPages() []shownPage {
	livret := "/livrets/" + s.livrets[0].String()
	sanctioned, charged := s.sanctionOf(s.livrets[0], "interdiction-d-examen"), s.sanctionOf(s.livrets[1], "procedure")
	sanctioned.Set("ends", "2019-06-08")
	sanctioned.Set("sursis", "oui")
	s.post("/sanctions", "exams", sanctioned)
	s.post("/sanctions", "exams", charged)
	s.sign()
	return []shownPage{
		{"/", "nobody"}, {"/", "head"}, {"/accessibilite", "nobody"}, {"/donnees-personnelles", "nobody"}, {"/api", "nobody"},
		{"/classes", "head"}, {"/classes", "colleague"}, {"/classes", "idle teacher"}, {"/classes/2017/TSVT1", "head"}, {"/classes/2017/TSVT1", "colleague"},
		{"/classes/2017/TSVT1/completude", "head"}, {"/classes/2017/TSVT1/completude", "colleague"},
		{"/classes/2017/TSVT1/avis", "principal"}, {"/classes/2017/TSVT1/avis", "head"}, {"/classes/2017/TSVT1/engagements", "cpe"},
		{"/classes/2017/TSVT1/investissement", "principal"}, {"/classes/2017/TSVT1/direction", "head"}, {"/classes/2017/TSVT1/cloture", "head"},
		{physicsGrid, "colleague"}, {"/classes/2017/TSVT1/" + maths, "teacher"}, {"/classes/2017/TSVT1/" + maths, "head"},
		{livret, "pupil"}, {livret, "head"}, {livret + "/historique", "auditor"}, {livret + "/rejeu", "auditor"}, {livret + "/rejeu?fait=7", "auditor"},
		{livret + "/rejeu/vue?vue=famille&fait=99", "auditor"}, {livret + "/rejeu/vue?vue=jury&instant=2100-01-01", "auditor"}, {livret + "/rejeu/vue?instant=x", "auditor"},
		{livret + "/droits", "pupil"}, {livret + "/droits", "head"},
		{livret + "/consultations", "pupil"}, {livret + "/impression", "head"}, {"/verifier?code=x", "nobody"}, {"/demandes", "head"}, {"/papier", "head"}, {"/historique", "auditor"}, {"/historique?livret=x", "auditor"},
		{"/sanctions", "exams"}, {"/sanctions/" + sanctioned.Get("sanction"), "exams"}, {"/sanctions/" + charged.Get("sanction"), "exams"},
		{"/jury/2018/juin", "juror"}, {s.candidate(), "juror"}, {s.candidate(), "member"}, {"/jury/2018/septembre", "juror of september"},
		{"/sessions/2018/juin", "exams"}, {"/classes/2017/TSVT1/transmission", "head"},
		{"/conservation", "archives"}, {"/conservation", "exams"}, {"/archives", "exams"}, {"/archives", "auditor"}, {"/statistiques", "statistician"}, {"/statistiques/2017", "statistician"}, {"/statistiques/2019", "statistician"},
		{livret, "guardian of an adult"}, {livret, "nobody"}, {"/nulle-part", "head"},
	}
}

// TestEveryPageIsSane checks what a validator of accessibility would, and what it would not: no script, no
// style and no address of another site in any page, and no name in a title.
func TestEveryPageIsSane(t *testing.T) {
	s := newWebSite(t)
	refused := s.openGrid(physicsGrid, "colleague")
	refused.set(s.livrets[3], "t1", "quatorze")
	refused.set(s.livrets[4], "t0", suspect)
	bodies := map[string]string{"a form that comes back": s.post(physicsGrid, "colleague", refused.form).body}
	ask := rightsForm("demande", "objet", "appreciation|2017|061300|S|1|0", "demande", "Le texte est à revoir.")
	s.exercise(0, "pupil", ask)
	s.exercise(0, "pupil", rightsForm("demande", "objet", "identite", "demande", "Le nom est mal écrit."))
	bodies["an answer that comes back"] = s.post(s.rights(0), "head", rightsForm("accord", "rectification", ask.Get("order"), "texte", suspect, "reponse", "x")).body
	for _, p := range s.allPages() {
		bodies[p.path+" as "+p.person] = s.get(p.path, p.person).body
	}
	for where, body := range bodies {
		for _, wrong := range s.faults(parse(t, body)) {
			t.Errorf("%s: %s", where, wrong)
		}
		if !strings.HasPrefix(body, "<!doctype html>") {
			t.Errorf("%s: no doctype", where)
		}
		for _, elsewhere := range []string{"http://", "https://", `"//`, "{{", "%!", "<nil>", "&lt;nil", "[redacted]"} {
			if strings.Contains(body, elsewhere) {
				t.Errorf("%s: holds %s", where, elsewhere)
			}
		}
	}
}

func (s *webSite) faults(root *html.Node) (faults []string) {
	wrong := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	ids, targets, labelled := map[string]bool{}, []string{}, map[string]bool{}
	headings, h1, level := 0, 0, 0
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "label" {
			labelled[attribute(n, "for")] = true
		}
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				wrong("<%s %s> is inline", n.Data, a.Key)
			case a.Key == "id" && ids[a.Val]:
				wrong("id %q stands twice", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case slices.Contains([]string{"aria-labelledby", "aria-describedby", "for"}, a.Key):
				targets = append(targets, a.Val)
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				targets = append(targets, a.Val[1:])
			}
		}
		switch n.Data {
		case "html":
			if attribute(n, "lang") != "fr" {
				wrong("no language")
			}
		case "title":
			if text(n) == "" {
				wrong("no title")
			}
			for _, p := range s.school.pupils {
				if strings.Contains(text(n), p.FamilyName) {
					wrong("a pupil is named in the title")
				}
			}
		case "h1", "h2", "h3", "h4":
			next := int(n.Data[1] - '0')
			if headings++; next > level+1 {
				wrong("heading %q skips a level", text(n))
			}
			if level = next; next == 1 {
				h1++
			}
			if text(n) == "" {
				wrong("an empty %s", n.Data)
			}
		case "style":
			wrong("inline style")
		case "script":
			if attribute(n, "src") == "" || n.FirstChild != nil {
				wrong("inline script")
			}
		case "table":
			if !named(n) {
				wrong("a table without name")
			}
		case "th":
			if attribute(n, "scope") == "" {
				wrong("th %q without scope", text(n))
			}
		case "input", "textarea", "select", "meter":
			kind := attribute(n, "type")
			if kind != "hidden" && attribute(n, "aria-label") == "" && !labelled[attribute(n, "id")] && !inside(n, "label") {
				wrong("%s %q has no label", n.Data, attribute(n, "name"))
			}
		case "a", "button":
			if text(n) == "" && attribute(n, "aria-label") == "" {
				wrong("an empty %s", n.Data)
			}
		case "nav":
			if attribute(n, "aria-label") == "" {
				wrong("a nav without name")
			}
		}
	}
	if h1 != 1 {
		wrong("%d h1", h1)
	}
	for _, target := range targets {
		if !ids[target] {
			wrong("nothing has the id %q", target)
		}
	}
	return faults
}

// named tells whether a table has a caption, or stands in a region that has a name.
func named(table *html.Node) bool {
	for n := range table.ChildNodes() {
		if n.Data == "caption" && text(n) != "" {
			return true
		}
	}
	return table.Parent != nil && attribute(table.Parent, "aria-label") != ""
}

func inside(n *html.Node, element string) bool {
	for p := range n.Ancestors() {
		if p.Data == element {
			return true
		}
	}
	return false
}

// A page is light enough for a phone on a bad network; only a whole livret or a whole publication is longer.
func TestPagesAreLight(t *testing.T) {
	s := newWebSite(t)
	for _, p := range s.allPages() {
		if size := len(s.get(p.path, p.person).body); size > 60<<10 {
			t.Errorf("%s is %d bytes", p.path, size)
		}
	}
	for asset, limit := range map[string]int{"livret.js": 5 << 10, "style.css": 20 << 10, "icon.svg": 2 << 10} {
		got := s.get("/assets/"+asset, "nobody")
		if got.StatusCode != 200 || len(got.body) > limit {
			t.Errorf("%s answers %d, %d bytes", asset, got.StatusCode, len(got.body))
		}
	}
}
