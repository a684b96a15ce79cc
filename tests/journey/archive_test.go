package journey

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle/bundle"
)

// The archive of a livret through its whole life: in active service, in custody, under a hold, after its destruction.
func TestALitigationTeamIsHandedAnArchive(t *testing.T) {
	s := tell(t).prepared()
	s.at("2018-06-04").convened()
	s.at("2018-07-04").deliberated().checkpoint()
	s.at("2018-07-05").proclaimed(june)
	anna, hugo := s.ordinary(0), s.ordinary(1)
	names := s.namesBeside(anna)

	s.at("2018-08-20")
	first := s.archived(anna)
	s.verifies(first, bundle.Valid, "complet jusqu’à la version n° ", "octet pour octet ce que le jury a examiné", "visé par le président du jury", "continue, sans rien y changer, son point de contrôle")
	if len(first.File) > 1<<20 {
		t.Errorf("%d bytes", len(first.File))
	}
	for _, name := range names {
		if bytes.Contains(first.said(t), []byte(name)) {
			t.Errorf("the archive of one pupil says %q", name)
		}
	}
	if pupil := s.civil(anna); !bytes.Contains(first.said(t), []byte(pupil)) {
		t.Error("it does not say whose it is")
	}
	s.tampered(first)

	// In custody: not without the two shares, and not for who has no business with it.
	folders := [2]string{t.TempDir(), t.TempDir()}
	shares, err := s.CreatePair(t.Context(), operator(), june.String(), folders)
	s.must(err)
	s.at("2018-09-05").runs()
	s.refused("garde-requise", s.asks(dec(), anna))
	for _, who := range []actor{head(), auditor(), archives(), president(), pupilHimself(anna)} {
		s.refused("acces-fonction", s.asks(who, anna))
	}
	half, err := instance.ReadShares(shares)
	s.must(err)
	s.verifies(s.archived(anna, half), bundle.Valid, "complet jusqu’à la version n° ", "visé par le président du jury")

	// Beyond its term, nobody reads what no hold keeps.
	s.at("2018-10-01").hold(retention.OpenHold{Origin: retention.RecoursContentieux, Livrets: []uuid.UUID{hugo}})
	s.at("2019-03-05")
	s.refused("livret-clos", s.asks(dec(), anna, half))
	s.verifies(s.archived(hugo, half), bundle.Valid, "visé par le président du jury")

	// Destroyed: what was handed out still proves what it did, and what is made now proves the destruction.
	s.visa("AD38-2019-4", june)
	s.runs().forgotten(anna).kept(hugo)
	s.verifies(first, bundle.Valid, "visé par le président du jury")
	after := s.archived(anna)
	s.verifies(after, bundle.Valid, "Le livret scolaire\u00a0: contenu régulièrement détruit le 05/03/2019, sous le visa AD38-2019-4\u00a0; certificat du 2019-03-05")
	if bytes.Contains(after.said(t), []byte(s.civilOf(first))) {
		t.Error("an archive made after the destruction names the pupil")
	}
	if page := after.other(t, "lecture.html"); !strings.Contains(page, "Contenu régulièrement détruit le 05/03/2019") {
		t.Error("the page does not say so")
	}
	if _, err := s.MakeArchive(t.Context(), dec(), asking(uuid.New())); !errors.Is(err, instance.ErrNotFound) {
		t.Errorf("a livret that never was: %v", err)
	}
	s.sound()

	requests, err := s.ArchiveRequests(t.Context(), dec())
	s.must(err)
	if len(requests) != 4 || requests[3].Made == nil || requests[3].Made.Digest != first.Digest || requests[3].Case != "TA Melun 1907538" || requests[3].Term.String() != "2019-08-20" {
		t.Errorf("the requests are told as %+v", requests)
	}
	if _, err := s.ArchiveRequests(t.Context(), head()); err == nil {
		t.Error("a head of school reads who asked for archives")
	}
	s.at("2019-08-20").authorised("SIAF-2019-7", retention.RequestFile)
	s.runs()
	requests, err = s.ArchiveRequests(t.Context(), auditor())
	s.must(err)
	if n := len(requests); n != 4 || requests[n-1].State != ledger.Shredded || requests[n-2].Motive != "défaut de visa" {
		t.Errorf("after its term, a request is told as %+v", requests)
	}
	s.sound()
}

func asking(livret uuid.UUID) consultation.RequestArchive {
	return consultation.RequestArchive{Livret: livret, Case: "TA Melun 1907538", Motive: "défaut de visa", Requester: "service juridique"}
}

// archived makes an archive, in the name of the exams division.
func (s *story) archived(livret uuid.UUID, at ...*keyvault.PrivateHalf) file {
	s.Helper()
	made, err := s.MakeArchive(s.Context(), dec(), asking(livret), at...)
	s.must(err)
	return file{made}
}

