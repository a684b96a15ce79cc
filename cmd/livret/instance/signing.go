package instance

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// signingFile holds the private key that printed dossiers are signed with: PKCS#8 in PEM, readable by the owner
// only. It opens nothing and seals nothing; lost, another one is made, and its public half is to be handed out anew.
const signingFile = "signing.key"

// Sign signs bytes with the ledger's signing key, which is made if there is none: Ed25519 (RFC 8032), 64 bytes.
func (i *Instance) Sign(content []byte) ([]byte, error) {
	key, err := i.signingKey()
	if err != nil {
		return nil, err
	}
	return ed25519.Sign(key, content), nil
}

// SigningKey is the public half of the signing key, in PEM as openssl reads it.
func (i *Instance) SigningKey() ([]byte, error) {
	key, err := i.signingKey()
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), nil
}

var errSigningKey = errors.New("instance: " + signingFile + " holds no Ed25519 key")

func (i *Instance) signingKey() (ed25519.PrivateKey, error) {
	path := filepath.Join(i.dir, signingFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newSigningKey(path)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errSigningKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, errSigningKey
	}
	return key, nil
}

func newSigningKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return key, errors.Join(err, f.Sync(), f.Close())
}

// VerifySigned tells whether a signature is that of bytes by a public key in PEM.
func VerifySigned(key, content, signature []byte) (bool, error) {
	block, _ := pem.Decode(key)
	if block == nil {
		return false, ErrUsage
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	public, ok := parsed.(ed25519.PublicKey)
	if err != nil || !ok {
		return false, ErrUsage
	}
	return ed25519.Verify(public, content, signature), nil
}
