package instance_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/exchange/seda"
	"livret/domain/retention"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle/bundle"
)

var june2018 = deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}

// replying is the reply of the archives to a package.
func replying(to, code string, digests ...string) string {
	var objects strings.Builder
	for n, d := range digests {
		fmt.Fprintf(&objects, `<DataObjectGroup id="g%d"><BinaryDataObject id="o%d"><MessageDigest algorithm="SHA-256">%s</MessageDigest></BinaryDataObject></DataObjectGroup>`, n, n, d)
	}
	return fmt.Sprintf(`<ArchiveTransferReply xmlns="%s"><Date>2019-03-06T10:00:00Z</Date><MessageIdentifier>atr</MessageIdentifier><CodeListVersions/>
<DataObjectPackage>%s</DataObjectPackage><ReplyCode>%s</ReplyCode><MessageRequestIdentifier>%s</MessageRequestIdentifier></ArchiveTransferReply>`, seda.Namespace, objects.String(), code, to)
}

// A livret that the archives keep for good is handed over with its proof, and destroyed once they have answered with the
// digest of what was sent, and not before.
func TestALivretIsHandedOverBeforeItIsDestroyed(t *testing.T) {
	a := newAged(t)
	a.now = time.Date(2018, 7, 6, 8, 0, 0, 0, time.UTC)
	if _, err := a.Proclaim(t.Context(), operator, june2018, domain.NewDate(2018, time.July, 5)); err != nil {
		t.Fatal(err)
	}
	handover := instance.Handover{Session: june2018, Archives: "FRAD038", Producer: "FRAC08", Agreement: "CV-1", AccessRule: "ACC-00025"}
	out := filepath.Join(t.TempDir(), "package")
	if _, err := a.Package(t.Context(), operator, handover, out); !errors.Is(err, instance.ErrNotFound) {
		t.Errorf("nothing is decided: %v", err)
	}
	kept := a.livrets[:2]
	decision := retention.DecideVersement{Versement: uuid.New(), Reference: "BV-38-2019-4"}
	if _, err := a.DecideVersement(t.Context(), operator, decision, june2018, kept...); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Package(t.Context(), operator, instance.Handover{Livrets: a.livrets[:3], Archives: "x", Producer: "y"}, out); !refusedBy(err, "versement-non-decide") {
		t.Errorf("one is not decided: %v", err)
	}
	if _, err := a.Package(t.Context(), access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement}}, handover, out); !refusedBy(err, "acces-fonction") {
		t.Errorf("a head hands over: %v", err)
	}
	made, err := a.Package(t.Context(), operator, handover, out)
	if err != nil || made.Livrets != 2 || len(made.Left) != 0 || made.Versement != decision.Versement {
		t.Fatalf("%+v, %v", made, err)
	}
	manifest, err := os.ReadFile(filepath.Join(out, "manifest.xml"))
	if err != nil || !bytes.Contains(manifest, []byte("<MessageIdentifier>"+made.Message)) || !bytes.Contains(manifest, []byte("BV-38-2019-4")) {
		t.Fatalf("%s, %v", manifest, err)
	}
	var digests []string
	for _, livret := range kept {
		content, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(seda.File(livret))))
		if err != nil {
			t.Fatal(err)
		}
		digest := fmt.Sprintf("%x", sha256.Sum256(content))
		if !bytes.Contains(manifest, []byte(digest)) {
			t.Errorf("the message has another digest than %s", digest)
		}
		if report := bundle.Verify(bytes.NewReader(content), int64(len(content)), nil); report.Outcome == bundle.Invalid {
			t.Errorf("what is handed over proves nothing: %+v", report)
		}
		digests = append(digests, digest)
	}

	a.now = time.Date(2019, 3, 6, 8, 0, 0, 0, time.UTC)
	if _, err := a.GiveVisa(t.Context(), operator, "AD38-2019-117", june2018); err != nil {
		t.Fatal(err)
	}
	a.stand(t, retention.AwaitsVersement, kept)
	if late, err := a.Package(t.Context(), operator, handover, filepath.Join(t.TempDir(), "late")); err != nil || late.Livrets != 2 || late.Message == made.Message {
		t.Errorf("beyond their term, as long as they are awaited: %+v, %v", late, err)
	}
	for name, c := range map[string]struct {
		reply, rule string
		left        int
	}{
		"KO":                    {replying(made.Message, "KO", digests...), "versement-refuse-par-les-archives", 0},
		"to somebody else":      {replying("VITAM-1", "OK", digests...), "accuse-d-un-autre-versement", 0},
		"to another versement":  {replying(uuid.NewString()+"/x", "OK", digests...), "", 0},
		"of other bytes":        {replying(made.Message, "OK", strings.Repeat("ab", 32)), "", 2},
		"of nothing":            {replying(made.Message, "OK"), "", 2},
		"no reply":              {"<html/>", "accuse-illisible", 0},
		"of one of the livrets": {replying(made.Message, "OK", digests[0], strings.Repeat("ab", 32)), "", 1},
	} {
		stands, err := a.Receive(t.Context(), operator, strings.NewReader(c.reply))
		switch {
		case c.rule != "":
			if !refusedBy(err, c.rule) {
				t.Errorf("%s: %v, want %s", name, err, c.rule)
			}
		case c.left == 0:
			if !errors.Is(err, instance.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil || len(stands.Left) != c.left || stands.Livrets != 2-c.left || stands.Left[0].Rule != "empreinte-absente":
			t.Errorf("%s: %+v, %v", name, stands, err)
		}
	}
	a.stand(t, retention.AwaitsVersement, kept[1:])
	for _, changed := range []int{1, 0} { // twice is as once
		stands, err := a.Receive(t.Context(), operator, strings.NewReader(replying(made.Message, "OK", strings.ToUpper(digests[1]), digests[0])))
		if err != nil || stands.Livrets != 2 || stands.Changed != changed || len(stands.Left) != 0 {
			t.Errorf("%+v, %v", stands, err)
		}
	}
	state, _, err := ledger.Load(t.Context(), a.Ledger, retention.Decider, kept[1])
	if err != nil {
		t.Fatal(err)
	}
	if _, receipt, _ := state.Versement(); receipt != digests[1] {
		t.Errorf("receipt %q", receipt)
	}
	a.stand(t, retention.Ready, kept)
	if _, err := a.Package(t.Context(), operator, handover, filepath.Join(t.TempDir(), "again")); !errors.Is(err, instance.ErrNotFound) {
		t.Errorf("what was received is handed over again: %v", err)
	}
}

// stand checks where livrets stand on the way to their end.
func (a *aged) stand(t *testing.T, want retention.Standing, livrets []uuid.UUID) {
	t.Helper()
	for _, livret := range livrets {
		state, _, err := ledger.Load(t.Context(), a.Ledger, retention.Decider, livret)
		if err != nil {
			t.Fatal(err)
		}
		if got := state.Standing(a.Today(), nil); got != want {
			t.Errorf("a livret is %s, want %s", got, want)
		}
	}
}
