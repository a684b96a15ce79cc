package embedded

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/google/uuid"

	"livret/eventstore"
)

// A row is its number, a front and the sealed bytes. The front is the header's bytes, the commitment, the
// number of the previous event of the stream in eight bytes (0: none), and a CRC-32C over all of the row: the
// front so far, the sealed bytes or the digest that stands in their place, and the row's own number.
const (
	commitSize  = 32
	trailerSize = 8 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// row is an event on its way to the file.
type row struct {
	event  uuid.UUID
	front  []byte // header and commitment, with room for the trailer
	sealed []byte
	sum    uint32 // over both
}

// newRows lays out drafts in bytes of their own: the caller may go away and use his again.
func newRows(drafts []eventstore.Envelope) ([]row, error) {
	rows := make([]row, len(drafts))
	var buf []byte
	for i := range drafts {
		d := &drafts[i]
		size := 128 + len(d.Stream) + len(d.Type) + commitSize + trailerSize + len(d.Sealed)
		if cap(buf)-len(buf) < size {
			buf = make([]byte, 0, max(size, min(size*(len(drafts)-i), 1<<16)))
		}
		front, err := d.Header.AppendBinary(buf[len(buf):])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
		}
		front = append(front, d.Commit[:]...)
		end := len(buf) + len(front) + trailerSize
		buf = append(buf[:end], d.Sealed...)
		sealed := buf[end:len(buf):len(buf)]
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

// decode reads a row. Rest is the sealed bytes, or the digest if the sealed bytes are gone; the envelope
// takes them as they are.
func decode(number uint64, front, rest []byte, gone bool) (e eventstore.Envelope, err error) {
	prev, ok := previous(front)
	if !ok {
		return e, damaged(number, "its front is short")
	}
	body, trailer := front[:len(front)-trailerSize], front[len(front)-trailerSize:]
	sum := crc32.Update(crc32.Checksum(body, castagnoli), castagnoli, rest)
	if binary.BigEndian.Uint32(trailer[8:]) != finish(sum, prev, number) {
		return e, damaged(number, "its checksum is wrong")
	}
	if e.Header, err = eventstore.ParseHeader(body[:len(body)-commitSize]); err != nil {
		return e, damaged(number, "its header cannot be read")
	}
	copy(e.Commit[:], body[len(body)-commitSize:])
	if gone {
		copy(e.Digest[:], rest)
	} else {
		e.Sealed = rest
	}
	e.Position = position(number)
	return e, nil
}

// resum puts a new checksum at the end of a front whose sealed bytes gave way to their digest.
func resum(front, digest []byte, number uint64) []byte {
	body, trailer := front[:len(front)-trailerSize], front[len(front)-trailerSize:]
	sum := crc32.Update(crc32.Checksum(body, castagnoli), castagnoli, digest)
	binary.BigEndian.PutUint32(trailer[8:], finish(sum, binary.BigEndian.Uint64(trailer), number))
	return front
}

// damaged says where the file is not what was written.
func damaged(number uint64, how string) error {
	return fmt.Errorf("%w: event %d: %s", eventstore.ErrCorrupt, number, how)
}
