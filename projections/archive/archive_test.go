package archive_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/merkle/bundle"
	"livret/projections/archive"
)

var (
	livret = uuid.MustParse("6f1c0000-0000-4000-8000-000000000001")
	lot    = uuid.MustParse("6f1c0000-0000-4000-8000-00000000000a")
	noon   = time.Date(2018, time.July, 4, 10, 0, 0, 0, time.UTC)
)

// stream is a stream of facts, one an hour.
func stream(category string, id uuid.UUID, first int64, events ...domain.Event) archive.Stream {
	s := archive.Stream{ID: eventstore.Stream(category, id)}
	for n, event := range events {
		at := noon.Add(time.Duration(n) * time.Hour)
		h := eventstore.Header{Stream: s.ID, Sequence: eventstore.Version(n + 1), Type: event.EventType(), RecordedAt: at}
		fact := domain.Fact{Sequence: uint64(n + 1), Actor: domain.Actor{Role: "dec"}, OccurredAt: at, RecordedAt: at, Event: event}
		e := archive.Entry{Header: h, Index: first + int64(n)}
		if archive.Opens(h) {
			e.Fact = &fact
		}
		s.Entries = append(s.Entries, e)
	}
	return s
}

func made(streams ...archive.Stream) *archive.Archive {
	a := &archive.Archive{Academie: "08", Streams: streams}
	a.Request = archive.Request{ID: lot, Asked: noon, ArchiveRequested: consultation.ArchiveRequested{Livret: livret, Case: "TA Melun <1907538>", Motive: "défaut de visa", Requester: "service juridique"}}
	return a
}

func candidate(events ...domain.Event) archive.Stream {
	return stream(deliberation.Category, lot, 100, append([]domain.Event{
		deliberation.CandidateRegistered{Livret: livret, Session: 2018, Round: deliberation.Juin, Number: "34270141"},
		deliberation.LivretTransmitted{RecordVersion: 1},
	}, events...)...)
}

func examined(version uint64, hash byte) deliberation.LivretExamined {
	return deliberation.LivretExamined{Deliberation: 1, Group: deliberation.Premier, RecordVersion: version, Projection: "jury.v2", Salt: bytes.Repeat([]byte{1}, 32), ViewHash: bytes.Repeat([]byte{hash}, 32)}
}

func TestTheLastActClosesALivret(t *testing.T) {
	marks := stream(record.Category, livret, 1, record.LivretOpened{Session: 2018})
	for name, c := range map[string]struct {
		candidate archive.Stream
		want      uint64
	}{
		"transmitted":    {candidate(), 2},
		"examined":       {candidate(examined(1, 1)), 3},
		"examined again": {candidate(examined(1, 1), examined(1, 2)), 4},
	} {
		d := made(marks, c.candidate).Dossier()
		if closing := d.Streams[0].Closing; closing == nil || closing.Sequence != c.want || closing.Stream.Category() != deliberation.Category {
			t.Errorf("%s: closed by %+v", name, closing)
		}
		if d.Streams[1].Closing != nil || d.Streams[1].Last != uint64(len(c.candidate.Entries)) {
			t.Errorf("%s: the candidate is %+v", name, d.Streams[1])
		}
	}
	if d := made(marks).Dossier(); d.Streams[0].Closing != nil {
		t.Error("nobody closed it")
	}
	marks.Destroyed = true
	if d := made(marks, candidate()).Dossier(); d.Streams[0].Closing != nil || len(d.Destroyed) != 1 {
		t.Errorf("what is destroyed is %+v", d)
	}
}

// An examination that another followed is no claim of the archive; nor is what can not be shown byte for byte.
func TestOnlyTheExaminationThatStandsIsTold(t *testing.T) {
	visa := deliberation.PresidentVisaGiven{Deliberation: 1, Group: deliberation.Premier, RecordVersion: 1, ViewHash: bytes.Repeat([]byte{2}, 32)}
	all := made(candidate(examined(1, 1), examined(1, 2), visa)).Examinations()
	if len(all) != 1 || all[0].Event.Sequence != 4 || all[0].Visa == nil || all[0].Shown != nil {
		t.Errorf("%+v", all)
	}
	if views := made(candidate(examined(1, 1))).Dossier().Views; len(views) != 0 {
		t.Errorf("shown, with another hash: %+v", views)
	}
	if all := made(candidate(examined(1, 1))).Examinations(); len(all) != 1 || all[0].Visa != nil {
		t.Errorf("%+v", all)
	}
}

