package deliberation_test

import (
	"testing"

	"livret/domain/deliberation"
	"livret/domain/spec"
)

func TestEventsAreKeptAsTheyAre(t *testing.T) {
	spec.Golden(t, deliberation.Events(),
		deliberation.CandidateRegistered{Livret: livret, Session: 2016, Round: "juin", Number: "04815162"},
		deliberation.StatisticsPublished{Session: 2016, Number: 1, Dated: july(5), Document: []byte(`{"session":2016}`)},
		deliberation.SessionProclaimed{Session: 2016, Round: "juin", Proclaimed: july(5)},
	)
}
