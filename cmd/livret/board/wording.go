package board

import (
	"fmt"
	"strings"

	"livret/domain/record"
	"livret/projections/wording"
)

// wholePage is the heading of what no single enseignement lacks.
const wholePage = "Page de l’année"

// items is the order in which counts are given: that in which a page is filled.
var items = [...]record.Item{
	record.ItemSchooling, record.ItemPeriods, record.ItemEnseignement, record.ItemTeachers, record.ItemAverage, record.ItemGroup,
	record.ItemCompetences, record.ItemAppreciation, record.ItemObservationTeam, record.ItemObservationCPE, record.ItemAvis,
	record.ItemText, record.ItemRectification, record.ItemHeadVisa, record.ItemLock,
}

var itemLabels = map[record.Item][2]string{
	record.ItemSchooling:       {"formation", "formations"},
	record.ItemPeriods:         {"découpage de l’année", "découpages de l’année"},
	record.ItemEnseignement:    {"enseignement sans aucune évaluation", "enseignements sans aucune évaluation"},
	record.ItemTeachers:        {"enseignement sans enseignant", "enseignements sans enseignant"},
	record.ItemAverage:         {"moyenne", "moyennes"},
	record.ItemGroup:           {"bloc de chiffres du groupe", "blocs de chiffres du groupe"},
	record.ItemCompetences:     {"enseignement aux compétences incomplètes", "enseignements aux compétences incomplètes"},
	record.ItemAppreciation:    {"appréciation", "appréciations"},
	record.ItemObservationTeam: {"avis sur l’investissement", "avis sur l’investissement"},
	record.ItemObservationCPE:  {"observation du CPE", "observations du CPE"},
	record.ItemAvis:            {"avis en vue de l’examen", "avis en vue de l’examen"},
	record.ItemText:            {"texte à relire", "textes à relire"},
	record.ItemHeadVisa:        {"visa du chef d’établissement", "visas du chef d’établissement"},
	record.ItemLock:            {"année à verrouiller", "années à verrouiller"},
	record.ItemRectification:   {"demande de rectification sans réponse", "demandes de rectification sans réponse"},
	record.ItemAcknowledgement: {"prise de connaissance par la famille", "prises de connaissance par les familles"},
	record.ItemTransmission:    {"transmission au jury", "transmissions au jury"},
}

func itemLabel(item record.Item, n int) string {
	if n < 2 {
		return itemLabels[item][0]
	}
	return itemLabels[item][1]
}

// what names a gap: « moyenne du 2e trimestre ».
func what(g record.Gap, page *record.Year) string {
	switch g.Item {
	case record.ItemSchooling:
		return "formation suivie"
	case record.ItemEnseignement:
		return "toute l’évaluation"
	case record.ItemTeachers:
		return "enseignant"
	case record.ItemAverage:
		if g.Period == 0 {
			return "moyennes"
		}
		return "moyenne du " + wording.PeriodName(g.Period, page.Periods)
	case record.ItemGroup:
		return "chiffres du groupe"
	case record.ItemCompetences:
		return "compétences"
	case record.ItemText:
		return "décision sur un texte signalé"
	case record.ItemLock:
		return "verrouillage de l’année"
	}
	return itemLabel(g.Item, 1)
}

// reason says why an item is not there, and whose turn it is.
func (m Maker) reason(g record.Gap, s *record.State) string {
	switch g.Why {
	case record.Unassigned:
		return "pas encore saisi, et aucun enseignant n’est nommé pour cet enseignement"
	case record.NoNomenclature:
		if g.Refusal != nil {
			return g.Refusal.Reason
		}
		return "sa formation n’a pas de nomenclature"
	case record.AwaitingDecision:
		if g.Item == record.ItemRectification {
			return "à accorder ou à refuser par le chef d’établissement"
		}
		return "la relecture le signale : son auteur doit le maintenir ou le récrire"
	case record.ChangedSince:
		return "la page a changé depuis le visa : à renouveler par le chef d’établissement"
	case record.StillOpen:
		return "l’année est encore ouverte à la saisie : à verrouiller par le chef d’établissement"
	case record.NoMarks:
		return "cet enseignement ne donne pas lieu à une moyenne"
	case record.PupilNotMarked:
		return "l’élève est dit « " + s.Line(g.Enseignement).Average(g.Period).Mark.String() + " »"
	case record.OtherFormation:
		return "n’est pas au programme de sa formation actuelle : ce qui est inscrit reste, rien d’autre n’est attendu"
	case record.Optional:
		return "facultative"
	case record.FamilyTurn:
		return "l’élève ou son responsable peut le faire jusqu’à l’examen par le jury ; consulter n’est pas prendre connaissance"
	case record.Opposition:
		return "l’élève ou son responsable s’y oppose ; l’opposition peut être retirée"
	}
	return m.turn(g, s)
}

// turn says who is to enter what was not entered.
func (m Maker) turn(g record.Gap, s *record.State) string {
	switch g.Item {
	case record.ItemSchooling:
		return "aucune formation n’est enregistrée pour cette année : à importer de SIECLE"
	case record.ItemPeriods:
		return "trimestres ou semestres, ce n’est pas dit : à importer du logiciel de notes"
	case record.ItemEnseignement:
		return "du tronc commun de sa formation, et le logiciel de notes n’en a rien dit : service à rattacher, puis import"
	case record.ItemTeachers:
		return "personne n’est nommé : à importer du logiciel de notes"
	case record.ItemGroup:
		return "à importer du logiciel de notes"
	case record.ItemObservationTeam:
		return "à rédiger par le professeur principal"
	case record.ItemAvis:
		return "à porter par le professeur principal ou le chef d’établissement"
	case record.ItemHeadVisa:
		return "à donner par le chef d’établissement"
	}
	left := ""
	if n := len(g.Competences); n > 0 {
		left = fmt.Sprintf("%d sans niveau, ", n)
	}
	return left + "pas encore saisi, attendu de " + m.teachers(g, s)
}

func (m Maker) teachers(g record.Gap, s *record.State) string {
	var names []string
	for _, id := range s.Line(g.Enseignement).Teachers {
		if name := m.Staff(id); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "son enseignant"
	}
	return strings.Join(names, ", ")
}
