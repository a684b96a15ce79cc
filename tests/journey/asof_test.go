package journey

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	jurors "livret/projections/jury"
)

// What did the jury see on 3 July, and can it be proved? Whatever is corrected, locked away or destroyed afterwards, an
// auditor is shown what was shown then, or told that nobody can be any more.
func TestWhatTheJurySaw(t *testing.T) {
	s := tell(t).prepared()
	if _, err := s.JuryAsOf(s.Context(), auditor(), june, s.number(s.ordinary(0)), noon("2018-07-03")); refusalOf(err) != "instant-sans-point-de-controle" {
		t.Errorf("without a checkpoint: %v", err)
	}
	ines := s.ordinary(0)
	number := s.number(ines)
	s.at("2018-06-04").convened()
	s.checkpoint()
	s.at("2018-07-03").examined(ines, deliberation.Premier)
	s.signed(ines, deliberation.Premier)
	s.must(s.CatchUp(s.Context()))
	before, err := s.ShowJury(s.Context(), president(), june, number)
	s.must(err)
	livret, err := s.ShowFamily(s.Context(), head(), ines)
	s.must(err)
	s.checkpoint()

	s.at("2018-07-04")
	demand := uuid.New()
	s.must(s.RequestRectification(s.Context(), s.requester(ines), ines, demand, s.anAverage(ines), "La moyenne est celle d’un homonyme."))
	right, err := mark.ParseTyped("14,5")
	s.must(err)
	s.must(s.GrantRectification(s.Context(), head(), ines, uuid.New(), demand, "Erreur de saisie constatée.", redress(right)))
	s.must(s.CatchUp(s.Context()))
	s.checkpoint()
	s.judged(ines, deliberation.Premier, deliberation.Admis)

	// As of noon the day before, and as of the very checkpoint: what was live then, proven.
	for _, when := range []instance.When{noon("2018-07-03"), {Size: s.jurySeen(number, noon("2018-07-03")).AsOf.Size}} {
		then := s.jurySeen(number, when)
		if !reflect.DeepEqual(then.Shown.Dossier, before) || !then.AsOf.Proven || then.View != "jury.v2" || then.AsOf.Facts == 0 {
			t.Errorf("as of %v is shown %+v", when, then)
		}
		past, err := s.FamilyAsOf(s.Context(), auditor(), ines, when)
		if err != nil || !reflect.DeepEqual(past.Shown, livret) || !past.AsOf.Proven {
			t.Errorf("as of %v, the family is shown something else, %v", when, err)
		}
	}
	corrected := s.jurySeen(number, noon("2018-07-04"))
	if corrected.Shown.Imprint == before.Imprint || corrected.AsOf.Unsigned == 0 {
		t.Errorf("the day after, nothing has changed, or the judgement is already under a checkpoint: %+v", corrected.AsOf)
	}
	if later := s.jurySeen(number, at(t, corrected.AsOf.Next)); later.AsOf.Proven || later.AsOf.Size != 0 || !later.Shown.Slots[0].Visa {
		t.Errorf("as of a position that no checkpoint covers: %+v", later.AsOf)
	}

	// Both visas are found again, each by its own imprint.
	visas, err := s.AtVisas(s.Context(), auditor(), june, number)
	s.must(err)
	if len(visas) != 2 || visas[0].Imprint != before.Imprint || visas[0].Imprint == visas[1].Imprint {
		t.Fatalf("visas: %+v", visas)
	}
	for _, v := range visas {
		if v.Outcome != instance.VisaSame || v.Replayed != v.Imprint || v.Shown.Imprint != v.Imprint {
			t.Errorf("a visa is %s: %s", v.Outcome, v.Why)
		}
	}

	// The history says from what to what, why, and in answer to what; a school is not told of the candidate.
	history, err := s.History(s.Context(), auditor(), ines)
	s.must(err)
	seen := make(map[string]chronicle.Line)
	for _, line := range history {
		what, _, _ := strings.Cut(line.What, "\u00a0:")
		seen[what] = line
	}
	if c := seen["Correction"]; c.From == "" || c.To != "14,50" || c.Reason != "Erreur de saisie constatée." || c.Demand != "La moyenne est celle d’un homonyme." {
		t.Errorf("the correction is told %+v", c)
	}
	if v := seen["Visa du président du jury, premier groupe"]; !strings.Contains(v.To, visas[1].Imprint[:16]) || v.Position != visas[1].AsOf.Position {
		t.Errorf("the second visa is told %+v", v)
	}
	if d := seen["Décision du jury, premier groupe"]; d.To != "admis" {
		t.Errorf("the decision is told %+v", d)
	}
	history, err = s.History(s.Context(), head(), ines)
	s.must(err)
	for _, line := range history {
		if line.Stream == deliberation.Category {
			t.Errorf("the school is told %+v", line)
		}
	}

	// A visa of another version of the view, and one of another imprint, are not passed off as what was seen.
	other := s.judgedOtherwise(number)
	if n := len(other) - 2; other[n].Outcome != instance.VisaUnknown || other[n].Replayed != "" || !strings.Contains(other[n].Why, "jury.v1") {
		t.Errorf("a visa of another view is %+v", other[n])
	}
	if n := len(other) - 1; other[n].Outcome != instance.VisaOther || other[n].Why == "" || other[n].Replayed == other[n].Imprint {
		t.Errorf("a visa of another imprint is %+v", other[n])
	}
	s.judged(ines, deliberation.Premier, deliberation.Admis)

	// Nobody else may, and a moment must be one.
	for _, who := range []instance.When{noon("2018-07-03")} {
		if _, err := s.FamilyAsOf(s.Context(), head(), ines, who); refusalOf(err) == "" {
			t.Errorf("a head of school replays the past: %v", err)
		}
		if _, err := s.JuryAsOf(s.Context(), president(), june, number, who); refusalOf(err) == "" {
			t.Errorf("a president replays the past: %v", err)
		}
	}
	for _, nothing := range []instance.When{{Size: 1}, at(t, "ffffffffffffffff0000000000000000"), at(t, "00000000000000000000000000000000")} {
		if _, err := s.JuryAsOf(s.Context(), auditor(), june, number, nothing); !errors.Is(err, instance.ErrNoMoment) {
			t.Errorf("as of %v: %v", nothing, err)
		}
	}

	// Restricted now, it is closed to the auditor as well; lifted, the past shows what was refused then.
	s.at("2018-07-05")
	s.must(s.Restrict(s.Context(), head(), ines, uuid.New(), record.AccuracyContested))
	s.must(s.CatchUp(s.Context()))
	s.checkpoint()
	if _, err := s.JuryAsOf(s.Context(), auditor(), june, number, noon("2018-07-03")); refusalOf(err) == "" {
		t.Errorf("a restricted livret is replayed: %v", err)
	}
	s.at("2018-07-06")
	s.must(s.LiftRestriction(s.Context(), head(), ines, uuid.New()))
	s.must(s.CatchUp(s.Context()))
	s.checkpoint()
	if then := s.jurySeen(number, noon("2018-07-05")); then.Shown.Refused == "" || len(then.Shown.Years) != 0 {
		t.Errorf("while it was restricted, the jury saw %+v", then.Shown)
	}

	// In custody, and then destroyed, there is no past to show, and it is said which.
	s.deliberated(ines).proclaimed(june)
	s.at("2018-09-07").runs()
	if _, err := s.FamilyAsOf(s.Context(), auditor(), ines, noon("2018-07-03")); !errors.Is(err, keyvault.ErrArchived) && refusalOf(err) != "livret-archive" {
		t.Errorf("out of active service: %v", err)
	}
	s.at("2019-03-06").visa("AD38-2019-4", june)
	s.runs().forgotten(ines)
	if past, err := s.FamilyAsOf(s.Context(), auditor(), ines, noon("2018-07-03")); !errors.Is(err, keyvault.ErrShredded) || len(past.Shown.Years) != 0 {
		t.Errorf("destroyed, it answers %v", err)
	}
	if past, err := s.JuryAsOf(s.Context(), auditor(), june, number, noon("2018-07-03")); !errors.Is(err, instance.ErrNotFound) || past.Shown.Number != "" {
		t.Errorf("destroyed, its number answers %v", err)
	}
}

