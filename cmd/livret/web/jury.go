package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/projections/jury"
)

// sessionOf is the exam session in which a juror sits.
func sessionOf(actor access.Actor) deliberation.ExamSession {
	return deliberation.ExamSession{Year: actor.Session, Round: actor.Round}
}

func sessionHref(session deliberation.ExamSession) string {
	return fmt.Sprintf("/jury/%d/%s", session.Year, session.Round)
}

func (s *Site) ownSession(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	if actor.Round == "" {
		return view{}, errNoPage
	}
	return view{Location: sessionHref(sessionOf(actor))}, nil
}

// session is the exam session of the address.
func session(r *http.Request) (deliberation.ExamSession, error) {
	year, err := number(r.PathValue("session"), 9999)
	session := deliberation.ExamSession{Year: nomenclature.SchoolYear(year), Round: r.PathValue("round")}
	if err != nil || session.Round != deliberation.Juin && session.Round != deliberation.Septembre {
		return session, errNoPage
	}
	return session, nil
}

// candidatesPage is the list of a session.
type candidatesPage struct {
	Session    deliberation.ExamSession
	Candidates []jury.Entry
}

func (s *Site) candidates(r *http.Request) (view, error) {
	v := view{Template: "candidats", Title: "Candidats", Crumbs: []link{{"Accueil", "/"}, {"Candidats", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	v.Data, err = s.listCandidates(r, actor)
	return v, err
}

func (s *Site) listCandidates(r *http.Request, actor access.Actor) (candidatesPage, error) {
	session, err := session(r)
	if err != nil {
		return candidatesPage{}, err
	}
	entries, err := s.ListJury(r.Context(), actor, session)
	return candidatesPage{session, entries}, err
}

// candidatePage is one dossier and its neighbours in the order of numbers.
type candidatePage struct {
	jury.Dossier
	Sanctions      []jury.Sanction
	Previous, Next string // addresses; empty at the ends
	Place, Count   int
	Presides       bool            // the reader signs, and records results
	Done           string          // what was recorded just now
	Refusal        *domain.Refusal // of what was asked
}

// Results are what the form offers for a group.
func (candidatePage) Results(g deliberation.Group) []deliberation.Result {
	all := deliberation.Results()
	if g == deliberation.Second {
		return slices.DeleteFunc(all, func(r deliberation.Result) bool { return r == deliberation.SecondGroupe })
	}
	return all
}

// Mentions are what it offers for the first.
func (candidatePage) Mentions() []deliberation.Mention { return deliberation.Mentions() }

func (s *Site) candidate(r *http.Request) (view, error) { return s.showCandidate(r, nil) }

func (s *Site) showCandidate(r *http.Request, refusal *domain.Refusal) (view, error) {
	v := view{Template: "candidat", Title: "Candidat"}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	session, err := session(r)
	if err != nil {
		return v, err
	}
	dossier, err := s.ShowJury(r.Context(), actor, session, r.PathValue("number"))
	if err != nil {
		return v, err
	}
	sanctions, err := s.JurySanctions(r.Context(), actor, session, r.PathValue("number"))
	if err != nil {
		return v, err
	}
	entries, err := s.ListJury(r.Context(), actor, session)
	if err != nil {
		return v, err
	}
	page := candidatePage{
		Dossier: dossier, Sanctions: sanctions, Count: len(entries),
		Presides: everMay(actor.Role, access.GivePresidentVisa), Done: signed[r.URL.Query().Get("fait")], Refusal: refusal,
	}
	list := sessionHref(session)
	i, found := slices.BinarySearchFunc(entries, dossier.Number, func(e jury.Entry, number string) int {
		return strings.Compare(e.Number, number)
	})
	if found {
		page.Place = i + 1
		if i > 0 {
			page.Previous = list + "/" + entries[i-1].Number
		}
		if i+1 < len(entries) {
			page.Next = list + "/" + entries[i+1].Number
		}
	}
	v.Title = "Candidat " + dossier.Number
	v.Crumbs = []link{{"Accueil", "/"}, {"Candidats", list}, {"N° " + dossier.Number, ""}}
	v.Data = page
	return v.refused(refusal), nil
}
