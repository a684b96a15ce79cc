package record_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/spec"
)

// samples has each event of the catalogue once.
var samples = []domain.Event{
	opened, premiere, trimesters,
	record.TransferOrdered{To: "0000456W"},
	imported(1, 1250),
	record.AverageCorrected{Enseignement: maths, Period: 1, Mark: mark.Absent(), Reason: "Absent à toutes les évaluations."},
	record.AnnualAverageRecorded{Enseignement: maths, Mark: points(1100)},
	record.GroupFiguresRecorded{Enseignement: maths, Headcount: 32, Mean: points(1279), Shares: &mark.Shares{Below8: 1000, From8: 4500, From12: 4500}},
	record.CompetenceAssessed{Enseignement: maths, Competence: "0090", Mastery: "3"},
	record.AppreciationWritten{Enseignement: maths, Text: "Élève sérieuse & volontaire.\nEn progrès."},
	record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{cpe, prof}},
	record.EngagementDeclared{Code: "C"},
	record.OtherEngagementDeclared{Text: "Tutorat des secondes"},
	record.ObservationWritten{Kind: record.ObservationCPE, Year: 2014, Text: "Délégué actif.", Author: cpe, Dated: domain.NewDate(2015, 5, 30)},
	record.AvisIssued{Avis: record.Favorable},
	record.AvisSharesFrozen{Serie: "S", Headcount: 60, T: 2000, F: 5000, A: 2000, D: 1000},
	record.B2iAttested{},
	locked,
	record.PeriodUnlocked{Year: 2014, Reason: "Note oubliée."},
	record.HeadVisaGiven{Year: 2014},
	record.FreeTextScreened{Text: 5, Decision: record.TextKept, Rule: "1"},
	record.PassagesMasked{Text: 5, Spans: [][2]uint16{{12, 18}, {20, 21}}, Rule: "1"},
	record.LivretAcknowledged{Version: 5},
	requested,
	record.RectificationGranted{Rectification: demand, About: requested.About, Reason: "Erreur de saisie."},
	record.RectificationRefused{Rectification: demand, Reason: "La note est exacte."},
	record.TransmissionOpposed{},
	record.OppositionWithdrawn{},
	record.ProcessingRestricted{Reason: record.AccuracyContested},
	record.RestrictionLifted{},
	record.OnlineServiceRefused{},
	record.OnlineServiceAccepted{},
	record.PaperLivretHandedOver{On: domain.NewDate(2016, 7, 8)},
}

func TestGolden(t *testing.T) { spec.Golden(t, record.Events(), samples...) }

// Every event of the catalogue changes the state: none is written that nobody reads.
func TestEveryEventIsFolded(t *testing.T) {
	for _, event := range samples {
		given := livret(written)
		switch event.(type) {
		case record.LivretOpened: // said in the history already
			given = spec.Given(record.Decider)
		case record.PeriodUnlocked:
			given = livret(written, locked)
		case record.RectificationGranted, record.RectificationRefused:
			given = livret(written, requested)
		case record.OppositionWithdrawn:
			given = livret(written, record.TransmissionOpposed{})
		case record.RestrictionLifted:
			given = livret(written, record.ProcessingRestricted{Reason: record.LegalClaims})
		case record.OnlineServiceAccepted:
			given = livret(written, record.OnlineServiceRefused{})
		}
		before, after := given.State(), record.Evolve(given.State(), domain.Fact{Sequence: 7, Event: event})
		if reflect.DeepEqual(before, after) {
			t.Errorf("%s leaves the state as it was", event.EventType())
		}
	}
}

// A fact whose content is destroyed leaves the livret alone.
func TestForgottenEvent(t *testing.T) {
	state := record.Evolve(livret(written).State(), domain.Fact{Sequence: 6})
	if !reflect.DeepEqual(state, livret(written).State()) {
		t.Error("a fact without event changes the livret")
	}
}

func kindOf(t interface{ Fatalf(string, ...any) }, event domain.Event) domain.Kind {
	for _, kind := range record.Events() {
		if kind.Type == event.EventType() {
			return kind
		}
	}
	t.Fatalf("%s is not in the catalogue", event.EventType())
	return domain.Kind{}
}

