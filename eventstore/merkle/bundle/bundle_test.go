package bundle_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"livret/eventstore"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/bundle"
)

// court is a ledger in which one livret was examined, and another destroyed, with what is needed to make its archive.
type court struct {
	t       testing.TB
	ledger  uuid.UUID
	log     *merkle.Log
	policy  bundle.Policy
	text    []byte // of the policy
	events  []eventstore.Envelope
	opening map[uuid.UUID][]byte
	heads   map[eventstore.StreamID]uint64
	note    []byte
	first   []byte // an older checkpoint
}

var (
	livret    = eventstore.Stream("record", uuid.UUID{0xaa})
	gone      = eventstore.Stream("record", uuid.UUID{0xbb})
	retention = eventstore.Stream("retention", uuid.UUID{0xbb})
	candidate = eventstore.Stream("candidate", uuid.UUID{0xcc})
	shown     = []byte(`{"number":"12345678"}`)
)

func (c *court) Read(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for _, e := range c.events {
			if e.Position.Compare(after) > 0 && !yield(e, nil) {
				return
			}
		}
	}
}

// add adds an event whose sealed bytes are its salt and content: how they are sealed is nothing to a verifier.
func (c *court) add(stream eventstore.StreamID, eventType string, payload any) uint64 {
	c.t.Helper()
	data, err := json.Marshal(payload)
	if err != nil {
		c.t.Fatal(err)
	}
	c.heads[stream]++
	e := eventstore.Envelope{Header: eventstore.Header{
		Ledger: c.ledger, Stream: stream, Sequence: eventstore.Version(c.heads[stream]), Type: eventType, Schema: 1, Event: uuid.New(),
		RecordedAt: time.Date(2018, 7, 5, 9, 0, len(c.events), 0, time.UTC),
	}}
	content := eventstore.Content{Role: "systeme", Cause: uuid.UUID{1}, OccurredAt: e.RecordedAt, Payload: data}
	opening := make([]byte, eventstore.SaltSize)
	rand.Read(opening)
	header, err := e.Header.AppendBinary(nil)
	if err == nil {
		opening, err = content.AppendBinary(opening)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	e.Commit = eventstore.Commitment(header, opening[:eventstore.SaltSize], opening[eventstore.SaltSize:])
	e.Sealed, c.opening[e.Event] = opening, opening
	e.Position[15] = byte(len(c.events) + 1)
	c.events = append(c.events, e)
	return c.heads[stream]
}

func newCourt(t testing.TB) *court {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "livret-test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	c := &court{t: t, ledger: uuid.UUID{1}, opening: make(map[uuid.UUID][]byte), heads: make(map[eventstore.StreamID]uint64)}
	c.text = []byte("log " + vkey + "\nquorum none\n")
	if c.policy, err = bundle.ParsePolicy(c.text, nil); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c.log, err = merkle.Open(t.Context(), merkle.Config{
		Dir: dir, Ledger: c.ledger, Events: c, Anchor: &merkle.FileAnchor{Path: filepath.Join(dir, "anchor")}, Signer: signer, Known: c.policy.Log,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		c.add(livret, "record.AverageRecorded", map[string]int{"mark": 1000 + i})
		c.add(gone, "record.AverageRecorded", map[string]int{"mark": 800 + i})
	}
	c.first = c.sign()
	salt := bytes.Repeat([]byte{7}, 16)
	mac := hmac.New(sha256.New, salt)
	mac.Write(shown)
	act := map[string]any{"deliberation": 1, "group": "premier", "recordVersion": 5, "projection": "jury.v2", "viewHash": mac.Sum(nil)}
	c.add(candidate, "candidate.CandidateRegistered", map[string]any{"livret": uuid.UUID{0xaa}})
	c.add(candidate, "candidate.LivretTransmitted", map[string]int{"recordVersion": 5})
	examination := maps.Clone(act)
	examination["salt"] = salt
	c.add(candidate, "candidate.LivretExamined", examination)
	c.add(candidate, "candidate.PresidentVisaGiven", act)
	c.add(retention, "retention.KeysDestroyed", map[string]any{"visa": "AD38-2019-1", "keys": []any{map[string]string{"class": "record", "fingerprint": "aa"}}})
	c.note = c.sign()
	return c
}

func (c *court) sign() []byte {
	c.t.Helper()
	_, signed, err := c.log.Checkpoint(c.t.Context(), time.Date(2018, 7, 5, 10, 0, len(c.events), 0, time.UTC))
	if err != nil {
		c.t.Fatal(err)
	}
	return signed
}

// archive makes the archive of both livrets.
func (c *court) archive() *bundle.Bundle {
	c.t.Helper()
	size, older := int64(len(c.events)), int64(10)
	link, err := c.log.Consistency(older, size)
	if err != nil {
		c.t.Fatal(err)
	}
	b := &bundle.Bundle{
		Dossier: bundle.Dossier{
			Format: bundle.Format, Ledger: c.ledger, Made: time.Date(2018, 9, 1, 8, 0, 0, 0, time.UTC), Case: "2018-77", Motive: "recours", Requester: "dec", Size: size,
			Consistency: []bundle.Link{{From: older, Proof: link}}, Destroyed: []string{string(gone)},
			Views: []bundle.View{{What: "Premier groupe", Projection: "jury.v2", File: "jury/premier.json", Event: bundle.Reference{Stream: candidate, Sequence: 3}}},
		},
		Events: make(map[eventstore.StreamID][]bundle.Proven), Checkpoints: map[int64][]byte{older: c.first, size: c.note},
		Policy: c.text, Signer: c.log.Signer, Others: map[string][]byte{"jury/premier.json": shown},
	}
	for stream, last := range c.heads {
		scope := bundle.Scope{Stream: stream, What: "Flux " + stream.Category(), Last: last}
		if stream == livret {
			scope.Closing = &bundle.Reference{Stream: candidate, Sequence: 2}
		}
		b.Dossier.Streams = append(b.Dossier.Streams, scope)
	}
	slices.SortFunc(b.Dossier.Streams, func(a, b bundle.Scope) int { return strings.Compare(string(a.Stream), string(b.Stream)) })
	for i := range c.events {
		e := &c.events[i]
		leaf, err := e.Leaf()
		if err != nil {
			c.t.Fatal(err)
		}
		proof, err := c.log.Inclusion(int64(i), size)
		if err != nil {
			c.t.Fatal(err)
		}
		p := bundle.Proven{Index: int64(i), Leaf: leaf, Opening: c.opening[e.Event], Proof: proof}
		if e.Stream == gone {
			p.Opening = nil
		}
		b.Events[e.Stream] = append(b.Events[e.Stream], p)
	}
	return b
}

func write(t testing.TB, b *bundle.Bundle) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func verify(file []byte, policy *bundle.Policy) bundle.Report {
	return bundle.Verify(bytes.NewReader(file), int64(len(file)), policy)
}

func TestAnArchiveHolds(t *testing.T) {
	c := newCourt(t)
	file := write(t, c.archive())
	if !bytes.Equal(file, write(t, c.archive())) {
		t.Error("the same archive is not the same bytes")
	}
	report := verify(file, &c.policy)
	if report.Outcome != bundle.Valid {
		t.Errorf("%s: %s", report.Outcome, said(report))
	}
	for _, sentence := range []string{"complet jusqu’à la version n° 5", "régulièrement détruit le 05/07/2018, sous le visa AD38-2019-1", "visé par le président",
		"continue, sans rien y changer, son point de contrôle de 10 faits", "10 faits sont, octet pour octet", "5 autres ne sont présents que par leur preuve"} {
		if !strings.Contains(said(report), sentence) {
			t.Errorf("nothing says %q in\n%s", sentence, said(report))
		}
	}
	if own := verify(file, nil); own.Outcome != bundle.Indeterminate {
		t.Errorf("an archive that vouches for itself is %s", own.Outcome)
	}
}

func said(r bundle.Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "%s %s: %s\n", c.Outcome, c.Family, c.Said)
	}
	return b.String()
}

