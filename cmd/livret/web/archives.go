package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/consultation"
	"livret/domain/deliberation"
)

// archiveForm is the form of a request, as it was typed and as it comes back when it is refused.
type archiveForm struct {
	Candidate, Year, Round  string
	Livret                  string // instead of the candidate, whom nobody finds any more once he is forgotten
	Case, Motive, Requester string
	Refusal                 *domain.Refusal
}

// Rounds are what the form offers.
func (archiveForm) Rounds() []string { return deliberation.Rounds() }

// archivesPage is who asked for probatory archives, and the form for another.
type archivesPage struct {
	Requests []instance.RequestedArchive
	Form     *archiveForm // nil: the reader may ask for none
}

func (s *Site) archives(r *http.Request) (view, error) {
	return s.listArchives(r, archiveForm{Round: deliberation.Juin, Requester: "division des examens et concours"})
}

func (s *Site) listArchives(r *http.Request, form archiveForm) (view, error) {
	v := view{Template: "archives", Title: "Archives probatoires", Crumbs: []link{{"Accueil", "/"}, {"Archives probatoires", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	var page archivesPage
	if page.Requests, err = s.ArchiveRequests(r.Context(), actor); err != nil {
		return v, err
	}
	if access.May(actor, access.RequestArchive, access.Target{Academie: s.Settings.Academie}, s.Today()) == nil {
		page.Form = &form
	}
	v.Data = page
	return v.refused(form.Refusal), nil
}

// makeArchive makes the archive that the form asks for, and hands it over. What is refused comes back with the form;
// nothing of it is recorded.
func (s *Site) makeArchive(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	typed, err := sentForm(r)
	if err != nil {
		return view{}, err
	}
	form := archiveForm{
		Candidate: strings.TrimSpace(typed.Get("candidate")), Year: typed.Get("year"), Round: typed.Get("round"), Livret: strings.TrimSpace(typed.Get("livret")),
		Case: typed.Get("case"), Motive: typed.Get("motive"), Requester: typed.Get("requester"),
	}
	made, err := s.archived(r, actor, form)
	if refusal, refused := asRefusal(err); refused && !strings.HasPrefix(refusal.Rule, "acces-") {
		form.Refusal = refusal
		return s.listArchives(r, form)
	}
	if err != nil {
		return view{}, err
	}
	return view{File: &file{fmt.Sprintf("archive-probatoire-%s.zip", made.Request.String()[:8]), "application/zip", made.File}}, nil
}

func (s *Site) archived(r *http.Request, actor access.Actor, form archiveForm) (made instance.ArchiveMade, err error) {
	ask := consultation.RequestArchive{Case: form.Case, Motive: form.Motive, Requester: cmp.Or(strings.TrimSpace(form.Requester), access.RoleLabel(actor.Role))}
	if form.Livret == "" {
		ask.Livret, err = s.candidateOf(r, actor, sanctionForm{Candidate: form.Candidate, Year: form.Year, Round: form.Round})
	} else if ask.Livret, err = uuid.Parse(form.Livret); err != nil {
		err = domain.Refuse("livret-illisible", "Un identifiant de livret a la forme de 32 chiffres hexadécimaux séparés par quatre tirets.", "")
	}
	if err == nil {
		made, err = s.MakeArchive(r.Context(), actor, ask)
	}
	return made, err
}
