package changes

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"encoding/base64"

	"livret/eventstore"
)

// A place is a position, which is one block of AES under a key of the audience, and a part of its HMAC: the ledger knows
// its own places, and nobody else learns how much was recorded between two of them, or what.

const macSize = 8

// place hides a position from an audience.
func (f *Feed) place(a Audience, at eventstore.Position) string {
	var hidden eventstore.Position
	f.cipher(a).Encrypt(hidden[:], at[:])
	return base64.RawURLEncoding.EncodeToString(append(hidden[:], f.mac(a, at)...))
}

// Knows fails with ErrPlace if a place is not one of this audience.
func (f *Feed) Knows(a Audience, place string) error {
	_, err := f.open(a, place)
	return err
}

// open finds the position of a place, the zero one if it is empty. It fails with ErrPlace.
func (f *Feed) open(a Audience, place string) (at eventstore.Position, err error) {
	if place == "" {
		return at, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(place)
	if err != nil || len(raw) != len(at)+macSize {
		return at, ErrPlace
	}
	f.cipher(a).Decrypt(at[:], raw[:len(at)])
	if !hmac.Equal(f.mac(a, at), raw[len(at):]) {
		return eventstore.Position{}, ErrPlace
	}
	return at, nil
}

func (f *Feed) cipher(a Audience) cipher.Block {
	block, err := aes.NewCipher(f.Keys.Label("feed", "place", a.Name()))
	if err != nil {
		panic(err) // a label has 32 bytes
	}
	return block
}

func (f *Feed) mac(a Audience, at eventstore.Position) []byte {
	return f.Keys.Label("feed", "mac", a.Name(), string(at[:]))[:macSize]
}
