package record

import (
	"math"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/eventjson"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// The readers below spell out each event's JSON as it is written. They are held to encoding/json by a fuzz
// test over the whole catalogue, so a field that is added and forgotten here is slow, never lost.

func readYear(s *eventjson.Scanner) nomenclature.SchoolYear {
	return nomenclature.SchoolYear(s.Uint(math.MaxInt16))
}

func readEnseignement(s *eventjson.Scanner) Enseignement {
	s.Skip(`{"enseignement":{"year":`)
	return readEnseignementFields(s)
}

// readEnseignementFields reads an enseignement from the value of its year on.
func readEnseignementFields(s *eventjson.Scanner) (e Enseignement) {
	e.Year = readYear(s)
	s.Skip(`,"matiere":`)
	e.Matiere = nomenclature.Matiere(s.Text())
	s.Skip(`,"modalite":`)
	e.Modalite = nomenclature.Modalite(s.Text())
	s.Skip(`,"rank":`)
	e.Rank = s.Uint8()
	s.Skip(`}`)
	return e
}

// ReadEvent implements domain.FastReader.
func (e *LivretOpened) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"session":`)
	e.Session = readYear(&s)
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *SchoolingRecorded) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"year":`)
	e.Year = readYear(&s)
	s.Skip(`,"uai":`)
	e.UAI = nomenclature.UAI(s.Text())
	s.Skip(`,"mef":`)
	e.MEF = nomenclature.MEF(s.Text())
	s.Skip(`,"division":`)
	e.Division = s.Text()
	if s.May(`,"repeating":`) {
		e.Repeating = s.Bool()
	}
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *TransferOrdered) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"to":`)
	e.To = nomenclature.UAI(s.Text())
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *PeriodsSet) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"year":`)
	e.Year = readYear(&s)
	s.Skip(`,"count":`)
	e.Count = s.Uint8()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *AverageRecorded) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	e.Enseignement = readEnseignement(&s)
	s.Skip(`,"period":`)
	e.Period = s.Uint8()
	s.Skip(`,"mark":`)
	e.Mark = s.Mark()
	if s.May(`,"imported":`) {
		e.Imported = s.Bool()
	}
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *AverageCorrected) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	e.Enseignement = readEnseignement(&s)
	s.Skip(`,"period":`)
	e.Period = s.Uint8()
	s.Skip(`,"mark":`)
	e.Mark = s.Mark()
	s.Skip(`,"reason":`)
	e.Reason = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *AnnualAverageRecorded) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	e.Enseignement = readEnseignement(&s)
	s.Skip(`,"mark":`)
	e.Mark = s.Mark()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *GroupFiguresRecorded) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	e.Enseignement = readEnseignement(&s)
	if s.May(`,"headcount":`) {
		e.Headcount = s.Uint16()
	}
	s.Skip(`,"mean":`)
	e.Mean = s.Mark()
	if s.May(`,"shares":{"below8":`) {
		e.Shares = new(mark.Shares)
		e.Shares.Below8 = s.Uint16()
		s.Skip(`,"from8":`)
		e.Shares.From8 = s.Uint16()
		s.Skip(`,"from12":`)
		e.Shares.From12 = s.Uint16()
		s.Skip(`}`)
	}
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *CompetenceAssessed) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	e.Enseignement = readEnseignement(&s)
	s.Skip(`,"competence":`)
	e.Competence = nomenclature.Competence(s.Text())
	s.Skip(`,"mastery":`)
	e.Mastery = nomenclature.Mastery(s.Text())
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *AppreciationWritten) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	e.Enseignement = readEnseignement(&s)
	s.Skip(`,"text":`)
	e.Text = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *TeachersNamed) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	e.Enseignement = readEnseignement(&s)
	s.Skip(`,"staff":[`)
	e.Staff = make([]uuid.UUID, 0, 2)
	for more := !s.May(`]}`); more; more = s.May(`,`) {
		e.Staff = append(e.Staff, s.UUID())
	}
	if len(e.Staff) > 0 {
		s.Skip(`]}`)
	}
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *EngagementDeclared) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"code":`)
	e.Code = Engagement(s.Text())
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *OtherEngagementDeclared) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"text":`)
	e.Text = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *ObservationWritten) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"kind":`)
	e.Kind = Observation(s.Text())
	s.Skip(`,"year":`)
	e.Year = readYear(&s)
	s.Skip(`,"text":`)
	e.Text = s.Text()
	s.Skip(`,"author":`)
	e.Author = s.UUID()
	if s.May(`,"dated":`) {
		var err error
		if e.Dated, err = domain.ParseDate(s.Text()); err != nil {
			s.Lose()
		}
	}
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *AvisIssued) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"avis":`)
	e.Avis = Avis(s.Text())
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *AvisSharesFrozen) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"serie":`)
	e.Serie = nomenclature.Serie(s.Text())
	s.Skip(`,"headcount":`)
	e.Headcount = s.Uint16()
	s.Skip(`,"t":`)
	e.T = s.Uint16()
	s.Skip(`,"f":`)
	e.F = s.Uint16()
	s.Skip(`,"a":`)
	e.A = s.Uint16()
	s.Skip(`,"d":`)
	e.D = s.Uint16()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *B2iAttested) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *PeriodLocked) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"year":`)
	e.Year = readYear(&s)
	s.Skip(`,"period":`)
	e.Period = s.Uint8()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *PeriodUnlocked) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"year":`)
	e.Year = readYear(&s)
	s.Skip(`,"period":`)
	e.Period = s.Uint8()
	s.Skip(`,"reason":`)
	e.Reason = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *HeadVisaGiven) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"year":`)
	e.Year = readYear(&s)
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *FreeTextScreened) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"text":`)
	e.Text = s.Uint(math.MaxUint64)
	s.Skip(`,"decision":`)
	e.Decision = ScreeningDecision(s.Text())
	s.Skip(`,"rule":`)
	e.Rule = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *PassagesMasked) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"text":`)
	e.Text = s.Uint(math.MaxUint64)
	if s.May(`,"spans":[`) {
		for more := true; more; more = s.May(`,`) {
			s.Skip(`[`)
			from := s.Uint16()
			s.Skip(`,`)
			to := s.Uint16()
			s.Skip(`]`)
			e.Spans = append(e.Spans, [2]uint16{from, to})
		}
		s.Skip(`]`)
	}
	s.Skip(`,"rule":`)
	e.Rule = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}
