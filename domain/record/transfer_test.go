package record_test

import (
	"testing"

	"livret/domain/record"
	"livret/domain/spec"
)

func TestTransfer(t *testing.T) {
	order, ordered := record.OrderTransfer{To: "0000456W"}, record.TransferOrdered{To: "0000456W"}
	livret().When(order).Then(t, ordered)
	livret(locked).When(order).Then(t, ordered) // a lock keeps the page, not the pupil
	livret(ordered).When(order).Then(t)
	livret(ordered).When(record.OrderTransfer{To: "0000789F"}).ThenRefused(t, "uai-lettre-fausse")
	livret().When(record.OrderTransfer{To: "0000123J"}).ThenRefused(t, "eleve-deja-present")
	livret().When(record.OrderTransfer{}).ThenRefused(t, "uai-illisible")
	spec.Given(record.Decider).When(order).ThenRefused(t, "livret-non-ouvert")

	// It changes hands when the other school records him, and the first one may take it back by an order alone.
	there := record.SchoolingRecorded{Year: 2015, UAI: "0000456W", MEF: "20211010110", Division: "TS4"}
	for name, c := range map[string]struct {
		state       *record.State
		here, there bool
	}{
		"before":  {livret().State(), true, false},
		"ordered": {livret(ordered).State(), true, true},
		"moved":   {livret(ordered, there).State(), false, true},
		"back":    {livret(ordered, there, record.TransferOrdered{To: "0000123J"}).State(), true, true},
		"nowhere": {spec.Given(record.Decider, opened).State(), false, false},
	} {
		if c.state.OpenTo("0000123J") != c.here || c.state.OpenTo("0000456W") != c.there {
			t.Errorf("%s: open to the first %v, to the second %v", name, c.state.OpenTo("0000123J"), c.state.OpenTo("0000456W"))
		}
	}
	livret(ordered, there).When(order).ThenRefused(t, "eleve-deja-present")
}

// What follows a repeater, recorded again, is the page as it stood.
func TestAgain(t *testing.T) {
	first := livret(append(mathsFilled(), record.EngagementDeclared{Code: "C"}, record.B2iAttested{}, record.AvisIssued{Avis: "D"},
		record.ObservationWritten{Kind: record.ObservationTeam, Year: 2014, Text: "Élève investie.", Author: prof})...).State()
	again := first.Again(2014)
	again.Session, again.Nomenclature = 2017, lists(t)
	events, refused := again.Plan(record.NewState())
	if len(refused) > 0 {
		t.Fatal(refused)
	}
	second := spec.Given(record.Decider, events...).State()
	was, is := first.Line(maths), second.Line(maths)
	if is == nil || is.Averages[2].Mark != was.Averages[2].Mark || is.Appreciation.Value != was.Appreciation.Value || is.Group.Headcount != 30 ||
		len(is.Competences) != len(was.Competences) || len(is.Teachers) != 1 {
		t.Errorf("%+v", is)
	}
	if second.Avis != "" || !second.B2i || !second.HasEngagement("C") || second.Year(2014).Observation(record.ObservationTeam).Author != prof {
		t.Errorf("avis %q, B2i %v, engagements %v", second.Avis, second.B2i, second.Engagements)
	}
	if rest := first.Again(0); len(rest.Years) != 0 || len(rest.Engagements) != 1 {
		t.Errorf("a repeated première: %+v", rest)
	}
}
