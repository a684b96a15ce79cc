package deployment_test

import (
	"testing"

	"livret/domain"
	"livret/domain/deployment"
	"livret/domain/spec"
)

func TestSchoolSanctionsNeedALegalAct(t *testing.T) {
	given := spec.Given(deployment.Decider)
	act := "arrêté du 12 mars 2027 (NOR MENE2701234A)"
	enabled := deployment.SchoolSanctionsEnabled{LegalAct: act}
	given.When(deployment.EnableSchoolSanctions{LegalAct: " " + act + " "}).Then(t, enabled)
	for _, unnamed := range []string{"", "arrêté", "note de service 2027-12", "Mme Martin 2027", "arrêté du\n12 mars 2027"} {
		given.When(deployment.EnableSchoolSanctions{LegalAct: unnamed}).ThenRefused(t, "acte-illisible")
	}
	given.And(enabled).When(deployment.EnableSchoolSanctions{LegalAct: "décret n° 2027-240"}).ThenRefused(t, "acte-deja-enregistre")

	revoke := deployment.RevokeSchoolSanctions{On: domain.NewDate(2028, 1, 10)}
	revoked := deployment.SchoolSanctionsRevoked(revoke)
	given.When(revoke).Then(t)
	given.And(enabled).When(revoke).Then(t, revoked)
	given.And(enabled, revoked).When(deployment.EnableSchoolSanctions{LegalAct: act}).Then(t, enabled)
	if given.And(enabled, revoked).State().Sanctions != "" || given.And(enabled).State().Sanctions != act {
		t.Error("the decision in force is not the last")
	}
}
