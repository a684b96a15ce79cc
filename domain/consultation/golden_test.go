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
	})
}
