package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/projections"
)

// problem is an error as a reader may know it: RFC 9457 for software, a page for people. It never echoes what
// was sent, and says of a failure of ours only the reference of its line in the log.
type problem struct {
	Type      string   `json:"type" format:"uri-reference" doc:"/problemes/ et le code"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Detail    string   `json:"detail,omitempty"`
	Code      string   `json:"code" doc:"nom stable de la règle"`
	Remedy    string   `json:"remedy,omitempty" doc:"que faire"`
	Reference string   `json:"reference,omitempty" doc:"de la ligne du journal technique"`
	Locations []string `json:"locations,omitempty" doc:"ce qui n’est pas recevable dans la requête, sans sa valeur"`
	Passages  [][2]int `json:"passages,omitempty" doc:"passages à relire, en points de code [de, à["`
}

// Errors of the site itself.
var (
	errNoPage      = errors.New("web: no such page")
	errCrossOrigin = errors.New("web: request from another site")
	errMethod      = errors.New("web: no such method here")
	errForm        = errors.New("web: form cannot be read")
)

// authenticate is what a 401 must name (RFC 9110, 11.6.1): how to sign in is not a matter of HTTP here.
const authenticate = `Session realm="livret"`

// problems that need nothing but themselves.
var (
	notFound = problem{Status: http.StatusNotFound, Title: "Page introuvable", Code: "introuvable",
		Detail: "Cette page n’existe pas, ou n’existe plus.", Remedy: "Revenez à l’accueil."}
	destroyed = problem{Status: http.StatusGone, Title: "Contenu détruit", Code: "detruit",
		Detail: "Ce contenu a été régulièrement détruit au terme de sa durée de conservation.",
		Remedy: "Seule la preuve de ce qui a été inscrit, puis détruit, demeure."}
	archived = problem{Status: http.StatusGone, Title: "Contenu archivé", Code: "archive",
		Detail: "Ce contenu est en archivage intermédiaire : le service courant ne peut plus le lire.",
		Remedy: "Adressez-vous à la division des examens et concours du rectorat, qui tient les archives intermédiaires."}
	contended = problem{Status: http.StatusConflict, Title: "Modifié entre-temps", Code: "conflit",
		Detail: "D’autres personnes modifient ce livret en ce moment même.", Remedy: "Réessayez dans un instant."}
	replaced = problem{Status: http.StatusPreconditionFailed, Title: "Modifié entre-temps", Code: "version-depassee",
		Detail: "Cette valeur a été modifiée depuis que vous l’avez lue.", Remedy: "Lisez-la de nouveau, puis décidez."}
	crossOrigin = problem{Status: http.StatusForbidden, Title: "Demande d’un autre site", Code: "autre-origine",
		Detail: "Cette demande vient d’un autre site : elle a été écartée.", Remedy: "Recommencez depuis une page de ce service."}
	badMethod = problem{Status: http.StatusMethodNotAllowed, Title: "Méthode non admise", Code: "methode-non-admise",
		Detail: "Cette adresse existe, mais pas pour cette méthode HTTP.", Remedy: "L’en-tête Allow donne celles qu’elle admet."}
	unlogged = problem{Status: http.StatusServiceUnavailable, Title: "Consultation impossible", Code: "journal-indisponible",
		Detail: "Cette consultation n’a pas pu être inscrite au journal : le livret n’est donc pas montré.", Remedy: "Réessayez dans un instant."}
	badForm = problem{Status: http.StatusBadRequest, Title: "Formulaire illisible", Code: "formulaire-illisible",
		Detail: "Le formulaire reçu est incomplet ou trop grand : rien n’a été enregistré.", Remedy: "Rechargez la page et recommencez."}
)

// classify sorts an error into what may be said of it. What is not expected is logged under a reference, with
// the route and never the address.
func (s *Site) classify(r *http.Request, err error) problem {
	p := s.known(err)
	if errors.Is(err, keyvault.ErrShredded) {
		p.Remedy = s.proof(r)
	}
	if p.Status == 0 {
		p = problem{Status: http.StatusInternalServerError, Title: "Erreur interne", Code: "erreur-interne",
			Detail: "Le service a rencontré une erreur.",
			Remedy: "Réessayez dans un instant ; si l’erreur persiste, communiquez la référence à l’exploitant.", Reference: uuid.NewString()}
		s.log.Error("request failed", "reference", p.Reference, "route", r.Pattern, "error", err.Error())
	}
	p.Type = "/problemes/" + p.Code
	return p
}

// known is empty for an error that is nobody's fault but ours.
func (s *Site) known(err error) problem {
	var refusal *domain.Refusal
	var suspect *suspectText
	var said problem
	switch {
	case errors.As(err, &refusal):
		p := problem{Status: http.StatusUnprocessableEntity, Title: "Demande refusée", Code: refusal.Rule, Detail: refusal.Reason, Remedy: refusal.Remedy}
		if strings.HasPrefix(refusal.Rule, "acces-") || strings.HasPrefix(refusal.Rule, "teleservice-") {
			p.Status, p.Title = http.StatusForbidden, "Accès refusé"
		}
		switch refusal.Rule {
		case access.RuleArchived:
			p.Status, p.Title = http.StatusGone, archived.Title
		case access.RuleClosed:
			p.Status, p.Title = http.StatusGone, "Durée de conservation écoulée"
		}
		return p
	case errors.As(err, &suspect):
		return suspect.problem()
	case errors.As(err, &said):
		return said
	case errors.Is(err, errNotSigned):
		return s.signInFirst()
	case errors.Is(err, errNoPage), errors.Is(err, instance.ErrNotFound), errors.Is(err, projections.ErrNotFound):
		return notFound
	case errors.Is(err, keyvault.ErrShredded):
		return destroyed
	case errors.Is(err, keyvault.ErrArchived):
		return archived
	case errors.Is(err, errMoved):
		return replaced
	case errors.Is(err, eventstore.ErrConflict), errors.Is(err, ledger.ErrContended):
		return contended
	case errors.Is(err, errCrossOrigin):
		return crossOrigin
	case errors.Is(err, errMethod):
		return badMethod
	case errors.Is(err, errUnlogged):
		return unlogged
	case errors.Is(err, errForm):
		return badForm
	}
	return problem{}
}

// proof is where the destruction of the livret that was asked for is certified.
func (s *Site) proof(r *http.Request) string {
	livret, err := uuid.Parse(r.PathValue("livret"))
	if err != nil {
		return destroyed.Remedy
	}
	proofs, err := s.ProofOf(r.Context(), livret)
	if err != nil || len(proofs) == 0 {
		return destroyed.Remedy
	}
	last := proofs[len(proofs)-1]
	return destroyed.Remedy + " Certificat de destruction : lot " + last.Lot.String() + ", visa " + last.Visa + "."
}

func (s *Site) signInFirst() problem {
	p := problem{Status: http.StatusUnauthorized, Title: "Connexion nécessaire", Code: "connexion",
		Detail: "Cette page n’est visible qu’après connexion, et aucun service de connexion n’est configuré sur ce serveur.",
		Remedy: "Pour essayer avec un lycée fictif, l’exploitant peut lancer « livret demo »."}
	if s.demo != nil {
		p.Detail, p.Remedy = "Cette page n’est visible qu’après le choix d’un rôle.", "Choisissez un rôle à l’accueil."
	}
	return p
}

// writeProblem answers software; a 401 says by what it may sign in.
func writeProblem(w http.ResponseWriter, p problem, authenticate string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", authenticate)
	}
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

// failed answers when even a page of error cannot be made.
func (s *Site) failed(w http.ResponseWriter, r *http.Request, what, why string) {
	reference := uuid.NewString()
	s.log.Error(what, "reference", reference, "route", r.Pattern, "error", why)
	http.Error(w, "Erreur interne, référence "+reference, http.StatusInternalServerError)
}

// recovering turns a panic into an internal error with a reference. The stack goes to the log, and the value
// of the panic does not: it may quote what was being shown.
func (s *Site) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.failed(w, r, "request panicked", string(debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}
