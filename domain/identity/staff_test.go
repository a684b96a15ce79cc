package identity_test

import (
	"testing"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/spec"
)

func TestStaffIsRecordedByDifference(t *testing.T) {
	full := identity.StaffIdentified{UAI: "0000001A", StsID: "4242", Civility: "MME", Name: "PETIT", First: "Anne", Function: "ENS"}
	given := func(events ...domain.Event) spec.History[*identity.Staff] {
		return spec.Given(identity.StaffDecider, events...)
	}
	given().When(identity.RecordStaff(full)).Then(t, full)
	given(full).When(identity.RecordStaff(full)).Then(t)
	given(full).When(identity.RecordStaff{Name: "PETIT ", First: " Anne"}).Then(t)

	married := full
	married.Name = "PETIT-ROUX"
	given(full).When(identity.RecordStaff{Name: "PETIT-ROUX"}).Then(t, married)
	given(full).When(identity.RecordStaff{First: "Anne"}).ThenRefused(t, "personnel-sans-nom")

	state := given(full, married).State()
	if names := state.KnownNames(); len(names.People) != 2 || !state.Recorded() {
		t.Errorf("%d known names", len(names.People))
	}
}
