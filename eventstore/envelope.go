package eventstore

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"
)

const commitLabel = "livret/commit/v1"

// SaltSize is the size of the random salt of a commitment.
const SaltSize = 32

// Commitment binds a header to its plaintext without revealing it: SHA-256 of a label and of header, salt
// and plaintext, each preceded by its length in four bytes. AES-GCM does not commit to its key; this does.
func Commitment(header, salt, plain []byte) [32]byte {
	var stack [1024]byte // of most events: hashing in one go is what a rebuild does millions of times
	message := append(stack[:0], commitLabel...)
	for _, part := range [...][]byte{header, salt, plain} {
		message = binary.BigEndian.AppendUint32(message, uint32(len(part)))
		message = append(message, part...)
	}
	return sha256.Sum256(message)
}

// Leaf is what the Merkle tree holds of an envelope: header, commitment, SHA-256 of the sealed bytes. It
// names no position, so it survives a change of store; it needs no key and no sealed byte, so it survives
// their destruction.
func (e *Envelope) Leaf() ([]byte, error) {
	leaf, err := e.Header.AppendBinary(make([]byte, 0, e.Header.size()+64))
	if err != nil {
		return nil, err
	}
	leaf = append(leaf, e.Commit[:]...)
	digest := e.Digest
	if e.Sealed != nil {
		digest = sha256.Sum256(e.Sealed)
	}
	return append(leaf, digest[:]...), nil
}

// Content is the plaintext of an envelope: who, because of what, when, and the event's JSON.
type Content struct {
	Role       string    // of the actor
	Person     uuid.UUID // the actor
	Cause      uuid.UUID // the command
	OccurredAt time.Time // UTC, microseconds
	Payload    []byte    // JSON of the event
}

// buckets are the sizes to which a content is padded, so that its length tells little; above the last, it is
// padded to a multiple of it.
var buckets = [...]int{256, 512, 1024, 2048, 4096}

// AppendBinary appends the canonical padded bytes of the content to b.
func (c *Content) AppendBinary(b []byte) ([]byte, error) {
	if len(c.Role) > 0xffff {
		return nil, errors.New("eventstore: role is too long")
	}
	start := len(b)
	b = appendLP16(b, c.Role)
	b = append(b, c.Person[:]...)
	b = append(b, c.Cause[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.OccurredAt.UnixMicro()))
	b = binary.BigEndian.AppendUint32(b, uint32(len(c.Payload)))
	b = append(b, c.Payload...)
	n := len(b) - start
	return append(b, make([]byte, paddedSize(n)-n)...), nil
}

func paddedSize(n int) int {
	for _, size := range buckets {
		if n <= size {
			return size
		}
	}
	last := buckets[len(buckets)-1]
	return (n + last - 1) / last * last
}

// ErrContent says that bytes are not a canonical content.
var ErrContent = errors.New("eventstore: malformed content")

// ParseContent reads the canonical bytes of a content and refuses any others: a padding that is not zero, or
// not of the due size, is where a second meaning would hide. Payload aliases b.
func ParseContent(b []byte) (Content, error) {
	var c Content
	r := reader{b: b}
	c.Role = string(r.lp16())
	copy(c.Person[:], r.bytes(16))
	copy(c.Cause[:], r.bytes(16))
	c.OccurredAt = time.UnixMicro(int64(binary.BigEndian.Uint64(r.bytes(8)))).UTC()
	c.Payload = r.lp32()
	if r.short || paddedSize(len(b)-len(r.b)) != len(b) {
		return Content{}, ErrContent
	}
	for _, zero := range r.b {
		if zero != 0 {
			return Content{}, ErrContent
		}
	}
	return c, nil
}