// Whatever is done to an archive, by one who can have the ledger sign it again, it is not found valid, and what is wrong is
// said in the family it belongs to.
func TestTampering(t *testing.T) {
	for name, c := range tamperings(t) {
		t.Run(name, func(t *testing.T) {
			court := newCourt(t)
			b := tampered{court.archive()}
			c.tamper(court, b)
			report := verify(write(t, b.Bundle), &court.policy)
			found := false
			for _, check := range report.Checks {
				found = found || check.Family == c.family && check.Outcome == c.want
			}
			if report.Outcome == bundle.Valid || !found {
				t.Errorf("%s, and nothing of %s is %s:\n%s", report.Outcome, c.family, c.want, said(report))
			}
		})
	}
}

// tampering is something done to an archive, and what is said of it.
type tampering struct {
	tamper func(c *court, b tampered)
	family bundle.Family
	want   bundle.Outcome
}

func tamperings(t *testing.T) map[string]tampering {
	other := newCourt(t)
	return map[string]tampering{
		"a mark changed":             {func(_ *court, b tampered) { b.Events[livret][2].Opening[200] ^= 1 }, bundle.LocalIntegrity, bundle.Invalid},
		"a date changed":             {func(_ *court, b tampered) { l := b.Events[livret][2].Leaf; l[len(l)-65] ^= 1 }, bundle.MerkleIntegrity, bundle.Invalid},
		"an event dropped":           {func(_ *court, b tampered) { b.Events[livret] = slices.Delete(b.Events[livret], 1, 2) }, bundle.Completeness, bundle.Invalid},
		"the last event dropped":     {func(_ *court, b tampered) { b.Events[livret] = b.Events[livret][:4] }, bundle.Completeness, bundle.Invalid},
		"the last event hidden":      {func(_ *court, b tampered) { b.Events[livret] = b.Events[livret][:4]; b.scope(livret).Last = 4 }, bundle.Completeness, bundle.Invalid},
		"two events swapped":         {func(_ *court, b tampered) { e := b.Events[livret]; e[1], e[2] = e[2], e[1] }, bundle.Completeness, bundle.Invalid},
		"an event moved":             {func(_ *court, b tampered) { b.Events[livret][1].Index++ }, bundle.MerkleIntegrity, bundle.Invalid},
		"an event of another ledger": {func(_ *court, b tampered) { b.Events[livret][1] = other.archive().Events[livret][1] }, bundle.MerkleIntegrity, bundle.Invalid},
		"an event more":              {func(c *court, b tampered) { b.Events[livret] = append(b.Events[livret], b.Events[livret][0]) }, bundle.Completeness, bundle.Invalid},
		"a stream that is not said":  {func(_ *court, b tampered) { b.Dossier.Streams = b.Dossier.Streams[1:] }, bundle.Completeness, bundle.Invalid},
		"another key":                {func(_ *court, b tampered) { b.Checkpoints[b.Dossier.Size] = other.note }, bundle.MerkleIntegrity, bundle.Invalid},
		"no checkpoint":              {func(_ *court, b tampered) { delete(b.Checkpoints, b.Dossier.Size) }, bundle.MerkleIntegrity, bundle.Invalid},
		"a fork":                     {func(_ *court, b tampered) { b.Checkpoints[10] = other.first }, bundle.Chain, bundle.Invalid},
		"no link":                    {func(_ *court, b tampered) { b.Dossier.Consistency = nil }, bundle.Chain, bundle.Invalid},
		"another view":               {func(_ *court, b tampered) { b.Others["jury/premier.json"] = []byte(`{"number":"12345679"}`) }, bundle.Jury, bundle.Invalid},
		"a view lost":                {func(_ *court, b tampered) { delete(b.Others, "jury/premier.json") }, bundle.Jury, bundle.Invalid},
		"a view of another act":      {func(_ *court, b tampered) { b.Dossier.Views[0].Event.Sequence = 4 }, bundle.Jury, bundle.Invalid},
		"no visa":                    {func(_ *court, b tampered) { b.Events[candidate] = b.Events[candidate][:3]; b.scope(candidate).Last = 3 }, bundle.Jury, bundle.Indeterminate},
		"closed by nothing":          {func(_ *court, b tampered) { b.scope(livret).Closing.Sequence = 9 }, bundle.Completeness, bundle.Invalid},
		"closed by another livret's act": {func(_ *court, b tampered) {
			b.Dossier.Destroyed, b.scope(gone).Closing = nil, &bundle.Reference{Stream: candidate, Sequence: 2}
		}, bundle.Completeness, bundle.Invalid},
		"destroyed with another livret": {func(_ *court, b tampered) {
			b.Dossier.Destroyed = append(b.Dossier.Destroyed, string(livret))
			for n := range b.Events[livret] {
				b.Events[livret][n].Opening = nil
			}
		}, bundle.Completeness, bundle.Indeterminate},
		"no act closes it": {func(_ *court, b tampered) { b.scope(livret).Closing = nil }, bundle.Completeness, bundle.Indeterminate},
		"cut, and not closed": {func(_ *court, b tampered) {
			b.scope(livret).Closing, b.scope(livret).Last, b.Events[livret] = nil, 2, b.Events[livret][:2]
		}, bundle.Completeness, bundle.Indeterminate},
		"a content withheld": {func(_ *court, b tampered) { b.Events[livret][2].Opening = nil }, bundle.Completeness, bundle.Indeterminate},
		"no view":            {func(_ *court, b tampered) { b.Dossier.Views = nil }, bundle.Jury, bundle.Indeterminate},
		"no view, and no examination opened": {func(_ *court, b tampered) {
			b.Dossier.Views, b.Events[candidate][2].Opening = nil, nil
		}, bundle.Completeness, bundle.Indeterminate},
		"not signed as a whole":     {func(_ *court, b tampered) { b.Signer = nil }, bundle.LocalIntegrity, bundle.Indeterminate},
		"signed by another":         {func(_ *court, b tampered) { b.Signer = other.log.Signer }, bundle.LocalIntegrity, bundle.Invalid},
		"another pupil's candidate": {func(_ *court, b tampered) { delete(b.Events, livret); b.dropScope(livret) }, bundle.Completeness, bundle.Invalid},
		"said destroyed, and shown": {func(_ *court, b tampered) { b.Dossier.Destroyed = append(b.Dossier.Destroyed, string(livret)) }, bundle.Completeness, bundle.Invalid},
		"destroyed by nobody":       {func(_ *court, b tampered) { delete(b.Events, retention); b.dropScope(retention) }, bundle.Completeness, bundle.Indeterminate},
		"a stream emptied": {func(_ *court, b tampered) {
			b.Events[retention] = nil
			b.scope(retention).Last = b.Dossier.Streams[slices.IndexFunc(b.Dossier.Streams, func(s bundle.Scope) bool { return s.Stream == retention })-1].Last
		}, bundle.Completeness, bundle.Invalid},
		"a stamp of nobody":            {func(_ *court, b tampered) { b.Stamps = map[int64][]byte{10: []byte("x")} }, bundle.Timestamps, bundle.Indeterminate},
		"of another ledger as a whole": {func(_ *court, b tampered) { *b.Bundle = *newCourt(t).archive() }, bundle.MerkleIntegrity, bundle.Invalid},
		"empty":                        {func(_ *court, b tampered) { b.Events = nil; b.Dossier.Streams = nil; b.Dossier.Views = nil }, bundle.LocalIntegrity, bundle.Invalid},
	}
}

