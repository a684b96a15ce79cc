package keyvault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
)

const (
	wrapLabel   = "livret/wrap/v1"
	secretLabel = "livret/secret/v1"
	kekRefLabel = "livret/kekref/v1"
)

// WrappedSize is the size in bytes of 32 wrapped bytes: nonce, ciphertext, tag.
const WrappedSize = nonceSize + KeySize + tagSize

// KEKRef names a wrapping key without revealing it: the first 16 bytes of SHA-256 of "livret/kekref/v1" and
// the key.
type KEKRef [16]byte

// KEK is a key-encryption key: it wraps the keys of a vault, so that destroying it destroys every copy of
// what it wrapped, in whatever file or backup a copy was left.
type KEK struct {
	Ref   KEKRef
	Epoch uint32 // from 1, counted up at each rotation
	aead  cipher.AEAD
}

// NewKEK makes a wrapping key of 32 random bytes.
func NewKEK(raw [KeySize]byte, epoch uint32) (*KEK, error) {
	block, err := aes.NewCipher(raw[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	var named [len(kekRefLabel) + KeySize]byte
	copy(named[copy(named[:], kekRefLabel):], raw[:])
	digest := sha256.Sum256(named[:])
	clear(named[:])
	return &KEK{Ref: KEKRef(digest[:16]), Epoch: epoch, aead: aead}, nil
}

// Wrap seals the 32 bytes of the key that info describes and binds them to its id, class and owner and to
// the wrapping key, so that no row can pass for another.
func (k *KEK) Wrap(info Info, raw [KeySize]byte) []byte { return k.seal(raw, k.boundKey(info)) }

// Unwrap opens what Wrap made for the same info. It fails with ErrCorrupt when the bytes do not open or are
// not those of the fingerprint.
func (k *KEK) Unwrap(info Info, wrapped []byte) (*Key, error) {
	raw, err := k.open(wrapped, k.boundKey(info))
	if err != nil {
		return nil, err
	}
	defer clear(raw[:])
	if FingerprintOf(raw) != info.Fingerprint {
		return nil, ErrCorrupt
	}
	return NewKey(info.ID, info.Class, raw)
}

// Rewrap wraps under another KEK what this one wrapped for the same info. It fails as Unwrap does.
func (k *KEK) Rewrap(info Info, wrapped []byte, under *KEK) ([]byte, error) {
	raw, err := k.open(wrapped, k.boundKey(info))
	if err != nil {
		return nil, err
	}
	defer clear(raw[:])
	if FingerprintOf(raw) != info.Fingerprint {
		return nil, ErrCorrupt
	}
	return under.Wrap(info, raw), nil
}

// WrapSecret seals the secret of a vault.
func (k *KEK) WrapSecret(s Secret) []byte { return k.seal(s, k.bound(secretLabel)) }

// UnwrapSecret opens what WrapSecret made, or fails with ErrCorrupt.
func (k *KEK) UnwrapSecret(wrapped []byte) (Secret, error) {
	raw, err := k.open(wrapped, k.bound(secretLabel))
	return Secret(raw), err
}

func (k *KEK) boundKey(info Info) []byte {
	b := make([]byte, 0, 96)
	b = appendKey(append(b, wrapLabel...), info)
	b = append(b, k.Ref[:]...)
	return binary.BigEndian.AppendUint32(b, k.Epoch)
}

func (k *KEK) bound(label string) []byte {
	b := append([]byte(label), k.Ref[:]...)
	return binary.BigEndian.AppendUint32(b, k.Epoch)
}

func (k *KEK) seal(raw [KeySize]byte, bound []byte) []byte {
	wrapped := make([]byte, nonceSize, WrappedSize)
	rand.Read(wrapped)
	wrapped = k.aead.Seal(wrapped, wrapped, raw[:], bound)
	clear(raw[:])
	return wrapped
}

func (k *KEK) open(wrapped, bound []byte) (raw [KeySize]byte, err error) {
	if len(wrapped) != WrappedSize {
		return raw, ErrCorrupt
	}
	if _, err := k.aead.Open(raw[:0], wrapped[:nonceSize], wrapped[nonceSize:], bound); err != nil {
		return [KeySize]byte{}, ErrCorrupt
	}
	return raw, nil
}
