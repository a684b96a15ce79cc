package keyvault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/google/uuid"

	"livret/eventstore"
)

var errOtherKey = errors.New("keyvault: the header names another key than the one given to seal")

// KeySize is the size of a key in bytes.
const KeySize = 32

const (
	nonceSize = 12
	tagSize   = 16

	fingerprintLabel = "livret/keyfp/v1"
	eventIDLabel     = "livret/eventid/v1"
)

// Key is an unwrapped key in use. It is not safe for use after Zero, nor for concurrent Zero.
type Key struct {
	ID    uuid.UUID
	Class Class
	raw   [KeySize]byte
	aead  cipher.AEAD
}

// NewKey makes a usable key of its 32 bytes.
func NewKey(id uuid.UUID, class Class, raw [KeySize]byte) (*Key, error) {
	block, err := aes.NewCipher(raw[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Key{ID: id, Class: class, raw: raw, aead: aead}, nil
}

// Zero overwrites the key's bytes. The cipher's expanded key lives until the garbage collector takes it:
// best effort, said plainly in docs/format.md.
func (k *Key) Zero() {
	clear(k.raw[:])
	k.aead = nil
}

// Fingerprint is that of the key.
func (k *Key) Fingerprint() Fingerprint { return FingerprintOf(k.raw) }

// Entrust wraps the key that info describes to a custody pair.
func (k *Key) Entrust(info Info, pair *Pair) ([]byte, error) { return pair.Wrap(info, k.raw) }

// FingerprintOf is the fingerprint of 32 random bytes.
func FingerprintOf(raw [KeySize]byte) Fingerprint {
	var named [len(fingerprintLabel) + KeySize]byte
	copy(named[copy(named[:], fingerprintLabel):], raw[:])
	defer clear(named[:])
	return sha256.Sum256(named[:])
}

// EventID derives the id of the index-th event that a command adds to a stream: a keyed hash, so that a
// retry gives the same id and nobody without the key can link an event to a command.
func (k *Key) EventID(stream eventstore.StreamID, command uuid.UUID, index int) uuid.UUID {
	m := hmac.New(sha256.New, k.raw[:])
	m.Write([]byte(eventIDLabel))
	m.Write([]byte{byte(len(stream) >> 8), byte(len(stream))})
	m.Write([]byte(stream))
	m.Write(command[:])
	m.Write([]byte{byte(index >> 24), byte(index >> 16), byte(index >> 8), byte(index)})
	id := uuid.UUID(m.Sum(nil)[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8, RFC 9562 variant
	return id
}

// Seal encrypts plain and binds it to bound: nonce, ciphertext, tag, of AES-256-GCM with a random nonce.
func (k *Key) Seal(plain, bound []byte) []byte {
	sealed := make([]byte, nonceSize, nonceSize+len(plain)+tagSize)
	rand.Read(sealed) // never fails since Go 1.24
	return k.aead.Seal(sealed, sealed, plain, bound)
}

// Open decrypts what Seal made with the same bound bytes, or fails with ErrCorrupt.
func (k *Key) Open(sealed, bound []byte) ([]byte, error) { return k.open(nil, sealed, bound) }

// open appends what it opened to into.
func (k *Key) open(into, sealed, bound []byte) ([]byte, error) {
	if len(sealed) < nonceSize+tagSize {
		return into, ErrCorrupt
	}
	plain, err := k.aead.Open(into, sealed[:nonceSize], sealed[nonceSize:], bound)
	if err != nil {
		return into, ErrCorrupt
	}
	return plain, nil
}

// SealEvent makes the envelope of a header and content: salt and content are committed to, then sealed and
// bound to header and commitment. A nil key leaves them in clear, for streams without personal data; the key
// must be the one that the header names, none for uuid.Nil, or nothing is made.
func SealEvent(k *Key, h eventstore.Header, c eventstore.Content) (eventstore.Envelope, error) {
	if !names(&h, k) {
		return eventstore.Envelope{}, errOtherKey
	}
	header, err := h.AppendBinary(nil)
	if err != nil {
		return eventstore.Envelope{}, err
	}
	salted := make([]byte, eventstore.SaltSize, eventstore.SaltSize+512)
	rand.Read(salted)
	if salted, err = c.AppendBinary(salted); err != nil {
		return eventstore.Envelope{}, err
	}
	e := eventstore.Envelope{Header: h}
	e.Commit = eventstore.Commitment(header, salted[:eventstore.SaltSize], salted[eventstore.SaltSize:])
	if k == nil {
		e.Sealed = salted
		return e, nil
	}
	e.Sealed = k.Seal(salted, append(header, e.Commit[:]...))
	return e, nil
}

// OpenEvent opens an envelope and checks its commitment. A nil key reads an envelope in clear. It fails with
// ErrCorrupt when the seal, the commitment or the content does not hold, or the header names another key: an
// incident, never a fallback.
func OpenEvent(k *Key, e *eventstore.Envelope) (eventstore.Content, error) {
	var s Scratch
	return s.OpenEvent(k, e)
}

// Scratch is memory for opening one event after another: a rebuild opens millions. Its zero value is ready;
// it serves one goroutine at a time.
type Scratch struct{ header, salted []byte }

// OpenEvent does as the function of that name. The payload of the content is good until the next call.
func (s *Scratch) OpenEvent(k *Key, e *eventstore.Envelope) (eventstore.Content, error) {
	if !names(&e.Header, k) {
		return eventstore.Content{}, ErrCorrupt
	}
	header, err := e.Header.AppendBinary(s.header[:0])
	if err != nil {
		return eventstore.Content{}, ErrCorrupt
	}
	salted := e.Sealed
	if k != nil {
		s.header = append(header, e.Commit[:]...)
		if s.salted, err = k.open(s.salted[:0], e.Sealed, s.header); err != nil {
			return eventstore.Content{}, err
		}
		salted = s.salted
	}
	if len(salted) < eventstore.SaltSize {
		return eventstore.Content{}, ErrCorrupt
	}
	salt, plain := salted[:eventstore.SaltSize], salted[eventstore.SaltSize:]
	if eventstore.Commitment(header, salt, plain) != e.Commit {
		return eventstore.Content{}, ErrCorrupt
	}
	c, err := eventstore.ParseContent(plain)
	if err != nil {
		return eventstore.Content{}, ErrCorrupt
	}
	return c, nil
}

// Zero overwrites what was opened last.
func (s *Scratch) Zero() { clear(s.salted[:cap(s.salted)]) }

// names tells whether the header says that k seals the content, or that nothing does.
func names(h *eventstore.Header, k *Key) bool {
	if k == nil {
		return h.Key == uuid.Nil
	}
	return h.Key == k.ID && k.ID != uuid.Nil
}
