package embedded

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/google/uuid"

	"livret/eventstore"
)

// A row is its number, a front and the sealed bytes. The front is the header's bytes, the commitment, the
// digest of the sealed bytes if they are deleted, the number of the previous event of the stream in eight
// bytes (0: none), and a CRC-32C over all of the row: the front so far, the sealed bytes if they are there,
// the previous number and the row's own.
const (
	commitSize  = 32
	digestSize  = 32
	trailerSize = 8 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// row is an event on its way to the file.
type row struct {
	event  uuid.UUID
	front  []byte // header, commitment, digest if there are no sealed bytes, with room for the trailer
	sealed []byte // nil: deleted before they came here
	sum    uint32 // over both
}

// newRows lays out drafts in bytes of their own: the caller may go away and use his again.
func newRows(drafts []eventstore.Envelope) ([]row, error) {
	rows := make([]row, len(drafts))
	var buf []byte
	for i := range drafts {
		d := &drafts[i]
		size := 128 + len(d.Stream) + len(d.Type) + commitSize + digestSize + trailerSize + len(d.Sealed)
		if cap(buf)-len(buf) < size {
			buf = make([]byte, 0, max(size, min(size*(len(drafts)-i), 1<<16)))
		}
		front, err := d.Header.AppendBinary(buf[len(buf):])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
		}
		front = append(front, d.Commit[:]...)
		if d.Sealed == nil {
			front = append(front, d.Digest[:]...)
		}
		end := len(buf) + len(front) + trailerSize
		buf = append(buf[:end], d.Sealed...)
		sealed := buf[end:len(buf):len(buf)]
		if d.Sealed == nil {
			sealed = nil
		}
		sum := crc32.Update(crc32.Checksum(front, castagnoli), castagnoli, sealed)
		rows[i] = row{event: d.Event, front: front[: len(front) : len(front)+trailerSize], sealed: sealed, sum: sum}
	}
	return rows, nil
}

// place gives a row its number and that of its predecessor in the stream.
func (r *row) place(number, previous uint64) (front []byte) {
	front = binary.BigEndian.AppendUint64(r.front, previous)
	return binary.BigEndian.AppendUint32(front, finish(r.sum, previous, number))
}

func finish(sum uint32, previous, number uint64) uint32 {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], previous)
	binary.BigEndian.PutUint64(b[8:], number)
	return crc32.Update(sum, castagnoli, b[:])
}

// previous is the number of the previous event of the stream, unchecked.
func previous(front []byte) (uint64, bool) {
	if len(front) < commitSize+trailerSize {
		return 0, false
	}
	return binary.BigEndian.Uint64(front[len(front)-trailerSize:]), true
}

// decode reads a row into e, which may hold another event: of a nil sealed the bytes are deleted. The
// envelope takes the sealed bytes as they are.
func decode(e *eventstore.Envelope, number uint64, front, sealed []byte) error {
	prev, ok := previous(front)
	if !ok {
		return damaged(number, "its front is short")
	}
	body, trailer := front[:len(front)-trailerSize], front[len(front)-trailerSize:]
	sum := crc32.Update(crc32.Checksum(body, castagnoli), castagnoli, sealed)
	if binary.BigEndian.Uint32(trailer[8:]) != finish(sum, prev, number) {
		return damaged(number, "its checksum is wrong")
	}
	if e.Sealed = sealed; sealed == nil && len(body) >= commitSize+digestSize {
		copy(e.Digest[:], body[len(body)-digestSize:])
		body = body[:len(body)-digestSize]
	} else {
		e.Digest = [digestSize]byte{}
	}
	copy(e.Commit[:], body[len(body)-commitSize:])
	if e.UnmarshalBinary(body[:len(body)-commitSize]) != nil {
		return damaged(number, "its header cannot be read")
	}
	e.Position = position(number)
	return nil
}

// purge is the front of a row whose sealed bytes give way to their digest.
func purge(front, sealed []byte, number uint64) []byte {
	body, trailer := front[:len(front)-trailerSize], front[len(front)-trailerSize:]
	digest := sha256.Sum256(sealed)
	purged := slices.Concat(body, digest[:])
	prev := binary.BigEndian.Uint64(trailer)
	sum := finish(crc32.Checksum(purged, castagnoli), prev, number)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(purged, prev), sum)
}

// damaged says where the file is not what was written.
func damaged(number uint64, how string) error {
	return &eventstore.DamagedError{N: number, Through: number, Position: position(number), How: how}
}

// missing says which rows are not there.
func missing(number, through uint64) error {
	return &eventstore.DamagedError{N: number, Through: through, Position: position(through), Missing: true, How: "it is missing"}
}
