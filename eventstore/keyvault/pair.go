package keyvault

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

const (
	pairRefLabel  = "livret/pairref/v1"
	pairWrapLabel = "livret/pairwrap/v1"

	encapsulatedSize = 32
	maxPairName      = 60
)

// EntrustedSize is the size in bytes of a key wrapped to a pair: encapsulated key, ciphertext, tag.
const EntrustedSize = encapsulatedSize + KeySize + tagSize

// HPKE in base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
func kem() hpke.KEM   { return hpke.DHKEM(ecdh.X25519()) }
func kdf() hpke.KDF   { return hpke.HKDFSHA256() }
func aead() hpke.AEAD { return hpke.AES256GCM() }

// Pair is the public half of a custody pair: it wraps keys and can not open them. There is one for each exam
// session ("2018-juin") and one for each hold.
type Pair struct {
	Name   string
	Ref    KEKRef // first 16 bytes of SHA-256 of "livret/pairref/v1", the name after its length, and the public key
	public hpke.PublicKey
}

// PrivateHalf is that of a custody pair. The service never keeps one: see Split.
type PrivateHalf struct {
	Pair    *Pair
	private hpke.PrivateKey
}

// NewPrivateHalf makes a custody pair of that name.
func NewPrivateHalf(name string) (*PrivateHalf, error) {
	private, err := kem().GenerateKey()
	if err != nil {
		return nil, err
	}
	return privateHalf(name, private)
}

func privateHalf(name string, private hpke.PrivateKey) (*PrivateHalf, error) {
	pair, err := newPair(name, private.PublicKey())
	if err != nil {
		return nil, err
	}
	return &PrivateHalf{Pair: pair, private: private}, nil
}

// ParsePair reads the public half of a pair.
func ParsePair(name string, public []byte) (*Pair, error) {
	key, err := kem().NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("%w: public half of pair %s", ErrCorrupt, name)
	}
	return newPair(name, key)
}

func newPair(name string, public hpke.PublicKey) (*Pair, error) {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789-"
	if name == "" || len(name) > maxPairName || strings.Trim(name, allowed) != "" {
		return nil, fmt.Errorf("keyvault: %q names no custody pair: small letters, digits and dashes only", name)
	}
	named := binary.BigEndian.AppendUint16([]byte(pairRefLabel), uint16(len(name)))
	digest := sha256.Sum256(append(append(named, name...), public.Bytes()...))
	return &Pair{Name: name, Ref: KEKRef(digest[:16]), public: public}, nil
}

// Public is the public key, 32 bytes.
func (p *Pair) Public() []byte { return p.public.Bytes() }

// Wrap seals the 32 bytes of the key that info describes, bound to its id, class and owner and to the pair.
func (p *Pair) Wrap(info Info, raw [KeySize]byte) ([]byte, error) {
	defer clear(raw[:])
	return hpke.Seal(p.public, kdf(), aead(), p.bound(info), raw[:])
}

// Unwrap opens what Wrap made for the same info. It fails with ErrCorrupt when the bytes do not open or are not
// those of the fingerprint.
func (h *PrivateHalf) Unwrap(info Info, wrapped []byte) (*Key, error) {
	if len(wrapped) != EntrustedSize {
		return nil, ErrCorrupt
	}
	opened, err := hpke.Open(h.private, kdf(), aead(), h.Pair.bound(info), wrapped)
	if err != nil || len(opened) != KeySize {
		return nil, ErrCorrupt
	}
	defer clear(opened)
	raw := [KeySize]byte(opened)
	defer clear(raw[:])
	if FingerprintOf(raw) != info.Fingerprint {
		return nil, ErrCorrupt
	}
	return NewKey(info.ID, info.Class, raw)
}

func (p *Pair) bound(info Info) []byte {
	b := appendKey([]byte(pairWrapLabel), info)
	b = binary.BigEndian.AppendUint16(b, uint16(len(p.Name)))
	b = append(b, p.Name...)
	return append(b, p.Ref[:]...)
}
