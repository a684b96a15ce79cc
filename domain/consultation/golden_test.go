package consultation_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain/consultation"
	"livret/domain/spec"
)

func TestEventsAreKeptAsTheyAre(t *testing.T) {
	spec.Golden(t, consultation.Events(), consultation.LivretConsulted{
		Livret: uuid.MustParse("6f1c0000-0000-4000-8000-000000000001"), Role: "responsable-legal",
		Person: uuid.MustParse("6f1c0000-0000-4000-8000-000000000002"), At: time.Date(2016, 6, 10, 8, 15, 4, 0, time.UTC),
	}, asked, made)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"livret":"6f1c0000-0000-4000-8000-000000000001","role":"eleve","person":"6f1c0000-0000-4000-8000-000000000002","at":"2016-06-10T08:15:04Z"}`))
	f.Add([]byte(`{"at":"2016-06-10T08:15:04+02:00","role":"\u00e9"}`))
	f.Add([]byte(`{"livret":"6f1c0000-0000-4000-8000-000000000001","role":"eleve","person":"6f1c0000-0000-4000-8000-000000000002","at":"2016"}`))
	f.Fuzz(func(t *testing.T, data []byte) { spec.SameReading(t, consultation.Events()[0], data) })
}
