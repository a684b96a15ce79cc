package record

import "livret/domain"

// TransmissionOpposed says that the pupil, or the guardian of a minor, opposes the transmission of the livret to
// the jury (CNIL, délibération 2015-337). The averages still count as marks of the exam: this removes the livret
// from the jury's table, and nothing else.
type TransmissionOpposed struct{}

// OppositionWithdrawn says that the livret may be transmitted after all.
type OppositionWithdrawn struct{}

// EventType is the name on disk.
func (TransmissionOpposed) EventType() string { return "record.TransmissionOpposed" }

// EventType is the name on disk.
func (OppositionWithdrawn) EventType() string { return "record.OppositionWithdrawn" }

// Opposed tells whether an opposition to the transmission stands.
func (s *State) Opposed() bool { return s.Rights.Opposed }

// OpposeTransmission keeps the livret from the jury.
type OpposeTransmission struct {
	Transmitted bool // the livret has left for a jury
	Closed      bool // the deliberations of the session are closed
}

// Decide grants it until the livret is transmitted, or no jury can receive it any more.
func (c OpposeTransmission) Decide(s *State) ([]domain.Event, error) {
	if s.Opposed() {
		return nil, nil
	}
	if err := checkOpened(s); err != nil {
		return nil, err
	}
	if c.Transmitted {
		return nil, domain.Refuse("livret-transmis", "Le livret a déjà été transmis au jury : il est trop tard pour s’y opposer.",
			"Si une mention est inexacte, demandez-en la rectification : le jury en sera averti.")
	}
	if c.Closed {
		return nil, domain.Refuse("deliberations-closes", "Les délibérations sont closes\u00a0: le livret n’a pas été transmis, et ne le sera plus.", "")
	}
	return one(TransmissionOpposed{})
}

// WithdrawOpposition lets the livret be transmitted after all.
type WithdrawOpposition struct {
	Closed bool // the deliberations of the session are closed
}

// Decide grants it as long as a jury may still be handed the livret.
func (c WithdrawOpposition) Decide(s *State) ([]domain.Event, error) {
	if !s.Opposed() {
		return nil, nil
	}
	if c.Closed {
		return nil, domain.Refuse("deliberations-closes", "Les délibérations sont closes : le jury ne recevra plus le livret.", "")
	}
	return one(OppositionWithdrawn{})
}
