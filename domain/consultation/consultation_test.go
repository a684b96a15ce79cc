package consultation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/consultation"
	"livret/domain/spec"
)

func TestALineOfTheLog(t *testing.T) {
	paris := time.FixedZone("Europe/Paris", 2*60*60)
	livret, pupil := uuid.MustParse("6f1c0000-0000-4000-8000-000000000001"), uuid.MustParse("6f1c0000-0000-4000-8000-000000000002")
	read := consultation.RecordConsultation{
		Livret: livret, Reader: domain.Actor{Role: "eleve", Person: pupil},
		At: time.Date(2016, 6, 10, 10, 15, 4, 999, paris),
	}
	line := consultation.LivretConsulted{
		Livret: livret, Role: "eleve", Person: pupil, At: time.Date(2016, 6, 10, 8, 15, 4, 0, time.UTC),
	}
	given := spec.Given(consultation.Decider)
	given.When(read).Then(t, line)
	given.And(line).When(read).Then(t)

	later := read
	later.At = read.At.Add(time.Minute)
	again := line
	again.At = line.At.Add(time.Minute)
	given.And(line).When(later).Then(t, again)
	if got := given.And(again, line, again).State().Lines(); !slices.Equal(got, []consultation.LivretConsulted{line, again}) {
		t.Errorf("the log reads %v", got)
	}

	for name, spoil := range map[string]func(*consultation.RecordConsultation){
		"livret": func(c *consultation.RecordConsultation) { c.Livret = uuid.Nil },
		"role":   func(c *consultation.RecordConsultation) { c.Reader.Role = "" },
		"reader": func(c *consultation.RecordConsultation) { c.Reader.Person = uuid.Nil },
		"time":   func(c *consultation.RecordConsultation) { c.At = time.Time{} },
	} {
		t.Run("without "+name, func(t *testing.T) {
			incomplete := read
			spoil(&incomplete)
			given.When(incomplete).ThenRefused(t, "consultation-incomplete")
		})
	}
}
