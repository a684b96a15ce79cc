package web

import (
	"net/http"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain/access"
)

// printed is the livret as it is put on paper, with the code by which anybody can check it.
func (s *Site) printed(r *http.Request) (view, error) {
	v := view{Template: "livret", Title: "Livret à imprimer"}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	id, err := uuid.Parse(r.PathValue("livret"))
	if err != nil {
		return v, errNoPage
	}
	if err := s.may(r.Context(), actor, access.ReadFamilyView, id); err != nil {
		return v, err
	}
	print, err := s.Print(r.Context(), actor, id)
	if err != nil {
		return v, err
	}
	page, err := s.showLivret(r, actor)
	page.Print = &print
	v.Data = page
	v.Crumbs = []link{{"Accueil", "/"}, {"Livret", "/livrets/" + id.String()}, {"Impression", ""}}
	return v, err
}

// verifyPage is what may be said to anybody of a code.
type verifyPage struct {
	Asked bool
	instance.Verified
}

func (s *Site) verify(r *http.Request) (view, error) {
	page := verifyPage{Asked: r.URL.Query().Has("code")}
	var err error
	if page.Asked {
		page.Verified, err = s.Verify(r.Context(), r.URL.Query().Get("code"))
	}
	return view{Template: "verifier", Title: "Vérifier un livret imprimé", Data: page, Crumbs: []link{{"Accueil", "/"}, {"Vérifier un livret imprimé", ""}}}, err
}
