package instance_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/eventstore/ledger/intake"
	"livret/eventstore/merkle/bundle"
	"livret/eventstore/merkle/timestamp/timestamptest"
)

var exams = access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: "08"}

func asking(livret uuid.UUID) consultation.RequestArchive {
	return consultation.RequestArchive{Livret: livret, Case: "TA Melun 1907538", Motive: "défaut de visa", Requester: "service juridique"}
}

// The same request over the same ledger is the same file. Two requests differ by the request itself, and by what was
// recorded of the first: another checkpoint, other proofs.
func TestTheSameArchiveIsTheSameBytes(t *testing.T) {
	a := newAged(t)
	a.transmit(t)
	made, err := a.MakeArchive(t.Context(), exams, asking(a.livrets[0]))
	if err != nil || made.Outcome != bundle.Valid || made.Bytes != int64(len(made.File)) {
		t.Fatalf("%+v, %v", made.Outcome, err)
	}
	first, err := a.Assemble(t.Context(), made.Request, made.Livret)
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.Assemble(t.Context(), made.Request, made.Livret)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the same archive is not the same bytes: %v", err)
	}
	b, _, err := bundle.Read(bytes.NewReader(made.File), made.Bytes)
	if err != nil || !b.Dossier.Made.Equal(a.now) || b.Dossier.Case != "TA Melun 1907538" {
		t.Errorf("%+v, %v", b.Dossier, err)
	}
}

// What could not be recorded does not leave, whether the failure took effect or not.
func TestAnArchiveThatIsNotRecordedDoesNotLeave(t *testing.T) {
	for _, eventType := range []string{"retention.KeyCreated", "request.ArchiveRequested", "retention.TermSet", "request.ArchiveMade"} {
		for _, persisted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s persisted %t", eventType, persisted), func(t *testing.T) {
				a := newAged(t)
				a.Failing(eventType, persisted)
				made, err := a.MakeArchive(t.Context(), exams, asking(a.livrets[0]))
				if eventType == "retention.TermSet" { // a reaction sets it, and tries again
					if err == nil && made.File == nil {
						t.Error("recorded, and nothing leaves")
					}
					return
				}
				if err == nil || made.File != nil {
					t.Errorf("%d bytes leave: %v", len(made.File), err)
				}
			})
		}
	}
}

func TestRequestsOfArchivesAreForWhoMayReadThem(t *testing.T) {
	a := newAged(t)
	if _, err := a.MakeArchive(t.Context(), exams, asking(a.livrets[0])); err != nil {
		t.Fatal(err)
	}
	for role, may := range map[string]bool{access.DEC: true, access.Auditeur: true, access.Exploitant: false, access.ChefEtablissement: false, access.Archives: false} {
		all, err := a.ArchiveRequests(t.Context(), access.Actor{Actor: domain.Actor{Role: role}, Academie: "08"})
		if may != (err == nil) || may && (len(all) != 1 || all[0].Requester != "service juridique" || all[0].Made == nil || all[0].Role != access.DEC) {
			t.Errorf("%s reads %+v, %v", role, all, err)
		}
	}
	if _, err := a.MakeArchive(t.Context(), access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: "09"}, asking(a.livrets[0])); err == nil {
		t.Error("another académie is handed an archive")
	}
}

