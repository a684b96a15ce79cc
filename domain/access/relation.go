package access

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Relation is what must hold between an actor and a target.
type Relation uint8

// The relations. Those of pupil and guardian include what time does to them, and that their school offers the
// service.
const (
	OwnTeaching    Relation = iota + 1 // he is a teacher named for the enseignement, in his school
	OwnDivision                        // he is professeur principal of the division, in his school
	OwnSchool                          // the pupil is in his school
	OwnLivret                          // he is the pupil, and the end of première has come
	OwnLivretOfAge                     // the same, and he is of age: who is not leaves it to his guardians
	OwnMinor                           // he holds parental authority over a pupil still minor, and the end of première has come
	OwnJury                            // he was named to the candidate's jury, in his role
	OwnSession                         // he sits in the candidate's session
	OwnAcademie                        // the ledger is that of his académie
	WholeLedger                        // no relation is needed
)

// String is the relation in French, for documents.
func (r Relation) String() string {
	switch r {
	case OwnTeaching:
		return "les élèves et les enseignements qui lui sont confiés, dans son établissement"
	case OwnDivision:
		return "la division dont il est professeur principal"
	case OwnSchool:
		return "les élèves de son établissement"
	case OwnLivret:
		return "son propre livret, dès la fin de la première"
	case OwnLivretOfAge:
		return "son propre livret, s’il est majeur, dès la fin de la première"
	case OwnMinor:
		return "le livret de l’élève mineur sur lequel il exerce l’autorité parentale, dès la fin de la première"
	case OwnJury:
		return "les candidats de son jury"
	case OwnSession:
		return "les candidats de la session où il siège"
	case OwnAcademie:
		return "le registre de son académie"
	case WholeLedger:
		return "tout le registre"
	}
	return "aucune"
}

// majority is the age at which guardians stop having access (Code civil, art. 414).
const majority = 18

// OpenToFamilyFrom is the day from which a pupil and his guardians may consult a livret that prepares the
// exam of the given calendar year. The arrêté of 13 October 2014, art. 1, says "à l'issue de la classe de
// première" and gives no date. Ours, by decision of this project, is 1 June of the year before the exam: the
// councils that close the première sit in June, and nobody has to remember to open each school.
func OpenToFamilyFrom(session nomenclature.SchoolYear) domain.Date {
	return domain.NewDate(int(session)-1, time.June, 1)
}

// reason is why a relation does not hold, by the name of the refusing rule.
type reason string

const (
	refusedByRole reason = "acces-fonction"
	strangers     reason = "acces-perimetre" // also said of what does not exist
	notOffered    reason = "teleservice-non-propose"
	tooEarly      reason = "acces-avant-fin-de-premiere"
	ofAge         reason = "acces-eleve-majeur"
	underAge      reason = "acces-eleve-mineur"
	unknownAge    reason = "acces-naissance-inconnue"
	refusedOnline reason = "teleservice-refuse"
	restricted    reason = "acces-traitement-limite"
	notClosed     reason = "acces-avant-cloture"
)

// refuses is empty if the relation holds. What is peculiar to a livret (his age, its date, its school) is only ever
// answered to its pupil or to who holds parental authority over him.
func (r Relation) refuses(a Actor, on Target, today domain.Date) reason {
	sameSchool := a.UAI != "" && a.UAI == on.UAI
	holds := false
	switch r {
	case OwnTeaching:
		holds = sameSchool && a.Staff != uuid.Nil && slices.Contains(on.Teachers, a.Staff)
	case OwnDivision:
		holds = sameSchool && on.Division.Name != "" && slices.Contains(a.Divisions, on.Division)
	case OwnSchool:
		holds = sameSchool
	case OwnLivret:
		holds = on.Livret != uuid.Nil && slices.Contains(a.Livrets, on.Livret)
		if holds {
			return openToFamily(on, today)
		}
	case OwnLivretOfAge:
		holds = on.Livret != uuid.Nil && slices.Contains(a.Livrets, on.Livret)
		switch {
		case !holds:
		case on.Birth.IsZero():
			return unknownAge
		case !on.adult(today):
			return underAge
		default:
			return openToFamily(on, today)
		}
	case OwnMinor:
		holds = sameSchool && hasAuthority(a, on)
		switch {
		case !holds:
		case on.Birth.IsZero():
			return unknownAge
		case on.adult(today):
			return ofAge
		default:
			return openToFamily(on, today)
		}
	case OwnJury:
		// Whether a juror teaches in the candidate's school is settled by who distributes the dossiers:
		// refusing one here would tell him where it comes from.
		holds = a.Staff != uuid.Nil && slices.Contains(on.Jurors, Juror{a.Staff, a.Role})
	case OwnSession:
		holds = a.Session != 0 && a.Session == on.Session && a.Round != "" && a.Round == on.Round
	case OwnAcademie:
		holds = a.Academie != "" && a.Academie == on.Academie
	case WholeLedger:
		holds = true
	}
	if holds {
		return ""
	}
	return strangers
}

