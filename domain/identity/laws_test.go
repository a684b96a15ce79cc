package identity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/nomenclature"
)

// commands draws what a source may say, garbage included: few values, so that they often meet again.
func commands() *rapid.Generator[identity.RecordPupil] {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", " ", "MARTIN", "MARTIN ", "Élise", "\xff\xfe", "a\xffb\u00a0", "<&>\u2028"}), rapid.String())
	birth := rapid.SampledFrom([]string{"", "1999-06-10", "2000-02-29", "1999-02-29", " 1999-06-10 "})
	uai := rapid.Map(rapid.SampledFrom([]string{"", "0000001A", "0000002B", "\xff", " 0000001A"}), func(s string) nomenclature.UAI { return nomenclature.UAI(s) })
	civil := rapid.Custom(func(t *rapid.T) identity.CivilIdentityRecorded {
		return identity.CivilIdentityRecorded{
			FamilyName: text.Draw(t, "family"), UsageName: text.Draw(t, "usage"), FirstNames: rapid.SliceOfN(text, 0, 3).Draw(t, "first"),
			BirthDate: birth.Draw(t, "birth"), BirthPlace: text.Draw(t, "place"), Sex: text.Draw(t, "sex"),
		}
	})
	siecle := rapid.Custom(func(t *rapid.T) identity.SiecleIDRecorded {
		return identity.SiecleIDRecorded{UAI: uai.Draw(t, "uai"), SiecleID: rapid.Uint64Range(0, 3).Draw(t, "number")}
	})
	guardian := rapid.Custom(func(t *rapid.T) identity.GuardianRecorded {
		return identity.GuardianRecorded{
			PersonID: rapid.Uint64Range(0, 4).Draw(t, "person"), Civility: text.Draw(t, "civility"), Name: text.Draw(t, "name"),
			First: text.Draw(t, "first"), Legal: rapid.Uint8Range(0, 3).Draw(t, "legal"), Parente: text.Draw(t, "parente"),
		}
	})
	school := rapid.Custom(func(t *rapid.T) identity.SchoolAttended {
		return identity.SchoolAttended{
			Year: nomenclature.SchoolYear(rapid.Int16Range(0, 3).Draw(t, "year")), UAI: uai.Draw(t, "uai"), Name: text.Draw(t, "name"),
			Town: text.Draw(t, "town"), Division: text.Draw(t, "division"), Level: text.Draw(t, "level"),
		}
	})
	return rapid.Custom(func(t *rapid.T) identity.RecordPupil {
		return identity.RecordPupil{
			Civil: rapid.Ptr(civil, true).Draw(t, "civil"), INE: text.Draw(t, "ine"), Siecle: rapid.Ptr(siecle, true).Draw(t, "siecle"),
			Guardians: rapid.SliceOfN(guardian, 0, 4).Draw(t, "guardians"), GuardiansComplete: rapid.Bool().Draw(t, "complete"),
			Schools: rapid.SliceOfN(school, 0, 4).Draw(t, "schools"),
		}
	})
}

// Whatever was recorded, a command decided on what comes back from the ledger yields nothing the second
// time: an import repeated adds no event, whatever bytes were in its file.
func TestRecordingTwiceAddsNothing(t *testing.T) {
	codec, err := domain.NewCodec(identity.Events())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		pupil := identity.PupilDecider.Initial()
		for range rapid.IntRange(1, 5).Draw(t, "commands") {
			command := commands().Draw(t, "command")
			events, err := command.Decide(pupil)
			if err != nil {
				if _, refused := errors.AsType[*domain.Refusal](err); !refused || len(events) > 0 {
					t.Fatalf("%v, with %d events", err, len(events))
				}
				continue
			}
			for _, event := range events {
				name, schema, data, err := codec.Encode(event)
				if err != nil {
					t.Fatal(err)
				}
				kept, err := codec.Decode(name, schema, data)
				if err != nil {
					t.Fatal(err)
				}
				pupil = identity.PupilDecider.Evolve(pupil, domain.Fact{Event: kept})
			}
			if again, err := command.Decide(pupil); err != nil || len(again) > 0 {
				t.Fatalf("decided again: %d events, %v", len(again), err)
			}
			command.Warnings(pupil)
		}
	})
}

// Nothing that prints a value of this package prints what is in it.
func TestIdentitiesAreRedacted(t *testing.T) {
	const secret = "MARTIN"
	p := pupil(camille, identity.INERecorded{INE: secret}, mother, lycee).State()
	var log bytes.Buffer
	loggers := []*slog.Logger{slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil))}
	for _, value := range []any{
		camille, &camille, mother, []identity.GuardianRecorded{mother}, p, *p, identity.RecordPupil{Civil: &camille, INE: secret},
		identity.INERecorded{INE: secret}, identity.SiecleIDRecorded{UAI: secret}, identity.GuardianRemoved{PersonID: 41},
		identity.SchoolAttended{Name: secret}, identity.StaffIdentified{Name: secret}, identity.RecordStaff{Name: secret}, identity.SubjectIdentified{FamilyName: secret}, identity.IdentifySubject{FamilyName: secret},
		&identity.Staff{Identity: identity.StaffIdentified{Name: secret}}, p.KnownNames(), p.KnownNames().People,
		domain.Fact{Event: camille}, map[string]any{"pupil": camille},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, secret) || strings.Contains(got, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s of %T prints the name", verb, value)
			}
		}
		if _, ok := value.(fmt.Stringer); ok {
			for _, logger := range loggers {
				logger.Info("seen", "value", value)
			}
		}
	}
	if got := log.String(); strings.Contains(got, secret) || !strings.Contains(got, "[redacted]") {
		t.Error("a log holds the name")
	}
	if data, err := json.Marshal(camille); err != nil || !bytes.Contains(data, []byte(secret)) {
		t.Errorf("the event's JSON lost the name, %v", err)
	}
}
