package web

import (
	"net/http"

	"livret/cmd/livret/instance"
	"livret/domain/record"
)

// requestsPage is what the families of a school ask and declare, for its head.
type requestsPage struct {
	Pending        []pendingDemand
	Declared       []instance.Request // an opposition, a refusal of the service or a restriction stands
	Unread         []instance.Request
	Unacknowledged []instance.Request
}

// pendingDemand is a demand that waits for the head.
type pendingDemand struct {
	instance.Request
	Demand record.Rectification
}

func (s *Site) requests(r *http.Request) (view, error) {
	v := view{Template: "demandes", Title: "Demandes des familles", Crumbs: []link{{"Accueil", "/"}, {"Demandes", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	all, err := s.Requests(r.Context(), actor, actor.UAI)
	var page requestsPage
	for _, q := range all {
		for _, d := range q.Rectifications {
			if d.Status == record.RectificationPending {
				page.Pending = append(page.Pending, pendingDemand{q, d})
			}
		}
		if q.Opposed || q.OnlineRefused || q.Restricted != "" {
			page.Declared = append(page.Declared, q)
		}
		if q.Unread {
			page.Unread = append(page.Unread, q)
		}
		if q.Unacknowledged {
			page.Unacknowledged = append(page.Unacknowledged, q)
		}
	}
	v.Data = page
	return v, err
}

func (s *Site) paper(r *http.Request) (view, error) {
	v := view{Template: "papier", Title: "Livrets papier à remettre", Crumbs: []link{{"Accueil", "/"}, {"Livrets papier", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	v.Data, err = s.PaperDue(r.Context(), actor, actor.UAI)
	return v, err
}
