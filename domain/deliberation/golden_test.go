package deliberation_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/domain/spec"
)

var (
	jury108   = deliberation.JuryStream(june, "0108")
	president = uuid.MustParse("57aff000-0000-4000-8000-000000000001")
	member    = uuid.MustParse("57aff000-0000-4000-8000-000000000002")
	redress   = uuid.MustParse("4ec71f1c-0000-4000-8000-000000000001")
	salt      = bytes.Repeat([]byte{0x5a}, 16)
	shown     = bytes.Repeat([]byte{0x11}, 32)
	changed   = bytes.Repeat([]byte{0x22}, 32)
)

func TestEventsAreKeptAsTheyAre(t *testing.T) {
	spec.Golden(t, deliberation.Events(),
		deliberation.CandidateRegistered{Livret: livret, Session: 2016, Round: "juin", Number: "04815162"},
		deliberation.LivretTransmitted{RecordVersion: 120},
		deliberation.JuryAssigned{Jury: jury108},
		deliberation.LivretExamined{Jury: jury108, Deliberation: 1, Group: "premier", RecordVersion: 120, Projection: "jury.v2", Salt: salt, ViewHash: shown},
		deliberation.PresidentVisaGiven{Jury: jury108, Deliberation: 1, Group: "premier", RecordVersion: 120, Projection: "jury.v2", ViewHash: shown, Paper: true},
		deliberation.RectificationNotified{RecordVersion: 121, Rectification: redress},
		deliberation.ResultRecorded{Deliberation: 1, Group: "premier", Result: "admis", Mention: "AB"},
		deliberation.OrientationProposed{Orientation: "cpge"},
		deliberation.DeliberationReopened{Deliberation: 2, Ground: "commission"},
		deliberation.StatisticsPublished{Session: 2016, Number: 1, Dated: july(5), Document: []byte(`{"session":2016}`)},
		deliberation.SessionOpened{Session: 2016, Round: "juin"},
		deliberation.DeliberationsClosed{Session: 2016, Round: "juin", Closed: july(4)},
		deliberation.AggregatesFrozen{Session: 2016, Livrets: []uuid.UUID{livret, another}, Sums: []byte(`{"livrets":{"2016":2}}`)},
		deliberation.SessionProclaimed{Session: 2016, Round: "juin", Proclaimed: july(5)},
		deliberation.JuryFormed{Session: 2016, Round: "juin", Number: "0108"},
		deliberation.JurorNamed{Staff: president, Office: "president"},
		deliberation.JurorWithdrawn{Staff: president},
		deliberation.SittingHeld{Held: july(4), Present: []uuid.UUID{president, member}},
	)
}
