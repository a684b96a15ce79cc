package identity_test

import (
	"testing"

	"livret/domain/identity"
	"livret/domain/spec"
)

func TestEventsAreKeptAsTheyAre(t *testing.T) {
	named := camille
	named.UsageName = "MARTIN-DUVAL"
	spec.Golden(t, identity.Events(),
		named,
		identity.INERecorded{INE: "0123456789M"},
		identity.SiecleIDRecorded{UAI: "0000001A", SiecleID: 700123},
		father,
		identity.GuardianRemoved{PersonID: 42},
		lycee,
		identity.StaffIdentified{UAI: "0000001A", StsID: "4242", Civility: "MME", Name: "PETIT", First: "Anne", Function: "ENS"},
		identity.SubjectIdentified{FamilyName: "DUVAL", UsageName: "MOREL", FirstNames: []string{"Rose"}, BirthDate: "1999-06-10", INE: "0123456789A", Session: 2017},
	)
}
