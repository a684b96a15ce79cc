// Package access decides who may do or see what, here and nowhere else: a page that hides a button and a
// ledger that takes an order both ask May.
//
// What is allowed is a table (Policy) that a data protection officer can read: an act, a role, the relation
// that must hold between the two of them, and the text it comes from. Everything else is refused.
package access

import (
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Actor is who asks: his role and random id, and what sign-in established about him. A field that his role
// has no use for stays empty, and an empty field opens nothing.
type Actor struct {
	domain.Actor
	UAI       nomenclature.UAI        // school of staff; school in whose base SIECLE a guardian is known
	Academie  string                  // code; of DEC, statisticians, auditors
	Staff     uuid.UUID               // staff id of a teacher, as the livrets name it; of a juror, as his jury does
	Divisions []Division              // of which he is professeur principal
	Livrets   []uuid.UUID             // a pupil's own
	PersonID  uint64                  // of a guardian, SIECLE PERSONNE_ID
	Session   nomenclature.SchoolYear // calendar year of the exam session that a juror sits in
	Round     string                  // "juin" or "septembre"
}

// Division is an administrative class of one school year.
type Division struct {
	Year nomenclature.SchoolYear
	Name string
}

// Target is what is acted on or looked at. The caller fills in what it knows of it; an empty field opens
// nothing.
type Target struct {
	Livret      uuid.UUID
	UAI         nomenclature.UAI // where the pupil was in the year acted on; for a whole livret, where he is
	Academie    string           // code; of the ledger
	Division    Division
	Teachers    []uuid.UUID // staff ids named for the enseignement of this pupil, or of this group
	Birth       domain.Date // of the pupil
	Guardians   []Guardian
	Declined    bool                    // the school where the pupil is does not offer families the livret on line
	Refused     bool                    // the family does not want the livret on line
	Restricted  bool                    // its processing is: see underRestriction
	Held        bool                    // a hold keeps it beyond its term
	Deliberated bool                    // the deliberations of the exam it prepares are closed
	Session     nomenclature.SchoolYear // calendar year of the exam that the livret prepares, or of the candidate's session
	Round       string                  // of the candidate's session
	Jurors      []Juror                 // of the candidate's jury

	ActiveUntil domain.Date // on which the livret leaves active service; zero: no clock runs yet
	Term        domain.Date // on which it must be destroyed
}

// Guardian is a responsable of the pupil; Legal is 1 or 2 with parental authority, 0 for a mere contact.
type Guardian struct {
	PersonID uint64
	Legal    uint8
}

// Juror is who was named to a jury, and as what.
type Juror struct {
	Staff uuid.UUID
	Role  string
}

// May tells whether the actor may do this today, the day in Europe/Paris: nil, or a *domain.Refusal. A
// refusal says nothing that the asker has no right to know: to a stranger, a livret that is not his and one
// that does not exist are refused in the same words.
func May(actor Actor, act Act, on Target, today domain.Date) error {
	refusal := refusedByRole
	for _, line := range policy {
		if line.Act != act || line.Role != actor.Role {
			continue
		}
		why := line.Relation.refuses(actor, on, today)
		if why == "" {
			why = act.refuses(actor.Role, on)
		}
		if closed := on.closed(today); why == "" && closed != "" && !act.afterClosing(actor.Role, on, closed) {
			why = closed
		}
		switch why {
		case "":
			return nil
		case strangers:
			if refusal == refusedByRole {
				refusal = strangers
			}
		default:
			refusal = why
		}
	}
	return refusal.explain(on)
}

// Policy is the table: all that is allowed, line by line.
func Policy() []Line { return slices.Clone(policy) }

// Line allows one act to one role, where a relation holds.
type Line struct {
	Act      Act
	Role     string
	Relation Relation
	Source   string // the text or the decision it comes from, in French
}