// Of the civil identity, who the pupil is, and nothing of anybody else.
func TestWhoThePupilIsAndNobodyElse(t *testing.T) {
	a := made(stream(identity.Category, livret, 1,
		identity.CivilIdentityRecorded{FamilyName: "THÉVENET", FirstNames: []string{"Juste"}, BirthDate: "2000-03-04"},
		identity.GuardianRecorded{PersonID: 1, Name: "KERGADALLAN", First: "Solenn", Legal: 1}, identity.INERecorded{INE: "0000070100HH"}), candidate())
	page, text := documents(t, a)
	if !strings.Contains(page, "Juste THÉVENET") || !strings.Contains(page, "Responsable légal enregistré ou retiré, contenu non produit") {
		t.Errorf("%s", page)
	}
	for _, name := range []string{"KERGADALLAN", "Solenn", "0000070100HH", "2000-03-04"} {
		if strings.Contains(page+text, name) {
			t.Errorf("it says %q", name)
		}
	}
}

func TestADestructionIsToldWithItsCertificate(t *testing.T) {
	marks := archive.Stream{ID: eventstore.Stream(record.Category, livret), Destroyed: true, Entries: []archive.Entry{{Header: eventstore.Header{Type: "record.LivretOpened"}, Index: 1}}}
	a := made(marks,
		stream(retention.Category, livret, 10, retention.KeysDestroyed{Lot: lot, Visa: "AD38-2019-4", Keys: []retention.Key{{Class: "record"}}, Events: 142}),
		stream(retention.LotCategory, lot, 20, retention.CertificateIssued{Dated: domain.NewDate(2019, time.March, 5), Visas: []string{"AD38-2019-4"}, Livrets: 3, Keys: 3}))
	page, text := documents(t, a)
	for _, sentence := range []string{"Contenu régulièrement détruit le 04/07/2018", "sous le visa AD38-2019-4", "Le certificat du lot est du 05/03/2019", "Acte «\u00a0record.LivretOpened\u00a0», contenu non produit"} {
		if !strings.Contains(page, sentence) {
			t.Errorf("the page does not say %q", sentence)
		}
	}
	if !strings.Contains(text, "a été régulièrement détruit") {
		t.Error("the instructions do not say so")
	}
}

// What a person typed is text on the page, and nothing is fetched or run by it.
func TestThePageIsSelfContained(t *testing.T) {
	page, text := documents(t, made(candidate(examined(1, 1), deliberation.ResultRecorded{Deliberation: 1, Group: deliberation.Premier, Result: deliberation.Ajourne})))
	if regexp.MustCompile(`(?i)<script|https?:|\son\w+=|javascript:|<link|<img`).MatchString(page) || strings.Contains(page, "<1907538>") || !strings.Contains(page, "&lt;1907538&gt;") {
		t.Error("the page runs, fetches or lets in something")
	}
	if !strings.Contains(page, "le jury décide «\u00a0ajourné\u00a0»") || !strings.Contains(page, "Aucun visa du président n’est inscrit") || !strings.Contains(text, "TA Melun <1907538>") {
		t.Error("something is not said")
	}
	read := regexp.MustCompile(`(?s)<style.*?</style>`).ReplaceAllString(strings.ReplaceAll(page, "&nbsp;", "\u00a0"), "")
	if wrong := regexp.MustCompile(`.{0,20}(?: [;:!?»]|« ).{0,20}`).FindString(read); wrong != "" {
		t.Errorf("a space that may break: %q", wrong)
	}
}

func documents(t *testing.T, a *archive.Archive) (page, text string) {
	t.Helper()
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	for s := range a.Streams {
		for e := range a.Streams[s].Entries {
			a.Streams[s].Entries[e].Lists = lists
		}
	}
	report := bundle.Report{Outcome: bundle.Indeterminate, Checks: []bundle.Check{{Family: bundle.Chain, Outcome: bundle.Valid, Said: "Tout se suit."}}}
	files, err := a.Documents(report)
	if err != nil {
		t.Fatal(err)
	}
	var statement struct {
		Format, Case string
		Outcome      bundle.Outcome
		Streams      []struct{ Facts, Opened int }
	}
	if err := json.Unmarshal(files["releve-valeur-probante.json"], &statement); err != nil || statement.Outcome != bundle.Indeterminate || len(statement.Streams) != len(a.Streams) || statement.Case != a.Case {
		t.Errorf("the relevé says %+v, %v", statement, err)
	}
	again, err := a.Documents(report)
	for name, content := range files {
		if err != nil || !bytes.Equal(content, again[name]) {
			t.Errorf("%s is not the same bytes twice: %v", name, err)
		}
	}
	return string(files["lecture.html"]), string(files["LISEZMOI.txt"])
}
