package web

import (
	"context"
	"fmt"
	"net/http"

	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
)

// transmissionPage is which livrets of a terminale have left for the jury, and what keeps the others.
type transmissionPage struct {
	Year     nomenclature.SchoolYear
	Division string
	Rows     []transmissionRow
	Ready    int // may be transmitted now
	Sent     int // were just now
}

type transmissionRow struct {
	Name  string
	State string // "transmis", "pret", "opposition", "restreint", "verrou", "visa"
}

func (s *Site) transmission(r *http.Request) (view, error) {
	v := view{Template: "transmission", Title: "Transmission au jury"}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	year, division, err := divisionOf(r)
	if err != nil {
		return v, err
	}
	page := transmissionPage{Year: year, Division: division}
	page.Sent, _ = number(r.URL.Query().Get("transmis"), 10_000)
	pupils, err := s.roster(r.Context(), actor, year, division)
	if err != nil {
		return v, err
	}
	for _, p := range pupils {
		if access.May(actor, access.TransmitLivret, s.target(p.book, year), s.Today()) != nil || p.State.Terminale() != year {
			continue
		}
		state, err := s.leaving(r.Context(), p.book)
		if err != nil {
			return v, err
		}
		if state == "pret" {
			page.Ready++
		}
		page.Rows = append(page.Rows, transmissionRow{p.Name, state})
	}
	if len(page.Rows) == 0 {
		if everMay(actor.Role, access.TransmitLivret) && len(pupils) > 0 {
			return v, errNoPage // a division that is not a terminale
		}
		if err := access.May(actor, access.TransmitLivret, access.Target{}, s.Today()); err != nil {
			return v, err
		}
		return v, errNoPage
	}
	v.Crumbs = []link{{"Accueil", "/"}, {"Classes", "/classes"}, {division, divisionHref(year, division)}, {"Transmission", ""}}
	v.Data = page
	return v, nil
}

// leaving tells where a livret is on its way to the jury of June.
func (s *Site) leaving(ctx context.Context, b book) (string, error) {
	session := deliberation.ExamSession{Year: b.State.Session, Round: deliberation.Juin}
	_, candidate, err := s.Ledger.Candidate(ctx, b.ID, session)
	if err != nil {
		return "", err
	}
	switch terminale := b.State.Terminale(); {
	case candidate.Transmitted != 0:
		return "transmis", nil
	case b.State.Opposed():
		return "opposition", nil
	case b.State.Restricted():
		return "restreint", nil
	case !b.State.Locked(terminale, 0):
		return "verrou", nil
	case !b.State.Year(terminale).VisaStands():
		return "visa", nil
	}
	return "pret", nil
}

// transmitClass transmits what may be of a division; the page shows what keeps the rest.
func (s *Site) transmitClass(r *http.Request) (view, error) {
	before, err := s.transmission(r)
	if err != nil {
		return view{}, err
	}
	page := before.Data.(transmissionPage)
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	b, err := s.TransmitClass(r.Context(), actor, instance.Class{
		School: actor.UAI, Session: deliberation.ExamSession{Year: page.Year + 1, Round: deliberation.Juin}, Division: page.Division,
	})
	if err != nil {
		return view{}, err
	}
	return view{Location: fmt.Sprintf("%s/transmission?transmis=%d", divisionHref(page.Year, page.Division), b.Changed)}, nil
}
