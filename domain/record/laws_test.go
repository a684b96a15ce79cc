package record_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// The laws below hold of any livret that commands can make. The world of the generators is small on purpose:
// what matters is that things meet.

func pick[T any](r *rapid.T, name string, from ...T) T { return rapid.SampledFrom(from).Draw(r, name) }

func anyEnseignement(r *rapid.T) record.Enseignement {
	return record.Enseignement{
		Year:    pick[nomenclature.SchoolYear](r, "year", 2014, 2015, 2015, 2003),
		Matiere: pick[nomenclature.Matiere](r, "matiere", "061300", "062300", "002300", "030201", "999999", "030C09"),
		// S more often than not
		Modalite: pick[nomenclature.Modalite](r, "modalite", "S", "S", "O", "N"), Rank: pick[uint8](r, "rank", 1, 1, 2, 0),
	}
}

func anyText(r *rapid.T) string {
	return pick(r, "text", "Sérieuse.", " Sérieuse.\u00a0", "En progrès.\r\nPoursuivez.", "\u00a0", "a\x00", rapid.String().Draw(r, "other text"))
}

func anyShares(r *rapid.T) *mark.Shares {
	return pick(r, "shares", nil, &mark.Shares{Below8: 1000, From8: 4500, From12: 4500}, &mark.Shares{From12: 10000}, &mark.Shares{})
}

