package retention_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain/retention"
	"livret/domain/spec"
)

func TestEventsAreKeptAsTheyAre(t *testing.T) {
	print := strings.Repeat("0f", 32)
	spec.Golden(t, retention.Events(),
		retention.KeyCreated{Class: "record", Fingerprint: print},
		retention.ClockStarted{Rule: retention.Livret, Session: "2019-juin", Proclaimed: day("2019-07-05")},
		retention.HoldPlaced{Hold: recours}, retention.HoldReleased{Hold: recours},
		retention.EliminationVisaGiven{Reference: "AD38-2020-117", Session: "2019-juin"},
		retention.DestructionRequested{Lot: lot, Visa: "AD38-2020-117", Keys: []retention.Key{{Class: "record", Fingerprint: print}}},
		retention.DestructionCancelled{Lot: lot, Hold: recours}, retention.DestructionBegun{Lot: lot},
		retention.KeysDestroyed{Lot: lot, Visa: "AD38-2020-117", Keys: []retention.Key{{Class: "record", Fingerprint: print}}, Events: 142},
		retention.CertificateIssued{Dated: day("2020-03-05"), Visas: []string{"AD38-2020-117"}, Livrets: 1, Keys: 1, Events: 142,
			Digest: print, Limits: []string{retention.LimitSoftwareKEK, retention.LimitBackups}},
		retention.ClockPresumed{Rule: retention.Livret, Session: "2019-juin", From: day("2019-12-31")},
		retention.TermSet{Rule: retention.Sanction, Term: day("2018-09-04")},
		retention.VersementDecided{Versement: lot, Reference: "AD38-2020-9"}, retention.VersementAcknowledged{Versement: lot, Digest: print},
		retention.EliminationAuthorised{Reference: "DGP-SIAF-2018-004", Categories: []retention.Rule{retention.Livret, retention.Consultations}},
		retention.AuthorisationRevoked{Reference: "DGP-SIAF-2018-004"},
		retention.JuryNoted{Jury: other}, retention.KeysArchived{Pair: "2019-juin", Keys: []retention.Key{{Class: "record", Fingerprint: print}}},
		retention.HoldOpened{Origin: retention.RecoursContentieux, Case: "TA Melun 1907538", Requester: "Mme Martin", Motive: "défaut de visa", Livrets: []uuid.UUID{lot}},
		retention.HoldAcknowledged{Livrets: 34, Refused: 1}, retention.HoldClosed{On: day("2020-09-01")},
		retention.SanctionHoldsDecided{Allowed: true, Reference: "R-2019-12"},
		first, retention.WrappingKeyDestroyed(first), juneGave, retention.CustodyPairDestroyed(juneGave),
	)
}
