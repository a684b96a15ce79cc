package web

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"livret/cmd/livret/chronicle"
	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/mark"
	"livret/projections/family"
	"livret/projections/jury"
	"livret/projections/statistics"
)

// api routes the JSON API and its description. What it answers comes from the same functions as the pages.
func (s *Site) api(mux *http.ServeMux) {
	withoutValues()
	registry := schemas()
	api := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{Title: "livret", Version: "1", Description: "Le livret scolaire du lycée, vu comme les pages le montrent. Les erreurs suivent la RFC 9457 et ne répètent jamais une valeur reçue."},
			Components: &huma.Components{Schemas: registry},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
	})
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		r, _ := humago.Unwrap(ctx)
		next(huma.WithValue(ctx, requestKey{}, r))
	})
	s.reads(api)
	s.writes(api)

	document, err := json.Marshal(api.OpenAPI())
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			s.failed(w, r, "description of the API failed", err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Write(document)
	})
	mux.HandleFunc("GET /api", s.page(func(*http.Request) (view, error) {
		return view{Template: "api", Title: "Interface de programmation", Data: describe(api.OpenAPI()),
			Crumbs: []link{{"Accueil", "/"}, {"Interface de programmation", ""}}}, nil
	}))
}

type requestKey struct{}

// once guards the one setting of huma that is not of an API but of the whole program.
var once sync.Once

// withoutValues keeps huma from echoing what was sent: its own errors say where a request is wrong, never
// what stood there.
func withoutValues() {
	once.Do(func() {
		huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
			p := problem{Status: status, Title: "Requête irrecevable", Code: "requete-irrecevable",
				Detail: "La requête n’a pas la forme attendue.", Remedy: "Comparez-la à la description de l’interface."}
			for _, err := range errs {
				if detailer, ok := err.(huma.ErrorDetailer); ok {
					p.Locations = append(p.Locations, place(detailer.ErrorDetail().Location))
				}
			}
			p.Locations = slices.Compact(p.Locations)
			p.Type = "/problemes/" + p.Code
			return p
		}
	})
}

// place is where a request is wrong, without the names that the sender made up.
func place(location string) string {
	part, name, _ := strings.Cut(location, ".")
	switch name {
	case "mark", "reason", "text", "kept":
		return part + "." + name
	}
	return part
}

// Error makes a problem an error of the API; it says the rule only.
func (p problem) Error() string { return "web: " + p.Code }

// GetStatus is the status of the answer.
func (p problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p problem) ContentType(string) string { return "application/problem+json" }

// schemaName tells the Year of a family from that of a jury.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	path := strings.Split(t.PkgPath(), "/")
	room := path[len(path)-1]
	name := huma.DefaultSchemaNamer(t, hint)
	if room == "" || room == "web" {
		return name
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}

// markSchema describes a mark: hundredths of a point out of 20, or a state that is never a zero.
type markSchema struct{}

// Schema implements huma.SchemaProvider.
func (markSchema) Schema(huma.Registry) *huma.Schema {
	lowest, highest := 0.0, float64(mark.Max)
	return &huma.Schema{
		Description: "centièmes de point sur 20 (1250 pour 12,50), ou un état qui n’est jamais un zéro",
		OneOf: []*huma.Schema{
			{Type: huma.TypeInteger, Minimum: &lowest, Maximum: &highest},
			{Type: huma.TypeString, Enum: []any{"not-marked", "absent", "dispensed"}},
		},
	}
}

