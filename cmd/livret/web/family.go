package web

import (
	"net/http"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/projections/discipline"
	"livret/projections/family"
)

// livretPage is the whole livret of a pupil.
type livretPage struct {
	family.Livret
	History   bool                     // the reader may see who wrote what
	Sanctions []discipline.Entry       // entered in the livret, and of which the term is not reached
	School    []discipline.SchoolEntry // likewise, while a legal act allows them
	Rights    bool                     // the reader may ask, declare or answer something about it
	Family    bool                     // he is of the family
	Order     uuid.UUID                // of the form by which he takes note of it
	Version   uint64                   // of what it says
	Taken     bool                     // note was taken of it as it is
	Ready     bool                     // note may be taken of it
	Printable bool                     // the reader may have it on paper
	Print     *instance.Print          // on the page to be printed
}

func (s *Site) livret(r *http.Request) (view, error) {
	v := view{Template: "livret", Title: "Livret scolaire"}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	page, err := s.showLivret(r, actor)
	if err != nil {
		return v, err
	}
	v.Data = page
	v.Crumbs = []link{{"Accueil", "/"}}
	if y := page.Years; everMay(actor.Role, access.ListPupils) && len(y) > 0 && len(y[len(y)-1].Schooling) > 0 {
		last := y[len(y)-1]
		division := last.Schooling[len(last.Schooling)-1].Division
		v.Crumbs = append(v.Crumbs, link{"Classes", "/classes"}, link{division, divisionHref(last.Year, division)})
	}
	v.Crumbs = append(v.Crumbs, link{"Livret", ""})
	return v, nil
}

func (s *Site) showLivret(r *http.Request, actor access.Actor) (livretPage, error) {
	id, err := uuid.Parse(r.PathValue("livret"))
	if err != nil {
		return livretPage{}, errNoPage
	}
	if err := s.may(r.Context(), actor, access.ReadFamilyView, id); err != nil {
		return livretPage{}, err
	}
	b, err := s.load(r.Context(), id)
	if err == nil {
		err = s.consulted(r.Context(), actor, id)
	}
	if err != nil {
		return livretPage{}, err
	}
	shown, err := s.Family.Show(r.Context(), id)
	if err != nil {
		return livretPage{}, err
	}
	page := livretPage{Livret: shown, Order: uuid.New(), Version: b.State.ContentVersion(), Taken: b.State.Acknowledged()}
	on, err := s.Target(r.Context(), id)
	if err != nil {
		return page, err
	}
	exam, err := s.ExamOf(r.Context(), on)
	if err != nil {
		return page, err
	}
	on.Deliberated = exam.Closed
	may := func(act access.Act) bool { return access.May(actor, act, on, s.Today()) == nil }
	page.History, page.Rights, page.Printable = may(access.ReadHistory), may(access.RequestRectification), may(access.PrintLivret)
	page.Family = may(access.AcknowledgeLivret)
	page.Ready = page.Family && b.State.Validated() && !exam.Examined
	if page.Sanctions, err = s.Discipline.Of(r.Context(), id, s.Today()); err == nil {
		page.School, err = s.SchoolSanctionsOf(r.Context(), actor, id)
	}
	return page, err
}

// historyPage is all facts of a livret.
type historyPage struct {
	Livret uuid.UUID
	Whole  bool // the reader may see the livret itself
	Replay bool // and what was shown of it at any instant
	Lines  []chronicle.Line
}

func (s *Site) history(r *http.Request) (view, error) {
	v := view{Template: "historique", Title: "Historique des écritures"}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	page, err := s.showHistory(r, actor)
	v.Data = page
	v.Crumbs = []link{{"Accueil", "/"}}
	if page.Whole {
		v.Crumbs = append(v.Crumbs, link{"Livret", "/livrets/" + page.Livret.String()})
	}
	v.Crumbs = append(v.Crumbs, link{"Historique", ""})
	return v, err
}

func (s *Site) showHistory(r *http.Request, actor access.Actor) (historyPage, error) {
	id, err := uuid.Parse(r.PathValue("livret"))
	if err != nil {
		return historyPage{}, errNoPage
	}
	if err := s.may(r.Context(), actor, access.ReadHistory, id); err != nil && !gone(err) {
		return historyPage{}, err // that something was written, and forgotten, is what a history still tells
	}
	if err := s.consulted(r.Context(), actor, id); err != nil && !gone(err) {
		return historyPage{}, err
	}
	lines, err := s.History(r.Context(), actor, id)
	if err != nil {
		return historyPage{}, err
	}
	replay := s.may(r.Context(), actor, access.ReplayPast, id)
	return historyPage{id, s.may(r.Context(), actor, access.ReadFamilyView, id) == nil, replay == nil || gone(replay), lines}, nil
}

// findHistory is where an auditor gives the id of a livret.
func (s *Site) findHistory(r *http.Request) (view, error) {
	v := view{Template: "recherche", Title: "Historique d’un livret", Crumbs: []link{{"Accueil", "/"}, {"Historique", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	if err := access.May(actor, access.ReadHistory, access.Target{Academie: s.Settings.Academie}, s.Today()); err != nil {
		return v, err
	}
	if !r.URL.Query().Has("livret") {
		return v, nil
	}
	id, err := uuid.Parse(r.URL.Query().Get("livret"))
	if err != nil {
		v.Status, v.Data = http.StatusUnprocessableEntity, "Un identifiant de livret a la forme de 32 chiffres hexadécimaux séparés par quatre tirets."
		return v, nil
	}
	return view{Location: "/livrets/" + id.String() + "/historique"}, nil
}
