package retention_test

import (
	"testing"

	"github.com/google/uuid"

	"livret/domain/retention"
	"livret/domain/spec"
)

var (
	standing = retention.EliminationAuthorised{Reference: "SIAF-2018-4", Categories: []retention.Rule{retention.Livret, retention.Consultations}}
	revoked  = retention.AuthorisationRevoked{Reference: "SIAF-2018-4"}
)

func TestAStandingAuthorisationListsItsCategories(t *testing.T) {
	given := spec.Given(retention.ConservationDecider)
	given.When(retention.AuthoriseElimination{Reference: "SIAF-2018-4", Categories: []retention.Rule{retention.Consultations, retention.Livret, retention.Livret}}).Then(t, standing)
	given.And(standing).When(retention.AuthoriseElimination(standing)).Then(t)
	given.And(standing).When(retention.AuthoriseElimination{Reference: "SIAF-2018-4", Categories: []retention.Rule{retention.HoldFile}}).ThenRefused(t, "autorisation-contradictoire")
	given.When(retention.AuthoriseElimination{Reference: "SIAF-2018-4"}).ThenRefused(t, "categorie-inconnue")
	given.When(retention.AuthoriseElimination{Reference: "SIAF-2018-4", Categories: []retention.Rule{"tout"}}).ThenRefused(t, "categorie-inconnue")
	given.When(retention.AuthoriseElimination{Reference: "M. Dupont", Categories: standing.Categories}).ThenRefused(t, "visa-illisible")

	given.And(standing).When(retention.RevokeAuthorisation(revoked)).Then(t, revoked)
	given.And(standing, revoked).When(retention.RevokeAuthorisation(revoked)).Then(t)
	given.And(standing, revoked).When(retention.AuthoriseElimination(standing)).ThenRefused(t, "autorisation-revoquee")
	given.When(retention.RevokeAuthorisation(revoked)).ThenRefused(t, "autorisation-inconnue")
}

func TestAStandingAuthorisationAllowsItsCategoriesOnly(t *testing.T) {
	by := func(events ...retention.Rule) retention.Authorised {
		return spec.Given(retention.ConservationDecider, retention.EliminationAuthorised{Reference: "SIAF-2018-4", Categories: events}).State().Authorised()
	}
	on := retention.RequestDestruction{Lot: lot, On: day("2020-03-05")}
	on.Authorised = by(retention.Livret, retention.Consultations)
	all := requested
	all.Visa = "SIAF-2018-4"
	proclaimed().When(on).Then(t, all)
	on.Authorised = by(retention.Consultations)
	some := retention.DestructionRequested{Lot: lot, Visa: "SIAF-2018-4", Keys: requested.Keys[:1]}
	proclaimed().When(on).Then(t, some)
	afterwards := proclaimed().And(some, begun, retention.KeysDestroyed{Lot: lot, Visa: some.Visa, Keys: some.Keys, Events: 1})
	if got := afterwards.State().Standing(day("2020-03-05"), on.Authorised); got != retention.VisaMissing {
		t.Errorf("a livret without visa, of which the log is gone, is %s", got)
	}
	on.Authorised = by(retention.Sanction)
	proclaimed().When(on).ThenRefused(t, "visa-manquant")
	if revoked := spec.Given(retention.ConservationDecider, standing, revoked).State().Authorised(); len(revoked) != 0 {
		t.Errorf("what was revoked still authorises %v", revoked)
	}
}

func TestHoldsKeepSanctionsOnlyIfItIsDecided(t *testing.T) {
	decide := retention.DecideSanctionHolds{Allowed: true, Reference: "R-2019-12"}
	given := spec.Given(retention.ConservationDecider)
	given.When(decide).Then(t, retention.SanctionHoldsDecided(decide))
	given.And(retention.SanctionHoldsDecided(decide)).When(decide).Then(t)
	given.When(retention.DecideSanctionHolds{Allowed: true}).ThenRefused(t, "visa-illisible")

	sanction := spec.Given(retention.Decider, retention.KeyCreated{Class: "sanction", Fingerprint: "dd"})
	sanction.When(retention.PlaceHold{Hold: recours}).ThenRefused(t, "gel-sans-sanction")
	sanction.When(retention.PlaceHold{Hold: recours, SanctionHolds: true}).Then(t, placed)
}

func TestAVersementIsAwaited(t *testing.T) {
	decided := retention.VersementDecided{Versement: uuid.MustParse("7e450000-0000-4000-8000-000000000001"), Reference: "V-2019-3"}
	digest := "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	received := retention.VersementAcknowledged{Versement: decided.Versement, Digest: digest}
	proclaimed().When(retention.DecideVersement(decided)).Then(t, decided)
	proclaimed().And(decided).When(retention.DecideVersement(decided)).Then(t)
	proclaimed().And(decided).When(retention.DecideVersement{Versement: other, Reference: "V-2019-4"}).ThenRefused(t, "versement-deja-decide")
	ready().And(requested).When(retention.DecideVersement(decided)).ThenRefused(t, "destruction-engagee")
	spec.Given(retention.Decider).When(retention.DecideVersement(decided)).ThenRefused(t, "livret-inconnu")
	proclaimed().When(retention.DecideVersement{Versement: other, Reference: "M. Dupont"}).ThenRefused(t, "visa-illisible")

	ready().And(decided).When(request).ThenRefused(t, "versement-attendu") // whatever visa there is
	if got := ready().And(decided).State().Standing(day("2020-03-05"), nil); got != retention.AwaitsVersement {
		t.Errorf("a livret to be handed over is %s", got)
	}
	proclaimed().And(decided).When(retention.AcknowledgeVersement(received)).Then(t, received)
	proclaimed().And(decided, received).When(retention.AcknowledgeVersement(received)).Then(t)
	proclaimed().And(decided, received).When(retention.AcknowledgeVersement{Versement: decided.Versement, Digest: "ff" + digest[2:]}).ThenRefused(t, "accuse-contradictoire")
	proclaimed().And(decided).When(retention.AcknowledgeVersement{Versement: decided.Versement, Digest: "reçu"}).ThenRefused(t, "empreinte-illisible")
	proclaimed().When(retention.AcknowledgeVersement(received)).ThenRefused(t, "versement-inconnu")
	proclaimed().And(decided, received).When(request).Then(t, retention.DestructionRequested{Lot: lot, Visa: "V-2019-3", Keys: requested.Keys})
}
