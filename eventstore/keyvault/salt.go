package keyvault

import (
	"crypto/hmac"
	"crypto/sha256"
)

const saltLabel = "livret/salt/v1"

// Salt derives 32 bytes for a purpose: the same each time, and nothing to anybody without the key. Who hashes
// something shown to a person under it gets one hash wherever it is shown, and none to guess the content by.
func (k *Key) Salt(purpose string) []byte {
	m := hmac.New(sha256.New, k.raw[:])
	m.Write([]byte(saltLabel))
	m.Write([]byte(purpose))
	return m.Sum(nil)
}
