package eventstore_test

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/eventstore"
)

func someHeader() eventstore.Header {
	return eventstore.Header{
		Ledger: uuid.UUID{1}, Stream: eventstore.Stream("record", uuid.UUID{2}), Sequence: 3, Type: "record.MarkRecorded",
		Schema: 1, Event: uuid.UUID{4}, Key: uuid.UUID{5}, RecordedAt: time.UnixMicro(1782820800123456).UTC(),
	}
}

func someContent(payload int) []byte {
	c := eventstore.Content{Role: "teacher", Person: uuid.UUID{5}, Cause: uuid.UUID{6}, Payload: make([]byte, payload)}
	b, err := c.AppendBinary(nil)
	if err != nil {
		panic(err)
	}
	return b
}

// FuzzParseHeader holds that a header is read from its canonical bytes only: what is read writes itself as it
// was.
func FuzzParseHeader(f *testing.F) {
	h := someHeader()
	whole, err := h.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(append(bytes.Clone(whole), 0))
	f.Add([]byte{eventstore.FormatVersion})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := eventstore.ParseHeader(b)
		if err != nil {
			if !errors.Is(err, eventstore.ErrHeader) {
				t.Fatal(err)
			}
			return
		}
		if again, err := h.AppendBinary(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x is read as %x, %v", b, again, err)
		}
	})
}

// FuzzParseContent holds the same of contents: no padding hides a byte.
func FuzzParseContent(f *testing.F) {
	for _, payload := range []int{0, 203, 204, 4000, 5000} {
		f.Add(someContent(payload))
	}
	f.Add(someContent(0)[:255])
	f.Add(make([]byte, 256))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := eventstore.ParseContent(b)
		if err != nil {
			if !errors.Is(err, eventstore.ErrContent) {
				t.Fatal(err)
			}
			return
		}
		if again, err := c.AppendBinary(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x is read as %x, %v", b, again, err)
		}
	})
}

func TestHeaderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Custom(func(t *rapid.T) uuid.UUID { return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")) })
		want := eventstore.Header{
			Ledger: id.Draw(t, "ledger"), Stream: eventstore.StreamID(rapid.String().Draw(t, "stream")),
			Sequence: eventstore.Version(rapid.Uint64().Draw(t, "sequence")), Type: rapid.String().Draw(t, "type"),
			Schema: rapid.Uint16().Draw(t, "schema"), Event: id.Draw(t, "event"), Key: id.Draw(t, "key"),
			RecordedAt: time.UnixMicro(rapid.Int64().Draw(t, "recorded")).UTC(),
		}
		b, err := want.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := eventstore.ParseHeader(b); err != nil || got != want {
			t.Fatalf("%v is read as %v, %v", want, got, err)
		}
	})
}

func TestContentSizes(t *testing.T) {
	const before = 53 // bytes that stand before the payload, with the role of seven letters
	for payload, want := range map[int]int{
		0: 256, 256 - before: 256, 257 - before: 512, 512 - before: 512, 513 - before: 1024, 2048 - before: 2048,
		4096 - before: 4096, 4097 - before: 8192, 8192 - before: 8192, 8193 - before: 12288,
	} {
		if got := len(someContent(payload)); got != want {
			t.Errorf("a payload of %d bytes is padded to %d, want %d", payload, got, want)
		}
	}
}

func TestTooLong(t *testing.T) {
	long := string(make([]byte, math.MaxUint16+1))
	for _, h := range []eventstore.Header{{Stream: eventstore.StreamID(long)}, {Type: long}} {
		if _, err := h.AppendBinary(nil); err == nil {
			t.Error("a header that cannot be written is")
		}
	}
	c := eventstore.Content{Role: long}
	if _, err := c.AppendBinary(nil); err == nil {
		t.Error("a content that cannot be written is")
	}
}
