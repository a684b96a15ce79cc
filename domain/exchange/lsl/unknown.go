package lsl

import (
	"fmt"

	"livret/domain/exchange"
	"livret/domain/nomenclature"
)

// Unknown warns of the matières and compétences of a pupil that no list of the nomenclature holds. They are
// kept as they came; whether his formation expects those that are known is for Programme.Match.
func (p Pupil) Unknown(n nomenclature.Nomenclature) (all []exchange.Finding) {
	for _, y := range p.Years {
		for _, e := range y.Evaluations {
			finding := exchange.Finding{Line: e.Line, Where: fmt.Sprintf("%s, matière %s (%s)", y.Year.Label(), e.Matiere, e.Modalite)}
			if _, ok := n.MatiereLabel(e.Matiere); !ok && e.Matiere != "000000" { // of which Read warns
				finding.Rule, finding.Reason = "matiere-inconnue", "Le code de cette matière n’est dans aucune nomenclature du livret."
				finding.Remedy = "Rattachez le service à une matière de la nomenclature nationale, ou chargez la nomenclature qui la contient."
				all = append(all, finding)
			}
			for _, c := range e.Competences {
				if _, ok := n.CompetenceLabel(y.Year, c.Code); !ok {
					finding.Rule, finding.Reason = "competence-inconnue", fmt.Sprintf("Le code %s n’est celui d’aucune compétence connue.", c.Code)
					finding.Remedy = "Corrigez le code dans le logiciel de notes, ou chargez la nomenclature qui le contient."
					all = append(all, finding)
				}
			}
		}
	}
	return all
}
