package eventstore_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/eventstore"
)

// goldenHeader is what someHeader is on every disk, for ever.
const goldenHeader = "01" + // format
	"01000000000000000000000000000000" + // ledger
	"002b" + "7265636f72642d" + "30323030303030302d303030302d303030302d303030302d303030303030303030303030" + // stream
	"0000000000000003" + // sequence
	"0013" + "7265636f72642e4d61726b5265636f72646564" + // type
	"0001" + // schema
	"04000000000000000000000000000000" + // event
	"05000000000000000000000000000000" + // key
	"00065577507d5240" // recorded at

func TestGoldenHeader(t *testing.T) {
	h := someHeader()
	b, err := h.AppendBinary([]byte("kept"))
	if err != nil || string(b[:4]) != "kept" {
		t.Fatalf("AppendBinary does not append: %v", err)
	}
	if got := hex.EncodeToString(b[4:]); got != goldenHeader {
		t.Errorf("header is\n%s, want\n%s", got, goldenHeader)
	}
}

func TestGoldenLeaf(t *testing.T) {
	e := eventstore.Envelope{Header: someHeader(), Commit: [32]byte{0xcc, 31: 0xdd}, Sealed: []byte("sealed")}
	const commit = "cc000000000000000000000000000000000000000000000000000000000000dd"
	sum := sha256.Sum256(e.Sealed)
	want := goldenHeader + commit + hex.EncodeToString(sum[:])
	leaf, err := e.Leaf()
	if got := hex.EncodeToString(leaf); err != nil || got != want {
		t.Fatalf("leaf is\n%s, %v, want\n%s", got, err, want)
	}
	// The leaf outlives the sealed bytes, and does not believe a digest while they are there.
	e.Digest = sum
	e.Position = eventstore.Position{7}
	purged := e
	purged.Sealed = nil
	e.Digest = [32]byte{1}
	for _, e := range []eventstore.Envelope{e, purged} {
		if again, err := e.Leaf(); err != nil || !bytes.Equal(again, leaf) {
			t.Errorf("leaf is %x, %v, want %x", again, err, leaf)
		}
	}
	empty := eventstore.Envelope{Header: someHeader(), Sealed: []byte{}}
	nothing := sha256.Sum256(nil)
	if leaf, err := empty.Leaf(); err != nil || !bytes.HasSuffix(leaf, nothing[:]) {
		t.Errorf("no sealed byte is not the same as deleted ones: %x, %v", leaf, err)
	}
}

// TestHeaderReuse reads into a header that holds another event: nothing of that one may stay.
func TestHeaderReuse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.Custom(func(t *rapid.T) eventstore.Header {
			h := someHeader()
			h.Stream = eventstore.StreamID(rapid.SampledFrom([]string{"", "record-1", "record-2", "record-10"}).Draw(t, "stream"))
			h.Type = rapid.SampledFrom([]string{"", "a", "b", "ab"}).Draw(t, "type")
			h.Sequence, h.Event[0] = eventstore.Version(rapid.Uint64().Draw(t, "sequence")), rapid.Byte().Draw(t, "event")
			return h
		})
		h, want := header.Draw(t, "former"), header.Draw(t, "want")
		b, err := want.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.UnmarshalBinary(b); err != nil || h != want {
			t.Fatalf("%v is read as %v, %v", want, h, err)
		}
	})
	h := someHeader()
	if err := h.UnmarshalBinary([]byte{eventstore.FormatVersion}); err == nil || h != (eventstore.Header{}) {
		t.Errorf("after an error, the header holds %v", h)
	}
}

func TestStreamID(t *testing.T) {
	id := uuid.MustParse("0f6d3c1e-2a94-4b57-8d11-0f4f5a3f9e21")
	stream := eventstore.Stream("record", id)
	if stream != "record-0f6d3c1e-2a94-4b57-8d11-0f4f5a3f9e21" {
		t.Errorf("stream is %s", stream)
	}
	for _, test := range []struct {
		stream   eventstore.StreamID
		category string
		uuid     bool
	}{
		{stream, "record", true},
		{"school-0330027A", "school", false},
		{"session-2027-metropole", "session", false},
		{"record", "record", false},
		{"", "", false},
		{"record-" + eventstore.StreamID(strings.ReplaceAll(id.String(), "-", "")), "record", false}, // one form only
		{"record-{" + eventstore.StreamID(id.String()) + "}", "record", false},
		{stream + "0", "record", false},
	} {
		got, ok := test.stream.UUID()
		if test.stream.Category() != test.category || ok != test.uuid || ok && got != id {
			t.Errorf("%q is of category %q, id %v, %v", test.stream, test.stream.Category(), got, ok)
		}
	}
}

// FuzzStreamID holds that a stream's name is cut at its first dash, and in one way.
func FuzzStreamID(f *testing.F) {
	f.Add("record-0f6d3c1e-2a94-4b57-8d11-0f4f5a3f9e21")
	f.Add("record-0F6D3C1E-2A94-4B57-8D11-0F4F5A3F9E21")
	f.Add("--")
	f.Fuzz(func(t *testing.T, name string) {
		stream := eventstore.StreamID(name)
		category := stream.Category()
		if strings.Contains(category, "-") || !strings.HasPrefix(name, category) {
			t.Fatalf("%q is of category %q", name, category)
		}
		if id, ok := stream.UUID(); ok && eventstore.Stream(category, id) != stream {
			t.Fatalf("%q is read as %q and %s", name, category, id)
		}
	})
}
