package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain/access"
)

// errUnlogged says that a reading could not be logged: then nothing is shown.
var errUnlogged = errors.New("web: the consultation could not be logged")

// consulted logs that a reader reads a livret, before he is shown it (arrêté of 8 February 2016, art. 9). Families
// and staff are logged alike: the pupil may know who read him.
func (s *Site) consulted(ctx context.Context, actor access.Actor, livret uuid.UUID) error {
	err := s.Ledger.Consulted(ctx, livret, actor.Actor)
	if err == nil || gone(err) {
		return err
	}
	s.log.Error("consultation not logged", "error", err.Error())
	return errUnlogged
}

// consultationsPage is the log of one livret.
type consultationsPage struct {
	Livret uuid.UUID
	Whole  bool // the reader may see the livret itself
	Lines  []instance.Consultation
}

func (s *Site) consultations(r *http.Request) (view, error) {
	v := view{Template: "consultations", Title: "Consultations du livret"}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	page, err := s.showConsultations(r, actor)
	v.Data, v.Crumbs = page, []link{{"Accueil", "/"}}
	if page.Whole {
		v.Crumbs = append(v.Crumbs, link{"Livret", "/livrets/" + page.Livret.String()})
	}
	v.Crumbs = append(v.Crumbs, link{"Consultations", ""})
	return v, err
}

func (s *Site) showConsultations(r *http.Request, actor access.Actor) (consultationsPage, error) {
	id, err := uuid.Parse(r.PathValue("livret"))
	if err != nil {
		return consultationsPage{}, errNoPage
	}
	if err := s.may(r.Context(), actor, access.ReadConsultations, id); err != nil && !gone(err) {
		return consultationsPage{}, err
	}
	lines, err := s.Consultations(r.Context(), actor, id)
	return consultationsPage{id, s.may(r.Context(), actor, access.ReadFamilyView, id) == nil, lines}, err
}
