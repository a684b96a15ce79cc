package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/masking"
	"livret/domain/record"
)

// rightsDone says what was recorded, by the name of the form's act.
var rightsDone = map[string]string{
	"connaissance": "Vous avez pris connaissance du livret tel qu’il est aujourd’hui.",
	"demande":      "La demande de rectification est transmise au chef d’établissement.",
	"accord":       "La rectification est accordée et inscrite au livret.",
	"refus":        "Le refus est enregistré avec son motif.",
	"opposition":   "L’opposition à la transmission est enregistrée : le jury ne recevra pas le livret.",
	"retrait":      "L’opposition est retirée : le livret pourra être transmis au jury.",
	"sans-ligne":   "Le refus du livret en ligne est enregistré. Un livret sur papier sera dû à la proclamation des résultats.",
	"en-ligne":     "Le livret est de nouveau ouvert en ligne.",
	"limitation":   "Le traitement du livret est limité.",
	"levee":        "La limitation est levée.",
	"papier":       "La remise du livret sur papier est enregistrée.",
}

// exercise does what a form of the rights page asks. Refused, the page comes back with what was typed.
func (s *Site) exercise(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	form, err := readForm(r)
	if err != nil {
		return view{}, err
	}
	livret, err := uuid.Parse(r.PathValue("livret"))
	if err != nil {
		return view{}, errNoPage
	}
	if err := s.reach(r.Context(), actor, livret); err != nil {
		return view{}, err
	}
	act := form.Get("acte")
	err = s.carryOut(r.Context(), actor, livret, act, form)
	if err == nil {
		return view{Location: rightsHref(livret) + "?fait=" + act}, nil
	}
	p := s.known(err)
	if p.Status == 0 || p.Status == http.StatusForbidden {
		return view{}, err
	}
	page, showing := s.showRights(r)
	if showing != nil {
		return view{}, showing
	}
	page.Problem, page.Typed = &p, form.Values
	if suspect, is := err.(*suspectText); is {
		page.Suspect = passages(record.Tidy(form.Get("texte")), suspect.passages)
	}
	v := page.view()
	v.Status = p.Status
	return v, nil
}

// carryOut gives the order that a form's act stands for.
func (s *Site) carryOut(ctx context.Context, actor access.Actor, livret uuid.UUID, act string, form gridForm) error {
	switch act {
	case "connaissance":
		version, err := strconv.ParseUint(form.Get("version"), 10, 64)
		if err != nil {
			return errForm
		}
		return s.Acknowledge(ctx, actor, livret, form.order, version)
	case "demande":
		about, err := record.ParseSubject(form.Get("objet"))
		if err != nil {
			return err
		}
		return s.RequestRectification(ctx, actor, livret, form.order, about, form.Get("demande"))
	case "accord", "refus":
		return s.answer(ctx, actor, livret, act == "accord", form)
	case "opposition", "retrait":
		return s.Oppose(ctx, actor, livret, form.order, act == "opposition")
	case "sans-ligne", "en-ligne":
		return s.RefuseOnline(ctx, actor, livret, form.order, act == "sans-ligne")
	case "limitation":
		return s.Restrict(ctx, actor, livret, form.order, record.RestrictionGround(form.Get("motif-de-limitation")))
	case "levee":
		return s.LiftRestriction(ctx, actor, livret, form.order)
	case "papier":
		on, err := domain.ParseDate(form.Get("jour"))
		if err != nil {
			return domain.Refuse("date-illisible", "Cette date n’est pas une date du calendrier.", "Écrivez-la comme 2018-07-06.")
		}
		return s.HandOverPaper(ctx, actor, livret, form.order, on)
	}
	return errForm
}

// answer grants or refuses a demand.
func (s *Site) answer(ctx context.Context, actor access.Actor, livret uuid.UUID, granted bool, form gridForm) error {
	demand, err := uuid.Parse(form.Get("rectification"))
	if err != nil {
		return errForm
	}
	if !granted {
		return s.Instance.RefuseRectification(ctx, actor, livret, form.order, demand, form.Get("reponse"))
	}
	b, err := s.load(ctx, livret)
	if err != nil {
		return err
	}
	asked := b.State.Rectification(demand)
	if asked == nil {
		return errForm
	}
	var with instance.Redress
	written := entry{cell: cell{Livret: livret, Enseignement: asked.About.Enseignement}, ID: form.order}
	var suspect []masking.Warning
	switch asked.About.Kind {
	case record.SubjectAverage:
		if with.Mark, err = readMark(form.Get("moyenne")); err != nil {
			return err
		}
	case record.SubjectAppreciation:
		with.Text, written.Text = form.Get("texte"), form.Get("texte")
		if suspect = written.suspect(b.State); len(suspect) > 0 && !form.Has("maintenu") {
			return &suspectText{suspect}
		}
	case record.SubjectIdentity:
		with.Civil = &identity.CivilIdentityRecorded{FamilyName: form.Get("nom"), UsageName: form.Get("usage"), FirstNames: firstNames(form.Get("prenoms")),
			BirthDate: form.Get("naissance"), BirthPlace: form.Get("lieu")}
	}
	if err := s.GrantRectification(ctx, actor, livret, form.order, demand, form.Get("reponse"), with); err != nil || len(suspect) == 0 {
		return err
	}
	return s.decideScreening(ctx, actor, written, true)
}

func firstNames(typed string) []string {
	return strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == '\n' })
}