// What an authority and a witness said of the ledger goes with the archive, and is believed by who believes them. Here
// there is no examination: the last of each is there.
func TestAnArchiveBringsTimestampsAndCosignatures(t *testing.T) {
	a := newAged(t)
	a.transmit(t)
	authority, err := timestamptest.New()
	if err != nil {
		t.Fatal(err)
	}
	defer authority.Close()
	if err := a.NameAuthority(operator, instance.Authority{URL: authority.URL, Roots: string(authority.Roots)}); err != nil {
		t.Fatal(err)
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	witness, err := cosignature.NewSignerForCosignatureV1(skey)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.NameWitnesses(operator, []byte("witness w "+vkey+" https://witness.example/\nquorum w\n")); err != nil {
		t.Fatal(err)
	}
	unseen, err := a.MakeArchive(t.Context(), exams, asking(a.livrets[0]))
	if err != nil || unseen.Outcome != bundle.Indeterminate {
		t.Errorf("that nobody vouched for is %s, %v", unseen.Outcome, err)
	}
	if _, err := a.Timestamp(t.Context(), operator, ""); err != nil {
		t.Fatal(err)
	}
	_, signed, err := a.Checkpoint(t.Context(), operator)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	cosigned, err := note.Sign(&note.Note{Text: string(text) + "\n"}, witness)
	if err != nil {
		t.Fatal(err)
	}
	_, signature, _ := bytes.Cut(cosigned, []byte("\n\n"))
	if _, err := a.Cosign(t.Context(), operator, signature); err != nil {
		t.Fatal(err)
	}
	made, err := a.MakeArchive(t.Context(), exams, asking(a.livrets[0]))
	if err != nil || made.Outcome != bundle.Valid {
		t.Errorf("%s, %v", made.Outcome, err)
	}
	policy, err := a.Policy()
	if err != nil {
		t.Fatal(err)
	}
	mine, err := bundle.ParsePolicy(policy, authority.Roots)
	if err != nil {
		t.Fatal(err)
	}
	report, err := json.Marshal(bundle.Verify(bytes.NewReader(made.File), made.Bytes, &mine))
	if err != nil || !bytes.Contains(report, []byte(`"outcome":"VALID","checks"`)) || !bytes.Contains(report, []byte(" existait le ")) || !bytes.Contains(report, []byte("ont signé le point de contrôle")) {
		t.Errorf("%s, %v", report, err)
	}
	if exit := second(t, made.File, policy, authority.Roots); exit != 2 { // it does not look at witnesses, and says so
		t.Errorf("the second verifier ends with %d", exit)
	}
	alone, _, _ := bytes.Cut(policy, []byte("witness "))
	if exit := second(t, made.File, append(alone, "quorum none\n"...), authority.Roots); exit != 0 {
		t.Errorf("without witnesses, the second verifier ends with %d", exit)
	}
	if exit := second(t, made.File, policy, nil); exit != 2 {
		t.Errorf("without roots, the second verifier ends with %d", exit)
	}
}

// transmit brings the marks of the year, has the head give his visa, and lets the livrets leave for the jury: an act then
// says at which version each stands.
func (a *aged) transmit(t *testing.T) {
	t.Helper()
	files := t.TempDir()
	if err := lycee.Generate(files, 4, 1); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(files, "lsl", "*.xml"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Desk(operator).LSL(t.Context(), filepath.Base(name), bytes.NewReader(content), intake.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	session := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	class := instance.Class{School: lycee.UAI, Session: session}
	_, errOpen := a.OpenSession(t.Context(), operator, session)
	_, errVisa := a.ValidateClass(t.Context(), operator, class)
	sent, errSent := a.TransmitClass(t.Context(), operator, class)
	if err := errors.Join(errOpen, errVisa, errSent); err != nil || sent.Changed == 0 {
		t.Fatal(sent, err)
	}
}

// second is the exit code of the second verifier.
func second(t *testing.T, archive, policy, roots []byte) int {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED: no python3 here to run the second verifier")
	}
	command := exec.Command(python, "verifier.py", "archive.zip", "policy.txt")
	if command.Dir = t.TempDir(); roots != nil {
		command.Args = append(command.Args, "roots.pem")
	}
	for name, content := range map[string][]byte{"archive.zip": archive, "policy.txt": policy, "roots.pem": roots, "verifier.py": bundle.SecondVerifier()} {
		if err := os.WriteFile(filepath.Join(command.Dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := command.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	t.Logf("%s", out)
	return command.ProcessState.ExitCode()
}
