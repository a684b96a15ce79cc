package web

import (
	"bytes"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"livret/domain/access"
)

// view is one page to show: a template, its title, the way back, and what it is made from. A title names no
// pupil: it stays in the history of a shared phone.
type view struct {
	Template string
	Title    string
	Crumbs   []link
	Data     any
	Status   int    // zero: 200
	Location string // a redirection instead of a page
	File     *file  // to download instead of a page
}

// file is something to download; its name tells nothing of anybody.
type file struct {
	Name, Type string
	Content    []byte
}

type link struct{ Label, Href string }

// frame is what every page gets.
type frame struct {
	view
	Menu    []menuItem
	Role    string // label; empty if nobody signed in
	Demo    *Demo
	Persona *Persona
}

func (s *Site) parsePages() (map[string]*template.Template, error) {
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	pages := make(map[string]*template.Template)
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		t, err := template.New("_layout.html").Funcs(s.functions()).ParseFS(templates, "templates/_*.html", name)
		if err != nil {
			return nil, err
		}
		pages[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return pages, nil
}

// page turns what a handler answers, or its error, into HTML. A handler never writes by itself, so that
// nothing half-made is ever sent.
func (s *Site) page(handle func(r *http.Request) (view, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := handle(r)
		if err != nil {
			p := s.classify(r, err)
			if forSoftware(r) {
				writeProblem(w, p, authenticate)
				return
			}
			v = view{Template: "probleme", Title: p.Title, Status: p.Status, Data: p}
		}
		if v.Location != "" {
			http.Redirect(w, r, v.Location, http.StatusSeeOther)
			return
		}
		if v.File != nil {
			w.Header().Set("Content-Type", v.File.Type)
			w.Header().Set("Content-Disposition", `attachment; filename="`+v.File.Name+`"`)
			w.Write(v.File.Content)
			return
		}
		s.render(w, r, v)
	}
}

// forSoftware tells whether the answer is for a program: then errors are problems, not pages.
func forSoftware(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

func (s *Site) render(w http.ResponseWriter, r *http.Request, v view) {
	f := frame{view: v, Demo: s.demo}
	if actor, signed := s.signIn.Actor(r); signed {
		f.Role, f.Menu = access.RoleLabel(actor.Role), s.menu(actor, r.URL.Path)
	}
	if s.demo != nil {
		f.Persona = s.demo.persona(r)
	}
	var page bytes.Buffer
	if err := s.pages[v.Template].Execute(&page, f); err != nil {
		s.failed(w, r, "page failed to render", err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	switch v.Status {
	case 0:
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", authenticate)
		fallthrough
	default:
		w.WriteHeader(v.Status)
	}
	w.Write(page.Bytes())
}

// static is a page that says the same to everybody.
func static(name, title string) func(*http.Request) (view, error) {
	return func(*http.Request) (view, error) {
		return view{Template: name, Title: title, Crumbs: []link{{"Accueil", "/"}, {title, ""}}}, nil
	}
}

func (s *Site) home(*http.Request) (view, error) {
	return view{Template: "home", Title: "Accueil"}, nil
}

// errNotSigned says that nobody signed in.
var errNotSigned = errors.New("web: not signed in")

// actor is who asks, or errNotSigned.
func (s *Site) actor(r *http.Request) (access.Actor, error) {
	a, ok := s.signIn.Actor(r)
	if !ok {
		return access.Actor{}, errNotSigned
	}
	return a, nil
}

// menuItem is one entry of the main navigation.
type menuItem struct {
	Label, Href string
	Current     bool
}

// menu is what the actor has a use for; each page asks again whether he may.
func (s *Site) menu(actor access.Actor, at string) []menuItem {
	items := []menuItem{{"Accueil", "/", at == "/"}}
	add := func(label, href string) {
		items = append(items, menuItem{label, href, at == href || strings.HasPrefix(at, href+"/")})
	}
	may := func(act access.Act) bool {
		return access.May(actor, act, access.Target{Academie: s.Settings.Academie}, s.Today()) == nil
	}
	if everMay(actor.Role, access.ListPupils) {
		add("Classes", "/classes")
	}
	if everMay(actor.Role, access.ReadRequests) {
		add("Demandes", "/demandes")
		add("Livrets papier", "/papier")
	}
	for _, livret := range actor.Livrets {
		label := "Livret"
		if actor.Role == access.Eleve {
			label = "Mon livret"
		}
		href := "/livrets/" + livret.String()
		items = append(items, menuItem{label, href, at == href})
		add("Droits", rightsHref(livret))
	}
	if actor.Round != "" {
		add("Candidats", sessionHref(sessionOf(actor)))
	}
	if may(access.ReadSession) {
		add("Session d’examen", "/sessions")
	}
	if may(access.ReadHistory) {
		add("Historique", "/historique")
	}
	if may(access.ReadSanctions) {
		add("Sanctions", "/sanctions")
	}
	if may(access.ReadRetention) {
		add("Conservation", "/conservation")
	}
	if may(access.ReadRequestFiles) {
		add("Archives probatoires", "/archives")
	}
	if may(access.ReadStatistics) {
		add("Statistiques", "/statistiques")
	}
	return items
}