func anyCommand(r *rapid.T, n *nomenclature.Nomenclature) domain.Command[*record.State] {
	e, year := anyEnseignement(r), pick[nomenclature.SchoolYear](r, "year", 2014, 2015, 2015, 2003)
	period := pick[uint8](r, "period", 0, 1, 2, 3, 9)
	if rapid.Bool().Draw(r, "blind") {
		n = nil
	}
	switch rapid.IntRange(0, 30).Draw(r, "command") {
	case 0:
		return record.OpenLivret{Session: pick[nomenclature.SchoolYear](r, "session", 2016, 2016, 2017, 0)}
	case 1:
		return record.RecordSchooling{Year: year, UAI: "0000123J", MEF: pick[nomenclature.MEF](r, "mef", "20111010110", "20211010110", "24723403321", "x"),
			Division: pick(r, "division", "1S1", "1S2"), Nomenclature: n}
	case 2:
		return record.SetPeriods{Year: year, Count: pick[uint8](r, "count", 2, 3, 3, 4)}
	case 3:
		return record.CorrectAverage{Enseignement: e, Period: period, Mark: anyMark().Draw(r, "mark"), Reason: anyText(r)}
	case 4:
		return record.RecordAnnualAverage{Enseignement: e, Mark: anyMark().Draw(r, "mark"), Nomenclature: n}
	case 5:
		return record.RecordGroupFigures{Enseignement: e, Headcount: pick[uint16](r, "headcount", 0, 32), Mean: anyMark().Draw(r, "mean"), Shares: anyShares(r), Nomenclature: n}
	case 6:
		return record.AssessCompetence{Enseignement: e, Competence: pick[nomenclature.Competence](r, "competence", "0094", "0101", "9999", "1"),
			Mastery: pick[nomenclature.Mastery](r, "mastery", "3", "NE", "B1", "7"), Nomenclature: n}
	case 7:
		return record.WriteAppreciation{Enseignement: e, Text: anyText(r), Nomenclature: n}
	case 8:
		return record.NameTeachers{Enseignement: e, Staff: pick(r, "staff", nil, []uuid.UUID{prof}, []uuid.UUID{prof, cpe}, []uuid.UUID{cpe, prof, cpe}), Nomenclature: n}
	case 9:
		return record.DeclareEngagement{Code: pick[record.Engagement](r, "code", "C", "V", "A", "Z")}
	case 10:
		return record.DeclareOtherEngagement{Text: anyText(r)}
	case 11:
		return record.WriteObservation{Kind: pick(r, "kind", record.ObservationCPE, record.ObservationTeam, record.ObservationHead, "parent"),
			Year: year, Text: anyText(r), Author: pick(r, "author", prof, cpe, uuid.Nil), Dated: pick(r, "dated", domain.Date{}, domain.NewDate(2015, 5, 30))}
	case 12:
		return record.IssueAvis{Avis: pick[record.Avis](r, "avis", "T", "F", "D", "X")}
	case 13:
		return record.FreezeAvisShares{Serie: "S", Headcount: 60, T: pick[uint16](r, "t", 0, 5000, 6000), F: pick[uint16](r, "f", 5000, 4000)}
	case 14:
		return record.AttestB2i{}
	case 15:
		return record.LockPeriod{Year: year, Period: period}
	case 16:
		return record.UnlockPeriod{Year: year, Period: period, Reason: anyText(r)}
	case 17:
		return record.GiveHeadVisa{Year: year}
	case 18:
		return record.DecideScreening{Text: rapid.Uint64Range(0, 30).Draw(r, "sequence"), Decision: record.TextKept, Rule: "1"}
	case 19:
		from := rapid.Uint16Range(0, 8).Draw(r, "from")
		return record.MaskPassages{Masks: []record.PassagesMasked{{Text: rapid.Uint64Range(0, 30).Draw(r, "sequence"), Spans: [][2]uint16{{from, from + 3}}, Rule: "1"}}}
	case 20:
		return anyImport(r, n)
	case 21:
		return record.AcknowledgeLivret{Version: rapid.Uint64Range(0, 30).Draw(r, "version")}
	case 22:
		about := record.Subject{Kind: record.SubjectAverage, Enseignement: e, Period: period}
		return record.RequestRectification{Rectification: pick(r, "demand", prof, cpe), Demand: anyText(r),
			About: pick(r, "about", about, about, record.Subject{Kind: record.SubjectAppreciation, Enseignement: e}, record.Subject{Kind: record.SubjectIdentity})}
	case 23:
		return record.GrantRectification{Rectification: pick(r, "demand", prof, cpe), Reason: anyText(r), Mark: anyMark().Draw(r, "mark"), Text: anyText(r), Nomenclature: n}
	case 24:
		return record.RefuseRectification{Rectification: pick(r, "demand", prof, cpe), Reason: anyText(r)}
	case 25:
		return pick[domain.Command[*record.State]](r, "opposition", record.OpposeTransmission{}, record.OpposeTransmission{Transmitted: true}, record.WithdrawOpposition{})
	case 26:
		return record.RestrictProcessing{Reason: pick(r, "ground", record.AccuracyContested, record.LegalClaims, "x")}
	case 27:
		return record.LiftRestriction{}
	case 28:
		return pick[domain.Command[*record.State]](r, "service", record.RefuseOnlineService{}, record.AcceptOnlineService{})
	case 29:
		day := domain.NewDate(2016, 7, 8)
		return record.HandOverPaperLivret{On: day, Proclaimed: pick(r, "proclaimed", day, domain.Date{}), Today: day}
	case 30:
		return record.OrderTransfer{To: pick[nomenclature.UAI](r, "school", "0000456W", "0000123J", "x")}
	}
	return record.RecordAverage{Enseignement: e, Period: period, Mark: anyMark().Draw(r, "mark"), Nomenclature: n}
}

