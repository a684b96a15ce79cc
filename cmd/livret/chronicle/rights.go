package chronicle

import (
	"fmt"

	"livret/domain"
	"livret/domain/record"
	words "livret/projections/wording"
)

// rights words what the family asks and declares, and what is answered.
func (l *livretState) rights(event domain.Event) (what, from, to, reason string) {
	switch e := event.(type) {
	case record.LivretAcknowledged:
		return "Prise de connaissance du livret", "", fmt.Sprintf("écriture n°\u00a0%d", e.Version), ""
	case record.RectificationRequested:
		return "Demande de rectification\u00a0: " + l.subject(e.About), "", e.Demand, ""
	case record.RectificationGranted:
		return "Rectification accordée\u00a0: " + l.subject(e.About), "demandée", "accordée", e.Reason
	case record.RectificationRefused:
		about := ""
		if r := l.state.Rectification(e.Rectification); r != nil {
			about = "\u00a0: " + l.subject(r.About)
		}
		return "Rectification refusée" + about, "demandée", "refusée", e.Reason
	case record.TransmissionOpposed:
		return "Opposition à la transmission au jury", "", "opposition", ""
	case record.OppositionWithdrawn:
		return "Retrait de l’opposition à la transmission", "opposition", "", ""
	case record.ProcessingRestricted:
		return "Limitation du traitement", "", words.Ground(e.Reason), ""
	case record.RestrictionLifted:
		return "Levée de la limitation du traitement", words.Ground(l.state.Rights.Restricted), "", ""
	case record.OnlineServiceRefused:
		return "Livret en ligne", "", "refusé par la famille", ""
	case record.OnlineServiceAccepted:
		return "Livret en ligne", "refusé par la famille", "accepté", ""
	case record.PaperLivretHandedOver:
		return "Remise du livret sur papier", "", "remis le " + e.On.String(), ""
	}
	return unworded(event), "", "", ""
}

// demand is what the family had asked, and the reason of the answer, if the event is one.
func (l *livretState) demand(event domain.Event) (demand, reason string) {
	var answered *record.Rectification
	switch e := event.(type) {
	case record.RectificationGranted:
		answered, reason = l.state.Rectification(e.Rectification), e.Reason
	case record.RectificationRefused:
		answered, reason = l.state.Rectification(e.Rectification), e.Reason
	}
	if answered == nil {
		return "", ""
	}
	return answered.Demand, reason
}

// subject says what a rectification is about.
func (l *livretState) subject(about record.Subject) string {
	switch about.Kind {
	case record.SubjectAverage:
		return l.average(about.Enseignement, about.Period)
	case record.SubjectAppreciation:
		return "Appréciation, " + l.enseignement(about.Enseignement)
	case record.SubjectIdentity:
		return "état civil"
	}
	return "autre mention"
}
