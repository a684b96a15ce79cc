package identity_test

import (
	"encoding/json"
	"testing"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/spec"
)

// FuzzRead holds the fast readers to encoding/json: what they accept, and what they make of it.
func FuzzRead(f *testing.F) {
	samples := []domain.Event{
		camille, identity.INERecorded{INE: "0123456789M"}, identity.SiecleIDRecorded{UAI: "0000001A", SiecleID: 700123}, father, lycee,
		identity.CivilIdentityRecorded{FamilyName: "É<&>\u2028", FirstNames: []string{}}, identity.SchoolAttended{},
	}
	kinds := make(map[string]domain.Kind)
	for _, kind := range identity.Events() {
		kinds[kind.Type] = kind
	}
	for i, sample := range samples {
		data, err := json.Marshal(sample)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), data)
		f.Add(uint8(i), append([]byte{' '}, data...))
		f.Add(uint8(i), append(data, ' ', '1'))
	}
	f.Add(uint8(0), []byte(`{"familyName":"A","firstNames":null,"birthDate":""}`))
	f.Add(uint8(0), []byte(`{"familyName":"A","firstNames":["a",],"birthDate":""}`))
	f.Add(uint8(4), []byte(`{"year":-1}`))
	f.Fuzz(func(t *testing.T, i uint8, data []byte) {
		spec.SameReading(t, kinds[samples[int(i)%5].EventType()], data)
	})
}
