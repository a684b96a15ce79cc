package keyvault_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/eventstore"
	"livret/eventstore/keyvault"
)

func newKey(t interface{ Fatal(...any) }, fill byte) *keyvault.Key {
	id := uuid.UUID(bytes.Repeat([]byte{fill}, 16))
	key, err := keyvault.NewKey(id, keyvault.Record, [keyvault.KeySize]byte(bytes.Repeat([]byte{fill}, keyvault.KeySize)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func header(key *keyvault.Key) eventstore.Header {
	return eventstore.Header{
		Ledger: uuid.UUID{1}, Stream: eventstore.Stream("record", uuid.UUID{2}), Sequence: 3, Type: "record.MarkRecorded",
		Schema: 1, Event: uuid.UUID{4}, Key: key.ID, RecordedAt: time.Date(2026, 6, 30, 12, 0, 0, 123456000, time.UTC),
	}
}

func content() eventstore.Content {
	return eventstore.Content{
		Role: "teacher", Person: uuid.UUID{5}, Cause: uuid.UUID{6},
		OccurredAt: time.Date(2026, 6, 30, 11, 59, 0, 0, time.UTC), Payload: []byte(`{"value":1850}`),
	}
}

// TestWycheproof opens the published attacks on AES-GCM with a Key.
func TestWycheproof(t *testing.T) {
	data, err := os.ReadFile("testdata/wycheproof_aes_gcm.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tests []struct {
			TCID                       int
			Comment, Result            string
			Key, IV, AAD, Msg, CT, Tag string
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Tests) < 60 {
		t.Fatalf("%d vectors only", len(file.Tests))
	}
	for _, test := range file.Tests {
		bin := func(s string) []byte {
			b, err := hex.DecodeString(s)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		key, err := keyvault.NewKey(uuid.UUID{1}, keyvault.Record, [keyvault.KeySize]byte(bin(test.Key)))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := key.Open(bin(test.IV+test.CT+test.Tag), bin(test.AAD))
		switch test.Result {
		case "valid":
			if err != nil || !bytes.Equal(plain, bin(test.Msg)) {
				t.Errorf("vector %d (%s): %x, %v", test.TCID, test.Comment, plain, err)
			}
		case "invalid":
			if !errors.Is(err, keyvault.ErrCorrupt) || plain != nil {
				t.Errorf("vector %d (%s) is opened: %v", test.TCID, test.Comment, err)
			}
		default:
			t.Errorf("vector %d is %q", test.TCID, test.Result)
		}
	}
}

func TestSealOpen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := newKey(t, 7)
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		bound := rapid.SliceOf(rapid.Byte()).Draw(t, "bound")
		sealed := key.Seal(plain, bound)
		if len(sealed) != 12+len(plain)+16 {
			t.Fatalf("%d bytes are sealed in %d", len(plain), len(sealed))
		}
		if got, err := key.Open(sealed, bound); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("Open: %x, %v", got, err)
		}
		if bytes.Equal(sealed, key.Seal(plain, bound)) {
			t.Fatal("sealing twice gives the same bytes")
		}
		refuse := func(what string, key *keyvault.Key, sealed, bound []byte) {
			if got, err := key.Open(sealed, bound); !errors.Is(err, keyvault.ErrCorrupt) || got != nil {
				t.Fatalf("%s: %x, %v", what, got, err)
			}
		}
		refuse("another key", newKey(t, 8), sealed, bound)
		refuse("more bound", key, sealed, append(bytes.Clone(bound), 0))
		refuse("cut", key, sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "cut")], bound)
		refuse("longer", key, append(bytes.Clone(sealed), 0), bound)
		flipped := bytes.Clone(sealed)
		flipped[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		refuse("a bit flipped", key, flipped, bound)
	})
}

func TestSealEventOpenEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var key *keyvault.Key
		h := header(newKey(t, 7))
		if rapid.Bool().Draw(t, "sealed") {
			key = newKey(t, 7)
		} else {
			h.Key = uuid.Nil
		}
		c := content()
		c.Role = rapid.String().Draw(t, "role")
		c.Payload = rapid.SliceOfN(rapid.Byte(), 0, 9000).Draw(t, "payload")
		e, err := keyvault.SealEvent(key, h, c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := keyvault.OpenEvent(key, &e)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Fatal(diff)
		}
		again, _ := keyvault.SealEvent(key, h, c)
		if again.Commit == e.Commit {
			t.Fatal("the same content has the same commitment twice: it is not salted")
		}
	})
}

// TestOpenEventRefuses changes one thing at a time of a whole envelope.
func TestOpenEventRefuses(t *testing.T) {
	key := newKey(t, 7)
	whole, err := keyvault.SealEvent(key, header(key), content())
	if err != nil {
		t.Fatal(err)
	}
	clear := header(key)
	clear.Key = uuid.Nil
	inClear, err := keyvault.SealEvent(nil, clear, content())
	if err != nil {
		t.Fatal(err)
	}
	twin, err := keyvault.NewKey(key.ID, key.Class, [keyvault.KeySize]byte{9})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		key    *keyvault.Key
		change func(*eventstore.Envelope)
	}{
		"ledger":                   {key, func(e *eventstore.Envelope) { e.Ledger[0]++ }},
		"stream":                   {key, func(e *eventstore.Envelope) { e.Stream = eventstore.Stream("record", uuid.UUID{3}) }},
		"sequence":                 {key, func(e *eventstore.Envelope) { e.Sequence++ }},
		"type":                     {key, func(e *eventstore.Envelope) { e.Type = "record.MarkRectified" }},
		"schema":                   {key, func(e *eventstore.Envelope) { e.Schema++ }},
		"event":                    {key, func(e *eventstore.Envelope) { e.Event[0]++ }},
		"key's id":                 {key, func(e *eventstore.Envelope) { e.Key[0]++ }},
		"recorded at":              {key, func(e *eventstore.Envelope) { e.RecordedAt = e.RecordedAt.Add(time.Microsecond) }},
		"commitment":               {key, func(e *eventstore.Envelope) { e.Commit[31] ^= 1 }},
		"sealed bytes":             {key, func(e *eventstore.Envelope) { e.Sealed[50] ^= 1 }},
		"sealed bytes cut":         {key, func(e *eventstore.Envelope) { e.Sealed = e.Sealed[:20] }},
		"sealed bytes gone":        {key, func(e *eventstore.Envelope) { e.Sealed = nil }},
		"another key of that id":   {twin, func(*eventstore.Envelope) {}},
		"another key":              {newKey(t, 8), func(*eventstore.Envelope) {}},
		"no key":                   {nil, func(*eventstore.Envelope) {}},
		"clear under a key's name": {nil, func(e *eventstore.Envelope) { *e = inClear; e.Key = key.ID }},
		"clear to a key":           {key, func(e *eventstore.Envelope) { *e = inClear }},
		"clear, changed":           {nil, func(e *eventstore.Envelope) { *e = inClear; e.Sealed = bytes.Clone(e.Sealed); e.Sealed[40] ^= 1 }},
		"clear, cut":               {nil, func(e *eventstore.Envelope) { *e = inClear; e.Sealed = e.Sealed[:31] }},
		"clear, gone":              {nil, func(e *eventstore.Envelope) { *e = inClear; e.Sealed = nil }},
	}
	for name, test := range tests {
		e := whole
		e.Sealed = bytes.Clone(whole.Sealed)
		test.change(&e)
		if c, err := keyvault.OpenEvent(test.key, &e); !errors.Is(err, keyvault.ErrCorrupt) || c.Payload != nil {
			t.Errorf("%s: opened, %v", name, err)
		}
	}
	if _, err := keyvault.OpenEvent(key, &whole); err != nil {
		t.Errorf("the whole envelope fails: %v", err)
	}
}

