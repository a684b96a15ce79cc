package tests

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// The published vectors of docs/format.md are permanent: a change of one is a change of the format. To add one,
// write its inputs into the file and have the rest computed.
var fillVectors = flag.Bool("fill-vectors", false, "write the computed fields of the published vectors")

const vectorsFolder = "testdata/vectors"

type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

type envelopeVector struct {
	Name   string       `json:"name"`
	Header headerFields `json:"header"`
	Role   string       `json:"role"`
	Person uuid.UUID    `json:"person"`
	Cause  uuid.UUID    `json:"cause"`
	// OccurredAt is in microseconds since 1970, UTC, as RecordedAt is.
	OccurredAt int64    `json:"occurred_at"`
	Payload    string   `json:"payload"`
	Salt       hexBytes `json:"salt"`
	Key        hexBytes `json:"key"` // none: in clear
	Nonce      hexBytes `json:"nonce"`

	HeaderBytes  hexBytes `json:"header_bytes"`
	ContentBytes hexBytes `json:"content_bytes"`
	Commit       hexBytes `json:"commit"`
	Sealed       hexBytes `json:"sealed"`
	Leaf         hexBytes `json:"leaf"`
}

type headerFields struct {
	Ledger     uuid.UUID `json:"ledger"`
	Stream     string    `json:"stream"`
	Sequence   uint64    `json:"sequence"`
	Type       string    `json:"type"`
	Schema     uint16    `json:"schema"`
	Event      uuid.UUID `json:"event"`
	Key        uuid.UUID `json:"key"`
	RecordedAt int64     `json:"recorded_at"`
}

func (f headerFields) header() eventstore.Header {
	return eventstore.Header{
		Ledger: f.Ledger, Stream: eventstore.StreamID(f.Stream), Sequence: eventstore.Version(f.Sequence), Type: f.Type,
		Schema: f.Schema, Event: f.Event, Key: f.Key, RecordedAt: time.UnixMicro(f.RecordedAt).UTC(),
	}
}

type keyVector struct {
	Key         hexBytes `json:"key"`
	Fingerprint hexBytes `json:"fingerprint"`
	Events      []struct {
		Stream  string    `json:"stream"`
		Command uuid.UUID `json:"command"`
		Index   uint32    `json:"index"`
		ID      uuid.UUID `json:"id"`
	} `json:"events"`
}

type wrapVector struct {
	KEK         hexBytes  `json:"kek"`
	Epoch       uint32    `json:"epoch"`
	KEKRef      hexBytes  `json:"kek_ref"`
	ID          uuid.UUID `json:"id"`
	Class       string    `json:"class"`
	Owner       uuid.UUID `json:"owner"`
	Key         hexBytes  `json:"key"`
	Nonce       hexBytes  `json:"nonce"`
	Bound       hexBytes  `json:"bound"`
	Wrapped     hexBytes  `json:"wrapped"`
	Secret      hexBytes  `json:"secret"`
	SecretBound hexBytes  `json:"secret_bound"`
	SecretWrap  hexBytes  `json:"secret_wrapped"`
}

type custodyVector struct {
	Shares  [2]string `json:"shares"`
	Public  hexBytes  `json:"public"`
	PairRef hexBytes  `json:"pair_ref"`
	ID      uuid.UUID `json:"id"`
	Class   string    `json:"class"`
	Owner   uuid.UUID `json:"owner"`
	Key     hexBytes  `json:"key"`
	Bound   hexBytes  `json:"bound"`
	Wrapped hexBytes  `json:"wrapped"` // drawn once
	Secret  hexBytes  `json:"secret"`
	State   string    `json:"state"`
	Seal    hexBytes  `json:"seal"` // of the row
}

type blindVector struct {
	Secret hexBytes `json:"secret"`
	Kind   string   `json:"kind"` // empty: a label
	Parts  []string `json:"parts"`
	Hash   hexBytes `json:"hash"`
}

// gcmSeal seals with a given nonce, which no code of ours does.
func gcmSeal(t *testing.T, key, nonce, plain, bound []byte) []byte {
	t.Helper()
	aead := gcm(t, key)
	return aead.Seal(bytes.Clone(nonce), nonce, plain, bound)
}

func gcm(t *testing.T, key []byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead
}

