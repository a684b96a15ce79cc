package retention_test

import (
	"testing"

	"livret/domain/retention"
	"livret/domain/spec"
)

func TestARequestOfAnArchiveIsKeptForAYear(t *testing.T) {
	file := spec.Given(retention.Decider, retention.KeyCreated{Class: "request", Fingerprint: "ee"})
	end := retention.EndRequestFile{Requested: day("2018-09-20")}
	set := retention.TermSet{Rule: retention.RequestFile, Term: day("2019-09-20")}
	file.When(end).Then(t, set)
	file.And(set).When(end).Then(t)
	livret().When(end).ThenRefused(t, "demande-inconnue")
	if kind := file.State().Kind(); kind != retention.RequestFile {
		t.Errorf("a request is kept as %q", kind)
	}
	if pair, keys := file.And(set).State().Archivable(day("2019-09-19")); len(keys) > 0 {
		t.Errorf("a request goes into the custody of %q", pair)
	}
	file.And(set).When(retention.RequestDestruction{Lot: lot, On: day("2019-09-20")}).ThenRefused(t, "visa-manquant")
}