// adult tells whether the pupil, whose birth is known, is of age.
func (t Target) adult(today domain.Date) bool { return !today.Before(t.Birth.Anniversary(majority)) }

// openToFamily is empty if the family may read its livret on line today.
func openToFamily(on Target, today domain.Date) reason {
	switch {
	case on.Declined:
		return notOffered
	case on.Refused:
		return refusedOnline
	case on.Session == 0 || today.Before(OpenToFamilyFrom(on.Session)):
		return tooEarly
	}
	return ""
}

// hasAuthority tells whether the actor is a guardian with parental authority. Numbers of persons are unique
// within the base of one school only: the caller compares schools as well.
func hasAuthority(a Actor, on Target) bool {
	return a.PersonID != 0 && slices.ContainsFunc(on.Guardians, func(g Guardian) bool {
		return g.PersonID == a.PersonID && (g.Legal == 1 || g.Legal == 2)
	})
}

func (why reason) explain(on Target) error {
	switch why {
	case RuleArchived:
		return domain.Refuse(string(why), "Ce livret a quitté le service courant deux mois après la proclamation des résultats : il est en archivage intermédiaire, où plus personne du service courant ne le lit ni n’y écrit.",
			"Pour une procédure en cours, adressez-vous à la division des examens et concours de l’académie.")
	case RuleClosed:
		return domain.Refuse(string(why), "La durée de conservation de ce livret est écoulée : plus personne ne peut le lire.",
			"Un certificat atteste sa destruction dès qu’elle a lieu, ce qu’un visa doit autoriser.")
	case refusedByRole:
		return domain.Refuse(string(why), "Votre fonction ne permet pas cette action.",
			"Si elle vous paraît nécessaire, adressez-vous au chef d’établissement.")
	case notOffered:
		return domain.Refuse(string(why), "L’établissement ne propose pas aux familles la consultation du livret en ligne.",
			"Demandez à l’établissement le livret sur papier.")
	case tooEarly:
		when := "la fin de l’année de première"
		if on.Session != 0 {
			when = fmt.Sprintf("le 1er juin %d", on.Session-1)
		}
		return domain.Refuse(string(why), "Le livret se consulte à partir de la fin de la classe de première.",
			"Revenez à partir de "+when+".")
	case ofAge:
		return domain.Refuse(string(why), "L’élève est majeur : l’accès de ses responsables légaux a pris fin le jour de ses dix-huit ans.",
			"L’élève consulte lui-même son livret et peut vous en remettre une copie.")
	case underAge:
		return domain.Refuse(string(why), "L’élève est mineur : cette décision appartient à ses responsables légaux.",
			"Parlez-en avec eux ; elle vous reviendra le jour de vos dix-huit ans.")
	case refusedOnline:
		return domain.Refuse(string(why), "La famille a refusé la consultation du livret en ligne.",
			"Acceptez de nouveau le service en ligne, ou demandez à l’établissement le livret sur papier.")
	case restricted:
		return domain.Refuse(string(why), "Le traitement de ce livret est limité, le temps d’une vérification : il ne peut être ni lu ni modifié.",
			"Le chef d’établissement vous dira pourquoi, et vous préviendra avant de lever la limitation.")
	case notClosed:
		return domain.Refuse(string(why), "Le livret se télécharge et s’imprime à la clôture des délibérations du jury.",
			"Jusque-là, il se consulte en ligne.")
	case unknownAge:
		return domain.Refuse(string(why), "La date de naissance de l’élève n’est pas enregistrée : sa minorité ne peut être établie.",
			"Demandez au chef d’établissement de la faire compléter.")
	}
	return domain.Refuse(string(strangers), "Ce dossier n’est pas de ceux qui vous sont ouverts.",
		"Si vous pensez qu’il devrait l’être, adressez-vous au chef d’établissement.")
}