// Whoever can not sign for the ledger changes nothing at all: not even what nobody but a reader looks at, or what is true.
func TestWhatWasHandedOutIsWhole(t *testing.T) {
	for name, tamper := range map[string]func(b *bundle.Bundle){
		"a stream dropped": func(b *bundle.Bundle) {
			tampered{b}.dropScope(retention)
			delete(b.Events, retention)
			b.Dossier.Destroyed = nil
		},
		"the case":            func(b *bundle.Bundle) { b.Dossier.Case = "2018-78" },
		"the policy":          func(b *bundle.Bundle) { b.Policy = append(b.Policy, '\n') },
		"an older checkpoint": func(b *bundle.Bundle) { delete(b.Checkpoints, 10); b.Dossier.Consistency = nil },
		"a page to read":      func(b *bundle.Bundle) { b.Others["lecture.html"] = []byte("<p>18/20</p>") },
		"an act after the closing": func(b *bundle.Bundle) {
			b.Events[candidate] = b.Events[candidate][:3]
			tampered{b}.scope(candidate).Last = 3
		},
	} {
		t.Run(name, func(t *testing.T) {
			court := newCourt(t)
			file := write(t, court.archive())
			b, _, err := bundle.Read(bytes.NewReader(file), int64(len(file)))
			if err != nil || !bytes.Equal(write(t, b), file) {
				t.Fatalf("read and written again, it is another file: %v", err)
			}
			tamper(b)
			altered := write(t, b)
			if report := verify(altered, &court.policy); report.Outcome != bundle.Invalid {
				t.Errorf("%s:\n%s", report.Outcome, said(report))
			}
			if outcome := second(t, court, altered, true); outcome != bundle.Invalid {
				t.Errorf("the second verifier says %s", outcome)
			}
		})
	}
}

