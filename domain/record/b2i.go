package record

import "livret/domain"

// AttestB2i says that the brevet informatique et internet lycée was delivered.
type AttestB2i struct{}

// Decide grants it once.
func (AttestB2i) Decide(s *State) ([]domain.Event, error) {
	if s.B2i {
		return nil, nil
	}
	if err := checkCycleWritable(s); err != nil {
		return nil, err
	}
	return one(B2iAttested{})
}