func anyImport(r *rapid.T, n *nomenclature.Nomenclature) record.ImportLivret {
	c := record.ImportLivret{
		Session: pick[nomenclature.SchoolYear](r, "session", 2016, 2016, 0, 2017), Nomenclature: n, Other: anyText(r),
		Avis: pick[record.Avis](r, "avis", "", "T", "F", "X"), B2i: rapid.Bool().Draw(r, "b2i"),
		Engagements: rapid.SliceOfN(rapid.SampledFrom([]record.Engagement{"C", "S", "Z"}), 0, 3).Draw(r, "engagements"),
	}
	for range rapid.IntRange(0, 3).Draw(r, "years") {
		y := record.ImportedYear{Year: pick[nomenclature.SchoolYear](r, "year", 2014, 2015, 2003), Periods: pick[uint8](r, "periods", 0, 2, 3, 3)}
		if rapid.Bool().Draw(r, "schooled") {
			y.Schooling = &record.RecordSchooling{UAI: "0000123J", MEF: pick[nomenclature.MEF](r, "mef", "20111010110", "20211010110"), Division: "S1"}
		}
		for range rapid.IntRange(0, 4).Draw(r, "evaluations") {
			e := anyEnseignement(r)
			v := record.Evaluation{Matiere: e.Matiere, Modalite: e.Modalite, Headcount: pick[uint16](r, "headcount", 0, 32), Mean: anyMark().Draw(r, "mean"),
				Shares: anyShares(r), Appreciation: anyText(r), Teachers: pick(r, "teachers", nil, []uuid.UUID{prof})}
			for range rapid.IntRange(0, 3).Draw(r, "averages") {
				v.Averages = append(v.Averages, record.PeriodAverage{Period: pick[uint8](r, "period", 1, 2, 3, 9), Mark: anyMark().Draw(r, "mark")})
			}
			for range rapid.IntRange(0, 2).Draw(r, "competences") {
				v.Competences = append(v.Competences, record.Competence{Code: pick[nomenclature.Competence](r, "code", "0094", "0101", "0151"), Mastery: pick[nomenclature.Mastery](r, "level", "3", "4")})
			}
			y.Evaluations = append(y.Evaluations, v)
		}
		for range rapid.IntRange(0, 2).Draw(r, "observations") {
			y.Observations = append(y.Observations, record.ImportedObservation{Kind: record.ObservationCPE, Text: anyText(r), Author: cpe})
		}
		c.Years = append(c.Years, y)
	}
	return c
}

// stream is a livret in the making.
type stream struct {
	state  *record.State
	events []domain.Event
}

func (s *stream) add(events []domain.Event) {
	for _, event := range events {
		s.events = append(s.events, event)
		record.Evolve(s.state, domain.Fact{Sequence: uint64(len(s.events)), Event: event})
	}
}

// anyLivret is what some commands make of an open livret.
func anyLivret(r *rapid.T, n *nomenclature.Nomenclature) *stream {
	s := &stream{state: record.NewState()}
	if rapid.Bool().Draw(r, "in use") {
		s.add([]domain.Event{opened, premiere, inTS, trimesters, semesters})
	}
	for range rapid.IntRange(0, 25).Draw(r, "commands") {
		if events, err := anyCommand(r, n).Decide(s.state); err == nil {
			s.add(events)
		}
	}
	return s
}

func TestDecidingTwiceYieldsNothing(t *testing.T) {
	n := lists(t)
	rapid.Check(t, func(r *rapid.T) {
		s := anyLivret(r, n)
		c := anyCommand(r, n)
		before := asJSON(r, s.state)
		events, err := c.Decide(s.state)
		if !slices.Equal(before, asJSON(r, s.state)) {
			r.Fatalf("%T changes the state it is asked about", c)
		}
		if err != nil {
			if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Reason == "" || len(events) > 0 {
				r.Fatalf("%T answers %v with %d events", c, err, len(events))
			}
			return
		}
		s.add(events)
		if again, err := c.Decide(s.state); err != nil || len(again) > 0 {
			r.Fatalf("%T decided again answers %v %v", c, again, err)
		}
	})
}

// Importing again adds nothing, and refuses the same lines for the same reasons.
func TestImportTwice(t *testing.T) {
	n := lists(t)
	rapid.Check(t, func(r *rapid.T) {
		s, c := anyLivret(r, n), anyImport(r, n)
		events, refused := c.Plan(s.state)
		s.add(events)
		again, refusedAgain := c.Plan(s.state)
		if len(again) > 0 {
			r.Fatalf("imported again, it adds %v", again)
		}
		if !slices.Equal(refusals(refused), refusals(refusedAgain)) {
			r.Fatalf("refused by %v, then by %v", refusals(refused), refusals(refusedAgain))
		}
		for _, line := range refused {
			if line.Year == 0 && line.Act == "" {
				r.Fatalf("a line refused by %s does not say what it is about", line.Rule)
			}
		}
	})
}