// asks tells why somebody is handed nothing, and that nothing was recorded of it.
func (s *story) asks(who actor, livret uuid.UUID, at ...*keyvault.PrivateHalf) error {
	s.Helper()
	before, err := s.ArchiveRequests(s.Context(), dec())
	s.must(err)
	made, refused := s.MakeArchive(s.Context(), who, asking(livret), at...)
	after, err := s.ArchiveRequests(s.Context(), dec())
	s.must(err)
	if made.File != nil || len(after) != len(before) {
		s.Errorf("%s is refused, and %d bytes leave, of %d requests", who.Role, len(made.File), len(after))
	}
	return refused
}

// file is an archive as it was handed out.
type file struct{ instance.ArchiveMade }

func (f file) bundle(t testing.TB) *bundle.Bundle {
	t.Helper()
	b, sound, err := bundle.Read(bytes.NewReader(f.File), int64(len(f.File)))
	if err != nil || !sound {
		t.Fatal(sound, err)
	}
	return b
}

func (f file) other(t testing.TB, name string) string { return string(f.bundle(t).Others[name]) }

// said is all that an archive says, openings included.
func (f file) said(t testing.TB) []byte {
	all := bytes.Clone(f.File)
	for _, events := range f.bundle(t).Events {
		for _, e := range events {
			all = append(all, e.Opening...)
		}
	}
	return all
}

// policy is what a stranger got from the académie.
func (s *story) policy() []byte {
	s.Helper()
	key, err := s.CheckpointKey()
	s.must(err)
	return []byte("log " + key + "\nquorum none\n")
}

// verifies checks what both verifiers conclude, and some of what the first one says.
func (s *story) verifies(f file, want bundle.Outcome, sentences ...string) {
	s.Helper()
	policy, err := bundle.ParsePolicy(s.policy(), nil)
	s.must(err)
	report := bundle.Verify(bytes.NewReader(f.File), int64(len(f.File)), &policy)
	text, err := json.Marshal(report)
	s.must(err)
	if report.Outcome != want {
		s.Errorf("%s: %s", report.Outcome, text)
	}
	for _, sentence := range sentences {
		if !bytes.Contains(text, []byte(sentence)) {
			s.Errorf("nothing says %q in %s", sentence, text)
		}
	}
	if exit := s.second(f.File); exit != map[bundle.Outcome]int{bundle.Valid: 0, bundle.Invalid: 1, bundle.Indeterminate: 2}[want] {
		s.Errorf("the second verifier ends with %d, where the first says %s", exit, want)
	}
}

// second is the exit code of the second verifier, as the archive brings it.
func (s *story) second(archive []byte) int {
	s.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		s.Skip("no python3 here: the second verifier was not run")
	}
	dir := s.TempDir()
	for name, content := range map[string][]byte{"archive.zip": archive, "policy.txt": s.policy(), "verifier.py": bundle.SecondVerifier()} {
		s.must(os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	command := exec.Command(python, "verifier.py", "archive.zip", "policy.txt")
	command.Dir = dir
	err = command.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		s.Fatal(err)
	}
	return command.ProcessState.ExitCode()
}

// tampered checks that an archive that says something else is not valid, whoever made its manifests anew.
func (s *story) tampered(f file) {
	s.Helper()
	of := func(b *bundle.Bundle, category string) eventstore.StreamID {
		for stream := range b.Events {
			if stream.Category() == category {
				return stream
			}
		}
		s.Fatal("no stream of " + category)
		return ""
	}
	for what, change := range map[string]func(b *bundle.Bundle){
		"another mark shown to the jury": func(b *bundle.Bundle) {
			shown := b.Dossier.Views[0].File
			b.Others[shown] = bytes.Replace(b.Others[shown], []byte(`"annual":`), []byte(`"annual":1`), 1)
			if bytes.Equal(b.Others[shown], f.bundle(s).Others[shown]) {
				s.Fatal("no mark was changed")
			}
		},
		"an event was changed":   func(b *bundle.Bundle) { b.Events[of(b, "record")][20].Opening[100] ^= 1 },
		"an event is missing":    func(b *bundle.Bundle) { drop(b, of(b, "record"), 30) },
		"the last is missing":    func(b *bundle.Bundle) { drop(b, of(b, "record"), len(b.Events[of(b, "record")])-1) },
		"a juror was exchanged":  func(b *bundle.Bundle) { b.Events[of(b, "jury")][1].Opening[60] ^= 1 },
		"two events swapped":     func(b *bundle.Bundle) { e := b.Events[of(b, "record")]; e[3], e[4] = e[4], e[3] },
		"it is said destroyed":   func(b *bundle.Bundle) { b.Dossier.Destroyed = []string{string(of(b, "record"))} },
		"nobody closed it":       func(b *bundle.Bundle) { b.Dossier.Streams[scopeOf(b, "record")].Closing.Sequence = 1 },
		"the visa was taken out": func(b *bundle.Bundle) { withhold(b, of(b, "candidate"), "candidate.PresidentVisaGiven") },
		"an older checkpoint":    func(b *bundle.Bundle) { b.Dossier.Size = b.Dossier.Consistency[0].From },
		"another ledger":         func(b *bundle.Bundle) { b.Dossier.Ledger[3] ^= 1 },
	} {
		b := f.bundle(s)
		change(b)
		var out bytes.Buffer
		s.must(b.Write(&out))
		policy, err := bundle.ParsePolicy(s.policy(), nil)
		s.must(err)
		if report := bundle.Verify(bytes.NewReader(out.Bytes()), int64(out.Len()), &policy); report.Outcome == bundle.Valid {
			s.Errorf("%s: still valid", what)
		}
		if exit := s.second(out.Bytes()); exit == 0 {
			s.Errorf("%s: still valid to the second verifier", what)
		}
	}
	flipped := bytes.Clone(f.File)
	flipped[bytes.Index(flipped, []byte("Page de lecture"))] ^= 1
	if policy, _ := bundle.ParsePolicy(s.policy(), nil); bundle.Verify(bytes.NewReader(flipped), int64(len(flipped)), &policy).Outcome == bundle.Valid || s.second(flipped) == 0 {
		s.Error("a byte of the page was changed: still valid")
	}
}

