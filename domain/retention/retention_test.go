package retention_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/retention"
	"livret/domain/spec"
)

var (
	lot     = uuid.MustParse("10700000-0000-4000-8000-000000000001")
	other   = uuid.MustParse("10700000-0000-4000-8000-000000000002")
	recours = uuid.MustParse("9e100000-0000-4000-8000-000000000001")
	asked   = uuid.MustParse("9e100000-0000-4000-8000-000000000002")
)

const june = "2019-juin"

// A livret of the session of June 2019, proclaimed on 5 July: its term is 5 March 2020.
var (
	identity  = retention.KeyCreated{Class: "identity", Fingerprint: "aa"}
	record    = retention.KeyCreated{Class: "record", Fingerprint: "bb"}
	log       = retention.KeyCreated{Class: "consultation", Fingerprint: "cc"}
	clock     = retention.ClockStarted{Rule: retention.Livret, Session: june, Proclaimed: day("2019-07-05")}
	logClock  = retention.ClockStarted{Rule: retention.Consultations, Session: june, Proclaimed: day("2019-07-05")}
	visa      = retention.EliminationVisaGiven{Reference: "AD38-2020-117", Session: june}
	requested = retention.DestructionRequested{Lot: lot, Visa: "AD38-2020-117", Keys: []retention.Key{{Class: "consultation", Fingerprint: "cc"}, {Class: "identity", Fingerprint: "aa"}, {Class: "record", Fingerprint: "bb"}}}
	begun     = retention.DestructionBegun{Lot: lot}
	destroyed = retention.KeysDestroyed{Lot: lot, Visa: "AD38-2020-117", Keys: requested.Keys, Events: 150}
	placed    = retention.HoldPlaced{Hold: recours}
	released  = retention.HoldReleased{Hold: recours}

	request = retention.RequestDestruction{Lot: lot, On: day("2020-03-05")}
)

func livret() spec.History[*retention.State] {
	return spec.Given(retention.Decider, identity, record, log)
}
func proclaimed() spec.History[*retention.State] { return livret().And(clock, logClock) }
func ready() spec.History[*retention.State]      { return proclaimed().And(visa) }

func TestAKeyIsBornOnce(t *testing.T) {
	born := retention.KeyCreated{Class: "record", Fingerprint: "aa"}
	given := spec.Given(retention.Decider)

	given.When(retention.RecordKeyCreated(born)).Then(t, born)
	given.And(born).When(retention.RecordKeyCreated(born)).Then(t)
	given.And(born).When(retention.RecordKeyCreated{Class: "record", Fingerprint: "bb"}).ThenRefused(t, "cle-deja-nee")
	given.When(retention.RecordKeyCreated{Class: "record"}).ThenRefused(t, "cle-incomplete")
	given.When(retention.RecordKeyCreated{Fingerprint: "aa"}).ThenRefused(t, "cle-incomplete")

	other := retention.KeyCreated{Class: "identity", Fingerprint: "aa"}
	given.And(born).When(retention.RecordKeyCreated(other)).Then(t, other)
}

func TestNoKeyIsBornToWhoIsForgotten(t *testing.T) {
	candidate := retention.RecordKeyCreated{Class: "candidate", Fingerprint: "dd"}
	for _, given := range []spec.History[*retention.State]{ready().And(requested), ready().And(requested, begun), ready().And(requested, begun, destroyed)} {
		given.When(candidate).ThenRefused(t, retention.RuleForgotten)
		given.When(retention.RecordKeyCreated(record)).Then(t)
	}
	ready().And(requested, placed, retention.DestructionCancelled{Lot: lot, Hold: recours}).When(candidate).Then(t, retention.KeyCreated(candidate))
}

func TestOnlyARecordedKeyIsBorn(t *testing.T) {
	state := spec.Given(retention.Decider, retention.KeyCreated{Class: "record", Fingerprint: "aa"}).State()
	for _, c := range []struct {
		class, fingerprint string
		want               bool
	}{
		{"record", "aa", true}, {"record", "bb", false}, {"identity", "aa", false}, {"identity", "", false},
	} {
		if got := state.Born(c.class, c.fingerprint); got != c.want {
			t.Errorf("Born(%s, %s) = %t", c.class, c.fingerprint, got)
		}
	}
	if !state.HasKey("record") || state.HasKey("identity") {
		t.Error("HasKey does not know the classes")
	}
}

