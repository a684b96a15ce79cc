package web

import (
	"net/http"
	"strings"

	"livret/cmd/livret/instance"
	"livret/domain/retention"
)

// conservationPage is what comes due, what is held, what lacks a visa, and what was destroyed. It names nobody.
type conservationPage struct {
	instance.Docket
	Holds        []instance.Hold
	Files        bool // the reader may know who asked for the holds
	Certificates []instance.Certificate
}

func (s *Site) conservation(r *http.Request) (view, error) {
	v := view{Template: "conservation", Title: "Conservation", Crumbs: []link{{"Accueil", "/"}, {"Conservation", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	var page conservationPage
	if page.Docket, err = s.Due(r.Context(), actor, s.Today()); err != nil {
		return v, err
	}
	if page.Holds, err = s.Instance.Holds(r.Context(), actor); err != nil {
		return v, err
	}
	for _, hold := range page.Holds {
		page.Files = page.Files || hold.File != nil
	}
	page.Certificates, err = s.Certificates(r.Context(), actor)
	v.Data = page
	return v, err
}

// kept names what a rule of conservation ends.
func kept(kind retention.Rule) string {
	switch kind {
	case retention.Sanction:
		return "Sanctions de la commission"
	case retention.SchoolSanction:
		return "Sanctions d’établissement"
	case retention.HoldFile:
		return "Dossiers de gel"
	case retention.RequestFile:
		return "Demandes d’archive probatoire"
	}
	return "Livrets"
}

// stage says where something stands on its way to its end, and how urgent that is: a class of tag.
type stage struct{ Label, Tag string }

func stageOf(s retention.Standing) stage {
	switch s {
	case retention.NoClock:
		return stage{"échéance non fixée", ""}
	case retention.Current:
		return stage{"service courant", "ok"}
	case retention.Leaving:
		return stage{"fermé ; à placer en archivage intermédiaire", "warn"}
	case retention.Archived:
		return stage{"archivage intermédiaire", "ok"}
	case retention.OnHold:
		return stage{"échéance atteinte ; gelé par une procédure", "warn"}
	case retention.AwaitsVersement:
		return stage{"échéance atteinte ; versement non accusé", "stop"}
	case retention.VisaMissing:
		return stage{"échéance atteinte ; visa manquant : fermé, non détruit", "stop"}
	case retention.Ready:
		return stage{"à détruire", "warn"}
	case retention.Requested, retention.Begun:
		return stage{"destruction en cours, à terminer", "stop"}
	}
	return stage{"détruit", ""}
}

// stageOfHold says where a hold stands.
func stageOfHold(s instance.HoldStanding) stage {
	switch s {
	case instance.HoldIncomplete:
		return stage{"incomplet", "stop"}
	case instance.HoldLifting:
		return stage{"levée incomplète", "stop"}
	case instance.HoldOver:
		return stage{"levé", ""}
	}
	return stage{"posé", "ok"}
}

// originOf names what a hold comes from.
func originOf(o retention.Origin) string {
	switch o {
	case retention.RecoursAdministratif:
		return "Recours administratif"
	case retention.RecoursContentieux:
		return "Recours contentieux"
	}
	return "Demande de l’élève"
}

// sessionName is « juin 2018 », of the session "2018-juin".
func sessionName(session string) string {
	year, round, _ := strings.Cut(session, "-")
	return round + "\u00a0" + year
}
