package record

import "livret/domain"

// Rights is what the pupil and his family declared and asked about the livret, and what was answered, as it
// stands. None of it changes what the livret says, and no jury is ever shown it.
type Rights struct {
	Acknowledged    uint64            `json:",omitempty"` // version last taken note of; see State.Acknowledged
	Rectifications  []Rectification   `json:",omitempty"` // oldest demand first
	Opposed         bool              `json:",omitempty"` // to the transmission
	Restricted      RestrictionGround `json:",omitempty"` // empty: no quarantine
	OnlineRefused   bool              `json:",omitempty"`
	PaperHandedOver domain.Date       `json:",omitzero"`
}

// evolveRights adds a fact about rights to a livret, in place.
func evolveRights(s *State, f domain.Fact) {
	r := &s.Rights
	switch e := f.Event.(type) {
	case LivretAcknowledged:
		r.Acknowledged = e.Version
	case RectificationRequested:
		r.Rectifications = append(r.Rectifications, Rectification{RectificationRequested: e, RequestedAt: f.Sequence, Status: RectificationPending})
	case RectificationGranted:
		s.decide(e.Rectification, RectificationAllowed, e.Reason, f)
	case RectificationRefused:
		s.decide(e.Rectification, RectificationDenied, e.Reason, f)
	case TransmissionOpposed:
		r.Opposed = true
	case OppositionWithdrawn:
		r.Opposed = false
	case ProcessingRestricted:
		r.Restricted = e.Reason
	case RestrictionLifted:
		r.Restricted = ""
	case OnlineServiceRefused:
		r.OnlineRefused = true
	case OnlineServiceAccepted:
		r.OnlineRefused = false
	case PaperLivretHandedOver:
		r.PaperHandedOver = e.On
	}
}
