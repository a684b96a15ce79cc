package record

import "livret/domain"

// LivretAcknowledged says that the pupil, or who holds parental authority over him, took note of the livret as
// it was at that version: an explicit act. Reading it is a consultation, and proves nothing else.
type LivretAcknowledged struct {
	Version uint64 `json:"version"` // see State.ContentVersion
}

// EventType is the name on disk.
func (LivretAcknowledged) EventType() string { return "record.LivretAcknowledged" }

// ContentVersion is the sequence of the last fact that changed what the livret says of the pupil, 0 if it says
// nothing yet. Locks, visas, masks and what families ask leave it alone, so who acknowledged it, or examined it,
// need not do so again for them.
func (s *State) ContentVersion() uint64 {
	var last uint64
	for i := range s.Years {
		last = max(last, s.Years[i].ChangedAt)
	}
	return last
}

// Validated tells whether the visa of the head stands on every page with an enseignement on it, and there is one.
func (s *State) Validated() bool {
	for _, l := range s.Lines {
		if !s.Year(l.Enseignement.Year).VisaStands() {
			return false
		}
	}
	return len(s.Lines) > 0
}

// Acknowledged tells whether somebody of the family took note of the livret as it is now.
func (s *State) Acknowledged() bool {
	return s.Rights.Acknowledged != 0 && s.Rights.Acknowledged == s.ContentVersion()
}

// AcknowledgeLivret takes note of the livret as it is at a version, after the head validated it and before a
// jury consults it (arrêté of 13 October 2014, art. 1). One act, of the pupil or of a guardian, is enough.
type AcknowledgeLivret struct {
	Version  uint64 // that was shown
	Examined bool   // a jury has examined the livret
}

// Decide grants it on the very version that stands: whatever changes afterwards is to be acknowledged again.
func (c AcknowledgeLivret) Decide(s *State) ([]domain.Event, error) {
	if s.Acknowledged() && c.Version == s.Rights.Acknowledged {
		return nil, nil
	}
	if err := checkOpen(s); err != nil {
		return nil, err
	}
	switch {
	case c.Version != s.ContentVersion():
		return nil, domain.Refuse("livret-modifie", "Le livret a changé depuis que vous l’avez lu.", "Relisez-le, puis prenez-en connaissance.")
	case !s.Validated():
		return nil, domain.Refuse("livret-non-vise", "Le chef d’établissement n’a pas encore visé toutes les pages du livret.",
			"Attendez son visa : vous prendrez connaissance du livret tel qu’il sera transmis.")
	case c.Examined:
		return nil, domain.Refuse("jury-deja-reuni", "Le jury a déjà examiné ce livret : il n’est plus temps d’en prendre connaissance.",
			"Vous pouvez toujours le consulter, et demander une rectification.")
	}
	return one(LivretAcknowledged{Version: c.Version})
}