func drop(b *bundle.Bundle, stream eventstore.StreamID, n int) {
	b.Events[stream] = append(b.Events[stream][:n:n], b.Events[stream][n+1:]...)
}

func withhold(b *bundle.Bundle, stream eventstore.StreamID, eventType string) {
	for n := range b.Events[stream] {
		if e := &b.Events[stream][n]; bytes.Contains(e.Leaf, []byte(eventType)) {
			e.Opening = nil
		}
	}
}

func scopeOf(b *bundle.Bundle, category string) int {
	for n, s := range b.Dossier.Streams {
		if s.Stream.Category() == category {
			return n
		}
	}
	return -1
}

// namesBeside are the names of everybody but one pupil: other pupils, guardians, teachers. Those that his own texts
// speak of are left out: they are what was written of him.
func (s *story) namesBeside(livret uuid.UUID) []string {
	s.Helper()
	var own strings.Builder
	own.WriteString(s.civil(livret))
	for text := range s.record(livret).Texts() {
		own.WriteString(text.Value)
	}
	var names []string
	add := func(name string) {
		if len(name) > 3 && !strings.Contains(strings.ToLower(own.String()), strings.ToLower(name)) {
			names = append(names, name)
		}
	}
	for fact, err := range s.Ledger.Facts(s.Context(), eventstore.Position{}, identity.Category, identity.StaffCategory) {
		s.must(err)
		switch e := fact.Event.(type) {
		case identity.CivilIdentityRecorded:
			if fact.Envelope.Stream != eventstore.Stream(identity.Category, livret) {
				add(e.DisplayName())
				add(`"familyName":"` + e.FamilyName)
			}
		case identity.GuardianRecorded:
			add(e.DisplayName())
			add(e.First + " " + e.Name)
		case identity.INERecorded:
			add(e.INE)
		case identity.StaffIdentified:
			add(e.DisplayName())
			add(e.Name)
		}
	}
	if len(names) < 50 {
		s.Fatalf("%d names are too few to look for", len(names))
	}
	return names
}

func (s *story) civil(livret uuid.UUID) string {
	s.Helper()
	pupil, _, err := ledger.Load(s.Context(), s.Ledger, identity.PupilDecider, livret)
	s.must(err)
	return pupil.Civil.DisplayName()
}

// civilOf is who an archive says it is of.
func (s *story) civilOf(f file) string {
	s.Helper()
	for stream, events := range f.bundle(s).Events {
		for _, e := range events {
			if stream.Category() == identity.Category && e.Opening != nil {
				content, err := eventstore.ParseContent(e.Opening[eventstore.SaltSize:])
				s.must(err)
				var civil identity.CivilIdentityRecorded
				s.must(json.Unmarshal(content.Payload, &civil))
				return civil.FamilyName
			}
		}
	}
	s.Fatal("it names nobody")
	return ""
}

// An examination that nobody signed is shown, and not said to be signed; one that another followed is not shown.
func TestAnArchiveShowsTheExaminationThatStands(t *testing.T) {
	s := tell(t).prepared()
	s.at("2018-06-04").convened()
	anna := s.ordinary(0)
	s.at("2018-07-03").examined(anna, deliberation.Premier)
	unsigned := s.archived(anna)
	s.verifies(unsigned, bundle.Indeterminate, "aucun visa du président n’est produit")
	if len(unsigned.bundle(t).Dossier.Views) != 1 {
		t.Error("what was examined is not shown")
	}
	s.at("2018-07-04")
	demand, about := uuid.New(), s.anAverage(anna)
	s.must(s.RequestRectification(s.Context(), pupilHimself(anna), anna, demand, about, "Ce n’est pas ma moyenne."))
	s.must(s.GrantRectification(s.Context(), head(), anna, uuid.New(), demand, "Erreur de saisie constatée.", redress(mark.Must(mark.Hundredths(1975)))))
	s.must(s.CatchUp(s.Context()))
	s.judged(anna, deliberation.Premier, deliberation.Admis)
	again := s.archived(anna)
	s.verifies(again, bundle.Valid, "visé par le président du jury, visa inscrit le 04/07/2018")
	if views := again.bundle(t).Dossier.Views; len(views) != 1 || views[0].Event == unsigned.bundle(t).Dossier.Views[0].Event {
		t.Errorf("what is shown is %+v", views)
	}
}