func TestAProclamationStartsBothClocks(t *testing.T) {
	start := retention.StartClock{Session: june, Proclaimed: day("2019-07-05")}
	livret().When(start).Then(t, clock, logClock)
	proclaimed().When(start).Then(t)
	spec.Given(retention.Decider).When(start).ThenRefused(t, "livret-inconnu")
	spec.Given(retention.Decider, retention.KeyCreated{Class: "staff", Fingerprint: "aa"}).When(start).ThenRefused(t, "livret-inconnu")
	livret().When(retention.StartClock{Session: june}).ThenRefused(t, "proclamation-sans-date")

	september := retention.StartClock{Session: "2019-septembre", Proclaimed: day("2019-09-20")}
	later := []domain.Event{
		retention.ClockStarted{Rule: retention.Livret, Session: "2019-septembre", Proclaimed: day("2019-09-20")},
		retention.ClockStarted{Rule: retention.Consultations, Session: "2019-septembre", Proclaimed: day("2019-09-20")},
	}
	proclaimed().When(september).Then(t, later...)
	livret().And(later...).When(start).Then(t)
	ready().And(requested).When(september).Then(t)
	ready().And(later...).When(request).ThenRefused(t, "echeance-non-atteinte")
	ready().And(later...).When(retention.RequestDestruction{Lot: lot, On: day("2020-05-20")}).ThenRefused(t, "visa-manquant") // that of June does not cover September
}

func TestDestructionNeedsTermNoHoldAndVisa(t *testing.T) {
	ready().When(request).Then(t, requested)
	ready().And(requested).When(request).Then(t)
	ready().When(retention.RequestDestruction{Lot: lot, On: day("2020-03-04")}).ThenRefused(t, "echeance-non-atteinte")
	proclaimed().When(request).ThenRefused(t, "visa-manquant")
	ready().And(placed).When(request).ThenRefused(t, "gel-en-cours")
	ready().And(placed, retention.HoldPlaced{Hold: asked}, released).When(request).ThenRefused(t, "gel-en-cours") // the last one out
	ready().And(placed, released).When(request).Then(t, requested)
	livret().When(request).ThenRefused(t, "sans-horloge")
	spec.Given(retention.Decider).When(request).ThenRefused(t, "livret-inconnu")
	spec.Given(retention.Decider, retention.KeyCreated{Class: "staff", Fingerprint: "aa"}).When(request).ThenRefused(t, "livret-inconnu")
	ready().And(requested).When(retention.RequestDestruction{Lot: other, On: day("2020-03-05")}).ThenRefused(t, "destruction-deja-demandee")
	ready().And(requested, begun, destroyed).When(retention.RequestDestruction{Lot: other, On: day("2020-03-05")}).Then(t)
}

// What an unlawful order of steps would do, and what a step repeated after a crash does.
func TestTheStepsOfADestruction(t *testing.T) {
	begin, record := retention.BeginDestruction{Lot: lot}, retention.RecordDestruction{Lot: lot, Events: 150}
	ready().When(begin).ThenRefused(t, "destruction-annulee")
	ready().And(requested).When(retention.BeginDestruction{Lot: other}).ThenRefused(t, "destruction-annulee")
	ready().And(requested).When(begin).Then(t, begun)
	ready().And(requested, begun).When(begin).Then(t)
	ready().And(requested, begun, destroyed).When(begin).Then(t)
	ready().And(requested).When(record).ThenRefused(t, "destruction-non-engagee")
	ready().And(requested, begun).When(record).Then(t, destroyed)
	ready().And(requested, begun, destroyed).When(record).Then(t)
	ready().And(requested, begun).When(request).Then(t)
}

func TestAHoldComesInTimeOrIsRefused(t *testing.T) {
	place := retention.PlaceHold{Hold: recours}
	cancelled := retention.DestructionCancelled{Lot: lot, Hold: recours}
	livret().When(place).Then(t, placed) // years before any term
	ready().And(placed).When(place).Then(t)
	ready().And(requested).When(place).Then(t, placed, cancelled)
	ready().And(requested, placed, cancelled).When(retention.BeginDestruction{Lot: lot}).ThenRefused(t, "destruction-annulee")
	ready().And(requested, placed, cancelled, released).When(retention.RequestDestruction{Lot: other, On: day("2020-03-05")}).
		Then(t, retention.DestructionRequested{Lot: other, Visa: visa.Reference, Keys: requested.Keys})
	ready().And(requested, begun).When(place).ThenRefused(t, "destruction-engagee")
	ready().And(requested, begun, destroyed).When(place).ThenRefused(t, "destruction-engagee")
	spec.Given(retention.Decider).When(place).ThenRefused(t, "livret-inconnu")

	release := retention.ReleaseHold{Hold: recours}
	ready().And(placed).When(release).Then(t, released)
	ready().And(placed, released).When(release).Then(t)
	ready().And(placed, released).When(place).ThenRefused(t, "gel-deja-leve")
	ready().When(release).ThenRefused(t, "gel-inconnu")
}

func TestAVisaIsANumberForASession(t *testing.T) {
	give := retention.GiveEliminationVisa(visa)
	proclaimed().When(give).Then(t, visa)
	ready().When(give).Then(t)
	livret().When(give).ThenRefused(t, "visa-hors-perimetre")
	proclaimed().When(retention.GiveEliminationVisa{Reference: "AD38-2020-117", Session: "2018-juin"}).ThenRefused(t, "visa-hors-perimetre")
	for _, reference := range []string{"", "DUPONT", "visa 117", "1\n2", "élim-1", "1234567890123456789012345678901234567890123456789012345678901"} {
		proclaimed().When(retention.GiveEliminationVisa{Reference: reference, Session: june}).ThenRefused(t, "visa-illisible")
	}
	spec.Given(retention.Decider).When(give).ThenRefused(t, "livret-inconnu")
	ready().And(requested, begun, destroyed).When(retention.GiveEliminationVisa{Reference: "B-2", Session: june}).Then(t)
}

