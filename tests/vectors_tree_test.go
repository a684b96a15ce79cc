package tests

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"livret/eventstore"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/bundle"
)

// treeVector is a tree of some leaves, its root at each size, some proofs, and a signed checkpoint of it.
type treeVector struct {
	Leaves      []hexBytes         `json:"leaves"`
	Hashes      []hexBytes         `json:"hashes"`
	Roots       []hexBytes         `json:"roots"` // by size, from 0
	Inclusion   []inclusionVector  `json:"inclusion"`
	Consistency []consistentVector `json:"consistency"`
	Ledger      uuid.UUID          `json:"ledger"`
	Seed        hexBytes           `json:"seed"` // Ed25519 private key, RFC 8032
	Time        int64              `json:"time"` // microseconds since 1970, UTC
	Key         string             `json:"key"`  // public, as C2SP signed-note writes it
	Checkpoint  string             `json:"checkpoint"`
}

type inclusionVector struct {
	Index int64      `json:"index"`
	Size  int64      `json:"size"`
	Proof []hexBytes `json:"proof"`
}

type consistentVector struct {
	From  int64      `json:"from"`
	Size  int64      `json:"size"`
	Proof []hexBytes `json:"proof"`
}

func TestTreeVectors(t *testing.T) {
	forVectors(t, "tree.json", func(t *testing.T, v *treeVector) {
		events := leavesOnly(v.Leaves)
		signer, verifier, key := vectorKeys(t, v.Ledger, v.Seed)
		log := vectorLog(t, v.Ledger, events, signer, verifier)
		v.Key, v.Hashes, v.Roots = key, nil, []hexBytes{sha([]byte(nil))}
		var signed merkle.Checkpoint
		for n, leaf := range v.Leaves {
			h := merkle.LeafHash(leaf)
			v.Hashes = append(v.Hashes, h[:])
			events.shown = n + 1
			c, text, err := log.Checkpoint(t.Context(), time.UnixMicro(v.Time))
			if err != nil {
				t.Fatal(err)
			}
			v.Roots, v.Checkpoint, signed = append(v.Roots, bytes.Clone(c.Root[:])), string(text), c
		}
		for i := range v.Inclusion {
			p := &v.Inclusion[i]
			proof, err := log.Inclusion(p.Index, p.Size)
			c := merkle.Checkpoint{Size: p.Size, Root: merkle.Hash(v.Roots[p.Size])}
			if err != nil || !merkle.CheckInclusion(c, p.Index, merkle.Hash(v.Hashes[p.Index]), proof) {
				t.Fatal(p, err)
			}
			p.Proof = hashBytes(proof)
		}
		for i := range v.Consistency {
			p := &v.Consistency[i]
			proof, err := log.Consistency(p.From, p.Size)
			if err != nil || !merkle.CheckConsistency(merkle.Checkpoint{Size: p.From, Root: merkle.Hash(v.Roots[p.From])}, merkle.Checkpoint{Size: p.Size, Root: merkle.Hash(v.Roots[p.Size])}, proof) {
				t.Fatal(p, err)
			}
			p.Proof = hashBytes(proof)
		}
		if read, err := merkle.OpenCheckpoint([]byte(v.Checkpoint), merkle.Origin(v.Ledger), verifier); err != nil || read != signed {
			t.Errorf("the note reads %+v, %v", read, err)
		}
	})
}

func sha(b []byte) hexBytes {
	digest := sha256.Sum256(b)
	return digest[:]
}

func hashBytes(proof []merkle.Hash) []hexBytes {
	all := []hexBytes{}
	for _, h := range proof {
		all = append(all, bytes.Clone(h[:]))
	}
	return all
}

// vectorKeys are the keys of a seed.
func vectorKeys(t *testing.T, ledger uuid.UUID, seed []byte) (note.Signer, note.Verifier, string) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(seed)
	public, err := note.NewEd25519VerifierKey(merkle.Origin(ledger), private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(public, "+", 3)
	signer, err := note.NewSigner("PRIVATE+KEY+" + parts[0] + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, seed...)))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier, public
}

func vectorLog(t *testing.T, ledger uuid.UUID, events merkle.Events, signer note.Signer, verifier note.Verifier) *merkle.Log {
	t.Helper()
	dir := t.TempDir()
	log, err := merkle.Open(t.Context(), merkle.Config{Dir: dir, Ledger: ledger, Events: events, Anchor: &merkle.FileAnchor{Path: filepath.Join(dir, "anchor")}, Signer: signer, Known: []note.Verifier{verifier}})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// shownEvents is a log of which the first events are shown.
type shownEvents struct {
	all   []eventstore.Envelope
	shown int
}

func (l *shownEvents) Read(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for _, e := range l.all[:l.shown] {
			if e.Position.Compare(after) > 0 && !yield(e, nil) {
				return
			}
		}
	}
}

// leavesOnly are envelopes that have these leaves: header, commitment, digest.
func leavesOnly(leaves []hexBytes) *shownEvents {
	l := new(shownEvents)
	for i, leaf := range leaves {
		var e eventstore.Envelope
		at := len(leaf) - 64
		if err := e.UnmarshalBinary(leaf[:at]); err != nil {
			panic(err)
		}
		copy(e.Commit[:], leaf[at:])
		copy(e.Digest[:], leaf[at+32:])
		binary.BigEndian.PutUint64(e.Position[:], uint64(i+1))
		l.all = append(l.all, e)
	}
	return l
}

const (
	bundleVector = "bundle.zip"
	policyVector = "bundle-policy.txt"
)