// judgedOtherwise has the president sign what another version of the view showed, and then what nothing showed, in a new
// deliberation; it answers all visas.
func (s *story) judgedOtherwise(number string) []instance.VisaSeen {
	s.Helper()
	evidence, err := s.Jury.Evidence(s.Context(), june, number)
	s.must(err)
	_, err = s.Reopen(s.Context(), dec(), june, number, 2, deliberation.Juridiction)
	s.must(err)
	for _, by := range []struct {
		view string
		hash []byte
	}{{"jury.v1", evidence.ViewHash}, {"jury.v2", bytes.Repeat([]byte{7}, 32)}} {
		s.orders(evidence, access.ExamineLivret, deliberation.ExamineLivret{
			Jury: evidence.Jury, Group: deliberation.Premier, RecordVersion: evidence.RecordVersion, Projection: by.view, Salt: evidence.Salt, ViewHash: by.hash,
		})
		s.orders(evidence, access.GivePresidentVisa, deliberation.GivePresidentVisa{
			Jury: evidence.Jury, Group: deliberation.Premier, RecordVersion: evidence.RecordVersion, ViewHash: by.hash,
		})
	}
	visas, err := s.AtVisas(s.Context(), auditor(), june, number)
	s.must(err)
	return visas
}

// orders gives the candidate's stream a president's order, past what the site would ask.
func (s *story) orders(of jurors.Evidence, act access.Act, command domain.Command[*deliberation.Candidate]) {
	s.Helper()
	on := access.Target{Livret: of.Livret, Academie: s.Settings.Academie, Session: june.Year, Round: june.Round, Jurors: []access.Juror{{Staff: president().Staff, Role: access.PresidentJury}}}
	grant, err := access.Allow(president(), act, on, s.Today())
	s.must(err)
	_, err = ledger.Execute(s.Context(), s.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Owner: of.Livret}, deliberation.CandidateDecider, of.Candidate, command)
	s.must(err)
	s.must(s.CatchUp(s.Context()))
}

