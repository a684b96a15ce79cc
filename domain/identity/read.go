package identity

import (
	"math"

	"livret/domain/eventjson"
	"livret/domain/nomenclature"
)

// The readers below spell out the JSON of the events of which a pupil has several, as it is written. They are
// held to encoding/json by a fuzz test.

func readOptional(s *eventjson.Scanner, name string) string {
	if s.May(name) {
		return s.Text()
	}
	return ""
}

// ReadEvent implements domain.FastReader.
func (e *CivilIdentityRecorded) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"familyName":`)
	e.FamilyName = s.Text()
	e.UsageName = readOptional(&s, `,"usageName":`)
	s.Skip(`,"firstNames":[`)
	e.FirstNames = make([]string, 0, 3)
	for more := !s.May(`]`); more; more = s.May(`,`) {
		e.FirstNames = append(e.FirstNames, s.Text())
	}
	if len(e.FirstNames) > 0 {
		s.Skip(`]`)
	}
	s.Skip(`,"birthDate":`)
	e.BirthDate = s.Text()
	e.BirthPlace = readOptional(&s, `,"birthPlace":`)
	e.Sex = readOptional(&s, `,"sex":`)
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *INERecorded) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"ine":`)
	e.INE = s.Text()
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *SiecleIDRecorded) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"uai":`)
	e.UAI = nomenclature.UAI(s.Text())
	s.Skip(`,"siecleId":`)
	e.SiecleID = s.Uint(math.MaxUint64)
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *GuardianRecorded) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"personId":`)
	e.PersonID = s.Uint(math.MaxUint64)
	e.Civility = readOptional(&s, `,"civility":`)
	s.Skip(`,"name":`)
	e.Name = s.Text()
	e.First = readOptional(&s, `,"first":`)
	s.Skip(`,"legal":`)
	e.Legal = s.Uint8()
	e.Parente = readOptional(&s, `,"parente":`)
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// ReadEvent implements domain.FastReader.
func (e *SchoolAttended) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"year":`)
	e.Year = nomenclature.SchoolYear(s.Uint(math.MaxInt16))
	e.UAI = nomenclature.UAI(readOptional(&s, `,"uai":`))
	e.Name = readOptional(&s, `,"name":`)
	e.Town = readOptional(&s, `,"town":`)
	e.Division = readOptional(&s, `,"division":`)
	e.Level = readOptional(&s, `,"level":`)
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}