// TestBundleVector makes the published archive again, to the byte, and verifies it.
func TestBundleVector(t *testing.T) {
	file, policy := vectorBundle(t)
	for name, content := range map[string][]byte{bundleVector: file, policyVector: policy} {
		path := filepath.Join(vectorsFolder, name)
		if *fillVectors {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		published, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(published, content) {
			t.Errorf("%s is not as published: %v", name, err)
		}
	}
	read, err := bundle.ParsePolicy(policy, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report := bundle.Verify(bytes.NewReader(file), int64(len(file)), &read); report.Outcome != bundle.Valid {
		t.Errorf("%+v", report)
	}
}

// vectorBundle is a livret of three facts, sent to a jury that was shown it, and the visa of its president. Everything
// that is drawn elsewhere is counted here.
func vectorBundle(t *testing.T) (file, policy []byte) {
	t.Helper()
	ledger := uuid.MustParse("7c0d1f3a-5c52-4b7e-9d57-1b2a3c4d5e6f")
	livret := uuid.MustParse("6f1c2b3a-4d5e-4f60-8a7b-9c0d1e2f3a4b")
	record, candidate := eventstore.Stream("record", livret), eventstore.StreamID("candidate-1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed")
	signer, verifier, key := vectorKeys(t, ledger, sha([]byte("livret vector: signing key")))
	policy = []byte("log " + key + "\nquorum none\n")
	shown := []byte(`{"number":"10800017","average":"12,50"}`)
	salt := sha([]byte("livret vector: salt of the view"))[:16]
	mac := hmac.New(sha256.New, salt)
	mac.Write(shown)
	hash := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	act := fmt.Sprintf(`"deliberation":1,"group":"premier","recordVersion":3,"projection":"jury.v2","viewHash":%q`, hash)
	events := new(shownEvents)
	openings := make(map[eventstore.StreamID][][]byte)
	for n, fact := range []struct {
		stream             eventstore.StreamID
		eventType, payload string
	}{
		{record, "record.LivretOpened", `{"session":2018}`},
		{candidate, "candidate.CandidateRegistered", fmt.Sprintf(`{"livret":%q}`, livret)},
		{record, "record.PeriodAverageRecorded", `{"value":1250}`},
		{record, "record.PeriodLocked", `{"year":2017,"period":3}`},
		{candidate, "candidate.LivretTransmitted", `{"recordVersion":3}`},
		{candidate, "candidate.LivretExamined", "{" + act + fmt.Sprintf(`,"salt":%q}`, base64.StdEncoding.EncodeToString(salt))},
		{candidate, "candidate.PresidentVisaGiven", "{" + act + "}"},
	} {
		at := time.Date(2018, time.July, 5, 8, n, 0, 0, time.UTC)
		e := eventstore.Envelope{Header: eventstore.Header{
			Ledger: ledger, Stream: fact.stream, Sequence: eventstore.Version(len(openings[fact.stream]) + 1), Type: fact.eventType, Schema: 1,
			Event: uuid.UUID(sha(fmt.Appendf(nil, "livret vector: event %d", n))[:16]), RecordedAt: at,
		}}
		header, err := e.Header.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		content := eventstore.Content{Role: "teacher", Person: uuid.UUID{15: 1}, Cause: uuid.UUID{15: byte(n)}, OccurredAt: at, Payload: []byte(fact.payload)}
		opening, err := content.AppendBinary(sha(fmt.Appendf(nil, "livret vector: salt %d", n)))
		if err != nil {
			t.Fatal(err)
		}
		e.Commit = eventstore.Commitment(header, opening[:eventstore.SaltSize], opening[eventstore.SaltSize:])
		e.Sealed = opening // as if in clear: a verifier is shown the digest only
		binary.BigEndian.PutUint64(e.Position[:], uint64(n+1))
		events.all, openings[fact.stream] = append(events.all, e), append(openings[fact.stream], opening)
	}
	log := vectorLog(t, ledger, events, signer, verifier)
	checkpoints := make(map[int64][]byte)
	for _, size := range []int{4, 7} {
		events.shown = size
		c, text, err := log.Checkpoint(t.Context(), time.Date(2018, time.July, 5, 10, size, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		checkpoints[c.Size] = text
	}
	link, err := log.Consistency(4, 7)
	if err != nil {
		t.Fatal(err)
	}
	b := bundle.Bundle{
		Dossier: bundle.Dossier{
			Format: bundle.Format, Ledger: ledger, Made: time.Date(2018, time.September, 3, 8, 0, 0, 0, time.UTC), Case: "1907538", Motive: "vecteur publié", Requester: "dec", Size: 7,
			Consistency: []bundle.Link{{From: 4, Proof: link}},
			Streams: []bundle.Scope{
				{Stream: candidate, What: "Candidat", Last: 4},
				{Stream: record, What: "Livret", Last: 3, Closing: &bundle.Reference{Stream: candidate, Sequence: 2}},
			},
			Views: []bundle.View{{What: "Premier groupe", Projection: "jury.v2", File: "jury/premier.json", Event: bundle.Reference{Stream: candidate, Sequence: 3}}},
		},
		Events: make(map[eventstore.StreamID][]bundle.Proven), Checkpoints: checkpoints, Policy: policy, Signer: signer, Others: map[string][]byte{"jury/premier.json": shown},
	}
	for n, e := range events.all {
		leaf, err := e.Leaf()
		if err != nil {
			t.Fatal(err)
		}
		proof, err := log.Inclusion(int64(n), 7)
		if err != nil {
			t.Fatal(err)
		}
		b.Events[e.Stream] = append(b.Events[e.Stream], bundle.Proven{Index: int64(n), Leaf: leaf, Opening: e.Sealed, Proof: proof})
	}
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), policy
}