func FuzzRead(f *testing.F) {
	kinds := record.Events()
	for i, kind := range kinds {
		for _, sample := range samples {
			if sample.EventType() == kind.Type {
				data, err := json.Marshal(sample)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(uint8(i), data)
				f.Add(uint8(i), append([]byte{' '}, data...))
				f.Add(uint8(i), append(data, ' ', '1'))
			}
		}
	}
	f.Add(uint8(3), []byte(`{"period":1,"Enseignement":{"year":2014},"mark":"absent","period":2}`))
	f.Add(uint8(9), []byte(`{"enseignement":null,"text":"a\ud800\u2028"}`))
	f.Fuzz(func(t *testing.T, i uint8, data []byte) {
		kind := kinds[int(i)%len(kinds)]
		if spec.SameReading(t, kind, data) {
			codec, err := domain.NewCodec(kinds)
			if err != nil {
				t.Fatal(err)
			}
			event, err := codec.Decode(kind.Type, kind.Schema, data)
			if err != nil {
				t.Fatalf("the codec refuses what its reader accepts: %v", err)
			}
			record.Evolve(record.NewState(), domain.Fact{Sequence: 1, Event: event}) // must not panic
		}
	})
}

// Whatever can be in an event, what is written reads back as itself, by both readers.
func TestReadersAgreeOnWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		event := anyEvent().Draw(r, "event")
		data, err := json.Marshal(event)
		if err != nil {
			r.Fatal(err)
		}
		if !spec.SameReading(t, kindOf(r, event), data) {
			r.Fatalf("%s is refused", data)
		}
		cut := rapid.IntRange(0, len(data)).Draw(r, "cut")
		spec.SameReading(t, kindOf(r, event), data[:cut])
		spec.SameReading(t, kindOf(r, event), append(data[:cut:cut], append([]byte(rapid.SampledFrom([]string{"0", ",", `"`, "x", " ", "}", "null"}).Draw(r, "noise")), data[cut:]...)...))
	})
}

// The catalogue's fields are filled by reflection here, so that a new field needs no new generator.
func anyEvent() *rapid.Generator[domain.Event] {
	return rapid.Custom(func(r *rapid.T) domain.Event {
		v := reflect.New(reflect.TypeOf(rapid.SampledFrom(samples).Draw(r, "type"))).Elem()
		fill(r, v)
		return v.Interface().(domain.Event)
	})
}

func fill(r *rapid.T, v reflect.Value) {
	switch v.Interface().(type) {
	case mark.Mark:
		v.Set(reflect.ValueOf(anyMark().Draw(r, "mark")))
		return
	case domain.Date:
		v.Set(reflect.ValueOf(domain.NewDate(rapid.IntRange(0, 2100).Draw(r, "year"), 5, 30)))
		return
	case uuid.UUID:
		v.Set(reflect.ValueOf(rapid.SampledFrom([]uuid.UUID{prof, cpe, uuid.Nil, uuid.Max}).Draw(r, "id")))
		return
	case nomenclature.SchoolYear:
		v.SetInt(int64(rapid.Int16().Draw(r, "year")))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(r, "there") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		if n := rapid.IntRange(-1, 3).Draw(r, "length"); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(r, v.Index(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"S", "061300", "Élève « sérieuse ».", "a\nb", `"<&>\`, strings.Repeat("é", 300)})).Draw(r, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(r, "bool"))
	case reflect.Uint8, reflect.Uint16, reflect.Uint64:
		most := uint64(math.MaxUint64) >> (64 - v.Type().Bits())
		v.SetUint(rapid.OneOf(rapid.Uint64Range(0, most), rapid.SampledFrom([]uint64{0, 1, 10, most})).Draw(r, "number"))
	default:
		r.Fatalf("no generator for %s", v.Type())
	}
}

func anyMark() *rapid.Generator[mark.Mark] {
	return rapid.OneOf(
		rapid.SampledFrom([]mark.Mark{mark.NotMarked(), mark.Absent(), mark.Dispensed(), points(0), points(mark.Max)}),
		rapid.Map(rapid.IntRange(0, mark.Max), points))
}

var sink error

func BenchmarkRead(b *testing.B) {
	for _, event := range []domain.Event{imported(2, 1250), samples[7], record.AppreciationWritten{Enseignement: maths, Text: strings.Repeat("Élève sérieuse. ", 12)}} {
		data, err := json.Marshal(event)
		if err != nil {
			b.Fatal(err)
		}
		codec, err := domain.NewCodec(record.Events())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(event.EventType(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, sink = codec.Decode(event.EventType(), 1, data)
			}
		})
		b.Run(event.EventType()+"/strict", func(b *testing.B) {
			b.ReportAllocs()
			v := reflect.New(reflect.TypeOf(event)).Interface()
			for b.Loop() {
				sink = domain.ReadStrict(data, v)
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	codec, err := domain.NewCodec(record.Events())
	if err != nil {
		b.Fatal(err)
	}
	event := imported(2, 1250)
	b.ReportAllocs()
	for b.Loop() {
		_, _, _, sink = codec.Encode(event)
	}
}
