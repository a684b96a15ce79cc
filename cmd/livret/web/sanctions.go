package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/sanction"
	"livret/projections/discipline"
)

// sanctionForm is the form of a decision, as it was typed and as it comes back when it is refused.
type sanctionForm struct {
	Sanction                  string // random id: a form sent twice is one sanction
	Action                    string // address
	Candidate, Year, Round    string // empty where proceedings say who it is
	Kind, Authority, On, Ends string
	Sursis, Entry             bool
	Whom                      bool // asks for the candidate
	Refusal                   *domain.Refusal
}

// proceedings is the choice of the form for a candidate against whom nothing is pronounced yet.
const proceedings = "procedure"

// Kinds, Authorities and Rounds are what the form offers.
func (sanctionForm) Kinds() []sanction.Article         { return sanction.Kinds() }
func (sanctionForm) Authorities() []sanction.Authority { return sanction.Authorities() }
func (sanctionForm) Rounds() []string {
	return []string{deliberation.Juin, deliberation.Septembre}
}

// sanctionsPage is all sanctions, and the form for another.
type sanctionsPage struct {
	Entries []discipline.Entry
	Form    sanctionForm
	Caveat  string // of the catalogue
}

func (s *Site) sanctions(r *http.Request) (view, error) {
	return s.listSanctions(r, sanctionForm{Sanction: uuid.NewString(), Round: deliberation.Juin})
}