// answer is a body, with the version of what it shows.
type answer[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// read registers a GET that shows something to whom it is open.
func read[Out any](s *Site, api huma.API, path, summary string, show func(*http.Request, access.Actor) (Out, string, error)) {
	register(s, api, huma.Operation{Method: http.MethodGet, Path: path, Summary: summary, Errors: []int{401, 403, 404, 410}},
		func(r *http.Request, actor access.Actor, _ *struct{}) (Out, string, error) { return show(r, actor) })
}

// register registers an operation for those who are signed in.
func register[In, Out any](s *Site, api huma.API, o huma.Operation, handle func(*http.Request, access.Actor, *In) (Out, string, error)) {
	o.OperationID, o.Parameters = operationID(o), parameters(o)
	huma.Register(api, o, func(ctx context.Context, in *In) (*answer[Out], error) {
		r := ctx.Value(requestKey{}).(*http.Request)
		actor, err := s.actor(r)
		if err == nil {
			var out Out
			var tag string
			if out, tag, err = handle(r, actor, in); err == nil {
				return &answer[Out]{tag, out}, nil
			}
		}
		p := s.classify(r, err)
		if p.Status == http.StatusUnauthorized {
			return nil, huma.ErrorWithHeaders(p, http.Header{"WWW-Authenticate": {authenticate}})
		}
		return nil, p
	})
}

// operationID names an operation by its method and the fixed parts of its path.
func operationID(o huma.Operation) string {
	parts := []string{strings.ToLower(o.Method)}
	for part := range strings.SplitSeq(strings.TrimPrefix(o.Path, "/api/v1/"), "/") {
		parts = append(parts, strings.Trim(part, "{}"))
	}
	return strings.Join(parts, "-")
}

// parameters describes those of an address, and the conditions of a write.
func parameters(o huma.Operation) []*huma.Param {
	var all []*huma.Param
	for part := range strings.SplitSeq(o.Path, "/") {
		if name, is := strings.CutPrefix(part, "{"); is {
			name = strings.TrimSuffix(name, "}")
			all = append(all, &huma.Param{Name: name, In: "path", Required: true, Description: inAddress[name], Schema: &huma.Schema{Type: huma.TypeString}})
		}
	}
	if o.Method == http.MethodPut {
		all = append(all,
			&huma.Param{Name: "If-Match", In: "header", Required: true, Description: "ETag de la valeur lue ; sans lui, 428", Schema: &huma.Schema{Type: huma.TypeString}},
			&huma.Param{Name: "Idempotency-Key", In: "header", Description: "UUID tiré au hasard, le même à chaque nouvel essai", Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}})
	}
	return all
}

var inAddress = map[string]string{
	"livret": "identifiant du livret", "year": "année de rentrée, 2015 pour 2015-2016", "division": "nom de la division",
	"matiere": "code BCN, six chiffres", "modalite": "S, O ou F", "rank": "1, ou 2 pour l’enseignement de spécialité de même matière",
	"period": "de 1 à 3", "session": "année de l’examen", "round": "juin ou septembre", "number": "numéro de candidat",
}

func (s *Site) reads(api huma.API) {
	read(s, api, "/api/v1/classes", "Divisions dont la liste est ouverte au lecteur",
		func(r *http.Request, actor access.Actor) ([]yearOfClasses, string, error) {
			years, err := s.listClasses(r.Context(), actor)
			return years, "", err
		})
	read(s, api, "/api/v1/classes/{year}/{division}", "Élèves d’une division et avancement des saisies",
		func(r *http.Request, actor access.Actor) (divisionPage, string, error) {
			page, err := s.showDivision(r, actor)
			return page, "", err
		})
	read(s, api, "/api/v1/classes/{year}/{division}/{matiere}/{modalite}/{rank}", "Grille de saisie d’un enseignement",
		func(r *http.Request, actor access.Actor) (gridJSON, string, error) {
			page, err := s.showGrid(r, actor)
			if err != nil {
				return gridJSON{}, "", err
			}
			return page.json(), "", nil
		})
	read(s, api, "/api/v1/livrets/{livret}", "Livret entier, avec l’historique de ses corrections",
		func(r *http.Request, actor access.Actor) (family.Livret, string, error) {
			page, err := s.showLivret(r, actor)
			return page.Livret, "", err
		})
	read(s, api, "/api/v1/livrets/{livret}/historique", "Faits inscrits dans un livret",
		func(r *http.Request, actor access.Actor) ([]chronicle.Line, string, error) {
			page, err := s.showHistory(r, actor)
			return page.Lines, "", err
		})
	read(s, api, "/api/v1/livrets/{livret}/consultations", "Qui a consulté un livret, et quand",
		func(r *http.Request, actor access.Actor) ([]instance.Consultation, string, error) {
			page, err := s.showConsultations(r, actor)
			return page.Lines, "", err
		})
	read(s, api, "/api/v1/jury/{session}/{round}", "Candidats d’une session, par numéro",
		func(r *http.Request, actor access.Actor) ([]jury.Entry, string, error) {
			page, err := s.listCandidates(r, actor)
			return page.Candidates, "", err
		})
	read(s, api, "/api/v1/jury/{session}/{round}/{number}", "Dossier pseudonyme d’un candidat",
		func(r *http.Request, actor access.Actor) (jury.Dossier, string, error) {
			session, err := session(r)
			if err != nil {
				return jury.Dossier{}, "", err
			}
			dossier, err := s.ShowJury(r.Context(), actor, session, r.PathValue("number"))
			return dossier, "", err
		})
	read(s, api, "/api/v1/statistiques/{session}", "Publication en vigueur des statistiques d’une session",
		func(r *http.Request, actor access.Actor) (*statistics.Publication, string, error) {
			page, err := s.showStatistics(r, actor)
			if err == nil && page.Publication == nil {
				err = errNoPage
			}
			return page.Publication, "", err
		})
}
