package record

import (
	"math"

	"livret/domain"
	"livret/domain/eventjson"
)

func readSubject(s *eventjson.Scanner) (a Subject) {
	s.Skip(`{"kind":`)
	a.Kind = SubjectKind(s.Text())
	if s.May(`,"enseignement":`) {
		s.Skip(`{"year":`)
		a.Enseignement = readEnseignementFields(s)
	}
	if s.May(`,"period":`) {
		a.Period = s.Uint8()
	}
	s.Skip(`}`)
	return a
}

// ReadEvent implements domain.FastReader.
func (e *LivretAcknowledged) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"version":`)
	e.Version = s.Uint(math.MaxUint64)
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *RectificationRequested) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"rectification":`)
	e.Rectification = s.UUID()
	s.Skip(`,"about":`)
	e.About = readSubject(&s)
	s.Skip(`,"demand":`)
	e.Demand = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *RectificationGranted) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"rectification":`)
	e.Rectification = s.UUID()
	s.Skip(`,"about":`)
	e.About = readSubject(&s)
	s.Skip(`,"reason":`)
	e.Reason = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *RectificationRefused) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"rectification":`)
	e.Rectification = s.UUID()
	s.Skip(`,"reason":`)
	e.Reason = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// readNothing reads an event that says all by its name.
func readNothing[E any](data []byte, e *E) error {
	s := eventjson.Scan(data)
	s.Skip(`{}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *TransmissionOpposed) ReadEvent(data []byte) error { return readNothing(data, e) }

// ReadEvent implements domain.FastReader.
func (e *OppositionWithdrawn) ReadEvent(data []byte) error { return readNothing(data, e) }

// ReadEvent implements domain.FastReader.
func (e *ProcessingRestricted) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"reason":`)
	e.Reason = RestrictionGround(s.Text())
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *RestrictionLifted) ReadEvent(data []byte) error { return readNothing(data, e) }

// ReadEvent implements domain.FastReader.
func (e *OnlineServiceRefused) ReadEvent(data []byte) error { return readNothing(data, e) }

// ReadEvent implements domain.FastReader.
func (e *OnlineServiceAccepted) ReadEvent(data []byte) error { return readNothing(data, e) }

// ReadEvent implements domain.FastReader.
func (e *PaperLivretHandedOver) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"on":`)
	var err error
	if e.On, err = domain.ParseDate(s.Text()); err != nil {
		s.Lose()
	}
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}
