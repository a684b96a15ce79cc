package eventstore

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"
)

// FormatVersion is the first byte of every header.
const FormatVersion = 1

// Header is the part of an envelope that stays in clear for ever. It is authenticated by the seal and part of
// the leaf. It says nothing about a pupil: ids are random and the type names an act, never an outcome.
type Header struct {
	Ledger     uuid.UUID
	Stream     StreamID
	Sequence   Version   // from 1, without gap
	Type       string    // domain.Event.EventType
	Schema     uint16    // of the payload
	Event      uuid.UUID // random, or a keyed hash; never a bare hash
	Key        uuid.UUID // what seals the content; uuid.Nil: content in clear
	RecordedAt time.Time // UTC, microseconds, by the ledger's clock
}

func (h *Header) size() int {
	return 1 + 16 + 2 + len(h.Stream) + 8 + 2 + len(h.Type) + 2 + 16 + 16 + 8
}

// AppendBinary appends the canonical bytes of the header to b. Integers are big-endian; stream and type are
// preceded by their length in two bytes; see docs/format.md.
func (h *Header) AppendBinary(b []byte) ([]byte, error) {
	if len(h.Stream) > 0xffff || len(h.Type) > 0xffff {
		return nil, errors.New("eventstore: stream or type is too long")
	}
	b = append(b, FormatVersion)
	b = append(b, h.Ledger[:]...)
	b = appendLP16(b, string(h.Stream))
	b = binary.BigEndian.AppendUint64(b, uint64(h.Sequence))
	b = appendLP16(b, h.Type)
	b = binary.BigEndian.AppendUint16(b, h.Schema)
	b = append(b, h.Event[:]...)
	b = append(b, h.Key[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(h.RecordedAt.UnixMicro())), nil
}

func appendLP16(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}

// ErrHeader says that bytes are not a canonical header.
var ErrHeader = errors.New("eventstore: malformed header")

// ParseHeader reads the canonical bytes of a header and refuses any others, trailing ones included.
func ParseHeader(b []byte) (h Header, err error) {
	err = h.UnmarshalBinary(b)
	return h, err
}

// UnmarshalBinary does as ParseHeader. It keeps the strings that h holds where they say the same already:
// who reads a log into one header shares them among the events of a stream.
func (h *Header) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	if r.bytes(1)[0] != FormatVersion {
		*h = Header{}
		return ErrHeader
	}
	copy(h.Ledger[:], r.bytes(16))
	if stream := r.lp16(); string(stream) != string(h.Stream) {
		h.Stream = StreamID(stream)
	}
	h.Sequence = Version(binary.BigEndian.Uint64(r.bytes(8)))
	if name := r.lp16(); string(name) != h.Type {
		h.Type = string(name)
	}
	h.Schema = binary.BigEndian.Uint16(r.bytes(2))
	copy(h.Event[:], r.bytes(16))
	copy(h.Key[:], r.bytes(16))
	h.RecordedAt = time.UnixMicro(int64(binary.BigEndian.Uint64(r.bytes(8)))).UTC()
	if r.short || len(r.b) != 0 {
		*h = Header{}
		return ErrHeader
	}
	return nil
}

// reader cuts bytes from the front; past the end it gives zeros and remembers.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.short, r.b = true, nil
		return make([]byte, n)
	}
	cut := r.b[:n]
	r.b = r.b[n:]
	return cut
}

func (r *reader) lp16() []byte { return r.bytes(int(binary.BigEndian.Uint16(r.bytes(2)))) }

func (r *reader) lp32() []byte {
	n := binary.BigEndian.Uint32(r.bytes(4))
	if uint64(n) > uint64(len(r.b)) {
		r.short, r.b = true, nil
		return nil
	}
	return r.bytes(int(n))
}