func (s *Site) listSanctions(r *http.Request, form sanctionForm) (view, error) {
	v := view{Template: "sanctions", Title: "Sanctions", Crumbs: []link{{"Accueil", "/"}, {"Sanctions", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	entries, err := s.Sanctions(r.Context(), actor)
	if err != nil {
		return v, err
	}
	form.Action, form.Whom = "/sanctions", true
	page := sanctionsPage{Entries: entries, Form: form}
	if text, _ := sanction.TextOn(s.Today()); text.Doubtful(s.Today()) {
		page.Caveat = text.Caveat
	}
	v.Data = page
	return v.refused(form.Refusal), nil
}

// refused gives a page that comes back with a refusal its status.
func (v view) refused(refusal *domain.Refusal) view {
	if refusal != nil {
		v.Status, v.Title = http.StatusUnprocessableEntity, "Refus : "+v.Title
	}
	return v
}

// sanctionPage is one sanction, and what may become of it.
type sanctionPage struct {
	discipline.Entry
	Form    sanctionForm // to pronounce, under proceedings
	Refusal *domain.Refusal
}

// Scopes is what a sanction may void; Kinds what may take its place.
func (sanctionPage) Scopes() []sanction.Scope  { return sanction.Scopes() }
func (sanctionPage) Kinds() []sanction.Article { return sanction.Kinds() }

func (s *Site) sanction(r *http.Request) (view, error) { return s.showSanction(r, sanctionForm{}, nil) }

func (s *Site) showSanction(r *http.Request, form sanctionForm, refusal *domain.Refusal) (view, error) {
	v := view{Template: "sanction", Title: "Sanction", Crumbs: []link{{"Accueil", "/"}, {"Sanctions", "/sanctions"}, {"Sanction", ""}}}
	actor, id, err := s.sanctionOf(r)
	if err != nil {
		return v, err
	}
	entry, err := s.Sanction(r.Context(), actor, id)
	if err != nil {
		return v, err
	}
	form.Sanction, form.Action = id.String(), "/sanctions"
	v.Data = sanctionPage{entry, form, refusal}
	return v.refused(cmp.Or(refusal, form.Refusal)), nil
}

func (s *Site) sanctionOf(r *http.Request) (access.Actor, uuid.UUID, error) {
	actor, err := s.actor(r)
	if err != nil {
		return actor, uuid.Nil, err
	}
	id, err := uuid.Parse(r.PathValue("sanction"))
	if err != nil {
		err = errNoPage
	}
	return actor, id, err
}

// recordSanction records a decision of the form: proceedings, or a sanction.
func (s *Site) recordSanction(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	typed, err := sentForm(r)
	if err != nil {
		return view{}, err
	}
	id, err := uuid.Parse(typed.Get("sanction"))
	if err != nil {
		return view{}, errForm
	}
	form := sanctionForm{
		Sanction: id.String(), Candidate: strings.TrimSpace(typed.Get("candidate")), Year: typed.Get("year"), Round: typed.Get("round"),
		Kind: typed.Get("kind"), Authority: typed.Get("authority"), On: typed.Get("on"), Ends: typed.Get("ends"),
		Sursis: typed.Get("sursis") != "", Entry: typed.Get("entry") != "",
	}
	err = s.decided(r, actor, id, form, typed.Has("candidate"))
	refusal, refused := asRefusal(err)
	switch {
	case refused && strings.HasPrefix(refusal.Rule, "acces-"):
		return view{}, err
	case refused && typed.Has("candidate"):
		form.Refusal = refusal
		return s.listSanctions(r, form)
	case refused:
		r.SetPathValue("sanction", id.String())
		form.Refusal = refusal
		return s.showSanction(r, form, nil)
	case err != nil:
		return view{}, err
	}
	return view{Location: "/sanctions"}, nil
}

func (s *Site) decided(r *http.Request, actor access.Actor, id uuid.UUID, form sanctionForm, whom bool) error {
	days, err := formDays(form.On, form.Ends)
	if err != nil {
		return err
	}
	var livret uuid.UUID
	if whom {
		if livret, err = s.candidateOf(r, actor, form); err != nil {
			return err
		}
	}
	if form.Kind == proceedings {
		_, err = s.OpenProceedings(r.Context(), actor, id, sanction.OpenProceedings{Livret: livret, On: days[0]})
		return err
	}
	_, err = s.Pronounce(r.Context(), actor, id, sanction.Pronounce{
		Kind: sanction.Kind(form.Kind), Authority: sanction.Authority(form.Authority), Pronounced: days[0], Ends: days[1],
		Suspended: form.Sursis, Entry: form.Entry, Livret: livret,
	})
	return err
}

// candidateOf finds the livret of the candidate that the form names.
func (s *Site) candidateOf(r *http.Request, actor access.Actor, form sanctionForm) (uuid.UUID, error) {
	year, err := number(form.Year, 9999)
	if err == nil {
		session := deliberation.ExamSession{Year: nomenclature.SchoolYear(year), Round: form.Round}
		var livret uuid.UUID
		if livret, err = s.CandidateLivret(r.Context(), actor, session, form.Candidate); err == nil {
			return livret, nil
		}
	}
	if s.known(err).Status != http.StatusNotFound {
		return uuid.Nil, err
	}
	return uuid.Nil, domain.Refuse("candidat-inconnu", "Aucun candidat de cette session ne porte ce numéro.", "Vérifiez le numéro, l’année et le tour de l’examen.")
}

// decideSanction records what becomes of a sanction.
func (s *Site) decideSanction(r *http.Request) (view, error) {
	actor, id, err := s.sanctionOf(r)
	if err != nil {
		return view{}, err
	}
	typed, err := sentForm(r)
	if err != nil {
		return view{}, err
	}
	err = s.become(r, actor, id, typed)
	if refusal, refused := asRefusal(err); refused && !strings.HasPrefix(refusal.Rule, "acces-") {
		return s.showSanction(r, sanctionForm{}, refusal)
	}
	return view{Location: "/sanctions"}, err
}

func (s *Site) become(r *http.Request, actor access.Actor, id uuid.UUID, typed url.Values) error {
	days, err := formDays(typed.Get("on"), typed.Get("ends"))
	if err != nil {
		return err
	}
	on, ends, today := days[0], days[1], s.Today()
	var c domain.Command[*sanction.Sanction]
	switch typed.Get("act") {
	case "void":
		_, err := s.VoidPaper(r.Context(), actor, id, sanction.Scope(typed.Get("scope")))
		return err
	case "amend":
		c = sanction.Amend{Measure: sanction.Measure{Kind: sanction.Kind(typed.Get("kind")), Ends: ends, Suspended: typed.Get("sursis") != ""}, On: on, Today: today}
	case "revoke":
		c = sanction.RevokeSursis{On: on, Ends: ends, Today: today}
	case "annul":
		c = sanction.Annul{On: on, Today: today}
	case "drop":
		c = sanction.DropProceedings{On: on, Today: today}
	case "link":
		livret, err := uuid.Parse(strings.TrimSpace(typed.Get("livret")))
		if err != nil {
			return domain.Refuse("livret-illisible", "Un identifiant de livret a la forme de 32 chiffres hexadécimaux séparés par quatre tirets.", "")
		}
		_, err = s.LinkSanction(r.Context(), actor, id, livret)
		return err
	default:
		return errForm
	}
	_, err = s.DecideSanction(r.Context(), actor, id, c)
	return err
}

// sentForm is the fields of a form that was sent.
func sentForm(r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, errForm
	}
	return r.PostForm, nil
}

// formDays reads the dates of a form; an empty field is no date.
func formDays(texts ...string) ([]domain.Date, error) {
	days := make([]domain.Date, len(texts))
	for i, text := range texts {
		var err error
		if days[i], err = domain.ParseDate(text); text != "" && err != nil {
			return nil, domain.Refuse("date-illisible", "Cette date n’est pas une date du calendrier.", "Indiquez le jour, le mois et l’année.")
		}
	}
	return days, nil
}