type tampered struct{ *bundle.Bundle }

func (b tampered) scope(stream eventstore.StreamID) *bundle.Scope {
	i := slices.IndexFunc(b.Dossier.Streams, func(s bundle.Scope) bool { return s.Stream == stream })
	return &b.Dossier.Streams[i]
}

func (b tampered) dropScope(stream eventstore.StreamID) {
	b.Dossier.Streams = slices.DeleteFunc(b.Dossier.Streams, func(s bundle.Scope) bool { return s.Stream == stream })
}

// Whatever byte of the file is changed, it is not found valid, unless the change says nothing else.
func TestNoByteIsIdle(t *testing.T) {
	c := newCourt(t)
	file := write(t, c.archive())
	for i := 0; i < len(file); i += 7 {
		spoilt := slices.Clone(file)
		spoilt[i] ^= 0x04
		if report := verify(spoilt, &c.policy); report.Outcome == bundle.Valid && meansOtherwise(t, file, spoilt) {
			t.Fatalf("byte %d changed, and the archive is valid", i)
		}
	}
}

// meansOtherwise tells whether two files hold other contents: the frame of a zip has bytes that say nothing.
func meansOtherwise(t *testing.T, a, b []byte) bool {
	t.Helper()
	first, _, errA := bundle.Read(bytes.NewReader(a), int64(len(a)))
	second, _, errB := bundle.Read(bytes.NewReader(b), int64(len(b)))
	return errA != nil || errB != nil || !bytes.Equal(write(t, first), write(t, second))
}

