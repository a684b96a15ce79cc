package statistics

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"livret/domain"
)

// A share travels under HPKE (RFC 9180): DHKEM of X25519, HKDF-SHA256, AES-256-GCM. The file begins with its
// format, which is also what the seal is bound to.
const shareFormat = "livret/statistics/share/v1\n"

// The two halves of a service's key say which they are, so that the private one is not sent by mistake.
const (
	publicPrefix  = "livret-statistics-public-"
	privatePrefix = "livret-statistics-private-"
)

// Errors of sealed shares.
var (
	ErrServiceKey = errors.New("statistics: not the key of a statistical service, or not that half of it")
	ErrSealed     = errors.New("statistics: the share does not open: another key, or damaged")
)

// ServiceKey is the private half of the key of the national service.
type ServiceKey struct{ private hpke.PrivateKey }

func kem() hpke.KEM { return hpke.DHKEM(ecdh.X25519()) }

// NewServiceKey draws a key.
func NewServiceKey() ServiceKey {
	private, err := kem().GenerateKey()
	if err != nil {
		panic(err) // the system's randomness never fails since Go 1.24
	}
	return ServiceKey{private}
}

// ParseServiceKey reads what String writes, or fails with ErrServiceKey.
func ParseServiceKey(text string) (ServiceKey, error) {
	raw, err := parse(text, privatePrefix)
	if err != nil {
		return ServiceKey{}, err
	}
	private, err := kem().NewPrivateKey(raw)
	if err != nil {
		return ServiceKey{}, ErrServiceKey
	}
	return ServiceKey{private}, nil
}

// String is the private half, to be kept secret.
func (k ServiceKey) String() string {
	raw, err := k.private.Bytes()
	if err != nil {
		return "" // a key of this KEM has bytes
	}
	return privatePrefix + base64.RawURLEncoding.EncodeToString(raw)
}

// Public is the half that is handed to the ledgers.
func (k ServiceKey) Public() string {
	return publicPrefix + base64.RawURLEncoding.EncodeToString(k.private.PublicKey().Bytes())
}

func parse(text, prefix string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(strings.TrimSpace(text), prefix)
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return nil, ErrServiceKey
	}
	return raw, nil
}

// SealShare seals a share to the public half of a service's key; ErrServiceKey if it is none.
func SealShare(to string, s Share) ([]byte, error) {
	raw, err := parse(to, publicPrefix)
	if err != nil {
		return nil, err
	}
	public, err := kem().NewPublicKey(raw)
	if err != nil {
		return nil, ErrServiceKey
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	sealed, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(shareFormat), plain)
	return append([]byte(shareFormat), sealed...), err
}

// OpenShare opens what SealShare sealed, or fails with ErrSealed.
func OpenShare(key ServiceKey, file []byte) (Share, error) {
	sealed, ok := bytes.CutPrefix(file, []byte(shareFormat))
	if !ok {
		return Share{}, ErrSealed
	}
	plain, err := hpke.Open(key.private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(shareFormat), sealed)
	if err != nil {
		return Share{}, ErrSealed
	}
	var s Share
	if err := domain.ReadStrict(plain, &s); err != nil {
		return Share{}, ErrSealed
	}
	return s, nil
}