func TestStandings(t *testing.T) {
	for _, c := range []struct {
		given spec.History[*retention.State]
		on    string
		want  retention.Standing
	}{
		{spec.Given(retention.Decider), "2020-03-05", retention.NotALivret},
		{spec.Given(retention.Decider, retention.KeyCreated{Class: "staff", Fingerprint: "aa"}), "2020-03-05", retention.NotALivret},
		{livret(), "2020-03-05", retention.NoClock},
		{proclaimed(), "2019-09-04", retention.Current},
		{proclaimed(), "2019-09-05", retention.Leaving},
		{ready(), "2020-03-04", retention.Leaving},
		{proclaimed(), "2020-03-05", retention.VisaMissing},
		{proclaimed().And(placed), "2020-03-05", retention.OnHold},
		{ready(), "2020-03-05", retention.Ready},
		{ready().And(requested), "2020-03-05", retention.Requested},
		{ready().And(requested, begun), "2020-03-05", retention.Begun},
		{ready().And(requested, begun, destroyed), "2020-03-05", retention.Gone},
	} {
		if got := c.given.State().Standing(day(c.on), nil); got != c.want {
			t.Errorf("on %s: %s, want %s", c.on, got, c.want)
		}
	}
}

func TestALotHasOneCertificate(t *testing.T) {
	issue := retention.IssueCertificate{Dated: day("2020-03-05"), Livrets: 1, Keys: 3, Events: 150, Digest: retention.DigestOf(lot, requested.Keys)}
	given := spec.Given(retention.LotDecider)
	given.When(issue).Then(t, retention.CertificateIssued(issue))
	again := issue
	again.Events = 7
	given.And(retention.CertificateIssued(issue)).When(again).Then(t)
	given.When(retention.IssueCertificate{}).ThenRefused(t, "certificat-vide")

	backwards := slices.Clone(requested.Keys)
	slices.Reverse(backwards)
	if retention.DigestOf(lot, backwards) != issue.Digest || retention.DigestOf(other, backwards) == issue.Digest || retention.DigestOf(lot, backwards[1:]) == issue.Digest {
		t.Error("the digest of a lot depends on an order, or not on its keys")
	}
}

// Whatever the order in which people and runs act, no key is recorded destroyed without a visa, before its term
// or while a hold stands; and a hold that was acknowledged before the point of no return is honoured.
func TestWhateverTheOrderOfActs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := livret()
		today := day("2019-07-01")
		for range rapid.IntRange(1, 40).Draw(t, "acts") {
			today = today.PlusMonths(rapid.IntRange(0, 1).Draw(t, "months"))
			lot := rapid.SampledFrom([]uuid.UUID{lot, other}).Draw(t, "lot")
			hold := rapid.SampledFrom([]uuid.UUID{recours, asked}).Draw(t, "hold")
			command := rapid.SampledFrom([]domain.Command[*retention.State]{
				retention.StartClock{Session: june, Proclaimed: day("2019-07-05")}, retention.StartClock{Session: "2019-septembre", Proclaimed: day("2019-09-20")},
				retention.GiveEliminationVisa{Reference: "V-1", Session: june}, retention.GiveEliminationVisa{Reference: "V-2", Session: "2019-septembre"},
				retention.PlaceHold{Hold: hold}, retention.ReleaseHold{Hold: hold}, retention.RequestDestruction{Lot: lot, On: today},
				retention.BeginDestruction{Lot: lot}, retention.RecordDestruction{Lot: lot, Events: 1},
			}).Draw(t, "command")
			before := history.State()
			events, err := command.Decide(before)
			if refusal, refused := errors.AsType[*domain.Refusal](err); refused && refusal.Reason == "" || err != nil && !refused {
				t.Fatalf("%T: %v", command, err)
			}
			for _, event := range events {
				switch event.(type) {
				case retention.DestructionRequested, retention.DestructionBegun:
					clock, _ := before.Clock(retention.Livret)
					if before.Held() || before.VisaFor(retention.Livret, nil) == "" || today.Before(clock.Term) {
						t.Fatalf("%T with holds %v, visa %q, on %s", event, before.Holds(), before.VisaFor(retention.Livret, nil), today)
					}
				case retention.KeysDestroyed:
					if _, begun, _ := before.Requested(); !begun || before.Held() {
						t.Fatal("destroyed without having begun, or under a hold")
					}
				case retention.HoldPlaced:
					if _, begun, _ := before.Requested(); begun || before.Standing(today, nil) == retention.Gone {
						t.Fatal("a hold is acknowledged that comes too late")
					}
				}
			}
			history = history.And(events...)
		}
		if n := len(history.State().Destroyed()); n > 1 {
			t.Fatalf("destroyed %d times", n)
		}
	})
}
