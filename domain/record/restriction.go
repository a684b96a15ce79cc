package record

import "livret/domain"

// RestrictionGround is why processing is restricted (RGPD, art. 18, 1).
type RestrictionGround string

// The four grounds, in the order of the article.
const (
	AccuracyContested  RestrictionGround = "exactitude-contestee" // a: while the head verifies
	UnlawfulProcessing RestrictionGround = "traitement-illicite"  // b: the person prefers it to erasure
	LegalClaims        RestrictionGround = "droits-en-justice"    // c: the person needs the data
	ObjectionExamined  RestrictionGround = "opposition-examinee"  // d: while it is examined
)

// ProcessingRestricted puts the livret in quarantine: neither read nor changed by anyone, but for the decision
// of the head or of the exams division.
type ProcessingRestricted struct {
	Reason RestrictionGround `json:"reason"`
}

// RestrictionLifted ends the quarantine.
type RestrictionLifted struct{}

// EventType is the name on disk.
func (ProcessingRestricted) EventType() string { return "record.ProcessingRestricted" }

// EventType is the name on disk.
func (RestrictionLifted) EventType() string { return "record.RestrictionLifted" }

// Restricted tells whether the livret is in quarantine.
func (s *State) Restricted() bool { return s.Rights.Restricted != "" }

// RestrictProcessing puts the livret in quarantine.
type RestrictProcessing struct {
	Reason RestrictionGround
}

// Decide grants it once: another ground needs the first one lifted.
func (c RestrictProcessing) Decide(s *State) ([]domain.Event, error) {
	if s.Restricted() && s.Rights.Restricted == c.Reason {
		return nil, nil
	}
	if err := checkOpen(s); err != nil {
		return nil, err
	}
	switch c.Reason {
	case AccuracyContested, UnlawfulProcessing, LegalClaims, ObjectionExamined:
		return one(ProcessingRestricted(c))
	}
	return nil, domain.Refuse("motif-de-limitation-inconnu", "Ce motif n’est pas de ceux de l’article 18 du RGPD.", "Choisissez l’un des quatre motifs.")
}

// LiftRestriction ends the quarantine.
type LiftRestriction struct{}

// Decide grants it where there is one.
func (LiftRestriction) Decide(s *State) ([]domain.Event, error) {
	if !s.Restricted() {
		return nil, nil
	}
	return one(RestrictionLifted{})
}