func (s *story) checkpoint() {
	s.Helper()
	_, _, err := s.Checkpoint(s.Context(), operator())
	s.must(err)
}

func (s *story) jurySeen(number string, when instance.When) instance.Seen[instance.JurySeen] {
	s.Helper()
	seen, err := s.JuryAsOf(s.Context(), auditor(), june, number, when)
	s.must(err)
	return seen
}

// at is the moment of a position in hexadecimal.
func at(t *testing.T, position string) instance.When {
	t.Helper()
	raw, err := hex.DecodeString(position)
	if err != nil || len(raw) != len(eventstore.Position{}) {
		t.Fatalf("position %q: %v", position, err)
	}
	p := eventstore.Position(raw)
	return instance.When{Position: &p}
}

// requester is who may ask in a pupil's name: himself, or his guardian.
func (s *story) requester(livret uuid.UUID) access.Actor {
	s.Helper()
	on, err := s.Target(s.Context(), livret)
	s.must(err)
	if access.May(pupilHimself(livret), access.RequestRectification, on, s.Today()) == nil {
		return pupilHimself(livret)
	}
	return s.parent(livret)
}

// refusalOf is the rule that refused, empty if none did.
func refusalOf(err error) string {
	if refusal, is := errors.AsType[*domain.Refusal](err); is {
		return refusal.Rule
	}
	return ""
}

func noon(day string) instance.When {
	instant, _ := time.Parse(time.DateTime, day+" 12:00:00")
	return instance.When{Instant: instant}
}
