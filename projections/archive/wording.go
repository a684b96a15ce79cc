package archive

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/projections/wording"
)

// What names a stream in French, by what it is.
func What(stream eventstore.StreamID) string {
	switch stream.Category() {
	case record.Category:
		return "Le livret scolaire"
	case identity.Category:
		return "L’état civil de l’élève"
	case deliberation.Category:
		return "Le candidat devant le jury"
	case deliberation.JuryCategory:
		return "Le jury"
	case deliberation.SessionCategory:
		return "La session d’examen"
	case retention.Category:
		return "La conservation du livret et le sort de ses clés"
	case retention.LotCategory:
		return "Le certificat de destruction"
	case consultation.RequestCategory:
		return "La demande de cette archive"
	}
	return stream.Category()
}

// Title names an examination.
func (e *Examination) Title() string {
	return fmt.Sprintf("Délibération n° %d, %s", e.Deliberation, e.Group.Label())
}

// words is an entry in French. One that was not opened says its act only, which its type names.
func (e Entry) words() Words {
	switch {
	case e.Words != nil:
		return *e.Words
	case e.Fact == nil:
		return Words{What: withheld(e.Header.Type) + ", contenu non produit"}
	}
	return tell(e.Fact.Event)
}

// withheld names an act of which the content is not in the archive, from its type, which stays in clear for ever.
func withheld(eventType string) string {
	switch eventType {
	case identity.INERecorded{}.EventType():
		return "Identifiant national enregistré"
	case identity.SiecleIDRecorded{}.EventType():
		return "Identifiant d’établissement enregistré"
	case identity.GuardianRecorded{}.EventType(), identity.GuardianRemoved{}.EventType():
		return "Responsable légal enregistré ou retiré"
	case identity.SchoolAttended{}.EventType():
		return "Établissement fréquenté enregistré"
	}
	return "Acte «\u00a0" + eventType + "\u00a0»"
}

// tell words the facts that nobody else has words for: whose livret it is, and what is in clear for ever.
func tell(event domain.Event) Words {
	switch e := event.(type) {
	case identity.CivilIdentityRecorded:
		return Words{What: "État civil enregistré", To: e.DisplayName()}
	case deliberation.SessionOpened:
		return Words{What: "Session ouverte", To: fmt.Sprintf("%d-%s", e.Session, e.Round)}
	case deliberation.DeliberationsClosed:
		return Words{What: "Délibérations closes", To: "le " + wording.Date(e.Closed)}
	case deliberation.SessionProclaimed:
		return Words{What: "Résultats proclamés", To: "le " + wording.Date(e.Proclaimed)}
	case deliberation.JuryFormed:
		return Words{What: "Jury constitué", To: "n° " + e.Number}
	case deliberation.JurorNamed:
		return Words{What: "Membre du jury nommé", To: e.Office.Label() + ", " + person(e.Staff)}
	case deliberation.JurorWithdrawn:
		return Words{What: "Membre du jury retiré", To: person(e.Staff)}
	case deliberation.SittingHeld:
		return Words{What: "Séance du jury", To: fmt.Sprintf("le %s, %d présents", wording.Date(e.Held), len(e.Present))}
	case retention.KeyCreated:
		return Words{What: "Clé de scellement créée", To: "classe " + e.Class}
	case retention.ClockStarted:
		return Words{What: "Durée de conservation ouverte", To: fmt.Sprintf("%s, de la proclamation du %s", e.Rule, wording.Date(e.Proclaimed))}
	case retention.ClockPresumed:
		return Words{What: "Durée de conservation ouverte sans proclamation connue", To: fmt.Sprintf("%s, du %s", e.Rule, wording.Date(e.From))}
	case retention.TermSet:
		return Words{What: "Échéance fixée", To: "le " + wording.Date(e.Term)}
	case retention.JuryNoted:
		return Words{What: "Passage devant un jury noté"}
	case retention.KeysArchived:
		return Words{What: "Archivage intermédiaire", To: "clés confiées à la paire de garde " + e.Pair}
	case retention.HoldPlaced:
		return Words{What: "Conservation prolongée par une procédure"}
	case retention.HoldReleased:
		return Words{What: "Fin d’une conservation prolongée"}
	case retention.EliminationVisaGiven:
		return Words{What: "Visa d’élimination", To: e.Reference}
	case retention.VersementDecided:
		return Words{What: "Versement aux archives décidé", To: e.Reference}
	case retention.VersementAcknowledged:
		return Words{What: "Versement accusé par les archives"}
	case retention.DestructionRequested:
		return Words{What: "Destruction demandée", To: "visa " + e.Visa}
	case retention.DestructionCancelled:
		return Words{What: "Destruction annulée par une procédure"}
	case retention.DestructionBegun:
		return Words{What: "Destruction engagée"}
	case retention.KeysDestroyed:
		return Words{What: "Contenu régulièrement détruit", To: fmt.Sprintf("%d clés, %d faits, visa %s", len(e.Keys), e.Events, e.Visa)}
	case retention.CertificateIssued:
		return Words{What: "Certificat de destruction", To: fmt.Sprintf("du %s, %d livrets, visas %s", wording.Date(e.Dated), e.Livrets, strings.Join(e.Visas, ", "))}
	case consultation.ArchiveRequested:
		return Words{What: "Archive probatoire demandée", To: e.Case, Reason: e.Motive}
	}
	return Words{What: event.EventType()}
}

// person names a member of staff by the ledger's random id: civil names are not in scope.
func person(staff uuid.UUID) string { return "personne " + staff.String()[:8] }

// moment is an instant as a court reads it: the hour of Paris.
func moment(paris *time.Location) func(time.Time) string {
	return func(t time.Time) string { return t.In(paris).Format("02/01/2006 à 15:04:05") }
}
