// Package timestamp is what somebody else says of when a checkpoint existed: the tokens of RFC 3161. The ledger's own
// clock is no evidence against who runs the ledger; an authority's token over a checkpoint is.
//
// A token is only ever believed after its signature, its certificate up to a root that the verifier was given, the
// one use that this certificate is for, and the digest it was made over, all hold.
package timestamp

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// Errors of Verify. ErrUntrusted says that a token is sound in itself and that its authority is not one that the
// verifier knows; ErrInvalid that it is not a token over those bytes.
var (
	ErrInvalid   = errors.New("timestamp: not a token over these bytes")
	ErrUntrusted = errors.New("timestamp: the authority's certificate does not lead to a known root")
)

// Stamp is what a token says once it was verified.
type Stamp struct {
	Time      time.Time     `json:"time"`      // UTC
	Accuracy  time.Duration `json:"accuracy"`  // either way, in nanoseconds; 0: not said
	Authority string        `json:"authority"` // subject of the certificate
}

// Verify checks a token over some bytes: one signer, his signature, his certificate up to one of the roots as it
// stood at the token's time, for time stamping and nothing else (RFC 3161, 2.3), and the SHA-256 of the bytes.
//
// The library that reads BER panics on some malformed tokens: they are ErrInvalid like any other.
func Verify(token, over []byte, roots *x509.CertPool) (s Stamp, err error) {
	defer func() {
		if recover() != nil {
			s, err = Stamp{}, fmt.Errorf("%w: malformed", ErrInvalid)
		}
	}()
	return verify(token, over, roots)
}

func verify(token, over []byte, roots *x509.CertPool) (Stamp, error) {
	signed, parsed, err := parse(token)
	if err != nil {
		return Stamp{}, err
	}
	sum := sha256.Sum256(over)
	if parsed.HashAlgorithm != crypto.SHA256 || !bytes.Equal(parsed.HashedMessage, sum[:]) {
		return Stamp{}, fmt.Errorf("%w: it is over others", ErrInvalid)
	}
	signer := signed.GetOnlySigner()
	if signer == nil || !onlyForTime(signer) {
		return Stamp{}, fmt.Errorf("%w: it is not signed by one certificate for time stamping", ErrInvalid)
	}
	if err := signed.Verify(); err != nil {
		return Stamp{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	intermediates := x509.NewCertPool()
	for _, certificate := range signed.Certificates {
		intermediates.AddCert(certificate)
	}
	_, err = signer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: parsed.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	if err != nil {
		return Stamp{}, fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	return Stamp{parsed.Time.UTC(), parsed.Accuracy, signer.Subject.String()}, nil
}

// parse reads a token. The library that reads it verifies nothing when no certificate comes with it: there must be one.
func parse(token []byte) (*pkcs7.PKCS7, *timestamp.Timestamp, error) {
	signed, err := pkcs7.Parse(token)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if len(signed.Certificates) == 0 || len(signed.Signers) != 1 {
		return nil, nil, fmt.Errorf("%w: no certificate comes with it", ErrInvalid)
	}
	parsed, err := timestamp.Parse(token)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return signed, parsed, nil
}

var extendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// onlyForTime tells whether a certificate is for time stamping and nothing else, and says so critically.
func onlyForTime(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return false
	}
	for _, extension := range c.Extensions {
		if extension.Id.Equal(extendedKeyUsage) {
			return extension.Critical
		}
	}
	return false
}