func FuzzVerify(f *testing.F) {
	c := newCourt(f)
	file := write(f, c.archive())
	good, _, err := bundle.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		f.Fatal(err)
	}
	want := write(f, good)
	f.Add(file)
	f.Fuzz(func(t *testing.T, file []byte) {
		if report := verify(file, &c.policy); report.Outcome == bundle.Valid {
			same, _, err := bundle.Read(bytes.NewReader(file), int64(len(file)))
			if err != nil || !bytes.Equal(write(t, same), want) {
				t.Fatal("another archive is valid")
			}
		}
	})
}

// second runs the second verifier, and answers what it concludes.
func second(t *testing.T, c *court, file []byte, policy bool) bundle.Outcome {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("SKIPPED: no python3 here to run the second verifier")
	}
	dir := t.TempDir()
	archive, keys := filepath.Join(dir, "archive.zip"), filepath.Join(dir, "policy.txt")
	if err := errors.Join(os.WriteFile(archive, file, 0o600), os.WriteFile(keys, c.text, 0o600)); err != nil {
		t.Fatal(err)
	}
	args := []string{"verifier.py", archive}
	if policy {
		args = append(args, keys)
	}
	out, err := exec.Command("python3", args...).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil && strings.HasPrefix(string(out), "VALID"):
		return bundle.Valid
	case errors.As(err, &exit) && exit.ExitCode() == 2:
		return bundle.Indeterminate
	case errors.As(err, &exit):
		return bundle.Invalid
	}
	t.Fatalf("%s %v", out, err)
	return ""
}

// Two programs written apart, in two languages, agree on what is valid.
func TestTheSecondVerifierAgrees(t *testing.T) {
	c := newCourt(t)
	file := write(t, c.archive())
	if got := second(t, c, file, true); got != bundle.Valid {
		t.Errorf("the archive is %s", got)
	}
	if got := second(t, c, file, false); got != bundle.Indeterminate {
		t.Errorf("an archive that vouches for itself is %s", got)
	}
	for name, tamper := range tamperings(t) {
		court := newCourt(t)
		b := tampered{court.archive()}
		tamper.tamper(court, b)
		file := write(t, b.Bundle)
		if got, want := second(t, court, file, true), verify(file, &court.policy).Outcome; got != want {
			t.Errorf("%s: it is %s for one, %s for the other", name, want, got)
		}
	}
}