func asJSON(r *rapid.T, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		r.Fatal(err)
	}
	return data
}

// A fold does not depend on whether its events, or itself halfway, went through JSON.
func TestFoldSurvivesJSON(t *testing.T) {
	n := lists(t)
	codec, err := domain.NewCodec(record.Events())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		s := anyLivret(r, n)
		halfway := rapid.IntRange(0, len(s.events)).Draw(r, "halfway")
		state := record.NewState()
		for i, event := range s.events {
			name, schema, data, err := codec.Encode(event)
			if err != nil {
				r.Fatal(err)
			}
			decoded, err := codec.Decode(name, schema, data)
			if err != nil || !reflect.DeepEqual(decoded, event) {
				r.Fatalf("%s reads as %v (error %v)", data, decoded, err)
			}
			if i == halfway {
				kept := asJSON(r, state)
				state = record.NewState()
				if err := json.Unmarshal(kept, state); err != nil {
					r.Fatal(err)
				}
			}
			record.Evolve(state, domain.Fact{Sequence: uint64(i) + 1, Event: decoded})
		}
		if got, want := asJSON(r, state), asJSON(r, s.state); !slices.Equal(got, want) {
			r.Fatalf("folded to\n%s\nwant\n%s", got, want)
		}
	})
}

// What holds of every livret, whatever commands made it.
func TestInvariants(t *testing.T) {
	n := lists(t)
	rapid.Check(t, func(r *rapid.T) {
		s := anyLivret(r, n)
		state := s.state
		if !slices.IsSortedFunc(state.Lines, func(a, b *record.Line) int { return a.Enseignement.Compare(b.Enseignement) }) {
			r.Fatal("lines are not sorted")
		}
		for i, l := range state.Lines {
			if i > 0 && state.Lines[i-1].Enseignement == l.Enseignement {
				r.Fatalf("%v has two lines", l.Enseignement)
			}
			y := state.Year(l.Enseignement.Year)
			if y == nil {
				r.Fatalf("%v is of no year", l.Enseignement)
			}
			for p, a := range l.Averages {
				if a.Recorded() && p >= int(y.Periods) {
					r.Fatalf("%v has an average in period %d of %d", l.Enseignement, p+1, y.Periods)
				}
			}
			if m, _ := l.Annual(); !l.AnnualGiven.Recorded() && !l.Averages[0].Mark.IsMarked() && !l.Averages[1].Mark.IsMarked() && !l.Averages[2].Mark.IsMarked() && m.IsMarked() {
				r.Fatalf("a pupil never marked has the annual average %v", m)
			}
		}
		for _, y := range state.Years {
			if state.Opened() && (y.Year >= state.Session || y.Year < state.Session-5) {
				r.Fatalf("year %d is not of session %d", y.Year, state.Session)
			}
			if y.Locks.Has(0) && y.ChangedAt > y.LockedAt {
				r.Fatalf("the page of %d changed at %d, after its lock at %d", y.Year, y.ChangedAt, y.LockedAt)
			}
		}
		seen := map[uint64]bool{}
		for text := range state.Texts() {
			if length := utf8.RuneCountInString(text.Value); length < 1 || length > record.MaxText || text.Value != record.Tidy(text.Value) {
				r.Fatalf("text of %d characters: %q", length, text.Value)
			}
			if seen[text.Sequence] || text.Kind == "" || state.Text(text.Sequence) != text {
				r.Fatalf("text %d of kind %q is not told apart", text.Sequence, text.Kind)
			}
			seen[text.Sequence] = true
		}
		if !slices.IsSorted(state.Engagements) || len(slices.Compact(slices.Clone(state.Engagements))) != len(state.Engagements) {
			r.Fatalf("engagements are %v", state.Engagements)
		}
	})
}