// TestCommitmentIsChecked seals properly what does not answer the commitment: the tag holds, the content
// parses, and only the commitment tells.
func TestCommitmentIsChecked(t *testing.T) {
	key, h, c := newKey(t, 7), header(newKey(t, 7)), content()
	headerBytes, _ := h.AppendBinary(nil)
	salted, err := c.AppendBinary(make([]byte, eventstore.SaltSize))
	if err != nil {
		t.Fatal(err)
	}
	e := eventstore.Envelope{Header: h}
	for _, honest := range []bool{false, true} {
		e.Commit = [32]byte{1, 2, 3}
		if honest {
			e.Commit = eventstore.Commitment(headerBytes, salted[:eventstore.SaltSize], salted[eventstore.SaltSize:])
		}
		e.Sealed = key.Seal(salted, append(bytes.Clone(headerBytes), e.Commit[:]...))
		if _, err := keyvault.OpenEvent(key, &e); honest != (err == nil) || err != nil && !errors.Is(err, keyvault.ErrCorrupt) {
			t.Errorf("honest %v: %v", honest, err)
		}
	}
}

// TestContentIsChecked commits to and seals what is not a canonical content.
func TestContentIsChecked(t *testing.T) {
	key, h, c := newKey(t, 7), header(newKey(t, 7)), content()
	headerBytes, _ := h.AppendBinary(nil)
	plain, err := c.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	padded := bytes.Clone(plain)
	padded[len(padded)-1] = 1
	for name, plain := range map[string][]byte{
		"padding not zero": padded, "one bucket too many": append(bytes.Clone(plain), make([]byte, 256)...), "cut": plain[:255], "nothing": nil,
	} {
		salt := make([]byte, eventstore.SaltSize)
		e := eventstore.Envelope{Header: h, Commit: eventstore.Commitment(headerBytes, salt, plain)}
		e.Sealed = key.Seal(append(salt, plain...), append(bytes.Clone(headerBytes), e.Commit[:]...))
		if _, err := keyvault.OpenEvent(key, &e); !errors.Is(err, keyvault.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSealEventRefuses(t *testing.T) {
	key := newKey(t, 7)
	h := header(key)
	h.Key = uuid.Nil
	if _, err := keyvault.SealEvent(key, h, content()); err == nil {
		t.Error("sealed under a key that the header does not name")
	}
	if _, err := keyvault.SealEvent(nil, header(key), content()); err == nil {
		t.Error("left in clear what the header says is sealed")
	}
	h = header(key)
	h.Stream = eventstore.StreamID(make([]byte, 1<<16))
	if _, err := keyvault.SealEvent(key, h, content()); err == nil {
		t.Error("sealed under a header that cannot be written")
	}
}

func TestEventID(t *testing.T) {
	key, other := newKey(t, 7), newKey(t, 8)
	stream, command := eventstore.Stream("record", uuid.UUID{2}), uuid.UUID{6}
	id := key.EventID(stream, command, 0)
	if id != key.EventID(stream, command, 0) {
		t.Error("an event id is not the same twice")
	}
	if id.Version() != 8 || id.Variant() != uuid.RFC4122 {
		t.Errorf("%v is of version %d, variant %v", id, id.Version(), id.Variant())
	}
	for what, got := range map[string]uuid.UUID{
		"key": other.EventID(stream, command, 0), "stream": key.EventID(stream+"0", command, 0),
		"command": key.EventID(stream, uuid.UUID{7}, 0), "index": key.EventID(stream, command, 1),
	} {
		if got == id {
			t.Errorf("another %s gives the same event id", what)
		}
	}
	seen := make(map[uuid.UUID]bool)
	for i := range 1000 {
		seen[key.EventID(stream, command, i)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("1000 events have %d ids", len(seen))
	}
}

func TestZero(t *testing.T) {
	key := newKey(t, 7)
	before := key.Fingerprint()
	key.Zero()
	if key.Fingerprint() == before || key.Fingerprint() != keyvault.FingerprintOf([keyvault.KeySize]byte{}) {
		t.Error("a zeroed key still holds its bytes")
	}
}