// TestVectorsOfEnvelopes recomputes every byte from the inputs, and reads every byte back.
func TestVectorsOfEnvelopes(t *testing.T) {
	forVectors(t, "envelope.json", func(t *testing.T, v *envelopeVector) {
		h := v.Header.header()
		c := eventstore.Content{
			Role: v.Role, Person: v.Person, Cause: v.Cause,
			OccurredAt: time.UnixMicro(v.OccurredAt).UTC(), Payload: []byte(v.Payload),
		}
		var err error
		if v.HeaderBytes, err = h.AppendBinary(nil); err != nil {
			t.Fatal(err)
		}
		if v.ContentBytes, err = c.AppendBinary(nil); err != nil {
			t.Fatal(err)
		}
		commit := eventstore.Commitment(v.HeaderBytes, v.Salt, v.ContentBytes)
		v.Commit = commit[:]
		v.Sealed = append(bytes.Clone(v.Salt), v.ContentBytes...)
		if len(v.Key) != 0 {
			v.Sealed = gcmSeal(t, v.Key, v.Nonce, v.Sealed, append(bytes.Clone(v.HeaderBytes), v.Commit...))
		}
		e := eventstore.Envelope{Header: h, Commit: commit, Sealed: v.Sealed}
		if v.Leaf, err = e.Leaf(); err != nil {
			t.Fatal(err)
		}

		if parsed, err := eventstore.ParseHeader(v.HeaderBytes); err != nil || parsed != h {
			t.Errorf("header is read as %v, %v", parsed, err)
		}
		var key *keyvault.Key
		if len(v.Key) != 0 {
			if key, err = keyvault.NewKey(h.Key, keyvault.Record, [keyvault.KeySize]byte(v.Key)); err != nil {
				t.Fatal(err)
			}
		}
		opened, err := keyvault.OpenEvent(key, &e)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, opened); diff != "" {
			t.Errorf("content is read as %s", diff)
		}
		// Once the sealed bytes are deleted, the leaf is what it was.
		deleted := eventstore.Envelope{Header: h, Commit: commit, Digest: sha256.Sum256(v.Sealed)}
		if leaf, err := deleted.Leaf(); err != nil || !bytes.Equal(leaf, v.Leaf) {
			t.Errorf("without its sealed bytes the leaf is %x, %v", leaf, err)
		}
	})
}

func TestVectorsOfKeys(t *testing.T) {
	forVectors(t, "key.json", func(t *testing.T, v *keyVector) {
		raw := [keyvault.KeySize]byte(v.Key)
		fingerprint := keyvault.FingerprintOf(raw)
		v.Fingerprint = fingerprint[:]
		key, err := keyvault.NewKey(uuid.Nil, keyvault.Record, raw)
		if err != nil {
			t.Fatal(err)
		}
		for i := range v.Events {
			e := &v.Events[i]
			e.ID = key.EventID(eventstore.StreamID(e.Stream), e.Command, int(e.Index))
		}
	})
}

func TestVectorsOfWraps(t *testing.T) {
	forVectors(t, "wrap.json", func(t *testing.T, v *wrapVector) {
		kek, err := keyvault.NewKEK([keyvault.KeySize]byte(v.KEK), v.Epoch)
		if err != nil {
			t.Fatal(err)
		}
		v.KEKRef = kek.Ref[:]
		v.Bound = append([]byte("livret/wrap/v1"), v.ID[:]...)
		v.Bound = append(binary.BigEndian.AppendUint16(v.Bound, uint16(len(v.Class))), v.Class...)
		v.Bound = append(append(v.Bound, v.Owner[:]...), v.KEKRef...)
		v.Bound = binary.BigEndian.AppendUint32(v.Bound, v.Epoch)
		v.Wrapped = gcmSeal(t, v.KEK, v.Nonce, v.Key, v.Bound)
		v.SecretBound = append([]byte("livret/secret/v1"), v.KEKRef...)
		v.SecretBound = binary.BigEndian.AppendUint32(v.SecretBound, v.Epoch)
		v.SecretWrap = gcmSeal(t, v.KEK, v.Nonce, v.Secret, v.SecretBound)

		raw := [keyvault.KeySize]byte(v.Key)
		info := keyvault.Info{ID: v.ID, Owner: v.Owner, Class: keyvault.Class(v.Class), Fingerprint: keyvault.FingerprintOf(raw)}
		if key, err := kek.Unwrap(info, v.Wrapped); err != nil || key.Fingerprint() != info.Fingerprint {
			t.Errorf("Unwrap: %v", err)
		}
		if secret, err := kek.UnwrapSecret(v.SecretWrap); err != nil || !bytes.Equal(secret[:], v.Secret) {
			t.Errorf("UnwrapSecret: %v", err)
		}
	})
}

