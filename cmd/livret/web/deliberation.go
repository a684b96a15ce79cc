package web

import (
	"fmt"
	"net/http"
	"strings"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
)

// signed says what was recorded, by the name of the form's act.
var signed = map[string]string{
	"examiner": "L’examen du livret est enregistré.",
	"viser":    "Votre visa est enregistré.",
	"resultat": "Le résultat est enregistré.",
}

// deliberate does what a form of the dossier asks: acte says what, groupe for which group of tests, vu is the imprint
// of the dossier that the form came with. Refused, the page comes back with the reason.
func (s *Site) deliberate(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	form, err := sentForm(r)
	if err != nil {
		return view{}, err
	}
	session, err := session(r)
	if err != nil {
		return view{}, err
	}
	number, group := r.PathValue("number"), deliberation.Group(form.Get("groupe"))
	act := form.Get("acte")
	switch act {
	case "examiner":
		_, err = s.Examine(r.Context(), actor, session, number, group, form.Get("vu"))
	case "viser":
		if form.Get("confirmer") == "" {
			err = domain.Refuse("visa-non-confirme", "Le visa n’a pas été confirmé.", "Cochez la case, puis apposez le visa.")
		} else {
			_, err = s.GivePresidentVisa(r.Context(), actor, session, number, group, form.Get("vu"))
		}
	case "resultat":
		_, err = s.RecordResult(r.Context(), actor, session, number, group, deliberation.Result(form.Get("resultat")), deliberation.Mention(form.Get("mention")))
	default:
		return view{}, errForm
	}
	if refusal, refused := asRefusal(err); refused && !strings.HasPrefix(refusal.Rule, "acces-") {
		return s.showCandidate(r, refusal)
	}
	if err != nil {
		return view{}, err
	}
	return view{Location: sessionHref(session) + "/" + number + "?fait=" + act}, nil
}

// sessionPage is how far a session is, for the exams division.
type sessionPage struct {
	Session deliberation.ExamSession
	instance.SessionStatus
	More int // candidates of whom something is missing, and who are not listed
}

// maxWaiting is how many candidates the page of a session lists.
const maxWaiting = 200

func (s *Site) examSession(r *http.Request) (view, error) {
	v := view{Template: "session", Title: "Session d’examen", Crumbs: []link{{"Accueil", "/"}, {"Session d’examen", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	session, err := session(r)
	if err != nil {
		return v, err
	}
	status, err := s.SessionStatus(r.Context(), actor, session)
	if err != nil {
		return v, err
	}
	page := sessionPage{Session: session, SessionStatus: status, More: max(0, len(status.Waiting)-maxWaiting)}
	page.Waiting = page.Waiting[:len(page.Waiting)-page.More]
	v.Data = page
	return v, nil
}

// thisSession goes to the June session of the year.
func (s *Site) thisSession(r *http.Request) (view, error) {
	if _, err := s.actor(r); err != nil {
		return view{}, err
	}
	now := deliberation.ExamSession{Year: nomenclature.SchoolYear(s.Ledger.Now().Year()), Round: deliberation.Juin}
	return view{Location: examHref(now)}, nil
}

func examHref(session deliberation.ExamSession) string {
	return fmt.Sprintf("/sessions/%d/%s", session.Year, session.Round)
}