// TestVectorsOfCustody puts two shares together, and opens with the standard library alone what was wrapped to them.
func TestVectorsOfCustody(t *testing.T) {
	forVectors(t, "custody.json", func(t *testing.T, v *custodyVector) {
		var shares [2]keyvault.Share
		var private [keyvault.KeySize]byte
		for n, text := range v.Shares {
			var err error
			if shares[n], err = keyvault.ParseShare(text); err != nil {
				t.Fatal(err)
			}
			value, err := hex.DecodeString(strings.TrimPrefix(strings.Split(text, "\n")[4], "value "))
			if err != nil {
				t.Fatal(err)
			}
			subtle.XORBytes(private[:], private[:], value)
		}
		half, err := keyvault.Combine(shares[0], shares[1])
		if err != nil {
			t.Fatal(err)
		}
		v.Public, v.PairRef = half.Pair.Public(), half.Pair.Ref[:]
		v.Bound = append([]byte("livret/pairwrap/v1"), v.ID[:]...)
		v.Bound = append(binary.BigEndian.AppendUint16(v.Bound, uint16(len(v.Class))), v.Class...)
		v.Bound = binary.BigEndian.AppendUint16(append(v.Bound, v.Owner[:]...), uint16(len(half.Pair.Name)))
		v.Bound = append(append(v.Bound, half.Pair.Name...), v.PairRef...)

		raw := [keyvault.KeySize]byte(v.Key)
		info := keyvault.Info{ID: v.ID, Owner: v.Owner, Class: keyvault.Class(v.Class), State: keyvault.State(v.State), Fingerprint: keyvault.FingerprintOf(raw)}
		if *fillVectors && len(v.Wrapped) == 0 {
			if v.Wrapped, err = half.Pair.Wrap(info, raw); err != nil {
				t.Fatal(err)
			}
		}
		if key, err := half.Unwrap(info, v.Wrapped); err != nil || key.Fingerprint() != info.Fingerprint {
			t.Errorf("Unwrap: %v", err)
		}
		theirs, err := hpke.DHKEM(ecdh.X25519()).NewPrivateKey(private[:])
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := hpke.Open(theirs, hpke.HKDFSHA256(), hpke.AES256GCM(), v.Bound, v.Wrapped); err != nil || !bytes.Equal(opened, v.Key) {
			t.Errorf("by RFC 9180 alone: %v", err)
		}
		secret := keyvault.Secret(v.Secret)
		seal := secret.SealRow(info, half.Pair.Ref, 0, v.Wrapped)
		v.Seal = seal[:]
	})
}

func TestVectorsOfBlindIndexes(t *testing.T) {
	forVectors(t, "blind.json", func(t *testing.T, v *blindVector) {
		secret := keyvault.Secret(v.Secret)
		v.Hash = secret.Label(v.Parts...)
		if v.Kind != "" {
			blind := secret.Claim(v.Kind, v.Parts...)
			v.Hash = blind[:]
		}
	})
}

// TestVectorsInPython has another implementation, which shares no line with ours, check the vectors.
func TestVectorsInPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: THE SECOND IMPLEMENTATION DID NOT CHECK THE VECTORS")
	}
	out, err := exec.Command(python, "-I", filepath.Join(vectorsFolder, "check.py")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// forVectors fills the computed fields of every vector of a file and compares them with the published ones.
func forVectors[V any](t *testing.T, file string, compute func(*testing.T, *V)) {
	t.Helper()
	path := filepath.Join(vectorsFolder, file)
	published, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []V
	decoder := json.NewDecoder(bytes.NewReader(published))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) == 0 {
		t.Fatalf("%s holds no vector", file)
	}
	for i := range vectors {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			want, err := json.Marshal(vectors[i])
			if err != nil {
				t.Fatal(err)
			}
			compute(t, &vectors[i])
			got, err := json.Marshal(vectors[i])
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("not as published: %s", diff)
			}
		})
	}
	if *fillVectors {
		if published, err = json.MarshalIndent(vectors, "", "\t"); err == nil {
			err = os.WriteFile(path, append(published, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
